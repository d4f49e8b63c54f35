//! A whole record: made by the real programs against the emulator, signed by OpenSSH's own `ssh-keygen`, checked, and broken in every way.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic)]

mod support;

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::OnceLock;

use keyferry::record::{Audit, Expect, Folder, NAMESPACE, Previous, SIGNATURES, VerifyError};
use keyferry_core::transcript::MAX_LINE;
use keyferry_core::*;
use rand_chacha::ChaCha20Rng;
use rand_core::{Rng, SeedableRng};
use support::*;

/// A finished ceremony: its record, and the keys of the people.
struct Ceremony {
    dir: tempfile::TempDir,
}

impl Ceremony {
    /// Both stations, two keys, an operator with an Ed25519 key and a witness with an ECDSA one.
    fn hold() -> Self {
        let dir = tempfile::tempdir().unwrap();
        let this = Self { dir };
        let people = [("operator", "Ada Byron", "ed25519"), ("witness", "王小明 <b>", "ecdsa")];
        let mut plan = String::from("format = \"keyferry/plan/1\"\nceremony = \"record-1\"\npurpose = \"rehearsal\"\n");
        for (role, name, kind) in people {
            let key = this.key(role, kind);
            plan += &format!("[[participant]]\nname = \"{name}\"\nrole = \"{role}\"\nssh_key = \"{key}\"\n");
        }
        for (alias, region) in [("one", "ap-singapore"), ("two", "ap-guangzhou")] {
            plan += &format!(
                "[[key]]\nalias = \"{alias}\"\nprovider = \"tencent\"\nregion = \"{region}\"\nvalid_to = \"never\"\n"
            );
        }
        plan += "[backup]\nscheme = \"none\"\nreason = \"a test <script>\"\n";
        fs::write(this.path("draft.toml"), plan).unwrap();
        let record = this.record();
        fs::create_dir(&record).unwrap();
        let emulator = EmulatorProcess::start(&["--wrapping-keys", "2"]);
        let online = |line: &str| {
            let mut command = online(line.split(' '), &emulator.endpoint);
            run(command.current_dir(this.dir.path()))
        };
        online("create-key --plan draft.toml --out record/plan.toml --transcript record/transcript.jsonl").ok();
        online("export --plan record/plan.toml --out record --session session.json").ok();
        let wrap = "wrap --plan record/plan.toml --parameters record/parameters.json --out record";
        run(offline(wrap.split(' ')).current_dir(this.dir.path())).ok();
        let mut note = offline(["note", "--transcript", "record/transcript.jsonl", "--by", "Ada Byron"]);
        run_with(note.current_dir(this.dir.path()), "seal 4711 was torn; a new one, 4712 & <i>\n").ok();
        online("import --session session.json --ciphertext record/ciphertext.json").ok();
        this
    }

    fn path(&self, name: &str) -> PathBuf {
        self.dir.path().join(name)
    }

    fn record(&self) -> PathBuf {
        self.path("record")
    }

    /// Makes a key pair and returns the public line.
    fn key(&self, name: &str, kind: &str) -> String {
        let mut make = Command::new("ssh-keygen");
        make.args(["-q", "-N", "", "-C", "someone@somewhere", "-t", kind, "-f"]).arg(self.path(name));
        assert!(make.status().unwrap().success());
        fs::read_to_string(self.path(&format!("{name}.pub"))).unwrap().trim().to_owned()
    }

    /// As the runbook has it, by OpenSSH.
    fn sign(&self, key: &str, id: &str) {
        let signature = sign_with(&self.path(key), NAMESPACE, &self.record().join("transcript.jsonl"));
        let folder = self.record().join(SIGNATURES);
        fs::create_dir_all(&folder).unwrap();
        fs::write(folder.join(format!("{id}.sig")), signature).unwrap();
    }
}

/// What `ssh-keygen -Y sign` writes for a file.
fn sign_with(key: &Path, namespace: &str, file: &Path) -> Vec<u8> {
    let mut sign = Command::new("ssh-keygen");
    sign.args(["-q", "-Y", "sign", "-n", namespace, "-f"]).arg(key).stdin(fs::File::open(file).unwrap());
    let done = sign.output().unwrap();
    assert!(done.status.success(), "{done:?}");
    done.stdout
}

/// One ceremony for the whole program, signed by both; the folder is never changed.
fn ceremony() -> &'static (Ceremony, Folder) {
    static ONE: OnceLock<(Ceremony, Folder)> = OnceLock::new();
    ONE.get_or_init(|| {
        let ceremony = Ceremony::hold();
        ceremony.sign("operator", "operator-1");
        ceremony.sign("witness", "witness-1");
        let folder = Folder::read(&ceremony.record()).unwrap();
        (ceremony, folder)
    })
}

fn audit(folder: &Folder) -> Audit {
    Audit::of(folder, &Expect::default())
}

/// The controls of all refusals.
fn controls(folder: &Folder) -> Vec<Control> {
    audit(folder).refusals.iter().map(Explain::control).collect()
}

#[track_caller]
fn refused(folder: &Folder, control: Control) {
    let found = controls(folder);
    assert!(found.contains(&control), "expected {control}, found {found:?}");
}

fn edited(edit: impl FnOnce(&mut Folder)) -> Folder {
    let mut folder = ceremony().1.clone();
    edit(&mut folder);
    assert_ne!(folder, ceremony().1);
    folder
}

fn transcript(folder: &Folder) -> String {
    String::from_utf8(folder.transcript.clone().unwrap()).unwrap()
}

/// The same record with lines changed and the chain made anew, as somebody would who has no key.
fn rechained(folder: &Folder, edit: impl Fn(&mut Event)) -> Folder {
    let chain = Transcript::verify(folder.transcript.as_deref().unwrap()).unwrap().unwrap();
    let mut fresh = Transcript::new(chain.ceremony().clone());
    let mut text = String::new();
    for line in chain.lines() {
        let mut event = line.event.clone();
        edit(&mut event);
        text += &fresh.append(line.station, line.time, event).unwrap();
    }
    Folder { transcript: Some(text.into_bytes()), ..folder.clone() }
}

#[test]
fn a_signed_record_is_accepted_and_says_what_happened() {
    let (ceremony, folder) = ceremony();
    let found = audit(folder);
    assert_eq!(found.refusals, []);
    let kinds: Vec<&str> = found.deviations.iter().map(|d| d.kind.as_str()).collect();
    assert!(kinds.contains(&"note") && kinds.contains(&"backup-waived"), "{kinds:?}");
    let run = run(program("keyferry").args(["verify", "--json"]).arg(ceremony.record()));
    let result = run.ok().json();
    assert_eq!((&result["accepted"], &result["purpose"]), (&true.into(), &"rehearsal".into()));
    assert_eq!(result["people"][1]["signed"], true);
    assert_eq!(result["keys"][1]["proved"], true);
    // The head is the SHA-256 of the last line, as anybody can compute it.
    let text = transcript(folder);
    assert_eq!(result["head"], Fingerprint::of(text.lines().last().unwrap().as_bytes()).to_string());
    let words = support::run(program("keyferry").args(["verify", "--lang", "zh"]).arg(ceremony.record()));
    assert!(words.ok().err.contains("seal 4711 was torn"), "{}", words.err);
}

#[test]
fn openssh_comes_to_the_same_verdict() {
    let (ceremony, _) = ceremony();
    let allowed = run(program("keyferry").arg("allowed-signers").arg(ceremony.record().join("plan.toml")));
    fs::write(ceremony.path("allowed_signers"), &allowed.ok().out).unwrap();
    let openssh = |id: &str, signature: &Path, file: &Path| {
        let mut verify = Command::new("ssh-keygen");
        verify.args(["-q", "-Y", "verify", "-n", NAMESPACE, "-I", id, "-f"]).arg(ceremony.path("allowed_signers"));
        verify.arg("-s").arg(signature).stdin(fs::File::open(file).unwrap());
        verify.stdout(Stdio::null()).stderr(Stdio::null()).status().unwrap().success()
    };
    let record = ceremony.record();
    let signature = |id: &str| record.join(SIGNATURES).join(format!("{id}.sig"));
    let file = record.join("transcript.jsonl");
    assert!(openssh("operator-1", &signature("operator-1"), &file));
    assert!(openssh("witness-1", &signature("witness-1"), &file));
    assert!(!openssh("operator-1", &signature("witness-1"), &file));
    assert!(!openssh("operator-1", &signature("operator-1"), &record.join("plan.toml")));
    // Every kind of key, signed here and by OpenSSH, accepted by both.
    let room = tempfile::tempdir().unwrap();
    let mut counted = 0;
    for (kind, bits) in [("ed25519", ""), ("ecdsa", "256"), ("ecdsa", "384"), ("ecdsa", "521"), ("rsa", "2048"), ("rsa", "3072")] {
        let key = room.path().join(format!("{kind}{bits}"));
        let mut make = Command::new("ssh-keygen");
        make.args(["-q", "-N", "", "-t", kind, "-f"]).arg(&key);
        if !bits.is_empty() {
            make.args(["-b", bits]);
        }
        assert!(make.status().unwrap().success());
        let line = fs::read_to_string(key.with_extension("pub")).unwrap();
        let public = keyferry::record::SignerKey::parse(line.trim()).unwrap();
        let message = fs::read(&file).unwrap();
        let theirs = sign_with(&key, NAMESPACE, &file);
        let parsed = keyferry::record::RecordSignature::parse(&theirs).unwrap();
        parsed.verify(&public, &message).unwrap();
        assert!(parsed.verify(&public, &message[1..]).is_err());
        let none = || -> Result<zeroize::Zeroizing<String>, keyferry::record::SignatureError> { panic!("asked") };
        let held = keyferry::record::HeldKey::open(&fs::read(&key).unwrap(), none).unwrap();
        let ours = held.sign(&message).unwrap();
        if kind != "ecdsa" {
            assert_eq!(ours.as_bytes(), theirs, "{kind}: both are deterministic");
        }
        fs::write(room.path().join("sig"), ours).unwrap();
        fs::write(ceremony.path("allowed_signers"), format!("x {line}")).unwrap();
        assert!(openssh("x", &room.path().join("sig"), &file), "{kind} {bits}");
        counted += 1;
    }
    assert_eq!(counted, 6);
}

#[test]
fn a_changed_dropped_swapped_or_inserted_line_is_refused() {
    let folder = &ceremony().1;
    let text = transcript(folder);
    let lines: Vec<&str> = text.lines().collect();
    assert!(lines.len() > 20);
    for n in 0..lines.len() {
        let with = |edit: &dyn Fn(&mut Vec<&str>)| {
            let mut lines = lines.clone();
            edit(&mut lines);
            let text: String = lines.iter().map(|l| format!("{l}\n")).collect();
            Folder { transcript: Some(text.into_bytes()), ..folder.clone() }
        };
        let changed = lines[n].replacen("\"time\":\"20", "\"time\":\"19", 1);
        let last = n + 1 == lines.len();
        // The last line hangs on nothing that follows: there the signatures refuse.
        let control = if last { Control::VERIFY_SIGNATURE } else { Control::TRANSCRIPT_CHAIN };
        refused(&with(&|lines| lines[n] = &changed), control);
        refused(&with(&|lines| drop(lines.remove(n))), control);
        refused(&with(&|lines| lines.insert(n, lines[n])), Control::TRANSCRIPT_CHAIN);
        if !last {
            refused(&with(&|lines| lines.swap(n, n + 1)), Control::TRANSCRIPT_CHAIN);
        }
    }
}

/// Also where nobody signed: a record that ends earlier is not over.
#[test]
fn a_transcript_cut_at_any_place_is_refused() {
    let signed = &ceremony().1;
    let text = transcript(signed);
    let unsigned_plan = |plan: &[u8]| {
        let plan = String::from_utf8(plan.to_vec()).unwrap();
        plan.lines().filter(|l| !l.starts_with("ssh_key")).map(|l| format!("{l}\n")).collect::<String>()
    };
    // The same ceremony as one whose plan has no one's key: other plan, so every digest anew.
    let plan = unsigned_plan(signed.plan.as_deref().unwrap()).into_bytes();
    let unsigned = replanned(signed, plan);
    let found = audit(&unsigned);
    assert_eq!(found.refusals, []);
    assert!(found.deviations.iter().any(|d| d.kind == "unsigned"));
    let whole = transcript(&unsigned);
    for at in (0..whole.len()).rev() {
        // Every end of a line, and a place in each line.
        if whole.as_bytes()[at] != b'\n' && at % 61 != 0 {
            continue;
        }
        let end = at + usize::from(whole.as_bytes()[at] == b'\n');
        if end < whole.len() {
            let cut = Folder { transcript: Some(whole.as_bytes()[..end].to_vec()), ..unsigned.clone() };
            assert_ne!(controls(&cut), [], "cut at {end}");
        }
    }
    for end in text.match_indices('\n').map(|(at, _)| at + 1).filter(|end| *end < text.len()) {
        let cut = edited(|f| f.transcript = Some(text.as_bytes()[..end].to_vec()));
        assert_ne!(controls(&cut), [], "cut at {end}");
    }
}

/// The record as if it had been made under another plan: plan, parameters, ciphertext and chain agree again.
fn replanned(folder: &Folder, plan: Vec<u8>) -> Folder {
    let (old, new) = (Fingerprint::of(folder.plan.as_deref().unwrap()), Fingerprint::of(&plan));
    let purpose = CeremonyPlan::parse(&plan).unwrap().purpose();
    let (mut parameters, before) = artefact::parse::<Parameters>(folder.parameters.as_deref().unwrap()).unwrap();
    (parameters.plan_sha256, parameters.purpose) = (new, purpose);
    let parameters = artefact::to_bytes(&parameters).unwrap().to_vec();
    let (mut ciphertext, c_before) = artefact::parse::<Ciphertext>(folder.ciphertext.as_deref().unwrap()).unwrap();
    ciphertext.parameters_sha256 = Fingerprint::of(&parameters);
    ciphertext.purpose = purpose;
    for k in &mut ciphertext.keys {
        k.binding = binding(k, &Fingerprint::of(&parameters));
    }
    let ciphertext = artefact::to_bytes(&ciphertext).unwrap().to_vec();
    let swap = [(old, new), (before, Fingerprint::of(&parameters)), (c_before, Fingerprint::of(&ciphertext))];
    let base = Folder {
        plan: Some(plan),
        parameters: Some(parameters),
        ciphertext: Some(ciphertext),
        signatures: Vec::new(),
        ..folder.clone()
    };
    rechained(&base, |event| {
        let mut text = serde_json::to_string(&event).unwrap();
        for (from, to) in &swap {
            text = text.replace(&from.to_string(), &to.to_string());
        }
        *event = serde_json::from_str(&text).unwrap();
        if let Event::Begun { purpose: p, .. } = event {
            *p = purpose;
        }
    })
}

/// As ceremony/formats.md defines it.
fn binding(k: &CiphertextEntry, parameters: &Fingerprint) -> Fingerprint {
    let (commitment, kcv) = (k.commitment.to_string(), k.kcv.value.to_string());
    Fingerprint::of_fields(&[
        b"keyferry/ciphertext-binding/1",
        parameters.as_bytes(),
        k.alias.as_str().as_bytes(),
        k.region.as_str().as_bytes(),
        k.key_id.as_str().as_bytes(),
        k.algorithm.as_str().as_bytes(),
        k.wrapping_key_sha256.as_bytes(),
        &k.bits.bits().to_be_bytes(),
        k.wrapped_material.as_bytes(),
        k.kcv.method.as_str().as_bytes(),
        kcv.as_bytes(),
        commitment.as_bytes(),
    ])
}

#[test]
fn another_plan_is_refused() {
    let plan = |edit: &str, to: &str| {
        let text = String::from_utf8(ceremony().1.plan.clone().unwrap()).unwrap();
        assert!(text.contains(edit));
        text.replacen(edit, to, 1).into_bytes()
    };
    refused(&edited(|f| f.plan = Some(plan("format", "# reviewed\nformat"))), Control::VERIFY_PLAN);
    refused(&edited(|f| f.plan = Some(plan("record-1", "record-2"))), Control::VERIFY_PLAN);
    refused(&edited(|f| f.plan = None), Control::VERIFY_FILES);
    refused(&edited(|f| f.parameters = None), Control::VERIFY_FILES);
    refused(&edited(|f| f.ciphertext = None), Control::VERIFY_FILES);
    refused(&edited(|f| f.transcript = Some(Vec::new())), Control::TRANSCRIPT_EVENT);
}

#[test]
fn a_missing_or_foreign_signature_is_refused() {
    let (ceremony, folder) = ceremony();
    refused(&edited(|f| drop(f.signatures.remove(0))), Control::VERIFY_SIGNER);
    refused(&edited(|f| f.signatures.clear()), Control::VERIFY_SIGNER);
    // The other's signature under this name; a stranger's; one for something else; one of another text.
    refused(&edited(|f| f.signatures[0].1 = f.signatures[1].1.clone()), Control::VERIFY_SIGNATURE);
    let transcript = ceremony.record().join("transcript.jsonl");
    ceremony.key("stranger", "ed25519");
    let stranger = sign_with(&ceremony.path("stranger"), NAMESPACE, &transcript);
    refused(&edited(|f| f.signatures[0].1 = stranger.clone()), Control::VERIFY_SIGNATURE);
    refused(&edited(|f| f.signatures.push(("operator-2.sig".into(), stranger))), Control::VERIFY_SIGNATURE);
    let for_git = sign_with(&ceremony.path("operator"), "git", &transcript);
    refused(&edited(|f| f.signatures[0].1 = for_git), Control::VERIFY_SIGNATURE);
    let of_plan = sign_with(&ceremony.path("operator"), NAMESPACE, &ceremony.record().join("plan.toml"));
    refused(&edited(|f| f.signatures[0].1 = of_plan), Control::VERIFY_SIGNATURE);
    // A form that OpenSSH would take, but did not write.
    let armor = |edit: &dyn Fn(String) -> String| {
        let text = edit(String::from_utf8(folder.signatures[0].1.clone()).unwrap());
        edited(|f| f.signatures[0].1 = text.into_bytes())
    };
    refused(&armor(&|text| text.replace('\n', "\r\n")), Control::VERIFY_SIGNATURE);
    refused(&armor(&|text| text + "\n"), Control::VERIFY_SIGNATURE);
    refused(&armor(&|text| text.trim_end().to_owned()), Control::VERIFY_SIGNATURE);
}

#[test]
fn a_rehearsal_never_passes_for_production() {
    let folder = &ceremony().1;
    let expect = Expect { purpose: Some(Purpose::Production), ..Expect::default() };
    let found = Audit::of(folder, &expect).refusals;
    assert!(matches!(found[..], [VerifyError::Unexpected { .. }]), "{found:?}");
    let run = run(program("keyferry").args(["verify", "--expect", "production"]).arg(ceremony().0.record()));
    run.refused(1, Control::VERIFY_PURPOSE);
    // Renamed in the plan; in every line; and everywhere, all digests made anew.
    let plan = String::from_utf8(folder.plan.clone().unwrap()).unwrap();
    let plan = plan.replacen("\"rehearsal\"", "\"production\"", 1).into_bytes();
    refused(&edited(|f| f.plan = Some(plan.clone())), Control::VERIFY_PURPOSE);
    let renamed = rechained(folder, |event| {
        if let Event::Begun { purpose, .. } = event {
            *purpose = Purpose::Production;
        }
    });
    refused(&renamed, Control::VERIFY_PURPOSE);
    let forged = replanned(folder, plan);
    let found = controls(&forged);
    // It spoke to an emulator, and nobody signs it again.
    assert!(found.contains(&Control::VERIFY_PURPOSE) && found.contains(&Control::VERIFY_SIGNER), "{found:?}");
}

#[test]
fn what_the_transcript_says_otherwise_is_refused() {
    let folder = &ceremony().1;
    let changed = |edit: &dyn Fn(&mut Event)| rechained(folder, edit);
    let other = Fingerprint::of(b"other");
    type Edit<'a> = &'a dyn Fn(&mut Event);
    let cases: [(Control, Edit<'_>); 11] = [
        (Control::VERIFY_PARAMETERS, &|e| {
            if let Event::Exported { parameters_sha256, .. } = e {
                *parameters_sha256 = other;
            }
        }),
        (Control::VERIFY_PARAMETERS, &|e| {
            if let Event::Checked { file, sha256 } = e
                && file == "parameters.json"
            {
                *sha256 = other;
            }
        }),
        (Control::VERIFY_CIPHERTEXT, &|e| {
            if let Event::Confirmed { file, sha256, .. } = e
                && file == "ciphertext.json"
            {
                *sha256 = other;
            }
        }),
        (Control::VERIFY_CIPHERTEXT, &|e| {
            if let Event::CiphertextWritten { seeded, .. } = e {
                *seeded = true;
            }
        }),
        (Control::VERIFY_KEY, &|e| {
            if let Event::MaterialGenerated { kcv, .. } = e {
                kcv.method = KcvMethod::Sm4;
            }
        }),
        (Control::VERIFY_KEY, &|e| {
            if let Event::Wrapped { wrapped_sha256, .. } = e {
                *wrapped_sha256 = other;
            }
        }),
        (Control::VERIFY_KEY, &|e| {
            if let Event::ParametersFetched { wrapping_key_sha256, .. } = e {
                *wrapping_key_sha256 = other;
            }
        }),
        (Control::VERIFY_KEY, &|e| {
            if let Event::Proved { round_trip, .. } = e {
                *round_trip = false;
            }
        }),
        (Control::VERIFY_KEY, &|e| {
            if let Event::Proved { state, .. } = e {
                *state = "Disabled".into();
            }
        }),
        (Control::VERIFY_END, &|e| {
            if matches!(e, Event::Proved { .. }) {
                *e = Event::BackupWaived { reason: "x".into() };
            }
        }),
        (Control::VERIFY_PLAN, &|e| {
            if let Event::Begun { plan_sha256, command, .. } = e
                && command == "import"
            {
                *plan_sha256 = None;
            }
        }),
    ];
    for (n, (control, edit)) in cases.iter().enumerate() {
        let found = controls(&changed(edit));
        assert!(found.contains(control), "case {n}: expected {control}, found {found:?}");
    }
    let expect = Expect { head: Some(other), ..Expect::default() };
    assert!(matches!(Audit::of(folder, &expect).refusals[..], [VerifyError::Head { .. }]));
}

#[test]
fn the_record_before_is_the_one_that_the_plan_names() {
    let folder = &ceremony().1;
    let first = audit(folder);
    let head = first.record.as_ref().unwrap().chain.head();
    let plan = String::from_utf8(folder.plan.clone().unwrap()).unwrap();
    let named = |head: Fingerprint| {
        let text: String = plan.lines().filter(|l| !l.starts_with("ssh_key")).map(|l| format!("{l}\n")).collect();
        text.replacen("[[key]]", &format!("[[key]]\nprevious_record = \"{head}\""), 1).into_bytes()
    };
    let check = |head: Fingerprint, previous: Vec<Previous>| {
        let next = replanned(folder, named(head));
        Audit::of(&next, &Expect { previous, ..Expect::default() })
    };
    let previous = || vec![Previous::of(&first).unwrap()];
    let good = check(head, previous());
    assert_eq!(good.refusals, []);
    assert!(check(head, Vec::new()).deviations.iter().any(|d| d.kind == "previous-record"));
    let other = check(Fingerprint::of(b"x"), previous());
    assert!(other.refusals.iter().all(|e| e.control() == Control::VERIFY_PREVIOUS) && !other.refusals.is_empty());
    let refused = audit(&edited(|f| f.signatures.clear()));
    assert_eq!(Previous::of(&refused).unwrap_err(), VerifyError::PreviousRefused);
}

/// Whatever one byte, line or file becomes: refused, and no panic. `KEYFERRY_MUTATIONS` sets how many.
#[test]
fn ten_thousand_mutations_are_all_refused() {
    let folder = &ceremony().1;
    assert_eq!(controls(folder), [], "the live control");
    let wanted = std::env::var("KEYFERRY_MUTATIONS").ok().and_then(|n| n.parse().ok()).unwrap_or(10_000);
    let workers = 2_u64;
    let counts: Vec<usize> = std::thread::scope(|scope| {
        let handles: Vec<_> = (0..workers)
            .map(|seed| scope.spawn(move || mutate_many(folder, seed, wanted / workers as usize)))
            .collect();
        handles.into_iter().map(|h| h.join().unwrap()).collect()
    });
    assert_eq!(counts.iter().sum::<usize>(), wanted);
}

fn mutate_many(folder: &Folder, seed: u64, wanted: usize) -> usize {
    let mut rng = ChaCha20Rng::seed_from_u64(seed);
    let mut refused = 0;
    while refused < wanted {
        let mut mutant = folder.clone();
        let what = mutate(&mut mutant, &mut rng);
        if mutant == *folder {
            continue;
        }
        assert_ne!(controls(&mutant), [], "accepted after {what}");
        refused += 1;
    }
    refused
}

/// One change in one file: a bit, a byte, a piece removed, doubled or moved, a line gone or swapped, the end cut, the file emptied.
fn mutate(folder: &mut Folder, rng: &mut ChaCha20Rng) -> String {
    let mut below = |n: usize| (rng.next_u64() % n.max(1) as u64) as usize;
    let (file, kind) = (below(10), below(9));
    let bytes: &mut Vec<u8> = match file {
        0 => folder.plan.as_mut().unwrap(),
        1 => folder.parameters.as_mut().unwrap(),
        2 => folder.ciphertext.as_mut().unwrap(),
        3 => &mut folder.signatures[0].1,
        4 => &mut folder.signatures[1].1,
        _ => folder.transcript.as_mut().unwrap(),
    };
    let length = bytes.len();
    let (at, other) = (below(length), below(length));
    let (low, high) = (at.min(other), at.max(other).min(at.min(other) + MAX_LINE));
    match kind {
        0 => bytes[at] ^= 1 << below(8),
        1 => bytes[at] = below(256) as u8,
        2 => drop(bytes.remove(at)),
        3 => bytes.insert(at, below(256) as u8),
        4 => drop(bytes.drain(low..high)),
        5 => {
            let piece = bytes[low..high].to_vec();
            bytes.splice(low..low, piece);
        }
        6 => bytes.truncate(at),
        7 => bytes.swap(at, other),
        _ => {
            let mut lines: Vec<Vec<u8>> = bytes.split_inclusive(|b| *b == b'\n').map(<[u8]>::to_vec).collect();
            let (a, b) = (below(lines.len()), below(lines.len()));
            if a == b {
                lines.remove(a);
            } else {
                lines.swap(a, b);
            }
            *bytes = lines.concat();
        }
    }
    format!("change {kind} of file {file} at {at} / {other}")
}

#[test]
fn sign_takes_key_files_and_prints_how_openssh_does() {
    let ceremony = Ceremony::hold();
    let record = ceremony.record();
    let sign = |more: &[&str]| run_with(program("keyferry").arg("sign").arg(&record).args(more), "open sesame\n");
    run(program("keyferry").arg("verify").arg(&record)).refused(1, Control::VERIFY_SIGNER);
    // An encrypted key: the passphrase is asked for.
    let operator = ceremony.path("operator");
    let operator = operator.to_str().unwrap();
    let mut encrypt = Command::new("ssh-keygen");
    encrypt.args(["-q", "-p", "-N", "open sesame", "-f", operator]).stdout(Stdio::null());
    assert!(encrypt.status().unwrap().success());
    let done = sign(&["--key", operator]);
    done.ok();
    assert!(done.out.trim().ends_with("signatures/operator-1.sig"), "{}", done.out);
    sign(&["--key", operator]).refused(1, Control::SIGN_KEY);
    let wrong = run_with(program("keyferry").arg("sign").arg(&record).args(["--key", operator]), "sesame\n");
    wrong.refused(1, Control::SIGN_KEY);
    ceremony.key("stranger", "ed25519");
    sign(&["--key", ceremony.path("stranger").to_str().unwrap()]).refused(1, Control::SIGN_KEY);
    // The other by the line that is printed.
    let lines = sign(&[]).ok().out.clone();
    assert_eq!(lines.lines().count(), 1, "{lines}");
    let line = lines.replace("KEY", ceremony.path("witness").to_str().unwrap());
    assert!(Command::new("bash").args(["-ec", &line]).stderr(Stdio::null()).status().unwrap().success());
    run(program("keyferry").arg("verify").arg(&record)).ok();
}

#[test]
fn a_note_is_one_printable_line_in_a_record_that_exists() {
    let room = Room::new("rehearsal", WrappingAlgorithm::default());
    run(&mut room.wrap(&[])).ok();
    let note = |text: &str, by: &str, file: &str| {
        let mut note = offline(["note", "--transcript", file, "--by", by, "--text", text]);
        run(note.current_dir(room.dir.path()))
    };
    let record = "medium/transcript.jsonl";
    let before = fs::read(room.path(record)).unwrap();
    note("a\nb", "Ada", record).refused(1, Control::NOTE);
    note("a\u{202e}b", "Ada", record).refused(1, Control::NOTE);
    note(&"x".repeat(1001), "Ada", record).refused(1, Control::NOTE);
    note("x", "\u{1b}[2J", record).refused(1, Control::NOTE);
    note("x", "Ada", "plan.toml").refused(1, Control::TRANSCRIPT_EVENT);
    note("x", "Ada", "nothing.jsonl").refused(3, Control::FILE_READ);
    assert_eq!(fs::read(room.path(record)).unwrap(), before);
    note("封条 4711 已破损", "Ada", record).ok();
    let chain = Transcript::verify(&fs::read(room.path(record)).unwrap()).unwrap().unwrap();
    assert!(matches!(&chain.lines().last().unwrap().event, Event::Note { by, .. } if by.as_str() == "Ada"));
}

#[test]
fn a_report_says_the_verdict_on_top_and_keeps_texts_texts() {
    let (ceremony, folder) = ceremony();
    let out = tempfile::tempdir().unwrap();
    let report = |record: &Path, name: &str, lang: &str| {
        let (html, md) = (out.path().join(format!("{name}.html")), out.path().join(format!("{name}.md")));
        let mut command = program("keyferry");
        command.args(["report", "--lang", lang]).arg(record).arg("--out").arg(&html).arg("--md").arg(&md);
        let run = run(&mut command);
        (run, fs::read_to_string(html).unwrap(), fs::read_to_string(md).unwrap())
    };
    for (lang, word) in [("en", "holds together"), ("zh", "记录完整一致")] {
        let (run, html, md) = report(&ceremony.record(), lang, lang);
        run.ok();
        for text in [&html, &md] {
            assert!(text.contains(word), "{text:.600}");
            assert!(text.contains("ssh-keygen -Y verify") && text.contains("sha256sum -c"));
        }
        assert!(!html.contains("<script") && !html.contains("<i>") && !md.contains("<script"));
        assert!(html.contains("王小明 &lt;b&gt;"));
    }
    // The lines at its end are run as they stand.
    let (_, _, md) = report(&ceremony.record(), "again", "en");
    let blocks: Vec<&str> = md.split("```sh\n").skip(1).map(|b| b.split("\n```").next().unwrap()).collect();
    assert_eq!(blocks.len(), 5);
    let mut said = String::new();
    for block in blocks {
        let mut shell = Command::new("bash");
        let done = shell.args(["-ec", block]).current_dir(ceremony.record()).output().unwrap();
        assert!(done.status.success(), "{block}\n{done:?}");
        said += &String::from_utf8(done.stdout).unwrap();
    }
    for expected in ["ciphertext.json: OK", "the head agrees", "Good \"keyferry-record\" signature", "65537", "two binds"] {
        assert!(said.contains(expected), "{expected} in {said}");
    }
    // Refused: on top of the page, and in the exit code.
    let bad = out.path().join("bad");
    fs::create_dir(&bad).unwrap();
    for (name, bytes) in [("plan.toml", &folder.plan), ("transcript.jsonl", &folder.transcript)] {
        fs::write(bad.join(name), bytes.as_deref().unwrap()).unwrap();
    }
    let (run, html, _) = report(&bad, "bad", "en");
    run.refused(1, Control::VERIFY_FILES);
    assert!(html.contains("verdict bad") && html.contains("REFUSED"));
}
