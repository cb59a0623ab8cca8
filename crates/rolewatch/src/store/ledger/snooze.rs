//! Snoozes: findings like one that was told, kept quiet for a while. What is covered is read from
//! what was told, never from whoever asks: the same check, account, role and repository (by
//! issuer, name and ids), and nothing critical. A snooze ends by itself.

use chrono::{DateTime, TimeDelta, Utc};
use serde::{Deserialize, Serialize};

use super::{Ledger, keys};
use crate::alert::{About, Alert};
use crate::digest::digest;
use crate::finding::{Severity, stable_id};
use crate::store::StoreError;
use crate::store::draft::{Draft, NotRead};
use crate::store::table::{Sorts, Table};

/// The longest snooze: whoever wants silence for longer wants an `[[ignore]]`, which is reviewed.
pub const LONGEST_SNOOZE: TimeDelta = TimeDelta::days(7);
/// The shortest.
const SHORTEST: TimeDelta = TimeDelta::minutes(1);
/// Characters of a reason, and of who gives it.
const LONGEST_TEXT: usize = 500;
/// Characters of a name in a list; what is covered is kept as a hash of the whole.
const LONGEST_NAME: usize = 300;
/// Snoozes that are listed, the latest first.
const MOST_LISTED: usize = 1000;
/// The counter of findings that a snooze kept quiet.
const COVERED: &str = "findings";

/// A wish for quiet.
#[derive(Clone, Copy, Debug)]
pub struct SnoozeRequest<'a> {
    /// The id of a finding that was told.
    pub finding: &'a str,
    /// Who asks.
    pub by: &'a str,
    /// Why.
    pub reason: &'a str,
    /// For how long.
    pub lasts: TimeDelta,
}

/// A snooze, on or over.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Snooze {
    /// Its id.
    pub id: String,
    /// The finding that it was asked for.
    pub finding: String,
    /// What it covers.
    #[serde(flatten)]
    pub covers: Covered,
    /// Who asked for it. Somebody else's text.
    pub by: String,
    /// Why. Somebody else's text.
    pub reason: String,
    /// From when on.
    pub since: DateTime<Utc>,
    /// Until when.
    pub until: DateTime<Utc>,
    /// Who ended it before its time.
    pub ended_by: Option<String>,
    /// How many findings it kept quiet.
    #[serde(default)]
    pub findings: u64,
}

/// What a snooze covers, for people. Holds text of the record.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Covered {
    /// The check.
    pub check: String,
    /// How much its findings weigh.
    pub severity: Severity,
    /// The account.
    pub account: Option<String>,
    /// The role's ARN.
    pub role_arn: Option<String>,
    /// The repository, or the whole subject where that names none.
    pub repository: Option<String>,
}

/// Why there is no such snooze.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CannotSnooze {
    /// No such finding was told.
    #[error("no finding with this id was told in the last 100 days")]
    Unknown,
    /// It is critical.
    #[error("a critical finding cannot be snoozed")]
    Critical,
    /// It does not name what a snooze could be limited to.
    #[error("the finding names no role and repository that a snooze could be limited to")]
    Boundless,
    /// It would last too long, or not at all.
    #[error("a snooze lasts from a minute to 7 days; for longer, write an [[ignore]]")]
    Length,
    /// It has no reason, or a story.
    #[error("a snooze needs a reason, and the name of who asks, of at most 500 characters each")]
    Reason,
}

/// What was told under an id.
#[derive(Debug, Serialize, Deserialize)]
struct Told {
    scope: Option<String>,
    covers: Covered,
}

/// The snooze that is on for a scope; its item ends with it.
#[derive(Debug, Serialize, Deserialize)]
struct On {
    id: String,
    since: i64,
}

/// That a snooze was ended before its time.
#[derive(Debug, Serialize, Deserialize)]
struct Ended {
    at: DateTime<Utc>,
    by: String,
}

/// A snooze as it is kept.
#[derive(Debug, Serialize, Deserialize)]
struct Record {
    scope: String,
    snooze: Snooze,
}

/// Whether a snooze may cover findings like this one.
#[must_use]
pub fn can_be_snoozed(alert: &Alert) -> bool {
    scope(alert).is_some()
}

/// The name of all findings alike; none for a finding that no snooze may cover.
fn scope(alert: &Alert) -> Option<String> {
    if alert.severity == Severity::Critical || alert.about == About::Drill {
        return None;
    }
    let event = alert.event.as_ref()?;
    let id = |id: Option<u64>| id.map_or_else(String::new, |id| id.to_string());
    let who = match &event.repository {
        Some(repository) => ["repository", repository],
        None => ["subject", event.subject.as_deref()?],
    };
    Some(digest(&[
        &alert.check,
        event.account.as_deref()?,
        event.role_arn.as_deref()?,
        event.issuer.as_deref()?,
        who[0],
        who[1],
        &id(event.owner_id),
        &id(event.repository_id),
    ]))
}

/// Asks for the item that [`covers`] needs.
pub(super) fn want(draft: &mut Draft, alert: &Alert) {
    if let Some(scope) = scope(alert) {
        draft.want(keys::snooze(&scope));
    }
}

/// Whether a snooze covers a finding; then the snooze has counted it.
pub(super) fn covers(draft: &mut Draft, alert: &Alert) -> Result<bool, NotRead> {
    let Some(scope) = scope(alert) else {
        return Ok(false);
    };
    let Some(on) = draft.get::<On>(&keys::snooze(&scope))? else {
        return Ok(false);
    };
    draft.add(
        &keys::snooze_record(on.since, &on.id),
        [(COVERED.to_owned(), 1)],
    );
    Ok(true)
}

/// Remembers what is told under an id, so that it can be snoozed by it.
pub(super) fn told(draft: &mut Draft, alert: &Alert, now: i64) -> Result<(), NotRead> {
    let cut = |text: &str| -> String { text.chars().take(LONGEST_NAME).collect() };
    let event = alert.event.as_ref();
    let of_event = |field: fn(&crate::finding::Event) -> Option<&String>| {
        event.and_then(field).map(|text| cut(text))
    };
    let told = Told {
        scope: scope(alert),
        covers: Covered {
            check: alert.check.clone(),
            severity: alert.severity,
            account: of_event(|it| it.account.as_ref()),
            role_arn: of_event(|it| it.role_arn.as_ref()),
            repository: of_event(|it| it.repository.as_ref().or(it.subject.as_ref())),
        },
    };
    draft.put(
        &keys::finding(&alert.id),
        &told,
        Some(now + keys::EVENT_LIFE),
    )
}

impl Snooze {
    /// Whether it is on.
    #[must_use]
    pub fn is_on(&self, now: DateTime<Utc>) -> bool {
        self.since <= now && now < self.until
    }
}

impl SnoozeRequest<'_> {
    fn check(&self) -> Result<(), CannotSnooze> {
        if !(SHORTEST..=LONGEST_SNOOZE).contains(&self.lasts) {
            return Err(CannotSnooze::Length);
        }
        let is_text = |text: &str| !text.trim().is_empty() && text.chars().count() <= LONGEST_TEXT;
        if !is_text(self.reason) || !is_text(self.by) {
            return Err(CannotSnooze::Reason);
        }
        Ok(())
    }

    fn of(&self, told: &Told, now: DateTime<Utc>) -> Result<Record, CannotSnooze> {
        if told.covers.severity == Severity::Critical {
            return Err(CannotSnooze::Critical);
        }
        let scope = told.scope.clone().ok_or(CannotSnooze::Boundless)?;
        let since = now.timestamp().to_string();
        let snooze = Snooze {
            id: stable_id(&["snooze", &scope, &since]),
            finding: self.finding.to_owned(),
            covers: told.covers.clone(),
            by: self.by.trim().to_owned(),
            reason: self.reason.trim().to_owned(),
            since: now,
            until: now + self.lasts,
            ended_by: None,
            findings: 0,
        };
        Ok(Record { scope, snooze })
    }
}

impl<T: Table> Ledger<T> {
    /// Keeps findings like a told one quiet for a while. One that is on already for the same is
    /// replaced.
    ///
    /// # Errors
    /// The store did not answer. Trying again is safe.
    pub async fn snooze(
        &self,
        request: SnoozeRequest<'_>,
        now: DateTime<Utc>,
    ) -> Result<Result<Snooze, CannotSnooze>, StoreError> {
        if let Err(refused) = request.check() {
            return Ok(Err(refused));
        }
        self.transact(now.timestamp(), |draft| {
            let Some(told) = draft.get::<Told>(&keys::finding(request.finding))? else {
                return Ok(Err(CannotSnooze::Unknown));
            };
            let record = match request.of(&told, now) {
                Ok(record) => record,
                Err(refused) => return Ok(Err(refused)),
            };
            put(draft, &record, now)?;
            Ok(Ok(record.snooze))
        })
        .await
    }

    /// The snoozes of the last 100 days, the latest first, those that are over too.
    ///
    /// # Errors
    /// The store did not answer.
    pub async fn snoozes(&self, now: DateTime<Utc>) -> Result<Vec<Snooze>, StoreError> {
        let now = now.timestamp();
        let list = self.table.list(keys::SNOOZES, Sorts::All, MOST_LISTED, now);
        let mut snoozes = Vec::new();
        for (_, item) in list.await? {
            // One of a newer version is as if it had never been.
            if let Ok(Record { mut snooze, .. }) = serde_json::from_str(&item.value) {
                snooze.findings = item.counters.get(COVERED).copied().unwrap_or_default();
                snoozes.push(snooze);
            }
        }
        let keys: Vec<_> = snoozes.iter().map(|it| keys::snooze_end(&it.id)).collect();
        if keys.is_empty() {
            return Ok(snoozes);
        }
        let ends = self.table.read(&keys, now).await?;
        for (snooze, end) in snoozes.iter_mut().zip(ends) {
            let end = end.and_then(|item| serde_json::from_str::<Ended>(&item.value).ok());
            if let Some(Ended { at, by }) = end {
                snooze.until = snooze.until.min(at);
                snooze.ended_by = Some(by);
            }
        }
        Ok(snoozes)
    }

    /// Ends a snooze before its time; none where no such snooze is on.
    ///
    /// # Errors
    /// The store did not answer. Trying again is safe.
    pub async fn end_snooze(
        &self,
        id: &str,
        by: &str,
        now: DateTime<Utc>,
    ) -> Result<Option<Snooze>, StoreError> {
        let on = self.snoozes(now).await?;
        let Some(snooze) = on.into_iter().find(|it| it.id == id && it.is_on(now)) else {
            return Ok(None);
        };
        self.transact(now.timestamp(), |draft| {
            let key = keys::snooze_record(snooze.since.timestamp(), id);
            let Some(record) = draft.get::<Record>(&key)? else {
                return Ok(None);
            };
            let current = keys::snooze(&record.scope);
            if draft.get::<On>(&current)?.is_none_or(|on| on.id != id) {
                return Ok(None);
            }
            draft.delete(&current)?;
            end(draft, id, by, now)?;
            Ok(Some(snooze.clone()))
        })
        .await
    }
}

fn put(draft: &mut Draft, record: &Record, now: DateTime<Utc>) -> Result<(), NotRead> {
    let current = keys::snooze(&record.scope);
    let snooze = &record.snooze;
    if let Some(old) = draft.get::<On>(&current)?
        && old.id != snooze.id
    {
        end(draft, &old.id, &snooze.by, now)?;
    }
    let since = snooze.since.timestamp();
    let kept = snooze.until.timestamp() + keys::EVENT_LIFE;
    draft.put(&keys::snooze_record(since, &snooze.id), record, Some(kept))?;
    let on = On {
        id: snooze.id.clone(),
        since,
    };
    draft.put(&current, &on, Some(snooze.until.timestamp()))
}

fn end(draft: &mut Draft, id: &str, by: &str, now: DateTime<Utc>) -> Result<(), NotRead> {
    let ended = Ended {
        at: now,
        by: by.chars().take(LONGEST_TEXT).collect(),
    };
    let kept = (now + LONGEST_SNOOZE).timestamp() + keys::EVENT_LIFE;
    draft.put(&keys::snooze_end(id), &ended, Some(kept))
}
