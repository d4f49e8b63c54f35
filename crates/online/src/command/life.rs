//! A key's later life: `delete-material`, `schedule-deletion`, `cancel-deletion`, `enable`, `disable`; one key for each command.
//!
//! Each reads the key's state first and refuses a state that does not allow the change. A change that the service made earlier counts as
//! done. Deleted material can be imported again; a deleted key cannot be recovered at all. A command that takes a key out of use requires
//! the typed alias, and in production also a record (`life.jsonl`) and two people.

use keyferry_core::transcript::Act;
use keyferry_core::{Alias, Bilingual, Clock, KeyId, Region, Timestamp, bi};
use keyferry_service::{Change, KeyRef, KeyState, KeyView};
use keyferry_transport::printable;
use serde_json::json;

use super::Finished;
use crate::context::Context;
use crate::error::confirm_error::expiry_text;
use crate::journal::{Happened, KeyJournal};
use crate::key::look_up;
use crate::{Error, KeyError, Service};

mod book;
mod life_flags;

pub use book::LifeError;
use book::{Book, Outcome};
pub use life_flags::{OneKey, Recorded, Schedule, Typed};

/// The properties of a command that do not depend on the key.
struct Command {
    word: &'static str,
    /// The key cannot be used afterwards, so people must agree.
    takes_out_of_use: bool,
    /// The state that the key is in afterwards.
    leads_to: fn(KeyState) -> bool,
}

const DELETE_MATERIAL: Command = Command {
    word: "delete-material",
    takes_out_of_use: true,
    leads_to: |state| matches!(state, KeyState::PendingImport),
};
const SCHEDULE: Command = Command {
    word: "schedule-deletion",
    takes_out_of_use: true,
    leads_to: |state| matches!(state, KeyState::PendingDelete),
};
const CANCEL: Command = Command {
    word: "cancel-deletion",
    takes_out_of_use: false,
    leads_to: |state| !matches!(state, KeyState::PendingDelete),
};
const ENABLE: Command =
    Command { word: "enable", takes_out_of_use: false, leads_to: |state| matches!(state, KeyState::Enabled) };
const DISABLE: Command = Command {
    word: "disable",
    takes_out_of_use: true,
    leads_to: |state| matches!(state, KeyState::Disabled),
};

/// One key, its client, and what the service says about it.
struct Subject<'c> {
    context: &'c Context,
    command: Command,
    service: Box<dyn Service + 'c>,
    region: Region,
    id: KeyId,
    found: KeyView,
    /// The record, and the plan's alias for the key.
    book: Option<(Book, Alias)>,
}

/// Runs `delete-material`.
///
/// # Errors
/// [`Error`] when nothing was done.
pub fn delete_material(context: &Context, args: &Typed) -> Finished {
    let subject = Subject::new(context, DELETE_MATERIAL, &args.act)?;
    if !subject.found.origin.is_imported() {
        return Err(KeyError::NotExternal(subject.found.origin).into());
    }
    if subject.is_done() {
        return subject.already();
    }
    subject.allow(
        &[KeyState::Enabled, KeyState::Disabled],
        &bi!("Enabled or Disabled", "Enabled 或 Disabled"),
    )?;
    let mut journal = subject.journal()?;
    subject.warn(&bi!(
        "  Deletes the material of this key. Encrypting and decrypting stop at once, and what was encrypted cannot be read until \
         the SAME material is imported again; the service cannot return it. Without a backup the data is lost.",
        "  将删除该密钥的材料。加密与解密立即停止；在重新导入【同一】材料之前，已加密的数据无法读取；服务端不会归还材料。\
         若没有备份，数据将永久丢失。"
    ));
    let agreed = subject.agree(args.yes_alias.as_deref())?;
    subject.carry_out(agreed, Change::DeleteMaterial, |_| {
        journal.add(context.clock(), Happened::MaterialDeleted)
    })
}

/// Runs `schedule-deletion`.
///
/// # Errors
/// [`Error`] when nothing was done.
pub fn schedule(context: &Context, args: &Schedule) -> Finished {
    let subject = Subject::new(context, SCHEDULE, &args.typed.act)?;
    if subject.is_done() {
        return subject.already();
    }
    // The service requires a key to be disabled first; a key without material cannot be used anyway.
    let states = [KeyState::Disabled, KeyState::PendingImport];
    subject.allow(
        &states,
        &bi!(
            "Disabled (run `disable` first) or PendingImport",
            "Disabled（请先运行 disable）或 PendingImport"
        ),
    )?;
    let mut journal = subject.journal()?;
    let days = args.days;
    subject.warn(&bi!(
        "  Deletes the KEY itself in {days} days. Whatever was encrypted under it is then lost for good: a new key with the same \
         material does NOT decrypt it. This is not `delete-material`, after which the same material can be imported again. \
         Until then, `cancel-deletion` can cancel it.",
        "  将在 {days} 天后删除【密钥本身】。届时用它加密的一切数据永久丢失：即使新建密钥并导入同一材料也【不能】解密。\
         这不同于 delete-material（之后可重新导入同一材料）。在此之前可用 cancel-deletion 撤销。"
    ));
    let agreed = subject.agree(args.typed.yes_alias.as_deref())?;
    subject.carry_out(agreed, Change::ScheduleDeletion { days }, |now| {
        let happened = deletion_date(now).map(|deletion_date| Happened::DeletionScheduled { deletion_date });
        happened.map_or(Ok(()), |happened| journal.add(context.clock(), happened))
    })
}

/// Runs `cancel-deletion`.
///
/// # Errors
/// [`Error`] when nothing was done.
pub fn cancel(context: &Context, args: &Recorded) -> Finished {
    let subject = Subject::new(context, CANCEL, args)?;
    if subject.is_done() && subject.is_left_open() {
        return subject.already();
    }
    subject.allow(&[KeyState::PendingDelete], &bi!("PendingDelete", "PendingDelete"))?;
    let mut journal = subject.journal()?;
    subject.carry_out(Vec::new(), Change::CancelDeletion, |_| {
        journal.add(context.clock(), Happened::DeletionCancelled)
    })
}

/// Runs `enable`.
///
/// # Errors
/// [`Error`] when nothing was done.
pub fn enable(context: &Context, args: &Recorded) -> Finished {
    let subject = Subject::new(context, ENABLE, args)?;
    if subject.is_done() {
        return subject.already();
    }
    subject.allow(&[KeyState::Disabled], &bi!("Disabled", "Disabled"))?;
    subject.carry_out(Vec::new(), Change::Enable, |_| Ok(()))
}

/// Runs `disable`.
///
/// # Errors
/// [`Error`] when nothing was done.
pub fn disable(context: &Context, args: &Typed) -> Finished {
    let subject = Subject::new(context, DISABLE, &args.act)?;
    if subject.is_done() {
        return subject.already();
    }
    subject.allow(&[KeyState::Enabled], &bi!("Enabled", "Enabled"))?;
    subject.warn(&bi!(
        "  Switches this key off. Encrypting and decrypting stop at once, for everybody who uses it. Nothing is lost: `enable` reverses it.",
        "  将停用该密钥。所有使用者的加密与解密立即停止。不会丢失任何内容：可用 enable 恢复。"
    ));
    let agreed = subject.agree(args.yes_alias.as_deref())?;
    subject.carry_out(agreed, Change::Disable, |_| Ok(()))
}

/// When the key will be deleted, as the service says.
fn deletion_date(found: &KeyView) -> Option<Timestamp> {
    let seconds = found.deletion_date?;
    Timestamp::from_unix(i64::try_from(seconds).ok()?).ok()
}

impl<'c> Subject<'c> {
    fn new(context: &'c Context, command: Command, args: &Recorded) -> Result<Self, Error> {
        let book = args.transcript.as_deref().map(|path| Book::read(context, path)).transpose()?;
        let service = match &book {
            Some(book) => context.service_of(book.plan(), context.endpoint_of_uncompared(book.plan())?)?,
            None => context.usual_service(endpoint(context, &command)?)?,
        };
        let (region, id) = (args.key.region.clone(), args.key.key_id.clone());
        let found = look_up(&*service, &region, &id)?;
        let mut this = Self { context, command, service, region, id, found, book: None };
        let (alias, state) = (this.alias(), this.state());
        context
            .console()
            .row(&bi!("key", "密钥"), &format!("{alias}  {}  {}  {state}", this.region, this.id));
        if let Some(book) = book {
            let alias = book.key(&this.region, &this.id, &this.found.alias)?.alias.clone();
            this.book = Some((book, alias));
        }
        Ok(this)
    }

    const fn state(&self) -> KeyState {
        self.found.state
    }

    fn is_done(&self) -> bool {
        (self.command.leads_to)(self.state())
    }

    /// Whether the record has an interrupted run of this command, without an outcome.
    fn is_left_open(&self) -> bool {
        self.book.as_ref().is_some_and(|(book, _)| book.left_open(self.command.word, &self.id))
    }

    /// The service's text, without characters that could move the cursor.
    fn alias(&self) -> String {
        self.found.alias.chars().filter(|c| !c.is_control()).take(60).collect()
    }

    fn journal(&self) -> Result<KeyJournal, Error> {
        self.context.journal()?.open(&self.region, &self.id)
    }

    fn allow(&self, states: &[KeyState], wanted: &Bilingual) -> Result<(), KeyError> {
        if states.contains(&self.state()) {
            return Ok(());
        }
        Err(KeyError::Transition { found: self.state(), wanted: wanted.clone() })
    }

    fn warn(&self, text: &Bilingual) {
        self.context.console().say(text);
    }

    /// The people who agree. Without a record, the alias is required once, typed by a person or passed by a script: this guards against a
    /// wrong key id, which is easy to give.
    fn agree(&self, given: Option<&str>) -> Result<Vec<Act>, Error> {
        if let Some((book, alias)) = &self.book {
            return book.agree(self.context, alias, given);
        }
        let alias = self.alias();
        let typed = match given {
            Some(text) => Some(text.to_owned()),
            None => self
                .context
                .console()
                .ask(&bi!("Type the key's alias to continue:", "请输入该密钥的别名以继续：")),
        };
        if !alias.is_empty() && typed.as_deref() == Some(&*alias) {
            Ok(Vec::new())
        } else {
            Err(KeyError::NotTyped.into())
        }
    }

    /// Records who agreed, changes the key, and records what the service says about it afterwards.
    fn carry_out(
        &self,
        agreed: Vec<Act>,
        change: Change,
        remember: impl FnOnce(&KeyView) -> Result<(), Error>,
    ) -> Finished {
        let begin = |(book, alias): &(Book, Alias)| {
            book.begin(self.context, self.command.word, (alias, &self.id), agreed)
        };
        let open = self.book.as_ref().map(begin).transpose()?;
        let request_id = match self.change(change) {
            Ok(request_id) => request_id,
            Err(error) => {
                open.map_or(Ok(()), |open| open.failed(self.context, &error))?;
                return Err(error);
            }
        };
        // The service's reply to the change is empty. Without this answer the run stays open in the record, and running the same command
        // again ends it.
        let now = look_up(&*self.service, &self.region, &self.id)?;
        remember(&now)?;
        if let Some(open) = open {
            open.changed(self.context, &self.outcome(&now, request_id))?;
        }
        self.report(&now, false)
    }

    fn outcome(&self, now: &KeyView, request_id: Option<String>) -> Outcome {
        let scheduled = self.command.word == SCHEDULE.word;
        let deletion_date = if scheduled { deletion_date(now) } else { None };
        Outcome { state: now.state.as_str().to_owned(), deletion_date, request_id }
    }

    /// Requests the change; returns the request's id, unless the answer was lost. If no answer comes, the key's state shows whether the
    /// change was made, and if not, it is requested again.
    fn change(&self, change: Change) -> Result<Option<String>, Error> {
        let key = KeyRef { region: &self.region, id: &self.id };
        let mut failed = 0;
        loop {
            let error = match self.service.change(key, change) {
                Ok(receipt) => return Ok(Some(receipt.request_id)),
                Err(error) => error,
            };
            failed += 1;
            if !error.may_be_done() {
                return Err(error.into());
            }
            let found = look_up(&*self.service, &self.region, &self.id);
            if found.is_ok_and(|key| (self.command.leads_to)(key.state)) {
                return Ok(None);
            }
            if !error.passes() || !self.service.wait_again(failed) {
                return Err(error.into());
            }
        }
    }

    /// Reports that the key already has the requested state. If an earlier run was interrupted before it could record this state, its end
    /// is recorded now.
    fn already(&self) -> Finished {
        if let Some((book, alias)) = self.book.as_ref().filter(|_| self.is_left_open()) {
            let open = book.begin(self.context, self.command.word, (alias, &self.id), Vec::new())?;
            open.changed(self.context, &self.outcome(&self.found, None))?;
        }
        self.report(&self.found, true)
    }

    /// Reports the key's current state.
    fn report(&self, now: &KeyView, already: bool) -> Finished {
        let console = self.context.console();
        let (alias, region, id, state) = (self.alias(), &self.region, &self.id, now.state);
        let scheduled = self.command.word == SCHEDULE.word;
        let date = now.deletion_date.filter(|_| scheduled).map(expiry_text);
        if already {
            console.say(&bi!("  it already had this state; nothing was changed", "  原本即是如此；未做更改"));
        }
        if console.json() {
            console.result(&json!({
                "command": self.command.word, "alias": alias, "region": region, "key_id": id, "state": state.as_str(),
                "changed": !already, "deletion_date": date, "at": self.context.clock().now(),
            }));
        } else {
            let date = date.map_or_else(String::new, |d| format!(" {d}"));
            console.product(&printable::line(&format!("{alias} {region} {id} {state}{date}")));
        }
        Ok(None)
    }
}

/// Refuses to take a key of a real service out of use without a record.
fn endpoint(context: &Context, command: &Command) -> Result<crate::Endpoint, Error> {
    let endpoint = context.usual_endpoint()?;
    if command.takes_out_of_use && !endpoint.is_loopback() {
        return Err(LifeError::NoRecord.into());
    }
    Ok(endpoint)
}
