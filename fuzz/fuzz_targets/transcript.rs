//! `transcript.jsonl`: a chain that verifies is rebuilt, byte for byte, from its own events.
#![no_main]

use keyferry_core::Transcript;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    match Transcript::verify(data) {
        Ok(None) => assert!(data.is_empty()),
        Ok(Some(chain)) => {
            let mut rebuilt = Transcript::new(chain.ceremony().clone());
            let mut text = String::new();
            for line in chain.lines() {
                let line = rebuilt.append(line.station, line.time, line.event.clone());
                text.push_str(&line.expect("a line that was read can be written"));
            }
            assert_eq!(rebuilt, chain);
            assert_eq!(text.as_bytes(), data);
        }
        Err(refusal) => keyferry_fuzz::explained(&refusal),
    }
});
