//! Backups by shares: made before a ciphertext exists, proved in drills, used to recover, and judged by the service itself.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic, clippy::print_stdout)] // figures are the point

mod support;

use std::collections::BTreeMap;
use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, Command, Stdio};
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use keyferry_core::*;
use keyferry_slip39::{Passphrase, Share, ShareSet};
use rand_chacha::ChaCha20Rng;
use rand_core::{Rng, SeedableRng};
use serde_json::json;
use support::admin::Admin;
use support::kms::Kms;
use support::*;

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
    fs::create_dir(room.path("shares")).unwrap();
    room
}

/// The words of a share's file, in the order of their numbers.
fn words_of(file: &Path) -> String {
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

fn share_file(room: &Room, n: usize) -> PathBuf {
    room.path(&format!("shares/share-{n}-of-3.txt"))
}

fn spawn(command: &mut Command) -> Child {
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap()
}

/// Until the last share's file is there and whole, or the process ended.
fn await_shares(room: &Room, child: &mut Child) {
    while !share_file(room, 3).exists() && child.try_wait().unwrap().is_none() {
        std::thread::sleep(Duration::from_millis(1));
    }
}

/// Wraps with shares as files, and types the lines that `typed` makes of them.
fn wrap_typing(room: &Room, more: &[&str], typed: impl Fn(&[String]) -> String) -> Run {
    let mut child = spawn(room.wrap(&["--shares", "files=shares"]).args(more));
    let mut stdin = child.stdin.take().unwrap();
    let _ = stdin.write_all(b"Yes\n");
    await_shares(room, &mut child);
    if share_file(room, 3).exists() {
        let _ = stdin.write_all(typed(&shares(room)).as_bytes());
    }
    drop(stdin);
    let output = child.wait_with_output().unwrap();
    Run {
        code: output.status.code(),
        out: String::from_utf8(output.stdout).unwrap(),
        err: String::from_utf8(output.stderr).unwrap(),
    }
}

fn shares(room: &Room) -> Vec<String> {
    (1..=3).map(|n| words_of(&share_file(room, n))).collect()
}

fn lines(shares: &[String]) -> String {
    shares.iter().map(|s| format!("{s}\n")).collect()
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
    run_with(command.args(more).current_dir(room.dir.path()), typed)
}

fn ciphertext(path: &Path) -> Ciphertext {
    artefact::parse(&fs::read(path).unwrap()).unwrap().0
}

fn events(path: &Path) -> Vec<Event> {
    let chain = Transcript::verify(&fs::read(path).unwrap()).unwrap().unwrap();
    chain.lines().iter().map(|l| l.event.clone()).collect()
}

fn commitments(ciphertext: &Ciphertext) -> Vec<(KeyId, Commitment)> {
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
    assert!(!room.path("medium/escrow.json").exists(), "paper alone suffices");
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
    // The material is what stands behind the commitment: the standard's own combination gives it too.
    let mut set = ShareSet::new();
    for n in [0, 2] {
        set.add(Share::parse(&shares[n]).unwrap()).unwrap();
    }
    let material = set.combine(&Passphrase::default()).unwrap();
    let material = KeyMaterial::from_bytes(material.expose()).unwrap();
    assert_eq!(Commitment::of(&material), made.keys[0].commitment);
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
    // What does not belong is refused before a share is typed.
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
    // A slip in a share is pointed at, and quoted nowhere.
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
    // Nothing at all typed: no backup, no ciphertext.
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
    let room = shared_room(&with(&["Cy", "Di", "Eve"]));
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
    fs::create_dir(room.path("shares")).unwrap();
    // The next run says so, and nobody agrees.
    let digest = Fingerprint::of(&fs::read(room.path("medium/parameters.json")).unwrap()).to_string();
    let script = ["--shares", "files=shares", "--expect-digest", &digest];
    run(&mut room.wrap(&script)).refused(1, Control::BACKUP_STRANDED);
    run(&mut room.wrap(&script[..2])).refused(1, Control::BACKUP_STRANDED);
    assert!(!room.path("medium/ciphertext.json").exists());
    // Its material is in the confirmed shares, for the same parameters and in the same folder.
    rewrap(&room, "medium", &[], &lines(&shares[..2])).ok();
    let record = events(&room.path("medium/transcript.jsonl"));
    assert!(record.iter().any(|e| matches!(e, Event::MaterialRecovered { .. })));
    // Or they are void, by consent; then the old shares recover nothing any more.
    let room = one_key();
    wrap_typing(&room, &[], |s| lines(&s[..2])).refused(1, Control::SECRET_TYPED);
    let void = self::shares(&room);
    fs::remove_dir_all(room.path("shares")).unwrap();
    fs::create_dir(room.path("shares")).unwrap();
    wrap_typing(&room, &["--void-shares"], lines).ok();
    let record = events(&room.path("medium/transcript.jsonl"));
    assert!(record.iter().any(|e| matches!(e, Event::SharesVoid { confirmed: 2, .. })));
    rewrap(&room, "again", &[], &lines(&void[..2])).refused(1, Control::BACKUP_RECORD);
}

#[test]
fn sheets_hold_everything_and_call_nobody() {
    for (lang, expected) in [("en", "Keep this sheet sealed"), ("zh", "请将本页封存")] {
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
        assert!(child.wait_with_output().unwrap().status.success());
    }
}

/// A piece of a share: any four words in a row after the first four, which are not secret.
fn pieces(share: &str) -> Vec<String> {
    let words: Vec<_> = share.split(' ').skip(4).collect();
    words.windows(4).map(|w| w.join(" ")).collect()
}

#[test]
fn share_contents_are_nowhere_but_where_they_belong() {
    let room = shared_room(&backed(&MANY));
    let mut seen = Vec::new();
    let mut note = |run: Run| {
        seen.extend(run.out.into_bytes());
        seen.extend(run.err.into_bytes());
    };
    note(wrap_typing(&room, &["-vv", "--json"], lines));
    let shares = shares(&room);
    let escrow = ["--escrow", "medium/escrow.json", "-vv", "--json"];
    note(rewrap(&room, "again", &escrow, &lines(&shares[..2])));
    note(drill(&room, &escrow, &lines(&shares[1..])));
    note(drill(&room, &["--share", "-vv"], &lines(&shares[..1])));
    note(rewrap(&room, "few", &escrow, &lines(&shares[..1])));
    let swapped = shares[0].split(' ').rev().collect::<Vec<_>>().join(" ");
    note(drill(&room, &["--share", "-vv"], &format!("{swapped}\n")));
    for folder in ["medium", "again"] {
        for entry in fs::read_dir(room.path(folder)).unwrap() {
            seen.extend(fs::read(entry.unwrap().path()).unwrap());
        }
    }
    let contains = |needle: &[u8]| seen.windows(needle.len()).any(|w| w == needle);
    assert!(contains(b"share-confirmed") && contains(b"sealed_material"), "the control: the files are read");
    for piece in shares.iter().chain([&swapped]).flat_map(|s| pieces(s)) {
        assert!(!contains(piece.as_bytes()), "a piece of a share was written or printed");
    }
    let mut set = ShareSet::new();
    for share in &shares[..2] {
        set.add(Share::parse(share).unwrap()).unwrap();
    }
    let secret = set.combine(&Passphrase::default()).unwrap();
    let key = EscrowKey::from_material(KeyMaterial::from_bytes(secret.expose()).unwrap()).unwrap();
    let (sealed, _) = artefact::parse::<Escrow>(&fs::read(room.path("medium/escrow.json")).unwrap()).unwrap();
    let opened = sealed.open(&key).unwrap();
    let mut secrets = vec![secret.expose().to_vec()];
    for entry in &sealed.keys {
        secrets.push(opened.material(entry, &Heap).unwrap().expose().to_vec());
    }
    assert_eq!(secrets.len(), 4);
    for secret in secrets {
        let hex: String = secret.iter().map(|b| format!("{b:02x}")).collect();
        let base64 = STANDARD.encode(&secret);
        for needle in [
            &secret[..],
            hex.as_bytes(),
            hex.to_uppercase().as_bytes(),
            &base64.as_bytes()[..40.min(base64.len() - 3)],
        ] {
            assert!(!contains(needle), "a secret was written or printed");
        }
    }
}

/// Types the shares as soon as they are there, unless the run is over.
fn feed(room: &Room, mut stdin: ChildStdin, over: &AtomicBool) {
    let _ = stdin.write_all(b"Yes\n");
    while !share_file(room, 3).exists() {
        if over.load(Ordering::Relaxed) {
            return;
        }
        std::thread::sleep(Duration::from_millis(1));
    }
    let _ = stdin.write_all(lines(&shares(room)).as_bytes());
}

/// Kills `wrap` at random moments. Gives how often no ciphertext was there, and how often the run had shares confirmed and none.
fn killed(moments: usize, keys: &[(&str, &str, Option<&str>)]) -> (usize, usize) {
    let whole = {
        let room = shared_room(&backed(keys));
        let started = Instant::now();
        wrap_backed(&room).ok();
        started.elapsed()
    };
    let (mut rng, mut absent, mut stranded) = (ChaCha20Rng::from_seed([9; 32]), 0, 0);
    for moment in 0..moments {
        let room = shared_room(&backed(keys));
        let mut wrap = room.wrap(&["--shares", "files=shares"]);
        let mut child =
            wrap.stdin(Stdio::piped()).stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
        let stdin = child.stdin.take().unwrap();
        let part = f64::from(rng.next_u32()) / f64::from(u32::MAX);
        let over = AtomicBool::new(false);
        std::thread::scope(|scope| {
            let feeder = scope.spawn(|| feed(&room, stdin, &over));
            // Half of the moments after the shares were typed: there the outputs appear.
            let delay = if moment % 2 == 0 {
                while !feeder.is_finished() && child.try_wait().unwrap().is_none() {
                    std::thread::sleep(Duration::from_millis(1));
                }
                whole.mul_f64(part / 4.0)
            } else {
                whole.mul_f64(part)
            };
            std::thread::sleep(delay);
            let _ = child.kill();
            child.wait().unwrap();
            over.store(true, Ordering::Relaxed);
        });
        let record = fs::read(room.path("medium/transcript.jsonl")).unwrap_or_default();
        let end = record.iter().rposition(|b| *b == b'\n').map_or(0, |at| at + 1);
        let chain = Transcript::verify(&record[..end]).unwrap();
        let confirmed = chain.iter().flat_map(Transcript::lines);
        let confirmed = confirmed.filter(|l| matches!(l.event, Event::ShareConfirmed { .. })).count();
        assert!(!room.medium().iter().any(|n| n.starts_with('.')), "moment {moment}: {:?}", room.medium());
        if room.path("medium/ciphertext.json").exists() {
            room.ciphertext();
            assert_eq!(confirmed, 3, "moment {moment}: a ciphertext without confirmed shares");
            if keys.len() > 1 {
                let escrow = fs::read(room.path("medium/escrow.json")).unwrap();
                artefact::parse::<Escrow>(&escrow).unwrap();
            }
        } else {
            absent += 1;
            stranded += usize::from(confirmed > 0);
        }
        if confirmed >= 2 && (keys.len() == 1 || room.path("medium/escrow.json").exists()) {
            let two = lines(&shares(&room)[..2]);
            let escrow: &[&str] = if keys.len() == 1 { &[] } else { &["--escrow", "medium/escrow.json"] };
            drill(&room, escrow, &two).ok();
        }
    }
    println!("{moments} killed: {absent} without ciphertext, {stranded} of these with confirmed shares");
    (absent, stranded)
}

#[test]
fn killed_at_any_moment_there_is_no_ciphertext_or_enough_shares() {
    let (absent, _) = killed(8, &MANY);
    assert!(absent > 0);
    let (absent, _) = killed(8, &[("master", REGION, Some(KEY_ID))]);
    assert!(absent > 0);
}

#[test]
#[ignore = "a hundred ceremonies"]
fn killed_at_a_hundred_moments() {
    let (one, many) = (killed(50, &[("master", REGION, Some(KEY_ID))]), killed(50, &MANY));
    assert!(one.0 + many.0 > 0 && one.0 + many.0 < 100, "the moments missed the part that matters");
}

/// A key that lives at the emulator, backed up.
struct Life {
    room: Room,
    emulator: EmulatorProcess,
    _admin: Admin,
    kms: Kms,
    key_id: String,
}

impl Life {
    fn imported() -> Self {
        let room = one_key();
        let (emulator, admin) = Admin::start(room.dir.path());
        let kms = Kms::new(&emulator.endpoint, REGION);
        let key_id = kms.create_external("life");
        fs::write(room.path("plan.toml"), backed(&[("life", REGION, Some(&key_id))])).unwrap();
        fs::remove_file(room.path("medium/parameters.json")).unwrap();
        let life = Self { room, emulator, _admin: admin, kms, key_id };
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
    let blob = life.kms.call(keyferry_kms_api::Action::Encrypt, &sent).unwrap()["CiphertextBlob"].clone();
    let delete = format!("delete-material --region {REGION} --key-id {} --yes-alias life", life.key_id);
    life.online(&delete).ok();
    assert_eq!(life.kms.state(&life.key_id), "PendingImport");
    let shares = shares(&life.room);
    life.recover("back", "medium", &lines(&shares[1..])).ok();
    // Without a key that works there is nothing to prove.
    let import = "import --session back.json --ciphertext back/ciphertext.json";
    life.online(&format!("{import} --prove-backup")).refused(1, Control::BACKUP_PROVED);
    life.online(import).ok();
    assert_eq!(life.kms.state(&life.key_id), "Enabled");
    let decrypted =
        life.kms.call(keyferry_kms_api::Action::Decrypt, &json!({"CiphertextBlob": blob})).unwrap();
    assert_eq!(decrypted["Plaintext"], "a2V5ZmVycnk=");
}

#[test]
fn the_service_proves_the_backup_or_denies_it() {
    let life = Life::imported();
    // What was never a share proves nothing.
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
    // Other material with shares of its own, recovered in due form: the journal knows, and without it the service does.
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
    let denied = life.online(&format!("{proof} --journal elsewhere"));
    denied.refused(1, Control::BACKUP_PROVED);
    assert!(denied.err.contains("not what the KMS holds"), "{}", denied.err);
    assert_eq!(life.kms.state(&life.key_id), "Enabled");
}

#[test]
#[ignore = "minutes: ten thousand keys; run it with --release -- --nocapture"]
fn ten_thousand_keys_under_one_escrow() {
    let count = std::env::var("KEYFERRY_MANY_KEYS").map_or(10_000, |n| n.parse().unwrap());
    let names: Vec<(String, String)> = (0..count)
        .map(|n: usize| (format!("key-{n}"), format!("{n:08x}-1e38-11e9-b129-5cb9019b4b01")))
        .collect();
    let keys: Vec<_> = names.iter().map(|(a, id)| (a.as_str(), REGION, Some(id.as_str()))).collect();
    let room = shared_room(&backed(&keys));
    let mut command = room.wrap(&["--shares", "files=shares"]);
    let measured = |command: &mut Command, typed: &dyn Fn() -> String| {
        let started = Instant::now();
        let mut child = spawn(command.stdout(Stdio::null()).stderr(Stdio::null()));
        let pid = child.id();
        let peak = std::thread::spawn(move || {
            let mut peak = String::new();
            while let Ok(status) = fs::read_to_string(format!("/proc/{pid}/status")) {
                match status.lines().find(|l| l.starts_with("VmHWM")) {
                    Some(line) => peak = line.to_owned(),
                    None => break,
                }
                std::thread::sleep(Duration::from_millis(100));
            }
            peak
        });
        let mut stdin = child.stdin.take().unwrap();
        stdin.write_all(typed().as_bytes()).unwrap();
        drop(stdin);
        let output = child.wait_with_output().unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        (started.elapsed(), peak.join().unwrap())
    };
    let wait = || {
        while !share_file(&room, 3).exists() {
            std::thread::sleep(Duration::from_millis(5));
        }
        format!("Yes\n{}", lines(&shares(&room)))
    };
    // `Yes` has to come first: the shares exist only after it.
    command.args([
        "--expect-digest",
        &Fingerprint::of(&fs::read(room.path("medium/parameters.json")).unwrap()).to_string(),
    ]);
    let wrapped = measured(&mut command, &|| wait().trim_start_matches("Yes\n").to_owned());
    let two = lines(&shares(&room)[..2]);
    let mut drill =
        offline(["drill", "--transcript", "medium/transcript.jsonl", "--escrow", "medium/escrow.json"]);
    let drilled = measured(drill.current_dir(room.dir.path()), &|| two.clone());
    fs::create_dir(room.path("again")).unwrap();
    let mut again = offline(["rewrap", "--plan", "plan.toml", "--parameters", "medium/parameters.json"]);
    again.args([
        "--out",
        "again",
        "--transcript",
        "medium/transcript.jsonl",
        "--escrow",
        "medium/escrow.json",
    ]);
    let rewrapped = measured(again.current_dir(room.dir.path()), &|| format!("Yes\n{two}"));
    for (what, (time, peak)) in [("wrap", wrapped), ("drill", drilled), ("rewrap", rewrapped)] {
        println!("{what}: {count} keys in {time:?}; {peak}");
    }
}
