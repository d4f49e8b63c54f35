//! `keyferry verify`: the hash chain of a record, checked and shown.

use std::path::{Path, PathBuf};

use keyferry_core::transcript::{Line, MAX_TRANSCRIPT};
use keyferry_core::{
    Bilingual, Class, Control, Event, Explain, Lang, Purpose, Station, Transcript, bi, explained,
};
use keyferry_transport::{Console, read_capped};
use serde_json::{Value, json};

use crate::args::Verify;
use crate::error::Error;

/// Why a record whose chain is whole was refused all the same.
#[derive(Debug)]
pub(crate) enum VerifyError {
    /// There is no line.
    Empty(PathBuf),
    /// No command stands in it, or commands of both purposes.
    Purpose,
}

pub(crate) fn run(args: &Verify, console: &Console) -> Result<(), Error> {
    let path = file(&args.record);
    let chain = Transcript::verify(&read_capped(&path, MAX_TRANSCRIPT)?)?;
    let chain = chain.ok_or_else(|| VerifyError::Empty(path.clone()))?;
    let purpose = purpose(&chain)?;
    show(&chain, purpose, console);
    if console.json() {
        console.result(&as_json(&chain, purpose, &path));
    } else {
        console.result_line(&chain.head().to_string());
    }
    Ok(())
}

fn file(given: &Path) -> PathBuf {
    if given.is_dir() { given.join("transcript.jsonl") } else { given.to_owned() }
}

/// Every command of one ceremony has the same purpose.
fn purpose(chain: &Transcript) -> Result<Purpose, VerifyError> {
    let mut begun = chain.lines().iter().filter_map(|line| match &line.event {
        Event::Begun { purpose, .. } => Some(*purpose),
        _ => None,
    });
    let first = begun.next().ok_or(VerifyError::Purpose)?;
    if begun.all(|p| p == first) { Ok(first) } else { Err(VerifyError::Purpose) }
}

fn show(chain: &Transcript, purpose: Purpose, console: &Console) {
    let purpose = match purpose {
        Purpose::Production => bi!("PRODUCTION", "正式仪式"),
        Purpose::Rehearsal => bi!("REHEARSAL", "演练"),
    };
    console.row(&bi!("ceremony", "仪式"), chain.ceremony().as_str());
    console.row(&bi!("purpose", "用途"), purpose.get(console.lang()));
    for line in chain.lines() {
        let text = format!(
            "  {:>5}  {}  {:<7}  {:<18}  {}",
            line.seq,
            line.time,
            station(line.station),
            kind(line),
            subject(line)
        );
        console.line(text.trim_end());
    }
    let count = chain.lines().len();
    let text = bi!("{count} lines, unbroken", "共 {count} 行，衔接完整");
    console.row(&bi!("hash chain", "哈希链"), text.get(console.lang()));
    console.digest(&bi!("head", "末行摘要"), &chain.head());
    console.say(&bi!(
        "  Compare the head with what was read aloud on the day: it also shows that no line is missing at the end.\n  \
         Signatures are not part of this version's check.",
        "  请将末行摘要与当日宣读的词语核对：这同时说明末尾没有缺行。\n  本版本的检查不包括签名。"
    ));
}

const fn station(station: Station) -> &'static str {
    match station {
        Station::Online => "online",
        Station::Offline => "offline",
    }
}

/// The event as its JSON fields: the record's own words.
fn fields(line: &Line) -> Value {
    serde_json::to_value(&line.event).unwrap_or_default()
}

fn kind(line: &Line) -> String {
    fields(line).get("kind").and_then(Value::as_str).unwrap_or_default().to_owned()
}

/// Which key, file or command an event is about, and how it went.
fn subject(line: &Line) -> String {
    let event = fields(line);
    let mut words: Vec<String> = Vec::new();
    for name in ["alias", "file", "command", "control", "state"] {
        words.extend(event.get(name).and_then(Value::as_str).map(str::to_owned));
    }
    for name in ["keys", "succeeded", "failed"] {
        words.extend(event.get(name).and_then(Value::as_u64).map(|n| format!("{name} {n}")));
    }
    words.join("  ")
}

fn as_json(chain: &Transcript, purpose: Purpose, path: &Path) -> Value {
    let events: Vec<Value> = chain
        .lines()
        .iter()
        .map(|l| json!({"seq": l.seq, "time": l.time, "station": l.station, "kind": kind(l), "subject": subject(l)}))
        .collect();
    let head = chain.head();
    json!({
        "file": path, "ceremony": chain.ceremony(), "purpose": purpose, "lines": chain.lines().len(),
        "head": head, "words": {"en": head.words(Lang::En), "zh": head.words(Lang::Zh)},
        "chain": "unbroken", "signatures": "not checked by this version", "events": events,
    })
}

impl Explain for VerifyError {
    fn control(&self) -> Control {
        match self {
            Self::Empty(_) => Control::TRANSCRIPT_EVENT,
            Self::Purpose => Control::PARAM_PURPOSE,
        }
    }

    fn class(&self) -> Class {
        Class::Refused
    }

    fn what(&self) -> Bilingual {
        match self {
            Self::Empty(path) => bi!("{} records nothing", "{} 没有任何记录", path.display()),
            Self::Purpose => bi!(
                "the record holds no command, or commands of a rehearsal and of a production ceremony",
                "记录中没有命令，或同时含有演练与正式仪式的命令"
            ),
        }
    }

    fn hint(&self) -> Bilingual {
        match self {
            Self::Empty(_) => bi!(
                "is this the ceremony's medium? the record is the transcript.jsonl that came back with the ciphertext",
                "这是该仪式的介质吗？记录是与密文一同带回的 transcript.jsonl"
            ),
            Self::Purpose => bi!(
                "keep this file as evidence, do not edit it; each ceremony has its own folder",
                "请保留此文件作为证据，不要编辑；每个仪式使用各自的文件夹"
            ),
        }
    }
}

explained!(VerifyError);
