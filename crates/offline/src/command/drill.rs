//! `drill`: combines shares and compares the result with the record, or checks one share; then wipes everything.
//!
//! It makes no ciphertext and needs no parameters, so it can be held every year.

use std::path::Path;

use keyferry_core::story::Recoverable;
use keyferry_core::transcript::KnownKeys;
use keyferry_core::{Bilingual, Control, Escrow, Event, Explain, Purpose, Station, bi};
use keyferry_slip39::Share;
use keyferry_transport::{TranscriptFile, folder_of};
use serde_json::json;

use super::machine;
use super::wrap::load_escrow;
use crate::args::Drill;
use crate::backup::{self, Curtain};
use crate::compared::{self, Earlier, Found};
use crate::confine::{self, Confined};
use crate::context::{Context, PROGRAM};
use crate::error::{KeysFailed, OfflineError};
use crate::listed::Refusals;
use crate::posture::{Demands, Fit, Output};

const COMMAND: &str = "drill";
/// The record of drills is next to the ceremony's record, which is signed and does not change. Each drill
/// names the record's last line.
const RECORD: &str = keyferry_core::artefact::names::DRILLS;

pub(crate) fn run(args: &Drill, context: &Context) -> Result<(), OfflineError> {
    let chain = backup::load_record(&args.transcript, &KnownKeys::default())?;
    let earlier = backup::recoverable(&chain)?;
    let own = args.record.clone().unwrap_or_else(|| args.transcript.with_file_name(RECORD));
    let folder = folder_of(&own);
    let escrow = if args.share { None } else { load_escrow(args.escrow.as_deref())? };
    let source = Earlier::check(&chain, &earlier, escrow.as_ref(), earlier.sharing.purpose)?;
    drop(chain);
    let escrow = if args.share { None } else { backup::check_escrow(&earlier.sharing, escrow)? };
    let found = Found::at(&own, (&earlier.ceremony, &KnownKeys::default()), earlier.sharing.purpose)?;
    let (fit, confined) = ready(folder, earlier.sharing.purpose, context)?;
    compared::agree_on_drill(&args.heads, &source, &found, context)?;
    let record = TranscriptFile::open(&own, &earlier.ceremony, Station::Offline, context)?;
    found.check(&record)?;
    let mut drill = Held { earlier: &earlier, confined, record, context };
    drill.add(begun(&earlier))?;
    drill.add(fit.event())?;
    drill.add(drill.confined.event())?;
    let done = if args.share { drill.one_share() } else { drill.all_shares(escrow) };
    if done.is_err() {
        // A failed drill stays in the record, but has no line `finished`.
        drill.record.flush()?;
    }
    let Keys { succeeded, failed } = done?;
    let command = COMMAND.into();
    drill.add(Event::Finished { command, succeeded: succeeded as u64, failed: failed as u64 })?;
    drill.record.flush()?;
    drill.print(args.share, &Keys { succeeded, failed });
    if failed == 0 {
        return Ok(());
    }
    Err(KeysFailed { succeeded, failed, first: Control::BACKUP_RECORD, printed: true }.into())
}

/// A drill in progress, on a machine that was checked.
struct Held<'d> {
    earlier: &'d Recoverable,
    confined: Confined,
    record: TranscriptFile,
    context: &'d Context,
}

/// How many keys match the record, and how many do not.
struct Keys {
    succeeded: usize,
    failed: usize,
}

/// Shares of a production ceremony are typed only on a machine that production would accept. A drill has no plan that could waive a
/// check.
fn ready(folder: &Path, purpose: Purpose, context: &Context) -> Result<(Fit, Confined), OfflineError> {
    let output = Output { folder, secret: false };
    if purpose == Purpose::Rehearsal {
        let fit = machine::check_by_hand(output, context)?;
        return Ok((fit, confine::by_hand(folder, &[], context)?));
    }
    let demands = Demands::baseline();
    let fit = machine::check_for_production(output, &demands, context)?;
    Ok((fit, confine::for_plan(folder, &[], None, &demands, context)?))
}

fn begun(earlier: &Recoverable) -> Event {
    let (plan_sha256, purpose) = (earlier.sharing.plan_sha256, earlier.sharing.purpose);
    Event::Begun { command: COMMAND.into(), program: PROGRAM.into(), plan_sha256, purpose }
}

/// Reads the share of a custodian who is alone with the screen; none of it stays on the screen.
fn typed_alone(earlier: &Recoverable, context: &Context) -> Result<Share, OfflineError> {
    let curtain = Curtain::new(context)?;
    curtain.wait_for(&bi!(
        "Next: one share, typed by its custodian.\n  \
         Everybody else turns away; the custodian takes the keyboard and presses Enter:",
        "下一步：由保管人键入一个分片。\n  其他人请转身回避；请保管人坐到键盘前并按回车："
    ))?;
    loop {
        let question = bi!("Your share", "您的分片");
        if let Some(share) = backup::read_share(&question, backup::words(earlier), &curtain, context)? {
            curtain.end();
            return Ok(share);
        }
    }
}

impl Held<'_> {
    fn add(&mut self, event: Event) -> Result<(), OfflineError> {
        Ok(self.record.add(self.context, event)?)
    }

    /// Proves that a custodian has the share that was confirmed under its number. None of it is shown.
    fn one_share(&mut self) -> Result<Keys, OfflineError> {
        let (earlier, context) = (self.earlier, self.context);
        backup::check_place(earlier.sharing.purpose, context)?;
        let share = typed_alone(earlier, context)?;
        backup::check_confirmed(&share, &earlier.sharing)?;
        let (number, set) = (backup::number(&share), earlier.sharing.set.clone());
        let Bilingual { en, zh } = backup::share_name(number, earlier);
        let text = bi!(
            "{en}, of set \"{set}\", is the one that was confirmed",
            "\"{set}\" 组{zh}正是当时确认的那一个"
        );
        context.console.row(&bi!("proved", "已验证"), text.get(context.console.lang()));
        self.add(Event::ShareProved { set, number, share_sha256: backup::digest(&share) })?;
        Ok(Keys { succeeded: 1, failed: 0 })
    }

    /// Combines as many shares as are needed and compares every key's material; failures are named.
    fn all_shares(&mut self, escrow: Option<Escrow>) -> Result<Keys, OfflineError> {
        let (earlier, console) = (self.earlier, &self.context.console);
        let (recovered, combined) = backup::collect(earlier, escrow, &self.confined.memory, self.context)?;
        self.add(combined)?;
        let mut progress = console.progress(bi!("compared", "已比对"), earlier.keys.len());
        let (mut keys, mut refusals) = (Keys { succeeded: 0, failed: 0 }, Refusals::new(console));
        for key in &earlier.keys {
            match recovered.material(key, &self.confined.memory) {
                Ok(_wiped) => {
                    keys.succeeded += 1;
                    progress.step();
                }
                Err(error) => {
                    refusals.explain(key.alias.as_str(), &error as &dyn Explain);
                    keys.failed += 1;
                    progress.fail();
                }
            }
        }
        refusals.end();
        let Keys { succeeded, failed } = keys;
        let text = bi!(
            "{succeeded} keys match the record, {failed} do not; all are wiped",
            "{succeeded} 个密钥与记录一致，{failed} 个不符；均已擦除"
        );
        console.row(&bi!("material", "密钥材料"), text.get(console.lang()));
        Ok(keys)
    }

    fn print(&self, share_alone: bool, keys: &Keys) {
        let (console, sharing) = (&self.context.console, &self.earlier.sharing);
        let Keys { succeeded, failed } = *keys;
        if !console.json() {
            console.result_line(&format!("{} {}", sharing.set, if failed == 0 { "ok" } else { "FAILED" }));
            return;
        }
        console.result(&json!({
            "command": COMMAND, "set": sharing.set, "share_alone": share_alone, "commitment": sharing.commitment,
            "kcv": sharing.kcv, "succeeded": succeeded, "failed": failed,
            "transcript_head": self.record.tip().head(),
        }));
    }
}
