//! What prevented a request from being sent: name, proxy, connection or TLS, each with its cause and what to do about it.
//!
//! All of this fails before the first byte of a request, so the service has done nothing. The service's certificate must be issued under
//! a root that the program ships with: `SSL_CERT_FILE` and the system's store are not read, because a proxy that intercepts TLS could
//! replace the wrapping key with its own.

use keyferry_core::{Bilingual, Timestamp, bi};

/// Why a request was not sent.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Unsent {
    /// The name has no address.
    HostNotFound,
    /// Nothing listens there, or there is no route.
    Unreachable,
    /// No connection in time.
    Timeout,
    /// The other side closed the connection before TLS was agreed.
    Closed,
    /// No trusted TLS connection.
    Tls(TlsFault),
    /// The proxy in between.
    Proxy(ProxyFault),
    /// Any other network failure.
    Other,
}

/// Why there is no trusted TLS connection.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum TlsFault {
    /// The certificate's issuer is not a root that the program ships with.
    UnknownIssuer,
    /// The certificate is for other names; contains some of them.
    OtherName(Vec<String>),
    /// The certificate has expired.
    Expired {
        /// Its expiry, in Unix seconds.
        end: u64,
        /// This computer's time.
        now: u64,
    },
    /// The certificate is not valid yet.
    NotYetValid {
        /// The start of its validity, in Unix seconds.
        begin: u64,
        /// This computer's time.
        now: u64,
    },
    /// Another fault in the certificate, as the TLS library names it.
    Certificate(String),
    /// The other side does not speak TLS.
    NotTls,
    /// The two sides share no version or cipher suite.
    Version,
    /// Any other failure of the handshake, as the TLS library names it.
    Handshake(String),
}

/// What is wrong with the proxy.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum ProxyFault {
    /// A SOCKS proxy, which is not supported.
    Socks,
    /// It asks for user and password, or rejects those in the variable.
    Login,
    /// It refused with another HTTP status.
    Status(u16),
    /// It answered with something other than HTTP, or not at all.
    NoAnswer,
    /// There is no connection to the proxy itself.
    Way(Box<Unsent>),
}

impl Unsent {
    /// Whether the fault may be temporary.
    pub(super) fn passes(&self) -> bool {
        match self {
            Self::HostNotFound | Self::Unreachable | Self::Timeout | Self::Closed | Self::Other => true,
            Self::Proxy(ProxyFault::Status(n)) => *n >= 500 || *n == 429,
            Self::Proxy(ProxyFault::Way(way)) => way.passes(),
            Self::Proxy(ProxyFault::NoAnswer) => true,
            Self::Tls(_) | Self::Proxy(ProxyFault::Socks | ProxyFault::Login) => false,
        }
    }

    pub(super) fn words(&self) -> Bilingual {
        match self {
            Self::HostNotFound => bi!("the host name was not found", "找不到主机名"),
            Self::Unreachable => bi!("nothing listens at that address", "该地址无人应答"),
            Self::Timeout => bi!("no connection was made in time", "未能在限时内建立连接"),
            Self::Closed => bi!("the other side closed the connection at once", "对方立即断开了连接"),
            Self::Tls(fault) => fault.words(),
            Self::Proxy(fault) => fault.words(),
            Self::Other => bi!("the network failed", "网络出错"),
        }
    }

    /// The next step, and who takes it.
    pub(super) fn hint(&self) -> Bilingual {
        let Bilingual { en, zh } = match self {
            Self::HostNotFound | Self::Unreachable | Self::Timeout | Self::Closed | Self::Other => bi!(
                "the online operator: check the cable, the name service, the proxy and the endpoint, then run the same \
                 command again",
                "在线工作站操作员：请检查网线、域名解析、代理与接入地址，然后重新运行同一命令"
            ),
            Self::Tls(fault) => fault.hint(),
            Self::Proxy(fault) => fault.hint(),
        };
        bi!("{en}; nothing was sent, so nothing was done", "{zh}；请求并未发出，因此未做任何操作")
    }
}

impl TlsFault {
    fn words(&self) -> Bilingual {
        match self {
            Self::UnknownIssuer => bi!(
                "no trusted TLS connection: the issuer of the certificate is unknown",
                "未能建立可信的 TLS 连接：证书的签发者未知"
            ),
            Self::OtherName(names) => {
                let none = ["-".to_owned()];
                let Bilingual { en, zh } = Bilingual::list(if names.is_empty() { &none[..] } else { names });
                bi!(
                    "no trusted TLS connection: the certificate is for another name ({en})",
                    "未能建立可信的 TLS 连接：证书属于其他名称（{zh}）"
                )
            }
            Self::Expired { end, now } => {
                let (end, now) = (time(*end), time(*now));
                bi!(
                    "no trusted TLS connection: the certificate expired at {end}, and this computer's clock says {now}",
                    "未能建立可信的 TLS 连接：证书已于 {end} 过期，本机时钟为 {now}"
                )
            }
            Self::NotYetValid { begin, now } => {
                let (begin, now) = (time(*begin), time(*now));
                bi!(
                    "no trusted TLS connection: the certificate is not valid until {begin}, and this computer's clock says {now}",
                    "未能建立可信的 TLS 连接：证书自 {begin} 起生效，而本机时钟为 {now}"
                )
            }
            Self::Certificate(why) => bi!(
                "no trusted TLS connection: the certificate is not acceptable ({why})",
                "未能建立可信的 TLS 连接：证书不可接受（{why}）"
            ),
            Self::NotTls => bi!("the other side does not speak TLS", "对方使用的不是 TLS"),
            Self::Version => bi!(
                "no trusted TLS connection: the other side supports neither TLS 1.2 nor 1.3 with a modern cipher suite",
                "未能建立可信的 TLS 连接：对方不支持 TLS 1.2 或 1.3 及现行密码套件"
            ),
            Self::Handshake(why) => bi!(
                "no trusted TLS connection: the handshake failed ({why})",
                "未能建立可信的 TLS 连接：握手失败（{why}）"
            ),
        }
    }

    fn hint(&self) -> Bilingual {
        match self {
            Self::UnknownIssuer => bi!(
                "the online operator: find out whether a proxy inspects TLS here with the company's own CA, and have its \
                 administrators exempt this host; only the public CAs in the program are trusted, and neither SSL_CERT_FILE nor the system's \
                 store is read",
                "在线工作站操作员：网络中是否有以企业自有 CA 解密 TLS 的代理？请让管理员对该主机免除解密；本程序只信任内置的公共 CA，\
                 不读取 SSL_CERT_FILE，也不读取系统证书库"
            ),
            Self::OtherName(_) => bi!(
                "the online operator: check the spelling of the endpoint, the name service, and whether a proxy or portal \
                 answers in the service's place",
                "在线工作站操作员：请检查接入地址的拼写、域名解析，以及是否有代理或认证门户代替服务应答"
            ),
            Self::Expired { .. } | Self::NotYetValid { .. } => bi!(
                "the online operator: check this computer's clock and correct it if necessary; if it is right, ask \
                 the operators of the endpoint or of the proxy in between",
                "在线工作站操作员：本机时钟是否正确？若不正确请校准；若正确，请询问接入地址或中间代理的管理者"
            ),
            Self::NotTls => bi!(
                "the online operator: check the port, and that no proxy or portal is in between",
                "在线工作站操作员：端口是否正确，中间是否有代理或认证门户？"
            ),
            Self::Certificate(_) | Self::Version | Self::Handshake(_) => bi!(
                "the online operator: check the endpoint, and whether a proxy or firewall in between changes TLS",
                "在线工作站操作员：请检查接入地址，以及中间是否有代理或防火墙改动 TLS"
            ),
        }
    }
}

impl ProxyFault {
    fn words(&self) -> Bilingual {
        match self {
            Self::Socks => {
                bi!("the proxy is a SOCKS proxy, which is not supported", "代理为 SOCKS 代理，不受支持")
            }
            Self::Login => {
                bi!("the proxy asks for a login (HTTP status 407)", "代理要求登录（HTTP 状态 407）")
            }
            Self::Status(n) => bi!("the proxy refused with HTTP status {n}", "代理拒绝，HTTP 状态为 {n}"),
            Self::NoAnswer => bi!("the proxy did not answer in HTTP", "代理没有给出 HTTP 应答"),
            Self::Way(way) => {
                let Bilingual { en, zh } = way.words();
                bi!("the proxy could not be reached: {en}", "未能连上代理：{zh}")
            }
        }
    }

    fn hint(&self) -> Bilingual {
        match self {
            Self::Socks => bi!(
                "the online operator: set HTTPS_PROXY to an http:// proxy, and unset ALL_PROXY and HTTPS_PROXY if they name a \
                 SOCKS proxy",
                "在线工作站操作员：请将 HTTPS_PROXY 设为 http:// 代理，并取消指向 SOCKS 代理的 ALL_PROXY 与 HTTPS_PROXY"
            ),
            Self::Login => bi!(
                "the online operator: put the user name and password into the variable, as in \
                 HTTPS_PROXY=http://USER:PASSWORD@HOST:PORT (only Basic is supported), or have this host exempted from the login",
                "在线工作站操作员：请将用户名与密码写入变量，如 HTTPS_PROXY=http://USER:PASSWORD@HOST:PORT（仅支持 Basic），\
                 或让管理员对该主机免除登录"
            ),
            Self::Status(_) => bi!(
                "the online operator: ask the proxy's administrators to allow CONNECT to this host on port 443",
                "在线工作站操作员：请让代理管理员放行对该主机 443 端口的 CONNECT"
            ),
            Self::NoAnswer | Self::Way(_) => bi!(
                "the online operator: check the proxy that HTTPS_PROXY or ALL_PROXY names, or unset the variable if none is needed",
                "在线工作站操作员：请检查 HTTPS_PROXY 或 ALL_PROXY 指定的代理；若不需要代理，请取消设置该变量"
            ),
        }
    }
}

fn time(unix: u64) -> String {
    let time = i64::try_from(unix).ok().and_then(|s| Timestamp::from_unix(s).ok());
    time.map_or_else(|| unix.to_string(), |t| t.to_string())
}

#[cfg(test)]
mod tests {
    use keyferry_core::Explain;

    use super::super::RemoteError;
    use super::*;
    use crate::Action;

    #[test]
    fn whatever_the_action_nothing_was_done() {
        let (end, begin, now) = (1_600_000_000, 4_102_444_800, 1_700_000_000);
        let tls = [
            TlsFault::UnknownIssuer,
            TlsFault::OtherName(vec!["other.example".into()]),
            TlsFault::Expired { end, now },
            TlsFault::NotYetValid { begin, now },
            TlsFault::Certificate("x".into()),
            TlsFault::NotTls,
            TlsFault::Version,
            TlsFault::Handshake("x".into()),
        ];
        let proxy = [
            ProxyFault::Socks,
            ProxyFault::Login,
            ProxyFault::Status(403),
            ProxyFault::NoAnswer,
            ProxyFault::Way(Box::new(Unsent::Unreachable)),
        ];
        let ways =
            [Unsent::HostNotFound, Unsent::Unreachable, Unsent::Timeout, Unsent::Closed, Unsent::Other];
        let all = ways.into_iter().chain(tls.map(Unsent::Tls)).chain(proxy.map(Unsent::Proxy));
        for (way, action) in all.flat_map(|way| Action::ALL.iter().map(move |action| (way.clone(), *action)))
        {
            let error = RemoteError { action, failure: way.clone().into() };
            assert!(!error.may_be_done(), "{action} {way:?}");
            let (what, hint) = (error.what(), error.hint());
            assert!(what.en.starts_with(&format!("{action} was not sent: ")), "{}", what.en);
            assert!(
                hint.en.ends_with("nothing was done") && hint.zh.ends_with("未做任何操作"),
                "{}",
                hint.en
            );
            let said = format!("{} {}", what.en, hint.en);
            assert!(
                !["may exist", "exist already", "dead", "no answer:"].iter().any(|w| said.contains(w)),
                "{said}"
            );
            assert!(!hint.en.starts_with("run the same command again"), "{said}");
            // A fault that stays until somebody acts is not retried.
            let stays = matches!(
                way,
                Unsent::Tls(_) | Unsent::Proxy(ProxyFault::Socks | ProxyFault::Login | ProxyFault::Status(_))
            );
            assert_eq!(error.may_repeat(), !stays, "{action} {way:?}");
        }
    }

    #[test]
    fn a_certificate_and_the_clock_are_shown_together() {
        let what = TlsFault::NotYetValid { begin: 4_102_444_800, now: 1_700_000_000 }.words();
        assert!(
            what.en.contains("2100-01-01T00:00:00Z") && what.en.contains("2023-11-14T22:13:20Z"),
            "{}",
            what.en
        );
        assert!(what.en.contains("clock") && what.zh.contains("时钟"), "{}", what.zh);
    }
}
