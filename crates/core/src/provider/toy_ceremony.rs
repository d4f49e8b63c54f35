//! Two invented providers, unlike any real one, go through every artefact. Only the facts describe them.

use rand_chacha::ChaCha20Rng;
use rand_core::SeedableRng;
use zeroize::Zeroizing;

use super::{Facts, Provider, SeveralProviders, Token, toy};
use crate::artefact::{parse, to_bytes};
use crate::escrow::{KeyWrap, Sealing};
use crate::story::Wrapped;
use crate::transcript::{Act, MaterialSource};
use crate::{
    Base64Bytes, CeremonyPlan, CheckedEntry, Ciphertext, CiphertextEntry, Control, Escrow, EscrowEntry,
    EscrowKey, Event, Explain, Fingerprint, Heap, ImportToken, KeyId, KeyMaterial, Origin, ParameterEntry,
    Parameters, Session, SessionEntry, Station, Story, Timestamp, Transcript, WrappingKey,
};

const RSA_4096: &[u8] = include_bytes!("../../tests/data/rsa4096.der");
const RSA_3072: &[u8] = include_bytes!("../../tests/data/rsa3072.der");
const KEYS: usize = 3;

fn at(seconds: i64) -> Timestamp {
    Timestamp::from_unix(1_795_000_000 + seconds).unwrap()
}

fn id(facts: &Facts, n: usize) -> String {
    match facts.id {
        "toy" => format!("arn:toy:kms:moon:{n:0>63}"),
        _ => format!("vault/{n}"),
    }
}

fn plan(facts: &Facts) -> CeremonyPlan {
    let (algorithm, _) = facts.algorithms[0];
    let (region, alias, valid_to) = match facts.id {
        "toy" => ("moon", "alias/k", "never"),
        _ => ("vault-one", "k", "2030-01-01T00:00:00Z"),
    };
    let mut text = format!(
        "format = \"keyferry/plan/2\"\nceremony = \"toy-1\"\npurpose = \"rehearsal\"\nalgorithm = \"{algorithm}\"\n"
    );
    for n in 0..KEYS {
        text += &format!(
            "[[key]]\nalias = \"{alias}-{n}\"\nprovider = \"{}\"\nregion = \"{region}\"\nkey_id = \"{}\"\nvalid_to = \"{valid_to}\"\n",
            facts.id,
            id(facts, n)
        );
    }
    text += "[backup]\nscheme = \"slip39\"\nthreshold = 2\nshares = 3\n";
    CeremonyPlan::parse(text.as_bytes()).unwrap()
}

/// The longest token that the provider issues.
fn token(facts: &Facts, n: usize) -> Option<ImportToken> {
    match facts.token {
        Token::None => None,
        Token::Required { longest } => {
            Some(ImportToken::new(Zeroizing::new(format!("{n:x>longest$}"))).unwrap())
        }
    }
}

fn parameters(facts: &'static Facts, plan: &CeremonyPlan, public_key: &[u8]) -> Parameters {
    let entry = |(n, key): (usize, &crate::PlanKey)| ParameterEntry {
        alias: key.alias.clone(),
        provider: key.provider,
        region: key.region.clone(),
        key_id: key.key_id().unwrap().clone(),
        kind: key.kind(),
        algorithm: plan.algorithm(),
        wrapping_key_spec: facts.wrapping_keys[0],
        public_key: Base64Bytes::from(public_key),
        import_token_sha256: token(facts, n).map(|t| t.digest()),
        expires_at: facts.check_lifetime(None).is_err().then(|| at(86_400)),
    };
    Parameters::new(plan, at(0), plan.keys().iter().enumerate().map(entry).collect()).unwrap()
}

fn round_trip<T: crate::artefact::Artefact>(value: &T) -> (T, Fingerprint) {
    parse::<T>(&to_bytes(value).unwrap()).unwrap()
}

/// The whole ceremony, with each artefact written and read back. Returns the ciphertext and its session.
fn ceremony(facts: &'static Facts, public_key: &[u8]) -> (Ciphertext, Session) {
    let plan = plan(facts);
    let (parameters, digest) = round_trip(&parameters(facts, &plan, public_key));
    let secrets = parameters.keys.iter().enumerate().map(|(n, key)| SessionEntry {
        key_id: key.key_id.clone(),
        valid_to: plan.keys()[n].valid_to,
        import_token: token(facts, n),
    });
    let secrets = secrets.collect();
    let (session, _) = round_trip(
        &Session::new(format!("https://{}", facts.hosts[0]), parameters.clone(), secrets).unwrap(),
    );
    let checked = parameters.check(digest, &plan, at(60)).unwrap();
    assert_eq!((checked.entries().len(), checked.refused().len()), (KEYS, 0));

    let rng = &mut ChaCha20Rng::from_seed([5; 32]);
    let mut chain = Transcript::new(plan.ceremony().clone());
    let escrow_key = EscrowKey::generate_in(&Heap, rng).unwrap();
    let (mut entries, mut sealed, mut materials, mut lines) = (vec![], vec![], vec![], String::new());
    for checked_entry in checked.entries() {
        let material = KeyMaterial::generate(checked_entry.material().length, rng).unwrap();
        let entry = checked.wrap(checked_entry, &material, rng).unwrap();
        for (station, seconds, event) in [
            (Station::Online, 0, fetched(checked_entry)),
            (Station::Offline, 90, generated(&entry)),
            (Station::Offline, 91, wrapped(&entry)),
        ] {
            lines += &chain.append(station, at(seconds), Act::NOBODYS, event).unwrap();
        }
        sealed.push(seal(&plan, &escrow_key, &entry, &material));
        materials.push(material);
        entries.push(entry);
    }
    let read = Transcript::verify(lines.as_bytes()).unwrap().unwrap();
    assert_eq!(read, chain);
    assert_eq!(lines.matches("\"import_token_sha256\":null,\"expires_at\":null").count(), nulls(facts));
    is_told(&Story::of(&read), checked.entries(), &entries);

    let set = "shadow pistol".parse().unwrap();
    let (escrow, _) = round_trip(&Escrow::new(&plan, true, set, &escrow_key, sealed).unwrap());
    let opened = escrow.open(&escrow_key).unwrap();
    for (entry, material) in escrow.keys.iter().zip(&materials) {
        assert_eq!(opened.material(entry, &Heap).unwrap().expose(), material.expose());
    }

    let (ciphertext, _) = round_trip(&checked.ciphertext(entries, Origin::station(true, at(120))).unwrap());
    let size = WrappingKey::from_der_of(facts.wrapping_keys[0].size.alone(), public_key).unwrap().size();
    assert!(ciphertext.keys.iter().all(|k| k.wrapped_material.as_bytes().len() == size.bytes()));
    assert_eq!(ciphertext.check(&session).unwrap().len(), KEYS);
    (ciphertext, session)
}

/// How many entries have no token, or no expiry.
fn nulls(facts: &Facts) -> usize {
    if facts.token == Token::None { KEYS } else { 0 }
}

/// Checks that the story says the same about each key as its artefacts.
fn is_told(story: &Story<'_>, fetched: &[CheckedEntry], entries: &[CiphertextEntry]) {
    assert_eq!((story.keys().len(), fetched.len(), entries.len()), (KEYS, KEYS, KEYS));
    for (fetched, entry) in fetched.iter().zip(entries) {
        let key = story.key(&entry.alias).unwrap();
        let of_entry = fetched.entry();
        let fetches: Vec<_> = key.fetches().collect();
        let [fetch] = fetches[..] else { panic!("{fetches:?}") };
        assert_eq!(
            (fetch.station, fetch.region, fetch.key_id),
            (Station::Online, &entry.region, &entry.key_id)
        );
        assert_eq!(
            (fetch.algorithm, fetch.wrapping_key_sha256),
            (entry.algorithm, entry.wrapping_key_sha256)
        );
        assert_eq!(
            (fetch.import_token_sha256, fetch.expires_at),
            (of_entry.import_token_sha256, of_entry.expires_at)
        );
        let material = key.material().unwrap();
        assert_eq!((material.material, material.kcv), (entry.material, entry.kcv));
        assert_eq!(material.commitment, entry.commitment);
        let expected = Wrapped {
            key_id: &entry.key_id,
            wrapping_key_sha256: entry.wrapping_key_sha256,
            wrapped_sha256: Fingerprint::of(entry.wrapped_material.as_bytes()),
        };
        assert_eq!(key.wrapped(), Some(expected));
    }
    let tokens: Vec<_> = fetched.iter().map(|f| f.entry().import_token_sha256).collect();
    assert_eq!(story.import_tokens().collect::<Vec<_>>(), tokens);
}

fn fetched(checked: &CheckedEntry) -> Event {
    let entry = checked.entry();
    Event::ParametersFetched {
        alias: entry.alias.clone(),
        region: entry.region.clone(),
        key_id: entry.key_id.clone(),
        algorithm: entry.algorithm,
        wrapping_key_sha256: Box::new(checked.wrapping_key().fingerprint()),
        import_token_sha256: entry.import_token_sha256.map(Box::new),
        expires_at: entry.expires_at,
        request_id: "r".to_owned(),
    }
}

fn wrapped(entry: &CiphertextEntry) -> Event {
    Event::Wrapped {
        alias: entry.alias.clone(),
        key_id: entry.key_id.clone(),
        wrapping_key_sha256: entry.wrapping_key_sha256,
        wrapped_sha256: Fingerprint::of(entry.wrapped_material.as_bytes()),
    }
}

fn generated(entry: &CiphertextEntry) -> Event {
    Event::MaterialGenerated {
        alias: entry.alias.clone(),
        material: entry.material,
        source: MaterialSource::Seeded,
        kcv: entry.kcv,
        commitment: entry.commitment,
    }
}

fn seal(
    plan: &CeremonyPlan,
    key: &EscrowKey,
    entry: &CiphertextEntry,
    material: &KeyMaterial,
) -> EscrowEntry {
    let (region, key_id) = (&entry.region, &entry.key_id);
    let (wrap, ceremony) = (KeyWrap::Rfc5649, plan.ceremony());
    let to = Sealing { wrap, ceremony, provider: entry.provider, region, key_id };
    EscrowEntry {
        alias: entry.alias.clone(),
        provider: entry.provider,
        key_id: entry.key_id.clone(),
        region: entry.region.clone(),
        material: entry.material,
        sealed_material: key.seal(&to, material).unwrap(),
        kcv: entry.kcv,
        commitment: entry.commitment,
    }
}

#[test]
fn a_provider_of_long_ids_tokens_and_keys() {
    let (ciphertext, session) = ceremony(&toy::FACTS, RSA_4096);
    assert!(ciphertext.keys.iter().all(|k| k.key_id.as_str().len() == 80));
    assert_eq!(ciphertext.keys[0].material.length.bytes(), 28);
    assert!(session.secrets.iter().all(|s| s.import_token.as_ref().unwrap().expose().len() == 8192));
}

#[test]
fn a_provider_without_token_or_expiry() {
    let (ciphertext, session) = ceremony(&toy::STANDING, RSA_3072);
    assert_eq!(ciphertext.keys[0].wrapped_material.as_bytes().len(), 384);
    assert!(session.secrets.iter().all(|s| s.import_token.is_none()));
    assert!(session.parameters.keys.iter().all(|k| k.expires_at.is_none()));
}

#[test]
fn what_one_provider_takes_another_refuses() {
    let refused = |from: &str, to: &str| {
        let text = format!(
            "format = \"keyferry/plan/2\"\nceremony = \"toy-1\"\npurpose = \"rehearsal\"\n[[key]]\nalias = \"alias/k\"\n\
             provider = \"toy\"\nregion = \"moon\"\nkey_id = \"{}\"\nvalid_to = \"never\"\nkind = \"mac-224\"\n\
             [backup]\nscheme = \"none\"\nreason = \"x\"\n",
            id(&toy::FACTS, 0)
        );
        assert!(CeremonyPlan::parse(text.as_bytes()).is_ok() && text.contains(from), "{from}");
        CeremonyPlan::parse(text.replacen(from, to, 1).as_bytes()).unwrap_err()
    };
    for (from, to, line) in [
        ("alias/k", "k", 5),
        ("\"toy\"", "\"tencent\"", 5),
        ("moon", "ap-singapore", 7),
        ("000000", "0000", 8),
        ("mac-224", "fips", 10),
    ] {
        let error = refused(from, to);
        assert_eq!(error.control(), Control::PLAN_FIELD, "{from}");
        assert!(
            error.what().en.starts_with(&format!("line {line} of the plan, ")),
            "{from}: {}",
            error.what().en
        );
    }
}

#[test]
fn parameters_of_another_provider_are_refused() {
    let (plan, other) = (plan(&toy::FACTS), plan(&toy::STANDING));
    let mut parameters = parameters(&toy::FACTS, &plan, RSA_4096);
    let key: KeyId = plan.keys()[0].key_id().unwrap().clone();
    parameters.keys[0].provider = other.keys()[0].provider;
    let checked = parameters.check(Fingerprint::ZERO, &plan, at(60)).unwrap();
    let (alias, error) = &checked.refused()[0];
    assert_eq!((alias, error.control()), (&plan.keys()[0].alias, Control::PARAM_REGION));
    assert!(checked.entries().iter().all(|e| e.entry().key_id != key));
}

#[test]
fn tokens_and_expiries_are_as_the_facts_say() {
    let plan = plan(&toy::STANDING);
    let good =
        String::from_utf8(to_bytes(&parameters(&toy::STANDING, &plan, RSA_3072)).unwrap().to_vec()).unwrap();
    for (from, to) in [
        ("\"expires_at\": null", "\"expires_at\": \"2030-01-01T00:00:00Z\""),
        ("\"import_token_sha256\": null", &format!("\"import_token_sha256\": \"{}\"", Fingerprint::ZERO)),
        ("\"bytes\": 32", "\"bytes\": 16"),
        ("\"rsa3072\"", "\"rsa4096\""),
        ("\"plain\"", "\"fips\""),
        ("RSAES_OAEP_SHA_1", "RSAES_OAEP_SHA_256"),
    ] {
        assert!(good.contains(from), "{from}");
        let refused = parse::<Parameters>(good.replacen(from, to, 1).as_bytes()).unwrap_err();
        assert_eq!(refused.control(), Control::ART_FIELDS, "{from}");
    }
}

#[test]
fn parameters_of_two_providers_have_none() {
    let mut parameters = parameters(&toy::STANDING, &plan(&toy::STANDING), RSA_3072);
    let first = parameters.keys[0].provider;
    assert_eq!(parameters.provider(), Ok(first));
    let other: Provider = toy::FACTS.id.parse().unwrap();
    parameters.keys[2].provider = other;
    assert_eq!(parameters.provider(), Err(SeveralProviders { first, other }.into()));
}

/// The cases that the real provider's rules exclude: no token and no expiry, with arbitrary bytes, keys and
/// times.
mod arbitrary {
    use proptest::collection::vec;
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(64))]
        #[test]
        fn files_without_token_or_expiry_are_read_as_they_were_written(
            keys in vec(vec(any::<u8>(), 0..300), 1..6), seconds in 0..1_000_000_i64, endpoint in "[ -~]{0,40}",
        ) {
            let plan = plan(&toy::STANDING);
            let mut parameters = parameters(&toy::STANDING, &plan, RSA_3072);
            let first = parameters.keys[0].clone();
            let entry = |(n, bytes): (usize, &Vec<u8>)| ParameterEntry {
                alias: format!("a/{n}").parse().unwrap(),
                key_id: id(&toy::STANDING, n).parse().unwrap(),
                public_key: Base64Bytes::from(&bytes[..]),
                ..first.clone()
            };
            parameters.keys = keys.iter().enumerate().map(entry).collect();
            parameters.fetched_at = at(seconds);
            let (read, digest) = round_trip(&parameters);
            prop_assert_eq!(&read, &parameters);
            prop_assert_eq!(Fingerprint::of(&to_bytes(&read).unwrap()), digest);
            let secret = |key: &ParameterEntry| SessionEntry {
                key_id: key.key_id.clone(),
                valid_to: plan.keys()[0].valid_to,
                import_token: None,
            };
            let secrets = read.keys.iter().map(secret).collect();
            let session = Session::new(endpoint, read, secrets).unwrap();
            let (read, digest) = round_trip(&session);
            prop_assert_eq!(&read, &session);
            prop_assert_eq!(Fingerprint::of(&to_bytes(&read).unwrap()), digest);
        }
    }
}
