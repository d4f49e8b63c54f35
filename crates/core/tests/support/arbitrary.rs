//! Arbitrary values of everything that an artefact can hold, exactly as wide as the rules allow.
#![allow(clippy::unwrap_used, unreachable_pub, dead_code)]

use keyferry_core::artefact;
use keyferry_core::entropy::{Credit, Kind};
use keyferry_core::escrow::KeyWrap;
use keyferry_core::provider::tencent::{FIPS, LATEST_EXPIRY, RSA_2048, SM};
use keyferry_core::provider::{KeyKind, Material};
use keyferry_core::transcript::{
    Act, Actor, HsmKeyEnd, MaterialSource, Means, Said, SaidIn, ShareMedium, Shared, TimeSource, Withheld,
};
use keyferry_core::*;
use proptest::collection::vec;
use proptest::option;
use proptest::prelude::*;
use proptest::sample::select;
use zeroize::Zeroizing;

use crate::support;

/// Any text, control characters included.
pub fn text() -> impl Strategy<Value = String> {
    vec(any::<char>(), 0..40).prop_map(String::from_iter)
}

/// Any text on one line.
pub fn reason() -> impl Strategy<Value = String> {
    text().prop_map(|text| text.replace(char::is_control, " "))
}

pub fn fingerprint() -> impl Strategy<Value = Fingerprint> {
    prop_oneof![9 => any::<[u8; 32]>().prop_map(|b| Fingerprint::of(&b)), 1 => Just(Fingerprint::ZERO)]
}

/// From the first second of year 0 to the last that can be written.
pub fn time() -> impl Strategy<Value = Timestamp> {
    (-62_167_219_200..=253_402_207_200_i64).prop_map(|s| Timestamp::from_unix(s).unwrap())
}

pub fn ceremony() -> impl Strategy<Value = CeremonyId> {
    "[a-z0-9]([a-z0-9_-]|\\.[a-z0-9]){0,31}".prop_map(|s| s.parse().unwrap())
}

/// Short enough for a suffix that makes several aliases distinct.
pub fn alias() -> impl Strategy<Value = Alias> {
    "[A-Za-z0-9][A-Za-z0-9_-]{0,56}"
        .prop_filter_map("the vendor's own prefix", |s| (!s.starts_with("kms-")).then(|| s.parse().unwrap()))
}

pub fn key_id() -> impl Strategy<Value = KeyId> {
    "[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}".prop_map(|s| s.parse().unwrap())
}

pub fn region() -> impl Strategy<Value = Region> {
    "[a-z][a-z0-9]{0,14}-[a-z0-9-]{0,14}[a-z0-9]{2}".prop_map(|s| s.parse().unwrap())
}

pub fn purpose() -> impl Strategy<Value = Purpose> {
    select(vec![Purpose::Production, Purpose::Rehearsal])
}

pub fn algorithm() -> impl Strategy<Value = WrappingAlgorithm> {
    select(WrappingAlgorithm::ALL.to_vec())
}

pub fn kind() -> impl Strategy<Value = &'static KeyKind> {
    select(vec![&FIPS, &SM])
}

pub fn material() -> impl Strategy<Value = Material> {
    let kind = select(MaterialKind::ALL.to_vec());
    (kind, 16..=128usize)
        .prop_map(|(kind, bytes)| Material { kind, length: MaterialLength::from_bytes(bytes).unwrap() })
}

pub fn source() -> impl Strategy<Value = Source> {
    select(vec![Source::Station, Source::Shares, Source::Hsm])
}

/// Who did it, and by which means.
pub fn act() -> impl Strategy<Value = Act> {
    let roles = vec![plan::Role::Operator, plan::Role::Witness, plan::Role::Custodian];
    let actor = (select(roles), 1..=u16::MAX).prop_map(|(role, number)| Actor { role, number });
    let means = select(vec![Means::TypedWords, Means::TypedYes, Means::Option, Means::NoTerminal]);
    let step = option::of(select(StepName::ALL.to_vec()));
    (step, option::of(actor), option::of(means)).prop_map(|(step, by, means)| Act { step, by, means })
}

/// A text as it was said, or withheld.
pub fn said<T: Clone + core::fmt::Debug>(text: impl Strategy<Value = T>) -> impl Strategy<Value = Said<T>> {
    let withheld = (ceremony(), select(SaidIn::ALL.to_vec()), any::<[u8; 32]>(), self::text())
        .prop_map(|(ceremony, member, salt, text)| Withheld::of(&ceremony, member, &salt, &text));
    prop_oneof![text.prop_map(Said::Open), withheld.prop_map(Said::Withheld)]
}

pub fn person() -> impl Strategy<Value = PersonName> {
    "[A-Za-z王小明é<>&\"\\\\]{1,30}".prop_map(|s| s.parse().unwrap())
}

pub fn note_text() -> impl Strategy<Value = NoteText> {
    "[!-~]|[!-~][ -~封条已更换。]{0,60}[!-~]".prop_map(|s| s.parse().unwrap())
}

pub fn valid_to() -> impl Strategy<Value = ValidTo> {
    let at = (1..=LATEST_EXPIRY).prop_map(|s| ValidTo::At(Timestamp::from_unix(s).unwrap()));
    prop_oneof![Just(ValidTo::Never), at]
}

pub fn kcv() -> impl Strategy<Value = Kcv> {
    let method = select(vec![KcvMethod::Aes, KcvMethod::Sm4, KcvMethod::Hmac]);
    (method, "[0-9a-f]{6}").prop_map(|(method, v)| Kcv { method, value: v.parse().unwrap() })
}

/// The same value, with the method of the material's kind; `None` if the kind has no method.
fn kcv_of(material: Material, kcv: Option<Kcv>) -> Option<Kcv> {
    let method = KcvMethod::for_material(material.kind, material.length)?;
    kcv.map(|kcv| Kcv { method, ..kcv })
}

pub fn commitment() -> impl Strategy<Value = Commitment> {
    "[0-9a-f]{64}".prop_map(|s| s.parse().unwrap())
}

pub fn octets() -> impl Strategy<Value = Base64Bytes> {
    prop_oneof![vec(any::<u8>(), 0..300), vec(any::<u8>(), 4090..=4096)]
        .prop_map(|b| Base64Bytes::from(&b[..]))
}

/// The characters of an import token, up to the longest that is accepted.
pub fn token() -> impl Strategy<Value = String> {
    prop_oneof![18 => "[!-~]{1,200}", 1 => "[!-~]{4090,4096}", 1 => "[!-~]{8190,8192}"]
}

prop_compose! {
    fn parameter_entry()(
        (alias, region, key_id, algorithm) in (alias(), region(), key_id(), algorithm()),
        kind in select(vec![&FIPS, &SM]),
        (public_key, expires_at, token) in (octets(), time(), token()),
    ) -> ParameterEntry {
        ParameterEntry {
            alias, provider: Provider::TENCENT, region, key_id, kind, algorithm,
            wrapping_key_spec: &RSA_2048, public_key,
            import_token_sha256: Some(import(&token).digest()), expires_at: Some(expires_at),
        }
    }
}

fn import(token: &str) -> ImportToken {
    ImportToken::new(Zeroizing::new(token.to_owned())).unwrap()
}

/// Each alias and each key id appears once.
fn apart(n: usize, alias: &mut Alias, key_id: &mut KeyId) {
    *alias = format!("{alias}-{n}").parse().unwrap();
    *key_id = format!("{}{n}", &key_id.as_str()[..35]).parse().unwrap();
}

prop_compose! {
    pub fn parameters()(
        mut keys in vec(parameter_entry(), 1..5),
        purpose in purpose(), ceremony in ceremony(), plan_sha256 in fingerprint(), fetched_at in time(),
    ) -> Parameters {
        keys.iter_mut().enumerate().for_each(|(n, k)| apart(n, &mut k.alias, &mut k.key_id));
        let plan = support::plan("rehearsal", WrappingAlgorithm::RsaesOaepSha256);
        let mut this = Parameters::new(&plan, fetched_at, keys).unwrap();
        (this.purpose, this.ceremony, this.plan_sha256) = (purpose, ceremony, plan_sha256);
        this
    }
}

prop_compose! {
    pub fn session()(
        endpoint in text(), mut parameters in parameters(), secrets in vec((token(), valid_to()), 4),
    ) -> Session {
        let entry = |(key, (token, valid_to)): (&mut ParameterEntry, (String, ValidTo))| {
            let import_token = import(&token);
            key.import_token_sha256 = Some(import_token.digest());
            let import_token = Some(import_token);
            SessionEntry { key_id: key.key_id.clone(), valid_to, import_token }
        };
        let secrets = parameters.keys.iter_mut().zip(secrets).map(entry).collect();
        Session::new(endpoint, parameters, secrets).unwrap()
    }
}

prop_compose! {
    pub fn ciphertext_entry()(
        (alias, region, key_id, algorithm, material) in (alias(), region(), key_id(), algorithm(), material()),
        (wrapping_key_sha256, wrapped_material, binding) in (fingerprint(), octets(), fingerprint()),
        (kcv, commitment) in (option::of(kcv()), commitment()),
    ) -> CiphertextEntry {
        let (kcv, commitment) = (kcv_of(material, kcv), Some(commitment));
        CiphertextEntry {
            alias, provider: Provider::TENCENT, region, key_id, algorithm, wrapping_key_sha256, material, wrapped_material,
            kcv, commitment, binding,
        }
    }
}

prop_compose! {
    pub fn ciphertext()(
        mut keys in vec(ciphertext_entry(), 1..5), seeded in any::<bool>(), wrapped_at in time(), source in source(),
        purpose in purpose(), ceremony in ceremony(), parameters_sha256 in fingerprint(), seen in any::<bool>(),
    ) -> Ciphertext {
        keys.iter_mut().enumerate().for_each(|(n, k)| apart(n, &mut k.alias, &mut k.key_id));
        // Only material from an HSM may lack a commitment.
        if source == Source::Hsm && !seen {
            keys.iter_mut().for_each(|k| k.commitment = None);
        }
        let plan = support::plan("rehearsal", WrappingAlgorithm::RsaesOaepSha256);
        let checked = support::checked(support::parameters(&plan), &plan);
        let mut this = checked.ciphertext(keys, Origin { source, seeded, wrapped_at }).unwrap();
        (this.purpose, this.ceremony, this.parameters_sha256) = (purpose, ceremony, parameters_sha256);
        this
    }
}

prop_compose! {
    pub fn escrow_entry()(
        (alias, region, key_id, material) in (alias(), region(), key_id(), material()),
        (kcv, commitment, sealed) in (option::of(kcv()), commitment(), vec(any::<u8>(), 144)),
    ) -> EscrowEntry {
        let (kcv, commitment) = (kcv_of(material, kcv), Some(commitment));
        let length = KeyWrap::Rfc5649.sealed_length(material.length).unwrap();
        let sealed_material = Base64Bytes::from(&sealed[..length]);
        EscrowEntry { alias, provider: Provider::TENCENT, key_id, region, material, sealed_material, kcv, commitment }
    }
}

prop_compose! {
    pub fn escrow()(
        mut keys in vec(escrow_entry(), 1..6), seeded in any::<bool>(), set in backup_set(), purpose in purpose(),
        ceremony in ceremony(), plan_sha256 in fingerprint(), escrow_key_commitment in commitment(),
    ) -> Escrow {
        keys.iter_mut().enumerate().for_each(|(n, k)| apart(n, &mut k.alias, &mut k.key_id));
        let plan = support::plan("rehearsal", WrappingAlgorithm::RsaesOaepSha256);
        let key = EscrowKey::from_material(KeyMaterial::from_bytes(&[0x90; 32]).unwrap()).unwrap();
        let mut this = Escrow::new(&plan, seeded, set, &key, keys).unwrap();
        (this.purpose, this.ceremony, this.plan_sha256) = (purpose, ceremony, plan_sha256);
        this.escrow_key_commitment = escrow_key_commitment;
        this
    }
}

pub fn station() -> impl Strategy<Value = Station> {
    select(vec![Station::Online, Station::Offline])
}

/// Every kind of event.
pub fn event() -> impl Strategy<Value = Event> {
    prop_oneof![station_event(), key_event(), file_event(), backup_event(), said_event()]
}

/// Every kind of event that has a name or free text.
pub fn said_event() -> impl Strategy<Value = Event> {
    let note = (said(person()), said(note_text())).prop_map(|(by, text)| Event::Note { by, text });
    let waived = said(reason()).prop_map(|reason| Event::BackupWaived { reason });
    let posture = (select(PostureCheck::ALL.to_vec()), said(reason()))
        .prop_map(|(check, reason)| Event::PostureWaived { check, reason });
    prop_oneof![note, waived, posture, share_confirmed()]
}

fn station_event() -> impl Strategy<Value = Event> {
    let begun = (text(), text(), option::of(fingerprint()), purpose()).prop_map(
        |(command, program, plan_sha256, purpose)| Event::Begun { command, program, plan_sha256, purpose },
    );
    let repaired =
        (any::<u64>(), fingerprint()).prop_map(|(bytes, sha256)| Event::TailRepaired { bytes, sha256 });
    let given = (time(), time()).prop_map(|(given, clock)| Event::TimeGiven { given, clock });
    let finished = (text(), any::<u64>(), any::<u64>())
        .prop_map(|(command, succeeded, failed)| Event::Finished { command, succeeded, failed });
    let by = select(vec![TimeSource::Person, TimeSource::Given, TimeSource::Plan]);
    let confirmed = (time(), time(), time(), by)
        .prop_map(|(time, clock, expires_at, by)| Event::TimeConfirmed { time, clock, expires_at, by });
    let checked = (option::of(fingerprint()), vec(posture_finding(), 0..18))
        .prop_map(|(program_sha256, findings)| Event::PostureChecked { program_sha256, findings });
    let committed = (any::<u8>(), fingerprint())
        .prop_map(|(operator, commitment)| Event::EntropyCommitted { operator, commitment });
    let mixed = proptest::collection::vec(credit(), 0..4)
        .prop_map(|contributions| Event::EntropyMixed { contributions });
    prop_oneof![begun, repaired, given, finished, confirmed, checked, committed, mixed]
}

fn posture_finding() -> impl Strategy<Value = PostureFinding> {
    let verdict = select(vec![PostureVerdict::Pass, PostureVerdict::Fail, PostureVerdict::Note]);
    let demands =
        [PostureDemand::Required, PostureDemand::Waived, PostureDemand::Lowered, PostureDemand::Shown];
    (select(PostureCheck::ALL.to_vec()), verdict, select(demands.to_vec()), text())
        .prop_map(|(check, verdict, demand, seen)| PostureFinding { check, verdict, demand, seen })
}

fn credit() -> impl Strategy<Value = Credit> {
    let kinds = vec![Kind::Dice, Kind::Text, Kind::File, Kind::Operator1, Kind::Operator2];
    (select(kinds), any::<u64>(), any::<u16>()).prop_map(|(contribution, count, credited_bits)| Credit {
        contribution,
        count,
        credited_bits,
    })
}

fn key_event() -> impl Strategy<Value = Event> {
    let created = (alias(), region(), key_id(), text()).prop_map(|(alias, region, key_id, request_id)| {
        Event::KeyCreated { alias, region, key_id, request_id }
    });
    let fetched = (parameter_entry(), fingerprint(), option::of(token()), option::of(time()), text())
        .prop_map(|(k, wrapping_key_sha256, token, expires_at, request_id)| Event::ParametersFetched {
            alias: k.alias,
            region: k.region,
            key_id: k.key_id,
            algorithm: k.algorithm,
            wrapping_key_sha256: Box::new(wrapping_key_sha256),
            import_token_sha256: token.map(|t| Box::new(import(&t).digest())),
            expires_at,
            request_id,
        });
    let failed = (alias(), text(), text()).prop_map(|(alias, control, reason)| Event::KeyFailed {
        alias,
        control,
        reason,
    });
    let source = select(vec![
        MaterialSource::OperatingSystem,
        MaterialSource::Seeded,
        MaterialSource::Mixed,
        MaterialSource::Hsm,
    ]);
    let generated = (alias(), material(), source, option::of(kcv()), option::of(commitment())).prop_map(
        |(alias, material, source, kcv, commitment)| Event::MaterialGenerated {
            alias,
            material,
            source,
            kcv,
            commitment,
        },
    );
    let wrapped = (alias(), key_id(), fingerprint(), fingerprint()).prop_map(
        |(alias, key_id, wrapping_key_sha256, wrapped_sha256)| Event::Wrapped {
            alias,
            key_id,
            wrapping_key_sha256,
            wrapped_sha256,
        },
    );
    let imported = (alias(), key_id(), text()).prop_map(|(alias, key_id, request_id)| Event::Imported {
        alias,
        key_id,
        request_id,
    });
    let proved = (alias(), key_id(), text(), valid_to(), any::<bool>()).prop_map(
        |(alias, key_id, state, valid_to, round_trip)| Event::Proved {
            alias,
            key_id,
            state,
            valid_to,
            round_trip,
        },
    );
    let kept = (text(), text()).prop_map(|(label, refused)| HsmKeyEnd::Kept { label, refused });
    let trusted = (text(), text()).prop_map(|(label, refused)| HsmKeyEnd::Trusted { label, refused });
    let stays = text().prop_map(|label| HsmKeyEnd::Stays { label });
    let end = prop_oneof![Just(HsmKeyEnd::Destroyed), kept, trusted, stays];
    let attributes = proptest::collection::btree_map(text(), text(), 0..4);
    let made = (alias(), attributes, end).prop_map(|(alias, attributes, end)| Event::HsmKey {
        alias,
        attributes,
        end,
    });
    prop_oneof![created, fetched, failed, generated, wrapped, imported, proved, made, hsm_event()]
}

fn hsm_event() -> impl Strategy<Value = Event> {
    let said = (text(), text(), text(), text(), text());
    let loaded = (said, fingerprint(), any::<bool>(), any::<bool>(), option::of(text())).prop_map(
        |((file, module, token, serial, hardware), module_sha256, network, network_denied, keep)| {
            Event::HsmLoaded {
                file: file.into(),
                module_sha256: Box::new(module_sha256),
                module: module.into(),
                token: token.into(),
                serial: serial.into(),
                hardware: hardware.into(),
                network,
                network_denied,
                keep: keep.map(Into::into),
            }
        },
    );
    let probed = (select(WrappingAlgorithm::ALL.to_vec()), any::<u16>(), any::<bool>())
        .prop_map(|(algorithm, bits, kcv)| Event::HsmProbed { algorithm, bits, kcv });
    let gave_up = (text(), text(), option::of(text()), option::of(text()))
        .prop_map(|(control, reason, call, code)| Event::GaveUp { control, reason, call, code });
    prop_oneof![loaded, probed, gave_up]
}

fn file_event() -> impl Strategy<Value = Event> {
    let exported = (fingerprint(), text(), any::<u64>()).prop_map(|(parameters_sha256, endpoint, keys)| {
        Event::Exported { parameters_sha256, endpoint, keys }
    });
    let checked = (text(), fingerprint()).prop_map(|(file, sha256)| Event::Checked { file, sha256 });
    let confirmed = (text(), fingerprint()).prop_map(|(file, sha256)| Event::Confirmed { file, sha256 });
    let written = (fingerprint(), fingerprint(), any::<u64>(), any::<bool>()).prop_map(
        |(ciphertext_sha256, parameters_sha256, keys, seeded)| Event::CiphertextWritten {
            ciphertext_sha256,
            parameters_sha256,
            keys,
            seeded,
        },
    );
    prop_oneof![exported, checked, confirmed, written]
}

fn backup_set() -> impl Strategy<Value = BackupSet> {
    "[a-z]{4,8} [a-z]{4,8}".prop_map(|s| s.parse().unwrap())
}

fn share_confirmed() -> impl Strategy<Value = Event> {
    let medium = select(vec![ShareMedium::Screen, ShareMedium::File, ShareMedium::Sheet]);
    (backup_set(), 1..=16u8, medium, fingerprint(), option::of(said(person()))).prop_map(
        |(set, number, medium, share_sha256, custodian)| Event::ShareConfirmed {
            set,
            number,
            of: 16,
            custodian,
            medium,
            share_sha256,
        },
    )
}

fn backup_event() -> impl Strategy<Value = Event> {
    let gives = select(vec![Shared::Material, Shared::EscrowKey]);
    let made = (backup_set(), 1..=16u8, 1..=16u8, gives, option::of(kcv()), commitment()).prop_map(
        |(set, threshold, shares, gives, kcv, commitment)| Event::SharesMade {
            set,
            threshold,
            shares,
            gives,
            kcv,
            commitment,
        },
    );
    let void = (backup_set(), 0..=16u8).prop_map(|(set, confirmed)| Event::SharesVoid { set, confirmed });
    let escrow = (fingerprint(), any::<u64>())
        .prop_map(|(escrow_sha256, keys)| Event::EscrowWritten { escrow_sha256, keys });
    let combined = (backup_set(), vec(1..=16u8, 1..16), commitment(), fingerprint()).prop_map(
        |(set, numbers, commitment, record_head)| Event::SharesCombined {
            set,
            numbers,
            commitment,
            record_head: Box::new(record_head),
        },
    );
    let share = (backup_set(), 1..=16u8, fingerprint())
        .prop_map(|(set, number, share_sha256)| Event::ShareProved { set, number, share_sha256 });
    let recovered = (alias(), key_id(), material(), option::of(kcv()), option::of(commitment())).prop_map(
        |(alias, key_id, material, kcv, commitment)| Event::MaterialRecovered {
            alias,
            key_id,
            material,
            kcv,
            commitment,
        },
    );
    let held = (alias(), key_id(), material(), option::of(kcv()), option::of(commitment()), fingerprint())
        .prop_map(|(alias, key_id, material, kcv, commitment, record_head)| Event::MaterialHeld {
            alias,
            key_id,
            material,
            kcv,
            commitment,
            record_head,
        });
    let proved = (alias(), key_id(), commitment())
        .prop_map(|(alias, key_id, commitment)| Event::BackupProved { alias, key_id, commitment });
    let agreed = (alias(), key_id(), fingerprint()).prop_map(|(alias, key_id, record_head)| Event::Agreed {
        alias,
        key_id,
        record_head,
    });
    let changed = (alias(), key_id(), text(), option::of(time()), text()).prop_map(
        |(alias, key_id, state, deletion_date, request_id)| Event::KeyChanged {
            alias,
            key_id,
            state,
            deletion_date,
            request_id,
        },
    );
    prop_oneof![made, void, escrow, combined, share, recovered, held, proved, agreed, changed]
}

/// The canonical form of an artefact.
pub fn written<T: artefact::Artefact>(value: &T) -> Vec<u8> {
    artefact::to_bytes(value).unwrap().to_vec()
}
