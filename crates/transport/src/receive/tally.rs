//! Counts ignored lines by class, for people who wonder why the transfer takes so long.

use keyferry_core::{Bilingual, bi};
use serde_json::{Value, json};

use crate::frame::{FrameError, Ignored};

/// How many lines had each effect, without empty lines.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Tally {
    /// Frames that were accepted.
    pub taken: u64,
    /// Frames with a wrong checksum.
    pub damaged: u64,
    /// Lines that are not frames: other symbols, other text, or lines that are too long.
    pub foreign: u64,
    /// Frames that were seen before or belong to a completed file.
    pub repeated: u64,
    /// Forged frames, which contradict the others or the digest, or form a file that is not one of those that
    /// cross.
    pub inconsistent: u64,
    /// Frames of a file that is longer than any that crosses.
    pub too_large: u64,
}

impl Tally {
    /// Counts one more ignored line.
    pub(super) const fn pass_over(&mut self, why: Ignored) {
        match why {
            Ignored::Damaged(FrameError::Checksum) => self.damaged += 1,
            Ignored::Damaged(_) => self.foreign += 1,
            Ignored::TooLarge => self.too_large += 1,
            Ignored::Duplicate | Ignored::Finished => self.repeated += 1,
            Ignored::Inconsistent | Ignored::Unexpected => self.inconsistent += 1,
        }
    }

    /// How many lines were ignored.
    #[must_use]
    pub const fn passed_over(&self) -> u64 {
        self.damaged + self.foreign + self.repeated + self.inconsistent + self.too_large
    }

    /// Text such as `3 ignored (2 seen before, 1 damaged)`; empty if no line was ignored.
    #[must_use]
    pub fn describe(&self) -> Bilingual {
        let classes = [
            (self.repeated, "seen before", "重复"),
            (self.damaged, "damaged", "损坏"),
            (self.foreign, "no frames", "不是帧"),
            (self.inconsistent, "inconsistent", "不一致"),
            (self.too_large, "too long a file", "文件过长"),
        ];
        let (mut en, mut zh) = (Vec::new(), Vec::new());
        for (n, english, chinese) in classes.into_iter().filter(|(n, ..)| *n > 0) {
            en.push(format!("{n} {english}"));
            zh.push(format!("{chinese} {n}"));
        }
        if en.is_empty() {
            return bi!("", "");
        }
        let (total, en, zh) = (self.passed_over(), en.join(", "), zh.join("，"));
        bi!("{total} ignored ({en})", "略过 {total}（{zh}）")
    }

    /// The separator between other text and [`describe`](Self::describe); it is empty if that text is empty.
    #[must_use]
    pub fn lead(&self) -> Bilingual {
        if self.passed_over() > 0 { bi!("; ", "；") } else { bi!("", "") }
    }

    /// The counts in JSON.
    #[must_use]
    pub fn to_json(&self) -> Value {
        json!({
            "taken": self.taken, "damaged": self.damaged, "foreign": self.foreign, "repeated": self.repeated,
            "inconsistent": self.inconsistent, "too_large": self.too_large,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_class_is_counted_and_named_once() {
        let mut tally = Tally::default();
        assert_eq!(tally.describe(), bi!("", ""));
        tally.pass_over(Ignored::Damaged(FrameError::Checksum));
        tally.pass_over(Ignored::Damaged(FrameError::Version(2)));
        tally.pass_over(Ignored::Duplicate);
        tally.pass_over(Ignored::Finished);
        tally.pass_over(Ignored::Inconsistent);
        tally.pass_over(Ignored::TooLarge);
        assert_eq!(
            tally.describe().en,
            "6 ignored (2 seen before, 1 damaged, 1 no frames, 1 inconsistent, 1 too long a file)"
        );
        assert_eq!(tally.describe().zh, "略过 6（重复 2，损坏 1，不是帧 1，不一致 1，文件过长 1）");
    }
}
