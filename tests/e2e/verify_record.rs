//! A whole record: accepted unchanged, and refused however it is damaged.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic, clippy::cast_possible_truncation)]

use crate::support::record::*;
use crate::support::*;
use keyferry_audit::record::{Audit, Expect, Folder, Previous, VerifyError};
use keyferry_core::transcript::MAX_LINE;
use keyferry_core::*;
use rand_chacha::ChaCha20Rng;
use rand_core::{Rng, SeedableRng};

#[test]
fn a_signed_record_is_accepted_and_says_what_happened() {
    let (ceremony, folder) = ceremony();
    let found = audit(folder);
    assert_eq!(found.refusals, []);
    let kinds: Vec<&str> = found.deviations.iter().map(|d| d.kind).collect();
    assert!(kinds.contains(&"note") && kinds.contains(&"backup-waived"), "{kinds:?}");
    let run = run(program("keyferry").args(["verify", "--json"]).arg(ceremony.record()));
    let result = run.ok().json();
    assert_eq!((&result["accepted"], &result["purpose"]), (&true.into(), &"rehearsal".into()));
    assert_eq!(result["people"][1]["signed"], true);
    assert_eq!(result["keys"][1]["proved"], true);
    // The head is the SHA-256 of the last line, which anybody can compute.
    let text = transcript(folder);
    assert_eq!(result["head"], Fingerprint::of(text.lines().last().unwrap().as_bytes()).to_string());
    let words =
        crate::support::run(program("keyferry").args(["verify", "--lang", "zh"]).arg(ceremony.record()));
    assert!(words.ok().out.contains("seal 4711 was torn"), "{}", words.out);
}

#[test]
fn a_changed_dropped_swapped_or_inserted_line_is_refused() {
    let folder = &ceremony().1;
    let text = transcript(folder);
    let lines: Vec<&str> = text.lines().collect();
    assert!(lines.len() > 20);
    for n in 0..lines.len() {
        let with = |edit: &dyn Fn(&mut Vec<String>)| {
            let mut lines: Vec<String> = lines.iter().map(|l| (*l).to_owned()).collect();
            edit(&mut lines);
            let text: String = lines.iter().map(|l| format!("{l}\n")).collect();
            Folder { transcript: Some(text.into_bytes()), ..folder.clone() }
        };
        let changed = lines[n].replacen("\"time\":\"20", "\"time\":\"19", 1);
        let last = n + 1 == lines.len();
        // No later line covers the last one: there the signatures detect a change.
        let control = if last { Control::VERIFY_SIGNATURE } else { Control::TRANSCRIPT_CHAIN };
        refused(&with(&|lines| lines[n].clone_from(&changed)), control);
        refused(&with(&|lines| drop(lines.remove(n))), control);
        refused(&with(&|lines| lines.insert(n, lines[n].clone())), Control::TRANSCRIPT_CHAIN);
        if !last {
            refused(&with(&|lines| lines.swap(n, n + 1)), Control::TRANSCRIPT_CHAIN);
        }
    }
}

/// Even if nobody signed, a truncated record is incomplete.
#[test]
fn a_transcript_cut_at_any_place_is_refused() {
    let signed = &ceremony().1;
    let text = transcript(signed);
    let unsigned_plan = |plan: &[u8]| {
        let plan = String::from_utf8(plan.to_vec()).unwrap();
        plan.lines().filter(|l| !l.starts_with("ssh_key")).map(|l| format!("{l}\n")).collect::<String>()
    };
    // The same ceremony under a plan without signing keys: the plan differs, so every digest is computed again.
    let plan = unsigned_plan(signed.plan.as_deref().unwrap()).into_bytes();
    let unsigned = replanned(signed, plan);
    let found = audit(&unsigned);
    assert_eq!(found.refusals, []);
    assert!(found.deviations.iter().any(|d| d.kind == "unsigned"));
    let whole = transcript(&unsigned);
    for at in (0..whole.len()).rev() {
        // At every line end, and at one place in each line.
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
fn an_export_from_another_endpoint_than_the_plan_s_is_refused() {
    let folder = &ceremony().1;
    let spoken = |text: &str| {
        let line = text.lines().find(|line| line.contains("\"kind\":\"exported\"")).unwrap();
        let value: serde_json::Value = serde_json::from_str(line).unwrap();
        value["event"]["endpoint"].as_str().unwrap().to_owned()
    };
    let named = |endpoint: &str| {
        let plan = String::from_utf8(folder.plan.clone().unwrap()).unwrap();
        let kept = plan.lines().filter(|l| !l.starts_with("ssh_key")).map(|l| format!("{l}\n"));
        let plan = kept.collect::<String>();
        let plan = plan.replacen("purpose", &format!("endpoint = \"{endpoint}\"\npurpose"), 1);
        audit(&replanned(folder, plan.into_bytes())).refusals
    };
    assert_eq!(named(&spoken(&transcript(folder))), []);
    let found = named("http://127.0.0.1:1");
    assert!(matches!(found[..], [VerifyError::PlannedEndpoint { .. }]), "{found:?}");
    assert_eq!(found[0].control(), Control::VERIFY_PLAN);
}

#[test]
fn a_rehearsal_never_passes_for_production() {
    let folder = &ceremony().1;
    let expect = Expect { purpose: Some(Purpose::Production), ..Expect::default() };
    let found = Audit::of(folder, &expect).refusals;
    assert!(matches!(found[..], [VerifyError::Unexpected { .. }]), "{found:?}");
    let run = run(program("keyferry").args(["verify", "--expect", "production"]).arg(ceremony().0.record()));
    run.refused(1, Control::VERIFY_PURPOSE);
    // The purpose is changed in the plan; in every line; and everywhere, with all digests computed again.
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
    // The record shows that an emulator was used, and nobody has signed the changed record.
    assert!(found.contains(&Control::VERIFY_PURPOSE) && found.contains(&Control::VERIFY_SIGNER), "{found:?}");
}

#[test]
fn what_the_transcript_says_otherwise_is_refused() {
    let folder = &ceremony().1;
    let changed = |edit: &dyn Fn(&mut Event)| rechained(folder, edit);
    let other = Fingerprint::of(b"other");
    type Edit<'a> = &'a dyn Fn(&mut Event);
    let cases: [(Control, Edit<'_>); 12] = [
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
                kcv.as_mut().unwrap().method = KcvMethod::Sm4;
            }
        }),
        (Control::VERIFY_KEY, &|e| {
            if let Event::MaterialGenerated { source, .. } = e {
                *source = transcript::MaterialSource::Seeded;
            }
        }),
        (Control::VERIFY_KEY, &|e| {
            if let Event::Wrapped { wrapped_sha256, .. } = e {
                *wrapped_sha256 = other;
            }
        }),
        (Control::VERIFY_KEY, &|e| {
            if let Event::ParametersFetched { wrapping_key_sha256, .. } = e {
                **wrapping_key_sha256 = other;
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
                *e = Event::BackupWaived { reason: "x".to_owned().into() };
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
        let text: String =
            plan.lines().filter(|l| !l.starts_with("ssh_key")).map(|l| format!("{l}\n")).collect();
        text.replacen("[[key]]", &format!("[[key]]\nprevious_record = \"{head}\""), 1).into_bytes()
    };
    let check = |head: Fingerprint, previous: Vec<Previous>| {
        let next = replanned(folder, named(head));
        Audit::of(&next, &Expect { previous, ..Expect::default() })
    };
    let previous = || vec![first.as_previous().unwrap()];
    let good = check(head, previous());
    assert_eq!(good.refusals, []);
    assert!(check(head, Vec::new()).deviations.iter().any(|d| d.kind == "previous-record"));
    let other = check(Fingerprint::of(b"x"), previous());
    assert!(
        other.refusals.iter().all(|e| e.control() == Control::VERIFY_PREVIOUS) && !other.refusals.is_empty()
    );
    // A rehearsal's material is never accepted for production, whatever else is wrong with that record.
    let production = String::from_utf8(named(head)).unwrap().replacen("\"rehearsal\"", "\"production\"", 1);
    let next = replanned(folder, production.into_bytes());
    let found = Audit::of(&next, &Expect { previous: previous(), ..Expect::default() });
    assert!(found.refusals.iter().any(|e| matches!(e, VerifyError::PreviousPurpose { .. })), "{found:?}");
    let refused = audit(&edited(|f| f.signatures.clear()));
    assert_eq!(refused.as_previous().unwrap_err(), VerifyError::PreviousRefused);
}

/// A key takes only one material in its life: two records with different commitments for it cannot both be true.
#[test]
fn a_key_has_the_material_of_the_record_before() {
    let folder = &ceremony().1;
    let plan = String::from_utf8(folder.plan.clone().unwrap()).unwrap();
    let unsigned: String =
        plan.lines().filter(|l| !l.starts_with("ssh_key")).map(|l| format!("{l}\n")).collect();
    let first = audit(&with_other_material(&replanned(folder, unsigned.clone().into_bytes())));
    assert_eq!(first.refusals, []);
    let found = |plan: String| {
        let previous = vec![first.as_previous().unwrap()];
        let next = replanned(folder, plan.into_bytes());
        Audit::of(&next, &Expect { previous, ..Expect::default() }).refusals
    };
    let head = first.record.as_ref().unwrap().chain.head();
    let named = unsigned.replacen("[[key]]", &format!("[[key]]\nprevious_record = \"{head}\""), 1);
    let other = found(named);
    assert!(
        matches!(&other[..], [VerifyError::PreviousMaterial { alias }] if alias.as_str() == "one"),
        "{other:?}"
    );
    assert_eq!(other[0].control(), Control::VERIFY_PREVIOUS);
    // A record that the plan does not name does not count as an earlier record.
    let unnamed = found(unsigned.clone());
    assert!(matches!(&unnamed[..], [VerifyError::PreviousUnnamed { .. }]), "{unnamed:?}");
}

/// The record as if its first key had got different material: ciphertext and chain are consistent again.
fn with_other_material(folder: &Folder) -> Folder {
    let (mut ciphertext, before) =
        artefact::parse::<Ciphertext>(folder.ciphertext.as_deref().unwrap()).unwrap();
    let other = Commitment::of(&KeyMaterial::from_bytes(&[0x90; 32]).unwrap());
    let own = ciphertext.keys[0].commitment.replace(other).unwrap();
    ciphertext.keys[0].binding = binding(&ciphertext, &ciphertext.keys[0]);
    let bytes = artefact::to_bytes(&ciphertext).unwrap().to_vec();
    let after = Fingerprint::of(&bytes);
    rechained(&Folder { ciphertext: Some(bytes), ..folder.clone() }, |event| {
        let text = serde_json::to_string(&event).unwrap().replace(&own.to_string(), &other.to_string());
        *event = serde_json::from_str(&text.replace(&before.to_string(), &after.to_string())).unwrap();
    })
}

/// Any change of one byte, line or file is refused, without a panic.
#[test]
fn mutations_are_all_refused() {
    mutate_all(2_000);
}

/// The same at full length, which takes a quarter of a minute of computing.
#[test]
#[ignore = "takes a while: the same as above, more often"]
fn ten_thousand_mutations_are_all_refused() {
    mutate_all(10_000);
}

fn mutate_all(wanted: usize) {
    let folder = &ceremony().1;
    assert_eq!(controls(folder), [], "the live control");
    let workers = 2;
    let counts: Vec<usize> = std::thread::scope(|scope| {
        let of = |seed| scope.spawn(move || mutate_many(folder, seed, wanted / workers));
        let handles: Vec<_> = (0..workers as u64).map(of).collect();
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
            let mut lines: Vec<Vec<u8>> =
                bytes.split_inclusive(|b| *b == b'\n').map(<[u8]>::to_vec).collect();
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

/// A later run that ends with an error supersedes nothing: the imported ciphertext stays valid.
#[test]
fn a_wrap_that_gave_up_leaves_an_earlier_ciphertext_good() {
    let ceremony = Ceremony::hold();
    let (there, away) = (ceremony.record().join("ciphertext.json"), ceremony.path("away.json"));
    std::fs::rename(&there, &away).unwrap();
    let wrap = "wrap --plan record/plan.toml --parameters record/parameters.json --out record --entropy text";
    let gave_up = run_with(offline(wrap.split(' ')).current_dir(ceremony.path("")), "Yes\n");
    gave_up.refused(1, Control::SECRET_TYPED);
    std::fs::rename(&away, &there).unwrap();
    let audited = audit(&Folder::read(&ceremony.record()).unwrap());
    assert_eq!(audited.verdict_before_signing(), Ok(()));
    assert!(audited.deviations.iter().any(|d| d.kind == "gave-up"), "{:?}", audited.deviations);
}

/// An honest repeat: the head on paper is the offline station's, and this station has added lines since.
#[test]
fn a_repeated_import_is_compared_with_the_head_that_the_offline_station_left() {
    let ceremony = Ceremony::hold();
    let folder = Folder::read(&ceremony.record()).unwrap();
    let chain = Transcript::verify(folder.transcript.as_deref().unwrap()).unwrap().unwrap();
    let (head, since) = Story::of(&chain).left_by(Station::Offline).unwrap();
    assert!(since > 3);
    let import = |more: &[&str], typed: &str| {
        let mut command = online(["import", "--session", "session.json"], "http://127.0.0.1:1");
        command.args(["--ciphertext", "record/ciphertext.json"]).args(more).current_dir(ceremony.path(""));
        run_with(&mut command, typed)
    };
    let asked = import(&[], "");
    asked.refused(1, Control::CONSENT);
    let now = chain.head().grouped();
    assert!(asked.err.contains(&format!("{since} lines of runs here, to the head {now}")), "{}", asked.err);
    assert!(asked.has_hex(&head), "{}", asked.err);
    let digest = Fingerprint::of(folder.ciphertext.as_deref().unwrap()).to_string();
    let given =
        |head: &Fingerprint| import(&["--expect-digest", &digest, "--expect-head", &head.to_string()], "");
    // The comparison succeeds; then the command fails because no service answers.
    given(&chain.head()).refused(4, Control::NET_FAILED);
    for other in [head, Fingerprint::of(b"another")] {
        given(&other).refused(1, Control::CIPHER_DIGEST);
    }
}
