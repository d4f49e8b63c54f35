//! The parts that all pages share: text that cannot become markup, and a policy under which a page can
//! neither load nor send anything.

use core::fmt::Write;

use keyferry_core::{Base64Bytes, Fingerprint, Lang};

use super::subject::Subject;
pub(super) use crate::html::escaped as escape;

/// The beginning of a page. Its policy allows exactly this style and this script, and nothing from anywhere else (CSP
/// level 3).
pub(super) fn head(lang: Lang, title: &str, style: &str, script: Option<&str>) -> String {
    let source = |text: &str| {
        format!("'sha256-{}'", Base64Bytes::from(&Fingerprint::of(text.as_bytes()).as_bytes()[..]))
    };
    let script = script.map_or_else(|| "'none'".to_owned(), source);
    format!(
        "<!DOCTYPE html>\n<html lang=\"{}\">\n<head>\n<meta charset=\"utf-8\">\n\
         <meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src {}; script-src {script}; \
         base-uri 'none'; form-action 'none'\">\n\
         <meta name=\"viewport\" content=\"width=device-width\">\n<meta name=\"referrer\" content=\"no-referrer\">\n\
         <title>{}</title>\n<style>{style}</style>\n</head>\n",
        tag(lang),
        source(style),
        escape(title),
    )
}

/// The language tag for HTML.
pub(super) const fn tag(lang: Lang) -> &'static str {
    match lang {
        Lang::En => "en",
        Lang::Zh => "zh-Hans",
    }
}

/// The 24 words of a digest as a list.
pub(super) fn words(digest: &Fingerprint, lang: Lang) -> String {
    let class = match lang {
        Lang::En => "words en",
        Lang::Zh => "words zh",
    };
    let mut out = format!("<div class=\"{class}\" lang=\"{}\">", tag(lang));
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
