//! Tests the rules on known sentences, the reader on small files, and the rules on the checkout.

use super::list::TABLE;
use super::*;

const KNOWN: &str = include_str!("known.txt");

fn list() -> List {
    List::parse(TABLE).expect("the table is whole")
}

/// The line and the words of each hit.
fn found(text: &str, language: Language) -> Vec<(usize, String)> {
    let list = list();
    let hits = in_text("x", &prose::pieces(text, language), &list);
    hits.into_iter().map(|hit| (hit.line, hit.found)).collect()
}

fn known(mark: &str) -> Vec<&'static str> {
    KNOWN.lines().filter_map(|line| line.strip_prefix(mark)).collect()
}

#[test]
fn known_sentences_are_hits_and_others_are_not() {
    let (hits, fine) = (known("HIT "), known("FINE "));
    assert!(hits.len() > 20 && fine.len() > 15);
    for sentence in hits {
        let found = found(&format!("// {sentence}\n"), Language::Rust);
        assert_eq!(found.len(), 1, "{sentence}: {found:?}");
    }
    for sentence in fine {
        assert_eq!(found(&format!("// {sentence}\n"), Language::Rust), [], "{sentence}");
    }
}

#[test]
fn every_rule_is_seen_in_a_known_sentence() {
    let list = list();
    let text: String = known("HIT ").iter().map(|sentence| format!("// {sentence}\n\n")).collect();
    let hits = in_text("x", &prose::pieces(&text, Language::Rust), &list);
    for rule in list.rules() {
        assert!(hits.iter().any(|hit| std::ptr::eq(hit.rule, rule)), "no sentence for: {}", rule.instead());
    }
}

#[test]
fn a_line_that_is_no_rule_is_refused() {
    // Examples, word for word.
    for line in ["octet byte", "octet =>byte", "^ => nothing", "!of => nothing"] {
        assert!(List::parse(line).is_err(), "{line}");
    }
}

#[test]
fn comments_and_sentences_are_read_and_code_is_not() {
    // Examples, word for word.
    let rust = "//! a look\nfn octet(beside: &'a str) -> char { '\"' } // an octet\n/// passed\n/// over\nf(\"no \\\n such key\", \
                \"octet\", r#\"an \"octet\" anew\"#);\n";
    let expected = [(1, "a look"), (2, "octet"), (3, "passed over"), (5, "no such"), (6, "anew")];
    assert_eq!(found(rust, Language::Rust), expected.map(|(line, words)| (line, words.to_owned())));
    let python = "\"\"\"One octet.\"\"\"\noctet = 'octet'  # an octet\nraise Stop(\"no such program\")\n";
    let expected = [(1, "octet"), (2, "octet"), (3, "no such")];
    assert_eq!(found(python, Language::Hash), expected.map(|(line, words)| (line, words.to_owned())));
}

#[test]
fn markdown_is_read_without_code_addresses_and_quotations() {
    // An example, word for word.
    let page = "# An octet\n\n```\noctet\n```\n> an octet\n\nIt was passed\nover: [a page](anew octet) and `octet` and \"octet\".\n\
                | a | dead |\n";
    let expected = [(1, "octet"), (8, "passed over"), (10, "dead")];
    assert_eq!(found(page, Language::Markdown), expected.map(|(line, words)| (line, words.to_owned())));
}

#[test]
fn a_quotation_ends_with_its_paragraph() {
    // An example, word for word.
    let rust = "// The service's answer, word for word.\nf(\"no such key\");\n\nf(\"no such key\");\n";
    assert_eq!(found(rust, Language::Rust), [(4, "no such".to_owned())]);
    let not_marked = "f(\"word for word\");\nf(\"no such key\");\n";
    assert_eq!(found(not_marked, Language::Rust), [(2, "no such".to_owned())]);
}

#[test]
fn the_checkout_speaks_plainly() {
    let files = files(run::root()).expect("every folder is read");
    for file in [
        "DESIGN.md",
        "crates/core/src/lib.rs",
        "tests/e2e/main.rs",
        "xtask/src/usage.txt",
        "xtask/src/vm/guest/init.sh",
    ] {
        assert!(files.iter().any(|(name, _)| name == file), "{file} was not read");
    }
    assert!(files.len() > 1000, "{} files", files.len());
    let list = list();
    let hits = hits(run::root(), &list).expect("every file is read");
    let hits: Vec<_> = hits.iter().map(Hit::to_string).collect();
    assert!(hits.is_empty(), "\n{}", hits.join("\n"));
}
