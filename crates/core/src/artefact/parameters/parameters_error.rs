//! Why parameters, or one key's entry in them, were refused.

use crate::provider::KeyKind;
use crate::{
    Alias, Bilingual, CeremonyId, Fingerprint, KeyId, MaterialLength, PlanError, Provider, Purpose, Region,
    Span, Timestamp, WrappingAlgorithm, WrappingKeyError, bi, refusals,
};

refusals! {
    /// Why parameters, or one key's entry in them, were refused.
    #[derive(Clone, Debug, PartialEq, Eq)]
    #[non_exhaustive]
    #[allow(missing_docs)] // `found` and `plan` are the two sides of each comparison.
    pub enum ParametersError: Refused {
        /// A rehearsal's parameters in production, or the reverse.
        Purpose { found: Purpose, plan: Purpose } => PARAM_PURPOSE,
            what("these parameters belong to a {found}; the plan is for a {plan}",
                 "这些参数属于{found}；而计划用于{plan}", both found = found.name(), plan = plan.name()),
            hint("rehearsal and production use separate media: bring the parameters that belong to this plan",
                 "演练与正式仪式使用不同的介质：请取来属于本计划的参数");
        /// They belong to another ceremony.
        Ceremony { found: CeremonyId, plan: CeremonyId } => PARAM_CEREMONY,
            what("these parameters belong to ceremony {found}; the plan belongs to {plan}",
                 "这些参数属于仪式 {found}；而计划属于 {plan}"),
            hint(use_the_same_plan());
        /// They were fetched under another plan.
        Plan { found: Fingerprint, plan: Fingerprint } => PARAM_PLAN,
            what("these parameters were fetched under the plan {found}; this plan is {plan}",
                 "这些参数是按计划 {found} 获取的；当前计划是 {plan}"),
            hint(use_the_same_plan());
        /// They have version 1, and the plan has version 2.
        Version => PARAM_PLAN,
            what("these parameters have the format keyferry/parameters/1; the plan has the format keyferry/plan/2",
                 "这些参数的格式是 keyferry/parameters/1；而计划的格式是 keyferry/plan/2"),
            hint(use_the_same_plan());
        /// A key is not in the plan, or not in the plan's order.
        UnknownKey(alias: Alias) => PARAM_KEY,
            what("key {alias} is not in the plan, or not in the plan's order",
                 "密钥 {alias} 不在计划中，或顺序与计划不符"),
            hint(find_the_wrong_file());
        /// The alias is the plan's, but the key id is not.
        KeyId { found: KeyId, plan: KeyId } => PARAM_KEY,
            what("these parameters are for key id {found}; the plan says {plan}",
                 "这些参数属于密钥 {found}；计划中是 {plan}"),
            hint(find_the_wrong_file());
        /// They come from another provider.
        Provider { found: Provider, plan: Provider } => PARAM_REGION,
            what("these parameters come from the provider {found}; the plan says {plan}",
                 "这些参数属于云服务商 {found}；计划中是 {plan}"),
            hint(find_the_wrong_file());
        /// They come from another region.
        Region { found: Region, plan: Region } => PARAM_REGION,
            what("these parameters come from {found}; the plan says {plan}",
                 "这些参数来自 {found}；计划中是 {plan}"),
            hint(find_the_wrong_file());
        /// They were fetched for another algorithm.
        Algorithm { found: WrappingAlgorithm, plan: WrappingAlgorithm } => PARAM_ALGORITHM,
            what("these parameters are for {found}; the plan says {plan}", "这些参数用于 {found}；计划中是 {plan}"),
            hint(find_the_wrong_file());
        /// The service reports a different kind of key than the plan.
        Length { kind: &'static KeyKind, plan: MaterialLength } => PARAM_EDITION,
            what("the region's edition ({edition}) takes {takes}; the plan says {plan}",
                 "该地域的版本（{edition}）要求 {takes:#}；计划给出的是 {plan:#}", edition = kind.name, takes = kind.material.length),
            hint("if the region really runs that edition, write `kind = \"{edition}\"` for this key in the plan and have it reviewed",
                 "如果该地域确实是此版本，请在计划中为该密钥写明 `kind = \"{edition}\"` 并重新审阅", edition = kind.name);
        /// Expired.
        Expired { ago: Span, now: Timestamp } => PARAM_EXPIRED,
            what("these parameters expired {ago} ago (time taken as {now})",
                 "这些参数已过期 {ago:#}（以 {now} 为当前时间）"),
            hint("run `keyferry-online export` again and bring the new parameters.json; nothing was generated. \
                  If this clock is wrong, give the right time with --now",
                 "请重新运行 `keyferry-online export` 并带来新的 parameters.json；尚未生成任何密钥材料。\
                  若本机时钟有误，请用 --now 给出正确时间");
        /// They claim to be valid for longer than this provider allows, or to have expired before they were
        /// fetched.
        Life { fetched_at: Timestamp, expires_at: Timestamp, longest: Option<Span> } => PARAM_EXPIRED,
            what("these parameters were fetched at {fetched_at} and state that they expire at {expires_at}; expected {expected}",
                 "这些参数于 {fetched_at} 获取，却写明在 {expires_at} 过期；应为{expected}", both expected = expected_life(*longest)),
            hint("stop: these parameters do not come from the service, or a clock is wrong. Set the online station's clock correctly and \
                export again; if the error remains, find out who is answering in the service's place",
                 "停止：这些参数并非服务端所给，或某处时钟有误。请校准在线工作站的时钟并重新导出；若仍如此，请查明是谁在代替服务端应答");
        /// Too little time left.
        TimeLeft { left: Span, minimum: Span } => PARAM_TIME_LEFT,
            what("these parameters have {left} left; the plan asks for at least {minimum}",
                 "这些参数还剩 {left:#}；计划要求至少 {minimum:#}"),
            hint("run `keyferry-online export` again for a fresh 24 hours; nothing was generated",
                 "请重新运行 `keyferry-online export` 以获得新的 24 小时；尚未生成任何密钥材料");
        /// The clock shows a time before the fetch.
        Clock { now: Timestamp, fetched_at: Timestamp } => PARAM_CLOCK,
            what("the clock says {now}, which is before these parameters were fetched ({fetched_at})",
                 "时钟显示 {now}，早于参数的获取时间（{fetched_at}）"),
            hint("this machine's clock is wrong: give the right time with --now, as read aloud and witnessed",
                 "本机时钟有误：请用 --now 给出经宣读并见证的正确时间");
        /// The digest differs from the one given for comparison.
        Digest { found: Fingerprint, expected: Fingerprint } => PARAM_DIGEST,
            what("the digest of these parameters is {found}; expected {expected}",
                 "这些参数的摘要是 {found}；应为 {expected}"),
            hint("stop: what arrived is not what left. Copy parameters.json again and compare with the online station",
                 "停止：收到的与发出的不一致。请重新复制 parameters.json 并与在线工作站核对");
        /// The wrapping key is not acceptable.
        WrappingKey(e: WrappingKeyError) => (e.control()), what(e.what()), hint(e.hint());
        /// The key's entry in the plan is incomplete.
        Incomplete(e: PlanError) => (e.control()), what(e.what()), hint(e.hint());
    }
}

fn expected_life(longest: Option<Span>) -> Bilingual {
    match longest {
        Some(span) => bi!("at most {span} later", "至多 {span:#} 之后"),
        None => bi!("a later time", "更晚的时间"),
    }
}

fn use_the_same_plan() -> Bilingual {
    bi!(
        "use the same plan.toml on both stations (compare `sha256sum`), or export again under this plan",
        "两台工作站必须使用同一份 plan.toml（用 `sha256sum` 核对），否则请按本计划重新导出"
    )
}

fn find_the_wrong_file() -> Bilingual {
    bi!(
        "stop and find out which file is wrong; then export again under the reviewed plan",
        "停止，查明哪一份文件有误；然后按审阅过的计划重新导出"
    )
}

impl From<WrappingKeyError> for ParametersError {
    fn from(e: WrappingKeyError) -> Self {
        Self::WrappingKey(e)
    }
}

impl From<PlanError> for ParametersError {
    fn from(e: PlanError) -> Self {
        Self::Incomplete(e)
    }
}
