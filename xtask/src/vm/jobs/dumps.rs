//! The offline program is aborted at its prompt, on a machine whose kernel writes core files into a
//! program's folder.

use super::super::boot::Done;
use super::super::verdict::{self, Check, check};

/// The script works for root and for an ordinary user.
pub(super) const SCRIPT: &str = include_str!("dumps.sh");

/// Exit code of a shell for a command that SIGABRT ended.
const ABORTED: i32 = 128 + 6;

pub(super) fn checks(done: &Done) -> [Check; 2] {
    [
        check("another program's core file contains its arguments and its input", control(done)),
        check("the program aborted at its prompt leaves no core file", program(done)),
    ]
}

fn control(done: &Done) -> Result<(), String> {
    let pattern = &verdict::ended(done, "core-pattern", 0)?.out;
    if pattern.trim() != "core" {
        return Err(format!("core files go elsewhere: {pattern}"));
    }
    let left = &verdict::ended(done, "aborted-control", ABORTED)?.out;
    let expected = "core\nplanted\ntyped";
    if left.trim() == expected { Ok(()) } else { Err(format!("the control left {left:?}")) }
}

fn program(done: &Done) -> Result<(), String> {
    let left = &verdict::ended(done, "aborted-program", ABORTED)?.out;
    if left.trim().is_empty() { Ok(()) } else { Err(format!("left behind: {left}")) }
}
