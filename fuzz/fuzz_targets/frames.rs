//! QR frames, line by line, into a reassembler; what is checked stands in `src/lib.rs`.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| {
    keyferry_fuzz::frames(data);
});
