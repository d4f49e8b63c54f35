//! A record made by the real programs against the emulator, signed by OpenSSH's own `ssh-keygen`, and ways to change it.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::OnceLock;

use keyferry_audit::record::{Audit, Expect, Folder, NAMESPACE, SIGNATURES};
use keyferry_core::*;

use super::*;

/// A finished ceremony: its record, and the keys of the people.
pub struct Ceremony {
    dir: tempfile::TempDir,
}

impl Ceremony {
    /// Both stations, two keys, an operator with an Ed25519 key and a witness with an ECDSA one.
    pub fn hold() -> Self {
        Self::hold_at(&EmulatorProcess::start(&["--wrapping-keys", "2"]))
    }

    /// The same against an existing service.
    pub fn hold_at(emulator: &EmulatorProcess) -> Self {
        let dir = tempfile::tempdir().unwrap();
        let this = Self { dir };
        let people = [("operator", "Ada Byron", "ed25519"), ("witness", "王小明 <b>", "ecdsa")];
        let mut plan =
            String::from("format = \"keyferry/plan/2\"\nceremony = \"record-1\"\npurpose = \"rehearsal\"\n");
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
        let online = |line: &str| {
            let mut command = online(line.split(' '), &emulator.endpoint);
            run(command.current_dir(this.dir.path()))
        };
        online("create-key --plan draft.toml --out record/plan.toml --transcript record/transcript.jsonl")
            .ok();
        online("export --plan record/plan.toml --out record --session session.json").ok();
        let wrap = "wrap --plan record/plan.toml --parameters record/parameters.json --out record";
        run(offline(wrap.split(' ')).current_dir(this.dir.path())).ok();
        let mut note = offline(["note", "--transcript", "record/transcript.jsonl", "--by", "Ada Byron"]);
        run_with(note.current_dir(this.dir.path()), "seal 4711 was torn; a new one, 4712 & <i>\n").ok();
        online("import --session session.json --ciphertext record/ciphertext.json").ok();
        this
    }

    pub fn path(&self, name: &str) -> PathBuf {
        self.dir.path().join(name)
    }

    pub fn record(&self) -> PathBuf {
        self.path("record")
    }

    /// Makes a key pair and returns the public line.
    pub fn key(&self, name: &str, kind: &str) -> String {
        let mut make = Command::new("ssh-keygen");
        make.args(["-q", "-N", "", "-C", "someone@somewhere", "-t", kind, "-f"]).arg(self.path(name));
        assert!(make.status().unwrap().success());
        fs::read_to_string(self.path(&format!("{name}.pub"))).unwrap().trim().to_owned()
    }

    /// Signs with OpenSSH, as in the runbook.
    pub fn sign(&self, key: &str, id: &str) {
        let signature = sign_with(&self.path(key), NAMESPACE, &self.record().join("transcript.jsonl"));
        let folder = self.record().join(SIGNATURES);
        fs::create_dir_all(&folder).unwrap();
        fs::write(folder.join(format!("{id}.sig")), signature).unwrap();
    }
}

/// What `ssh-keygen -Y sign` writes for a file.
pub fn sign_with(key: &Path, namespace: &str, file: &Path) -> Vec<u8> {
    let mut sign = Command::new("ssh-keygen");
    sign.args(["-q", "-Y", "sign", "-n", namespace, "-f"]).arg(key).stdin(fs::File::open(file).unwrap());
    let done = sign.output().unwrap();
    assert!(done.status.success(), "{done:?}");
    done.stdout
}

/// One ceremony for the whole program, signed by both; the folder is never changed.
pub fn ceremony() -> &'static (Ceremony, Folder) {
    static ONE: OnceLock<(Ceremony, Folder)> = OnceLock::new();
    ONE.get_or_init(|| {
        let ceremony = Ceremony::hold();
        ceremony.sign("operator", "operator-1");
        ceremony.sign("witness", "witness-1");
        let folder = Folder::read(&ceremony.record()).unwrap();
        (ceremony, folder)
    })
}

pub fn audit(folder: &Folder) -> Audit {
    Audit::of(folder, &Expect::default())
}

/// The controls of all refusals.
pub fn controls(folder: &Folder) -> Vec<Control> {
    audit(folder).refusals.iter().map(Explain::control).collect()
}

#[track_caller]
pub fn refused(folder: &Folder, control: Control) {
    let found = controls(folder);
    assert!(found.contains(&control), "expected {control}, found {found:?}");
}

pub fn edited(edit: impl FnOnce(&mut Folder)) -> Folder {
    let mut folder = ceremony().1.clone();
    edit(&mut folder);
    assert_ne!(folder, ceremony().1);
    folder
}

pub fn transcript(folder: &Folder) -> String {
    String::from_utf8(folder.transcript.clone().unwrap()).unwrap()
}

/// The same record with lines changed and the chain computed again, as an attacker without a key would do it.
pub fn rechained(folder: &Folder, edit: impl Fn(&mut Event)) -> Folder {
    let chain = Transcript::verify(folder.transcript.as_deref().unwrap()).unwrap().unwrap();
    let mut fresh = Transcript::new(chain.ceremony().clone());
    let mut text = String::new();
    for line in chain.lines() {
        let mut event = line.event.clone();
        edit(&mut event);
        text += &fresh.append(line.station, line.time, line.act, event).unwrap();
    }
    Folder { transcript: Some(text.into_bytes()), ..folder.clone() }
}

/// The record as if it had been made under another plan: plan, parameters, ciphertext and chain are consistent again.
pub fn replanned(folder: &Folder, plan: Vec<u8>) -> Folder {
    let (old, new) = (Fingerprint::of(folder.plan.as_deref().unwrap()), Fingerprint::of(&plan));
    let purpose = CeremonyPlan::parse(&plan).unwrap().purpose();
    let (mut parameters, before) =
        artefact::parse::<Parameters>(folder.parameters.as_deref().unwrap()).unwrap();
    (parameters.plan_sha256, parameters.purpose) = (new, purpose);
    let parameters = artefact::to_bytes(&parameters).unwrap().to_vec();
    let (mut ciphertext, c_before) =
        artefact::parse::<Ciphertext>(folder.ciphertext.as_deref().unwrap()).unwrap();
    ciphertext.parameters_sha256 = Fingerprint::of(&parameters);
    ciphertext.purpose = purpose;
    let bindings: Vec<_> = ciphertext.keys.iter().map(|k| binding(&ciphertext, k)).collect();
    ciphertext.keys.iter_mut().zip(bindings).for_each(|(k, binding)| k.binding = binding);
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

/// The binding of an entry, as ceremony/audit/formats.md defines it.
pub fn binding(ciphertext: &Ciphertext, k: &CiphertextEntry) -> Fingerprint {
    binding_of(ciphertext, k, "station")
}

/// The binding of an entry whose material came from this source.
pub fn binding_of(ciphertext: &Ciphertext, k: &CiphertextEntry, source: &str) -> Fingerprint {
    let (commitment, kcv) = (k.commitment.unwrap().to_string(), k.kcv.unwrap());
    Fingerprint::of_fields(&[
        b"keyferry/ciphertext-binding/2",
        ciphertext.parameters_sha256.as_bytes(),
        ciphertext.purpose.to_string().as_bytes(),
        source.as_bytes(),
        &[u8::from(ciphertext.seeded)],
        &ciphertext.wrapped_at.unix().to_be_bytes(),
        k.alias.as_str().as_bytes(),
        b"tencent",
        k.region.as_str().as_bytes(),
        k.key_id.as_str().as_bytes(),
        k.algorithm.as_str().as_bytes(),
        k.wrapping_key_sha256.as_bytes(),
        k.material.kind.as_str().as_bytes(),
        &(k.material.length.bytes() as u64).to_be_bytes(),
        k.wrapped_material.as_bytes(),
        kcv.method.as_str().as_bytes(),
        kcv.value.to_string().as_bytes(),
        commitment.as_bytes(),
    ])
}
