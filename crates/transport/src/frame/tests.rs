use proptest::prelude::*;

use super::*;

/// Pseudorandom bytes derived from a number, different for each number.
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

/// Lines that are not frames, and the control for the fault of each.
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
    // Seven bytes in two blocks take four bytes per block, not five; the checksum is right.
    let mut layout = FrameEncoder::new(&bytes(1, 10), 5).unwrap().frame(0).to_bytes();
    layout[7] = 7;
    let crc = crc32(&[&layout[..10], &layout[14..]]);
    layout[10..14].copy_from_slice(&crc.to_be_bytes());
    assert_eq!(Frame::from_bytes(&layout).unwrap_err().control(), Control::FRAME_LAYOUT);
    for (payload, longest) in [(MAX_BLOCKS + 1, 1), (0, 500)] {
        let refused = FrameEncoder::new(&bytes(1, payload), longest).map(drop).unwrap_err();
        assert_eq!(refused.control(), Control::FRAME_CAPACITY);
    }
}

/// Frames of another payload under the id of the first, consistent with each other, as a forger who constructs a whole transfer
/// would make them.
fn second_payload(encoder: &FrameEncoder, number: u64) -> FrameEncoder {
    let layout = encoder.layout();
    let padded = bytes(number, layout.count() * layout.block());
    FrameEncoder::under(encoder.transfer(), layout, padded)
}

#[test]
fn a_consistent_second_payload_under_the_true_header_is_never_taken() {
    for (count, block) in [(1, 254), (2, 254), (8, 500), (24, 254), (63, 112), (100, 300)] {
        let payload = bytes(1, count * block);
        let encoder = FrameEncoder::new(&payload, block).unwrap();
        let forger = second_payload(&encoder, 2);
        // Three cases: the forger's frames come first; the true frames start late in their sequence; both
        // alternate from the start.
        for (before, from) in [(count + 40, 0), (3, 1000), (0, 0)] {
            let mut reassembler = Reassembler::default();
            for line in forger.lines().take(before) {
                assert!(!matches!(reassembler.push_line(&line), Step::Complete(_)), "{count}");
            }
            let mut pairs = encoder.lines_from(from).zip(forger.lines_from(from.wrapping_add(7)));
            // A forged frame may complete the transfer, because remaining work is done when the next frame
            // arrives.
            let frames = pairs.position(|(line, forged)| {
                [line, forged].iter().any(|line| match reassembler.push_line(line) {
                    Step::Complete(received) => {
                        assert_eq!(received.payload, payload, "a wrong file");
                        true
                    }
                    _ => false,
                })
            });
            assert!(frames.unwrap() < count + 12, "{count} {before}: {frames:?}");
        }
    }
}

/// After 2³² hash operations, the forger's id agrees too. Then the whole digest decides, so the forger cannot
/// end the transfer.
#[test]
fn a_payload_with_the_same_id_is_not_taken_for_the_expected_one() {
    use keyferry_core::Fingerprint;
    for (count, block) in [(1, 254), (8, 100), (24, 118)] {
        let payload = bytes(1, count * block);
        let collision = bytes(2, count * block);
        // The true frames, put under the id of the collision, simulate two payloads with the same id.
        let forger = FrameEncoder::new(&collision, block).unwrap();
        let encoder = FrameEncoder::under(forger.transfer(), forger.layout(), payload.clone());
        let mut reassembler = Reassembler::expecting(100_000, Fingerprint::of(&payload));
        let steps: Vec<Step> = forger.lines().take(count + 5).map(|l| reassembler.push_line(&l)).collect();
        assert!(!steps.iter().any(|step| matches!(step, Step::Complete(_))));
        assert!(steps.contains(&Step::Ignored(Ignored::Unexpected)));
        // The expected file cannot complete here, because the id is not its own; but the transfer does not end
        // either.
        let more: Vec<Step> = encoder.lines().take(count + 3).map(|l| reassembler.push_line(&l)).collect();
        assert!(!more.contains(&Step::Ignored(Ignored::Finished)), "{count}");
        assert!(reassembler.counts().refused > 0);
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
