//! Recovers material from shares. The result of each step is compared with the record's commitments.

use std::collections::HashMap;

use keyferry_core::story::{BackupKey, Recoverable, Sharing};
use keyferry_core::transcript::Shared;
use keyferry_core::{
    Commitment, Escrow, EscrowKey, Event, Fingerprint, Kcv, KeyId, KeyMaterial, MaterialLength, SecretStore,
    bi,
};
use keyferry_slip39::{Passphrase, Share, ShareSet};
use keyferry_transport::console::NoSecret;

use super::{BackupError, Curtain, digest, number, place, read_share, set_of, share_name, typed, words};
use crate::context::Context;
use crate::error::OfflineError;

/// The secret that shares recovered; wiped on drop.
pub(crate) enum Recovered {
    /// The material itself.
    Material(KeyMaterial),
    /// An escrow key, the escrow that it opens, and the index of each key in it.
    Escrow(EscrowKey, Box<Escrow>, HashMap<KeyId, usize>),
}

/// Compares the escrow that belongs to the shares with the record, before a share is typed.
pub(crate) fn check_escrow(
    earlier: &Sharing,
    escrow: Option<(Escrow, Fingerprint)>,
) -> Result<Option<Escrow>, BackupError> {
    match (earlier.gives, escrow) {
        (Shared::Material, None) => Ok(None),
        (Shared::Material, Some(_)) => Err(BackupError::EscrowNotNeeded),
        (Shared::EscrowKey, None) => Err(BackupError::EscrowMissing),
        (Shared::EscrowKey, Some((escrow, digest))) => {
            // A run that was killed between writing the escrow and recording it left no digest in the record.
            // In that case only the escrow's commitment and set are compared.
            let digest_is_ours = earlier.escrow.is_none_or(|recorded| recorded.sha256 == digest);
            let same = escrow.escrow_key_commitment == earlier.commitment && escrow.backup_set == earlier.set;
            if digest_is_ours && same { Ok(Some(escrow)) } else { Err(BackupError::OtherEscrow) }
        }
    }
}

/// Reads as many shares as are needed, combines them and compares the result with the record. Also returns
/// the event for the record.
pub(crate) fn collect(
    earlier: &Recoverable,
    escrow: Option<Escrow>,
    memory: &dyn SecretStore,
    context: &Context,
) -> Result<(Recovered, Event), OfflineError> {
    place::check(earlier.sharing.purpose, context)?;
    let set = read_all(earlier, context)?;
    let secret = set.combine(&Passphrase::default())?;
    let material = KeyMaterial::from_bytes_of(&MaterialLength::OF_CIPHERS, memory, secret.expose())?;
    drop(secret);
    let (record_head, earlier) = (earlier.head, &earlier.sharing);
    if Commitment::of(&material) != earlier.commitment || !has_kcv(&material, earlier.kcv) {
        return Err(BackupError::Commitment.into());
    }
    let console = &context.console;
    let text = match earlier.kcv {
        Some(kcv) => bi!("KCV {kcv} and commitment match the record", "KCV {kcv} 与承诺均与记录一致"),
        None => bi!("commitment matches the record", "承诺与记录一致"),
    };
    console.row(&bi!("combined", "已合并"), text.get(console.lang()));
    let event = Event::SharesCombined {
        set: earlier.set.clone(),
        numbers: set.shares().iter().map(number).collect(),
        commitment: earlier.commitment,
        record_head: Box::new(record_head),
    };
    let recovered = match escrow {
        None => Recovered::Material(material),
        Some(escrow) => {
            let places = escrow.keys.iter().enumerate().map(|(n, k)| (k.key_id.clone(), n)).collect();
            Recovered::Escrow(EscrowKey::from_material(material)?, Box::new(escrow), places)
        }
    };
    Ok((recovered, event))
}

/// Whether the material has the recorded check value; true if the record has none.
fn has_kcv(material: &KeyMaterial, recorded: Option<Kcv>) -> bool {
    recorded.is_none_or(|kcv| Kcv::of(material, kcv.method).ok() == Some(kcv))
}

/// Reads shares from one custodian after the other, with the curtain between them.
fn read_all(earlier: &Recoverable, context: &Context) -> Result<ShareSet, OfflineError> {
    let (console, mut set) = (&context.console, ShareSet::new());
    let Sharing { set: name, threshold: needed, shares: of, .. } = &earlier.sharing;
    let text = bi!("\"{name}\", {needed} of {of} shares", "\"{name}\"，{of} 个分片中的 {needed} 个");
    console.row(&bi!("set", "分片组"), text.get(console.lang()));
    let curtain = Curtain::new(context)?;
    while !set.missing().is_nothing() {
        let taken = next_share(earlier, set.shares().len(), &curtain, context)
            .and_then(|share| take(share, earlier, &mut set, context));
        match taken {
            Ok(()) => {}
            Err(error) if console.is_terminal() && !typed::ended(&error) => console.refuse_text(&error),
            Err(error) => return Err(error),
        }
    }
    curtain.end();
    Ok(set)
}

/// Reads a share from a custodian who is alone with it; `have` shares were read before.
fn next_share(
    earlier: &Recoverable,
    have: usize,
    curtain: &Curtain<'_>,
    context: &Context,
) -> Result<Share, OfflineError> {
    let (n, needed) = (have + 1, earlier.sharing.threshold);
    let next = bi!(
        "Next: share {n} of the {needed} needed, typed by its custodian.\n  \
         Everybody else turns away; the custodian takes the keyboard and presses Enter:",
        "下一个：所需 {needed} 个分片中的第 {n} 个，由其保管人键入。\n  其他人请转身回避；请保管人坐到键盘前并按回车："
    );
    let question = bi!("Share {n} of the {needed} needed", "第 {n} 个分片（共需 {needed} 个）");
    let interrupted = |error: OfflineError| match error {
        OfflineError::Secret(NoSecret::Interrupted) => BackupError::Unfinished { have, needed }.into(),
        other => other,
    };
    curtain.wait_for(&next).map_err(|error| interrupted(error.into()))?;
    loop {
        // After an empty line, the same custodian is asked again.
        if let Some(share) = read_share(&question, words(earlier), curtain, context).map_err(interrupted)? {
            return Ok(share);
        }
    }
}

fn take(
    share: Share,
    earlier: &Recoverable,
    set: &mut ShareSet,
    context: &Context,
) -> Result<(), OfflineError> {
    check_share(&share, &earlier.sharing)?;
    let name = share_name(number(&share), earlier);
    set.add(share)?;
    context.console.row(&bi!("taken", "已收下"), name.get(context.console.lang()));
    Ok(())
}

/// Checks that the share belongs to the record's set and is the one that was confirmed under its number.
fn check_share(share: &Share, earlier: &Sharing) -> Result<(), BackupError> {
    let found = set_of(share)?;
    if found != earlier.set {
        return Err(BackupError::OtherSet { found, record: earlier.set.clone() });
    }
    let number = number(share);
    match earlier.share(number) {
        Some(s) if s.share_sha256 != digest(share) => Err(BackupError::NotConfirmed { number }),
        _ => Ok(()),
    }
}

/// Checks that the share is one of the confirmed shares.
pub(crate) fn check_confirmed(share: &Share, earlier: &Sharing) -> Result<(), BackupError> {
    check_share(share, earlier)?;
    let number = number(share);
    if earlier.share(number).is_some() { Ok(()) } else { Err(BackupError::NotConfirmed { number }) }
}

impl Recovered {
    /// The recovered material of one key of the record.
    pub(crate) fn material(
        &self,
        key: &BackupKey,
        memory: &dyn SecretStore,
    ) -> Result<KeyMaterial, OfflineError> {
        let other = || BackupError::OtherMaterial(key.alias.clone());
        let material = match self {
            Self::Material(material) => KeyMaterial::from_bytes_in(memory, material.expose())?,
            Self::Escrow(escrow_key, escrow, places) => {
                let entry = places.get(&key.key_id).and_then(|n| escrow.keys.get(*n)).ok_or_else(other)?;
                escrow.open(escrow_key)?.material(entry, memory)?
            }
        };
        let same = material.length() == key.material.length && Commitment::of(&material) == key.commitment;
        if same && has_kcv(&material, key.kcv) { Ok(material) } else { Err(other().into()) }
    }
}
