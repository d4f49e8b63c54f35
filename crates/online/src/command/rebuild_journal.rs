//! `rebuild-journal`: writes the journals of a plan's keys again, from the ceremony's record and the service, after a station or its journal was lost.
//!
//! The record comes from a medium, so people compare its head and the plan's digest before a request is sent. It shows which parameters
//! were fetched and which material was sent; the service reports whether a key holds material. The gaps that neither can fill are listed
//! at the end, and `session.json` cannot be made again. An existing journal is never changed.

use std::path::PathBuf;

use clap::Args as ClapArgs;
use keyferry_core::transcript::KnownKeys;
use keyferry_core::{Bilingual, CeremonyPlan, Fingerprint, PlanKey, Timestamp, bi};
use keyferry_transport::{FileError, folder_of, printable};
use serde_json::{Value, json};

use super::{Failures, Finished};
use crate::consent::{Given, agree_on_plan};
use crate::context::Context;
pub use crate::error::RebuildError;
use crate::journal::{Happened, Journal};
use crate::key::look_up;
use crate::place::check_journal;
use crate::record::Found;
use crate::{Error, KeyError, Service};

mod told;

const COMMAND: &str = "rebuild-journal";

/// Arguments of `rebuild-journal`.
#[derive(Debug, ClapArgs)]
pub struct RebuildJournal {
    /// Plan of the ceremony
    #[arg(long, value_name = "FILE")]
    pub plan: PathBuf,
    /// Latest copy of the ceremony's transcript.jsonl
    #[arg(long, value_name = "FILE")]
    pub transcript: PathBuf,
    /// Digest that the plan must have, as hex or words; replaces the question
    #[arg(long, value_name = "HEX-OR-WORDS", value_parser = Fingerprint::parse_typed)]
    pub expect_plan: Option<Fingerprint>,
    /// Head that the record must have, as hex or words
    #[arg(long, value_name = "HEX-OR-WORDS", value_parser = Fingerprint::parse_typed)]
    pub expect_head: Option<Fingerprint>,
}

/// Runs `rebuild-journal`.
///
/// # Errors
/// [`Error`] when nothing was rebuilt.
pub fn run(context: &Context, args: &RebuildJournal) -> Finished {
    let (plan, _) = context.plan(&args.plan)?;
    context.banner(plan.purpose(), plan.ceremony(), &plan.digest());
    let (journal, endpoint) = (context.journal()?, context.endpoint_of(&plan)?);
    check_journal(journal.path(), folder_of(&args.transcript), plan.purpose())?;
    let found = Found::read(&args.transcript, (plan.ceremony(), &KnownKeys::of_plan(&plan)), plan.purpose())?;
    found.show(context.console(), &args.transcript);
    check_record(&found, &plan, args)?;
    agree_on_plan(context, &plan, &found, Given { digest: args.expect_plan, head: args.expect_head })?;
    let service = context.service_of(&plan, endpoint)?;
    let mut run = Run { context, service, journal, plan: &plan, found: &found, keys: Vec::new() };
    let mut failures = Failures::default();
    for key in plan.keys() {
        if let Err(error) = run.key(key) {
            failures.report(context.console(), key.alias.as_str(), error);
        }
    }
    run.say_what_is_not_known();
    let result = json!({
        "command": COMMAND, "purpose": plan.purpose(), "ceremony": plan.ceremony(), "head": found.head(), "keys": run.keys,
        "proxy": context.proxy(),
    });
    if context.console().json() {
        failures.result(context.console(), result);
    } else {
        context.console().result_line(&printable::line(&run.journal.path().display().to_string()));
    }
    Ok(failures.class())
}

/// Checks that the record has lines and that its last export ran under this plan.
fn check_record(found: &Found, plan: &CeremonyPlan, args: &RebuildJournal) -> Result<(), RebuildError> {
    if found.chain().is_none() {
        return Err(RebuildError::NoRecord(args.transcript.clone()));
    }
    if found.last_plan_of("export") == Some(plan.digest()) { Ok(()) } else { Err(RebuildError::OtherPlan) }
}

struct Run<'c> {
    context: &'c Context,
    service: Box<dyn Service + 'c>,
    journal: Journal,
    plan: &'c CeremonyPlan,
    found: &'c Found,
    keys: Vec<Value>,
}

impl Run<'_> {
    fn key(&mut self, key: &PlanKey) -> Result<(), Error> {
        let (region, id, alias) = (&key.region, key.key_id()?, &key.alias);
        let console = self.context.console();
        // A journal that is damaged, or that others could have written, is refused here and left as it is.
        if self.journal.exists(region, id)? {
            console.row(&bi!("kept", "保留"), &format!("{alias}  {region}  {id}"));
            self.keys.push(json!({"alias": alias, "region": region, "key_id": id, "rebuilt": false}));
            return Ok(());
        }
        let service = look_up(&*self.service, region, id)?;
        if service.alias != alias.as_str() {
            let found = service.alias.chars().take(60).collect();
            return Err(KeyError::Alias { found, plan: alias.clone() }.into());
        }
        let state = service.state;
        let entries =
            self.found.chain().map(|chain| told::entries(chain, self.plan, key, state)).transpose()?;
        let entries = entries.unwrap_or_default();
        let said = said(&entries);
        match self.journal.write_whole(region, id, entries) {
            // Another command has written the journal in the meantime.
            Err(Error::File(FileError::Exists(_))) => {}
            other => other?,
        }
        console.row(
            &bi!("rebuilt", "已重建"),
            &format!("{alias}  {region}  {id}  {state}  {}", said.get(console.lang())),
        );
        self.keys.push(json!({
            "alias": alias, "region": region, "key_id": id, "state": state.as_str(), "rebuilt": true, "says": said.en,
        }));
        Ok(())
    }

    fn say_what_is_not_known(&self) {
        let ceremony = self.plan.ceremony();
        self.context.console().say(&bi!(
            "\n  NOT PROVED, neither by the record nor by the service:\n  \
             - whether anybody fetched parameters for these keys, or imported into them, after that record. Compare the provider's audit log first;\n  \
             - which material a key holds. Only an import of the same material, accepted by the service, shows that (`import --prove-backup`).\n  \
             session.json cannot be made again: the import tokens were only on the lost station. If you have it, import as usual. If not, the\n  \
             ciphertext on the medium cannot be imported: export again with --abandon {ceremony}, then `rewrap` from confirmed shares, or `wrap`.",
            "\n  记录与服务端都【不能】证明：\n  \
             - 该记录之后是否有人为这些密钥获取过参数或导入过材料。请先与服务商的审计日志核对；\n  \
             - 密钥持有哪份材料。只有服务端接受同一材料的导入才能证明（`import --prove-backup`）。\n  \
             session.json 无法重建：导入令牌只在丢失的工作站上。若您持有它，请照常导入。若没有，介质上的密文无法导入：\n  \
             请用 --abandon {ceremony} 重新导出，然后由已确认的分片执行 `rewrap`，或重新 `wrap`。"
        ));
    }
}

/// Summarizes a rebuilt journal in a few words.
fn said(entries: &[(Timestamp, Happened)]) -> Bilingual {
    let has = |wanted: fn(&Happened) -> bool| entries.iter().any(|(_, happened)| wanted(happened));
    if has(|h| matches!(h, Happened::MaterialDeleted)) {
        return bi!("took material, and holds none now", "曾导入材料，现不持有");
    }
    if has(|h| matches!(h, Happened::Accepted { .. })) {
        return bi!("took the record's material", "已导入记录所述材料");
    }
    if has(|h| matches!(h, Happened::Sending { .. })) {
        return bi!("may hold the record's material", "可能持有记录所述材料");
    }
    if has(|h| matches!(h, Happened::Fetched { .. })) {
        return bi!("parameters were fetched, nothing was imported", "已获取参数，未导入");
    }
    bi!("nothing was fetched", "未获取参数")
}
