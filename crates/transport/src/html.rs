//! Writes HTML that is well formed by construction: tags and attribute names are literals in the program, and every text and
//! value is escaped.

mod page_head;
mod well_formed;

use keyferry_core::{Lang, is_deceptive};

pub use page_head::{language_tag, page_head};
pub use well_formed::well_formed;

/// A piece of a page.
#[derive(Debug, Default)]
pub struct Html {
    out: String,
    /// The number of the last id, for titles that label drawings.
    ids: usize,
}

/// Attributes of an element.
pub type Attributes<'a> = &'a [(&'static str, &'a str)];

impl Html {
    /// A whole document around `body`, which loads nothing and runs no script.
    pub fn document(lang: Lang, title: &str, style: &str, body: impl FnOnce(&mut Self)) -> String {
        let mut html = Self { out: page_head(lang, title, style, None), ids: 0 };
        html.nest("body", &[], body);
        html.out += "</html>\n";
        html.out
    }

    /// Adds an element that contains other elements.
    pub fn nest(&mut self, tag: &'static str, attributes: Attributes<'_>, inner: impl FnOnce(&mut Self)) {
        self.open(tag, attributes);
        self.out.push('>');
        inner(self);
        self.out += "</";
        self.out += tag;
        self.out += ">\n";
    }

    /// Adds an element that contains text.
    pub fn leaf(&mut self, tag: &'static str, attributes: Attributes<'_>, text: &str) {
        self.nest(tag, attributes, |html| html.text(text));
    }

    /// Adds an empty element.
    pub fn void(&mut self, tag: &'static str, attributes: Attributes<'_>) {
        self.open(tag, attributes);
        self.out += "/>";
    }

    /// Adds text, escaped.
    pub fn text(&mut self, text: &str) {
        self.out += &escaped(text);
    }

    /// A new id that no other element has.
    pub fn id(&mut self) -> String {
        self.ids += 1;
        format!("d{}", self.ids)
    }

    fn open(&mut self, tag: &'static str, attributes: Attributes<'_>) {
        self.out.push('<');
        self.out += tag;
        for (name, value) in attributes {
            self.out.push(' ');
            self.out += name;
            self.out += "=\"";
            self.text(value);
            self.out.push('"');
        }
    }
}

/// Escapes text for use between tags and in quoted attributes: the result cannot become markup, and has no
/// character that deceives a reader.
#[must_use]
pub fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => out += "&amp;",
            '<' => out += "&lt;",
            '>' => out += "&gt;",
            '"' => out += "&quot;",
            '\'' => out += "&#39;",
            c if is_deceptive(c) && c != '\n' => out.push('\u{fffd}'),
            c => out.push(c),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whatever_a_text_holds_it_stays_text() {
        let evil = "</style><script>alert(\"1\")</script>&'\u{1b}[2J";
        let page = Html::document(Lang::En, evil, "body{}", |html| {
            html.leaf("p", &[("title", evil)], evil);
            html.void("br", &[]);
        });
        well_formed(&page).unwrap();
        assert!(!page.contains("<script") && !page.contains('\u{1b}'));
        assert!(well_formed("<!DOCTYPE html>\n<p><b></p></b>").is_err());
        assert!(well_formed("<!DOCTYPE html>\n<p>a & b</p>").is_err());
    }

    proptest::proptest! {
        #[test]
        fn any_text(text in "\\PC{0,40}") {
            let page = Html::document(Lang::En, &text, "", |html| html.leaf("p", &[("class", &text)], &text));
            proptest::prop_assert_eq!(well_formed(&page), Ok(()));
        }
    }
}
