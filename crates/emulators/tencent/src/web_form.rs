//! Forms and queries: read field by field, and written as the JSON object that a TC3 POST would have carried.
//!
//! The vendor flattens nested parameters (`Tags.0.TagKey=…`): `ceremony/spec/tencent-kms.md` §2.4. A form has no types, so numbers are
//! recognised by their parameters' names.

use keyferry_tencent::older::MAX_FIELDS;
use serde_json::{Map, Value};
use zeroize::Zeroizing;

/// Parameters that are numbers.
const NUMBERS: [&str; 13] = [
    "IsHostedByKms",
    "KeyState",
    "Limit",
    "MemberAppId",
    "MemberUin",
    "NumberOfBytes",
    "Offset",
    "OrderType",
    "PendingWindowInDays",
    "Role",
    "RotateDays",
    "Type",
    "ValidTo",
];

/// The most parts of a flattened name; the deepest real one has four.
const MAX_DEPTH: usize = 6;

/// Decoded fields, each name once.
pub(crate) type Fields = Vec<(String, Zeroizing<String>)>;

/// Reads `A=b&N=1`; `None` when the text is not well-formed, has too many fields or names one twice.
pub(crate) fn parse(text: &str) -> Option<Fields> {
    let mut fields = Fields::new();
    for pair in text.split('&').filter(|pair| !pair.is_empty()) {
        let (name, value) = pair.split_once('=')?;
        let name = decode(name)?;
        if fields.len() >= MAX_FIELDS || fields.iter().any(|(other, _)| *other == *name) {
            return None;
        }
        fields.push((name.to_string(), decode(value)?));
    }
    Some(fields)
}

/// Turns fields into the JSON object that they flatten, leaving out those named in `without`.
pub(crate) fn to_json(fields: &Fields, without: &[&str]) -> Option<Zeroizing<Vec<u8>>> {
    let mut object = Map::new();
    for (name, value) in fields.iter().filter(|(name, _)| !without.contains(&name.as_str())) {
        let parts: Vec<&str> = name.split('.').collect();
        if parts.len() > MAX_DEPTH {
            return None;
        }
        let is_number = parts.last().is_some_and(|last| NUMBERS.contains(last));
        let typed = match value.parse::<u64>() {
            Ok(number) if is_number => Value::from(number),
            _ => Value::from(value.as_str()),
        };
        insert(&mut object, &parts, typed)?;
    }
    let object = object.into_iter().map(|(name, value)| Some((name, unflattened(value)?)));
    serde_json::to_vec(&object.collect::<Option<Map<_, _>>>()?).ok().map(Zeroizing::new)
}

fn insert(object: &mut Map<String, Value>, parts: &[&str], value: Value) -> Option<()> {
    let (first, rest) = parts.split_first()?;
    if rest.is_empty() {
        return object.insert((*first).to_owned(), value).is_none().then_some(());
    }
    let inner = object.entry((*first).to_owned()).or_insert_with(|| Value::Object(Map::new()));
    insert(inner.as_object_mut()?, rest, value)
}

/// Objects whose member names count from 0 are lists.
fn unflattened(value: Value) -> Option<Value> {
    let Value::Object(mut object) = value else { return Some(value) };
    if !object.keys().any(|name| name.bytes().all(|b| b.is_ascii_digit())) {
        let members = object.into_iter().map(|(name, value)| Some((name, unflattened(value)?)));
        return members.collect::<Option<Map<_, _>>>().map(Value::Object);
    }
    let items = (0..object.len()).map(|index| object.remove(&index.to_string()).and_then(unflattened));
    items.collect::<Option<Vec<_>>>().map(Value::Array)
}

/// `application/x-www-form-urlencoded`: `+` is a space, `%XX` a byte.
fn decode(text: &str) -> Option<Zeroizing<String>> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.bytes();
    while let Some(byte) = rest.next() {
        bytes.push(match byte {
            b'+' => b' ',
            b'%' => hex_digit(rest.next()?)? << 4 | hex_digit(rest.next()?)?,
            other => other,
        });
    }
    String::from_utf8(bytes).ok().map(Zeroizing::new)
}

fn hex_digit(digit: u8) -> Option<u8> {
    char::from(digit).to_digit(16).and_then(|n| u8::try_from(n).ok())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn queries() {
        let json = |text| {
            let bytes = to_json(&parse(text)?, &["Action"])?;
            Some(String::from_utf8(bytes.to_vec()).unwrap())
        };
        for (text, expected) in [
            ("", "{}"),
            ("NumberOfBytes=16", r#"{"NumberOfBytes":16}"#),
            ("Alias=a%2Fb+c&Type=2", r#"{"Alias":"a/b c","Type":2}"#),
            ("Type=x&Action=y", r#"{"Type":"x"}"#),
            ("KeyIds.1=b&KeyIds.0=a", r#"{"KeyIds":["a","b"]}"#),
            ("Tags.0.TagKey=k&Tags.0.TagValue=v", r#"{"Tags":[{"TagKey":"k","TagValue":"v"}]}"#),
            ("MemberAccount.MemberUin=7", r#"{"MemberAccount":{"MemberUin":7}}"#),
        ] {
            assert_eq!(json(text).as_deref(), Some(expected), "{text}");
        }
        for bad in [
            "a",
            "a=%",
            "a=%2",
            "a=%zz",
            "a=%ff",
            "a=1&a=2",
            "a.1=x",
            "a.0=x&a.b=y",
            "a=1&a.b=2",
            "a.b.c.d.e.f.g=1",
        ] {
            assert_eq!(json(bad), None, "{bad}");
        }
    }
}
