//! Where requests go: `scheme://host[:port]` and nothing else, checked against the purpose of the ceremony.
//!
//! Refuses plain http to anything but loopback, production over http, and a rehearsal that would leave this computer.

use core::fmt;
use core::str::FromStr;
use std::net::{Ipv4Addr, Ipv6Addr};

use keyferry_core::{Bilingual, Purpose, bi, refusals};

/// A checked endpoint.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Endpoint {
    https: bool,
    /// Exactly as it stands in the Host header, port included if one was given.
    host: String,
    loopback: bool,
}

refusals! {
    /// Why an endpoint was refused. Never quotes what was typed: it might hold a password.
    #[derive(Clone, Copy, Debug, PartialEq, Eq)]
    #[non_exhaustive]
    pub enum EndpointError: Refused {
        /// Not `scheme://host[:port]`.
        Malformed => NET_ENDPOINT,
            what("the endpoint is not of the form scheme://host[:port]",
                 "接入地址不是 scheme://host[:port] 的形式"),
            hint("give only scheme, host and port, in lower case: https://kms.tencentcloudapi.com or http://127.0.0.1:PORT",
                 "只写协议、主机与端口（小写）：https://kms.tencentcloudapi.com 或 http://127.0.0.1:PORT");
        /// Plain http to another computer.
        Plain => NET_ENDPOINT,
            what("the endpoint is plain http to another computer", "接入地址是通往其他计算机的明文 http"),
            hint(use_the_service());
        /// A production ceremony over http.
        Production => NET_ENDPOINT,
            what("a production ceremony speaks https; this endpoint is http",
                 "正式仪式必须使用 https；而接入地址是 http"),
            hint(use_the_service());
        /// Another endpoint than the plan's.
        Planned => NET_ENDPOINT,
            what("the endpoint is not the one that the plan names", "接入地址不是计划中所写的地址"),
            hint("leave --endpoint and KEYFERRY_ENDPOINT out, or have the plan reviewed again with the right endpoint. Nothing \
                  was sent",
                 "请不要指定 --endpoint 与 KEYFERRY_ENDPOINT，或将计划改为正确的接入地址后重新审阅。尚未发送任何请求");
        /// Another endpoint than the session's.
        Session => NET_ENDPOINT,
            what("the endpoint is not the one that the session's parameters were fetched from",
                 "接入地址不是获取本会话参数时的地址"),
            hint("leave --endpoint and KEYFERRY_ENDPOINT out: the session knows its endpoint. Nothing was sent",
                 "请不要指定 --endpoint 与 KEYFERRY_ENDPOINT：会话中记有接入地址。尚未发送任何请求");
        /// A rehearsal against another computer.
        Rehearsal => NET_ENDPOINT,
            what("a rehearsal speaks to an emulator on this computer; this endpoint is elsewhere",
                 "演练只能连接本机上的模拟器；而接入地址不在本机"),
            hint("start `keyferry emulate` and give --endpoint http://127.0.0.1:PORT; a real key needs a plan with \
                  purpose = \"production\". Nothing was sent",
                 "请启动 `keyferry emulate` 并指定 --endpoint http://127.0.0.1:PORT；真实密钥需要 purpose = \"production\" \
                  的计划。尚未发送任何请求");
    }
}

fn use_the_service() -> Bilingual {
    bi!(
        "use https://kms.tencentcloudapi.com, or leave --endpoint and KEYFERRY_ENDPOINT out. Nothing was sent",
        "请使用 https://kms.tencentcloudapi.com，或不指定 --endpoint 与 KEYFERRY_ENDPOINT。尚未发送任何请求"
    )
}

impl Endpoint {
    /// The Host header, as it is signed and sent.
    #[must_use]
    pub fn host(&self) -> &str {
        &self.host
    }

    /// Whether requests stay on this computer.
    #[must_use]
    pub const fn is_loopback(&self) -> bool {
        self.loopback
    }

    /// Whether requests are encrypted.
    #[must_use]
    pub const fn is_https(&self) -> bool {
        self.https
    }

    /// Whether a ceremony of that purpose may speak to it.
    ///
    /// # Errors
    /// [`EndpointError`] names the rule.
    pub const fn check(&self, purpose: Option<Purpose>) -> Result<(), EndpointError> {
        match purpose {
            Some(Purpose::Production) if !self.https => Err(EndpointError::Production),
            Some(Purpose::Rehearsal) if !self.loopback => Err(EndpointError::Rehearsal),
            _ => Ok(()),
        }
    }

    /// Production imports where it fetched. In a rehearsal an emulator may have another port by then.
    ///
    /// # Errors
    /// [`EndpointError::Session`].
    pub fn check_fetched_from(&self, recorded: &Self, purpose: Purpose) -> Result<(), EndpointError> {
        match purpose {
            Purpose::Production if self != recorded => Err(EndpointError::Session),
            Purpose::Production | Purpose::Rehearsal => Ok(()),
        }
    }
}

impl FromStr for Endpoint {
    type Err = EndpointError;

    fn from_str(s: &str) -> Result<Self, EndpointError> {
        let (https, host) = match (s.strip_prefix("https://"), s.strip_prefix("http://")) {
            (Some(host), _) => (true, host),
            (_, Some(host)) => (false, host),
            _ => return Err(EndpointError::Malformed),
        };
        let loopback = is_loopback(host).ok_or(EndpointError::Malformed)?;
        if !https && !loopback {
            return Err(EndpointError::Plain);
        }
        Ok(Self { https, host: host.to_owned(), loopback })
    }
}

/// Whether `host[:port]` is loopback; `None` if it is no such text.
fn is_loopback(text: &str) -> Option<bool> {
    if let Some(rest) = text.strip_prefix('[') {
        let (address, port) = rest.split_once(']')?;
        check_port(port.strip_prefix(':').or_else(|| port.is_empty().then_some("1"))?)?;
        return address.parse::<Ipv6Addr>().ok().map(|a| a.is_loopback());
    }
    let (name, port) = text.split_once(':').unwrap_or((text, "1"));
    check_port(port)?;
    if let Ok(address) = name.parse::<Ipv4Addr>() {
        return Some(address.is_loopback());
    }
    let label = |l: &str| {
        (1..=63).contains(&l.len())
            && l.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-')
    };
    // A last label of digits, as in 127.1, is read as an address by some resolvers.
    let letters = name.rsplit('.').next().is_some_and(|l| l.bytes().any(|b| b.is_ascii_lowercase()));
    (name.len() <= 253 && letters && name.split('.').all(label)).then_some(name == "localhost")
}

/// 1 to 65535 in plain digits.
fn check_port(text: &str) -> Option<()> {
    let port: u16 = text.parse().ok()?;
    (port > 0 && port.to_string() == text).then_some(())
}

impl fmt::Display for Endpoint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}://{}", if self.https { "https" } else { "http" }, self.host)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn parse(s: &str) -> Result<Endpoint, EndpointError> {
        s.parse()
    }

    #[test]
    fn production_imports_where_it_fetched() {
        let [one, other] = ["https://kms.tencentcloudapi.com", "https://kms.internal.tencentcloudapi.com"]
            .map(|text| parse(text).unwrap());
        assert_eq!(one.check_fetched_from(&one, Purpose::Production), Ok(()));
        assert_eq!(one.check_fetched_from(&other, Purpose::Production), Err(EndpointError::Session));
        assert_eq!(one.check_fetched_from(&other, Purpose::Rehearsal), Ok(()));
    }

    #[test]
    fn what_passes_and_for_which_purpose() {
        let (production, rehearsal) = (Some(Purpose::Production), Some(Purpose::Rehearsal));
        let real = parse("https://kms.tencentcloudapi.com").unwrap();
        assert_eq!((real.check(production), real.check(None)), (Ok(()), Ok(())));
        assert_eq!(real.check(rehearsal), Err(EndpointError::Rehearsal));
        for local in [
            "http://127.0.0.1:8080",
            "http://127.9.9.9",
            "http://[::1]:1",
            "http://localhost:65535",
            "http://[::1]",
        ] {
            let endpoint = parse(local).unwrap();
            assert!(endpoint.is_loopback() && !endpoint.is_https());
            assert_eq!(endpoint.check(rehearsal), Ok(()), "{local}");
            assert_eq!(endpoint.check(production), Err(EndpointError::Production), "{local}");
            assert_eq!(endpoint.to_string(), local);
        }
        assert_eq!(parse("https://127.0.0.1:8443").unwrap().check(rehearsal), Ok(()));
    }

    #[test]
    fn what_is_refused() {
        for plain in [
            "http://kms.tencentcloudapi.com",
            "http://10.0.0.1",
            "http://127.0.0.1.evil.com",
            "http://localhost.evil.com",
            "http://[::ffff:127.0.0.1]",
            "http://0.0.0.0:80",
        ] {
            assert_eq!(parse(plain), Err(EndpointError::Plain), "{plain}");
        }
        for bad in [
            "",
            "https://",
            "ftp://127.0.0.1",
            "127.0.0.1:80",
            "https://a.com/",
            "https://a.com?x",
            "https://a.com#x",
            "http://127.0.0.1@evil.com",
            "https://user:pass@a.com",
            "https://a.com:0",
            "https://a.com:080",
            "https://a.com:65536",
            "https://A.com",
            "https://a..com",
            "http://127.1",
            "http://2130706433",
            "http://[::1",
            "http://[::1]x",
            "https://a.com\r\nX: y",
        ] {
            assert_eq!(parse(bad), Err(EndpointError::Malformed), "{bad}");
        }
    }

    proptest! {
        #[test]
        fn no_text_panics(s in "(https?://)?\\PC{0,40}") {
            if let Ok(endpoint) = parse(&s) {
                prop_assert_eq!(endpoint.to_string(), s);
            }
        }
    }
}
