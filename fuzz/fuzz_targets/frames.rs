//! QR frames, line by line, into a reassembler; the checks are in `src/lib.rs`.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| {
    keyferry_fuzz::frames(data);
});
