//! The transcript: one event a line, each line naming the SHA-256 of the line before.
//!
//! A changed, dropped, swapped or inserted line breaks the chain. A cut at the end does not; the head digest, read aloud and
//! later signed, closes that. Lines are canonical JSON, so that any program can recompute the chain with `sha256sum`.

use serde::{Deserialize, Serialize};

use crate::commitment::with_method;
use crate::de::stated;
use crate::encoding::Encoding;
use crate::entropy::Credit;
use crate::escrow::BackupSet;
use crate::id::{NoteText, PersonName};
use crate::provider::Material;
use crate::{
    Alias, Bilingual, CeremonyId, Commitment, Fingerprint, ImportTokenDigest, Kcv, KeyId, PostureCheck,
    PostureFinding, Purpose, Region, Timestamp, ValidTo, WrappingAlgorithm, bi, refusals,
};

mod act;
mod former;
mod kind;
mod line;
mod openings;
mod said;
mod shares;

pub use act::{Act, Actor, BadActor, Means};
pub use kind::{EventKind, Kinds};
pub use line::TRANSCRIPT_FORMAT;
use line::Version;
pub use openings::{MAX_OPENINGS, MAX_REASON, OPENINGS_FORMAT, Opening, Openings, OpeningsError};
pub use said::{Said, SaidIn, Withheld};
pub use shares::{ShareMedium, Shared};

/// Longest transcript in bytes: six lines of 1 KiB for each of [`MAX_KEYS`](crate::plan::MAX_KEYS), and some.
pub const MAX_TRANSCRIPT: usize = 640 * 1024 * 1024;
/// Longest line in bytes.
pub const MAX_LINE: usize = 16 * 1024;

/// Which station wrote a line.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
#[allow(missing_docs)]
pub enum Station {
    Online,
    Offline,
}

/// Who confirmed the time.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum TimeSource {
    /// A person answered `Yes` to the question that named it.
    Person,
    /// It was given, with `--now` or when the program asked for it.
    Given,
    /// It lies in the window of the reviewed plan.
    Plan,
}

/// Where key material came from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum MaterialSource {
    /// The operating system's generator.
    OperatingSystem,
    /// ChaCha20 with a published seed: rehearsals only, mixed with contributions or not.
    Seeded,
    /// The operating system's generator, mixed with contributions to entropy.
    Mixed,
}

/// In which memory key material stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum MemoryKind {
    /// `memfd_secret(2)`: pages that even the kernel does not map.
    SecretPages,
    /// Anonymous pages, locked into memory.
    LockedPages,
    /// Neither could be had: wiped, but not locked.
    Unlocked,
}

/// What happened.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "kebab-case", deny_unknown_fields)]
#[non_exhaustive]
#[allow(missing_docs)] // The names are the record's words; ceremony/formats.md explains each.
pub enum Event {
    /// A station began a command.
    Begun { command: String, program: String, plan_sha256: Option<Fingerprint>, purpose: Purpose },
    /// An unterminated last line, left by a crash, was cut off.
    TailRepaired { bytes: u64, sha256: Fingerprint },
    /// A key was created in the service.
    KeyCreated { alias: Alias, region: Region, key_id: KeyId, request_id: String },
    /// Import parameters of one key were fetched.
    ParametersFetched {
        alias: Alias,
        region: Region,
        key_id: KeyId,
        algorithm: WrappingAlgorithm,
        wrapping_key_sha256: Fingerprint,
        #[serde(deserialize_with = "stated")]
        import_token_sha256: Option<ImportTokenDigest>,
        #[serde(deserialize_with = "stated")]
        expires_at: Option<Timestamp>,
        request_id: String,
    },
    /// `parameters.json` and `session.json` exist.
    Exported { parameters_sha256: Fingerprint, endpoint: String, keys: u64 },
    /// One key failed; the others went on.
    KeyFailed { alias: Alias, control: String, reason: String },
    /// A person gave the time because the clock could not be trusted.
    TimeGiven { given: Timestamp, clock: Timestamp },
    /// The time was confirmed, and with it that the parameters have not expired: by whom, and what the machine's clock had.
    TimeConfirmed { time: Timestamp, clock: Timestamp, expires_at: Timestamp, by: TimeSource },
    /// What was seen of the machine before any secret existed, and the SHA-256 of the program that looked.
    PostureChecked { program_sha256: Option<Fingerprint>, findings: Vec<PostureFinding> },
    /// The plan gives up a posture check of the baseline.
    PostureWaived { check: PostureCheck, reason: Said<String> },
    /// A file was checked against the plan or session.
    Checked { file: String, sha256: Fingerprint },
    /// People agreed that a digest is the same on both sides.
    Confirmed { file: String, sha256: Fingerprint },
    /// The process narrowed itself before a secret existed: what took. `landlock_abi` is 0 where the kernel has none.
    Confined {
        no_new_privs: bool,
        limits: bool,
        seccomp: bool,
        landlock_abi: u32,
        memory: MemoryKind,
        process_locked: bool,
    },
    /// The plan chose to have no backup.
    BackupWaived { reason: Said<String> },
    /// What an operator will contribute to entropy is fixed, before either operator reveals.
    EntropyCommitted { operator: u8, commitment: Fingerprint },
    /// Contributions are mixed into all material from here on.
    EntropyMixed { contributions: Vec<Credit> },
    /// Material exists in memory.
    MaterialGenerated {
        alias: Alias,
        material: Material,
        source: MaterialSource,
        #[serde(deserialize_with = "stated")]
        kcv: Option<Kcv>,
        #[serde(with = "with_method")]
        commitment: Option<Commitment>,
    },
    /// Material was wrapped.
    Wrapped { alias: Alias, key_id: KeyId, wrapping_key_sha256: Fingerprint, wrapped_sha256: Fingerprint },
    /// Shares exist in memory, and combined they gave the secret back; none was given out yet.
    SharesMade {
        set: BackupSet,
        threshold: u8,
        shares: u8,
        gives: Shared,
        #[serde(deserialize_with = "stated")]
        kcv: Option<Kcv>,
        commitment: Commitment,
    },
    /// One share was given out and read back; the commitment is the digest of its words.
    ShareConfirmed {
        set: BackupSet,
        number: u8,
        of: u8,
        custodian: Option<Said<PersonName>>,
        medium: ShareMedium,
        share_sha256: Fingerprint,
    },
    /// People agreed that shares of an interrupted run are void.
    SharesVoid { set: BackupSet, confirmed: u8 },
    /// `escrow.json` exists.
    EscrowWritten { escrow_sha256: Fingerprint, keys: u64 },
    /// Shares were combined, and what they gave is what the record whose last line is named committed to.
    SharesCombined { set: BackupSet, numbers: Vec<u8>, commitment: Commitment, record_head: Fingerprint },
    /// Who holds one share showed that it is the one that was confirmed.
    ShareProved { set: BackupSet, number: u8, share_sha256: Fingerprint },
    /// The material of one key was recovered and is what the record committed to.
    MaterialRecovered {
        alias: Alias,
        key_id: KeyId,
        material: Material,
        #[serde(deserialize_with = "stated")]
        kcv: Option<Kcv>,
        #[serde(with = "with_method")]
        commitment: Option<Commitment>,
    },
    /// `ciphertext.json` exists.
    CiphertextWritten {
        ciphertext_sha256: Fingerprint,
        parameters_sha256: Fingerprint,
        keys: u64,
        seeded: bool,
    },
    /// The service took the material.
    Imported { alias: Alias, key_id: KeyId, request_id: String },
    /// The service proved that the key works.
    Proved { alias: Alias, key_id: KeyId, state: String, valid_to: ValidTo, round_trip: bool },
    /// The service took the recovered material for a key that holds material: both are the same.
    BackupProved { alias: Alias, key_id: KeyId, commitment: Commitment },
    /// Somebody agreed to what is about to be done to a key; the ceremony's record had this head.
    Agreed { alias: Alias, key_id: KeyId, record_head: Fingerprint },
    /// The service changed a key: its state since, and when it will be deleted, if it will.
    KeyChanged {
        alias: Alias,
        key_id: KeyId,
        state: String,
        #[serde(deserialize_with = "stated")]
        deletion_date: Option<Timestamp>,
        request_id: String,
    },
    /// Somebody noted what the programs cannot see, a deviation most of all.
    Note { by: Said<PersonName>, text: Said<NoteText> },
    /// A station finished a command.
    Finished { command: String, succeeded: u64, failed: u64 },
}

/// One line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Line {
    /// It names the format: the first line of a chain does, and the first of this version in a chain that began in the one before.
    pub names_format: bool,
    /// Number of the line, from 0.
    pub seq: u64,
    /// SHA-256 of the line before, without its line break; zeros for line 0.
    pub prev: Fingerprint,
    /// By the station's clock.
    pub time: Timestamp,
    /// Which station.
    pub station: Station,
    /// Id of the ceremony: the same in every line.
    pub ceremony: CeremonyId,
    /// How it came to be.
    pub act: Act,
    /// What happened.
    pub event: Event,
}

refusals! {
    /// Why a transcript was refused.
    #[derive(Clone, Debug, PartialEq, Eq)]
    #[non_exhaustive]
    pub enum TranscriptError: Refused {
        /// Longer than the cap, in all or in one line.
        TooLarge => TRANSCRIPT_EVENT,
            what("the transcript, or one of its lines, is too long", "记录或其中一行过长"),
            hint(compare_the_copy());
        /// The first line names another format or version.
        Format => TRANSCRIPT_EVENT,
            what("the transcript's first line names a format that this version does not read",
                 "记录首行的格式不是本版本能读的格式"),
            hint("read the record with the version that wrote it; keep the file as evidence and do not edit it",
                 "请用写出该记录的版本读取；保留此文件作为证据，不要编辑");
        /// A line is no well-formed event.
        Event {
            /// Number of the line, from 1.
            line: u64,
        } => TRANSCRIPT_EVENT,
            what("line {line} of the transcript is no event of this version", "记录第 {line} 行不是本版本的事件"),
            hint(keep_as_evidence());
        /// Saved by an editor in another encoding.
        Encoding(found: Encoding) => TRANSCRIPT_EVENT,
            what("the transcript was saved again as {name}", "记录被另存为{name}", both name = found.name()),
            hint(keep_as_evidence());
        /// Saved by an editor, or copied by a program, with the line ends of Windows.
        LineEnds => TRANSCRIPT_EVENT,
            what("the transcript was saved again with the line ends of Windows (CR LF); its lines end in LF alone",
                 "记录被另存为 Windows 换行（CR LF）；记录的行只以 LF 结尾"),
            hint(keep_as_evidence());
        /// A line does not follow from the one before.
        Chain {
            /// Number of the line, from 1.
            line: u64,
        } => TRANSCRIPT_CHAIN,
            what("line {line} of the transcript does not follow from the line before",
                 "记录第 {line} 行与前一行不衔接"),
            hint(keep_as_evidence());
        /// A line of another ceremony.
        Ceremony {
            /// Number of the line, from 1.
            line: u64,
        } => TRANSCRIPT_CHAIN,
            what("line {line} of the transcript belongs to another ceremony", "记录第 {line} 行属于另一个仪式"),
            hint("each ceremony has its own folder: give another --out",
                 "每个仪式使用各自的文件夹：请指定另一个 --out");
        /// The last line has no line break.
        Unterminated => TRANSCRIPT_EVENT,
            what("the transcript's last line is incomplete", "记录的最后一行不完整"),
            hint(compare_the_copy());
        /// What a command would add does not fit under the cap.
        Full => TRANSCRIPT_EVENT,
            what("the transcript may grow to {MAX_TRANSCRIPT} bytes, and what this command adds does not fit",
                 "记录最长为 {MAX_TRANSCRIPT} 字节，本命令要添加的内容放不下"),
            hint("close this record: have it signed and archived; hold what is left as a ceremony of its own, with another id. Nothing was added",
                 "请结束此记录：签名并归档；其余内容另用新的仪式编号单独举行。未添加任何内容");
        /// An event is too long to be a line.
        Unwritable => TRANSCRIPT_EVENT,
            what("an event is too long for the transcript", "事件过长，无法写入记录"),
            hint(compare_the_copy());
    }
}

fn keep_as_evidence() -> Bilingual {
    bi!(
        "keep this file as evidence, do not edit it; compare with the copy on the other medium",
        "请保留此文件作为证据，不要编辑；与另一介质上的副本比较"
    )
}

fn compare_the_copy() -> Bilingual {
    bi!(
        "compare with the copy on the other medium; the next station command repairs an incomplete last line",
        "请与另一介质上的副本比较；下一条站点命令会修复不完整的末行"
    )
}

impl TranscriptError {
    /// The same, unless the bytes show that the file was saved again: that is then the reason.
    fn of_bytes(self, bytes: &[u8]) -> Self {
        match self {
            Self::Event { .. } | Self::Format | Self::Unterminated => match Encoding::of(bytes) {
                // A torn last line may end within a character.
                Some(Encoding::Other { .. })
                    if core::str::from_utf8(bytes).is_err_and(|e| e.error_len().is_none()) =>
                {
                    self
                }
                Some(found) => Self::Encoding(found),
                // Every line, or somebody changed one.
                None if bytes.split_inclusive(|b| *b == b'\n').all(|line| line.ends_with(b"\r\n")) => {
                    Self::LineEnds
                }
                None => self,
            },
            other => other,
        }
    }
}

/// A chain that is whole, and to which lines can be added.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Transcript {
    version: Option<Version>,
    ceremony: CeremonyId,
    lines: Vec<Line>,
    head: Fingerprint,
}

impl Transcript {
    /// An empty chain.
    #[must_use]
    pub const fn new(ceremony: CeremonyId) -> Self {
        Self { version: None, ceremony, lines: Vec::new(), head: Fingerprint::ZERO }
    }

    /// Verifies a whole transcript; `None` for an empty file.
    ///
    /// # Errors
    /// [`TranscriptError`] names the first bad line.
    pub fn verify(bytes: &[u8]) -> Result<Option<Self>, TranscriptError> {
        if bytes.len() > MAX_TRANSCRIPT {
            return Err(TranscriptError::TooLarge);
        }
        Self::chain(bytes).map_err(|e| e.of_bytes(bytes))
    }

    fn chain(bytes: &[u8]) -> Result<Option<Self>, TranscriptError> {
        let Some(body) = bytes.strip_suffix(b"\n") else {
            return if bytes.is_empty() { Ok(None) } else { Err(TranscriptError::Unterminated) };
        };
        let mut this: Option<Self> = None;
        for (n, text) in (1u64..).zip(body.split(|b| *b == b'\n')) {
            let (version, line) = Version::parse(this.as_ref().and_then(|c| c.version), text, n)?;
            let chain = this.get_or_insert_with(|| Self::new(line.ceremony.clone()));
            chain.version = Some(version);
            chain.accept(line, text)?;
        }
        Ok(this)
    }

    fn accept(&mut self, line: Line, text: &[u8]) -> Result<(), TranscriptError> {
        let n = self.lines.len() as u64;
        if line.seq != n || line.prev != self.head {
            return Err(TranscriptError::Chain { line: n + 1 });
        }
        if line.ceremony != self.ceremony {
            return Err(TranscriptError::Ceremony { line: n + 1 });
        }
        self.head = Fingerprint::of(text);
        self.lines.push(line);
        Ok(())
    }

    /// Adds an event and returns its line, line break included.
    ///
    /// # Errors
    /// [`TranscriptError::Unwritable`] if the line would exceed [`MAX_LINE`].
    pub fn append(
        &mut self,
        station: Station,
        time: Timestamp,
        act: Act,
        event: Event,
    ) -> Result<String, TranscriptError> {
        let (seq, names_format) = (self.lines.len() as u64, self.version != Some(Version::Two));
        let line = Line {
            names_format,
            seq,
            prev: self.head,
            time,
            station,
            ceremony: self.ceremony.clone(),
            act,
            event,
        };
        let mut text = serde_json::to_string(&line).map_err(|_| TranscriptError::Unwritable)?;
        if text.len() > MAX_LINE {
            return Err(TranscriptError::Unwritable);
        }
        self.head = Fingerprint::of(text.as_bytes());
        self.version = Some(Version::Two);
        self.lines.push(line);
        text.push('\n');
        Ok(text)
    }

    /// Makes room for so many further lines at once.
    pub fn reserve(&mut self, lines: usize) {
        self.lines.reserve_exact(lines);
    }

    /// Whether it began in the version before.
    #[must_use]
    pub fn began_former(&self) -> bool {
        self.lines.first().is_some_and(|line| !line.names_format)
    }

    /// Id of the ceremony.
    #[must_use]
    pub const fn ceremony(&self) -> &CeremonyId {
        &self.ceremony
    }

    /// The lines so far.
    #[must_use]
    pub fn lines(&self) -> &[Line] {
        crate::tally::hand_out(&self.lines)
    }

    /// SHA-256 of the last line: what people read aloud and sign.
    #[must_use]
    pub const fn head(&self) -> Fingerprint {
        self.head
    }
}

#[cfg(test)]
mod tests;
