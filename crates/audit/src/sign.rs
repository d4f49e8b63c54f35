//! `keyferry sign` and `keyferry allowed-signers`: SSHSIG over a record, with a key file here or with `ssh-keygen`
//! elsewhere.
//!
//! A record is signed only if it passes every check, apart from missing signatures, and only after the signer compared its head with the
//! paper. A key in a token or an agent signs with `ssh-keygen -Y sign`; the exact command is printed. The signature is verified before
//! its file gets its name. A key file must belong to the user who runs this and must not be accessible to others, as OpenSSH requires.

pub(crate) mod sign_error;

use std::path::{Path, PathBuf};

use crate::record::{
    Audit, Expect, Files, HeldKey, Message, NAMESPACE, Person, RecordSignature, SIGNATURES, Signed, people,
};
use keyferry_core::plan::MAX_PLAN;
use keyferry_core::{Bilingual, CeremonyPlan, Fingerprint, bi};
use keyferry_transport::{
    Access, Console, FileError, check_free, read_capped, read_private_by_link, write_new,
};
use serde_json::{Value, json};

pub use self::sign_error::{Nobody, SignError};
use crate::error::Error;

/// Sign a record with a key file, or show how to sign it with ssh-keygen
#[derive(Debug, clap::Args)]
pub struct Sign {
    /// The record's folder; the signature goes into its subfolder `signatures`
    #[arg(value_name = "DIR")]
    pub(crate) record: PathBuf,
    /// OpenSSH private key file whose public half the plan names [default: show the ssh-keygen lines]
    #[arg(long, value_name = "FILE")]
    pub(crate) key: Option<PathBuf>,
    /// Head that the record must have, as hex or words from the paper; replaces the question
    #[arg(long, value_name = "HEX-OR-WORDS", value_parser = Fingerprint::parse_typed, requires = "key")]
    pub(crate) expect_head: Option<Fingerprint>,
}

/// Print a plan's allowed_signers file for ssh-keygen -Y verify
#[derive(Debug, clap::Args)]
pub struct AllowedSigners {
    /// The reviewed plan
    #[arg(value_name = "PLAN")]
    pub(crate) plan: PathBuf,
}

/// Longest private key file in bytes.
const MAX_KEY_FILE: usize = 64 * 1024;

/// Signs with a key file, or prints the `ssh-keygen` commands that do.
///
/// # Errors
/// [`Error`]: the record is refused, the head is a different one, or the key belongs to nobody in the plan.
pub fn run(args: &Sign, console: &Console) -> Result<(), Error> {
    let files = Files::read(&args.record)?;
    let message = files.message().clone();
    let audit = Audit::of_files(files, &Expect { head: args.expect_head, ..Expect::default() });
    audit.verdict_before_signing()?;
    let Some(record) = &audit.record else { return Ok(audit.verdict()?) };
    let people = people(&record.plan)?;
    console.row(&bi!("ceremony", "仪式"), record.plan.ceremony().as_str());
    console.row(&bi!("purpose", "用途"), record.plan.purpose().title().get(console.lang()));
    console.digest(&bi!("head", "链尾摘要"), &record.chain.head(), &record.plan.word_languages());
    match &args.key {
        Some(key) => {
            // An outsider can forge a whole record that passes every check: only the head on paper distinguishes
            // it from the genuine one.
            let console = console.guarded();
            if args.expect_head.is_none() {
                agree(&console)?;
            }
            let made = sign(key, &args.record, &people, &message, &console)?;
            report(&made, &audit, &console);
            Ok(())
        }
        None => explain(&args.record, &people, &audit, console),
    }
}

/// Asks the signer to compare the head. Nothing is signed, and no private key is read, before that.
fn agree(console: &Console) -> Result<(), SignError> {
    let question =
        bi!("Is this the head on the paper?  type Yes:", "这是否就是纸上所记的链尾摘要？请输入 Yes：");
    console.confirm(&question)?;
    Ok(())
}

/// A signature that was written.
struct Made<'p> {
    path: PathBuf,
    person: &'p Person<'p>,
    fingerprint: String,
}

fn sign<'p>(
    key: &Path,
    dir: &Path,
    people: &'p [Person<'p>],
    message: &Message,
    console: &Console,
) -> Result<Made<'p>, Error> {
    let bytes = read_private_by_link(key, MAX_KEY_FILE)?;
    let ask = bi!("Passphrase of {}:", "{} 的口令：", key.display());
    let key = HeldKey::open(&bytes, || console.secret(&ask).map_err(SignError::from))?;
    let public = key.public();
    let fingerprint = public.fingerprint();
    let theirs: Vec<&Person<'_>> = people.iter().filter(|p| p.key.as_ref() == Some(&public)).collect();
    // One person in two roles has one key and two signatures.
    let free = theirs.iter().find(|p| !target(dir, p).exists());
    let person = match (free, theirs.first()) {
        (Some(person), _) => person,
        (None, Some(person)) => {
            return Err(SignError::from(Nobody::Signed(person.participant.name.clone())).into());
        }
        (None, None) => return Err(SignError::from(Nobody::Unknown { fingerprint }).into()),
    };
    let text = key.sign_message(message).map_err(SignError::from)?;
    let made = RecordSignature::parse(text.as_bytes()).and_then(|made| made.verify_message(&public, message));
    made.map_err(SignError::from)?;
    let path = target(dir, person);
    make_folder(&dir.join(SIGNATURES))?;
    check_free(&path)?;
    write_new(&path, text.as_bytes(), Access::Everyone)?;
    Ok(Made { path, person, fingerprint })
}

/// Shows who signed, and who still has to sign.
fn report(made: &Made<'_>, audit: &Audit, console: &Console) {
    let Made { path, person, fingerprint } = made;
    let (name, id) = (&person.participant.name, &person.id);
    console.row(&bi!("signed by", "签名人"), &format!("{name} ({id})  {fingerprint}"));
    console.row(&bi!("wrote", "已写出"), &path.display().to_string());
    standing(audit, Some(id), console);
    if console.json() {
        let signatures = standing_json(audit, Some(id));
        console.result(&json!({"file": path, "id": id, "name": name, "fingerprint": fingerprint, "signatures": signatures}));
    } else {
        console.result_line(&path.display().to_string());
    }
}

/// The participants who still have to sign, except the one who just signed.
fn missing<'a>(audit: &'a Audit, just: Option<&'a str>) -> impl Iterator<Item = &'a Signed> {
    audit.missing().filter(move |person| Some(person.id.as_str()) != just)
}

/// Shows how many have signed and who is missing, or nothing if nobody has to sign.
pub(crate) fn standing(audit: &Audit, just: Option<&str>, console: &Console) {
    let all = audit.people.iter().filter(|person| person.key.is_some()).count();
    if all == 0 {
        return;
    }
    let names: Vec<_> = missing(audit, just).map(|p| format!("{} ({})", p.name, p.id)).collect();
    let signed = all - names.len();
    let Bilingual { en, zh } = Bilingual::list(names);
    let text = if en.is_empty() {
        bi!("all {all} have signed", "{all} 人均已签名")
    } else {
        bi!("{signed} of {all} have signed; missing: {en}", "{all} 人中已有 {signed} 人签名；尚缺：{zh}")
    };
    console.row(&bi!("signatures", "签名"), text.get(console.lang()));
}

/// The same facts as JSON, for programs.
pub(crate) fn standing_json(audit: &Audit, just: Option<&str>) -> Value {
    let missing: Vec<_> = missing(audit, just).map(|p| json!({"id": p.id, "name": p.name})).collect();
    let all = audit.people.iter().filter(|person| person.key.is_some()).count();
    json!({"needed": all, "signed": all - missing.len(), "missing": missing})
}

fn target(dir: &Path, person: &Person<'_>) -> PathBuf {
    dir.join(SIGNATURES).join(person.file())
}

fn make_folder(path: &Path) -> Result<(), FileError> {
    match std::fs::create_dir(path) {
        Err(e) if e.kind() != std::io::ErrorKind::AlreadyExists => Err(match e.kind() {
            std::io::ErrorKind::PermissionDenied | std::io::ErrorKind::ReadOnlyFilesystem => {
                FileError::Permission(path.into())
            }
            kind => FileError::Other { path: path.into(), kind, code: e.raw_os_error() },
        }),
        _ => Ok(()),
    }
}

/// Prints the commands for each participant who has not signed.
fn explain(dir: &Path, people: &[Person<'_>], audit: &Audit, console: &Console) -> Result<(), Error> {
    if people.iter().all(|p| p.key.is_none()) {
        return Err(SignError::from(Nobody::NoKeys).into());
    }
    let signed = |p: &Person<'_>| audit.people.iter().any(|s| s.id == p.id && s.signed);
    let dir = quoted(&dir.display().to_string());
    for person in people.iter().filter(|p| p.key.is_some()) {
        let (name, id) = (&person.participant.name, &person.id);
        if signed(person) {
            console.say(&bi!("  {name} ({id}) has signed.", "  {name}（{id}）已签名。"));
            continue;
        }
        console.say(&bi!(
            "  {name} ({id}) signs on a computer that has the key, where KEY is the key file, or the .pub file of a token or agent:",
            "  {name}（{id}）在持有密钥的计算机上签名；KEY 是密钥文件，或硬件令牌、代理的 .pub 文件："
        ));
        console.product(&format!(
            "mkdir -p {dir}/{SIGNATURES} && ssh-keygen -Y sign -n {NAMESPACE} -f KEY < {dir}/transcript.jsonl > {dir}/{SIGNATURES}/{}",
            person.file()
        ));
    }
    standing(audit, None, console);
    Ok(())
}

/// Quotes text for a shell, with single quotes if necessary.
fn quoted(path: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || "/._-+".contains(c);
    if path.chars().all(plain) { path.to_owned() } else { format!("'{}'", path.replace('\'', "'\\''")) }
}

/// Prints the `allowed_signers` file of a plan.
///
/// # Errors
/// [`Error`]: the plan is refused, or names no key.
pub fn allowed_signers(args: &AllowedSigners, console: &Console) -> Result<(), Error> {
    let plan =
        CeremonyPlan::parse(&read_capped(&args.plan, MAX_PLAN)?).map_err(crate::record::VerifyError::from)?;
    let text = crate::record::allowed_signers(&plan)?;
    if text.is_empty() {
        return Err(SignError::from(Nobody::NoKeys).into());
    }
    if console.json() {
        let people = people(&plan)?;
        let signers: Vec<_> = people
            .iter()
            .filter_map(|p| {
                let key = p.key.as_ref()?;
                Some(json!({"id": p.id, "name": p.participant.name, "key": key.line(), "fingerprint": key.fingerprint()}))
            })
            .collect();
        console.result(&json!({"allowed_signers": text, "signers": signers}));
    } else {
        console.product(text.trim_end());
    }
    Ok(())
}
