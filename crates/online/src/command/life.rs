//! A key's later life: `delete-material`, `schedule-deletion`, `cancel-deletion`, `enable`, `disable`; one key a command.
//!
//! Each asks for the key first, refuses a state that does not allow the change, and finds done what is done already. Deleting
//! material can be made good with the same material; deleting the key cannot be made good by anything. Both want the alias typed.

use keyferry_core::{Bilingual, Clock, KeyId, Region, Timestamp, bi};
use keyferry_kms_api::Request;
use keyferry_kms_api::wire::{
    CancelKeyDeletionRequest, DeleteImportedKeyMaterialRequest, DisableKeyRequest, EnableKeyRequest,
    KeyMetadata, KeyState, Origin, ScheduleKeyDeletionRequest,
};
use keyferry_transport::printable;
use serde_json::json;

use super::Finished;
use crate::args::{OneKey, Schedule, Typed};
use crate::confirm::expiry_text;
use crate::context::{Context, DEFAULT_ENDPOINT};
use crate::journal::{Happened, KeyJournal};
use crate::key::describe;
use crate::{Error, KeyError, KmsClient};

/// One key, its client and what the service says of it.
struct Subject<'c> {
    context: &'c Context,
    client: KmsClient<'c>,
    region: Region,
    id: KeyId,
    found: KeyMetadata,
}

/// Runs `delete-material`.
///
/// # Errors
/// [`Error`] when nothing was done.
pub fn delete_material(context: &Context, args: &Typed) -> Finished {
    let subject = Subject::new(context, &args.key)?;
    if subject.found.origin != Some(Origin::External) {
        return Err(KeyError::NotExternal(subject.found.origin).into());
    }
    if subject.state() == KeyState::PendingImport {
        return subject.report("delete-material", true, None);
    }
    subject.allow(
        &[KeyState::Enabled, KeyState::Disabled],
        &bi!("Enabled or Disabled", "Enabled 或 Disabled"),
    )?;
    let mut journal = subject.journal()?;
    subject.warn(&bi!(
        "  Deletes the material of this key. Encrypting and decrypting stop at once, and what was encrypted cannot be read until \
         the SAME material is imported again; the service never gives it back. Without a backup the data is lost.",
        "  将删除该密钥的材料。加密与解密立即停止；在重新导入【同一】材料之前，已加密的数据无法读取；服务端不会归还材料。\
         若没有备份，数据将永久丢失。"
    ));
    subject.agree(args.yes_alias.as_deref())?;
    let request = DeleteImportedKeyMaterialRequest { key_id: subject.id.to_string() };
    subject.change(&request, |k| k.key_state == KeyState::PendingImport)?;
    journal.add(context.clock(), Happened::MaterialDeleted)?;
    subject.report("delete-material", false, None)
}

/// Runs `schedule-deletion`.
///
/// # Errors
/// [`Error`] when nothing was done.
pub fn schedule(context: &Context, args: &Schedule) -> Finished {
    let subject = Subject::new(context, &args.typed.key)?;
    if subject.state() == KeyState::PendingDelete {
        return subject.report("schedule-deletion", true, subject.found.deletion_date);
    }
    // The service wants a key switched off first; a key without material cannot be used anyway.
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
         Until then `cancel-deletion` calls it off.",
        "  将在 {days} 天后删除【密钥本身】。届时用它加密的一切数据永久丢失：即使新建密钥并导入同一材料也【不能】解密。\
         这不同于 delete-material（之后可重新导入同一材料）。在此之前可用 cancel-deletion 撤销。"
    ));
    subject.agree(args.typed.yes_alias.as_deref())?;
    let request = ScheduleKeyDeletionRequest {
        key_id: subject.id.to_string(),
        pending_window_in_days: days.into(),
        member_account: None,
    };
    subject.change(&request, |k| k.key_state == KeyState::PendingDelete)?;
    let date = describe(&subject.client, &subject.region, &subject.id)?.deletion_date;
    if let Some(deletion_date) = date.and_then(|s| Timestamp::from_unix(i64::try_from(s).ok()?).ok()) {
        journal.add(context.clock(), Happened::DeletionScheduled { deletion_date })?;
    }
    subject.report("schedule-deletion", false, date)
}

/// Runs `cancel-deletion`.
///
/// # Errors
/// [`Error`] when nothing was done.
pub fn cancel(context: &Context, args: &OneKey) -> Finished {
    let subject = Subject::new(context, args)?;
    subject.allow(&[KeyState::PendingDelete], &bi!("PendingDelete", "PendingDelete"))?;
    let mut journal = subject.journal()?;
    let request = CancelKeyDeletionRequest { key_id: subject.id.to_string(), member_account: None };
    subject.change(&request, |k| k.key_state != KeyState::PendingDelete)?;
    journal.add(context.clock(), Happened::DeletionCancelled)?;
    subject.report("cancel-deletion", false, None)
}

/// Runs `enable`.
///
/// # Errors
/// [`Error`] when nothing was done.
pub fn enable(context: &Context, args: &OneKey) -> Finished {
    let subject = Subject::new(context, args)?;
    if subject.state() == KeyState::Enabled {
        return subject.report("enable", true, None);
    }
    subject.allow(&[KeyState::Disabled], &bi!("Disabled", "Disabled"))?;
    let request = EnableKeyRequest { key_id: subject.id.to_string(), member_account: None };
    subject.change(&request, |k| k.key_state == KeyState::Enabled)?;
    subject.report("enable", false, None)
}

/// Runs `disable`.
///
/// # Errors
/// [`Error`] when nothing was done.
pub fn disable(context: &Context, args: &OneKey) -> Finished {
    let subject = Subject::new(context, args)?;
    if subject.state() == KeyState::Disabled {
        return subject.report("disable", true, None);
    }
    subject.allow(&[KeyState::Enabled], &bi!("Enabled", "Enabled"))?;
    let request = DisableKeyRequest { key_id: subject.id.to_string(), member_account: None };
    subject.change(&request, |k| k.key_state == KeyState::Disabled)?;
    subject.report("disable", false, None)
}

impl<'c> Subject<'c> {
    fn new(context: &'c Context, key: &OneKey) -> Result<Self, Error> {
        let client = context.client(context.endpoint(DEFAULT_ENDPOINT, None)?)?;
        let found = describe(&client, &key.region, &key.key_id)?;
        let this = Self { context, client, region: key.region.clone(), id: key.key_id.clone(), found };
        let alias = this.alias();
        let (region, id, state) = (&this.region, &this.id, this.state());
        context.console().row(&bi!("key", "密钥"), &format!("{alias}  {region}  {id}  {state}"));
        Ok(this)
    }

    const fn state(&self) -> KeyState {
        self.found.key_state
    }

    /// The service's text, without anything that could move a cursor.
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

    /// The alias, typed by a person or written in a script: a key id alone is easily another key's.
    fn agree(&self, given: Option<&str>) -> Result<(), Error> {
        let alias = self.alias();
        let typed = match given {
            Some(text) => Some(text.to_owned()),
            None => self
                .context
                .console()
                .ask(&bi!("Type the key's alias to go on:", "请输入该密钥的别名以继续：")),
        };
        if !alias.is_empty() && typed.as_deref() == Some(&*alias) {
            Ok(())
        } else {
            Err(KeyError::NotTyped.into())
        }
    }

    /// Asks for the change. When no answer comes, the key's state says whether it was done, and it is asked for again if not.
    fn change<R: Request>(&self, request: &R, done: impl Fn(&KeyMetadata) -> bool) -> Result<(), Error> {
        let mut failed = 0;
        loop {
            let error = match self.client.call(&self.region, self.id.as_str(), request) {
                Ok(_) => return Ok(()),
                Err(error) => error,
            };
            failed += 1;
            if !error.may_be_done() {
                return Err(error.into());
            }
            if describe(&self.client, &self.region, &self.id).is_ok_and(|k| done(&k)) {
                return Ok(());
            }
            if !error.passes() || !self.client.wait_again(failed) {
                return Err(error.into());
            }
        }
    }

    /// What the key is now, asked again: the service's reply says nothing.
    fn report(&self, command: &str, already: bool, deletion_date: Option<u64>) -> Finished {
        let console = self.context.console();
        let now = describe(&self.client, &self.region, &self.id)?;
        let (alias, region, id, state) = (self.alias(), &self.region, &self.id, now.key_state);
        let date = deletion_date.filter(|s| *s > 0).map(expiry_text);
        if already {
            console.say(&bi!("  it was so already; nothing was changed", "  原本即是如此；未做更改"));
        }
        if console.json() {
            console.result(&json!({
                "command": command, "alias": alias, "region": region, "key_id": id, "state": state.as_str(),
                "changed": !already, "deletion_date": date, "at": self.context.clock().now(),
            }));
        } else {
            let date = date.map_or_else(String::new, |d| format!(" {d}"));
            console.product(&printable::line(&format!("{alias} {region} {id} {state}{date}")));
        }
        Ok(None)
    }
}
