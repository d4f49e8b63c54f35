//! `nobody-else`: who is logged in, and whose processes are running.
//!
//! There are three sources, because none exists on every system: `utmp` (fixed records of 384 bytes), systemd's session files, and the
//! owners of `/proc/PID`. Somebody else can sit at a kernel console that is not a screen. Users below 1000 and from 65,534 on belong
//! to the system.

use std::collections::BTreeSet;
use std::os::unix::fs::MetadataExt;

use keyferry_core::{Bilingual, bi};

use super::files::{self, Unseen};
use super::{Roots, Seen};

/// `struct utmp` of glibc on 64-bit Linux: `ut_type` at 0, `ut_line` at 8, `ut_user` at 44, `ut_host` at 76.
const RECORD: usize = 384;
/// `USER_PROCESS`: the session of a person who is logged in.
const PERSON: u8 = 7;
/// The user ids of people.
const PEOPLE: std::ops::Range<u32> = 1000..65_534;

/// The people who are logged in, according to `utmp` and systemd.
struct Logins {
    own: u32,
    others: BTreeSet<Said>,
    sessions: BTreeSet<Said>,
    remote: BTreeSet<Said>,
}

impl Logins {
    fn look(roots: &Roots) -> Result<Self, Unseen> {
        let own = own_user(roots)?;
        let (mut others, mut sessions, mut remote) = (BTreeSet::new(), BTreeSet::new(), BTreeSet::new());
        logins(roots, &mut sessions, &mut remote)?;
        systemd(roots, own, &mut others, &mut remote)?;
        Ok(Self { own, others, sessions, remote })
    }
}

pub(super) fn look(roots: &Roots) -> Seen {
    let all = Logins::look(roots).and_then(|logins| Ok((logins, owners(roots)?, lines(roots)?)));
    match all {
        Err(unseen) => Seen::fail(unseen.text()),
        Ok((logins, owners, lines)) => match judge(logins, owners) {
            seen if seen.holds && !lines.is_empty() => elsewhere(&lines),
            seen => seen,
        },
    }
}

/// Kernel consoles that are not a screen of this machine: a serial line, a hypervisor's channel, the network.
fn lines(roots: &Roots) -> Result<Vec<String>, Unseen> {
    let path = roots.proc("consoles");
    let text = files::text(&path)?;
    let name = |line: &str| line.split_whitespace().next().map(str::to_owned);
    let is_screen = |name: &String| {
        name.strip_prefix("tty").is_some_and(|n| !n.is_empty() && n.bytes().all(|b| b.is_ascii_digit()))
    };
    Ok(text.lines().filter_map(name).filter(|name| !is_screen(name)).collect())
}

fn elsewhere(lines: &[String]) -> Seen {
    let lines = files::few(lines);
    Seen::note(bi!(
        "the kernel's console is also {lines}: nobody can say who is at its other end",
        "内核控制台还连接到 {lines}：无法判断另一端是谁"
    ))
}

/// The verdict, from the people who are logged in and the [`owners`] of processes.
fn judge(logins: Logins, mut owners: BTreeSet<u32>) -> Seen {
    let Logins { own, mut others, sessions, remote } = logins;
    owners.retain(|user| *user != own && PEOPLE.contains(user));
    others.extend(owners.into_iter().map(|user| said(bi!("processes of user {user}", "用户 {user} 的进程"))));
    let users: BTreeSet<_> = sessions.iter().filter_map(|(en, _)| en.split(' ').next()).collect();
    if !remote.is_empty() || users.len() > 1 || !others.is_empty() {
        let who = remote.into_iter().chain(others).chain(sessions.clone()).collect();
        return Seen::fail(files::said(&few(who), |who| bi!("also here: {who}", "另有：{who}")));
    }
    match sessions.len() {
        0 | 1 => Seen::pass(bi!("user {own} alone", "只有用户 {own}")),
        _ => {
            let sentence = |who: &str| bi!("one person, several times: {who}", "同一人多次登录：{who}");
            Seen::holds_with_note(files::said(&few(sessions), sentence))
        }
    }
}

/// Text in both languages, English first, so that it is sorted by the English text.
type Said = (String, String);

fn said(text: Bilingual) -> Said {
    (text.en, text.zh)
}

fn few(texts: BTreeSet<Said>) -> Bilingual {
    files::few_said(&texts.into_iter().map(|(en, zh)| Bilingual { en, zh }).collect::<Vec<_>>())
}

/// The effective user of this process.
pub(super) fn own_user(roots: &Roots) -> Result<u32, Unseen> {
    let line = roots.status("Uid")?;
    let effective = line.split_whitespace().nth(1).and_then(|n| n.parse().ok());
    effective.ok_or_else(|| Unseen::malformed(&roots.proc("self/status")))
}

/// Adds the people in `utmp`; a system without that file has other sources.
fn logins(roots: &Roots, sessions: &mut BTreeSet<Said>, remote: &mut BTreeSet<Said>) -> Result<(), Unseen> {
    let path = roots.run.join("utmp");
    let bytes = match files::bytes(&path) {
        Err(e) if e.missing => return Ok(()),
        other => other?,
    };
    if bytes.len() % RECORD != 0 {
        return Err(Unseen::malformed(&path));
    }
    for record in bytes.chunks_exact(RECORD).filter(|r| r.first() == Some(&PERSON)) {
        let (user, line, host) = (text(record, 44, 32), text(record, 8, 32), text(record, 76, 256));
        if !host.is_empty() && !host.starts_with(':') && host != "localhost" {
            remote.insert(said(bi!("{user} from {host}", "来自 {host} 的 {user}")));
        }
        sessions.insert(said(bi!("{user} on {line}", "{line} 上的 {user}")));
    }
    Ok(())
}

/// A field of fixed length, padded with zeros.
fn text(record: &[u8], at: usize, length: usize) -> String {
    let field = record.get(at..).and_then(|r| r.get(..length)).unwrap_or_default();
    let end = field.iter().position(|b| *b == 0).unwrap_or(field.len());
    String::from_utf8_lossy(field.get(..end).unwrap_or_default()).into_owned()
}

/// Adds the sessions of other users, and remote sessions. A system without systemd has none.
fn systemd(
    roots: &Roots,
    own: u32,
    others: &mut BTreeSet<Said>,
    remote: &mut BTreeSet<Said>,
) -> Result<(), Unseen> {
    let folder = roots.run.join("systemd/sessions");
    let names = match files::names(&folder) {
        Err(e) if e.missing => return Ok(()),
        other => other?,
    };
    // Each session has a file and a pipe `NAME.ref`.
    for name in names.iter().filter(|n| !n.contains('.')) {
        let text = match files::text(&folder.join(name)) {
            Err(e) if e.missing => continue,
            other => other?,
        };
        let value =
            |key: &str| text.lines().find_map(|l| l.strip_prefix(key)?.strip_prefix('=')).unwrap_or_default();
        if value("CLASS") != "user" {
            continue;
        }
        let user = value("USER");
        if value("REMOTE") == "1" {
            let host = value("REMOTE_HOST");
            remote.insert(said(bi!("{user} from {host}", "来自 {host} 的 {user}")));
        }
        if value("UID").parse() != Ok(own) {
            others.insert(said(bi!("{user} (session {name})", "{user}（会话 {name}）")));
        }
    }
    Ok(())
}

/// The users who run processes, according to the owner of each `/proc/PID`.
fn owners(roots: &Roots) -> Result<BTreeSet<u32>, Unseen> {
    let mut users = BTreeSet::new();
    files::for_each(&roots.proc, |entry| {
        // A process that has ended in the meantime has no owner.
        if entry.file_name().as_encoded_bytes().iter().all(u8::is_ascii_digit)
            && let Ok(process) = entry.metadata()
        {
            users.insert(process.uid());
        }
    })?;
    Ok(users)
}
