//! A record of any number of keys: the lines of a real one, with each key's lines repeated for every key, in a valid chain.

use std::fmt::Write as _;

use keyferry_audit::record::{Folder, SIGNATURES};
use keyferry_core::*;
use rand_chacha::ChaCha20Rng;
use rand_core::SeedableRng;

use super::record::{Ceremony, ceremony, sign_with};

/// The record of a ceremony with `keys` keys, signed by both people.
pub fn many(keys: usize) -> Folder {
    let (ceremony, small) = ceremony();
    let plan = plan(small.plan.as_deref().unwrap(), keys);
    let parsed = CeremonyPlan::parse(plan.as_bytes()).unwrap();
    let (old, _) = artefact::parse::<Parameters>(small.parameters.as_deref().unwrap()).unwrap();
    let parameters = parameters(&parsed, &old);
    let parameters_bytes = artefact::to_bytes(&parameters).unwrap().to_vec();
    let ciphertext = ciphertext(&parsed, &parameters, small);
    let ciphertext_bytes = artefact::to_bytes(&ciphertext).unwrap().to_vec();
    let mut folder = Folder {
        plan: Some(plan.into_bytes()),
        parameters: Some(parameters_bytes),
        ciphertext: Some(ciphertext_bytes),
        signatures: Vec::new(),
        ..Folder::default()
    };
    folder.transcript = Some(lines(small, &folder, (&parameters, &ciphertext)).into_bytes());
    sign(ceremony, &mut folder);
    folder
}

/// The plan with more keys, which are like the second key of the small plan.
fn plan(small: &[u8], keys: usize) -> String {
    let text = std::str::from_utf8(small).unwrap();
    let (head, rest) = text.split_once("[[key]]").unwrap();
    let backup = rest.find("[backup]").unwrap();
    let mut plan = head.to_owned();
    for n in 0..keys {
        write!(
            plan,
            "[[key]]\nalias = \"k{n}\"\nprovider = \"tencent\"\nregion = \"ap-guangzhou\"\nvalid_to = \"never\"\n\
             key_id = \"{n:08x}-1e38-11e9-b129-5cb9019b4b01\"\n\n"
        )
        .unwrap();
    }
    plan + &rest[backup..]
}

fn parameters(plan: &CeremonyPlan, old: &Parameters) -> Parameters {
    let model = old.keys.iter().find(|key| key.region.as_str() == "ap-guangzhou").unwrap();
    let entry = |key: &PlanKey| {
        let mut entry = model.clone();
        (entry.alias, entry.key_id) = (key.alias.clone(), key.key_id().unwrap().clone());
        let token = ImportToken::new(format!("token-of-{}", key.alias).into()).unwrap();
        entry.import_token_sha256 = Some(token.digest());
        entry
    };
    let mut all = Parameters::new(plan, old.fetched_at, plan.keys().iter().map(entry).collect()).unwrap();
    all.purpose = old.purpose;
    all
}

fn ciphertext(plan: &CeremonyPlan, parameters: &Parameters, small: &Folder) -> Ciphertext {
    let (old, _) = artefact::parse::<Ciphertext>(small.ciphertext.as_deref().unwrap()).unwrap();
    let digest = Fingerprint::of(&artefact::to_bytes(parameters).unwrap());
    let checked = parameters.clone().check(digest, plan, old.wrapped_at).unwrap();
    let rng = &mut ChaCha20Rng::from_seed([3; 32]);
    let wrap = |entry: &CheckedEntry| {
        let material = KeyMaterial::generate(entry.material().length, rng).unwrap();
        checked.wrap(entry, &material, rng).unwrap()
    };
    let entries = checked.entries().iter().map(wrap).collect();
    checked.ciphertext(entries, Origin::station(old.seeded, old.wrapped_at)).unwrap()
}

/// The transcript: lines that are not about one key get the new digests and counts, and lines about one key are repeated
/// for each key.
fn lines(small: &Folder, new: &Folder, (parameters, ciphertext): (&Parameters, &Ciphertext)) -> String {
    let old = Transcript::verify(small.transcript.as_deref().unwrap()).unwrap().unwrap();
    let digest = |file: &Option<Vec<u8>>| Fingerprint::of(file.as_deref().unwrap());
    let swap = [
        (digest(&small.plan), digest(&new.plan)),
        (digest(&small.parameters), digest(&new.parameters)),
        (digest(&small.ciphertext), digest(&new.ciphertext)),
    ];
    let (mut chain, mut text) = (Transcript::new(old.ceremony().clone()), String::new());
    let all = old.lines();
    for (n, line) in all.iter().enumerate() {
        if line.event.alias().is_none() {
            let mut event = serde_json::to_string(&line.event).unwrap();
            for (from, to) in &swap {
                event = event.replace(&from.to_string(), &to.to_string());
            }
            let mut event = serde_json::from_str(&event).unwrap();
            count(&mut event, parameters.keys.len() as u64);
            text += &chain.append(line.station, line.time, line.act, event).unwrap();
            continue;
        }
        // All of a station's lines about its keys are written at the place of the first of them.
        let begins = all[..n].iter().rposition(|l| l.event.alias().is_none());
        let group: Vec<_> =
            all[begins.map_or(0, |at| at + 1)..].iter().take_while(|l| l.event.alias().is_some()).collect();
        if group[0].seq != line.seq {
            continue;
        }
        let one = group.iter().filter(|l| l.event.alias() == group[0].event.alias());
        let one: Vec<_> = one.collect();
        for (p, c) in parameters.keys.iter().zip(&ciphertext.keys) {
            for line in &one {
                text += &chain.append(line.station, line.time, line.act, about(&line.event, p, c)).unwrap();
            }
        }
    }
    text
}

/// How many keys a line counts.
fn count(event: &mut Event, all: u64) {
    match event {
        Event::Exported { keys, .. } | Event::CiphertextWritten { keys, .. } => *keys = all,
        Event::Finished { succeeded, .. } if *succeeded == 2 => *succeeded = all,
        _ => {}
    }
}

/// The same event about another key.
fn about(event: &Event, p: &ParameterEntry, c: &CiphertextEntry) -> Event {
    let mut event = event.clone();
    let (new_alias, new_id) = (p.alias.clone(), p.key_id.clone());
    match &mut event {
        Event::KeyCreated { alias, region, key_id, request_id } => {
            (*alias, *region, *key_id) = (new_alias, p.region.clone(), new_id);
            *request_id = format!("created-{}", p.key_id);
        }
        Event::ParametersFetched {
            alias,
            region,
            key_id,
            algorithm,
            wrapping_key_sha256,
            import_token_sha256,
            expires_at,
            request_id,
        } => {
            (*alias, *region, *key_id, *algorithm) = (new_alias, p.region.clone(), new_id, p.algorithm);
            **wrapping_key_sha256 = Fingerprint::of(p.public_key.as_bytes());
            (*import_token_sha256, *expires_at) = (p.import_token_sha256.map(Box::new), p.expires_at);
            *request_id = format!("fetched-{}", p.key_id);
        }
        Event::MaterialGenerated { alias, material, kcv, commitment, .. } => {
            (*alias, *material, *kcv, *commitment) = (new_alias, c.material, c.kcv, c.commitment);
        }
        Event::Wrapped { alias, key_id, wrapping_key_sha256, wrapped_sha256 } => {
            (*alias, *key_id, *wrapping_key_sha256) = (new_alias, new_id, c.wrapping_key_sha256);
            *wrapped_sha256 = Fingerprint::of(c.wrapped_material.as_bytes());
        }
        Event::Imported { alias, key_id, request_id } => {
            (*alias, *key_id, *request_id) = (new_alias, new_id, format!("imported-{}", p.key_id));
        }
        Event::Proved { alias, key_id, .. } => (*alias, *key_id) = (new_alias, new_id),
        other => panic!("{other:?}"),
    }
    event
}

/// Signed by both people, with OpenSSH.
fn sign(ceremony: &Ceremony, folder: &mut Folder) {
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("transcript.jsonl");
    std::fs::write(&file, folder.transcript.as_deref().unwrap()).unwrap();
    for (key, id) in [("operator", "operator-1"), ("witness", "witness-1")] {
        let signature = sign_with(&ceremony.path(key), keyferry_audit::record::NAMESPACE, &file);
        folder.signatures.push((format!("{id}.sig"), signature));
    }
}

/// Writes a record where a program finds it.
pub fn write(folder: &Folder, dir: &std::path::Path) {
    std::fs::create_dir_all(dir.join(SIGNATURES)).unwrap();
    for (name, bytes) in folder.parts() {
        std::fs::write(dir.join(name), bytes).unwrap();
    }
}
