//! The online station against a scripted server: what it sends, what it refuses, and what it leaves behind.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)] // a test may stop

mod access;
mod consent;
mod create_key;
mod credentials;
mod export;
mod fake;
mod import;
mod journal;
mod kit;
mod lasting;
mod life;
mod net;
mod no_vendor;
#[path = "../../../providers/tencent/tests/support/peer.rs"]
mod peer;
mod planted;
mod prometheus;
mod reach;
mod record;
mod requests;
#[path = "../../../../tests/e2e/support/script.rs"]
mod script;
mod server;
mod status;
#[path = "../../../../xtask/src/house/vendor_rooms/vendor_words.rs"]
mod words;
