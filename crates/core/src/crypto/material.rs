//! Key material: 16 to 128 secret bytes that are wiped when dropped.
//!
//! Refuses every other length, and bytes that are text, because a key in hex or base64 could be wrapped like any other and would
//! be the wrong key. A caller that accepts only certain lengths passes them.

use core::fmt;

use rand_core::TryCryptoRng;

use crate::secret::{Heap, NoSecretMemory, SecretBuffer, SecretStore};
use crate::{Bilingual, bi, refusals};

pub mod length;
mod material_kind;

pub use length::MaterialLength;
pub use material_kind::MaterialKind;

/// Secret key material. No `Clone`, no `Serialize`, redacted `Debug`; [`expose`](Self::expose) is the only way to
/// read it.
///
/// # Examples
/// ```
/// use keyferry_core::{KeyMaterial, MaterialLength};
/// let material = KeyMaterial::from_bytes(&[0x90; 32])?;
/// assert_eq!(material.length(), MaterialLength::B256);
/// assert_eq!(format!("{material:?}"), "KeyMaterial(256 bits, [redacted])");
/// # Ok::<(), keyferry_core::MaterialError>(())
/// ```
pub struct KeyMaterial {
    // The buffer wipes itself, and moving the value leaves no copy behind.
    bytes: Box<dyn SecretBuffer>,
    length: MaterialLength,
}

refusals! {
    /// Why key material was refused.
    #[derive(Clone, Copy, Debug, PartialEq, Eq)]
    #[non_exhaustive]
    pub enum MaterialError: Refused {
        /// The length is not accepted. The hint says what such a length usually means.
        Length {
            /// Bytes found.
            found: usize,
            /// The accepted lengths; an empty list means 16 to 128 bytes.
            takes: &'static [MaterialLength],
            /// The bytes are printable text.
            text: bool,
            /// The last byte is a line break.
            newline: bool,
        } => MAT_LENGTH,
            what("key material is {found} bytes; it must be {lengths}",
                 "密钥材料为 {found} 字节；必须{lengths}", both lengths = exactly(takes)),
            hint(look_of(*found, *text, *newline));
        /// The length is accepted, but all bytes are printable characters.
        Text {
            /// Bytes found.
            found: usize,
        } => MAT_TEXT,
            what("key material of {found} bytes is printable text, not raw bytes",
                 "{found} 字节的密钥材料是可打印文本，而不是原始字节"),
            hint("a password, hex or base64 is not key material: decode it to raw bytes, or generate it",
                 "口令、十六进制或 base64 都不是密钥材料：请解码为原始字节，或重新生成");
        /// The random generator failed, or repeats itself.
        Entropy => MAT_ENTROPY,
            what("the random generator failed its check", "随机数发生器未通过检查"),
            hint("do not use this machine for the ceremony; check its kernel and /dev/urandom",
                 "请勿在本机举行仪式；请检查内核与 /dev/urandom");
        /// There is no memory of the requested kind left for it.
        Memory => SECRET_MEMORY,
            what("there is no secret memory left for the key material", "没有剩余的机密内存可存放密钥材料"),
            hint("raise the limit on locked memory (`ulimit -l`) or free memory, then run the command again",
                 "请提高锁定内存的上限（`ulimit -l`）或释放内存，然后重新运行命令");
    }
}

/// The accepted lengths, in words.
fn exactly(takes: &[MaterialLength]) -> Bilingual {
    if takes.is_empty() {
        return bi!("16 to 128 bytes", "是 16 到 128 字节");
    }
    let en = |l: &MaterialLength| format!("{} ({l})", l.bytes());
    let zh = |l: &MaterialLength| format!("{} 字节（{} 位）", l.bytes(), l.bits());
    let en = takes.iter().map(en).collect::<Vec<_>>().join(" or ");
    let zh = takes.iter().map(zh).collect::<Vec<_>>().join("或 ");
    Bilingual { en: format!("exactly {en}"), zh: format!("恰好是 {zh}") }
}

/// What such a length usually means.
fn look_of(found: usize, text: bool, newline: bool) -> Bilingual {
    match (found, text) {
        (17 | 33, _) if newline => bi!(
            "the last byte is a line break: write the file without it (for example with `head -c`, `openssl rand -out`)",
            "最后一个字节是换行符：请重新写入不带换行的文件（例如使用 `head -c` 或 `openssl rand -out`）"
        ),
        (24 | 25 | 44 | 45, true) => bi!(
            "this looks like base64 text: decode it first (`openssl enc -d -base64 -A`)",
            "看起来是 base64 文本：请先解码（`openssl enc -d -base64 -A`）"
        ),
        (64 | 65, true) => bi!(
            "this looks like hex text: decode it first (`xxd -r -p`)",
            "看起来是十六进制文本：请先解码（`xxd -r -p`）"
        ),
        (_, true) => bi!(
            "the file holds text; key material is raw bytes, as `keyferry-offline generate` writes them",
            "文件内容是文本；密钥材料应为原始字节，可用 `keyferry-offline generate` 生成"
        ),
        (_, false) => bi!(
            "make it with `keyferry-offline generate --bits 128|256`, or check the source with `wc -c`",
            "请用 `keyferry-offline generate --bits 128|256` 生成，或用 `wc -c` 检查来源"
        ),
    }
}

impl From<NoSecretMemory> for MaterialError {
    fn from(NoSecretMemory: NoSecretMemory) -> Self {
        Self::Memory
    }
}

impl KeyMaterial {
    /// Copies raw bytes onto the heap. The caller wipes its own copy.
    ///
    /// # Errors
    /// [`MaterialError::Length`] unless 16 to 128 bytes; [`MaterialError::Text`] if every byte is printable.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, MaterialError> {
        Self::from_bytes_in(&Heap, bytes)
    }

    /// Copies raw bytes into memory of `store`'s kind. The caller wipes its own copy.
    ///
    /// # Errors
    /// As [`from_bytes`](Self::from_bytes); [`MaterialError::Memory`] if the store has none left.
    pub fn from_bytes_in(store: &dyn SecretStore, bytes: &[u8]) -> Result<Self, MaterialError> {
        Self::from_bytes_of(&[], store, bytes)
    }

    /// Copies raw bytes of one of the lengths in `takes` (of any length if the list is empty) into memory of
    /// `store`'s kind.
    ///
    /// # Errors
    /// As [`from_bytes_in`](Self::from_bytes_in); [`MaterialError::Length`] for a length that is not listed, before any other
    /// error.
    pub fn from_bytes_of(
        takes: &'static [MaterialLength],
        store: &dyn SecretStore,
        bytes: &[u8],
    ) -> Result<Self, MaterialError> {
        let (text, found) = (is_text(bytes), bytes.len());
        let length = MaterialLength::from_bytes(found).filter(|l| takes.is_empty() || takes.contains(l));
        let newline = bytes.last() == Some(&b'\n');
        let length = length.ok_or(MaterialError::Length { found, takes, text, newline })?;
        if text {
            return Err(MaterialError::Text { found });
        }
        let mut own = store.buffer(found)?;
        for (to, from) in octets(&mut own).iter_mut().zip(bytes) {
            *to = *from;
        }
        Ok(Self { bytes: own, length })
    }

    /// Draws fresh material onto the heap; see [`generate_in`](Self::generate_in).
    ///
    /// # Errors
    /// [`MaterialError::Entropy`] if the generator fails, or yields one repeated byte.
    pub fn generate<R: TryCryptoRng + ?Sized>(
        length: MaterialLength,
        rng: &mut R,
    ) -> Result<Self, MaterialError> {
        Self::generate_in(&Heap, length, rng)
    }

    /// Draws fresh material into memory of `store`'s kind.
    ///
    /// Bytes that look like text are drawn again (about one in 10^7 at 128 bits), so
    /// [`from_bytes`](Self::from_bytes) never refuses generated bytes.
    ///
    /// # Errors
    /// [`MaterialError::Entropy`] if the generator fails, or yields one repeated byte; [`MaterialError::Memory`] if the store has
    /// none left.
    pub fn generate_in<R: TryCryptoRng + ?Sized>(
        store: &dyn SecretStore,
        length: MaterialLength,
        rng: &mut R,
    ) -> Result<Self, MaterialError> {
        let mut this = Self { bytes: store.buffer(length.bytes())?, length };
        for _ in 0..4 {
            rng.try_fill_bytes(octets(&mut this.bytes)).map_err(|_| MaterialError::Entropy)?;
            if is_constant(this.expose()) {
                return Err(MaterialError::Entropy);
            }
            if !is_text(this.expose()) {
                return Ok(this);
            }
        }
        Err(MaterialError::Entropy)
    }

    /// The length.
    #[must_use]
    pub const fn length(&self) -> MaterialLength {
        self.length
    }

    /// The secret bytes; there is no other way to read them.
    #[must_use]
    pub fn expose(&self) -> &[u8] {
        (*self.bytes).as_ref()
    }

    /// `length` zero bytes in the kind of memory that holds the material.
    pub(crate) fn sibling(&self, length: usize) -> Result<Box<dyn SecretBuffer>, NoSecretMemory> {
        self.bytes.sibling(length)
    }
}

fn octets(buffer: &mut Box<dyn SecretBuffer>) -> &mut [u8] {
    (**buffer).as_mut()
}

impl fmt::Debug for KeyMaterial {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "KeyMaterial({}, [redacted])", self.length)
    }
}

/// Whether all bytes are printable ASCII or white space. Always examines every byte, so the time does not
/// depend on their values.
fn is_text(bytes: &[u8]) -> bool {
    let mut all = !bytes.is_empty();
    for b in bytes {
        all &= matches!(b, 0x20..=0x7e) | matches!(b, b'\n' | b'\r' | b'\t');
    }
    all
}

fn is_constant(bytes: &[u8]) -> bool {
    let first = bytes.first().copied().unwrap_or_default();
    bytes.iter().fold(0, |acc, b| acc | (b ^ first)) == 0
}

#[cfg(test)]
mod tests {
    use crate::Explain;
    use proptest::prelude::*;
    use rand_chacha::ChaCha20Rng;
    use rand_core::SeedableRng;

    use super::*;

    #[test]
    fn seen_mistakes_are_named() {
        let refused =
            |bytes: &[u8]| KeyMaterial::from_bytes_of(&MaterialLength::OF_CIPHERS, &Heap, bytes).unwrap_err();
        let hint = |bytes: &[u8]| refused(bytes).hint().en;
        let raw = [0xa5; 32];
        let mut newline = raw.to_vec();
        newline.push(b'\n');
        assert!(hint(&newline).contains("line break"));
        assert!(hint("3q2+7w==3q2+7w==3q2+7w==3q2+7w==3q2+7w==3q2+".as_bytes()).contains("base64"));
        assert!(hint("a5".repeat(32).as_bytes()).contains("hex"));
        assert!(hint(b"correct horse battery staple 123").contains("password"));
        let what = refused(&[0xa5; 28]).what();
        assert_eq!(what.en, "key material is 28 bytes; it must be exactly 16 (128 bits) or 32 (256 bits)");
        assert_eq!(what.zh, "密钥材料为 28 字节；必须恰好是 16 字节（128 位）或 32 字节（256 位）");
        let what = KeyMaterial::from_bytes(&[0xa5; 129]).unwrap_err().what();
        assert_eq!(what.en, "key material is 129 bytes; it must be 16 to 128 bytes");
    }

    #[test]
    fn a_stuck_generator_is_refused() {
        struct Stuck;
        impl rand_core::TryRng for Stuck {
            type Error = core::convert::Infallible;
            fn try_next_u32(&mut self) -> Result<u32, Self::Error> {
                Ok(0x7777_7777)
            }
            fn try_next_u64(&mut self) -> Result<u64, Self::Error> {
                Ok(0)
            }
            fn try_fill_bytes(&mut self, dst: &mut [u8]) -> Result<(), Self::Error> {
                dst.fill(0x99);
                Ok(())
            }
        }
        impl rand_core::TryCryptoRng for Stuck {}
        let refused = KeyMaterial::generate(MaterialLength::B256, &mut Stuck).unwrap_err();
        assert_eq!(refused, MaterialError::Entropy);
    }

    proptest! {
        #[test]
        fn only_the_named_lengths(bytes in proptest::collection::vec(0x80u8.., 0..200)) {
            let any = KeyMaterial::from_bytes(&bytes);
            prop_assert_eq!(any.is_ok(), (16..=128).contains(&bytes.len()));
            let named = |takes| KeyMaterial::from_bytes_of(takes, &Heap, &bytes).is_ok();
            prop_assert_eq!(named(&MaterialLength::OF_CIPHERS), matches!(bytes.len(), 16 | 32));
            prop_assert_eq!(named(&MaterialLength::OF_DIGESTS), matches!(bytes.len(), 28 | 32 | 48 | 64));
        }

        #[test]
        fn generated_material_is_accepted(seed in any::<[u8; 32]>(), bytes in 16usize..=128) {
            let length = MaterialLength::from_bytes(bytes).unwrap();
            let material = KeyMaterial::generate(length, &mut ChaCha20Rng::from_seed(seed)).unwrap();
            let again = KeyMaterial::from_bytes(material.expose()).unwrap();
            prop_assert_eq!((again.length(), again.expose()), (length, material.expose()));
        }

        #[test]
        fn debug_shows_no_byte(bytes in any::<[u8; 16]>()) {
            if let Ok(material) = KeyMaterial::from_bytes(&bytes) {
                prop_assert_eq!(format!("{material:?}"), "KeyMaterial(128 bits, [redacted])");
            }
        }
    }
}
