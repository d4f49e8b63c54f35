//! Ways in which a line can say less: about a finding, a protection, how people answered, or how
//! many there were.

use keyferry_core::posture::PostureFinding;
use keyferry_core::transcript::{Act, MaterialSource, Means, MemoryKind, TimeSource};
use keyferry_core::*;

use super::production::{Entry, at};

/// Yields each edit that sets one member of a kind of event to a value that says less.
macro_rules! less {
    ($take:ident: $($kind:ident { $member:ident } = $($value:expr),+;)*) => {
        $($(
            $take(&|event: &mut Event| {
                if let Event::$kind { $member, .. } = event {
                    *$member = $value;
                }
            });
        )+)*
    };
}

/// Every version of the line that says one thing less.
pub(super) fn weakened(line: &Entry) -> Vec<Entry> {
    let mut all = weaker_acts(line);
    let mut event = |edit: &dyn Fn(&mut Event)| {
        let mut changed = line.clone();
        edit(&mut changed.event);
        // An edit of another kind of event changes nothing.
        if changed != *line {
            all.push(changed);
        }
    };
    if let Event::PostureChecked { findings, .. } = &line.event {
        (0..findings.len()).for_each(|n| weaker_findings(&mut event, n, findings));
    }
    let nothing = Fingerprint::of(b"");
    less! { event:
        Confined { no_new_privs } = false;
        Confined { limits } = false;
        Confined { seccomp } = false;
        Confined { landlock_abi } = 0;
        Confined { memory } = MemoryKind::Unlocked;
        Exported { endpoint } = "https://kms.example.com".into(), "http://127.0.0.1:1".into();
        MaterialGenerated { source } = MaterialSource::Seeded;
        CiphertextWritten { seeded } = true;
        SharesMade { threshold } = 1;
        SharesMade { shares } = 2;
        ShareConfirmed { custodian } = None;
        ShareConfirmed { share_sha256 } = nothing;
        SharesVoid { confirmed } = 0;
        SharesCombined { numbers } = vec![2], vec![];
        ShareProved { share_sha256 } = nothing;
        EscrowWritten { keys } = 0;
        Proved { round_trip } = false;
        Proved { state } = "PendingImport".into();
        Begun { plan_sha256 } = None;
        Begun { program } = "forger 1.0".into();
        Begun { command } = "rite".into();
        Begun { purpose } = Purpose::Rehearsal;
        Agreed { record_head } = nothing;
        KeyChanged { state } = "Enabled".into(), "Gone".into();
        KeyChanged { deletion_date } = None, Some(at(4_000_000_000));
        KeyChanged { request_id } = String::new();
        Finished { failed } = 99;
        Finished { succeeded } = 0;
    }
    event(&|event| {
        if let Event::EntropyMixed { contributions } = event {
            contributions.iter_mut().for_each(|credit| credit.count = 1);
        }
    });
    weaker_times(&mut event);
    all
}

fn weaker_times(event: Edit<'_>) {
    less! { event:
        TimeConfirmed { by } = TimeSource::Plan, TimeSource::Given;
        TimeConfirmed { expires_at } = at(4_000_000_000);
        TimeGiven { given } = at(4_000_000_000);
    }
    event(&|event| {
        if let Event::TimeConfirmed { time, expires_at, .. } = event {
            *time = *expires_at;
        }
    });
}

/// The line without its step, and with less said about how people answered.
fn weaker_acts(line: &Entry) -> Vec<Entry> {
    let with = |act: Act| Entry { act, ..line.clone() };
    let mut all = vec![with(Act { step: None, ..line.act })];
    if line.act.means.is_some() {
        all.push(with(Act { means: None, ..line.act }));
    }
    if line.act.by.is_some() {
        all.push(with(Act { by: None, ..line.act }));
    }
    if matches!(line.event, Event::Confirmed { .. } | Event::Agreed { .. }) {
        all.push(with(Act { means: Some(Means::Option), ..line.act }));
    }
    all
}

/// A callback that receives each edit of the event.
type Edit<'e> = &'e mut dyn FnMut(&dyn Fn(&mut Event));

fn weaker_findings(event: Edit<'_>, n: usize, findings: &[PostureFinding]) {
    // Removing a check that nothing requires weakens nothing.
    if findings[n].demand == PostureDemand::Shown {
        return;
    }
    let mut finding = |edit: &dyn Fn(&mut PostureFinding)| {
        event(&|e| {
            if let Event::PostureChecked { findings, .. } = e {
                edit(&mut findings[n]);
            }
        });
    };
    finding(&|f| f.demand = PostureDemand::Shown);
    finding(&|f| f.demand = PostureDemand::Lowered);
    if findings[n].demand == PostureDemand::Required {
        finding(&|f| f.demand = PostureDemand::Waived);
        finding(&|f| f.verdict = PostureVerdict::Fail);
        if !matches!(findings[n].check, PostureCheck::PrivateOutput | PostureCheck::NobodyElse) {
            finding(&|f| f.verdict = PostureVerdict::Note);
        }
    }
    event(&|e| {
        if let Event::PostureChecked { findings, .. } = e {
            findings.remove(n);
        }
    });
}
