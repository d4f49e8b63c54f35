//! Finds out what a module does, with throw-away keys: each padding is opened here, and the check value is also computed here.

use keyferry_core::{
    Bilingual, Commitment, Explain, Kcv, KcvMethod, KeyMaterial, WrappingAlgorithm, bi, refusals,
};
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};
use zeroize::Zeroizing;

use crate::host::ModuleError;
use crate::key::{Attributes, CheckValue, KeyRefused, hex};
use crate::module::{CallError, Module, Wrapper};
use crate::protocol::Refusal;
use crate::public::BlockError;
use crate::throwaway::{Opened, Padding, ThrowAway, ThrowAwayError};

refusals! {
    /// Why a module is not used.
    #[derive(Clone, Debug, PartialEq, Eq)]
    pub(crate) enum ProbeFailed: Refused {
        /// It refuses the plan's padding.
        Refused {
            /// The padding.
            padding: WrappingAlgorithm,
            /// The module's answer.
            refusal: Refusal,
            /// The paddings that work.
            works: String,
        } => HSM_CALL,
            what("the module does not wrap with {padding}: {call} returned {code}. It works with: {works}",
                 "模块不能用 {padding} 包装：{call} 返回 {code}。可用的填充方式：{works}",
                 call = refusal.call, code = refusal.code),
            hint("ask the service for parameters with a padding that works, and have the plan reviewed again. \
                  keyferry does not encrypt the key in another way: its bytes would have to leave the token. Nothing was made",
                 "请向服务端申请可用填充方式的参数，并重新审阅计划。keyferry 不会改用其他方式加密密钥：那样密钥字节必须离开硬件令牌。尚未生成任何内容");
        /// It reported success, but did something else.
        Other {
            /// The padding.
            padding: WrappingAlgorithm,
            /// The padding that was found.
            found: String,
        } => HSM_PADDING,
            what("the module answered CKR_OK for {padding}, but the wrapped block has {found}",
                 "模块对 {padding} 返回 CKR_OK，但包装结果的填充是 {found}"),
            hint("do not use this module with this padding: the service could not import what it wraps, or would import made-up bytes. Nothing was made",
                 "请勿用该模块的这种填充方式：服务端无法导入其结果，或会导入无意义的字节。尚未生成任何内容");
        /// It reported success, but returned bytes that no RSA key produces.
        NoBlock {
            /// The padding.
            padding: WrappingAlgorithm,
            /// What is wrong with it.
            what: Bilingual,
        } => HSM_BLOCK,
            what("the module answered CKR_OK for {padding}, but the returned bytes are not an RSA block: {what}",
                 "模块对 {padding} 返回 CKR_OK，但给出的不是 RSA 数据块：{what}", both what = what.clone()),
            hint("do not use this module: report it to its maker. Nothing was made", "请勿使用该模块：请报告给厂商。尚未生成任何内容");
        /// The block contains a different key from the one that was made.
        OtherKey(padding: WrappingAlgorithm) => HSM_PADDING,
            what("the key that the module wrapped with {padding} is not the one that it made",
                 "模块用 {padding} 包装的密钥不是它所生成的密钥"),
            hint("do not use this module. Nothing was made", "请勿使用该模块。尚未生成任何内容");
        /// Its digest of a key is not the digest of that key.
        Commitment => HSM_COMMITMENT,
            what("the digest that the token computed of a throw-away key is not the SHA-256 of that key",
                 "硬件令牌对一次性密钥计算的摘要不是该密钥的 SHA-256"),
            hint("do not use this module: its commitments would say nothing about the keys. Nothing was made",
                 "请勿使用该模块：其承诺值不能说明密钥。尚未生成任何内容");
        /// No padding works.
        Nothing => HSM_CALL,
            what("this module cannot wrap an AES key with any of the three paddings", "该模块不能用三种填充方式中的任何一种包装 AES 密钥"),
            hint("this token cannot take part in a ceremony: use another one, or keyferry-offline", "该硬件令牌不能参加仪式：请换用其他硬件令牌，或使用 keyferry-offline");
    }
}

refusals! {
    /// Why a module could not be tried at all.
    #[derive(Clone, Debug, PartialEq, Eq)]
    pub(crate) enum ProbeError {
        /// A call.
        Call from CallError;
        /// The module or its process.
        Module from ModuleError;
        /// The key that the token made for the test.
        Key from KeyRefused;
        /// The throw-away pair.
        ThrowAway from ThrowAwayError;
        /// Its public key.
        Block from BlockError;
    }
}

/// The result for one padding and one key length.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Outcome {
    /// It was opened here, and its check value matches the key that the token made.
    Works,
    /// The module refused.
    Refused(Refusal),
    /// The module reported success, but the padding is a different one or none.
    Other(Option<Padding>),
    /// The padding is right, but the key in it is not the one that was made.
    OtherKey,
    /// The returned bytes are not an RSA block.
    NoBlock(Bilingual),
}

/// One row of the table.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Row {
    pub(crate) padding: WrappingAlgorithm,
    pub(crate) bits: u16,
    pub(crate) outcome: Outcome,
    /// The token's check value for the wrapped key, equal to the one computed here; or why there is none.
    pub(crate) kcv: Result<String, Refusal>,
    pub(crate) commitment: Committed,
}

/// The token's commitment to a key, which every record of a ceremony needs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Committed {
    /// It is the one that was computed here.
    Right,
    /// It is another one.
    Wrong,
    /// No padding works, so the key is not known here.
    NotCompared,
    /// The module refused.
    Refused(Refusal),
}

/// The call that makes a key.
const GENERATE: &str = "C_GenerateKey";

/// The lengths of AES keys that services take, in bytes.
const LENGTHS: [u8; 2] = [32, 16];

/// Tests the paddings with keys of the given lengths, each made for the test and then destroyed.
///
/// # Errors
/// [`ProbeError`] if the module cannot be used at all; a padding that fails is only a row.
pub(crate) fn try_all(
    module: &mut Module<'_>,
    paddings: &[WrappingAlgorithm],
    lengths: &[u8],
) -> Result<Vec<Row>, ProbeError> {
    let pair = ThrowAway::new()?;
    let by = module.import(&pair.public()?)?;
    let mut rows = Vec::new();
    for bytes in lengths {
        match try_length(module, (&pair, &by), paddings, *bytes) {
            // A token may make keys of another length.
            Err(ProbeError::Module(ModuleError::Refused(refusal)))
                if lengths.len() > 1 && refusal.call.as_str() == GENERATE =>
            {
                rows.extend(paddings.iter().map(|padding| Row::not_made(*padding, *bytes, &refusal)));
            }
            tried => rows.extend(tried?),
        }
    }
    module.forget(&by)?;
    Ok(rows)
}

/// Everything that a ceremony could request.
pub(crate) fn table(module: &mut Module<'_>) -> Result<Vec<Row>, ProbeError> {
    try_all(module, &WrappingAlgorithm::ALL, &LENGTHS)
}

fn try_length(
    module: &mut Module<'_>,
    (pair, by): (&ThrowAway, &Wrapper),
    paddings: &[WrappingAlgorithm],
    bytes: u8,
) -> Result<Vec<Row>, ProbeError> {
    let (key, attributes) = module.generate(bytes, None)?;
    let attributes = Attributes::judge(attributes, bytes, false)?;
    let kcv = match attributes.check_value(module.zeros(key)?)? {
        CheckValue::Computed { value, .. } => Ok(value),
        CheckValue::None(refusal) => Err(refusal),
    };
    let (mut rows, mut known) = (Vec::new(), None);
    for padding in paddings {
        let outcome = match module.wrap(key, by, *padding) {
            Ok(block) => outcome(pair.open(&block, *padding), bytes, kcv.as_ref().ok(), &mut known),
            Err(CallError::Module(ModuleError::Refused(refusal))) => Outcome::Refused(refusal),
            Err(CallError::Block(error)) => Outcome::NoBlock(error.what()),
            Err(error) => return Err(error.into()),
        };
        let kcv = kcv.clone().map(|value| hex(&value));
        let commitment = Committed::NotCompared;
        rows.push(Row { padding: *padding, bits: u16::from(bytes) * 8, outcome, kcv, commitment });
    }
    // This comes last, because a digest that the token aborts stays active in the session.
    let commitment = committed(module.digest(key, Commitment::TOKEN_DOMAIN)?, known.as_deref());
    rows.iter_mut().for_each(|row| row.commitment = commitment.clone());
    module.destroy(key)?;
    Ok(rows)
}

/// What was opened; the first key that the token wrapped as asked is the one that is `known` from then on.
fn outcome(
    opened: Opened,
    bytes: u8,
    kcv: Option<&[u8; 3]>,
    known: &mut Option<Zeroizing<Vec<u8>>>,
) -> Outcome {
    match opened {
        Opened::Other(other) => Outcome::Other(other),
        Opened::Asked(key) if key.len() != usize::from(bytes) => Outcome::OtherKey,
        Opened::Asked(key) if kcv.is_some_and(|kcv| check_value(&key) != Some(*kcv)) => Outcome::OtherKey,
        // Without a check value, the paddings are compared with each other.
        Opened::Asked(key) if known.get_or_insert_with(|| key.clone()) != &key => Outcome::OtherKey,
        Opened::Asked(_) => Outcome::Works,
    }
}

/// Compares the token's digest with that of the key that it wrapped.
fn committed(digest: Result<[u8; 32], Refusal>, known: Option<&Vec<u8>>) -> Committed {
    let right = known.map(|key| {
        let digest = Sha256::new().chain_update(Commitment::TOKEN_DOMAIN).chain_update(key);
        <[u8; 32]>::from(digest.finalize())
    });
    match (digest, right) {
        (Err(refusal), _) => Committed::Refused(refusal),
        (Ok(_), None) => Committed::NotCompared,
        (Ok(digest), Some(right)) if digest == right => Committed::Right,
        (Ok(_), Some(_)) => Committed::Wrong,
    }
}

/// The AES check value, computed here.
fn check_value(key: &[u8]) -> Option<[u8; 3]> {
    let material = KeyMaterial::from_bytes(key).ok()?;
    Kcv::of(&material, KcvMethod::Aes).ok().map(|kcv| kcv.value.bytes())
}

/// Whether the plan's padding works; if not, the error names those that do.
///
/// # Errors
/// [`ProbeFailed`].
pub(crate) fn require(rows: &[Row], wanted: &[(WrappingAlgorithm, u16)]) -> Result<(), ProbeFailed> {
    for (padding, bits) in wanted {
        let Some(row) = rows.iter().find(|row| row.padding == *padding && row.bits == *bits) else {
            return Err(ProbeFailed::Nothing);
        };
        row.require(rows)?;
    }
    Ok(())
}

impl Committed {
    /// For people.
    pub(crate) fn shown(&self) -> Bilingual {
        match self {
            Self::Right => bi!("commitment right", "承诺值正确"),
            Self::Wrong => bi!("commitment WRONG", "承诺值错误"),
            Self::NotCompared => bi!("commitment not compared", "承诺值未核对"),
            Self::Refused(refusal) => bi!("commitment refused: {refusal}", "承诺值被拒绝：{refusal}"),
        }
    }
}

impl Row {
    /// The row of a length that the token makes no key of.
    fn not_made(padding: WrappingAlgorithm, bytes: u8, refusal: &Refusal) -> Self {
        let outcome = Outcome::Refused(refusal.clone());
        let (kcv, commitment) = (Err(refusal.clone()), Committed::Refused(refusal.clone()));
        Self { padding, bits: u16::from(bytes) * 8, outcome, kcv, commitment }
    }

    fn require(&self, all: &[Self]) -> Result<(), ProbeFailed> {
        let padding = self.padding;
        match &self.outcome {
            Outcome::Works if self.commitment == Committed::Wrong => Err(ProbeFailed::Commitment),
            Outcome::Works => Ok(()),
            Outcome::Refused(refusal) => {
                Err(ProbeFailed::Refused { padding, refusal: refusal.clone(), works: working(all) })
            }
            Outcome::Other(found) => {
                let found = found.map_or("no padding", Padding::as_str).to_owned();
                Err(ProbeFailed::Other { padding, found })
            }
            Outcome::NoBlock(what) => Err(ProbeFailed::NoBlock { padding, what: what.clone() }),
            Outcome::OtherKey => Err(ProbeFailed::OtherKey(padding)),
        }
    }

    /// For people.
    pub(crate) fn shown(&self) -> Bilingual {
        match &self.outcome {
            Outcome::Works => bi!("works", "可用"),
            Outcome::Refused(refusal) => bi!("refused: {refusal}", "被拒绝：{refusal}"),
            Outcome::Other(found) => {
                let found = found.map_or("-", Padding::as_str);
                bi!("WRONG PADDING: {found}", "填充错误：{found}")
            }
            Outcome::OtherKey => bi!("WRONG KEY", "密钥错误"),
            Outcome::NoBlock(what) => bi!("NO RSA BLOCK: {}", "不是 RSA 数据块：{}", what.en),
        }
    }

    /// For programs.
    pub(crate) fn json(&self) -> Value {
        let (outcome, detail) = match &self.outcome {
            Outcome::Works => ("works", Value::Null),
            Outcome::Refused(refusal) => ("refused", json!({"call": refusal.call, "code": refusal.code})),
            Outcome::Other(found) => ("wrong-padding", json!({"found": found.map(Padding::as_str)})),
            Outcome::OtherKey => ("wrong-key", Value::Null),
            Outcome::NoBlock(what) => ("no-block", json!({"en": what.en, "zh": what.zh})),
        };
        let kcv = self.kcv.as_ref().map_or_else(|refusal| json!({"refused": refusal}), |kcv| json!(kcv));
        let commitment = match &self.commitment {
            Committed::Right => json!("right"),
            Committed::Wrong => json!("wrong"),
            Committed::NotCompared => json!("not-compared"),
            Committed::Refused(refusal) => json!({"refused": refusal}),
        };
        json!({
            "padding": self.padding, "bits": self.bits, "outcome": outcome, "detail": detail, "kcv": kcv,
            "commitment": commitment,
        })
    }
}

fn working(all: &[Row]) -> String {
    let works = all.iter().filter(|row| row.outcome == Outcome::Works).map(|row| row.padding.as_str());
    let mut names: Vec<_> = works.collect();
    names.dedup();
    if names.is_empty() { "-".into() } else { names.join(", ") }
}

/// After the table: refuses a module that says one thing and does another, or that can wrap with no padding.
///
/// # Errors
/// [`ProbeFailed`].
pub(crate) fn verdict(rows: &[Row]) -> Result<(), ProbeFailed> {
    let lie = |row: &&Row| {
        !matches!(row.outcome, Outcome::Works | Outcome::Refused(_)) || row.commitment == Committed::Wrong
    };
    if let Some(row) = rows.iter().find(lie) {
        return row.require(rows);
    }
    if rows.iter().any(|row| row.outcome == Outcome::Works) { Ok(()) } else { Err(ProbeFailed::Nothing) }
}

#[cfg(test)]
mod tests;
