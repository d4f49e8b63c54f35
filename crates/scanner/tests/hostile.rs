//! Hostile pictures: damaged files, noise, and pages full of finder patterns. No panic escapes, and every scan ends.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::print_stdout,
    clippy::print_stderr
)]
#![allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, clippy::cast_precision_loss)] // pixels and modules, all small

mod support;

use keyferry_scan::{Effort, Luma, Pictures, Y4m, decode, decode_luma};
use proptest::prelude::*;
use support::{Dice, digits, draw, jpeg, modules, png};

fn symbol_picture() -> (Vec<u8>, u32) {
    let symbol = modules(&digits(10, &mut Dice::new(1)), 10);
    let side = 65 * 3_u32;
    let mut canvas = vec![255.0; (side * side) as usize];
    draw(
        &mut canvas,
        side as usize,
        &symbol,
        &[(12.0, 12.0), (183.0, 12.0), (183.0, 183.0), (12.0, 183.0)],
        0.0,
        255.0,
    );
    (canvas.iter().map(|p| *p as u8).collect(), side)
}

fn gif(pixels: &[u8], side: u32) -> Vec<u8> {
    let mut file = Vec::new();
    let rgba = pixels.iter().flat_map(|p| [*p, *p, *p, 255]).collect();
    let frame = image::Frame::new(image::RgbaImage::from_raw(side, side, rgba).unwrap());
    image::codecs::gif::GifEncoder::new(&mut file).encode_frames([frame.clone(), frame]).unwrap();
    file
}

/// Does everything that the program does with a file's bytes.
fn read_everything(bytes: Vec<u8>) -> usize {
    let mut symbols = 0;
    if let Ok(mut video) = Y4m::parse(&bytes[..]) {
        while let Ok(Some(picture)) = video.frame() {
            symbols += decode(picture, Effort::First).symbols.len();
        }
    }
    if let Ok(pictures) = Pictures::parse(bytes) {
        symbols += pictures.take(3).flatten().map(|p| decode(p, Effort::First).symbols.len()).sum::<usize>();
    }
    symbols
}

#[test]
fn damaged_files_end_in_pictures_or_refusals() {
    let (pixels, side) = symbol_picture();
    let y4m = [format!("YUV4MPEG2 W{side} H{side} Cmono\nFRAME\n").into_bytes(), pixels.clone()].concat();
    let files = [png(&pixels, side, side), jpeg(&pixels, side, side, 70), gif(&pixels, side), y4m];
    let mut dice = Dice::new(2);
    let mut still_read = 0;
    for whole in files {
        assert!(read_everything(whole.clone()) > 0);
        for _ in 0..60 {
            let mut file = whole.clone();
            for _ in 0..=dice.below(4) {
                // Headers are short and matter most.
                let reach = if dice.below(2) == 0 { 60 } else { file.len() as u32 };
                let at = dice.below(reach.min(file.len() as u32)) as usize;
                match dice.below(3) {
                    0 => file[at] = dice.below(256) as u8,
                    1 => file[at] ^= 1 << dice.below(8),
                    _ => file.truncate(at.max(1)),
                }
            }
            still_read += usize::from(read_everything(file) > 0);
        }
    }
    assert!(still_read > 0, "some damage must be harmless, or this test damages only headers");
}

#[test]
fn noise_is_no_symbol() {
    let mut dice = Dice::new(3);
    for blocks in [1, 2, 3, 5] {
        let (width, height) = (640_usize, 480_usize);
        let wide = width / blocks + 1;
        let coarse: Vec<u8> = (0..wide * (height / blocks + 1)).map(|_| dice.below(256) as u8).collect();
        let pixels: Vec<u8> =
            (0..width * height).map(|i| coarse[(i / width / blocks) * wide + i % width / blocks]).collect();
        assert_eq!(decode_luma(&pixels, 640, 480).unwrap(), []);
    }
}

/// On its own, rxing compares each finder pattern with all others and forms every group of three; thousands would take hours.
#[test]
fn a_page_full_of_finder_patterns_ends() {
    let (width, height) = (1600_usize, 1200_usize);
    let dark = |i: usize| {
        let (x, y) = (i % width % 9, i / width % 9);
        let ring = x.abs_diff(3).max(y.abs_diff(3));
        x < 7 && y < 7 && ring != 2
    };
    let pixels: Vec<u8> = (0..width * height).map(|i| if dark(i) { 0 } else { 255 }).collect();
    assert_eq!(decode_luma(&pixels, 1600, 1200).unwrap(), []);
}

#[test]
fn sizes_out_of_bounds_are_refused_before_anything_is_copied() {
    assert!(decode_luma(&[], 0, 0).is_err());
    assert!(decode_luma(&[], 20_000, 20_000).is_err());
    assert!(decode_luma(&[0; 10], 3, 3).is_err());
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(100))]

    #[test]
    fn every_small_picture_is_looked_at_without_a_panic(width in 1_u32..60, height in 1_u32..60, seed: u64, levels in 2_u32..256) {
        let mut dice = Dice::new(seed);
        let pixels: Vec<u8> = (0..width * height).map(|_| (dice.below(levels) * 255 / (levels - 1)) as u8).collect();
        let reading = decode(Luma::new(pixels, width, height).unwrap(), Effort::All);
        prop_assert_eq!(reading.panics, 0);
        prop_assert!(reading.symbols.is_empty());
    }

    #[test]
    fn any_bytes_behind_a_known_beginning_are_survived(kind in 0_usize..4, tail in prop::collection::vec(any::<u8>(), 0..400)) {
        let begin: [&[u8]; 4] = [b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR", b"\xff\xd8\xff", b"GIF89a", b"YUV4MPEG2 W9 H9\n"];
        read_everything([begin[kind], &tail].concat());
    }
}
