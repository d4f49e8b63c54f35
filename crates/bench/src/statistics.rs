//! The median and its 95 % interval from order statistics, which assumes nothing about the distribution of
//! times, only that rounds are alike. It cannot account for differences between two runs.
//!
//! The interval [x(a), x(n+1−a)] of the sorted values holds the true median unless fewer than `a` values, or more than `n − a`, are below
//! it; their number is binomial with p = ½. With fewer than six values, no interval reaches 95 %, and the whole range is used.

use serde::{Deserialize, Serialize};

/// A median with its 95 % interval: all values are finite, not negative, and in order.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "Raw", deny_unknown_fields)]
pub(super) struct Estimate {
    low: f64,
    median: f64,
    high: f64,
}

/// The contents of a file, before they are checked.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Raw {
    low: f64,
    median: f64,
    high: f64,
}

impl TryFrom<Raw> for Estimate {
    type Error = &'static str;

    fn try_from(raw: Raw) -> Result<Self, Self::Error> {
        Self::new(raw.low, raw.median, raw.high).ok_or("not an interval with its median inside")
    }
}

impl Estimate {
    /// Larger than any time (in nanoseconds) or ratio that a run of this program can measure.
    const LIMIT: f64 = 1e15;

    /// `None` unless 0 ≤ low ≤ median ≤ high and all are finite.
    pub(super) fn new(low: f64, median: f64, high: f64) -> Option<Self> {
        (0.0 <= low && low <= median && median <= high && high <= Self::LIMIT).then_some(Self {
            low,
            median,
            high,
        })
    }

    /// The median and interval of a sample; `None` if it is empty.
    pub(super) fn of(mut values: Vec<f64>) -> Option<Self> {
        values.sort_by(f64::total_cmp);
        let (below, above) = ranks(values.len());
        let at = |n: usize| values.get(n).copied();
        let last = values.len().checked_sub(1)?;
        let median = f64::midpoint(at(last / 2)?, at(last - last / 2)?);
        Self::new(at(below)?, median, at(above)?)
    }

    /// The ratio of `theirs` to `ours` in each round, so that drift cancels out.
    pub(super) fn of_ratios(ours: &[f64], theirs: &[f64]) -> Option<Self> {
        Self::of(ours.iter().zip(theirs).filter(|(a, _)| **a > 0.0).map(|(a, b)| b / a).collect())
    }

    pub(super) const fn low(&self) -> f64 {
        self.low
    }

    pub(super) const fn median(&self) -> f64 {
        self.median
    }

    pub(super) const fn high(&self) -> f64 {
        self.high
    }

    /// Every value times `factor`, which is not negative.
    pub(super) fn scaled(&self, factor: f64) -> Self {
        Self { low: self.low * factor, median: self.median * factor, high: self.high * factor }
    }

    /// Rounded to `digits` decimals, so that a file reads back exactly as it was written.
    pub(super) fn rounded(&self, digits: i32) -> Self {
        let unit = 10f64.powi(digits);
        let round = |x: f64| (x * unit).round() / unit;
        Self { low: round(self.low), median: round(self.median), high: round(self.high) }
    }

    /// Whether the intervals overlap, so that the two medians may be equal.
    pub(super) fn overlaps(&self, other: &Self) -> bool {
        self.low <= other.high && other.low <= self.high
    }

    /// `self` ÷ `base`, with the widest interval that the two allow; for samples that were not taken in pairs.
    pub(super) fn over(&self, base: &Self) -> Option<Self> {
        (base.low > 0.0)
            .then(|| Self::new(self.low / base.high, self.median / base.median, self.high / base.low))?
    }
}

/// Positions, from 0, of the interval's ends among `n` sorted values.
fn ranks(n: usize) -> (usize, usize) {
    let cut = if n <= 500 { exact_cut(n) } else { normal_cut(n) };
    (cut, n.saturating_sub(1 + cut))
}

/// The largest `a` with P(fewer than `a + 1` of `n` are below the median) ≤ 2.5 %, else 0.
fn exact_cut(n: usize) -> usize {
    let mut probability = 0.5f64.powi(i32::try_from(n).unwrap_or(i32::MAX));
    let (mut cumulated, mut cut) = (0.0, 0);
    for k in 0..n {
        cumulated += probability;
        if cumulated > 0.025 {
            break;
        }
        cut = k;
        probability *= count(n - k) / count(k + 1);
    }
    cut
}

/// The same by the normal approximation, whose intervals are slightly too wide here.
#[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)] // Between 0 and n.
fn normal_cut(n: usize) -> usize {
    let n = count(n);
    (n / 2.0 - 0.98 * n.sqrt() - 1.0).floor().max(0.0) as usize
}

/// A count as a float; exact below 2^53.
#[allow(clippy::cast_precision_loss)]
pub(super) const fn count(n: usize) -> f64 {
    n as f64
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn ranks_of_the_tables() {
        // Conover, Practical Nonparametric Statistics: 6 → 1..6, 10 → 2..9, 20 → 6..15, 50 → 18..33, 100 → 40..61 (from 1).
        for (n, low, high) in
            [(6, 1, 6), (9, 2, 8), (10, 2, 9), (15, 4, 12), (20, 6, 15), (50, 18, 33), (100, 40, 61)]
        {
            assert_eq!(ranks(n), (low - 1, high - 1), "{n}");
        }
        // Too few values for an interval of 95 %, so the whole range is used.
        for n in 1..6 {
            assert_eq!(ranks(n), (0, n - 1));
        }
        assert_eq!(Estimate::of(vec![]), None);
    }

    #[test]
    fn the_approximation_is_never_narrower_than_the_truth() {
        for n in [501, 700, 1000] {
            assert!((exact_cut(n) as isize - normal_cut(n) as isize).abs() <= 2, "{n}");
            assert!(normal_cut(n) <= exact_cut(n), "{n}");
        }
    }

    #[test]
    fn the_median_of_an_even_number_is_the_middle() {
        let e = Estimate::of(vec![4.0, 1.0, 3.0, 2.0]).unwrap();
        assert_eq!((e.low(), e.median(), e.high()), (1.0, 2.5, 4.0));
    }

    #[test]
    fn an_interval_covers_the_true_median_as_often_as_it_says() {
        // 2,000 samples of 41 draws from a skewed distribution (squares of uniforms) with median ¼.
        let mut state = 0x9e37_79b9_7f4a_7c15u64;
        let mut uniform = || {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            (state >> 11) as f64 / (1u64 << 53) as f64
        };
        let hits = (0..2000).filter(|_| {
            let e = Estimate::of((0..41).map(|_| uniform().powi(2)).collect()).unwrap();
            e.low() <= 0.25 && 0.25 <= e.high()
        });
        assert!((1880..=1990).contains(&hits.count()));
    }

    proptest! {
        #[test]
        fn an_interval_holds_its_median(values in prop::collection::vec(0.0..1e12f64, 1..700)) {
            let e = Estimate::of(values.clone()).unwrap();
            prop_assert!(e.low() <= e.median() && e.median() <= e.high());
            let below = values.iter().filter(|v| **v < e.median()).count();
            prop_assert!(below <= values.len() / 2);
            prop_assert!(values.contains(&e.low()) && values.contains(&e.high()));
        }

        #[test]
        fn order_does_not_matter(values in prop::collection::vec(0.0..1e9f64, 1..60)) {
            let mut turned = values.clone();
            turned.reverse();
            prop_assert_eq!(Estimate::of(values), Estimate::of(turned));
        }

        #[test]
        fn scale_scales(values in prop::collection::vec(1.0..1e6f64, 1..60)) {
            let plain = Estimate::of(values.clone()).unwrap();
            let doubled = Estimate::of(values.iter().map(|v| v * 2.0).collect()).unwrap();
            prop_assert_eq!(plain.scaled(2.0), doubled);
            let ratio = Estimate::of_ratios(&values, &values.iter().map(|v| v * 4.0).collect::<Vec<_>>()).unwrap();
            prop_assert_eq!((ratio.low(), ratio.median(), ratio.high()), (4.0, 4.0, 4.0));
        }

        #[test]
        fn more_rounds_never_widen(n in 6usize..2000) {
            let share = |n: usize| { let (a, b) = ranks(n); count(b - a) / count(n) };
            prop_assert!(share(4 * n) <= share(n));
        }

        #[test]
        fn what_is_written_reads_back(a in 0.0..1e9f64, b in 0.0..1e9f64, c in 0.0..1e9f64) {
            let mut sorted = [a, b, c];
            sorted.sort_by(f64::total_cmp);
            let e = Estimate::new(sorted[0], sorted[1], sorted[2]).unwrap().rounded(4);
            let back: Estimate = serde_json::from_str(&serde_json::to_string(&e).unwrap()).unwrap();
            prop_assert_eq!(back, e);
        }
    }
}
