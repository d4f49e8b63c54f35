//! `wrap`: from plan and parameters to `ciphertext.json`, with keys that a token makes and wraps.
//!
//! People compare the inputs before the module is loaded. The plan's padding is tested with throw-away keys in the same session before a
//! real key is made. The ciphertext is published last, when the whole record is on the device: so after a kill, either there is no
//! ciphertext or the run was complete. A run that ends with an error after people compared the inputs says why in the record. A killed
//! run with `--keep` may leave keys in the token; the record names their label before the first is made.

mod again;
mod compare;
mod inputs;
mod keys;
mod log;
mod record;
mod trusted;

use std::path::{Path, PathBuf};

use getrandom::SysRng;
use getrandom::rand_core::TryRng as _;
use keyferry_core::steps::{HSM_REWRAP, HSM_WRAP};
use keyferry_core::transcript::{Means, MemoryKind};
use keyferry_core::{
    CiphertextEntry, Clock as _, Control, Event, Explain as _, Fingerprint, Lang, Origin, PostureCheck,
    Purpose, Source, Station, artefact, bi,
};
use keyferry_sandbox::{Confinement, Folders, LockedProcess};
use keyferry_transport::{
    Access, FileError, Salts, TranscriptFile, check_free, check_room, is_empty_leftover, prepare_new,
    remove_empty_leftover,
};
use serde_json::json;

use super::earlier::Earlier;
use super::{ModuleFile, load, start_child};
use crate::args::{RunArgs, Wrap};
use crate::context::Context;
use crate::error::HsmError;
use crate::host::Host;
use crate::module::Module;
use crate::probe::Committed;
use crate::protocol::{ModuleInfo, Token, TokenInfo};
use crate::refused::{CiphertextExists, KeysFailed, NotPlanned, NotPublished};
use crate::token::{Wanted, check_same};
use crate::{pin, probe};
use compare::Found;
use inputs::Inputs;
use keys::Keep;
use log::Log;
use trusted::Trusted;

/// The maximum size, in bytes, of one key's lines, and of its entry in the ciphertext; the same is allowed for
/// the rest of the record and of the file.
const EACH: u64 = 6 * 1024;

/// The files on the medium.
struct Outputs {
    ciphertext: PathBuf,
    transcript: PathBuf,
}

/// What a run does with each key.
#[derive(Clone, Copy, Debug)]
pub(super) enum Job<'r> {
    /// Make it in the token.
    Make {
        /// If present, it stays in the token; otherwise it is destroyed.
        keep: Option<Keep<'r>>,
    },
    /// Wrap it again.
    Again {
        /// The label before each key's alias.
        label: &'r str,
        /// Whether the security officer marks the wrapping keys.
        trusted: bool,
        /// The record with which the keys are compared.
        earlier: &'r Earlier,
    },
}

impl Job<'_> {
    /// The command's name in the record.
    const fn command(self) -> &'static str {
        match self {
            Self::Make { .. } => HSM_WRAP,
            Self::Again { .. } => HSM_REWRAP,
        }
    }

    /// The label of keys that stay in the token.
    const fn label(&self) -> Option<&str> {
        match self {
            Self::Make { keep: Some(keep) } => Some(keep.label),
            Self::Make { keep: None } => None,
            Self::Again { label, .. } => Some(label),
        }
    }

    const fn earlier(&self) -> Option<&Earlier> {
        match self {
            Self::Make { .. } => None,
            Self::Again { earlier, .. } => Some(earlier),
        }
    }
}

pub(crate) fn run(args: &Wrap, context: &Context) -> Result<(), HsmError> {
    let keep = args.keep.as_deref().map(|label| Keep { label, trusted: args.trusted });
    hold(&args.run, Job::Make { keep }, context)
}

/// A whole run, from the files to the ciphertext.
pub(super) fn hold(args: &RunArgs, job: Job<'_>, context: &Context) -> Result<(), HsmError> {
    let file = ModuleFile::read(&args.module.module)?;
    let (mut host, confinement) = start_child(&args.module)?;
    let inputs = Inputs::load(args, &file, context)?;
    if let Some(earlier) = job.earlier() {
        earlier.check_purpose(inputs.plan.purpose())?;
    }
    let out = Outputs {
        ciphertext: args.out.join("ciphertext.json"),
        transcript: args.out.join("transcript.jsonl"),
    };
    out.check_free()?;
    let found = Found::at(&out.transcript, &inputs)?;
    inputs.show(context);
    if inputs.parameters.entries().is_empty() {
        return Err(outcome(0, &inputs));
    }
    let means = compare::agree(args, &inputs, (found, job.earlier().map(Earlier::head)), context)?;
    inputs.check_later(context.now())?;
    let confinement = confine(&args.out, confinement, &inputs, context)?;
    out.check_room(&inputs)?;
    let run = Run { args, job, file: &file, inputs: &inputs, out: &out, context };
    run.with(&mut host, means, found, &confinement)
}

/// The values that every phase of a run needs.
#[derive(Clone, Copy)]
struct Run<'r> {
    args: &'r RunArgs,
    job: Job<'r>,
    file: &'r ModuleFile,
    inputs: &'r Inputs,
    out: &'r Outputs,
    context: &'r Context,
}

impl Run<'_> {
    fn with(
        self,
        host: &mut Host,
        means: Means,
        found: Found,
        confinement: &Confinement,
    ) -> Result<(), HsmError> {
        let mut module = Module::new(host);
        let mut log = Log::new(self, means, found, confined(confinement));
        match self.make(&mut module, &mut log) {
            Ok(entries) => self.write(entries, log.begin()?),
            Err(error) => Err(log.give_up(error)),
        }
    }

    /// Everything that the module does.
    fn make(self, module: &mut Module<'_>, log: &mut Log<'_>) -> Result<Vec<CiphertextEntry>, HsmError> {
        let (token, info) = self.open(module, log)?;
        let trusted = self.trust(module, &info)?;
        let made = self.wrap(module, (&token, &info, &trusted), log);
        // Whatever the outcome, no key may stay marked.
        let gone = trusted.forget(module);
        let entries = made?;
        gone?;
        module.close()?;
        Ok(entries)
    }

    /// Loads the module and opens a session with the plan's token.
    fn open(self, module: &mut Module<'_>, log: &mut Log<'_>) -> Result<(Token, TokenInfo), HsmError> {
        let (args, console) = (self.args, &self.context.console);
        let info = load(module, self.file, &args.module, self.inputs.hsm.network, console)?;
        let wanted = Wanted { label: args.token.token_label.clone(), serial: args.token.serial.clone() };
        let tokens = module.tokens()?;
        let (token, token_info) = wanted.choose(&tokens)?;
        console.row(&bi!("token", "硬件令牌"), &crate::token::name(token));
        log.keep(self.loaded(&info, token_info));
        let writes = matches!(self.job, Job::Make { keep: Some(_) } | Job::Again { trusted: true, .. });
        module.open(token, writes)?;
        Ok((token.clone(), token_info.clone()))
    }

    fn trust(self, module: &mut Module<'_>, token: &TokenInfo) -> Result<Trusted, HsmError> {
        match self.job {
            Job::Make { keep: Some(Keep { trusted: true, .. }) } | Job::Again { trusted: true, .. } => {
                Trusted::mark(module, self.inputs, token, self.context)
            }
            Job::Make { .. } | Job::Again { .. } => Ok(Trusted::default()),
        }
    }

    /// Tests the padding, finds the keys that exist already, begins the record, and wraps every key in the
    /// token.
    fn wrap(
        self,
        module: &mut Module<'_>,
        (token, info, trusted): (&Token, &TokenInfo, &Trusted),
        log: &mut Log<'_>,
    ) -> Result<Vec<CiphertextEntry>, HsmError> {
        let (inputs, job, context) = (self.inputs, self.job, self.context);
        pin::log_in(module, info, &context.console)?;
        self.probe(module, log)?;
        let held = match job {
            Job::Make { .. } => Vec::new(),
            Job::Again { label, trusted, earlier } => {
                again::find_all(module, inputs, (label, earlier, trusted), context)?
            }
        };
        // Typing the PIN may have taken a while.
        inputs.check_later(context.now())?;
        check_same(token, &module.token()?)?;
        let record = log.begin()?;
        let entries = match job {
            Job::Make { keep } => keys::wrap_all(module, inputs, (keep, trusted), (record, context)),
            Job::Again { earlier, .. } => {
                again::wrap_all(module, inputs, (held.as_slice(), earlier.head()), trusted, (record, context))
            }
        }?;
        check_same(token, &module.token()?)?;
        Ok(entries)
    }

    /// Tests the plan's padding in the session.
    fn probe(self, module: &mut Module<'_>, log: &mut Log<'_>) -> Result<(), HsmError> {
        for (padding, bytes) in self.inputs.wanted() {
            // Tests all three paddings, so that a refusal can name those that work.
            let rows = probe::try_all(module, &keyferry_core::WrappingAlgorithm::ALL, &[bytes])?;
            let bits = u16::from(bytes) * 8;
            probe::require(&rows, &[(padding, bits)])?;
            if let Some(Committed::Refused(refusal)) = rows.first().map(|row| &row.commitment) {
                return Err(NotPlanned::NoCommitment(refusal.clone()).into());
            }
            let kcv = rows.iter().all(|row| row.kcv.is_ok());
            log.keep(Event::HsmProbed { algorithm: padding, bits, kcv });
        }
        self.context.console.say(&bi!(
            "  The plan's padding works: a throw-away key was wrapped by the token and opened here.",
            "  计划的填充方式可用：一次性密钥已由硬件令牌包装并在此打开。"
        ));
        Ok(())
    }

    fn loaded(self, info: &ModuleInfo, token: &TokenInfo) -> Event {
        let name = self.file.path.file_name().map_or_else(String::new, |n| n.to_string_lossy().into_owned());
        Event::HsmLoaded {
            file: name.into(),
            module_sha256: Box::new(self.file.sha256),
            module: format!(
                "{}, {}, {}; PKCS#11 {}",
                info.manufacturer, info.description, info.library, info.cryptoki
            )
            .into(),
            token: token.label.to_string().into(),
            serial: token.serial.to_string().into(),
            hardware: format!(
                "{}, {}; hardware {}, firmware {}",
                token.manufacturer, token.model, token.hardware, token.firmware
            )
            .into(),
            network: self.inputs.hsm.network,
            network_denied: info.network_denied,
            keep: self.job.label().map(Into::into),
        }
    }

    fn open_record(self, found: Found) -> Result<TranscriptFile, HsmError> {
        if is_empty_leftover(&self.out.ciphertext) {
            remove_empty_leftover(&self.out.ciphertext)?;
        }
        let (path, ceremony) = (&self.out.transcript, self.inputs.plan.ceremony());
        let mut record = TranscriptFile::open(path, ceremony, Station::Offline, self.context)?;
        found.check(&record)?;
        if self.inputs.plan.commits_names() {
            record.commit_names(Salts::new(|| {
                let mut salt = [0; 32];
                SysRng.try_fill_bytes(&mut salt).ok().map(|()| salt)
            }))?;
        }
        Ok(record)
    }

    /// Writes the ciphertext. The record so far is on the device before the file is made, and the whole
    /// record before the file has a name.
    fn write(self, entries: Vec<CiphertextEntry>, record: &mut TranscriptFile) -> Result<(), HsmError> {
        let (inputs, context) = (self.inputs, self.context);
        let origin = Origin { source: Source::Hsm, seeded: false, wrapped_at: inputs.time.now };
        let ciphertext = inputs.parameters.ciphertext(entries, origin)?;
        let bytes = artefact::to_bytes(&ciphertext)?;
        let digest = Fingerprint::of(&bytes);
        record.flush()?;
        let unpublished = match prepare_new(&self.out.ciphertext, &bytes, Access::Everyone) {
            Ok(unpublished) => unpublished,
            Err(error) => return Err(record::give_up(record, (inputs, self.job), error.into(), context)),
        };
        let failed = inputs.parameters.refused().len();
        record::finish(record, (&ciphertext, digest), (self.job, failed), context)?;
        let console = &context.console;
        for entry in &ciphertext.keys {
            let kcv = entry.kcv.map_or_else(String::new, |kcv| format!("  KCV {kcv}"));
            let (alias, length) = (&entry.alias, entry.material.length);
            let text = bi!("{alias}  {length}{kcv}", "{alias}  {length:#}{kcv}");
            console.row(&bi!("material", "密钥材料"), text.get(console.lang()));
        }
        console.digest(&bi!("digest", "摘要"), &digest, &inputs.plan.word_languages());
        let published = unpublished.publish().map_err(|cause| NotPublished { cause })?;
        published.sync().map_err(|cause| NotPublished { cause })?;
        self.print(&ciphertext, digest, record);
        if failed == 0 { Ok(()) } else { Err(outcome(ciphertext.keys.len(), inputs)) }
    }

    fn print(self, ciphertext: &keyferry_core::Ciphertext, digest: Fingerprint, record: &TranscriptFile) {
        let console = &self.context.console;
        let head = record.tip().head();
        console.row(&bi!("wrote", "已写出"), &self.out.ciphertext.display().to_string());
        record::say_head(record, self.context);
        console.say(&bi!(
            "  The record can only repeat what the module says about the key. A software token says the same as hardware.",
            "  记录中关于密钥的说明均为模块的自述。用软件实现的模块说法与硬件相同。"
        ));
        if !console.json() {
            return console.result_line(&self.out.ciphertext.display().to_string());
        }
        let key = |k: &CiphertextEntry| {
            json!({
                "alias": k.alias, "key_id": k.key_id, "bits": k.material.length.bits(), "kcv": k.kcv,
                "commitment": k.commitment,
            })
        };
        console.result(&json!({
            "file": self.out.ciphertext, "ciphertext_sha256": digest, "source": ciphertext.source,
            "words": {"en": digest.words(Lang::En), "zh": digest.words(Lang::Zh)},
            "keys": ciphertext.keys.iter().map(key).collect::<Vec<_>>(), "transcript_head": head,
        }));
    }
}

impl Outputs {
    /// Refuses any file in the ciphertext's place, because it came with the medium.
    fn check_free(&self) -> Result<(), HsmError> {
        match check_free(&self.ciphertext) {
            Err(FileError::Exists(path)) if is_empty_leftover(&path) => Ok(()),
            Err(FileError::Exists(path)) => Err(CiphertextExists { path }.into()),
            other => Ok(other?),
        }
    }

    /// Checks, before a key is made, that there is room for everything that this run may write.
    fn check_room(&self, inputs: &Inputs) -> Result<(), FileError> {
        let keys = inputs.parameters.entries().len() + inputs.parameters.refused().len();
        let bytes = EACH * (u64::try_from(keys).unwrap_or(u64::MAX).saturating_add(4));
        check_room(&[(&self.transcript, bytes), (&self.ciphertext, bytes)])
    }
}

/// From here on, this process can access only the output folder. Missing protections of the kernel are reported; in
/// production the plan decides whether they stop the run.
fn confine(
    out: &Path,
    confinement: Confinement,
    inputs: &Inputs,
    context: &Context,
) -> Result<Confinement, HsmError> {
    let confinement = confinement.narrow(&Folders::new().write(out));
    let required =
        inputs.plan.purpose() == Purpose::Production && inputs.plan.requires(PostureCheck::Sandbox);
    for lack in confinement.lacking() {
        if required {
            return Err(lack.into());
        }
        context.console.warn(&lack);
    }
    Ok(confinement)
}

/// The only secret of this process is a PIN, on the heap.
fn confined(confinement: &Confinement) -> Event {
    confinement.event(match confinement.locked() {
        LockedProcess::Whole | LockedProcess::Present => MemoryKind::LockedPages,
        LockedProcess::Nothing => MemoryKind::Unlocked,
    })
}

fn outcome(succeeded: usize, inputs: &Inputs) -> HsmError {
    let refused = inputs.parameters.refused();
    let first = refused.first().map_or(Control::WRAP_FAILED, |(_, e)| e.control());
    KeysFailed { succeeded, failed: refused.len(), first }.into()
}
