//! Parsed TOML as serde sees it. A fault that the target type finds gets the line of the value it found it in.

use core::fmt;
use std::collections::btree_map;

use serde::de::{self, DeserializeSeed, IntoDeserializer, Unexpected, Visitor};

use super::{Fault, Kind, Table, Value};

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for Fault {}

impl de::Error for Fault {
    fn custom<T: fmt::Display>(message: T) -> Self {
        Self { line: None, message: message.to_string() }
    }
}

impl Fault {
    fn or_at(mut self, line: usize) -> Self {
        self.line.get_or_insert(line);
        self
    }
}

/// A value about to be read.
pub(super) struct Node {
    line: usize,
    kind: Kind,
}

impl Node {
    /// What is missing in a whole document is missing on no line.
    pub(super) const fn document(table: Table) -> Document {
        Document(table)
    }

    fn of_table(table: Table) -> Self {
        Self { line: table.line, kind: Kind::Table(table) }
    }
}

impl From<Value> for Node {
    fn from(value: Value) -> Self {
        Self { line: value.line, kind: value.kind }
    }
}

impl IntoDeserializer<'_, Fault> for Node {
    type Deserializer = Self;

    fn into_deserializer(self) -> Self {
        self
    }
}

impl<'de> de::Deserializer<'de> for Node {
    type Error = Fault;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Fault> {
        let line = self.line;
        let read = match self.kind {
            Kind::Text(text) => visitor.visit_string(text),
            Kind::Integer(n) => visitor.visit_i64(n),
            Kind::Boolean(b) => visitor.visit_bool(b),
            Kind::Array(values) => sequence(values.into_iter().map(Self::from), visitor),
            Kind::Tables(tables) => sequence(tables.into_iter().map(Self::of_table), visitor),
            Kind::Table(table) => visitor.visit_map(Entries::new(table)),
        };
        read.map_err(|fault| fault.or_at(line))
    }

    /// What stands in the text is there.
    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Fault> {
        visitor.visit_some(self)
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        visitor: V,
    ) -> Result<V::Value, Fault> {
        visitor.visit_newtype_struct(self)
    }

    /// A word out of several.
    fn deserialize_enum<V: Visitor<'de>>(
        self,
        _: &'static str,
        _: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Fault> {
        let line = self.line;
        let read = match self.kind {
            Kind::Text(text) => visitor.visit_enum(text.into_deserializer()),
            other => Err(de::Error::invalid_type(unexpected(&other), &"a word in quotes")),
        };
        read.map_err(|fault: Fault| fault.or_at(line))
    }

    serde::forward_to_deserialize_any! {
        bool i8 i16 i32 i64 u8 u16 u32 u64 f32 f64 char str string bytes byte_buf unit unit_struct seq tuple tuple_struct
        map struct identifier ignored_any
    }
}

const fn unexpected(kind: &Kind) -> Unexpected<'_> {
    match kind {
        Kind::Text(text) => Unexpected::Str(text.as_str()),
        Kind::Integer(n) => Unexpected::Signed(*n),
        Kind::Boolean(b) => Unexpected::Bool(*b),
        Kind::Array(_) | Kind::Tables(_) => Unexpected::Seq,
        Kind::Table(_) => Unexpected::Map,
    }
}

fn sequence<'de, V: Visitor<'de>>(nodes: impl Iterator<Item = Node>, visitor: V) -> Result<V::Value, Fault> {
    let mut access = de::value::SeqDeserializer::new(nodes);
    let read = visitor.visit_seq(&mut access)?;
    access.end()?;
    Ok(read)
}

/// The root table.
pub(super) struct Document(Table);

impl<'de> de::Deserializer<'de> for Document {
    type Error = Fault;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Fault> {
        visitor.visit_map(Entries::new(self.0))
    }

    serde::forward_to_deserialize_any! {
        bool i8 i16 i32 i64 u8 u16 u32 u64 f32 f64 char str string bytes byte_buf option unit unit_struct newtype_struct seq
        tuple tuple_struct map struct enum identifier ignored_any
    }
}

/// A table's names and values, in the order of the names.
struct Entries {
    entries: btree_map::IntoIter<String, (usize, Value)>,
    value: Option<Value>,
}

impl Entries {
    fn new(table: Table) -> Self {
        Self { entries: table.entries.into_iter(), value: None }
    }
}

impl<'de> de::MapAccess<'de> for Entries {
    type Error = Fault;

    fn next_key_seed<K: DeserializeSeed<'de>>(&mut self, seed: K) -> Result<Option<K::Value>, Fault> {
        let Some((name, (line, value))) = self.entries.next() else { return Ok(None) };
        self.value = Some(value);
        seed.deserialize(name.into_deserializer()).map(Some).map_err(|fault: Fault| fault.or_at(line))
    }

    fn next_value_seed<V: DeserializeSeed<'de>>(&mut self, seed: V) -> Result<V::Value, Fault> {
        let value =
            self.value.take().ok_or_else(|| de::Error::custom("a value was asked for before its name"))?;
        seed.deserialize(Node::from(value))
    }
}
