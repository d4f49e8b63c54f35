//! The participants of a plan: names that cannot be mistaken for each other, keys that can sign, and two people in a production
//! ceremony.

use std::collections::{BTreeMap, BTreeSet};

use super::finding::Raised;
use super::place::Place;
use super::plan_error::PlanError;
use super::plan_text::{Participant, PlanText, Role};
use crate::Purpose;
use crate::signer::SshKey;

pub(super) fn check(plan: &PlanText, raised: &mut Raised) {
    check_names(&plan.participant, raised);
    check_keys(&plan.participant, raised);
    if plan.purpose == Purpose::Production {
        check_two_people(&plan.participant, raised)
    }
}

const fn of(number: usize, field: &'static str) -> Place {
    Place::of("participant", number, field)
}

/// Each person's name has one spelling, and each person has each role at most once.
fn check_names(people: &[Participant], raised: &mut Raised) {
    let (mut spellings, mut roles) = (BTreeMap::new(), BTreeSet::new());
    for (number, person) in people.iter().enumerate() {
        let first = spellings.entry(person.name.folded()).or_insert(&person.name);
        if *first != &person.name || !roles.insert((&person.name, person.role as u8)) {
            let twice = PlanError::Duplicate(person.name.to_string());
            raised.error(of(number, "name"), &["participant.role"], twice);
        }
    }
}

/// Each key can sign, and belongs to one person.
fn check_keys(people: &[Participant], raised: &mut Raised) {
    let mut owners = BTreeMap::new();
    for (number, person) in people.iter().enumerate() {
        let Some(line) = &person.ssh_key else { continue };
        let key: SshKey = match line.parse() {
            Ok(key) => key,
            Err(error) => {
                let why = PlanError::SignerKey { name: person.name.clone(), error };
                raised.error(of(number, "ssh_key"), &[], why);
                continue;
            }
        };
        let owner = owners.entry(key).or_insert(&person.name);
        if *owner != &person.name {
            let why = PlanError::SharedKey { first: (*owner).clone(), second: person.name.clone() };
            raised.error(of(number, "ssh_key"), &["participant.name"], why);
        }
    }
}

/// Nobody can be the witness of their own typing. [`check_roles`](super::CeremonyPlan::check_roles) makes sure that both roles are
/// there.
fn check_two_people(people: &[Participant], raised: &mut Raised) {
    let operators: BTreeSet<_> =
        people.iter().filter(|person| person.role == Role::Operator).map(|person| &person.name).collect();
    let witnesses = people.iter().enumerate().filter(|(_, person)| person.role == Role::Witness);
    for (number, both) in witnesses.filter(|(_, person)| operators.contains(&person.name)) {
        let why = PlanError::SamePerson(both.name.clone());
        raised.error(of(number, "name"), &["purpose", "participant.name", "participant.role"], why);
    }
}
