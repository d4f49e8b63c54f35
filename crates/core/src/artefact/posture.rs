//! The words for the properties of the offline machine: in the plan, in the check's table, and in the record.
//!
//! The offline station knows what each word means and which files to read for it (`keyferry-offline
//! preflight`).

use core::fmt;
use core::str::FromStr;

use serde::{Deserialize, Serialize};

/// One property of the offline machine, by the plan's word for it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Deserialize, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum PostureCheck {
    /// No interface other than loopback is up, has a carrier or has an address, and no route leads out of the
    /// machine.
    NoNetwork,
    /// No Wi-Fi, Bluetooth or mobile radio that could send.
    NoRadio,
    /// No swap.
    NoSwap,
    /// The machine cannot hibernate, that is, write its memory to a disk and switch off.
    NoHibernation,
    /// The process leaves no core dump, and the kernel starts no program to handle one.
    NoCoreDumps,
    /// Nobody traces the process.
    NoTracer,
    /// Yama keeps processes of one user from tracing each other.
    PtraceScope,
    /// Lockdown keeps root out of the kernel's memory.
    KernelLockdown,
    /// Secure boot: the firmware checked what was booted.
    SecureBoot,
    /// No virtual machine.
    BareMetal,
    /// Nobody else is logged in.
    NobodyElse,
    /// Others can neither put files into the output folder nor, where the output is secret, look into it.
    PrivateOutput,
    /// Outputs go into memory or onto removable media, not to a disk that stays in the machine.
    MemoryOutput,
    /// The kernel's random generator is seeded, and not only by what a hypervisor supplied.
    EntropySource,
    /// The program has the SHA-256 that the plan names.
    KnownProgram,
    /// A person, `--now` or the plan's window confirmed the time.
    ClockConfirmed,
    /// The process forbids itself the system calls and folders that it does not need.
    Sandbox,
    /// Key material is in memory that the kernel keeps from every other process.
    SecretMemory,
}

impl PostureCheck {
    /// Every word, in the order of the table.
    pub const ALL: [Self; 18] = [
        Self::NoNetwork,
        Self::NoRadio,
        Self::NoSwap,
        Self::NoHibernation,
        Self::NoCoreDumps,
        Self::NoTracer,
        Self::PtraceScope,
        Self::KernelLockdown,
        Self::SecureBoot,
        Self::BareMetal,
        Self::NobodyElse,
        Self::PrivateOutput,
        Self::MemoryOutput,
        Self::EntropySource,
        Self::KnownProgram,
        Self::ClockConfirmed,
        Self::Sandbox,
        Self::SecretMemory,
    ];

    /// The checks that production requires, whether the plan lists them or not.
    pub const BASELINE: [Self; 8] = [
        Self::NoNetwork,
        Self::NoRadio,
        Self::NoSwap,
        Self::NoCoreDumps,
        Self::NoTracer,
        Self::PrivateOutput,
        Self::Sandbox,
        Self::SecretMemory,
    ];

    /// The plan's word.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::NoNetwork => "no-network",
            Self::NoRadio => "no-radio",
            Self::NoSwap => "no-swap",
            Self::NoHibernation => "no-hibernation",
            Self::NoCoreDumps => "no-core-dumps",
            Self::NoTracer => "no-tracer",
            Self::PtraceScope => "ptrace-scope",
            Self::KernelLockdown => "kernel-lockdown",
            Self::SecureBoot => "secure-boot",
            Self::BareMetal => "bare-metal",
            Self::NobodyElse => "nobody-else",
            Self::PrivateOutput => "private-output",
            Self::MemoryOutput => "memory-output",
            Self::EntropySource => "entropy-source",
            Self::KnownProgram => "known-program",
            Self::ClockConfirmed => "clock-confirmed",
            Self::Sandbox => "sandbox",
            Self::SecretMemory => "secret-memory",
        }
    }
}

impl fmt::Display for PostureCheck {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

/// No check has this name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct UnknownCheck;

impl fmt::Display for UnknownCheck {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("expected one of")?;
        PostureCheck::ALL.iter().try_for_each(|c| write!(f, " {c}"))
    }
}

impl std::error::Error for UnknownCheck {}

impl FromStr for PostureCheck {
    type Err = UnknownCheck;

    fn from_str(s: &str) -> Result<Self, UnknownCheck> {
        Self::ALL.into_iter().find(|c| c.name() == s).ok_or(UnknownCheck)
    }
}

/// The result of one check.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Deserialize, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum PostureVerdict {
    /// The property holds. No other result satisfies a requirement.
    Pass,
    /// It does not hold, or it cannot be determined although it must be.
    Fail,
    /// It cannot be determined on this machine, or people should know about it.
    Note,
}

/// How strictly one check is required.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Deserialize, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum PostureDemand {
    /// Required by the plan, or because this is production.
    Required,
    /// Production would require it; the reviewed plan waives it with a reason.
    Waived,
    /// The plan requires it; this rehearsal was started with `--lower`.
    Lowered,
    /// Nothing: the result is only shown and recorded.
    Shown,
}

/// One row of the record.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct PostureFinding {
    /// Which property.
    pub check: PostureCheck,
    /// The result.
    pub verdict: PostureVerdict,
    /// How strictly it was required.
    pub demand: PostureDemand,
    /// What was seen, in English, at most [`MAX_SEEN`] characters.
    pub seen: String,
}

/// Longest text of a finding in the record, in characters: all rows fit one line even if each character needs six bytes.
pub const MAX_SEEN: usize = 100;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_serde_s_and_round_trip() {
        for check in PostureCheck::ALL {
            assert_eq!(serde_json::to_value(check).unwrap(), check.name());
            assert_eq!(check.name().parse(), Ok(check));
        }
        assert_eq!("no-cats".parse::<PostureCheck>(), Err(UnknownCheck));
        assert!(UnknownCheck.to_string().contains(" no-network "));
    }
}
