//! One ceremony from the draft plan to working keys and a signed record, with the words compared twice.

mod results;

use keyferry_core::artefact::names;
use std::path::Path;

use keyferry_core::artefact::MAX_ARTEFACT;
use keyferry_core::plan::MAX_PLAN;
use keyferry_core::transcript::MAX_TRANSCRIPT;
use keyferry_core::{Bilingual, Fingerprint, Transcript, bi};
use keyferry_transport::{Access, FileError, read_capped, write_new};

use super::folder::{self, Desks};
use super::plan::Draft;
use super::qr::{self, Crossed, Seen};
use super::shares::ShareFiles;
use super::station::{Answer, Consent, Done, Stations, Who};
use super::summary::{KeyResult, Step};
use super::{RehearseError, compare, people, practice};

/// A ceremony under way.
pub(super) struct Ceremony<'s> {
    stations: &'s Stations,
    draft: Draft,
    seed: Option<Fingerprint>,
    desks: Desks,
    /// Whether people type the answers themselves.
    interactive: bool,
    /// The share files, in a rehearsal without people.
    shares: Option<ShareFiles>,
    /// The commands that have succeeded so far.
    pub(super) steps: Vec<Step>,
    /// The files that have crossed as pictures so far.
    pub(super) crossed: Vec<Crossed>,
}

impl<'s> Ceremony<'s> {
    /// A ceremony in its own folders; the online station's folder gets the draft plan.
    pub(super) fn new(
        stations: &'s Stations,
        draft: Draft,
        seed: Option<Fingerprint>,
        desks: Desks,
        interactive: bool,
    ) -> Result<Self, RehearseError> {
        let bytes = draft.text.as_bytes();
        write_new(&desks.online.join("plan.draft.toml"), bytes, Access::Everyone)?;
        stations.console.row(&bi!("folder", "文件夹"), &desks.online.display().to_string());
        // Each ceremony has its own seed: the same material in two ceremonies would hide a mix-up between them.
        let own = |seed: Fingerprint| {
            Fingerprint::of_fields(&[
                b"keyferry/rehearsal-ceremony/1",
                seed.as_bytes(),
                draft.algorithm.as_str().as_bytes(),
            ])
        };
        let (seed, steps, crossed) = (seed.map(own), Vec::new(), Vec::new());
        let in_files = draft.shares > 0 && !interactive;
        let shares = in_files.then(|| ShareFiles::new(&desks, draft.shares)).transpose()?;
        Ok(Self { stations, draft, seed, desks, interactive, shares, steps, crossed })
    }

    /// Every step, in the order of the runbook.
    pub(super) fn hold(&mut self) -> Result<Vec<KeyResult>, RehearseError> {
        if self.interactive {
            self.run("plan check", Who::Auditor, &["plan", "check", "plan.draft.toml"], None)?;
            self.on_paper("plan.draft.toml")?;
        }
        let create = "create-key --plan plan.draft.toml --out plan.toml --journal online/journal --transcript medium/transcript.jsonl";
        self.with_plan("create-key", create, "plan.draft.toml")?;
        self.cross(Who::Online, names::PLAN, names::PLAN)?;
        if self.interactive {
            self.on_paper(names::PLAN)?;
        }
        let export =
            "export --plan plan.toml --out medium --session online/session.json --journal online/journal";
        let exported = self.with_plan("export", export, names::PLAN)?;
        self.cross(Who::Online, "medium/parameters.json", "medium/parameters.json")?;
        self.cross(Who::Online, "medium/transcript.jsonl", "medium/transcript.jsonl")?;
        let wrapped = self.wrap(&exported)?;
        let record = self.record();
        self.cross(Who::Offline, "medium/ciphertext.json", "medium/ciphertext.json")?;
        self.cross(Who::Offline, "medium/transcript.jsonl", record)?;
        let import = format!(
            "import --session online/session.json --ciphertext medium/ciphertext.json --journal online/journal --transcript {record}"
        );
        self.compared(Who::Online, names::CIPHERTEXT, &wrapped, |this, answer| {
            this.online("import", &import, Some(answer))
        })?;
        let status = self.status()?;
        if self.interactive {
            // A person would use `cp`: the plan belongs in the archive too.
            let plan = read_capped(&self.desks.online.join(names::PLAN), MAX_PLAN)?;
            write_new(&self.desks.online.join("medium/plan.toml"), &plan, Access::Everyone)?;
            self.run("archive", Who::Auditor, &["archive", "medium", "record"], None)?;
        } else {
            people::collect(&self.desks.online, record)?;
        }
        self.sign()?;
        self.run("verify", Who::Auditor, &["verify", "record"], None)?;
        let report = ["report", "record", "--out", "report.html", "--md", "report.md"];
        self.run("report", Who::Auditor, &report, None)?;
        self.results(&status)
    }

    /// Asks the service about the keys, and returns the answer as JSON; people are also shown a table.
    fn status(&mut self) -> Result<Done, RehearseError> {
        let json = "status --plan plan.toml --json";
        if !self.interactive {
            return self.online("status", json, None);
        }
        self.online("status", "status --plan plan.toml", None)?;
        let json: Vec<&str> = json.split(' ').collect();
        self.stations.run_unseen(Who::Online, &json, self.desk(Who::Online))
    }

    /// Each person in the plan who has a key signs; at a terminal, each is asked about the head.
    fn sign(&mut self) -> Result<(), RehearseError> {
        let head = self.head_on_paper()?;
        let people: Vec<_> =
            self.draft.signers.iter().map(|s| (s.name.clone(), format!("people/{}", s.file))).collect();
        for (name, key) in people {
            let mut args = vec!["sign", "record", "--key", &key];
            if self.interactive {
                self.stations.console.row(&bi!("next", "下一位"), &name);
            } else {
                args.extend(["--expect-head", &head]);
            }
            self.run("sign", Who::Auditor, &args, None)?;
        }
        Ok(())
    }

    /// The digest of a plan, as its reviewers would hand it over.
    fn on_paper(&self, file: &str) -> Result<(), RehearseError> {
        let digest = Fingerprint::of(&read_capped(&self.desks.online.join(file), MAX_PLAN)?);
        let console = &self.stations.console;
        console.say(&bi!(
            "  Write this on paper, as the reviewers of {file} would hand it over:",
            "  请抄写在纸上，即 {file} 的审阅者交来的摘要："
        ));
        console.hex(&bi!("digest", "摘要"), &digest);
        Ok(())
    }

    /// The head that people wrote down after the import: the head of the record that came back last.
    fn head_on_paper(&self) -> Result<String, RehearseError> {
        let record = read_capped(&self.desks.online.join(self.record()), MAX_TRANSCRIPT)?;
        let chain = Transcript::verify(&record)?;
        Ok(chain.map_or_else(String::new, |chain| chain.head().to_string()))
    }

    /// The offline station's part.
    fn wrap(&mut self, exported: &Done) -> Result<Done, RehearseError> {
        let inputs = ["--plan", names::PLAN, "--parameters", "medium/parameters.json"];
        if self.interactive {
            let preflight = [&["preflight"][..], &inputs, &["--out", "medium"]].concat();
            self.run("preflight", Who::Offline, &preflight, None)?;
        }
        self.run("inspect", Who::Offline, &[&["inspect"][..], &inputs].concat(), None)?;
        let seed = self.seed.map(|s| s.to_string());
        let seed: Vec<&str> = seed.iter().flat_map(|s| ["--rehearsal-seed", s]).collect();
        let shares: &[&str] = if self.shares.is_some() { &ShareFiles::OPTION } else { &[] };
        let wrap = [&["wrap"][..], &inputs, &["--out", "medium"], &seed, shares].concat();
        self.compared(Who::Offline, names::PARAMETERS, exported, |this, answer| {
            this.run("wrap", Who::Offline, &wrap, Some(answer))
        })
    }

    /// Runs a command that asks for consent, and consents only if the words that it shows match both those that the other station showed
    /// and those of the file that it uses.
    fn compared(
        &mut self,
        at: Who,
        file: &'static str,
        other: &Done,
        run: impl FnOnce(&mut Self, Consent<'_>) -> Result<Done, RehearseError>,
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
                "      → 两台工作站显示的 {file} 的 24 个词语相同：输入 Yes"
            ),
            bi!("      → the words for {file} DIFFER: typing No", "      → {file} 的词语不一致：输入 No"),
        ];
        self.answered(file, same, texts, run)
    }

    /// Runs a command of the online station under a plan, and consents only if it shows the digest of this plan and the head of
    /// the current record.
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

    /// Runs a command that asks for consent, and types `Yes` if `same` accepts its output. `[yes, no]` announce the answer.
    fn answered(
        &mut self,
        file: &'static str,
        same: impl Fn(&str) -> bool,
        [yes, no]: [Bilingual; 2],
        run: impl FnOnce(&mut Self, Consent<'_>) -> Result<Done, RehearseError>,
    ) -> Result<Done, RehearseError> {
        if self.interactive {
            // The people compare.
            return run(self, &mut |_| false);
        }
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
            // The command did not ask, so nobody compared anything.
            None => Err(done.err().unwrap_or(RehearseError::Words { file })),
            Some(true) => done,
        }
    }

    /// The head of the record in the online station's folder, if there is one: a station must show this head before it adds a line.
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
        answer: Option<Consent<'_>>,
    ) -> Result<Done, RehearseError> {
        let args: Vec<&str> = line.split(' ').collect();
        self.run(name, Who::Online, &args, answer)
    }

    fn run(
        &mut self,
        name: &'static str,
        who: Who,
        args: &[&str],
        answer: Option<Consent<'_>>,
    ) -> Result<Done, RehearseError> {
        self.announce(name, who);
        let done = if self.interactive {
            self.by_people(name, who, args)?
        } else {
            let shares = self.shares.as_ref().filter(|_| name == "wrap");
            let answer = answer.map(|consent| Answer { consent, shares });
            self.stations.run(who, args, self.desk(who), answer)?
        };
        Ok(self.note(name, done))
    }

    /// Announces who acts and which command runs, then runs it in the terminal. If it fails, people may repeat it.
    fn by_people(&self, name: &str, who: Who, args: &[&str]) -> Result<Done, RehearseError> {
        let console = &self.stations.console;
        if let Some(who) = practice::who_acts(name) {
            console.row(&bi!("who", "由谁"), who.get(console.lang()));
        }
        let line = self.stations.line(who, args, self.desk(who))?;
        loop {
            console.line(&format!("  $ {line}"));
            practice::wait(console, name)?;
            match self.stations.run_in_terminal(who, args, self.desk(who)) {
                Ok(done) => return Ok(done),
                Err(error) => practice::can_be_repeated(console, error)?,
            }
        }
    }

    fn announce(&self, name: &str, who: Who) {
        let (n, console) = (self.steps.len() + 1, &self.stations.console);
        let place = match who {
            Who::Online => bi!("online station", "在线工作站"),
            Who::Offline => bi!("offline station", "离线工作站"),
            Who::Auditor => bi!("auditor", "审计员"),
        };
        console.line(&format!("\n  {n}  {name}  ({})", place.get(console.lang())));
    }

    fn note(&mut self, name: &'static str, done: Done) -> Done {
        let took_ms = u64::try_from(done.took.as_millis()).unwrap_or(u64::MAX);
        self.steps.push(Step {
            algorithm: self.draft.algorithm,
            name,
            command: done.command.clone(),
            took_ms,
        });
        done
    }

    /// The folder in which a station works.
    fn desk(&self, who: Who) -> &Path {
        if who == Who::Offline { &self.desks.offline } else { &self.desks.online }
    }

    /// The path of the returned record at the online station. If it came by QR code, it is next to the one that was sent.
    fn record(&self) -> &'static str {
        if self.desks.air.is_some() { "medium/transcript-back.jsonl" } else { "medium/transcript.jsonl" }
    }

    /// Carries a file to the other station as pictures; a medium does not need this step.
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
        // Both stations must show the same words.
        let words = compare::shown(&showing.said).pop();
        if words.is_none() || compare::shown(&done.said).pop() != words {
            return Err(RehearseError::Words { file });
        }
        let from = if from == Who::Online { "online" } else { "offline" };
        let Seen { bytes, version, needed, shown, lost, .. } = seen;
        self.crossed.push(Crossed {
            algorithm: self.draft.algorithm,
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
}

/// A path without its folder.
fn name_of(path: &'static str) -> &'static str {
    path.rsplit('/').next().unwrap_or(path)
}
