//! The context of the numbers: processor, system and build, as far as they are known.

use std::fs;

use keyferry_core::{Bilingual, Fingerprint, bi};
use keyferry_transport::read_capped;
use serde::{Deserialize, Serialize};

use super::text::Text;

/// Processor features that affect the speed of RSA, SHA-256 and AES, by the kernel's names: first x86, then Arm.
const FEATURES: [&str; 10] =
    ["adx", "bmi2", "avx2", "avx512ifma", "sha_ni", "aes", "vaes", "asimd", "sha2", "sve"];
/// Maximum size of a program that is hashed, in bytes.
const MAX_PROGRAM: usize = 512 * 1024 * 1024;

/// The computer.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Machine {
    pub(super) cpu: Text,
    /// Logical processors that this process may use.
    pub(super) cores: usize,
    /// The first processor's frequency governor.
    pub(super) governor: Option<Text>,
    /// Those of [`FEATURES`] that the processor has.
    pub(super) features: Vec<Text>,
    /// Whether the processor reports a virtual machine.
    pub(super) virtual_machine: bool,
    pub(super) kernel: Text,
    pub(super) memory_bytes: Option<u64>,
    /// The load average of the last minute.
    pub(super) load: Option<f64>,
}

/// The program.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Build {
    pub(super) version: Text,
    /// The commit, if the build got it in `KEYFERRY_REVISION`.
    pub(super) revision: Option<Text>,
    /// SHA-256 of the program itself.
    pub(super) binary_sha256: Option<Fingerprint>,
    pub(super) rustc: Text,
    pub(super) target: Text,
    pub(super) profile: Text,
    pub(super) rustflags: Text,
    /// Whether it was built with debug assertions, which make its times meaningless.
    pub(super) debug: bool,
}

impl Machine {
    pub(super) fn look() -> Self {
        let cpuinfo = fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
        let flags: Vec<&str> =
            field(&cpuinfo, &["flags", "Features"]).unwrap_or_default().split(' ').collect();
        let first_line = |path| fs::read_to_string(path).ok().map(|text| Text::of(&text));
        let load = fs::read_to_string("/proc/loadavg").ok();
        Self {
            cpu: Text::of(field(&cpuinfo, &["model name", "CPU part"]).unwrap_or("?")),
            cores: std::thread::available_parallelism().map_or(1, usize::from),
            governor: first_line("/sys/devices/system/cpu/cpu0/cpufreq/scaling_governor"),
            features: FEATURES.iter().filter(|f| flags.contains(f)).map(|f| Text::of(f)).collect(),
            virtual_machine: flags.contains(&"hypervisor"),
            kernel: first_line("/proc/sys/kernel/osrelease").unwrap_or_else(|| Text::of("?")),
            memory_bytes: kib("/proc/meminfo", "MemTotal"),
            load: load.and_then(|text| text.split(' ').next()?.parse().ok()).filter(|l: &f64| l.is_finite()),
        }
    }

    /// Whether the load exceeds half the number of processors, so that other programs may disturb the times.
    pub(super) fn is_busy(&self) -> bool {
        self.load.is_some_and(|load| load > super::statistics::count(self.cores) * 0.5)
    }

    /// Whether it is a different machine from `other`; load and kernel do not count.
    pub(super) fn differs(&self, other: &Self) -> bool {
        (&self.cpu, self.cores, &self.features, self.virtual_machine)
            != (&other.cpu, other.cores, &other.features, other.virtual_machine)
    }
}

impl Build {
    /// Leaves out the program's digest, because computing it takes memory.
    pub(super) fn look() -> Self {
        Self {
            version: Text::of(env!("CARGO_PKG_VERSION")),
            revision: option_env!("KEYFERRY_REVISION").map(Text::of),
            binary_sha256: None,
            rustc: Text::of(env!("KEYFERRY_RUSTC")),
            target: Text::of(env!("KEYFERRY_TARGET")),
            profile: Text::of(env!("KEYFERRY_PROFILE")),
            rustflags: Text::of(env!("KEYFERRY_RUSTFLAGS")),
            debug: cfg!(debug_assertions),
        }
    }

    /// Hashes the program itself.
    pub(super) fn digest_program(&mut self) {
        let program = std::env::current_exe().ok().and_then(|path| read_capped(&path, MAX_PROGRAM).ok());
        self.binary_sha256 = program.map(|bytes| Fingerprint::of(&bytes));
    }
}

/// Warnings that a reader must see before any number.
pub(super) fn warnings(machine: &Machine, build: &Build) -> Vec<Bilingual> {
    let mut found = Vec::new();
    if build.debug {
        found.push(bi!(
            "DEBUG BUILD: these times say nothing about keyferry. Build with --release.",
            "调试构建：这些时间不能说明 keyferry 的性能。请使用 --release 构建。"
        ));
    }
    if let Some(load) = machine.load.filter(|_| machine.is_busy()) {
        found.push(bi!(
            "Noisy machine: load {load:.1} on {} processors before the run. Trust the ratios more than the times.",
            "机器繁忙：运行前负载为 {load:.1}（{} 个处理器）。请更多参考比值而非绝对时间。",
            machine.cores
        ));
    }
    if let Some(governor) = machine.governor.as_ref().filter(|g| g.as_str() == "powersave") {
        found.push(bi!(
            "The frequency governor is {}: the processor may run below its full speed.",
            "频率调节策略为 {}：处理器可能未全速运行。",
            governor.as_str()
        ));
    }
    found
}

/// Peak and present resident memory of this process, in bytes.
pub(super) fn resident() -> Option<(u64, u64)> {
    Some((kib("/proc/self/status", "VmHWM")?, kib("/proc/self/status", "VmRSS")?))
}

/// The first value among the named fields of a `name : value` table.
fn field<'t>(table: &'t str, names: &[&str]) -> Option<&'t str> {
    let mut pairs = table.lines().filter_map(|line| line.split_once(':'));
    pairs.find(|(name, _)| names.contains(&name.trim())).map(|(_, value)| value.trim())
}

fn kib(path: &str, name: &str) -> Option<u64> {
    let table = fs::read_to_string(path).ok()?;
    field(&table, &[name])?.strip_suffix(" kB")?.parse::<u64>().ok()?.checked_mul(1024)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_kernel_s_tables_are_read() {
        let table = "processor\t: 0\nmodel name\t: AMD EPYC\nflags\t\t: fpu adx\n";
        assert_eq!(field(table, &["model name"]), Some("AMD EPYC"));
        assert_eq!(field(table, &["flags", "Features"]), Some("fpu adx"));
        assert_eq!(field(table, &["none"]), None);
        let (peak, now) = resident().unwrap();
        assert!(peak >= now / 2 && now > 100_000);
    }

    #[test]
    fn a_debug_build_is_said_loudly() {
        let (machine, mut build) = (Machine::look(), Build::look());
        assert_ne!(machine.cpu.as_str(), "");
        build.debug = true;
        assert!(warnings(&machine, &build)[0].en.starts_with("DEBUG BUILD"));
        build.debug = false;
        let quiet = Machine { load: Some(0.0), governor: None, ..machine };
        assert!(warnings(&quiet, &build).is_empty());
    }
}
