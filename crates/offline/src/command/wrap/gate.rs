//! The gate of a wrap: no ciphertext until every share of the backup has been handed out and read back.
//!
//! With one key, the shares encode its material. With several keys, they encode an escrow key. Each key's material is sealed under it at
//! once, so that the material of only one key exists at any time. The escrow's bytes are on the device before anybody sees a share, because
//! the shares are useless without it. The escrow gets its name once the record has every confirmation. The record's last line is on the
//! device before `ciphertext.json` appears: whenever the run is killed, either there is no ciphertext or the run was complete.

use keyferry_core::escrow::{BackupSet, KeyWrap, Sealing};
use keyferry_core::plan::Backup;
use keyferry_core::transcript::Shared;
use keyferry_core::{
    CheckedEntry, CiphertextEntry, Commitment, Escrow, EscrowEntry, EscrowKey, Event, Fingerprint, Kcv,
    KcvMethod, KeyMaterial, artefact, bi,
};
use keyferry_slip39::{Passphrase, Scheme, Secret, SetName, Share, split};
use keyferry_transport::{Access, TranscriptFile, Unpublished, folder_of, prepare_new};

use super::job::Job;
use super::phase::{BackedUp, Ready};
use super::void::Void;
use crate::backup::{self, BackupError, Giving, Label};
use crate::context::Context;
use crate::entropy::Generator;
use crate::error::OfflineError;
use crate::inputs::Inputs;

/// The secret that the shares will encode.
enum Kept {
    /// The material of the plan's one key, once it exists.
    Material(Option<KeyMaterial>),
    /// The escrow key, and each key's material sealed under it.
    Escrow(EscrowKey, Vec<EscrowEntry>),
}

/// The backup of one run; `None` if the plan chose none, or if it exists already.
pub(super) struct Gate<'j>(Option<Backing<'j>>);

/// The secret to back up, and how it is split into shares.
struct Backing<'j> {
    scheme: Scheme,
    kept: Kept,
    giving: &'j Giving,
}

/// Shares that nobody has received yet.
struct NewShares<'j> {
    shares: Vec<Share>,
    label: Label<'j>,
    giving: &'j Giving,
}

/// Makes every check that is possible before a secret exists.
pub(super) fn check(giving: &Giving, job: &Job<'_>, void: &Void<'_>) -> Result<(), OfflineError> {
    let (inputs, out) = (&job.inputs, &job.out);
    let Backup::Slip39 { threshold, shares } = *inputs.plan.backup() else {
        // `rewrap` makes new shares only if they are requested; `wrap` does what the plan says.
        return if void.old.is_some() { Err(BackupError::NoScheme.into()) } else { Ok(()) };
    };
    Scheme::single(threshold, shares)?;
    inputs.plan.check_custodians()?;
    let escrow = if many(inputs) { out.check_escrow_free().map_err(OfflineError::from) } else { Ok(()) };
    let (draft, words) = (draft(threshold, shares, inputs)?, words(inputs));
    let given = escrow.and_then(|()| giving.check(&draft, words, folder_of(&out.ciphertext), job.context));
    given.map_err(|taken| void.rather_than(taken, out))
}

/// A label of the same length as that of the future shares, without any secret.
fn draft(threshold: u8, shares: u8, inputs: &Inputs) -> Result<Label<'_>, BackupError> {
    let none = |_| BackupError::NoShares;
    let value = "000000".parse().map_err(|_| BackupError::NoShares)?;
    let kcv = inputs.plan.has_kcv().then_some(Kcv { method: KcvMethod::Hmac, value });
    let commitment = "0".repeat(64).parse().map_err(none)?;
    let set = "academic academic".parse().map_err(|_| BackupError::NoShares)?;
    let (plan, gives, made) = (&inputs.plan, gives(inputs), inputs.time.now);
    Ok(Label { plan, set, threshold, shares, gives, made, kcv, commitment })
}

fn gives(inputs: &Inputs) -> Shared {
    if many(inputs) { Shared::EscrowKey } else { Shared::Material }
}

fn words(inputs: &Inputs) -> usize {
    let material = inputs.parameters.entries().first().map(|entry| entry.material().length);
    backup::words_for(gives(inputs), material)
}

pub(super) fn many(inputs: &Inputs) -> bool {
    inputs.plan.keys().len() > 1
}

impl<'j> Gate<'j> {
    /// Generates the escrow key, if the plan needs one.
    pub(super) fn new(ready: &Ready<'j>, rng: &mut Generator) -> Result<Self, OfflineError> {
        let job = ready.job;
        let (Backup::Slip39 { threshold, shares }, Some(giving)) = (job.inputs.plan.backup(), job.giving)
        else {
            return Ok(Self(None));
        };
        let kept = if many(&job.inputs) {
            Kept::Escrow(EscrowKey::generate_in(&ready.confined.memory, rng)?, Vec::new())
        } else {
            Kept::Material(None)
        };
        // Without a passphrase, iterations protect nothing.
        let scheme = Scheme::single(*threshold, *shares)?.with_iteration_exponent(0)?;
        Ok(Self(Some(Backing { scheme, kept, giving })))
    }

    /// Takes the material of one wrapped key.
    pub(super) fn keep(
        &mut self,
        checked: &CheckedEntry,
        material: KeyMaterial,
        entry: &CiphertextEntry,
        inputs: &Inputs,
    ) -> Result<(), OfflineError> {
        match self.0.as_mut().map(|backing| &mut backing.kept) {
            None => {}
            Some(Kept::Material(only)) => *only = Some(material),
            Some(Kept::Escrow(key, entries)) => {
                let (region, key_id) = (&checked.entry().region, &checked.entry().key_id);
                let (wrap, ceremony, provider) = (KeyWrap::Rfc5649, inputs.plan.ceremony(), entry.provider);
                let to = Sealing { wrap, ceremony, provider, region, key_id };
                entries.push(EscrowEntry {
                    alias: entry.alias.clone(),
                    key_id: key_id.clone(),
                    region: region.clone(),
                    provider: entry.provider,
                    material: entry.material,
                    sealed_material: key.seal(&to, &material)?,
                    kcv: entry.kcv,
                    commitment: entry.commitment,
                });
            }
        }
        Ok(())
    }

    /// Makes the shares, hands them out, has them read back, and writes the escrow.
    pub(super) fn pass(
        self,
        ready: &mut Ready<'_>,
        seeded: bool,
        rng: &mut Generator,
    ) -> Result<(), OfflineError> {
        let Some(Backing { scheme, kept, giving }) = self.0 else { return Ok(()) };
        let (job, record) = (ready.job, &mut ready.record);
        let scheme = scheme.other_than(named(&ready.sets));
        match kept {
            Kept::Material(None) => Ok(()),
            Kept::Material(Some(material)) => {
                let (shares, label) = make(&scheme, &material, Shared::Material, &job.inputs, rng)?;
                drop(material);
                let new = NewShares { shares, label, giving };
                new.announce(record, job.context)?;
                new.give_out(record, job.context)?;
                ready.shares = Some(new.backed_up(None));
                Ok(())
            }
            Kept::Escrow(key, entries) => {
                let (shares, label) = make(&scheme, key.material(), Shared::EscrowKey, &job.inputs, rng)?;
                let escrow = Escrow::new(&job.inputs.plan, seeded, label.set.clone(), &key, entries)?;
                let bytes = artefact::to_bytes(&escrow)?;
                let keys = escrow.keys.len() as u64;
                let escrow_sha256 = Fingerprint::of(&bytes);
                let written = Event::EscrowWritten { escrow_sha256, keys };
                let new = NewShares { shares, label, giving };
                new.announce(record, job.context)?;
                let unpublished = prepare_new(&job.out.escrow, &bytes, Access::Everyone)?;
                new.give_out(record, job.context)?;
                publish_escrow(unpublished, written, job, record)?;
                ready.shares = Some(new.backed_up(Some(escrow_sha256)));
                Ok(())
            }
        }
    }
}

/// The name of every set in the record. A new set gets a different identifier, so that no share is mistaken for one of an
/// earlier set. The set that was combined to make the new one is included, even if it belongs to an earlier record.
fn named(sets: &[BackupSet]) -> Vec<SetName> {
    sets.iter().filter_map(|set| SetName::of_words(&set.to_string())).collect()
}

fn make<'p>(
    scheme: &Scheme,
    secret: &KeyMaterial,
    gives: Shared,
    inputs: &'p Inputs,
    rng: &mut Generator,
) -> Result<(Vec<Share>, Label<'p>), OfflineError> {
    let commitment = Commitment::of(secret);
    let kcv = Kcv::of(secret, kcv_method(gives, inputs)).or_else(|_| Kcv::of(secret, KcvMethod::Aes));
    let kcv = inputs.plan.has_kcv().then_some(kcv).transpose().map_err(|_| BackupError::Commitment)?;
    let secret = Secret::from_bytes(secret.expose())?;
    let shares: Vec<Share> =
        split(&secret, scheme, &Passphrase::default(), rng)?.into_iter().flatten().collect();
    let first = shares.first().ok_or(BackupError::NoShares)?;
    let (set, threshold) = (backup::set_of(first)?, first.place().member_threshold);
    let count = u8::try_from(shares.len()).unwrap_or(u8::MAX);
    let (plan, made) = (&inputs.plan, inputs.time.now);
    let label = Label { plan, set, threshold, shares: count, gives, made, kcv, commitment };
    Ok((shares, label))
}

/// The method of the check value: if the shares encode the material itself, the method for this kind of
/// material; otherwise AES.
fn kcv_method(gives: Shared, inputs: &Inputs) -> KcvMethod {
    let first = inputs.parameters.entries().first().filter(|_| gives == Shared::Material);
    let method = first.and_then(|e| KcvMethod::for_material(e.material().kind, e.material().length));
    method.unwrap_or(KcvMethod::Aes)
}

impl NewShares<'_> {
    /// Records what the shares encode. This line is on the device before anybody has a share.
    fn announce(&self, record: &mut TranscriptFile, context: &Context) -> Result<(), OfflineError> {
        let label = &self.label;
        let (set, n, of) = (&label.set, label.threshold, label.shares);
        let text = bi!(
            "set \"{set}\": any {n} of {of} shares recover the secret",
            "\"{set}\" 组，{of} 个分片中任意 {n} 个可恢复"
        );
        context.console.row(&bi!("backup", "备份"), text.get(context.console.lang()));
        let event = Event::SharesMade {
            set: label.set.clone(),
            threshold: label.threshold,
            shares: label.shares,
            gives: label.gives,
            kcv: label.kcv,
            commitment: label.commitment,
        };
        record.add(context, event)?;
        Ok(record.flush()?)
    }

    /// Describes the set after all its shares were read back.
    fn backed_up(&self, escrow: Option<Fingerprint>) -> BackedUp {
        let Label { threshold, shares, kcv, commitment, .. } = self.label;
        let (set, confirmed) = (self.label.set.clone(), self.shares.len());
        BackedUp { set, threshold, shares, confirmed, kcv, commitment, escrow }
    }

    fn give_out(&self, record: &mut TranscriptFile, context: &Context) -> Result<(), OfflineError> {
        backup::give_out(&self.shares, &self.label, self.giving, record, context)
    }
}

/// Publishes the escrow. Like the ciphertext, it gets its name only once its digest is in the record.
fn publish_escrow(
    unpublished: Unpublished<'_>,
    written: Event,
    job: &Job<'_>,
    record: &mut TranscriptFile,
) -> Result<(), OfflineError> {
    record.add(job.context, written)?;
    record.flush()?;
    unpublished.publish()?.sync()?;
    job.context.console.row(&bi!("wrote", "已写出"), &job.out.escrow.display().to_string());
    Ok(())
}
