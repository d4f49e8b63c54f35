//! Making shares (SLIP-0039, "Generating the shares"), and test-combining them before anybody sees them.

use keyferry_core::refusals;
use keyferry_core::scrub::scrub_stack;
use rand_core::TryCryptoRng;

use crate::shamir::{self, BadGenerator, Source};
use crate::{Passphrase, Place, Scheme, Secret, SetName, Share, ShareSet, cipher};

/// How many identifiers are drawn before the generator counts as stuck.
const DRAWS: usize = 64;

refusals! {
    /// Why no shares were made.
    #[derive(Clone, Copy, Debug, PartialEq, Eq)]
    #[non_exhaustive]
    pub enum SplitError: Refused {
        /// The random generator failed, or repeats itself.
        Entropy => MAT_ENTROPY,
            what("the random generator failed its check while shares were made",
                 "生成分片时，随机数发生器未通过检查"),
            hint("no share was handed out; do not use this machine, and check its kernel and /dev/urandom",
                 "未输出任何分片；请勿使用本机，并检查内核与 /dev/urandom");
        /// The shares did not recover the secret.
        NotProved => SHARE_PROVED,
            what("the shares just made do not recover the secret", "刚生成的分片无法恢复出原来的秘密值"),
            hint("no share was handed out; this machine computes wrongly, so use another one and keep this one for examination",
                 "未输出任何分片；本机计算有误，请换用另一台并保留本机以备检查");
    }
}

/// Shares `secret`: the shares of each group of the scheme, in order. They are returned only after two selections of them (the first and
/// the last shares, from the first and the last groups) were read back from their words and recovered the secret.
///
/// # Errors
/// [`SplitError::Entropy`] if the generator is faulty; [`SplitError::NotProved`] if the machine computes
/// wrongly.
///
/// # Examples
/// ```
/// use keyferry_slip39::{Passphrase, Scheme, Secret, Share, ShareSet, split};
/// # use rand_core::SeedableRng;
/// # let mut rng = rand_chacha::ChaCha20Rng::from_seed([7; 32]);
/// let secret = Secret::from_bytes(&[0x5a; 32])?;
/// let groups = split(&secret, &Scheme::single(2, 3)?, &Passphrase::default(), &mut rng)?;
/// let sheets: Vec<_> = groups.iter().flatten().map(Share::words).collect();
/// let mut set = ShareSet::new();
/// set.add(Share::parse(&sheets[2])?)?;
/// set.add(Share::parse(&sheets[0])?)?;
/// assert_eq!(set.combine(&Passphrase::default())?.expose(), secret.expose());
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn split<R: TryCryptoRng + ?Sized>(
    secret: &Secret,
    scheme: &Scheme,
    passphrase: &Passphrase,
    rng: &mut R,
) -> Result<Vec<Vec<Share>>, SplitError> {
    let done = make(secret, scheme, passphrase, rng).map_err(|BadGenerator| SplitError::Entropy);
    scrub_stack();
    done?.proved(secret, scheme, passphrase)
}

/// Shares that have not been released yet.
struct Unproved(Vec<Vec<Share>>);

impl Unproved {
    /// The only way to release the shares: their words must read back correctly, and both selections must
    /// recover the secret.
    fn proved(
        self,
        secret: &Secret,
        scheme: &Scheme,
        passphrase: &Passphrase,
    ) -> Result<Vec<Vec<Share>>, SplitError> {
        let proved = prove(&self.0, secret, scheme, passphrase);
        scrub_stack();
        proved.ok_or(SplitError::NotProved).map(|()| self.0)
    }
}

#[inline(never)]
fn make<R: TryCryptoRng + ?Sized>(
    secret: &Secret,
    scheme: &Scheme,
    passphrase: &Passphrase,
    rng: &mut R,
) -> Result<Unproved, BadGenerator> {
    let mut source = Source::new(rng);
    let name = SetName {
        identifier: identifier(scheme, &mut source)?,
        extendable: scheme.extendable(),
        iteration_exponent: scheme.iteration_exponent(),
    };
    let encrypted = cipher::encrypt(secret.expose(), passphrase, name);
    let specs = scheme.groups();
    let group_count = count(specs.len());
    let values = shamir::split(scheme.group_threshold(), group_count, &encrypted, &mut source)?;
    let mut groups = Vec::with_capacity(specs.len());
    for ((group_index, spec), value) in (0..).zip(specs).zip(&values) {
        let members = shamir::split(spec.threshold, spec.count, value, &mut source)?;
        let place = |member_index| Place {
            group_index,
            group_threshold: scheme.group_threshold(),
            group_count,
            member_index,
            member_threshold: spec.threshold,
        };
        groups.push((0..).zip(members).map(|(n, value)| Share::new(name, place(n), value)).collect());
    }
    Ok(Unproved(groups))
}

/// Draws an identifier whose first word no other set has. If every draw is already in use, the generator is
/// stuck.
fn identifier<R: TryCryptoRng + ?Sized>(
    scheme: &Scheme,
    source: &mut Source<'_, R>,
) -> Result<u16, BadGenerator> {
    for _ in 0..DRAWS {
        let drawn = source.identifier()?;
        if !scheme.is_taken(drawn) {
            return Ok(drawn);
        }
    }
    Err(BadGenerator)
}

/// A scheme has at most 16 groups.
fn count(groups: usize) -> u8 {
    u8::try_from(groups).unwrap_or_default()
}

/// Whether every share reads back correctly from its words, and both selections recover the secret.
#[inline(never)]
fn prove(groups: &[Vec<Share>], secret: &Secret, scheme: &Scheme, passphrase: &Passphrase) -> Option<()> {
    let needed = usize::from(scheme.group_threshold());
    let first = collect(groups.iter().take(needed), |group| group.iter().collect())?;
    let last = collect(groups.iter().rev().take(needed), |group| group.iter().rev().collect())?;
    let recovered = first.combine(passphrase).ok()?;
    let same = shamir::equal(recovered.expose(), secret.expose())
        && shamir::equal(&first.encrypted().ok()?, &last.encrypted().ok()?);
    same.then_some(())
}

/// Reads the words of every share of some groups, and takes as many shares as are needed, in the given order.
fn collect<'a>(
    groups: impl Iterator<Item = &'a Vec<Share>>,
    order: impl Fn(&'a Vec<Share>) -> Vec<&'a Share>,
) -> Option<ShareSet> {
    let mut set = ShareSet::new();
    for group in groups {
        for (n, share) in order(group).into_iter().enumerate() {
            let read = Share::parse(&share.words()).ok()?;
            let same = read.name() == share.name()
                && read.place() == share.place()
                && shamir::equal(read.value(), share.value());
            if !same {
                return None;
            }
            if n < usize::from(share.place().member_threshold) {
                set.add(read).ok()?;
            }
        }
    }
    Some(set)
}

#[cfg(test)]
mod tests {
    use keyferry_core::{Control, Explain};
    use rand_chacha::ChaCha20Rng;
    use rand_core::SeedableRng;
    use zeroize::Zeroizing;

    use super::*;
    use crate::GroupSpec;

    /// A generator with the same seed would draw the identifier of the first set again.
    #[test]
    fn a_further_set_has_an_identifier_of_its_own_and_encrypts_anew() {
        let (secret, none) = (Secret::from_bytes(&[0x5a; 32]).unwrap(), Passphrase::default());
        let scheme = Scheme::single(2, 3).unwrap().with_iteration_exponent(0).unwrap();
        let made = |scheme: &Scheme, seed| {
            let shares = split(&secret, scheme, &none, &mut ChaCha20Rng::from_seed([seed; 32])).unwrap();
            let mut set = ShareSet::new();
            shares[0][1..].iter().for_each(|s| set.add(Share::parse(&s.words()).unwrap()).unwrap());
            (shares[0][0].name(), set.encrypted().unwrap())
        };
        for seed in 0..16 {
            let (first, encrypted) = made(&scheme, seed);
            assert_eq!((made(&scheme, seed).0, first.extendable), (first, false));
            // An extendable set with the same identifier counts as well.
            let taken = SetName { extendable: true, iteration_exponent: 3, ..first };
            let (second, again) = made(&scheme.clone().other_than([taken]), seed);
            let word = |name: SetName| name.to_string().split(' ').next().unwrap().to_owned();
            assert_ne!(word(second), word(first));
            // A set that shares only the first word counts, too.
            let near = SetName { identifier: first.identifier ^ 1, ..first };
            assert_eq!(word(near), word(first));
            assert_ne!(word(made(&scheme.clone().other_than([near]), seed).0), word(first));
            assert_ne!(*again, *encrypted, "the identifier is part of the salt");
        }
    }

    #[test]
    fn a_generator_whose_every_draw_is_taken_is_stuck() {
        let all =
            (0..1 << 15).map(|identifier| SetName { identifier, extendable: false, iteration_exponent: 0 });
        let scheme = Scheme::single(2, 3).unwrap().other_than(all);
        let (secret, rng) = (Secret::from_bytes(&[0x5a; 32]).unwrap(), &mut ChaCha20Rng::from_seed([7; 32]));
        let refused = split(&secret, &scheme, &Passphrase::default(), rng).unwrap_err();
        assert_eq!(refused, SplitError::Entropy);
    }

    /// Simulates a machine that computes wrongly, by flipping one bit of one share.
    #[test]
    fn shares_that_do_not_combine_are_not_given_out() {
        let (secret, none) = (Secret::from_bytes(&[0x5a; 32]).unwrap(), Passphrase::default());
        let alone = GroupSpec { threshold: 1, count: 1 };
        let mut tried = 0;
        for scheme in [Scheme::single(2, 3), Scheme::single(3, 3), Scheme::new(2, &[alone; 2])] {
            let scheme = scheme.unwrap();
            let made = || make(&secret, &scheme, &none, &mut ChaCha20Rng::from_seed([7; 32])).ok().unwrap();
            let whole = made().proved(&secret, &scheme, &none).unwrap();
            for (group, member) in (0..whole.len()).flat_map(|g| (0..whole[g].len()).map(move |m| (g, m))) {
                let mut wrong = made();
                let share = &mut wrong.0[group][member];
                let mut value = Zeroizing::new(share.value().to_vec());
                value[tried] ^= 1;
                *share = Share::new(share.name(), share.place(), value);
                let refused = wrong.proved(&secret, &scheme, &none).unwrap_err();
                assert_eq!((refused, refused.control()), (SplitError::NotProved, Control::SHARE_PROVED));
                tried += 1;
            }
            let other = Secret::from_bytes(&[0xa5; 32]).unwrap();
            assert_eq!(made().proved(&other, &scheme, &none).unwrap_err(), SplitError::NotProved);
        }
        assert_eq!(tried, 8);
    }
}
