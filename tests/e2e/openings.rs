//! Names as commitments: a whole ceremony whose record contains no names, checked with its openings, without them, and with
//! wrong ones.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic)]

use std::collections::HashSet;
use std::fs;
use std::io::Write;
use std::path::PathBuf;
use std::sync::OnceLock;

use crate::receive::{lines_of, receive};
use crate::support::kill_at::{KillAt, changes_a_file};
use crate::support::record::{audit, controls, rechained};
use crate::support::shares::*;
use crate::support::*;
use keyferry_audit::record::{Audit, Folder, VerifyError};
use keyferry_core::plan::PLAN_FORMAT;
use keyferry_core::transcript::{Openings, Said, SaidIn, Withheld};
use keyferry_core::*;
use keyferry_transport::OPENINGS_FILE;
use serde_json::Value;

const CUSTODIANS: [&str; 3] = ["Cy <b>", "王小明", "Eve"];
const NOTES: [&str; 2] = ["封条 4711 已破损", "the medium was dropped"];

/// A plan of version 2 with names as commitments; `backup` is its last table.
fn plan(people: &[(&str, &str)], backup: &str) -> String {
    let mut text = format!(
        "format = \"{PLAN_FORMAT}\"\nceremony = \"named-1\"\npurpose = \"rehearsal\"\nnames = \"committed\"\n"
    );
    for (role, name) in people {
        text += &format!("[[participant]]\nname = \"{name}\"\nrole = \"{role}\"\n");
    }
    text +=
        "[[key]]\nalias = \"one\"\nprovider = \"tencent\"\nregion = \"ap-singapore\"\nvalid_to = \"never\"\n";
    text + backup
}

/// One finished ceremony with shares and a note at each station; the record is in `record`. Never changed.
fn ceremony() -> &'static (tempfile::TempDir, Folder) {
    static ONE: OnceLock<(tempfile::TempDir, Folder)> = OnceLock::new();
    ONE.get_or_init(|| {
        let (dir, emulator) = (tempfile::tempdir().unwrap(), EmulatorProcess::start(&["--wrapping-keys", "2"]));
        let path = |name: &str| dir.path().join(name);
        let people = CUSTODIANS.map(|name| ("custodian", name));
        let people = [[("operator", "Ada"), ("witness", "Bo"), people[0]], [people[1], people[2], ("witness", "Di")]];
        let backup = "[backup]\nscheme = \"slip39\"\nthreshold = 2\nshares = 3\n";
        fs::write(path("draft.toml"), plan(&people.concat(), backup)).unwrap();
        for folder in ["record", "shares"] {
            private_folder(&path(folder));
        }
        let on = |line: &str| run(online(line.split(' '), &emulator.endpoint).current_dir(dir.path())).ok().code;
        on("create-key --plan draft.toml --out record/plan.toml --transcript record/transcript.jsonl");
        on("export --plan record/plan.toml --out record --session session.json");
        let wrap = "wrap --plan record/plan.toml --parameters record/parameters.json --out record --shares files=shares";
        let mut wrap = offline(wrap.split(' '));
        run_typing(wrap.current_dir(dir.path()), &path("shares"), "Yes\n", lines).ok();
        let note = ["note", "--transcript", "record/transcript.jsonl", "--by", "Bo", "--text"];
        run(offline(note).arg(NOTES[0]).current_dir(dir.path())).ok();
        on("import --session session.json --ciphertext record/ciphertext.json");
        run(online(note, &emulator.endpoint).arg(NOTES[1]).current_dir(dir.path())).ok();
        let folder = Folder::read(&path("record")).unwrap();
        (dir, folder)
    })
}

fn text(bytes: Option<&Vec<u8>>) -> String {
    String::from_utf8(bytes.unwrap().clone()).unwrap()
}

fn edited(edit: impl FnOnce(&mut Folder)) -> Folder {
    let mut folder = ceremony().1.clone();
    edit(&mut folder);
    assert_ne!(folder, ceremony().1);
    folder
}

fn kinds(audit: &Audit) -> Vec<&str> {
    audit.deviations.iter().map(|d| d.kind).collect()
}

/// What `verify` and `report` say about a folder, in both languages: exit codes and all text.
fn said_of(folder: &Folder) -> (Vec<Option<i32>>, String) {
    let dir = tempfile::tempdir().unwrap();
    let files = [
        ("plan.toml", &folder.plan),
        ("parameters.json", &folder.parameters),
        ("ciphertext.json", &folder.ciphertext),
        ("transcript.jsonl", &folder.transcript),
        (OPENINGS_FILE, &folder.openings),
    ];
    for (name, bytes) in files {
        bytes.as_ref().map_or(Ok(()), |bytes| fs::write(dir.path().join(name), bytes)).unwrap();
    }
    let (mut codes, mut said) = (Vec::new(), String::new());
    for lang in ["en", "zh"] {
        let out = tempfile::tempdir().unwrap();
        let (html, md) = (out.path().join("r.html"), out.path().join("r.md"));
        let mut verify = program("keyferry");
        let verify = run(verify.args(["verify", "--lang", lang]).arg(dir.path()));
        let mut report = program("keyferry");
        report.args(["report", "--lang", lang]).arg(dir.path()).arg("--out").arg(&html).arg("--md").arg(&md);
        let report = run(&mut report);
        codes.extend([verify.code, report.code]);
        said += &[verify.err, verify.out, report.err].concat();
        said += &fs::read_to_string(html).unwrap_or_default();
        said += &fs::read_to_string(md).unwrap_or_default();
    }
    (codes, said)
}

#[test]
fn the_record_says_no_name_and_the_openings_do() {
    let folder = &ceremony().1;
    let (transcript, openings) = (text(folder.transcript.as_ref()), text(folder.openings.as_ref()));
    for said in CUSTODIANS.iter().chain(&NOTES).chain(&["\"Bo\""]) {
        assert!(!transcript.contains(said), "{said}");
        assert!(openings.contains(said), "{said}");
    }
    // Three custodians, and two notes, each with its author and its text.
    assert_eq!(openings.lines().count(), 7);
    let audit = audit(folder);
    assert_eq!(audit.verdict(), Ok(()));
    assert!(!kinds(&audit).iter().any(|kind| kind.contains("withheld") || *kind == "said-open"), "{audit:?}");
    let (codes, said) = said_of(folder);
    assert!(codes.iter().all(|code| *code == Some(0)), "{codes:?} {said}");
    assert!(said.contains("noted by Bo: the medium was dropped") && said.contains("Eve"));
}

#[test]
fn nothing_of_the_material_is_in_the_openings() {
    let folder = &ceremony().1;
    let openings = text(folder.openings.as_ref());
    let (ciphertext, _) = artefact::parse::<Ciphertext>(folder.ciphertext.as_ref().unwrap()).unwrap();
    let mut digests: HashSet<String> = HashSet::new();
    for key in &ciphertext.keys {
        digests.insert(key.commitment.unwrap().to_string());
        digests.insert(key.kcv.unwrap().value.to_string());
    }
    let chain = Transcript::verify(folder.transcript.as_ref().unwrap()).unwrap().unwrap();
    digests.extend(Story::of(&chain).sharings()[0].confirmed.iter().map(|s| s.share_sha256.to_string()));
    for line in openings.lines() {
        let line: Value = serde_json::from_str(line).unwrap();
        let mut members: Vec<&String> = line.as_object().unwrap().keys().filter(|k| *k != "format").collect();
        members.sort();
        assert_eq!(members, ["ceremony", "commitment", "member", "salt", "text"]);
        let said = SaidIn::ALL.map(SaidIn::as_str);
        assert!(said.contains(&line["member"].as_str().unwrap()));
        for of_material in &digests {
            for member in ["commitment", "text"] {
                assert_ne!(line[member].as_str().unwrap(), of_material);
            }
        }
    }
    for words in shares_in(&ceremony().0.path().join("shares")) {
        assert!(words.split(' ').all(|word| word.len() < 9 || !openings.contains(word)), "{words}");
    }
}

#[test]
fn without_openings_the_record_is_accepted_and_names_are_withheld() {
    let none = edited(|f| f.openings = None);
    let audited = audit(&none);
    assert_eq!(audited.verdict(), Ok(()));
    assert_eq!(kinds(&audited).iter().filter(|kind| **kind == "custodian-withheld").count(), 3);
    let (codes, said) = said_of(&none);
    assert!(codes.iter().all(|code| *code == Some(0)), "{codes:?} {said}");
    for words in
        ["custodian of share 2 withheld", "第 2 个分片的保管人未公开", "noted by (withheld: ", "（未公开："]
    {
        assert!(said.contains(words), "{words} in {said}");
    }
    assert!(!NOTES.iter().any(|note| said.contains(note)) && !said.contains("not in the plan"));

    // With one line removed, only that name is withheld, and the others are compared.
    let openings = text(ceremony().1.openings.as_ref());
    assert!(openings.lines().next().is_some_and(|first| first.contains("Cy <b>")));
    let fewer = openings.lines().filter(|line| !line.contains("Cy <b>")).map(|line| format!("{line}\n"));
    let fewer = audit(&edited(|f| f.openings = Some(fewer.collect::<String>().into_bytes())));
    assert_eq!(fewer.verdict(), Ok(()));
    assert_eq!(kinds(&fewer).iter().filter(|kind| **kind == "custodian-withheld").count(), 1);
}

#[test]
fn a_wrong_opening_is_refused() {
    let openings = text(ceremony().1.openings.as_ref());
    let salt = openings.split("\"salt\":\"").nth(2).unwrap()[..64].to_owned();
    for (from, to) in [
        ("Eve", "Eva"),
        (salt.as_str(), &"0".repeat(64)),
        ("named-1", "named-2"),
        ("openings/1", "openings/2"),
        ("\"member\":\"custodian\"", "\"member\":\"note-by\""),
    ] {
        let wrong = edited(|f| f.openings = Some(openings.replacen(from, to, 1).into_bytes()));
        assert_eq!(controls(&wrong), [Control::TRANSCRIPT_OPENING], "{from}");
    }
    let (codes, said) = said_of(&edited(|f| f.openings = Some(openings.replace("Eve", "Eva").into_bytes())));
    assert!(codes.iter().all(|code| *code == Some(1)), "{codes:?}");
    assert!(said.contains("[KF-TRANS-04]") && said.contains("hint: "), "{said}");
}

/// A commitment that opens to somebody who is not the plan's custodian does not circumvent the plan.
#[test]
fn an_opened_custodian_is_compared_with_the_plan() {
    let (ceremony, salt) = ("named-1".parse().unwrap(), [7; 32]);
    let mallory = Withheld::of(&ceremony, SaidIn::Custodian, &salt, "Mallory");
    let moved = rechained(&self::ceremony().1, |event| {
        if let Event::ShareConfirmed { number: 2, custodian, .. } = event {
            *custodian = Some(Said::Withheld(mallory));
        }
    });
    assert_eq!(audit(&moved).verdict(), Ok(()), "the name is withheld, and the record says so");
    let opening = format!(
        "{{\"ceremony\":\"named-1\",\"member\":\"custodian\",\"commitment\":\"{}\",\"salt\":\"{}\",\"text\":\"Mallory\"}}\n",
        mallory.commitment(),
        hex::encode(&salt)
    );
    let opened = Folder { openings: Some((text(moved.openings.as_ref()) + &opening).into_bytes()), ..moved };
    assert_eq!(controls(&opened), [Control::VERIFY_BACKUP]);
}

#[test]
fn nothing_is_withheld_that_the_plan_does_not_withhold() {
    let plan = text(ceremony().1.plan.as_ref()).replace("names = \"committed\"\n", "");
    let open = edited(|f| f.plan = Some(plan.into_bytes()));
    let refusals = audit(&open).refusals;
    assert!(refusals.iter().any(|e| matches!(e, VerifyError::Withheld { .. })), "{refusals:?}");
    let refused = refusals.iter().find(|e| matches!(e, VerifyError::Withheld { .. })).unwrap();
    assert_eq!(refused.control(), Control::TRANSCRIPT_OPENING);

    // A name in the clear that the plan withholds is also reported.
    let said = rechained(&ceremony().1, |event| {
        if let Event::ShareConfirmed { number: 1, custodian, .. } = event {
            *custodian = Some(Said::Open(CUSTODIANS[0].parse().unwrap()));
        }
    });
    let audited = audit(&said);
    assert_eq!(audited.verdict(), Ok(()));
    assert!(kinds(&audited).contains(&"said-open"));
    // The same, in a line in which another member is withheld.
    let half = rechained(&ceremony().1, |event| {
        if let Event::Note { by, .. } = event {
            *by = Said::Open("Bo".parse().unwrap());
        }
    });
    assert_eq!(kinds(&audit(&half)).iter().filter(|kind| **kind == "said-open").count(), 2);
    let half = audit(&Folder { openings: None, ..half });
    assert_eq!(kinds(&half).iter().filter(|kind| **kind == "said-open").count(), 2);
    assert_eq!(kinds(&half).iter().filter(|kind| **kind == "withheld").count(), 2);
}

/// A record of drills with one note.
fn drills(by: Said<PersonName>) -> Option<Vec<u8>> {
    let mut chain = Transcript::new("named-1".parse().unwrap());
    let text = Said::Open("a share was held".parse().unwrap());
    let act = keyferry_core::transcript::Act::NOBODYS;
    Some(chain.append(Station::Offline, now(), act, Event::Note { by, text }).unwrap().into_bytes())
}

#[test]
fn names_in_the_drills_are_held_to_the_plan() {
    let withheld = Withheld::of(&"named-1".parse().unwrap(), SaidIn::NoteBy, &[7; 32], "Bo");
    let with = edited(|f| f.drills = drills(Said::Withheld(withheld)));
    let audited = audit(&with);
    assert_eq!(audited.verdict(), Ok(()));
    let of_drills: Vec<&str> =
        audited.deviations.iter().filter(|d| d.text.en.contains("drills.jsonl")).map(|d| d.kind).collect();
    assert_eq!(of_drills, ["withheld", "said-open"]);

    let text = text(ceremony().1.plan.as_ref()).replace("names = \"committed\"\n", "");
    let unplanned = rechained(&ceremony().1, |event| {
        if let Event::Note { by, text } = event {
            (*by, *text) = (Said::Open("Bo".parse().unwrap()), Said::Open("torn".parse().unwrap()));
        }
        if let Event::ShareConfirmed { custodian, .. } = event {
            *custodian = Some(Said::Open("Eve".parse().unwrap()));
        }
    });
    let unplanned = Folder { plan: Some(text.into_bytes()), drills: with.drills, ..unplanned };
    let refusals = audit(&unplanned).refusals;
    assert!(refusals.contains(&VerifyError::Withheld { file: "drills.jsonl", line: 1 }), "{refusals:?}");
}

/// A reason cannot add a row to the text that people read.
#[test]
fn a_line_break_in_a_reason_makes_no_row() {
    let forged = rechained(&crate::support::record::ceremony().1, |event| {
        if let Event::BackupWaived { reason } = event {
            *reason = Said::Open("none\n  signed       forged".into());
        }
    });
    let (_, said) = said_of(&forged);
    assert!(
        said.contains("forged") && !said.lines().any(|line| line.trim() == "signed       forged"),
        "{said}"
    );
}

/// `import` warns about it, `verify` refuses it, and a note repairs it.
#[test]
fn a_note_cuts_an_incomplete_opening_off() {
    let (room, endpoint) = (waived("names = \"committed\"\n"), dead_endpoint());
    run(&mut room.wrap(&[])).ok();
    room.write_session(&endpoint);
    let whole = fs::read(openings(&room)).unwrap();
    fs::write(openings(&room), [whole.as_slice(), b"{\"format\""].concat()).unwrap();
    let import = run(&mut room.import_apart(&endpoint));
    assert!(import.err.contains("the last line of openings.jsonl is incomplete"), "{}", import.err);
    assert!(!import.err.contains("is missing next to the record"), "{}", import.err);
    fs::copy(room.path("plan.toml"), room.path("medium/plan.toml")).unwrap();
    let verify = || run(program("keyferry").arg("verify").arg(room.path("medium"))).err;
    let refused = verify();
    assert!(refused.contains("[KF-TRANS-04]") && refused.contains("`note` at a station"), "{refused}");
    let mut note =
        offline(["note", "--transcript", "medium/transcript.jsonl", "--by", "Ada", "--text", "cut"]);
    run(note.current_dir(room.dir.path())).ok();
    assert!(fs::read(openings(&room)).unwrap().starts_with(&whole));
    assert!(!verify().contains("KF-TRANS-04"));
}

#[test]
fn openings_cross_like_the_other_files() {
    let (dir, folder) = ceremony();
    let bytes = folder.openings.as_ref().unwrap();
    let lines = lines_of(bytes, 15).iter().map(|line| format!("{line}\n")).collect::<String>();
    for station in ["keyferry-offline", "keyferry-online"] {
        let room = Room::new("rehearsal", WrappingAlgorithm::default());
        let mut receive = receive(&room, station, &["--out", OPENINGS_FILE]);
        run_with(&mut receive, &lines).ok();
        assert_eq!(fs::read(room.path(OPENINGS_FILE)).unwrap(), *bytes, "{station}");
        let show = ["show", "--svg", "pictures", "record/openings.jsonl"];
        let mut show =
            if station == "keyferry-offline" { offline(show) } else { online(show, &dead_endpoint()) };
        let copy = tempfile::tempdir().unwrap();
        fs::create_dir_all(copy.path().join("record")).unwrap();
        fs::copy(dir.path().join("record/openings.jsonl"), copy.path().join("record/openings.jsonl"))
            .unwrap();
        run(show.current_dir(copy.path())).ok();
    }
}

/// A room whose plan has no backup, for a withheld reason: a wrap without shares also has an opening.
fn waived(names: &str) -> Room {
    let text = plan(
        &[("operator", "Ada"), ("witness", "Bo")],
        "[backup]\nscheme = \"none\"\nreason = \"a secret reason\"\n",
    );
    let text = text.replace("valid_to", &format!("key_id = \"{KEY_ID}\"\nvalid_to"));
    Room::with_plan(&text.replace("names = \"committed\"\n", names))
}

fn openings(room: &Room) -> PathBuf {
    room.path("medium").join(OPENINGS_FILE)
}

#[test]
fn a_seed_gives_the_same_salts_and_the_same_material_as_with_open_names() {
    let seed = "5a".repeat(32);
    let made = |names| {
        let room = waived(names);
        run(&mut room.wrap(&["--rehearsal-seed", &seed])).ok();
        let kept = fs::read(openings(&room)).ok();
        let entry = room.ciphertext().0.keys[0].clone();
        (entry.commitment, entry.wrapped_material, kept)
    };
    let (committed, again, open) =
        (made("names = \"committed\"\n"), made("names = \"committed\"\n"), made(""));
    assert_eq!(committed, again);
    assert_eq!((committed.0, &committed.1), (open.0, &open.1));
    assert!(committed.2.is_some() && open.2.is_none());
    // Without a seed, salts come from the operating system.
    let room = waived("names = \"committed\"\n");
    run(&mut room.wrap(&[])).ok();
    assert_ne!(fs::read(openings(&room)).ok(), committed.2);
}

/// Whenever the run is killed, every commitment of the record has its opening, and the next run continues.
#[test]
fn a_kill_leaves_no_line_without_its_opening() {
    let (mut ahead, mut both, mut n) = (0, 0, 0);
    loop {
        n += 1;
        let room = waived("names = \"committed\"\n");
        let mut run_on = KillAt::start(&room.wrap(&[]), changes_a_file, n);
        let _ = run_on.stdin.as_mut().unwrap().write_all(b"Yes\n");
        let killed = run_on.end().killed();
        let (lines, kept) = left(&room);
        assert!(lines <= kept, "before call {n}: {lines} commitments, {kept} openings");
        ahead += usize::from(lines < kept);
        both += usize::from(lines == kept && lines > 0);
        if !killed {
            break;
        }
        if !room.path("medium/ciphertext.json").exists() {
            run(&mut room.wrap(&[])).ok();
            let (lines, kept) = left(&room);
            assert!(lines > 0 && lines <= kept, "the second run, after a kill at call {n}");
        }
    }
    assert!(ahead > 0 && both > 0, "{ahead} runs were killed between opening and line, {both} after");
}

/// Commitments in a room's record, and whole lines of its openings; every commitment opens.
fn left(room: &Room) -> (usize, usize) {
    let whole = |path: PathBuf| {
        let mut bytes = fs::read(path).unwrap_or_default();
        bytes.truncate(bytes.iter().rposition(|b| *b == b'\n').map_or(0, |at| at + 1));
        bytes
    };
    let (lines, kept) = (whole(room.path("medium/transcript.jsonl")), whole(openings(room)));
    let openings = Openings::parse(&kept).unwrap();
    let Some(mut chain) = Transcript::verify(&lines).unwrap() else {
        return (0, kept.iter().filter(|b| **b == b'\n').count());
    };
    let withheld = |chain: &Transcript| chain.lines().iter().map(|line| line.event.said().1).sum::<usize>();
    let before = withheld(&chain);
    chain.open_said(&openings).unwrap();
    assert_eq!(withheld(&chain), 0);
    (before, kept.iter().filter(|b| **b == b'\n').count())
}

/// Either the record or its plan must say whether names are withheld; if neither does, the note is refused.
#[test]
fn a_note_is_withheld_where_its_record_or_its_plan_says_so() {
    let note = |room: &Room, more: &[&str]| {
        let mut note = offline(["note", "--transcript", "medium/transcript.jsonl", "--by", "Ada"]);
        run(note.args(["--text", "a seal was torn"]).args(more).current_dir(room.dir.path()))
    };
    let stands_open =
        |room: &Room| fs::read_to_string(room.path("medium/transcript.jsonl")).unwrap().contains("seal");
    let (open, recorded) = (waived(""), waived("names = \"committed\"\n"));
    for room in [&open, &recorded] {
        run(&mut room.wrap(&[])).ok();
    }
    let before = fs::read(open.path("medium/transcript.jsonl")).unwrap();
    for (plan, more) in [(None, vec![]), (Some("no plan"), vec![]), (Some(""), vec!["--plan", "other.toml"])]
    {
        plan.map_or(Ok(()), |text| fs::write(open.path("medium/plan.toml"), text)).unwrap();
        let other = fs::read_to_string(open.path("plan.toml")).unwrap() + "\n";
        fs::write(open.path("other.toml"), other).unwrap();
        let refused = note(&open, &more);
        refused.refused(1, Control::NOTE);
        assert!(refused.err.contains("--plan FILE"), "{}", refused.err);
    }
    note(&open, &["--plan", "absent.toml"]).refused(3, Control::FILE_READ);
    assert_eq!(fs::read(open.path("medium/transcript.jsonl")).unwrap(), before);
    fs::copy(open.path("plan.toml"), open.path("medium/plan.toml")).unwrap();
    note(&open, &[]).ok();
    assert!(stands_open(&open) && !openings(&open).exists());
    fs::remove_file(openings(&recorded)).unwrap();
    note(&recorded, &[]).ok();
    assert!(!stands_open(&recorded) && openings(&recorded).exists());
}

/// There is no commitment in the record or next to it yet: only the plan says that names are withheld.
#[test]
fn the_first_name_of_a_record_is_withheld_as_its_plan_says() {
    let names = "names = \"committed\"\n";
    for beside in [true, false] {
        let room = waived(names);
        let begun = Event::Begun {
            command: "wrap".into(),
            program: "a test".into(),
            plan_sha256: Some(room.plan.digest()),
            purpose: room.plan.purpose(),
        };
        let mut chain = Transcript::new(room.plan.ceremony().clone());
        let act = keyferry_core::transcript::Act::NOBODYS;
        let line = chain.append(Station::Offline, now(), act, begun).unwrap();
        fs::write(room.path("medium/transcript.jsonl"), line).unwrap();
        let mut note = online(["note", "--transcript", "medium/transcript.jsonl"], &dead_endpoint());
        note.args(["--by", "Ada", "--text", "a seal was torn"]).current_dir(room.dir.path());
        if beside {
            fs::copy(room.path("plan.toml"), room.path("medium/plan.toml")).unwrap();
        } else {
            note.args(["--plan", "plan.toml"]);
        }
        run(&mut note).ok();
        let record = fs::read_to_string(room.path("medium/transcript.jsonl")).unwrap();
        assert!(!record.contains("seal") && openings(&room).exists(), "{record}");
    }
}

/// A missing file is reported while it can still be brought; a wrong one is refused before anything is sent.
#[test]
fn import_looks_for_the_openings_beside_the_record() {
    let room = waived("names = \"committed\"\n");
    run(&mut room.wrap(&[])).ok();
    let endpoint = dead_endpoint();
    room.write_session(&endpoint);
    let (kept, record) = (fs::read_to_string(openings(&room)).unwrap(), room.path("medium/transcript.jsonl"));
    let before = fs::read(&record).unwrap();
    fs::write(openings(&room), kept.replace("a secret reason", "another reason")).unwrap();
    run(&mut room.import_apart(&endpoint)).refused(1, Control::TRANSCRIPT_OPENING);
    assert_eq!(fs::read(&record).unwrap(), before);
    // An incomplete line that a crash left is not an opening, and not a reason to refuse.
    fs::write(openings(&room), kept.trim_end()).unwrap();
    let torn = run(&mut room.import_apart(&endpoint));
    fs::remove_file(openings(&room)).unwrap();
    let none = run(&mut room.import_apart(&endpoint));
    fs::write(openings(&room), &kept).unwrap();
    let all = run(&mut room.import_apart(&endpoint));
    for (run, withheld) in [(torn, true), (none, true), (all, false)] {
        assert_eq!(run.code, Some(4), "only the service was missing: {run:?}");
        assert_eq!(run.err.contains("openings.jsonl is missing next to the record"), withheld, "{run:?}");
    }
}
