//! Picture files, Y4M and raw grey pictures, decoded to the end: no input may cause a panic.
//!
//! The check is here and not in `src/lib.rs`, because keyferry-core's tests share that file, and they have nothing to do with
//! pictures.
#![no_main]

use keyferry_scan::{Effort, Luma, Pictures, Y4m, decode};

/// Maximum number of frames in one input: more would find nothing new.
const FRAMES: usize = 3;

fn look(picture: Luma) {
    let reading = decode(picture, Effort::All);
    assert_eq!(reading.panics, 0, "the decoder panicked");
    assert!(reading.symbols.iter().all(|s| (1..=40).contains(&s.version) && !s.text.is_empty()));
}

libfuzzer_sys::fuzz_target!(|data: &[u8]| {
    if let Ok(pictures) = Pictures::parse(data.to_vec()) {
        pictures.take(FRAMES).flatten().for_each(look);
    }
    if let Ok(mut video) = Y4m::parse(data) {
        for _ in 0..FRAMES {
            let Ok(Some(picture)) = video.frame() else { break };
            look(picture);
        }
    }
    // Width, height, pixels.
    if let [width, height, pixels @ ..] = data
        && let Ok(picture) = Luma::new(pixels.to_vec(), (*width).into(), (*height).into())
    {
        look(picture);
    }
});
