//! Consent: people compare the files of a run with the paper, or a script passes the digests instead. Until then nothing is sent.

use keyferry_core::plan::PLAN_FILE;
use keyferry_core::transcript::Means;
use keyferry_core::{Bilingual, CeremonyPlan, Event, Fingerprint, bi};
use keyferry_transport::Console;

use crate::Error;
use crate::context::Context;
pub use crate::error::OtherPlan;
use crate::record::Found;

/// The digests that a script passed in place of an answer.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Given {
    /// Digest of the file that is compared.
    pub(crate) digest: Option<Fingerprint>,
    /// Head of the record that is found.
    pub(crate) head: Option<Fingerprint>,
}

impl Given {
    /// Checks that the record has the head that was given, if one was given.
    ///
    /// # Errors
    /// [`HeadError::Expected`](crate::HeadError::Expected) or [`HeadError::Missing`](crate::HeadError::Missing).
    pub(crate) fn check_head(self, found: &Found) -> Result<(), Error> {
        self.head.map_or(Ok(()), |expected| Ok(found.check_head(expected)?))
    }

    /// A digest that a script passes must match the file that was found (`check` compares them); without a digest, people are asked.
    ///
    /// # Errors
    /// The error of `check`, [`HeadError`](crate::HeadError), or [`NoConsent`](keyferry_transport::console::NoConsent).
    pub(crate) fn agree(
        self,
        found: &Found,
        check: impl FnOnce(Fingerprint) -> Result<(), Error>,
        question: &Bilingual,
        console: &Console,
    ) -> Result<Means, Error> {
        self.check_head(found)?;
        let Some(expected) = self.digest else { return Ok(console.confirm(question)?) };
        check(expected)?;
        found.check_given(self.head)?;
        Ok(Means::Option)
    }
}

/// The line that says that the plan was compared.
pub(crate) fn confirmed(plan: &CeremonyPlan) -> Event {
    Event::Confirmed { file: PLAN_FILE.to_owned(), sha256: plan.digest() }
}

/// The consent of `create-key` and `export`: people compare the plan, and the record that lines will be added to.
///
/// # Errors
/// [`Error`] if something differs or nobody compared it.
pub(crate) fn agree_on_plan(
    context: &Context,
    plan: &CeremonyPlan,
    found: &Found,
    given: Given,
) -> Result<Means, Error> {
    let (console, digest) = (context.console(), plan.digest());
    console.say(&bi!(
        "\n  COMPARE with the paper, before anything is sent.",
        "\n  请在发送任何内容之前与纸上的内容核对。"
    ));
    console.hex(&bi!("plan", "计划"), &digest);
    found.show_head(&plan.word_languages(), console);
    if found.is_interrupted() {
        console.say(&bi!(
            "  An earlier run at this station did not finish, and nobody wrote down the head that it left. If the record has been out of \
             your sight since then, answer No, and move it away.",
            "  本工作站先前的一次运行没有完成，其链尾摘要没有人写下。若此后记录曾离开视线，请回答 No，并移走该记录。"
        ));
    }
    let check = |expected| match expected {
        expected if expected == digest => Ok(()),
        expected => Err(OtherPlan { found: digest, expected }.into()),
    };
    let question = match found.head() {
        Some(_) => bi!(
            "Are the plan's digest and the head of the record those on the paper?  type Yes:",
            "计划的摘要与记录的链尾摘要是否都与纸上一致？请输入 Yes："
        ),
        None => bi!(
            "Is the plan's digest the one on the paper?  type Yes:",
            "计划的摘要是否与纸上一致？请输入 Yes："
        ),
    };
    given.agree(found, check, &question, console)
}
