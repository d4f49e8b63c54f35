//! Where credentials are found: the environment, then the files of the vendor's own tools; never the command line.
//!
//! The order is the SDK's, then that of tccli with its profile (`TCCLI_PROFILE`): `ceremony/spec/tencent-kms.md` §3.1 and §3.2.
//! `--profile` reads that profile and nothing else; `--instance-role` asks the instance ([`role`]). It refuses half a pair, blanks and
//! padding, files that others can read, profiles that would have to assume a role, and credentials that are about to expire ([`lasting`]).

use std::ffi::OsString;
use std::path::{Path, PathBuf};

use keyferry_core::encoding::Encoding;
use keyferry_core::{Span, Timestamp, refusals};
use keyferry_service::{NotReady, Wanted};
use keyferry_transport::{FileError, read_private_by_link};
use serde::Deserialize;
use serde_json::Value;
use zeroize::Zeroizing;

use crate::{Credentials, Sensitive};

mod explain;
pub mod lasting;
pub mod role;

pub use explain::CredentialsError;
use lasting::Lasting;

/// The SDK's credential file for the whole computer.
pub const SYSTEM_FILE: &str = "/etc/tencentcloud/credentials";

/// Longest credential file that is read, in bytes.
const MAX_FILE: usize = 64 * 1024;
/// Longest session token, in characters.
const MAX_TOKEN: usize = 8192;
/// Longest id or key, in characters.
const MAX_PART: usize = 128;

/// Credentials, where they came from and how long they last.
#[derive(Clone, Debug)]
pub struct Found {
    /// The pair that signs.
    pub credentials: Credentials,
    /// Their source and expiry.
    pub lasting: Lasting,
}

/// Where credentials come from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Source {
    /// The three variables.
    Environment,
    /// A file of the vendor's tools.
    File(PathBuf),
    /// This instance's role with that name.
    Role(String),
}

/// Why a role or a profile has no usable credentials.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RoleFault {
    /// Not a name.
    Name,
    /// The metadata service does not answer.
    Silent,
    /// The role is not bound to this instance.
    None,
    /// Its answer does not have the documented form.
    Form,
    /// A profile of a kind that is not supported.
    Kind,
}

/// What is wrong with a credential.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    /// Missing, although the other half exists.
    Missing,
    /// Empty, or only white space.
    Blank,
    /// White space at the beginning or end.
    Padded,
    /// Characters that no credential has, or too many characters.
    Characters,
    /// The file does not have the expected format.
    Format,
    /// Not a time in Unix seconds.
    Time,
}

refusals! {
    /// Why no credentials were found.
    #[derive(Clone, Debug, PartialEq, Eq)]
    #[allow(missing_docs)] // Each variant is the error of its module.
    pub enum FindError {
        Credentials from CredentialsError;
        File from FileError;
    }
}

impl From<FindError> for NotReady {
    fn from(error: FindError) -> Self {
        Self::of(&error)
    }
}

/// Finds the credentials. `variable` reads the environment; `system` is [`SYSTEM_FILE`] outside of tests.
///
/// # Errors
/// [`FindError::Credentials`], or [`FindError::File`] for a file that exists but cannot be read.
pub fn find(
    wanted: &Wanted,
    variable: &dyn Fn(&str) -> Option<OsString>,
    system: &Path,
    now: Timestamp,
) -> Result<Found, FindError> {
    if let Some(role) = &wanted.instance_role {
        return role::fetch(role::METADATA, role, now);
    }
    if wanted.profile.is_none()
        && let Some(found) = from_environment(variable, now)?
    {
        return Ok(found);
    }
    let named = || variable("TCCLI_PROFILE").filter(|p| !p.is_empty()).map(OsString::into_string);
    let profile = match &wanted.profile {
        Some(name) => name.clone(),
        None => {
            named().transpose().map_err(|_| role_fault(RoleFault::Name))?.unwrap_or_else(|| "default".into())
        }
    };
    if !is_name(&profile) {
        return Err(role_fault(RoleFault::Name));
    }
    let home = variable("HOME").filter(|h| !h.is_empty()).map(PathBuf::from);
    let in_home = |name: &str| home.as_ref().map(|h| h.join(name));
    let places = [
        (in_home(".tencentcloud/credentials"), from_ini as Reader),
        (Some(system.to_path_buf()), from_ini as Reader),
        (in_home(&format!(".tccli/{profile}.credential")), from_json as Reader),
    ];
    // If a profile was requested, nothing else is searched.
    let skipped = if wanted.profile.is_some() { 2 } else { 0 };
    let mut looked = Vec::new();
    for (path, reader) in places.into_iter().skip(skipped).filter_map(|(path, reader)| Some((path?, reader)))
    {
        if let Some(text) = text_of(&path)? {
            let source = Source::File(path);
            let parts = reader(&text).map_err(|fault| malformed(&source, "file", fault))?;
            return parts.check(source, ["secret_id", "secret_key", "token"], now);
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
    /// tccli: the kind of profile; it says where the parts come from if they are not in this file.
    #[serde(rename = "type")]
    kind: Option<String>,
    /// tccli and SDK: a role to assume with the pair.
    #[serde(rename = "role-arn")]
    role_arn: Option<String>,
    /// tccli, after a sign-in: the expiry of the pair, in Unix seconds.
    expires_at: Option<Value>,
}

impl Parts {
    fn check(self, source: Source, names: [&'static str; 3], now: Timestamp) -> Result<Found, FindError> {
        let [id_name, key_name, token_name] = names;
        let given = |text: &Option<String>| text.as_deref().is_some_and(|t| !t.is_empty());
        // A sign-in (oauth, sso) writes temporary credentials to the file; an instance's role writes none.
        let elsewhere = given(&self.kind) && self.secret_id.is_none() && self.secret_key.is_none();
        if elsewhere || given(&self.role_arn) {
            return Err(role_fault(RoleFault::Kind));
        }
        let part = |value: Option<Sensitive>, name, max| {
            let value = value.ok_or_else(|| malformed(&source, name, Fault::Missing))?;
            check_text(value.expose(), max).map_err(|fault| malformed(&source, name, fault))?;
            Ok::<_, FindError>(value)
        };
        let id = part(self.secret_id, id_name, MAX_PART)?;
        let key = part(self.secret_key, key_name, MAX_PART)?;
        // The id appears between separators in the Authorization header.
        if id.expose().contains(['/', ',']) {
            return Err(malformed(&source, id_name, Fault::Characters));
        }
        // The vendor's tools write an empty token for permanent credentials.
        let token = self.token.filter(|t| !t.expose().is_empty());
        let token = token.map(|t| part(Some(t), token_name, MAX_TOKEN)).transpose()?;
        let end = self.expires_at.map(|end| time(&end)).transpose();
        let end = end.map_err(|fault| malformed(&source, "expiresAt", fault))?;
        let lasting = Lasting { source, has_token: token.is_some(), end };
        lasting.check(now, Span::from_seconds(0))?;
        let credentials = Credentials { secret_id: id.expose().to_owned(), secret_key: key, token };
        Ok(Found { credentials, lasting })
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

/// A time as tccli writes it. Zero is refused because it is not a time, and text because it is a different format.
fn time(value: &Value) -> Result<Timestamp, Fault> {
    let seconds = value.as_i64().filter(|s| *s > 0).ok_or(Fault::Time)?;
    Timestamp::from_unix(seconds).map_err(|_| Fault::Time)
}

fn role_fault(fault: RoleFault) -> FindError {
    CredentialsError::Role(fault).into()
}

/// Checks a profile's or role's name: it must not be able to lead to another file or address.
fn is_name(text: &str) -> bool {
    let allowed = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_' | b'.' | b'@' | b'+' | b'=');
    (1..=128).contains(&text.len()) && !text.starts_with('.') && text.bytes().all(allowed)
}

fn malformed(source: &Source, part: &'static str, fault: Fault) -> FindError {
    CredentialsError::Malformed { source: source.clone(), part, fault }.into()
}

/// What other tools call the session token; Terraform's provider reads the first one.
const FOREIGN_TOKENS: [&str; 2] = ["TENCENTCLOUD_SECURITY_TOKEN", "TENCENTCLOUD_SESSION_TOKEN"];
const VARIABLES: [&str; 3] = ["TENCENTCLOUD_SECRET_ID", "TENCENTCLOUD_SECRET_KEY", "TENCENTCLOUD_TOKEN"];

/// If either half of the pair is in the environment, the pair is intended to come from there: a missing half is an error, not a reason to
/// look elsewhere.
fn from_environment(
    variable: &dyn Fn(&str) -> Option<OsString>,
    now: Timestamp,
) -> Result<Option<Found>, FindError> {
    let source = Source::Environment;
    let read = |name: &'static str| {
        let text = variable(name).map(OsString::into_string).transpose();
        Ok::<_, FindError>(
            text.map_err(|_| malformed(&source, name, Fault::Characters))?.map(Sensitive::from),
        )
    };
    let [id, key, token] = VARIABLES;
    let parts =
        Parts { secret_id: read(id)?, secret_key: read(key)?, token: read(token)?, ..Parts::default() };
    if parts.secret_id.is_none() && parts.secret_key.is_none() {
        return Ok(None);
    }
    let set = |name: &str| variable(name).is_some_and(|value| !value.is_empty());
    if let Some(foreign) = FOREIGN_TOKENS.into_iter().find(|name| set(name) && !set(token)) {
        return Err(CredentialsError::ForeignToken(foreign).into());
    }
    parts.check(source, VARIABLES, now).map(Some)
}

/// The file's text. `None` if there is no file; refuses one that belongs to another user, or that others can read or change.
fn text_of(path: &Path) -> Result<Option<Zeroizing<String>>, FindError> {
    let bytes = match read_private_by_link(path, MAX_FILE) {
        Err(FileError::Exposed { path, .. }) => return Err(CredentialsError::Exposed(path).into()),
        // This includes a path in which a component is not a folder.
        Err(_) if !path.exists() => return Ok(None),
        other => other?,
    };
    if let Some(found) = Encoding::of(&bytes) {
        return Err(CredentialsError::Encoded(path.to_path_buf(), found).into());
    }
    let text = core::str::from_utf8(&bytes)
        .map_err(|_| malformed(&Source::File(path.to_path_buf()), "file", Fault::Format))?;
    Ok(Some(Zeroizing::new(text.to_owned())))
}

/// The SDK's INI file: section `[default]`; keys in any case, as Python's configparser accepts them.
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
            "role_arn" => parts.role_arn = value.map(|v| v.expose().to_owned()),
            _ => {}
        }
    }
    if seen { Ok(parts) } else { Err(Fault::Format) }
}

/// tccli's JSON file.
fn from_json(text: &str) -> Result<Parts, Fault> {
    serde_json::from_str(text).map_err(|_| Fault::Format)
}
