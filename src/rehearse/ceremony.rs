//! One ceremony from draft plan to working keys and a signed record, and the words compared twice.

use std::path::Path;

use keyferry_core::artefact::{self, Artefact, MAX_ARTEFACT};
use keyferry_core::plan::MAX_PLAN;
use keyferry_core::story::KeyStory;
use keyferry_core::transcript::MAX_TRANSCRIPT;
use keyferry_core::{
    Alias, Bilingual, CeremonyPlan, Ciphertext, Fingerprint, PlanKey, Story, Transcript, WrappingAlgorithm,
    bi,
};
use keyferry_transport::{Access, FileError, read_capped, write_new};
use serde_json::Value;

use super::folder::{self, Desks};
use super::qr::{self, Crossed, Seen};
use super::station::{Answer, Done, Stations, Who};
use super::summary::{KeyResult, Step};
use super::{RehearseError, compare, people, plan};

/// A ceremony under way.
pub(super) struct Ceremony<'s> {
    stations: &'s Stations,
    algorithm: WrappingAlgorithm,
    seed: Option<Fingerprint>,
    desks: Desks,
    /// What has been done so far.
    pub(super) steps: Vec<Step>,
    /// What has crossed as pictures so far.
    pub(super) crossed: Vec<Crossed>,
}

impl<'s> Ceremony<'s> {
    /// In its own folders; the online station's gets the draft plan.
    pub(super) fn new(
        stations: &'s Stations,
        algorithm: WrappingAlgorithm,
        seed: Option<Fingerprint>,
        desks: Desks,
    ) -> Result<Self, RehearseError> {
        let (operator, witness) =
            (people::key(&desks.online, "operator")?, people::key(&desks.online, "witness")?);
        let draft = plan::draft(algorithm, [&operator, &witness]);
        write_new(&desks.online.join("plan.draft.toml"), draft.as_bytes(), Access::Everyone)?;
        stations.console.row(&bi!("folder", "文件夹"), &desks.online.display().to_string());
        // A seed of its own: the same material in two ceremonies would hide a mix-up between them.
        let own = |seed: Fingerprint| {
            Fingerprint::of_fields(&[
                b"keyferry/rehearsal-ceremony/1",
                seed.as_bytes(),
                algorithm.as_str().as_bytes(),
            ])
        };
        Ok(Self { stations, algorithm, seed: seed.map(own), desks, steps: Vec::new(), crossed: Vec::new() })
    }

    /// Every step, in the order of the runbook.
    pub(super) fn hold(&mut self) -> Result<Vec<KeyResult>, RehearseError> {
        let create = "create-key --plan plan.draft.toml --out plan.toml --journal online/journal --transcript medium/transcript.jsonl";
        self.with_plan("create-key", create, "plan.draft.toml")?;
        self.cross(Who::Online, "plan.toml", "plan.toml")?;
        let export =
            "export --plan plan.toml --out medium --session online/session.json --journal online/journal";
        let exported = self.with_plan("export", export, "plan.toml")?;
        self.cross(Who::Online, "medium/parameters.json", "medium/parameters.json")?;
        self.cross(Who::Online, "medium/transcript.jsonl", "medium/transcript.jsonl")?;
        let wrapped = self.wrap(&exported)?;
        let record = self.record();
        self.cross(Who::Offline, "medium/ciphertext.json", "medium/ciphertext.json")?;
        self.cross(Who::Offline, "medium/transcript.jsonl", record)?;
        let import = format!(
            "import --session online/session.json --ciphertext medium/ciphertext.json --journal online/journal --transcript {record}"
        );
        self.compared(Who::Online, "ciphertext.json", &wrapped, |this, answer| {
            this.online("import", &import, Some(answer))
        })?;
        let status = self.online("status", "status --plan plan.toml --json", None)?;
        people::collect(&self.desks.online, record)?;
        let head = self.head_on_paper()?;
        for key in ["people/operator", "people/witness"] {
            self.run("sign", Who::Auditor, &["sign", "record", "--key", key, "--expect-head", &head], None)?;
        }
        self.run("verify", Who::Auditor, &["verify", "record"], None)?;
        let report = ["report", "record", "--out", "report.html", "--md", "report.md"];
        self.run("report", Who::Auditor, &report, None)?;
        self.results(&status)
    }

    /// The head that people wrote down after the import: that of the record that came back last.
    fn head_on_paper(&self) -> Result<String, RehearseError> {
        let record = read_capped(&self.desks.online.join(self.record()), MAX_TRANSCRIPT)?;
        let chain = Transcript::verify(&record)?;
        Ok(chain.map_or_else(String::new, |chain| chain.head().to_string()))
    }

    /// The offline station's part.
    fn wrap(&mut self, exported: &Done) -> Result<Done, RehearseError> {
        let inputs = ["--plan", "plan.toml", "--parameters", "medium/parameters.json"];
        self.run("inspect", Who::Offline, &[&["inspect"][..], &inputs].concat(), None)?;
        let seed = self.seed.map(|s| s.to_string());
        let seed: Vec<&str> = seed.iter().flat_map(|s| ["--rehearsal-seed", s]).collect();
        let wrap = [&["wrap"][..], &inputs, &["--out", "medium"], &seed].concat();
        self.compared(Who::Offline, "parameters.json", exported, |this, answer| {
            this.run("wrap", Who::Offline, &wrap, Some(answer))
        })
    }

    /// Runs a command that asks for consent, and gives it only if the words that it shows are those that the other station
    /// showed, and both are those of the file that it works with.
    fn compared(
        &mut self,
        at: Who,
        file: &'static str,
        other: &Done,
        run: impl FnOnce(&mut Self, Answer<'_>) -> Result<Done, RehearseError>,
    ) -> Result<Done, RehearseError> {
        let digest = Fingerprint::of(&read_capped(&self.desk(at).join("medium").join(file), MAX_ARTEFACT)?);
        let read_aloud = compare::shown(&other.said);
        let head = if at == Who::Offline { self.head_that_went()? } else { None };
        let same = |said: &str| {
            let shown = compare::shown(said);
            let words = read_aloud.contains(&digest) && shown.contains(&digest);
            words && head.is_none_or(|head| shown.contains(&head))
        };
        let texts = [
            bi!(
                "      → both stations show the same 24 words for {file}: typing Yes",
                "      → 两个站点显示的 {file} 的 24 个词语相同：输入 Yes"
            ),
            bi!("      → the words for {file} DIFFER: typing No", "      → {file} 的词语不一致：输入 No"),
        ];
        self.answered(file, same, texts, run)
    }

    /// Runs a command of the online station under a plan, and consents only if it shows the digest of this plan, and the head of the
    /// record that is there.
    fn with_plan(
        &mut self,
        name: &'static str,
        line: &str,
        file: &'static str,
    ) -> Result<Done, RehearseError> {
        let digest = Fingerprint::of(&read_capped(&self.desks.online.join(file), MAX_PLAN)?);
        let head = self.head_that_went()?;
        let same = |said: &str| {
            compare::has_hex(said, &digest) && head.is_none_or(|head| compare::shown(said).contains(&head))
        };
        let texts = [
            bi!(
                "      → the digest of {file} is the one on the paper: typing Yes",
                "      → {file} 的摘要与纸上一致：输入 Yes"
            ),
            bi!(
                "      → the digest of {file} or the head DIFFERS: typing No",
                "      → {file} 的摘要或链尾摘要不一致：输入 No"
            ),
        ];
        self.answered(file, same, texts, |this, answer| this.online(name, line, Some(answer)))
    }

    /// Runs a command that asks for consent, and says `Yes` if what it shows is the `same`. The texts are for both answers.
    fn answered(
        &mut self,
        file: &'static str,
        same: impl Fn(&str) -> bool,
        [yes, no]: [Bilingual; 2],
        run: impl FnOnce(&mut Self, Answer<'_>) -> Result<Done, RehearseError>,
    ) -> Result<Done, RehearseError> {
        let console = self.stations.console;
        let mut agreed = None;
        let mut answer = |said: &str| {
            let same = same(said);
            agreed = Some(same);
            console.say(if same { &yes } else { &no });
            same
        };
        let done = run(self, &mut answer);
        match agreed {
            Some(false) => Err(RehearseError::Words { file }),
            // It went through without asking: then nobody compared anything.
            None => Err(done.err().unwrap_or(RehearseError::Words { file })),
            Some(true) => done,
        }
    }

    /// Head of the record as the online station's desk has it, if there is one: a station has to show this one before it adds a line.
    fn head_that_went(&self) -> Result<Option<Fingerprint>, RehearseError> {
        let record = match read_capped(&self.desks.online.join("medium/transcript.jsonl"), MAX_TRANSCRIPT) {
            Err(FileError::NotFound(_)) => return Ok(None),
            found => found?,
        };
        Ok(Transcript::verify(&record)?.map(|chain| chain.head()))
    }

    fn online(
        &mut self,
        name: &'static str,
        line: &str,
        answer: Option<Answer<'_>>,
    ) -> Result<Done, RehearseError> {
        let args: Vec<&str> = line.split(' ').collect();
        self.run(name, Who::Online, &args, answer)
    }

    fn run(
        &mut self,
        name: &'static str,
        who: Who,
        args: &[&str],
        answer: Option<Answer<'_>>,
    ) -> Result<Done, RehearseError> {
        self.announce(name, who);
        let done = self.stations.run(who, args, self.desk(who), answer)?;
        Ok(self.note(name, done))
    }

    fn announce(&self, name: &str, who: Who) {
        let (n, console) = (self.steps.len() + 1, &self.stations.console);
        let place = match who {
            Who::Online => bi!("online station", "联机站"),
            Who::Offline => bi!("offline station", "离线站"),
            Who::Auditor => bi!("auditor", "审计员"),
        };
        console.line(&format!("\n  {n}  {name}  ({})", place.get(console.lang())));
    }

    fn note(&mut self, name: &'static str, done: Done) -> Done {
        let took_ms = u64::try_from(done.took.as_millis()).unwrap_or(u64::MAX);
        self.steps.push(Step { algorithm: self.algorithm, name, command: done.command.clone(), took_ms });
        done
    }

    /// Where a station works.
    fn desk(&self, who: Who) -> &Path {
        if who == Who::Offline { &self.desks.offline } else { &self.desks.online }
    }

    /// The record at the online station after it came back: beside the one that went, where it came through the air.
    fn record(&self) -> &'static str {
        if self.desks.air.is_some() { "medium/transcript-back.jsonl" } else { "medium/transcript.jsonl" }
    }

    /// Takes a file to the other station, as pictures; on a medium it is there already.
    fn cross(&mut self, from: Who, file: &'static str, to: &'static str) -> Result<(), RehearseError> {
        let Some(air) = self.desks.air.clone() else { return Ok(()) };
        let number = self.crossed.len() + 1;
        let name = name_of(file);
        let (shown, seen) = (format!("{number}-{name}/shown"), air.join(format!("{number}-{name}/seen")));
        folder::make(&air.join(&shown))?;
        folder::make(&seen)?;
        let (pictures, version) = (format!("../air/{shown}"), qr::VERSION.to_string());
        let showing =
            self.run("show", from, &["show", file, "--png", &pictures, "--qr-version", &version], None)?;
        let seen = qr::photograph(&self.desk(from).join(file), seen, number)?;
        let at = if from == Who::Online { Who::Offline } else { Who::Online };
        self.announce("receive", at);
        let args = ["receive", "--out", to];
        let done = self.stations.run_after_scanner(at, &args, self.desk(at), &seen.folder)?;
        let done = self.note("receive", done);
        // The words of one station are those of the other.
        let words = compare::shown(&showing.said).pop();
        if words.is_none() || compare::shown(&done.said).pop() != words {
            return Err(RehearseError::Words { file });
        }
        let from = if from == Who::Online { "online" } else { "offline" };
        let Seen { bytes, version, needed, shown, lost, .. } = seen;
        self.crossed.push(Crossed {
            algorithm: self.algorithm,
            file: name_of(file),
            from,
            bytes,
            version,
            needed,
            shown,
            lost,
        });
        Ok(())
    }

    /// What the files say came of each key: the ciphertext, the record, and the service's own word.
    fn results(&self, status: &Done) -> Result<Vec<KeyResult>, RehearseError> {
        let path = |name: &str| self.desks.online.join(name);
        let plan = CeremonyPlan::parse(&read_capped(&path("plan.toml"), MAX_PLAN)?)?;
        let ciphertext: Ciphertext = read(&path("medium/ciphertext.json"))?;
        if ciphertext.seeded != self.seed.is_some() {
            let lacks = "the mark of seeded material";
            return Err(RehearseError::Result { command: "keyferry-offline wrap".into(), lacks });
        }
        let record = Transcript::verify(&read_capped(&path(self.record()), MAX_TRANSCRIPT)?)?;
        let status: Value = serde_json::from_str(&status.result)
            .map_err(|_| RehearseError::Result { command: status.command.clone(), lacks: "JSON" })?;
        let story = record.as_ref().map(Story::of);
        Ok(plan.keys().iter().map(|key| self.result(key, &ciphertext, story.as_ref(), &status)).collect())
    }

    fn result(
        &self,
        key: &PlanKey,
        ciphertext: &Ciphertext,
        record: Option<&Story<'_>>,
        status: &Value,
    ) -> KeyResult {
        let wrapped = ciphertext.keys.iter().find(|k| k.alias == key.alias);
        let round_trip = record.and_then(|story| story.key(&key.alias)).is_some_and(proved);
        KeyResult {
            alias: key.alias.clone(),
            key_id: key.key_id.clone(),
            region: key.region.clone(),
            bits: key.kind().material.length,
            algorithm: self.algorithm,
            state: state(status, &key.alias).unwrap_or("unknown").to_owned(),
            round_trip,
            kcv: wrapped.and_then(|k| k.kcv),
            valid_to: key.valid_to,
        }
    }
}

/// A path without its folder.
fn name_of(path: &'static str) -> &'static str {
    path.rsplit('/').next().unwrap_or(path)
}

/// The record holds the proof that a key is Enabled and encrypts and decrypts.
fn proved(key: &KeyStory<'_>) -> bool {
    key.proofs().any(|proof| proof.round_trip && proof.state == "Enabled")
}

/// The state of a key as `status --json` gives it.
fn state<'v>(status: &'v Value, key: &Alias) -> Option<&'v str> {
    let entry = |v: &&Value| v.get("alias").and_then(Value::as_str) == Some(key.as_str());
    status.get("keys")?.as_array()?.iter().find(entry)?.get("state")?.as_str()
}

fn read<T: Artefact>(path: &Path) -> Result<T, RehearseError> {
    Ok(artefact::parse(&read_capped(path, MAX_ARTEFACT)?)?.0)
}
