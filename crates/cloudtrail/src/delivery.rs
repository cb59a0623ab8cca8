//! From one JSON value to the record in it, or to what it is instead.

use std::ops::ControlFlow;

use crate::describe;
use crate::problem::{Place, Problem, ProblemKind, RecordHash, Unreadable};
use crate::read::{Found, Item, Limits, Outcome, Totals, read_text};
use crate::record::Record;
use crate::salvage;
use crate::shape::{Glance, Shape};
use crate::time;

/// Problems kept of one input. A file of another kind has one on every line.
const PROBLEMS: usize = 100;

/// Where what is read goes, shared by an input and the texts inside it.
pub(crate) struct Delivery<'a> {
    pub(crate) limits: &'a Limits,
    pub(crate) wanted: &'a dyn Fn(&Glance<'_>) -> bool,
    pub(crate) sink: &'a mut dyn FnMut(Item<'_>) -> ControlFlow<()>,
    pub(crate) outcome: Outcome,
}

/// What is known about a value from around it.
#[derive(Clone, Copy)]
pub(crate) struct Context<'a> {
    pub(crate) place: Place,
    /// In how many texts it is nested.
    pub(crate) level: usize,
    /// Whether it stands where only records do.
    pub(crate) certain: bool,
    /// The id that its container gives it.
    pub(crate) event_id: Option<&'a str>,
}

impl Context<'_> {
    fn inner(self) -> Self {
        Self {
            level: self.level + 1,
            certain: false,
            event_id: None,
            ..self
        }
    }
}

impl<'a> Delivery<'a> {
    pub(crate) fn new(
        limits: &'a Limits,
        wanted: &'a dyn Fn(&Glance<'_>) -> bool,
        sink: &'a mut dyn FnMut(Item<'_>) -> ControlFlow<()>,
    ) -> Self {
        Self {
            limits,
            wanted,
            sink,
            outcome: Outcome {
                totals: Totals::default(),
                problems: Vec::new(),
                more_problems: 0,
                complete: true,
                stopped: false,
            },
        }
    }

    pub(crate) fn problem(&mut self, place: Place, kind: ProblemKind) {
        self.outcome.complete &= !kind.may_hide_records();
        if self.outcome.problems.len() < PROBLEMS {
            self.outcome.problems.push(Problem { place, kind });
        } else {
            count(&mut self.outcome.more_problems);
        }
    }

    /// Something that is no record, unless one seems to be inside.
    pub(crate) fn foreign(&mut self, place: Place, bytes: &[u8], what: impl Into<String>) {
        let kind = if salvage::seems_to_hold_record(bytes) {
            ProblemKind::Unopened
        } else {
            ProblemKind::Foreign
        };
        self.problem(place, kind(what.into()));
    }

    /// Reads one framed value.
    pub(crate) fn value(&mut self, bytes: &[u8], context: Context<'_>) -> ControlFlow<()> {
        if context.level > self.limits.nesting {
            self.problem(context.place, ProblemKind::Nesting(self.limits.nesting));
            return ControlFlow::Continue(());
        }
        let text = match std::str::from_utf8(bytes) {
            Ok(text) => text,
            Err(error) => {
                let reason = format!("not valid UTF-8 at its byte {}", error.valid_up_to());
                return self.broken(bytes, context, reason);
            }
        };
        if bytes.first() != Some(&b'{') && !context.certain {
            // An array of records, or a bracket too many before one.
            if bytes.first() == Some(&b'[') && salvage::looks_like_record(bytes) {
                return self.text(text, context);
            }
            match serde_json::from_str::<serde::de::IgnoredAny>(text) {
                Ok(_) => self.foreign(context.place, bytes, describe::value(bytes)),
                Err(error) => return self.broken(bytes, context, error.to_string()),
            }
            return ControlFlow::Continue(());
        }
        match self.object(text, bytes, context) {
            Err(error) => match salvage::mend_surrogates(text) {
                Some(mended) => match self.object(&mended, bytes, context) {
                    Err(error) => self.broken(bytes, context, error.to_string()),
                    Ok(flow) => flow,
                },
                None => self.broken(bytes, context, error.to_string()),
            },
            Ok(flow) => flow,
        }
    }

    /// Reads an element of a list of records, as [`Self::value`] does; `None` if it is no record, or
    /// one that cannot be read.
    pub(crate) fn element(&mut self, bytes: &[u8], place: Place) -> Option<ControlFlow<()>> {
        let text = std::str::from_utf8(bytes).ok()?;
        let shape: Shape<'_> = serde_json::from_str(text).ok()?;
        if !shape.is_record() {
            return None;
        }
        self.record(text, bytes, &shape, place).ok()
    }

    /// A value that is not valid JSON: a lost record, if it looks like one or stands where only
    /// records do.
    pub(crate) fn broken(
        &mut self,
        bytes: &[u8],
        context: Context<'_>,
        reason: String,
    ) -> ControlFlow<()> {
        if !context.certain && !salvage::looks_like_record(bytes) {
            self.problem(context.place, ProblemKind::Syntax(reason));
            return ControlFlow::Continue(());
        }
        count(&mut self.outcome.totals.unreadable);
        let outer_id = || context.event_id.map(str::to_owned);
        (self.sink)(Item::Unreadable(Unreadable {
            event_id: salvage::text(bytes, "eventID").or_else(outer_id),
            account: salvage::text(bytes, "recipientAccountId"),
            time: salvage::text(bytes, "eventTime").and_then(|text| time::parse(&text)),
            region: salvage::text(bytes, "awsRegion"),
            hash: RecordHash::of(bytes),
            reason,
            place: context.place,
        }))
    }

    fn object(
        &mut self,
        text: &str,
        raw: &[u8],
        context: Context<'_>,
    ) -> Result<ControlFlow<()>, serde_json::Error> {
        let shape: Shape<'_> = serde_json::from_str(text)?;
        if shape.is_record() {
            return self.record(text, raw, &shape, context.place);
        }
        let place = context.place;
        let next = ControlFlow::Continue(());
        Ok(if let Some(detail) = shape.detail {
            let detail = detail.get();
            match serde_json::from_str::<Shape<'_>>(detail) {
                Ok(inner) if !inner.is_record() => {
                    let of = describe::quote(shape.detail_type.as_deref().unwrap_or("unknown"));
                    let what = format!("an EventBridge event of type {of}");
                    self.foreign(place, detail.as_bytes(), what);
                    next
                }
                _ => self.value(detail.as_bytes(), context.inner()),
            }
        } else if let Some(record) = shape.cloud_trail_event.as_deref() {
            let event_id = shape.event_id.as_deref();
            let context = Context {
                certain: true,
                event_id,
                ..context.inner()
            };
            self.value(record.trim().as_bytes(), context)
        } else if shape.holds_elements {
            self.text(text, context)
        } else if let Some(text) = shape.body.as_deref().or(shape.sns_message.as_deref()) {
            self.text(text, context)
        } else if let Some(sns) = shape.sns {
            self.value(sns.get().as_bytes(), context.inner())
        } else if let Some(line) = shape.log_message.as_deref() {
            // CloudWatch Logs checks now and then that the destination is there.
            if line.starts_with("CWL CONTROL MESSAGE") {
                next
            } else {
                self.text(line, context)
            }
        } else if shape.is_digest() {
            count(&mut self.outcome.totals.digests);
            next
        } else {
            // Events of S3 and others have the same names.
            let inside = if shape.is_of_another_kind() {
                &[]
            } else {
                text.as_bytes()
            };
            self.foreign(place, inside, describe::object(&shape));
            next
        })
    }

    fn record(
        &mut self,
        text: &str,
        raw: &[u8],
        shape: &Shape<'_>,
        place: Place,
    ) -> Result<ControlFlow<()>, serde_json::Error> {
        if !(self.wanted)(&shape.glance()) {
            count(&mut self.outcome.totals.records);
            return Ok(ControlFlow::Continue(()));
        }
        let record: Box<Record> = serde_json::from_str(text).map(Box::new)?;
        count(&mut self.outcome.totals.records);
        let byte = place.byte;
        Ok((self.sink)(Item::Record(Found { record, byte, raw })))
    }

    fn text(&mut self, text: &str, context: Context<'_>) -> ControlFlow<()> {
        let context = context.inner();
        if context.level > self.limits.nesting {
            self.problem(context.place, ProblemKind::Nesting(self.limits.nesting));
            return ControlFlow::Continue(());
        }
        read_text(text, context, self)
    }
}

/// One more; the largest number is as many as can be told.
fn count(total: &mut u64) {
    *total = total.saturating_add(1);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counts_stay_at_the_largest_number() {
        let limits = Limits::default();
        let mut sink = |_: Item<'_>| ControlFlow::Continue(());
        let mut delivery = Delivery::new(&limits, &|_| true, &mut sink);
        let most = Totals {
            records: u64::MAX,
            unreadable: u64::MAX,
            digests: u64::MAX,
            ..Totals::default()
        };
        delivery.outcome.totals = most.clone();
        delivery.outcome.more_problems = u64::MAX;
        let context = Context {
            place: Place::default(),
            level: 0,
            certain: true,
            event_id: None,
        };
        for _ in 0..=PROBLEMS {
            delivery.problem(Place::default(), ProblemKind::Empty);
        }
        for text in [
            r#"{"eventVersion":"1","eventSource":"a","eventName":"b"}"#,
            r#"{"eventVersion":"#,
        ] {
            let _ = delivery.value(text.as_bytes(), context);
        }
        assert_eq!(delivery.outcome.totals, most);
        assert_eq!(delivery.outcome.more_problems, u64::MAX);
    }
}
