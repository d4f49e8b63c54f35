//! Shares as files: their words, and typing them back as soon as they exist.

use std::collections::BTreeMap;
use std::fs;
use std::io::Write;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use super::Run;

/// A folder that is private to its owner: shares are only written into such a folder.
pub fn private_folder(path: &Path) {
    fs::create_dir(path).unwrap();
    fs::set_permissions(path, fs::Permissions::from_mode(0o700)).unwrap();
}

/// The words of a share's file, in the order of their numbers.
pub fn words_of(file: &Path) -> String {
    let text = fs::read_to_string(file).unwrap();
    let mut words = BTreeMap::new();
    for line in text.lines().filter(|l| l.trim_start().starts_with(|c: char| c.is_ascii_digit())) {
        let tokens: Vec<_> = line.split_whitespace().collect();
        for pair in tokens.chunks(2) {
            words.insert(pair[0].parse::<usize>().unwrap(), pair[1].to_owned());
        }
    }
    assert!(matches!(words.len(), 20 | 33), "{text}");
    words.into_values().collect::<Vec<_>>().join(" ")
}

/// Share `n` of three in a folder.
pub fn share_file(folder: &Path, n: usize) -> PathBuf {
    folder.join(format!("share-{n}-of-3.txt"))
}

/// The words of the three shares in a folder.
pub fn shares_in(folder: &Path) -> Vec<String> {
    (1..=3).map(|n| words_of(&share_file(folder, n))).collect()
}

/// One line for each share.
pub fn lines(shares: &[String]) -> String {
    shares.iter().map(|s| format!("{s}\n")).collect()
}

pub fn spawn(command: &mut Command) -> Child {
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap()
}

/// Waits until the last share's file is complete, or the process has ended.
pub fn await_shares(folder: &Path, child: &mut Child) {
    while !share_file(folder, 3).exists() && child.try_wait().unwrap().is_none() {
        std::thread::sleep(Duration::from_millis(1));
    }
}

/// Runs a command that writes shares into `folder`; types `first`, then the lines that `typed` makes from the shares.
pub fn run_typing(
    command: &mut Command,
    folder: &Path,
    first: &str,
    typed: impl Fn(&[String]) -> String,
) -> Run {
    let mut child = spawn(command);
    let mut stdin = child.stdin.take().unwrap();
    let (mut out, mut err) = (child.stdout.take().unwrap(), child.stderr.take().unwrap());
    // Read at once: with thousands of keys the pipes fill, and the child would wait for us.
    let read = |from: &mut dyn std::io::Read| {
        let mut text = String::new();
        from.read_to_string(&mut text).unwrap();
        text
    };
    std::thread::scope(|scope| {
        let (out, err) = (scope.spawn(move || read(&mut out)), scope.spawn(move || read(&mut err)));
        let _ = stdin.write_all(first.as_bytes());
        await_shares(folder, &mut child);
        if share_file(folder, 3).exists() {
            let _ = stdin.write_all(typed(&shares_in(folder)).as_bytes());
        }
        drop(stdin);
        let code = child.wait().unwrap().code();
        Run { code, out: out.join().unwrap(), err: err.join().unwrap() }
    })
}

/// Bytes that could represent a part of a share, apart from its words.
pub struct Spelled {
    /// What it is.
    pub name: String,
    pub bytes: Vec<u8>,
}

/// A share in forms other than words: their numbers in the list, in digits and as a program stores them, and the value that they encode.
pub fn spelled(share: &str) -> Vec<Spelled> {
    let numbers = numbers(share);
    let secret = &numbers[4..];
    let digits: String = secret.iter().map(|n| format!("{n:04}")).collect();
    let packed = |bytes: fn(u16) -> [u8; 2]| secret.iter().flat_map(|n| bytes(*n)).collect::<Vec<u8>>();
    let spell = |name: &str, bytes: Vec<u8>| Spelled { name: name.to_owned(), bytes };
    vec![
        spell("digits", digits.into_bytes()),
        spell("numbers, little endian", packed(u16::to_le_bytes)),
        spell("numbers, big endian", packed(u16::to_be_bytes)),
        spell("value", value(share)),
    ]
}

/// Each word's place in the list, from 0.
pub fn numbers(share: &str) -> Vec<u16> {
    let list: Vec<_> = keyferry_slip39::completion::candidates("").collect();
    let place = |word: &str| list.iter().position(|w| *w == word).unwrap();
    share.split(' ').map(|word| u16::try_from(place(word)).unwrap()).collect()
}

/// The value of a share: ten bits for each word between the first four and the last three, padded in front with zeros to whole pairs of
/// bytes.
pub fn value(share: &str) -> Vec<u8> {
    let numbers = numbers(share);
    let words = &numbers[4..numbers.len() - 3];
    let bits: Vec<bool> = words.iter().flat_map(|n| (0..10).rev().map(move |at| n >> at & 1 == 1)).collect();
    let (_, value) = bits.split_at(bits.len() % 16);
    value.chunks(8).map(|byte| byte.iter().fold(0, |n, bit| n << 1 | u8::from(*bit))).collect()
}

/// SLIP-0039's polynomial at `x`, from the values of shares 1 and 2 of a threshold of two: at 254 the digest and its key, at 255 the encrypted
/// secret. Computed from the field's definition, bit by bit, and not with the code under test.
pub fn interpolated(first: &str, second: &str, x: u8) -> Vec<u8> {
    // Shares 1 and 2 have the coordinates 0 and 1: f(x) = f(0)·(x + 1) + f(1)·x, where + is exclusive or.
    let (at_0, at_1) = (value(first), value(second));
    at_0.iter().zip(&at_1).map(|(a, b)| times(*a, x ^ 1) ^ times(*b, x)).collect()
}

/// A product in GF(256) modulo x⁸ + x⁴ + x³ + x + 1.
fn times(mut a: u8, mut b: u8) -> u8 {
    let mut product = 0;
    while b > 0 {
        if b & 1 == 1 {
            product ^= a;
        }
        a = a << 1 ^ if a & 0x80 > 0 { 0x1b } else { 0 };
        b >>= 1;
    }
    product
}
