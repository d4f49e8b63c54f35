//! `no-network`: nothing but loopback is up, has a carrier or an address, and no route leads anywhere but to it.
//!
//! Decided by `/proc/self/net`, which shows the network namespace of this process. `/sys/class/net` shows that of whoever mounted
//! it, so it is believed only where both name the same interfaces; elsewhere the kernel's list of IPv4 multicast groups tells which
//! interfaces are up, because each joins 224.0.0.1 when it goes up. An interface that is there and down is no network; it is named.

use std::collections::BTreeSet;

use keyferry_core::bi;

use super::files::{self, Unseen};
use super::{Roots, Seen};

const LOOPBACK: &str = "lo";

pub(super) fn look(roots: &Roots) -> Seen {
    match look_closer(roots) {
        Ok(seen) => seen,
        Err(unseen) => Seen::fail(unseen.text()),
    }
}

fn look_closer(roots: &Roots) -> Result<Seen, Unseen> {
    let interfaces = interfaces(roots)?;
    let mut open = open_interfaces(roots, &interfaces)?;
    let is_open = |name: &String| open.iter().any(|o| o.split(' ').next() == Some(name));
    let down: Vec<_> = interfaces.iter().filter(|n| !is_open(n)).cloned().collect();
    open.extend(addresses_v4(roots)?);
    open.extend(addresses_v6(roots)?);
    open.extend(routes(roots)?);
    if !open.is_empty() {
        let open = files::few(&open);
        return Ok(Seen::fail(bi!("{open}", "{open}")));
    }
    if down.is_empty() {
        return Ok(Seen::pass(bi!("only lo; no address, no route", "只有 lo；没有地址，没有路由")));
    }
    let down = files::few(&down);
    Ok(Seen::pass(bi!(
        "nothing up, no address, no route; there but down: {down}",
        "没有启用的接口、地址或路由；存在但未启用：{down}"
    )))
}

/// All but loopback.
fn interfaces(roots: &Roots) -> Result<Vec<String>, Unseen> {
    let path = roots.proc("self/net/dev");
    let text = files::text(&path)?;
    let mut lines = text.lines();
    if !lines.next().is_some_and(|l| l.starts_with("Inter-|")) || lines.next().is_none() {
        return Err(Unseen::malformed(&path));
    }
    let name = |l: &str| l.split_once(':').map(|(name, _)| name.trim().to_owned());
    let names: Option<Vec<_>> = lines.map(name).collect();
    let names = names.ok_or_else(|| Unseen::malformed(&path))?;
    Ok(names.into_iter().filter(|n| n != LOOPBACK).collect())
}

/// Those that are up, or of which nobody can tell.
fn open_interfaces(roots: &Roots, interfaces: &[String]) -> Result<Vec<String>, Unseen> {
    let ours = sysfs_is_ours(roots, interfaces);
    let joined = files::text(&roots.proc("self/net/igmp"));
    let joined: Option<BTreeSet<_>> = joined
        .ok()
        .map(|t| t.lines().filter_map(|l| l.split_whitespace().nth(1)).map(str::to_owned).collect());
    let state = |name: &String| {
        let listed = joined.as_ref().map(|j| j.contains(name));
        match if ours { up_by_sysfs(roots, name) } else { None } {
            Some(why) if !why.is_empty() => Some(format!("{name} {why}")),
            _ if listed == Some(true) => Some(format!("{name} up")),
            Some(_) => None,
            None if listed == Some(false) && !ours => None,
            None => Some(format!("{name} in unknown state")),
        }
    };
    Ok(interfaces.iter().filter_map(state).collect())
}

/// Why the interface counts as up, or nothing if it is down; `None` if its flags cannot be read.
fn up_by_sysfs(roots: &Roots, name: &str) -> Option<String> {
    let file = |f: &str| files::word(&roots.sys("class/net").join(name).join(f));
    let flags = file("flags").ok()?;
    let flags = u64::from_str_radix(flags.strip_prefix("0x")?, 16).ok()?;
    let up = (flags & 1 == 1).then_some("up");
    // Unreadable while the interface is down.
    let carrier = (file("carrier").as_deref() == Ok("1")).then_some("with carrier");
    let oper = (file("operstate").as_deref() == Ok("up")).then_some("operational");
    Some([up, carrier, oper].into_iter().flatten().collect::<Vec<_>>().join(", "))
}

/// Whether `/sys/class/net` shows the interfaces of this process's namespace: same names, and same numbers where these are known.
fn sysfs_is_ours(roots: &Roots, interfaces: &[String]) -> bool {
    let folder = roots.sys("class/net");
    let mut theirs = BTreeSet::new();
    let listed = files::for_each(&folder, |entry| {
        let name = entry.file_name().to_string_lossy().into_owned();
        // `bonding_masters` is a file; an interface is a link to its folder.
        if name != LOOPBACK && entry.file_type().is_ok_and(|kind| !kind.is_file()) {
            theirs.insert(name);
        }
    });
    if listed.is_err() || theirs != interfaces.iter().cloned().collect() {
        return false;
    }
    let text = files::text(&roots.proc("self/net/dev_mcast")).unwrap_or_default();
    let pair = |line| {
        let mut words = str::split_whitespace(line);
        words.next().zip(words.next())
    };
    // An interface has a line for each group that it is in.
    let numbers: BTreeSet<_> = text.lines().filter_map(pair).filter(|(_, n)| theirs.contains(*n)).collect();
    numbers
        .into_iter()
        .all(|(number, name)| files::word(&folder.join(name).join("ifindex")).is_ok_and(|n| n == number))
}

/// Local addresses outside 127/8.
fn addresses_v4(roots: &Roots) -> Result<Vec<String>, Unseen> {
    let text = files::text(&roots.proc("self/net/fib_trie"))?;
    let (mut found, mut last) = (BTreeSet::new(), "");
    for line in text.lines().map(str::trim) {
        if let Some(address) = line.strip_prefix("|-- ") {
            last = address;
        } else if line.ends_with("host LOCAL") && !last.starts_with("127.") {
            found.insert(format!("address {last}"));
        }
    }
    Ok(found.into_iter().collect())
}

/// Addresses of other interfaces than loopback.
fn addresses_v6(roots: &Roots) -> Result<Vec<String>, Unseen> {
    let rows = v6_rows(roots, "self/net/if_inet6", 6)?;
    Ok(rows.iter().filter(|r| r.1 != LOOPBACK).map(|(address, name)| format!("{name} {address}")).collect())
}

fn routes(roots: &Roots) -> Result<Vec<String>, Unseen> {
    let text = files::text(&roots.proc("self/net/route"))?;
    // A namespace that never had an interface up has not even the heading.
    let v4 = text.lines().filter(|l| !l.starts_with("Iface") && !l.trim().is_empty());
    let v4 = v4.filter_map(|l| l.split_whitespace().next()).map(str::to_owned);
    let v6 = v6_rows(roots, "self/net/ipv6_route", 10)?;
    let devices: BTreeSet<_> =
        v4.chain(v6.into_iter().map(|(_, name)| name)).filter(|n| n != LOOPBACK).collect();
    Ok(devices.into_iter().map(|n| format!("route by {n}")).collect())
}

/// First and last column. A kernel without IPv6 has neither these files nor its settings.
fn v6_rows(roots: &Roots, file: &str, columns: usize) -> Result<Vec<(String, String)>, Unseen> {
    let path = roots.proc(file);
    let text = match files::text(&path) {
        Err(e)
            if e.missing
                && files::names(&roots.proc("sys/net")).is_ok_and(|n| !n.iter().any(|n| n == "ipv6")) =>
        {
            return Ok(Vec::new());
        }
        other => other?,
    };
    let row = |line: &str| {
        let words: Vec<_> = line.split_whitespace().collect();
        match words.as_slice() {
            [first, .., last] if words.len() >= columns => Ok(((*first).to_owned(), (*last).to_owned())),
            _ => Err(Unseen::malformed(&path)),
        }
    };
    text.lines().filter(|l| !l.trim().is_empty()).map(row).collect()
}
