//! Comparing words as people do: what one station showed against what the other shows.

use keyferry_core::Fingerprint;

/// Between two words.
const BETWEEN: &str = " · ";
/// Words on one row.
const ROW: usize = 8;

/// Every digest that a station's text shows in words, in order.
pub(super) fn shown(text: &str) -> Vec<Fingerprint> {
    let mut found = Vec::new();
    let mut words: Vec<&str> = Vec::new();
    for line in text.lines() {
        match row(line) {
            Some(mut eight) => words.append(&mut eight),
            None => words.clear(),
        }
        if words.len() == 3 * ROW {
            found.extend(Fingerprint::parse_typed(&words.join(BETWEEN)).ok());
            words.clear();
        }
    }
    found
}

/// The eight words of a row, without its label.
fn row(line: &str) -> Option<Vec<&str>> {
    let words: Option<Vec<&str>> = line.split(BETWEEN).map(|w| w.split_whitespace().next_back()).collect();
    words.filter(|w| w.len() == ROW)
}

#[cfg(test)]
mod tests {
    use keyferry_core::Lang;

    use super::*;

    #[test]
    fn words_are_found_among_other_text() {
        let digests = [Fingerprint::of(b"a"), Fingerprint::of(b"b")];
        for lang in [Lang::En, Lang::Zh] {
            let mut text = String::from("keyferry-online 1.0\n  key  a · b\n");
            for digest in digests {
                text += &format!("  digest       {}\n", digest.grouped());
                for (n, words) in digest.words(lang).chunks(8).enumerate() {
                    text += &format!("  {:<12} {}\n", if n == 0 { "words" } else { "" }, words.join(BETWEEN));
                }
            }
            assert_eq!(shown(&text), digests);
            let one_row_less: Vec<&str> = text.lines().take(5).collect();
            assert!(shown(&one_row_less.join("\n")).is_empty());
        }
    }
}
