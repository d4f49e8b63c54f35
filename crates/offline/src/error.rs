//! Everything that can stop an offline command.

use std::path::PathBuf;

use keyferry_core::plan::ClockWindow;
use keyferry_core::{
    ArtefactError, Bilingual, CiphertextError, Control, EntropyError, EscrowError, MaterialError,
    ParametersError, PlanError, SelfTestError, Timestamp, WrapError, WrappingKeyError, bi, refusals,
};
use keyferry_sandbox::SandboxError;
use keyferry_slip39::{SchemeError, SecretError, SetError, ShareError, SplitError};
use keyferry_transport::console::{NoConsent, NoSecret};
use keyferry_transport::receive::ReceiveError;
use keyferry_transport::show::ShowError;
use keyferry_transport::{FileError, HardenError, RecordError, SecretFileError};

use crate::backup::backup_error::{BackupError, ShareFolder};
use crate::compared::not_compared::NotCompared;
use crate::posture::{PostureError, PreflightFailed};
use crate::program::ProgramError;
use crate::rng::SeedError;

refusals! {
    /// Everything that can stop an offline command.
    #[derive(Clone, Debug, PartialEq, Eq)]
    #[non_exhaustive]
    #[allow(missing_docs)] // Each variant holds the error of one module.
    pub enum OfflineError {
        Core from keyferry_core::Error;
        File from FileError;
        Harden from HardenError;
        Taken from CiphertextExists;
        Unpublished from NotPublished;
        Record from RecordError;
        Consent from NoConsent;
        Compared from NotCompared;
        Secret from NoSecret;
        Backup from BackupError;
        Folder from ShareFolder;
        Share from ShareError;
        Shares from SetError;
        Split from SplitError;
        Scheme from SchemeError;
        Shared from SecretError;
        Seed from SeedError;
        Program from ProgramError;
        Sandbox from SandboxError;
        Plan from PlanDemand;
        Posture from PostureError;
        Preflight from PreflightFailed;
        Keys from KeysFailed;
        Show from ShowError;
        Receive from ReceiveError;
    }
}

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

refusals! {
    /// The plan demands something that this run cannot meet. It is refused instead of being silently left out.
    #[derive(Clone, Debug, PartialEq, Eq)]
    #[non_exhaustive]
    pub enum PlanDemand: Refused {
        /// The plan requires a confirmed clock, but the question is not asked and no time is given.
        Clock => POSTURE,
            what("the plan requires a confirmed clock, but with --expect-digest nobody is asked for the time",
                 "计划要求确认时钟，而使用 --expect-digest 时不会询问时间"),
            hint("give the time with --now, or leave out --expect-digest and answer the question",
                 "请用 --now 给出时间，或去掉 --expect-digest 并回答提问");
        /// The time is outside the plan's window.
        Window {
            /// The time that a person entered, or the clock's time.
            now: Timestamp,
            /// The plan's window.
            window: ClockWindow,
        } => PARAM_CLOCK,
            what("it is {now}, but the plan's ceremony is from {from} to {to}",
                 "现在是 {now}，而计划的仪式时间为 {from} 至 {to}", from = window.not_before, to = window.not_after),
            hint("if this clock is wrong, give the right time with --now; if it is right, the plan needs another review",
                 "如果本机时钟有误，请用 --now 给出正确时间；如果无误，计划需要重新审阅");
        /// The clock went back while people were asked.
        Jumped {
            /// The time before the question.
            before: Timestamp,
            /// The time after the answer.
            after: Timestamp,
        } => PARAM_CLOCK,
            what("this machine's clock went from {before} to {after} during the run, so the time that passed is unknown; nothing was made",
                 "本机时钟在运行期间从 {before} 变为 {after}，因此无法得知经过的时间；尚未生成任何内容"),
            hint("set the clock before the run, not during it, then run the command again",
                 "请在运行之前而不是运行期间校准时钟，然后重新运行命令");
    }
}

refusals! {
    /// A ciphertext already exists where this run would write its own. Nothing was made, and the file was not
    /// read.
    #[derive(Clone, Debug, PartialEq, Eq)]
    pub struct CiphertextExists {
        pub(crate) path: PathBuf,
        /// The command that refuses.
        pub(crate) command: &'static str,
        /// Whether the plan backs up the material with shares.
        pub(crate) shared: bool,
    }: Refused => FILE_EXISTS,
        what("{} already exists; a ciphertext found on the medium is never assumed to be this station's own",
             "{} 已存在；介质上发现的密文绝不会被当作本工作站生成的密文", path.display()),
        hint(move_or_keep(command, *shared));
}

refusals! {
    /// The record is complete and names a ciphertext, but the file did not get its name, or the name may not be
    /// on the device.
    #[derive(Clone, Debug, PartialEq, Eq)]
    pub struct NotPublished {
        pub(crate) cause: FileError,
        /// Whether the file has its name, which may not be on the device yet.
        pub(crate) named: bool,
        /// The command that made the ciphertext.
        pub(crate) command: &'static str,
        /// Whether the plan backs up the material with shares.
        pub(crate) shared: bool,
    }: Refused => (cause.control()), class(cause.class()),
        what("{cause}; the record names this run's ciphertext, {which}", "{cause}；记录中列有本次运行的密文，{which}",
             both cause = cause.what(), which = not_there(*named)),
        hint(make_another(command, *shared));
}

fn not_there(named: bool) -> Bilingual {
    if named {
        return bi!("which may not be on the medium", "但该密文可能不在介质上");
    }
    bi!("which was not published", "但该密文未能写出")
}

fn make_another(command: &str, shared: bool) -> Bilingual {
    if shared && command == "wrap" {
        return bi!(
            "check the medium, move away any ciphertext.json on it, then run rewrap with the shares that were read back, or wrap again for new ones: the later run then counts in the record",
            "请检查介质，移走其中的 ciphertext.json，然后用已读回的分片运行 rewrap，或再次运行 wrap 生成新的分片：记录以后一次运行为准"
        );
    }
    bi!(
        "check the medium, move away any ciphertext.json on it, and run {command} again: the later run then counts in the record",
        "请检查介质，移走其中的 ciphertext.json，然后再次运行 {command}：记录以后一次运行为准"
    )
}

fn move_or_keep(command: &str, shared: bool) -> Bilingual {
    if shared && command == "wrap" {
        return bi!(
            "if your own run of wrap showed the words of this file, keep it: it is complete. If not, move the file away, then run rewrap with the shares that were read back, or wrap again for new ones. Nothing was made",
            "如果你们自己的 wrap 显示过该文件的词语，请保留该文件：它是完整的。否则请移走该文件，然后用已读回的分片运行 rewrap，或再次运行 wrap 生成新的分片。尚未生成任何内容"
        );
    }
    bi!(
        "if your own run of {command} showed the words of this file, keep it: it is complete. If not, move the file away and run {command} again. Nothing was made",
        "如果你们自己的 {command} 显示过该文件的词语，请保留该文件：它是完整的。否则请移走该文件并再次运行 {command}。尚未生成任何内容"
    )
}

refusals! {
    /// Some keys were refused; each refusal was explained when it occurred.
    #[derive(Clone, Copy, Debug, PartialEq, Eq)]
    pub struct KeysFailed {
        /// The number of keys that succeeded.
        pub succeeded: usize,
        /// The number of keys that were refused.
        pub failed: usize,
        /// The control of the first failure.
        pub first: Control,
        /// Whether the result was already printed.
        pub printed: bool,
    }: Refused => (*first),
        what("{failed} of {total} keys were refused; see the reasons above",
             "{total} 个密钥中有 {failed} 个被拒绝；原因见上文", total = failed + succeeded),
        hint(export_again(*succeeded));
}

fn export_again(succeeded: usize) -> Bilingual {
    if succeeded == 0 {
        return bi!(
            "nothing was written; fix the causes, export again, and bring the new parameters",
            "没有写出任何文件；请消除原因，重新导出后再来"
        );
    }
    bi!(
        "the other keys are in order; the refused ones need a separate export",
        "其余密钥均正常；被拒绝的密钥需要另行导出"
    )
}
