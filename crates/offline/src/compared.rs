//! Asks people to compare files: one question covers every external file that a run uses. A script passes the digests
//! instead.
//!
//! A file on a medium proves nothing by itself. So the digests cover exactly the bytes that are used. A record's head is shown
//! before a line is added or a share is asked for, and the record is refused if it changes after that.

use std::path::Path;

use keyferry_core::escrow::BackupSet;
use keyferry_core::story::{Recoverable, RunEnd, Sharing};
use keyferry_core::transcript::{KnownKeys, Means};
use keyferry_core::{
    Bilingual, CeremonyId, Escrow, Fingerprint, Lang, ParametersError, Purpose, Station, Story, Transcript,
    bi,
};
use keyferry_transport::TranscriptFile;

use crate::args::Expected;
use crate::context::Context;
use crate::error::OfflineError;
use crate::inputs::Inputs;

pub(crate) mod not_compared;

use not_compared::NotCompared;

/// A record to which lines will be added, as it was found.
#[derive(Clone, Debug)]
pub(crate) struct Found {
    /// The head of the record; `None` if it has no line yet.
    head: Option<Fingerprint>,
    /// The head after the online station's last line, which people have on paper, and the number of lines that this
    /// station has added since.
    sent: Option<(Fingerprint, usize)>,
    /// Whether the record contains a command that this station began but did not finish.
    interrupted: bool,
    /// The shares that are in force according to the record.
    shares: Option<Sharing>,
    /// Every set of shares that the record names.
    sets: Vec<BackupSet>,
}

impl Found {
    const NOTHING: Self = Self { head: None, sent: None, interrupted: false, shares: None, sets: Vec::new() };

    /// Reads the record without changing it.
    ///
    /// # Errors
    /// [`OfflineError`] if the record cannot be used, belongs to another ceremony, or contains a run for
    /// another purpose.
    pub(crate) fn at(
        path: &Path,
        (ceremony, known): (&CeremonyId, &KnownKeys<'_>),
        purpose: Purpose,
    ) -> Result<Self, OfflineError> {
        let Some(chain) = TranscriptFile::look(path, ceremony, known)? else {
            return Ok(Self::NOTHING);
        };
        check_runs(&chain, purpose)?;
        let story = Story::of(&chain);
        let last = story.runs().iter().rev().find(|run| run.station == Station::Offline);
        let interrupted = last.is_some_and(|run| !matches!(run.end, RunEnd::Finished(_)));
        let sent = story.left_by(Station::Online).filter(|(_, since)| *since > 0);
        let made = story.sharings().iter().map(|sharing| &sharing.set);
        let sets = made.chain(story.combinations().iter().map(|combined| combined.set)).cloned().collect();
        let shares = story.recoverable().map(|earlier| earlier.sharing);
        Ok(Self { head: Some(chain.head()), sent, interrupted, shares, sets })
    }

    /// The shares that are in force according to the record.
    pub(crate) const fn shares(&self) -> Option<&Sharing> {
        self.shares.as_ref()
    }

    /// Every set of shares that the record names, whether the set was made or combined.
    pub(crate) fn sets(&self) -> &[BackupSet] {
        &self.sets
    }

    /// Checks that the opened record is still the one whose head was shown.
    ///
    /// # Errors
    /// [`NotCompared::Changed`].
    pub(crate) fn check(&self, record: &TranscriptFile) -> Result<(), NotCompared> {
        if record.found() == self.head { Ok(()) } else { Err(NotCompared::Changed) }
    }

    fn show(&self, languages: &[Lang], context: &Context) {
        let label = bi!("head found", "所见链尾摘要");
        match (&self.sent, &self.head) {
            (Some((sent, since)), Some(head)) => {
                context.console.digest(&label, sent, languages);
                let head = head.grouped();
                let text = bi!(
                    "{since} lines from runs at this station, up to the head {head}",
                    "本工作站的 {since} 行，链尾摘要为 {head}"
                );
                context.console.row(&bi!("since then", "此后"), text.get(context.console.lang()));
            }
            (None, Some(head)) => context.console.digest(&label, head, languages),
            (_, None) => {
                let text = bi!("none: there is no record here yet", "无：此处尚无记录");
                context.console.row(&label, text.get(context.console.lang()));
            }
        }
        if self.interrupted {
            context.console.say(&bi!(
                "  An earlier run at this station did not finish. The station does not remember it, and the medium does \
                 not prove what it did: compare everything again.",
                "  本工作站先前的一次运行没有完成。工作站不保留任何记忆，而介质上的内容不能证明它做过什么：\
                 因此要重新核对一切。"
            ));
        }
    }
}

/// Checks that every command in the record ran for this purpose.
///
/// # Errors
/// [`NotCompared::Purpose`].
fn check_runs(record: &Transcript, own: Purpose) -> Result<(), NotCompared> {
    let same = Story::of(record).runs().iter().all(|run| run.purpose == own);
    if same { Ok(()) } else { Err(NotCompared::Purpose { own }) }
}

/// The record of the ceremony that made the shares, and the escrow that they open.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Earlier {
    head: Fingerprint,
    escrow: Option<Fingerprint>,
    /// True if the record does not name the escrow, so that the record's head does not cover it.
    unnamed: bool,
}

impl Earlier {
    /// Checks that the record, the share set and the escrow have this purpose, and that in production nothing
    /// in them comes from a seed.
    ///
    /// # Errors
    /// [`NotCompared`].
    pub(crate) fn check(
        record: &Transcript,
        earlier: &Recoverable,
        escrow: Option<&(Escrow, Fingerprint)>,
        own: Purpose,
    ) -> Result<Self, NotCompared> {
        check_runs(record, own)?;
        if earlier.sharing.purpose != own || escrow.is_some_and(|(escrow, _)| escrow.purpose != own) {
            return Err(NotCompared::Purpose { own });
        }
        let seeded = earlier.keys.iter().any(|key| key.seeded) || escrow.is_some_and(|(e, _)| e.seeded);
        if own == Purpose::Production && seeded {
            return Err(NotCompared::Seeded);
        }
        let escrow = escrow.map(|(_, digest)| *digest);
        let unnamed = escrow.is_some() && earlier.sharing.escrow.is_none();
        Ok(Self { head: earlier.head, escrow, unnamed })
    }

    fn show(&self, languages: &[Lang], context: &Context) {
        context.console.digest(&bi!("shares' head", "分片记录"), &self.head, languages);
        if let Some(escrow) = &self.escrow {
            context.console.hex(&bi!("escrow", "托管文件"), escrow);
        }
    }

    /// Checks the heads that a script passed. The record's head has to cover the escrow, because nobody
    /// compares the escrow itself.
    fn check_given(&self, given: &[Fingerprint]) -> Result<(), NotCompared> {
        match self.escrow.filter(|_| self.unnamed) {
            Some(escrow) => Err(NotCompared::Escrow(escrow)),
            None if given.contains(&self.head) => Ok(()),
            None => Err(NotCompared::NoHead(self.head)),
        }
    }
}

/// The external records that a run of `wrap` or `rewrap` uses, in addition to the plan and the parameters.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Records<'r> {
    /// The record on the medium.
    pub(crate) found: &'r Found,
    /// The record and the escrow of the shares.
    pub(crate) earlier: Option<&'r Earlier>,
}

/// For `wrap` and `rewrap`: compares the plan, the parameters, the records and the time.
///
/// # Errors
/// [`OfflineError`] if something differs or was not compared.
pub(crate) fn agree(
    expected: &Expected,
    inputs: &Inputs,
    records: Records<'_>,
    context: &Context,
) -> Result<Means, OfflineError> {
    let heads = records.found.head.into_iter().chain(records.earlier.map(|e| e.head));
    check_expected(&expected.heads, &heads.collect::<Vec<_>>())?;
    show(inputs, records, context);
    if let Some(digest) = expected.digest {
        let found = inputs.parameters.digest();
        if digest != found {
            return Err(ParametersError::Digest { found, expected: digest }.into());
        }
        check_given(&expected.heads, records)?;
        return Ok(Means::Option);
    }
    Ok(context.console.confirm(&question(inputs, records))?)
}

/// Shows the files. The parameters come last, because the online station also showed their words last.
fn show(inputs: &Inputs, records: Records<'_>, context: &Context) {
    let (console, languages) = (&context.console, inputs.plan.word_languages());
    console.say(&bi!(
        "\n  COMPARE with the paper, and read the words aloud. Exactly the bytes with these digests are used.",
        "\n  请与纸上的内容核对，并宣读词语。所用的正是具有这些摘要的字节。"
    ));
    console.hex(&bi!("plan", "计划"), &inputs.plan.digest());
    if let Some(earlier) = records.earlier {
        earlier.show(&languages, context);
    }
    records.found.show(&languages, context);
    console.digest(&bi!("parameters", "参数"), &inputs.parameters.digest(), &languages);
}

fn question(inputs: &Inputs, records: Records<'_>) -> Bilingual {
    let now = inputs.time.now;
    let until = inputs.parameters.first_expiry().map_or_else(String::new, |t| t.to_string());
    let escrow = records.earlier.is_some_and(|earlier| earlier.escrow.is_some());
    let (en, zh) = if escrow { (", escrow", "、托管文件") } else { ("", "") };
    Bilingual {
        en: format!(
            "Do plan, words, heads{en} all match the paper, and is it now about {now} (the parameters expire at {until})?  type Yes:"
        ),
        zh: format!(
            "计划、词语、链尾摘要{zh}是否均与纸上一致？现在的时间大约是 {now} 吗（参数于 {until} 过期）？请输入 Yes："
        ),
    }
}

/// Checks that a script passed the head of each record that was found.
fn check_given(given: &[Fingerprint], records: Records<'_>) -> Result<(), NotCompared> {
    if let Some(earlier) = records.earlier {
        earlier.check_given(given)?;
    }
    // Lines from an earlier run at this station are compared as well, because anybody who had the medium
    // could have added them.
    match records.found.head.filter(|head| !given.contains(head)) {
        Some(head) => Err(NotCompared::NoHead(head)),
        None => Ok(()),
    }
}

/// Checks that every expected head is one of those that were found.
fn check_expected(given: &[Fingerprint], found: &[Fingerprint]) -> Result<(), NotCompared> {
    match given.iter().find(|head| !found.contains(head)) {
        Some(other) => Err(NotCompared::OtherHead(*other)),
        None => Ok(()),
    }
}

/// For `drill`: compares the record of the shares, their escrow, and the record of drills, before a share is
/// asked for.
///
/// # Errors
/// [`OfflineError`] if something differs or was not compared.
pub(crate) fn agree_on_drill(
    given: &[Fingerprint],
    earlier: &Earlier,
    drills: &Found,
    context: &Context,
) -> Result<(), OfflineError> {
    let heads = drills.head.into_iter().chain([earlier.head]);
    check_expected(given, &heads.collect::<Vec<_>>())?;
    context.console.say(&bi!(
        "\n  COMPARE with the paper, before a share is typed.",
        "\n  请在键入分片之前与纸上的内容核对。"
    ));
    if drills.head.is_some() {
        drills.show(&Lang::BOTH, context);
    }
    earlier.show(&Lang::BOTH, context);
    if !given.is_empty() {
        return Ok(earlier.check_given(given)?);
    }
    let question = bi!(
        "Do the head of the record and the digest of the escrow, if there is one, match the paper?  type Yes:",
        "记录的链尾摘要以及托管文件（如有）的摘要是否与纸上一致？请输入 Yes："
    );
    context.console.confirm(&question)?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_script_gives_the_head_of_each_record_that_was_found() {
        let [medium, shares, other] = [&b"a"[..], b"b", b"c"].map(Fingerprint::of);
        let found = Found { head: Some(medium), ..Found::NOTHING };
        let nothing = Found::NOTHING;
        let earlier = Earlier { head: shares, escrow: Some(other), unnamed: false };
        let unnamed = Earlier { unnamed: true, ..earlier };
        let by = |given: &[Fingerprint], found, earlier| check_given(given, Records { found, earlier });
        assert_eq!(by(&[], &nothing, None), Ok(()));
        assert_eq!(by(&[medium], &found, None), Ok(()));
        assert_eq!(by(&[medium, shares], &found, Some(&earlier)), Ok(()));
        assert_eq!(by(&[shares], &nothing, Some(&earlier)), Ok(()));
        assert_eq!(by(&[], &found, None), Err(NotCompared::NoHead(medium)));
        assert_eq!(by(&[shares], &found, Some(&earlier)), Err(NotCompared::NoHead(medium)));
        assert_eq!(by(&[medium], &found, Some(&earlier)), Err(NotCompared::NoHead(shares)));
        let every = [medium, shares, other];
        assert_eq!(by(&every, &found, Some(&unnamed)), Err(NotCompared::Escrow(other)));
        assert_eq!(check_expected(&[other], &[medium, shares]), Err(NotCompared::OtherHead(other)));
    }
}
