//! What can stop a rehearsal.

use std::path::PathBuf;

use keyferry_core::transcript::TranscriptError;
use keyferry_core::{ArtefactError, Bilingual, Class, Control, Explain, PlanError, bi, explained};
use keyferry_transport::FileError;
use keyferry_transport::show::ShowError;

/// What can stop a rehearsal, or one of its ceremonies.
#[derive(Debug)]
pub(crate) enum RehearseError {
    /// A station's program is not there.
    Program(PathBuf),
    /// The folder holds something that no rehearsal made.
    Foreign(PathBuf),
    /// The system's random generator failed.
    Randomness,
    /// A command could not be started, or stopped answering.
    Silent { command: String, reason: String },
    /// A command failed.
    Step { command: String, control: Control, class: Class, code: Option<i32> },
    /// The words of one station are not those of the other, or not of the file that crossed.
    Words { file: &'static str },
    /// A result does not hold what it must.
    Result { command: String, lacks: &'static str },
    /// Not every key came through.
    Incomplete { good: usize, all: usize },
    /// A file failed.
    File(FileError),
    /// An artefact that a station wrote is not well formed.
    Artefact(ArtefactError),
    /// The record is not whole.
    Transcript(TranscriptError),
    /// The plan is not well formed.
    Plan(PlanError),
    /// A file cannot be shown.
    Show(ShowError),
}

macro_rules! from {
    ($($variant:ident($ty:ty)),+ $(,)?) => {$(
        impl From<$ty> for RehearseError {
            fn from(e: $ty) -> Self { Self::$variant(e) }
        }
    )+};
}

from!(
    File(FileError),
    Artefact(ArtefactError),
    Transcript(TranscriptError),
    Plan(PlanError),
    Show(ShowError)
);

impl RehearseError {
    /// The error of another part, where this is one.
    fn inner(&self) -> Option<&dyn Explain> {
        match self {
            Self::File(e) => Some(e),
            Self::Artefact(e) => Some(e),
            Self::Transcript(e) => Some(e),
            Self::Plan(e) => Some(e),
            Self::Show(e) => Some(e),
            _ => None,
        }
    }

    fn own_what(&self) -> Bilingual {
        match self {
            Self::Program(p) => bi!("{} is not there", "{} 不存在", p.display()),
            Self::Foreign(p) => {
                bi!("{} exists and is no earlier rehearsal", "{} 已存在，且不是先前的演练", p.display())
            }
            Self::Randomness => bi!("the system's random generator failed", "系统随机数发生器失败"),
            Self::Silent { command, reason } => bi!("{command}: {reason}", "{command}：{reason}"),
            Self::Step { command, code: Some(code), .. } => {
                bi!("{command} ended with exit code {code}", "{command} 以退出码 {code} 结束")
            }
            Self::Step { command, .. } => bi!("{command} was killed", "{command} 被终止"),
            Self::Words { file } => bi!(
                "the words for {file} are not the same on both stations",
                "两个站点上 {file} 的词语不一致"
            ),
            Self::Result { command, lacks } => {
                bi!("the result of {command} lacks {lacks}", "{command} 的结果缺少 {lacks}")
            }
            Self::Incomplete { good, all } => bi!(
                "only {good} of {all} keys are Enabled and round-tripped",
                "{all} 个密钥中只有 {good} 个已启用并通过加解密验证"
            ),
            _ => bi!("", ""),
        }
    }

    fn own_hint(&self) -> Bilingual {
        match self {
            Self::Program(_) => bi!(
                "`cargo xtask rehearse` builds every program first; or give --bin-dir",
                "`cargo xtask rehearse` 会先构建全部程序；也可以指定 --bin-dir"
            ),
            Self::Foreign(_) => bi!(
                "give another --out; only what a rehearsal made is ever replaced",
                "请指定另一个 --out；只有演练自己生成的内容才会被替换"
            ),
            Self::Randomness => bi!("check the machine", "请检查本机"),
            Self::Words { .. } => bi!(
                "on the day this is where everybody stops: nothing is wrapped or imported",
                "在正式仪式上，此时所有人都应停下：不包装，也不导入"
            ),
            _ => bi!(
                "what the station said stands above; the folder keeps what was made so far",
                "站点的输出见上文；文件夹中保留了目前为止生成的内容"
            ),
        }
    }
}

impl Explain for RehearseError {
    fn control(&self) -> Control {
        match self {
            Self::Program(_) => Control::FILE_READ,
            Self::Foreign(_) => Control::FILE_EXISTS,
            Self::Randomness => Control::MAT_ENTROPY,
            Self::Step { control, .. } => *control,
            Self::Words { file: "ciphertext.json" } => Control::CIPHER_DIGEST,
            Self::Words { .. } => Control::PARAM_DIGEST,
            Self::Result { .. } | Self::Incomplete { .. } => Control::CONFIRM_ROUND_TRIP,
            other => other.inner().map_or(Control::FILE_OTHER, Explain::control),
        }
    }

    fn class(&self) -> Class {
        match self {
            Self::Step { class, .. } => *class,
            Self::Program(_) | Self::Randomness | Self::Silent { .. } => Class::Io,
            other => other.inner().map_or(Class::Refused, Explain::class),
        }
    }

    fn what(&self) -> Bilingual {
        self.inner().map_or_else(|| self.own_what(), Explain::what)
    }

    fn hint(&self) -> Bilingual {
        self.inner().map_or_else(|| self.own_hint(), Explain::hint)
    }
}

explained!(RehearseError);
