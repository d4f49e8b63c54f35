//! Presents parsed TOML to serde. A fault that the target type finds is reported with the line of the value
//! in which it was found.

use core::fmt;
use std::collections::btree_map;

use serde::de::{self, DeserializeOwned, DeserializeSeed, IntoDeserializer, Unexpected, Visitor};

use super::tree::{Fault, Kind, Table, Value};

impl Table {
    /// Reads the table as a value of a type.
    ///
    /// # Errors
    /// A [`Fault`] with the line and what is wrong there.
    pub(crate) fn read<T: DeserializeOwned>(&self) -> Result<T, Fault> {
        T::deserialize(Document(self))
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message.en)
    }
}

impl std::error::Error for Fault {}

impl de::Error for Fault {
    fn custom<T: fmt::Display>(message: T) -> Self {
        let en = message.to_string();
        // This is serde's wording; the plan's judge has already reported the same fault in both languages.
        Self { line: None, message: crate::Bilingual { zh: en.clone(), en } }
    }
}

impl Fault {
    fn or_at(mut self, line: usize) -> Self {
        self.line.get_or_insert(line);
        self
    }
}

/// A value about to be read.
#[derive(Clone, Copy)]
pub(super) struct Node<'t> {
    line: usize,
    of: Of<'t>,
}

#[derive(Clone, Copy)]
enum Of<'t> {
    Value(&'t Kind),
    Table(&'t Table),
}

impl<'t> Node<'t> {
    const fn of_table(table: &'t Table) -> Self {
        Self { line: table.line, of: Of::Table(table) }
    }
}

impl<'t> From<&'t Value> for Node<'t> {
    fn from(value: &'t Value) -> Self {
        Self { line: value.line, of: Of::Value(&value.kind) }
    }
}

impl<'t> IntoDeserializer<'t, Fault> for Node<'t> {
    type Deserializer = Self;

    fn into_deserializer(self) -> Self {
        self
    }
}

impl<'de> de::Deserializer<'de> for Node<'de> {
    type Error = Fault;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Fault> {
        let line = self.line;
        let read = match self.of {
            Of::Value(Kind::Text(text)) => visitor.visit_borrowed_str(text),
            Of::Value(Kind::Integer(n)) => visitor.visit_i64(*n),
            Of::Value(Kind::Boolean(b)) => visitor.visit_bool(*b),
            Of::Value(Kind::Array(values)) => sequence(values.iter().map(Self::from), visitor),
            Of::Value(Kind::Tables(tables)) => sequence(tables.iter().map(Self::of_table), visitor),
            Of::Value(Kind::Table(table)) | Of::Table(table) => visitor.visit_map(Entries::new(table)),
            Of::Value(Kind::Unread) => Err(de::Error::custom("a value that cannot be read")),
        };
        read.map_err(|fault| fault.or_at(line))
    }

    /// A value that is present is `Some`.
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

    /// One word of an enumeration.
    fn deserialize_enum<V: Visitor<'de>>(
        self,
        _: &'static str,
        _: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Fault> {
        let line = self.line;
        let read = match self.of {
            Of::Value(Kind::Text(text)) => visitor.visit_enum(text.as_str().into_deserializer()),
            Of::Value(other) => Err(de::Error::invalid_type(unexpected(other), &"a word in quotes")),
            Of::Table(_) => Err(de::Error::invalid_type(Unexpected::Map, &"a word in quotes")),
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
        Kind::Unread => Unexpected::Other("a value that cannot be read"),
    }
}

fn sequence<'de, V: Visitor<'de>>(
    nodes: impl Iterator<Item = Node<'de>>,
    visitor: V,
) -> Result<V::Value, Fault> {
    let mut access = de::value::SeqDeserializer::new(nodes);
    let read = visitor.visit_seq(&mut access)?;
    access.end()?;
    Ok(read)
}

/// The root table. A fault about something missing from the whole document has no line.
pub(super) struct Document<'t>(pub(super) &'t Table);

impl<'de> de::Deserializer<'de> for Document<'de> {
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
struct Entries<'t> {
    entries: btree_map::Iter<'t, String, (usize, Value)>,
    value: Option<&'t Value>,
}

impl<'t> Entries<'t> {
    fn new(table: &'t Table) -> Self {
        Self { entries: table.entries.iter(), value: None }
    }
}

impl<'de> de::MapAccess<'de> for Entries<'de> {
    type Error = Fault;

    fn next_key_seed<K: DeserializeSeed<'de>>(&mut self, seed: K) -> Result<Option<K::Value>, Fault> {
        let Some((name, (line, value))) = self.entries.next() else { return Ok(None) };
        self.value = Some(value);
        seed.deserialize(name.as_str().into_deserializer())
            .map(Some)
            .map_err(|fault: Fault| fault.or_at(*line))
    }

    fn next_value_seed<V: DeserializeSeed<'de>>(&mut self, seed: V) -> Result<V::Value, Fault> {
        let value =
            self.value.take().ok_or_else(|| de::Error::custom("a value was asked for before its name"))?;
        seed.deserialize(Node::from(value))
    }
}
