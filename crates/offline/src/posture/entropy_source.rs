//! `entropy-source`: whether the kernel's generator is seeded, and from which source.
//!
//! Since Linux 5.18, `entropy_avail` is 256 once the generator is seeded, and it never decreases. A virtual machine without a
//! hardware source gets only the randomness that its host provides.

use keyferry_core::bi;

use super::{Roots, Seen, files, virt};

/// The number of bits that means "seeded".
const SEEDED: u64 = 256;

pub(super) fn look(roots: &Roots) -> Seen {
    let bits = match files::number(&roots.proc("sys/kernel/random/entropy_avail")) {
        Err(unseen) => return Seen::fail(unseen.text()),
        Ok(bits) => bits,
    };
    let device = files::word(&roots.sys("class/misc/hw_random/rng_current")).ok();
    let device = device.filter(|d| !d.is_empty() && d != "none");
    let processor = processor_generator(roots);
    let source = device.clone().or_else(|| processor.clone()).unwrap_or_else(|| "?".into());
    match bits {
        0..SEEDED => Seen::fail(bi!("only {bits} of 256 bits", "只有 {bits}/256 位")),
        _ if device.is_none() && (virt::flag(roots) != Some(false) || processor.is_none()) => {
            Seen::note(bi!(
                "{bits} bits; no hardware source but {source}, and perhaps a virtual machine",
                "{bits} 位；除 {source} 外没有硬件来源，且可能是虚拟机"
            ))
        }
        _ => Seen::pass(bi!("{bits} bits; hardware source {source}", "{bits} 位；硬件来源 {source}")),
    }
}

fn processor_generator(roots: &Roots) -> Option<String> {
    let text = roots.processors()?;
    let line = text.lines().find(|l| l.starts_with("flags") || l.starts_with("Features"))?;
    line.split_whitespace().find(|f| ["rdseed", "rdrand", "rng"].contains(f)).map(str::to_owned)
}
