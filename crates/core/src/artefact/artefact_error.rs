//! Why an artefact was refused.

use crate::encoding::Encoding;
use crate::{Bilingual, bi, refusals};

refusals! {
    /// Why an artefact was refused. The texts never quote an artefact that holds secrets.
    #[derive(Clone, Debug, PartialEq, Eq)]
    #[non_exhaustive]
    pub enum ArtefactError: Refused {
        /// Longer than the limit.
        TooLarge(n: usize) => ART_SIZE,
            what("the file has {n} bytes: too long", "文件有 {n} 字节：过长"),
            hint(copy_again());
        /// The text does not begin like a JSON object.
        NotAnObject => ART_SYNTAX, what("the file is not a JSON object", "文件不是 JSON 对象"), hint(copy_again());
        /// Saved by an editor in another encoding.
        Encoding(found: Encoding) => ART_SYNTAX,
            what("the file was saved again as {name}", "文件被另存为{name}", both name = found.name()),
            hint(copy_again());
        /// The first member is not `format`.
        NoFormat => ART_FORMAT,
            what("the file does not begin with a \"format\" member", "文件的第一个成员不是 \"format\""),
            hint(copy_again());
        /// A different artefact or version.
        Format {
            /// The format that the file names.
            found: String,
            /// What was expected.
            expected: &'static str,
        } => ART_FORMAT,
            what("the file has format \"{found}\"; expected \"{expected}\"",
                 "文件的格式是 \"{found}\"；应为 \"{expected}\""),
            hint("give the right file; for another version number, use the keyferry version that made it",
                 "请提供正确的文件；若版本号不同，请使用生成它的 keyferry 版本");
        /// A JSON syntax error, or a text that ends too early.
        Syntax {
            /// Line, from 1.
            line: usize,
            /// Column, from 1.
            column: usize,
        } => ART_SYNTAX,
            what("the file is broken JSON at line {line}, column {column}",
                 "文件的 JSON 在第 {line} 行第 {column} 列损坏"),
            hint(copy_again());
        /// An unknown, missing or malformed field.
        Fields {
            /// Line, from 1.
            line: usize,
            /// What is wrong; omitted if the artefact is secret.
            message: String,
        } => ART_FIELDS,
            what("the file is malformed at line {line}: {message}", "文件第 {line} 行有误：{message}"),
            hint(copy_again());
        /// The same content in a form that is not canonical.
        NotCanonical => ART_CANONICAL,
            what("the file was rewritten by another program: its content is right, but its bytes are not",
                 "文件被其他程序改写过：内容正确，但字节不同"),
            hint(copy_again());
        /// No entry, too many entries, or the same entry twice.
        Entries(which: &'static str) => ART_ENTRIES,
            what("the file's keys are wrong: {which}", "文件中的密钥列表有误：{which}"),
            hint(copy_again());
        /// A field could not be written.
        Unwritable => ART_FIELDS,
            what("a field cannot be written as JSON", "有字段无法写成 JSON"),
            hint(copy_again());
    }
}

fn copy_again() -> Bilingual {
    bi!(
        "copy the file again from the station that made it and compare `sha256sum` on both sides",
        "请从生成该文件的工作站重新复制，并在两侧用 `sha256sum` 核对"
    )
}

impl ArtefactError {
    /// Returns the same error, unless the bytes have another encoding, which is then the real reason.
    pub(super) fn of_bytes(self, bytes: &[u8]) -> Self {
        match (self, Encoding::of(bytes)) {
            (Self::NotAnObject | Self::NoFormat | Self::Syntax { .. }, Some(found)) => Self::Encoding(found),
            (other, _) => other,
        }
    }

    pub(super) fn from_json(error: &serde_json::Error, secret: bool) -> Self {
        let (line, column) = (error.line(), error.column());
        if !error.is_data() {
            return Self::Syntax { line, column };
        }
        let text = error.to_string();
        let message = text.rsplit_once(" at line ").map_or(text.as_str(), |(m, _)| m);
        // Every message from Serde except this one quotes what Serde found. In a damaged file, the text of a token can be
        // where a field's name should be.
        let quotes_nothing = message.starts_with("missing field");
        let message =
            if secret && !quotes_nothing { "an unknown field or a malformed value" } else { message };
        let message: String = message.chars().filter(|c| !c.is_control()).take(300).collect();
        Self::Fields { line, message }
    }
}
