//! `keyferry emulate`: the emulator as a program, for rehearsals by hand and for other people's CI.

use std::future::Future;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use keyferry_core::{Bilingual, bi, refusals};
use keyferry_emulator_tencent::{Config, EmulatorError, LogLine, StateFileError};
use keyferry_tencent::Credentials;
use keyferry_transport::{Access, Console, check_free, write_new};
use tokio::signal::unix::{SignalKind, signal};

use crate::args::{Emulate, LogFormat};
use crate::clock::now;
use crate::error::Error;

refusals! {
    /// The emulator did not start.
    #[derive(Debug)]
    pub(crate) enum EmulateError: Refused {
        /// The address can be reached from other machines.
        NotLoopback(a: SocketAddr) => NET_ENDPOINT,
            what("{a} can be reached from other computers; the emulator speaks plain HTTP and stays on loopback",
                 "{a} 可从其他计算机访问；模拟器使用明文 HTTP，只在本机回环地址上运行"),
            hint("give --listen 127.0.0.1:PORT, or port 0", "请使用 --listen 127.0.0.1:PORT，或端口 0");
        /// Without credentials nobody could call.
        NoCredentials => CRED_MISSING,
            what("no credentials were given", "没有给出凭据"),
            hint("give --secret-id and --secret-key", "请给出 --secret-id 与 --secret-key");
        /// The address cannot be listened on.
        Bind(a: SocketAddr, e: std::io::Error) => FILE_OTHER, class(Io),
            what("cannot listen on {a}: {e}", "无法监听 {a}：{e}"),
            hint("another program has this port: --listen 127.0.0.1:0 takes a free one",
                 "端口已被其他程序占用：--listen 127.0.0.1:0 会选用空闲端口");
        /// The runtime or a thread could not be started.
        Start(e: EmulatorError) => FILE_OTHER, class(Io),
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

pub(crate) fn run(args: &Emulate, console: &Console, log: bool) -> Result<(), Error> {
    [&args.port_file, &args.admin_port_file].into_iter().flatten().try_for_each(|path| check_free(path))?;
    let credentials = Credentials::new(args.secret_id.as_str(), args.secret_key.as_str());
    let mut config = Config::new(vec![credentials], Arc::new(now));
    config.listen = args.listen;
    config.admin = args.admin;
    config.state.clone_from(&args.state);
    config.wrapping_keys = args.wrapping_keys;
    config.denied = args.deny.iter().copied().collect();
    config.region_editions = args.region_edition.iter().cloned().collect();
    let console_of_log = *console;
    config.log = match args.log.or(log.then_some(LogFormat::Text)) {
        None => None,
        Some(LogFormat::Text) => Some(Box::new(move |line: &LogLine| console_of_log.line(&line.to_string()))),
        Some(LogFormat::Json) => Some(Box::new(move |line: &LogLine| console_of_log.line(&line.to_json()))),
    };
    let emulator = keyferry_emulator_tencent::bind(config).map_err(EmulateError::from)?;
    let (addr, admin) = (emulator.local_addr(), emulator.admin_addr());
    let mut announced = Ok(());
    let until_stopped = async {
        let stopped = stop_signals();
        // Only now: whoever reads it may also stop us at once.
        announced = announce(addr, admin, args, console);
        if announced.is_ok() {
            stopped.await;
        }
    };
    emulator.run(until_stopped).map_err(EmulateError::from)?;
    announced
}

/// A line for each interface, and the ports for scripts. The system queues whoever connects before the first request is taken.
fn announce(
    addr: SocketAddr,
    admin: Option<SocketAddr>,
    args: &Emulate,
    console: &Console,
) -> Result<(), Error> {
    // The admin port first: who waits for the other file finds this one too.
    if let (Some(path), Some(admin)) = (&args.admin_port_file, admin) {
        write_port(path, admin)?;
    }
    if let Some(path) = &args.port_file {
        write_port(path, addr)?;
    }
    if console.json() {
        console.result(&serde_json::json!({
            "endpoint": format!("http://{addr}"),
            "admin": admin.map(|admin| format!("http://{admin}")),
        }));
        return Ok(());
    }
    console.product(&format!("keyferry emulator ready on http://{addr}"));
    if let Some(admin) = admin {
        console.product(&format!("keyferry emulator admin on http://{admin}"));
    }
    Ok(())
}

fn write_port(path: &Path, addr: SocketAddr) -> Result<(), Error> {
    Ok(write_new(path, format!("{}\n", addr.port()).as_bytes(), Access::Everyone)?)
}

/// Done when the process is told to stop: Ctrl-C, or SIGTERM from a service manager.
fn stop_signals() -> impl Future<Output = ()> {
    // Registered at once, before the ready line: a signal between the two is not lost.
    let signals = [SignalKind::terminate(), SignalKind::interrupt()].map(signal);
    async move {
        let [Ok(mut terminate), Ok(mut interrupt)] = signals else {
            // No handler, so the signal itself ends the process.
            return std::future::pending().await;
        };
        tokio::select! {
            _ = terminate.recv() => {}
            _ = interrupt.recv() => {}
        }
    }
}

impl From<EmulatorError> for EmulateError {
    fn from(e: EmulatorError) -> Self {
        match e {
            EmulatorError::NotLoopback(addr) => Self::NotLoopback(addr),
            EmulatorError::NoCredentials => Self::NoCredentials,
            EmulatorError::Bind(addr, e) => Self::Bind(addr, e),
            EmulatorError::Start(_) => Self::Start(e),
            EmulatorError::Randomness => Self::Randomness,
            EmulatorError::State(path, why) => Self::State(path, why),
        }
    }
}

fn another_state_file(why: &StateFileError) -> Bilingual {
    if matches!(why, StateFileError::InUse) {
        return bi!(
            "stop the other emulator, or give another --state FILE",
            "请停止另一个模拟器，或指定另一个 --state 文件"
        );
    }
    bi!(
        "give another --state FILE; it is made if it is not there. This one was left as it is",
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
