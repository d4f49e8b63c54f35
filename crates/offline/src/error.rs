//! Everything that can stop an offline command.

use std::path::PathBuf;

use keyferry_core::plan::ClockWindow;
use keyferry_core::{
    ArtefactError, Bilingual, CiphertextError, Class, Control, EntropyError, EscrowError, Explain,
    MaterialError, ParametersError, PlanError, SelfTestError, Timestamp, WrapError, WrappingKeyError, bi,
    explain_nested, explained,
};
use keyferry_sandbox::SandboxError;
use keyferry_slip39::{SchemeError, SecretError, SetError, ShareError, SplitError};
use keyferry_transport::console::{NoConsent, NoSecret};
use keyferry_transport::receive::ReceiveError;
use keyferry_transport::show::ShowError;
use keyferry_transport::{FileError, RecordError, SecretFileError};

use crate::backup::BackupError;
use crate::posture::{PostureError, PreflightFailed};
use crate::program::ProgramError;
use crate::rng::SeedError;

/// Everything that can stop an offline command.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
#[allow(missing_docs)] // Each variant is the error of its module.
pub enum OfflineError {
    Core(keyferry_core::Error),
    File(FileError),
    Taken(CiphertextExists),
    Unpublished(NotPublished),
    Record(RecordError),
    Consent(NoConsent),
    Secret(NoSecret),
    Backup(BackupError),
    Share(ShareError),
    Shares(SetError),
    Split(SplitError),
    Scheme(SchemeError),
    Shared(SecretError),
    Seed(SeedError),
    Program(ProgramError),
    Sandbox(SandboxError),
    Plan(PlanDemand),
    Posture(PostureError),
    Preflight(PreflightFailed),
    Keys(KeysFailed),
    Show(ShowError),
    Receive(ReceiveError),
}

explain_nested!(OfflineError {
    Core(keyferry_core::Error),
    File(FileError),
    Taken(CiphertextExists),
    Unpublished(NotPublished),
    Record(RecordError),
    Consent(NoConsent),
    Secret(NoSecret),
    Backup(BackupError),
    Share(ShareError),
    Shares(SetError),
    Split(SplitError),
    Scheme(SchemeError),
    Shared(SecretError),
    Seed(SeedError),
    Program(ProgramError),
    Sandbox(SandboxError),
    Plan(PlanDemand),
    Posture(PostureError),
    Preflight(PreflightFailed),
    Keys(KeysFailed),
    Show(ShowError),
    Receive(ReceiveError),
});

macro_rules! through_core {
    ($($ty:ty),+) => {$(
        impl From<$ty> for OfflineError {
            fn from(e: $ty) -> Self { Self::Core(e.into()) }
        }
    )+};
}

through_core!(
    MaterialError,
    EntropyError,
    WrappingKeyError,
    WrapError,
    SelfTestError,
    PlanError,
    ArtefactError,
    ParametersError,
    CiphertextError,
    EscrowError
);

impl From<SecretFileError> for OfflineError {
    fn from(e: SecretFileError) -> Self {
        match e {
            SecretFileError::File(e) => e.into(),
            SecretFileError::Memory(e) => e.into(),
        }
    }
}

/// The plan asks for something that this version does not do; it is refused rather than left out silently.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum PlanDemand {
    /// A confirmed clock, where neither the question is asked nor a time given.
    Clock,
    /// A time outside the plan's window.
    Window {
        /// The time that was given, or else the clock's.
        now: Timestamp,
        /// The plan's.
        window: ClockWindow,
    },
}

impl Explain for PlanDemand {
    fn control(&self) -> Control {
        match self {
            Self::Clock => Control::POSTURE,
            Self::Window { .. } => Control::PARAM_CLOCK,
        }
    }
    fn class(&self) -> Class {
        Class::Refused
    }
    fn what(&self) -> Bilingual {
        match self {
            Self::Window { now, window: ClockWindow { not_before, not_after } } => bi!(
                "it is {now}, and the plan's ceremony is from {not_before} to {not_after}",
                "现在是 {now}，而计划的仪式时间为 {not_before} 至 {not_after}"
            ),
            Self::Clock => bi!(
                "the plan requires a confirmed clock, and with --expect-digest nobody is asked for the time",
                "计划要求确认时钟，而使用 --expect-digest 时不会询问时间"
            ),
        }
    }
    fn hint(&self) -> Bilingual {
        match self {
            Self::Window { .. } => bi!(
                "if this clock is wrong, give the right time with --now; if it is right, the plan needs another review",
                "如果本机时钟有误，请用 --now 给出正确时间；如果无误，计划需要重新审阅"
            ),
            Self::Clock => bi!(
                "give the time with --now, or leave --expect-digest out and answer the question",
                "请用 --now 给出时间，或去掉 --expect-digest 并回答提问"
            ),
        }
    }
}

/// A ciphertext was found where this run's was to be written. Nothing was made, and the file was not read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CiphertextExists {
    pub(crate) path: PathBuf,
    /// The command that refuses.
    pub(crate) command: &'static str,
    /// The plan backs the material up with shares.
    pub(crate) shared: bool,
}

impl Explain for CiphertextExists {
    fn control(&self) -> Control {
        Control::FILE_EXISTS
    }
    fn class(&self) -> Class {
        Class::Refused
    }
    fn what(&self) -> Bilingual {
        bi!(
            "{} exists; a ciphertext found on the medium is never taken for this station's own",
            "{} 已存在；介质上发现的密文绝不会被当作本工作站生成的密文",
            self.path.display()
        )
    }
    fn hint(&self) -> Bilingual {
        let command = self.command;
        if self.shared && command == "wrap" {
            return bi!(
                "if your own wrap showed the words of this file, keep it: it is complete. If not, move the file away, then run rewrap with the shares that were read back, or wrap again for new ones. Nothing was made",
                "如果你们自己的 wrap 显示过该文件的词语，请保留该文件：它是完整的。否则请移走该文件，然后用已读回的分片运行 rewrap，或再次运行 wrap 生成新的分片。尚未生成任何内容"
            );
        }
        bi!(
            "if your own {command} showed the words of this file, keep it: it is complete. If not, move the file away and run {command} again. Nothing was made",
            "如果你们自己的 {command} 显示过该文件的词语，请保留该文件：它是完整的。否则请移走该文件并再次运行 {command}。尚未生成任何内容"
        )
    }
}

/// The record is complete and names a ciphertext, and that file did not appear, or may not be on the device.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NotPublished {
    pub(crate) cause: FileError,
    /// It has its name, which may not be on the device.
    pub(crate) named: bool,
    /// The command that made it.
    pub(crate) command: &'static str,
    /// The plan backs the material up with shares.
    pub(crate) shared: bool,
}

impl Explain for NotPublished {
    fn control(&self) -> Control {
        self.cause.control()
    }
    fn class(&self) -> Class {
        self.cause.class()
    }
    fn what(&self) -> Bilingual {
        let cause = self.cause.what();
        let which = if self.named {
            bi!("which may not be on the medium", "但该密文可能不在介质上")
        } else {
            bi!("which was not published", "但该密文未能写出")
        };
        Bilingual {
            en: format!("{}; the record names this run's ciphertext, {}", cause.en, which.en),
            zh: format!("{}；记录中列有本次运行的密文，{}", cause.zh, which.zh),
        }
    }
    fn hint(&self) -> Bilingual {
        let command = self.command;
        if self.shared && command == "wrap" {
            return bi!(
                "check the medium, move away a ciphertext.json that is there, then run rewrap with the shares that were read back, or wrap again for new ones: the record then counts the later run",
                "请检查介质，移走其中的 ciphertext.json，然后用已读回的分片运行 rewrap，或再次运行 wrap 生成新的分片：记录以后一次运行为准"
            );
        }
        bi!(
            "check the medium, move away a ciphertext.json that is there, and run {command} again: the record then counts the later run",
            "请检查介质，移走其中的 ciphertext.json，然后再次运行 {command}：记录以后一次运行为准"
        )
    }
}

/// Some keys were refused; each was explained where it failed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct KeysFailed {
    /// Keys that went well.
    pub succeeded: usize,
    /// Keys that did not.
    pub failed: usize,
    /// The control of the first failure.
    pub first: Control,
    /// The result was printed before.
    pub printed: bool,
}

impl Explain for KeysFailed {
    fn control(&self) -> Control {
        self.first
    }
    fn class(&self) -> Class {
        Class::Refused
    }
    fn what(&self) -> Bilingual {
        let (failed, total) = (self.failed, self.failed + self.succeeded);
        bi!(
            "{failed} of {total} keys were refused; the reasons stand above",
            "{total} 个密钥中有 {failed} 个被拒绝；原因见上文"
        )
    }
    fn hint(&self) -> Bilingual {
        if self.succeeded == 0 {
            return bi!(
                "nothing was written; mend the causes, export again, and come back",
                "没有写出任何文件；请消除原因，重新导出后再来"
            );
        }
        bi!(
            "the other keys are in order; the refused ones need an export of their own",
            "其余密钥均正常；被拒绝的密钥需要另行导出"
        )
    }
}

explained!(PlanDemand, CiphertextExists, NotPublished, KeysFailed);
