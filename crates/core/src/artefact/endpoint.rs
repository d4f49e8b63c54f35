//! Where requests go: `scheme://host[:port]` and nothing else, checked against the ceremony's purpose and plan.
//!
//! Refuses plain http to anything but loopback, production over http, a rehearsal that would leave this computer, and production to a
//! host that is neither the provider's nor the plan's. Plans and the online station share this one rule.

use core::fmt;
use core::net::{Ipv4Addr, Ipv6Addr};
use core::str::FromStr;

use crate::provider::endpoints;
use crate::{Bilingual, Provider, Purpose, bi, refusals};

/// A checked endpoint.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Endpoint {
    https: bool,
    /// Exactly as in the Host header, with the port if one was given.
    host: String,
    loopback: Option<Loopback>,
}

/// A host that is this computer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Loopback {
    /// `localhost`: 127.0.0.1 and ::1, whatever a resolver says.
    Name,
    /// A literal IPv4 address.
    V4(Ipv4Addr),
    /// A literal IPv6 address.
    V6(Ipv6Addr),
}

refusals! {
    /// Why an endpoint was refused. The text never quotes what was typed, because it might contain a
    /// password.
    #[derive(Clone, Copy, Debug, PartialEq, Eq)]
    #[non_exhaustive]
    pub enum EndpointError: Refused {
        /// Not `scheme://host[:port]`.
        Malformed => NET_ENDPOINT,
            what("the endpoint does not have the form scheme://host[:port]",
                 "接入地址不是 scheme://host[:port] 的形式"),
            hint(the_form());
        /// Plain http to another computer.
        Plain => NET_ENDPOINT,
            what("the endpoint is plain http to another computer", "接入地址是通往其他计算机的明文 http"),
            hint(use_the_service());
        /// A production ceremony over http.
        Production => NET_ENDPOINT,
            what("a production ceremony speaks https; this endpoint is http",
                 "正式仪式必须使用 https；而接入地址是 http"),
            hint(use_the_service());
        /// Not the plan's endpoint.
        Planned => NET_ENDPOINT,
            what("the endpoint is not the one that the plan names", "接入地址不是计划中所写的地址"),
            hint("leave --endpoint and KEYFERRY_ENDPOINT out, or have the plan reviewed again with the right endpoint. Nothing \
                  was sent",
                 "请不要指定 --endpoint 与 KEYFERRY_ENDPOINT，或将计划改为正确的接入地址后重新审阅。尚未发送任何请求");
        /// In production, neither the provider's nor the plan's.
        Elsewhere => NET_ENDPOINT,
            what("a production ceremony speaks to the provider's own hosts, or to the host that the plan names; this endpoint is \
                  neither",
                 "正式仪式只连接服务商自己的主机，或计划写明的主机；该接入地址两者都不是"),
            hint("leave --endpoint and KEYFERRY_ENDPOINT out. If the service is reached under another name, write it into the plan as \
                  endpoint = \"https://…\" and have the plan reviewed again; `import` then needs --plan. Nothing was sent",
                 "请不要指定 --endpoint 与 KEYFERRY_ENDPOINT。若须以其他主机名访问服务，请在计划中写明 endpoint = \"https://…\" 并重新审阅；\
                  `import` 此时需要 --plan。尚未发送任何请求");
        /// In production, a host that only the plan names, although nobody compared the plan.
        Uncompared => NET_ENDPOINT,
            what("the plan names an endpoint that is not the provider's, and this command does not ask anybody to compare the plan",
                 "计划写明的接入地址不是服务商的主机，而本命令不会请人核对计划"),
            hint("compare the plan's digest with the reviewed one; if it is the same, give the plan's endpoint with --endpoint as well. Nothing was \
                  sent",
                 "请将计划的摘要与审阅过的核对；若一致，请同时用 --endpoint 给出计划中的接入地址。尚未发送任何请求");
        /// Not the session's endpoint.
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

fn the_form() -> Bilingual {
    let services = endpoints();
    bi!(
        "give only scheme, host and port, in lower case: {services} or http://127.0.0.1:PORT",
        "只写协议、主机与端口（小写）：{services} 或 http://127.0.0.1:PORT"
    )
}

fn use_the_service() -> Bilingual {
    let services = endpoints();
    bi!(
        "use {services}, or leave --endpoint and KEYFERRY_ENDPOINT out. Nothing was sent",
        "请使用 {services}，或不指定 --endpoint 与 KEYFERRY_ENDPOINT。尚未发送任何请求"
    )
}

impl Endpoint {
    /// The Host header, exactly as signed and sent.
    #[must_use]
    pub fn host(&self) -> &str {
        &self.host
    }

    /// Whether requests stay on this computer.
    #[must_use]
    pub const fn is_loopback(&self) -> bool {
        self.loopback.is_some()
    }

    /// Which loopback address it is; `None` if it is another computer.
    #[must_use]
    pub const fn loopback(&self) -> Option<Loopback> {
        self.loopback
    }

    /// The host, without a port.
    #[must_use]
    pub fn name(&self) -> &str {
        let (name, port) = self.host.rsplit_once(':').unwrap_or((&self.host, ""));
        // A colon within brackets belongs to an IPv6 address.
        if port.ends_with(']') { &self.host } else { name }
    }

    /// Whether requests are encrypted.
    #[must_use]
    pub const fn is_https(&self) -> bool {
        self.https
    }

    /// Checks that a ceremony with this purpose may send requests to this endpoint.
    ///
    /// # Errors
    /// [`EndpointError`] names the rule.
    pub const fn check(&self, purpose: Option<Purpose>) -> Result<(), EndpointError> {
        match purpose {
            Some(Purpose::Production) if !self.https => Err(EndpointError::Production),
            Some(Purpose::Rehearsal) if self.loopback.is_none() => Err(EndpointError::Rehearsal),
            _ => Ok(()),
        }
    }

    /// Checks that the host is one of the provider's.
    ///
    /// # Errors
    /// [`EndpointError::Elsewhere`].
    pub fn check_provider(&self, provider: Provider) -> Result<(), EndpointError> {
        let name = self.name();
        let within = |suffix: &&str| {
            name.strip_suffix(*suffix).is_some_and(|rest| rest.is_empty() || rest.ends_with('.'))
        };
        let known = provider.facts().hosts.iter().any(within);
        if known { Ok(()) } else { Err(EndpointError::Elsewhere) }
    }

    /// In production, the import must use the endpoint that the parameters were fetched from. In a rehearsal,
    /// the emulator may have another port by the time of the import.
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
        let loopback = loopback(host).ok_or(EndpointError::Malformed)?;
        if !https && loopback.is_none() {
            return Err(EndpointError::Plain);
        }
        Ok(Self { https, host: host.to_owned(), loopback })
    }
}

/// Whether `host[:port]` is this computer; `None` if the text has another form.
fn loopback(text: &str) -> Option<Option<Loopback>> {
    if let Some(rest) = text.strip_prefix('[') {
        let (address, port) = rest.split_once(']')?;
        check_port(port.strip_prefix(':').or_else(|| port.is_empty().then_some("1"))?)?;
        let address = address.parse::<Ipv6Addr>().ok()?;
        return Some(address.is_loopback().then_some(Loopback::V6(address)));
    }
    let (name, port) = text.split_once(':').unwrap_or((text, "1"));
    check_port(port)?;
    if let Ok(address) = name.parse::<Ipv4Addr>() {
        return Some(address.is_loopback().then_some(Loopback::V4(address)));
    }
    is_name(name).then(|| (name == "localhost").then_some(Loopback::Name))
}

fn is_name(name: &str) -> bool {
    let label = |l: &str| {
        (1..=63).contains(&l.len())
            && l.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-')
    };
    // Some resolvers read a name whose last label is all digits, such as 127.1, as an address.
    let letters = name.rsplit('.').next().is_some_and(|l| l.bytes().any(|b| b.is_ascii_lowercase()));
    name.len() <= 253 && letters && name.split('.').all(label)
}

/// A port from 1 to 65535, in plain digits.
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
    use crate::CeremonyPlan;
    use crate::provider::sample_names::{ENDPOINT, sample};

    fn parse(s: &str) -> Result<Endpoint, EndpointError> {
        s.parse()
    }

    #[test]
    fn production_imports_where_it_fetched() {
        let [one, other] =
            [ENDPOINT, concat!("https://kms.internal.", sample!(host))].map(|text| parse(text).unwrap());
        assert_eq!(one.check_fetched_from(&one, Purpose::Production), Ok(()));
        assert_eq!(one.check_fetched_from(&other, Purpose::Production), Err(EndpointError::Session));
        assert_eq!(one.check_fetched_from(&other, Purpose::Rehearsal), Ok(()));
    }

    #[test]
    fn what_passes_and_for_which_purpose() {
        let (production, rehearsal) = (Some(Purpose::Production), Some(Purpose::Rehearsal));
        let real = parse(ENDPOINT).unwrap();
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
            concat!("http://kms.", sample!(host)),
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

    /// A plan with that purpose and that endpoint.
    fn plan(purpose: &str, endpoint: Option<&str>) -> CeremonyPlan {
        let endpoint = endpoint.map_or_else(String::new, |e| format!("endpoint = \"{e}\"\n"));
        let text = format!(
            "format = \"keyferry/plan/2\"\nceremony = \"c\"\npurpose = \"{purpose}\"\n{endpoint}\
             [[participant]]\nname = \"A\"\nrole = \"operator\"\n[[participant]]\nname = \"B\"\nrole = \"witness\"\n\
             [[key]]\nalias = \"k\"\nprovider = \"{}\"\nregion = \"{}\"\nvalid_to = \"never\"\n\
             [backup]\nscheme = \"none\"\nreason = \"test\"\n",
            sample!(provider),
            sample!(region),
        );
        CeremonyPlan::parse(text.as_bytes()).unwrap()
    }

    #[test]
    fn production_speaks_to_the_provider_or_to_the_plan_s_endpoint() {
        let open = plan("production", None);
        for good in [
            ENDPOINT,
            concat!("https://kms.ap-singapore.", sample!(host), ":443"),
            concat!("https://kms.internal.", sample!(host)),
        ] {
            assert_eq!(parse(good).unwrap().check_plan(&open), Ok(()), "{good}");
        }
        for bad in [
            "https://kms.example",
            concat!("https://evil", sample!(host)),
            concat!("https://", sample!(host), ".evil.example"),
            concat!("https://kms.", sample!(host), ".cn"),
            "https://127.0.0.1:8443",
            "https://localhost",
            "https://[::1]:443",
            "https://10.0.0.1",
        ] {
            assert_eq!(parse(bad).unwrap().check_plan(&open), Err(EndpointError::Elsewhere), "{bad}");
        }
        let named = plan("production", Some("https://kms.example:8443"));
        assert_eq!(parse("https://kms.example:8443").unwrap().check_plan(&named), Ok(()));
        for other in ["https://kms.example", ENDPOINT] {
            assert_eq!(parse(other).unwrap().check_plan(&named), Err(EndpointError::Planned), "{other}");
        }
        let practice = plan("rehearsal", None);
        assert_eq!(parse("http://127.0.0.1:1").unwrap().check_plan(&practice), Ok(()));
        assert_eq!(parse(KMS).unwrap().check_plan(&practice), Err(EndpointError::Rehearsal));
        let local = plan("production", Some("http://127.0.0.1:1"));
        assert_eq!(parse("http://127.0.0.1:1").unwrap().check_plan(&local), Err(EndpointError::Production));
    }

    const KMS: &str = ENDPOINT;

    #[test]
    fn the_name_has_no_port() {
        for (text, name) in [
            (KMS, concat!("kms.", sample!(host))),
            ("https://a.example:1", "a.example"),
            ("http://[::1]:1", "[::1]"),
            ("http://[::1]", "[::1]"),
            ("http://127.0.0.1:9", "127.0.0.1"),
        ] {
            assert_eq!(parse(text).unwrap().name(), name);
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
