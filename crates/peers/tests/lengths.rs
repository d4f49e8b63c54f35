//! Every message length, every padding, every peer: accepted exactly up to the longest, and opened by every other peer.
#![allow(clippy::unwrap_used, clippy::panic)]

use keyferry_core::WrappingAlgorithm;
use keyferry_peers::{PeerError, all, longest_message};

const SPKI: &[u8] = include_bytes!("../../core/tests/data/rsa2048.der");
const PKCS8: &[u8] = include_bytes!("../../core/tests/data/rsa2048.private.der");

#[test]
fn every_length_and_padding() {
    for algorithm in WrappingAlgorithm::ALL {
        let mut openers: Vec<_> = all().iter().map(|p| p.opener(PKCS8, algorithm).unwrap()).collect();
        let longest = longest_message(algorithm);
        for peer in all() {
            let mut wrapper = peer.prepare(SPKI, algorithm).unwrap();
            for length in 0..=longest + 2 {
                let m: Vec<u8> = (0u8..=255).cycle().skip(length).take(length).collect();
                let wrapped = wrapper.wrap(&m);
                if length > longest {
                    assert_eq!(wrapped, Err(PeerError::Wrap(peer.name())), "{algorithm} {length}");
                    continue;
                }
                let block = wrapped.unwrap_or_else(|e| panic!("{e}: {algorithm} {length}"));
                assert_eq!(block.len(), 256);
                for opener in &mut openers {
                    let opened = opener.open(&block);
                    assert_eq!(opened.as_ref(), Ok(&m), "{} {algorithm} {length}", peer.name());
                }
            }
        }
    }
}

#[test]
fn peers_refuse_what_is_no_key() {
    for peer in all() {
        let refused = Err(PeerError::Key(peer.name()));
        let algorithm = WrappingAlgorithm::default();
        assert_eq!(peer.prepare(PKCS8, algorithm).map(drop), refused);
        assert_eq!(peer.opener(SPKI, algorithm).map(drop), refused);
        assert_ne!(peer.version(), "?");
    }
}
