//! Rehearses a person's own plan: checks it, then copies it without the values for the real day and the real machine.

use std::path::Path;

use keyferry_core::plan::Backup;
use keyferry_core::plan::MAX_PLAN;
use keyferry_core::plan::outline::{Entry, outline};
use keyferry_core::{Bilingual, CeremonyPlan, Purpose, Timestamp, bi};
use keyferry_tencent::Edition;
use keyferry_transport::{Console, read_capped};

use super::error::{Error, RehearseError};
use super::folder::Desks;
use super::people::{self, Signer};
use super::plan::Draft;

/// Maximum length of a ceremony's id.
const MAX_ID: usize = 64;

/// The given plan, which passed its checks.
pub(super) struct Own {
    pub(super) plan: CeremonyPlan,
    bytes: Vec<u8>,
    entries: Vec<Entry>,
}

impl Own {
    /// Reads the plan and checks it, as every command does first.
    pub(super) fn read(path: &Path, now: Timestamp, console: &Console) -> Result<Self, Error> {
        let bytes = read_capped(path, MAX_PLAN)?;
        let plan = keyferry_planning::judged(&bytes, now, console)?;
        let entries = outline(&bytes).map_err(RehearseError::from)?;
        Ok(Self { plan, bytes, entries })
    }

    /// The editions that the plan's regions must have at the emulator.
    pub(super) fn editions(&self) -> impl Iterator<Item = (String, Edition)> {
        let edition = |name: &str| name.parse().ok();
        self.plan
            .keys()
            .iter()
            .filter_map(move |key| Some((key.region.to_string(), edition(key.kind().name)?)))
    }

    /// How many shares the ceremony makes.
    fn shares(&self) -> u8 {
        match self.plan.backup() {
            Backup::Slip39 { shares, .. } => *shares,
            Backup::None { .. } => 0,
        }
    }

    /// The draft that is rehearsed, with a signing key made for each person who has one in the plan. Says what differs from the plan.
    pub(super) fn draft(&self, desks: &Desks, console: &Console) -> Result<Draft, RehearseError> {
        let mut signers = Vec::new();
        for (n, person) in (1..).zip(self.plan.participants()) {
            if person.ssh_key.is_some() {
                let file = format!("person-{n}");
                let line = people::key(&desks.online, &file)?;
                signers.push(Signer { file, name: person.name.to_string(), line });
            }
        }
        let (entries, changed) = practised(&self.entries, &self.plan, &signers);
        let text = if changed.is_empty() {
            String::from_utf8_lossy(&self.bytes).into_owned()
        } else {
            console.say(&told(&changed));
            keyferry_planning::text(&about(), &entries, console.lang())
        };
        // The copy must be a valid plan, or nothing begins.
        CeremonyPlan::parse(text.as_bytes())?;
        Ok(Draft { text, algorithm: self.plan.algorithm(), signers, shares: self.shares() })
    }
}

fn about() -> Bilingual {
    bi!(
        "Written by `keyferry rehearse --plan`: a rehearsal's copy. Use it for nothing else.",
        "由 `keyferry rehearse --plan` 写出：演练用的副本，不得用于其他目的。"
    )
}

fn told(changed: &[String]) -> Bilingual {
    let Bilingual { en, zh } = Bilingual::list(changed);
    bi!(
        "  A copy of the plan is rehearsed; the plan itself is not touched. Changed or left out in the copy: {en}.\n  This computer is not the offline machine, and the service is an emulator.",
        "  演练使用计划的副本，计划文件本身不变。副本中更改或省略的内容：{zh}。\n  本机不是离线机器，服务端是模拟器。"
    )
}

/// The values of the copy, and the names of those that differ.
fn practised(entries: &[Entry], plan: &CeremonyPlan, signers: &[Signer]) -> (Vec<Entry>, Vec<String>) {
    let mut signers = signers.iter();
    let (mut kept, mut changed): (Vec<Entry>, Vec<String>) = Default::default();
    for entry in entries {
        let (table, number, field) = (entry.table, entry.number, entry.field);
        let copy = |value: &str| Entry::new(table, number, field, value);
        let new = match (table, field) {
            ("", "purpose") => copy("rehearsal"),
            ("", "ceremony") if plan.purpose() == Purpose::Production => copy(&practice_id(plan)),
            ("participant", "ssh_key") => signers.next().and_then(|signer| copy(&signer.line)),
            ("posture", "require") => copy("[\"clock-confirmed\"]"),
            ("", "endpoint" | "rehearsed_record")
            | ("key", "key_id" | "previous_record")
            | ("posture", "program_sha256")
            | ("posture.waive" | "clock", _) => None,
            _ => Some(entry.clone()),
        };
        if new.as_ref().is_none_or(|new| new.value != entry.value) {
            let name = if table.is_empty() { field.to_owned() } else { format!("{table}.{field}") };
            if !changed.contains(&name) {
                changed.push(name);
            }
        }
        kept.extend(new);
    }
    (kept, changed)
}

/// The rehearsal's own id, because the real ceremony's id is only for the real day.
fn practice_id(plan: &CeremonyPlan) -> String {
    const SUFFIX: &str = "-practice";
    let id = plan.ceremony().as_str();
    let kept = id.get(..MAX_ID - SUFFIX.len()).unwrap_or(id);
    format!("{kept}{SUFFIX}")
}

#[cfg(test)]
mod tests {
    use super::*;

    const PRODUCTION: &str = r#"format = "keyferry/plan/2"
ceremony = "bank-2026"
purpose = "production"
endpoint = "https://kms.tencentcloudapi.com"
[[participant]]
name = "Ada"
role = "operator"
[[participant]]
name = "Bo"
role = "witness"
ssh_key = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIBzXEOT/ItrJwV8MxPK/UL+xKg7ntIc185qaMFG/NFWS"
[[key]]
alias = "master"
provider = "tencent"
region = "ap-singapore"
key_id = "23e80852-1e38-11e9-b129-5cb9019b4b01"
valid_to = "never"
[backup]
scheme = "slip39"
threshold = 2
shares = 3
[posture]
require = ["no-network", "clock-confirmed"]
[[posture.waive]]
check = "no-swap"
reason = "encrypted swap"
[clock]
not_before = "2037-12-31T08:00:00Z"
not_after = "2037-12-31T16:00:00Z"
"#;

    fn copied(text: &str) -> (String, Vec<String>) {
        let plan = CeremonyPlan::parse(text.as_bytes()).unwrap();
        let line = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAILrOK92YlHsxiiJliJ+gEb/rVw/45n8VvQFXAJmK+8J/";
        let signer = Signer { file: "person-2".into(), name: "Bo".into(), line: line.into() };
        let (entries, changed) = practised(&outline(text.as_bytes()).unwrap(), &plan, &[signer]);
        (keyferry_planning::text(&about(), &entries, keyferry_core::Lang::En), changed)
    }

    #[test]
    fn a_production_plan_becomes_a_rehearsal_without_what_belongs_to_the_day() {
        let (text, changed) = copied(PRODUCTION);
        let plan = CeremonyPlan::parse(text.as_bytes()).unwrap();
        assert_eq!((plan.ceremony().as_str(), plan.purpose()), ("bank-2026-practice", Purpose::Rehearsal));
        assert!(text.contains("ILrOK92YlHsxiiJliJ") && !text.contains("IBzXEOT"), "{text}");
        for left in ["endpoint", "key_id =", "no-network", "no-swap", "not_before"] {
            assert!(!text.contains(left), "{left}: {text}");
        }
        assert!(matches!(plan.backup(), Backup::Slip39 { threshold: 2, shares: 3 }));
        let said = "ceremony purpose endpoint participant.ssh_key key.key_id posture.require posture.waive.check \
                    posture.waive.reason clock.not_before clock.not_after";
        assert_eq!(changed.join(" "), said);
        // A copy of the copy is the same plan, except for the key that is made each time.
        assert_eq!(copied(&text).1, [""; 0]);
    }

    #[test]
    fn the_longest_id_still_has_room() {
        let long = PRODUCTION.replace("bank-2026", &"a".repeat(MAX_ID));
        let plan = CeremonyPlan::parse(copied(&long).0.as_bytes()).unwrap();
        assert_eq!(plan.ceremony().as_str(), format!("{}-practice", "a".repeat(MAX_ID - 9)));
    }
}
