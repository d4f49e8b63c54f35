//! Why something was not shown. Nothing was written, and the terminal is restored.

use std::path::PathBuf;

use keyferry_core::refusals;

use crate::FileError;
use crate::frame::{EncodeError, MAX_BLOCKS};

refusals! {
    /// Why something was not shown.
    #[derive(Clone, Debug, PartialEq, Eq)]
    #[non_exhaustive]
    #[allow(missing_docs)] // Each variant holds the error of one module.
    pub enum ShowError {
        File from FileError;
        Content from keyferry_core::Error;
        Frames from EncodeError;
        Refused from ShowRefusal;
    }
}

refusals! {
    /// A rule for showing that was violated.
    #[derive(Clone, Debug, PartialEq, Eq)]
    #[non_exhaustive]
    pub enum ShowRefusal: Refused {
        /// The file holds secrets.
        Secret {
            /// The file.
            path: PathBuf,
            /// The value of its format member.
            format: &'static str,
        } => SHOW_PUBLIC,
            what("{} contains secrets (\"{format}\"); it never leaves this station",
                 "{} 含有机密（\"{format}\"）；绝不离开本工作站", path.display()),
            hint("show one of the files that cross: plan.toml, parameters.json, ciphertext.json, escrow.json, transcript.jsonl or openings.jsonl",
                 "请显示需要传递的文件之一：plan.toml、parameters.json、ciphertext.json、escrow.json、transcript.jsonl 或 openings.jsonl");
        /// The file is not one of those that cross.
        Unknown(path: PathBuf) => SHOW_PUBLIC,
            what("{} is not one of the files that cross: plan.toml, parameters.json, ciphertext.json, escrow.json, transcript.jsonl, \
                openings.jsonl",
                 "{} 不属于可以传递的文件：plan.toml、parameters.json、ciphertext.json、escrow.json、transcript.jsonl、openings.jsonl", path.display()),
            hint("give one of these files as keyferry wrote it; key material, shares and tokens are never shown",
                 "请提供 keyferry 写出的上述文件之一；密钥材料、分片与导入令牌绝不显示");
        /// The digits do not fit into the symbol.
        Symbol {
            /// The number of digits.
            digits: usize,
            /// Version of the symbol.
            version: u8,
        } => SHOW_FITS,
            what("{digits} digits do not fit into a symbol of version {version}",
                 "{digits} 位数字放不进版本 {version} 的二维码"),
            hint("leave out --qr-version or give a higher one; carry a file of megabytes on a medium instead",
                 "请去掉 --qr-version 或给出更大的值；数兆字节的文件请改用介质传递");
        /// The file needs more frames of this version than are allowed.
        Version {
            /// Length of the file in bytes.
            bytes: usize,
            /// The largest version that was allowed.
            version: u8,
            /// The smallest version that is enough.
            needed: u8,
            /// How many symbols of that version are enough.
            symbols: usize,
            /// How long these symbols take.
            seconds: usize,
        } => FRAME_CAPACITY,
            what("{bytes} bytes need more than {MAX_BLOCKS} symbols of version {version}; version {needed} is the smallest that is enough: \
                {symbols} symbols, about {seconds} s",
                 "{bytes} 字节需要超过 {MAX_BLOCKS} 个版本 {version} 的二维码；足够的最小版本为 {needed}：{symbols} 个二维码，约 {seconds} 秒"),
            hint("give --qr-version {needed} or a higher one, if the camera reads it (show --test-page); or carry the file on a medium",
                 "若相机能够读取（见 show --test-page），请给出 --qr-version {needed} 或更大的值；或用介质携带文件");
        /// No version has room for the file.
        TooLarge {
            /// Length of the file in bytes.
            bytes: usize,
        } => FRAME_CAPACITY,
            what("the file has {bytes} bytes, which is too large for QR: {MAX_BLOCKS} symbols of the largest version hold less",
                 "该文件有 {bytes} 字节，超出二维码的容量：{MAX_BLOCKS} 个最大版本的二维码也容纳不下"),
            hint("use a medium: the file is not damaged, only too long for symbols",
                 "请使用介质：文件没有损坏，只是对二维码来说过长");
        /// The window is too small for a symbol.
        Window {
            /// Columns of the window.
            columns: usize,
            /// Rows of the window.
            rows: usize,
            /// The number of modules needed on each side, including the light margin.
            modules: usize,
        } => SHOW_FITS,
            what("the window has {columns} columns and {rows} rows; the symbol needs {modules} columns and {} rows",
                 "窗口为 {columns} 列 {rows} 行；二维码需要 {modules} 列 {} 行", rows_for(*modules)),
            hint("make the window larger or its font smaller, or write a page with --html or a picture with --png",
                 "请放大窗口或缩小字体，或用 --html 写出网页、用 --png 写出图片");
        /// Standard input or standard error is not a terminal.
        NoTerminal => SHOW_TERMINAL, class(Io),
            what("standard input and standard error are not both a terminal", "标准输入与标准错误并非都是终端"),
            hint("run it in a terminal, or write a file: --html, --png, --svg or --print",
                 "请在终端中运行，或写出文件：--html、--png、--svg 或 --print");
        /// There are several symbols, but the output is not a folder.
        Folder {
            /// The output.
            path: PathBuf,
            /// The number of symbols.
            symbols: usize,
        } => FILE_KIND, class(Io),
            what("this file makes {symbols} symbols, and {} is not a folder",
                 "此文件需要 {symbols} 个二维码，而 {} 不是文件夹", path.display()),
            hint("make a folder and give it, or write one file with --html or --print",
                 "请先建立文件夹并指定它，或用 --html、--print 写成一个文件");
    }
}

/// The number of rows of half blocks for this many modules, plus the status line.
pub(super) const fn rows_for(modules: usize) -> usize {
    modules.div_ceil(2) + 1
}
