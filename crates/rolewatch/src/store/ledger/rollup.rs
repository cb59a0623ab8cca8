//! Counts for the report: a row for each day, role and subject.

mod counter;
mod counts;
mod place;

use std::collections::BTreeMap;

use chrono::{DateTime, NaiveDate, NaiveTime, Utc};
use serde::{Deserialize, Serialize};

pub use self::counter::Counter;
use self::counts::counts;
pub use self::place::About;
use self::place::{MOST_ROWS, Place, place};
use super::{Terms, keys};
use crate::assumption::{Assumption, Observation};
use crate::detect::Decision;
use crate::store::StoreError;
use crate::store::draft::{Draft, NotRead};
use crate::store::table::{Item, Key, Sorts, Table};

/// Rows of a day that are in memory at the same time: some kilobytes each, with the longest of
/// samples 20.
const ROWS_AT_ONCE: usize = 500;
/// A sample of more bytes is not kept; no record of STS is as long.
const LARGEST_SAMPLE: usize = 16_384;

/// What a day amounted to for one role and subject.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Row {
    /// The day, in UTC.
    pub day: NaiveDate,
    /// Whom it is about.
    pub about: About,
    /// `n:OUTCOME` events by outcome, `h:HH` by hour (UTC), `r:REGION` by region, `f:CHECK`
    /// findings, and `ignored:CHECK`. Of GitHub's: `s:SECONDS` sessions by length, up to the
    /// next minute, `run` those with a link to a run, `unnamed` those with the session name that
    /// every workflow gets, `net:NAME` by network of the allowlist, `e:CAUSE` refusals.
    /// `l:SECONDS` by how long after the call they were counted (at most so long).
    pub counts: BTreeMap<String, u64>,
    /// The row's first event, where there was something to tell of it.
    pub sample: Option<Box<Assumption>>,
}

/// A row's value. Rows of older versions have less.
#[derive(Debug, Default, Deserialize)]
struct Value {
    #[serde(flatten)]
    about: About,
    #[serde(default)]
    sample: Option<Box<Assumption>>,
}

#[derive(Debug, Serialize)]
struct NewValue<'a> {
    #[serde(flatten)]
    about: &'a About,
    #[serde(skip_serializing_if = "Option::is_none")]
    sample: Option<Assumption>,
}

/// The event as its row's sample. Rows of expected events have none: there are many, and each
/// says whom it is about.
fn sample(observation: &Observation, decision: &Decision) -> Option<Assumption> {
    let Observation::Assumption(assumption) = observation else {
        return None;
    };
    let tells = decision.complaints().next().is_some();
    let small = || serde_json::to_vec(assumption).is_ok_and(|json| json.len() <= LARGEST_SAMPLE);
    (tells && decision.outcome != crate::detect::Outcome::Expected && small())
        .then(|| (**assumption).clone())
}

impl Terms<'_> {
    fn time(self) -> DateTime<Utc> {
        DateTime::from_timestamp(self.now, 0).unwrap_or_default()
    }
}

impl Place {
    fn key(&self) -> Key {
        Key::new(keys::day(self.day), &*self.sort)
    }

    fn expires(&self) -> i64 {
        let day = self.day.and_time(NaiveTime::MIN).and_utc();
        day.timestamp() + keys::ROLLUP_LIFE
    }
}

fn addition_to(
    observation: &Observation,
    decision: &Decision,
    terms: Terms<'_>,
) -> BTreeMap<String, u64> {
    let lag = observation.time().map(|time| terms.time() - time);
    counts(observation, decision, terms.allowlist, lag)
}

/// The row of an observation and what to add to it, if the row is there.
pub(super) fn addition(
    observation: &Observation,
    decision: &Decision,
    terms: Terms<'_>,
) -> (Key, BTreeMap<String, u64>) {
    let place = place(observation, decision, terms.allowlist, terms.time());
    (place.key(), addition_to(observation, decision, terms))
}

/// Asks for the items that [`count`] surely needs.
pub(super) fn want(
    draft: &mut Draft,
    observation: &Observation,
    decision: &Decision,
    terms: Terms<'_>,
) {
    let place = place(observation, decision, terms.allowlist, terms.time());
    if let Some(repository) = &place.repository {
        draft.want(keys::row_cap(place.day, &place.about.role_arn, repository));
    }
    draft.want(place.key());
}

/// Counts an observation.
pub(super) fn count(
    draft: &mut Draft,
    observation: &Observation,
    decision: &Decision,
    terms: Terms<'_>,
) -> Result<(), NotRead> {
    let mut place = place(observation, decision, terms.allowlist, terms.time());
    if !draft.exists(&place.key())? {
        make_room(draft, &mut place)?;
    }
    let key = place.key();
    if !draft.exists(&key)? {
        let value = NewValue {
            about: &place.about,
            sample: sample(observation, decision),
        };
        draft.put(&key, &value, Some(place.expires()))?;
    }
    draft.add(&key, addition_to(observation, decision, terms));
    Ok(())
}

/// Takes one more row under its cap, or folds the observation into "other".
fn make_room(draft: &mut Draft, place: &mut Place) -> Result<(), NotRead> {
    let Some(repository) = &place.repository else {
        return Ok(());
    };
    let cap = keys::row_cap(place.day, &place.about.role_arn, repository);
    let rows = draft.get::<u64>(&cap)?.unwrap_or_default();
    if rows < MOST_ROWS {
        return draft.put(&cap, &(rows + 1), Some(place.expires()));
    }
    place.fold();
    Ok(())
}

/// Hands over the rows of a day, one by one: there may be more of them than fit into memory.
pub(super) async fn each_row<T: Table>(
    table: &T,
    day: NaiveDate,
    now: i64,
    take: &mut (impl FnMut(Row) + Send),
) -> Result<(), StoreError> {
    let partition = keys::day(day);
    let mut last: Option<Key> = None;
    loop {
        let sorts = last
            .as_ref()
            .map_or(Sorts::All, |it| Sorts::After(&it.sort));
        let items = table.list(&partition, sorts, ROWS_AT_ONCE, now).await?;
        let is_last = items.len() < ROWS_AT_ONCE;
        last = items.last().map(|(key, _)| key.clone());
        for (_, item) in items {
            take(row(day, item));
        }
        if is_last {
            return Ok(());
        }
    }
}

fn row(day: NaiveDate, item: Item) -> Row {
    let Value { about, sample } = serde_json::from_str(&item.value).unwrap_or_default();
    Row {
        day,
        about,
        counts: item.counters,
        sample,
    }
}
