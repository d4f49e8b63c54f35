//! `show` of both shipped stations: nothing secret is shown, one key fits one symbol, and the symbols read back as the file.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic)]

use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};

use crate::support::*;
use keyferry_core::*;
use keyferry_transport::frame::{Reassembler, Step};

fn room() -> Room {
    let room = Room::new("rehearsal", WrappingAlgorithm::RsaesOaepSha256);
    run(&mut room.wrap(&[])).ok();
    room
}

fn show(room: &Room, station: &str, args: &[&str]) -> Run {
    run(program(station).arg("show").args(args).current_dir(room.dir.path()))
}

/// The lines that zbarimg, a third-party decoder, reads from pictures.
fn zbarimg(pictures: &[std::path::PathBuf]) -> Vec<String> {
    let output = Command::new("zbarimg")
        .args(["--quiet", "--raw", "-Sdisable", "-Sqrcode.enable"])
        .args(pictures)
        .output()
        .unwrap_or_else(|e| panic!("zbarimg: {e}; on Debian: apt-get install zbar-tools"));
    String::from_utf8(output.stdout).unwrap().lines().map(str::to_owned).collect()
}

fn reassembled(lines: &[String]) -> Option<Vec<u8>> {
    let mut reassembler = Reassembler::default();
    lines.iter().find_map(|line| match reassembler.push_line(line) {
        Step::Complete(received) => Some(received.payload),
        _ => None,
    })
}

#[test]
fn one_key_is_one_symbol_in_each_direction_on_screen_and_paper() {
    let room = room();
    for (file, station) in [("parameters", "keyferry-online"), ("ciphertext", "keyferry-offline")] {
        let path = format!("medium/{file}.json");
        let picture = format!("{file}.png");
        let shown = show(&room, station, &[&path, "--png", &picture, "--json"]);
        let json = shown.ok().json();
        assert_eq!((&json["needed"], &json["symbols"], &json["level"]), (&1.into(), &1.into(), &"L".into()));
        assert!(json["version"].as_u64().unwrap() <= 26, "{json}");
        let bytes = fs::read(room.path(&path)).unwrap();
        assert_eq!(json["sha256"].as_str().unwrap(), Fingerprint::of(&bytes).to_string());
        let lines = zbarimg(&[room.path(&picture)]);
        assert_eq!((lines.len(), reassembled(&lines)), (1, Some(bytes)));
        let printed = show(&room, station, &[&path, "--print", &format!("{file}.html"), "--json"]);
        let json = printed.ok().json();
        // On paper, no symbol is denser than version 25, unless an option requests it.
        let (needed, symbols) = (json["needed"].as_u64().unwrap(), json["symbols"].as_u64().unwrap());
        assert_eq!((needed + 2, &json["level"]), (symbols, &"M".into()), "{json}");
        assert!(needed <= 2 && json["version"].as_u64().unwrap() <= 25, "{json}");
        let dense = show(
            &room,
            station,
            &[&path, "--print", &format!("{file}-dense.html"), "--qr-version", "40", "--json"],
        );
        assert_eq!((&dense.ok().json()["needed"], &dense.json()["symbols"]), (&1.into(), &3.into()));
    }
}

/// The test page of either station, read by the shipped scanner; it contains no frames.
#[test]
fn the_test_page_is_read_by_the_scanner() {
    let room = Room::new("rehearsal", WrappingAlgorithm::RsaesOaepSha256);
    for station in ["keyferry-offline", "keyferry-online"] {
        let folder = room.path(station);
        fs::create_dir(&folder).unwrap();
        let shown = show(&room, station, &["--test-page", "--png", station, "--qr-version", "25", "--json"]);
        assert_eq!(shown.ok().json()["symbols"], 10);
        let read = run(program("keyferry-scan").args(["--test", "--json"]).arg(&folder));
        let json = read.ok().json();
        assert_eq!((&json["use"], &json["reserve"]), (&25.into(), &true.into()), "{json}");
        let page = format!("{station}.html");
        show(&room, station, &["--test-page", "--html", &page]).ok();
        show(&room, station, &["--test-page", "--html", &page]).refused(1, Control::FILE_EXISTS);
        show(&room, station, &["--test-page", "--png", &page]).refused(3, Control::FILE_KIND);
        show(&room, station, &["--test-page", "plan.toml"]).refused(2, Control::USAGE);
        show(&room, station, &["--test-page"]).refused(3, Control::SHOW_TERMINAL);
        show(&room, station, &[]).refused(2, Control::USAGE);
    }
}

/// In a terminal of 120 × 40, each symbol that fits is named, and the terminal is restored.
#[test]
fn the_test_page_in_a_terminal_names_each_symbol() {
    let room = Room::new("rehearsal", WrappingAlgorithm::RsaesOaepSha256);
    let program = bin_dir().join("keyferry-offline");
    let inside = format!(
        "stty rows 40 cols 120; stty -g > before; {} show --test-page --lang en > out; echo $? > code; stty -g > after",
        program.display()
    );
    let output = in_terminal(&inside, " nq", room.dir.path());
    assert!(output.contains("▄") && output.contains("version 6, full size"), "{output}");
    let read = |name: &str| fs::read_to_string(room.path(name)).unwrap();
    assert_eq!((read("code").trim(), read("before")), ("0", read("after")));
}

#[test]
fn many_symbols_in_a_folder_read_back_with_two_of_them_missing() {
    let room = room();
    fs::create_dir(room.path("pictures")).unwrap();
    let args = ["medium/transcript.jsonl", "--png", "pictures", "--qr-version", "10", "--json"];
    let json = show(&room, "keyferry-offline", &args).ok().json();
    let needed = json["needed"].as_u64().unwrap();
    let pictures: Vec<_> =
        json["outputs"].as_array().unwrap().iter().map(|p| room.path(p.as_str().unwrap())).collect();
    assert_eq!((pictures.len() as u64, needed > 2), (needed + 2, true));
    let lines = zbarimg(&pictures);
    assert_eq!(lines.len(), pictures.len());
    let kept: Vec<String> = lines.iter().filter(|l| **l != lines[0] && **l != lines[2]).cloned().collect();
    // In a few cases in a thousand, K frames are not enough, but K + 1 are.
    let back = reassembled(&kept).or_else(|| reassembled(&[kept, vec![lines[0].clone()]].concat()));
    assert_eq!(back, Some(fs::read(room.path("medium/transcript.jsonl")).unwrap()));
    // The same command again finds its own files, and refuses other files.
    show(&room, "keyferry-offline", &args).ok();
    fs::write(&pictures[3], "other").unwrap();
    show(&room, "keyferry-offline", &args).refused(1, Control::FILE_EXISTS);
}

/// A plan's estimate is never less than what its longest file needs.
#[test]
fn a_preflight_says_whether_symbols_will_do() {
    let room = room();
    let said = run(program("keyferry-offline")
        .args(["preflight", "--plan", "plan.toml", "--lang", "en"])
        .current_dir(room.dir.path()));
    let table = said.out;
    let line = table.lines().find(|line| line.contains("by QR")).unwrap_or_else(|| panic!("{table}"));
    let symbols: u64 = line.split("about ").nth(1).unwrap().split(' ').next().unwrap().parse().unwrap();
    assert!(line.contains(" s at version 15") && line.contains("transcript.jsonl"), "{line}");
    fs::create_dir(room.path("all")).unwrap();
    let shown = show(
        &room,
        "keyferry-offline",
        &["medium/transcript.jsonl", "--png", "all", "--qr-version", "15", "--json"],
    );
    let needed = shown.ok().json()["needed"].as_u64().unwrap();
    assert!(symbols >= needed && needed > 1, "{symbols} estimated, {needed} needed");
}

#[test]
fn nothing_secret_is_shown() {
    let room = room();
    room.write_session("http://127.0.0.1:1");
    fs::write(room.path("material.bin"), [0x5a; 32]).unwrap();
    fs::write(room.path("material.hex"), "5a".repeat(16)).unwrap();
    fs::write(room.path("share-1-of-3"), "duckling enlarge academic academic agency result length\n")
        .unwrap();
    fs::write(room.path("half.json"), "{\"format\": \"keyferry/fetched/1\"").unwrap();
    fs::write(room.path("empty"), "").unwrap();
    let session = fs::read_to_string(room.path("session.json")).unwrap();
    fs::write(room.path("renamed.json"), session.replace("keyferry/session/2", "keyferry/session/9"))
        .unwrap();
    let files = [
        "session.json",
        "material.bin",
        "material.hex",
        "share-1-of-3",
        "half.json",
        "empty",
        "renamed.json",
    ];
    for station in ["keyferry-offline", "keyferry-online"] {
        for file in files {
            for (flag, out) in
                [("--png", "o.png"), ("--svg", "o.svg"), ("--html", "o.html"), ("--print", "o.html")]
            {
                let refused = show(&room, station, &[file, flag, out]);
                refused.refused(1, Control::SHOW_PUBLIC);
                assert!(!refused.err.contains("TOKENtoken") && !room.path(out).exists());
            }
        }
    }
    // A session that claims to be parameters does not get past their parser.
    fs::write(room.path("posing.json"), session.replace("keyferry/session/2", "keyferry/parameters/2"))
        .unwrap();
    let posing = show(&room, "keyferry-online", &["posing.json", "--png", "o.png"]);
    posing.refused(1, Control::ART_FIELDS);
    assert!(!posing.err.contains("TOKENtoken") && !room.path("o.png").exists());
}

#[test]
fn a_damaged_file_no_terminal_and_a_taken_name_are_refused() {
    let room = room();
    let text = fs::read_to_string(room.path("medium/ciphertext.json")).unwrap();
    fs::write(room.path("damaged.json"), text.replace("  ", " ")).unwrap();
    show(&room, "keyferry-offline", &["damaged.json", "--png", "o.png"]).refused(1, Control::ART_CANONICAL);
    show(&room, "keyferry-offline", &["medium/ciphertext.json"]).refused(3, Control::SHOW_TERMINAL);
    show(&room, "keyferry-offline", &["medium/ciphertext.json", "--html", "damaged.json"])
        .refused(1, Control::FILE_EXISTS);
    let many = ["medium/transcript.jsonl", "--svg", "o.svg", "--qr-version", "8"];
    show(&room, "keyferry-offline", &many).refused(3, Control::FILE_KIND);
    let small = ["medium/transcript.jsonl", "--html", "o.html", "--qr-version", "1"];
    show(&room, "keyferry-offline", &small).refused(1, Control::FRAME_CAPACITY);
    show(&room, "keyferry-offline", &["medium/ciphertext.json", "--png", "a", "--html", "b"])
        .refused(2, Control::USAGE);
    assert!(!room.path("o.png").exists() && !room.path("o.svg").exists() && !room.path("o.html").exists());
}

/// Pages load nothing, run only their own script, and show what people compare.
#[test]
fn pages_are_whole_and_load_nothing() {
    let room = room();
    fs::rename(room.path("medium/transcript.jsonl"), room.path("medium/<b>&.jsonl")).unwrap();
    let digest = Fingerprint::of(&fs::read(room.path("medium/<b>&.jsonl")).unwrap());
    for (flag, lang) in [("--html", "en"), ("--print", "en"), ("--html", "zh"), ("--print", "zh")] {
        let out = format!("{flag}-{lang}.html");
        let out = out.trim_start_matches('-');
        let json =
            show(&room, "keyferry-offline", &["medium/<b>&.jsonl", flag, out, "--lang", lang, "--json"])
                .ok()
                .json();
        let page = fs::read_to_string(room.path(out)).unwrap();
        assert!(
            page.contains("default-src 'none'")
                && page.contains("&lt;b&gt;&amp;.jsonl")
                && !page.contains("<b>&")
        );
        for outside in ["src=", "href=", "url(", "@import", "http://", "https://"] {
            let page = page.replace("http://www.w3.org/2000/svg", "");
            assert!(!page.contains(outside), "{flag} {outside}");
        }
        assert!(page.contains(&digest.grouped()));
        let words = |lang| digest.words(lang).iter().map(|w| format!("<span>{w}</span>")).collect::<String>();
        assert!(page.contains(&words(if lang == "zh" { Lang::Zh } else { Lang::En })));
        if flag == "--print" {
            assert!(page.contains(&words(Lang::En)) && page.contains(&words(Lang::Zh)));
            let (needed, symbols) = (json["needed"].as_u64().unwrap(), json["symbols"].as_u64().unwrap());
            assert_eq!((needed + 2, page.matches("<figure>").count() as u64), (symbols, symbols));
        }
    }
}

/// A real terminal of 120 × 40: the program draws, takes a key, and restores the terminal.
#[test]
fn the_terminal_is_as_it_was_after_the_show() {
    let room = room();
    let program = bin_dir().join("keyferry-offline");
    for keys in ["q", "\u{3}", "\u{1b}", " nf+-q"] {
        let inside = format!(
            "stty rows 40 cols 120; stty -g > before; {} show medium/ciphertext.json > digest; echo $? > code; stty -g > after",
            program.display()
        );
        let output = in_terminal(&inside, keys, room.dir.path());
        assert!(output.contains("▄") && output.contains("\u{1b}[?2026l"), "{output}");
        let read = |name: &str| fs::read_to_string(room.path(name)).unwrap();
        assert_eq!((read("code").trim(), read("before")), ("0", read("after")), "{keys:?}");
        let bytes = fs::read(room.path("medium/ciphertext.json")).unwrap();
        assert_eq!(read("digest").trim(), Fingerprint::of(&bytes).to_string());
    }
}

/// The status line of the last whole drawing, up to the time that it ends with.
fn status(out: &[u8]) -> Option<String> {
    let text = String::from_utf8_lossy(out);
    let (drawn, _) = text.rsplit_once("\x1b[?2026l")?;
    let (_, line) = drawn.rsplit_once("\x1b[0m")?;
    Some(line.rsplit_once(" · ")?.0.to_owned())
}

/// Runs a line of shell in its own terminal. Keys are pressed only after something was drawn, and each only after the one before
/// took effect: keys typed faster than they are read count as one.
fn in_terminal(line: &str, keys: &str, dir: &Path) -> String {
    use std::io::{Read, Write};
    let mut child = Command::new("script")
        .args(["-qec", line, "/dev/null"])
        .current_dir(dir)
        .env("LANG", "C.UTF-8")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap_or_else(|e| panic!("script, of Debian's bsdutils: {e}"));
    let (mut stdin, mut stdout) = (child.stdin.take().unwrap(), child.stdout.take().unwrap());
    let (mut out, mut buffer) = (Vec::new(), [0; 4096]);
    let mut read_until = |out: &mut Vec<u8>, shown: &dyn Fn(&str) -> bool| {
        while !status(out).is_some_and(|status| shown(&status)) {
            let n = stdout.read(&mut buffer).unwrap();
            assert!(n > 0, "the program ended early: {}", String::from_utf8_lossy(out));
            out.extend(&buffer[..n]);
        }
        status(out).unwrap()
    };
    let mut before = read_until(&mut out, &|_| true);
    for (n, key) in keys.chars().enumerate() {
        stdin.write_all(key.to_string().as_bytes()).unwrap();
        // The first key pauses, so that from then on only a key changes the line; the last one ends the program.
        if n + 1 < keys.chars().count() {
            before = read_until(&mut out, &|now| now != before && now.contains("PAUSED"));
        }
    }
    stdout.read_to_end(&mut out).unwrap();
    child.wait().unwrap();
    String::from_utf8(out).unwrap()
}
