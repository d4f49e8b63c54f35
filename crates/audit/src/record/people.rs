//! Who signs: the plan's participants that have a public key, each with an identity that is safe in a shell and as a file
//! name.

use keyferry_core::CeremonyPlan;
use keyferry_core::plan::{Participant, Role};

use super::{NAMESPACE, SignerKey, VerifyError};

/// A participant, and the signature to expect according to the plan.
#[derive(Clone, Debug)]
pub struct Person<'p> {
    /// Role and number in the plan's order, such as `witness-1`: the identity in `allowed_signers`, and the name of the signature file.
    pub id: String,
    /// The name, as in the plan.
    pub participant: &'p Participant,
    /// The key that signs; `None` if the plan names none.
    pub key: Option<SignerKey>,
}

impl Person<'_> {
    /// Name of the file with this person's signature, in the folder `signatures`.
    #[must_use]
    pub fn file(&self) -> String {
        format!("{}.sig", self.id)
    }
}

/// Every participant in the plan, in its order.
///
/// # Errors
/// [`VerifyError::BadKey`] for a key that cannot sign records. Two people never have the same key, because the plan was
/// already checked.
pub fn people(plan: &CeremonyPlan) -> Result<Vec<Person<'_>>, VerifyError> {
    let mut counts = [0_usize; 3];
    let mut people: Vec<Person<'_>> = Vec::new();
    for participant in plan.participants() {
        let (word, count) = match (participant.role, &mut counts) {
            (Role::Operator, [n, _, _]) => ("operator", n),
            (Role::Witness, [_, n, _]) => ("witness", n),
            (Role::Custodian, [_, _, n]) => ("custodian", n),
        };
        *count += 1;
        let key = participant.ssh_key.as_deref().map(SignerKey::parse).transpose();
        let key = key.map_err(|error| VerifyError::BadKey { name: participant.name.clone(), error })?;
        people.push(Person { id: format!("{word}-{count}"), participant, key });
    }
    Ok(people)
}

/// The file that `ssh-keygen -Y verify -f` takes: one line for each signer, with the signer's name in a
/// comment above.
///
/// # Errors
/// As [`people`].
pub fn allowed_signers(plan: &CeremonyPlan) -> Result<String, VerifyError> {
    let mut text = String::new();
    for person in people(plan)? {
        if let Some(key) = &person.key {
            let (name, id, key) = (&person.participant.name, &person.id, key.line());
            text += &format!("# {name}\n{id} namespaces=\"{NAMESPACE}\" {key}\n");
        }
    }
    Ok(text)
}
