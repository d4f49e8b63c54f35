//! `keyferry plan recover`: drafts the plan of a recovery from the archive of the ceremony that made the shares, or of a
//! ceremony whose keys are in a token.
//!
//! Keys, people and backup stay; each key names the head of that ceremony's record. Fields that only concerned the day of that
//! ceremony are left out: the time, the rehearsal and the approval.

use keyferry_audit::record::{Audit, Expect, Folder};
use keyferry_core::plan::outline::{Entry, outline};
use keyferry_core::plan::{Judgement, PLAN_FORMAT};
use keyferry_core::transcript::{HsmKeyEnd, Line};
use keyferry_core::{BackupSet, Bilingual, CeremonyId, CeremonyPlan, Event, Story, Timestamp, bi};
use keyferry_transport::{Access, Console, check_free, write_new};
use serde_json::json;

use super::args::Recover;
use super::error::{Error, PlanTaskError};
use super::{check, write};

pub(super) fn run(args: &Recover, now: Timestamp, console: &Console) -> Result<(), Error> {
    check_free(&args.out)?;
    let folder = Folder::read(&args.archive)?;
    let audit = Audit::of(&folder, &Expect::default());
    // A missing signature does not prevent anybody from recovering what the shares hold.
    audit.verdict_before_signing()?;
    let Some(record) = &audit.record else { return Ok(audit.verdict()?) };
    let story = Story::of(&record.chain);
    let (head, source) = (story.head(), Source::of(&story, &record.plan)?);
    if args.ceremony == *record.plan.ceremony() {
        return Err(PlanTaskError::SameCeremony(args.ceremony.clone()).into());
    }
    let entries = outline(folder.plan.as_deref().unwrap_or_default()).map_err(PlanTaskError::from)?;
    let entries = entries_of(entries, &record.plan, args.ceremony.as_str(), &head.to_string());
    let text = write::text(&source.about(record.plan.ceremony()), &entries, console.lang());
    // The text is written only if it is a valid plan.
    let plan = CeremonyPlan::parse(text.as_bytes()).map_err(PlanTaskError::from)?;
    write_new(&args.out, text.as_bytes(), Access::Everyone)?;
    let judgement = Judgement::of(text.as_bytes(), now);
    check::show(&plan, console);
    console.row(&bi!("wrote", "已写出"), &args.out.display().to_string());
    check::say(judgement.findings(), console);
    console.digest(&bi!("previous", "前次档案"), &head, &plan.word_languages());
    let errors = judgement.errors().count();
    if errors > 0 {
        console.say(&bi!(
            "  next: correct the draft at the lines named above; `keyferry plan check` says when nothing is left to correct",
            "  下一步：按上面指出的各处更正草稿，直到 `keyferry plan check` 不再报告错误"
        ));
    }
    if console.json() {
        console.result(&json!({
            "command": "plan recover", "plan": args.out, "plan_sha256": plan.digest(), "ceremony": plan.ceremony(),
            "previous_record": head, "set": source.set(), "errors": errors,
        }));
    } else {
        console.result_line(&args.out.display().to_string());
    }
    Ok(())
}

/// Where the material is recovered from.
enum Source {
    /// Shares of this set.
    Shares(BackupSet),
    /// A token that kept the keys, or into which the HSM's own backup was restored.
    Token,
}

impl Source {
    /// # Errors
    /// [`PlanTaskError::NoShares`] if there is nothing to recover it from.
    fn of(story: &Story<'_>, plan: &CeremonyPlan) -> Result<Self, PlanTaskError> {
        if let Some(recoverable) = story.recoverable() {
            return Ok(Self::Shares(recoverable.sharing.set));
        }
        let stays = |line: &Line| match &line.event {
            Event::HsmKey { end, .. } => *end != HsmKeyEnd::Destroyed,
            _ => false,
        };
        let kept = plan.hsm().and_then(|_| story.lines().iter().find(|line| stays(line)));
        kept.map(|_| Self::Token).ok_or(PlanTaskError::NoShares)
    }

    const fn set(&self) -> Option<&BackupSet> {
        match self {
            Self::Shares(set) => Some(set),
            Self::Token => None,
        }
    }

    fn about(&self, earlier: &CeremonyId) -> Bilingual {
        match self {
            Self::Shares(set) => bi!(
                "Written by `keyferry plan recover`: a recovery from the shares of set \"{set}\", made in ceremony {earlier}.\n\
                 This is a draft: check every value, run `keyferry plan check`, and have the plan reviewed.",
                "由 `keyferry plan recover` 写出：用仪式 {earlier} 中生成的 \"{set}\" 组分片进行恢复。\n这是草稿：请核对每个值，再用 `keyferry plan check` 检查并审阅。"
            ),
            Self::Token => bi!(
                "Written by `keyferry plan recover`: a recovery of keys that a token made in ceremony {earlier} and still \
                 has, or has again.\n\
                 This is a draft: check every value, run `keyferry plan check`, and have the plan reviewed.",
                "由 `keyferry plan recover` 写出：恢复硬件令牌在仪式 {earlier} 中生成、且仍持有或重新持有的密钥。\n这是草稿：请核对每个值，再用 `keyferry plan check` 检查并审阅。"
            ),
        }
    }
}

/// The values of the recovery's plan, derived from those of the earlier plan.
fn entries_of(before: Vec<Entry>, plan: &CeremonyPlan, ceremony: &str, head: &str) -> Vec<Entry> {
    let of_that_day = |entry: &Entry| {
        let root = ["approved_by", "rehearsed_record"].contains(&entry.field) && entry.table.is_empty();
        root || entry.table == "clock" || entry.field == "previous_record" || entry.field == "bits"
    };
    let mut entries: Vec<Entry> = before.into_iter().filter(|entry| !of_that_day(entry)).collect();
    let set = |entries: &mut Vec<Entry>, field: &str, value: &str| {
        let new = Entry::new("", 0, field, value);
        let old = entries.iter_mut().find(|entry| entry.table.is_empty() && entry.field == field);
        if let Some((old, new)) = old.zip(new) {
            *old = new;
        }
    };
    set(&mut entries, "format", PLAN_FORMAT);
    set(&mut entries, "ceremony", ceremony);
    let of_key = |entry: &Entry| (entry.table == "key").then_some(entry.number);
    let mut whole = Vec::with_capacity(entries.len());
    for group in entries.chunk_by(|a, b| of_key(a) == of_key(b)) {
        whole.extend_from_slice(group);
        let Some((number, key)) = group.first().and_then(of_key).and_then(|n| Some((n, plan.keys().get(n)?)))
        else {
            continue;
        };
        let expected = key.provider.facts().expected_kind(key.region.as_str());
        let kind = Some(key.kind().name).filter(|name| expected.is_none_or(|kind| kind.name != *name));
        let had = group.iter().any(|entry| entry.field == "kind");
        let kind = kind.filter(|_| !had).and_then(|kind| Entry::new("key", number, "kind", kind));
        whole.extend(kind.into_iter().chain(Entry::new("key", number, "previous_record", head)));
    }
    whole
}
