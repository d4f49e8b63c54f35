//! Why a line is not a frame, why a frame cannot be used, and why a payload cannot be shown.

use keyferry_core::{Bilingual, bi, refusals};

use super::{MAX_BLOCKS, MAX_DIGITS};

refusals! {
    /// Why a line is not a frame.
    #[derive(Clone, Copy, Debug, PartialEq, Eq)]
    #[non_exhaustive]
    pub enum FrameError: Refused {
        /// It has more digits than any symbol holds.
        TooLong => FRAME_DIGITS,
            what("a line of more than {MAX_DIGITS} characters is not a frame", "超过 {MAX_DIGITS} 个字符的行不是帧"),
            hint(scan_a_symbol());
        /// It does not consist of decimal digits in canonical form.
        NotDigits => FRAME_DIGITS,
            what("this line is not a frame: its digits do not encode one", "此行不是帧：数字形式不符"),
            hint(scan_a_symbol());
        /// It has fewer bytes than a header.
        TooShort => FRAME_DIGITS, what("this line is not a frame: too short", "此行不是帧：太短"), hint(scan_a_symbol());
        /// It was made by another version.
        Version(found: u8) => FRAME_VERSION,
            what("a frame has version {found}; only version 1 is known", "帧版本为 {found}；已知版本为 1"),
            hint(use_the_same_version());
        /// Reserved flags are set.
        Flags(found: u8) => FRAME_VERSION,
            what("a frame has unknown flags {found}", "帧带有未知标志 {found}"),
            hint(use_the_same_version());
        /// The checksum is wrong: the frame was damaged on its way.
        Checksum => FRAME_CHECKSUM,
            what("a frame was damaged on its way: its checksum is wrong", "帧在途中损坏：校验和错误"),
            hint("keep scanning; any other frame will do as well", "请继续扫描；其他任何一帧同样可用");
        /// The length, the block and the number of blocks are inconsistent.
        Layout => FRAME_LAYOUT,
            what("a frame has a length and a block that no station shows", "帧所声明的内容不可能由本工具的工作站显示"),
            hint("find out where this symbol comes from; keep scanning those that the other station shows",
                 "请查明该二维码的来源；继续扫描另一工作站显示的二维码");
    }
}

fn scan_a_symbol() -> Bilingual {
    bi!(
        "scan a keyferry symbol; a hand scanner must send digits as digits, without a prefix",
        "请扫描 keyferry 的二维码；扫描枪须原样发送数字，且不加前缀"
    )
}

fn use_the_same_version() -> Bilingual {
    bi!("use the same version of keyferry at both stations", "两台工作站请使用同一版本的 keyferry")
}

/// Why a frame that arrived was not used. The transfer continues with the next frames.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Ignored {
    /// The line is not a frame.
    Damaged(FrameError),
    /// It states a payload that is longer than the receiver accepts.
    TooLarge,
    /// It has arrived before.
    Duplicate,
    /// It belongs to a transfer that is complete.
    Finished,
    /// It contradicts the other frames, or the digest of their payload.
    Inconsistent,
    /// It completed something other than the expected artefact.
    Unexpected,
}

refusals! {
    /// Why a payload cannot be shown as frames.
    #[derive(Clone, Copy, Debug, PartialEq, Eq)]
    #[non_exhaustive]
    pub enum EncodeError: Refused {
        /// There is nothing to show, or the symbol has no room.
        Empty => FRAME_CAPACITY,
            what("there is nothing to show as QR symbols, or the symbols are too small", "没有可显示的内容，或二维码太小"),
            hint("give the artefact's file, or use a larger symbol", "请给出工件文件，并选用更大的二维码");
        /// It needs more than [`MAX_BLOCKS`] frames of this size.
        TooLong {
            /// The payload's length in bytes.
            total: usize,
            /// The longest payload in bytes for symbols of this size.
            most: usize,
        } => FRAME_CAPACITY,
            what("{total} bytes are too long for QR symbols of this size; {most} bytes fit into {MAX_BLOCKS} of them",
                 "{total} 字节超出该尺寸二维码的容量；{MAX_BLOCKS} 个二维码可容纳 {most} 字节"),
            hint("use larger symbols, or carry the file on a medium", "请选用更大的二维码，或用介质携带文件");
    }
}
