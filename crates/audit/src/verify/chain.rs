//! The hash chain of a transcript by itself, checked and shown.

use std::path::Path;

use crate::record::{VerifyError, fields, kind, read_transcript};
use keyferry_core::transcript::Line;
use keyferry_core::{Lang, Purpose, Station, Story, Transcript, bi};
use keyferry_transport::Console;
use keyferry_transport::console::Mark;
use serde_json::{Value, json};

use super::args::Verify;
use crate::error::Error;

/// How many lines from the start and from the end of a long transcript are shown.
const ENDS: usize = 200;

pub(super) fn run(args: &Verify, console: &Console) -> Result<(), Error> {
    let path = &args.record;
    let chain = read_transcript(path)??;
    let chain = chain.ok_or(VerifyError::Empty)?;
    let purpose = purpose(&chain)?;
    expected(args, &chain, purpose)?;
    show(&chain, purpose, &console.to_read());
    if console.json() {
        print_json(&chain, purpose, path, console);
    } else {
        console.result_line(&chain.head().to_string());
    }
    Ok(())
}

/// The one purpose that every command of the ceremony has.
fn purpose(chain: &Transcript) -> Result<Purpose, VerifyError> {
    let story = Story::of(chain);
    let plan = story.runs().first().ok_or(VerifyError::Empty)?.purpose;
    match story.runs().iter().find(|run| run.purpose != plan) {
        Some(run) => {
            let place = format!("transcript.jsonl:{}", run.seq + 1);
            Err(VerifyError::Purpose { place, found: run.purpose, plan })
        }
        None => Ok(plan),
    }
}

/// Checks what the auditor expects, as far as a transcript alone allows.
fn expected(args: &Verify, chain: &Transcript, found: Purpose) -> Result<(), VerifyError> {
    match (args.expect, args.expect_head) {
        (Some(expected), _) if expected != found => Err(VerifyError::Unexpected { found, expected }),
        (_, Some(expected)) if expected != chain.head() => {
            Err(VerifyError::Head { found: chain.head(), expected })
        }
        _ => Ok(()),
    }
}

fn show(chain: &Transcript, purpose: Purpose, console: &Console) {
    console.row(&bi!("ceremony", "仪式"), chain.ceremony().as_str());
    console.row(&bi!("purpose", "用途"), purpose.title().get(console.lang()));
    let lines = chain.lines();
    let left_out = if console.is_verbose() { 0 } else { lines.len().saturating_sub(2 * ENDS) };
    let (first, rest) = lines.split_at(if left_out > 0 { ENDS } else { lines.len() });
    first.iter().for_each(|line| show_line(line, console));
    if left_out > 0 {
        let text =
            bi!("… {left_out} lines in between; -v shows all", "……中间省略 {left_out} 行；-v 显示全部");
        console.row(&bi!("", ""), text.get(console.lang()));
    }
    rest.iter().skip(left_out).for_each(|line| show_line(line, console));
    let count = chain.lines().len();
    let text = bi!("{count} lines, unbroken", "共 {count} 行，衔接完整");
    console.row(&bi!("hash chain", "哈希链"), text.get(console.lang()));
    console.digest(&bi!("head", "链尾摘要"), &chain.head(), &Lang::BOTH);
    console.say(&bi!(
        "  Compare the head with what was read aloud on the day: it also shows that no line is missing at the end. \
         Signatures, plan and files are checked only if the whole folder is given.",
        "  请将链尾摘要与当日宣读的词语核对：这同时说明末尾没有缺行。给出整个文件夹时才检查签名、计划与各文件。"
    ));
}

fn show_line(line: &Line, console: &Console) {
    let (time, station, kind) = (line.time, station(line.station), kind(line));
    let text = format!("{time}  {station:<7}  {kind:<18}  {}", subject(line));
    console.item(Mark::Plain, &format!("  {:>5}  ", line.seq), text.trim_end());
}

pub(super) const fn station(station: Station) -> &'static str {
    match station {
        Station::Online => "online",
        Station::Offline => "offline",
    }
}

/// Which key, file or command an event is about, and its result.
fn subject(line: &Line) -> String {
    let event = fields(line);
    let mut words: Vec<String> = Vec::new();
    for name in ["alias", "file", "command", "control", "state", "set", "custodian"] {
        words.extend(event.get(name).and_then(Value::as_str).map(str::to_owned));
    }
    for name in ["keys", "succeeded", "failed", "number", "confirmed"] {
        words.extend(event.get(name).and_then(Value::as_u64).map(|n| format!("{name} {n}")));
    }
    words.join("  ")
}

/// A line of the transcript for programs.
pub(super) fn event(line: &Line) -> Value {
    json!({"seq": line.seq, "time": line.time, "station": line.station, "kind": kind(line), "subject": subject(line)})
}

fn print_json(chain: &Transcript, purpose: Purpose, path: &Path, console: &Console) {
    let head = chain.head();
    let mut members = console.members();
    members.put("file", &json!(path));
    members.put("ceremony", &json!(chain.ceremony()));
    members.put("purpose", &json!(purpose));
    members.put("lines", &json!(chain.lines().len()));
    members.put("head", &json!(head));
    members.put("words", &json!({"en": head.words(Lang::En), "zh": head.words(Lang::Zh)}));
    members.put("chain", &json!("unbroken"));
    members.put("signatures", &json!("not checked: only the transcript was given"));
    members.list("events", chain.lines().iter().map(event));
    members.end();
}
