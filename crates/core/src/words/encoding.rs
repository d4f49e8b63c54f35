//! Recognises other encodings in which an editor may have saved a text that must be UTF-8, and says how to save
//! the file correctly.
//!
//! Windows writes UTF-8 with a byte order mark, UTF-16, and the code page of the computer, which is GBK in mainland China.

use crate::{Bilingual, bi};

/// How a file that is not plain UTF-8 was saved.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Encoding {
    /// UTF-8 that begins with a byte order mark.
    Utf8Mark,
    /// Two bytes per character, the low one first; Notepad calls it "Unicode".
    Utf16Le,
    /// Two bytes per character, the high one first.
    Utf16Be,
    /// Anything else, with the line of the first byte that is not UTF-8.
    Other {
        /// The line, from 1.
        line: usize,
    },
}

/// How many bytes are searched for the zeros of UTF-16 without a byte order mark.
const SAMPLE: usize = 64;

impl Encoding {
    /// The other encoding in which the bytes were saved; `None` for UTF-8 without a byte order mark.
    #[must_use]
    pub fn of(bytes: &[u8]) -> Option<Self> {
        if bytes.starts_with(b"\xef\xbb\xbf") {
            return Some(Self::Utf8Mark);
        }
        let sample = bytes.get(..SAMPLE).unwrap_or(bytes);
        // Half of the bytes of ASCII text in UTF-16 are zeros, either all at even or all at odd positions.
        let zeros = |odd: usize| sample.iter().skip(odd).step_by(2).filter(|byte| **byte == 0).count();
        let (even, odd) = (zeros(0), zeros(1));
        let wide = |zeros: usize, others: usize| sample.len() >= 4 && zeros > sample.len() / 4 && others == 0;
        if bytes.starts_with(b"\xff\xfe") || wide(odd, even) {
            return Some(Self::Utf16Le);
        }
        if bytes.starts_with(b"\xfe\xff") || wide(even, odd) {
            return Some(Self::Utf16Be);
        }
        let good = core::str::from_utf8(bytes).err()?.valid_up_to();
        let lines = bytes.get(..good).unwrap_or_default().iter().filter(|byte| **byte == b'\n').count();
        Some(Self::Other { line: lines + 1 })
    }

    /// Describes the file, in words that end a sentence about it.
    #[must_use]
    pub fn name(self) -> Bilingual {
        match self {
            Self::Utf8Mark => {
                bi!("UTF-8 with a byte order mark (BOM)", "带字节顺序标记（BOM）的 UTF-8")
            }
            Self::Utf16Le | Self::Utf16Be => {
                bi!("UTF-16, which Windows also calls Unicode", "UTF-16（Windows 也称之为 Unicode）")
            }
            Self::Other { line } => bi!(
                "GBK or another encoding, not UTF-8, from line {line} on",
                "GBK 或其他编码，而不是 UTF-8（从第 {line} 行起）"
            ),
        }
    }

    /// How to save it correctly.
    #[must_use]
    pub fn hint() -> Bilingual {
        bi!(
            "open the file in the editor, choose Save As, and select the encoding UTF-8 (without BOM), not \"UTF-8 with \
             BOM\", \"Unicode\" or \"ANSI\"",
            "请在编辑器中打开该文件，选择“另存为”，编码选 UTF-8（无 BOM），不要选“带有 BOM 的 UTF-8”、“Unicode”或“ANSI”"
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_windows_saves_is_named() {
        let text = "format = \"x\"\r\nname = \"王小明\"\r\n";
        let wide = |bytes: fn(u16) -> [u8; 2]| text.encode_utf16().flat_map(bytes).collect::<Vec<u8>>();
        let (le, be) = (wide(u16::to_le_bytes), wide(u16::to_be_bytes));
        for (bytes, found) in [
            (text.as_bytes().to_vec(), None),
            ([b"\xef\xbb\xbf", text.as_bytes()].concat(), Some(Encoding::Utf8Mark)),
            ([b"\xff\xfe", &le[..]].concat(), Some(Encoding::Utf16Le)),
            ([b"\xfe\xff", &be[..]].concat(), Some(Encoding::Utf16Be)),
            (le, Some(Encoding::Utf16Le)),
            (be, Some(Encoding::Utf16Be)),
            (b"a\nname = \"\xcd\xf5\xd0\xa1\xc3\xf7\"\n".to_vec(), Some(Encoding::Other { line: 2 })),
            (Vec::new(), None),
            (b"\0".to_vec(), None),
        ] {
            assert_eq!(Encoding::of(&bytes), found, "{}", bytes.escape_ascii());
        }
    }
}
