//! What a set still needs, in words for people.

use core::fmt;

use keyferry_core::{Bilingual, bi};

/// What is still needed before the secret can be recovered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Missing {
    /// Groups that were begun but lack shares.
    pub groups: Vec<GroupMissing>,
    /// How many further groups are needed, with all their shares.
    pub more_groups: usize,
    /// Whether there is more than one group, so the text has to name groups.
    pub grouped: bool,
    pub(super) begun: bool,
}

/// A group that lacks shares.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct GroupMissing {
    /// Its index, from 0; people count from 1.
    pub group_index: u8,
    /// Shares that were taken.
    pub have: usize,
    /// Shares that are still needed.
    pub more: usize,
}

impl Missing {
    /// The state before the first share, when the numbers are unknown.
    pub(super) const fn everything() -> Self {
        Self { groups: Vec::new(), more_groups: 1, grouped: false, begun: false }
    }

    /// Whether the secret can be recovered.
    #[must_use]
    pub fn is_nothing(&self) -> bool {
        self.groups.is_empty() && self.more_groups == 0
    }

    /// One line: "2 more shares of group 1, and 1 more group".
    #[must_use]
    pub fn text(&self) -> Bilingual {
        if !self.begun {
            return bi!("every share: none has been given yet", "全部分片：尚未输入任何分片");
        }
        if self.is_nothing() {
            return bi!("nothing more", "不再需要任何分片");
        }
        let mut parts: Vec<Bilingual> = self.groups.iter().map(|g| g.text(self.grouped)).collect();
        match self.more_groups {
            0 => {}
            1 => parts.push(bi!("the shares of 1 more group", "另外 1 组的分片")),
            n => parts.push(bi!("the shares of {n} more groups", "另外 {n} 组的分片")),
        }
        let (en, zh): (Vec<String>, Vec<String>) = parts.into_iter().map(|p| (p.en, p.zh)).unzip();
        Bilingual { en: en.join(", and "), zh: zh.join("，以及") }
    }
}

impl GroupMissing {
    fn text(&self, grouped: bool) -> Bilingual {
        let (group, more) = (self.group_index + 1, self.more);
        let share = if more == 1 { "share" } else { "shares" };
        if grouped {
            bi!("{more} more {share} of group {group}", "第 {group} 组还需 {more} 个分片")
        } else {
            bi!("{more} more {share}", "还需 {more} 个分片")
        }
    }
}

impl fmt::Display for Missing {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.text().en)
    }
}
