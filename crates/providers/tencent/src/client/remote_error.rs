//! Why a request did not succeed: it was not sent, no answer came, the answer was invalid, or it was refused
//! (explained in words).

use std::io;

use keyferry_core::{Bilingual, Control, bi, refusals};

use super::connect;
use super::credential_sources::Source;
use super::credential_sources::lasting::Lasting;
use super::unsent::Unsent;
use crate::{Action, EnvelopeError, ErrorCode, ServiceError, translate};

refusals! {
    /// A request without success.
    #[derive(Clone, Debug, PartialEq, Eq)]
    pub struct RemoteError {
        /// The requested action.
        pub action: Action,
        /// The outcome.
        pub failure: RemoteFailure,
    }: Remote => (failure.control()), what(failure.what(*action)), hint(failure.hint(*action));
}

/// The outcome of a request that did not succeed.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum RemoteFailure {
    /// The request was not sent.
    Unsent(Unsent),
    /// No answer to a request that was sent, at least in part.
    Silence(Silence),
    /// A reply that is not a valid answer to this request.
    BadReply(BadReply),
    /// The service refused.
    Refused(ServiceError),
    /// The service did not accept the session token, or requires one.
    Token(ServiceError, TokenOrigin),
}

/// The source of the session token, or of the pair that lacks one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TokenOrigin {
    source: Source,
    sent: bool,
}

/// Why no answer arrived.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Silence {
    /// It took too long.
    Timeout,
    /// The connection ended before the answer was complete.
    Closed,
    /// Anything else.
    Other,
}

/// Why a reply is not a valid answer.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum BadReply {
    /// Not HTTP.
    NotHttp,
    /// A status other than 200, a redirect included.
    Status(u16),
    /// Longer than the cap.
    TooLong,
    /// Not an envelope from the service.
    Envelope(EnvelopeError),
    /// About a different key from the one requested.
    OtherKey,
    /// A member without a usable value; names it.
    Member(&'static str),
    /// The request itself could not be written.
    Unwritable,
}

impl From<Unsent> for RemoteFailure {
    fn from(e: Unsent) -> Self {
        Self::Unsent(e)
    }
}

impl From<Silence> for RemoteFailure {
    fn from(e: Silence) -> Self {
        Self::Silence(e)
    }
}

impl From<BadReply> for RemoteFailure {
    fn from(e: BadReply) -> Self {
        Self::BadReply(e)
    }
}

/// An error that is not marked as unsent happened after the connection was made.
impl From<ureq::Error> for RemoteFailure {
    fn from(e: ureq::Error) -> Self {
        if let Some(way) = connect::marked(&e) {
            return way.clone().into();
        }
        match e {
            ureq::Error::Io(e) => Silence::from_io(&e).into(),
            ureq::Error::Timeout(_) => Silence::Timeout.into(),
            ureq::Error::Protocol(_) | ureq::Error::LargeResponseHeader(..) => BadReply::NotHttp.into(),
            ureq::Error::StatusCode(n) => BadReply::Status(n).into(),
            ureq::Error::Http(_) | ureq::Error::BadUri(_) => BadReply::Unwritable.into(),
            _ => Silence::Other.into(),
        }
    }
}

impl Silence {
    pub(super) fn from_io(e: &io::Error) -> Self {
        match e.kind() {
            io::ErrorKind::TimedOut => Self::Timeout,
            io::ErrorKind::ConnectionReset
            | io::ErrorKind::ConnectionAborted
            | io::ErrorKind::BrokenPipe
            | io::ErrorKind::UnexpectedEof
            // A TLS record that is not genuine.
            | io::ErrorKind::InvalidData => Self::Closed,
            _ => Self::Other,
        }
    }

    fn words(self) -> Bilingual {
        match self {
            Self::Timeout => bi!("it took too long", "超时"),
            Self::Closed => bi!("the connection ended early", "连接提前断开"),
            Self::Other => bi!("the network failed", "网络出错"),
        }
    }
}

impl BadReply {
    fn words(&self) -> Bilingual {
        match self {
            Self::NotHttp => bi!("it is not HTTP", "不是 HTTP"),
            Self::Status(n) => bi!("its HTTP status is {n}, not 200", "HTTP 状态为 {n}，而不是 200"),
            Self::TooLong => bi!("it is longer than 1 MiB", "超过 1 MiB"),
            Self::Envelope(e) => bi!("{e}", "{e}"),
            Self::OtherKey => bi!("it is about another key", "内容属于另一个密钥"),
            Self::Member(name) => bi!("its {name} is unusable", "其中的 {name} 无法使用"),
            Self::Unwritable => bi!("the request could not be written", "请求无法写出"),
        }
    }
}

impl RemoteError {
    /// Whether the service may nevertheless have done the work.
    #[must_use]
    pub const fn may_be_done(&self) -> bool {
        self.failure.may_be_done()
    }

    /// The outcome in one word, for a trace.
    pub(super) fn short(&self) -> String {
        match &self.failure {
            RemoteFailure::Unsent(way) => format!("{way:?}"),
            RemoteFailure::Silence(s) => format!("{s:?}"),
            RemoteFailure::BadReply(BadReply::Envelope(_)) => "no envelope".into(),
            RemoteFailure::BadReply(b) => format!("{b:?}"),
            RemoteFailure::Refused(e) | RemoteFailure::Token(e, _) => format!("{} {}", e.code, e.request_id),
        }
    }
}

/// A service's message without anything that could be a token: runs of more than 40 characters are left out.
fn tamed(message: &str) -> String {
    let mut shown = String::new();
    let mut rest = message;
    while !rest.is_empty() {
        let (word, after) = rest.split_at(rest.find(|c: char| !c.is_ascii_graphic()).unwrap_or(rest.len()));
        let (gap, after) = after.split_at(after.find(|c: char| c.is_ascii_graphic()).unwrap_or(after.len()));
        shown.push_str(if word.len() > 40 { "[…]" } else { word });
        shown.push_str(gap);
        rest = after;
    }
    shown.trim().chars().take(300).collect()
}

impl From<Lasting> for TokenOrigin {
    fn from(lasting: Lasting) -> Self {
        Self { source: lasting.source, sent: lasting.has_token }
    }
}

impl TokenOrigin {
    fn hint(&self) -> Bilingual {
        let Bilingual { en, zh } = self.source.words();
        match (&self.source, self.sent) {
            (_, false) => bi!(
                "the online operator: no token was sent, and the pair is from {en}. If the pair is temporary, give its token too, in the \
                 environment as TENCENTCLOUD_TOKEN, and run the command again",
                "在线工作站操作员：未发送会话令牌，凭证取自{zh}。若凭证是临时的，请一并提供其会话令牌（环境变量为 TENCENTCLOUD_TOKEN），\
                 然后再次执行"
            ),
            (Source::Environment, true) => bi!(
                "the online operator: the token is from the variable TENCENTCLOUD_TOKEN. Unset it if the pair is permanent; otherwise fetch \
                 fresh temporary credentials and set all three variables. Then run the command again",
                "在线工作站操作员：会话令牌取自环境变量 TENCENTCLOUD_TOKEN。若凭证是长期的，请取消设置该变量；否则重新获取临时凭证并设置全部三个变量。\
                 然后再次执行"
            ),
            (Source::File(_) | Source::Role(_), true) => bi!(
                "the online operator: the token is from {en}. Fetch fresh temporary credentials there (for tccli: `tccli auth login`), or \
                 remove the token if the pair is permanent. Then run the command again",
                "在线工作站操作员：会话令牌取自{zh}。请在该处重新获取临时凭证（tccli 为 `tccli auth login`）；若凭证是长期的，请去掉会话令牌。\
                 然后再次执行"
            ),
        }
    }
}

impl RemoteFailure {
    /// The service's refusal, if it is one.
    #[must_use]
    pub const fn refusal(&self) -> Option<&ServiceError> {
        match self {
            Self::Refused(e) | Self::Token(e, _) => Some(e),
            Self::Unsent(_) | Self::Silence(_) | Self::BadReply(_) => None,
        }
    }

    const fn may_be_done(&self) -> bool {
        match self {
            Self::Unsent(_) => false,
            Self::Silence(_) => true,
            Self::BadReply(b) => !matches!(b, BadReply::Unwritable),
            Self::Refused(e) | Self::Token(e, _) => matches!(e.code, ErrorCode::InternalError),
        }
    }

    const fn control(&self) -> Control {
        match self {
            Self::Unsent(_) | Self::Silence(_) => Control::NET_FAILED,
            Self::BadReply(_) => Control::NET_REPLY,
            Self::Refused(_) | Self::Token(..) => Control::KMS_REFUSED,
        }
    }

    fn what(&self, action: Action) -> Bilingual {
        match self {
            Self::Unsent(way) => {
                let Bilingual { en, zh } = way.words();
                bi!("{action} was not sent: {en}", "{action} 未发出：{zh}")
            }
            Self::Silence(s) => {
                let Bilingual { en, zh } = s.words();
                bi!("{action} got no answer: {en}", "{action} 没有得到应答：{zh}")
            }
            Self::BadReply(b) => {
                let Bilingual { en, zh } = b.words();
                bi!(
                    "the reply to {action} is not a valid answer: {en}",
                    "{action} 收到的内容不是有效应答：{zh}"
                )
            }
            Self::Refused(e) | Self::Token(e, _) => {
                let Bilingual { en, zh } = translate(&e.code).cause;
                let (code, message, id) = (&e.code, tamed(&e.message), &e.request_id);
                bi!(
                    "{action} was refused with {code}: {en} (the service says: {message}; request id {id})",
                    "{action} 被拒绝，错误码 {code}：{zh}（服务端消息：{message}；RequestId {id}）"
                )
            }
        }
    }

    fn hint(&self, action: Action) -> Bilingual {
        match self {
            Self::Unsent(way) => way.hint(),
            Self::Silence(_) => self.after_silence(action),
            Self::BadReply(_) => {
                let Bilingual { en, zh } = self.after_silence(action);
                bi!(
                    "check that this is the service's endpoint, and that no proxy or portal is in between. {en}",
                    "接入地址是否正确，中间是否有代理或认证门户？{zh}"
                )
            }
            Self::Token(e, origin) => {
                let section = translate(&e.code).section;
                let Bilingual { en, zh } = origin.hint();
                bi!("{en} (runbook {section})", "{zh}（操作手册 {section}）")
            }
            Self::Refused(e) => {
                let translation = translate(&e.code);
                let (who, next, section) = (translation.who, translation.next, translation.section);
                let (who_zh, next_zh) = (who.zh, next.zh);
                let (who, next) = (who.en, next.en);
                bi!("{who}: {next} (runbook {section})", "{who_zh}：{next_zh}（操作手册 {section}）")
            }
        }
    }

    fn after_silence(&self, action: Action) -> Bilingual {
        if !self.may_be_done() {
            return bi!(
                "check the cable, the name service, the proxy and the endpoint, then run the same command again; \
                 nothing was done",
                "请检查网线、域名解析、代理与接入地址，然后重新运行同一命令；本次未做任何操作"
            );
        }
        match action {
            Action::CreateKey => bi!(
                "the key may exist already. With --plan, run the same command again: it adopts the key that it requested. Without a plan, look \
                 for the alias in the console: if it is there, put its key id into the plan, otherwise run the command again",
                "密钥可能已经创建。使用 --plan 时请重新运行同一命令：它会采用自己请求创建的密钥。未使用计划时，请在控制台查找该别名：若已存在，将其密钥 ID 写入计划，否则重新运行命令"
            ),
            Action::GetParametersForImport => bi!(
                "run the same command again; if this request arrived, parameters fetched earlier for this key can no longer be used",
                "请重新运行同一命令；若请求已送达，此前为该密钥获取的参数已失效"
            ),
            Action::ImportKeyMaterial | Action::Encrypt | Action::Decrypt => bi!(
                "run the same command again: that is safe, importing the same material twice is harmless",
                "请重新运行同一命令：这是安全的，重复导入同一材料无害"
            ),
            Action::DeleteImportedKeyMaterial
            | Action::EnableKey
            | Action::DisableKey
            | Action::EnableKeys
            | Action::DisableKeys
            | Action::ScheduleKeyDeletion
            | Action::CancelKeyDeletion
            | Action::UpdateAlias
            | Action::UpdateKeyDescription
            | Action::EnableKeyRotation
            | Action::DisableKeyRotation
            | Action::ArchiveKey
            | Action::CancelKeyArchive => bi!(
                "it is not known whether it was done: look at the key with `status`, then run the same command again if the key is unchanged",
                "是否已执行未知：请用 status 查看该密钥；若状态未变，再重新运行同一命令"
            ),
            Action::DescribeKey
            | Action::DescribeKeys
            | Action::ListKeys
            | Action::ListKeyDetail
            | Action::GenerateRandom
            | Action::GenerateDataKey
            | Action::ReEncrypt
            | Action::GetServiceStatus
            | Action::GetRegions
            | Action::ListAlgorithms
            | Action::GetKeyRotationStatus => {
                bi!("run the same command again; nothing was changed", "请重新运行同一命令；未做任何更改")
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use keyferry_core::Explain;

    use super::*;

    #[test]
    fn no_token_gets_through_a_message() {
        let token = "dG9rZW4".repeat(12);
        let shown = tamed(&format!(
            "ImportToken {token} of 23e80852-1e38-11e9-b129-5cb9019b4b01 has expired. {token}"
        ));
        assert_eq!(shown, "ImportToken […] of 23e80852-1e38-11e9-b129-5cb9019b4b01 has expired. […]");
        assert_eq!(tamed(&format!("令牌{token}过期")), "令牌[…]过期");
        assert_eq!(tamed("密钥 abc 已过期"), "密钥 abc 已过期");
    }

    #[test]
    fn a_dead_token_is_named_with_its_reasons() {
        let refused =
            ServiceError { code: ErrorCode::TokenExpired, message: "m".into(), request_id: "r".into() };
        let error =
            RemoteError { action: Action::ImportKeyMaterial, failure: RemoteFailure::Refused(refused) };
        let (what, hint) = (error.what(), error.hint());
        assert!(what.en.contains("24 h") && what.en.contains("fetched parameters"), "{}", what.en);
        assert!(
            hint.en.contains("export again") && hint.en.contains("old ciphertext can no longer be imported"),
            "{}",
            hint.en
        );
        assert!(what.zh.contains("24 小时") && hint.zh.contains("旧密文已作废"));
    }
}
