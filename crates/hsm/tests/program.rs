//! The program with our own module in C, which does what no honest module does. Without a C compiler, the tests say so, and CI fails.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::print_stdout
)]

use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::sync::OnceLock;

use keyferry_core::Control;

/// The module, compiled once.
fn module() -> Option<&'static Path> {
    static MODULE: OnceLock<Option<PathBuf>> = OnceLock::new();
    MODULE.get_or_init(compiled).as_deref()
}

fn compiled() -> Option<PathBuf> {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("module-{}", std::process::id()));
    std::fs::create_dir_all(&folder).unwrap();
    let (source, module) =
        (Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/program/module.c"), folder.join("module.so"));
    let compiler = std::env::var_os("CC").unwrap_or_else(|| "cc".into());
    let mut cc = Command::new(compiler);
    cc.args(["-shared", "-fPIC", "-O0", "-o"]).arg(&module).arg(source);
    match cc.output() {
        Ok(run) => {
            assert!(run.status.success(), "{}", String::from_utf8_lossy(&run.stderr));
            Some(module)
        }
        Err(_) => {
            assert!(std::env::var_os("CI").is_none(), "CI lacks a C compiler");
            println!("not tested: there is no C compiler on this machine");
            None
        }
    }
}

/// Runs `inspect` with a module that behaves in this way; `None` if there is no compiler.
fn inspect(does: &str, more: &[&str]) -> Option<Output> {
    let mut program = Command::new(env!("CARGO_BIN_EXE_keyferry-hsm"));
    program.args(["inspect", "--lang", "en", "--module"]).arg(module()?).args(more);
    Some(program.env("KEYFERRY_TEST_MODULE", does).output().unwrap())
}

fn text(run: &Output) -> String {
    String::from_utf8(run.stderr.clone()).unwrap() + std::str::from_utf8(&run.stdout).unwrap()
}

#[track_caller]
fn refused(run: &Output, control: Control, parts: &[&str]) {
    let text = text(run);
    assert_eq!(run.status.code(), Some(1), "{text}");
    assert!(text.contains(&format!("[{control}]")), "{text}");
    for part in parts {
        assert!(text.contains(part), "{part}: {text}");
    }
}

#[test]
fn a_module_that_ends_its_process_ends_no_other() {
    for (does, parts) in [
        ("crash", ["signal 11", "C_Initialize"]),
        ("abort", ["signal 6", "C_Initialize"]),
        ("exit", ["exit code 7", "C_Initialize"]),
        ("crash later", ["signal 11", "C_GetTokenInfo"]),
    ] {
        let Some(run) = inspect(does, &[]) else { return };
        refused(&run, Control::HSM_MODULE, &parts);
    }
}

#[test]
fn a_module_that_hangs_is_ended_with_its_process() {
    let Some(run) = inspect("hang", &["--time-limit", "1"]) else { return };
    refused(&run, Control::HSM_MODULE, &["did not answer for 1 seconds", "C_Initialize"]);
    // No process holds the file any more.
    let holds = |entry: std::fs::DirEntry| {
        let maps = std::fs::read_to_string(entry.path().join("maps")).unwrap_or_default();
        maps.contains(module().unwrap().to_str().unwrap())
    };
    let left = std::fs::read_dir("/proc").unwrap().filter_map(Result::ok).any(holds);
    assert!(!left, "the module still runs");
}

#[test]
fn what_a_module_prints_reaches_nobody() {
    let Some(run) = inspect("print", &[]) else { return };
    let text = text(&run);
    assert_eq!(run.status.code(), Some(0), "{text}");
    assert!(!text.contains("nonsense") && !text.contains('\u{1b}'), "{text}");
}

#[test]
fn a_module_that_writes_into_the_pipe_is_found() {
    let Some(run) = inspect("talk over", &[]) else { return };
    refused(&run, Control::HSM_MODULE, &["C_Initialize"]);
}

#[test]
fn a_module_has_no_network_unless_it_was_asked_for() {
    let Some(run) = inspect("network", &[]) else { return };
    assert_eq!(run.status.code(), Some(0), "{}", text(&run));
    // The control: with the option, there is a network.
    let Some(run) = inspect("network", &["--network"]) else { return };
    refused(&run, Control::HSM_CALL, &["C_Initialize", "CKR_GENERAL_ERROR"]);
}

#[test]
fn a_refusal_is_named_by_its_code() {
    let Some(run) = inspect("refuse", &[]) else { return };
    refused(&run, Control::HSM_CALL, &["C_Initialize", "CKR_DEVICE_ERROR"]);
}

/// The proxy would load modules that nobody reviewed.
#[test]
fn a_proxy_for_other_modules_is_refused() {
    let Some(run) = inspect("proxy", &[]) else { return };
    refused(&run, Control::HSM_MODULE, &["p11-kit's proxy"]);
}

#[test]
fn a_module_s_texts_move_no_cursor() {
    let Some(run) = inspect("escape", &[]) else { return };
    assert_eq!(run.status.code(), Some(0));
    assert!(!text(&run).contains('\u{1b}') && text(&run).contains("cleared"), "{}", text(&run));
}

/// If the library cannot read the clock's text, it fails for the whole token.
#[test]
fn a_token_that_cannot_be_read_hides_no_other() {
    let Some(run) = inspect("clock", &[]) else { return };
    let text = text(&run);
    assert_eq!(run.status.code(), Some(0), "{text}");
    assert!(text.contains("\"ceremony\" (serial 0000000000000000, slot 2)"), "{text}");
}

#[test]
fn two_tokens_alike_are_refused_before_a_pin_is_asked_for() {
    let Some(module) = module() else { return };
    let mut program = Command::new(env!("CARGO_BIN_EXE_keyferry-hsm"));
    program.args(["probe", "--lang", "en", "--token-label", "ceremony", "--serial", "0000000000000000"]);
    let run = program.arg("--module").arg(module).env_remove("KEYFERRY_TEST_MODULE").output().unwrap();
    refused(&run, Control::HSM_TOKEN, &["slot 1", "slot 2"]);
    assert!(!text(&run).contains("PIN of token"));
}

#[test]
fn what_is_no_module_is_told() {
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("text.so");
    std::fs::write(&file, "no library").unwrap();
    for file in
        [file.as_path(), Path::new("/lib/x86_64-linux-gnu/libm.so.6")].into_iter().filter(|f| f.exists())
    {
        let mut program = Command::new(env!("CARGO_BIN_EXE_keyferry-hsm"));
        let run = program.args(["inspect", "--lang", "en", "--module"]).arg(file).output().unwrap();
        refused(&run, Control::HSM_MODULE, &["cannot be loaded as a PKCS#11 module"]);
    }
}
