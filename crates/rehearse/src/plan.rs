//! The draft plan of one rehearsed ceremony; without a person's own plan, it has two keys, one of each length.

use keyferry_core::WrappingAlgorithm;

use super::RehearseError;
use super::folder::Desks;
use super::people::{self, Signer};

/// A draft, and the people who carry it out.
pub(super) struct Draft {
    pub(super) text: String,
    pub(super) algorithm: WrappingAlgorithm,
    pub(super) signers: Vec<Signer>,
    /// How many shares the ceremony makes.
    pub(super) shares: u8,
}

impl Draft {
    /// For one algorithm, with an operator and a witness who sign.
    pub(super) fn of(algorithm: WrappingAlgorithm, desks: &Desks) -> Result<Self, RehearseError> {
        let signer = |file: &str, name: &str| {
            let line = people::key(&desks.online, file)?;
            Ok::<_, RehearseError>(Signer { file: file.into(), name: name.into(), line })
        };
        let (operator, witness) =
            (signer("operator", "Rehearsal Operator")?, signer("witness", "Rehearsal Witness")?);
        let text = draft(algorithm, [&operator.line, &witness.line]);
        Ok(Self { text, algorithm, signers: vec![operator, witness], shares: 0 })
    }
}

/// The plan as a person would submit it for review, with the public keys of the operator and the witness; `create-key` adds
/// key ids.
fn draft(algorithm: WrappingAlgorithm, [operator, witness]: [&str; 2]) -> String {
    let name = short(algorithm);
    format!(
        r#"# Written by `keyferry rehearse`.
format    = "keyferry/plan/2"
ceremony  = "rehearsal-{name}"
purpose   = "rehearsal"
algorithm = "{algorithm}"
minimum_time_left = "4h"

[[participant]]
name = "Rehearsal Operator"
role = "operator"
ssh_key = "{operator}"

[[participant]]
name = "Rehearsal Witness"
role = "witness"
ssh_key = "{witness}"

[[key]]
alias    = "{name}-sm"
provider = "tencent"
region   = "ap-guangzhou"           # SM edition: 128 bits
valid_to = "never"

[[key]]
alias    = "{name}-fips"
provider = "tencent"
region   = "ap-singapore"           # FIPS edition: 256 bits
valid_to = "2037-12-31T16:00:00Z"

[backup]
scheme = "none"
reason = "Rehearsal material: it protects nothing and is thrown away with the emulator."

[posture]
require = ["clock-confirmed"]
"#
    )
}

const fn short(algorithm: WrappingAlgorithm) -> &'static str {
    match algorithm {
        WrappingAlgorithm::RsaesOaepSha256 => "oaep-sha256",
        WrappingAlgorithm::RsaesOaepSha1 => "oaep-sha1",
        WrappingAlgorithm::RsaesPkcs1V15 => "pkcs1",
    }
}

#[cfg(test)]
mod tests {
    use keyferry_core::{CeremonyPlan, Purpose};

    use super::*;

    #[test]
    fn both_lengths_under_every_algorithm() {
        let keys = [
            "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAILrOK92YlHsxiiJliJ+gEb/rVw/45n8VvQFXAJmK+8J/",
            "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIBzXEOT/ItrJwV8MxPK/UL+xKg7ntIc185qaMFG/NFWS",
        ];
        for algorithm in WrappingAlgorithm::ALL {
            let plan = CeremonyPlan::parse(draft(algorithm, keys).as_bytes()).unwrap();
            assert_eq!((plan.algorithm(), plan.purpose()), (algorithm, Purpose::Rehearsal));
            let bits: Vec<_> = plan.keys().iter().map(|k| k.kind().material.length.bits()).collect();
            assert_eq!(bits, [128, 256]);
        }
    }
}
