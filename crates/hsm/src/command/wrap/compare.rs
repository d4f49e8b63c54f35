//! The comparison before the module is loaded: people compare the plan, the heads of the records that were found, and
//! finally the words of the parameters.

use std::path::Path;

use keyferry_core::transcript::{KnownKeys, Means};
use keyferry_core::{Fingerprint, Lang, ParametersError, Station, Story, bi};
use keyferry_transport::TranscriptFile;

use super::inputs::Inputs;
use crate::args::RunArgs;
use crate::context::Context;
use crate::error::HsmError;
use crate::refused::NotCompared;

/// The record that lines will be added to, as it was found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Found {
    head: Option<Fingerprint>,
    /// The head that the online station left, and how many lines have been added since then by runs that were given up
    /// at this station.
    sent: Option<(Fingerprint, usize)>,
}

impl Found {
    /// Reads the record without changing it.
    ///
    /// # Errors
    /// [`HsmError`] if it cannot be used or belongs to another ceremony.
    pub(super) fn at(path: &Path, inputs: &Inputs) -> Result<Self, HsmError> {
        let chain = TranscriptFile::look(path, inputs.plan.ceremony(), &KnownKeys::of_plan(&inputs.plan))?;
        let Some(chain) = chain else { return Ok(Self { head: None, sent: None }) };
        let sent = Story::of(&chain).left_by(Station::Online).filter(|(_, since)| *since > 0);
        Ok(Self { head: Some(chain.head()), sent })
    }

    /// Checks that the opened record is still the one whose head was shown.
    ///
    /// # Errors
    /// [`NotCompared::Changed`].
    pub(super) fn check(self, record: &TranscriptFile) -> Result<(), NotCompared> {
        if record.found() == self.head { Ok(()) } else { Err(NotCompared::Changed) }
    }

    /// The paper has the head that the online station printed, and the lines since then are this station's.
    fn show(self, context: &Context, languages: &[Lang]) {
        let (console, label) = (&context.console, bi!("head found", "所见链尾摘要"));
        match (self.sent, self.head) {
            (Some((sent, since)), Some(head)) => {
                console.digest(&label, &sent, languages);
                let head = head.grouped();
                let text = bi!(
                    "{since} lines of runs here, to the head {head}",
                    "本工作站的 {since} 行，链尾摘要为 {head}"
                );
                console.row(&bi!("since then", "此后"), text.get(console.lang()));
            }
            (None, Some(head)) => console.digest(&label, &head, languages),
            (_, None) => {
                let text = bi!("none: there is no record here yet", "无：此处尚无记录");
                console.row(&label, text.get(console.lang()));
            }
        }
    }

    /// Checks that a script passed exactly the heads of this record and of the earlier one.
    fn check_given(self, earlier: Option<Fingerprint>, given: &[Fingerprint]) -> Result<(), NotCompared> {
        let known: Vec<Fingerprint> = self.head.into_iter().chain(earlier).collect();
        if let Some(missing) = known.iter().find(|head| !given.contains(head)) {
            return Err(NotCompared::Head(*missing));
        }
        given.iter().find(|head| !known.contains(head)).map_or(Ok(()), |e| Err(NotCompared::NoRecord(*e)))
    }
}

/// Shows everything, and asks; or compares with the digests that a script passed.
///
/// # Errors
/// [`HsmError`] if something differs or nobody compared it.
pub(super) fn agree(
    args: &RunArgs,
    inputs: &Inputs,
    (found, earlier): (Found, Option<Fingerprint>),
    context: &Context,
) -> Result<Means, HsmError> {
    let (console, languages) = (&context.console, inputs.plan.word_languages());
    console.say(&bi!(
        "\n  COMPARE with the paper, and read the words aloud. Exactly the bytes with these digests are used.",
        "\n  请与纸上的内容核对，并宣读词语。所用的正是具有这些摘要的字节。"
    ));
    console.hex(&bi!("plan", "计划"), &inputs.plan.digest());
    if let Some(head) = &earlier {
        console.digest(&bi!("key's record", "密钥的记录"), head, &languages);
    }
    found.show(context, &languages);
    console.digest(&bi!("parameters", "参数"), &inputs.parameters.digest(), &languages);
    if let Some(expected) = args.expect_digest {
        let digest = inputs.parameters.digest();
        if expected != digest {
            return Err(ParametersError::Digest { found: digest, expected }.into());
        }
        found.check_given(earlier, &args.expect_head)?;
        return Ok(Means::Option);
    }
    if !args.expect_head.is_empty() {
        found.check_given(earlier, &args.expect_head)?;
    }
    let now = inputs.time.now;
    let until = inputs.parameters.first_expiry().map_or_else(String::new, |t| t.to_string());
    Ok(console.confirm(&bi!(
        "Do plan, words and every head match the paper, and is it now about {now} (the parameters expire at {until})?  type Yes:",
        "计划、词语与链尾摘要是否均与纸上一致？现在的时间大约是 {now} 吗（参数于 {until} 过期）？请输入 Yes："
    ))?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_script_gives_the_head_of_the_record_that_was_found() {
        let [found, other] = [&b"a"[..], b"b"].map(Fingerprint::of);
        let with = |head| Found { head, sent: None };
        assert_eq!(with(None).check_given(None, &[]), Ok(()));
        assert_eq!(with(Some(found)).check_given(None, &[found]), Ok(()));
        assert_eq!(with(Some(found)).check_given(None, &[]), Err(NotCompared::Head(found)));
        assert_eq!(with(Some(found)).check_given(None, &[other]), Err(NotCompared::Head(found)));
        assert_eq!(with(None).check_given(None, &[other]), Err(NotCompared::NoRecord(other)));
        // The head of the record of the ceremony that made the key must match as well.
        assert_eq!(with(Some(found)).check_given(Some(other), &[other, found]), Ok(()));
        assert_eq!(with(Some(found)).check_given(Some(other), &[found]), Err(NotCompared::Head(other)));
        assert_eq!(with(None).check_given(Some(other), &[]), Err(NotCompared::Head(other)));
    }
}
