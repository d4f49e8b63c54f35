//! Computes the maximum that a run may write, and checks before a secret exists that there is room for it.
//!
//! If the medium became full after the shares were written down, the shares would be useless. So trial files of the maximum
//! lengths are written first, all at the same time. Tests compare these lengths with those of real records.

use std::path::{Path, PathBuf};

use keyferry_core::artefact::MAX_ARTEFACT;
use keyferry_core::plan::Backup;
use keyferry_transport::{OPENINGS_FILE, RecordError, check_record_room, check_room};

use super::gate::many;
use super::job::Job;
use crate::inputs::Inputs;

/// The lines of one run, except those for keys, shares and reasons. The findings about the machine are the longest
/// part.
const LINES: u64 = 16 * 1024;
/// One reason or free text of the plan, as a separate line or together with its opening.
const REASON: u64 = 8 * 1024;
/// The lines for one key, or for one share with its custodian.
const EACH: u64 = 2 * 1024;
/// One key in a ciphertext or in an escrow, with the longest wrapping key. The same length is added for the
/// rest of such a file.
const ENTRY: u64 = 2 * 1024;

/// Checks that everything that this run may write fits.
///
/// # Errors
/// [`FileError::NoRoom`](keyferry_transport::FileError::NoRoom) or
/// [`TranscriptError::Full`](keyferry_core::transcript::TranscriptError::Full); or the reason why no file can be
/// created there.
pub(super) fn check(job: &Job<'_>) -> Result<(), RecordError> {
    let (giving, inputs, out) = (job.giving, &job.inputs, &job.out);
    let count = |n: usize| u64::try_from(n).unwrap_or(u64::MAX);
    let keys = count(inputs.parameters.entries().len());
    let reasons = count(inputs.plan.posture().waive.len()) + 1;
    let number = giving.map_or(0, |_| shares(inputs));
    let each = keys + count(inputs.parameters.refused().len()) + u64::from(number);
    let lines = LINES + REASON * reasons + EACH * each;
    check_record_room(&out.transcript, lines)?;
    let sealed = (ENTRY * (keys + 1)).min(MAX_ARTEFACT as u64);
    let openings = out.transcript.with_file_name(OPENINGS_FILE);
    let mut files: Vec<(&Path, u64)> = vec![(&out.transcript, lines), (&out.ciphertext, sealed)];
    if inputs.plan.commits_names() {
        files.push((&openings, REASON * reasons + EACH * each));
    }
    if number > 0 && many(inputs) {
        files.push((&out.escrow, sealed));
    }
    let given: Vec<(PathBuf, u64)> = giving.map_or_else(Vec::new, |giving| giving.files(number).collect());
    files.extend(given.iter().map(|(path, length)| (path.as_path(), *length)));
    Ok(check_room(&files)?)
}

/// How many shares the plan requires.
fn shares(inputs: &Inputs) -> u8 {
    match *inputs.plan.backup() {
        Backup::Slip39 { shares, .. } => shares,
        Backup::None { .. } => 0,
    }
}

#[cfg(test)]
mod tests {
    use std::fs;

    use keyferry_core::{Event, Station, Transcript};

    use super::*;

    /// Every record in the fixtures, of both versions.
    fn records() -> Vec<PathBuf> {
        let data = Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../../tests/data"));
        let folders =
            ["0.1", "0.2"].into_iter().flat_map(|version| fs::read_dir(data.join(version)).unwrap());
        let records = folders.map(|entry| entry.unwrap().path().join("record"));
        let found: Vec<_> = records.filter(|record| record.join("transcript.jsonl").exists()).collect();
        assert!(found.len() >= 8, "{found:?}");
        found
    }

    #[test]
    fn real_records_are_half_as_long_as_the_room_that_is_kept() {
        for record in records() {
            let bytes = fs::read(record.join("transcript.jsonl")).unwrap();
            let chain = Transcript::verify(&bytes).unwrap().unwrap();
            let (mut others, mut keys, mut given) = (0, 0, 0);
            let texts = bytes.split_inclusive(|byte| *byte == b'\n');
            for (line, text) in chain.lines().iter().zip(texts).filter(|(l, _)| l.station == Station::Offline)
            {
                match line.event {
                    Event::Wrapped { .. }
                    | Event::MaterialGenerated { .. }
                    | Event::MaterialRecovered { .. } => {
                        keys += text.len() as u64;
                    }
                    Event::ShareConfirmed { .. } => given = given.max(text.len() as u64),
                    _ => others += text.len() as u64,
                }
            }
            let wrapped =
                chain.lines().iter().filter(|l| matches!(l.event, Event::Wrapped { .. })).count() as u64;
            assert!(keys * 2 <= EACH * wrapped, "{record:?}: {keys} bytes of {wrapped} keys");
            assert!(others * 2 <= LINES + REASON && given * 2 <= EACH, "{record:?}: {others}, {given}");
            for name in ["ciphertext.json", "escrow.json"] {
                let length = fs::metadata(record.join(name)).map_or(0, |found| found.len());
                assert!(length * 3 <= ENTRY * (wrapped + 1) * 2, "{record:?}: {name} has {length} bytes");
            }
        }
    }
}
