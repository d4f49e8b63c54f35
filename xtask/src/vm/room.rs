//! The inputs of a ceremony: three production plans with parameters for a key pair that nobody uses.
//!
//! The online station gets such parameters only from the provider's own service, so these were made with the
//! library; `crates/core/tests/vm_room.rs` checks that the library would still make the same.

use super::cpio::Cpio;

/// The guest's clock at the start: the parameters are valid then.
pub(crate) const CLOCK: &str = "2026-11-18T11:10:00";

/// Every check that production requires, one name on each line.
pub(crate) const BASELINE: &str = include_str!("room/baseline.txt");

const FILES: [(&str, &str); 6] = [
    ("plain/plan.toml", include_str!("room/plain/plan.toml")),
    ("plain/parameters.json", include_str!("room/plain/parameters.json")),
    ("shares/plan.toml", include_str!("room/shares/plan.toml")),
    ("shares/parameters.json", include_str!("room/shares/parameters.json")),
    ("waiver/plan.toml", include_str!("room/waiver/plan.toml")),
    ("waiver/parameters.json", include_str!("room/waiver/parameters.json")),
];

/// Puts these inputs into the guest's initial file system.
pub(crate) fn furnish(archive: &mut Cpio) {
    archive.folder("job/plain", 0o755);
    archive.folder("job/shares", 0o755);
    archive.folder("job/waiver", 0o755);
    for (name, text) in FILES {
        archive.file(&format!("job/{name}"), 0o644, text.as_bytes());
    }
}
