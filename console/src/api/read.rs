//! Reads JSON as a type, out of a value. Serde compiles the reading of each type for the input that it reads from: text makes three
//! times the code that a value does, most of it for words that say what is wrong, which nobody is shown here
//! (`docs/decisions/0026-room-for-the-console.md`).

use core::fmt;

use serde::de::value::StringDeserializer;
use serde::de::{
    self, DeserializeOwned, DeserializeSeed, Deserializer, EnumAccess, IntoDeserializer as _, MapAccess, SeqAccess,
    VariantAccess, Visitor,
};
use serde::forward_to_deserialize_any;
use serde_json::{Map, Number, Value};

/// It is no such value.
#[derive(Debug)]
pub struct Unread;

impl fmt::Display for Unread {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("not of its form")
    }
}

impl core::error::Error for Unread {}

impl de::Error for Unread {
    fn custom<T: fmt::Display>(_: T) -> Self {
        Self
    }

    fn invalid_type(_: de::Unexpected<'_>, _: &dyn de::Expected) -> Self {
        Self
    }

    fn invalid_value(_: de::Unexpected<'_>, _: &dyn de::Expected) -> Self {
        Self
    }

    fn invalid_length(_: usize, _: &dyn de::Expected) -> Self {
        Self
    }

    fn unknown_variant(_: &str, _: &'static [&'static str]) -> Self {
        Self
    }

    fn unknown_field(_: &str, _: &'static [&'static str]) -> Self {
        Self
    }

    fn missing_field(_: &'static str) -> Self {
        Self
    }

    fn duplicate_field(_: &'static str) -> Self {
        Self
    }
}

/// Reads a text.
///
/// # Errors
/// When it is no JSON, or not of the type.
pub fn text<T: DeserializeOwned>(text: &str) -> Result<T, Unread> {
    value(serde_json::from_str(text).map_err(|_| Unread)?)
}

/// Reads a value.
///
/// # Errors
/// When it is not of the type.
pub fn value<T: DeserializeOwned>(value: Value) -> Result<T, Unread> {
    T::deserialize(Tree(value))
}

struct Tree(Value);

fn number<'de, V: Visitor<'de>>(number: &Number, visitor: V) -> Result<V::Value, Unread> {
    match (number.as_u64(), number.as_i64()) {
        (Some(number), _) => visitor.visit_u64(number),
        (None, Some(number)) => visitor.visit_i64(number),
        (None, None) => visitor.visit_f64(number.as_f64().unwrap_or_default()),
    }
}

/// Of one kind of value alone.
macro_rules! one_kind {
    ($($method:ident($($more:ident: $type:ty),*) => $kind:pat => |$visitor:ident| $visit:expr;)*) => {$(
        fn $method<V: Visitor<'de>>(self, $($more: $type,)* $visitor: V) -> Result<V::Value, Unread> {
            $(let _ = $more;)*
            match self.0 {
                $kind => $visit,
                _ => Err(Unread),
            }
        }
    )*};
}

impl<'de> Deserializer<'de> for Tree {
    type Error = Unread;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Unread> {
        match self.0 {
            Value::Null => visitor.visit_unit(),
            Value::Bool(value) => visitor.visit_bool(value),
            Value::Number(value) => number(&value, visitor),
            Value::String(value) => visitor.visit_string(value),
            Value::Array(items) => visitor.visit_seq(Items(items.into_iter())),
            Value::Object(fields) => visitor.visit_map(Fields::of(fields)),
        }
    }

    one_kind! {
        deserialize_bool() => Value::Bool(value) => |visitor| visitor.visit_bool(value);
        deserialize_u8() => Value::Number(value) => |visitor| number(&value, visitor);
        deserialize_u16() => Value::Number(value) => |visitor| number(&value, visitor);
        deserialize_u32() => Value::Number(value) => |visitor| number(&value, visitor);
        deserialize_u64() => Value::Number(value) => |visitor| number(&value, visitor);
        deserialize_i64() => Value::Number(value) => |visitor| number(&value, visitor);
        deserialize_f64() => Value::Number(value) => |visitor| number(&value, visitor);
        deserialize_str() => Value::String(value) => |visitor| visitor.visit_string(value);
        deserialize_string() => Value::String(value) => |visitor| visitor.visit_string(value);
        deserialize_identifier() => Value::String(value) => |visitor| visitor.visit_string(value);
        deserialize_unit() => Value::Null => |visitor| visitor.visit_unit();
        deserialize_seq() => Value::Array(items) => |visitor| visitor.visit_seq(Items(items.into_iter()));
        deserialize_tuple(len: usize) => Value::Array(items) => |visitor| visitor.visit_seq(Items(items.into_iter()));
        deserialize_map() => Value::Object(fields) => |visitor| visitor.visit_map(Fields::of(fields));
        deserialize_struct(name: &'static str, fields: &'static [&'static str]) => Value::Object(fields) => |visitor| visitor.visit_map(Fields::of(fields));
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Unread> {
        if self.0.is_null() { visitor.visit_none() } else { visitor.visit_some(self) }
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(self, _: &'static str, visitor: V) -> Result<V::Value, Unread> {
        visitor.visit_newtype_struct(self)
    }

    fn deserialize_enum<V: Visitor<'de>>(
        self,
        _: &'static str,
        _: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Unread> {
        match self.0 {
            Value::String(name) => visitor.visit_enum(name.into_deserializer()),
            Value::Object(fields) if fields.len() == 1 => {
                let (name, value) = fields.into_iter().next().ok_or(Unread)?;
                visitor.visit_enum(Variant(name, value))
            }
            _ => Err(Unread),
        }
    }

    fn deserialize_ignored_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Unread> {
        visitor.visit_unit()
    }

    forward_to_deserialize_any! { i8 i16 i32 i128 u128 f32 char bytes byte_buf unit_struct tuple_struct }
}

struct Items(std::vec::IntoIter<Value>);

impl<'de> SeqAccess<'de> for Items {
    type Error = Unread;

    fn next_element_seed<T: DeserializeSeed<'de>>(&mut self, seed: T) -> Result<Option<T::Value>, Unread> {
        self.0.next().map(|item| seed.deserialize(Tree(item))).transpose()
    }

    fn size_hint(&self) -> Option<usize> {
        Some(self.0.len())
    }
}

struct Fields {
    rest: serde_json::map::IntoIter,
    value: Value,
}

impl Fields {
    fn of(fields: Map<String, Value>) -> Self {
        Self { rest: fields.into_iter(), value: Value::Null }
    }
}

impl<'de> MapAccess<'de> for Fields {
    type Error = Unread;

    fn next_key_seed<K: DeserializeSeed<'de>>(&mut self, seed: K) -> Result<Option<K::Value>, Unread> {
        let Some((name, value)) = self.rest.next() else { return Ok(None) };
        self.value = value;
        let name: StringDeserializer<Unread> = name.into_deserializer();
        seed.deserialize(name).map(Some)
    }

    fn next_value_seed<V: DeserializeSeed<'de>>(&mut self, seed: V) -> Result<V::Value, Unread> {
        seed.deserialize(Tree(core::mem::take(&mut self.value)))
    }
}

/// A variant with something in it.
struct Variant(String, Value);

impl<'de> EnumAccess<'de> for Variant {
    type Error = Unread;
    type Variant = Tree;

    fn variant_seed<V: DeserializeSeed<'de>>(self, seed: V) -> Result<(V::Value, Tree), Unread> {
        let name: StringDeserializer<Unread> = self.0.into_deserializer();
        Ok((seed.deserialize(name)?, Tree(self.1)))
    }
}

impl<'de> VariantAccess<'de> for Tree {
    type Error = Unread;

    fn unit_variant(self) -> Result<(), Unread> {
        Ok(())
    }

    fn newtype_variant_seed<T: DeserializeSeed<'de>>(self, seed: T) -> Result<T::Value, Unread> {
        seed.deserialize(self)
    }

    fn tuple_variant<V: Visitor<'de>>(self, len: usize, visitor: V) -> Result<V::Value, Unread> {
        self.deserialize_tuple(len, visitor)
    }

    fn struct_variant<V: Visitor<'de>>(self, names: &'static [&'static str], visitor: V) -> Result<V::Value, Unread> {
        self.deserialize_struct("", names, visitor)
    }
}

#[cfg(test)]
mod tests {
    use serde::de::DeserializeOwned;
    use serde::{Deserialize, Serialize};
    use serde_json::{Value, json};

    use super::value;

    #[derive(Debug, PartialEq, Serialize, Deserialize)]
    #[serde(rename_all = "snake_case")]
    enum Kind {
        Plain,
        One(u8),
        Two(i8, f64),
        Named { a: Option<bool> },
    }

    #[derive(Debug, PartialEq, Serialize, Deserialize)]
    #[serde(tag = "is", rename_all = "snake_case")]
    enum Tagged {
        Value { value: Value },
        Nothing,
    }

    #[derive(Debug, PartialEq, Serialize, Deserialize)]
    struct Inner {
        text: String,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        count: Option<u64>,
    }

    #[derive(Debug, PartialEq, Serialize, Deserialize)]
    struct Whole {
        #[serde(flatten)]
        inner: Inner,
        kinds: Vec<Kind>,
        tagged: Vec<Tagged>,
        pair: (i64, char),
        unit: (),
    }

    fn same<T: DeserializeOwned>(given: Value) -> Option<T> {
        let (ours, theirs) = (value::<T>(given.clone()).ok(), serde_json::from_value::<T>(given).ok());
        assert_eq!(ours.is_some(), theirs.is_some());
        ours
    }

    #[test]
    fn it_reads_what_serde_json_reads() {
        let whole = Whole {
            inner: Inner { text: "x".to_owned(), count: Some(u64::MAX) },
            kinds: vec![
                Kind::Plain,
                Kind::One(7),
                Kind::Two(-1, 0.5),
                Kind::Named { a: Some(true) },
                Kind::Named { a: None },
            ],
            tagged: vec![Tagged::Value { value: json!({"a": [1, null, "b"]}) }, Tagged::Nothing],
            pair: (i64::MIN, 'é'),
            unit: (),
        };
        assert_eq!(same::<Whole>(serde_json::to_value(&whole).unwrap()), Some(whole));
        assert_eq!(same::<Value>(json!([{"a": 1.5}, -3, "x"])), Some(json!([{"a": 1.5}, -3, "x"])));
    }

    #[test]
    fn what_is_of_another_form_is_refused() {
        for given in
            [json!(null), json!({}), json!([]), json!({"text": 1}), json!("x"), json!({"text": "x", "count": -1})]
        {
            assert_eq!(same::<Inner>(given), None);
        }
        for given in
            [json!("none"), json!({"one": 256}), json!({"one": 1, "plain": null}), json!({"two": [1]}), json!(1)]
        {
            assert_eq!(same::<Kind>(given), None);
        }
    }
}
