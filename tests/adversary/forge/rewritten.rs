//! The public files of a ceremony with something changed in all of them: digests, bindings and chains are consistent
//! again, and the record says that the machine passed every check.

use super::{ciphertext, digest, record};

fn flawless(text: &str) -> Vec<String> {
    text.lines().map(record::flawless).collect()
}

/// Old texts and their replacements.
#[derive(Clone, Debug, Default)]
pub(crate) struct Rewritten(Vec<(String, String)>);

impl Rewritten {
    /// Changes a rehearsal into production; its record then names the provider and a machine on which every check passed.
    pub(crate) fn to_production(endpoint: &str) -> Self {
        let mut rewritten = Self::default();
        for form in ["purpose = \"*\"", "\"purpose\": \"*\"", "\"purpose\":\"*\""] {
            rewritten.replace(&form.replace('*', "rehearsal"), &form.replace('*', "production"));
        }
        let exported = |url: &str| format!("\"endpoint\":\"{url}\"");
        rewritten.replace(&exported(endpoint), &exported("https://kms.tencentcloudapi.com"));
        rewritten
    }

    /// From here on, one text is replaced by the other.
    pub(crate) fn replace(&mut self, old: &str, new: &str) {
        self.0.push((old.to_owned(), new.to_owned()));
    }

    /// The text of a file with all replacements made. Its digest is replaced in later texts, so files are given in the order in
    /// which they refer to each other.
    pub(crate) fn text(&mut self, name: &str, old: &str) -> String {
        let mut new = old.to_owned();
        for (from, to) in &self.0 {
            new = new.replace(from, to);
        }
        match name {
            "ciphertext.json" => new = ciphertext::bound_again(&new),
            "transcript.jsonl" => new = record::chained(flawless(&new).iter().map(String::as_str)),
            _ => {}
        }
        self.replace(&digest::of(old), &digest::of(&new));
        new
    }
}
