//! The tables of `src/words/text/character_table.rs`, generated again from Unicode libraries. With `KEYFERRY_BLESS=1`, this test writes
//! them.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic)]

use std::fs;
use std::path::Path;

use keyferry_core::text::is_deceptive;
use keyferry_core::{CeremonyPlan, Control, Explain, NoteText, PersonName};
use regex_syntax::hir::{Class, HirKind};
use unicode_normalization::{IsNormalized, UNICODE_VERSION, is_nfkc_quick};

/// The deceptive characters as `src/words/text.rs` describes them, as a character class for `regex-syntax`,
/// which has Unicode 16.0.0.
const DECEPTIVE: &str = r"[\p{Cc}\p{Cf}\p{Co}\p{Cn}\p{Zl}\p{Zp}\p{Zs}\p{Default_Ignorable_Code_Point}\p{Variation_Selector}\x{2800}\x{FFFC}\x{13441}\x{13442}\x{16FE4}\x{1D159}--[\x{20}\x{3000}]]";

/// Marks that compose with the letter before them: combining diacritical marks, conjoining jamo, the voiced sounds of kana.
const COMPOSING: &[(u32, u32)] = &[(0x300, 0x36f), (0x1161, 0x1175), (0x11a8, 0x11c2), (0x3099, 0x309a)];

/// Marks around, through or above a letter that no name needs, and the jamo of old Korean, which are drawn as a syllable when joined.
const DECORATING: &str = r"[\p{Me}\x{483}-\x{489}\x{20D0}-\x{20FF}\x{A960}-\x{A97F}\x{D7B0}-\x{D7FF}]";

fn deceptive() -> Vec<(u32, u32)> {
    set(DECEPTIVE)
}

fn set(class: &str) -> Vec<(u32, u32)> {
    let parsed = regex_syntax::parse(class).unwrap();
    let HirKind::Class(Class::Unicode(class)) = parsed.kind() else { panic!("not a set") };
    class.ranges().iter().map(|range| (range.start().into(), range.end().into())).collect()
}

/// For each code point, whether it is in a range.
fn marked(ranges: &[(u32, u32)]) -> Vec<bool> {
    let mut marked = vec![false; 0x11_0000];
    for (first, last) in ranges {
        marked[*first as usize..=*last as usize].fill(true);
    }
    marked
}

fn twins() -> Vec<(u32, u32)> {
    let (deceptive, composing) = (marked(&deceptive()), marked(COMPOSING));
    let decorating = marked(&set(DECORATING));
    let ours = |c: char| matches!(c, '\u{3000}' | '\u{ff01}'..='\u{ff5e}') || deceptive[c as usize];
    let composes = |c: char| composing[c as usize];
    let twin = |c: &char| {
        let compatible = is_nfkc_quick(core::iter::once(*c)) == IsNormalized::No;
        !ours(*c) && (compatible || composes(*c) || decorating[*c as usize])
    };
    let mut ranges: Vec<(u32, u32)> = Vec::new();
    for code in ('\0'..=char::MAX).filter(twin).map(u32::from) {
        match ranges.last_mut() {
            Some((_, last)) if *last + 1 == code => *last = code,
            _ => ranges.push((code, code)),
        }
    }
    ranges
}

fn table(name: &str, about: &str, ranges: &[(u32, u32)]) -> String {
    let rows = ranges.chunks(6).map(|row| {
        let row: Vec<_> = row.iter().map(|(first, last)| format!("(0x{first:x}, 0x{last:x}),")).collect();
        format!("    {}\n", row.join(" "))
    });
    let rows: String = rows.collect();
    format!("\n/// {about}\n#[rustfmt::skip]\npub(super) const {name}: &[(u32, u32)] = &[\n{rows}];\n")
}

#[test]
fn the_tables_are_those_of_unicode_16() {
    assert_eq!(UNICODE_VERSION, (16, 0, 0));
    let made = [
        "//! Ranges of characters, first and last, for Unicode 16.0.0. Written by `tests/characters.rs` with `KEYFERRY_BLESS=1`: do not edit.\n"
            .to_owned(),
        table("DECEPTIVE", "Characters that a reader could miss or be misled by.", &deceptive()),
        table("TWINS", "Further characters that a name may not have, because it could then be spelled in another way.", &twins()),
    ]
    .concat();
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/words/text/character_table.rs");
    if std::env::var("KEYFERRY_BLESS").is_ok() {
        fs::write(&file, &made).unwrap();
    }
    assert!(
        fs::read_to_string(&file).unwrap() == made,
        "write src/words/text/character_table.rs with KEYFERRY_BLESS=1"
    );
    // The search in the tables agrees with the library, character by character.
    let all = marked(&deceptive());
    let differing = ('\0'..=char::MAX).find(|c| is_deceptive(*c) != all[*c as usize]);
    assert_eq!(differing, None);
}

/// Inserted between two letters: characters that an editor hides, or that change the order on the screen. The first row
/// was published as "Trojan Source".
const FOUND: &str = "\u{202a}\u{202b}\u{202c}\u{202d}\u{202e}\u{2066}\u{2067}\u{2068}\u{2069}\u{200e}\u{200f}\u{61c}\
    \u{200b}\u{200c}\u{200d}\u{2060}\u{2061}\u{2064}\u{ad}\u{180e}\u{feff}\u{fff9}\u{fffb}\
    \u{115f}\u{1160}\u{3164}\u{ffa0}\u{34f}\u{17b4}\u{17b5}\u{2800}\u{fffc}\u{1d159}\
    \u{e0001}\u{e0041}\u{e007f}\u{fe00}\u{fe0f}\u{e0100}\u{180b}\
    \u{a0}\u{1680}\u{2000}\u{2009}\u{202f}\u{205f}\u{2028}\u{2029}\
    \u{85}\u{8}\u{b}\u{c}\u{1b}\u{7f}\u{9b}\u{e000}\u{f8ff}\u{f0000}\u{378}\u{ffff}\u{10ffff}";

const PLAN: &str = r#"format = "keyferry/plan/2"
ceremony = "characters"
purpose = "production"
place = "room 4711, 上海"
[[participant]]
name = "Ada"
role = "operator"
[[participant]]
name = "王·小明"
role = "witness"
[[key]]
alias = "one"
provider = "tencent"
region = "ap-singapore"
valid_to = "never"
[backup]
scheme = "none"
reason = "nothingto lose"
[[posture.waive]]
check = "no-swap"
reason = "an old desk"
[[thing]]
name = "seal"
identifier = "4711"
# the end
"#;

/// The text of the plan's refusal, its line, and the control.
fn refused(text: &str) -> (String, Control) {
    let error = CeremonyPlan::parse(text.as_bytes()).unwrap_err();
    (error.what().en, error.control())
}

#[test]
fn no_plan_holds_a_deceptive_character() {
    CeremonyPlan::parse(PLAN.as_bytes()).unwrap();
    let places = [
        ("comment", "the end", 25),
        ("key", "purpose", 3),
        ("header", "participant", 5),
        ("value", "production", 3),
        ("place", "room", 4),
        ("name", "Ada", 6),
        ("reason", "nothing", 18),
        ("waiver", "old", 21),
        ("thing", "seal", 23),
    ];
    let mut counted = 0;
    for c in FOUND.chars() {
        for (place, text, line) in places {
            let split = text.char_indices().nth(1).unwrap().0;
            let with = format!("{}{c}{}", &text[..split], &text[split..]);
            let (what, control) = refused(&PLAN.replacen(text, &with, 1));
            assert_eq!(control, Control::PLAN_FIELD, "{place} U+{:04X}", u32::from(c));
            let named = format!("line {line} of the plan holds U+{:04X}", u32::from(c));
            assert!(what.contains(&named), "{place}: {what}");
            counted += 1;
        }
    }
    assert_eq!(counted, FOUND.chars().count() * 9);
    // Some editors treat a lone carriage return as the end of a line.
    assert!(refused(&PLAN.replacen("the end", "the\rend", 1)).0.contains("line 25 of the plan holds U+000D"));
    CeremonyPlan::parse(PLAN.replace('\n', "\r\n").as_bytes()).unwrap();
}

/// Escapes could produce the same texts.
#[test]
fn no_escape_spells_a_deceptive_character() {
    let escaped = |c: char| format!("\\U{:08x}", u32::from(c));
    let texts = ["room", "Ada", "nothing", "an old", "seal", "production", "tencent", "one", "never"];
    for c in FOUND.chars().chain("\n\r\t".chars()) {
        for text in texts {
            let with = format!("\"{}{}{}", &text[..1], escaped(c), &text[1..]);
            let edited = PLAN.replacen(&format!("\"{text}"), &with, 1);
            assert_ne!(edited, PLAN, "{text}");
            let (what, _) = refused(&edited);
            assert!(!what.chars().any(is_deceptive), "{what:?}");
        }
        let (what, control) = refused(&PLAN.replacen("purpose", &format!("\"purpos{}e\"", escaped(c)), 1));
        assert!(what.contains("line 3") && what.contains("an escape in a name"), "{what}");
        assert_eq!(control, Control::PLAN_FIELD);
    }
    // An escape is not allowed even for a letter.
    assert!(refused(&PLAN.replacen("purpose", "\"purp\\u006fse\"", 1)).0.contains("an escape in a name"));
}

#[test]
fn no_name_and_no_note_holds_one() {
    for c in FOUND.chars() {
        for text in [format!("A{c}da"), format!("{c}Ada"), format!("Ada{c}")] {
            let code = format!("found U+{:04X}", u32::from(c));
            let name = text.parse::<PersonName>().unwrap_err().to_string();
            let note = text.parse::<NoteText>().unwrap_err().to_string();
            assert!(name.contains(&code) && note.contains(&code), "{name}; {note}");
        }
    }
    for c in "\u{20dd}\u{20d0}\u{20ff}\u{483}\u{489}\u{1abe}\u{a672}\u{a960}\u{a97c}\u{d7b0}\u{d7fb}".chars()
    {
        assert!(format!("A{c}da").parse::<PersonName>().is_err(), "U+{:04X}", u32::from(c));
    }
    for good in ["王小明·阿里", "封条　4711 已破损，已更换。", "a – b “c” … 5 °C, ½ — é", "e\u{301}", "Ａ"]
    {
        assert!(good.parse::<NoteText>().is_ok(), "{good}");
    }
}
