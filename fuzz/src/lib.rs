//! The checks of each fuzz target. The targets under `fuzz_targets/` run these checks under libFuzzer; the root
//! package's test `fuzz_smoke` runs the same checks on seeds and mutants with a stable compiler.
//!
//! Each returns whether the bytes were accepted. It panics if a property does not hold, and every panic is a finding.

use std::sync::LazyLock;

use keyferry_core::artefact::{Artefact, parse, parse_form, to_bytes};
use keyferry_core::plan::Judgement;
use keyferry_core::transcript::Openings;
use keyferry_core::wrapping_key::Encoding;
use keyferry_core::{
    Base64Bytes, CeremonyPlan, Ciphertext, Commitment, Escrow, EscrowKey, Explain, Fingerprint, Heap,
    KeyMaterial, Lang, Parameters, Session, Story, Transcript, WrappingKey,
};
use keyferry_slip39::{Passphrase, Share, ShareSet, completion};
use keyferry_transport::frame::{Frame, FrameEncoder, Ignored, Reassembler, Step};

/// A parser with its properties; returns whether it accepted the bytes.
pub type Target = fn(&[u8]) -> bool;

/// Every target, with the name of its file and of its seeds' folder.
pub const TARGETS: [(&str, Target); 11] = [
    ("ciphertext", ciphertext),
    ("encoding", encoding),
    ("escrow", escrow),
    ("frames", frames),
    ("openings", openings),
    ("parameters", parameters),
    ("plan", plan),
    ("session", session),
    ("share", share),
    ("spki", spki),
    ("transcript", transcript),
];

/// Files of one rehearsal for each version, so that some inputs pass the checks against them.
static PLANS: LazyLock<[CeremonyPlan; 2]> = LazyLock::new(|| {
    let seeds: [&[u8]; 2] =
        [include_bytes!("../seeds/plan/rehearsal.toml"), include_bytes!("../seeds/plan/rehearsal-2.toml")];
    seeds.map(|seed| CeremonyPlan::parse(seed).expect("the seed plan"))
});
static SESSIONS: LazyLock<[Session; 2]> = LazyLock::new(|| {
    let seeds: [&[u8]; 2] = [
        include_bytes!("../seeds/session/rehearsal.json"),
        include_bytes!("../seeds/session/rehearsal-2.json"),
    ];
    seeds.map(|seed| parse(seed).expect("the seed session").0)
});
/// The transcript to which the seed's openings belong.
const WITHHELD: &[u8] = include_bytes!("../seeds/transcript/withheld.jsonl");

/// The key with which the seed escrows were sealed.
const ESCROW_KEY: [u8; 32] = [0x90; 32];

/// Parses, and on success checks that the canonical form is the input. Returns the artefact.
fn artefact<T: Artefact>(data: &[u8]) -> Option<T> {
    match parse::<T>(data) {
        Ok((artefact, digest)) => {
            assert_eq!(digest, Fingerprint::of(data));
            match parse_form::<T::Former>(data) {
                // The previous version stays readable, but is never written.
                Ok((former, _)) => assert_eq!(to_bytes(&former).expect("can be written").as_slice(), data),
                Err(_) => assert_eq!(to_bytes(&artefact).expect("can be written").as_slice(), data),
            }
            Some(artefact)
        }
        Err(refusal) => {
            explained(&refusal);
            None
        }
    }
}

/// Every refusal can be read aloud in both languages: no text is empty or can move the cursor.
fn explained(refusal: &dyn Explain) {
    for text in [refusal.what(), refusal.hint()] {
        for text in [text.en, text.zh] {
            assert!(!text.is_empty());
            assert!(!text.chars().any(|c| c.is_control() && c != '\n'), "{text:?}");
        }
    }
}

/// `ciphertext.json`: accepted input is canonical, and checking it against a session never panics.
pub fn ciphertext(data: &[u8]) -> bool {
    let Some(ciphertext) = artefact::<Ciphertext>(data) else { return false };
    for session in SESSIONS.iter() {
        match ciphertext.check(session) {
            Ok(imports) => assert_eq!(imports.len(), ciphertext.keys.len()),
            Err(refusals) => {
                assert!(!refusals.is_empty());
                refusals.iter().for_each(|e| explained(e));
            }
        }
    }
    true
}

/// `escrow.json`: accepted input is canonical, and only its own key opens any of it.
pub fn escrow(data: &[u8]) -> bool {
    let Some(escrow) = artefact::<Escrow>(data) else { return false };
    let key = KeyMaterial::from_bytes(&ESCROW_KEY).map(EscrowKey::from_material);
    let key = key.expect("32 bytes").expect("256 bits");
    match escrow.open(&key) {
        Ok(open) => {
            for entry in &escrow.keys {
                match open.material(entry, &Heap) {
                    Ok(material) => assert_eq!(Some(Commitment::of(&material)), entry.commitment),
                    Err(refusal) => explained(&refusal),
                }
            }
        }
        Err(refusal) => explained(&refusal),
    }
    true
}

/// `parameters.json`: accepted input is canonical, and checking it against a plan never panics.
pub fn parameters(data: &[u8]) -> bool {
    let Some(parameters) = artefact::<Parameters>(data) else { return false };
    let now = parameters.fetched_at;
    for plan in PLANS.iter() {
        match parameters.clone().check(Fingerprint::of(data), plan, now) {
            Ok(checked) => checked.refused().iter().for_each(|(_, e)| explained(e)),
            Err(refusal) => explained(&refusal),
        }
    }
    true
}

/// A plan: accepted input is hashed byte for byte and has everything that a ceremony needs. Whatever the parser refuses,
/// `plan check` refuses too.
pub fn plan(data: &[u8]) -> bool {
    let judgement = Judgement::of(data, "2026-11-30T08:00:00Z".parse().expect("a time"));
    judgement.findings().iter().for_each(|finding| explained(finding));
    assert!(CeremonyPlan::parse(data).is_ok() || judgement.errors().next().is_some());
    match CeremonyPlan::parse(data) {
        Ok(plan) => {
            assert_eq!(plan.digest(), Fingerprint::of(data));
            assert!(!plan.keys().is_empty());
            assert!(plan.keys().iter().all(|k| [128, 256].contains(&k.kind().material.length.bits())));
            true
        }
        Err(refusal) => {
            explained(&refusal);
            false
        }
    }
}

/// `session.json`: accepted input is canonical, and no refusal quotes a part of an import token.
pub fn session(data: &[u8]) -> bool {
    if artefact::<Session>(data).is_some() {
        return true;
    }
    let text = parse::<Session>(data).map(|_| ()).expect_err("refused before").what().en;
    // The inputs are mutants of the seeds, so they can contain the seeds' tokens.
    for secret in SESSIONS.iter().flat_map(|session| &session.secrets) {
        let token = secret.import_token.as_ref().expect("a token").expose().as_bytes();
        let quoted = token.windows(16).any(|w| text.as_bytes().windows(16).any(|t| t == w));
        assert!(!quoted, "a refusal quotes a token: {text}");
    }
    false
}

/// A wrapping key in any encoding: an accepted key is unchanged after a round trip through DER.
pub fn spki(data: &[u8]) -> bool {
    match WrappingKey::from_der(data) {
        Ok(key) => assert_eq!(key.spki_der(), data),
        Err(refusal) => explained(&refusal),
    }
    match WrappingKey::from_file_bytes(data) {
        Ok((key, _)) => {
            assert_eq!(WrappingKey::from_der(key.spki_der()).expect("own DER"), key);
            true
        }
        Err(refusal) => {
            explained(&refusal);
            false
        }
    }
}

/// `transcript.jsonl`: a chain that verifies is rebuilt, byte for byte, from its own events, and its story can be
/// derived. A chain in the previous version is continued in the current version.
pub fn transcript(data: &[u8]) -> bool {
    match Transcript::verify(data) {
        Ok(None) => assert!(data.is_empty()),
        Ok(Some(chain)) => {
            if chain.began_former() {
                // New lines are written in the current version.
                let (mut longer, line) = (chain.clone(), &chain.lines()[0]);
                let added = longer.append(line.station, line.time, line.act, line.event.clone());
                let text = [data, added.expect("a line that was read can be written").as_bytes()].concat();
                assert_eq!(Transcript::verify(&text), Ok(Some(longer)));
                told(&chain);
                return true;
            }
            let mut rebuilt = Transcript::new(chain.ceremony().clone());
            let mut text = String::new();
            for line in chain.lines() {
                let line = rebuilt.append(line.station, line.time, line.act, line.event.clone());
                text.push_str(&line.expect("a line that was read can be written"));
            }
            assert_eq!(rebuilt, chain);
            assert_eq!(text.as_bytes(), data);
            told(&chain);
            return true;
        }
        Err(refusal) => explained(&refusal),
    }
    false
}

/// The story of a chain can be derived, and it refers only to lines that exist.
fn told(chain: &Transcript) {
    let story = Story::of(chain);
    assert_eq!((story.head(), story.lines().len()), (chain.head(), chain.lines().len()));
    assert!(story.recoverable().is_none_or(|found| found.head == chain.head()));
    for plan in PLANS.iter() {
        let missing = story.missing(plan.backup());
        assert!(missing.iter().all(|missing| missing.run < chain.lines().len() as u64));
    }
}

/// `openings.jsonl`: if a file is accepted, so is every prefix of whole lines, and it opens names without changing the chain's head.
pub fn openings(data: &[u8]) -> bool {
    match Openings::parse(data) {
        Ok(openings) => {
            for (at, _) in data.iter().enumerate().filter(|(_, byte)| **byte == b'\n').take(16) {
                assert!(Openings::parse(&data[..=at]).is_ok());
            }
            let mut chain = Transcript::verify(WITHHELD).expect("the seed transcript").expect("lines");
            let head = chain.head();
            match chain.open_said(&openings) {
                Ok(()) => assert_eq!(chain.head(), head),
                Err(refusal) => explained(&refusal),
            }
            return !data.is_empty();
        }
        Err(refusal) => explained(&refusal),
    }
    false
}

/// Shares, one on each line, and then as one set: an accepted share encodes to the same words, and a whole set either combines or is
/// refused with a reason.
pub fn share(data: &[u8]) -> bool {
    let Ok(text) = core::str::from_utf8(data) else { return false };
    let (mut set, mut taken) = (ShareSet::new(), false);
    for line in text.lines().take(64) {
        let share = match Share::parse(line) {
            Ok(share) => share,
            Err(refusal) => {
                explained(&refusal);
                drop(completion::expand(line));
                continue;
            }
        };
        let words = share.words();
        let typed = line.split_whitespace().map(str::to_ascii_lowercase);
        assert!(words.split(' ').eq(typed), "a share has other words than it was read from");
        taken = true;
        if let Err(refusal) = set.add(share) {
            explained(&refusal);
        }
    }
    // Combining takes at least ten thousand HMACs, and each step of the exponent doubles that number, so only a few
    // inputs do it.
    if data.len().is_multiple_of(32) && set.name().is_some_and(|name| name.iteration_exponent == 0) {
        match set.combine(&Passphrase::default()) {
            Ok(secret) => assert_eq!(secret.expose().len(), set.shares()[0].secret_bytes()),
            Err(refusal) => explained(&refusal),
        }
    }
    taken
}

/// Base64, PEM, hex and words: one value has one canonical text, and every encoding of a key decodes to the
/// same key.
pub fn encoding(data: &[u8]) -> bool {
    let mut taken = false;
    if let Ok(text) = core::str::from_utf8(data) {
        if let Some(field) = Base64Bytes::decode(text) {
            assert!(field.as_bytes().len() <= 4096);
            assert_eq!(field.to_string(), text, "another text of the same bytes");
        }
        if let Ok(digest) = Fingerprint::parse_typed(text) {
            assert_eq!(Fingerprint::parse_typed(&digest.to_string()), Ok(digest));
            assert_eq!(Fingerprint::parse_typed(&digest.words(Lang::Zh).concat()), Ok(digest));
            taken = true;
        }
    }
    // Above this length, a key's PEM is refused because of its length.
    let data = data.get(..8192).unwrap_or(data);
    let base64 = Base64Bytes::from(data).to_string();
    let field = data.len() <= 4096;
    assert_eq!(Base64Bytes::decode(&base64).map(|b| b.as_bytes() == data), field.then_some(true));
    // Any bytes have the same meaning inside a PEM frame as without it.
    let framed = WrappingKey::from_file_bytes(pem(&base64).as_bytes()).map(|(key, _)| key);
    assert_eq!(framed, WrappingKey::from_der(data));
    match WrappingKey::from_file_bytes(data) {
        Ok((key, _)) => {
            every_encoding(&key);
            true
        }
        Err(refusal) => {
            explained(&refusal);
            taken
        }
    }
}

/// Lines from a scanner: a frame has only one valid text; the payload of a complete transfer encodes to the same
/// transfer again; and a reassembler never holds more than its limit.
pub fn frames(data: &[u8]) -> bool {
    const CAP: usize = 4096;
    let mut reassembler = Reassembler::new(CAP);
    let mut taken = false;
    for line in String::from_utf8_lossy(data).split('\n') {
        if let Ok(frame) = Frame::parse_line(line) {
            assert_eq!(
                frame.to_line(),
                line.trim_matches([' ', '\t', '\r']),
                "another text of the same frame"
            );
            assert_eq!(Frame::from_bytes(&frame.to_bytes()), Ok(frame));
        }
        match reassembler.push_line(line) {
            Step::Ignored(Ignored::Damaged(refusal)) => explained(&refusal),
            Step::Ignored(_) => {}
            Step::Progress(progress) => assert!(progress.received > 0 && progress.total <= CAP),
            Step::Complete(received) => {
                assert_eq!(received.digest, Fingerprint::of(&received.payload));
                let frame = Frame::parse_line(line).expect("a line that completes a transfer is a frame");
                let encoder =
                    FrameEncoder::new(&received.payload, frame.block().len()).expect("its own blocks");
                assert_eq!((encoder.transfer(), encoder.blocks()), (frame.transfer(), frame.blocks()));
                taken = true;
            }
        }
        assert!(reassembler.size() <= 2 * CAP);
    }
    taken
}

fn pem(base64: &str) -> String {
    format!("-----BEGIN PUBLIC KEY-----\n{base64}\n-----END PUBLIC KEY-----\n")
}

fn every_encoding(key: &WrappingKey) {
    let base64 = Base64Bytes::from(key.spki_der()).to_string();
    let wrapped = base64.replacen('A', "A\r\n", 3);
    let forms = [
        (key.spki_der(), Encoding::Der),
        (&pem(&base64).into_bytes(), Encoding::Pem),
        (base64.as_bytes(), Encoding::Base64),
        (wrapped.as_bytes(), Encoding::Base64Wrapped),
    ];
    for (bytes, encoding) in forms {
        assert_eq!(WrappingKey::from_file_bytes(bytes).as_ref(), Ok(&(key.clone(), encoding)));
    }
}
