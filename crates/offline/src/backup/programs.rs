//! Other people's programs that recover what our shares give, as [ceremony/shares.md](../../../../ceremony/shares.md) lists them.
//!
//! `cargo xtask shares` runs each of them, in this version, on shares of the station as it ships.

/// Name, version and language of each.
const TESTED: [(&str, &str, &str); 3] = [
    ("shamir-mnemonic", "0.3.0", "Python"),
    ("slip39", "0.1.9", "JavaScript"),
    ("bip39-slip39", "2026.10.24", "Python"),
];

/// All of them, for a sheet.
pub(super) fn tested() -> String {
    TESTED.map(|(name, version, language)| format!("{name} {version} ({language})")).join(", ")
}
