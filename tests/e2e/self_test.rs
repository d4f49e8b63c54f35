//! A program that does not compute the known answers stops before it does anything: shown with damaged copies of the real
//! programs.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic)]

use std::fs;
use std::process::Command;

use crate::support::*;
use keyferry_core::*;

/// A known answer as stored in the program, and the name of its self-test.
const ANSWERS: [(&[u8], &str); 5] = [
    (include_bytes!("../../crates/core/src/crypto/self_test/oaep_sha256.c"), "RSAES-OAEP with SHA-256"),
    (include_bytes!("../../crates/core/src/crypto/self_test/oaep_sha1.em"), "RSAES-OAEP with SHA-1"),
    (include_bytes!("../../crates/core/src/crypto/self_test/pkcs1.em"), "RSAES-PKCS1-v1_5"),
    (b"\xa9\x99\x3e\x36\x47\x06\x81\x6a\xba\x3e\x25\x71\x78\x50\xc2\x6c\x9c\xd0\xd8\x9d", "SHA-1"),
    (
        b"\x5b\xdc\xc1\x46\xbf\x60\x75\x4e\x6a\x04\x24\x26\x08\x95\x75\xc7\
          \x5a\x00\x3f\x08\x9d\x27\x39\x83\x9d\xec\x58\xb9\x64\xec\x38\x43",
        "HMAC-SHA-256",
    ),
];

/// The program with one bit damaged at every occurrence of `needle`.
fn damage(program: &mut [u8], needle: &[u8]) -> usize {
    let found: Vec<usize> = memchr::memmem::find_iter(program, needle).collect();
    found.iter().for_each(|i| program[i + needle.len() / 2] ^= 0x10);
    found.len()
}

#[test]
fn a_damaged_program_names_the_answer_and_does_nothing() {
    let dir = tempfile::tempdir().unwrap();
    let commands: [(&str, &[&str]); 3] = [
        ("keyferry-offline", &["generate", "--bits", "256", "--out", "material.bin"]),
        ("keyferry-online", &["status", "--plan", "plan.toml"]),
        ("keyferry", &["verify", "medium"]),
    ];
    for (name, args) in commands {
        let whole = fs::read(bin_dir().join(name)).unwrap();
        for (needle, computation) in ANSWERS {
            let mut copy = whole.clone();
            assert!(damage(&mut copy, needle) > 0, "{computation} is not in {name}");
            let path = dir.path().join(name);
            executable(&path, &copy);
            let mut command = Command::new(&path);
            let command = command.args(args).current_dir(dir.path()).env_clear().env("LANG", "C.UTF-8");
            let refused = run(command);
            refused.refused(1, Control::SELF_TEST);
            assert!(refused.err.contains(computation), "{computation}: {}", refused.err);
            assert_eq!(refused.out, "", "{name}");
            fs::remove_file(&path).unwrap();
        }
        assert_eq!(fs::read_dir(dir.path()).unwrap().count(), 0, "{name} continued");
    }
}
