//! Mistakes and forgeries. A control refuses each case with its own message in both languages, which quotes no word of a share
//! except the two that name its set.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic)]
#![allow(unreachable_pub, dead_code)]

mod support;

use std::collections::BTreeSet;
use std::convert::Infallible;

use keyferry_core::{Class, Explain};
use keyferry_slip39::completion::candidates;
use keyferry_slip39::*;
use support::*;

type Refusal = Box<dyn Explain>;

/// A share from vector 4, where two of three shares are needed.
const SHARE: &str = "shadow pistol academic always adequate wildlife fancy gross oasis cylinder mustang wrist rescue view short owner \
                     flip making coding armed";

fn words() -> Vec<String> {
    SHARE.split(' ').map(String::from).collect()
}

fn with(at: usize, word: &str) -> String {
    let mut words = words();
    words[at - 1] = word.into();
    words.join(" ")
}

fn parse(text: &str) -> Refusal {
    Box::new(Share::parse(text).expect_err("refused"))
}

/// Takes all shares except the last, which is refused.
fn add(shares: &[String]) -> Refusal {
    let (last, before) = shares.split_last().unwrap();
    let mut set = ShareSet::new();
    before.iter().for_each(|s| set.add(Share::parse(s).unwrap()).unwrap());
    let refused = set.add(Share::parse(last).unwrap()).expect_err("refused");
    assert_eq!(set.shares().len(), before.len(), "what was taken before stays");
    Box::new(refused)
}

fn combined(shares: &[String]) -> Refusal {
    let mut set = ShareSet::new();
    shares.iter().for_each(|s| set.add(Share::parse(s).unwrap()).unwrap());
    Box::new(set.combine(&Passphrase::default()).expect_err("refused"))
}

fn scheme(group_threshold: u8, groups: &[(u8, u8)]) -> Refusal {
    let groups: Vec<_> =
        groups.iter().map(|(threshold, count)| GroupSpec { threshold: *threshold, count: *count }).collect();
    Box::new(Scheme::new(group_threshold, &groups).expect_err("refused"))
}

fn passphrase(text: &str) -> Refusal {
    Box::new(Passphrase::new(text).expect_err("refused"))
}

fn secret(length: usize) -> Refusal {
    Box::new(Secret::from_bytes(&vec![1; length]).expect_err("refused"))
}

fn forged(edit: impl FnOnce(&mut Forged)) -> String {
    let mut share = Forged::default();
    edit(&mut share);
    share.text()
}

/// An edited second member of the group whose first member is `Forged::default`.
fn second(edit: impl FnOnce(&mut Forged)) -> Vec<String> {
    vec![
        forged(|_| ()),
        forged(|f| {
            f.nibbles[3] = 1;
            edit(f)
        }),
    ]
}

/// Shares of a scheme that needs two of three groups, each 2 of N: (group, member), from 0.
fn grouped(members: &[(u32, u32)]) -> Vec<String> {
    members.iter().map(|(g, m)| forged(|f| f.nibbles = [*g, 1, 2, *m, 1])).collect()
}

struct Stuck(u8);

impl rand_core::TryRng for Stuck {
    type Error = Infallible;
    fn try_next_u32(&mut self) -> Result<u32, Infallible> {
        Ok(4)
    }
    fn try_next_u64(&mut self) -> Result<u64, Infallible> {
        Ok(4)
    }
    /// A generator that returns the same bytes each time; they are all equal if the step is 0.
    fn try_fill_bytes(&mut self, dst: &mut [u8]) -> Result<(), Infallible> {
        (0u8..).zip(dst).for_each(|(n, b)| *b = n.wrapping_mul(self.0));
        Ok(())
    }
}

impl rand_core::TryCryptoRng for Stuck {}

fn stuck(step: u8) -> SplitError {
    let secret = Secret::from_bytes(&[1; 16]).unwrap();
    split(&secret, &Scheme::single(3, 5).unwrap(), &Passphrase::default(), &mut Stuck(step))
        .expect_err("refused")
}

fn many(count: usize, word: &str) -> String {
    vec![word; count].join(" ")
}

/// The cases: name, control, refusal.
fn cases() -> Vec<(&'static str, &'static str, Refusal)> {
    let mut swapped = words();
    swapped.swap(6, 7);
    let mut two_wrong = words();
    two_wrong.swap(2, 11);
    two_wrong.swap(4, 9);
    let other_set = forged(|f| f.identifier = 5);
    let second_half = |f: &mut Forged| f.value[5] = 9;
    vec![
        ("nothing", "KF-SHARE-01", parse("")),
        ("a novel", "KF-SHARE-02", parse(&"academic ".repeat(2000))),
        ("a word of another language", "KF-SHARE-01", parse(&with(3, "xylophon"))),
        ("a typo", "KF-SHARE-01", parse(&with(4, "alwyas"))),
        ("four letters", "KF-SHARE-01", parse(&with(5, "adeq"))),
        ("one letter", "KF-SHARE-01", parse(&with(6, "w"))),
        ("no space", "KF-SHARE-01", parse(&with(7, "fancygross"))),
        ("a numbered word", "KF-SHARE-01", parse(&with(8, "8.gross"))),
        ("a comma", "KF-SHARE-01", parse(&with(9, "oasis,"))),
        ("an input method left on", "KF-SHARE-01", parse(&with(10, "ｃｙｌｉｎｄｅｒ"))),
        ("one word left out", "KF-SHARE-02", parse(&words()[1..].join(" "))),
        ("one word twice", "KF-SHARE-02", parse(&format!("{SHARE} armed"))),
        ("a wallet's phrase", "KF-SHARE-02", parse(&many(24, "academic"))),
        ("two shares at once", "KF-SHARE-02", parse(&format!("{SHARE} {SHARE}"))),
        ("half a share", "KF-SHARE-02", parse(&words()[..10].join(" "))),
        ("26 words", "KF-SHARE-02", parse(&many(26, "academic"))),
        ("1,007 words", "KF-SHARE-02", parse(&many(1007, "academic"))),
        ("another word of the list", "KF-SHARE-03", parse(&with(13, "rebuild"))),
        ("two words exchanged", "KF-SHARE-03", parse(&swapped.join(" "))),
        ("several words wrong", "KF-SHARE-03", parse(&two_wrong.join(" "))),
        ("three shares at once", "KF-SHARE-03", parse(&format!("{SHARE} {SHARE} {SHARE}"))),
        ("bits before the value", "KF-SHARE-04", parse(&forged(|f| f.value[0] |= 512))),
        ("three of two groups", "KF-SHARE-04", parse(&forged(|f| f.nibbles = [0, 2, 1, 0, 0]))),
        ("the fifth of three groups", "KF-SHARE-04", parse(&forged(|f| f.nibbles = [4, 1, 2, 0, 0]))),
        ("a share of another set", "KF-SHARE-05", add(&[forged(|_| ()), other_set])),
        ("one extendable, one not", "KF-SHARE-05", add(&second(|f| f.extendable = true))),
        ("another iteration exponent", "KF-SHARE-05", add(&second(|f| f.exponent = 3))),
        (
            "another group threshold",
            "KF-SHARE-05",
            add(&[grouped(&[(0, 0)]).concat(), forged(|f| f.nibbles = [0, 0, 2, 1, 1])]),
        ),
        (
            "another number of groups",
            "KF-SHARE-05",
            add(&[grouped(&[(0, 0)]).concat(), forged(|f| f.nibbles = [0, 1, 3, 1, 1])]),
        ),
        ("a secret of another length", "KF-SHARE-05", add(&second(|f| f.value = vec![7; 26]))),
        ("another member threshold", "KF-SHARE-05", add(&second(|f| f.nibbles[4] = 2))),
        (
            "another member threshold in a group",
            "KF-SHARE-05",
            add(&[grouped(&[(1, 0)]).concat(), forged(|f| f.nibbles = [1, 1, 2, 1, 2])]),
        ),
        ("the same share twice", "KF-SHARE-06", add(&[forged(|_| ()), forged(|_| ())])),
        ("the same share of a group twice", "KF-SHARE-06", add(&grouped(&[(2, 5), (2, 5)]))),
        ("two shares of one number", "KF-SHARE-06", add(&[forged(|_| ()), forged(second_half)])),
        (
            "two shares of one number in a group",
            "KF-SHARE-06",
            add(&[
                grouped(&[(1, 2)]).concat(),
                forged(|f| {
                    f.nibbles = [1, 1, 2, 2, 1];
                    second_half(f)
                }),
            ]),
        ),
        ("a third share of a group of two", "KF-SHARE-06", add(&grouped(&[(0, 0), (0, 1), (0, 2)]))),
        ("a third group where two are enough", "KF-SHARE-06", add(&grouped(&[(0, 0), (1, 0), (2, 0)]))),
        (
            "more than enough",
            "KF-SHARE-06",
            add(&[second(|_| ()), vec![forged(|f| f.nibbles[3] = 2)]].concat()),
        ),
        ("more than enough groups", "KF-SHARE-06", add(&grouped(&[(0, 0), (0, 1), (1, 0), (1, 1), (2, 0)]))),
        ("no share at all", "KF-SHARE-07", combined(&[])),
        ("one of two shares", "KF-SHARE-07", combined(&[forged(|_| ())])),
        ("one of four shares", "KF-SHARE-07", combined(&[forged(|f| f.nibbles[4] = 3)])),
        ("one of two groups", "KF-SHARE-07", combined(&grouped(&[(0, 0), (0, 1)]))),
        ("two groups, one not whole", "KF-SHARE-07", combined(&grouped(&[(0, 0), (0, 1), (2, 0)]))),
        ("half a group", "KF-SHARE-07", combined(&grouped(&[(1, 0)]))),
        ("a forged share", "KF-SHARE-08", combined(&second(second_half))),
        ("a forged share in a group", "KF-SHARE-08", combined(&grouped(&[(0, 0), (0, 1), (1, 0), (1, 1)]))),
        ("no group", "KF-SHARE-09", scheme(1, &[])),
        ("17 groups", "KF-SHARE-09", scheme(1, &[(1, 1); 17])),
        ("no group needed", "KF-SHARE-09", scheme(0, &[(1, 1)])),
        ("two of one group", "KF-SHARE-09", scheme(2, &[(1, 1)])),
        ("a group of none", "KF-SHARE-09", scheme(1, &[(1, 1), (0, 0)])),
        ("a group of 17", "KF-SHARE-09", scheme(1, &[(2, 17)])),
        ("none of three", "KF-SHARE-09", scheme(1, &[(0, 3)])),
        ("four of three", "KF-SHARE-09", scheme(1, &[(4, 3)])),
        ("one of three", "KF-SHARE-09", scheme(1, &[(1, 3)])),
        (
            "an exponent of 16",
            "KF-SHARE-09",
            Box::new(Scheme::single(2, 3).unwrap().with_iteration_exponent(16).unwrap_err()),
        ),
        ("a passphrase with its line break", "KF-SHARE-10", passphrase("correct horse\n")),
        ("a passphrase with a tab", "KF-SHARE-10", passphrase("correct\thorse")),
        ("a Chinese passphrase", "KF-SHARE-10", passphrase("口令")),
        ("a passphrase without end", "KF-SHARE-10", passphrase(&"x".repeat(1025))),
        ("a secret of 14 bytes", "KF-SHARE-11", secret(14)),
        ("a secret of 15 bytes", "KF-SHARE-11", secret(15)),
        ("a secret of 17 bytes", "KF-SHARE-11", secret(17)),
        ("a secret of 2,000 bytes", "KF-SHARE-11", secret(2000)),
        ("a generator that is stuck", "KF-MAT-03", Box::new(stuck(0))),
        // No input can cause this, only a machine that computes wrongly. Only the text is tested here; the tests of `split`
        // show that the fault is detected.
        ("a machine that computes wrongly", "KF-SHARE-12", Box::new(SplitError::NotProved)),
    ]
}

#[test]
fn each_mistake_has_its_control_and_its_own_words() {
    let cases = cases();
    let (mut english, mut chinese, mut names) = (BTreeSet::new(), BTreeSet::new(), BTreeSet::new());
    for (name, control, refusal) in &cases {
        let (what, hint) = (refusal.what(), refusal.hint());
        assert_eq!(refusal.control().id(), *control, "{name}: {}", what.en);
        assert_eq!(refusal.class(), Class::Refused);
        assert!(names.insert(name));
        assert!(english.insert(what.en.clone()), "{name} says what another case says: {}", what.en);
        assert!(chinese.insert(what.zh.clone()), "{name} says what another case says: {}", what.zh);
        for text in [&what, &hint] {
            assert!(!text.en.is_empty() && text.en.is_ascii(), "{name}: {}", text.en);
            assert!(text.zh.chars().any(|c| ('\u{4e00}'..='\u{9fff}').contains(&c)), "{name}: {}", text.zh);
        }
    }
    assert!(cases.len() >= 60, "{}", cases.len());
}

#[test]
fn a_generator_that_repeats_itself_is_refused() {
    assert_eq!(stuck(1), SplitError::Entropy);
}

#[test]
fn no_word_of_a_share_is_quoted() {
    for (name, _, refusal) in cases() {
        let said = format!("{} {}", refusal.what().en, refusal.hint().en);
        let quoted: Vec<&str> = said.split('"').skip(1).step_by(2).collect();
        for pair in &quoted {
            let words: Vec<&str> = pair.split(' ').collect();
            assert!(
                words.len() == 2 && words.iter().all(|w| candidates(w).any(|c| c == *w)),
                "{name}: {pair}"
            );
        }
        let unquoted: Vec<&str> = said.split('"').step_by(2).collect();
        // The "short" in "too short" describes a secret; it does not quote a word.
        for word in words().into_iter().filter(|w| w != "short") {
            let told = unquoted.iter().any(|s| s.split(|c: char| !c.is_alphabetic()).any(|w| w == word));
            assert!(!told, "{name} quotes {word}: {said}");
        }
    }
}

#[test]
fn the_wrong_word_is_pointed_at_and_no_correction_offered() {
    for at in 1..=20 {
        for (word, expected) in [("decision", format!("word {at}")), ("qqqqqq", format!("word {at} "))] {
            let refusal = Share::parse(&with(at, word)).unwrap_err();
            assert!(refusal.to_string().contains(&expected), "{at}: {refusal}");
        }
    }
    let refusal = Share::parse(&with(13, "rebuild")).unwrap_err();
    assert_eq!(refusal.to_string(), "the checksum is wrong; if a single word is wrong, it is word 13");
    assert_eq!(completion::suggest("alwyas"), ["always"]);
}

#[test]
fn debug_shows_no_value() {
    let share = Share::parse(SHARE).unwrap();
    let shown = format!("{share:?}");
    assert!(shown.starts_with("Share(shadow pistol, Place {") && shown.ends_with("[redacted])"), "{shown}");
    let value = Forged::of(SHARE).value;
    assert!(!value.is_empty() && !shown.contains("wildlife"));
}

#[test]
fn a_group_can_be_let_go() {
    let mut set = ShareSet::new();
    grouped(&[(0, 0), (1, 0)]).iter().for_each(|s| set.add(Share::parse(s).unwrap()).unwrap());
    assert_eq!(set.missing().to_string(), "1 more share of group 1, and 1 more share of group 2");
    set.forget_group(0);
    assert_eq!(set.missing().to_string(), "1 more share of group 2, and the shares of 1 more group");
    set.add(Share::parse(&grouped(&[(2, 0)]).concat()).unwrap()).unwrap();
    assert_eq!(set.shares().len(), 2);
}
