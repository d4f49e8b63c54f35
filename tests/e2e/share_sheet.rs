//! The printed sheet of a share: zbarimg reads its symbol, which is then read back as a scanner types it; with `--ignored`, also the page
//! as Chromium prints it on A4, at 150 dots per inch, in both languages.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic, clippy::print_stdout)]

use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use crate::support::shares::{numbers, private_folder, spawn};
use crate::support::*;
use keyferry_core::*;

type Keys<'k> = &'k [(&'k str, &'k str, Option<&'k str>)];
const LONG: Keys<'_> = &[("payments-master", "ap-singapore", Some(KEY_ID))];
const SHORT: Keys<'_> = &[("ledger", "ap-guangzhou", Some(KEY_ID))];
const MANY: Keys<'_> = &[("one", "ap-singapore", Some(KEY_ID)), ("two", "ap-guangzhou", Some(OTHER_KEY_ID))];
const NAMES: [&str; 3] = ["Cyrus Ó Briain <b>", "欧阳明月", "Eve van der Velde-Montgomery & Sons"];

/// Wraps with sheets, and types what `read` returns for each page.
fn sheets(keys: Keys<'_>, lang: &str, read: impl Fn(&Path) -> String) -> (Room, Vec<PathBuf>) {
    let plan = plan_text("rehearsal", WrappingAlgorithm::default(), keys);
    let person = |name: &&str| format!("[[participant]]\nname = \"{name}\"\nrole = \"custodian\"\n");
    let people: String = NAMES.iter().map(person).collect();
    let none = "scheme = \"none\"\nreason = \"a test\"\n";
    let plan = plan.replace(none, "scheme = \"slip39\"\nthreshold = 2\nshares = 3\n");
    let room = Room::with_plan(&plan.replacen("[[key]]", &format!("{people}[[key]]"), 1));
    private_folder(&room.path("shares"));
    let files: Vec<_> = (1..=3).map(|n| room.path(&format!("shares/share-{n}-of-3.html"))).collect();
    let mut child = spawn(&mut room.wrap(&["--shares", "sheets=shares", "--lang", lang]));
    let mut stdin = child.stdin.take().unwrap();
    stdin.write_all(b"Yes\n").unwrap();
    while !files[2].exists() && child.try_wait().unwrap().is_none() {
        std::thread::sleep(Duration::from_millis(1));
    }
    for file in &files {
        let _ = stdin.write_all(format!("{}\n", read(file)).as_bytes());
    }
    drop(stdin);
    let done = child.wait_with_output().unwrap();
    assert!(done.status.success(), "{}", String::from_utf8_lossy(&done.stderr));
    (room, files)
}

/// The words as printed on the page.
fn words(page: &str) -> Vec<String> {
    let list = page.split("<ol class=\"words\">").nth(1).unwrap().split("</ol>").next().unwrap();
    list.split("<li>").skip(1).map(|w| w.split('<').next().unwrap().to_owned()).collect()
}

fn digits(words: &[String]) -> String {
    numbers(&words.join(" ")).iter().map(|n| format!("{n:04}")).collect()
}

fn zbarimg(picture: &Path) -> String {
    let mut command = Command::new("zbarimg");
    let output =
        command.args(["--quiet", "--raw", "--nodbus", "-Sdisable", "-Sqrcode.enable"]).arg(picture).output();
    let output = output.unwrap_or_else(|e| panic!("zbarimg: {e}; on Debian: apt-get install zbar-tools"));
    String::from_utf8(output.stdout).unwrap().trim().to_owned()
}

/// The page's symbol, drawn here: dark if the number of vertical edges to the left is odd (SVG's even-odd rule).
fn draw(page: &str, to: &Path) {
    let side: usize =
        page.split("viewBox=\"0 0 ").nth(1).unwrap().split(' ').next().unwrap().parse().unwrap();
    let path = page.split(" d=\"").nth(1).unwrap().split('"').next().unwrap();
    // Vertical edges: the column, and the rows that they cross.
    let mut edges: Vec<(i32, i32, i32)> = Vec::new();
    for outline in path.split('M').skip(1) {
        let from = outline.find(['h', 'v']).unwrap();
        let (start, rest) = outline.split_at(from);
        let (x, y) = start.split_once(' ').unwrap();
        let (first_x, first_y): (i32, i32) = (x.parse().unwrap(), y.parse().unwrap());
        let (mut x, mut y) = (first_x, first_y);
        let steps: String = rest
            .chars()
            .map(|c| if matches!(c, 'h' | 'v') { format!(" {c}") } else { c.to_string() })
            .collect();
        for step in steps.trim_end_matches('z').split_whitespace() {
            let length: i32 = step[1..].parse().unwrap();
            if step.starts_with('h') {
                x += length;
            } else {
                edges.push((x, y.min(y + length), y.max(y + length)));
                y += length;
            }
        }
        assert!(x == first_x || y == first_y);
        if y != first_y {
            edges.push((x, y.min(first_y), y.max(first_y)));
        }
    }
    let dark = |x: i32, y: i32| {
        edges.iter().filter(|(left, top, bottom)| *left <= x && (*top..*bottom).contains(&y)).count() % 2 == 1
    };
    let (zoom, end) = (6, i32::try_from(side).unwrap());
    let mut picture = format!("P5 {0} {0} 255\n", side * zoom).into_bytes();
    for y in 0..end {
        let row: Vec<u8> = (0..end).flat_map(|x| [if dark(x, y) { 0 } else { 255 }; 6]).collect();
        picture.extend(row.repeat(zoom));
    }
    fs::write(to, picture).unwrap();
}

#[test]
fn the_symbol_of_a_sheet_is_read_back_by_a_scanner() {
    let scanned = tempfile::tempdir().unwrap();
    let mut read = 0;
    for (keys, lang, count) in [(LONG, "en", 33), (SHORT, "zh", 20), (MANY, "zh", 33)] {
        let scan = |file: &Path| {
            let page = fs::read_to_string(file).unwrap();
            let picture = scanned.path().join("symbol.pgm");
            draw(&page, &picture);
            let found = zbarimg(&picture);
            assert_eq!(found, digits(&words(&page)), "{page}");
            found
        };
        let (_room, files) = sheets(keys, lang, scan);
        for (file, name) in files.iter().zip(NAMES) {
            let page = fs::read_to_string(file).unwrap();
            assert_eq!(words(&page).len(), count);
            let escaped = name.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;");
            assert!(page.contains(&escaped) && !page.contains("<b>"), "{page}");
            assert!(page.contains("<code>keyferry-offline drill --share") && page.contains("test-1"));
            read += 1;
        }
    }
    assert_eq!(read, 9);
}

/// The sheet as a printer prints it.
#[test]
#[ignore = "needs chromium, and pdftoppm and pdftotext of poppler-utils"]
fn printed_sheets_are_one_page_and_hold_everything() {
    let mut printed = 0;
    for (keys, lang) in [(LONG, "en"), (LONG, "zh"), (SHORT, "en"), (SHORT, "zh"), (MANY, "en"), (MANY, "zh")]
    {
        let (room, files) = sheets(keys, lang, |file| words(&fs::read_to_string(file).unwrap()).join(" "));
        for (file, name) in files.iter().zip(NAMES) {
            let pdf = file.with_extension("pdf");
            let to = format!("--print-to-pdf={}", pdf.display());
            let flags = ["--headless", "--no-sandbox", "--disable-gpu", "--no-pdf-header-footer", &to];
            run_tool(Command::new("chromium").args(flags).arg(format!("file://{}", file.display())));
            let picture = file.with_extension("");
            run_tool(Command::new("pdftoppm").args(["-r", "150", "-png"]).arg(&pdf).arg(&picture));
            let pages: Vec<_> = fs::read_dir(room.path("shares"))
                .unwrap()
                .map(|e| e.unwrap().path())
                .filter(|p| p.extension().is_some_and(|e| e == "png"))
                .collect();
            assert_eq!(pages.len(), 1, "one page of A4");
            let words = words(&fs::read_to_string(file).unwrap());
            assert_eq!(zbarimg(&pages[0]), digits(&words));
            fs::remove_file(&pages[0]).unwrap();
            let text = run_tool(Command::new("pdftotext").arg("-layout").arg(&pdf).arg("-"));
            for (n, word) in (1..).zip(&words) {
                assert!(text.contains(&format!("{n}. {word}")), "{n}. {word} in {text}");
            }
            for part in [name, "test-1", "KCV", "drill --share --transcript transcript.jsonl"] {
                assert!(text.contains(part), "{part} in {text}");
            }
            printed += 1;
        }
    }
    println!("{printed} sheets printed, read and scanned");
}

fn run_tool(command: &mut Command) -> String {
    let output = command.output().unwrap_or_else(|e| panic!("{command:?}: {e}"));
    assert!(output.status.success(), "{command:?}: {}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap()
}
