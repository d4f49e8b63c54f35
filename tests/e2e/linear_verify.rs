//! For a record with twice as many lines, `verify` does twice the number of look-ups, and no more:
//! counted, not timed.
#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::print_stdout,
    clippy::cast_possible_truncation
)]

use crate::support::record::*;
use keyferry_audit::record::{Audit, Expect, Folder};
use keyferry_core::transcript::{Act, Means, Said, ShareMedium, Shared};
use keyferry_core::*;

/// Writes lines by the thousand.
struct Writer {
    chain: Transcript,
    text: String,
    n: u64,
}

impl Writer {
    fn of(folder: &Folder) -> Self {
        let text = transcript(folder);
        Self { chain: Transcript::verify(text.as_bytes()).unwrap().unwrap(), text, n: 0 }
    }

    fn add(&mut self, station: Station, event: Event) {
        let act = match event {
            Event::Confirmed { .. } => Act::through(Means::TypedYes),
            _ => Act::NOBODYS,
        };
        let time = self.chain.lines().last().unwrap().time;
        self.text += &self.chain.append(station, time, act, event).unwrap();
        self.n += 1;
    }

    /// A digest that no other line has.
    fn digest(&self) -> Fingerprint {
        Fingerprint::of(&self.n.to_be_bytes())
    }

    fn commitment(&self) -> Commitment {
        self.digest().to_string().parse().unwrap()
    }
}

/// Two words that no other set has.
fn set_name(mut n: u64) -> BackupSet {
    let mut letters = String::new();
    for _ in 0..8 {
        letters.push(char::from(b'a' + (n % 26) as u8));
        n /= 26;
    }
    format!("{} {}", &letters[..4], &letters[4..]).parse().unwrap()
}

type Block = fn(&mut Writer);

/// Lines of every kind that a check looks up, in blocks that an attacker might repeat.
const BLOCKS: [(&str, Block); 7] = [
    ("shares combined, of records that nobody has", |w| {
        let (set, commitment, record_head) = ("academic acid".parse().unwrap(), w.commitment(), w.digest());
        w.add(
            Station::Offline,
            Event::SharesCombined {
                set,
                numbers: vec![1, 2],
                commitment,
                record_head: Box::new(record_head),
            },
        );
    }),
    ("notes by strangers", |w| {
        let by: PersonName = format!("Stranger {}", w.n).parse().unwrap();
        let text = Said::Open("a note".parse().unwrap());
        w.add(Station::Online, Event::Note { by: Said::Open(by), text });
    }),
    ("one key, wrapped and imported again and again", |w| {
        let (alias, key_id): (Alias, KeyId) =
            ("one".parse().unwrap(), crate::support::KEY_ID.parse().unwrap());
        let material = provider::tencent::FIPS.material;
        let (kcv, commitment) = (None, Some(w.commitment()));
        let source = transcript::MaterialSource::OperatingSystem;
        w.add(
            Station::Offline,
            Event::MaterialGenerated { alias: alias.clone(), material, source, kcv, commitment },
        );
        let (ciphertext_sha256, parameters_sha256) = (w.digest(), w.digest());
        w.add(
            Station::Offline,
            Event::CiphertextWritten { ciphertext_sha256, parameters_sha256, keys: 1, seeded: false },
        );
        w.add(
            Station::Online,
            Event::Confirmed { file: "ciphertext.json".into(), sha256: ciphertext_sha256 },
        );
        let request_id = w.n.to_string();
        w.add(Station::Online, Event::Imported { alias: alias.clone(), key_id: key_id.clone(), request_id });
        let (state, valid_to) = ("Enabled".into(), ValidTo::Never);
        w.add(Station::Online, Event::Proved { alias, key_id, state, valid_to, round_trip: true });
    }),
    ("runs that were cut", |w| {
        let (command, program) = ("export".into(), "keyferry-online 0.1.0".into());
        let (plan_sha256, purpose) = (None, Purpose::Rehearsal);
        w.add(Station::Online, Event::Begun { command, program, plan_sha256, purpose });
    }),
    ("exports, each checked", |w| {
        let (sha256, endpoint) = (w.digest(), "http://127.0.0.1:1".into());
        w.add(Station::Online, Event::Exported { parameters_sha256: sha256, endpoint, keys: 1 });
        w.add(Station::Offline, Event::Checked { file: "parameters.json".into(), sha256 });
        w.add(Station::Offline, Event::Confirmed { file: "parameters.json".into(), sha256 });
    }),
    ("sets of shares, each with one share", |w| {
        let set = set_name(w.n);
        let (gives, kcv, commitment) = (Shared::Material, None, w.commitment());
        let made = Event::SharesMade { set: set.clone(), threshold: 2, shares: 3, gives, kcv, commitment };
        w.add(Station::Offline, made);
        let (medium, share_sha256) = (ShareMedium::Screen, w.digest());
        w.add(
            Station::Offline,
            Event::ShareConfirmed {
                set: set.clone(),
                number: 1,
                of: 3,
                custodian: None,
                medium,
                share_sha256,
            },
        );
        w.add(Station::Offline, Event::SharesVoid { set, confirmed: 1 });
    }),
    ("machines", |w| {
        let reason = Said::Open("a reason".to_owned());
        w.add(Station::Offline, Event::PostureWaived { check: PostureCheck::NoRadio, reason });
        let (given, clock) = (w.chain.lines()[0].time, w.chain.lines()[0].time);
        w.add(Station::Offline, Event::TimeGiven { given, clock });
    }),
];

/// The number of look-ups of an audit, for the ceremony's record with this many additional lines.
fn looked(block: Block, lines: u64) -> u64 {
    let folder = &ceremony().1;
    let mut writer = Writer::of(folder);
    while writer.n < lines {
        block(&mut writer);
    }
    let folder = Folder { transcript: Some(writer.text.into_bytes()), ..folder.clone() };
    let before = tally::visited();
    let audit = Audit::of(&folder, &Expect::default());
    assert!(audit.record.is_some());
    tally::visited() - before
}

#[test]
fn twice_the_lines_are_twice_the_work() {
    for (name, block) in BLOCKS {
        let (one, two) = (looked(block, 1_000), looked(block, 2_000));
        println!("{name}: {one}, {two}");
        assert!(one > 1_000, "{name}: nothing was counted");
        assert!(two <= 2 * one + 200, "{name}: {one}, {two}");
    }
}

/// All blocks, up to a hundred thousand lines.
#[test]
fn a_hundred_thousand_lines_are_ten_times_ten_thousand() {
    let all: Block = |w| BLOCKS.iter().for_each(|(_, block)| block(w));
    let (one, ten) = (looked(all, 10_000), looked(all, 100_000));
    println!("10,000 lines: {one}; 100,000: {ten}");
    assert!(ten <= 10 * one + 1_000, "{one}, {ten}");
}
