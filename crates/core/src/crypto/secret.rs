//! Where secret bytes are kept: memory of a kind that the caller chooses.
//!
//! The core itself offers only the heap, which is wiped on drop. A station supplies something better: locked pages that never
//! reach a core dump, swap or a child process (`keyferry-sandbox`). Data derived from a secret, such as the padded block, is kept
//! in a sibling of the secret's own buffer, in the same kind of memory.

use zeroize::Zeroizing;

/// There is no memory left of the requested kind.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NoSecretMemory;

/// Bytes that are wiped when dropped. Moving the value never copies them.
pub trait SecretBuffer: AsRef<[u8]> + AsMut<[u8]> + Send + Sync {
    /// `length` zero bytes in the same kind of memory.
    ///
    /// # Errors
    /// [`NoSecretMemory`] if there is none left.
    fn sibling(&self, length: usize) -> Result<Box<dyn SecretBuffer>, NoSecretMemory>;
}

/// A kind of memory.
pub trait SecretStore {
    /// `length` zero bytes.
    ///
    /// # Errors
    /// [`NoSecretMemory`] if there is none left.
    fn buffer(&self, length: usize) -> Result<Box<dyn SecretBuffer>, NoSecretMemory>;
}

/// The heap: wiped on drop, and nothing more.
#[derive(Clone, Copy, Debug, Default)]
pub struct Heap;

impl Heap {
    /// `length` zero bytes.
    pub(crate) fn octets(length: usize) -> Box<dyn SecretBuffer> {
        Box::new(HeapBuffer(Zeroizing::new(vec![0; length].into_boxed_slice())))
    }
}

impl SecretStore for Heap {
    fn buffer(&self, length: usize) -> Result<Box<dyn SecretBuffer>, NoSecretMemory> {
        Ok(Self::octets(length))
    }
}

struct HeapBuffer(Zeroizing<Box<[u8]>>);

impl AsRef<[u8]> for HeapBuffer {
    fn as_ref(&self) -> &[u8] {
        &self.0
    }
}

impl AsMut<[u8]> for HeapBuffer {
    fn as_mut(&mut self) -> &mut [u8] {
        &mut self.0
    }
}

impl SecretBuffer for HeapBuffer {
    fn sibling(&self, length: usize) -> Result<Box<dyn SecretBuffer>, NoSecretMemory> {
        Ok(Heap::octets(length))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sibling_is_new_and_empty() {
        let mut first = Heap.buffer(3).unwrap();
        (*first).as_mut().fill(7);
        let second = first.sibling(2).unwrap();
        assert_eq!(((*first).as_ref(), (*second).as_ref()), (&[7, 7, 7][..], &[0, 0][..]));
    }
}
