//! The query of a TC3 GET as the JSON object that a POST would have carried: flat parameters only.

use serde_json::{Map, Value};

/// Parameters that are numbers: a query has no types of its own.
const NUMBERS: [&str; 8] =
    ["KeyState", "Limit", "NumberOfBytes", "Offset", "OrderType", "Role", "Type", "ValidTo"];

/// Turns `A=b&N=1` into `{"A":"b","N":1}`; `None` when the text is no well-formed query.
pub(crate) fn query_to_json(query: &str) -> Option<Vec<u8>> {
    let mut object = Map::new();
    for pair in query.split('&').filter(|pair| !pair.is_empty()) {
        let (name, value) = pair.split_once('=')?;
        let (name, value) = (decode(name)?, decode(value)?);
        let typed = match value.parse::<u64>() {
            Ok(number) if NUMBERS.contains(&name.as_str()) => Value::from(number),
            _ => Value::from(value),
        };
        if object.insert(name, typed).is_some() {
            return None;
        }
    }
    serde_json::to_vec(&object).ok()
}

/// `application/x-www-form-urlencoded`: `+` is a space, `%XX` a byte.
fn decode(text: &str) -> Option<String> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.bytes();
    while let Some(byte) = rest.next() {
        bytes.push(match byte {
            b'+' => b' ',
            b'%' => hex_digit(rest.next()?)? << 4 | hex_digit(rest.next()?)?,
            other => other,
        });
    }
    String::from_utf8(bytes).ok()
}

fn hex_digit(digit: u8) -> Option<u8> {
    char::from(digit).to_digit(16).and_then(|n| u8::try_from(n).ok())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn queries() {
        let json = |query| query_to_json(query).map(|bytes| String::from_utf8(bytes).unwrap());
        assert_eq!(json("").as_deref(), Some("{}"));
        assert_eq!(json("NumberOfBytes=16").as_deref(), Some(r#"{"NumberOfBytes":16}"#));
        assert_eq!(json("Alias=a%2Fb+c&Type=2").as_deref(), Some(r#"{"Alias":"a/b c","Type":2}"#));
        assert_eq!(json("Type=x").as_deref(), Some(r#"{"Type":"x"}"#));
        for bad in ["a", "a=%", "a=%2", "a=%zz", "a=%ff", "a=1&a=2"] {
            assert_eq!(query_to_json(bad), None, "{bad}");
        }
    }
}
