//! The sizes estimated from a plan are never below those of the actual files.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, unreachable_pub)]

mod support;

use keyferry_core::artefact::to_bytes;
use keyferry_core::transcript::{Act, MaterialSource};
use keyferry_core::*;
use proptest::prelude::*;
use rand_chacha::ChaCha20Rng;
use rand_core::SeedableRng;
use support::*;

/// A plan with this many keys, whose names have these lengths.
fn plan_of(keys: usize, alias: usize, region: usize, ceremony: usize, shares: u8) -> CeremonyPlan {
    let mut text = format!(
        "format = \"keyferry/plan/2\"\nceremony = \"{}\"\npurpose = \"rehearsal\"\n\
         algorithm = \"RSAES_OAEP_SHA_256\"\n",
        "c".repeat(ceremony)
    );
    for n in 0..keys {
        let (alias, region) = (format!("{}{n:03}", "a".repeat(alias)), format!("ap-{}", "x".repeat(region)));
        text += &format!(
            "[[key]]\nalias = \"{alias}\"\nprovider = \"tencent\"\nregion = \"{region}\"\n\
             key_id = \"23e80852-1e38-11e9-b129-{n:012x}\"\nvalid_to = \"never\"\n"
        );
    }
    text += &if shares == 0 {
        "[backup]\nscheme = \"none\"\nreason = \"test\"\n".to_owned()
    } else {
        format!("[backup]\nscheme = \"slip39\"\nthreshold = {}\nshares = {shares}\n", shares.min(2))
    };
    CeremonyPlan::parse(text.as_bytes()).unwrap()
}

/// The total length of each key's lines up to its ciphertext, with the longest values that a station can write and with
/// line numbers of many digits.
fn record(plan: &CeremonyPlan, ciphertext: &Ciphertext) -> usize {
    let mut chain = Transcript::new(plan.ceremony().clone());
    let mut length = 0;
    let mut add = |station, step: StepName, event| {
        let act = Act { step: Some(step), ..Act::NOBODYS };
        length += chain.append(station, at(0), act, event).unwrap().len();
    };
    for (key, entry) in plan.keys().iter().zip(&ciphertext.keys) {
        let (alias, key_id) = (key.alias.clone(), key.key_id().unwrap().clone());
        let (region, request_id) = (key.region.clone(), "r".repeat(36));
        add(
            Station::Online,
            StepName::CreateKey,
            Event::KeyCreated {
                alias: alias.clone(),
                region: region.clone(),
                key_id: key_id.clone(),
                request_id: request_id.clone(),
            },
        );
        add(
            Station::Online,
            StepName::OnlineExport,
            Event::ParametersFetched {
                alias: alias.clone(),
                region,
                key_id: key_id.clone(),
                algorithm: plan.algorithm(),
                wrapping_key_sha256: Box::new(entry.wrapping_key_sha256),
                import_token_sha256: Some(Box::new(token(0).digest())),
                expires_at: Some(at(86_400)),
                request_id,
            },
        );
        add(
            Station::Offline,
            StepName::OfflineWrap,
            Event::MaterialGenerated {
                alias: alias.clone(),
                material: entry.material,
                source: MaterialSource::OperatingSystem,
                kcv: entry.kcv,
                commitment: entry.commitment,
            },
        );
        let wrapped_sha256 = Fingerprint::of(entry.wrapped_material.as_bytes());
        let wrapping_key_sha256 = entry.wrapping_key_sha256;
        add(
            Station::Offline,
            StepName::OfflineWrap,
            Event::Wrapped { alias, key_id, wrapping_key_sha256, wrapped_sha256 },
        );
    }
    length
}

fn files(plan: &CeremonyPlan) -> (Parameters, Ciphertext) {
    let made = parameters(plan);
    let checked = checked(made.clone(), plan);
    let mut rng = ChaCha20Rng::from_seed([7; 32]);
    let wrapped = checked.entries().iter().map(|entry| {
        let material = KeyMaterial::generate(entry.material().length, &mut rng).unwrap();
        checked.wrap(entry, &material, &mut rng).unwrap()
    });
    let wrapped = wrapped.collect();
    (made, checked.ciphertext(wrapped, Origin::station(false, at(60))).unwrap())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]
    #[test]
    fn the_estimate_is_never_below_the_real(
        keys in 1..12usize, alias in 0..57usize, region in 1..29usize, ceremony in 1..=64usize, shares in 0..6u8,
    ) {
        let plan = plan_of(keys, alias, region, ceremony, shares);
        let (parameters, ciphertext) = files(&plan);
        let (sizes, lines) = (Sizes::of(&plan), record(&plan, &ciphertext));
        let real = [to_bytes(&parameters).unwrap().len(), to_bytes(&ciphertext).unwrap().len()];
        prop_assert!(sizes.parameters >= real[0] && sizes.ciphertext >= real[1], "{sizes:?} {real:?}");
        // Lines that are not about a key are compared with real records.
        let of_keys = sizes.transcript - Sizes::of(&plan_of(1, alias, region, ceremony, shares)).transcript;
        prop_assert!(of_keys >= lines / keys * (keys - 1), "{of_keys} {lines} of {keys} keys");
        // The estimate must not be far too high either, because people base decisions on it.
        prop_assert!(sizes.parameters < 2 * real[0] + 1024 && sizes.ciphertext < 2 * real[1] + 1024);
        prop_assert!(of_keys < 2 * lines, "{of_keys} {lines}");
    }
}

/// Records of real ceremonies, up to the crossing back.
#[test]
fn real_records_are_no_longer() {
    let data = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/data");
    let mut seen = 0;
    for version in ["0.1", "0.2"] {
        for ceremony in std::fs::read_dir(data.join(version)).unwrap().map(|entry| entry.unwrap().path()) {
            for record in [ceremony.join("record"), ceremony.join("oaep-sha256")] {
                let Ok(plan) = std::fs::read(record.join("plan.toml")) else { continue };
                let Ok(bytes) = std::fs::read(record.join("transcript.jsonl")) else { continue };
                let sizes = Sizes::of(&CeremonyPlan::parse(&plan).unwrap());
                let chain = Transcript::verify(&bytes).unwrap().unwrap();
                let runs = Story::of(&chain)
                    .runs()
                    .iter()
                    .filter(|r| r.command == "wrap" || r.command == "export")
                    .count();
                let end = chain.lines().iter().position(
                    |line| matches!(&line.event, Event::Begun { command, .. } if command == "import"),
                );
                let end = end.unwrap_or(chain.lines().len());
                let crossed: usize = bytes.split_inclusive(|b| *b == b'\n').take(end).map(<[u8]>::len).sum();
                let length = |name: &str| {
                    std::fs::metadata(record.join(name)).map_or(0, |m| usize::try_from(m.len()).unwrap())
                };
                assert_no_longer(&record, runs, crossed, sizes.transcript);
                assert!(length("parameters.json") <= sizes.parameters, "{record:?}");
                assert!(length("ciphertext.json") <= sizes.ciphertext, "{record:?}");
                assert!(length("escrow.json") <= sizes.escrow.unwrap_or(0), "{record:?}");
                seen += 1;
            }
        }
    }
    assert!(seen >= 8, "{seen}");
}

/// A record in which export and wrap ran once is no longer than estimated.
fn assert_no_longer(record: &std::path::Path, runs: usize, crossed: usize, told: usize) {
    assert!(runs > 2 || crossed <= told, "{record:?}: {crossed} bytes, {told} estimated");
}
