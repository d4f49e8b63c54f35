//! Giving shares out, each read back and confirmed before anything else happens.

use std::os::fd::AsFd as _;
use std::path::{Path, PathBuf};

use keyferry_core::transcript::{Act, Means, ShareMedium};
use keyferry_core::{Event, Explain, Purpose, bi};
use keyferry_sandbox::HeldSignals;
use keyferry_slip39::Share;
use keyferry_transport::console::NoSecret;
use keyferry_transport::{Access, TranscriptFile, check_free, write_new};

use super::{BackupError, Label, digest, folder, number, place, read_share, set_of, sheet, typed};
use crate::context::Context;
use crate::error::OfflineError;

/// How shares leave.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Giving {
    /// Each on a screen of its own.
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

    /// The folder that it writes to.
    pub(crate) fn folder(&self) -> Option<&Path> {
        match self {
            Self::Screen => None,
            Self::Files(folder) | Self::Sheets(folder) => Some(folder),
        }
    }

    fn file(&self, number: u8, shares: u8) -> Option<PathBuf> {
        let (folder, end) = match self {
            Self::Screen => return None,
            Self::Files(folder) => (folder, "txt"),
            Self::Sheets(folder) => (folder, "html"),
        };
        Some(folder.join(format!("share-{number}-of-{shares}.{end}")))
    }

    /// Every file that it writes for so many shares, with the most bytes that it may have.
    pub(crate) fn files(&self, shares: u8) -> impl Iterator<Item = (PathBuf, u64)> {
        let most = if matches!(self, Self::Sheets(_)) { sheet::MOST_HTML } else { sheet::MOST_TEXT };
        (1..=shares).filter_map(move |n| Some((self.file(n, shares)?, most)))
    }

    /// Before any secret exists: that shares can leave in this way.
    pub(crate) fn check(
        &self,
        shares: u8,
        out: &Path,
        purpose: Purpose,
        context: &Context,
    ) -> Result<(), OfflineError> {
        if *self == Self::Screen && !context.console.can_show_secrets() {
            return Err(BackupError::NoScreen.into());
        }
        place::check(purpose, context)?;
        for n in 1..=shares {
            self.file(n, shares).map_or(Ok(()), |path| check_free(&path))?;
        }
        self.folder().map_or(Ok(()), |folder| folder::check(folder, out, purpose))
    }
}

/// Gives every share out, and has each read back. What was confirmed is in the record and on the device, share by share.
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
    for share in shares {
        confirm(share, label, giving, context)?;
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
    Ok(())
}

/// On a terminal until it is right; an empty line shows the share again.
fn confirm(share: &Share, label: &Label<'_>, giving: &Giving, context: &Context) -> Result<(), OfflineError> {
    let console = &context.console;
    let (n, of) = (number(share), label.shares);
    let words = share.words().split_whitespace().count();
    let name = bi!("Read back share {n} of {of}", "请读回第 {n} 个分片（共 {of} 个）");
    let mut show = true;
    loop {
        if show && *giving == Giving::Screen {
            let text = sheet::screen(share, label, console.lang());
            let signals = HeldSignals::hold().map_err(|_| NoSecret::Signals)?;
            let then = bi!("Write it down, then press Enter:", "抄写完毕后请按回车：");
            console.show_secret(&text, &then, signals.as_fd())?;
        }
        let read = read_share(&name, words, context);
        let outcome = match read {
            Ok(Some(read)) => same(share, &read).map_err(OfflineError::from),
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

/// The digests are of all words: equal ones mean the very share.
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
