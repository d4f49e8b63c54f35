//! What can stop a measurement.

use keyferry_core::transcript::TranscriptError;
use keyferry_core::{
    ArtefactError, Bilingual, Class, Control, Explain, MaterialError, ParametersError, PlanError,
    SelfTestError, WrapError, WrappingKeyError, bi, explained,
};
use keyferry_peers::PeerError;
use keyferry_transport::FileError;

/// What can stop a measurement.
#[derive(Debug)]
pub(crate) enum BenchError {
    /// A step of the core refused its own input, or an old report is not well formed.
    Core(keyferry_core::Error),
    /// A file failed.
    File(FileError),
    /// The system's random generator failed.
    Randomness,
    /// The input that was made for the measurement is not what it should be.
    Fixture,
    /// Another implementation refused.
    Peer(PeerError),
    /// Another implementation gave no block of the right length.
    Block(String),
    /// A program that was run as a whole failed.
    Process,
}

macro_rules! from_core {
    ($($ty:ty),+ $(,)?) => {$(
        impl From<$ty> for BenchError {
            fn from(e: $ty) -> Self { Self::Core(e.into()) }
        }
    )+};
}

from_core!(
    keyferry_core::Error,
    ArtefactError,
    MaterialError,
    ParametersError,
    PlanError,
    SelfTestError,
    TranscriptError,
    WrapError,
    WrappingKeyError,
);

impl From<FileError> for BenchError {
    fn from(e: FileError) -> Self {
        Self::File(e)
    }
}

impl From<PeerError> for BenchError {
    fn from(e: PeerError) -> Self {
        Self::Peer(e)
    }
}

impl BenchError {
    /// The error of another part, where this is one.
    const fn inner(&self) -> Option<&dyn Explain> {
        match self {
            Self::Core(e) => Some(e),
            Self::File(e) => Some(e),
            _ => None,
        }
    }

    fn own_what(&self) -> Bilingual {
        match self {
            Self::Randomness => bi!("the system's random generator failed", "系统随机数发生器失败"),
            Self::Peer(e) => bi!("another implementation failed: {e}", "另一实现失败：{e}"),
            Self::Block(name) => bi!(
                "{name} wrapped to a block that is not 256 bytes long",
                "{name} 包装得到的数据块不是 256 字节"
            ),
            Self::Process => bi!("a program that was to be timed failed", "待计时的程序运行失败"),
            _ => bi!(
                "the input made for this measurement was not taken as it should be",
                "为测量生成的输入未被正确接受"
            ),
        }
    }
}

impl Explain for BenchError {
    fn control(&self) -> Control {
        match self {
            Self::Randomness => Control::MAT_ENTROPY,
            Self::Process => Control::FILE_OTHER,
            other => other.inner().map_or(Control::WRAP_FAILED, Explain::control),
        }
    }

    fn class(&self) -> Class {
        match self {
            Self::Randomness | Self::Process => Class::Io,
            other => other.inner().map_or(Class::Refused, Explain::class),
        }
    }

    fn what(&self) -> Bilingual {
        self.inner().map_or_else(|| self.own_what(), Explain::what)
    }

    fn hint(&self) -> Bilingual {
        self.inner().map_or_else(
            || {
                bi!(
                    "nothing was written; check the machine, then run the command again",
                    "没有写出任何内容；请检查本机，然后重新运行命令"
                )
            },
            Explain::hint,
        )
    }
}

explained!(BenchError);
