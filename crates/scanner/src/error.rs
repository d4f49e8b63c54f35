//! Everything that can stop a scan, or one picture of it.

use std::io;

use keyferry_core::{Bilingual, Class, Control, Explain, bi, explain_nested, explained};
use keyferry_sandbox::SandboxError;
use keyferry_transport::FileError;

use crate::camera::CameraError;
use crate::luma::{MAX_PIXELS, MAX_SIDE};
use crate::picture::{MAX_ALL_PIXELS, MAX_FILE, MAX_FRAMES};
use crate::source::MAX_FILES;

/// Why a picture, or the rest of a video, was not read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum PictureError {
    /// A side is 0 or longer than [`MAX_SIDE`], or there are more than [`MAX_PIXELS`].
    Size {
        /// Pixels in a row.
        width: u32,
        /// Rows.
        height: u32,
    },
    /// Not as many bytes as the size asks for.
    Length {
        /// Bytes that the size asks for.
        expected: usize,
        /// Bytes there are.
        found: usize,
    },
    /// The file is longer than [`MAX_FILE`].
    FileLength,
    /// More than [`MAX_FRAMES`] frames or [`MAX_ALL_PIXELS`] in all of them.
    Frames,
    /// Decoding would take more memory than is allowed.
    Memory,
    /// Not PNG, JPEG, GIF or Y4M.
    Kind,
    /// A variant of them that is not understood.
    Unsupported,
    /// Cut off or not well formed.
    Damaged,
    /// The decoder of the picture failed in a way that it should not.
    Panicked,
    /// The system says so while reading.
    Reading(io::ErrorKind),
}

impl Explain for PictureError {
    fn control(&self) -> Control {
        match self {
            Self::Size { .. } | Self::FileLength | Self::Frames | Self::Memory => Control::SCAN_SIZE,
            Self::Kind | Self::Unsupported => Control::SCAN_KIND,
            Self::Length { .. } | Self::Damaged | Self::Panicked => Control::SCAN_DAMAGED,
            Self::Reading(_) => Control::FILE_OTHER,
        }
    }
    fn class(&self) -> Class {
        if matches!(self, Self::Reading(_)) { Class::Io } else { Class::Refused }
    }
    fn what(&self) -> Bilingual {
        match self {
            Self::Size { width, height } => bi!(
                "{width} × {height} pixels; at most {MAX_SIDE} a side and {MAX_PIXELS} in all are read",
                "{width} × {height} 像素；每边最多 {MAX_SIDE}，总共最多 {MAX_PIXELS}"
            ),
            Self::Length { expected, found } => {
                bi!("{found} bytes where {expected} are needed", "需要 {expected} 字节，只有 {found} 字节")
            }
            Self::FileLength => bi!("longer than {MAX_FILE} bytes", "超过 {MAX_FILE} 字节"),
            Self::Frames => bi!(
                "more than {MAX_FRAMES} frames, or {MAX_ALL_PIXELS} pixels in all of them",
                "超过 {MAX_FRAMES} 帧，或各帧像素总数超过 {MAX_ALL_PIXELS}"
            ),
            Self::Memory => bi!("decoding would take too much memory", "解码所需内存过多"),
            Self::Kind => bi!("not PNG, JPEG, GIF or Y4M", "不是 PNG、JPEG、GIF 或 Y4M"),
            Self::Unsupported => {
                bi!("a variant of its format that is not read", "属于不支持的格式变体")
            }
            Self::Damaged => bi!("cut off or damaged", "被截断或已损坏"),
            Self::Panicked => bi!("the picture decoder failed on it", "图像解码器处理失败"),
            Self::Reading(kind) => bi!("reading failed: {kind}", "读取失败：{kind}"),
        }
    }
    fn hint(&self) -> Bilingual {
        match self.control() {
            Control::SCAN_SIZE => bi!(
                "make the picture smaller, or cut the symbols out of it; for a video give Y4M",
                "请缩小图像，或从中裁出二维码；视频请使用 Y4M"
            ),
            Control::SCAN_KIND => bi!(
                "convert it to PNG; a video with `ffmpeg -i VIDEO -f yuv4mpegpipe -pix_fmt gray -`",
                "请转换为 PNG；视频可用 `ffmpeg -i 视频 -f yuv4mpegpipe -pix_fmt gray -` 转换"
            ),
            Control::SCAN_DAMAGED => {
                bi!("copy the file again, or take the picture again", "请重新复制文件，或重新拍摄")
            }
            _ => bi!(
                "check medium and reader, then run the command again",
                "请检查介质与读取设备，然后重新运行命令"
            ),
        }
    }
}

explained!(PictureError);

/// A picture that was refused, with its name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SourceError {
    /// The file or stream.
    pub name: String,
    /// The frame, from 1, if it has several.
    pub frame: Option<u64>,
    /// Why.
    pub error: PictureError,
}

impl Explain for SourceError {
    fn control(&self) -> Control {
        self.error.control()
    }
    fn class(&self) -> Class {
        self.error.class()
    }
    fn what(&self) -> Bilingual {
        let (name, what) = (&self.name, self.error.what());
        let frame = self.frame.map_or_else(|| bi!("", ""), |n| bi!(", frame {n}", "，第 {n} 帧"));
        Bilingual {
            en: format!("{name}{}: {}", frame.en, what.en),
            zh: format!("{name}{}：{}", frame.zh, what.zh),
        }
    }
    fn hint(&self) -> Bilingual {
        self.error.hint()
    }
}

explained!(SourceError);

/// A scan that gave nothing, or could not go on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum ScanError {
    /// No symbol in any picture.
    Nothing {
        /// How many pictures were looked at.
        pictures: u64,
    },
    /// Symbols, but none of them a keyferry frame.
    Foreign {
        /// How many symbols.
        symbols: u64,
    },
    /// More files than may be open at once.
    TooManyFiles,
    /// The result could not be written.
    Output(io::ErrorKind),
}

impl Explain for ScanError {
    fn control(&self) -> Control {
        match self {
            Self::Nothing { .. } | Self::Foreign { .. } => Control::SCAN_NOTHING,
            Self::TooManyFiles => Control::SCAN_SIZE,
            Self::Output(_) => Control::FILE_OTHER,
        }
    }
    fn class(&self) -> Class {
        if matches!(self, Self::Output(_)) { Class::Io } else { Class::Refused }
    }
    fn what(&self) -> Bilingual {
        match self {
            Self::Nothing { pictures } => {
                bi!("no symbol was read; pictures: {pictures}", "没有读到二维码；图像数：{pictures}")
            }
            Self::Foreign { symbols } => bi!(
                "no keyferry frame among the symbols; symbols: {symbols}",
                "二维码中没有 keyferry 帧；二维码数：{symbols}"
            ),
            Self::TooManyFiles => {
                bi!("more than {MAX_FILES} files at once", "一次超过 {MAX_FILES} 个文件")
            }
            Self::Output(kind) => bi!("the result could not be written: {kind}", "无法写出结果：{kind}"),
        }
    }
    fn hint(&self) -> Bilingual {
        match self {
            Self::Nothing { .. } => bi!(
                "go closer so that the symbol fills the picture with its light border, avoid glare, hold still; \
                 or show a bigger symbol",
                "请靠近，使二维码连同浅色边框充满画面，避免反光并保持稳定；或显示更大的二维码"
            ),
            Self::Foreign { .. } => {
                bi!("--any prints what they say", "使用 --any 可输出其内容")
            }
            Self::TooManyFiles => bi!("give them in several runs", "请分几次提供"),
            Self::Output(_) => {
                bi!("check where standard output goes", "请检查标准输出的去向")
            }
        }
    }
}

explained!(ScanError);

/// Everything that can end the program.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
#[allow(missing_docs)] // Each variant is the error of its module.
pub enum Error {
    Source(SourceError),
    Scan(ScanError),
    Camera(CameraError),
    File(FileError),
    Sandbox(SandboxError),
}

explain_nested!(Error {
    Source(SourceError),
    Scan(ScanError),
    Camera(CameraError),
    File(FileError),
    Sandbox(SandboxError),
});
