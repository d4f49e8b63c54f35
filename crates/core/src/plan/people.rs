//! The participants of a plan: names that nobody takes for each other, keys that can sign, and two people in a production ceremony.

use std::collections::{BTreeMap, BTreeSet};

use super::version::line_of;
use super::{Participant, PlanError, PlanText, Role};
use crate::Purpose;
use crate::signer::SshKey;

pub(super) fn check(plan: &PlanText, text: &str) -> Result<(), PlanError> {
    check_names(&plan.participant)?;
    check_keys(&plan.participant, text)?;
    if plan.purpose == Purpose::Production { check_two_people(&plan.participant) } else { Ok(()) }
}

/// A person has one spelling, and each role at most once.
fn check_names(people: &[Participant]) -> Result<(), PlanError> {
    let (mut spellings, mut roles) = (BTreeMap::new(), BTreeSet::new());
    let twice = people.iter().find(|person| {
        let first = spellings.entry(person.name.folded()).or_insert(&person.name);
        *first != &person.name || !roles.insert((&person.name, person.role as u8))
    });
    twice.map_or(Ok(()), |person| Err(PlanError::Duplicate(person.name.to_string())))
}

/// Each key can sign, and belongs to one person.
fn check_keys(people: &[Participant], text: &str) -> Result<(), PlanError> {
    let mut owners = BTreeMap::new();
    for person in people {
        let Some(line) = &person.ssh_key else { continue };
        let key: SshKey = line.parse().map_err(|error| {
            let quoted = [format!("\"{line}\""), format!("'{line}'")];
            let here = |there: &str| !there.starts_with('#') && quoted.iter().any(|q| there.contains(q));
            PlanError::SignerKey { line: line_of(text, here), name: person.name.clone(), error }
        })?;
        let owner = owners.entry(key).or_insert(&person.name);
        if *owner != &person.name {
            return Err(PlanError::SharedKey { first: (*owner).clone(), second: person.name.clone() });
        }
    }
    Ok(())
}

/// Nobody watches what they type themselves. That both roles are there, [`check_people`](super::CeremonyPlan::check_people) says.
fn check_two_people(people: &[Participant]) -> Result<(), PlanError> {
    let of = |role| people.iter().filter(move |person| person.role == role);
    let operators: BTreeSet<_> = of(Role::Operator).map(|person| &person.name).collect();
    let both = of(Role::Witness).find(|person| operators.contains(&person.name));
    both.map_or(Ok(()), |person| Err(PlanError::SamePerson(person.name.clone())))
}
