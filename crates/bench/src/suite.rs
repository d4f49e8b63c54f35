//! The measurements in this process: wrapping under each padding, compared with the peers, and every other step on its own.

use keyferry_core::artefact::names;
use std::hint::black_box;

use getrandom::SysRng;
use keyferry_core::transcript::Act;
use keyferry_core::{
    CeremonyPlan, Ciphertext, Commitment, Event, Fingerprint, Kcv, KcvMethod, KeyMaterial, MaterialLength,
    Origin, Parameters, Station, Timestamp, Transcript, WrappingAlgorithm, WrappingKey, artefact, wrap,
};
use keyferry_peers::Peer;

use super::BenchError;
use super::fixture::{Fixture, SPKI};
use super::measure::Contender;

/// Number of lines in the record whose verification is timed.
pub(super) const RECORD_LINES: usize = 100;

/// Whether the wrapping key is parsed again for each key, as in every real ceremony.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Key {
    Fresh,
    Same,
}

impl Key {
    pub(super) const BOTH: [Self; 2] = [Self::Fresh, Self::Same];

    pub(super) const fn name(self) -> &'static str {
        match self {
            Self::Fresh => "fresh-key",
            Self::Same => "same-key",
        }
    }
}

/// The contenders: keyferry, keyferry confirmed by its second implementation, then the peers.
pub(super) fn wrapping<'a>(
    algorithm: WrappingAlgorithm,
    key: Key,
    material: &'a KeyMaterial,
    peers: &'a [Box<dyn Peer>],
) -> Result<Vec<Contender<'a>>, BenchError> {
    let once = move |key: &WrappingKey| {
        black_box(wrap(key, algorithm, black_box(material), &mut SysRng)?);
        Ok(())
    };
    let confirmed = move |key: &WrappingKey| {
        black_box(wrap(key, algorithm, black_box(material), &mut SysRng)?.confirm()?);
        Ok(())
    };
    let mut all = vec![ours("keyferry", key, once)?, ours("keyferry-confirmed", key, confirmed)?];
    for peer in peers {
        all.push(theirs(peer.as_ref(), algorithm, key, material.expose())?);
    }
    Ok(all)
}

fn ours<'a>(
    name: &str,
    key: Key,
    wrap: impl Fn(&WrappingKey) -> Result<(), BenchError> + 'a,
) -> Result<Contender<'a>, BenchError> {
    let held = WrappingKey::from_der(SPKI)?;
    Ok(match key {
        Key::Fresh => Contender::new(name, move || wrap(&WrappingKey::from_der(black_box(SPKI))?)),
        Key::Same => Contender::new(name, move || wrap(black_box(&held))),
    })
}

fn theirs<'a>(
    peer: &'a dyn Peer,
    algorithm: WrappingAlgorithm,
    key: Key,
    material: &'a [u8],
) -> Result<Contender<'a>, BenchError> {
    let mut held = peer.prepare(SPKI, algorithm)?;
    // Before timing, check that it really wraps.
    if held.wrap(material)?.len() != 256 {
        return Err(BenchError::Block(peer.name().to_owned()));
    }
    let contender = match key {
        Key::Fresh => Contender::new(peer.name(), move || {
            black_box(peer.prepare(black_box(SPKI), algorithm)?.wrap(black_box(material))?);
            Ok(())
        }),
        Key::Same => Contender::new(peer.name(), move || {
            black_box(held.wrap(black_box(material))?);
            Ok(())
        }),
    };
    Ok(contender.version(number_of(&peer.version())))
}

/// The version number, such as `3.0.19` in `OpenSSL 3.0.19 27 Jan 2026`.
fn number_of(version: &str) -> String {
    let numbered = |word: &&str| word.starts_with(|c: char| c.is_ascii_digit());
    version.split_whitespace().find(numbered).unwrap_or(version).to_owned()
}

/// One key's artefacts, as the steps need them.
pub(super) struct Inputs {
    fixture: Fixture,
    plan: CeremonyPlan,
    parameters: Parameters,
    ciphertext: Ciphertext,
    ciphertext_bytes: Vec<u8>,
    material: KeyMaterial,
    short_material: KeyMaterial,
    record: String,
}

impl Inputs {
    pub(super) fn new(now: Timestamp) -> Result<Self, BenchError> {
        let fixture = Fixture::new(1, WrappingAlgorithm::default(), now)?;
        let plan = CeremonyPlan::parse(&fixture.plan)?;
        let (parameters, digest) = artefact::parse::<Parameters>(&fixture.parameters)?;
        let material = KeyMaterial::generate(MaterialLength::B256, &mut SysRng)?;
        let checked = parameters.clone().check(digest, &plan, now)?;
        let entries: Result<Vec<_>, _> =
            checked.entries().iter().map(|e| checked.wrap(e, &material, &mut SysRng)).collect();
        let ciphertext = checked.ciphertext(entries?, Origin::station(false, now))?;
        let ciphertext_bytes = artefact::to_bytes(&ciphertext)?.to_vec();
        let mut chain = Transcript::new(plan.ceremony().clone());
        let lines: Result<String, _> = (0..RECORD_LINES)
            .map(|_| chain.append(Station::Offline, now, Act::NOBODYS, event(digest)))
            .collect();
        Ok(Self {
            fixture,
            plan,
            parameters,
            ciphertext,
            ciphertext_bytes,
            material,
            short_material: KeyMaterial::generate(MaterialLength::B128, &mut SysRng)?,
            record: lines?,
        })
    }

    pub(super) const fn material(&self) -> &KeyMaterial {
        &self.material
    }

    /// Every step of a ceremony for one key, in order.
    pub(super) fn steps(&self) -> Vec<Contender<'_>> {
        let mut all = self.reading();
        all.extend(self.making());
        all.extend(self.recording());
        all
    }

    fn reading(&self) -> Vec<Contender<'_>> {
        let digest = self.fixture.digest();
        vec![
            Contender::new("self-test", || Ok(keyferry_core::self_test::run(&mut SysRng)?)),
            Contender::new("plan-parse", || {
                black_box(CeremonyPlan::parse(black_box(&self.fixture.plan))?);
                Ok(())
            }),
            Contender::new("parameters-parse", || {
                black_box(artefact::parse::<Parameters>(black_box(&self.fixture.parameters))?);
                Ok(())
            }),
            Contender::new("wrapping-key-parse", || {
                black_box(WrappingKey::from_der(black_box(SPKI))?);
                Ok(())
            }),
            Contender::new("parameters-check", move || {
                black_box(self.parameters.clone().check(digest, &self.plan, self.fixture.now)?);
                Ok(())
            }),
            Contender::new("parameters-write", || {
                black_box(artefact::to_bytes(black_box(&self.parameters))?);
                Ok(())
            }),
        ]
    }

    fn making(&self) -> Vec<Contender<'_>> {
        let kcv = |name: &str, material, method| {
            Contender::new(name, move || {
                black_box(Kcv::of(black_box(material), method).map_err(|_| BenchError::Fixture)?);
                Ok(())
            })
        };
        vec![
            Contender::new("material-generate", || {
                black_box(KeyMaterial::generate(MaterialLength::B256, &mut SysRng)?);
                Ok(())
            }),
            kcv("kcv-aes", &self.material, KcvMethod::Aes),
            kcv("kcv-sm4", &self.short_material, KcvMethod::Sm4),
            Contender::new("commitment", || {
                black_box(Commitment::of(black_box(&self.material)));
                Ok(())
            }),
            Contender::new("ciphertext-write", || {
                black_box(artefact::to_bytes(black_box(&self.ciphertext))?);
                Ok(())
            }),
            Contender::new("ciphertext-parse", || {
                black_box(artefact::parse::<Ciphertext>(black_box(&self.ciphertext_bytes))?);
                Ok(())
            }),
        ]
    }

    fn recording(&self) -> Vec<Contender<'_>> {
        let (digest, now) = (self.fixture.digest(), self.fixture.now);
        let mut chain = Transcript::new(self.plan.ceremony().clone());
        vec![
            Contender::new("record-append", move || {
                // Starts a new chain from time to time, because an ever-growing one would measure the allocator instead.
                if chain.lines().len() >= RECORD_LINES {
                    chain = Transcript::new(self.plan.ceremony().clone());
                }
                black_box(chain.append(Station::Offline, now, Act::NOBODYS, event(digest))?);
                Ok(())
            }),
            Contender::new("record-verify-100", || {
                black_box(Transcript::verify(black_box(self.record.as_bytes()))?);
                Ok(())
            }),
        ]
    }
}

fn event(sha256: Fingerprint) -> Event {
    Event::Checked { file: names::PARAMETERS.into(), sha256 }
}
