//! Guesses which known word a mistyped one was meant to be.

/// Longest word that is compared, in characters.
const LONGEST: usize = 64;

/// The closest candidate, if it differs in at most a third of its letters and no other is equally close.
pub(super) fn near<'c>(found: &str, candidates: impl IntoIterator<Item = &'c str>) -> Option<&'c str> {
    if found.chars().count() > LONGEST {
        return None;
    }
    let found = plain(found);
    let measured = candidates.into_iter().map(|candidate| (distance(&found, &plain(candidate)), candidate));
    let mut near: Vec<_> = measured.filter(|(n, c)| *n <= (c.chars().count() / 3).max(1)).collect();
    near.sort_by_key(|(n, _)| *n);
    match near.as_slice() {
        [(first, _), (second, _), ..] if first == second => None,
        [(_, candidate), ..] => Some(candidate),
        [] => None,
    }
}

/// Only letters and digits, in lower case: to a person, `Ssh-Key` and `ssh_key` are the same.
fn plain(word: &str) -> Vec<char> {
    let letters = word.chars().filter(|c| !matches!(c, '-' | '_' | ' '));
    letters.flat_map(char::to_lowercase).collect()
}

/// The number of letters inserted, left out, changed, or swapped with their neighbour (optimal string
/// alignment distance).
fn distance(a: &[char], b: &[char]) -> usize {
    let mut before: Vec<usize> = Vec::new();
    let mut last: Vec<usize> = (0..=b.len()).collect();
    for (i, x) in a.iter().enumerate() {
        let mut row = vec![i + 1];
        for (j, y) in b.iter().enumerate() {
            let at = |row: &[usize], n: usize| row.get(n).copied().unwrap_or(usize::MAX / 2);
            let changed = at(&last, j) + usize::from(x != y);
            let mut least = changed.min(at(&last, j + 1) + 1).min(at(&row, j) + 1);
            let swapped = i.checked_sub(1).zip(j.checked_sub(1));
            if swapped.is_some_and(|(i, j)| a.get(i) == Some(y) && b.get(j) == Some(x)) {
                least = least.min(at(&before, j.wrapping_sub(1)) + 1);
            }
            row.push(least);
        }
        before = core::mem::replace(&mut last, row);
    }
    last.last().copied().unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::provider::sample_names::sample;

    #[test]
    fn what_was_meant() {
        let roles = ["operator", "witness", "custodian"];
        let regions = [sample!(region), sample!(other_region), "ap-shanghai", "ap-hongkong"];
        for (typed, known, meant) in [
            ("custodain", &roles[..], Some("custodian")),
            ("Witness", &roles, Some("witness")),
            ("witnes", &roles, Some("witness")),
            ("king", &roles, None),
            ("", &roles, None),
            ("threshhold", &["threshold", "shares"], Some("threshold")),
            ("ssh-key", &["ssh_key"], Some("ssh_key")),
            ("ap-sinqapore", &regions, Some("ap-singapore")),
            ("ap-singapur", &regions, Some("ap-singapore")),
            ("Singapore", &regions, Some("ap-singapore")),
            ("ap-tokyo", &regions, None),
            ("ac", &["ab", "ad"], None),
        ] {
            assert_eq!(near(typed, known.iter().copied()), meant, "{typed}");
        }
        assert_eq!(near(&"a".repeat(100_000), ["a"]), None);
        let letters = |word: &str| word.chars().collect::<Vec<_>>();
        for (a, b, n) in
            [("", "", 0), ("a", "", 1), ("ab", "ba", 1), ("abcd", "acbd", 1), ("kitten", "sitting", 3)]
        {
            assert_eq!(distance(&letters(a), &letters(b)), n, "{a} {b}");
            assert_eq!(distance(&letters(b), &letters(a)), n, "{b} {a}");
        }
    }
}
