//! `ceremony/operate/entropy-vectors.json`, computed by another program: pool, blocks and material of every vector.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic)]

use keyferry_core::entropy::{Commitments, Contribution, Dice, Mixed, Pool};
use keyferry_core::{Commitment, KeyMaterial};
use rand_chacha::ChaCha20Rng;
use rand_core::{SeedableRng, TryRng};
use serde_json::Value;

fn unhex(value: &Value) -> Vec<u8> {
    let text = value.as_str().unwrap();
    (0..text.len()).step_by(2).map(|i| u8::from_str_radix(&text[i..i + 2], 16).unwrap()).collect()
}

fn contribution(all: &[Value], c: &Value) -> Contribution {
    let bytes = unhex(&c["bytes"]);
    let text = || String::from_utf8(bytes.clone()).unwrap();
    let commitment = |n| all.iter().find(|c| c["kind"] == n).unwrap()["commitment"].as_str().unwrap();
    let reveal = |operator| {
        let both = Commitments::parse([commitment("operator-1"), commitment("operator-2")]).unwrap();
        both.reveal(operator, &format!("{} {}", &text()[..32], &text()[32..])).unwrap()
    };
    match c["kind"].as_str().unwrap() {
        "dice" => {
            let mut dice = Dice::new();
            dice.add(&text()).unwrap();
            Contribution::dice(&dice).unwrap()
        }
        "text" => Contribution::text(&text()).unwrap(),
        "file" => Contribution::file(&bytes).unwrap(),
        "operator-1" => reveal(1),
        "operator-2" => reveal(2),
        other => panic!("{other}"),
    }
}

#[test]
fn every_published_vector() {
    let file = include_bytes!("../../../ceremony/operate/entropy-vectors.json");
    let published: Value = serde_json::from_slice(file).unwrap();
    let mut counted = 0;
    for vector in published["vectors"].as_array().unwrap() {
        let all = vector["contributions"].as_array().unwrap();
        let mixed = || {
            let contributions: Vec<_> = all.iter().map(|c| contribution(all, c)).collect();
            let seed = unhex(&vector["rehearsal_seed"]).try_into().unwrap();
            Mixed::new(ChaCha20Rng::from_seed(seed), Pool::of(&contributions))
        };
        let mut rng = mixed();
        for block in vector["blocks"].as_array().unwrap() {
            let mut made = [0; 32];
            rng.try_fill_bytes(&mut made).unwrap();
            assert_eq!(made.to_vec(), unhex(block), "{}", vector["name"]);
        }
        let mut rng = mixed();
        for key in vector["keys"].as_array().unwrap() {
            let bits =
                keyferry_core::MaterialLength::from_bits(key["bits"].as_u64().unwrap().try_into().unwrap());
            let material = KeyMaterial::generate(bits.unwrap(), &mut rng).unwrap();
            assert_eq!(material.expose(), unhex(&key["material"]));
            assert_eq!(Commitment::of(&material).to_string(), key["commitment"].as_str().unwrap());
            rng.try_fill_bytes(&mut [0; 32]).unwrap();
            counted += 1;
        }
    }
    assert_eq!(counted, 11, "keys compared");
}
