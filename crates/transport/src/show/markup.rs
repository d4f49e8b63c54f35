//! The parts that all pages share: text that cannot become markup, and a policy under which a page can
//! neither load nor send anything.

use core::fmt::Write;

use keyferry_core::{Fingerprint, Lang};

use super::subject::Subject;
use crate::html::language_tag;
pub(super) use crate::html::{escaped as escape, page_head as head};

/// The 24 words of a digest as a list.
pub(super) fn words(digest: &Fingerprint, lang: Lang) -> String {
    let class = match lang {
        Lang::En => "words en",
        Lang::Zh => "words zh",
    };
    let mut out = format!("<div class=\"{class}\" lang=\"{}\">", language_tag(lang));
    for word in digest.words(lang) {
        let _ = write!(out, "<span>{word}</span>");
    }
    out + "</div>"
}

/// A mark if the file belongs to a rehearsal; otherwise empty.
pub(super) fn rehearsal(subject: &Subject, lang: Lang) -> &'static str {
    match (subject.is_rehearsal(), lang) {
        (false, _) => "",
        (true, Lang::En) => "<span class=\"rehearsal\">REHEARSAL</span>",
        (true, Lang::Zh) => "<span class=\"rehearsal\">演练</span>",
    }
}
