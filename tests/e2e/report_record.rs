//! The report of a record, and the notes in it.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic)]

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;
use std::process::Command;

use crate::support::kms::Kms;
use crate::support::record::*;
use crate::support::*;
use keyferry_core::*;

#[test]
fn a_report_says_the_verdict_on_top_and_keeps_texts_texts() {
    let (ceremony, folder) = ceremony();
    let out = tempfile::tempdir().unwrap();
    let report = |record: &Path, name: &str, lang: &str| {
        let (html, md) = (out.path().join(format!("{name}.html")), out.path().join(format!("{name}.md")));
        let mut command = program("keyferry");
        command.args(["report", "--lang", lang]).arg(record).arg("--out").arg(&html).arg("--md").arg(&md);
        let run = run(&mut command);
        (run, fs::read_to_string(html).unwrap(), fs::read_to_string(md).unwrap())
    };
    for (lang, word) in [("en", "holds together"), ("zh", "记录完整一致")] {
        let (run, html, md) = report(&ceremony.record(), lang, lang);
        run.ok();
        for text in [&html, &md] {
            assert!(text.contains(word), "{text:.600}");
            assert!(text.contains("ssh-keygen -Y verify") && text.contains("sha256sum -c"));
        }
        assert!(!html.contains("<script") && !html.contains("<i>"));
        assert_eq!(md.matches("<script").count(), md.matches("\\<script").count());
        assert_ne!(md.matches("<script").count(), 0, "the reason is there, and is text");
        assert!(html.contains("王小明 &lt;b&gt;"));
        looks_like_a_page_to_sign(&html, &md, lang);
    }
    // The commands at the end of the report are run unchanged.
    let (_, _, md) = report(&ceremony.record(), "again", "en");
    let blocks: Vec<&str> = md.split("```sh\n").skip(1).map(|b| b.split("\n```").next().unwrap()).collect();
    assert_eq!(blocks.len(), 5);
    let mut said = String::new();
    for block in blocks {
        let mut shell = Command::new("bash");
        let done = shell.args(["-ec", block]).current_dir(ceremony.record()).output().unwrap();
        assert!(done.status.success(), "{block}\n{done:?}");
        said += &String::from_utf8(done.stdout).unwrap();
    }
    for expected in
        ["ciphertext.json: OK", "the head agrees", "Good \"keyferry-record\" signature", "65537", "two binds"]
    {
        assert!(said.contains(expected), "{expected} in {said}");
    }
    // A refusal appears at the top of the page and in the exit code.
    let bad = out.path().join("bad");
    fs::create_dir(&bad).unwrap();
    for (name, bytes) in [("plan.toml", &folder.plan), ("transcript.jsonl", &folder.transcript)] {
        fs::write(bad.join(name), bytes.as_deref().unwrap()).unwrap();
    }
    let (run, html, _) = report(&bad, "bad", "en");
    run.refused(1, Control::VERIFY_FILES);
    assert!(html.contains("verdict bad") && html.contains("REFUSED"));
}

/// Deviations come first and in amber, words are numbered, there is room for signatures, and each printed page names the head.
fn looks_like_a_page_to_sign(html: &str, md: &str, lang: &str) {
    let headings: Vec<&str> = html.split("<h2>").skip(1).map(|h| h.split('<').next().unwrap()).collect();
    assert_eq!(headings[0], if lang == "zh" { "偏差" } else { "Deviations" }, "{headings:?}");
    assert!(html.contains("<div class=\"verdict amber\">") && md.contains("**⚠ "), "{md:.300}");
    assert!(!html.contains("verdict good") && !html.contains("verdict bad\">"));
    let words: Vec<&str> = html.split("<ol class=\"words\">").skip(1).collect();
    let counted = words.iter().map(|list| list.split("</ol>").next().unwrap().matches("<li>").count());
    assert!(words.len() >= 4 && counted.into_iter().all(|n| n == 24));
    let ink = html.split("<div class=\"ink\">").nth(1).unwrap().split("</div>").next().unwrap();
    assert_eq!(ink.matches("<p>").count(), 2, "operator and witness: {ink}");
    assert!(html.contains("@bottom-left") && html.contains("counter(pages)"));
}

/// Each request in the transcript that fetched parameters or imported material, found as a reader without keyferry would find it.
fn requests_of(transcript: &[u8]) -> Vec<(String, String, String)> {
    let actions = [("parameters-fetched", "GetParametersForImport"), ("imported", "ImportKeyMaterial")];
    let lines = transcript.split(|b| *b == b'\n').filter(|line| !line.is_empty());
    let lines = lines.map(|line| serde_json::from_slice::<serde_json::Value>(line).unwrap());
    let found = lines.filter_map(|line| {
        let event = &line["event"];
        let (_, action) = actions.into_iter().find(|(kind, _)| event["kind"] == *kind)?;
        let text = |member: &str| event[member].as_str().unwrap().to_owned();
        Some((text("alias"), action.to_owned(), text("request_id")))
    });
    let mut found: Vec<_> = found.collect();
    found.sort();
    found
}

#[test]
fn a_report_lists_each_request_to_compare_with_the_providers_log() {
    let (ceremony, folder) = ceremony();
    let expected = requests_of(folder.transcript.as_deref().unwrap());
    assert_eq!(expected.len(), 4, "two keys, each fetched and imported once");
    let out = tempfile::tempdir().unwrap();
    for (lang, alarm) in [("en", "is an alarm"), ("zh", "即为警报")] {
        let (html, md) = (out.path().join(format!("{lang}.html")), out.path().join(format!("{lang}.md")));
        let mut command = program("keyferry");
        command.args(["report", "--json", "--lang", lang]).arg(ceremony.record());
        let said = run(command.arg("--out").arg(&html).arg("--md").arg(&md)).ok().json();
        let listed = said["requests"].as_array().unwrap();
        let member = |request: &serde_json::Value, name: &str| request[name].as_str().unwrap().to_owned();
        let regions: Vec<_> = listed.iter().map(|r| (member(r, "alias"), member(r, "region"))).collect();
        let (one, two) = (("one", "ap-singapore"), ("two", "ap-guangzhou"));
        let in_turn = [one, one, two, two].map(|(alias, region)| (alias.to_owned(), region.to_owned()));
        assert_eq!(regions, in_turn, "key by key");
        let mut found: Vec<_> = listed
            .iter()
            .map(|request| {
                (member(request, "alias"), member(request, "action"), member(request, "request_id"))
            })
            .collect();
        found.sort();
        assert_eq!(found, expected);
        for page in [html, md].map(|path| fs::read_to_string(path).unwrap()) {
            assert!(page.contains(alarm));
            let section = page.split(alarm).nth(1).unwrap();
            for (_, action, id) in &expected {
                assert!(section.contains(action.as_str()) && section.contains(id.as_str()), "{action} {id}");
            }
        }
    }
}

/// The service's own log is compared with the report's list, as in the runbook: they agree until somebody else fetches
/// parameters.
#[test]
fn a_request_by_somebody_else_is_in_the_services_log_alone() {
    let out = tempfile::tempdir().unwrap();
    let log = out.path().join("emulator.log");
    let mut service = emulate();
    service.args(["--wrapping-keys", "2", "--log", "json"]).stderr(fs::File::create(&log).unwrap());
    let service = EmulatorProcess::of(service);
    let ceremony = Ceremony::hold_at(&service);
    let told = |line: &serde_json::Value| {
        let members = ["action", "region", "key_id", "request_id"];
        members.map(|member| line[member].as_str().unwrap().to_owned()).join(" ")
    };
    let logged = || -> BTreeSet<String> {
        let text = fs::read_to_string(&log).unwrap();
        let lines = text.lines().filter_map(|line| serde_json::from_str::<serde_json::Value>(line).ok());
        let compared = ["GetParametersForImport", "ImportKeyMaterial"];
        let counts = |line: &serde_json::Value| {
            compared.contains(&line["action"].as_str().unwrap_or_default()) && line["outcome"] == "ok"
        };
        lines.filter(counts).map(|line| told(&line)).collect()
    };
    let mut command = program("keyferry");
    command
        .args(["report", "--json"])
        .arg(ceremony.record())
        .arg("--out")
        .arg(out.path().join("report.html"));
    let report = run(&mut command).json();
    let listed: BTreeSet<String> = report["requests"].as_array().unwrap().iter().map(told).collect();
    assert_eq!((listed.len(), &listed), (4, &logged()));
    let key_id = report["requests"][0]["key_id"].as_str().unwrap();
    Kms::new(&service.endpoint, "ap-singapore").parameters(key_id, WrappingAlgorithm::default());
    let logged = logged();
    let alarms: Vec<_> = logged.difference(&listed).collect();
    assert_eq!(alarms.len(), 1);
    assert!(alarms[0].starts_with(&format!("GetParametersForImport ap-singapore {key_id} ")), "{alarms:?}");
}

#[test]
fn a_note_is_one_printable_line_in_a_record_that_exists() {
    let room = Room::new("rehearsal", WrappingAlgorithm::default());
    run(&mut room.wrap(&[])).ok();
    let note = |text: &str, by: &str, file: &str| {
        let mut note =
            offline(["note", "--plan", "plan.toml", "--transcript", file, "--by", by, "--text", text]);
        run(note.current_dir(room.dir.path()))
    };
    let record = "medium/transcript.jsonl";
    let before = fs::read(room.path(record)).unwrap();
    note("a\nb", "Ada", record).refused(1, Control::NOTE);
    note("a\u{202e}b", "Ada", record).refused(1, Control::NOTE);
    note(&"x".repeat(1001), "Ada", record).refused(1, Control::NOTE);
    note("x", "\u{1b}[2J", record).refused(1, Control::NOTE);
    note("x", "Ada", "plan.toml").refused(1, Control::TRANSCRIPT_EVENT);
    note("x", "Ada", "nothing.jsonl").refused(3, Control::FILE_READ);
    assert_eq!(fs::read(room.path(record)).unwrap(), before);
    note("封条 4711 已破损", "Ada", record).ok();
    let chain = Transcript::verify(&fs::read(room.path(record)).unwrap()).unwrap().unwrap();
    assert!(
        matches!(&chain.lines().last().unwrap().event, Event::Note { by, .. } if by.to_string() == "Ada")
    );
}
