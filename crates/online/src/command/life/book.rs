//! The record of what is done to keys after their ceremony: `life.jsonl`, in the archive, next to the plan and the record of the ceremony.
//!
//! The names of those who agreed, and the start of the command, are on the device before the request is sent; the service's answer follows.
//! The ceremony's own record stays as it was signed.

use keyferry_core::artefact::names;
use std::path::{Path, PathBuf};

use keyferry_core::plan::{PLAN_FILE, Role};
use keyferry_core::steps::LIFE_FILE;
use keyferry_core::story::RunEnd;
use keyferry_core::transcript::{Act, Actor, KnownKeys, Means};
use keyferry_core::{
    Alias, Bilingual, CeremonyPlan, Event, Fingerprint, KeyId, PlanKey, Purpose, Region, Station, Story, bi,
};
use keyferry_transport::TranscriptFile;

use crate::command::show_record;
use crate::context::Context;
pub use crate::error::LifeError;
use crate::record::{Found, LOST_ANSWER};
use crate::{Error, KeyError, PROGRAM};

/// The record as it was found, with the plan and the head of the ceremony.
pub(super) struct Book {
    path: PathBuf,
    plan: CeremonyPlan,
    /// The head of the ceremony's record.
    head: Fingerprint,
    found: Found,
}

/// What the service says about the key after the change.
pub(super) struct Outcome {
    pub(super) state: String,
    pub(super) deletion_date: Option<keyferry_core::Timestamp>,
    /// Absent if the answer was lost.
    pub(super) request_id: Option<String>,
}

impl Book {
    /// Reads the plan and the records; creates and changes nothing.
    pub(super) fn read(context: &Context, path: &Path) -> Result<Self, Error> {
        if path.file_name().is_none_or(|name| name != LIFE_FILE) {
            return Err(LifeError::Name(path.to_path_buf()).into());
        }
        // A time in the plan may have passed years ago; that is no reason to refuse.
        let (plan, _) = context.plan(&path.with_file_name(PLAN_FILE))?;
        let ceremony = path.with_file_name(names::TRANSCRIPT);
        let chain = TranscriptFile::look(&ceremony, plan.ceremony(), &KnownKeys::of_plan(&plan))?;
        let of_plan = chain
            .filter(|chain| Story::of(chain).runs().iter().any(|run| run.plan_sha256 == Some(plan.digest())));
        let head = of_plan.ok_or(LifeError::NoCeremony(ceremony))?.head();
        let found = Found::read(path, (plan.ceremony(), &KnownKeys::of_plan(&plan)), plan.purpose())?;
        context.banner(plan.purpose(), plan.ceremony(), &plan.digest());
        Ok(Self { path: path.to_path_buf(), plan, head, found })
    }

    pub(super) const fn plan(&self) -> &CeremonyPlan {
        &self.plan
    }

    /// Returns the plan's key with that id; its alias at the service must be the one in the plan.
    pub(super) fn key(&self, region: &Region, id: &KeyId, found: &str) -> Result<&PlanKey, Error> {
        let own = |key: &&PlanKey| key.key_id.as_ref() == Some(id) && key.region == *region;
        let stranger = || LifeError::Stranger { key_id: id.clone(), region: region.clone() };
        let key = self.plan.keys().iter().find(own).ok_or_else(stranger)?;
        if found == key.alias.as_str() {
            return Ok(key);
        }
        let found = found.chars().take(60).collect();
        Err(KeyError::Alias { found, plan: key.alias.clone() }.into())
    }

    /// People compare the plan and the head; then an operator and a witness each type the alias and `Yes`. In a rehearsal a script can
    /// pass the alias.
    pub(super) fn agree(
        &self,
        context: &Context,
        alias: &Alias,
        given: Option<&str>,
    ) -> Result<Vec<Act>, Error> {
        match given {
            Some(_) if self.plan.purpose() == Purpose::Production => return Err(LifeError::Script.into()),
            Some(text) if text == alias.as_str() => return Ok(vec![Act::through(Means::Option)]),
            Some(_) => return Err(KeyError::NotTyped.into()),
            None => {}
        }
        let console = context.console();
        console.say(&bi!(
            "\n  COMPARE with the paper, before anything is sent.",
            "\n  请在发送任何内容之前与纸上的内容核对。"
        ));
        console.hex(&bi!("plan", "计划"), &self.plan.digest());
        console.digest(&bi!("last head", "链尾摘要"), &self.head, &self.plan.word_languages());
        self.found.show(console, &self.path);
        [Role::Operator, Role::Witness].into_iter().map(|role| self.ask(context, alias, role)).collect()
    }

    fn ask(&self, context: &Context, alias: &Alias, role: Role) -> Result<Act, Error> {
        let console = context.console();
        let people: Vec<_> = self.plan.participants().iter().filter(|person| person.role == role).collect();
        let Bilingual { en, zh } = role.name();
        let typed = if people.len() > 1 {
            let question = bi!(
                "Which {en} agrees? Type the name as written in the plan:",
                "由哪位{zh}同意？请输入计划中的姓名："
            );
            console.ask(&question)
        } else {
            people.first().map(|person| person.name.to_string())
        };
        let place = people.iter().position(|person| Some(person.name.as_str()) == typed.as_deref());
        let place = place.ok_or(LifeError::Nobody { role })?;
        let name = typed.unwrap_or_default();
        let question = bi!(
            "{name}, {en}: type the key's alias to agree:",
            "{name}（{zh}）：若同意，请输入该密钥的别名："
        );
        if console.ask(&question).as_deref() != Some(alias.as_str()) {
            return Err(KeyError::NotTyped.into());
        }
        let question = bi!(
            "{name}, {en}: do plan and head match the paper, and do you agree?  type Yes:",
            "{name}（{zh}）：计划与链尾摘要是否与纸上一致，您是否同意？请输入 Yes："
        );
        let means = console.confirm(&question)?;
        let number = u16::try_from(place + 1).map_err(|_| LifeError::Nobody { role })?;
        Ok(Act { step: None, by: Some(Actor { role, number }), means: Some(means) })
    }

    /// Whether the last run in this record was this command for this key, and has no outcome.
    pub(super) fn left_open(&self, command: &str, id: &KeyId) -> bool {
        let Some(chain) = self.found.chain() else { return false };
        let story = Story::of(chain);
        let Some(last) = story.runs().last() else { return false };
        let other = |event: &Event| matches!(event, Event::Agreed { key_id, .. } if key_id != id);
        last.command == command
            && !matches!(last.end, RunEnd::Finished(_))
            && !story.lines_after(last.seq).iter().any(|line| other(&line.event))
    }

    /// Opens the record, and writes that the command began and who agreed; both are on the device when this returns.
    pub(super) fn begin(
        &self,
        context: &Context,
        command: &'static str,
        (alias, key_id): (&Alias, &KeyId),
        agreed: Vec<Act>,
    ) -> Result<Open, Error> {
        let clock = context.clock();
        let mut file = TranscriptFile::open(&self.path, self.plan.ceremony(), Station::Online, clock)?;
        self.found.check_same(&file)?;
        let (plan_sha256, purpose) = (Some(self.plan.digest()), self.plan.purpose());
        let program = PROGRAM.to_owned();
        file.add(clock, Event::Begun { command: command.to_owned(), program, plan_sha256, purpose })?;
        for act in agreed {
            let (alias, key_id, record_head) = (alias.clone(), key_id.clone(), self.head);
            file.add_act(clock, act, Event::Agreed { alias, key_id, record_head })?;
        }
        file.flush()?;
        Ok(Open { file, command, alias: alias.clone(), key_id: key_id.clone(), path: self.path.clone() })
    }
}

/// The record while a command works on a key.
pub(super) struct Open {
    file: TranscriptFile,
    command: &'static str,
    alias: Alias,
    key_id: KeyId,
    path: PathBuf,
}

impl Open {
    /// Records that the key was changed, and ends the run.
    pub(super) fn changed(self, context: &Context, outcome: &Outcome) -> Result<(), Error> {
        let (alias, key_id) = (self.alias.clone(), self.key_id.clone());
        let request_id = outcome.request_id.clone().unwrap_or_else(|| LOST_ANSWER.to_owned());
        let (state, deletion_date) = (outcome.state.clone(), outcome.deletion_date);
        self.end(context, Event::KeyChanged { alias, key_id, state, deletion_date, request_id }, (1, 0))
    }

    /// Records that the key was not changed, and ends the run.
    pub(super) fn failed(self, context: &Context, error: &Error) -> Result<(), Error> {
        let event = crate::command::key_failed(&self.alias, error);
        self.end(context, event, (0, 1))
    }

    fn end(mut self, context: &Context, event: Event, (succeeded, failed): (u64, u64)) -> Result<(), Error> {
        let clock = context.clock();
        self.file.add(clock, event)?;
        self.file.add(clock, Event::Finished { command: self.command.to_owned(), succeeded, failed })?;
        self.file.flush()?;
        show_record(context.console(), &self.path, self.file.tip());
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use clap::Parser;
    use keyferry_core::Explain;

    use super::*;
    use crate::args::Args;

    /// No service is contacted, because consent comes before the request.
    #[test]
    fn a_script_agrees_for_nobody_in_production() {
        let args = Args::parse_from(["keyferry-online", "status", "--all-regions"]);
        let context =
            Context::new(args.common.console(), &args.common, Box::new(crate::providers::open)).unwrap();
        let alias: Alias = "one".parse().unwrap();
        for (purpose, control) in [("production", "KF-CONSENT-04"), ("rehearsal", "")] {
            let text = format!(
                "format = \"keyferry/plan/2\"\nceremony = \"c-1\"\npurpose = \"{purpose}\"\n\
                 [[participant]]\nname = \"Ada\"\nrole = \"operator\"\n[[participant]]\nname = \"Bo\"\nrole = \"witness\"\n\
                 [[key]]\nalias = \"one\"\nprovider = \"tencent\"\nregion = \"ap-singapore\"\nvalid_to = \"never\"\n\
                 [backup]\nscheme = \"none\"\nreason = \"a test\"\n"
            );
            let plan = CeremonyPlan::parse(text.as_bytes()).unwrap();
            let book = Book { path: LIFE_FILE.into(), plan, head: Fingerprint::ZERO, found: Found::NONE };
            let given = book.agree(&context, &alias, Some("one")).map_err(|error| error.control().id());
            assert_eq!(given.err().unwrap_or_default(), control);
            assert!(book.agree(&context, &alias, Some("two")).is_err());
        }
    }
}
