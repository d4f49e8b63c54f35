//! Signatures of a record: made here and by OpenSSH, checked here and by OpenSSH, with the same refusals.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic, clippy::cast_possible_truncation)]

use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};

use crate::support::record::*;
use crate::support::*;
use keyferry_audit::record::{
    Folder, HeldKey, KeyFile, NAMESPACE, RecordSignature, SIGNATURES, SignatureError, SignerKey, VerifyError,
    people,
};
use keyferry_core::signer::SshKeyError;
use keyferry_core::*;
use rand_chacha::ChaCha20Rng;
use rand_core::{Rng, SeedableRng};

#[test]
fn openssh_comes_to_the_same_verdict() {
    let (ceremony, _) = ceremony();
    let allowed = run(program("keyferry").arg("allowed-signers").arg(ceremony.record().join("plan.toml")));
    fs::write(ceremony.path("allowed_signers"), &allowed.ok().out).unwrap();
    let openssh = |id: &str, signature: &Path, file: &Path| {
        let mut verify = Command::new("ssh-keygen");
        verify
            .args(["-q", "-Y", "verify", "-n", NAMESPACE, "-I", id, "-f"])
            .arg(ceremony.path("allowed_signers"));
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
    for (kind, bits) in [
        ("ed25519", ""),
        ("ecdsa", "256"),
        ("ecdsa", "384"),
        ("ecdsa", "521"),
        ("rsa", "2048"),
        ("rsa", "3072"),
    ] {
        let key = room.path().join(format!("{kind}{bits}"));
        let mut make = Command::new("ssh-keygen");
        make.args(["-q", "-N", "", "-t", kind, "-f"]).arg(&key);
        if !bits.is_empty() {
            make.args(["-b", bits]);
        }
        assert!(make.status().unwrap().success());
        let line = fs::read_to_string(key.with_extension("pub")).unwrap();
        let public = keyferry_audit::record::SignerKey::parse(line.trim()).unwrap();
        let message = fs::read(&file).unwrap();
        let theirs = sign_with(&key, NAMESPACE, &file);
        let parsed = keyferry_audit::record::RecordSignature::parse(&theirs).unwrap();
        parsed.verify(&public, &message).unwrap();
        assert!(parsed.verify(&public, &message[1..]).is_err());
        let none = || -> Result<zeroize::Zeroizing<String>, keyferry_audit::record::SignatureError> {
            panic!("asked")
        };
        let held = keyferry_audit::record::HeldKey::open(&fs::read(&key).unwrap(), none).unwrap();
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

/// What OpenSSH says about the signature of `id` in a folder on disk, with the signers that the plan names.
fn openssh_accepts(folder: &Folder, id: &str) -> bool {
    let room = tempfile::tempdir().unwrap();
    let write = |name: &str, bytes: &[u8]| fs::write(room.path().join(name), bytes).unwrap();
    write("plan.toml", folder.plan.as_deref().unwrap());
    let allowed = run(program("keyferry").arg("allowed-signers").arg(room.path().join("plan.toml")));
    write("signers", allowed.ok().out.as_bytes());
    write("transcript.jsonl", folder.transcript.as_deref().unwrap());
    let Some((_, signature)) = folder.signatures.iter().find(|(file, _)| *file == format!("{id}.sig")) else {
        return false;
    };
    write("sig", signature);
    let mut verify = Command::new("ssh-keygen");
    verify.args(["-q", "-Y", "verify", "-n", NAMESPACE, "-I", id, "-f", "signers", "-s", "sig"]);
    verify.current_dir(room.path()).stdin(fs::File::open(room.path().join("transcript.jsonl")).unwrap());
    verify.stdout(Stdio::null()).stderr(Stdio::null()).status().unwrap().success()
}

/// `verify` and `ssh-keygen` give the same verdict on each signature: good, foreign, missing or changed. If only keyferry
/// refuses it, it is a different encoding of a valid signature.
#[test]
fn every_verdict_on_a_signature_is_openssh_s() {
    let (ceremony, folder) = ceremony();
    let transcript = ceremony.record().join("transcript.jsonl");
    ceremony.key("other", "ed25519");
    let stranger = sign_with(&ceremony.path("other"), NAMESPACE, &transcript);
    let for_git = sign_with(&ceremony.path("operator"), "git", &transcript);
    let of_plan = sign_with(&ceremony.path("operator"), NAMESPACE, &ceremony.record().join("plan.toml"));
    let with = |edit: &dyn Fn(&mut Folder)| {
        let mut folder = folder.clone();
        edit(&mut folder);
        folder
    };
    let mut cases = vec![
        ("good", folder.clone()),
        ("missing", with(&|f| drop(f.signatures.remove(0)))),
        ("nobody's", with(&|f| f.signatures.clear())),
        ("the other's", with(&|f| f.signatures[0].1 = f.signatures[1].1.clone())),
        (
            "exchanged",
            with(&|f| {
                let (a, b) = f.signatures.split_at_mut(1);
                std::mem::swap(&mut a[0].1, &mut b[0].1);
            }),
        ),
        ("a stranger's", with(&|f| f.signatures[0].1 = stranger.clone())),
        ("for git", with(&|f| f.signatures[0].1 = for_git.clone())),
        ("of the plan", with(&|f| f.signatures[0].1 = of_plan.clone())),
        ("empty", with(&|f| f.signatures[0].1.clear())),
        ("of a transcript with an extra space", with(&|f| f.transcript.as_mut().unwrap().push(b' '))),
        ("of a transcript that is cut", with(&|f| f.transcript.as_mut().unwrap().truncate(1000))),
    ];
    let mut rng = ChaCha20Rng::seed_from_u64(11);
    for _ in 0..60 {
        let (at, bit) = (rng.next_u64() as usize % folder.signatures[0].1.len(), rng.next_u32() % 8);
        cases.push(("a bit of a signature", with(&|f| f.signatures[0].1[at] ^= 1 << bit)));
    }
    for _ in 0..20 {
        let (at, bit) =
            (rng.next_u64() as usize % folder.transcript.as_ref().unwrap().len(), rng.next_u32() % 8);
        cases.push(("a bit of the transcript", with(&|f| f.transcript.as_mut().unwrap()[at] ^= 1 << bit)));
    }
    let (mut good, mut bad, mut spelled) = (0, 0, 0);
    for (name, folder) in &cases {
        for id in ["operator-1", "witness-1"] {
            let ours = keyferry_accepts(folder, id);
            match (ours, openssh_accepts(folder, id)) {
                (Ok(()), true) => good += 1,
                (Err(_), false) => bad += 1,
                (Err(Some(SignatureError::Form)), true) => spelled += 1,
                (ours, theirs) => panic!("{name}, {id}: {ours:?} here, {theirs} by OpenSSH"),
            }
        }
    }
    assert_eq!(good + bad + spelled, 2 * 91);
    assert!(good > 60 && bad > 60, "{good} good, {bad} bad, {spelled} encoded differently");
}

/// What the audit says about one person's signature; `None` for a missing one.
fn keyferry_accepts(folder: &Folder, id: &str) -> Result<(), Option<SignatureError>> {
    let file = format!("{id}.sig");
    let plan = CeremonyPlan::parse(folder.plan.as_deref().unwrap()).unwrap();
    let key = people(&plan).unwrap().into_iter().find(|p| p.id == id).unwrap().key.unwrap();
    let (_, bytes) = folder.signatures.iter().find(|(f, _)| *f == file).ok_or(None)?;
    let signature = RecordSignature::parse(bytes).map_err(Some)?;
    let verified = signature.verify(&key, folder.transcript.as_deref().unwrap()).map_err(Some);
    // The audit of the whole record has the same result, as far as the record can be read at all.
    let found = audit(folder);
    if let Some(person) = found.people.iter().find(|p| p.id == id) {
        assert_eq!(person.signed, verified.is_ok());
    }
    verified
}

#[test]
fn a_missing_or_foreign_signature_is_refused() {
    let (ceremony, folder) = ceremony();
    refused(&edited(|f| drop(f.signatures.remove(0))), Control::VERIFY_SIGNER);
    refused(&edited(|f| f.signatures.clear()), Control::VERIFY_SIGNER);
    // The other person's signature under this name; a stranger's; one for another purpose; one over another text.
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
    // A form that OpenSSH would accept, but did not write.
    let armor = |edit: &dyn Fn(String) -> String| {
        let text = edit(String::from_utf8(folder.signatures[0].1.clone()).unwrap());
        edited(|f| f.signatures[0].1 = text.into_bytes())
    };
    refused(&armor(&|text| text.replace('\n', "\r\n")), Control::VERIFY_SIGNATURE);
    refused(&armor(&|text| text + "\n"), Control::VERIFY_SIGNATURE);
    refused(&armor(&|text| text.trim_end().to_owned()), Control::VERIFY_SIGNATURE);
}

/// Finder, Explorer and editors leave files in every folder that they show.
#[test]
fn what_a_desktop_left_is_no_signature() {
    let dir = tempfile::tempdir().unwrap();
    let record = dir.path().join("record");
    let kept = record.join(SIGNATURES);
    fs::create_dir_all(&kept).unwrap();
    for entry in fs::read_dir(ceremony().0.record()).unwrap().map(|e| e.unwrap()) {
        if entry.path().is_file() {
            fs::copy(entry.path(), record.join(entry.file_name())).unwrap();
        }
    }
    let signature =
        |id: &str| fs::read(ceremony().0.record().join(SIGNATURES).join(format!("{id}.sig"))).unwrap();
    fs::write(kept.join("operator-1.sig"), signature("operator-1")).unwrap();
    let litter =
        [".DS_Store", "._operator-1.sig", "Thumbs.db", "desktop.ini", "witness-1.sig~", "operator-1 (1).sig"];
    for name in litter {
        fs::write(kept.join(name), "left by a desktop").unwrap();
    }
    // A copy of a valid signature.
    fs::write(kept.join("operator-1 (1).sig"), signature("operator-1")).unwrap();
    fs::write(kept.join("big.sig"), vec![b'x'; 1 << 20]).unwrap();
    fs::create_dir(kept.join(".Trash-1000")).unwrap();
    fs::create_dir(kept.join("folder.sig")).unwrap();
    // The second person signs, and is told that nobody is missing.
    let key = ceremony().0.path("witness");
    let signed = run(program("keyferry").args(["sign", "--json"]).arg(&record).arg("--key").arg(key));
    let signatures = &signed.ok().json()["signatures"];
    assert_eq!(*signatures, serde_json::json!({"needed": 2, "signed": 2, "missing": []}));
    let found = audit(&Folder::read(&record).unwrap());
    assert_eq!(found.refusals, []);
    let others = found.deviations.iter().filter(|d| d.kind == "other-file");
    assert_eq!(others.count(), litter.len() + 3, "{:?}", found.deviations);
    // A stranger's signature is a refusal, not a deviation.
    ceremony().0.key("passer-by", "ed25519");
    let stranger = sign_with(&ceremony().0.path("passer-by"), NAMESPACE, &record.join("transcript.jsonl"));
    fs::write(kept.join("x.SIG"), stranger).unwrap();
    let found = audit(&Folder::read(&record).unwrap()).refusals;
    assert_eq!(found, [VerifyError::Foreign { file: "x.SIG".into() }]);
}

/// FAT writes names in capitals, and a browser numbers its downloads: the person has still signed.
#[test]
fn a_good_signature_under_another_name_is_named() {
    for name in ["OPERATOR-1.SIG", "operator-1 (1).sig", "operator.sig"] {
        let found = audit(&edited(|f| f.signatures[0].0 = name.into())).refusals;
        let person = "Ada Byron".parse().unwrap();
        let misnamed = VerifyError::Misnamed { file: name.into(), name: person, id: "operator-1".into() };
        assert!(found.contains(&misnamed), "{name}: {found:?}");
        assert_eq!(found.iter().find(|e| **e == misnamed).unwrap().control(), Control::VERIFY_SIGNATURE);
    }
}

/// A second signature by the same key would prove nothing.
#[test]
fn two_people_with_one_key_are_refused() {
    let plan = String::from_utf8(ceremony().1.plan.clone().unwrap()).unwrap();
    let mut keys: Vec<&str> = plan.lines().filter(|l| l.starts_with("ssh_key")).collect();
    assert_eq!((keys.len(), people(&CeremonyPlan::parse(plan.as_bytes()).unwrap()).unwrap().len()), (2, 2));
    let (second, first) = (keys.pop().unwrap(), keys.pop().unwrap());
    let shared = edited(|folder| folder.plan = Some(plan.replace(second, first).into_bytes()));
    let found = audit(&shared).refusals;
    let [VerifyError::Plan(error)] = &found[..] else { panic!("{found:?}") };
    assert!(matches!(error.why(), PlanError::SharedKey { .. }), "{error:?}");
    assert_eq!(found[0].control(), Control::PLAN_DUPLICATE);
}

/// Otherwise the signer would search for a changed transcript.
#[test]
fn a_signature_by_a_certificate_is_named() {
    let room = tempfile::tempdir().unwrap();
    let path = |name: &str| room.path().join(name);
    let openssh = |args: &[&str]| {
        let mut command = Command::new("ssh-keygen");
        command.args(args).current_dir(room.path()).stdin(Stdio::null()).stderr(Stdio::null());
        assert!(command.status().unwrap().success(), "{args:?}");
    };
    for name in ["authority", "ada"] {
        openssh(&["-q", "-t", "ed25519", "-N", "", "-C", "", "-f", name]);
    }
    openssh(&["-q", "-s", "authority", "-I", "ada", "ada.pub"]);
    fs::write(path("transcript"), "a line\n").unwrap();
    let key = SignerKey::parse(fs::read_to_string(path("ada.pub")).unwrap().trim()).unwrap();
    let made = RecordSignature::parse(&sign_with(&path("ada"), NAMESPACE, &path("transcript"))).unwrap();
    made.verify(&key, b"a line\n").unwrap();
    let made = sign_with(&path("ada-cert.pub"), NAMESPACE, &path("transcript"));
    let made = RecordSignature::parse(&made).unwrap();
    assert_eq!(made.verify(&key, b"a line\n"), Err(SignatureError::Certificate));
    assert_eq!(made.key(), Err(SignatureError::Key(SshKeyError::Certificate)));
    // The certificate's line is not a key for a plan either.
    let line = fs::read_to_string(path("ada-cert.pub")).unwrap();
    assert_eq!(SignerKey::parse(line.trim()), Err(SignatureError::Key(SshKeyError::Certificate)));
}

/// A signature file of that kind, with zeros as the signature.
fn file_of_kind(kind: &str) -> String {
    let string = |bytes: &[u8]| [&u32::try_from(bytes.len()).unwrap().to_be_bytes(), bytes].concat();
    let key = [
        string(b"sk-ecdsa-sha2-nistp256@openssh.com"),
        string(b"nistp256"),
        string(&[4; 65]),
        string(b"ssh:"),
    ];
    let signature = [string(kind.as_bytes()), string(&[0; 72])].concat();
    let parts = [key.concat(), NAMESPACE.into(), vec![], b"sha512".to_vec(), signature];
    let parts: Vec<u8> = parts.iter().flat_map(|part| string(part)).collect();
    let text = base64_text::encode(&[b"SSHSIG\0\0\0\x01", &parts[..]].concat());
    let lines: Vec<&str> = text.as_bytes().chunks(70).map(|line| str::from_utf8(line).unwrap()).collect();
    format!("-----BEGIN SSH SIGNATURE-----\n{}\n-----END SSH SIGNATURE-----\n", lines.join("\n"))
}

#[test]
fn a_kind_of_signature_that_is_not_accepted_is_named() {
    let key = SignerKey::parse(LINE).unwrap();
    for kind in ["webauthn-sk-ecdsa-sha2-nistp256@openssh.com", "ssh-mldsa-65"] {
        let text = file_of_kind(kind);
        let found = RecordSignature::parse(text.as_bytes()).and_then(|made| made.verify(&key, b""));
        assert_eq!(found, Err(SignatureError::Algorithm(kind.to_owned())));
    }
    for bad in ["a b", "", &"k".repeat(65)] {
        assert_eq!(
            RecordSignature::parse(file_of_kind(bad).as_bytes()),
            Err(SignatureError::Form),
            "{bad:?}"
        );
    }
    let cut = file_of_kind("ssh-mldsa-65").replace("U1NIU0lH", "U1NIU0lI");
    assert_eq!(RecordSignature::parse(cut.as_bytes()), Err(SignatureError::Form));
}

/// A key from the fuzz seeds; its private key was thrown away.
const LINE: &str = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAILrOK92YlHsxiiJliJ+gEb/rVw/45n8VvQFXAJmK+8J/";

/// The library decides which points are on the curve; about half of the first 64 values of y belong to one.
#[test]
fn a_key_is_a_point_of_the_curve() {
    let line = |y: u8| {
        let point = [&[y][..], &[9; 31]].concat();
        let blob = [&[0, 0, 0, 11][..], b"ssh-ed25519", &[0, 0, 0, 32], &point].concat();
        format!("ssh-ed25519 {}", base64_text::encode(&blob))
    };
    let taken = (0..64).filter(|y| match SignerKey::parse(&line(*y)) {
        Ok(key) => key.line() == line(*y),
        Err(error) => {
            assert_eq!(error, SignatureError::Key(SshKeyError::Weak));
            false
        }
    });
    assert!((20..44).contains(&taken.count()));
}

#[test]
fn sign_takes_key_files_and_prints_how_openssh_does() {
    let ceremony = Ceremony::hold();
    let record = ceremony.record();
    let sign = |more: &[&str]| {
        run_with(program("keyferry").arg("sign").arg(&record).args(more), "Yes\nopen sesame\n")
    };
    run(program("keyferry").arg("verify").arg(&record)).refused(1, Control::VERIFY_SIGNER);
    // An encrypted key: the program asks for the passphrase.
    let operator = ceremony.path("operator");
    let operator = operator.to_str().unwrap();
    let mut encrypt = Command::new("ssh-keygen");
    encrypt.args(["-q", "-p", "-N", "open sesame", "-f", operator]).stdout(Stdio::null());
    assert!(encrypt.status().unwrap().success());
    // The program does not ask for the passphrase until the head has been compared with the paper.
    let unanswered = run_with(program("keyferry").arg("sign").arg(&record).args(["--key", operator]), "");
    unanswered.refused(1, Control::CONSENT);
    assert!(!unanswered.err.contains("Passphrase"), "{}", unanswered.err);
    sign(&["--key", operator, "--expect-head", &"1".repeat(64)]).refused(1, Control::VERIFY_HEAD);
    assert!(!record.join(SIGNATURES).exists());
    let done = sign(&["--key", operator]);
    done.ok();
    assert!(done.err.contains("1 of 2 have signed; missing: 王小明 <b> (witness-1)"), "{}", done.err);
    assert!(done.out.trim().ends_with("signatures/operator-1.sig"), "{}", done.out);
    sign(&["--key", operator]).refused(1, Control::SIGN_KEY);
    let wrong =
        run_with(program("keyferry").arg("sign").arg(&record).args(["--key", operator]), "Yes\nsesame\n");
    wrong.refused(1, Control::SIGN_KEY);
    ceremony.key("stranger", "ed25519");
    sign(&["--key", ceremony.path("stranger").to_str().unwrap()]).refused(1, Control::SIGN_KEY);
    // The other person signs with the printed line.
    let lines = sign(&[]).ok().out.clone();
    assert_eq!(lines.lines().count(), 1, "{lines}");
    let line = lines.replace("KEY", ceremony.path("witness").to_str().unwrap());
    assert!(Command::new("bash").args(["-ec", &line]).stderr(Stdio::null()).status().unwrap().success());
    run(program("keyferry").arg("verify").arg(&record)).ok();
}

/// The key files that people have, made by `ssh-keygen`, which signs with all of them except the public key.
#[test]
fn a_key_file_is_named_and_the_hint_s_command_makes_it_fit() {
    let ceremony = Ceremony::hold();
    let record = ceremony.record();
    let operator = ceremony.path("operator");
    let sign = |file: &Path, answers: &str| {
        let _ = fs::remove_dir_all(record.join(SIGNATURES));
        run_with(program("keyferry").arg("sign").arg(&record).arg("--key").arg(file), answers)
    };
    let copy = |name: &str| {
        let file = ceremony.path(name);
        fs::copy(&operator, &file).unwrap();
        file
    };
    let keygen = |args: &[&str], file: &Path| {
        let mut keygen = Command::new("ssh-keygen");
        keygen.args(args).arg("-f").arg(file).stdout(Stdio::null());
        assert!(keygen.status().unwrap().success(), "{args:?}");
    };
    // What a form or an editor adds after the end.
    for tail in ["\n\n", " \r\n\t\n"] {
        let file = copy("lines");
        fs::write(&file, [fs::read(&operator).unwrap(), tail.into()].concat()).unwrap();
        sign(&file, "Yes\n").ok();
    }
    // A cipher that only ssh-keygen supports. Run the hint's command, then sign again.
    let file = copy("cipher");
    keygen(&["-q", "-p", "-P", "", "-N", "old", "-Z", "3des-cbc"], &file);
    let refused = sign(&file, "Yes\nold\n");
    refused.refused(1, Control::SIGN_KEY);
    assert!(
        refused.err.contains("cipher") && refused.err.contains("`ssh-keygen -p -f FILE`"),
        "{}",
        refused.err
    );
    assert!(!refused.err.contains("Passphrase"), "{}", refused.err);
    keygen(&["-q", "-p", "-P", "old", "-N", "new"], &file);
    sign(&file, "Yes\nnew\n").ok();
    let wrong = sign(&file, "Yes\nold\n");
    wrong.refused(1, Control::SIGN_KEY);
    assert!(wrong.err.contains("the passphrase is wrong"), "{}", wrong.err);
    assert!(!wrong.err.contains("OpenSSH private key") && !wrong.err.contains("ssh-keygen"), "{}", wrong.err);
    // The public key.
    let public = copy("public");
    fs::write(&public, fs::read(ceremony.path("operator.pub")).unwrap()).unwrap();
    let refused = sign(&public, "Yes\n");
    refused.refused(1, Control::SIGN_KEY);
    assert!(
        refused.err.contains("public key") && refused.err.contains("ssh-keygen -Y sign"),
        "{}",
        refused.err
    );
}

/// The older formats hold RSA and ECDSA keys: the same key is opened once the hint's command has rewritten its file.
#[test]
fn an_older_key_file_is_named_and_rewritten_by_the_hint_s_command() {
    let dir = tempfile::tempdir().unwrap();
    for (kind, format, named) in
        [("rsa", "PEM", KeyFile::Pem), ("ecdsa", "PEM", KeyFile::Pem), ("rsa", "PKCS8", KeyFile::Pkcs8)]
    {
        let file = dir.path().join(format!("{kind}-{format}"));
        let keygen = |args: &[&str]| {
            let done =
                Command::new("ssh-keygen").args(args).arg("-f").arg(&file).stdout(Stdio::null()).status();
            assert!(done.unwrap().success(), "{args:?}");
        };
        let open = || HeldKey::open::<SignatureError>(&fs::read(&file).unwrap(), || panic!("no passphrase"));
        keygen(&["-q", "-t", kind, "-m", format, "-N", ""]);
        assert_eq!(open().unwrap_err(), SignatureError::PrivateKey(named));
        let (what, hint) = (open().unwrap_err().what(), open().unwrap_err().hint());
        assert!(what.en.contains(if format == "PEM" { "PEM" } else { "PKCS#8" }), "{}", what.en);
        assert!(hint.en.contains("`ssh-keygen -p -f FILE`"), "{}", hint.en);
        keygen(&["-q", "-p", "-P", "", "-N", ""]);
        let line = fs::read_to_string(file.with_extension("pub")).unwrap();
        assert_eq!(open().unwrap().public(), SignerKey::parse(line.trim_end()).unwrap());
    }
}

/// Keys in hardware, simulated in software: the same bytes that a token signs (PROTOCOL.u2f), and OpenSSH's verdict on them.
#[test]
fn hardware_keys_are_taken_as_openssh_takes_them() {
    use ssh_key::private::{EcdsaKeypair, Ed25519Keypair};
    use ssh_key::public::{KeyData, SkEcdsaSha2NistP256, SkEd25519};
    use ssh_key::{EcdsaCurve, HashAlg, PrivateKey, PublicKey, Signature, SshSig};
    let room = tempfile::tempdir().unwrap();
    let message = b"a transcript\n";
    fs::write(room.path().join("message"), message).unwrap();
    let data = SshSig::signed_data(NAMESPACE, HashAlg::Sha512, message).unwrap();
    let edwards = Ed25519Keypair::from_seed(&[7; 32]);
    let mut rng = ChaCha20Rng::seed_from_u64(7);
    let nist = EcdsaKeypair::random(&mut rng, EcdsaCurve::NistP256).unwrap();
    let EcdsaKeypair::NistP256 { public, .. } = &nist else { panic!() };
    let keys = [
        KeyData::SkEd25519(SkEd25519::new(edwards.public, "ssh:")),
        KeyData::SkEcdsaSha2NistP256(SkEcdsaSha2NistP256::new(*public, "ssh:")),
    ];
    let mut counted = 0;
    for (key, flags) in keys.into_iter().flat_map(|k| [(k.clone(), 1_u8), (k, 0)]) {
        let digest = |bytes: &[u8]| *Fingerprint::of(bytes).as_bytes();
        let token = [&digest(b"ssh:")[..], &[flags], &[0, 0, 0, 9], &digest(&data)].concat();
        let raw: Signature = match &key {
            KeyData::SkEd25519(_) => signature_of(&PrivateKey::from(edwards.clone()), &token),
            _ => signature_of(&PrivateKey::from(nist.clone()), &token),
        };
        let trailed = [raw.as_bytes(), &[flags, 0, 0, 0, 9]].concat();
        let made = Signature::new(key.algorithm(), trailed).unwrap();
        let made = SshSig::new(key.clone(), NAMESPACE, HashAlg::Sha512, made).unwrap();
        let text = made.to_pem(ssh_key::LineEnding::LF).unwrap();
        let text = format!("{}\n", text.trim_end());
        let line = PublicKey::from(key.clone()).to_openssh().unwrap();
        let public = keyferry_audit::record::SignerKey::parse(&line).unwrap();
        let parsed = keyferry_audit::record::RecordSignature::parse(text.as_bytes()).unwrap();
        parsed.verify(&public, message).unwrap();
        assert!(parsed.verify(&public, b"another").is_err());
        assert_eq!(parsed.touched(), Some(flags == 1));
        fs::write(room.path().join("signers"), format!("x {line}\n")).unwrap();
        fs::write(room.path().join("sig"), text).unwrap();
        let mut verify = Command::new("ssh-keygen");
        verify.args(["-q", "-Y", "verify", "-n", NAMESPACE, "-I", "x", "-f", "signers", "-s", "sig"]);
        verify.current_dir(room.path()).stdin(fs::File::open(room.path().join("message")).unwrap());
        assert!(verify.output().unwrap().status.success(), "{:?} flags {flags}", key.algorithm());
        counted += 1;
    }
    assert_eq!(counted, 4);
}

fn signature_of<K: ssh_key::SigningKey>(key: &K, message: &[u8]) -> ssh_key::Signature {
    key.try_sign(message).unwrap()
}
