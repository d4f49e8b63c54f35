//! A wrapping key in any encoding: what is taken survives its own DER.
#![no_main]

use keyferry_core::WrappingKey;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    match WrappingKey::from_file_bytes(data) {
        Ok((key, _)) => assert_eq!(WrappingKey::from_der(key.spki_der()).expect("own DER"), key),
        Err(refusal) => keyferry_fuzz::explained(&refusal),
    }
    match WrappingKey::from_der(data) {
        Ok(key) => assert_eq!(key.spki_der(), data),
        Err(refusal) => keyferry_fuzz::explained(&refusal),
    }
});
