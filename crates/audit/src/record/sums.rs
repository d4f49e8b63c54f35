//! `SHA256SUMS`: digests of an archive's files, as `sha256sum` writes and checks them.
//!
//! It lists the files that never change after the ceremony. `drills.jsonl`, `life.jsonl` and `openings.jsonl` are left out, because lines
//! are added to the first two for years, and names may be removed from the third; each is checked separately. A signature that was added
//! later is not listed, because it can be verified by itself. Lines about files that are not part of a record, such as a report, are left
//! to `sha256sum`.

use keyferry_core::artefact::names;
use std::collections::HashMap;

use keyferry_core::Fingerprint;
use keyferry_core::steps::LIFE_FILE;
use keyferry_transport::OPENINGS_FILE;

use super::folder::{FILES, SUMS};
use super::{Files, Folder, SIGNATURES, VerifyError};

impl Folder {
    /// The files that never change: name in the folder, and bytes.
    fn lasting(&self) -> Vec<(String, &[u8])> {
        self.parts().filter(|(name, _)| !may_change(name)).collect()
    }
}

fn may_change(name: &str) -> bool {
    matches!(name, names::DRILLS | LIFE_FILE | OPENINGS_FILE)
}

/// The text of `SHA256SUMS` for a record's files.
#[must_use]
pub fn sums(folder: &Folder) -> String {
    folder.lasting().iter().map(|(name, bytes)| format!("{}  {name}\n", Fingerprint::of(bytes))).collect()
}

/// Every line that does not match the files.
pub(super) fn check(files: &Files) -> Vec<VerifyError> {
    let Some(bytes) = &files.sums else { return Vec::new() };
    let Ok(text) = core::str::from_utf8(bytes) else { return vec![VerifyError::SumsLine { line: 1 }] };
    let lasting: HashMap<&str, Fingerprint> = files
        .digests
        .iter()
        .map(|(name, sha256)| (name.as_str(), *sha256))
        .filter(|(name, _)| !may_change(name))
        .collect();
    let check = |(line, text): (u64, &str)| {
        let (sha256, name) = parse(text).ok_or(VerifyError::SumsLine { line })?;
        let file = || name.to_owned();
        match lasting.get(name) {
            Some(found) if *found == sha256 => Ok(()),
            Some(_) => Err(VerifyError::SumsOther { file: file() }),
            None if is_part(name) => Err(VerifyError::SumsMissing { file: file() }),
            None => Ok(()),
        }
    };
    (1..).zip(text.lines()).filter_map(|line| check(line).err()).collect()
}

/// Whether a file with this name never changes.
fn is_part(name: &str) -> bool {
    let own = FILES.contains(&name) && name != SUMS && !may_change(name);
    own || name.strip_prefix(SIGNATURES).is_some_and(|rest| rest.starts_with('/'))
}

/// A digest and a name, in text or binary mode. A name that `sha256sum` has to escape does not belong to a
/// record.
fn parse(line: &str) -> Option<(Fingerprint, &str)> {
    let line = line.strip_prefix('\\').unwrap_or(line);
    let (digest, name) = line.split_once(' ')?;
    let name = name.strip_prefix([' ', '*'])?;
    Some((digest.parse().ok()?, name.strip_prefix("./").unwrap_or(name)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn folder() -> Folder {
        Folder {
            plan: Some(b"plan".to_vec()),
            drills: Some(b"drills".to_vec()),
            signatures: vec![("witness-1.sig".into(), b"signed".to_vec())],
            ..Folder::default()
        }
    }

    fn faults(sums: &str, edit: impl Fn(&mut Folder)) -> Vec<VerifyError> {
        let mut folder = Folder { sums: Some(sums.into()), ..folder() };
        edit(&mut folder);
        check(&Files::of(&folder))
    }

    #[test]
    fn what_is_listed_is_there_as_it_was() {
        let good = sums(&folder());
        assert_eq!(good.lines().count(), 2, "{good}");
        assert_eq!(faults(&good, |_| ()), []);
        // The list was written by hand and includes a report. Drills and signatures were added to the folder
        // later.
        let by_hand = good.replace("  plan", " *./plan") + &format!("{}  report.html\n", "0".repeat(64));
        let later = |f: &mut Folder| {
            f.drills = Some(b"more drills".to_vec());
            f.signatures.push(("operator-1.sig".into(), b"later".to_vec()));
        };
        assert_eq!(faults(&by_hand, later), []);
        let other = |f: &mut Folder| f.plan = Some(b"plam".to_vec());
        assert_eq!(faults(&good, other), [VerifyError::SumsOther { file: "plan.toml".into() }]);
        let file = "signatures/witness-1.sig".to_owned();
        assert_eq!(faults(&good, |f| f.signatures.clear()), [VerifyError::SumsMissing { file }]);
        let file = "plan.toml".to_owned();
        assert_eq!(faults(&good, |f| f.plan = None), [VerifyError::SumsMissing { file }]);
    }

    #[test]
    fn a_line_of_another_form_is_refused() {
        let good = sums(&folder());
        for bad in ["\n", "SHA256 (plan.toml) = 00\n", "00  plan.toml\n", &good.to_uppercase()] {
            let found = faults(&format!("{}{bad}", good), |_| ());
            assert!(found.contains(&VerifyError::SumsLine { line: 3 }), "{bad:?}: {found:?}");
        }
        let binary = Folder { sums: Some(vec![0xff]), ..folder() };
        assert_eq!(check(&Files::of(&binary)), [VerifyError::SumsLine { line: 1 }]);
    }
}
