//! `no-network`: no interface except loopback is up or has a carrier, an address or a route.
//!
//! The check relies on `/proc/self/net`, which shows the network namespace of this process. `/sys/class/net` shows the namespace of the
//! process that mounted it. If it names other interfaces, the check fails, and the kernel's list of IPv4 multicast groups shows which
//! interfaces are up, because each interface joins 224.0.0.1 when it goes up. An interface that is down is not a network, but the row
//! names it, as well as [`hardware`] without a driver. [`namespace`] checks whether this namespace is the machine's own. A connection
//! that was opened before the program started is among the [`Descriptors`].

use std::collections::BTreeSet;

use keyferry_core::{Bilingual, bi};

use super::files::{self, Unseen};
use super::net::{LOOPBACK, Net, up_said};
use super::{Roots, Seen, hardware, namespace};
use crate::descriptors::Descriptors;

pub(super) fn look(roots: &Roots, descriptors: Option<&Descriptors>) -> Seen {
    let mut doubts = namespace::doubts(roots);
    doubts.extend(another_sysfs(roots));
    let down = match own(roots) {
        Ok((open, down)) => {
            doubts.extend((!open.is_empty()).then(|| files::few_said(&open)));
            down
        }
        Err(unseen) => {
            doubts.push(unseen.text());
            Vec::new()
        }
    };
    doubts.extend(descriptors.map_or_else(never_asked, Descriptors::doubts));
    if !doubts.is_empty() {
        return Seen::fail(sentence(&doubts));
    }
    Seen::pass(sentence(&[nothing_up(&down), unused(roots)].into_iter().flatten().collect::<Vec<_>>()))
}

fn nothing_up(down: &[String]) -> Option<Bilingual> {
    if down.is_empty() {
        return Some(bi!("only lo; no address, no route", "只有 lo；没有地址，没有路由"));
    }
    let down = files::few(down);
    Some(bi!(
        "nothing up, no address, no route; there but down: {down}",
        "没有启用的接口、地址或路由；存在但未启用：{down}"
    ))
}

/// Hardware without a driver has no interface. The row names it, because people may want a machine without
/// such hardware.
fn unused(roots: &Roots) -> Option<Bilingual> {
    let idle = hardware::without_driver(roots);
    let names = files::few(&idle);
    (!idle.is_empty())
        .then(|| bi!("network hardware without a driver: {names}", "没有驱动程序的网络硬件：{names}"))
}

fn never_asked() -> Vec<Bilingual> {
    vec![bi!("cannot be determined: open descriptors", "无法判断：已打开的描述符")]
}

fn sentence(doubts: &[Bilingual]) -> Bilingual {
    let joined =
        |part: fn(&Bilingual) -> &str, between| doubts.iter().map(part).collect::<Vec<_>>().join(between);
    Bilingual { en: joined(|d| &d.en, "; "), zh: joined(|d| &d.zh, "；") }
}

/// Everything that is in use in this process's network, and the interfaces that are down.
fn own(roots: &Roots) -> Result<(Vec<Bilingual>, Vec<String>), Unseen> {
    let net = Net::of(roots, "self");
    let interfaces = net.interfaces()?;
    let mut open = open_interfaces(roots, &interfaces);
    let is_open = |name: &String| open.iter().any(|o| o.en.split(' ').next() == Some(name));
    let down: Vec<_> = interfaces.iter().filter(|n| !is_open(n)).cloned().collect();
    open.extend(net.addresses_and_routes()?);
    Ok((open, down))
}

/// A sentence for people if `/sys` belongs to another network, because the radios and interfaces listed there
/// are then not those of this network.
fn another_sysfs(roots: &Roots) -> Option<Bilingual> {
    let interfaces = Net::of(roots, "self").interfaces().ok()?;
    let another = || bi!("/sys shows the interfaces of another network", "/sys 显示的是另一网络的接口");
    (!sysfs_is_ours(roots, &interfaces)).then(another)
}

/// Interfaces that are up, or whose state is unknown.
fn open_interfaces(roots: &Roots, interfaces: &[String]) -> Vec<Bilingual> {
    let ours = sysfs_is_ours(roots, interfaces);
    let joined = Net::of(roots, "self").joined().ok();
    let state = |name: &String| {
        let listed = joined.as_ref().map(|j| j.contains(name));
        match if ours { up_by_sysfs(roots, name) } else { None } {
            Some(why) if !why.is_empty() => {
                let why = files::few_said(&why);
                Some(Bilingual { en: format!("{name} {}", why.en), zh: format!("{name} {}", why.zh) })
            }
            _ if listed == Some(true) => Some(up_said(name)),
            Some(_) => None,
            None if listed == Some(false) && !ours => None,
            None => Some(bi!("{name} in unknown state", "{name} 状态不明")),
        }
    };
    interfaces.iter().filter_map(state).collect()
}

/// Why the interface counts as up; empty if it is down; `None` if its flags cannot be read.
fn up_by_sysfs(roots: &Roots, name: &str) -> Option<Vec<Bilingual>> {
    let file = |f: &str| files::word(&roots.sys("class/net").join(name).join(f));
    let flags = file("flags").ok()?;
    let flags = u64::from_str_radix(flags.strip_prefix("0x")?, 16).ok()?;
    let up = (flags & 1 == 1).then(|| bi!("up", "已启用"));
    // This file is unreadable while the interface is down.
    let carrier = (file("carrier").as_deref() == Ok("1")).then(|| bi!("with carrier", "有载波"));
    let oper = (file("operstate").as_deref() == Ok("up")).then(|| bi!("operational", "运行中"));
    Some([up, carrier, oper].into_iter().flatten().collect())
}

/// Whether `/sys/class/net` shows the interfaces of this process's namespace: the names must be the same, and so must the numbers
/// that are known.
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
    // An interface has one line for each of its groups.
    let numbers: BTreeSet<_> = text.lines().filter_map(pair).filter(|(_, n)| theirs.contains(*n)).collect();
    numbers
        .into_iter()
        .all(|(number, name)| files::word(&folder.join(name).join("ifindex")).is_ok_and(|n| n == number))
}
