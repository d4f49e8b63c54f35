//! Programs by other people that recover the secret from our shares, as in the table of `ceremony/operate/shares.md`. `cargo xtask
//! shares` runs each of them in exactly this version.

use keyferry_core::{Bilingual, bi};

/// All programs, as text for a sheet.
pub(super) fn tested() -> Bilingual {
    bi!(
        "shamir-mnemonic 0.3.0, bip39-slip39 2026.10.24, embit 0.8.0, buidl 0.2.36 (Python) and slip39 0.1.9 (JavaScript)",
        "shamir-mnemonic 0.3.0、bip39-slip39 2026.10.24、embit 0.8.0、buidl 0.2.36（Python）及 slip39 0.1.9（JavaScript）"
    )
}
