//! A generator that returns recorded bytes, and fails when they are used up.
#![allow(unreachable_pub, dead_code)]

use rand_core::{TryCryptoRng, TryRng};

/// Recorded bytes.
pub struct Replay<'a>(&'a [u8]);

/// The recorded bytes are used up.
#[derive(Debug)]
pub struct Spent;

impl core::fmt::Display for Spent {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.write_str("no recorded bytes are left")
    }
}

impl core::error::Error for Spent {}

impl<'a> Replay<'a> {
    pub const fn new(recorded: &'a [u8]) -> Self {
        Self(recorded)
    }

    pub const fn is_spent(&self) -> bool {
        self.0.is_empty()
    }
}

impl TryRng for Replay<'_> {
    type Error = Spent;

    fn try_next_u32(&mut self) -> Result<u32, Spent> {
        let mut four = [0; 4];
        self.try_fill_bytes(&mut four).map(|()| u32::from_le_bytes(four))
    }

    fn try_next_u64(&mut self) -> Result<u64, Spent> {
        let mut eight = [0; 8];
        self.try_fill_bytes(&mut eight).map(|()| u64::from_le_bytes(eight))
    }

    fn try_fill_bytes(&mut self, out: &mut [u8]) -> Result<(), Spent> {
        let (now, later) = self.0.split_at_checked(out.len()).ok_or(Spent)?;
        out.copy_from_slice(now);
        self.0 = later;
        Ok(())
    }
}

impl TryCryptoRng for Replay<'_> {}
