//! One network as `/proc/PID/net` shows it: interfaces, addresses and routes that are in use.

use std::collections::BTreeSet;
use std::path::PathBuf;

use keyferry_core::{Bilingual, bi};

use super::Roots;
use super::files::{self, Unseen};

pub(super) const LOOPBACK: &str = "lo";

/// An interface that is up.
pub(super) fn up_said(name: &str) -> Bilingual {
    bi!("{name} up", "{name} 已启用")
}

/// The network of a process as `/proc/PID/net` shows it.
pub(super) struct Net<'a> {
    roots: &'a Roots,
    process: &'a str,
}

impl<'a> Net<'a> {
    pub(super) fn of(roots: &'a Roots, process: &'a str) -> Self {
        Self { roots, process }
    }

    /// Everything that is in use in another process's network. `/sys` does not show that network, so the list of IPv4
    /// multicast groups has to be enough.
    pub(super) fn in_use(&self) -> Result<Vec<Bilingual>, Unseen> {
        let joined = self.joined()?;
        let up = self.interfaces()?.into_iter().filter(|name| joined.contains(name));
        let mut open: Vec<_> = up.map(|name| up_said(&name)).collect();
        open.extend(self.addresses_and_routes()?);
        Ok(open)
    }

    fn path(&self, file: &str) -> PathBuf {
        self.roots.proc(&format!("{}/net/{file}", self.process))
    }

    /// All interfaces except loopback.
    pub(super) fn interfaces(&self) -> Result<Vec<String>, Unseen> {
        let path = self.path("dev");
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

    /// Interfaces in an IPv4 multicast group.
    pub(super) fn joined(&self) -> Result<BTreeSet<String>, Unseen> {
        let text = files::text(&self.path("igmp"))?;
        Ok(text.lines().filter_map(|l| l.split_whitespace().nth(1)).map(str::to_owned).collect())
    }

    pub(super) fn addresses_and_routes(&self) -> Result<Vec<Bilingual>, Unseen> {
        let mut found = self.addresses_v4()?;
        found.extend(self.addresses_v6()?);
        found.extend(self.routes()?);
        Ok(found)
    }

    /// Local addresses outside 127/8.
    fn addresses_v4(&self) -> Result<Vec<Bilingual>, Unseen> {
        let text = files::text(&self.path("fib_trie"))?;
        let (mut found, mut last) = (BTreeSet::new(), "");
        for line in text.lines().map(str::trim) {
            if let Some(address) = line.strip_prefix("|-- ") {
                last = address;
            } else if line.ends_with("host LOCAL") && !last.starts_with("127.") {
                found.insert(last.to_owned());
            }
        }
        Ok(found.into_iter().map(|address| bi!("address {address}", "地址 {address}")).collect())
    }

    /// Addresses of interfaces other than loopback.
    fn addresses_v6(&self) -> Result<Vec<Bilingual>, Unseen> {
        let rows = self.v6_rows("if_inet6", 6)?;
        let rows = rows.iter().filter(|r| r.1 != LOOPBACK);
        let same = |text: String| Bilingual { en: text.clone(), zh: text };
        Ok(rows.map(|(address, name)| same(format!("{name} {address}"))).collect())
    }

    fn routes(&self) -> Result<Vec<Bilingual>, Unseen> {
        let text = files::text(&self.path("route"))?;
        // In a namespace where no interface was ever up, even the heading is missing.
        let v4 = text.lines().filter(|l| !l.starts_with("Iface") && !l.trim().is_empty());
        let v4 = v4.filter_map(|l| l.split_whitespace().next()).map(str::to_owned);
        let v6 = self.v6_rows("ipv6_route", 10)?;
        let devices: BTreeSet<_> =
            v4.chain(v6.into_iter().map(|(_, name)| name)).filter(|n| n != LOOPBACK).collect();
        Ok(devices.into_iter().map(|n| bi!("route by {n}", "经 {n} 的路由")).collect())
    }

    /// The first and the last column of each row. A kernel without IPv6 has neither these files nor the
    /// settings.
    fn v6_rows(&self, file: &str, columns: usize) -> Result<Vec<(String, String)>, Unseen> {
        let path = self.path(file);
        let text = match files::text(&path) {
            Err(e) if e.missing && self.without_ipv6() => return Ok(Vec::new()),
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

    fn without_ipv6(&self) -> bool {
        files::names(&self.roots.proc("sys/net")).is_ok_and(|names| !names.iter().any(|n| n == "ipv6"))
    }
}
