//! Estimates from the lengths of files, before they exist, whether they can cross as QR symbols and how long
//! that takes.

use keyferry_core::{Bilingual, CeremonyPlan, Sizes, bi};

use super::output::seconds;
use super::series::version_for;
use super::subject::MAX_SHOWN;
use super::symbol::Version;
use crate::Console;
use crate::frame::{Level, blocks};

/// The symbols and the time that a file needs if it is shown on a screen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ByQr {
    /// How many frames are enough if none is lost.
    pub symbols: usize,
    /// How long the symbols take at the default speed.
    pub seconds: usize,
    /// The version that `show` chooses by default, or the smallest that is enough.
    pub version: Version,
}

impl ByQr {
    /// The estimate for a file of this many bytes; `None` if it is too large for symbols of any version.
    #[must_use]
    pub fn of(bytes: usize) -> Option<Self> {
        let version = version_for(bytes, Level::L, None).ok().filter(|_| bytes <= MAX_SHOWN)?;
        let symbols = blocks(bytes, version.bytes(Level::L)?)?;
        Some(Self { symbols, seconds: seconds(symbols), version })
    }

    /// The name of the largest file of a plan's ceremony, and its estimate.
    #[must_use]
    pub fn of_plan(plan: &CeremonyPlan) -> (&'static str, Option<Self>) {
        let (file, bytes) = Sizes::of(plan).longest();
        (file, Self::of(bytes))
    }
}

/// Says in one line whether the files of a plan's ceremony can cross as QR symbols.
pub fn say(plan: &CeremonyPlan, console: &Console) {
    let text = said(ByQr::of_plan(plan));
    console.row(&bi!("by QR", "二维码"), text.get(console.lang()));
}

fn said((file, needs): (&str, Option<ByQr>)) -> Bilingual {
    let Some(ByQr { symbols, seconds, version }) = needs else {
        return bi!(
            "too large for QR: use a medium ({file} is the longest file)",
            "超出二维码的容量：请使用介质（最长的文件是 {file}）"
        );
    };
    let version = version.number();
    if symbols == 1 {
        return bi!("about 1 symbol at version {version}", "约 1 个二维码，版本 {version}");
    }
    bi!(
        "about {symbols} symbols, {seconds} s at version {version}, for {file}, the longest file",
        "约 {symbols} 个二维码，版本 {version}，需 {seconds} 秒（最长的文件 {file}）"
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_length_needs_is_what_is_drawn() {
        for bytes in [1, 500, 2_904, 2_905, 8_000, 178_500, 255_999, 289_000, 1_486_848] {
            let needs = ByQr::of(bytes).unwrap();
            let encoder =
                crate::frame::FrameEncoder::new(&vec![7; bytes], needs.version.bytes(Level::L).unwrap());
            assert_eq!(encoder.unwrap().blocks(), needs.symbols, "{bytes}");
        }
        assert_eq!(
            ByQr::of(178_500).map(|n| (n.symbols, n.seconds, n.version)),
            Some((357, 45, Version::V15))
        );
        assert_eq!((ByQr::of(1_486_849), ByQr::of(MAX_SHOWN + 1), ByQr::of(0)), (None, None, None));
    }

    #[test]
    fn the_line_names_symbols_seconds_and_version_or_a_medium() {
        let line = said(("transcript.jsonl", ByQr::of(178_500)));
        assert_eq!(line.en, "about 357 symbols, 45 s at version 15, for transcript.jsonl, the longest file");
        assert!(line.zh.contains("357") && line.zh.contains("45 秒") && line.zh.contains("版本 15"));
        let line = said(("transcript.jsonl", None));
        assert!(line.en.starts_with("too large for QR: use a medium"), "{}", line.en);
        assert!(line.zh.starts_with("超出二维码的容量：请使用介质"), "{}", line.zh);
    }
}
