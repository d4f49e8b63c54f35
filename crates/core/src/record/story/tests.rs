//! Tests each group of questions, on chains built here.

use super::*;
use crate::provider::{FIPS, sample_names::sample};
use crate::transcript::{Act, MaterialSource, Said, ShareMedium, Shared, TimeSource};
use crate::*;

/// A chain under construction: each line is one second later than the previous one.
struct Chain(Transcript);

fn digest(text: &str) -> Fingerprint {
    Fingerprint::of(text.as_bytes())
}

fn kcv(text: &str) -> Kcv {
    Kcv::of(&material(text), KcvMethod::Aes).unwrap()
}

fn material(text: &str) -> KeyMaterial {
    KeyMaterial::from_bytes_in(&Heap, digest(text).as_bytes()).unwrap()
}

fn commitment(text: &str) -> Commitment {
    Commitment::of(&material(text))
}

fn key_id(alias: &str) -> KeyId {
    let hex = digest(alias).to_string();
    let part = |from, to| &hex[from..to];
    [part(0, 8), part(8, 12), part(12, 16), part(16, 20), part(20, 32)].join("-").parse().unwrap()
}

fn alias(alias: &str) -> Alias {
    alias.parse().unwrap()
}

impl Chain {
    fn new() -> Self {
        Self(Transcript::new("t-1".parse().unwrap()))
    }

    fn at(&mut self, station: Station, seconds: i64, event: Event) -> &mut Self {
        self.0.append(station, Timestamp::from_unix(seconds).unwrap(), Act::NOBODYS, event).unwrap();
        self
    }

    fn add(&mut self, station: Station, event: Event) -> &mut Self {
        self.at(station, self.0.lines().len() as i64, event)
    }

    fn begin(&mut self, station: Station, command: &str) -> &mut Self {
        let (command, program) = (command.into(), "keyferry 1".into());
        let (plan_sha256, purpose) = (Some(digest("plan")), Purpose::Production);
        self.add(station, Event::Begun { command, program, plan_sha256, purpose })
    }

    fn finish(&mut self, station: Station, command: &str) -> &mut Self {
        self.add(station, Event::Finished { command: command.into(), succeeded: 1, failed: 0 })
    }

    /// Wrapped material of one key.
    fn wrap(&mut self, key: &str, source: MaterialSource) -> &mut Self {
        let (kcv, commitment) = (kcv(key), commitment(key));
        let generated = Event::MaterialGenerated {
            alias: alias(key),
            material: FIPS.material,
            source,
            kcv: Some(kcv),
            commitment: Some(commitment),
        };
        self.add(Station::Offline, generated).wrapped(key)
    }

    fn recover(&mut self, key: &str) -> &mut Self {
        let (key_id, material) = (key_id(key), FIPS.material);
        let (kcv, commitment) = (kcv(key), commitment(key));
        let event = Event::MaterialRecovered {
            alias: alias(key),
            key_id,
            material,
            kcv: Some(kcv),
            commitment: Some(commitment),
        };
        self.add(Station::Offline, event).wrapped(key)
    }

    fn wrapped(&mut self, key: &str) -> &mut Self {
        let (alias, key_id) = (alias(key), key_id(key));
        let (wrapping_key_sha256, wrapped_sha256) = (digest("wrapping key"), digest("wrapped"));
        self.add(Station::Offline, Event::Wrapped { alias, key_id, wrapping_key_sha256, wrapped_sha256 })
    }

    fn shares(&mut self, set: &str, confirmed: u8) -> &mut Self {
        let (kcv, commitment) = (kcv(set), commitment(set));
        let set: BackupSet = set.parse().unwrap();
        let (threshold, shares, gives) = (2, 3, Shared::EscrowKey);
        let made =
            Event::SharesMade { set: set.clone(), threshold, shares, gives, kcv: Some(kcv), commitment };
        self.add(Station::Offline, made);
        for number in 1..=confirmed {
            self.add(
                Station::Offline,
                Event::ShareConfirmed {
                    set: set.clone(),
                    number,
                    of: 3,
                    custodian: Some(Said::Open(format!("Custodian {number}").parse().unwrap())),
                    medium: ShareMedium::Screen,
                    share_sha256: digest(&format!("share {number}")),
                },
            );
        }
        self
    }

    fn void(&mut self, set: &str) -> &mut Self {
        self.add(Station::Offline, Event::SharesVoid { set: set.parse().unwrap(), confirmed: 1 })
    }

    fn combine(&mut self, set: &str, record_head: Fingerprint) -> &mut Self {
        let (numbers, commitment) = (vec![1, 2], commitment(set));
        let set = set.parse().unwrap();
        self.add(
            Station::Offline,
            Event::SharesCombined { set, numbers, commitment, record_head: Box::new(record_head) },
        )
    }

    fn write(&mut self, seeded: bool) -> &mut Self {
        let (ciphertext_sha256, parameters_sha256) = (digest("ciphertext"), digest("parameters"));
        let event = Event::CiphertextWritten { ciphertext_sha256, parameters_sha256, keys: 1, seeded };
        self.add(Station::Offline, event)
    }

    fn story(&self) -> Story<'_> {
        Story::of(&self.0)
    }
}

const ONE: &str = "academic acid";
const TWO: &str = "academic acne";
use Station::{Offline, Online};

#[test]
fn a_run_ends_as_its_station_says() {
    let mut chain = Chain::new();
    chain.begin(Online, "export").begin(Offline, "wrap").finish(Online, "export").begin(Offline, "wrap");
    let story = chain.story();
    assert!(matches!(
        story.runs(),
        [
            Run { end: RunEnd::Finished(Finish { seq: 2, begun: true, .. }), .. },
            Run { end: RunEnd::Interrupted, .. },
            Run { end: RunEnd::Open, command: "wrap", .. },
        ]
    ));
    assert_eq!(story.unfinished().unwrap().seq, 3);
    assert!(story.never_begun().is_none());
    chain.finish(Offline, "rewrap").finish(Offline, "wrap");
    assert_eq!(chain.story().never_begun().unwrap().command, "rewrap");
    assert!(chain.story().unfinished().is_none());
}

#[test]
fn a_run_holds_the_kinds_of_its_own_station() {
    let mut chain = Chain::new();
    chain.begin(Offline, "wrap").begin(Online, "export").wrap("one", MaterialSource::Mixed);
    chain.finish(Offline, "wrap").void(ONE);
    let kinds = chain.story().runs()[0].kinds;
    use EventKind::{Begun, Finished, MaterialGenerated, Wrapped};
    assert_eq!(kinds.iter().collect::<Vec<_>>(), [Begun, MaterialGenerated, Wrapped, Finished]);
    assert_eq!(chain.story().runs()[1].kinds.iter().collect::<Vec<_>>(), [Begun]);
}

#[test]
fn runs_in_turn_end_before_the_next_begins() {
    let mut chain = Chain::new();
    chain.finish(Offline, "drill").begin(Offline, "drill").begin(Offline, "drill");
    chain.finish(Offline, "drill").finish(Offline, "drill").begin(Offline, "drill");
    let story = chain.story();
    let ends: Vec<_> = story.runs_in_turn().map(|(run, end)| (run.seq, end.map(|e| e.seq))).collect();
    assert_eq!(ends, [(1, None), (2, Some(3)), (5, None)]);
}

#[test]
fn a_clock_goes_back_at_its_own_station_alone() {
    let (mut chain, note) = (Chain::new(), || Event::TailRepaired { bytes: 1, sha256: digest("tail") });
    chain.at(Online, 100, note()).at(Offline, 50, note()).at(Online, 99, note()).at(Offline, 50, note());
    let from = Timestamp::from_unix(100).unwrap();
    assert_eq!(chain.story().clock_back(), [ClockBack { seq: 2, from }]);
}

#[test]
fn heads_are_those_of_the_lines_that_were_read() {
    let mut chain = Chain::new();
    assert_eq!(chain.story().head(), Fingerprint::ZERO);
    chain.begin(Online, "export");
    let first = chain.0.head();
    chain.finish(Online, "export");
    assert_eq!(chain.story().heads().collect::<Vec<_>>(), [first, chain.0.head()]);
    assert_eq!(Story::before(&chain.0, 1).heads().collect::<Vec<_>>(), [first]);
    assert_eq!(
        (Story::before(&chain.0, 1).head(), Story::before(&chain.0, 0).head()),
        (first, Fingerprint::ZERO)
    );
    assert_eq!((chain.story().lines_after(0).len(), chain.story().lines_after(u64::MAX).len()), (1, 0));
}

#[test]
fn the_last_material_counts() {
    let mut chain = Chain::new();
    chain.begin(Offline, "wrap").wrap("one", MaterialSource::Seeded).recover("one");
    let story = chain.story();
    let key = story.key(&alias("one")).unwrap();
    assert_eq!(key.material().unwrap().origin, story::Origin::Recovered);
    assert_eq!(key.material_before(3).unwrap().origin, story::Origin::Generated(MaterialSource::Seeded));
    assert_eq!(key.generated_before(u64::MAX).unwrap().seq, 1);
    assert!(key.generated_before(1).is_none());
    assert_eq!(story.seeded_material(), Some(1));
    assert!(story.is_recovered(&key_id("one"), Some(commitment("one"))));
    assert!(!story.is_recovered(&key_id("one"), Some(commitment("two"))));
    assert!(story.key(&alias("two")).is_none());
}

#[test]
fn a_proof_from_before_an_import_says_nothing_of_it() {
    let imported = |request_id: &str| Event::Imported {
        alias: alias("one"),
        key_id: key_id("one"),
        request_id: request_id.into(),
    };
    let proved = || Event::Proved {
        alias: alias("one"),
        key_id: key_id("one"),
        state: "Enabled".into(),
        valid_to: ValidTo::Never,
        round_trip: true,
    };
    let mut chain = Chain::new();
    chain.begin(Online, "import").add(Online, imported("a")).add(Online, proved());
    assert!(chain.story().in_service(&key_id("one")).unwrap().proved);
    chain.add(Online, imported("b"));
    let story = chain.story();
    let key = story.in_service(&key_id("one")).unwrap();
    assert_eq!((key.proved, &key.imported[..]), (false, &["a", "b"][..]));
    let failed = Event::KeyFailed { alias: alias("one"), control: "KF-X-01".into(), reason: "why".into() };
    assert!(matches!(story.key(&alias("one")).unwrap().end(), Some(KeyEnd::Proved(_))));
    chain.add(Online, failed);
    let story = chain.story();
    let key = story.key(&alias("one")).unwrap();
    assert!(matches!(key.end(), Some(KeyEnd::Failed { control: "KF-X-01", .. })));
    assert_eq!((key.imports().count(), key.proofs().count()), (2, 1));
}

#[test]
fn shares_cover_the_keys_of_their_run() {
    let mut chain = Chain::new();
    chain.begin(Offline, "wrap").wrap("lost", MaterialSource::Mixed);
    chain.begin(Offline, "wrap").wrap("one", MaterialSource::OperatingSystem).recover("two").shares(ONE, 1);
    chain.wrap("late", MaterialSource::Mixed);
    let recoverable = chain.story().recoverable().unwrap();
    let keys: Vec<_> = recoverable.keys.iter().map(|k| (k.alias.as_str(), k.seeded)).collect();
    assert_eq!(keys, [("one", false), ("two", false)]);
    assert_eq!((recoverable.head, &recoverable.ceremony), (chain.0.head(), chain.0.ceremony()));
    assert_eq!(recoverable.sharing.purpose, Purpose::Production);
    assert_eq!(recoverable.sharing.custodian(1).unwrap().as_str(), "Custodian 1");
    // For recovered material, only the ciphertext says that it is seeded.
    chain.write(true);
    assert!(chain.story().recoverable().unwrap().keys.iter().all(|k| k.seeded));
    chain.begin(Offline, "wrap").shares(TWO, 0);
    assert!(chain.story().recoverable().unwrap().keys.is_empty());
    let story = chain.story();
    assert_eq!(story.keys_of(&story.sharings()[0]).count(), 2);
}

#[test]
fn shares_are_stranded_until_the_online_station_has_seen_their_ciphertext() {
    let stranded = |chain: &Chain| chain.story().recoverable().is_some_and(|r| r.sharing.is_stranded());
    let mut chain = Chain::new();
    chain.begin(Offline, "wrap").wrap("one", MaterialSource::Mixed).shares(ONE, 0);
    assert!(!stranded(&chain), "nobody has a share");
    chain.shares(ONE, 2).write(false);
    assert!(stranded(&chain), "a name is no evidence of a file");
    chain.finish(Offline, "wrap");
    assert!(stranded(&chain), "the record is whole before the file appears");
    let checked = |text: &str| Event::Checked { file: "ciphertext.json".to_owned(), sha256: digest(text) };
    chain.begin(Online, "import").add(Online, checked("another file"));
    assert!(stranded(&chain), "another ciphertext");
    chain.add(Offline, checked("ciphertext"));
    assert!(stranded(&chain), "the offline station remembers nothing");
    chain.add(Online, checked("ciphertext"));
    assert!(!stranded(&chain));
}

#[test]
fn only_the_last_set_becomes_void_or_gets_an_escrow() {
    let mut chain = Chain::new();
    chain.begin(Offline, "wrap").shares(ONE, 1).shares(TWO, 1).void(ONE);
    assert_eq!(chain.story().recoverable().unwrap().sharing.set.to_string(), TWO);
    let escrow_sha256 = digest("escrow");
    chain.add(Offline, Event::EscrowWritten { escrow_sha256, keys: 4 }).void(TWO);
    let story = chain.story();
    assert!(story.recoverable().is_none(), "older sets do not come back");
    let [one, two] = story.sharings() else { panic!() };
    assert_eq!((one.void, one.escrow), (false, None));
    assert_eq!((two.void, two.escrow), (true, Some(EscrowDigest { sha256: escrow_sha256, keys: 4 })));
    assert_eq!(story.voided().iter().map(|v| v.seq).collect::<Vec<_>>(), [5, 7]);
    assert!(Story::before(&chain.0, 7).recoverable().is_some());
}

#[test]
fn shares_are_compared_with_this_record_or_another() {
    let mut chain = Chain::new();
    chain.begin(Offline, "wrap").shares(ONE, 2);
    let head = chain.0.head();
    chain.combine(ONE, head).combine(ONE, digest("another record"));
    let later = chain.0.head();
    chain.combine(ONE, Fingerprint::ZERO).combine(ONE, later);
    let story = chain.story();
    let own: Vec<_> = story.combinations().iter().map(|c| c.own).collect();
    assert_eq!(own, [true, false, false, true]);
}

#[test]
fn a_file_is_seen_after_it_was_written_by_the_other_station() {
    let (name, sha256) = ("parameters.json".to_owned(), digest("parameters"));
    let step = StepName::CompareParameters.step();
    let checked = |file: &str| Event::Checked { file: file.to_owned(), sha256 };
    let confirmed = || Event::Confirmed { file: name.clone(), sha256 };
    let mut chain = Chain::new();
    chain.begin(Online, "export").add(Offline, checked(&name)).add(Offline, confirmed());
    let story = chain.story();
    assert_eq!(story.check_seen(step, sha256, 0), Ok(()));
    assert_eq!(story.check_seen(step, digest("other"), 0), Err(EventKind::Checked));
    assert_eq!(story.check_seen(step, sha256, 1), Err(EventKind::Checked));
    assert_eq!(story.consents().count(), 1);
    // Lines written by the wrong station, and lines about another file.
    chain.add(Online, checked(&name)).add(Offline, checked("ciphertext.json"));
    assert_eq!(chain.story().check_seen(step, sha256, 2), Err(EventKind::Checked));
    chain.add(Offline, checked(&name));
    assert_eq!(chain.story().check_seen(step, sha256, 2), Err(EventKind::Confirmed));
    chain.add(Offline, confirmed());
    assert_eq!(chain.story().check_seen(step, sha256, 2), Ok(()));
}

#[test]
fn an_export_is_finished_by_its_own_command_alone() {
    let (parameters_sha256, endpoint) = (digest("parameters"), "https://x".to_owned());
    let mut chain = Chain::new();
    chain.begin(Online, "export").finish(Online, "export");
    assert!(!chain.story().is_exported(parameters_sha256));
    chain.add(Online, Event::Exported { parameters_sha256, endpoint, keys: 1 }).finish(Online, "import");
    let story = chain.story();
    assert!(story.is_exported(parameters_sha256) && !story.is_export_finished(parameters_sha256));
    chain.finish(Online, "export");
    assert!(chain.story().is_export_finished(parameters_sha256));
    assert!(!chain.story().is_exported(digest("other")));
}

#[test]
fn people_are_remembered() {
    let (by, text) = (Said::Open("Ada Byron".parse().unwrap()), Said::Open("seal torn".parse().unwrap()));
    let (given, clock) = (Timestamp::from_unix(9).unwrap(), Timestamp::from_unix(1).unwrap());
    let mut chain = Chain::new();
    chain.add(Offline, Event::TimeGiven { given, clock }).add(Online, Event::Note { by, text });
    let by = TimeSource::Person;
    chain.add(Offline, Event::TimeConfirmed { time: given, clock, expires_at: given, by });
    let story = chain.story();
    assert_eq!(story.notes()[0].by.shown().en, "Ada Byron");
    assert_eq!(
        story.times().iter().map(|t| t.by).collect::<Vec<_>>(),
        [TimeSource::Given, TimeSource::Person]
    );
}

#[test]
fn what_was_chosen_is_kept() {
    let (region, request_id) = (sample!(other_region).parse().unwrap(), "r".to_owned());
    let created = Event::KeyCreated { alias: alias("one"), region, key_id: key_id("one"), request_id };
    let mut chain = Chain::new();
    chain.add(Online, created).add(Offline, Event::BackupWaived { reason: "a test".to_owned().into() });
    let story = chain.story();
    assert_eq!(
        (story.created()[0].alias.as_str(), story.backup_waived()[0].reason.shown().en),
        ("one", "a test".to_owned())
    );
    // A key that was only created has no outcome.
    assert!(story.keys().is_empty());
}

#[test]
fn a_head_is_the_one_that_a_station_left() {
    let mut chain = Transcript::new("story".parse().unwrap());
    let event = |command: &str| Event::Finished { command: command.into(), succeeded: 0, failed: 0 };
    let mut heads = Vec::new();
    for (station, command) in
        [(Station::Online, "a"), (Station::Online, "b"), (Station::Offline, "c"), (Station::Offline, "d")]
    {
        chain.append(station, Timestamp::EPOCH, Act::NOBODYS, event(command)).unwrap();
        heads.push(chain.head());
    }
    let story = Story::of(&chain);
    assert_eq!(story.left_by(Station::Online), Some((heads[1], 2)));
    assert_eq!(story.left_by(Station::Offline), Some((heads[3], 0)));
    let none = Transcript::new("story".parse().unwrap());
    assert_eq!(Story::of(&none).left_by(Station::Online), None);
}
