//! Tables of the page.

use keyferry_core::{Bilingual, Lang};
use keyferry_transport::html::Html;

use super::Page;

impl Page<'_> {
    /// A table that may be wider than a phone: it scrolls separately from the page, even by keyboard.
    pub(super) fn table(
        &self,
        html: &mut Html,
        name: &Bilingual,
        class: &str,
        heads: &[Bilingual],
        rows: impl FnOnce(&mut Html),
    ) {
        let outer: &[(&'static str, &str)] =
            &[("class", "scroll"), ("role", "region"), ("tabindex", "0"), ("aria-label", self.say(name))];
        html.nest("div", outer, |html| {
            html.nest("table", &[("class", class)], |html| {
                html.nest("thead", &[], |html| {
                    html.nest("tr", &[], |html| {
                        for head in heads {
                            // The style sheet hides this column on a phone.
                            let range = if head.get(Lang::En) == "95 %" { "range" } else { "" };
                            html.leaf("th", &[("scope", "col"), ("class", range)], self.say(head));
                        }
                    });
                });
                html.nest("tbody", &[], rows);
            });
        });
    }
}

pub(super) fn row(html: &mut Html, head: &str, cells: &[(&str, &str)]) {
    html.nest("tr", &[], |html| {
        html.leaf("th", &[("scope", "row")], head);
        for (class, text) in cells {
            html.leaf("td", &[("class", class)], text);
        }
    });
}

pub(super) fn group_row(html: &mut Html, title: &str, columns: usize) {
    html.nest("tr", &[], |html| {
        html.leaf(
            "th",
            &[("scope", "colgroup"), ("class", "group"), ("colspan", &columns.to_string())],
            title,
        );
    });
}
