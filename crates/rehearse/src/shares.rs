//! The custodians of an unattended rehearsal: shares are files in their own folder, and are read back from there.

use std::fs;
use std::os::unix::fs::DirBuilderExt;
use std::path::PathBuf;

use keyferry_core::artefact::MAX_ARTEFACT;
use keyferry_transport::read_capped;
use zeroize::Zeroizing;

use super::RehearseError;
use super::folder::{Desks, failed};

/// Name of the folder, next to the medium.
const FOLDER: &str = "shares";

/// The share files of one ceremony.
pub(super) struct ShareFiles {
    folder: PathBuf,
    count: u8,
}

impl ShareFiles {
    /// The option that tells `wrap` which folder to use.
    pub(super) const OPTION: [&str; 2] = ["--shares", "files=shares"];

    /// Makes the folder, which only its owner can enter.
    pub(super) fn new(desks: &Desks, count: u8) -> Result<Self, RehearseError> {
        let folder = desks.offline.join(FOLDER);
        fs::DirBuilder::new().mode(0o700).create(&folder).map_err(|e| failed(&folder, &e))?;
        Ok(Self { folder, count })
    }

    /// One line for each share, in order; `None` until all files exist.
    pub(super) fn lines(&self) -> Option<Zeroizing<String>> {
        let mut lines = Zeroizing::new(String::with_capacity(64 * 16 * usize::from(self.count)));
        for n in 1..=self.count {
            let file = self.folder.join(format!("share-{n}-of-{}.txt", self.count));
            let bytes = Zeroizing::new(read_capped(&file, MAX_ARTEFACT).ok()?);
            words(std::str::from_utf8(&bytes).ok()?, &mut lines);
            lines.push('\n');
        }
        Some(lines)
    }
}

/// The words in a share's text: those in the lines that consist only of pairs of a number and a word.
fn words(text: &str, to: &mut String) {
    let numbered = |line: &&str| line.trim_start().starts_with(|c: char| c.is_ascii_digit());
    let tokens = text.lines().filter(numbered).flat_map(str::split_whitespace);
    let mut pairs: Vec<(usize, &str)> = tokens
        .clone()
        .zip(tokens.skip(1))
        .step_by(2)
        .filter_map(|(n, word)| Some((n.parse().ok()?, word)))
        .collect();
    pairs.sort_unstable();
    for (_, word) in pairs {
        to.push_str(word);
        to.push(' ');
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_come_in_the_order_of_their_numbers() {
        let mut line = String::new();
        words("share 1 of 3\n   1 academic  3 acne\n   2 acid      4 acquire\nkeep it\n", &mut line);
        assert_eq!(line, "academic acid acne acquire ");
    }
}
