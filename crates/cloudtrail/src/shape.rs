//! What a JSON object is, told by its members' names.

use std::borrow::Cow;
use std::fmt;

use serde::de::{Deserialize, Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde_json::value::RawValue;

use crate::record::is_assume_role_with_web_identity;
use crate::tolerant::Name;

/// As many names of an unknown object as a person needs to recognise it.
const NAMES: usize = 3;

/// The bits of [`Shape::marks`] whose members are kept.
const SOURCE: u8 = 2;
const NAME: u8 = 4;

/// The little of a record that decides whether the rest is worth reading.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Glance<'a> {
    /// The record's `eventName`.
    pub event_name: Option<&'a str>,
    /// The record's `eventSource`.
    pub event_source: Option<&'a str>,
}

/// Wants the calls of `sts:AssumeRoleWithWebIdentity`, successful or not, and nothing else.
#[must_use]
pub fn assumptions(glance: &Glance<'_>) -> bool {
    is_assume_role_with_web_identity(glance.event_name, glance.event_source)
}

/// An object's members, as far as they tell what it is and what is in it. Of a duplicate name
/// the first says what it is, so that a record's head is enough to tell.
#[derive(Default)]
pub(crate) struct Shape<'a> {
    pub(crate) event_name: Text<'a>,
    pub(crate) event_source: Text<'a>,
    /// Of the five names that every record has, those that are there, a bit each.
    marks: u8,
    digest_marks: u8,
    /// An array under a name that containers use.
    pub(crate) holds_elements: bool,
    /// EventBridge.
    pub(crate) detail: Option<&'a RawValue>,
    pub(crate) detail_type: Text<'a>,
    /// LookupEvents.
    pub(crate) cloud_trail_event: Text<'a>,
    pub(crate) event_id: Text<'a>,
    /// SQS, as Lambda and as the API write it.
    pub(crate) body: Text<'a>,
    /// SNS, as it writes itself.
    pub(crate) sns_message: Text<'a>,
    /// SNS, as Lambda writes it.
    pub(crate) sns: Option<&'a RawValue>,
    /// `CloudWatch` Logs.
    pub(crate) log_message: Text<'a>,
    /// The first ones.
    pub(crate) names: [Cow<'a, str>; NAMES],
    pub(crate) members: usize,
}

/// The names under which containers keep their elements: CloudTrail's files, and SQS and SNS
/// events; LookupEvents; SQS's `ReceiveMessage`; `CloudWatch` Logs, delivered and asked for.
pub(crate) fn is_elements(name: &str) -> bool {
    matches!(
        name,
        "Records" | "Events" | "Messages" | "logEvents" | "events"
    )
}

impl Shape<'_> {
    /// Two of the names that every record has make a record. Events of S3, `DynamoDB` and others
    /// share the names, but call their source `aws:s3` and so on.
    pub(crate) fn is_record(&self) -> bool {
        self.marks.count_ones() >= 2 && !self.is_of_another_kind()
    }

    /// An event of S3, `DynamoDB` or another service.
    pub(crate) fn is_of_another_kind(&self) -> bool {
        let source = self.event_source.as_deref();
        source.is_some_and(|source| source.starts_with("aws:"))
    }

    /// A digest file lies beside the log files that it vouches for.
    pub(crate) fn is_digest(&self) -> bool {
        self.digest_marks >= 2
    }

    pub(crate) fn glance(&self) -> Glance<'_> {
        Glance {
            event_name: self.event_name.as_deref(),
            event_source: self.event_source.as_deref(),
        }
    }
}

impl<'de> Deserialize<'de> for Shape<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct ShapeVisitor;

        impl<'de> Visitor<'de> for ShapeVisitor {
            type Value = Shape<'de>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Shape<'de>, A::Error> {
                let mut shape = Shape::default();
                while let Some(Name(name)) = map.next_key()? {
                    shape.member(&name, &mut map)?;
                    if let Some(place) = shape.names.get_mut(shape.members) {
                        *place = name;
                    }
                    shape.members += 1;
                }
                Ok(shape)
            }
        }

        deserializer.deserialize_map(ShapeVisitor)
    }
}

impl<'de> Shape<'de> {
    fn member<A: MapAccess<'de>>(&mut self, name: &str, map: &mut A) -> Result<(), A::Error> {
        match name {
            "eventVersion" => self.marks |= 1,
            "eventSource" if self.marks & SOURCE == 0 => {
                self.marks |= SOURCE;
                self.event_source = map.next_value()?;
                return Ok(());
            }
            "eventName" if self.marks & NAME == 0 => {
                self.marks |= NAME;
                self.event_name = map.next_value()?;
                return Ok(());
            }
            "eventID" => self.marks |= 8,
            "eventTime" => self.marks |= 16,
            "detail" => {
                self.detail = Some(map.next_value()?);
                return Ok(());
            }
            "detail-type" => {
                self.detail_type = map.next_value()?;
                return Ok(());
            }
            "CloudTrailEvent" => {
                self.cloud_trail_event = map.next_value()?;
                return Ok(());
            }
            "EventId" => {
                self.event_id = map.next_value()?;
                return Ok(());
            }
            "body" | "Body" => {
                self.body = map.next_value()?;
                return Ok(());
            }
            "Message" => {
                self.sns_message = map.next_value()?;
                return Ok(());
            }
            "Sns" => {
                self.sns = Some(map.next_value()?);
                return Ok(());
            }
            "message" => {
                self.log_message = map.next_value()?;
                return Ok(());
            }
            "digestStartTime" | "digestEndTime" | "digestS3Bucket" | "digestS3Object" => {
                self.digest_marks += 1;
            }
            _ if is_elements(name) => {
                let value: &RawValue = map.next_value()?;
                self.holds_elements |= value.get().starts_with('[');
                return Ok(());
            }
            _ => {}
        }
        map.next_value::<IgnoredAny>().map(|_| ())
    }
}

/// A text, borrowed where it has no escapes; `None` for any other value.
#[derive(Default)]
pub(crate) struct Text<'a>(Option<Cow<'a, str>>);

impl Text<'_> {
    pub(crate) fn as_deref(&self) -> Option<&str> {
        self.0.as_deref()
    }
}

impl<'de> Deserialize<'de> for Text<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(TextVisitor).map(Text)
    }
}

struct TextVisitor;

impl<'de> Visitor<'de> for TextVisitor {
    type Value = Option<Cow<'de, str>>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("any JSON value")
    }

    fn visit_borrowed_str<E>(self, text: &'de str) -> Result<Self::Value, E> {
        Ok(Some(Cow::Borrowed(text)))
    }

    fn visit_str<E>(self, text: &str) -> Result<Self::Value, E> {
        Ok(Some(Cow::Owned(text.to_owned())))
    }

    fn visit_u64<E>(self, _: u64) -> Result<Self::Value, E> {
        Ok(None)
    }

    fn visit_i64<E>(self, _: i64) -> Result<Self::Value, E> {
        Ok(None)
    }

    fn visit_f64<E>(self, _: f64) -> Result<Self::Value, E> {
        Ok(None)
    }

    fn visit_bool<E>(self, _: bool) -> Result<Self::Value, E> {
        Ok(None)
    }

    fn visit_unit<E>(self) -> Result<Self::Value, E> {
        Ok(None)
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
        while map.next_entry::<IgnoredAny, IgnoredAny>()?.is_some() {}
        Ok(None)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Self::Value, A::Error> {
        while seq.next_element::<IgnoredAny>()?.is_some() {}
        Ok(None)
    }
}
