//! Measures how many frames must be shown until a payload is complete if frames are lost, with the real
//! encoder and reassembler.
//!
//! `keyferry bench qr` prints the table for many K, loss rates and rival codes. The full measurements take
//! minutes to an hour: `cargo test --release -p keyferry-transport --test lossy_frames -- --ignored
//! --nocapture`.
#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::print_stdout,
    clippy::cast_precision_loss
)]

use keyferry_transport::frame::{
    FrameEncoder, FrameRank, Level, Reassembler, Step, TransferId, block_capacity,
};

struct Dice(u64);

impl Dice {
    fn roll(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let z = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    fn lost(&mut self, percent: u64) -> bool {
        self.roll() % 100 < percent
    }
}

/// How many frames are shown, from `from` on, until the payload is complete; `lost` says which frames after the first are not
/// seen. Frames before the first seen frame do not count.
fn shown(encoder: &FrameEncoder, from: u16, mut lost: impl FnMut(usize) -> bool) -> usize {
    let mut reassembler = Reassembler::default();
    for n in 0.. {
        let index = from.wrapping_add(u16::try_from(n % 65536).unwrap());
        if (n == 0 || !lost(n)) && matches!(reassembler.push(encoder.frame(index)), Step::Complete(_)) {
            return n + 1;
        }
    }
    unreachable!()
}

fn encoder(blocks: usize, block: usize) -> FrameEncoder {
    let payload: Vec<u8> = (0..blocks * block).map(|n| u8::try_from(n * 7 % 251).unwrap()).collect();
    let encoder = FrameEncoder::new(&payload, block).unwrap();
    assert_eq!(encoder.blocks(), blocks);
    encoder
}

#[test]
fn every_second_frame_lost() {
    for blocks in [2, 3, 5, 8, 17, 40, 100] {
        let encoder = encoder(blocks, 8);
        for from in [0, 1, 1000, 65530] {
            for phase in 0..2 {
                let frames = shown(&encoder, from, |n| n % 2 == 1 - phase);
                assert!(frames <= 2 * blocks + phase, "{blocks} from {from}: {frames}");
            }
        }
    }
}

#[test]
fn four_thousand_bytes_at_version_15() {
    let block = block_capacity(15, Level::L).unwrap();
    let encoder = encoder(8, block);
    let mut dice = Dice(1);
    for (percent, most) in [(10, 12), (30, 17)] {
        let mut frames: Vec<usize> =
            (0..2000u16).map(|n| shown(&encoder, n * 31, |_| dice.lost(percent))).collect();
        frames.sort_unstable();
        println!("p = 0.{percent}: 99 % of 2000 within {} frames", frames[1980]);
        assert!(frames[1980] <= most);
    }
}

#[test]
fn few_sets_of_k_frames_fail_and_next_to_no_sets_of_k_plus_1() {
    let mut dice = Dice(2);
    let (mut more, mut many, mut trials) = (0, 0, 0);
    for blocks in [2, 3, 7, 20] {
        let encoder = encoder(blocks, 4);
        for _ in 0..1500 {
            // The worst case: random frames from the whole sequence, none of them twice.
            let mut order = Vec::new();
            while order.len() < blocks + 2 {
                let index = u16::try_from(dice.roll() % 65536).unwrap();
                if !order.contains(&index) {
                    order.push(index);
                }
            }
            let mut reassembler = Reassembler::default();
            let done = |index: &u16| matches!(reassembler.push(encoder.frame(*index)), Step::Complete(_));
            let at = order.iter().position(done).unwrap_or(usize::MAX);
            more += usize::from(at >= blocks);
            many += usize::from(at > blocks);
            trials += 1;
        }
    }
    println!("{trials} sets: {more} of K frames and {many} of K + 1 are not enough");
    // The expected value is 23.5, with a standard deviation of 4.9.
    assert!(more <= 45 && many <= 2);
}

#[test]
fn within_256_frames_any_k_suffice() {
    let mut dice = Dice(3);
    for blocks in [2, 5, 30] {
        let encoder = encoder(blocks, 4);
        for _ in 0..300 {
            let mut order: Vec<u16> = (0..256).collect();
            (0..255)
                .for_each(|n| order.swap(n, n + usize::try_from(dice.roll() % (256 - n as u64)).unwrap()));
            let mut reassembler = Reassembler::default();
            let done = |index: &u16| matches!(reassembler.push(encoder.frame(*index)), Step::Complete(_));
            assert_eq!(order.iter().position(done), Some(blocks - 1));
        }
    }
}

/// Counts independent frames of a transfer with its own id.
fn rank(blocks: usize, dice: &mut Dice) -> FrameRank {
    let [a, b, c, d, ..] = dice.roll().to_be_bytes();
    FrameRank::new(blocks, TransferId([a, b, c, d])).unwrap()
}

/// `rank` counts exactly those frames that help the reassembler.
#[test]
fn the_rank_is_what_the_reassembler_needs() {
    let mut dice = Dice(4);
    for blocks in [1, 2, 3, 8, 40, 300] {
        let encoder = encoder(blocks, 4);
        for _ in 0..if blocks < 40 { 200 } else { 3 } {
            let (mut rank, mut reassembler) =
                (FrameRank::new(blocks, encoder.transfer()).unwrap(), Reassembler::default());
            loop {
                // The range of indexes is short, so that frames with blocks and frames with combinations are
                // mixed, and the same frame sometimes comes twice.
                let index = u16::try_from(dice.roll() % (3 * blocks as u64 + 300)).unwrap();
                let complete = matches!(reassembler.push(encoder.frame(index)), Step::Complete(_));
                assert_eq!(rank.add(index), complete, "{blocks}");
                if complete {
                    break;
                }
            }
        }
    }
}

/// The index at which a camera joins: the start, anywhere in the first three rounds, anywhere at all, or
/// shortly before the index wraps around.
fn join(kind: u64, blocks: usize, dice: &mut Dice) -> u64 {
    let blocks = blocks as u64;
    match kind {
        0 => 0,
        1 => dice.roll() % (3 * blocks),
        2 => dice.roll() % 65_536,
        _ => 65_535 - dice.roll() % (2 * blocks),
    }
}

#[test]
#[ignore = "the full measure takes minutes to an hour"]
fn mean_frames_shown_of_ten_thousand_crossings() {
    let set = |name: &str| {
        std::env::var(name).ok().map(|v| v.split(',').map(|n| n.parse().unwrap()).collect::<Vec<usize>>())
    };
    let sizes = set("FRAME_BLOCKS").unwrap_or_else(|| {
        vec![2, 3, 4, 5, 7, 8, 10, 16, 20, 40, 64, 100, 128, 200, 255, 256, 257, 300, 400]
    });
    let trials = set("FRAME_TRIALS").map_or(10_000, |t| t[0]);
    let mut dice = Dice(5);
    for blocks in sizes {
        for percent in [0, 10, 30, 50] {
            let mut frames = Vec::new();
            let mut kinds = [0; 4];
            for n in 0..trials {
                let from = join(n as u64 % 4, blocks, &mut dice);
                let mut rank = rank(blocks, &mut dice);
                let done = (0..)
                    .find(|n| !dice.lost(percent) && rank.add(u16::try_from((from + n) % 65_536).unwrap()));
                let shown = usize::try_from(done.unwrap()).unwrap() + 1;
                kinds[n % 4] += shown;
                frames.push(shown);
            }
            frames.sort_unstable();
            let ideal = blocks as f64 * 100.0 / (100 - percent) as f64;
            let ratio = frames.iter().sum::<usize>() as f64 / trials as f64 / ideal;
            // The number of frames until K are seen has this standard error, because each frame is lost with
            // probability p.
            let error = (blocks as f64 * percent as f64 / 100.0).sqrt() * 100.0
                / (100 - percent) as f64
                / ideal
                / (trials as f64).sqrt();
            let by_join = kinds.map(|sum| format!("{:.4}", sum as f64 * 4.0 / trials as f64 / ideal));
            println!(
                "K {blocks} p 0.{percent:02}: {ratio:.4} of K/(1-p), standard error {error:.4}, by join {by_join:?}, p99 {}",
                frames[(trials * 99).div_ceil(100) - 1]
            );
            assert!(ratio <= 1.01 + 2.0 * error, "{blocks} {percent}");
        }
    }
}

#[test]
#[ignore = "the full measure takes minutes"]
fn a_million_sets_of_k_and_k_plus_1_frames() {
    let mut dice = Dice(6);
    for (blocks, trials) in [
        (2, 1_000_000),
        (3, 1_000_000),
        (5, 1_000_000),
        (8, 1_000_000),
        (20, 1_000_000),
        (100, 100_000),
        (256, 5000),
    ] {
        let (mut more, mut many) = (0u32, 0u32);
        for _ in 0..trials {
            let mut order: Vec<u16> = Vec::new();
            while order.len() < blocks + 2 {
                let index = u16::try_from(dice.roll() % 65_536).unwrap();
                if !order.contains(&index) {
                    order.push(index);
                }
            }
            let mut rank = rank(blocks, &mut dice);
            let at = order.iter().position(|index| rank.add(*index)).unwrap_or(usize::MAX);
            more += u32::from(at >= blocks);
            many += u32::from(at > blocks);
        }
        let percent = |n: u32| f64::from(n) * 100.0 / f64::from(trials);
        println!(
            "K {blocks}: {trials} sets, K fail {:.4} %, K + 1 fail {:.5} %",
            percent(more),
            percent(many)
        );
        assert!(percent(more) <= 0.5 && percent(many) <= 0.01);
    }
}

/// Tests all 399 sizes, from any join point.
#[test]
#[ignore = "the full measure takes minutes"]
fn every_second_frame_of_two_to_four_hundred_blocks() {
    let mut dice = Dice(7);
    let (mut trials, mut late, mut most) = (0u32, 0u32, 0);
    for blocks in 2..=400usize {
        for n in 0..if blocks < 100 { 400 } else { 8 } {
            let from = join(n % 4, blocks, &mut dice);
            let mut rank = rank(blocks, &mut dice);
            let seen =
                (0..).position(|n| rank.add(u16::try_from((from + 2 * n) % 65_536).unwrap())).unwrap() + 1;
            trials += 1;
            late += u32::from(seen > blocks);
            most = most.max(seen - blocks);
            assert!(seen <= blocks + 2, "{blocks}");
            assert!(
                seen == blocks || from + 2 * blocks as u64 > 256,
                "{blocks} from {from}: any K of the first 256 are enough"
            );
        }
    }
    println!(
        "{trials} crossings; {late} needed more than K frames, at most {most} more; the others 2K - 1 shown"
    );
    assert!(f64::from(late) < 0.006 * f64::from(trials));
}
