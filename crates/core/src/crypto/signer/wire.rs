//! Strings and numbers of RFC 4251 §5, read from the front of a key's bytes.

use super::SshKeyError;

/// The bytes that are still unread.
pub(super) struct Wire<'a>(pub(super) &'a [u8]);

impl<'a> Wire<'a> {
    /// A string, preceded by its length.
    pub(super) fn string(&mut self) -> Result<&'a [u8], SshKeyError> {
        let (length, rest) = self.0.split_first_chunk::<4>().ok_or(SshKeyError::Form)?;
        let length = usize::try_from(u32::from_be_bytes(*length)).map_err(|_| SshKeyError::Form)?;
        let (string, rest) = rest.split_at_checked(length).ok_or(SshKeyError::Form)?;
        self.0 = rest;
        Ok(string)
    }

    /// A positive number in its shortest form, without the leading zero that marks it as positive.
    pub(super) fn positive(&mut self) -> Result<&'a [u8], SshKeyError> {
        match self.string()? {
            [0, rest @ ..] if rest.first().is_some_and(|first| *first >= 0x80) => Ok(rest),
            number @ [1..0x80, ..] => Ok(number),
            _ => Err(SshKeyError::Form),
        }
    }

    /// Checks that nothing follows.
    pub(super) const fn end(&self) -> Result<(), SshKeyError> {
        if self.0.is_empty() { Ok(()) } else { Err(SshKeyError::Form) }
    }
}

/// Length of a number without leading zeros.
pub(super) fn bits(number: &[u8]) -> usize {
    number.len() * 8 - number.first().map_or(0, |first| first.leading_zeros() as usize)
}
