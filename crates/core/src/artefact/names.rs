//! The names of a ceremony's files. No other code spells them out.

/// The reviewed plan.
pub const PLAN: &str = "plan.toml";
/// The file that `export` writes for the offline station.
pub const PARAMETERS: &str = "parameters.json";
/// The file that `export` keeps, with the import tokens.
pub const SESSION: &str = "session.json";
/// The file that `wrap` and `rewrap` write for the online station.
pub const CIPHERTEXT: &str = "ciphertext.json";
/// The material of many keys, sealed under the key that their shares recover.
pub const ESCROW: &str = "escrow.json";
/// The record.
pub const TRANSCRIPT: &str = "transcript.jsonl";
/// The openings of the names that the record withholds.
pub const OPENINGS: &str = "openings.jsonl";
/// The drills after the ceremony.
pub const DRILLS: &str = "drills.jsonl";
/// The changes made to the keys after the ceremony.
pub const LIFE: &str = "life.jsonl";
