//! A wrapping key in any encoding; the checks are in `src/lib.rs`.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| {
    keyferry_fuzz::spki(data);
});
