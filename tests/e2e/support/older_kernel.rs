//! A kernel without one of its protections: a filter around a program that answers the protection's system call with ENOSYS.
//!
//! A filter cannot be removed again, so a separate process installs it and then becomes the program: the test program runs its test
//! `without`, which calls [`without`].

use std::ffi::OsString;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::process::CommandExt;
use std::process::Command;

use seccompiler::{
    BpfProgram, SeccompAction, SeccompCmpArgLen, SeccompCmpOp, SeccompCondition, SeccompFilter, SeccompRule,
    apply_filter,
};

/// What the kernel lacks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Without {
    Seccomp,
    Landlock,
    /// `PR_SET_NO_NEW_PRIVS`, and with it everything that requires it.
    NewPrivileges,
    /// Secret pages and locking.
    Memory,
    SecretPages,
}

const WITHOUT: &str = "KEYFERRY_TEST_WITHOUT";
const PROGRAM: &str = "KEYFERRY_TEST_PROGRAM";
const ALL: [Without; 5] =
    [Without::Seccomp, Without::Landlock, Without::NewPrivileges, Without::Memory, Without::SecretPages];

impl Without {
    /// The same command on such a kernel.
    pub fn wraps(self, command: &Command) -> Command {
        let mut outer = Command::new(std::env::current_exe().unwrap());
        outer.args(["without", "--exact", "--ignored", "--nocapture", "--test-threads", "1"]);
        let words = std::iter::once(command.get_program()).chain(command.get_args());
        let line = words.collect::<Vec<_>>().join(std::ffi::OsStr::from_bytes(b"\n"));
        outer.env(WITHOUT, format!("{self:?}")).env(PROGRAM, line);
        command.get_current_dir().map(|dir| outer.current_dir(dir));
        outer
    }

    fn calls(self) -> Vec<(libc::c_long, Vec<SeccompRule>)> {
        let calls: &[libc::c_long] = match self {
            Self::Seccomp => &[libc::SYS_seccomp],
            Self::Landlock => &[libc::SYS_landlock_create_ruleset],
            Self::Memory => &[libc::SYS_memfd_secret, libc::SYS_mlock],
            Self::SecretPages => &[libc::SYS_memfd_secret],
            Self::NewPrivileges => {
                let option = libc::PR_SET_NO_NEW_PRIVS.cast_unsigned().into();
                let option =
                    SeccompCondition::new(0, SeccompCmpArgLen::Dword, SeccompCmpOp::Eq, option).unwrap();
                return vec![(libc::SYS_prctl, vec![SeccompRule::new(vec![option]).unwrap()])];
            }
        };
        calls.iter().map(|call| (*call, Vec::new())).collect()
    }
}

/// In the second process: installs the filter and becomes the program.
pub fn without() {
    let (Ok(name), Some(line)) = (std::env::var(WITHOUT), std::env::var_os(PROGRAM)) else { return };
    let without = ALL.into_iter().find(|w| format!("{w:?}") == name).unwrap();
    let absent = SeccompAction::Errno(libc::ENOSYS.cast_unsigned());
    let arch = std::env::consts::ARCH.try_into().unwrap();
    let filter =
        SeccompFilter::new(without.calls().into_iter().collect(), SeccompAction::Allow, absent, arch)
            .unwrap();
    apply_filter(&BpfProgram::try_from(filter).unwrap()).unwrap();
    let mut words =
        line.as_bytes().split(|b| *b == b'\n').map(|w| OsString::from(std::ffi::OsStr::from_bytes(w)));
    let mut program = Command::new(words.next().unwrap());
    panic!("{}", program.args(words).env_remove(WITHOUT).env_remove(PROGRAM).exec());
}
