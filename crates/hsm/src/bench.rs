//! How many keys per second a token wraps, compared with this computer's own wrapping, measured alternately in one run.
//!
//! For the token, the time includes everything that a ceremony waits for: the request to the module's process, `C_WrapKey`, and the reply.
//! For the software, the time is that of wrapping in `keyferry-offline`, including the check by the second implementation. Keys and
//! wrapping keys are thrown away.

use std::time::{Duration, Instant};

use getrandom::SysRng;
use keyferry_core::{KeyMaterial, MaterialLength, WrappingAlgorithm, WrappingKey, wrap};
use serde_json::{Value, json};

use crate::error::HsmError;
use crate::host::ModuleError;
use crate::module::{CallError, KeyNumber, Module, Wrapper};
use crate::probe::{self, Outcome};
use crate::protocol::Refusal;
use crate::throwaway::ThrowAway;

/// Lengths of wrapping keys, in bits: the shortest and the longest that a service issues.
const SIZES: [usize; 2] = [2048, 4096];
/// Bytes of the key that is wrapped.
const KEY: u8 = 32;
/// A round of one contender takes at least this long.
const SAMPLE: Duration = Duration::from_millis(25);
/// The largest number of calls in a round.
const MOST: usize = 10_000;

/// The result for one padding and one size of wrapping key.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Row {
    pub(crate) bits: usize,
    pub(crate) padding: WrappingAlgorithm,
    /// Wraps per second by the token, or why it cannot wrap.
    pub(crate) token: Result<f64, Refusal>,
    /// Wraps per second by this computer.
    pub(crate) software: f64,
}

impl Row {
    /// The token's speed divided by this computer's.
    pub(crate) fn ratio(&self) -> Option<f64> {
        self.token.as_ref().ok().map(|token| token / self.software)
    }

    /// For programs.
    pub(crate) fn json(&self) -> Value {
        let (token, refused) = match &self.token {
            Ok(rate) => (json!(rate), Value::Null),
            Err(refusal) => (Value::Null, json!({"call": refusal.call, "code": refusal.code})),
        };
        json!({
            "padding": self.padding, "wrapping_key_bits": self.bits, "token_wraps_per_second": token,
            "software_wraps_per_second": self.software, "ratio": self.ratio(), "refused": refused,
        })
    }
}

/// Measures every padding with each size, `rounds` times.
///
/// # Errors
/// [`HsmError`] if the module cannot be used, or uses a padding other than the one it claims: then its speed does not matter.
pub(crate) fn measure(
    module: &mut Module<'_>,
    rounds: u16,
    mut tick: impl FnMut(),
) -> Result<Vec<Row>, HsmError> {
    let tried = probe::try_all(module, &WrappingAlgorithm::ALL, &[KEY])?;
    probe::verdict(&tried)?;
    let (key, _) = module.generate(KEY, None)?;
    let mut rows = Vec::new();
    for bits in SIZES {
        let pair = ThrowAway::of(bits)?;
        let by = module.import(&pair.public()?)?;
        let to = pair.wrapping_key()?;
        for tried in &tried {
            let padding = tried.padding;
            let mut token = Token { module: &mut *module, key, by: &by, padding };
            let token = match &tried.outcome {
                Outcome::Refused(refusal) => Err(refusal.clone()),
                _ => Ok(&mut token),
            };
            rows.push(row((bits, padding), token, &to, rounds)?);
            tick();
        }
        module.forget(&by)?;
    }
    module.destroy(key)?;
    Ok(rows)
}

/// A wrapping that can be repeated any number of times.
struct Token<'m, 's> {
    module: &'m mut Module<'s>,
    key: KeyNumber,
    by: &'m Wrapper,
    padding: WrappingAlgorithm,
}

impl Token<'_, '_> {
    fn once(&mut self) -> Result<(), HsmError> {
        self.module.wrap(self.key, self.by, self.padding)?;
        Ok(())
    }
}

fn row(
    (bits, padding): (usize, WrappingAlgorithm),
    token: Result<&mut Token<'_, '_>, Refusal>,
    to: &WrappingKey,
    rounds: u16,
) -> Result<Row, HsmError> {
    let material = KeyMaterial::generate(MaterialLength::B256, &mut SysRng)?;
    let software = || -> Result<(), HsmError> {
        wrap(to, padding, &material, &mut SysRng)?.confirm()?;
        Ok(())
    };
    let refusal = match token.map(|token| in_turn(|| token.once(), software, rounds)) {
        Ok(Ok((token, software))) => return Ok(Row { bits, padding, token: Ok(token), software }),
        // A token may accept one size and refuse another.
        Ok(Err(HsmError::Call(CallError::Module(ModuleError::Refused(refusal))))) | Err(refusal) => refusal,
        Ok(Err(error)) => return Err(error),
    };
    Ok(Row { bits, padding, token: Err(refusal), software: alone(software, rounds)? })
}

fn alone(mut software: impl FnMut() -> Result<(), HsmError>, rounds: u16) -> Result<f64, HsmError> {
    let calls = calibrate(&mut software)?;
    let rates: Result<Vec<f64>, HsmError> = (0..rounds).map(|_| rate(&mut software, calls)).collect();
    Ok(median(rates?))
}

/// Runs both in every round, so that other load on the computer slows both; they take turns at going first.
fn in_turn(
    mut token: impl FnMut() -> Result<(), HsmError>,
    mut software: impl FnMut() -> Result<(), HsmError>,
    rounds: u16,
) -> Result<(f64, f64), HsmError> {
    let (of_token, of_software) = (calibrate(&mut token)?, calibrate(&mut software)?);
    let (mut tokens, mut softwares) = (Vec::new(), Vec::new());
    for round in 0..rounds {
        if round % 2 == 0 {
            tokens.push(rate(&mut token, of_token)?);
        }
        softwares.push(rate(&mut software, of_software)?);
        if round % 2 == 1 {
            tokens.push(rate(&mut token, of_token)?);
        }
    }
    Ok((median(tokens), median(softwares)))
}

/// How many calls a round has.
fn calibrate(once: &mut impl FnMut() -> Result<(), HsmError>) -> Result<usize, HsmError> {
    let (started, mut calls) = (Instant::now(), 0);
    while calls == 0 || (started.elapsed() < SAMPLE && calls < MOST) {
        once()?;
        calls += 1;
    }
    Ok(calls)
}

/// Calls per second, for this many calls.
fn rate(once: &mut impl FnMut() -> Result<(), HsmError>, calls: usize) -> Result<f64, HsmError> {
    let started = Instant::now();
    (0..calls).try_for_each(|_| once())?;
    let calls = u32::try_from(calls).map_or(f64::INFINITY, f64::from);
    Ok(calls / started.elapsed().as_secs_f64().max(1e-9))
}

/// The median: the middle value, or the mean of the two in the middle.
fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    let (half, even) = (values.len() / 2, values.len().is_multiple_of(2));
    let upper = values.get(half).copied().unwrap_or(f64::NAN);
    match half.checked_sub(1).and_then(|lower| values.get(lower)).filter(|_| even) {
        Some(lower) => f64::midpoint(*lower, upper),
        None => upper,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_median_is_the_one_in_the_middle() {
        assert!((median(vec![5.0, 1.0, 3.0]) - 3.0).abs() < f64::EPSILON);
        assert!((median(vec![4.0, 1.0, 3.0, 9.0]) - 3.5).abs() < f64::EPSILON);
        assert!(median(Vec::new()).is_nan());
    }

    /// Both sizes exist, as public keys for the token and for this computer.
    #[test]
    fn each_size_has_a_wrapping_key() {
        for bits in SIZES {
            let pair = ThrowAway::of(bits).unwrap();
            assert_eq!(pair.wrapping_key().unwrap().size().bytes() * 8, bits);
        }
    }

    /// Rounds of two contenders: the same number of calls of each, whichever goes first.
    #[test]
    fn contenders_take_turns() {
        let calls = std::cell::RefCell::new(Vec::new());
        let contender = |name: char| {
            let calls = &calls;
            move || {
                std::thread::sleep(SAMPLE);
                calls.borrow_mut().push(name);
                Ok(())
            }
        };
        in_turn(contender('t'), contender('s'), 4).unwrap();
        // One call of each to calibrate, then four rounds.
        assert_eq!(calls.borrow().iter().collect::<String>(), "ts".to_owned() + "tsst" + "tsst");
    }

    #[test]
    fn a_failure_stops_the_measurement() {
        let refused = || Err(ModuleError::Nonsense("C_WrapKey").into());
        assert!(in_turn(refused, || Ok(()), 1).is_err());
    }

    #[test]
    fn a_refusal_has_no_ratio() {
        let row = |token| Row { bits: 2048, padding: WrappingAlgorithm::default(), token, software: 50.0 };
        assert_eq!(row(Ok(100.0)).ratio(), Some(2.0));
        assert_eq!(row(Err(Refusal::of_test())).ratio(), None);
        assert_eq!(row(Err(Refusal::of_test())).json()["token_wraps_per_second"], Value::Null);
    }
}
