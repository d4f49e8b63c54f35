//! The 24 words of a digest for people to compare: numbered, four on a line, with one block for each language under its
//! name.
//!
//! If the window has room, two languages are shown side by side, so that people who read different languages look at the same line.
//! The layout is the same at every station and in every language of the screen.

use keyferry_core::{Fingerprint, Lang};

use crate::columns::{padded, width};

/// Number of words on a line, if the window has room for them.
const IN_LINE: usize = 4;
/// The space before every line and between two blocks.
const INDENT: &str = "  ";
const BETWEEN: &str = "   ";

/// The lines of all blocks.
pub(super) fn block(digest: &Fingerprint, languages: &[Lang], columns: usize) -> Vec<String> {
    let room = columns.saturating_sub(INDENT.len());
    let blocks: Vec<Vec<String>> = languages.iter().map(|lang| one(digest, *lang, room)).collect();
    let blocks = match blocks.as_slice() {
        [left, right] if left.len() == right.len() => {
            let wide = languages.first().map_or(0, |lang| IN_LINE * cell(*lang) - 1);
            let beside = |(l, r): (&String, &String)| format!("{}{BETWEEN}{r}", padded(l, wide));
            let together: Vec<String> = left.iter().zip(right).map(beside).collect();
            if together.iter().all(|line| width(line) <= room) { vec![together] } else { blocks }
        }
        _ => blocks,
    };
    blocks.concat().iter().map(|line| format!("{INDENT}{line}")).collect()
}

/// The width of a number, a space, the longest word and a space.
const fn cell(lang: Lang) -> usize {
    match lang {
        Lang::En => 2 + 1 + 8 + 1,
        Lang::Zh => 2 + 1 + 2 + 1,
    }
}

/// The block of one language: its name, then its words.
fn one(digest: &Fingerprint, lang: Lang, room: usize) -> Vec<String> {
    let cell = cell(lang);
    let in_line = (1..=IN_LINE).rev().find(|n| 24 % n == 0 && n * cell - 1 <= room).unwrap_or(1);
    let cells: Vec<String> =
        (1..).zip(digest.words(lang)).map(|(n, word)| padded(&format!("{n:>2} {word}"), cell)).collect();
    let lines = cells.chunks(in_line).map(|cells| cells.concat().trim_end().to_owned());
    core::iter::once(lang.name().to_owned()).chain(lines).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn numbered(lines: &[String]) -> Vec<(usize, String)> {
        let tokens: Vec<&str> = lines.iter().flat_map(|l| l.split_whitespace()).collect();
        let pairs = tokens.windows(2).filter_map(|pair| Some((pair[0].parse().ok()?, pair[1].to_owned())));
        pairs.collect()
    }

    #[test]
    fn both_languages_stand_side_by_side_in_a_usual_window() {
        let digest = Fingerprint::of(b"abc");
        let lines = block(&digest, &Lang::BOTH, 79);
        assert_eq!(lines.len(), 7);
        assert!(lines[0].starts_with("  English ") && lines[0].ends_with(" 简体中文"), "{}", lines[0]);
        let [en, zh] = Lang::BOTH.map(|lang| digest.words(lang));
        for (n, line) in lines.iter().skip(1).enumerate() {
            let first = 4 * n;
            let side = |words: &[&'static str]| {
                (first..first + 4).map(|n| format!("{} {}", n + 1, words[n])).collect::<Vec<_>>()
            };
            let found: Vec<&str> = line.split_whitespace().collect();
            assert_eq!(found.join(" "), [side(&en), side(&zh)].concat().join(" "));
        }
    }

    #[test]
    fn every_word_has_its_number_in_every_window() {
        for columns in [20, 40, 59, 74, 79, 200] {
            for (n, languages) in [&Lang::BOTH[..], &[Lang::En], &[Lang::Zh]].into_iter().enumerate() {
                for digest in (0..20u8).map(|n| Fingerprint::of(&[n])) {
                    let lines = block(&digest, languages, columns);
                    assert!(lines.iter().all(|l| width(l) <= columns), "{columns}: {lines:?}");
                    let mut found = numbered(&lines);
                    assert_eq!(found.len(), 24 * languages.len(), "{n}");
                    found.sort();
                    let mut expected: Vec<(usize, String)> = languages
                        .iter()
                        .flat_map(|l| (1..).zip(digest.words(*l)).map(|(n, w)| (n, w.to_owned())))
                        .collect();
                    expected.sort();
                    assert_eq!(found, expected);
                }
            }
        }
    }
}
