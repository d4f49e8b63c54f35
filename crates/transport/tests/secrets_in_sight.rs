//! A panic clears the screen before it prints anything. The test runs itself on a terminal and panics there.
#![allow(clippy::unwrap_used, clippy::panic, clippy::print_stderr, clippy::disallowed_types)]

use std::process::Command;

use keyferry_core::Lang;
use keyferry_transport::Console;

const SHARE: &str = "words of a share";

#[test]
#[ignore = "panics on purpose, for the test below"]
fn panics_with_a_share_in_sight() {
    Console::new(Lang::En, false, 0).clear_on_panic();
    eprintln!("{SHARE}");
    panic!("on purpose");
}

#[test]
fn a_panic_clears_the_screen_first() {
    let own = std::env::current_exe().unwrap();
    let mut python = Command::new("python3");
    python.args(["-c", "import pty, sys; pty.spawn(sys.argv[1:])"]).arg(own);
    python.args(["--ignored", "--exact", "panics_with_a_share_in_sight", "--nocapture"]);
    let Ok(output) = python.output() else {
        eprintln!("SKIPPED: python3 is not installed; no terminal was tried");
        return;
    };
    let shown = String::from_utf8_lossy(&output.stdout);
    let at = |text: &str| shown.find(text).unwrap_or_else(|| panic!("no {text:?} in {shown:?}"));
    let cleared = at("\x1b[H\x1b[2J\x1b[3J");
    assert!(at(SHARE) < cleared && cleared < at("on purpose"), "{shown:?}");
    assert!(!shown.split_at(cleared).1.contains(SHARE), "{shown:?}");
}
