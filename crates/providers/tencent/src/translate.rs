//! What a refusal means: cause, who acts, next step, in English and 简体中文.
//!
//! One code often has several causes; the text lists them in the order in which to check them. The causes are in
//! `ceremony/spec/tencent-kms.md` §5 to §7. No text asks for a secret or suggests skipping a check.

use keyferry_core::{Bilingual, bi};

use crate::ErrorCode;

mod access;
mod elsewhere;
mod form_refusals;
mod import_flow;
mod key_refusals;
mod section;
mod service_refusals;

pub use section::Section;

/// A refusal in words for the room.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Translation {
    /// What is wrong.
    pub cause: Bilingual,
    /// Who must act.
    pub who: Bilingual,
    /// What they must do next.
    pub next: Bilingual,
    /// The section of the runbook that says more.
    pub section: Section,
}

/// Puts a code into words; every code gets an answer.
#[must_use]
pub fn translate(code: &ErrorCode) -> Translation {
    own(code).map(|t| Translation { section: Section::of(code), ..t }).unwrap_or_else(|| general(code))
}

/// The text for a code or its group.
fn own(code: &ErrorCode) -> Option<Translation> {
    import_flow::import_flow(code)
        .or_else(|| key_refusals::key_handling(code))
        .or_else(|| access::access(code))
        .or_else(|| elsewhere::elsewhere(code))
        .or_else(|| form_refusals::request_form(code))
        .or_else(|| service_refusals::service_side(code))
}

fn say(cause: Bilingual, who: Bilingual, next: Bilingual) -> Option<Translation> {
    Some(Translation { cause, who, next, section: Section::Unknown })
}

fn online_operator() -> Bilingual {
    bi!("the online operator", "在线工作站操作员")
}

fn administrator() -> Bilingual {
    bi!("the account's administrator", "云账号管理员")
}

fn nobody() -> Bilingual {
    bi!("nobody: it passes", "无需任何人处理，等待即可")
}

fn general(code: &ErrorCode) -> Translation {
    Translation {
        cause: bi!("the service refused with {code}", "服务端拒绝，错误码 {code}"),
        who: online_operator(),
        next: bi!(
            "stop, keep the service's message and request id, and look the code up in the provider's documentation; \
             do not improvise",
            "停止操作，保留服务端消息与 RequestId，并在官方文档中查询该错误码；不要临时变通"
        ),
        section: Section::Unknown,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_listed_code_says_something_in_both_languages() {
        for code in ErrorCode::LISTED {
            let t = translate(code);
            for text in [&t.cause, &t.who, &t.next] {
                assert!(!text.en.is_empty() && text.en.is_ascii(), "{code}: {}", text.en);
                assert!(
                    text.zh.chars().any(|c| ('\u{4e00}'..='\u{9fff}').contains(&c)),
                    "{code}: {}",
                    text.zh
                );
                assert!(!text.en.contains("  ") && !text.zh.contains("  "), "{code}: a broken line shows");
            }
        }
    }

    #[test]
    fn every_listed_code_has_a_text_and_a_section_of_its_own() {
        for code in ErrorCode::LISTED {
            assert_ne!(translate(code), general(code), "{code}");
            assert_ne!(translate(code).section, Section::Unknown, "{code}");
        }
    }

    /// `errorcodes.py` of the vendor's SDK 3.1.192: `ceremony/spec/tencent-kms.md` §7.2.
    #[test]
    fn all_of_the_sdk_s_codes_are_listed() {
        let flat = include_str!("translate/sdk_codes.txt");
        assert_eq!(flat.lines().count(), 65);
        for text in flat.lines() {
            assert!(!matches!(ErrorCode::parse(text), ErrorCode::Unlisted(_)), "{text}");
        }
    }

    #[test]
    fn the_import_flow_s_codes_have_their_own_text() {
        let flow = "ResourceUnavailable.TokenExpired InvalidParameter.DecryptMaterialError \
            InvalidParameterValue.MaterialNotMatch UnsupportedOperation.NotExternalCmk \
            ResourceUnavailable.CmkStateNotSupport ResourceUnavailable.CmkNotFound InvalidParameterValue.InvalidKeyId \
            InvalidParameter InternalError UnsupportedOperation.ServiceTemporaryUnavailable RequestLimitExceeded \
            RequestLimitExceeded.UinLimitExceeded AuthFailure.SignatureFailure AuthFailure.SignatureExpire \
            AuthFailure.SecretIdNotFound AuthFailure.TokenFailure AuthFailure.Whatever UnauthorizedOperation \
            InvalidParameterValue.AliasAlreadyExists InvalidParameterValue.InvalidAlias \
            LimitExceeded.CmkLimitExceeded UnsupportedRegion";
        for text in flow.split_whitespace() {
            let code = ErrorCode::parse(text);
            assert_ne!(translate(&code), general(&code), "{text}");
        }
        let unknown = ErrorCode::parse("Brand.New");
        assert_eq!(translate(&unknown), general(&unknown));
        assert!(
            translate(&ErrorCode::TokenExpired)
                .next
                .en
                .contains("the old ciphertext can no longer be imported")
        );
    }
}
