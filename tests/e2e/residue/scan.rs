//! Searches for pieces of secrets: any eight bytes of one, anywhere, in every byte order that a computer uses.

use std::collections::HashMap;
use std::fmt;

use crate::residue::trace::Mapping;

/// Length of the pieces to search for.
const WINDOW: usize = 8;
/// Pieces with fewer different bytes are not searched for: they could be zeros, padding or counters.
const DISTINCT: usize = 6;
/// A table of bits rules out most pieces of memory before the map is consulted.
const FILTER_BITS: u32 = 22;

/// One secret, and its name in a finding.
pub(crate) struct Needle {
    pub(crate) name: String,
    pub(crate) bytes: Vec<u8>,
}

/// The byte order.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Order {
    /// The order on the wire.
    Plain,
    /// The whole reversed: a number in little-endian limbs.
    Reversed,
    /// Each four bytes reversed: the words of a hash or of a cipher's key.
    Words,
    /// Each eight bytes reversed: big-endian limbs.
    Limbs,
}

impl Order {
    const ALL: [Self; 4] = [Self::Plain, Self::Reversed, Self::Words, Self::Limbs];

    fn of(self, bytes: &[u8]) -> Vec<u8> {
        let groups = |n| bytes.chunks(n).flat_map(|group| group.iter().rev().copied()).collect();
        match self {
            Self::Plain => bytes.to_vec(),
            Self::Reversed => groups(bytes.len()),
            Self::Words => groups(4),
            Self::Limbs => groups(8),
        }
    }

    const fn name(self) -> &'static str {
        match self {
            Self::Plain => "as it is",
            Self::Reversed => "reversed",
            Self::Words => "in 4-byte words",
            Self::Limbs => "in 8-byte limbs",
        }
    }
}

/// Where a piece of a secret was found. Contains none of its bytes.
pub(crate) struct Finding {
    pub(crate) needle: String,
    order: Order,
    pub(crate) mapping: String,
    /// Offset from the mapping's start.
    offset: usize,
    /// Distance from the mapping's end: for a stack, the depth.
    below_end: usize,
    length: usize,
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { needle, order, mapping, offset, below_end, length } = self;
        let order = order.name();
        write!(
            f,
            "{length} bytes of {needle}, {order}, in {mapping} at {offset:#x} ({below_end:#x} before its end)"
        )
    }
}

/// Every piece of every needle.
pub(crate) struct Scanner<'n> {
    filter: Vec<bool>,
    pieces: HashMap<u64, (&'n Needle, Order)>,
}

impl<'n> Scanner<'n> {
    pub(crate) fn new(needles: &'n [Needle]) -> Self {
        let mut this = Self { filter: vec![false; 1 << FILTER_BITS], pieces: HashMap::new() };
        for needle in needles {
            for order in Order::ALL {
                for piece in order.of(&needle.bytes).windows(WINDOW).filter(|p| is_telling(p)) {
                    let piece = u64::from_be_bytes(piece.try_into().unwrap());
                    this.filter[slot(piece)] = true;
                    // The first name wins: the worst needles come first.
                    this.pieces.entry(piece).or_insert((needle, order));
                }
            }
        }
        this
    }

    pub(crate) fn find(&self, memory: &[Mapping]) -> Vec<Finding> {
        memory.iter().flat_map(|mapping| self.find_in(mapping)).collect()
    }

    fn find_in(&self, mapping: &Mapping) -> Vec<Finding> {
        let mut found: Vec<Finding> = Vec::new();
        let mut piece = 0;
        for (end, byte) in (1..).zip(&mapping.bytes) {
            piece = piece << 8 | u64::from(*byte);
            if end < WINDOW || !self.filter[slot(piece)] {
                continue;
            }
            let Some((needle, order)) = self.pieces.get(&piece) else { continue };
            match found.last_mut() {
                // The next piece of the same secret.
                Some(last)
                    if last.needle == needle.name
                        && last.order == *order
                        && last.offset + last.length + 1 == end =>
                {
                    last.length += 1;
                }
                _ => found.push(Finding {
                    needle: needle.name.clone(),
                    order: *order,
                    mapping: mapping.name.clone(),
                    offset: end - WINDOW,
                    below_end: mapping.bytes.len() - (end - WINDOW),
                    length: WINDOW,
                }),
            }
        }
        found
    }
}

/// Fibonacci hashing: the upper bits of a product depend on all bits.
fn slot(piece: u64) -> usize {
    usize::try_from(piece.wrapping_mul(0x9e37_79b9_7f4a_7c15) >> (64 - FILTER_BITS)).unwrap()
}

fn is_telling(piece: &[u8]) -> bool {
    (0..piece.len()).filter(|at| !piece[..*at].contains(&piece[*at])).count() >= DISTINCT
}
