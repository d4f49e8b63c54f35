//! The errors that can stop a rehearsal.

use keyferry_core::artefact::names;
use std::path::PathBuf;

use keyferry_core::transcript::TranscriptError;
use keyferry_core::{ArtefactError, Bilingual, Class, Control, PlanError, bi, refusals};
use keyferry_emulator_tencent::EmulatorError;
use keyferry_planning::PlanTaskError;
use keyferry_transport::FileError;
use keyferry_transport::show::ShowError;

refusals! {
    /// The errors that can stop `keyferry rehearse`.
    #[derive(Debug)]
    #[allow(missing_docs)] // Each variant is the error of its module.
    pub enum Error {
        Emulator from EmulatorError;
        File from FileError;
        Plan from PlanTaskError;
        Rehearse from RehearseError;
    }
}

refusals! {
    /// The errors that can stop a rehearsal, or one of its ceremonies.
    #[derive(Debug)]
    #[allow(missing_docs)] // The members' names say what they are: files, commands, names.
    pub enum RehearseError: Refused {
        /// A station's program does not exist.
        Program(path: PathBuf) => FILE_READ, class(Io),
            what("{} does not exist", "{} 不存在", path.display()),
            hint("run `cargo xtask rehearse`, which builds every program first, or pass --bin-dir",
                 "`cargo xtask rehearse` 会先构建全部程序；也可以指定 --bin-dir");
        /// The folder holds something that no rehearsal made.
        Foreign(path: PathBuf) => FILE_EXISTS,
            what("{} exists and is not an earlier rehearsal", "{} 已存在，且不是先前的演练", path.display()),
            hint("choose another --out; only the folder of an earlier rehearsal is ever replaced",
                 "请指定另一个 --out；只有演练自己生成的内容才会被替换");
        /// The system's random generator failed.
        Randomness => MAT_ENTROPY, class(Io),
            what("the system's random generator failed", "系统随机数发生器失败"),
            hint("check the machine", "请检查本机");
        /// A command could not be started, or stopped answering.
        Silent { command: String, reason: String } => FILE_OTHER, class(Io),
            what("{command}: {reason}", "{command}：{reason}"),
            hint(see_above());
        /// A command failed.
        Step { command: String, control: Control, class: Class, code: Option<i32> } => (*control), class(*class),
            what(ended(command, *code)),
            hint(see_above());
        /// The words differ between the stations, or from those of the file that crossed.
        Words { file: &'static str } => (digest_of(file)),
            what("the words for {file} are not the same on both stations", "两台工作站上 {file} 的词语不一致"),
            hint("in a real ceremony, everybody stops here: nothing is wrapped or imported",
                 "在正式仪式上，此时所有人都应停下：不包装，也不导入");
        /// A result lacks something that it must contain.
        Result { command: String, lacks: &'static str } => CONFIRM_ROUND_TRIP,
            what("the result of {command} lacks {lacks}", "{command} 的结果缺少 {lacks}"),
            hint(see_above());
        /// People must press Enter, but there is no terminal.
        NoTerminal => CONSENT,
            what("--interactive needs a terminal to type on", "--interactive 需要可以键入的终端"),
            hint("run it on a terminal, or leave --interactive out; no step was run",
                 "请在终端上运行，或去掉 --interactive；未运行任何步骤");
        /// Somebody stopped the rehearsal.
        Stopped { step: String } => CONSENT,
            what("the rehearsal was stopped before {step}", "演练在 {step} 之前被停止"),
            hint("the folder keeps what was made so far; the same command begins a new rehearsal, which replaces it",
                 "文件夹中保留了目前为止生成的内容；再次运行同一命令会开始新的演练并替换它");
        /// Not every key succeeded.
        Incomplete { good: usize, all: usize } => CONFIRM_ROUND_TRIP,
            what("only {good} of {all} keys are Enabled and round-tripped",
                 "{all} 个密钥中只有 {good} 个已启用并通过加解密验证"),
            hint(see_above());
        /// Reading or writing a file failed.
        File from FileError;
        /// An artefact that a station wrote is not well formed.
        Artefact from ArtefactError;
        /// The transcript is invalid or incomplete.
        Transcript from TranscriptError;
        /// The plan is not well formed.
        Plan from PlanError;
        /// A file cannot be shown.
        Show from ShowError;
    }
}

fn see_above() -> Bilingual {
    bi!(
        "see the station's output above; the folder keeps the files made so far",
        "工作站的输出见上文；文件夹中保留了目前为止生成的内容"
    )
}

fn ended(command: &str, code: Option<i32>) -> Bilingual {
    match code {
        Some(code) => bi!("{command} ended with exit code {code}", "{command} 以退出码 {code} 结束"),
        None => bi!("{command} was killed", "{command} 被终止"),
    }
}

fn digest_of(file: &str) -> Control {
    if file == names::CIPHERTEXT { Control::CIPHER_DIGEST } else { Control::PARAM_DIGEST }
}
