//! Sends many mutated, forged and foreign frames for each true one. None of them stops the program, produces a wrong file, or makes
//! the transfer start again.
//!
//! To run the full measurement, with the longest time for a frame and the largest memory use: `cargo test
//! --release -p keyferry-transport --test hostile_frames -- --ignored --nocapture`.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic, clippy::print_stdout)]

use std::alloc::System;
use std::time::Duration;

use cap::Cap;
use keyferry_transport::frame::{Frame, FrameEncoder, Reassembler, Step};
use rustix::time::{ClockId, clock_gettime};

#[global_allocator]
static MEMORY: Cap<System> = Cap::new(System, usize::MAX);

/// The length cap under test, which is the default.
const CAP: usize = 512 * 1024;

/// SplitMix64 (Steele, Lea and Flood 2014).
struct Dice(u64);

impl Dice {
    fn roll(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let z = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    fn below(&mut self, n: usize) -> usize {
        usize::try_from(self.roll() % n as u64).unwrap()
    }

    fn bytes(&mut self, n: usize) -> Vec<u8> {
        (0..n).map(|_| self.roll().to_le_bytes()[0]).collect()
    }

    fn index(&mut self) -> u16 {
        u16::try_from(self.below(65536)).unwrap()
    }
}

/// CRC-32 bit by bit, so that the forger does not use the code under test.
fn seal(frame: &mut [u8]) {
    let mut crc = u32::MAX;
    for byte in frame[..10].iter().chain(&frame[14..]) {
        crc ^= u32::from(*byte);
        for _ in 0..8 {
            crc = (crc >> 1) ^ if crc & 1 == 1 { 0xedb8_8320 } else { 0 };
        }
    }
    frame[10..14].copy_from_slice(&(!crc).to_be_bytes());
}

fn digits(frame: &[u8]) -> String {
    let widths = [0, 3, 5, 8, 10, 13, 15, 17];
    let group = |g: &[u8]| {
        let value = g.iter().fold(0u64, |v, b| v << 8 | u64::from(*b));
        format!("{value:0width$}", width = widths[g.len()])
    };
    frame.chunks(7).map(group).collect()
}

/// The material of a forger: the true frames, and another payload of the same shape.
struct Forger {
    encoder: FrameEncoder,
    other: FrameEncoder,
    sent: Vec<String>,
}

impl Forger {
    fn true_frame(&self, dice: &mut Dice) -> Vec<u8> {
        self.encoder.frame(dice.index()).to_bytes()
    }

    fn line(&mut self, dice: &mut Dice) -> String {
        let line = match dice.below(10) {
            0 => damaged(self.encoder.line(dice.index()), dice),
            1 => resized(self.encoder.line(dice.index()), dice),
            2 => self.forged(dice, |frame, dice| {
                let at = dice.below(frame.len());
                frame[at] ^= 1 << dice.below(8);
            }),
            3 => self.forged(dice, |frame, dice| {
                let block = dice.bytes(frame.len() - 14);
                frame[14..].copy_from_slice(&block);
            }),
            4 => self.forged(dice, |frame, dice| {
                let at = 14 + dice.below(frame.len() - 14);
                frame[at] = dice.roll().to_le_bytes()[0];
            }),
            5 => self.forged(dice, |frame, dice| frame[1..5].copy_from_slice(&dice.bytes(4))),
            6 => self.forged(dice, |frame, dice| frame[5..10].copy_from_slice(&dice.bytes(5))),
            7 => {
                // A frame of another payload under the true header.
                let mut frame = self.other.frame(dice.index()).to_bytes();
                frame[1..5].copy_from_slice(&self.true_frame(dice)[1..5]);
                seal(&mut frame);
                digits(&frame)
            }
            8 => {
                let length = 14 + dice.below(600);
                let mut frame = dice.bytes(length);
                frame[0] = 0x10;
                seal(&mut frame);
                digits(&frame)
            }
            _ if !self.sent.is_empty() => self.sent[dice.below(self.sent.len())].clone(),
            _ => "0".into(),
        };
        self.sent.push(line.clone());
        line
    }

    fn forged(&self, dice: &mut Dice, forge: impl Fn(&mut [u8], &mut Dice)) -> String {
        let mut frame = self.true_frame(dice);
        forge(&mut frame, dice);
        seal(&mut frame);
        digits(&frame)
    }
}

fn damaged(line: String, dice: &mut Dice) -> String {
    let mut line = line.into_bytes();
    for _ in 0..=dice.below(3) {
        let at = dice.below(line.len());
        line[at] = b"0123456789 aX"[dice.below(13)];
    }
    String::from_utf8(line).unwrap()
}

fn resized(line: String, dice: &mut Dice) -> String {
    let at = dice.below(line.len());
    match dice.below(3) {
        0 => line[..at].into(),
        1 => line[at..].into(),
        _ => format!("{line}{}", line.repeat(dice.below(20))),
    }
}

/// The CPU time of this thread, which excludes the time of other programs.
fn processor_time() -> Duration {
    Duration::try_from(clock_gettime(ClockId::ThreadCPUTime)).unwrap()
}

/// Number of attempts with the same frames, of which the shortest time counts. A reassembler does the same work for the same
/// frames, so differences come from the machine.
const ATTEMPTS: usize = 4;

/// The time for each line, in a new attempt.
fn times(lines: &[String]) -> impl Iterator<Item = Duration> {
    let mut reassembler = Reassembler::new(CAP);
    lines.iter().map(move |line| {
        let start = processor_time();
        reassembler.push_line(line);
        processor_time() - start
    })
}

#[derive(Default)]
struct Measured {
    hostile: usize,
    transfers: usize,
    longest: Duration,
    /// The longest time in a first attempt, which includes other work on the machine.
    longest_seen: Duration,
    /// K and the block length of that transfer.
    longest_of: (usize, usize),
    most_held: usize,
    most_memory: usize,
    /// How many true frames in addition to K the transfers needed.
    surplus: Vec<usize>,
}

impl Measured {
    /// A transfer's lines, and the time for each. If one time seems to be the longest of all, the transfer is
    /// repeated.
    fn take(&mut self, lines: &[String], mut taken: Vec<Duration>, shape: (usize, usize)) {
        let longest = |taken: &[Duration]| taken.iter().max().copied().unwrap_or_default();
        self.longest_seen = self.longest_seen.max(longest(&taken));
        for _ in 1..ATTEMPTS {
            if longest(&taken) <= self.longest {
                return;
            }
            taken.iter_mut().zip(times(lines)).for_each(|(least, time)| *least = time.min(*least));
        }
        if longest(&taken) > self.longest {
            (self.longest, self.longest_of) = (longest(&taken), shape);
        }
    }
}

/// One transfer under attack: `ratio` hostile frames for each true one. Large transfers have no guarantee during the attack, so the
/// attack stops at some point; small transfers have to complete while it continues.
fn transfer(dice: &mut Dice, ratio: usize, measured: &mut Measured) {
    // Symbols of version 10 and up; about half of the hostile frames carry the true header.
    let longest = 254 + dice.below(1000);
    let most = if dice.below(8) == 0 { 400 } else { 24 };
    let total = (2 + dice.below(longest * most)).min(CAP);
    let payload = dice.bytes(total);
    let encoder = FrameEncoder::new(&payload, longest).unwrap();
    let other = FrameEncoder::new(&dice.bytes(total), longest).unwrap();
    let needed = encoder.blocks();
    let mut forger = Forger { encoder: encoder.clone(), other, sent: Vec::new() };
    let mut reassembler = Reassembler::new(CAP);
    let before = MEMORY.allocated();
    let from = dice.index();
    let (mut pushed, mut taken) = (Vec::new(), Vec::new());
    for (n, true_line) in encoder.lines_from(from).enumerate() {
        let limit = if needed <= 24 { needed + 130 } else { 2 * needed + 600 };
        assert!(
            n < limit,
            "stuck: {total} bytes in {needed} blocks, {ratio} to 1, {:?}",
            reassembler.counts()
        );
        let fire = if needed <= 24 || n < needed { ratio } else { 0 };
        let mut lines: Vec<String> = (0..fire).map(|_| forger.line(dice)).collect();
        lines.push(true_line);
        pushed.reserve(lines.len());
        taken.reserve(lines.len());
        let texts: usize = forger.sent.iter().chain(&lines).chain(&pushed).map(String::capacity).sum();
        let vectors = [forger.sent.capacity(), lines.capacity(), pushed.capacity()];
        let sent = texts
            + vectors.iter().sum::<usize>() * size_of::<String>()
            + taken.capacity() * size_of::<Duration>();
        for line in lines {
            let start = processor_time();
            let step = reassembler.push_line(&line);
            taken.push(processor_time() - start);
            pushed.push(line);
            measured.hostile += 1;
            measured.most_held = measured.most_held.max(reassembler.size());
            let grown = MEMORY.allocated().saturating_sub(before + sent);
            measured.most_memory = measured.most_memory.max(grown);
            assert!(reassembler.size() <= 2 * CAP);
            if let Step::Complete(received) = step {
                assert_eq!(received.payload, payload, "a wrong file");
                measured.transfers += 1;
                measured.surplus.push((n + 1).saturating_sub(needed));
                measured.take(&pushed, taken, (needed, encoder.frame(0).block().len()));
                return;
            }
        }
    }
}

fn fire(frames: usize) -> Measured {
    let (mut dice, mut measured) = (Dice(1), Measured::default());
    while measured.hostile < frames {
        let ratio = [1, 2, 5, 10][dice.below(4)];
        transfer(&mut dice, ratio, &mut measured);
    }
    measured.surplus.sort_unstable();
    println!(
        "{} frames, {} transfers; true frames beyond K: median {}, 99 % {}, most {}; longest {:?} at {:?} ({:?} at the first of \
         {ATTEMPTS} attempts), held {} and allocated {} bytes of {CAP}",
        measured.hostile,
        measured.transfers,
        measured.surplus[measured.surplus.len() / 2],
        measured.surplus[measured.surplus.len() * 99 / 100],
        measured.surplus.last().unwrap(),
        measured.longest,
        measured.longest_of,
        measured.longest_seen,
        measured.most_held,
        measured.most_memory,
    );
    measured
}

#[test]
fn twenty_thousand_hostile_frames() {
    assert!(fire(20_000).transfers > 50);
}

#[test]
#[ignore = "the full measure takes minutes"]
fn a_million_hostile_frames() {
    let measured = fire(1_000_000);
    assert!(measured.transfers > 2000);
    // This test runs alone, so that no other test's memory is counted.
    assert!(measured.most_memory <= 2 * CAP);
}

#[test]
fn a_flood_of_invented_transfers_stays_within_its_bounds() {
    const SMALL: usize = 16 * 1024;
    let mut dice = Dice(6);
    let payload = dice.bytes(4000);
    let encoder = FrameEncoder::new(&payload, 500).unwrap();
    let mut reassembler = Reassembler::new(SMALL);
    // Two true frames come first; from the second on, a thousand invented frames follow each true one.
    for (n, line) in encoder.lines().take(8).enumerate() {
        let step = reassembler.push_line(&line);
        assert_eq!(matches!(step, Step::Complete(_)), n == 7, "{n}");
        for _ in 0..if n == 0 { 0 } else { 1000 } {
            let mut frame = encoder.frame(dice.index()).to_bytes();
            frame[1..5].copy_from_slice(&dice.bytes(4));
            seal(&mut frame);
            assert!(!matches!(reassembler.push_line(&digits(&frame)), Step::Complete(_)));
            assert!(reassembler.size() <= 2 * SMALL);
        }
    }
    assert!(reassembler.counts().given_up > 6000);
}

/// Sends the forged frames, then true frames from index 0; returns how many true frames were needed.
fn after(forged: &[String], encoder: &FrameEncoder, payload: &[u8]) -> usize {
    let mut reassembler = Reassembler::default();
    for line in forged {
        assert!(!matches!(reassembler.push_line(line), Step::Complete(_)));
    }
    let needed = encoder.lines().position(|line| match reassembler.push_line(&line) {
        Step::Complete(received) => {
            assert_eq!(received.payload, payload);
            true
        }
        _ => false,
    });
    needed.unwrap() + 1
}

#[test]
fn one_forged_frame_costs_one_true_frame() {
    let mut dice = Dice(2);
    for _ in 0..200 {
        let total = 500 + dice.below(6000);
        let payload = dice.bytes(total);
        let encoder = FrameEncoder::new(&payload, 300).unwrap();
        let other = FrameEncoder::new(&dice.bytes(total), 300).unwrap();
        let mut forger = Forger { encoder: encoder.clone(), other, sent: Vec::new() };
        let first = forger.line(&mut dice);
        assert!(after(&[first], &encoder, &payload) <= encoder.blocks() + 1);
    }
}

#[test]
fn forged_frames_by_the_dozen_cost_one_or_two() {
    let mut dice = Dice(3);
    let payload = dice.bytes(4000);
    let encoder = FrameEncoder::new(&payload, 500).unwrap();
    let other = FrameEncoder::new(&dice.bytes(4000), 500).unwrap();
    let forger = Forger { encoder: encoder.clone(), other, sent: Vec::new() };
    for count in [1, 2, 10, 100, 400] {
        let random = |frame: &mut [u8], dice: &mut Dice| {
            let block = dice.bytes(frame.len() - 14);
            frame[14..].copy_from_slice(&block);
        };
        let forged: Vec<String> = (0..count).map(|_| forger.forged(&mut dice, random)).collect();
        assert!(after(&forged, &encoder, &payload) <= encoder.blocks() + 2, "{count}");
    }
}

#[test]
fn frames_under_another_header_are_told_apart() {
    // The forged contents are combinations of the blocks, but not those that belong to these indexes in the
    // transfer that the header names.
    let mut dice = Dice(4);
    let payload = dice.bytes(4000);
    let encoder = FrameEncoder::new(&payload, 500).unwrap();
    // Errors that are all different, and errors that differ only in one byte.
    let mut near = payload.clone();
    near[3999] ^= 1;
    for (name, wrong) in [("other", dice.bytes(4000)), ("near", near)] {
        let other = FrameEncoder::new(&wrong, 500).unwrap();
        for count in [1, 2, 3, 8, 20] {
            let forged: Vec<String> = (0..count)
                .map(|_| {
                    let mut frame = other.frame(dice.index()).to_bytes();
                    frame[1..5].copy_from_slice(&encoder.frame(0).to_bytes()[1..5]);
                    seal(&mut frame);
                    digits(&frame)
                })
                .collect();
            let frames = after(&forged, &encoder, &payload);
            println!("{name} payload, {count} forged frames: {frames} true frames for 8 blocks");
            assert!(frames <= 8 + 130, "{name} {count}: {frames}");
        }
    }
}

#[test]
fn the_forger_s_frames_are_frames() {
    // If the forger's frames were not valid, the tests above would only test the checksum.
    let mut dice = Dice(5);
    let payload = dice.bytes(900);
    let encoder = FrameEncoder::new(&payload, 100).unwrap();
    let mut frame = encoder.frame(3).to_bytes();
    assert_eq!(digits(&frame), encoder.line(3));
    frame[20] ^= 1;
    assert!(Frame::from_bytes(&frame).is_err());
    seal(&mut frame);
    assert_eq!(Frame::parse_line(&digits(&frame)).unwrap().to_bytes(), frame);
}

/// K, the block length, and the number of forged frames before the first true one.
const BURSTS: [(usize, usize, usize); 9] = [
    (1, 254, 1500),
    (2, 254, 1500),
    (8, 500, 1500),
    (8, 100, 3000),
    (24, 500, 1500),
    (63, 112, 1500),
    (100, 834, 1200),
    (400, 254, 1200),
    (400, 1244, 1000),
];

/// How many frames in addition to K may be held according to the specification, if memory allows.
fn spares(block: usize) -> usize {
    block.min(256)
}

/// Forgers come and go while true frames continue. Whatever was forged, the transfer completes and is never started
/// again.
#[test]
fn a_burst_of_forged_frames_of_any_size_is_overcome() {
    let mut dice = Dice(8);
    for (count, block, burst) in BURSTS {
        let payload = dice.bytes(count * block);
        let encoder = FrameEncoder::new(&payload, block).unwrap();
        let other = FrameEncoder::new(&dice.bytes(count * block), block).unwrap();
        let forger = Forger { encoder: encoder.clone(), other, sent: Vec::new() };
        type Forge = fn(&mut [u8], &mut Dice);
        let random: Forge = |frame, dice| {
            let block = dice.bytes(frame.len() - 14);
            frame[14..].copy_from_slice(&block);
        };
        // Linearly dependent errors, all within two bytes.
        let narrow: Forge = |frame, dice| {
            let last = frame.len() - 1;
            frame[last] ^= dice.roll().to_le_bytes()[0];
            frame[last - 1] ^= 1 + dice.roll().to_le_bytes()[0] / 2;
        };
        for (name, forge) in [("random", random), ("narrow", narrow)] {
            let burst = if cfg!(debug_assertions) || name == "narrow" { burst / 2 } else { burst };
            let forged: Vec<String> = (0..burst).map(|_| forger.forged(&mut dice, forge)).collect();
            let frames = after(&forged, &encoder, &payload);
            println!("K {count}, blocks of {block}: {frames} true frames after {burst} forged ({name})");
            // After frames were dropped, the rest is placed again, a few with each new frame.
            let most = if name == "random" && count <= 100 {
                count + 2 + spares(block) / 4
            } else {
                count + spares(block) + 2
            };
            assert!(frames <= most, "{count} {block} {name}: {frames}");
        }
    }
}

/// Sends one forged frame for each true one, without end.
#[test]
fn one_to_one_small_transfers_complete_under_fire() {
    let mut dice = Dice(9);
    for (count, block) in [(1, 254), (2, 254), (8, 500), (8, 100), (24, 254), (24, 118)] {
        for _ in 0..10 {
            let payload = dice.bytes(count * block);
            let encoder = FrameEncoder::new(&payload, block).unwrap();
            let mut reassembler = Reassembler::default();
            let from = dice.index();
            let done = encoder.lines_from(from).position(|line| {
                let mut frame = encoder.frame(dice.index()).to_bytes();
                let random = dice.bytes(block);
                frame[14..].copy_from_slice(&random);
                seal(&mut frame);
                [digits(&frame), line].iter().any(|line| match reassembler.push_line(line) {
                    Step::Complete(received) => {
                        assert_eq!(received.payload, payload);
                        true
                    }
                    _ => false,
                })
            });
            assert!(done.unwrap() < count + 2, "{count} {block}");
        }
    }
}

/// Without forged frames, the largest transfers have enough room to complete.
#[test]
fn the_largest_transfers_complete() {
    let mut dice = Dice(10);
    for (count, block) in [(400, 1244), (512, 1024), (512, 1), (255, 2056), (181, 2896)] {
        let payload = dice.bytes(count * block);
        let encoder = FrameEncoder::new(&payload, block).unwrap();
        assert_eq!(encoder.blocks(), count);
        assert!(after(&[], &encoder, &payload) == count, "{count} {block}");
        let mut late = Reassembler::default();
        let frames =
            encoder.lines_from(30_000).position(|line| matches!(late.push_line(&line), Step::Complete(_)));
        assert!(frames.unwrap() <= count + 1, "{count} {block}");
    }
}
