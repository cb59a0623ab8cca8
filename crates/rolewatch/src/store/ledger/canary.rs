//! Canaries that were heard: an item a day, with a bit for each region and hour, so that one that comes twice counts
//! once.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, Days, NaiveDate, Timelike, Utc};
use serde::{Deserialize, Serialize};

use super::{Ledger, keys};
use crate::store::StoreError;
use crate::store::draft::{Draft, NotRead};
use crate::store::table::{Key, Table};
use crate::upkeep::Canary;

/// Regions that are told apart: more than AWS has. Whoever may send events could make up names.
const MOST_REGIONS: usize = 64;
/// Items that are read at once.
const AT_ONCE: usize = 90;

/// A day: a bit for each hour of each region.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
struct Heard(BTreeMap<String, u32>);

/// For so many days after its last canary a region is due still. One that was silent for longer is taken to be retired:
/// nobody tells that its forwarder was deleted, and until then four reports in a row name it. It is also how far is
/// looked back, at an item a day.
const STILL_DUE: usize = 30;

/// How many canaries came, of how many.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct CanaryCount {
    /// Those that were heard.
    pub received: u64,
    /// The hours of each region, from the first of its canaries to 30 days after the last.
    pub due: u64,
    /// How many regions any were due of.
    pub regions: u64,
    /// Those of them of which none came.
    pub silent: Vec<String>,
}

impl<T: Table> Ledger<T> {
    /// Remembers a canary. Returns whether it is the first of its region and hour.
    ///
    /// # Errors
    /// The store did not answer. Hearing it again is safe.
    pub async fn hear(&self, canary: &Canary, now: DateTime<Utc>) -> Result<bool, StoreError> {
        let now = now.timestamp();
        self.transact(now, |draft| hear(draft, canary, now)).await
    }

    /// Whether a region sent a canary today or yesterday.
    ///
    /// # Errors
    /// The store did not answer.
    pub async fn is_heard(&self, region: &str, now: DateTime<Utc>) -> Result<bool, StoreError> {
        let today = now.date_naive();
        let yesterday = today.pred_opt().unwrap_or(today);
        let days = self.heard(&[yesterday, today], now).await?;
        Ok(days.iter().any(|day| day.0.contains_key(region)))
    }

    /// The regions that sent a canary today or in the days before, so many of them.
    ///
    /// # Errors
    /// The store did not answer.
    pub async fn regions_heard(
        &self,
        days: u64,
        now: DateTime<Utc>,
    ) -> Result<Vec<String>, StoreError> {
        let today = now.date_naive();
        let before = (0..=days).filter_map(|days| today.checked_sub_days(Days::new(days)));
        let heard = self.heard(&before.collect::<Vec<_>>(), now).await?;
        let regions: BTreeSet<String> = heard
            .into_iter()
            .flat_map(|day| day.0.into_keys())
            .collect();
        Ok(regions.into_iter().collect())
    }

    /// How many canaries came from a day to another, both included; none where none was due. What is to come still is
    /// not due.
    ///
    /// # Errors
    /// The store did not answer.
    pub async fn canaries(
        &self,
        first: NaiveDate,
        last: NaiveDate,
        now: DateTime<Utc>,
    ) -> Result<Option<CanaryCount>, StoreError> {
        let from = first - Days::new(STILL_DUE as u64);
        let dates: Vec<NaiveDate> = from.iter_days().take_while(|day| *day <= last).collect();
        let days = self.heard(&dates, now).await?;
        Ok(count(&dates, &days, now))
    }

    /// The latest hour of each region of which a canary came, today or yesterday.
    ///
    /// # Errors
    /// The store did not answer.
    pub async fn last_heard(
        &self,
        now: DateTime<Utc>,
    ) -> Result<BTreeMap<String, DateTime<Utc>>, StoreError> {
        let today = now.date_naive();
        let dates = [today.pred_opt().unwrap_or(today), today];
        let days = self.heard(&dates, now).await?;
        let mut latest = BTreeMap::new();
        for (date, day) in dates.iter().zip(days) {
            for (region, bits) in day.0 {
                let hour = bits.checked_ilog2().filter(|hour| *hour < 24);
                let sent = hour.and_then(|hour| date.and_hms_opt(hour, 0, 0));
                latest.extend(sent.map(|sent| (region, sent.and_utc())));
            }
        }
        Ok(latest)
    }

    async fn heard(
        &self,
        dates: &[NaiveDate],
        now: DateTime<Utc>,
    ) -> Result<Vec<Heard>, StoreError> {
        let mut days = Vec::with_capacity(dates.len());
        let all: Vec<Key> = dates.iter().map(|date| keys::canaries(*date)).collect();
        for some in all.chunks(AT_ONCE) {
            let items = self.table.read(some, now.timestamp()).await?;
            days.extend(items.into_iter().map(|item| {
                item.and_then(|item| serde_json::from_str(&item.value).ok())
                    .unwrap_or_default()
            }));
        }
        Ok(days)
    }
}

fn hear(draft: &mut Draft, canary: &Canary, now: i64) -> Result<bool, NotRead> {
    let key = keys::canaries(canary.sent.date_naive());
    let mut heard = draft.get::<Heard>(&key)?.unwrap_or_default();
    let known = heard.0.contains_key(&canary.region);
    if !known && heard.0.len() >= MOST_REGIONS {
        return Ok(false);
    }
    let hours = heard.0.entry(canary.region.clone()).or_default();
    let bit = 1 << canary.sent.hour();
    if *hours & bit != 0 {
        return Ok(false);
    }
    *hours |= bit;
    draft.put(&key, &heard, Some(now + keys::ROLLUP_LIFE))?;
    Ok(true)
}

/// The first [`STILL_DUE`] of the days only say who was there before.
fn count(dates: &[NaiveDate], days: &[Heard], now: DateTime<Utc>) -> Option<CanaryCount> {
    let mut count = CanaryCount::default();
    let regions: BTreeSet<&String> = days.iter().flat_map(|day| day.0.keys()).collect();
    for region in regions {
        let (received, due) = count_region(region, dates, days, now);
        count.received += received;
        count.due += due;
        count.regions += u64::from(due > 0);
        count
            .silent
            .extend((due > 0 && received == 0).then(|| region.clone()));
    }
    (count.due > 0).then_some(count)
}

/// What came of a region, and what should have.
fn count_region(
    region: &str,
    dates: &[NaiveDate],
    days: &[Heard],
    now: DateTime<Utc>,
) -> (u64, u64) {
    let (mut received, mut due) = (0, 0);
    let mut last = None;
    for (place, (date, day)) in dates.iter().zip(days).enumerate() {
        let bits = day.0.get(region).copied().unwrap_or_default();
        for hour in 0..24 {
            let heard = bits & (1 << hour) != 0;
            if heard {
                last = Some(place);
            }
            let to_come = date
                .and_hms_opt(hour, 59, 59)
                .is_none_or(|end| end.and_utc() > now);
            let is_due = last.is_some_and(|last| place - last <= STILL_DUE);
            if place >= STILL_DUE && is_due {
                received += u64::from(heard);
                due += u64::from(heard || !to_come);
            }
        }
    }
    (received, due)
}
