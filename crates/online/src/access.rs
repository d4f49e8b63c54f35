//! What the credentials may do, before the day: each action is asked for in a way that changes nothing.
//!
//! Reads are carried out. Every other request names a key that does not exist, or breaks several rules of its action, so that the
//! service has to refuse it. Whether the service checks the right before the content is not known
//! (`ceremony/spec/tencent-kms.md` §7.4): a refusal for the content makes the right likely and does not prove it.

use core::fmt;

use keyferry_core::{Alias, Bilingual, Region, bi, refusals};
use keyferry_tencent::{Action, Edition, ErrorCode};

use crate::RemoteError;

pub(crate) mod probe;

/// What an action is to a ceremony.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Use {
    /// A command of the ceremony sends it.
    Ceremony,
    /// It changes keys or uses them, and the ceremony does without it.
    Beyond,
    /// It only reads, and the ceremony does without it.
    Reads,
}

impl Use {
    /// Of an action; `creates` says whether keys are still to be created.
    #[must_use]
    pub const fn of(action: Action, creates: bool) -> Self {
        match action {
            Action::CreateKey if creates => Self::Ceremony,
            Action::DescribeKey
            | Action::GetParametersForImport
            | Action::ImportKeyMaterial
            | Action::Encrypt
            | Action::Decrypt => Self::Ceremony,
            Action::CreateKey
            | Action::DeleteImportedKeyMaterial
            | Action::EnableKey
            | Action::DisableKey
            | Action::EnableKeys
            | Action::DisableKeys
            | Action::ScheduleKeyDeletion
            | Action::CancelKeyDeletion
            | Action::UpdateAlias
            | Action::UpdateKeyDescription
            | Action::GenerateDataKey
            | Action::ReEncrypt
            | Action::EnableKeyRotation
            | Action::DisableKeyRotation
            | Action::ArchiveKey
            | Action::CancelKeyArchive => Self::Beyond,
            Action::ListKeyDetail
            | Action::ListKeys
            | Action::DescribeKeys
            | Action::GenerateRandom
            | Action::GetServiceStatus
            | Action::GetRegions
            | Action::ListAlgorithms
            | Action::GetKeyRotationStatus => Self::Reads,
        }
    }

    /// In JSON.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Ceremony => "ceremony",
            Self::Beyond => "beyond",
            Self::Reads => "reads",
        }
    }
}

/// What an answer tells about the right to an action.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Right {
    /// The service did it.
    Held,
    /// The service refused the content of the request with this code.
    Likely(ErrorCode),
    /// The service refused for want of the right.
    Missing,
    /// Neither; how the request ended.
    Unknown(String),
}

impl Right {
    /// Judges an answer.
    #[must_use]
    pub fn of<T>(answer: &Result<T, RemoteError>) -> Self {
        match answer {
            Ok(_) => Self::Held,
            Err(error) => match error.failure.refusal() {
                Some(refused) => Self::refused(&refused.code),
                None => Self::Unknown(error.short()),
            },
        }
    }

    fn refused(code: &ErrorCode) -> Self {
        if is_unauthorized(code) {
            return Self::Missing;
        }
        let content = [
            "InvalidParameter",
            "InvalidParameterValue",
            "MissingParameter",
            "ResourceNotFound",
            "ResourceUnavailable",
            "UnsupportedOperation",
        ];
        if !code.is_transient() && content.iter().any(|group| code.is_or_under(group)) {
            return Self::Likely(code.clone());
        }
        Self::Unknown(code.to_string())
    }

    /// Whether the credentials can be taken to have the right.
    #[must_use]
    pub const fn may(&self) -> bool {
        matches!(self, Self::Held | Self::Likely(_))
    }

    /// Whether the service does not serve the region at all.
    #[must_use]
    pub fn is_elsewhere(&self) -> bool {
        matches!(self, Self::Unknown(how) if how == ErrorCode::UnsupportedRegion.as_str())
    }

    /// In JSON.
    #[must_use]
    pub const fn as_str(&self) -> &'static str {
        match self {
            Self::Held => "held",
            Self::Likely(_) => "likely",
            Self::Missing => "missing",
            Self::Unknown(_) => "not-known",
        }
    }

    /// How the request ended.
    #[must_use]
    pub fn answer(&self) -> String {
        match self {
            Self::Held => "ok".to_owned(),
            Self::Likely(code) => code.to_string(),
            Self::Missing => ErrorCode::UnauthorizedOperation.to_string(),
            Self::Unknown(how) => how.clone(),
        }
    }
}

/// Whether the service says that the right is missing.
fn is_unauthorized(code: &ErrorCode) -> bool {
    code.is_or_under("UnauthorizedOperation") || *code == ErrorCode::AuthUnauthorizedOperation
}

/// Actions in a sentence.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Actions(pub Vec<Action>);

impl fmt::Display for Actions {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let names: Vec<&str> = self.0.iter().map(|a| a.as_str()).collect();
        f.write_str(&names.join(", "))
    }
}

refusals! {
    /// Why a ceremony would fail at the service.
    #[derive(Clone, Debug, PartialEq, Eq)]
    #[non_exhaustive]
    pub enum AccessError: Refused {
        /// Rights that the ceremony needs are missing.
        Missing(actions: Actions) => ACCESS,
            what("these credentials may not call {actions}, which the ceremony needs. Nothing was changed",
                 "这些凭证没有调用 {actions} 的权限，而仪式需要这些权限。未更改任何内容"),
            hint("the account's administrator grants exactly these actions, then run check-access again. If the policy names single \
                  keys, the answer says nothing, because most requests name a key that does not exist: try a throw-away key (runbook step 3)",
                 "请云账号管理员只授予这些操作的权限，然后重新运行 check-access。若策略限定了具体密钥，则此结果不能说明问题：\
                  大多数请求使用的是不存在的密钥。此时请用一次性密钥试做（操作手册步骤 3）");
        /// The answers tell nothing about rights that the ceremony needs.
        Unknown {
            /// To which actions.
            actions: Actions,
            /// How the first of these requests ended.
            how: String,
        } => ACCESS, class(Remote),
            what("it is not known whether these credentials may call {actions}: the first answer was {how}. Nothing was changed",
                 "尚不清楚这些凭证能否调用 {actions}：第一个回答是 {how}。未更改任何内容"),
            hint("run check-access again; if the answer stays the same, look it up in the runbook (S4 to S8), and try a throw-away key",
                 "请重新运行 check-access；若结果相同，请查阅操作手册（S4 至 S8），并用一次性密钥试做");
        /// The service does not list a region of the plan, or refuses it.
        Region(region: Region) => ACCESS,
            what("the service does not serve {region}", "服务端不提供 {region} 地域"),
            hint("correct the region in the plan, or use the endpoint of the site where the account is (China and international are separate)",
                 "请更正计划中的地域，或改用账号所在站点的接入地址（国内站与国际站互相独立）");
        /// The service is not bought, or not running.
        Off(region: Region) => ACCESS,
            what("the service says that KMS is not enabled for this account in {region}", "服务端称该账号在 {region} 未开通 KMS"),
            hint("the account's administrator enables KMS in the console, then run check-access again",
                 "请云账号管理员在控制台开通 KMS，然后重新运行 check-access");
        /// The station's clock and the service's differ.
        Clock {
            /// Seconds.
            by: u64,
            /// Which way.
            way: Bilingual,
        } => ACCESS,
            what("this computer's clock is {by} s {way} the service's; the service refuses requests from 300 s on",
                 "本机时钟比服务端{way} {by} 秒；相差超过 300 秒时服务端会拒绝请求", both way = way.clone()),
            hint("set the clock (UTC), then run check-access again", "请校准时钟（UTC），然后重新运行 check-access");
        /// A key is of another edition than the plan says.
        Edition {
            /// The key.
            alias: Alias,
            /// The service's.
            found: Edition,
            /// The plan's kind.
            plan: &'static str,
        } => PARAM_EDITION,
            what("key {alias} is of the {found} edition; the plan says {plan}", "密钥 {alias} 属于 {found} 版本；计划中是 {plan}"),
            hint("correct the key's kind in the plan, and have the plan reviewed again", "请更正计划中该密钥的 kind，并重新审阅计划");
        /// A request that had to be refused made a key.
        Created {
            /// Where.
            region: Region,
            /// Which.
            key_id: String,
        } => ACCESS,
            what("the service made key {key_id} in {region} from a request that it had to refuse",
                 "服务端本应拒绝请求，却在 {region} 创建了密钥 {key_id}"),
            hint("have this key deleted (`keyferry-online schedule-deletion`), and report it to the authors of keyferry",
                 "请删除该密钥（`keyferry-online schedule-deletion`），并告知 keyferry 的作者");
    }
}

impl AccessError {
    /// Longest difference of the clocks that is accepted, in seconds.
    pub const CLOCK: u64 = 60;

    /// Refuses clocks that differ by more than [`CLOCK`](Self::CLOCK) seconds.
    ///
    /// # Errors
    /// [`Clock`](Self::Clock).
    pub fn check_clock(service_ahead: i64) -> Result<(), Self> {
        let by = service_ahead.unsigned_abs();
        if by <= Self::CLOCK {
            return Ok(());
        }
        let way = if service_ahead > 0 { bi!("behind", "慢") } else { bi!("ahead of", "快") };
        Err(Self::Clock { by, way })
    }
}

#[cfg(test)]
mod tests {
    use keyferry_core::Explain;

    use super::*;

    #[test]
    fn what_each_kind_of_answer_tells() {
        let judged = |code: &str| Right::refused(&ErrorCode::parse(code)).as_str();
        for missing in
            ["UnauthorizedOperation", "UnauthorizedOperation.CamNoAuth", "AuthFailure.UnauthorizedOperation"]
        {
            assert_eq!(judged(missing), "missing", "{missing}");
        }
        for likely in [
            "ResourceUnavailable.CmkNotFound",
            "InvalidParameterValue.InvalidAlias",
            "InvalidParameter",
            "UnsupportedOperation.NotExternalCmk",
        ] {
            assert_eq!(judged(likely), "likely", "{likely}");
        }
        for unknown in [
            "InternalError",
            "AuthFailure.SignatureExpire",
            "RequestLimitExceeded",
            "UnsupportedOperation.ServiceTemporaryUnavailable",
            "UnsupportedRegion",
            "AuthFailure.MFAFailure",
            "New.Code",
        ] {
            assert_eq!(judged(unknown), "not-known", "{unknown}");
        }
    }

    #[test]
    fn the_clock_may_differ_by_a_minute() {
        for fine in [0, 60, -60] {
            assert_eq!(AccessError::check_clock(fine), Ok(()));
        }
        let said = |ahead| AccessError::check_clock(ahead).unwrap_err().what();
        assert!(said(61).en.contains("61 s behind the service's") && said(61).zh.contains("慢 61 秒"));
        assert!(said(-3600).en.contains("3600 s ahead of the service's"), "{}", said(-3600).en);
    }
}
