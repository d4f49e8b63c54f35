//! Everything that can stop a scan.

use std::collections::BTreeSet;
use std::io;

use keyferry_core::{Bilingual, bi, refusals};
use keyferry_sandbox::SandboxError;
use keyferry_transport::{FileError, HardenError};

use crate::camera::CameraError;
use crate::limits::MAX_FILES;
use crate::picture_error::{PictureError, convert};

fn named(kinds: &BTreeSet<&str>) -> Bilingual {
    let Bilingual { en, zh } = Bilingual::list(kinds);
    if kinds.is_empty() { bi!("", "") } else { bi!(": {en}", "：{zh}") }
}

refusals! {
    /// A picture that was refused, with its name.
    #[derive(Clone, Debug, PartialEq, Eq)]
    pub struct SourceError {
        /// The file or stream.
        pub name: String,
        /// The frame, counted from 1, if the file has several.
        pub frame: Option<u64>,
        /// Why it was refused.
        pub error: PictureError,
    }: Refused => (error.control()), class(error.class()),
        what("{name}{place}: {why}", "{name}{place}：{why}", both place = frame_of(*frame), why = error.what()),
        hint(error.hint());
}

fn frame_of(frame: Option<u64>) -> Bilingual {
    frame.map_or_else(|| bi!("", ""), |n| bi!(", frame {n}", "，第 {n} 帧"))
}

refusals! {
    /// A scan that found nothing, or could not continue.
    #[derive(Clone, Debug, PartialEq, Eq)]
    #[non_exhaustive]
    pub enum ScanError: Refused {
        /// There was no picture, only files in folders that are not pictures.
        NoPicture {
            /// The number of these files.
            files: u64,
            /// The kinds of these files, as far as known, each once.
            kinds: BTreeSet<&'static str>,
        } => SCAN_KIND,
            what("none of the {files} files is a picture in a supported format{named}", "{files} 个文件不是可读取的图像{named}",
                 both named = named(kinds)),
            hint(convert());
        /// There was no symbol in any picture.
        Nothing {
            /// How many pictures were searched.
            pictures: u64,
        } => SCAN_NOTHING,
            what("no symbol was read; pictures: {pictures}", "没有读到二维码；图像数：{pictures}"),
            hint("move closer until the symbol and its light border fill the picture, avoid glare, and hold still; \
                  or show a bigger symbol",
                 "请靠近，使二维码连同浅色边框充满画面，避免反光并保持稳定；或显示更大的二维码");
        /// Symbols were read, but none of them is a keyferry frame.
        Foreign {
            /// The number of symbols.
            symbols: u64,
        } => SCAN_NOTHING,
            what("no keyferry frame among the symbols; symbols: {symbols}",
                 "二维码中没有 keyferry 帧；二维码数：{symbols}"),
            hint("--any prints their texts", "使用 --any 可输出其内容");
        /// No symbol of the test page was read.
        Untested {
            /// How many other symbols were read.
            symbols: u64,
        } => SCAN_NOTHING,
            what("no symbol of the test page was read; other symbols: {symbols}",
                 "没有读到测试页的二维码；其他二维码数：{symbols}"),
            hint("show it with keyferry-offline show --test-page; move closer, avoid glare, and hold still; if not even version 6 \
                  is read, use another camera or carry the files on a medium",
                 "请用 keyferry-offline show --test-page 显示测试页；请靠近，避免反光并保持稳定；若连版本 6 也读不到，请更换摄像头或改用介质传递");
        /// There are more files than may be open at once.
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
