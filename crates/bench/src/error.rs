//! The errors that can stop a measurement.

use keyferry_core::transcript::TranscriptError;
use keyferry_core::{
    ArtefactError, Bilingual, MaterialError, ParametersError, PlanError, SelfTestError, WrapError,
    WrappingKeyError, bi, refusals,
};
use keyferry_peers::PeerError;
use keyferry_transport::FileError;

refusals! {
    /// An error that stops a measurement.
    #[derive(Debug)]
    pub enum BenchError: Refused {
        /// A step of the core refused its own input, or an old report is not well formed.
        Core from keyferry_core::Error;
        /// Reading or writing a file failed.
        File from FileError;
        /// The system's random generator failed.
        Randomness => MAT_ENTROPY, class(Io),
            what("the system's random generator failed", "系统随机数发生器失败"),
            hint(check_the_machine());
        /// The input that was made for the measurement is invalid.
        Fixture => WRAP_FAILED,
            what("the input that was made for this measurement was refused", "为测量生成的输入未被正确接受"),
            hint(check_the_machine());
        /// Another implementation returned an error.
        Peer(why: PeerError) => WRAP_FAILED,
            what("another implementation failed: {why}", "另一实现失败：{why}"),
            hint(check_the_machine());
        /// Another implementation returned a block of the wrong length.
        Block(name: String) => WRAP_FAILED,
            what("{name} wrapped to a block that is not 256 bytes long", "{name} 包装得到的数据块不是 256 字节"),
            hint(check_the_machine());
        /// A program that was run as a whole process failed.
        Process => FILE_OTHER, class(Io),
            what("a program to be timed failed", "待计时的程序运行失败"),
            hint(check_the_machine());
    }
}

fn check_the_machine() -> Bilingual {
    bi!(
        "nothing was written; check the machine, then run the command again",
        "没有写出任何内容；请检查本机，然后重新运行命令"
    )
}

macro_rules! from_core {
    ($($ty:ty),+ $(,)?) => {$(
        impl From<$ty> for BenchError {
            fn from(e: $ty) -> Self { Self::Core(e.into()) }
        }
    )+};
}

from_core!(
    ArtefactError,
    MaterialError,
    ParametersError,
    PlanError,
    SelfTestError,
    TranscriptError,
    WrapError,
    WrappingKeyError,
);

impl From<PeerError> for BenchError {
    fn from(e: PeerError) -> Self {
        Self::Peer(e)
    }
}
