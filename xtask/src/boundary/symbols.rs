//! The C library's network functions that a program imports, read with `nm`, which comes with the linker.
//!
//! This works for dynamically linked programs: the table of undefined symbols contains every C library function that the program may call,
//! because the linker drops unused ones. The same code ships linked statically.

use std::path::Path;

use crate::run::{self, Stop};

/// Every libc function that opens, names or uses a socket.
const NETWORK: [&str; 31] = [
    "socket",
    "socketpair",
    "connect",
    "bind",
    "listen",
    "accept",
    "accept4",
    "send",
    "sendto",
    "sendmsg",
    "sendmmsg",
    "recv",
    "recvfrom",
    "recvmsg",
    "recvmmsg",
    "shutdown",
    "getsockopt",
    "setsockopt",
    "getsockname",
    "getpeername",
    "getaddrinfo",
    "freeaddrinfo",
    "gai_strerror",
    "getnameinfo",
    "gethostbyname",
    "gethostbyname_r",
    "gethostbyaddr",
    "gethostname",
    "getifaddrs",
    "if_nametoindex",
    "res_init",
];

/// Refuses if the offline program imports such a function, or if the online program does not import those that it needs.
pub(super) fn check(offline: &Path, online: &Path) -> Result<(), Stop> {
    let (theirs, ours) = (asked_for(online)?, asked_for(offline)?);
    println!("{}: {}", online.display(), theirs.join(" "));
    for needed in ["socket", "connect", "getaddrinfo", "send", "recv"] {
        if !theirs.iter().any(|name| name == needed) {
            return Err(Stop::failed(format!(
                "the check is blind: it does not see {needed} in the online program"
            )));
        }
    }
    if !ours.is_empty() {
        return Err(Stop::failed(format!("{} asks for {}", offline.display(), ours.join(" "))));
    }
    println!("{}: none", offline.display());
    Ok(())
}

fn asked_for(program: &Path) -> Result<Vec<String>, Stop> {
    let mut nm = run::command("nm", ["--dynamic", "--undefined-only"]);
    let names = undefined(&run::output(nm.arg(program))?);
    if names.is_empty() {
        return Err(Stop::failed(format!("{} is not linked dynamically", program.display())));
    }
    Ok(names.into_iter().filter(|name| NETWORK.contains(&name.as_str())).collect())
}

/// The names that `nm` lists, without their versions.
fn undefined(nm: &str) -> Vec<String> {
    let name = |line: &str| Some(line.split_whitespace().last()?.split('@').next()?.to_owned());
    nm.lines().filter_map(name).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_read_without_versions() {
        let nm = "                 U getaddrinfo@GLIBC_2.2.5\n                 w __gmon_start__\n U sendfile@GLIBC_2.2.5\n";
        assert_eq!(undefined(nm), ["getaddrinfo", "__gmon_start__", "sendfile"]);
    }
}
