//! Reading JSON whose types cannot be relied upon.
//!
//! CloudTrail's documents promise a shape that its records do not keep: objects are `null`,
//! numbers are strings, empty maps appear where text was promised. A field that is not what it
//! should be is worth nothing, but the record around it is: it becomes the type's default and the
//! rest is read on. Duplicate names do not fail either, the last one counts.

use std::borrow::Cow;
use std::fmt;
use std::marker::PhantomData;

use chrono::{DateTime, Utc};
use serde::de::{Deserialize, Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};

/// A type that can be made from some kinds of JSON value, and is its default for all others.
pub(crate) trait Tolerant: Default {
    fn from_text(_text: &str) -> Self {
        Self::default()
    }

    fn from_number(_number: u64) -> Self {
        Self::default()
    }

    fn from_map<'de, A: MapAccess<'de>>(mut map: A) -> Result<Self, A::Error> {
        while map.next_entry::<IgnoredAny, IgnoredAny>()?.is_some() {}
        Ok(Self::default())
    }

    fn from_seq<'de, A: SeqAccess<'de>>(mut seq: A) -> Result<Self, A::Error> {
        while seq.next_element::<IgnoredAny>()?.is_some() {}
        Ok(Self::default())
    }
}

/// An object's members, read one at a time by name.
pub(crate) trait Members {
    /// Reads the value of the member `name` out of `map`, or answers `false` and leaves it there.
    fn member<'de, A: MapAccess<'de>>(&mut self, name: &str, map: &mut A)
    -> Result<bool, A::Error>;
}

/// Reads all members of `map` into `target`, passing over those it does not know.
pub(crate) fn read_members<'de, A: MapAccess<'de>>(
    target: &mut impl Members,
    mut map: A,
) -> Result<(), A::Error> {
    while let Some(Name(name)) = map.next_key()? {
        if !target.member(&name, &mut map)? {
            map.next_value::<IgnoredAny>()?;
        }
    }
    Ok(())
}

/// A member's name with its escapes resolved, borrowed where it has none.
pub(crate) struct Name<'de>(pub(crate) Cow<'de, str>);

impl<'de> Deserialize<'de> for Name<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct NameVisitor;

        impl<'de> Visitor<'de> for NameVisitor {
            type Value = Name<'de>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a member's name")
            }

            fn visit_borrowed_str<E>(self, name: &'de str) -> Result<Self::Value, E> {
                Ok(Name(Cow::Borrowed(name)))
            }

            fn visit_str<E>(self, name: &str) -> Result<Self::Value, E> {
                Ok(Name(Cow::Owned(name.to_owned())))
            }
        }

        deserializer.deserialize_str(NameVisitor)
    }
}

/// Whatever value comes next, as a `T`.
pub(crate) struct Any<T>(pub(crate) T);

impl<'de, T: Tolerant> Deserialize<'de> for Any<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer
            .deserialize_any(AnyVisitor(PhantomData))
            .map(Any)
    }
}

struct AnyVisitor<T>(PhantomData<T>);

impl<'de, T: Tolerant> Visitor<'de> for AnyVisitor<T> {
    type Value = T;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("any JSON value")
    }

    fn visit_str<E>(self, text: &str) -> Result<T, E> {
        Ok(T::from_text(text))
    }

    fn visit_u64<E>(self, number: u64) -> Result<T, E> {
        Ok(T::from_number(number))
    }

    fn visit_i64<E>(self, number: i64) -> Result<T, E> {
        Ok(u64::try_from(number).map_or_else(|_| T::default(), T::from_number))
    }

    fn visit_f64<E>(self, _: f64) -> Result<T, E> {
        Ok(T::default())
    }

    fn visit_bool<E>(self, _: bool) -> Result<T, E> {
        Ok(T::default())
    }

    fn visit_unit<E>(self) -> Result<T, E> {
        Ok(T::default())
    }

    fn visit_none<E>(self) -> Result<T, E> {
        Ok(T::default())
    }

    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<T, A::Error> {
        T::from_map(map)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, seq: A) -> Result<T, A::Error> {
        T::from_seq(seq)
    }
}

impl Tolerant for Option<String> {
    fn from_text(text: &str) -> Self {
        (!text.is_empty()).then(|| text.to_owned())
    }
}

impl Tolerant for Option<u64> {
    fn from_text(text: &str) -> Self {
        text.trim().parse().ok()
    }

    fn from_number(number: u64) -> Self {
        Some(number)
    }
}

impl Tolerant for Option<DateTime<Utc>> {
    fn from_text(text: &str) -> Self {
        crate::time::parse(text)
    }
}

impl<T: Tolerant> Tolerant for Vec<T> {
    fn from_seq<'de, A: SeqAccess<'de>>(mut seq: A) -> Result<Self, A::Error> {
        let mut all = Vec::new();
        while let Some(Any(next)) = seq.next_element()? {
            all.push(next);
        }
        Ok(all)
    }
}

/// Declares a struct of tolerant fields, each with the name it has in JSON.
macro_rules! tolerant {
    ($(
        $(#[$about:meta])*
        pub struct $name:ident {
            $( $(#[$doc:meta])* $field:ident: $type:ty = $key:literal, )*
        }
    )*) => {$(
        $(#[$about])*
        #[derive(Clone, Debug, Default, PartialEq, Eq)]
        pub struct $name {
            $( $(#[$doc])* pub $field: $type, )*
        }

        impl $crate::tolerant::Members for $name {
            fn member<'de, A: serde::de::MapAccess<'de>>(
                &mut self,
                name: &str,
                map: &mut A,
            ) -> Result<bool, A::Error> {
                match name {
                    $( $key => {
                        let $crate::tolerant::Any(value) = map.next_value()?;
                        self.$field = value;
                    } )*
                    _ => return Ok(false),
                }
                Ok(true)
            }
        }

        impl $crate::tolerant::Tolerant for $name {
            fn from_map<'de, A: serde::de::MapAccess<'de>>(map: A) -> Result<Self, A::Error> {
                let mut value = Self::default();
                $crate::tolerant::read_members(&mut value, map)?;
                Ok(value)
            }
        }
    )*};
}
pub(crate) use tolerant;
