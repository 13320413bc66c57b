//! Keys and values out of JSON, into types of ours. The error says where it is, and never a value.
//!
//! serde compiles what reads JSON anew for each type; this reader is small for each of them, since it
//! reads what has been parsed already. It is for the app's JSON, and for what a client is seldom
//! told; what comes with every message is read by serde_json at once, which is twice as fast.

use std::fmt;

use serde::de::value::StrDeserializer;
use serde::de::{
    self, DeserializeOwned, DeserializeSeed, Deserializer, Expected, IntoDeserializer, MapAccess,
    SeqAccess, Unexpected, Visitor,
};
use serde::forward_to_deserialize_any;
use serde_json::{Value, map};

/// Reads a JSON text as a `T`.
pub fn read_text<T: DeserializeOwned>(text: &str) -> Result<T, Fault> {
    read(&parse(text)?)
}

#[inline(never)]
fn parse(text: &str) -> Result<Value, Fault> {
    serde_json::from_str(text).map_err(|_| Fault::new("not JSON"))
}

/// Reads a value as a `T`.
pub fn read<T: DeserializeOwned>(value: &Value) -> Result<T, Fault> {
    T::deserialize(Reader(value))
}

/// What is wrong with a value, in the words of JSON.
#[derive(Debug)]
pub struct Fault {
    /// As in `message_elem_array[0].text_elem_content`; empty for the whole.
    place: String,
    text: String,
}

impl Fault {
    #[cold]
    fn new(text: impl Into<String>) -> Self {
        Self {
            place: String::new(),
            text: text.into(),
        }
    }

    /// What serde wants, which it says in the words of Rust.
    #[cold]
    #[inline(never)]
    fn expected(wanted: &dyn Expected) -> Self {
        let wanted = wanted.to_string();
        Self::new(match &*wanted {
            "a string" => "expected a string",
            "a boolean" => "expected true or false",
            "a sequence" => "expected an array",
            "a map" => "expected an object",
            "i32" => "expected an integer from -2147483648 to 2147483647",
            "u32" => "expected an integer from 0 to 4294967295",
            "u64" => "expected an integer that is not negative",
            "f64" => "expected a number",
            _ if wanted.starts_with("struct ") => "expected an object",
            _ => UNUSABLE,
        })
    }

    #[cold]
    #[inline(never)]
    fn inside(mut self, step: &dyn fmt::Display) -> Self {
        let dot = match self.place.as_bytes().first() {
            None | Some(b'[') => "",
            Some(_) => ".",
        };
        self.place = format!("{step}{dot}{}", self.place);
        self
    }
}

const UNUSABLE: &str = "a value that cannot be used";

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &*self.place {
            "" => f.write_str(&self.text),
            place => write!(f, "{place}: {}", self.text),
        }
    }
}

impl std::error::Error for Fault {}

impl de::Error for Fault {
    fn custom<T: fmt::Display>(_: T) -> Self {
        // It may quote the value, which may be the text of a message.
        Self::new(UNUSABLE)
    }

    fn invalid_type(_: Unexpected<'_>, wanted: &dyn Expected) -> Self {
        Self::expected(wanted)
    }

    fn invalid_value(_: Unexpected<'_>, wanted: &dyn Expected) -> Self {
        Self::expected(wanted)
    }

    #[cold]
    fn missing_field(field: &'static str) -> Self {
        Self::new(format!("missing field `{field}`"))
    }
}

#[derive(Clone, Copy)]
struct Reader<'a>(&'a Value);

impl<'a> Reader<'a> {
    fn number<'de, V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Fault> {
        let Value::Number(number) = self.0 else {
            return Err(Fault::expected(&visitor));
        };
        if let Some(number) = number.as_u64() {
            visitor.visit_u64(number)
        } else if let Some(number) = number.as_i64() {
            visitor.visit_i64(number)
        } else {
            visitor.visit_f64(number.as_f64().unwrap_or(f64::NAN))
        }
    }

    fn object<'de, V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Fault> {
        match self.0 {
            Value::Object(map) => visitor.visit_map(Entries {
                entries: map.iter(),
                current: None,
            }),
            _ => Err(Fault::expected(&visitor)),
        }
    }
}

macro_rules! numbers {
    ($($method:ident)*) => {
        $(fn $method<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Fault> {
            self.number(visitor)
        })*
    };
}

impl<'de> Deserializer<'de> for Reader<'_> {
    type Error = Fault;

    numbers!(deserialize_i8 deserialize_i16 deserialize_i32 deserialize_i64 deserialize_u8
        deserialize_u16 deserialize_u32 deserialize_u64 deserialize_f32 deserialize_f64);

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Fault> {
        match self.0 {
            Value::Null => visitor.visit_unit(),
            Value::Bool(_) => self.deserialize_bool(visitor),
            Value::Number(_) => self.number(visitor),
            Value::String(_) => self.deserialize_str(visitor),
            Value::Array(_) => self.deserialize_seq(visitor),
            Value::Object(_) => self.object(visitor),
        }
    }

    fn deserialize_bool<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Fault> {
        match self.0 {
            Value::Bool(is_true) => visitor.visit_bool(*is_true),
            _ => Err(Fault::expected(&visitor)),
        }
    }

    fn deserialize_str<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Fault> {
        match self.0 {
            Value::String(text) => visitor.visit_str(text),
            _ => Err(Fault::expected(&visitor)),
        }
    }

    fn deserialize_string<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Fault> {
        self.deserialize_str(visitor)
    }

    fn deserialize_seq<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Fault> {
        match self.0 {
            Value::Array(items) => visitor.visit_seq(Items { items, next: 0 }),
            _ => Err(Fault::expected(&visitor)),
        }
    }

    fn deserialize_map<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Fault> {
        self.object(visitor)
    }

    fn deserialize_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        _: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Fault> {
        self.object(visitor)
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Fault> {
        match self.0 {
            Value::Null => visitor.visit_none(),
            _ => visitor.visit_some(self),
        }
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        visitor: V,
    ) -> Result<V::Value, Fault> {
        visitor.visit_newtype_struct(self)
    }

    fn deserialize_ignored_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Fault> {
        visitor.visit_unit()
    }

    forward_to_deserialize_any! {
        i128 u128 char bytes byte_buf unit unit_struct tuple tuple_struct enum identifier
    }
}

struct Items<'a> {
    items: &'a [Value],
    next: usize,
}

impl<'de> SeqAccess<'de> for Items<'_> {
    type Error = Fault;

    fn next_element_seed<T: DeserializeSeed<'de>>(
        &mut self,
        seed: T,
    ) -> Result<Option<T::Value>, Fault> {
        let Some(item) = self.items.get(self.next) else {
            return Ok(None);
        };
        let place = format_args!("[{}]", self.next);
        let read = seed.deserialize(Reader(item));
        let read = read.map_err(|fault| fault.inside(&place))?;
        self.next += 1;
        Ok(Some(read))
    }

    fn size_hint(&self) -> Option<usize> {
        Some(self.items.len() - self.next)
    }
}

struct Entries<'a> {
    entries: map::Iter<'a>,
    current: Option<(&'a str, &'a Value)>,
}

impl<'de> MapAccess<'de> for Entries<'_> {
    type Error = Fault;

    fn next_key_seed<K: DeserializeSeed<'de>>(
        &mut self,
        seed: K,
    ) -> Result<Option<K::Value>, Fault> {
        self.current = self.entries.next().map(|(key, value)| (&**key, value));
        let Some((key, _)) = self.current else {
            return Ok(None);
        };
        let key: StrDeserializer<'_, Fault> = key.into_deserializer();
        seed.deserialize(key).map(Some)
    }

    fn next_value_seed<V: DeserializeSeed<'de>>(&mut self, seed: V) -> Result<V::Value, Fault> {
        let (key, value) = self.current.unwrap_or(("", &Value::Null));
        let read = seed.deserialize(Reader(value));
        read.map_err(|fault| fault.inside(&key))
    }
}
