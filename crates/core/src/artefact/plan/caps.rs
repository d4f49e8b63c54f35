//! How long a plan can be.

/// Longest plan in bytes: 100,000 keys fit.
pub const MAX_PLAN: usize = 32 * 1024 * 1024;
/// Maximum number of keys in one plan.
pub const MAX_KEYS: usize = 100_000;
