//! Why an emulator does not run.

use std::io;
use std::net::SocketAddr;
use std::path::PathBuf;

use keyferry_core::{Bilingual, bi, refusals};

use crate::store::StateFileError;

refusals! {
    /// Why an emulator does not run.
    #[derive(Debug)]
    pub enum EmulatorError: Refused {
        /// The address can be reached from other machines.
        NotLoopback(a: SocketAddr) => NET_ENDPOINT,
            what("{a} can be reached from other computers; the emulator speaks plain HTTP and stays on loopback",
                 "{a} 可从其他计算机访问；模拟器使用明文 HTTP，只在本机回环地址上运行"),
            hint("use --listen 127.0.0.1:PORT, or port 0", "请使用 --listen 127.0.0.1:PORT，或端口 0");
        /// Without credentials, nobody could make a call.
        NoCredentials => CRED_MISSING,
            what("no credentials were given", "没有给出凭据"),
            hint("pass --secret-id and --secret-key", "请给出 --secret-id 与 --secret-key");
        /// The emulator cannot listen on the address.
        Bind(a: SocketAddr, e: io::Error) => FILE_OTHER, class(Io),
            what("cannot listen on {a}: {e}", "无法监听 {a}：{e}"),
            hint("another program has this port: --listen 127.0.0.1:0 takes a free one",
                 "端口已被其他程序占用：--listen 127.0.0.1:0 会选用空闲端口");
        /// The runtime or a thread could not be started.
        Start(e: io::Error) => FILE_OTHER, class(Io),
            what("the emulator did not start: {e}", "模拟器未能启动：{e}"),
            hint(check_the_machine());
        /// The operating system's random generator failed.
        Randomness => MAT_ENTROPY, class(Io),
            what("the system's random generator failed", "系统随机数发生器失败"),
            hint(check_the_machine());
        /// The state file cannot be used.
        State(path: PathBuf, why: StateFileError) => FILE_OTHER,
            what("the state file {path} cannot be used: {why}", "状态文件 {path} 无法使用：{why}",
                 both why = words(why); path = path.display()),
            hint(another_state_file(why));
    }
}

fn check_the_machine() -> Bilingual {
    bi!("check the machine, then run the command again", "请检查本机，然后重新运行命令")
}

fn another_state_file(why: &StateFileError) -> Bilingual {
    if matches!(why, StateFileError::InUse) {
        return bi!(
            "stop the other emulator, or use another --state FILE",
            "请停止另一个模拟器，或指定另一个 --state 文件"
        );
    }
    bi!(
        "use another --state FILE; it is created if it does not exist. This one was not changed",
        "请指定另一个 --state 文件；不存在时会自动创建。现有文件未被改动"
    )
}

fn words(why: &StateFileError) -> Bilingual {
    Bilingual { en: why.to_string(), zh: why_in_chinese(why) }
}

fn why_in_chinese(why: &StateFileError) -> String {
    match why {
        StateFileError::Exposed(mode) => format!("其他用户可以读取（权限 {mode:03o}）：请执行 chmod 600"),
        StateFileError::InUse => "另一个模拟器正在使用它".to_owned(),
        StateFileError::Format => "不是本版本的状态文件".to_owned(),
        StateFileError::Damaged => "文件已损坏".to_owned(),
        other => other.to_string(),
    }
}
