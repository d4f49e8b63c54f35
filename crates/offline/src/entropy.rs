//! Asks people for contributions to entropy, records which ones they made, and mixes them into the generator.
//!
//! Typed text is neither shown nor recorded, not even as a digest. The record has only kinds, counts, credited bits, and the
//! operators' commitments. The commitments are on the device before either operator reveals a contribution.

use keyferry_core::entropy::{
    Commitments, Contribution, Credit, Dice, MAX_CONTRIBUTION, Mixed, MixedError, Pool,
};
use keyferry_core::transcript::MaterialSource;
use keyferry_core::{EntropyError, Event, bi};
use keyferry_transport::console::NoSecret;
use keyferry_transport::{TranscriptFile, read_private_by_link};
use rand_core::{TryCryptoRng, TryRng};

use crate::args::Asked;
use crate::context::Context;
use crate::error::OfflineError;
use crate::rng::StationRng;

/// The station's generator, with or without contributions.
pub(crate) enum Generator {
    /// Without contributions.
    Plain(StationRng),
    /// With contributions mixed in.
    Mixed(Box<Mixed<StationRng>>),
}

/// Asks people for all requested contributions and mixes them in. Records commitments and credits in `record`, if it
/// is given.
pub(crate) fn mix(
    rng: StationRng,
    asked: &[Asked],
    context: &Context,
    mut record: Option<&mut TranscriptFile>,
) -> Result<Generator, OfflineError> {
    if asked.is_empty() {
        return Ok(Generator::Plain(rng));
    }
    let once =
        |kind: &&Asked| !matches!(kind, Asked::File(_)) && asked.iter().filter(|a| a == kind).count() > 1;
    if asked.iter().any(|a| once(&a)) {
        return Err(EntropyError::Twice.into());
    }
    let mut contributions = Vec::new();
    for kind in asked {
        match kind {
            Asked::Dice => contributions.push(dice(context)?),
            Asked::Text => contributions.push(text(context)?),
            Asked::File(path) => {
                contributions.push(Contribution::file(&read_private_by_link(path, MAX_CONTRIBUTION)?)?)
            }
            Asked::TwoOperators => contributions.extend(operators(context, record.as_deref_mut())?),
        }
    }
    let credits: Vec<Credit> = contributions.iter().map(Contribution::credit).collect();
    show(&credits, context);
    if let Some(record) = record {
        record.add(context, Event::EntropyMixed { contributions: credits })?;
    }
    Ok(Generator::Mixed(Box::new(Mixed::new(rng, Pool::of(&contributions)))))
}

/// Reads lines of rolls until an empty line. On a terminal, a person is asked again after a mistyped line;
/// elsewhere such a line is refused.
fn dice(context: &Context) -> Result<Contribution, OfflineError> {
    let console = &context.console;
    console.say(&bi!(
        "\n  Roll a die and type what it shows, 1 to 6, with as many rolls on a line as you like. Nothing is shown. An empty line ends the input.",
        "\n  掷骰子并键入点数 1 到 6，每行可键入任意多次。屏幕不显示。空行结束。"
    ));
    let mut dice = Dice::new();
    loop {
        let n = dice.rolls();
        let line = match console.secret(&bi!("{n} rolls; more:", "已有 {n} 次；继续：")) {
            Ok(line) if !line.trim().is_empty() => line,
            // The end of the input counts as an empty line.
            Ok(_) | Err(NoSecret::Ended) if !console.is_terminal() => return Ok(Contribution::dice(&dice)?),
            Err(other) => return Err(other.into()),
            Ok(_) => match Contribution::dice(&dice) {
                Ok(enough) => return Ok(enough),
                Err(error) => {
                    console.refuse_text(&error);
                    continue;
                }
            },
        };
        match dice.add(&line).map_err(EntropyError::from) {
            Err(error) if console.is_terminal() => console.refuse_text(&error),
            Err(error) => return Err(error.into()),
            Ok(()) => {}
        }
    }
}

fn text(context: &Context) -> Result<Contribution, OfflineError> {
    let line = context.console.secret(&bi!(
        "Type one line, long and unpredictable; it is not shown:",
        "请键入一行尽量长且无法预料的内容；屏幕不显示："
    ))?;
    Ok(Contribution::text(&line)?)
}

/// Both operators commit, both commitments are recorded, and then both reveal.
fn operators(
    context: &Context,
    record: Option<&mut TranscriptFile>,
) -> Result<[Contribution; 2], OfflineError> {
    let console = &context.console;
    let commitment = |n| {
        let question =
            bi!("Operator {n}: your commitment, 64 hex digits:", "操作员 {n}：请键入承诺（64 位十六进制）：");
        console.ask(&question).unwrap_or_default()
    };
    let both = Commitments::parse([&commitment(1), &commitment(2)])?;
    if let Some(record) = record {
        for (operator, commitment) in both.numbered() {
            record.add(context, Event::EntropyCommitted { operator, commitment })?;
        }
        record.flush()?;
    }
    let reveal = |n| -> Result<Contribution, OfflineError> {
        let typed = console.secret(&bi!(
            "Operator {n}: nonce, space, contribution; nothing is shown:",
            "操作员 {n}：请键入随机数、空格和附加熵源的内容；屏幕不显示："
        ))?;
        Ok(both.reveal(n, &typed)?)
    };
    Ok([reveal(1)?, reveal(2)?])
}

fn show(credits: &[Credit], context: &Context) {
    for credit in credits {
        let (kind, n, bits) = (credit.contribution.as_str(), credit.count, credit.credited_bits);
        let text = if bits == 0 {
            bi!("{kind}: {n}, mixed in, not counted as entropy", "{kind}：{n}，已混入，不计为熵")
        } else {
            bi!("{kind}: {n}, mixed in, {bits} bits", "{kind}：{n}，已混入，{bits} 位")
        };
        context.console.row(&bi!("entropy", "熵"), text.get(context.console.lang()));
    }
}

impl Generator {
    /// The source of the material, for the record.
    pub(crate) fn source(&self) -> MaterialSource {
        match self {
            Self::Plain(rng) => rng.source(),
            // A published seed still counts as published, whatever is mixed in.
            Self::Mixed(rng) => match rng.inner().source() {
                MaterialSource::Seeded => MaterialSource::Seeded,
                // `Hsm` cannot occur, because this station has no HSM.
                MaterialSource::OperatingSystem | MaterialSource::Mixed | MaterialSource::Hsm => {
                    MaterialSource::Mixed
                }
            },
        }
    }
}

impl TryRng for Generator {
    type Error = MixedError<<StationRng as TryRng>::Error>;

    fn try_next_u32(&mut self) -> Result<u32, Self::Error> {
        match self {
            Self::Plain(rng) => rng.try_next_u32().map_err(MixedError::Inner),
            Self::Mixed(rng) => rng.try_next_u32(),
        }
    }

    fn try_next_u64(&mut self) -> Result<u64, Self::Error> {
        match self {
            Self::Plain(rng) => rng.try_next_u64().map_err(MixedError::Inner),
            Self::Mixed(rng) => rng.try_next_u64(),
        }
    }

    fn try_fill_bytes(&mut self, dst: &mut [u8]) -> Result<(), Self::Error> {
        match self {
            Self::Plain(rng) => rng.try_fill_bytes(dst).map_err(MixedError::Inner),
            Self::Mixed(rng) => rng.try_fill_bytes(dst),
        }
    }
}

impl TryCryptoRng for Generator {}
