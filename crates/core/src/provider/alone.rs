//! Checks that all keys of a ceremony belong to one provider, because a ceremony has one endpoint and one set of credentials.

use super::Provider;
use crate::refusals;

refusals! {
    /// The keys of one ceremony belong to two providers.
    #[derive(Clone, Copy, Debug, PartialEq, Eq)]
    pub struct SeveralProviders {
        /// The provider of the first key.
        pub first: Provider,
        /// The provider of a later key.
        pub other: Provider,
    }: Refused => PLAN_READY,
        what("the keys of this ceremony belong to two providers, {first} and {other}; a ceremony uses only one provider",
             "本次仪式的密钥分属 {first} 与 {other} 两个云服务商；一次仪式只使用一个云服务商的服务"),
        hint("write a plan for each provider, have each one reviewed, and hold a ceremony for each. Nothing was sent",
             "请为每个云服务商各写一份计划，分别审阅，并分别举行仪式。尚未发送任何请求");
}

impl SeveralProviders {
    /// The first key that does not belong to the provider of the first key in the list, with its position.
    pub(crate) fn find(mut all: impl Iterator<Item = Provider>) -> Option<(usize, Self)> {
        let first = all.next()?;
        let (place, other) = (1..).zip(all).find(|(_, other)| *other != first)?;
        Some((place, Self { first, other }))
    }
}

/// The provider of all these keys; `None` if there is no key.
pub(crate) fn alone(
    all: impl Iterator<Item = Provider> + Clone,
) -> Result<Option<Provider>, SeveralProviders> {
    SeveralProviders::find(all.clone()).map_or_else(|| Ok(all.clone().next()), |(_, several)| Err(several))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::plan::Judgement;
    use crate::provider::{sample_names::sample, toy};
    use crate::{CeremonyPlan, Control, Explain, PlanError, Timestamp};

    /// A plan with one key from each of two providers, in this order.
    fn two(first: &str, second: &str) -> String {
        format!(
            "format = \"keyferry/plan/2\"\nceremony = \"two\"\npurpose = \"rehearsal\"\n{first}{second}\
             [backup]\nscheme = \"none\"\nreason = \"test\"\n"
        )
    }

    const OURS: &str = concat!(
        "[[key]]\nalias = \"k\"\nprovider = \"",
        sample!(provider),
        "\"\nregion = \"",
        sample!(region),
        "\"\nvalid_to = \"never\"\n"
    );
    const TOY: &str =
        "[[key]]\nalias = \"alias/k\"\nprovider = \"toy\"\nregion = \"moon\"\nvalid_to = \"never\"\n";

    #[test]
    fn a_ceremony_has_one_provider() {
        let now = Timestamp::from_unix(1_795_000_000).unwrap();
        let toy: Provider = toy::FACTS.id.parse().unwrap();
        let ours: Provider = sample!(provider).parse().unwrap();
        for (text, first, other) in [(two(OURS, TOY), ours, toy), (two(TOY, OURS), toy, ours)] {
            let several = SeveralProviders { first, other };
            // A record with such a plan can still be read; only a program that sends something checks this.
            let plan = CeremonyPlan::parse(text.as_bytes()).unwrap();
            assert_eq!(plan.provider(), Err(PlanError::Providers(several)));
            let judged = Judgement::of(text.as_bytes(), now);
            let found: Vec<_> = judged.errors().map(|f| (f.why.clone(), f.control(), f.line)).collect();
            assert_eq!(found, [(several.into(), Control::PLAN_READY, 11)]);
        }
        let text = two(TOY, "");
        assert_eq!(CeremonyPlan::parse(text.as_bytes()).unwrap().provider(), Ok(toy));
        assert_eq!(Judgement::of(text.as_bytes(), now).errors().count(), 0);
    }
}
