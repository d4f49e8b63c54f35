//! JSON in the only form that the formats allow, with members in the given order.

/// A value to be written.
#[derive(Clone, Debug)]
pub(crate) enum Json {
    Bool(bool),
    Number(u64),
    Text(String),
    List(Vec<Json>),
    Object(Vec<(&'static str, Json)>),
}

pub(crate) fn text(value: impl Into<String>) -> Json {
    Json::Text(value.into())
}

impl Json {
    /// A whole artefact: two spaces of indentation, one line break at the end.
    pub(crate) fn artefact(&self) -> String {
        self.written(Some(0)) + "\n"
    }

    /// Without white space, as in a line of the record.
    pub(crate) fn line(&self) -> String {
        self.written(None)
    }

    fn written(&self, depth: Option<usize>) -> String {
        match self {
            Self::Bool(value) => value.to_string(),
            Self::Number(value) => value.to_string(),
            Self::Text(value) => serde_json::to_string(value).unwrap(),
            Self::List(values) => {
                let values = values.iter().map(|value| value.written(depth.map(|d| d + 1)));
                between("[", values.collect(), "]", depth)
            }
            Self::Object(members) => {
                let colon = if depth.is_some() { ": " } else { ":" };
                let member = |(name, value): &(&str, Self)| {
                    format!("\"{name}\"{colon}{}", value.written(depth.map(|d| d + 1)))
                };
                between("{", members.iter().map(member).collect(), "}", depth)
            }
        }
    }
}

fn between(open: &str, parts: Vec<String>, close: &str, depth: Option<usize>) -> String {
    let Some(depth) = depth.filter(|_| !parts.is_empty()) else {
        return format!("{open}{}{close}", parts.join(","));
    };
    let (inner, outer) = ("  ".repeat(depth + 1), "  ".repeat(depth));
    let parts: Vec<String> = parts.iter().map(|part| format!("{inner}{part}")).collect();
    format!("{open}\n{}\n{outer}{close}", parts.join(",\n"))
}
