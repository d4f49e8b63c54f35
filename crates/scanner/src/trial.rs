//! Evaluates which symbols of the test page were read, and which version the screen (or printer) and the camera
//! should use.

use std::collections::BTreeSet;
use std::time::{Duration, Instant};

use keyferry_core::bi;
use keyferry_transport::Console;
use keyferry_transport::show::Version;
use keyferry_transport::show::test_page::{Size, TestSymbol};
use serde_json::{Value, json};

use crate::symbol::Symbol;

/// A camera that has read some symbols stops if no new one appears for this long.
const SETTLED: Duration = Duration::from_secs(20);
/// A camera that has read no symbol yet stops after this long.
const LOST: Duration = Duration::from_secs(120);

/// The symbols of the test page that were read.
#[derive(Debug)]
pub(crate) struct Trial {
    read: BTreeSet<TestSymbol>,
    last: Instant,
}

/// The version to use.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Advice {
    version: Version,
    /// Whether the version was also read at two thirds of the size.
    reserve: bool,
    /// The largest version that was read at full size.
    most: Version,
}

impl Trial {
    pub(crate) fn new(now: Instant) -> Self {
        Self { read: BTreeSet::new(), last: now }
    }

    /// Notes a symbol; returns the test symbol if it was not read before.
    pub(crate) fn take(&mut self, symbol: &Symbol, now: Instant) -> Option<TestSymbol> {
        let test = TestSymbol::of_line(&symbol.text)?;
        let new = symbol.version == u32::from(test.version.number()) && self.read.insert(test);
        if new {
            self.last = now;
        }
        new.then_some(test)
    }

    /// Whether a camera can stop because it has read everything, or nothing new for a while.
    pub(crate) fn is_over(&self, now: Instant) -> bool {
        let patience = if self.read.is_empty() { LOST } else { SETTLED };
        TestSymbol::up_to(Version::MAX).all(|test| self.read.contains(&test))
            || now.saturating_duration_since(self.last) >= patience
    }

    fn has(&self, version: Version, size: Size) -> bool {
        self.read.contains(&TestSymbol { version, size })
    }

    /// The version to use: the highest one such that all lower versions were read too, because a single dense
    /// symbol can be read by luck.
    pub(crate) fn advice(&self) -> Option<Advice> {
        let up_to =
            |sizes: &[Size]| versions().take_while(|v| sizes.iter().all(|size| self.has(*v, *size))).last();
        let (reserve, full) = (up_to(&Size::ALL), up_to(&[Size::Full]));
        let read = full.or_else(|| self.read.last().map(|test| test.version));
        read.map(|most| Advice { version: reserve.unwrap_or(most), reserve: reserve.is_some(), most })
    }

    /// Prints a line for each version, then the advice; on standard output, only the version.
    pub(crate) fn report(&self, console: &Console, advice: Advice) {
        for version in versions() {
            let number = version.number();
            let label = bi!("version {number}", "版本 {number}");
            console.row(&label, self.outcome(version).get(console.lang()));
        }
        self.advise(console, advice);
        if console.json() {
            console.result(&self.as_json(advice));
        } else {
            console.result_line(&advice.version.number().to_string());
        }
    }

    fn advise(&self, console: &Console, advice: Advice) {
        let (number, most) = (advice.version.number(), advice.most.number());
        if advice.version == Version::MAX && advice.reserve {
            console.say(&bi!(
                "  this camera reads every version with a margin: show needs no option",
                "  这组设备可稳妥读取所有版本：show 无需选项"
            ));
            return;
        }
        console.say(&if advice.reserve {
            bi!(
                "  this camera reads version {number} with a margin: use show --qr-version {number}",
                "  这组设备可稳妥读取版本 {number}：请使用 show --qr-version {number}"
            )
        } else {
            bi!(
                "  this camera reads version {number} without a margin: use show --qr-version {number}",
                "  这组设备可读取版本 {number}，但没有余量：请使用 show --qr-version {number}"
            )
        });
        if advice.most > advice.version || !advice.reserve {
            console.say(&bi!(
                "  a larger picture, a shorter distance, or a scan at 300 dpi may add a margin for version {most}; then try again",
                "  放大、靠近，或以 300 dpi 扫描，可能使版本 {most} 也有余量；请再试一次"
            ));
        }
    }

    fn outcome(&self, version: Version) -> keyferry_core::Bilingual {
        match Size::ALL.map(|size| self.has(version, size)) {
            [true, true] => bi!("read in both sizes", "两种尺寸均已读取"),
            [true, false] => bi!("read only in full size", "仅原尺寸已读取"),
            [false, true] => bi!("read only at two thirds of the size", "仅三分之二尺寸已读取"),
            [false, false] => bi!("not read", "未读取"),
        }
    }

    fn as_json(&self, advice: Advice) -> Value {
        let read: Vec<Value> = versions()
            .map(|v| json!({"version": v.number(), "full": self.has(v, Size::Full), "small": self.has(v, Size::Small)}))
            .collect();
        json!({"command": "test", "read": read, "use": advice.version.number(), "reserve": advice.reserve, "most": advice.most.number()})
    }
}

/// The versions on the page, each once.
fn versions() -> impl Iterator<Item = Version> {
    TestSymbol::up_to(Version::MAX).filter(|t| t.size == Size::Full).map(|t| t.version)
}

#[cfg(test)]
mod tests {
    use keyferry_transport::frame::Level;

    use super::*;

    fn symbol(number: u8, size: Size) -> Symbol {
        let test = TestSymbol { version: Version::new(number).unwrap(), size };
        let text = test.line(Level::L);
        Symbol { text, version: number.into(), corners: [(0.0, 0.0); 4] }
    }

    fn advice(read: &[(u8, &[Size])]) -> Option<(u8, bool, u8)> {
        let mut trial = Trial::new(Instant::now());
        for (number, sizes) in read {
            for size in *sizes {
                assert!(trial.take(&symbol(*number, *size), Instant::now()).is_some());
            }
        }
        trial.advice().map(|a| (a.version.number(), a.reserve, a.most.number()))
    }

    #[test]
    fn the_version_is_advised_up_to_which_nothing_was_missed() {
        const FULL: &[Size] = &[Size::Full];
        const SMALL: &[Size] = &[Size::Small];
        const BOTH: &[Size] = &Size::ALL;
        assert_eq!(advice(&[]), None);
        assert_eq!(advice(&[(6, FULL), (10, FULL)]), Some((10, false, 10)));
        assert_eq!(advice(&[(6, BOTH), (10, FULL), (15, BOTH), (25, FULL)]), Some((6, true, 15)));
        assert_eq!(advice(&[(10, BOTH), (6, BOTH)]), Some((10, true, 10)));
        // Version 40 was read by luck, so the advice ends at version 6.
        assert_eq!(advice(&[(6, BOTH), (40, BOTH)]), Some((6, true, 6)));
        assert_eq!(advice(&[(15, FULL), (25, SMALL)]), Some((25, false, 25)));
    }

    #[test]
    fn only_a_symbol_of_the_version_that_it_names_counts_and_once() {
        let mut trial = Trial::new(Instant::now());
        let good = symbol(15, Size::Full);
        let posing = Symbol { version: 16, ..good.clone() };
        let cut = Symbol { text: good.text[..90].to_owned(), ..good.clone() };
        assert_eq!(trial.take(&posing, Instant::now()), None);
        assert_eq!(trial.take(&cut, Instant::now()), None);
        assert!(trial.take(&good, Instant::now()).is_some());
        assert_eq!(trial.take(&good, Instant::now()), None);
    }

    #[test]
    fn a_camera_ends_when_everything_was_read_or_nothing_more_comes() {
        let start = Instant::now();
        let mut trial = Trial::new(start);
        assert!(!trial.is_over(start + LOST / 2) && trial.is_over(start + LOST));
        trial.take(&symbol(6, Size::Full), start + LOST);
        assert!(!trial.is_over(start + LOST) && trial.is_over(start + LOST + SETTLED));
        for test in TestSymbol::up_to(Version::MAX) {
            trial.take(&symbol(test.version.number(), test.size), start + LOST);
        }
        assert!(trial.is_over(start + LOST));
    }
}
