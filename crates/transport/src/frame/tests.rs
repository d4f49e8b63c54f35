use proptest::prelude::*;

use super::*;

/// Pseudorandom bytes of a number; no two numbers share them.
fn bytes(number: u64, length: usize) -> Vec<u8> {
    let block = |n: u64| <[u8; 32]>::from(Sha256::digest([number.to_be_bytes(), n.to_be_bytes()].concat()));
    (0..).flat_map(block).take(length).collect()
}

fn reassemble(lines: impl IntoIterator<Item = String>) -> Option<(usize, Vec<u8>)> {
    let mut reassembler = Reassembler::default();
    for (n, line) in lines.into_iter().enumerate() {
        if let Step::Complete(received) = reassembler.push_line(&line) {
            return Some((n + 1, received.payload));
        }
    }
    None
}

#[test]
fn one_frame_is_enough_for_what_fits() {
    let payload = bytes(1, 500);
    let encoder = FrameEncoder::new(&payload, 500).unwrap();
    assert_eq!(encoder.blocks(), 1);
    let lines: Vec<String> = encoder.lines().take(3).collect();
    assert!(lines.iter().all(|line| *line == lines[0] && line.len() <= 1250));
    assert_eq!(reassemble(lines), Some((1, payload.clone())));
    assert_eq!(reassemble([encoder.line(77)]), Some((1, payload)));
}

/// A line that is no frame, by what is wrong with it.
#[test]
fn each_fault_of_a_line_has_its_control() {
    use keyferry_core::{Control, Explain};
    let frame = FrameEncoder::new(&bytes(1, 500), 500).unwrap().frame(0).to_bytes();
    let broken = |at: usize, by: u8| {
        let mut bytes = frame.clone();
        bytes[at] ^= by;
        Frame::from_bytes(&bytes).unwrap_err().control()
    };
    assert_eq!(broken(0, 0x20), Control::FRAME_VERSION);
    assert_eq!(broken(0, 0x01), Control::FRAME_VERSION);
    for at in 1..frame.len() {
        assert_eq!(broken(at, 0x10), Control::FRAME_CHECKSUM, "byte {at}");
    }
    for line in ["", "12345", "a scanner's line", "٣٣٣", &"9".repeat(100_000)] {
        assert_eq!(Frame::parse_line(line).unwrap_err().control(), Control::FRAME_DIGITS, "{line:.20}");
    }
    for (payload, longest) in [(MAX_BLOCKS + 1, 1), (0, 500)] {
        let refused = FrameEncoder::new(&bytes(1, payload), longest).map(drop).unwrap_err();
        assert_eq!(refused.control(), Control::FRAME_CAPACITY);
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn frames_survive_their_line(total in 1usize..5000, longest in 1usize..1300, index: u16, number: u64) {
        let payload = bytes(number, total);
        prop_assume!(total.div_ceil(longest) <= MAX_BLOCKS);
        let frame = FrameEncoder::new(&payload, longest).unwrap().frame(index);
        prop_assert_eq!(Frame::parse_line(&format!(" \t{}\r\n", frame.to_line())), Ok(frame.clone()));
        prop_assert_eq!(Frame::from_bytes(&frame.to_bytes()), Ok(frame));
    }

    #[test]
    fn any_frames_from_any_point_complete_it(total in 1usize..9000, longest in 20usize..600, from: u16, step in 1usize..9) {
        let payload = bytes(total as u64, total);
        let encoder = FrameEncoder::new(&payload, longest).unwrap();
        let lines = encoder.lines_from(from).step_by(step).take(encoder.blocks() + 3);
        let (frames, received) = reassemble(lines).unwrap();
        prop_assert_eq!(received, payload);
        prop_assert!(frames <= encoder.blocks() + 2);
    }
}
