//! Measures times: contenders run in turn, round by round, so that the drift of a machine affects them all.
//!
//! In each round, a contender's sample is a batch of calls that takes about a quarter of a millisecond, and at least one call.
//! Each round begins with a different contender, so that no contender always runs after the same one. The clock is monotonic,
//! and calls are opaque to the compiler.

use std::time::{Duration, Instant};

use keyferry_core::bi;
use keyferry_transport::{Console, console::Progress};

use super::BenchError;
use super::statistics::count;

/// The approximate length of one sample.
const SAMPLE: Duration = Duration::from_micros(250);
/// Number of tries to get a sample that nothing interrupted.
const TRIES: usize = 9;
/// Minimum number of rounds, even if the time is up: a 95 % interval needs six.
const LEAST_ROUNDS: usize = 7;
/// Maximum number of rounds: more would not narrow an interval in a way that matters.
const MOST_ROUNDS: usize = 4000;

/// An implementation or a step to time. It must hide its result from the optimiser itself.
pub(super) struct Contender<'a> {
    pub(super) name: String,
    pub(super) version: Option<String>,
    work: Box<dyn FnMut() -> Result<(), BenchError> + 'a>,
}

impl<'a> Contender<'a> {
    pub(super) fn new(name: &str, work: impl FnMut() -> Result<(), BenchError> + 'a) -> Self {
        Self { name: name.to_owned(), version: None, work: Box::new(work) }
    }

    pub(super) fn version(mut self, version: impl Into<String>) -> Self {
        self.version = Some(version.into());
        self
    }

    fn time(&mut self, calls: usize) -> Result<Duration, BenchError> {
        let started = Instant::now();
        for _ in 0..calls {
            (self.work)()?;
        }
        Ok(started.elapsed())
    }

    /// The number of calls that fill a sample, found by doubling, which also warms up. The fastest of several tries counts,
    /// because a try that was interrupted, or that ran with cold caches, would seem long enough with too few calls.
    fn calibrate(&mut self, warm_up: Duration) -> Result<usize, BenchError> {
        let started = Instant::now();
        let mut calls = 1;
        loop {
            let took = self.fastest(calls)?;
            if took < SAMPLE {
                calls *= 2;
            } else if took >= warm_up || started.elapsed() >= warm_up {
                return Ok(calls_for(SAMPLE.as_secs_f64() * count(calls) / took.as_secs_f64()));
            }
        }
    }

    /// The fastest of up to [`TRIES`] tries; a slow contender, such as a process, is tried once.
    fn fastest(&mut self, calls: usize) -> Result<Duration, BenchError> {
        let mut fastest = self.time(calls)?;
        for _ in 1..TRIES {
            if fastest < SAMPLE || fastest > 40 * SAMPLE {
                break;
            }
            fastest = fastest.min(self.time(calls)?);
        }
        Ok(fastest)
    }
}

#[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)] // Clamped.
fn calls_for(calls: f64) -> usize {
    calls.round().clamp(1.0, 1e6) as usize
}

/// The times of one contender: nanoseconds per call, one value for each round.
#[derive(Debug)]
pub(super) struct Times {
    pub(super) calls: usize,
    pub(super) ns: Vec<f64>,
}

/// Times contenders in turn until `budget` is spent.
pub(super) fn in_turn(
    contenders: &mut [Contender<'_>],
    budget: Duration,
    ticker: &mut Ticker,
) -> Result<Vec<Times>, BenchError> {
    let started = Instant::now();
    let warm_up = (budget / 20).min(Duration::from_millis(50));
    let mut times = Vec::with_capacity(contenders.len());
    for contender in contenders.iter_mut() {
        times.push(Times { calls: contender.calibrate(warm_up)?, ns: Vec::new() });
        ticker.tick();
    }
    for round in 0..MOST_ROUNDS {
        if round >= LEAST_ROUNDS && started.elapsed() >= budget {
            break;
        }
        let first = round % contenders.len().max(1);
        for at in (first..contenders.len()).chain(0..first) {
            if let (Some(contender), Some(times)) = (contenders.get_mut(at), times.get_mut(at)) {
                let took = contender.time(times.calls)?;
                times.ns.push(took.as_secs_f64() * 1e9 / count(times.calls));
            }
        }
        ticker.tick();
    }
    Ok(times)
}

/// Updates the progress line, in percent of the planned time.
pub(super) struct Ticker {
    progress: Progress,
    started: Instant,
    planned: Duration,
    shown: usize,
}

impl Ticker {
    pub(super) fn new(console: &Console, planned: Duration) -> Self {
        let progress = console.progress(bi!("measuring", "测量"), 100);
        Self { progress, started: Instant::now(), planned, shown: 0 }
    }

    pub(super) fn tick(&mut self) {
        let percent = self.started.elapsed().as_millis() * 100 / self.planned.as_millis().max(1);
        self.advance(usize::try_from(percent).unwrap_or(99).min(99));
    }

    pub(super) fn finish(&mut self) {
        self.advance(100);
    }

    fn advance(&mut self, to: usize) {
        while self.shown < to {
            self.shown += 1;
            self.progress.step();
        }
    }
}

#[cfg(test)]
mod tests {
    use keyferry_core::Lang;

    use super::*;

    #[test]
    fn contenders_take_turns_and_each_round_is_whole() {
        let console = Console::new(Lang::En, false, 0);
        let slow = || {
            std::thread::sleep(Duration::from_millis(2));
            Ok(())
        };
        let mut both = [Contender::new("slow", slow), Contender::new("nothing", || Ok(()))];
        let budget = Duration::from_millis(40);
        let times = in_turn(&mut both, budget, &mut Ticker::new(&console, budget)).unwrap();
        assert_eq!(times[0].ns.len(), times[1].ns.len());
        // On every machine, a single call that takes two milliseconds fills a sample. The number of empty calls that
        // fill one depends on the machine.
        assert!(times[0].ns.len() >= LEAST_ROUNDS && times[0].calls == 1 && times[1].calls >= 1);
        assert!(times[0].ns.iter().all(|ns| *ns >= 2e6));
    }

    #[test]
    fn a_sample_has_one_call_at_least_and_a_million_at_most() {
        assert_eq!([0.0, 0.4, 1.5, 1234.4, 9e9].map(calls_for), [1, 1, 2, 1234, 1_000_000]);
    }

    #[test]
    fn a_failure_stops_the_suite() {
        let console = Console::new(Lang::En, false, 0);
        let mut one = [Contender::new("broken", || Err(BenchError::Block("rsa".into())))];
        let budget = Duration::from_millis(1);
        assert!(in_turn(&mut one, budget, &mut Ticker::new(&console, budget)).is_err());
    }
}
