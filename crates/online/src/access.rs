//! The faults that would stop a ceremony at the service. `check-access` finds them before the day of the ceremony.
//!
//! The provider tries each of its actions with a request that changes nothing ([`Service::probe`](crate::Service::probe)). It is not
//! known whether the service checks the caller's right before the request's content: if it refuses the content, the right is likely
//! but not proved.

use core::fmt;

use keyferry_core::provider::KeyKind;
use keyferry_core::{Alias, Bilingual, Region, bi, refusals};

/// Actions, displayed as a list with commas; `{:#}` uses the Chinese comma.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Actions(pub Vec<&'static str>);

impl fmt::Display for Actions {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0.join(if f.alternate() { "、" } else { ", " }))
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
                 "这些凭证没有调用 {actions:#} 的权限，而仪式需要这些权限。未更改任何内容"),
            hint("have the account's administrator grant exactly these actions, then run check-access again. If the policy names single keys, \
                  this answer proves nothing, because most requests name a key that does not exist: try a throw-away key (runbook step 3)",
                 "请云账号管理员只授予这些操作的权限，然后重新运行 check-access。若策略限定了具体密钥，则此结果不能说明问题：\
                  大多数请求使用的是不存在的密钥。此时请用一次性密钥试做（操作手册步骤 3）");
        /// The answers do not show whether the credentials have rights that the ceremony needs.
        Unknown {
            /// The actions whose rights are unknown.
            actions: Actions,
            /// How the first of these requests ended.
            how: String,
        } => ACCESS, class(Remote),
            what("it is not known whether these credentials may call {actions}: the first answer was {how}. Nothing was changed",
                 "尚不清楚这些凭证能否调用 {actions:#}：第一个回答是 {how}。未更改任何内容"),
            hint("run check-access again; if the answer stays the same, look it up in the runbook (S4 to S8), and try a throw-away key",
                 "请重新运行 check-access；若结果相同，请查阅操作手册（S4 至 S8），并用一次性密钥试做");
        /// The service does not list a region of the plan, or refuses it.
        Region(region: Region) => ACCESS,
            what("the service does not serve {region}", "服务端不提供 {region} 地域"),
            hint("correct the region in the plan, or use the endpoint of the site where the account is (China and international are separate)",
                 "请更正计划中的地域，或改用账号所在网站的接入地址（国内站与国际站互相独立）");
        /// The account has not activated the service, or the service is not running.
        Off(region: Region) => ACCESS,
            what("the service says that KMS is not enabled for this account in {region}", "服务端称该账号在 {region} 未开通 KMS"),
            hint("have the account's administrator enable KMS in the console, then run check-access again",
                 "请云账号管理员在控制台开通 KMS，然后重新运行 check-access");
        /// The station's clock and the service's differ.
        Clock {
            /// The difference in seconds.
            by: u64,
            /// Ahead or behind.
            way: Bilingual,
        } => ACCESS,
            what("this computer's clock is {by} s {way} the service's; the service refuses requests that are more than 300 s off",
                 "本机时钟比服务端{way} {by} 秒；相差超过 300 秒时服务端会拒绝请求", both way = way.clone()),
            hint("set the clock (UTC), then run check-access again", "请校准时钟（UTC），然后重新运行 check-access");
        /// A key has a different edition from the one in the plan.
        Edition {
            /// The key.
            alias: Alias,
            /// The edition that the service reports.
            found: &'static KeyKind,
            /// The plan's kind.
            plan: &'static str,
        } => PARAM_EDITION,
            what("key {alias} belongs to the {found} edition; the plan says {plan}", "密钥 {alias} 属于 {found} 版本；计划中是 {plan}",
                 found = found.name),
            hint("correct the key's kind in the plan, and have the plan reviewed again", "请更正计划中该密钥的 kind，并重新审阅计划");
        /// The service created a key from a request that it should have refused.
        Created {
            /// The region of the new key.
            region: Region,
            /// The new key.
            key_id: String,
        } => ACCESS,
            what("the service created key {key_id} in {region} from a request that it should have refused",
                 "服务端本应拒绝请求，却在 {region} 创建了密钥 {key_id}"),
            hint("have this key deleted (`keyferry-online schedule-deletion`), and report it to the authors of keyferry",
                 "请删除该密钥（`keyferry-online schedule-deletion`），并告知 keyferry 的作者");
    }
}

impl AccessError {
    /// The largest accepted difference between the clocks, in seconds.
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
    fn the_clock_may_differ_by_a_minute() {
        for fine in [0, 60, -60] {
            assert_eq!(AccessError::check_clock(fine), Ok(()));
        }
        let said = |ahead| AccessError::check_clock(ahead).unwrap_err().what();
        assert!(said(61).en.contains("61 s behind the service's") && said(61).zh.contains("慢 61 秒"));
        assert!(said(-3600).en.contains("3600 s ahead of the service's"), "{}", said(-3600).en);
    }
}
