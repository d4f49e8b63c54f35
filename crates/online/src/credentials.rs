//! Where credentials are found: the environment, then the files of the vendor's own tools; never the command line.
//!
//! Follows fact sheet §3 in the order of the SDK, then tccli. Refuses a half-given pair, blanks and padding, and files that
//! anyone but their owner can read. Roles (`role_arn`, CVM, OIDC) are not assumed.

use std::ffi::OsString;
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

use keyferry_core::{Bilingual, Class, Control, Explain, Timestamp, bi, explained};
use keyferry_kms_api::{Credentials, Sensitive};
use keyferry_transport::{FileError, read_secret};
use serde::Deserialize;
use zeroize::Zeroizing;

use crate::Error;

/// The SDK's credential file for the whole computer.
pub const SYSTEM_FILE: &str = "/etc/tencentcloud/credentials";

/// Longest credential file looked at, in bytes.
const MAX_FILE: usize = 64 * 1024;
/// Longest session token, in characters.
const MAX_TOKEN: usize = 8192;
/// Longest id or key, in characters.
const MAX_PART: usize = 128;

/// Credentials, and where they came from.
#[derive(Clone, Debug)]
pub struct Found {
    /// What signs.
    pub credentials: Credentials,
    /// The environment, or a file's path.
    pub source: String,
}

/// Why no credentials are there. Never holds a value.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum CredentialsError {
    /// None anywhere.
    Missing {
        /// The files that were looked for.
        looked: Vec<PathBuf>,
    },
    /// Something is wrong with a part.
    Malformed {
        /// The environment, or a file.
        source: String,
        /// The part's name there.
        part: &'static str,
        /// What is wrong with it.
        fault: Fault,
    },
    /// A file that others can read.
    Exposed(PathBuf),
}

/// What is wrong with a credential.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    /// Not there, though the other half is.
    Missing,
    /// Empty, or white space alone.
    Blank,
    /// White space at an end.
    Padded,
    /// Characters that no credential has, or too many.
    Characters,
    /// The file is not of its format.
    Format,
}

/// What the command line asks for.
#[derive(Clone, Debug, Default)]
pub struct Wanted {
    /// A profile of tccli: nothing else is then looked at.
    pub profile: Option<String>,
    /// A role of this cloud instance: nothing else is then looked at.
    pub instance_role: Option<String>,
}

/// Finds the credentials. `variable` reads the environment; `system` is [`SYSTEM_FILE`] outside of tests.
///
/// # Errors
/// [`Error::Credentials`], or [`Error::File`] for a file that is there and cannot be read.
pub fn find(
    _wanted: &Wanted,
    variable: &dyn Fn(&str) -> Option<OsString>,
    system: &Path,
    _now: Timestamp,
) -> Result<Found, Error> {
    if let Some(found) = from_environment(variable)? {
        return Ok(found);
    }
    let home = variable("HOME").filter(|h| !h.is_empty()).map(PathBuf::from);
    let in_home = |name: &str| home.as_ref().map(|h| h.join(name));
    let places = [
        (in_home(".tencentcloud/credentials"), from_ini as Reader),
        (Some(system.to_path_buf()), from_ini as Reader),
        (in_home(".tccli/default.credential"), from_json as Reader),
    ];
    let mut looked = Vec::new();
    for (path, reader) in places.into_iter().filter_map(|(path, reader)| Some((path?, reader))) {
        if let Some(text) = read_private(&path)? {
            let source = path.display().to_string();
            let parts = reader(&text).map_err(|fault| malformed(&source, "file", fault))?;
            return parts.check(source, ["secret_id", "secret_key", "token"]);
        }
        looked.push(path);
    }
    Err(CredentialsError::Missing { looked }.into())
}

type Reader = fn(&str) -> Result<Parts, Fault>;

/// Credentials as they were found, unchecked.
#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Parts {
    secret_id: Option<Sensitive>,
    secret_key: Option<Sensitive>,
    token: Option<Sensitive>,
}

impl Parts {
    fn check(self, source: String, names: [&'static str; 3]) -> Result<Found, Error> {
        let [id_name, key_name, token_name] = names;
        let part = |value: Option<Sensitive>, name, max| {
            let value = value.ok_or_else(|| malformed(&source, name, Fault::Missing))?;
            check_text(value.expose(), max).map_err(|fault| malformed(&source, name, fault))?;
            Ok::<_, Error>(value)
        };
        let id = part(self.secret_id, id_name, MAX_PART)?;
        let key = part(self.secret_key, key_name, MAX_PART)?;
        // An id stands between separators in the Authorization header.
        if id.expose().contains(['/', ',']) {
            return Err(malformed(&source, id_name, Fault::Characters));
        }
        // The vendor's tools write an empty token for permanent credentials.
        let token = self.token.filter(|t| !t.expose().is_empty());
        let token = token.map(|t| part(Some(t), token_name, MAX_TOKEN)).transpose()?;
        let credentials = Credentials { secret_id: id.expose().to_owned(), secret_key: key, token };
        Ok(Found { credentials, source })
    }
}

fn check_text(text: &str, max: usize) -> Result<(), Fault> {
    if text.trim().is_empty() {
        return Err(Fault::Blank);
    }
    if text.trim() != text {
        return Err(Fault::Padded);
    }
    if text.len() > max || !text.bytes().all(|b| b.is_ascii_graphic()) {
        return Err(Fault::Characters);
    }
    Ok(())
}

fn malformed(source: &str, part: &'static str, fault: Fault) -> Error {
    CredentialsError::Malformed { source: source.to_owned(), part, fault }.into()
}

const VARIABLES: [&str; 3] = ["TENCENTCLOUD_SECRET_ID", "TENCENTCLOUD_SECRET_KEY", "TENCENTCLOUD_TOKEN"];

/// One of the pair in the environment means that the pair is meant: a half is an error, not a reason to look elsewhere.
fn from_environment(variable: &dyn Fn(&str) -> Option<OsString>) -> Result<Option<Found>, Error> {
    let source = "the environment";
    let read = |name: &'static str| {
        let text = variable(name).map(OsString::into_string).transpose();
        Ok::<_, Error>(text.map_err(|_| malformed(source, name, Fault::Characters))?.map(Sensitive::from))
    };
    let [id, key, token] = VARIABLES;
    let parts = Parts { secret_id: read(id)?, secret_key: read(key)?, token: read(token)? };
    if parts.secret_id.is_none() && parts.secret_key.is_none() {
        return Ok(None);
    }
    parts.check(source.to_owned(), VARIABLES).map(Some)
}

/// The file's text, if there is such a file and only its owner can read it.
fn read_private(path: &Path) -> Result<Option<Zeroizing<String>>, Error> {
    match fs::metadata(path) {
        Ok(found) if found.permissions().mode() & 0o077 != 0 => {
            return Err(CredentialsError::Exposed(path.into()).into());
        }
        // Anything else that is wrong shows, with its name, when it is read.
        Ok(_) => {}
        Err(_) if !path.exists() => return Ok(None),
        Err(_) => {}
    }
    let bytes = match read_secret(path, MAX_FILE) {
        Err(FileError::NotFound(_)) => return Ok(None),
        other => other?,
    };
    let text = core::str::from_utf8(&bytes)
        .map_err(|_| malformed(&path.display().to_string(), "file", Fault::Format))?;
    Ok(Some(Zeroizing::new(text.to_owned())))
}

/// The SDK's INI file: section `[default]`; keys in any case, as Python's configparser takes them.
fn from_ini(text: &str) -> Result<Parts, Fault> {
    let (mut parts, mut inside, mut seen) = (Parts::default(), false, false);
    for line in text.lines().map(str::trim) {
        if line.is_empty() || line.starts_with(['#', ';']) {
            continue;
        }
        if let Some(section) = line.strip_prefix('[') {
            inside = section.strip_suffix(']').ok_or(Fault::Format)? == "default";
            seen |= inside;
            continue;
        }
        let (name, value) = line.split_once(['=', ':']).ok_or(Fault::Format)?;
        if !inside {
            continue;
        }
        let value = Some(Sensitive::from(value.trim()));
        match name.trim().to_ascii_lowercase().as_str() {
            "secret_id" => parts.secret_id = value,
            "secret_key" => parts.secret_key = value,
            "token" => parts.token = value,
            _ => {}
        }
    }
    if seen { Ok(parts) } else { Err(Fault::Format) }
}

/// tccli's JSON file.
fn from_json(text: &str) -> Result<Parts, Fault> {
    serde_json::from_str(text).map_err(|_| Fault::Format)
}

impl Explain for CredentialsError {
    fn control(&self) -> Control {
        match self {
            Self::Missing { .. } => Control::CRED_MISSING,
            Self::Malformed { .. } => Control::CRED_MALFORMED,
            Self::Exposed(_) => Control::CRED_EXPOSED,
        }
    }

    fn class(&self) -> Class {
        Class::Refused
    }

    fn what(&self) -> Bilingual {
        match self {
            Self::Missing { looked } => {
                let files: Vec<String> = looked.iter().map(|p| p.display().to_string()).collect();
                let files = files.join(", ");
                bi!(
                    "no credentials: TENCENTCLOUD_SECRET_ID and TENCENTCLOUD_SECRET_KEY are not set, and none of these \
                     files is there: {files}",
                    "没有找到凭证：未设置 TENCENTCLOUD_SECRET_ID 与 TENCENTCLOUD_SECRET_KEY，以下文件也都不存在：{files}"
                )
            }
            Self::Malformed { source, part, fault } => {
                let fault = fault.words();
                let (en, zh) = (fault.en, fault.zh);
                bi!("credentials from {source}: {part} {en}", "来自 {source} 的凭证：{part} {zh}")
            }
            Self::Exposed(p) => bi!(
                "the credential file {} can be read by others than its owner",
                "凭证文件 {} 可被所有者以外的人读取",
                p.display()
            ),
        }
    }

    fn hint(&self) -> Bilingual {
        match self {
            Self::Missing { .. } => bi!(
                "set both variables in this shell, or put the credentials into one of the files, mode 0600; \
                 they are never given as arguments",
                "请在当前 shell 中设置这两个变量，或将凭证写入上述文件之一（权限 0600）；凭证从不作为命令行参数"
            ),
            Self::Malformed { .. } => bi!(
                "copy the credentials again, whole and without spaces; unset the variables to use a file instead",
                "请重新复制完整且不带空格的凭证；若要使用文件，请取消设置这些变量"
            ),
            Self::Exposed(p) => bi!(
                "run `chmod 600 {0}`; if others use this computer, issue fresh credentials too",
                "请运行 `chmod 600 {0}`；若有他人使用本机，请同时更换凭证",
                p.display()
            ),
        }
    }
}

impl Fault {
    fn words(self) -> Bilingual {
        match self {
            Self::Missing => bi!("is missing", "缺失"),
            Self::Blank => bi!("is blank", "为空"),
            Self::Padded => bi!("has white space around it", "前后有空白字符"),
            Self::Characters => {
                bi!("is too long or has characters that no credential has", "过长或含有不可能的字符")
            }
            Self::Format => {
                bi!("is not of the vendor's format, or has no [default]", "不符合官方格式，或缺少 [default]")
            }
        }
    }
}

explained!(CredentialsError);
