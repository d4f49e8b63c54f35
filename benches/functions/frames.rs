//! QR frames: encoding, reading a line, reassembling in order and from late frames only.

use std::hint::black_box;

use criterion::Criterion;
use keyferry_transport::frame::{Frame, FrameEncoder, Level, Reassembler, Step, block_capacity};

/// Number of blocks and symbol version: for one key, a dozen keys, and the largest planned number.
const SIZES: [(usize, u8); 3] = [(8, 15), (40, 20), (400, 25)];

fn encoder(blocks: usize, version: u8) -> FrameEncoder {
    let block = block_capacity(version, Level::L).unwrap();
    let payload: Vec<u8> = (0..=u8::MAX).cycle().take(blocks * block).collect();
    FrameEncoder::new(&payload, block).unwrap()
}

/// The number of frames needed.
fn reassemble(frames: &[Frame]) -> usize {
    let mut reassembler = Reassembler::default();
    let done = |frame: &Frame| matches!(reassembler.push(frame.clone()), Step::Complete(_));
    frames.iter().position(done).unwrap()
}

pub(crate) fn encode(c: &mut Criterion) {
    for (blocks, version) in SIZES {
        let encoder = encoder(blocks, version);
        c.bench_function(&format!("frame/encode-block/v{version}-k{blocks}"), |b| b.iter(|| encoder.line(1)));
        c.bench_function(&format!("frame/encode-sum/v{version}-k{blocks}"), |b| {
            b.iter(|| encoder.line(60_000))
        });
    }
}

pub(crate) fn decode(c: &mut Criterion) {
    for (blocks, version) in SIZES {
        let line = encoder(blocks, version).line(60_000);
        c.bench_function(&format!("frame/parse/v{version}"), |b| {
            b.iter(|| Frame::parse_line(black_box(&line)))
        });
    }
}

pub(crate) fn reassembly(c: &mut Criterion) {
    let mut group = c.benchmark_group("frame/reassemble");
    group.sample_size(10);
    for (blocks, version) in SIZES {
        let encoder = encoder(blocks, version);
        let from =
            |first: u16| -> Vec<Frame> { (first..).take(blocks + 3).map(|n| encoder.frame(n)).collect() };
        let (first, late) = (from(0), from(50_000));
        group.bench_function(format!("in-order/v{version}-k{blocks}"), |b| b.iter(|| reassemble(&first)));
        group.bench_function(format!("late/v{version}-k{blocks}"), |b| b.iter(|| reassemble(&late)));
    }
    group.finish();
}
