//! The small part of DER (ITU-T X.690) that is needed to identify a public key: tag, definite length in its shortest
//! form, value.
//!
//! Refuses indefinite and padded lengths, lengths beyond 16 bits, tag numbers of more than one byte, and values that end early.

/// The identifier bytes of BOOLEAN, INTEGER, ….
pub(super) mod tag {
    pub(in super::super) const INTEGER: u8 = 0x02;
    pub(in super::super) const BIT_STRING: u8 = 0x03;
    pub(in super::super) const OCTET_STRING: u8 = 0x04;
    pub(in super::super) const NULL: u8 = 0x05;
    pub(in super::super) const OID: u8 = 0x06;
    pub(in super::super) const SEQUENCE: u8 = 0x30;
}

/// One element: its identifier byte and its content bytes.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) struct Element<'a> {
    pub(super) tag: u8,
    pub(super) value: &'a [u8],
}

/// The part of a value that is still unread.
#[derive(Clone, Copy)]
pub(super) struct Reader<'a>(&'a [u8]);

impl<'a> Reader<'a> {
    pub(super) const fn new(bytes: &'a [u8]) -> Self {
        Self(bytes)
    }

    pub(super) const fn is_finished(&self) -> bool {
        self.0.is_empty()
    }

    /// The next whole element; `None` if the bytes are not a DER element.
    pub(super) fn element(&mut self) -> Option<Element<'a>> {
        let (tag, length, rest) = header(self.0)?;
        let (value, rest) = rest.split_at_checked(length)?;
        self.0 = rest;
        Some(Element { tag, value })
    }

    /// The next element's value, if it has this tag.
    pub(super) fn value(&mut self, tag: u8) -> Option<&'a [u8]> {
        self.element().filter(|e| e.tag == tag).map(|e| e.value)
    }

    /// Returns `found` if nothing follows.
    pub(super) fn finished<T>(self, found: T) -> Option<T> {
        self.is_finished().then_some(found)
    }
}

/// Identifier, length and what follows them (X.690 §8.1.2, §10.1).
fn header(bytes: &[u8]) -> Option<(u8, usize, &[u8])> {
    let (tag, rest) = bytes.split_first()?;
    if tag & 0x1f == 0x1f {
        return None;
    }
    let (length, rest) = match rest {
        [n @ 0..=0x7f, rest @ ..] => (usize::from(*n), rest),
        [0x81, n @ 0x80..=0xff, rest @ ..] => (usize::from(*n), rest),
        [0x82, a @ 1..=0xff, b, rest @ ..] => (usize::from(u16::from_be_bytes([*a, *b])), rest),
        _ => return None,
    };
    Some((*tag, length, rest))
}

/// The content of `bytes`, if they are one element with this tag and nothing after it.
pub(super) fn only(bytes: &[u8], tag: u8) -> Option<&[u8]> {
    let mut reader = Reader::new(bytes);
    let value = reader.value(tag)?;
    reader.finished(value)
}

/// A non-negative INTEGER's bytes without the one zero that marks it as positive (X.690 §8.3); `None` for negative or padded
/// ones.
pub(super) fn unsigned(value: &[u8]) -> Option<&[u8]> {
    match value {
        [] | [0x80..=0xff, ..] | [0, 0..=0x7f, ..] if value != [0] => None,
        [0, rest @ ..] if !rest.is_empty() => Some(rest),
        plain => Some(plain),
    }
}

/// Whether these are the content bytes of an OBJECT IDENTIFIER (X.690 §8.19): no arc is cut off or padded.
pub(super) fn is_oid(value: &[u8]) -> bool {
    let ends_arc = |b: &u8| b & 0x80 == 0;
    value.last().is_some_and(ends_arc)
        && !value.split_inclusive(ends_arc).any(|arc| arc.first() == Some(&0x80))
}

/// Whether these are the content bytes of a BIT STRING (X.690 §8.6): at most 7 unused bits, and none if it is
/// empty.
pub(super) const fn is_bit_string(value: &[u8]) -> bool {
    matches!(value, [0] | [0..=7, _, ..])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lengths_have_one_form() {
        let read = |bytes: &[u8]| Reader::new(bytes).element().map(|e| (e.tag, e.value.len()));
        assert_eq!(read(&[4, 0]), Some((4, 0)));
        assert_eq!(read(&[4, 1, 9, 9]), Some((4, 1)));
        assert_eq!(read(&[&[4, 0x81, 0x80][..], &[0; 128]].concat()), Some((4, 128)));
        assert_eq!(read(&[&[4, 0x82, 1, 0][..], &[0; 256]].concat()), Some((4, 256)));
        for bad in [
            &[][..],
            &[4],
            &[4, 1],
            &[4, 0x80, 0, 0],
            &[4, 0x81, 1, 0],
            &[4, 0x82, 0, 1, 0],
            &[4, 0x83, 0, 0, 1, 0],
            &[0x1f, 1, 0],
            &[4, 0xff],
        ] {
            assert_eq!(read(bad), None, "{bad:02x?}");
        }
    }

    #[test]
    fn integers_have_one_form() {
        assert_eq!(unsigned(&[0]), Some(&[0][..]));
        assert_eq!(unsigned(&[5]), Some(&[5][..]));
        assert_eq!(unsigned(&[0, 0x80]), Some(&[0x80][..]));
        for bad in [&[][..], &[0, 0], &[0, 5], &[0, 0x7f, 1], &[0x80], &[0xff, 0]] {
            assert_eq!(unsigned(bad), None, "{bad:02x?}");
        }
    }
}
