//! Which rolls are refused and which are not, and how often honest rolls would be refused: computed exactly,
//! and by simulation.

use proptest::prelude::*;
use rand_chacha::ChaCha20Rng;
use rand_core::{Rng, SeedableRng};

use super::*;

fn dice(rolls: &str) -> Dice {
    let mut dice = Dice::new();
    dice.add(rolls).unwrap();
    dice
}

/// Rolls from a generator, with the `weights` of the six faces in 256ths.
fn loaded(seed: u64, n: usize, weights: [u32; 6]) -> String {
    let mut rng = ChaCha20Rng::seed_from_u64(seed);
    let mut roll = || {
        let mut left = rng.next_u32() % 256;
        for (face, weight) in weights.into_iter().enumerate() {
            if left < weight {
                return char::from(b'1' + u8::try_from(face).unwrap());
            }
            left -= weight;
        }
        '6'
    };
    (0..n).map(|_| roll()).collect()
}

/// Rolls of a fair die: values out of range are redrawn.
fn fair(rng: &mut ChaCha20Rng, n: usize) -> String {
    let mut rolls = String::new();
    while rolls.len() < n {
        let byte = rng.next_u32().to_le_bytes()[0];
        if byte < 252 {
            rolls.push(char::from(b'1' + byte % 6));
        }
    }
    rolls
}

#[test]
fn a_hundred_fair_rolls_are_256_bits() {
    let rolls = fair(&mut ChaCha20Rng::seed_from_u64(1), 200);
    assert_eq!(fair_rolls(), 100);
    assert_eq!(dice(&rolls[..100]).credit(), Ok(258));
    assert_eq!(dice(&rolls[..99]).credit(), Err(DiceFault::Short { rolls: 99, needed: 1 }));
    assert_eq!(dice("").credit(), Err(DiceFault::Short { rolls: 0, needed: 100 }));
    assert_eq!(dice(&rolls).credit(), Ok(516));
}

#[test]
fn spaces_and_commas_do_not_count_and_other_characters_are_refused() {
    let mut some = dice("1 2,3\t4");
    assert_eq!((some.rolls(), some.expose()), (4, &b"1234"[..]));
    assert_eq!(some.add("56 70"), Err(DiceFault::Character { at: 3 }));
    assert_eq!(some.add("0"), Err(DiceFault::Character { at: 1 }));
    assert_eq!(some.rolls(), 4, "nothing was added");
    assert_eq!(some.add(&"1".repeat(MAX_ROLLS - 3)), Err(DiceFault::TooMany));
    some.add(&"1".repeat(MAX_ROLLS - 4)).unwrap();
}

#[test]
fn a_loaded_die_needs_more_rolls_and_then_suffices() {
    // One face comes up half the time: that alone leaves 1 bit, minus the estimate's margin.
    let rolls = loaded(2, 1000, [128, 26, 26, 26, 25, 25]);
    let DiceFault::Biased { rolls: 100, needed } = dice(&rolls[..100]).credit().unwrap_err() else {
        panic!("not seen as biased")
    };
    assert!((156..700).contains(&needed), "{needed} more");
    assert!(dice(&rolls).credit().unwrap() < 1000);
}

#[test]
fn what_is_no_die_is_refused() {
    let pairs = "112233445566".repeat(9);
    let digits_of_a_person: String = "142536162534".repeat(9);
    let halves = fair(&mut ChaCha20Rng::seed_from_u64(3), 50).repeat(2);
    let missing_faces = loaded(4, 100, [86, 85, 85, 0, 0, 0]);
    for rolls in [
        &"1".repeat(100),
        &"6".repeat(2048),
        &"123456".repeat(17),
        &"654321".repeat(100),
        &"135246".repeat(17),
        &"12345654321".repeat(12),
        &pairs,
        &digits_of_a_person,
        &halves,
        &missing_faces,
    ] {
        let fault = dice(rolls).credit().unwrap_err();
        assert!(!matches!(fault, DiceFault::Short { .. }), "{rolls}: {fault:?}");
        assert!(fault.needed().unwrap() > 0, "{rolls}: {fault:?}");
    }
    assert_eq!(dice(&"123456".repeat(17)).credit(), Err(DiceFault::Worthless { needed: 100 }));
    assert_eq!(dice(&"1".repeat(2000)).credit(), Err(DiceFault::Worthless { needed: 100 }));
}

#[test]
fn a_sequence_that_never_repeats_a_face_is_no_die() {
    let fair = fair(&mut ChaCha20Rng::seed_from_u64(5), 160);
    let mut made_up: Vec<u8> = fair.into_bytes();
    made_up.dedup();
    made_up.truncate(110);
    let fault = dice(core::str::from_utf8(&made_up).unwrap()).credit().unwrap_err();
    assert!(matches!(fault, DiceFault::Patterned { .. }), "{fault:?}");
}

/// Computes exactly what is promised: 100 fair rolls are refused less than once in a million times.
#[test]
fn the_false_alarms_by_exact_numbers() {
    let n = 100;
    // Union bounds on the binomial tails, with the limits that the tests actually use.
    let limit = |n, tests: usize| (0..=n).find(|k| upper_tail(n, *k) * count(tests) < ALPHA).unwrap();
    let faces = 6.0 * upper_tail(n, limit(n, 6));
    let distances: f64 = (1..=50).map(|d| 6.0 * upper_tail(n - d, limit(n - d, 300))).sum();
    let repeats = (0..99).rev().map(|k| lower_tail(99, k)).find(|p| *p < ALPHA).unwrap();
    // Computes χ² exactly: the number of sequences for each (rolls, sum of squares), face by face.
    let most = 10_000;
    let mut ways = vec![vec![0.0f64; most + 1]; n + 1];
    ways[0][0] = 1.0;
    for _ in 0..FACES {
        let mut next = vec![vec![0.0f64; most + 1]; n + 1];
        for (rolls, row) in ways.iter().enumerate() {
            for (squares, w) in row.iter().enumerate().filter(|(_, w)| **w > 0.0) {
                let mut share = 1.0;
                for k in 0..=n - rolls {
                    next[rolls + k][squares + k * k] += w * share;
                    share *= count(n - rolls - k) / count(k + 1);
                }
            }
        }
        ways = next;
    }
    let chi = |squares: usize| count(squares) * 6.0 / 100.0 - 100.0;
    let all: f64 = ways[n].iter().sum();
    let chi_square: f64 =
        ways[n].iter().enumerate().filter(|(s, _)| chi(*s) > CHI_SQUARE).map(|(_, w)| w / all).sum();
    let sum = faces + distances + repeats + chi_square;
    assert!((all.log2() - 100.0 * 6f64.log2()).abs() < 1e-9, "every sequence was counted");
    assert!(
        faces < 1e-7 && distances < 1e-7 && repeats < 1e-7 && chi_square < 6e-8,
        "{faces:e} {distances:e} {repeats:e} {chi_square:e}"
    );
    assert!(sum < 2e-7 && sum > 1e-8, "{sum:e}");
}

fn honest_rollers(rollers: u64, seed: u64) {
    let mut rng = ChaCha20Rng::seed_from_u64(seed);
    for roller in 0..rollers {
        let n = 100 + usize::try_from(roller % 4).unwrap() * 33;
        let rolls = fair(&mut rng, n);
        assert!(dice(&rolls).credit().is_ok(), "roller {roller}: {rolls}");
    }
}

#[test]
fn honest_rollers_pass() {
    honest_rollers(500, 6);
}

/// `cargo test --release -p keyferry-core ten_million -- --ignored`: takes a few minutes.
#[test]
#[ignore = "ten million rollers take minutes"]
fn ten_million_honest_rollers_pass() {
    honest_rollers(10_000_000, 7);
}

#[test]
fn tails_are_the_binomial_s() {
    // Computed by hand: 1 - (5/6)^4 = 671/1296; (1/6)^4.
    assert!((upper_tail(4, 1) - 671.0 / 1296.0).abs() < 1e-12);
    assert!((upper_tail(4, 4) - 1.0 / 1296.0).abs() < 1e-12);
    assert!((lower_tail(4, 0) - 625.0 / 1296.0).abs() < 1e-12);
    for k in 0..2047 {
        let sum = lower_tail(2048, k) + upper_tail(2048, k + 1);
        assert!((sum - 1.0).abs() < 1e-9, "{k}: {sum}");
    }
}

proptest! {
    #[test]
    fn no_rolls_panic(typed in "[1-6 ,]{0,300}", n in 0usize..200) {
        let mut rolls = dice(&typed);
        rolls.add(&"3".repeat(n)).unwrap();
        if let Err(fault) = rolls.credit() {
            prop_assert!(fault.needed().is_some_and(|n| n > 0));
        }
    }

    #[test]
    fn any_text_is_taken_or_refused(typed in "\\PC{0,200}") {
        let mut rolls = Dice::new();
        let digits = typed.chars().all(|c| matches!(c, '1'..='6' | ' ' | ',' | '\t'));
        prop_assert_eq!(rolls.add(&typed).is_ok(), digits);
    }
}
