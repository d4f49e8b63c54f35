//! What `import` requires before it sends: a session that the journal knows, and files that people compared with the offline station.
//!
//! The ciphertext and its record come from a medium. An interrupted run has not made them more trustworthy, so each run asks again.

use std::path::Path;

use keyferry_core::transcript::Means;
use keyferry_core::{
    CeremonyPlan, CiphertextError, Lang, ParametersError, Purpose, Session, Station, Story, bi,
};

use super::run::{Run, transcript};
use crate::command::export::known;
use crate::consent::Given;
use crate::context::Context;
use crate::journal::{Journal, Known};
use crate::{Error, HeadError, JournalError};

/// Checks that this station fetched every token of the session, with the session's wrapping key, for this ceremony. Later fetches are
/// reported key by key.
pub(super) fn check_known(session: &Session, journal: &Journal) -> Result<(), Error> {
    let ceremony = &session.parameters.ceremony;
    for entry in &session.parameters.keys {
        if known(journal, entry, ceremony)?.0 == Known::Never {
            return Err(JournalError::Unknown(entry.key_id.clone()).into());
        }
    }
    Ok(())
}

/// The plan that the session was fetched under.
pub(super) fn plan_of(context: &Context, path: &Path, session: &Session) -> Result<CeremonyPlan, Error> {
    let (plan, _) = context.plan(path)?;
    let (found, digest) = (session.parameters.plan_sha256, plan.digest());
    if found == digest { Ok(plan) } else { Err(ParametersError::Plan { found, plan: digest }.into()) }
}

impl Run<'_> {
    /// The record that came back, with the words of its head.
    pub(super) fn show_found(&self) {
        self.found.show(self.context.console(), &transcript(self.args));
        self.found.show_head(&Lang::BOTH, self.context.console());
    }

    /// People compare the words of the ciphertext and the record, or a script passes the digest.
    pub(super) fn agree(&self) -> Result<Means, Error> {
        let found = self.digest;
        let given = Given { digest: self.args.expect_digest, head: self.args.expect_head };
        given.check_head(&self.found)?;
        self.check_last()?;
        if given.digest.is_none() {
            self.say_why_again();
        }
        let check = |expected| match expected {
            expected if expected == found => Ok(()),
            expected => Err(CiphertextError::Digest { found, expected }.into()),
        };
        let question = match self.found.chain() {
            Some(_) => bi!(
                "Do the words of digest and head match what the offline station showed?  type Yes:",
                "摘要与链尾摘要的词语，都与离线工作站显示的一致吗？请输入 Yes："
            ),
            None => bi!(
                "Do these words match what the offline station showed?  type Yes:",
                "这些词语与离线工作站显示的一致吗？请输入 Yes："
            ),
        };
        given.agree(&self.found, check, &question, self.context.console())
    }

    /// A later run's ciphertext supersedes an earlier one, and only the record shows which is the later one. In a rehearsal, the record
    /// may be missing, or may name no ciphertext.
    fn check_last(&self) -> Result<(), Error> {
        let found = self.digest;
        match (self.found.last_ciphertext(), self.session.parameters.purpose) {
            (Some(last), _) if last == found => Ok(()),
            (Some(last), _) => Err(CiphertextError::NotLast { found, last }.into()),
            (None, Purpose::Production) => Err(HeadError::Unnamed(found).into()),
            (None, Purpose::Rehearsal) => {
                self.context.console().say(&bi!(
                    "  The ciphertext was NOT COMPARED with a record: no record here names it. Production requires one.",
                    "  密文未与记录核对：此处没有列出它的记录。正式仪式要求有这样的记录。"
                ));
                Ok(())
            }
        }
    }

    /// Says why the question is asked again, if people compared the same digest in an earlier run.
    fn say_why_again(&self) {
        let earlier = self.found.chain().is_some_and(|chain| {
            let story = Story::of(chain);
            story.consents().any(|seen| seen.station == Station::Online && seen.sha256 == self.digest)
        });
        if earlier {
            self.context.console().say(&bi!(
                "  note: the record says that an earlier run compared this ciphertext. Anybody who had the medium could have written that line: compare again",
                "  注意：记录称此前的运行已核对过该密文。拿到过介质的人可能写入此行：请再次核对"
            ));
        }
    }
}
