//! Compares words as people do: those that one station showed with those that the other shows.

use keyferry_core::Fingerprint;

/// Number of words in a digest.
const ALL: usize = 24;

/// Every digest that a station's text shows in words, in order; a digest shown in two languages
/// counts once.
pub(super) fn shown(text: &str) -> Vec<Fingerprint> {
    let mut found: Vec<Fingerprint> = Vec::new();
    let (mut english, mut chinese) = (Vec::new(), Vec::new());
    for line in text.lines() {
        let Some(cells) = cells(line) else { continue };
        for (number, word) in cells {
            let words: &mut Vec<&str> = if word.is_ascii() { &mut english } else { &mut chinese };
            if number != words.len() + 1 {
                words.clear();
            }
            if number == words.len() + 1 {
                words.push(word);
            }
        }
        for words in [&mut english, &mut chinese] {
            if words.len() >= ALL {
                let digest = Fingerprint::parse_typed(&words.join(" ")).ok();
                found.extend(digest.filter(|digest| found.last() != Some(digest)));
                words.clear();
            }
        }
    }
    found
}

/// Whether the text shows this digest in hex, however it is divided.
pub(super) fn has_hex(text: &str, digest: &Fingerprint) -> bool {
    text.split_whitespace().collect::<String>().contains(&digest.to_string())
}

/// The numbered words of a line that contains nothing else.
fn cells(line: &str) -> Option<Vec<(usize, &str)>> {
    let tokens: Vec<&str> = line.split_whitespace().collect();
    let pair = |pair: &[&'_ str]| matches!(pair, [number, _] if number.parse::<usize>().is_ok_and(|n| (1..=ALL).contains(&n)));
    let all = !tokens.is_empty() && tokens.chunks(2).all(pair);
    all.then(|| tokens.chunks(2).filter_map(|c| Some((c.first()?.parse().ok()?, *c.get(1)?))).collect())
}

#[cfg(test)]
mod tests {
    use keyferry_core::Lang;

    use super::*;

    /// A digest as a station shows it; with `both`, the two languages side by side.
    fn block(digest: Fingerprint, languages: &[Lang]) -> String {
        let row = |n: usize, lang: Lang| {
            let words = digest.words(lang);
            let cells = (4 * n..4 * n + 4).map(|at| format!("{:>2} {:<9}", at + 1, words[at]));
            cells.collect::<String>()
        };
        let rows = (0..6).map(|n| languages.iter().map(|lang| row(n, *lang)).collect::<String>());
        rows.fold("  English    简体中文\n".to_owned(), |text, row| format!("{text}  {row}\n"))
    }

    #[test]
    fn words_are_found_among_other_text() {
        let digests = [Fingerprint::of(b"a"), Fingerprint::of(b"b")];
        for languages in [&[Lang::En][..], &[Lang::Zh], &Lang::BOTH] {
            let mut text = String::from("keyferry-online 1.0\n  key  a  b\n");
            for digest in digests {
                text += &format!("  digest       {}\n{}", digest.grouped(), block(digest, languages));
            }
            assert_eq!(shown(&text), digests);
            let one_row_less: Vec<&str> = text.lines().take(9).collect();
            assert!(shown(&one_row_less.join("\n")).is_empty());
            assert_eq!(shown(&text.replace(" 7 ", " 8 ")), []);
        }
    }
}
