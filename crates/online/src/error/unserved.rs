//! Why a provider's service cannot be used: this program does not support it.

use keyferry_core::{Provider, refusals};

refusals! {
    /// This program supports no service of that provider.
    #[derive(Clone, Copy, Debug, PartialEq, Eq)]
    pub struct Unserved(pub provider: Provider): Refused => PLAN_READY,
        what("this program does not support the provider {provider}", "本程序不支持云服务商 {provider}"),
        hint("use a version of keyferry-online that has this provider; if the plan names the wrong one, correct provider in the plan and have \
              it reviewed again. Nothing was sent",
             "请使用支持该云服务商的 keyferry-online 版本；若计划写错了云服务商，请更正 provider 并重新审阅计划。尚未发送任何请求");
}
