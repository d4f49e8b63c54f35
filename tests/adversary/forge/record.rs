//! `transcript.jsonl` with a valid chain: with changed lines, added lines, or whole runs of stations that never
//! ran.

use serde_json::Value;

use super::digest;
use super::json::{Json, text};

/// The head of a record: SHA-256 of its last line.
pub(crate) fn head(record: &str) -> String {
    digest::of(record.lines().last().unwrap_or_default())
}

/// The lines with new sequence numbers and digests, so that the chain is valid.
pub(crate) fn chained<'l>(lines: impl IntoIterator<Item = &'l str>) -> String {
    let (mut prev, mut record) = ("0".repeat(64), String::new());
    for (seq, line) in lines.into_iter().enumerate() {
        let rest = &line[line.find("\"time\":").unwrap()..];
        let format = if seq == 0 { "\"format\":\"keyferry/transcript/2\"," } else { "" };
        let line = format!("{{{format}\"seq\":{seq},\"prev\":\"{prev}\",{rest}");
        prev = digest::of(&line);
        record += &(line + "\n");
    }
    record
}

/// The record of the right ceremony with other content: the ids of all requests are different.
pub(crate) fn other_content(record: &str) -> String {
    let other = |line: &str| line.replace("\"request_id\":\"", "\"request_id\":\"0");
    let lines: Vec<String> = record.lines().map(other).collect();
    let changed = chained(lines.iter().map(String::as_str));
    assert_ne!(changed, record, "the record names no request");
    changed
}

/// The record with an extra note, by somebody who was not there.
pub(crate) fn with_note(record: &str) -> String {
    let event = vec![("kind", text("note")), ("by", text("Ada")), ("text", text("the seals were whole"))];
    continued(record, &[("offline", None, None, event)])
}

/// A line to add: station, step, means and event.
type Line<'l> = (&'l str, Option<&'l str>, Option<&'l str>, Vec<(&'static str, Json)>);

/// The record with these lines at its end, at the time of its last line.
fn continued(record: &str, lines: &[Line<'_>]) -> String {
    let last: Value = serde_json::from_str(record.lines().last().unwrap()).unwrap();
    let line = |(station, step, means, event): &Line<'_>| {
        let mut members = vec![
            ("time", text(last["time"].as_str().unwrap())),
            ("station", text(*station)),
            ("ceremony", text(last["ceremony"].as_str().unwrap())),
        ];
        members.extend(step.map(|step| ("step", text(step))));
        members.extend(means.map(|means| ("means", text(means))));
        members.push(("event", Json::Object(event.clone())));
        Json::Object(members).line()
    };
    let added: Vec<String> = lines.iter().map(line).collect();
    chained(record.lines().chain(added.iter().map(String::as_str)))
}

/// The record as if the offline station had wrapped: `findings` and program come from the attacker's own run.
pub(crate) fn with_wrap(record: &str, ciphertext: &str, station: &Station) -> String {
    let file: Value = serde_json::from_str(ciphertext).unwrap();
    let parameters = file["parameters_sha256"].as_str().unwrap();
    let compared = |kind: &str| {
        vec![("kind", text(kind)), ("file", text("parameters.json")), ("sha256", text(parameters))]
    };
    let step = Some("offline-wrap");
    let mut lines: Vec<Line<'_>> = vec![
        ("offline", Some("compare-parameters"), None, compared("checked")),
        ("offline", Some("compare-parameters"), Some("typed-yes"), compared("confirmed")),
    ];
    let keys = file["keys"].as_array().unwrap();
    for key in keys {
        lines.push(("offline", step, None, generated(key)));
        lines.push(("offline", step, None, wrapped(key)));
    }
    let keys = Json::Number(keys.len() as u64);
    let written = vec![
        ("kind", text("ciphertext-written")),
        ("ciphertext_sha256", text(digest::of(ciphertext))),
        ("parameters_sha256", text(parameters)),
        ("keys", keys.clone()),
        ("seeded", Json::Bool(false)),
    ];
    let finished = vec![
        ("kind", text("finished")),
        ("command", text("wrap")),
        ("succeeded", keys),
        ("failed", Json::Number(0)),
    ];
    lines.extend([("offline", step, None, written), ("offline", step, None, finished)]);
    let begun = chained(record.lines().chain(station.began.iter().map(String::as_str)));
    continued(&begun, &lines)
}

fn generated(key: &Value) -> Vec<(&'static str, Json)> {
    let pair = |name: &str| {
        let of = |member: &str| text(key[name][member].as_str().unwrap());
        Json::Object(vec![("method", of("method")), ("value", of("value"))])
    };
    vec![
        ("kind", text("material-generated")),
        ("alias", text(key["alias"].as_str().unwrap())),
        ("material", Json::Object(vec![("kind", text("aes")), ("bytes", Json::Number(32))])),
        ("source", text("operating-system")),
        ("kcv", pair("kcv")),
        ("commitment", pair("commitment")),
    ]
}

fn wrapped(key: &Value) -> Vec<(&'static str, Json)> {
    use base64::Engine as _;
    let block = key["wrapped_material"].as_str().unwrap();
    let block = base64::engine::general_purpose::STANDARD.decode(block).unwrap();
    let of = |name: &str| text(key[name].as_str().unwrap());
    vec![
        ("kind", text("wrapped")),
        ("alias", of("alias")),
        ("key_id", of("key_id")),
        ("wrapping_key_sha256", of("wrapping_key_sha256")),
        ("wrapped_sha256", text(digest::of(block))),
    ]
}

/// A line in which every finding about the machine is as production requires.
pub(crate) fn flawless(line: &str) -> String {
    let mut parts = line.split("\"verdict\":\"");
    let mut written = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        // The end of `seen`: the first quotation mark that is not escaped.
        let text = &part[part.find("\"seen\":\"").unwrap() + 8..];
        let end = text.char_indices().find(|(at, c)| *c == '"' && !text[..*at].ends_with('\\')).unwrap().0;
        written += "\"verdict\":\"pass\",\"demand\":\"required\",\"seen\":\"as required\"";
        written += &text[end + 1..];
    }
    written
}

/// The beginning of a wrap: the lines that do not depend on the material.
#[derive(Clone, Debug)]
pub(crate) struct Station {
    began: Vec<String>,
}

impl Station {
    /// Lines from a record of `wrap` that the attacker made with their own program.
    pub(crate) fn of(record: &str) -> Self {
        let kinds = ["posture-checked", "confined", "time-confirmed"].map(|k| format!("{{\"kind\":\"{k}\""));
        let wrap = |line: &&str| {
            let begun = line.contains("{\"kind\":\"begun\",\"command\":\"wrap\"");
            begun || line.contains("\"station\":\"offline\"") && kinds.iter().any(|kind| line.contains(kind))
        };
        Self { began: record.lines().filter(wrap).map(flawless).collect() }
    }
}

/// `openings.jsonl` with one line: a name for the attacker's own commitment.
pub(crate) fn openings(ceremony: &str) -> String {
    let salt = [7; 32];
    let said: [&[u8]; 5] = [b"keyferry/said/1", ceremony.as_bytes(), b"custodian", &salt, b"Nobody"];
    let line = Json::Object(vec![
        ("format", text("keyferry/openings/1")),
        ("ceremony", text(ceremony)),
        ("member", text("custodian")),
        ("commitment", text(digest::of_fields(&said))),
        ("salt", text(digest::hex(&salt))),
        ("text", text("Nobody")),
    ]);
    line.line() + "\n"
}

/// The record without its last line, as a killed run leaves it.
pub(crate) fn cut(record: &str) -> String {
    let lines: Vec<&str> = record.split_inclusive('\n').collect();
    lines[..lines.len() - 1].concat()
}
