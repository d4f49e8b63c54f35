//! The operating system's generator: `getrandom(2)` and nothing else, as a `rand_core` generator.
//!
//! The call has no flags, so it waits until the kernel's pool has been seeded. Short reads are continued. There is no fallback:
//! an error stops the command. Crate `getrandom` would do the same through libc, but `rustix`, which the program needs for files
//! anyway, makes the system call itself.

use rand_core::{TryCryptoRng, TryRng};
use rustix::io::Errno;
use rustix::rand::{GetRandomFlags, getrandom};

/// The kernel's generator.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct SysRng;

impl SysRng {
    fn array<const N: usize>() -> Result<[u8; N], Errno> {
        let mut bytes = [0; N];
        fill(&mut bytes, |rest| getrandom(rest, GetRandomFlags::empty()))?;
        Ok(bytes)
    }
}

impl TryRng for SysRng {
    type Error = Errno;

    fn try_next_u32(&mut self) -> Result<u32, Errno> {
        Self::array().map(u32::from_ne_bytes)
    }

    fn try_next_u64(&mut self) -> Result<u64, Errno> {
        Self::array().map(u64::from_ne_bytes)
    }

    fn try_fill_bytes(&mut self, dst: &mut [u8]) -> Result<(), Errno> {
        fill(dst, |rest| getrandom(rest, GetRandomFlags::empty()))
    }
}

impl TryCryptoRng for SysRng {}

/// Fills all of `dst` from a source that may be interrupted and may return less than requested.
fn fill(mut dst: &mut [u8], mut source: impl FnMut(&mut [u8]) -> Result<usize, Errno>) -> Result<(), Errno> {
    while !dst.is_empty() {
        let n = match source(dst) {
            Ok(0) => return Err(Errno::IO),
            Ok(n) => n,
            Err(Errno::INTR) => continue,
            Err(e) => return Err(e),
        };
        // A source that claims to have returned more bytes than requested can still only have filled the
        // buffer.
        dst = dst.get_mut(n..).unwrap_or_default();
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn the_kernel_answers_differently_each_time() {
        let draw = || SysRng::array::<32>().unwrap();
        assert_ne!(draw(), draw());
        let mut long = vec![0; 100_000];
        SysRng.try_fill_bytes(&mut long).unwrap();
        // A block that was left unfilled would be a run of zeros. In random bytes, sixteen zeros in a row
        // have a probability of 2^-111 here.
        assert!(!long.windows(16).any(|w| w == [0; 16]));
    }

    #[test]
    fn errors_and_silence_stop() {
        let mut dst = [0; 4];
        assert_eq!(fill(&mut dst, |_| Err(Errno::NOSYS)), Err(Errno::NOSYS));
        assert_eq!(fill(&mut dst, |_| Ok(0)), Err(Errno::IO));
        assert_eq!(fill(&mut [], |_| Err(Errno::NOSYS)), Ok(()));
    }

    proptest! {
        #[test]
        fn short_and_interrupted_reads_are_taken_further(steps in prop::collection::vec(0..7usize, 1..40), length in 0..60usize) {
            let (mut next, mut step) = (0_u8, 0);
            let mut dst = vec![0; length];
            fill(&mut dst, |rest| {
                let n = steps[step % steps.len()];
                step += 1;
                if n == 0 && step % 7 != 0 {
                    return Err(Errno::INTR);
                }
                let n = n.clamp(1, rest.len());
                rest[..n].iter_mut().for_each(|b| {
                    next += 1;
                    *b = next;
                });
                Ok(n)
            })
            .unwrap();
            prop_assert_eq!(dst, (1..=u8::try_from(length).unwrap()).collect::<Vec<_>>());
        }
    }
}
