//! A folder for whole runs of programs.

use std::path::{Path, PathBuf};

use super::error::BenchError;

/// A folder for this run only; deleted on drop.
pub(super) struct Folder(PathBuf);

impl Folder {
    pub(super) fn new(base: &Path) -> Result<Self, BenchError> {
        let mut random = [0u8; 8];
        getrandom::fill(&mut random).map_err(|_| BenchError::Randomness)?;
        let path = base.join(format!("keyferry-bench-{}", keyferry_core::hex::encode(&random)));
        std::fs::create_dir(&path).map_err(|_| BenchError::Process)?;
        Ok(Self(path))
    }

    pub(super) fn path(&self) -> &Path {
        &self.0
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        // If deletion fails, only practice material stays behind, in a temporary folder.
        let _ = std::fs::remove_dir_all(&self.0);
    }
}
