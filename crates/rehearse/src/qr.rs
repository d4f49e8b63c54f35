//! The crossing by QR code: simulated photographs of one station's symbols go through `keyferry-scan` into the other station.
//!
//! Every third frame is lost; the others are turned, blurred and unevenly lit. Nothing else goes from one station's folder to the
//! other's: each works in its own, and only pictures cross.

mod picture;

use std::path::{Path, PathBuf};

use keyferry_core::WrappingAlgorithm;
use keyferry_transport::frame::Level;
use keyferry_transport::show::png::grey;
use keyferry_transport::show::{Series, Subject, Version};
use keyferry_transport::{Access, write_new};
use serde::Serialize;

use super::RehearseError;

/// Largest symbol version: a hand-held camera can read it, and it is so small that a file needs several symbols.
pub(super) const VERSION: u8 = 15;
/// One frame in this many is lost.
const LOST: usize = 3;

/// The result of a crossing.
#[derive(Debug, Serialize)]
pub(super) struct Crossed {
    pub(super) algorithm: WrappingAlgorithm,
    pub(super) file: &'static str,
    pub(super) from: &'static str,
    pub(super) bytes: usize,
    /// Version of the symbols.
    pub(super) version: u8,
    /// Number of frames that suffice.
    pub(super) needed: usize,
    /// Number of frames shown.
    pub(super) shown: usize,
    /// Number of shown frames that no picture contains.
    pub(super) lost: usize,
}

/// The pictures that a camera took of one file.
pub(super) struct Seen {
    /// Folder of the pictures.
    pub(super) folder: PathBuf,
    pub(super) bytes: usize,
    pub(super) version: u8,
    pub(super) needed: usize,
    pub(super) shown: usize,
    pub(super) lost: usize,
}

/// Saves pictures of the shown file in `folder`, which must exist. `number` makes the pictures of each crossing different.
pub(super) fn photograph(file: &Path, folder: PathBuf, number: usize) -> Result<Seen, RehearseError> {
    let subject = Subject::read(file)?;
    let series = Series::new(&subject, Level::L, Version::new(VERSION), |needed| 2 * needed + 2)?;
    let mut lost = 0;
    for (n, symbol) in series.symbols().enumerate() {
        if n % LOST == LOST - 1 {
            lost += 1;
            continue;
        }
        let (width, pixels) = picture::taken(&symbol?, number * 100 + n);
        write_new(&folder.join(format!("{n:03}.png")), &grey(width, &pixels), Access::Everyone)?;
    }
    let (version, needed, shown) = (series.version().number(), series.needed(), series.len());
    Ok(Seen { folder, bytes: subject.bytes().len(), version, needed, shown, lost })
}
