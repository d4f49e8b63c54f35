//! Hands out the shares, each to a custodian who is alone with it. Each share is read back and confirmed before the next one.

use std::path::{Path, PathBuf};

use keyferry_core::transcript::{Act, Means, ShareMedium};
use keyferry_core::{Bilingual, Event, Explain, bi};
use keyferry_slip39::Share;
use keyferry_transport::console::NoSecret;
use keyferry_transport::{Access, TranscriptFile, check_free, write_new};

use super::{
    BackupError, Curtain, Label, digest, folder, number, place, read_share, screen, set_of, sheet, typed,
};
use crate::context::Context;
use crate::error::OfflineError;

/// How shares are handed out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Giving {
    /// Each share on a separate screen.
    Screen,
    /// Text files in a folder.
    Files(PathBuf),
    /// Sheets to print, in a folder.
    Sheets(PathBuf),
}

impl Giving {
    pub(crate) const fn medium(&self) -> ShareMedium {
        match self {
            Self::Screen => ShareMedium::Screen,
            Self::Files(_) => ShareMedium::File,
            Self::Sheets(_) => ShareMedium::Sheet,
        }
    }

    /// The folder for the files, if there are any.
    pub(crate) fn folder(&self) -> Option<&Path> {
        match self {
            Self::Screen => None,
            Self::Files(folder) | Self::Sheets(folder) => Some(folder),
        }
    }

    /// Called after the last share: reminds people that the files stay until somebody destroys them.
    pub(crate) fn remind(&self, context: &Context) {
        let Some(folder) = self.folder() else { return };
        let folder = folder.display();
        let text = bi!(
            "the shares are still in {folder}, in plain text: destroy them there once each custodian has their own",
            "分片仍以明文留在 {folder}：待每位保管人取得各自的分片后，请将其销毁"
        );
        context.console.row(&bi!("destroy", "待销毁"), text.get(context.console.lang()));
    }

    fn file(&self, number: u8, shares: u8) -> Option<PathBuf> {
        let (folder, end) = match self {
            Self::Screen => return None,
            Self::Files(folder) => (folder, "txt"),
            Self::Sheets(folder) => (folder, "html"),
        };
        Some(folder.join(format!("share-{number}-of-{shares}.{end}")))
    }

    /// Every file that is written for this many shares, with its maximum length.
    pub(crate) fn files(&self, shares: u8) -> impl Iterator<Item = (PathBuf, u64)> {
        let most = if matches!(self, Self::Sheets(_)) { sheet::MOST_HTML } else { sheet::MOST_TEXT };
        (1..=shares).filter_map(move |n| Some((self.file(n, shares)?, most)))
    }

    /// Checks, before any secret exists, that shares of `words` words can be handed out in this way. `draft` is a label of the same
    /// length as the real one.
    pub(crate) fn check(
        &self,
        draft: &Label<'_>,
        words: usize,
        out: &Path,
        context: &Context,
    ) -> Result<(), OfflineError> {
        let (purpose, shares) = (draft.plan.purpose(), draft.shares);
        if *self == Self::Screen && !context.console.can_show_secrets() {
            return Err(BackupError::NoScreen.into());
        }
        place::check(purpose, context)?;
        if *self == Self::Screen {
            screen::check(draft, words, context)?;
        }
        for n in 1..=shares {
            self.file(n, shares).map_or(Ok(()), |path| check_free(&path))?;
        }
        self.folder().map_or(Ok(()), |folder| folder::check(folder, out, purpose))
    }
}

/// Hands out every share and has each one read back. Each confirmation is in the record and synced to the device
/// before the next share is shown.
pub(crate) fn give_out(
    shares: &[Share],
    label: &Label<'_>,
    giving: &Giving,
    record: &mut TranscriptFile,
    context: &Context,
) -> Result<(), OfflineError> {
    for share in shares {
        if let Some(path) = giving.file(number(share), label.shares) {
            let text = match giving {
                Giving::Sheets(_) => sheet::html(share, label, context.console.lang()),
                _ => sheet::text(share, label, context.console.lang()),
            };
            write_new(&path, text.as_bytes(), Access::Owner)?;
            context.console.row(&bi!("share", "分片"), &path.display().to_string());
        }
    }
    let curtain = Curtain::new(context)?;
    for share in shares {
        let handed = Handed { share, label, giving, curtain: &curtain };
        handed.confirm(context).map_err(|error| handed.interrupted(error))?;
        let number = number(share);
        let event = Event::ShareConfirmed {
            set: label.set.clone(),
            number,
            of: label.shares,
            custodian: label.custodian(number).cloned().map(Into::into),
            medium: giving.medium(),
            share_sha256: digest(share),
        };
        record.add_act(context, Act::through(Means::TypedWords), event)?;
        record.flush()?;
        let (n, of) = (number, label.shares);
        let text = bi!("share {n} of {of} read back", "第 {n} 个分片（共 {of} 个）已读回");
        context.console.row(&bi!("confirmed", "已确认"), text.get(context.console.lang()));
    }
    curtain.end();
    Ok(())
}

/// A share together with its label, for its custodian.
struct Handed<'a> {
    share: &'a Share,
    label: &'a Label<'a>,
    giving: &'a Giving,
    curtain: &'a Curtain<'a>,
}

impl Handed<'_> {
    /// On a terminal, repeats until the share is right; an empty line shows the share again.
    fn confirm(&self, context: &Context) -> Result<(), OfflineError> {
        let console = &context.console;
        self.curtain.wait_for(&self.next())?;
        let words = self.share.words().split_whitespace().count();
        let mut show = true;
        loop {
            if show && *self.giving == Giving::Screen {
                self.show(context)?;
            }
            let read = read_share(&self.question(), words, self.curtain, context);
            let outcome = match read {
                Ok(Some(read)) => same(self.share, &read).map_err(OfflineError::from),
                Ok(None) => {
                    show = true;
                    continue;
                }
                Err(error) => Err(error),
            };
            match outcome {
                Ok(()) => return Ok(()),
                Err(error) if console.is_terminal() && !typed::ended(&error) => {
                    console.refuse_text(&error as &dyn Explain)
                }
                Err(error) => return Err(error),
            }
            show = false;
        }
    }

    /// Repeats until Enter is pressed in time. If the time limit hid a share, it is shown again when its
    /// custodian asks for it.
    fn show(&self, context: &Context) -> Result<(), NoSecret> {
        let (words, lang) = (self.share.words(), context.console.lang());
        let text = |window| screen::text(&words, number(self.share), self.label, lang, window);
        loop {
            let text = screen::wait_for_room(text, self.curtain, context)?;
            match self.curtain.show(&text, &screen::written()) {
                Err(NoSecret::Expired) => self.curtain.wait_again()?,
                shown => return shown,
            }
        }
    }

    fn next(&self) -> Bilingual {
        let (n, of) = (number(self.share), self.label.shares);
        match self.label.custodian(n) {
            Some(name) => bi!(
                "Next: share {n} of {of}, for {name}.\n  \
                 Everybody else turns away; {name} takes the keyboard and presses Enter:",
                "下一个：第 {n} 个分片（共 {of} 个），交给 {name}。\n  其他人请转身回避；请 {name} 坐到键盘前并按回车："
            ),
            None => bi!(
                "Next: share {n} of {of}.\n  \
                 Everybody else turns away; its custodian takes the keyboard and presses Enter:",
                "下一个：第 {n} 个分片（共 {of} 个）。\n  其他人请转身回避；请其保管人坐到键盘前并按回车："
            ),
        }
    }

    fn question(&self) -> Bilingual {
        let (n, of) = (number(self.share), self.label.shares);
        match self.giving {
            Giving::Files(_) => bi!("Read back share {n} of {of}", "请读回第 {n} 个分片（共 {of} 个）"),
            Giving::Screen | Giving::Sheets(_) => {
                bi!("Read back share {n} of {of} from the PAPER", "请照纸张读回第 {n} 个分片（共 {of} 个）")
            }
        }
    }

    /// Turns an interruption into the error that says which share does not count.
    fn interrupted(&self, error: OfflineError) -> OfflineError {
        match error {
            OfflineError::Secret(NoSecret::Interrupted) => {
                BackupError::Interrupted { number: number(self.share), shares: self.label.shares }.into()
            }
            other => other,
        }
    }
}

/// Checks that both are the same share. The digests cover all words, so equal digests mean the same share.
fn same(given: &Share, read: &Share) -> Result<(), BackupError> {
    if digest(given) == digest(read) {
        return Ok(());
    }
    if given.name() == read.name() && number(given) != number(read) {
        return Err(BackupError::OtherShare { found: number(read), given: number(given) });
    }
    if given.name() != read.name() {
        return Err(BackupError::OtherSet { found: set_of(read)?, record: set_of(given)? });
    }
    Err(BackupError::Differs { number: number(given) })
}
