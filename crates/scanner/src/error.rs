//! Everything that can stop a scan, or one picture of it.

use std::collections::BTreeSet;
use std::io;

use keyferry_core::{Bilingual, bi, refusals};
use keyferry_sandbox::SandboxError;
use keyferry_transport::{FileError, HardenError};

use crate::camera::CameraError;
use crate::luma::{MAX_PIXELS, MAX_SIDE};
use crate::picture::{MAX_ALL_PIXELS, MAX_FILE, MAX_FRAMES, MAX_RUN_PIXELS};
use crate::source::MAX_FILES;

refusals! {
    /// Why a picture, or the rest of a video, was not read.
    #[derive(Clone, Copy, Debug, PartialEq, Eq)]
    #[non_exhaustive]
    pub enum PictureError: Refused {
        /// A side is 0 or longer than [`MAX_SIDE`], or there are more than [`MAX_PIXELS`].
        Size {
            /// Pixels in a row.
            width: u32,
            /// Rows.
            height: u32,
        } => SCAN_SIZE,
            what("{width} × {height} pixels; at most {MAX_SIDE} a side and {MAX_PIXELS} in all are read",
                 "{width} × {height} 像素；每边最多 {MAX_SIDE}，总共最多 {MAX_PIXELS}"),
            hint(make_it_smaller());
        /// Not as many bytes as the size asks for.
        Length {
            /// Bytes that the size asks for.
            expected: usize,
            /// Bytes there are.
            found: usize,
        } => SCAN_DAMAGED,
            what("{found} bytes where {expected} are needed", "需要 {expected} 字节，只有 {found} 字节"),
            hint(copy_again());
        /// The file is longer than [`MAX_FILE`].
        FileLength => SCAN_SIZE, what("longer than {MAX_FILE} bytes", "超过 {MAX_FILE} 字节"), hint(make_it_smaller());
        /// More than [`MAX_FRAMES`] frames or [`MAX_ALL_PIXELS`] in all of them.
        Frames => SCAN_SIZE,
            what("more than {MAX_FRAMES} frames, or {MAX_ALL_PIXELS} pixels in all of them",
                 "超过 {MAX_FRAMES} 帧，或各帧像素总数超过 {MAX_ALL_PIXELS}"),
            hint(make_it_smaller());
        /// More than [`MAX_RUN_PIXELS`] in all picture files of this run.
        Run => SCAN_SIZE,
            what("more than {MAX_RUN_PIXELS} pixels in all pictures of this run; from here on nothing was read",
                 "本次运行的图像像素总数超过 {MAX_RUN_PIXELS}；其余图像未读取"),
            hint("scan fewer pictures at a time, or smaller ones", "请减少每次扫描的图像数量，或缩小图像");
        /// Decoding would take more memory than is allowed.
        Memory => SCAN_SIZE, what("decoding would take too much memory", "解码所需内存过多"), hint(make_it_smaller());
        /// Not PNG, JPEG, GIF or Y4M.
        Kind => SCAN_KIND, what("not PNG, JPEG, GIF or Y4M", "不是 PNG、JPEG、GIF 或 Y4M"), hint(convert());
        /// A kind that is known and not read here, such as HEIC.
        Foreign(kind: &'static str) => SCAN_KIND,
            what("{kind}, and not PNG, JPEG, GIF or Y4M", "是 {kind}，不是 PNG、JPEG、GIF 或 Y4M"),
            hint(convert());
        /// A variant of them that is not understood.
        Unsupported => SCAN_KIND,
            what("a variant of its format that is not read", "属于不支持的格式变体"),
            hint(convert());
        /// Cut off or not well formed.
        Damaged => SCAN_DAMAGED, what("cut off or damaged", "被截断或已损坏"), hint(copy_again());
        /// The decoder of the picture failed in a way that it should not.
        Panicked => SCAN_DAMAGED,
            what("the picture decoder failed on it", "图像解码器处理失败"),
            hint(copy_again());
        /// The system says so while reading.
        Reading(kind: io::ErrorKind) => FILE_OTHER, class(Io),
            what("reading failed: {kind}", "读取失败：{kind}"),
            hint("check medium and reader, then run the command again", "请检查介质与读取设备，然后重新运行命令");
    }
}

fn named(kinds: &BTreeSet<&str>) -> Bilingual {
    let kinds: Vec<_> = kinds.iter().copied().collect();
    if kinds.is_empty() { bi!("", "") } else { bi!(": {}", "：{}", kinds.join(", ")) }
}

fn make_it_smaller() -> Bilingual {
    bi!(
        "make the picture smaller, or cut the symbols out of it; for a video give Y4M",
        "请缩小图像，或从中裁出二维码；视频请使用 Y4M"
    )
}

fn convert() -> Bilingual {
    bi!(
        "convert it to PNG; a video with `ffmpeg -i VIDEO -f yuv4mpegpipe -pix_fmt gray -`",
        "请转换为 PNG；视频可用 `ffmpeg -i 视频 -f yuv4mpegpipe -pix_fmt gray -` 转换"
    )
}

fn copy_again() -> Bilingual {
    bi!("copy the file again, or take the picture again", "请重新复制文件，或重新拍摄")
}

refusals! {
    /// A picture that was refused, with its name.
    #[derive(Clone, Debug, PartialEq, Eq)]
    pub struct SourceError {
        /// The file or stream.
        pub name: String,
        /// The frame, from 1, if it has several.
        pub frame: Option<u64>,
        /// Why.
        pub error: PictureError,
    }: Refused => (error.control()), class(error.class()),
        what("{name}{place}: {why}", "{name}{place}：{why}", both place = frame_of(*frame), why = error.what()),
        hint(error.hint());
}

fn frame_of(frame: Option<u64>) -> Bilingual {
    frame.map_or_else(|| bi!("", ""), |n| bi!(", frame {n}", "，第 {n} 帧"))
}

refusals! {
    /// A scan that gave nothing, or could not go on.
    #[derive(Clone, Debug, PartialEq, Eq)]
    #[non_exhaustive]
    pub enum ScanError: Refused {
        /// No picture at all, only files of folders that are none.
        NoPicture {
            /// How many of them.
            files: u64,
            /// What they are, as far as it is known; each once.
            kinds: BTreeSet<&'static str>,
        } => SCAN_KIND,
            what("{files} files are no pictures that are read here{named}", "{files} 个文件不是可读取的图像{named}",
                 both named = named(kinds)),
            hint(convert());
        /// No symbol in any picture.
        Nothing {
            /// How many pictures were looked at.
            pictures: u64,
        } => SCAN_NOTHING,
            what("no symbol was read; pictures: {pictures}", "没有读到二维码；图像数：{pictures}"),
            hint("go closer so that the symbol fills the picture with its light border, avoid glare, hold still; \
                  or show a bigger symbol",
                 "请靠近，使二维码连同浅色边框充满画面，避免反光并保持稳定；或显示更大的二维码");
        /// Symbols, but none of them a keyferry frame.
        Foreign {
            /// How many symbols.
            symbols: u64,
        } => SCAN_NOTHING,
            what("no keyferry frame among the symbols; symbols: {symbols}",
                 "二维码中没有 keyferry 帧；二维码数：{symbols}"),
            hint("--any prints what they say", "使用 --any 可输出其内容");
        /// No symbol of the test page.
        Untested {
            /// How many symbols of others.
            symbols: u64,
        } => SCAN_NOTHING,
            what("no symbol of the test page was read; other symbols: {symbols}",
                 "没有读到测试页的二维码；其他二维码数：{symbols}"),
            hint("show it with keyferry-offline show --test-page; go closer, avoid glare, hold still; if not even version 6 \
                  is read, take another camera or carry the files on a medium",
                 "请用 keyferry-offline show --test-page 显示测试页；请靠近，避免反光并保持稳定；若连版本 6 也读不到，请更换摄像头或改用介质传递");
        /// More files than may be open at once.
        TooManyFiles => SCAN_SIZE,
            what("more than {MAX_FILES} files at once", "一次超过 {MAX_FILES} 个文件"),
            hint("give them in several runs", "请分几次提供");
        /// The result could not be written.
        Output(kind: io::ErrorKind) => FILE_OTHER, class(Io),
            what("the result could not be written: {kind}", "无法写出结果：{kind}"),
            hint("check where standard output goes", "请检查标准输出的去向");
    }
}

refusals! {
    /// Everything that can end the program.
    #[derive(Clone, Debug, PartialEq, Eq)]
    #[non_exhaustive]
    #[allow(missing_docs)] // Each variant is the error of its module.
    pub enum Error {
        Source from SourceError;
        Scan from ScanError;
        Camera from CameraError;
        File from FileError;
        Harden from HardenError;
        Sandbox from SandboxError;
    }
}
