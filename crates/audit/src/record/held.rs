//! Checks material that a token had kept: the record that it was compared with must state the same material
//! for the key.

use std::collections::HashSet;

use keyferry_core::Story;
use keyferry_core::story::{Material, Origin};

use super::{KeyFault, Previous, VerifyError};

/// Checks every key whose last material came from a token that had kept it, against this record or the given
/// earlier ones.
pub(super) fn check(story: &Story<'_>, given: &[Previous]) -> Vec<VerifyError> {
    let last = story.keys().iter().filter_map(|key| key.material());
    let held: Vec<Material<'_>> = last.filter(|m| matches!(m.origin, Origin::Held(_))).collect();
    if held.is_empty() {
        return Vec::new();
    }
    let own: HashSet<_> = story.heads().collect();
    held.iter().filter_map(|material| compare(story, material, (&own, given)).err()).collect()
}

fn compare(
    story: &Story<'_>,
    held: &Material<'_>,
    (own, given): (&HashSet<keyferry_core::Fingerprint>, &[Previous]),
) -> Result<(), VerifyError> {
    let Origin::Held(head) = held.origin else { return Ok(()) };
    let alias = || held.alias.clone();
    let key = story.key(held.alias);
    if own.contains(&head) {
        let made = key.and_then(|key| key.generated_before(held.seq)).map(|made| made.commitment);
        let same = made == Some(held.commitment);
        return if same {
            Ok(())
        } else {
            Err(VerifyError::Key { alias: alias(), fault: KeyFault::Material })
        };
    }
    // If no earlier record was given, there is nothing to compare with; shares are treated in the same way.
    if given.is_empty() || given.iter().any(|previous| previous.has_head(head)) {
        return Ok(());
    }
    Err(VerifyError::PreviousUnknown { alias: alias(), head })
}

#[cfg(test)]
mod tests {
    use keyferry_core::provider::Material;
    use keyferry_core::transcript::{Act, MaterialSource};
    use keyferry_core::{
        Commitment, Event, Fingerprint, MaterialKind, MaterialLength, Station, Timestamp, Transcript,
    };

    use super::*;

    fn add(chain: &mut Transcript, event: Event) {
        chain.append(Station::Offline, Timestamp::EPOCH, Act::NOBODYS, event).unwrap();
    }

    /// Checks a record in which a token makes a key, and a later run finds a key with this commitment in the
    /// token. The record says that the key was compared with the record that has this head.
    fn verdict(
        commitment: u8,
        head: impl Fn(&Transcript) -> Fingerprint,
        given: &[Previous],
    ) -> Vec<VerifyError> {
        let mut chain = Transcript::new("t-1".parse().unwrap());
        let (alias, material) =
            (|| "one".parse().unwrap(), Material { kind: MaterialKind::Aes, length: MaterialLength::B256 });
        let [made, found] = [1, commitment].map(|byte| Some(Commitment::of_token([byte; 32])));
        let (source, kcv) = (MaterialSource::Hsm, None);
        add(&mut chain, Event::MaterialGenerated { alias: alias(), material, source, kcv, commitment: made });
        let (record_head, key_id) = (head(&chain), "11111111-2222-3333-4444-555555555555".parse().unwrap());
        let (alias, commitment) = (alias(), found);
        add(&mut chain, Event::MaterialHeld { alias, key_id, material, kcv, commitment, record_head });
        check(&Story::of(&chain), given)
    }

    #[test]
    fn what_a_token_had_again_is_what_it_made_in_this_record() {
        assert_eq!(verdict(1, Transcript::head, &[]), []);
        let other = verdict(2, Transcript::head, &[]);
        assert!(
            matches!(other.as_slice(), [VerifyError::Key { fault: KeyFault::Material, .. }]),
            "{other:?}"
        );
    }

    #[test]
    fn the_earlier_record_that_it_was_compared_with_is_one_that_was_given() {
        let [earlier, other] = [&b"earlier"[..], b"other"].map(Fingerprint::of);
        assert_eq!(verdict(2, |_| earlier, &[]), [], "nothing was given to compare with");
        assert_eq!(verdict(2, |_| earlier, &[Previous::with_head(earlier)]), []);
        let unknown = verdict(2, |_| earlier, &[Previous::with_head(other)]);
        assert!(matches!(unknown.as_slice(), [VerifyError::PreviousUnknown { .. }]), "{unknown:?}");
    }
}
