//! Tencent Cloud KMS, API version 2019-01-18: `ceremony/spec/tencent-kms.md` §4.

use super::super::facts::{
    AuditLog, Expiry, Facts, KeyKind, KeySpec, Lifetime, Material, Materials, ProofKind, Regions, Resend,
    Rule, Token,
};
use crate::{MaterialKind, MaterialLength, RsaBits, Span, WrappingAlgorithm};

/// The latest expiry that the service accepts: 2038-01-18T16:00:00Z.
pub const LATEST_EXPIRY: i64 = 2_147_443_200;

/// A key of the FIPS 140-2 edition: AES with 256 bits (§4.6).
pub static FIPS: KeyKind =
    KeyKind { name: "fips", material: Material { kind: MaterialKind::Aes, length: MaterialLength::B256 } };

/// A key of the 国密 edition: SM4 with 128 bits (§4.6).
pub static SM: KeyKind =
    KeyKind { name: "sm", material: Material { kind: MaterialKind::Sm4, length: MaterialLength::B128 } };

/// The only wrapping key (§4.4).
pub static RSA_2048: KeySpec = KeySpec { name: "RSA_2048", size: RsaBits::R2048 };

/// The table.
pub static FACTS: Facts = Facts {
    id: "tencent",
    alias: Rule {
        holds: is_alias,
        expected: "expected an alias: 1 to 60 letters, digits, '-' and '_', beginning with a letter or digit and not with kms-",
        expected_zh: "应为别名：1 到 60 个字母、数字、“-”、“_”，以字母或数字开头，不以 kms- 开头",
    },
    key_id: Rule {
        holds: is_uuid,
        expected: "expected a key id: a UUID in lower case such as 23e80852-1e38-11e9-b129-5cb9019b4b01",
        expected_zh: "应为密钥 ID：小写的 UUID，例如 23e80852-1e38-11e9-b129-5cb9019b4b01",
    },
    region: Rule {
        holds: is_region,
        expected: "expected a region such as ap-singapore: 4 to 32 of a-z, 0-9 and '-'",
        expected_zh: "应为地域，例如 ap-singapore：4 到 32 个 a-z、0-9、“-”",
    },
    algorithms: &[
        (WrappingAlgorithm::RsaesOaepSha256, "RSAES_OAEP_SHA_256"),
        (WrappingAlgorithm::RsaesOaepSha1, "RSAES_OAEP_SHA_1"),
        (WrappingAlgorithm::RsaesPkcs1V15, "RSAES_PKCS1_V1_5"),
    ],
    wrapping_keys: &[&RSA_2048],
    kinds: &[&FIPS, &SM],
    // Regions of mainland China, which are assumed to run the 国密 edition (§4.6). `DescribeKey` decides.
    expected: &[
        ("ap-beijing", "sm"),
        ("ap-chengdu", "sm"),
        ("ap-chongqing", "sm"),
        ("ap-guangzhou", "sm"),
        ("ap-nanjing", "sm"),
        ("ap-shanghai", "sm"),
    ],
    // The vendor's examples have 128 characters: §4.5.
    token: Token::Required { longest: 4096 },
    lifetime: Lifetime::After(Span::from_seconds(86_400)),
    expiry: Expiry {
        never: true,
        latest: Some(LATEST_EXPIRY),
        expected: "expected \"never\" or a UTC time such as 2030-01-01T00:00:00Z, at most 2038-01-18T16:00:00Z",
        expected_zh: "应为 \"never\"，或 UTC 时间，例如 2030-01-01T00:00:00Z，最晚 2038-01-18T16:00:00Z",
    },
    hosts: &["tencentcloudapi.com"],
    endpoint: "https://kms.tencentcloudapi.com",
    materials: Materials::One,
    resend_import: Resend::SameMaterial,
    proof: ProofKind::RoundTrip,
    regions: Regions {
        // The service's own list is not known: §3.4.
        known: &[
            "ap-beijing",
            "ap-chengdu",
            "ap-chongqing",
            "ap-guangzhou",
            "ap-hongkong",
            "ap-nanjing",
            "ap-shanghai",
            "ap-singapore",
            "eu-frankfurt",
            "na-siliconvalley",
        ],
        as_of: "2026-11-29",
    },
    audit_log: AuditLog {
        name: "Tencent Cloud: CloudAudit",
        name_zh: "腾讯云：操作审计 CloudAudit",
        fetch: "GetParametersForImport",
        import: "ImportKeyMaterial",
    },
};

/// The vendor's rule for `CreateKey`: §4.5.
fn is_alias(name: &str) -> bool {
    (1..=60).contains(&name.len())
        && name.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_'))
        && name.bytes().next().is_some_and(|b| b.is_ascii_alphanumeric())
        && !name.starts_with("kms-")
}

fn is_uuid(name: &str) -> bool {
    name.len() == 36
        && name.bytes().enumerate().all(|(i, b)| match i {
            8 | 13 | 18 | 23 => b == b'-',
            _ => b.is_ascii_digit() || (b'a'..=b'f').contains(&b),
        })
}

fn is_region(name: &str) -> bool {
    (4..=32).contains(&name.len())
        && name.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-')
        && name.bytes().next().is_some_and(|b| b.is_ascii_lowercase())
        && name.contains('-')
        && !name.ends_with('-')
}
