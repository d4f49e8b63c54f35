//! Checks the descriptors that the program inherited, before it opens any itself.
//!
//! A process without a network can still write to a connection that somebody opened for it: a shell passes on all its open
//! descriptors (`program 7<>/dev/tcp/…`). Only the three standard streams have a purpose, and at a terminal none of them is a
//! socket.

use std::fs;
use std::io::{self, ErrorKind};

use keyferry_core::{Bilingual, bi};
use rustix::fs::{FileType, fstat};

/// The list of this process's descriptors.
const LIST: &str = "/proc/self/fd";
/// Maximum length of a file name that is shown, in characters.
const SHOWN: usize = 60;

/// The descriptors that should not be open, or the reason why they cannot be listed.
#[derive(Clone, Debug)]
pub(crate) struct Descriptors(Result<Vec<Bilingual>, ErrorKind>);

impl Descriptors {
    /// Asks the kernel which descriptors are open. Called once, before anything is opened.
    pub(crate) fn at_start() -> Self {
        Self(look().map_err(|e| e.kind()))
    }

    /// A sentence for each descriptor that should not be open; empty if there is none.
    pub(crate) fn doubts(&self) -> Vec<Bilingual> {
        self.0
            .clone()
            .unwrap_or_else(|why| vec![bi!("cannot be determined: {LIST}: {why}", "无法判断：{LIST}：{why}")])
    }

    #[cfg(test)]
    pub(crate) fn of(doubts: Result<Vec<Bilingual>, ErrorKind>) -> Self {
        Self(doubts)
    }
}

fn look() -> io::Result<Vec<Bilingual>> {
    let mut doubts = Vec::new();
    let streams = [
        (fstat(io::stdin())?, bi!("standard input", "标准输入")),
        (fstat(io::stdout())?, bi!("standard output", "标准输出")),
        (fstat(io::stderr())?, bi!("standard error", "标准错误")),
    ];
    for (number, (status, Bilingual { en, zh })) in streams.into_iter().enumerate() {
        if FileType::from_raw_mode(status.st_mode) == FileType::Socket {
            doubts.push(bi!("descriptor {number} ({en}) is a socket", "描述符 {number}（{zh}）是套接字"));
        }
    }
    doubts.extend(inherited()?);
    Ok(doubts)
}

/// Every descriptor above the standard streams.
fn inherited() -> io::Result<Vec<Bilingual>> {
    let mut numbers = Vec::new();
    for entry in fs::read_dir(LIST)? {
        let name = entry?.file_name();
        let number = name.to_str().and_then(|name| name.parse::<u32>().ok());
        numbers.push(number.ok_or(ErrorKind::InvalidData)?);
    }
    numbers.sort_unstable();
    Ok(numbers.into_iter().filter(|number| *number > 2).filter_map(describe).collect())
}

/// Describes a descriptor; `None` for the one through which the list itself was read, which is already
/// closed.
fn describe(number: u32) -> Option<Bilingual> {
    let what = match fs::read_link(format!("{LIST}/{number}")) {
        Err(e) if e.kind() == ErrorKind::NotFound => return None,
        Err(e) => e.kind().to_string(),
        Ok(link) => link.to_string_lossy().escape_debug().take(SHOWN).collect(),
    };
    Some(bi!("descriptor {number} was open at the start: {what}", "描述符 {number} 在启动时已打开：{what}"))
}

#[cfg(test)]
mod tests {
    use std::fs::File;
    use std::os::fd::AsRawFd as _;

    use super::*;

    #[test]
    fn an_open_descriptor_is_named_and_the_list_s_own_is_not() {
        let open = File::open("/dev/null").unwrap();
        let number = open.as_raw_fd();
        let doubts = Descriptors::at_start().doubts();
        let own = |d: &&Bilingual| d.en.starts_with(&format!("descriptor {number} "));
        assert!(doubts.iter().find(own).unwrap().en.ends_with("/dev/null"), "{doubts:?}");
        assert!(describe(u32::MAX).is_none());
    }

    #[test]
    fn a_list_that_cannot_be_read_is_a_doubt() {
        let doubts = Descriptors::of(Err(ErrorKind::PermissionDenied)).doubts();
        assert!(doubts[0].en.contains("cannot be determined") && doubts[0].zh.contains("无法判断"));
    }
}
