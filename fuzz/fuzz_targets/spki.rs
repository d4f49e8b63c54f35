//! A wrapping key in any encoding; what is checked stands in `src/lib.rs`.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| {
    keyferry_fuzz::spki(data);
});
