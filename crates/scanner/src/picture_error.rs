//! Why a picture, or the rest of a video, was not read.

use std::io;

use keyferry_core::{Bilingual, bi, refusals};

use crate::limits::{MAX_ALL_PIXELS, MAX_FILE, MAX_FRAMES, MAX_PIXELS, MAX_RUN_PIXELS, MAX_SIDE};

refusals! {
    /// Why a picture, or the rest of a video, was not read.
    #[derive(Clone, Copy, Debug, PartialEq, Eq)]
    #[non_exhaustive]
    pub enum PictureError: Refused {
        /// A side is 0 or longer than [`MAX_SIDE`], or there are more than [`MAX_PIXELS`].
        Size {
            /// The number of pixels in a row.
            width: u32,
            /// The number of rows.
            height: u32,
        } => SCAN_SIZE,
            what("{width} × {height} pixels; at most {MAX_SIDE} a side and {MAX_PIXELS} in all are read",
                 "{width} × {height} 像素；每边最多 {MAX_SIDE}，总共最多 {MAX_PIXELS}"),
            hint(make_it_smaller());
        /// The number of bytes does not match the size.
        Length {
            /// The number of bytes for this size.
            expected: usize,
            /// The number of bytes found.
            found: usize,
        } => SCAN_DAMAGED,
            what("{found} bytes where {expected} are needed", "需要 {expected} 字节，只有 {found} 字节"),
            hint(copy_again());
        /// The file is longer than [`MAX_FILE`].
        FileLength => SCAN_SIZE, what("longer than {MAX_FILE} bytes", "超过 {MAX_FILE} 字节"), hint(make_it_smaller());
        /// The file has more than [`MAX_FRAMES`] frames, or more than [`MAX_ALL_PIXELS`] pixels in all of
        /// them.
        Frames => SCAN_SIZE,
            what("more than {MAX_FRAMES} frames, or {MAX_ALL_PIXELS} pixels in all of them",
                 "超过 {MAX_FRAMES} 帧，或各帧像素总数超过 {MAX_ALL_PIXELS}"),
            hint(make_it_smaller());
        /// The picture files of this run have more than [`MAX_RUN_PIXELS`] pixels together.
        Run => SCAN_SIZE,
            what("more than {MAX_RUN_PIXELS} pixels in all pictures of this run; from this picture on, nothing was read",
                 "本次运行的图像像素总数超过 {MAX_RUN_PIXELS}；其余图像未读取"),
            hint("scan fewer pictures at a time, or smaller ones", "请减少每次扫描的图像数量，或缩小图像");
        /// Decoding would take more memory than is allowed.
        Memory => SCAN_SIZE, what("decoding would take too much memory", "解码所需内存过多"), hint(make_it_smaller());
        /// The file is not PNG, JPEG, GIF or Y4M.
        Kind => SCAN_KIND, what("not PNG, JPEG, GIF or Y4M", "不是 PNG、JPEG、GIF 或 Y4M"), hint(convert());
        /// A kind that is recognized but not supported, such as HEIC.
        Foreign(kind: &'static str) => SCAN_KIND,
            what("{kind}, not PNG, JPEG, GIF or Y4M", "是 {kind}，不是 PNG、JPEG、GIF 或 Y4M"),
            hint(convert());
        /// An unsupported variant of these formats.
        Unsupported => SCAN_KIND,
            what("a variant of its format that is not supported", "属于不支持的格式变体"),
            hint(convert());
        /// The file is cut off or malformed.
        Damaged => SCAN_DAMAGED, what("cut off or damaged", "被截断或已损坏"), hint(copy_again());
        /// The picture's decoder failed unexpectedly.
        Panicked => SCAN_DAMAGED,
            what("the picture decoder failed unexpectedly", "图像解码器处理失败"),
            hint(copy_again());
        /// The system reported an error while reading.
        Reading(kind: io::ErrorKind) => FILE_OTHER, class(Io),
            what("reading failed: {kind}", "读取失败：{kind}"),
            hint("check the medium and its reader, then run the command again", "请检查介质与读取设备，然后重新运行命令");
    }
}

fn make_it_smaller() -> Bilingual {
    bi!(
        "make the picture smaller, or crop it to the symbols; give a video as Y4M",
        "请缩小图像，或从中裁出二维码；视频请使用 Y4M"
    )
}

pub(crate) fn convert() -> Bilingual {
    bi!(
        "convert it to PNG; a video with `ffmpeg -i VIDEO -f yuv4mpegpipe -pix_fmt gray -`",
        "请转换为 PNG；视频可用 `ffmpeg -i 视频 -f yuv4mpegpipe -pix_fmt gray -` 转换"
    )
}

fn copy_again() -> Bilingual {
    bi!("copy the file again, or take the picture again", "请重新复制文件，或重新拍摄")
}
