//! Other people's programs that recover what our shares give, as the table of `ceremony/operate/shares.md` has them. `cargo xtask shares` runs each
//! of them, in this version.

use keyferry_core::{Bilingual, bi};

/// All of them, for a sheet.
pub(super) fn tested() -> Bilingual {
    bi!(
        "shamir-mnemonic 0.3.0, bip39-slip39 2026.10.24, embit 0.8.0, buidl 0.2.36 (Python) and slip39 0.1.9 (JavaScript)",
        "shamir-mnemonic 0.3.0、bip39-slip39 2026.10.24、embit 0.8.0、buidl 0.2.36（Python）及 slip39 0.1.9（JavaScript）"
    )
}
