//! Backups by shares: made before a ciphertext exists, tested in drills, used for a recovery, and verified by the service itself.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic)]

use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::time::Duration;

use crate::support::admin::Admin;
use crate::support::kms::Kms;
use crate::support::shares::{
    interpolated, lines, private_folder, run_typing, shares_in, spawn, spelled, value,
};
use crate::support::*;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use keyferry_core::*;
use keyferry_slip39::{Passphrase, Share, ShareSet};
use serde_json::json;

const REGION: &str = "ap-singapore";
const THIRD_KEY_ID: &str = "23e80852-1e38-11e9-b129-5cb9019b4b03";
const MANY: [(&str, &str, Option<&str>); 3] = [
    ("one", REGION, Some(KEY_ID)),
    ("two", "ap-guangzhou", Some(OTHER_KEY_ID)),
    ("three", REGION, Some(THIRD_KEY_ID)),
];

/// A plan whose backup is 2 of 3 shares.
fn backed(keys: &[(&str, &str, Option<&str>)]) -> String {
    let text = plan_text("rehearsal", WrappingAlgorithm::default(), keys);
    let none = "scheme = \"none\"\nreason = \"a test\"\n";
    assert!(text.contains(none));
    text.replace(none, "scheme = \"slip39\"\nthreshold = 2\nshares = 3\n")
}

fn one_key() -> Room {
    shared_room(&backed(&[("master", REGION, Some(KEY_ID))]))
}

fn shared_room(plan: &str) -> Room {
    let room = Room::with_plan(plan);
    private_folder(&room.path("shares"));
    room
}

fn share_file(room: &Room, n: usize) -> PathBuf {
    crate::support::shares::share_file(&room.path("shares"), n)
}

/// Wraps with shares as files, and types the lines that `typed` makes from them.
fn wrap_typing(room: &Room, more: &[&str], typed: impl Fn(&[String]) -> String) -> Run {
    let mut wrap = room.wrap(&["--shares", "files=shares"]);
    run_typing(wrap.args(more), &room.path("shares"), "Yes\n", typed)
}

fn shares(room: &Room) -> Vec<String> {
    shares_in(&room.path("shares"))
}

fn wrap_backed(room: &Room) -> Run {
    wrap_typing(room, &[], lines)
}

/// `rewrap` into a new folder of the room, with these lines after the `Yes`.
fn rewrap(room: &Room, out: &str, more: &[&str], typed: &str) -> Run {
    fs::create_dir_all(room.path(out)).unwrap();
    let mut command = offline(["rewrap", "--plan", "plan.toml", "--parameters", "medium/parameters.json"]);
    command.args(["--transcript", "medium/transcript.jsonl", "--out", out]).args(more);
    run_with(command.current_dir(room.dir.path()), &format!("Yes\n{typed}"))
}

fn drill(room: &Room, more: &[&str], typed: &str) -> Run {
    let mut command = offline(["drill", "--transcript", "medium/transcript.jsonl"]);
    run_with(command.args(more).current_dir(room.dir.path()), &format!("Yes\n{typed}"))
}

fn ciphertext(path: &Path) -> Ciphertext {
    artefact::parse(&fs::read(path).unwrap()).unwrap().0
}

fn events(path: &Path) -> Vec<Event> {
    let chain = Transcript::verify(&fs::read(path).unwrap()).unwrap().unwrap();
    chain.lines().iter().map(|l| l.event.clone()).collect()
}

fn commitments(ciphertext: &Ciphertext) -> Vec<(KeyId, Option<Commitment>)> {
    ciphertext.keys.iter().map(|k| (k.key_id.clone(), k.commitment)).collect()
}

#[test]
fn every_two_of_three_recover_one_key() {
    let room = one_key();
    wrap_backed(&room).ok();
    let (made, _) = room.ciphertext();
    let record = events(&room.path("medium/transcript.jsonl"));
    let at = |f: fn(&Event) -> bool| record.iter().position(f).unwrap();
    let confirmed = record.iter().filter(|e| matches!(e, Event::ShareConfirmed { .. })).count();
    assert_eq!(confirmed, 3);
    let last = record.iter().rposition(|e| matches!(e, Event::ShareConfirmed { .. })).unwrap();
    assert!(at(|e| matches!(e, Event::SharesMade { .. })) < last);
    assert!(last < at(|e| matches!(e, Event::CiphertextWritten { .. })));
    assert!(!room.path("medium/escrow.json").exists(), "paper alone is enough");
    let shares = shares(&room);
    let mut recovered = 0;
    for (a, b) in [(0, 1), (0, 2), (1, 2), (2, 0)] {
        let out = format!("again-{a}{b}");
        rewrap(&room, &out, &[], &lines(&[shares[a].clone(), shares[b].clone()])).ok();
        let again = ciphertext(&room.path(&out).join("ciphertext.json"));
        assert_eq!(commitments(&again), commitments(&made));
        again.check_against(&checked(&room)).unwrap();
        recovered += 1;
    }
    assert_eq!(recovered, 4);
    // The commitment is to the material. Combining the shares as the standard describes recovers the same material.
    let mut set = ShareSet::new();
    for n in [0, 2] {
        set.add(Share::parse(&shares[n]).unwrap()).unwrap();
    }
    let material = set.combine(&Passphrase::default()).unwrap();
    let material = KeyMaterial::from_bytes(material.expose()).unwrap();
    assert_eq!(Some(Commitment::of(&material)), made.keys[0].commitment);
    let few = rewrap(&room, "few", &[], &lines(&shares[..1]));
    few.refused(1, Control::SECRET_TYPED);
    let twice = lines(&[shares[0].clone(), shares[0].clone()]);
    rewrap(&room, "few", &[], &twice).refused(1, Control::SHARE_COUNT);
    assert!(fs::read_dir(room.path("few")).unwrap().next().is_none(), "nothing was written");
}

fn checked(room: &Room) -> CheckedParameters {
    let bytes = fs::read(room.path("medium/parameters.json")).unwrap();
    let (parameters, digest) = artefact::parse::<Parameters>(&bytes).unwrap();
    parameters.check(digest, &room.plan, now()).unwrap()
}

#[test]
fn many_keys_are_recovered_alone_or_together() {
    let room = shared_room(&backed(&MANY));
    wrap_backed(&room).ok();
    let (made, _) = room.ciphertext();
    let shares = shares(&room);
    let two = lines(&shares[1..]);
    let escrow = ["--escrow", "medium/escrow.json"];
    rewrap(&room, "all", &escrow, &two).ok();
    assert_eq!(commitments(&ciphertext(&room.path("all/ciphertext.json"))), commitments(&made));
    rewrap(&room, "some", &[escrow[0], escrow[1], "--key", "two"], &two).ok();
    let some = commitments(&ciphertext(&room.path("some/ciphertext.json")));
    assert_eq!(some, commitments(&made)[1..2]);
    drill(&room, &escrow, &two).ok();
    let drilled = drill(&room, &["--json", escrow[0], escrow[1]], &two);
    assert_eq!(drilled.ok().json()["succeeded"], 3);
    drill(&room, &["--share"], &lines(&shares[..1])).ok();
    let record = events(&room.path("medium/drills.jsonl"));
    let counted = |f: fn(&Event) -> bool| record.iter().filter(|e| f(e)).count();
    assert_eq!(counted(|e| matches!(e, Event::SharesCombined { .. })), 2);
    assert_eq!(counted(|e| matches!(e, Event::ShareProved { number: 1, .. })), 1);
    // Files that do not belong here are refused before a share is typed.
    rewrap(&room, "no", &[], "").refused(2, Control::BACKUP_RECORD);
    rewrap(&room, "no", &[escrow[0], escrow[1], "--key", "four"], "").refused(1, Control::BACKUP_RECORD);
    let text = fs::read_to_string(room.path("medium/escrow.json")).unwrap();
    let (parsed, _) = artefact::parse::<Escrow>(text.as_bytes()).unwrap();
    let moved = text
        .replace(&parsed.keys[0].sealed_material.to_string(), &parsed.keys[2].sealed_material.to_string());
    fs::write(room.path("moved.json"), moved).unwrap();
    rewrap(&room, "no", &["--escrow", "moved.json"], "").refused(1, Control::BACKUP_RECORD);
    assert!(fs::read_dir(room.path("no")).unwrap().next().is_none(), "nothing was written");
}

#[test]
fn shares_of_another_set_are_refused() {
    let (room, other) = (one_key(), one_key());
    wrap_backed(&room).ok();
    wrap_backed(&other).ok();
    let theirs = lines(&shares(&other)[..2]);
    rewrap(&room, "again", &[], &theirs).refused(1, Control::BACKUP_RECORD);
    drill(&room, &[], &theirs).refused(1, Control::BACKUP_RECORD);
    drill(&room, &["--share"], &theirs).refused(1, Control::BACKUP_RECORD);
    assert!(fs::read_dir(room.path("again")).unwrap().next().is_none(), "nothing was written");
    // A typo in a share is located, but quoted nowhere.
    let share = shares(&room)[0].clone();
    let slipped: Vec<_> =
        share.split(' ').enumerate().map(|(n, w)| if n == 9 { "xyzzyx" } else { w }).collect();
    let slipped = slipped.join(" ");
    let refused = drill(&room, &["--share"], &format!("{slipped}\n"));
    refused.refused(1, Control::SHARE_WORDS);
    assert!(refused.err.contains("word 10") && !refused.err.contains("xyzzyx"), "{}", refused.err);
}

#[test]
fn what_is_read_back_wrong_stops_the_wrap() {
    let swapped = |s: &[String]| lines(&[s[1].clone(), s[0].clone(), s[2].clone()]);
    let room = one_key();
    wrap_typing(&room, &[], swapped).refused(1, Control::BACKUP_READ_BACK);
    assert_eq!(room.medium(), ["parameters.json", "transcript.jsonl"]);
    let record = events(&room.path("medium/transcript.jsonl"));
    assert!(!record.iter().any(|e| matches!(e, Event::ShareConfirmed { .. })));
    // If nothing is typed, there is no backup and no ciphertext.
    let room = shared_room(&backed(&MANY));
    wrap_typing(&room, &[], |_| String::new()).refused(1, Control::SECRET_TYPED);
    assert_eq!(room.medium(), ["parameters.json", "transcript.jsonl"]);
}

#[test]
fn without_a_terminal_or_a_folder_nothing_is_generated() {
    let room = one_key();
    run(&mut room.wrap(&[])).refused(1, Control::BACKUP_SCHEME);
    run(&mut room.wrap(&["--shares", "files=missing"])).refused(3, Control::FILE_PERMISSION);
    fs::write(share_file(&room, 2), "taken").unwrap();
    run(&mut room.wrap(&["--shares", "files=shares"])).refused(1, Control::FILE_EXISTS);
    assert_eq!(room.medium(), ["parameters.json"]);
}

#[test]
fn custodians_are_as_many_as_shares() {
    let plan = backed(&[("master", REGION, Some(KEY_ID))]);
    let person = |name: &str| format!("[[participant]]\nname = \"{name}\"\nrole = \"custodian\"\n");
    let with = |names: &[&str]| {
        let people: String = names.iter().map(|n| person(n)).collect();
        plan.replacen("[[key]]", &format!("{people}[[key]]"), 1)
    };
    let room = shared_room(&with(&["Cy", "Di"]));
    run(&mut room.wrap(&["--shares", "files=shares"])).refused(1, Control::BACKUP_CUSTODIANS);
    assert_eq!(room.medium(), ["parameters.json"]);
    // A deputy keeps no share, wherever they are in the list.
    let deputy = person("Flo") + "deputy_of = \"Di\"\n";
    let plan = with(&["Cy", "Di", "Eve"]).replacen(&person("Di"), &(deputy + &person("Di")), 1);
    let room = shared_room(&plan);
    wrap_backed(&room).ok();
    let named: Vec<_> = events(&room.path("medium/transcript.jsonl"))
        .into_iter()
        .filter_map(|e| match e {
            Event::ShareConfirmed { custodian, .. } => custodian.map(|c| c.to_string()),
            _ => None,
        })
        .collect();
    assert_eq!(named, ["Cy", "Di", "Eve"]);
    assert!(fs::read_to_string(share_file(&room, 2)).unwrap().contains("Di"));
}

#[test]
fn an_interrupted_backup_is_not_lost_silently() {
    let room = one_key();
    wrap_typing(&room, &[], |s| lines(&s[..2])).refused(1, Control::SECRET_TYPED);
    assert!(!room.path("medium/ciphertext.json").exists());
    let shares = shares(&room);
    fs::rename(room.path("shares"), room.path("kept")).unwrap();
    private_folder(&room.path("shares"));
    // The next run reports it, and nobody consents.
    let digest = Fingerprint::of(&fs::read(room.path("medium/parameters.json")).unwrap()).to_string();
    let script = ["--shares", "files=shares", "--expect-digest", &digest];
    run(by_script(&mut room.wrap(&script))).refused(1, Control::BACKUP_STRANDED);
    run(&mut room.wrap(&script[..2])).refused(1, Control::BACKUP_STRANDED);
    assert!(!room.path("medium/ciphertext.json").exists());
    // The material can be recovered from the confirmed shares, for the same parameters and in the same folder.
    rewrap(&room, "medium", &[], &lines(&shares[..2])).ok();
    let record = events(&room.path("medium/transcript.jsonl"));
    assert!(record.iter().any(|e| matches!(e, Event::MaterialRecovered { .. })));
    // Or, with consent, the confirmed shares become void; they can then no longer recover anything.
    let room = one_key();
    wrap_typing(&room, &[], |s| lines(&s[..2])).refused(1, Control::SECRET_TYPED);
    let void = self::shares(&room);
    fs::remove_dir_all(room.path("shares")).unwrap();
    private_folder(&room.path("shares"));
    wrap_typing(&room, &["--void-shares"], lines).ok();
    let record = events(&room.path("medium/transcript.jsonl"));
    assert!(record.iter().any(|e| matches!(e, Event::SharesVoid { confirmed: 2, .. })));
    rewrap(&room, "again", &[], &lines(&void[..2])).refused(1, Control::BACKUP_RECORD);
}

/// Shares from a run that stopped open nothing if their escrow never appeared, and too few shares recover nothing. In both cases, the
/// program does not advise `rewrap`, and tells people to destroy the shares.
#[test]
fn what_confirmed_shares_recover_is_said() {
    for (keys, confirmed, says, rewrap) in [
        (&[("master", REGION, Some(KEY_ID))][..], 1, "too few to recover anything (2 are needed)", false),
        (&[("master", REGION, Some(KEY_ID))], 2, "confirmed 2 of the shares of set", true),
        (&MANY, 2, "which are useless without the escrow.json that is missing here", false),
    ] {
        let room = shared_room(&backed(keys));
        wrap_typing(&room, &[], |s| lines(&s[..confirmed])).refused(1, Control::SECRET_TYPED);
        fs::remove_dir_all(room.path("shares")).unwrap();
        private_folder(&room.path("shares"));
        let again = run_with(&mut room.wrap(&["--shares", "files=shares"]), "Yes\n");
        again.refused(1, Control::BACKUP_STRANDED);
        assert!(again.err.contains(says), "{confirmed} of {}: {}", keys.len(), again.err);
        assert_eq!(again.err.contains("only those shares have the material"), rewrap, "{}", again.err);
        assert_eq!(again.err.contains("destroy them"), !rewrap, "{}", again.err);
    }
}

/// With the same seed, the second run would draw the first run's identifier, so it draws again.
#[test]
fn a_new_set_never_has_the_identifier_of_one_that_the_record_names() {
    let room = one_key();
    let seed = "5eed".repeat(16);
    let more = ["--rehearsal-seed", &seed, "--void-shares"];
    wrap_typing(&room, &more[..2], |s| lines(&s[..2])).refused(1, Control::SECRET_TYPED);
    let before = shares(&room);
    fs::remove_dir_all(room.path("shares")).unwrap();
    private_folder(&room.path("shares"));
    wrap_typing(&room, &more, lines).ok();
    let name = |share: &String| Share::parse(share).unwrap().name();
    let (before, after) = (name(&before[0]), name(&shares(&room)[0]));
    assert_ne!(before.identifier, after.identifier);
    assert_eq!((before.extendable, after.extendable), (false, false));
}

#[test]
fn sheets_hold_everything_and_call_nobody() {
    let texts = [
        ("en", "Keep this sheet sealed", "type exactly 2", "(transcript.jsonl) is kept at:", "destroy them"),
        ("zh", "请将本页封存", "恰好键入 2 个", "（transcript.jsonl）存放于：", "请将其销毁"),
    ];
    for (lang, expected, exactly, record, destroy) in texts {
        let room = one_key();
        let mut child = spawn(room.wrap(&["--shares", "sheets=shares", "--lang", lang]).arg("-vv"));
        let mut stdin = child.stdin.take().unwrap();
        stdin.write_all(b"Yes\n").unwrap();
        let file = |n: usize| room.path(&format!("shares/share-{n}-of-3.html"));
        while !file(3).exists() && child.try_wait().unwrap().is_none() {
            std::thread::sleep(Duration::from_millis(1));
        }
        for n in 1..=3 {
            let page = fs::read_to_string(file(n)).unwrap();
            let words: Vec<_> =
                page.split("<li>").skip(1).take(33).map(|w| w.split('<').next().unwrap()).collect();
            assert!(
                page.contains(expected)
                    && page.contains("master")
                    && page.contains("KCV")
                    && page.contains(exactly)
                    && page.contains(record)
                    && page.contains("shamir-mnemonic 0.3.0")
                    && page.contains("<svg"),
                "{page}"
            );
            assert!(
                !page.replace("http://www.w3.org/2000/svg", "").contains("http://")
                    && !page.contains("https://")
                    && !page.contains("<script")
            );
            stdin.write_all(format!("{}\n", words.join(" ")).as_bytes()).unwrap();
            use std::os::unix::fs::PermissionsExt as _;
            assert_eq!(fs::metadata(file(n)).unwrap().permissions().mode() & 0o777, 0o600);
        }
        drop(stdin);
        let done = child.wait_with_output().unwrap();
        assert!(done.status.success());
        let last = String::from_utf8(done.stderr).unwrap().lines().last().unwrap().to_owned();
        assert!(last.contains(destroy) && last.contains("shares"), "{last}");
    }
}

/// A piece of a share: any four words in a row after the first four, which are not secret.
fn pieces(share: &str) -> Vec<Vec<u8>> {
    let words: Vec<_> = share.split(' ').skip(4).collect();
    let mut pieces: Vec<Vec<u8>> = words.windows(4).map(|w| w.join(" ").into_bytes()).collect();
    for spelled in spelled(share) {
        // Eight bytes cannot match by chance. In digits, a piece has sixteen bytes: four words of four digits each.
        let piece = if spelled.name == "digits" { 16 } else { 8 };
        pieces.extend(spelled.bytes.windows(piece).map(<[u8]>::to_vec));
    }
    pieces.extend(texts(&value(share)));
    pieces
}

/// The bytes as hex and as base64.
fn texts(secret: &[u8]) -> Vec<Vec<u8>> {
    let hex: String = secret.iter().map(|b| format!("{b:02x}")).collect();
    let base64 = STANDARD.encode(secret);
    // The last characters of base64 depend on what follows.
    let base64 = base64.trim_end_matches('=');
    vec![hex.to_uppercase().into_bytes(), hex.into_bytes(), base64.as_bytes()[..base64.len() - 1].to_vec()]
}

/// Every file below a folder, except those with one name.
fn files_but(folder: &Path, but: &str) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).unwrap().map(|e| e.unwrap().path());
    let mut files = Vec::new();
    for path in entries.filter(|p| !p.ends_with(but)) {
        if path.is_dir() { files.extend(files_but(&path, but)) } else { files.push(path) }
    }
    files
}

#[test]
fn share_contents_are_nowhere_but_where_they_belong() {
    let one = [("master", REGION, Some(KEY_ID))];
    for keys in [&one[..], &MANY] {
        let room = shared_room(&backed(keys));
        // Any temporary file that a program might use is in the room and is searched.
        for folder in ["tmp", "home"] {
            fs::create_dir(room.path(folder)).unwrap();
        }
        let at_home = |command: &mut std::process::Command| {
            command.env("TMPDIR", room.path("tmp")).env("HOME", room.path("home"));
        };
        let mut seen = Vec::new();
        let mut note = |run: Run| {
            seen.extend(run.out.into_bytes());
            seen.extend(run.err.into_bytes());
        };
        let mut wrap = room.wrap(&["--shares", "files=shares", "-vv", "--json"]);
        at_home(&mut wrap);
        note(run_typing(&mut wrap, &room.path("shares"), "Yes\n", lines));
        let shares = shares(&room);
        let escrow: &[&str] = if keys.len() > 1 { &["--escrow", "medium/escrow.json"] } else { &[] };
        let more = [escrow, &["-vv", "--json"]].concat();
        note(rewrap(&room, "again", &more, &lines(&shares[..2])));
        note(drill(&room, &more, &lines(&shares[1..])));
        note(drill(&room, &["--share", "-vv"], &lines(&shares[..1])));
        note(rewrap(&room, "few", &more, &lines(&shares[..1])));
        let swapped = shares[0].split(' ').rev().collect::<Vec<_>>().join(" ");
        note(drill(&room, &["--share", "-vv"], &format!("{swapped}\n")));
        let searched = files_but(room.dir.path(), "shares");
        for file in &searched {
            seen.extend(fs::read(file).unwrap());
        }
        assert!(searched.len() >= 6, "{searched:?}");
        let contains = |text: &[u8], needle: &[u8]| memchr::memmem::find(text, needle).is_some();
        assert!(contains(&seen, b"share-confirmed") && contains(&seen, b"commitment"), "the files are read");
        // The control: the same search finds every piece in a text that has the share in all its spellings.
        for share in shares.iter().chain([&swapped]) {
            let planted: Vec<u8> = spelled(share).into_iter().flat_map(|s| s.bytes).collect();
            let planted = [planted, share.clone().into_bytes(), texts(&value(share)).concat()].concat();
            for piece in pieces(share) {
                assert!(contains(&planted, &piece), "the search misses what is there");
                assert!(!contains(&seen, &piece), "a piece of a share was written or printed");
            }
        }
        for secret in secrets_behind(&room, &shares, keys.len() > 1) {
            for needle in [vec![secret.clone()], texts(&secret)].concat() {
                assert!(!contains(&seen, &needle), "a secret was written or printed");
            }
        }
    }
}

/// The secret that the shares recover, the intermediate values of the standard, and with an escrow everything that it opens.
fn secrets_behind(room: &Room, shares: &[String], escrow: bool) -> Vec<Vec<u8>> {
    let mut set = ShareSet::new();
    for share in &shares[..2] {
        set.add(Share::parse(share).unwrap()).unwrap();
    }
    let secret = set.combine(&Passphrase::default()).unwrap();
    let mut secrets = vec![secret.expose().to_vec()];
    secrets.extend([254, 255].map(|x| interpolated(&shares[0], &shares[1], x)));
    if escrow {
        let key = EscrowKey::from_material(KeyMaterial::from_bytes(secret.expose()).unwrap()).unwrap();
        let bytes = fs::read(room.path("medium/escrow.json")).unwrap();
        let (sealed, _) = artefact::parse::<Escrow>(&bytes).unwrap();
        let opened = sealed.open(&key).unwrap();
        for entry in &sealed.keys {
            secrets.push(opened.material(entry, &Heap).unwrap().expose().to_vec());
        }
        assert_eq!(secrets.len(), 3 + MANY.len());
    }
    secrets
}

/// The basis of the search for the polynomial's values: the digest at x = 254 is that of the shared secret (SLIP-0039).
#[test]
fn the_interpolated_digest_is_the_standard_s() {
    use hmac::{Hmac, KeyInit, Mac};
    let room = one_key();
    wrap_backed(&room).ok();
    let shares = shares(&room);
    assert_eq!(interpolated(&shares[0], &shares[1], 2), value(&shares[2]), "the third share is on the line");
    let (digest, secret) =
        (interpolated(&shares[0], &shares[1], 254), interpolated(&shares[0], &shares[1], 255));
    let (tag, key) = digest.split_at(4);
    let mut mac = Hmac::<sha2::Sha256>::new_from_slice(key).unwrap();
    mac.update(&secret);
    assert_eq!(&mac.finalize().into_bytes()[..4], tag);
}

/// A key in use at the emulator, with a backup.
struct Life {
    room: Room,
    emulator: EmulatorProcess,
    admin: Admin,
    kms: Kms,
    key_id: String,
}

impl Life {
    /// The station's journal without the material that the key took: it names only what was fetched.
    fn write_forgetful_journal(&self) {
        use std::os::unix::fs::{DirBuilderExt, PermissionsExt};
        let name = format!("{}.jsonl", self.key_id);
        let mut regions =
            fs::read_dir(state_dir().join("keyferry/journal")).unwrap().map(|e| e.unwrap().path());
        let folder = regions.find(|region| region.join(&name).exists()).unwrap();
        let text = fs::read_to_string(folder.join(&name)).unwrap();
        let mut lines = text.lines();
        let mut kept = format!("{}\n", lines.next().unwrap());
        for (n, line) in lines.filter(|l| l.contains("\"kind\":\"fetched\"")).enumerate() {
            kept += &format!("{{\"seq\":{n}{}\n", &line[line.find(',').unwrap()..]);
        }
        let elsewhere = self.room.path("elsewhere").join(folder.file_name().unwrap());
        fs::DirBuilder::new().recursive(true).mode(0o700).create(&elsewhere).unwrap();
        fs::write(elsewhere.join(&name), kept).unwrap();
        fs::set_permissions(elsewhere.join(&name), PermissionsExt::from_mode(0o600)).unwrap();
    }

    fn imported() -> Self {
        let room = one_key();
        let (emulator, admin) = Admin::start(room.dir.path());
        let kms = Kms::new(&emulator.endpoint, REGION);
        let key_id = kms.create_external("life");
        fs::write(room.path("plan.toml"), backed(&[("life", REGION, Some(&key_id))])).unwrap();
        fs::remove_file(room.path("medium/parameters.json")).unwrap();
        let life = Self { room, emulator, admin, kms, key_id };
        life.online("export --plan plan.toml --out medium --session session.json").ok();
        wrap_backed(&life.room).ok();
        life.online("import --session session.json --ciphertext medium/ciphertext.json").ok();
        life
    }

    fn online(&self, line: &str) -> Run {
        run(online(line.split(' '), &self.emulator.endpoint).current_dir(self.room.dir.path()))
    }

    /// New parameters in a folder, and material recovered for them from the shares of `from`.
    fn recover(&self, folder: &str, from: &str, typed: &str) -> Run {
        fs::create_dir_all(self.room.path(folder)).unwrap();
        self.online(&format!("export --plan plan.toml --out {folder} --session {folder}.json")).ok();
        self.rewrap(folder, from, typed)
    }

    /// Material recovered for the parameters of `folder` from the shares of `from`.
    fn rewrap(&self, folder: &str, from: &str, typed: &str) -> Run {
        let line = format!(
            "rewrap --plan plan.toml --parameters {folder}/parameters.json --out {folder} --transcript {from}/transcript.jsonl"
        );
        run_with(offline(line.split(' ')).current_dir(self.room.dir.path()), &format!("Yes\n{typed}"))
    }
}

#[test]
fn deleted_material_comes_back_from_shares() {
    let life = Life::imported();
    let sent = json!({"KeyId": life.key_id, "Plaintext": "a2V5ZmVycnk="});
    let blob = life.kms.call(keyferry_tencent::Action::Encrypt, &sent).unwrap()["CiphertextBlob"].clone();
    let delete = format!("delete-material --region {REGION} --key-id {} --yes-alias life", life.key_id);
    life.online(&delete).ok();
    assert_eq!(life.kms.state(&life.key_id), "PendingImport");
    let shares = shares(&life.room);
    // Shares from another set are refused before anything is written, and so before any request to the service.
    let strangers = one_key();
    wrap_backed(&strangers).ok();
    let theirs = lines(&self::shares(&strangers)[..2]);
    life.recover("back", "medium", &theirs).refused(1, Control::BACKUP_RECORD);
    assert!(!life.room.path("back/ciphertext.json").exists());
    let before = life.admin.counts();
    let import = "import --session back.json --ciphertext back/ciphertext.json";
    life.online(import).refused(3, Control::FILE_READ);
    // The same is true of a share from another set among the right ones, and of material from the wrong set's record.
    let mixed = format!("{}\n{}", shares[0], theirs);
    life.rewrap("back", "medium", &mixed).refused(1, Control::BACKUP_RECORD);
    assert_eq!(life.admin.counts(), before, "no request was sent");
    assert_eq!(life.kms.state(&life.key_id), "PendingImport");
    life.rewrap("back", "medium", &lines(&shares[1..])).ok();
    // Without a working key, there is nothing to prove.
    life.online(&format!("{import} --prove-backup")).refused(1, Control::BACKUP_PROVED);
    life.online(import).ok();
    assert_eq!(life.kms.state(&life.key_id), "Enabled");
    let decrypted =
        life.kms.call(keyferry_tencent::Action::Decrypt, &json!({"CiphertextBlob": blob})).unwrap();
    assert_eq!(decrypted["Plaintext"], "a2V5ZmVycnk=");
}

#[test]
fn the_service_proves_the_backup_or_denies_it() {
    let life = Life::imported();
    // Material that did not come from shares proves nothing.
    let original = "import --session session.json --ciphertext medium/ciphertext.json --prove-backup";
    life.online(original).refused(1, Control::BACKUP_PROVED);
    let own = shares(&life.room);
    life.recover("drill", "medium", &lines(&own[..2])).ok();
    let proof = "import --session drill.json --ciphertext drill/ciphertext.json --prove-backup";
    let proved = life.online(&format!("{proof} --json"));
    assert_eq!(proved.ok().json()["keys"][0]["backup_proved"], true);
    let record = events(&life.room.path("drill/transcript.jsonl"));
    assert!(record.iter().any(|e| matches!(e, Event::BackupProved { .. })));
    assert_eq!(life.kms.state(&life.key_id), "Enabled");
    // Other material with its own shares, recovered correctly: the journal detects it, and without the journal the service does.
    let forged = shared_room(&fs::read_to_string(life.room.path("plan.toml")).unwrap());
    wrap_backed(&forged).ok();
    fs::create_dir(life.room.path("forged-record")).unwrap();
    fs::copy(forged.path("medium/transcript.jsonl"), life.room.path("forged-record/transcript.jsonl"))
        .unwrap();
    life.recover("forged", "forged-record", &lines(&own[..2])).refused(1, Control::BACKUP_RECORD);
    let retry = "rewrap --plan plan.toml --parameters forged/parameters.json --out forged --transcript forged-record/transcript.jsonl";
    let typed = format!("Yes\n{}", lines(&shares(&forged)[..2]));
    run_with(offline(retry.split(' ')).current_dir(life.room.dir.path()), &typed).ok();
    let proof = "import --session forged.json --ciphertext forged/ciphertext.json --prove-backup";
    life.online(proof).refused(1, Control::JOURNAL_MATERIAL);
    life.write_forgetful_journal();
    let denied = life.online(&format!("{proof} --journal elsewhere"));
    denied.refused(1, Control::BACKUP_PROVED);
    assert!(denied.err.contains("not what the KMS holds"), "{}", denied.err);
    assert_eq!(life.kms.state(&life.key_id), "Enabled");
}
