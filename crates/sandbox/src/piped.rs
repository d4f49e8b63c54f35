//! Starts one program with its output in a pipe, before the process gives up starting any: for the scanner beside a station.
//!
//! Not `std::process::Command`, though it is safe: on Linux its code holds `socketpair`, so a station with it would have a function for
//! sockets inside, and one of the four checks of `cargo xtask boundary` is that it has none. `rustix` 1.1 starts no programs, and `nix` 0.31
//! (`spawn`) would be a crate more in the offline closure for these four calls.
#![allow(unsafe_code)] // posix_spawn(3) takes pointers, all of them to what this module made and keeps until it returns.

use core::ffi::c_char;
use core::mem::MaybeUninit;
use core::ptr;
use std::ffi::{CString, OsString};
use std::fs::File;
use std::io;
use std::os::fd::{AsRawFd, OwnedFd};
use std::os::unix::ffi::OsStrExt;
use std::path::Path;

use rustix::pipe::{PipeFlags, pipe_with};

/// Starts `program`, a path, with an empty environment and nothing to read, and gives what it prints. Its errors go where ours go.
///
/// It is not waited for: a confined process cannot. It has to end by itself when nobody reads its pipe any more.
///
/// # Errors
/// What the system says.
pub fn start_piped(program: &Path, args: &[OsString]) -> io::Result<File> {
    let (ours, theirs) = pipe_with(PipeFlags::CLOEXEC)?;
    let words: Vec<CString> = core::iter::once(program.as_os_str())
        .chain(args.iter().map(OsString::as_os_str))
        .map(|word| CString::new(word.as_bytes()))
        .collect::<Result<_, _>>()?;
    spawn(&words, &Actions::new(&theirs)?, &Attributes::new()?)?;
    Ok(File::from(ours))
}

/// `words` are the program and its arguments.
fn spawn(words: &[CString], actions: &Actions, attributes: &Attributes) -> io::Result<()> {
    let path = words.first().ok_or(io::ErrorKind::InvalidInput)?;
    // C has these pointers to what is not const, and writes to none of it.
    let arguments: Vec<*mut c_char> =
        words.iter().map(|word| word.as_ptr().cast_mut()).chain([ptr::null_mut()]).collect();
    let environment = [ptr::null_mut::<c_char>()];
    let mut process = 0;
    // SAFETY: both lists end with a null pointer; their strings, the actions and the attributes outlive the call.
    check(unsafe {
        libc::posix_spawn(
            &raw mut process,
            path.as_ptr(),
            &raw const actions.0,
            &raw const attributes.0,
            arguments.as_ptr(),
            environment.as_ptr(),
        )
    })
}

/// What becomes of the descriptors: nothing to read, the pipe as output. All others close by themselves (`O_CLOEXEC`).
struct Actions(libc::posix_spawn_file_actions_t);

impl Actions {
    fn new(output: &OwnedFd) -> io::Result<Self> {
        let mut raw = MaybeUninit::uninit();
        // SAFETY: there is room for what it makes.
        check(unsafe { libc::posix_spawn_file_actions_init(raw.as_mut_ptr()) })?;
        // SAFETY: made by the call above, which succeeded.
        let mut this = Self(unsafe { raw.assume_init() });
        // SAFETY: the actions are made, and the path is a string that ends; it is copied.
        check(unsafe {
            libc::posix_spawn_file_actions_addopen(
                &raw mut this.0,
                0,
                c"/dev/null".as_ptr(),
                libc::O_RDONLY,
                0,
            )
        })?;
        // SAFETY: the actions are made; descriptors are numbers.
        check(unsafe { libc::posix_spawn_file_actions_adddup2(&raw mut this.0, output.as_raw_fd(), 1) })?;
        Ok(this)
    }
}

impl Drop for Actions {
    fn drop(&mut self) {
        // SAFETY: they are made, and not used again.
        unsafe { libc::posix_spawn_file_actions_destroy(&raw mut self.0) };
    }
}

/// A broken pipe ends it, as it would end any program: Rust's own start switches that off, and children inherit it.
struct Attributes(libc::posix_spawnattr_t);

impl Attributes {
    fn new() -> io::Result<Self> {
        let mut raw = MaybeUninit::uninit();
        // SAFETY: there is room for what it makes.
        check(unsafe { libc::posix_spawnattr_init(raw.as_mut_ptr()) })?;
        // SAFETY: made by the call above, which succeeded.
        let mut this = Self(unsafe { raw.assume_init() });
        let mut signals = MaybeUninit::uninit();
        // SAFETY: the first call fills the set, which the second changes and the third reads; the attributes are made.
        check(unsafe {
            libc::sigemptyset(signals.as_mut_ptr());
            libc::sigaddset(signals.as_mut_ptr(), libc::SIGPIPE);
            libc::posix_spawnattr_setsigdefault(&raw mut this.0, signals.as_ptr())
        })?;
        // The constant fits: it is 4.
        #[allow(clippy::cast_possible_truncation)]
        let flags = libc::POSIX_SPAWN_SETSIGDEF as libc::c_short;
        // SAFETY: the attributes are made.
        check(unsafe { libc::posix_spawnattr_setflags(&raw mut this.0, flags) })?;
        Ok(this)
    }
}

impl Drop for Attributes {
    fn drop(&mut self) {
        // SAFETY: they are made, and not used again.
        unsafe { libc::posix_spawnattr_destroy(&raw mut self.0) };
    }
}

/// These functions return the error's number.
fn check(number: libc::c_int) -> io::Result<()> {
    if number == 0 { Ok(()) } else { Err(io::Error::from_raw_os_error(number)) }
}

#[cfg(test)]
mod tests {
    use std::io::Read;

    use super::*;

    fn output(args: &[&str]) -> String {
        let args: Vec<OsString> = args.iter().map(OsString::from).collect();
        let mut text = String::new();
        start_piped(Path::new("/bin/sh"), &args).unwrap().read_to_string(&mut text).unwrap();
        text
    }

    #[test]
    fn its_output_comes_and_it_has_nothing_of_ours() {
        assert_eq!(
            output(&[
                "-c",
                "echo $# $1; cat; env | grep -v ^PWD= | grep -v ^_= | grep -v ^SHLVL=",
                "sh",
                "a b"
            ]),
            "1 a b\n"
        );
        let open = output(&["-c", "ls /proc/$$/fd"]);
        let numbers: Vec<&str> =
            open.split_whitespace().filter(|n| n.parse().is_ok_and(|n: u32| n > 2)).collect();
        // A shell keeps a descriptor or two of its own above 9; the pipe's reading end would be a low one.
        assert!(numbers.iter().all(|n| n.len() > 1), "{open}");
    }

    #[test]
    fn it_ends_when_nobody_reads() {
        let dir = tempfile::tempdir().unwrap();
        let over = dir.path().join("over");
        let script =
            format!("(while echo 1; do :; done; echo > {0}) 2>/dev/null; echo > {0}", over.display());
        let args = ["-c".into(), script.into()];
        let mut first = [0];
        let mut lines = start_piped(Path::new("/bin/sh"), &args).unwrap();
        lines.read_exact(&mut first).unwrap();
        drop(lines);
        let until = std::time::Instant::now() + std::time::Duration::from_secs(20);
        while !over.exists() {
            assert!(std::time::Instant::now() < until, "it goes on");
            std::thread::sleep(std::time::Duration::from_millis(5));
        }
    }

    #[test]
    fn what_is_not_there_is_refused() {
        let refused = start_piped(Path::new("/nowhere/at/all"), &[]).unwrap_err();
        assert_eq!(refused.kind(), io::ErrorKind::NotFound);
        assert!(start_piped(Path::new("/bin/sh"), &["a\0b".into()]).is_err());
    }
}
