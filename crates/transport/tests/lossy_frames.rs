//! Loss: how many frames must be shown until a payload is complete, with the real encoder and reassembler.
//!
//! The table for many K, chances of loss and rivals is `keyferry bench qr`.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic, clippy::print_stdout)]

use keyferry_transport::frame::{FrameEncoder, Level, Reassembler, Step, block_capacity};

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

/// Frames shown from `from` on, until complete; `lost` says which of those after the first are not seen. Nobody can tell how many
/// were shown before the first that was seen.
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
            // Any frames of the whole sequence, none twice: the worst case.
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
    println!("{trials} sets: {more} of K frames and {many} of K + 1 do not suffice");
    // Expected 23.5, standard deviation 4.9.
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
