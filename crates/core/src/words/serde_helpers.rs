//! Serde helpers shared by the artefact types.

use core::fmt::{self, Display};
use core::marker::PhantomData;
use core::str::FromStr;

use serde::de::{Error, SeqAccess, Visitor};
use serde::{Deserialize, Deserializer};

/// Deserializes a string and parses it. The parser's message becomes the error.
pub(crate) fn from_str<'de, D: Deserializer<'de>, T: FromStr<Err: Display>>(d: D) -> Result<T, D::Error> {
    let text = std::borrow::Cow::<'de, str>::deserialize(d)?;
    text.parse().map_err(D::Error::custom)
}

/// For the long lists of an artefact or a plan. They grow by half. A `Vec` that serde fills doubles when it is full, and then takes up
/// to twice its memory where all memory is locked. Growing by less leaves more holes, which nothing of this size fits into.
pub(crate) fn entries<'de, D: Deserializer<'de>, T: Deserialize<'de>>(d: D) -> Result<Vec<T>, D::Error> {
    d.deserialize_seq(Entries(PhantomData))
}

/// Most entries to allocate memory for in advance, however many a deserializer announces.
const MOST_AT_ONCE: usize = 4096;

struct Entries<T>(PhantomData<T>);

impl<'de, T: Deserialize<'de>> Visitor<'de> for Entries<T> {
    type Value = Vec<T>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a sequence")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut sequence: A) -> Result<Vec<T>, A::Error> {
        let mut all = Vec::with_capacity(sequence.size_hint().unwrap_or(0).min(MOST_AT_ONCE));
        while let Some(entry) = sequence.next_element()? {
            if all.len() == all.capacity() {
                all.reserve_exact((all.len() / 2).max(16));
            }
            all.push(entry);
        }
        Ok(all)
    }
}

/// For a field that may be null but must not be missing.
pub(crate) fn stated<'de, D: Deserializer<'de>, T: Deserialize<'de>>(d: D) -> Result<Option<T>, D::Error> {
    Option::deserialize(d)
}

/// Implements `Serialize` through `Display` and `Deserialize` through `FromStr`.
macro_rules! serde_as_text {
    ($($ty:ty),+ $(,)?) => {$(
        impl ::serde::Serialize for $ty {
            fn serialize<S: ::serde::Serializer>(&self, s: S) -> Result<S::Ok, S::Error> {
                s.collect_str(self)
            }
        }
        impl<'de> ::serde::Deserialize<'de> for $ty {
            fn deserialize<D: ::serde::Deserializer<'de>>(d: D) -> Result<Self, D::Error> {
                $crate::serde_helpers::from_str(d)
            }
        }
    )+};
}
pub(crate) use serde_as_text;
