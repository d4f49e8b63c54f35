//! QEMU's writes to a stick, in order, and the state of the stick after any number of them.
//!
//! A USB stick may lose whatever was written since the last flush. QEMU's driver `blklogwrites` records every write and
//! flush in the format of the kernel's `dm-log-writes`: a sector with the count, then for each entry a sector with its
//! header, then its data. All numbers are little-endian.

use crate::run::Stop;

/// Bytes of a sector.
pub(crate) const SECTOR: usize = 512;

const MAGIC: u64 = 0x006a_7366_7773_6872;
const FLUSH: u64 = 1;
const DISCARD: u64 = 4;

/// One write, or one flush.
#[derive(Debug, PartialEq, Eq)]
struct Entry {
    sector: usize,
    flush: bool,
    data: Vec<u8>,
}

/// Everything that happened to a stick.
#[derive(Debug)]
pub(crate) struct WriteLog(Vec<Entry>);

impl WriteLog {
    /// Reads a log. The log's count is correct only if QEMU ended by itself.
    pub(crate) fn parse(bytes: &[u8]) -> Result<Self, Stop> {
        Self::entries(bytes).map(Self).ok_or_else(|| Stop::failed("QEMU's log of writes is damaged"))
    }

    fn entries(bytes: &[u8]) -> Option<Vec<Entry>> {
        let mut sectors = Sectors(bytes);
        let head = sectors.take(1)?;
        if number(head, 0)? != MAGIC || number(head, 3)? & 0xffff_ffff != SECTOR as u64 {
            return None;
        }
        let count = number(head, 2)?;
        (0..count).map(|_| sectors.entry()).collect()
    }

    /// The number of writes and flushes.
    pub(crate) fn len(&self) -> usize {
        self.0.len()
    }

    /// How many entries the log had once sector `mark` was first written, and just before it was last written. `None`
    /// unless the run between the two marks flushed more than once: otherwise the last write may be a late repetition of
    /// the first mark, not the mark at the end.
    pub(crate) fn marks(&self, mark: usize) -> Option<(usize, usize)> {
        let is_mark = |e: &Entry| !e.data.is_empty() && e.sector == mark;
        let (first, last) = (self.0.iter().position(is_mark)?, self.0.iter().rposition(is_mark)?);
        let flushes = self.0.get(first..last)?.iter().filter(|e| e.flush).count();
        (flushes > 1).then_some((first + 1, last))
    }

    /// How many of the first `at` entries are certainly on the stick: all entries up to the last flush.
    pub(crate) fn flushed(&self, at: usize) -> usize {
        self.0.iter().take(at).rposition(|e| e.flush).map_or(0, |flush| flush + 1)
    }

    /// The stick after the first `at` entries, without those that are not kept.
    pub(crate) fn image(
        &self,
        before: &[u8],
        at: usize,
        keep: impl Fn(usize) -> bool,
    ) -> Result<Vec<u8>, Stop> {
        let mut image = before.to_vec();
        for (_, entry) in self.0.iter().take(at).enumerate().filter(|(n, _)| keep(*n)) {
            entry.apply(&mut image)?;
        }
        Ok(image)
    }

    /// The stick at every moment from the last flush before sector `mark` was written, oldest first.
    ///
    /// The writes before that flush are certain to be on the device; each later image has one more write.
    pub(crate) fn moments_from(&self, mark: usize, before: &[u8]) -> Result<Vec<Vec<u8>>, Stop> {
        let marked = self.0.iter().position(|e| !e.data.is_empty() && e.sector == mark);
        let marked = marked.ok_or_else(|| Stop::failed("the mark was not written to the stick"))?;
        let certain = self.0.iter().take(marked).rposition(|e| e.flush).map_or(0, |flush| flush + 1);
        let mut image = before.to_vec();
        let mut moments = Vec::new();
        for (n, entry) in self.0.iter().enumerate() {
            if n == certain {
                moments.push(image.clone());
            }
            entry.apply(&mut image)?;
            if n >= certain && !entry.data.is_empty() {
                moments.push(image.clone());
            }
        }
        Ok(moments)
    }
}

impl Entry {
    fn apply(&self, image: &mut [u8]) -> Result<(), Stop> {
        let from = self.sector.saturating_mul(SECTOR);
        let place = image.get_mut(from..from.saturating_add(self.data.len()));
        let place = place.ok_or_else(|| Stop::failed("a write beyond the end of the stick"))?;
        place.copy_from_slice(&self.data);
        Ok(())
    }
}

/// The unread rest of a log.
struct Sectors<'b>(&'b [u8]);

impl<'b> Sectors<'b> {
    fn take(&mut self, count: usize) -> Option<&'b [u8]> {
        let (taken, rest) = self.0.split_at_checked(count.checked_mul(SECTOR)?)?;
        self.0 = rest;
        Some(taken)
    }

    fn entry(&mut self) -> Option<Entry> {
        let head = self.take(1)?;
        let (sector, count, flags) = (number(head, 0)?, number(head, 1)?, number(head, 2)?);
        let data = if flags & DISCARD == 0 { self.take(usize::try_from(count).ok()?)? } else { &[] };
        let sector = usize::try_from(sector).ok()?;
        Some(Entry { sector, flush: flags & FLUSH != 0, data: data.to_vec() })
    }
}

/// The number at an index, with eight bytes for each number.
fn number(bytes: &[u8], place: usize) -> Option<u64> {
    let bytes = bytes.get(place * 8..)?.first_chunk::<8>()?;
    Some(u64::from_le_bytes(*bytes))
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;

    fn sector(numbers: &[u64]) -> Vec<u8> {
        let mut bytes: Vec<u8> = numbers.iter().flat_map(|n| n.to_le_bytes()).collect();
        bytes.resize(SECTOR, 0);
        bytes
    }

    /// A log of (sector, contents), where a flush has no contents.
    pub(crate) fn log(entries: &[(u64, Option<u8>)]) -> Vec<u8> {
        let mut bytes = sector(&[MAGIC, 1, entries.len() as u64, SECTOR as u64]);
        for (at, contents) in entries {
            match contents {
                Some(contents) => {
                    bytes.extend(sector(&[*at, 1, 0, 0]));
                    bytes.extend([*contents; SECTOR]);
                }
                None => bytes.extend(sector(&[*at, 0, FLUSH, 0])),
            }
        }
        bytes
    }

    /// The first byte of each sector.
    fn shown(images: &[Vec<u8>]) -> Vec<Vec<u8>> {
        images.iter().map(|i| i.iter().step_by(SECTOR).copied().collect()).collect()
    }

    #[test]
    fn moments_begin_at_the_last_flush_before_the_mark() {
        let bytes = log(&[(0, Some(1)), (0, None), (1, Some(2)), (3, Some(9)), (0, Some(3)), (0, None)]);
        let moments = WriteLog::parse(&bytes).unwrap().moments_from(3, &[0; 4 * SECTOR]).unwrap();
        assert_eq!(shown(&moments), [[1, 0, 0, 0], [1, 2, 0, 0], [1, 2, 0, 9], [3, 2, 0, 9]]);
    }

    #[test]
    fn without_a_flush_every_write_may_be_lost() {
        let bytes = log(&[(1, Some(2)), (3, Some(9))]);
        let moments = WriteLog::parse(&bytes).unwrap().moments_from(3, &[0; 4 * SECTOR]).unwrap();
        assert_eq!(shown(&moments), [[0, 0, 0, 0], [0, 2, 0, 0], [0, 2, 0, 9]]);
    }

    #[test]
    fn a_discard_has_no_data() {
        let mut bytes = log(&[(1, Some(2)), (1, None), (3, Some(9))]);
        bytes[SECTOR + 2 * SECTOR + 8] = 200;
        bytes[SECTOR + 2 * SECTOR + 16] = 4;
        assert_eq!(WriteLog::parse(&bytes).unwrap().0.len(), 3);
    }

    #[test]
    fn damage_is_an_error() {
        let bytes = log(&[(7, Some(1))]);
        assert!(WriteLog::parse(&[]).is_err());
        assert!(WriteLog::parse(&bytes[..bytes.len() - 1]).is_err());
        assert!(WriteLog::parse(&sector(&[MAGIC + 1, 1, 0, 512])).is_err());
        let log = WriteLog::parse(&bytes).unwrap();
        assert!(log.moments_from(3, &[0; 4 * SECTOR]).is_err(), "no mark");
        assert!(log.moments_from(7, &[0; 4 * SECTOR]).is_err(), "beyond the end");
    }

    #[test]
    fn a_run_is_between_two_marks_with_flushes_between_them() {
        let run =
            [(3, Some(9)), (0, Some(1)), (0, None), (1, Some(2)), (1, None), (3, Some(9)), (2, Some(3))];
        let log = WriteLog::parse(&log(&run)).unwrap();
        assert_eq!((log.len(), log.marks(3)), (7, Some((1, 5))));
        assert_eq!(log.marks(2), None, "written once");
        assert_eq!([0, 3, 4, 5, 7].map(|at| log.flushed(at)), [0, 3, 3, 5, 5]);
        let image = |at, keep: fn(usize) -> bool| log.image(&[0; 4 * SECTOR], at, keep).unwrap();
        assert_eq!(shown(&[image(7, |_| true), image(4, |n| n != 1)]), [[1, 2, 3, 9], [0, 2, 0, 9]]);
    }

    #[test]
    fn a_mark_that_came_with_the_other_is_none() {
        let late = [(0, Some(1)), (0, None), (1, Some(2)), (1, None), (3, Some(9)), (3, Some(9))];
        assert_eq!(WriteLog::parse(&log(&late)).unwrap().marks(3), None);
    }
}
