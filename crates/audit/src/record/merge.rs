//! Makes one record from several folders: each file once, and no two copies may differ.
//!
//! A medium that crossed the air gap may have an earlier state of a file that grows. Of two copies, the longer one is
//! taken if it begins with the shorter one. Files that are not part of a record are not taken from any folder.

use keyferry_core::artefact::names;
use std::path::{Path, PathBuf};

use keyferry_core::refusals;
use keyferry_core::steps::LIFE_FILE;
use keyferry_transport::OPENINGS_FILE;

use super::{Folder, SIGNATURES};

refusals! {
    /// Two folders hold different files with the same name.
    #[derive(Clone, Debug, PartialEq, Eq)]
    pub struct Differs {
        /// Its name in both.
        file: String,
        /// The path of one copy.
        first: PathBuf,
        /// The path of the other copy.
        second: PathBuf,
    }: Refused => ARCHIVE_ONE,
        what("{file} in {} differs from the one in {}; nothing was written", "{} 中的 {file} 与 {} 中的不同；未写出任何内容",
             second.display(), first.display()),
        hint("find out which one belongs to this ceremony: compare `sha256sum` and the heads with the paper. Then leave out \
            the other folder, and keep it as evidence",
             "请查明哪一份属于本次仪式：用 `sha256sum` 与链尾摘要同纸上的内容核对。然后不再给出另一个文件夹，并将其作为证据保留");
}

/// Merges the files of all folders.
///
/// # Errors
/// [`Differs`] names the first file that has two different copies.
pub fn merge(folders: &[(PathBuf, Folder)]) -> Result<Folder, Differs> {
    let mut all = Folder::default();
    let slots: [(&str, Slot); 8] = [
        (names::PLAN, |f| &mut f.plan),
        (names::PARAMETERS, |f| &mut f.parameters),
        (names::CIPHERTEXT, |f| &mut f.ciphertext),
        (names::TRANSCRIPT, |f| &mut f.transcript),
        (names::ESCROW, |f| &mut f.escrow),
        (names::DRILLS, |f| &mut f.drills),
        (LIFE_FILE, |f| &mut f.life),
        (OPENINGS_FILE, |f| &mut f.openings),
    ];
    for (name, slot) in slots {
        let copies = folders.iter().filter_map(|(dir, folder)| {
            let (_, bytes) = folder.files().into_iter().find(|(own, _)| *own == name)?;
            Some((dir.as_path(), bytes.as_deref()?))
        });
        *slot(&mut all) = one(name, copies)?.map(<[u8]>::to_vec);
    }
    let mut names: Vec<&String> =
        folders.iter().flat_map(|(_, f)| f.signatures.iter().map(|s| &s.0)).collect();
    names.sort();
    names.dedup();
    for name in names {
        let copies = folders.iter().flat_map(|(dir, folder)| {
            let of = folder.signatures.iter().filter(|(own, _)| own == name);
            of.map(|(_, bytes)| (dir.as_path(), bytes.as_slice()))
        });
        let bytes = one(&format!("{SIGNATURES}/{name}"), copies)?;
        all.signatures.extend(bytes.map(|bytes| (name.clone(), bytes.to_vec())));
    }
    Ok(all)
}

/// One file of a folder.
type Slot = fn(&mut Folder) -> &mut Option<Vec<u8>>;

/// The content that every copy has, or, for a file that grows, the longest copy if it begins with each of the
/// others.
fn one<'b>(
    name: &str,
    copies: impl Iterator<Item = (&'b Path, &'b [u8])>,
) -> Result<Option<&'b [u8]>, Differs> {
    let mut taken: Option<(&Path, &[u8])> = None;
    for (dir, bytes) in copies {
        taken = match taken {
            None => Some((dir, bytes)),
            Some((_, so_far)) if so_far == bytes || grew(name, bytes, so_far) => taken,
            Some((_, so_far)) if grew(name, so_far, bytes) => Some((dir, bytes)),
            Some((first, _)) => {
                return Err(Differs { file: name.to_owned(), first: first.into(), second: dir.into() });
            }
        };
    }
    Ok(taken.map(|(_, bytes)| bytes))
}

/// Whether one file is the other with lines added.
fn grew(name: &str, before: &[u8], after: &[u8]) -> bool {
    name.ends_with(".jsonl") && before.ends_with(b"\n") && after.starts_with(before)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn folders(each: [Folder; 2]) -> [(PathBuf, Folder); 2] {
        let [first, second] = each;
        [("first".into(), first), ("second".into(), second)]
    }

    fn transcript(text: &str) -> Folder {
        Folder { transcript: Some(text.into()), ..Folder::default() }
    }

    #[test]
    fn copies_are_one_file_or_refused() {
        let plan = |text: &str| Folder { plan: Some(text.into()), ..Folder::default() };
        let all = merge(&folders([plan("a"), Folder { others: vec!["session.json".into()], ..plan("a") }]))
            .unwrap();
        assert_eq!(all, plan("a"), "what is no part of a record is not taken");
        let refused = merge(&folders([plan("a"), plan("ab")])).unwrap_err();
        let expected = Differs { file: "plan.toml".into(), first: "first".into(), second: "second".into() };
        assert_eq!(refused, expected);
        let signed =
            |text: &str| Folder { signatures: vec![("w.sig".into(), text.into())], ..Folder::default() };
        assert_eq!(merge(&folders([signed("a"), signed("a")])).unwrap(), signed("a"));
        assert_eq!(merge(&folders([signed("a"), signed("b")])).unwrap_err().file, "signatures/w.sig");
    }

    #[test]
    fn of_a_record_that_grew_the_longer_copy_is_taken() {
        for (first, second) in [("1\n", "1\n2\n"), ("1\n2\n", "1\n")] {
            let all = merge(&folders([transcript(first), transcript(second)])).unwrap();
            assert_eq!(all, transcript("1\n2\n"));
        }
        for (first, second) in [("1\n2\n", "1\n3\n"), ("1", "11\n")] {
            assert_eq!(
                merge(&folders([transcript(first), transcript(second)])).unwrap_err().file,
                "transcript.jsonl"
            );
        }
    }
}
