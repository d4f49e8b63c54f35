//! Openings: salt and text of each commitment to a name or free text, one per line, in a separate file
//! (`openings.jsonl`).
//!
//! Each line is complete: it names its format, its ceremony, its member and its commitment. It is refused if salt and text do not
//! produce that commitment. Therefore, any line may be removed, two files may be joined, and the whole file may be left out:
//! names without an opening stay withheld, and nothing else changes. A line that opens nothing is harmless; an interrupted run
//! can leave one. Key material, its check values and its commitments are never written here.

use std::collections::HashMap;

use serde::ser::SerializeStruct;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::chain::Transcript;
use super::event::Event;
use super::said::{SaidIn, Withheld};
use super::transcript_error::MAX_LINE;
use crate::{Bilingual, CeremonyId, Fingerprint, bi, hex, refusals};

/// The first member of each line. Older lines without it are accepted, except as the first line.
pub const OPENINGS_FORMAT: &str = "keyferry/openings/1";
/// Longest reason that is withheld, in characters.
pub const MAX_REASON: usize = 1000;
/// Longest file in bytes.
pub const MAX_OPENINGS: usize = 16 * 1024 * 1024;

refusals! {
    /// Why openings were refused.
    #[derive(Clone, Debug, PartialEq, Eq)]
    #[non_exhaustive]
    pub enum OpeningsError: Refused {
        /// The whole file or one line is longer than the limit.
        TooLarge => TRANSCRIPT_OPENING,
            what("the openings, or one of their lines, are too long", "披露文件或其中一行过长"),
            hint(take_the_other_copy());
        /// A line names another format or version.
        Format => TRANSCRIPT_OPENING,
            what("a line of the openings names a format that this version does not read",
                 "披露文件中有一行的格式不是本版本能读的格式"),
            hint("read the record with the version that wrote it; keep the file as evidence and do not edit it",
                 "请用写出该记录的版本读取；保留此文件作为证据，不要编辑");
        /// A line is not a well-formed opening.
        Line {
            /// Number of the line, from 1.
            line: u64,
        } => TRANSCRIPT_OPENING,
            what("line {line} of the openings is not an opening of this version", "披露文件第 {line} 行不是本版本的披露"),
            hint(take_the_other_copy());
        /// The salt and text of a line do not produce its commitment.
        Wrong {
            /// Number of the line, from 1.
            line: u64,
        } => TRANSCRIPT_OPENING,
            what("line {line} of the openings does not open its commitment: the salt or the text was changed",
                 "披露文件第 {line} 行与其承诺不符：盐值或文字不同"),
            hint(take_the_other_copy());
        /// A line belongs to another ceremony.
        Ceremony {
            /// Number of the line, from 1.
            line: u64,
        } => TRANSCRIPT_OPENING,
            what("line {line} of the openings belongs to another ceremony", "披露文件第 {line} 行属于另一个仪式"),
            hint(take_the_other_copy());
        /// An opening belongs to another member, or the member does not allow its text.
        Misplaced {
            /// Number of the transcript's line, from 1.
            line: u64,
        } => TRANSCRIPT_OPENING,
            what("the text that opens the commitment in line {line} of the transcript is not allowed there",
                 "记录第 {line} 行的承诺所披露的文字不属于该处"),
            hint(take_the_other_copy());
        /// The last line has no line break.
        Unterminated => TRANSCRIPT_OPENING,
            what("the last line of the openings is incomplete", "披露文件的最后一行不完整"),
            hint("use the whole file from the other medium. If there is none, run `note` at a station before the record is \
                  signed: it cuts off the incomplete line, which no line of the record needs. Then read the new head aloud",
                 "请从另一介质取来完整的文件。如果没有：在任一工作站运行 `note` 会截去不完整的一行，记录中没有任何行需要它；\
                  请在记录签名之前进行，并宣读新的链尾摘要");
        /// A text is too long for one line.
        Unwritable => TRANSCRIPT_OPENING,
            what("a text is too long for the openings", "文字过长，无法写入披露文件"),
            hint("shorten the text", "请写得简短一些");
        /// The random generator did not return a salt.
        NoSalt => MAT_ENTROPY,
            what("the random generator failed: there is no salt for a name, so the name was not recorded",
                 "随机数发生器出错：没有为姓名生成盐值，也没有记录该姓名"),
            hint("do not use this machine; use another one", "不要使用本机，请换一台");
    }
}

fn take_the_other_copy() -> Bilingual {
    bi!(
        "keep this file as evidence and compare it with the copy on the other medium. Without openings.jsonl the names stay \
         withheld, but the record is still complete",
        "请保留此文件作为证据，并与另一介质上的副本比较。没有 openings.jsonl 时姓名不公开，记录仍可验证"
    )
}

/// The opening of one commitment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Opening {
    ceremony: CeremonyId,
    member: SaidIn,
    commitment: Fingerprint,
    salt: [u8; 32],
    text: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Text {
    format: Option<String>,
    ceremony: CeremonyId,
    member: SaidIn,
    commitment: Fingerprint,
    #[serde(deserialize_with = "salt")]
    salt: [u8; 32],
    text: String,
}

fn salt<'de, D: Deserializer<'de>>(d: D) -> Result<[u8; 32], D::Error> {
    let (text, mut salt) = (String::deserialize(d)?, [0; 32]);
    let decoded = hex::decode_into(&text, &mut salt);
    decoded.map(|()| salt).ok_or_else(|| serde::de::Error::custom("expected 64 hex digits in lower case"))
}

struct Written<'o> {
    opening: &'o Opening,
    /// Whether it names its format.
    named: bool,
}

impl Serialize for Written<'_> {
    fn serialize<S: Serializer>(&self, s: S) -> Result<S::Ok, S::Error> {
        let Opening { ceremony, member, commitment, salt, text } = self.opening;
        let mut line = s.serialize_struct("Opening", 6)?;
        if self.named {
            line.serialize_field("format", OPENINGS_FORMAT)?;
        }
        line.serialize_field("ceremony", ceremony)?;
        line.serialize_field("member", member)?;
        line.serialize_field("commitment", commitment)?;
        line.serialize_field("salt", &hex::encode(salt))?;
        line.serialize_field("text", text)?;
        line.end()
    }
}

impl Opening {
    fn new(ceremony: &CeremonyId, member: SaidIn, salt: [u8; 32], text: String) -> Self {
        let commitment = Withheld::of(ceremony, member, &salt, &text).commitment();
        Self { ceremony: ceremony.clone(), member, commitment, salt, text }
    }

    /// Its line, line break included.
    ///
    /// # Errors
    /// [`OpeningsError::Unwritable`] if it is too long.
    pub fn to_line(&self) -> Result<String, OpeningsError> {
        let written = Written { opening: self, named: true };
        let mut line = serde_json::to_string(&written).map_err(|_| OpeningsError::Unwritable)?;
        if line.len() > MAX_LINE {
            return Err(OpeningsError::Unwritable);
        }
        line.push('\n');
        Ok(line)
    }

    /// Line `n` of a file, from 1. Only the canonical form is accepted, except that a line after the first
    /// may lack the format.
    fn parse(line: &[u8], n: u64) -> Result<Self, OpeningsError> {
        if line.len() > MAX_LINE {
            return Err(OpeningsError::TooLarge);
        }
        check_format(line)?;
        let malformed = OpeningsError::Line { line: n };
        let Ok(Text { format, ceremony, member, commitment, salt, text }) = serde_json::from_slice(line)
        else {
            return Err(malformed);
        };
        let this = Self { ceremony, member, commitment, salt, text };
        // The first line has to say what the file is, whatever comes after it.
        let named = n == 1 || format.is_some();
        let written = serde_json::to_vec(&Written { opening: &this, named });
        if written.map_or(true, |written| written != line) {
            return Err(malformed);
        }
        let given = Withheld::of(&this.ceremony, member, &salt, &this.text);
        if given.commitment() == commitment { Ok(this) } else { Err(OpeningsError::Wrong { line: n }) }
    }
}

/// The openings of one ceremony.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Openings {
    ceremony: Option<CeremonyId>,
    by_commitment: HashMap<Fingerprint, Opening>,
}

impl Openings {
    /// Reads a whole file; an empty one opens nothing.
    ///
    /// # Errors
    /// [`OpeningsError`] names the first bad line.
    pub fn parse(bytes: &[u8]) -> Result<Self, OpeningsError> {
        if bytes.len() > MAX_OPENINGS {
            return Err(OpeningsError::TooLarge);
        }
        let Some(body) = bytes.strip_suffix(b"\n") else {
            return if bytes.is_empty() { Ok(Self::default()) } else { Err(OpeningsError::Unterminated) };
        };
        let mut this = Self::default();
        for (n, text) in (1u64..).zip(body.split(|b| *b == b'\n')) {
            let opening = Opening::parse(text, n)?;
            if *this.ceremony.get_or_insert_with(|| opening.ceremony.clone()) != opening.ceremony {
                return Err(OpeningsError::Ceremony { line: n });
            }
            this.by_commitment.insert(opening.commitment, opening);
        }
        Ok(this)
    }

    /// The ceremony; `None` if there is no line.
    #[must_use]
    pub const fn ceremony(&self) -> Option<&CeremonyId> {
        self.ceremony.as_ref()
    }

    /// The text that a commitment in this member opens to; `None` if it is withheld.
    ///
    /// # Errors
    /// If the commitment belongs to another member.
    fn of(&self, member: SaidIn, withheld: Withheld) -> Result<Option<&str>, Misplaced> {
        match self.by_commitment.get(&withheld.commitment()) {
            None => Ok(None),
            Some(opening) if opening.member == member => Ok(Some(&opening.text)),
            Some(_) => Err(Misplaced),
        }
    }
}

struct Misplaced;

/// Checks that a reason is a single line that is not too long; the types of names and notes ensure the same
/// for them.
fn check_text(member: SaidIn, text: &str) -> Result<(), Misplaced> {
    let reason = matches!(member, SaidIn::PostureReason | SaidIn::BackupReason);
    let fits = text.chars().count() <= MAX_REASON && !text.chars().any(char::is_control);
    if reason && !fits { Err(Misplaced) } else { Ok(()) }
}

/// Tells another format apart from a damaged line.
fn check_format(line: &[u8]) -> Result<(), OpeningsError> {
    let named =
        line.strip_prefix(b"{\"format\":\"").map(|rest| rest.strip_prefix(OPENINGS_FORMAT.as_bytes()));
    match named {
        Some(rest) if !rest.is_some_and(|rest| rest.starts_with(b"\"")) => Err(OpeningsError::Format),
        _ => Ok(()),
    }
}

impl Event {
    /// Replaces each name and free text by a commitment, and returns the openings.
    ///
    /// # Errors
    /// The first error of `salt`.
    pub fn withhold<E>(
        &mut self,
        ceremony: &CeremonyId,
        mut salt: impl FnMut() -> Result<[u8; 32], E>,
    ) -> Result<Vec<Opening>, E> {
        let mut openings = Vec::new();
        self.each_said(|member, said| {
            if let Ok(text) = said.text() {
                let salt = salt()?;
                said.withhold(Withheld::of(ceremony, member, &salt, &text));
                openings.push(Opening::new(ceremony, member, salt, text));
            }
            Ok(())
        })?;
        Ok(openings)
    }
}

impl Transcript {
    /// How many names and free texts are withheld.
    #[must_use]
    pub fn withheld(&self) -> usize {
        self.lines.iter().map(|line| line.event.said().1).sum()
    }

    /// Replaces commitments by the texts in the openings. The written lines, and so the head, do not change.
    ///
    /// # Errors
    /// [`OpeningsError`] if the openings belong to another ceremony, or if an opening and its commitment
    /// belong to different members.
    pub fn open_said(&mut self, openings: &Openings) -> Result<(), OpeningsError> {
        self.check_ceremony(openings)?;
        self.lines.iter_mut().try_for_each(|line| open_event(&mut line.event, openings, line.seq))
    }

    /// How many names and free texts stay withheld with these openings. Changes nothing.
    ///
    /// # Errors
    /// As [`open_said`](Self::open_said).
    pub fn withheld_after(&self, openings: &Openings) -> Result<usize, OpeningsError> {
        self.check_ceremony(openings)?;
        let said = self.lines.iter().filter(|line| line.event.said() != (0, 0));
        let left = said.map(|line| {
            let mut event = line.event.clone();
            open_event(&mut event, openings, line.seq)?;
            Ok(event.said().1)
        });
        left.sum()
    }

    fn check_ceremony(&self, openings: &Openings) -> Result<(), OpeningsError> {
        match openings.ceremony().filter(|ceremony| *ceremony != self.ceremony()) {
            Some(_) => Err(OpeningsError::Ceremony { line: 1 }),
            None => Ok(()),
        }
    }
}

/// Replaces the commitments in the event of a line by the texts in the openings.
fn open_event(event: &mut Event, openings: &Openings, seq: u64) -> Result<(), OpeningsError> {
    let opened = event.each_said(|member, said| {
        let Err(withheld) = said.text() else { return Ok(()) };
        let Some(text) = openings.of(member, withheld)? else { return Ok(()) };
        check_text(member, text)?;
        if said.reveal(text) { Ok(()) } else { Err(Misplaced) }
    });
    opened.map_err(|Misplaced| OpeningsError::Misplaced { line: seq + 1 })
}

#[cfg(test)]
mod tests;
