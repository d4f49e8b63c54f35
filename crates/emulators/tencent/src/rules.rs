//! The service's rules on single values: aliases, key ids, regions, expiry, base64, contexts. `ceremony/spec/tencent-kms.md` §4.5
//! and §5.6.

use std::collections::BTreeMap;

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use keyferry_core::{Timestamp, bi};
use keyferry_tencent::ErrorCode;
use keyferry_tencent::wire::{NEVER, VALID_TO_MAX};
use zeroize::Zeroizing;

use crate::refusal::Refusal;

/// Longest description in bytes.
const MAX_DESCRIPTION: usize = 1024;

/// Longest encryption context in characters.
const MAX_CONTEXT: usize = 1024;

/// 1 to 60 letters, digits, `-` and `_`, starting with a letter or digit; `kms-` is reserved for cloud
/// products.
pub(crate) fn alias(alias: &str) -> Result<(), Refusal> {
    let is_inner = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_');
    let well_formed = (1..=60).contains(&alias.len())
        && alias.bytes().all(is_inner)
        && alias.bytes().next().is_some_and(|b| b.is_ascii_alphanumeric())
        && !alias.starts_with("kms-");
    let refusal = || {
        Refusal::new(
            ErrorCode::InvalidAlias,
            bi!(
                "The alias must be 1 to 60 letters, digits, - or _, begin with a letter or digit, and not with kms-.",
                "别名必须为 1 至 60 个字母、数字、- 或 _，以字母或数字开头，且不能以 kms- 开头。"
            ),
        )
    };
    if well_formed { Ok(()) } else { Err(refusal()) }
}

pub(crate) fn description(text: &str) -> Result<(), Refusal> {
    if text.len() <= MAX_DESCRIPTION { Ok(()) } else { Err(Refusal::invalid("Description")) }
}

/// A lower-case hyphenated UUID.
pub(crate) fn key_id(id: &str) -> Result<(), Refusal> {
    let fits = |(i, b): (usize, u8)| match i {
        8 | 13 | 18 | 23 => b == b'-',
        _ => b.is_ascii_digit() || (b'a'..=b'f').contains(&b),
    };
    if id.len() == 36 && id.bytes().enumerate().all(fits) {
        return Ok(());
    }
    Err(Refusal::new(ErrorCode::InvalidKeyId, bi!("The KeyId is malformed.", "KeyId 格式错误。")))
}

/// `ap-guangzhou` and similar names: the emulator accepts every region.
pub(crate) fn region(name: &str) -> Result<(), Refusal> {
    let well_formed = name.len() <= 32
        && name.split_once('-').is_some_and(|(area, place)| {
            area.len() >= 2
                && area.bytes().all(|b| b.is_ascii_lowercase())
                && !place.is_empty()
                && place.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-')
        });
    if well_formed {
        return Ok(());
    }
    Err(Refusal::new(
        ErrorCode::UnsupportedRegion,
        bi!(
            "The header `X-TC-Region` is missing or not a region.",
            "缺少公共参数 `X-TC-Region`，或地域不受支持。"
        ),
    ))
}

/// 0 or absent means never; otherwise it must be later than now, and not later than the latest time that the
/// service accepts.
pub(crate) fn valid_to(valid_to: Option<u64>, now: Timestamp) -> Result<Option<Timestamp>, Refusal> {
    let seconds = valid_to.unwrap_or(NEVER);
    if seconds == NEVER {
        return Ok(None);
    }
    let refusal = || Refusal::invalid("ValidTo");
    if seconds > VALID_TO_MAX {
        return Err(refusal());
    }
    let time = i64::try_from(seconds).ok().and_then(|s| Timestamp::from_unix(s).ok()).ok_or_else(refusal)?;
    if time > now { Ok(Some(time)) } else { Err(refusal()) }
}

/// Canonical base64 of at least one byte.
pub(crate) fn base64(text: &str, field: &str) -> Result<Zeroizing<Vec<u8>>, Refusal> {
    match BASE64_STANDARD.decode(text) {
        Ok(bytes) if !bytes.is_empty() => Ok(Zeroizing::new(bytes)),
        _ => Err(Refusal::invalid(field)),
    }
}

pub(crate) fn to_base64(bytes: &[u8]) -> String {
    BASE64_STANDARD.encode(bytes)
}

/// A JSON object as text, made canonical: the order of its members and its white space do not matter.
pub(crate) fn context(text: Option<&str>) -> Result<String, Refusal> {
    let text = text.unwrap_or_default();
    if text.is_empty() {
        return Ok(String::new());
    }
    let refusal = || Refusal::invalid("EncryptionContext");
    if text.chars().count() > MAX_CONTEXT {
        return Err(refusal());
    }
    let members: BTreeMap<String, serde_json::Value> = serde_json::from_str(text).map_err(|_| refusal())?;
    serde_json::to_string(&members).map_err(|_| refusal())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn aliases() {
        for good in ["a", "9", "a-b_C", &"x".repeat(60), "kms", "kmsx-"] {
            assert_eq!(alias(good), Ok(()), "{good}");
        }
        for bad in ["", "-a", "_a", "kms-a", "a b", "密钥", "a/b", &"x".repeat(61)] {
            assert_eq!(alias(bad).unwrap_err().code, ErrorCode::InvalidAlias, "{bad}");
        }
    }

    #[test]
    fn key_ids_and_regions() {
        assert_eq!(key_id("23e80852-1e38-11e9-b129-5cb9019b4b01"), Ok(()));
        for bad in ["", "23E80852-1e38-11e9-b129-5cb9019b4b01", "23e808521e3811e9b1295cb9019b4b01", "x"] {
            assert_eq!(key_id(bad).unwrap_err().code, ErrorCode::InvalidKeyId, "{bad}");
        }
        for good in ["ap-guangzhou", "na-siliconvalley", "ap-shanghai-fsi", "eu-1"] {
            assert_eq!(region(good), Ok(()), "{good}");
        }
        for bad in [
            "",
            "ap",
            "ap-",
            "a-b",
            "AP-guangzhou",
            "ap_guangzhou",
            "ap-g z",
            &format!("ap-{}", "x".repeat(40)),
        ] {
            assert_eq!(region(bad).unwrap_err().code, ErrorCode::UnsupportedRegion, "{bad}");
        }
    }

    #[test]
    fn expiry() {
        let now = Timestamp::from_unix(1_700_000_000).unwrap();
        assert_eq!(valid_to(None, now), Ok(None));
        assert_eq!(valid_to(Some(0), now), Ok(None));
        assert_eq!(valid_to(Some(1_700_000_001), now).unwrap().unwrap().unix(), 1_700_000_001);
        assert!(valid_to(Some(VALID_TO_MAX), now).is_ok());
        for bad in [1, 1_699_999_999, 1_700_000_000, VALID_TO_MAX + 1, u64::MAX] {
            assert_eq!(valid_to(Some(bad), now), Err(Refusal::invalid("ValidTo")), "{bad}");
        }
    }

    #[test]
    fn contexts_are_compared_by_meaning() {
        let canonical = |text| context(Some(text)).unwrap();
        assert_eq!(canonical(r#"{"b": "2", "a": "1"}"#), canonical(r#"{"a":"1","b":"2"}"#));
        assert_ne!(canonical(r#"{"a":"1"}"#), canonical(r#"{"a":"2"}"#));
        assert_eq!(context(None), Ok(String::new()));
        for bad in ["x", "[]", "1", r#"{"a":"#, &format!(r#"{{"a":"{}"}}"#, "x".repeat(1024))] {
            assert!(context(Some(bad)).is_err(), "{bad}");
        }
    }

    #[test]
    fn base64_is_canonical() {
        for bad in ["", "A", "AA", "AA=", "AB==", "AA==\n", " AA==", "AA-_", "AA==AA=="] {
            assert!(base64(bad, "f").is_err(), "{bad:?}");
        }
        assert_eq!(base64("AA==", "f").unwrap().as_slice(), [0]);
    }
}
