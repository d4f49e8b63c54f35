//! Helpers for several tests.

use keyferry_slip39::{Passphrase, Secret, SetError, Share, ShareSet};
use rand_chacha::ChaCha20Rng;
use rand_core::SeedableRng;

pub fn rng(seed: u64) -> ChaCha20Rng {
    ChaCha20Rng::seed_from_u64(seed)
}

/// Combines mnemonics as somebody would type them, one after the other. A repeated share is not an error
/// here.
pub fn combine(mnemonics: &[String], passphrase: &str) -> Result<Secret, Box<dyn std::error::Error>> {
    let mut set = ShareSet::new();
    for mnemonic in mnemonics {
        match set.add(Share::parse(mnemonic)?) {
            Ok(()) | Err(SetError::Repeated(_)) => {}
            Err(e) => return Err(e.into()),
        }
    }
    Ok(set.combine(&Passphrase::new(passphrase)?)?)
}

pub fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|b| format!("{b:02x}")).collect()
}

pub fn unhex(text: &str) -> Vec<u8> {
    (0..text.len()).step_by(2).map(|n| u8::from_str_radix(&text[n..n + 2], 16).unwrap()).collect()
}

/// A share built by hand, so that it can be wrong. RS1024 and the layout follow the standard's text and use none of our code.
#[derive(Clone)]
pub struct Forged {
    pub identifier: u32,
    pub extendable: bool,
    pub exponent: u32,
    /// Group index, threshold − 1, count − 1, member index, threshold − 1.
    pub nibbles: [u32; 5],
    /// The bits of the padded value, ten per word.
    pub value: Vec<u32>,
}

impl Default for Forged {
    /// Share 1 of a 2-of-N set with one group and 128 bits.
    fn default() -> Self {
        Self {
            identifier: 7945,
            extendable: false,
            exponent: 0,
            nibbles: [0, 0, 0, 0, 1],
            value: vec![7; 13],
        }
    }
}

impl Forged {
    pub fn words(&self) -> Vec<String> {
        let front = self.identifier << 5 | u32::from(self.extendable) << 4 | self.exponent;
        let back = self.nibbles.iter().fold(0, |bits, n| bits << 4 | n);
        let mut data = vec![front >> 10, front & 1023, back >> 10, back & 1023];
        data.extend(&self.value);
        data.extend(checksum(self.extendable, &data));
        let list: Vec<&str> = keyferry_slip39::completion::candidates("").collect();
        data.into_iter().map(|n| list[n as usize].to_owned()).collect()
    }

    pub fn text(&self) -> String {
        self.words().join(" ")
    }

    /// The fields and the value of a real share.
    pub fn of(text: &str) -> Self {
        let list: Vec<&str> = keyferry_slip39::completion::candidates("").collect();
        let number = |w| u32::try_from(list.iter().position(|l| *l == w).unwrap()).unwrap();
        let n: Vec<u32> = text.split(' ').map(number).collect();
        let (front, back) = (n[0] << 10 | n[1], n[2] << 10 | n[3]);
        Self {
            identifier: front >> 5,
            extendable: front >> 4 & 1 == 1,
            exponent: front & 15,
            nibbles: [16, 12, 8, 4, 0].map(|s| back >> s & 15),
            value: n[4..n.len() - 3].to_vec(),
        }
    }
}

fn checksum(extendable: bool, data: &[u32]) -> [u32; 3] {
    const GEN: [u32; 10] = [
        0xe0e040, 0x1c1c080, 0x3838100, 0x7070200, 0xe0e0009, 0x1c0c2412, 0x38086c24, 0x3090fc48, 0x21b1f890,
        0x3f3f120,
    ];
    let text: &[u8] = if extendable { b"shamir_extendable" } else { b"shamir" };
    let mut chk = 1u32;
    for v in text.iter().map(|b| u32::from(*b)).chain(data.iter().copied()).chain([0, 0, 0]) {
        let b = chk >> 20;
        chk = (chk & 0xfffff) << 10 ^ v;
        for (i, g) in GEN.iter().enumerate() {
            if b >> i & 1 == 1 {
                chk ^= g;
            }
        }
    }
    [20, 10, 0].map(|s| (chk ^ 1) >> s & 1023)
}
