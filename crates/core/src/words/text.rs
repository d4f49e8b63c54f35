//! Characters that a person cannot see, or that make a line look different from what a program reads.
//!
//! Two tables of ranges for Unicode 16.0.0 decide. `tests/characters.rs` writes them and compares them with Unicode libraries,
//! which are not part of any program. The list of deceptive characters consists of:
//!
//! * the general categories Cc, Cf, Co, Cn, Zl and Zp, and Zs except U+0020 and U+3000: control characters, text directions, private
//!   and unassigned characters, line ends, spaces that look like U+0020 or have no width (U+3000 is a wide space that Chinese
//!   keyboards type),
//! * everything with the property `Default_Ignorable_Code_Point` or `Variation_Selector`: fillers, joiners, tags,
//! * characters that are drawn as nothing: U+2800, U+FFFC, U+13441, U+13442, U+16FE4, U+1D159.

use serde::{Deserialize, Deserializer, de::Error};

mod character_table;

/// Whether a reader could miss this character or be misled by it. Tabs and line ends count, too; a caller that allows them makes
/// the exception.
///
/// # Examples
/// ```
/// use keyferry_core::text::is_deceptive;
///
/// assert!(is_deceptive('\u{202e}') && is_deceptive('\u{200b}') && is_deceptive('\u{a0}'));
/// assert!(!is_deceptive('密') && !is_deceptive('·') && !is_deceptive(' '));
/// ```
#[must_use]
pub fn is_deceptive(c: char) -> bool {
    holds(character_table::DECEPTIVE, c)
}

/// Whether a name with this character could have another spelling that looks the same: the character has a compatibility form
/// (`NFKC_Quick_Check=No`), or it is a mark that Unicode composes with the letter before it, an enclosing mark, a mark for symbols, or a
/// jamo of old Korean. Full-width ASCII and U+3000 are excluded, because [`folded`] handles them.
pub(crate) fn has_twin(c: char) -> bool {
    holds(character_table::TWINS, c)
}

/// A form that two spellings of one name have in common: without white space, in lower case with ß as ss, full-width
/// ASCII as ASCII.
pub(crate) fn folded(name: &str) -> String {
    let letters = name.chars().filter(|c| !c.is_whitespace()).map(narrow).flat_map(char::to_lowercase);
    letters.collect::<String>().replace('ß', "ss")
}

/// Full-width ASCII as ASCII.
fn narrow(c: char) -> char {
    let narrowed = matches!(c, '\u{ff01}'..='\u{ff5e}').then(|| char::from_u32(u32::from(c) - 0xfee0));
    narrowed.flatten().unwrap_or(c)
}

/// The number, from 1, of each line with a deceptive character, and the first such character in it. Tabs, and line ends of Unix and
/// Windows, are allowed.
pub(crate) fn deceptive(text: &str) -> impl Iterator<Item = (usize, char)> {
    text.split('\n').enumerate().filter_map(|(n, line)| {
        let line = line.strip_suffix('\r').unwrap_or(line);
        line.chars().find(|c| *c != '\t' && is_deceptive(*c)).map(|c| (n + 1, c))
    })
}

/// Deserializes a string and refuses deceptive characters, which a file could contain as escapes.
pub(crate) fn visible<'de, D: Deserializer<'de>>(d: D) -> Result<String, D::Error> {
    let text = String::deserialize(d)?;
    match text.chars().find(|c| is_deceptive(*c)) {
        None => Ok(text),
        Some(c) => Err(D::Error::custom(format!(
            "expected one line of visible characters; found U+{:04X}",
            u32::from(c)
        ))),
    }
}

fn holds(ranges: &[(u32, u32)], c: char) -> bool {
    let code = u32::from(c);
    let after = ranges.partition_point(|(first, _)| *first <= code);
    after.checked_sub(1).and_then(|at| ranges.get(at)).is_some_and(|(_, last)| code <= *last)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spellings_of_one_name_fold_to_one_text() {
        for other in ["ada  moss", "ＡＤＡ Moss", "Ada\u{3000}Moss", "AdaMoss"] {
            assert_eq!(folded(other), folded("Ada Moss"), "{other}");
        }
        assert_ne!(folded("Ada Mess"), folded("Ada Moss"));
        assert_eq!(folded("王小明（财务）"), folded("王小明(财务)"));
    }

    #[test]
    fn the_first_one_is_found_on_its_line() {
        assert_eq!(deceptive("a\tb\r\nc\n").next(), None);
        assert_eq!(deceptive("a\nb\u{85}c\u{202e}").next(), Some((2, '\u{85}')));
        assert_eq!(deceptive("a\rb").next(), Some((1, '\r')));
        // The reader of the line reports a carriage return at the very end without a line feed.
        assert_eq!(deceptive("a\r").next(), None);
    }
}
