//! What `-vv` shows of a request and a reply: names and lengths. Values are skipped and never kept.

use core::fmt;
use std::collections::BTreeMap;

use serde::Deserialize;
use serde::de::{Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};

use crate::Sensitive;

/// The length of a JSON value: characters of a string, members of a list or object, 1 for anything else.
struct Length(usize);

impl<'de> Deserialize<'de> for Length {
    fn deserialize<D: Deserializer<'de>>(d: D) -> Result<Self, D::Error> {
        d.deserialize_any(Measure).map(Self)
    }
}

struct Measure;

impl<'de> Visitor<'de> for Measure {
    type Value = usize;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("any value")
    }
    fn visit_str<E>(self, text: &str) -> Result<usize, E> {
        Ok(text.chars().count())
    }
    fn visit_bool<E>(self, _: bool) -> Result<usize, E> {
        Ok(1)
    }
    fn visit_u64<E>(self, _: u64) -> Result<usize, E> {
        Ok(1)
    }
    fn visit_i64<E>(self, _: i64) -> Result<usize, E> {
        Ok(1)
    }
    fn visit_f64<E>(self, _: f64) -> Result<usize, E> {
        Ok(1)
    }
    fn visit_unit<E>(self) -> Result<usize, E> {
        Ok(1)
    }
    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<usize, A::Error> {
        let mut n = 0;
        while list.next_element::<IgnoredAny>()?.is_some() {
            n += 1;
        }
        Ok(n)
    }
    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<usize, A::Error> {
        let mut n = 0;
        while map.next_entry::<IgnoredAny, IgnoredAny>()?.is_some() {
            n += 1;
        }
        Ok(n)
    }
}

type Members = BTreeMap<String, Length>;

#[derive(Deserialize)]
struct Envelope {
    #[serde(rename = "Response")]
    response: Members,
}

/// Header names, then body members with their lengths.
pub(super) fn request(headers: &[(&'static str, Sensitive)], body: &[u8]) -> String {
    let names: Vec<&str> = headers.iter().map(|(name, _)| *name).collect();
    let members = serde_json::from_slice(body).map(|m| list(&m)).unwrap_or_default();
    format!("headers {}; body {} bytes: {members}", names.join(" "), body.len())
}

/// Members of the reply with their lengths.
pub(super) fn reply(body: &[u8]) -> String {
    let members = serde_json::from_slice::<Envelope>(body).map(|e| list(&e.response)).unwrap_or_default();
    format!("reply {} bytes: {members}", body.len())
}

/// Names come from the wire too, so each is cut to the length and characters that a name can have.
fn list(members: &Members) -> String {
    let name = |n: &str| n.chars().filter(char::is_ascii_alphanumeric).take(40).collect::<String>();
    let shown: Vec<String> =
        members.iter().take(40).map(|(n, Length(length))| format!("{} ({length})", name(n))).collect();
    shown.join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_and_lengths_but_no_value() {
        let body = br#"{"ImportToken":"hunter2","ValidTo":5,"Tags":[1,{"a":2}],"x\u001b[2J":null}"#;
        let shown = request(&[("Authorization", "secret".into())], body);
        assert_eq!(
            shown,
            "headers Authorization; body 74 bytes: ImportToken (7), Tags (2), ValidTo (1), x2J (1)"
        );
        let shown = reply(br#"{"Response":{"Plaintext":"c2VjcmV0","M":{"a":1,"b":2.5},"RequestId":"id"}}"#);
        assert_eq!(shown, "reply 74 bytes: M (2), Plaintext (8), RequestId (2)");
        assert_eq!(reply(b"<html>"), "reply 6 bytes: ");
    }
}
