//! Two providers that only the plans of tests can name. They differ from the real ones as much as the facts
//! allow.

use super::facts::{
    AuditLog, Expiry, Facts, KeyKind, KeySpec, Lifetime, Material, Materials, ProofKind, Regions, Resend,
    Rule, Token,
};
use crate::{MaterialKind, MaterialLength, RsaBits, WrappingAlgorithm};

/// A kind of key that takes 28 bytes for HMAC.
pub(crate) static MAC: KeyKind = KeyKind {
    name: "mac-224",
    material: Material { kind: MaterialKind::Hmac, length: MaterialLength::OF_DIGESTS[0] },
};

pub(crate) static RSA_4096: KeySpec = KeySpec { name: "rsa4096", size: RsaBits::R4096 };

/// Ids of 80 characters, tokens of 6,144 bytes in base64, RSA-4096, material of 28 bytes; several materials per key, and no
/// import is sent twice.
pub(crate) static FACTS: Facts = Facts {
    id: "toy",
    alias: Rule {
        holds: |name| name.starts_with("alias/"),
        expected: "expected alias/ and a name",
        expected_zh: "expected alias/ and a name",
    },
    key_id: Rule {
        holds: |id| id.len() == 80,
        expected: "expected a key id of 80 characters",
        expected_zh: "expected a key id of 80 characters",
    },
    region: Rule {
        holds: |region| region == "moon",
        expected: "expected the region moon",
        expected_zh: "expected the region moon",
    },
    algorithms: &[(WrappingAlgorithm::RsaesOaepSha256, "OAEP")],
    wrapping_keys: &[&RSA_4096],
    kinds: &[&MAC],
    expected: &[],
    token: Token::Required { longest: 8192 },
    lifetime: Lifetime::InReply,
    expiry: Expiry {
        never: true,
        latest: None,
        expected: "expected \"never\" or a time",
        expected_zh: "expected \"never\" or a time",
    },
    hosts: &["toy.example"],
    endpoint: "https://toy.example",
    materials: Materials::Several,
    resend_import: Resend::Never,
    proof: ProofKind::Mac,
    regions: Regions { known: &["moon"], as_of: "2026-11-29" },
    audit_log: AuditLog { name: "Toy: Log", name_zh: "玩具：日志", fetch: "Fetch", import: "Put" },
};

/// A kind of key whose material is a 256-bit AES key.
pub(crate) static PLAIN: KeyKind =
    KeyKind { name: "plain", material: Material { kind: MaterialKind::Aes, length: MaterialLength::B256 } };

pub(crate) static RSA_3072: KeySpec = KeySpec { name: "rsa3072", size: RsaBits::R3072 };

/// No token, no expiry: a permanent wrapping key.
pub(crate) static STANDING: Facts = Facts {
    id: "standing",
    alias: Rule { holds: |_| true, expected: "any alias", expected_zh: "any alias" },
    key_id: Rule { holds: |_| true, expected: "any key id", expected_zh: "any key id" },
    region: Rule { holds: |_| true, expected: "any region", expected_zh: "any region" },
    algorithms: &[(WrappingAlgorithm::RsaesOaepSha1, "oaep"), (WrappingAlgorithm::RsaesPkcs1V15, "pkcs1")],
    wrapping_keys: &[&RSA_3072],
    kinds: &[&PLAIN],
    expected: &[],
    token: Token::None,
    lifetime: Lifetime::Standing,
    expiry: Expiry {
        never: false,
        latest: Some(2_000_000_000),
        expected: "expected a time before 2033-05-18",
        expected_zh: "expected a time before 2033-05-18",
    },
    hosts: &["standing.example"],
    endpoint: "https://standing.example",
    materials: Materials::One,
    resend_import: Resend::SameMaterial,
    proof: ProofKind::MaterialId,
    regions: Regions { known: &[], as_of: "2026-11-29" },
    audit_log: AuditLog { name: "Toy: Log", name_zh: "玩具：日志", fetch: "Fetch", import: "Put" },
};
