//! The refusal of a text file that an editor saved in another encoding (byte order mark, UTF-16, GBK) says so. The
//! control stays the same.
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing)] // a test may stop

use keyferry_core::{
    CeremonyPlan, Ciphertext, Control, Escrow, Explain, Parameters, Session, Transcript, artefact,
};

macro_rules! record {
    ($ceremony:literal, $name:literal) => {
        include_bytes!(concat!("../../../tests/data/0.1/", $ceremony, "/", $name)).as_slice()
    };
}

type Read = fn(&[u8]) -> Option<Box<dyn Explain>>;

/// The refusal of a kind of file, if any.
fn artefact<T: artefact::Artefact>(bytes: &[u8]) -> Option<Box<dyn Explain>> {
    artefact::parse::<T>(bytes).err().map(|e| Box::new(e) as Box<dyn Explain>)
}

fn plan(bytes: &[u8]) -> Option<Box<dyn Explain>> {
    CeremonyPlan::parse(bytes).err().map(|e| Box::new(e) as Box<dyn Explain>)
}

fn transcript(bytes: &[u8]) -> Option<Box<dyn Explain>> {
    Transcript::verify(bytes).err().map(|e| Box::new(e) as Box<dyn Explain>)
}

const FILES: [(&str, &[u8], Read, Control, &str); 6] = [
    ("plan", record!("one-key", "record/plan.toml"), plan, Control::PLAN_SYNTAX, "Save As"),
    (
        "parameters",
        record!("one-key", "record/parameters.json"),
        artefact::<Parameters>,
        Control::ART_SYNTAX,
        "copy the file again",
    ),
    (
        "ciphertext",
        record!("one-key", "record/ciphertext.json"),
        artefact::<Ciphertext>,
        Control::ART_SYNTAX,
        "copy the file again",
    ),
    (
        "session",
        record!("one-key", "session.json"),
        artefact::<Session>,
        Control::ART_SYNTAX,
        "copy the file again",
    ),
    (
        "escrow",
        record!("new-shares", "record/escrow.json"),
        artefact::<Escrow>,
        Control::ART_SYNTAX,
        "copy the file again",
    ),
    (
        "transcript",
        record!("one-key", "record/transcript.jsonl"),
        transcript,
        Control::TRANSCRIPT_EVENT,
        "copy on the other medium",
    ),
];

/// A text as a Windows editor saves it, and what the refusal must say.
fn saved(text: &str) -> [(Vec<u8>, &'static str); 6] {
    let wide = |bytes: fn(u16) -> [u8; 2]| text.encode_utf16().flat_map(bytes).collect::<Vec<u8>>();
    let (le, be) = (wide(u16::to_le_bytes), wide(u16::to_be_bytes));
    // The first quoted text after the first line is replaced by the name 王小明 in GBK.
    let at = text[text.find('\n').unwrap()..].find(" \"").or_else(|| text.find(":\"")).unwrap() + 2;
    let at = text[at..].find('"').unwrap() + at;
    let gbk = [&text.as_bytes()[..at], b"\xcd\xf5\xd0\xa1\xc3\xf7", &text.as_bytes()[at..]].concat();
    [
        ([b"\xef\xbb\xbf", text.as_bytes()].concat(), "byte order mark"),
        ([b"\xff\xfe", &le[..]].concat(), "UTF-16"),
        ([b"\xfe\xff", &be[..]].concat(), "UTF-16"),
        (le, "UTF-16"),
        (be, "UTF-16"),
        (gbk, "GBK or another encoding"),
    ]
}

#[test]
fn what_an_editor_saved_again_is_named() {
    for (name, bytes, read, control, hint) in FILES {
        assert!(read(bytes).is_none(), "{name} is refused unchanged");
        for (changed, encoding) in saved(core::str::from_utf8(bytes).unwrap()) {
            let error = read(&changed).unwrap_or_else(|| panic!("{name} is accepted as {encoding}"));
            let (what, said) = (error.what(), error.hint());
            assert!(what.en.contains(encoding), "{name}: {}", what.en);
            assert!(
                !what.zh.is_ascii() && (encoding != "byte order mark" || what.zh.contains("字节顺序标记")),
                "{}",
                what.zh
            );
            assert!(said.en.contains(hint), "{name}: {}", said.en);
            assert_eq!(error.control(), control, "{name}: {encoding}");
        }
    }
}

#[test]
fn the_line_ends_of_windows_are_named() {
    for (name, bytes, read, _, _) in FILES {
        let crlf = core::str::from_utf8(bytes).unwrap().replace('\n', "\r\n");
        let error = read(crlf.as_bytes());
        match name {
            // A plan may have CR LF line ends, because people write it in an editor.
            "plan" => assert!(error.is_none()),
            "transcript" => {
                let (error, what) = (error.as_ref().unwrap(), error.as_ref().unwrap().what());
                assert!(
                    what.en.contains("CR LF") && error.control() == Control::TRANSCRIPT_EVENT,
                    "{}",
                    what.en
                );
                // If only one line ends with CR LF, somebody changed that line: an editor would have changed
                // all lines.
                let one = core::str::from_utf8(bytes).unwrap().replacen('\n', "\r\n", 1);
                assert!(read(one.as_bytes()).unwrap().what().en.contains("line 1"), "one line");
            }
            _ => assert_eq!(error.unwrap().control(), Control::ART_CANONICAL, "{name}"),
        }
    }
}
