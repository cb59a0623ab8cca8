//! Counts for the report: a row for each day, role and subject.

use std::collections::BTreeMap;

use chrono::{DateTime, NaiveDate, NaiveTime};
use github_oidc::Subject;
use serde::{Deserialize, Serialize};

use super::{Terms, keys};
use crate::allowlist::Allowlist;
use crate::assumption::{Assumption, Observation, run_url};
use crate::detect::{Decision, Outcome};
use crate::digest::digest;
use crate::store::draft::{Draft, NotRead};
use crate::store::table::{Key, Table, TableError};
use crate::store::{IsoWeek, StoreError};

/// Rows of one day, role and repository; further subjects fold into one row, "other".
const MOST_ROWS: u64 = 1000;
/// Rows of one day that a report takes in; an account with a thousand busy repositories has fewer.
const MOST_ROWS_OF_A_DAY: usize = 1_000_000;
/// Upper bounds of the classes of session lengths, in seconds; 12 hours is the longest there is.
const SESSION_CLASSES: [u64; 7] = [900, 1800, 3600, 7200, 14_400, 28_800, 43_200];

/// What a day amounted to for one role and subject.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Row {
    /// The day, in UTC.
    pub day: NaiveDate,
    /// Whom it is about.
    pub about: About,
    /// `n:OUTCOME` events by outcome, `h:HH` by hour (UTC), `s:SECONDS` sessions by class of
    /// length (at most so long), `run` with a link to a run, `net:NAME` by network of the
    /// allowlist, `f:CHECK` findings, and `ignored:CHECK`.
    pub counts: BTreeMap<String, u64>,
}

/// Whom a row is about.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct About {
    /// The issuer.
    pub issuer: String,
    /// The role's ARN; empty for other issuers, and for a role that no rule names and that was
    /// refused.
    pub role_arn: String,
    /// The subject, or "other".
    pub subject: String,
    /// The rule that expected it.
    pub rule: Option<String>,
}

/// Where an observation is counted.
struct Place {
    day: NaiveDate,
    key: Key,
    about: About,
    /// The repository for whose rows there is a cap; none where rows cannot be multiplied.
    repository: Option<String>,
}

fn place(observation: &Observation, decision: &Decision, terms: Terms<'_>) -> Place {
    let now = DateTime::from_timestamp(terms.now, 0).unwrap_or_default();
    let day = observation.time().unwrap_or(now).date_naive();
    let at = |sort: String| Key::new(keys::day(day), sort);
    let Observation::Assumption(assumption) = observation else {
        return Place {
            day,
            key: at("unreadable".into()),
            about: About::default(),
            repository: None,
        };
    };
    if decision.outcome == Outcome::Other {
        let about = About {
            issuer: assumption.issuer.clone(),
            ..About::default()
        };
        let sort = format!("other#{}", digest(&[&about.issuer]));
        return Place {
            day,
            key: at(sort),
            about,
            repository: None,
        };
    }
    let about = About {
        issuer: assumption.issuer.clone(),
        role_arn: known_role(assumption, terms.allowlist),
        subject: assumption.subject.clone(),
        rule: decision
            .rule
            .clone()
            .filter(|_| decision.outcome == Outcome::Expected),
    };
    let rule = about.rule.as_deref().unwrap_or_default();
    let kind = if about.rule.is_some() {
        "expected"
    } else {
        "judged"
    };
    let sort = format!(
        "{kind}#{}",
        digest(&[&about.issuer, &about.role_arn, &about.subject, rule])
    );
    let repository = Subject::parse(&assumption.subject)
        .repository()
        .map(|it| it.full_name());
    Place {
        day,
        key: at(sort),
        about,
        repository: Some(repository.unwrap_or_default()),
    }
}

/// The role, unless its name is somebody else's to choose.
fn known_role(assumption: &Assumption, allowlist: &Allowlist) -> String {
    let day = assumption.time.date_naive();
    if assumption.is_refused() && !allowlist.names_role(&assumption.role_arn, day) {
        String::new()
    } else {
        assumption.role_arn.clone()
    }
}

/// The row of an observation and what to add to it, if the row is there.
pub(super) fn addition(
    observation: &Observation,
    decision: &Decision,
    terms: Terms<'_>,
) -> (Key, BTreeMap<String, u64>) {
    let place = place(observation, decision, terms);
    (place.key, counts(observation, decision, terms.allowlist))
}

/// Asks for the items that [`count`] surely needs.
pub(super) fn want(
    draft: &mut Draft,
    observation: &Observation,
    decision: &Decision,
    terms: Terms<'_>,
) {
    let place = place(observation, decision, terms);
    if let Some(repository) = &place.repository {
        draft.want(keys::row_cap(place.day, &place.about.role_arn, repository));
    }
    draft.want(place.key);
}

/// Counts an observation.
pub(super) fn count(
    draft: &mut Draft,
    observation: &Observation,
    decision: &Decision,
    terms: Terms<'_>,
) -> Result<(), NotRead> {
    let mut place = place(observation, decision, terms);
    if !draft.exists(&place.key)? {
        make_room(draft, &mut place)?;
    }
    let day_end = place.day.and_time(NaiveTime::MIN).and_utc().timestamp();
    if !draft.exists(&place.key)? {
        draft.put(&place.key, &place.about, Some(day_end + keys::ROLLUP_LIFE))?;
    }
    draft.add(&place.key, counts(observation, decision, terms.allowlist));
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
        let expires = place.day.and_time(NaiveTime::MIN).and_utc().timestamp() + keys::ROLLUP_LIFE;
        return draft.put(&cap, &(rows + 1), Some(expires));
    }
    place.about.subject = "other".into();
    place.about.rule = None;
    place.key.sort = format!("folded#{}", digest(&[&place.about.role_arn, repository]));
    Ok(())
}

fn counts(
    observation: &Observation,
    decision: &Decision,
    allowlist: &Allowlist,
) -> BTreeMap<String, u64> {
    let mut names = vec![format!("n:{}", decision.outcome.as_str())];
    names.extend(
        decision
            .findings
            .iter()
            .map(|finding| format!("f:{}", finding.check.id)),
    );
    names.extend(
        decision
            .ignored
            .iter()
            .map(|(finding, _)| format!("ignored:{}", finding.check.id)),
    );
    if let Some(time) = observation.time() {
        names.push(format!("h:{}", time.format("%H")));
    }
    if let (Observation::Assumption(assumption), true) =
        (observation, decision.outcome != Outcome::Other)
    {
        names.extend(assumption_counts(assumption, allowlist));
    }
    let mut counts = BTreeMap::new();
    for name in names {
        *counts.entry(name).or_default() += 1;
    }
    counts
}

fn assumption_counts(assumption: &Assumption, allowlist: &Allowlist) -> Vec<String> {
    let mut names = Vec::new();
    if !assumption.is_refused() {
        let seconds = assumption.session.seconds();
        let class = SESSION_CLASSES.iter().find(|class| seconds <= **class + 5);
        names.push(format!("s:{}", class.unwrap_or(&u64::MAX)));
    }
    if run_url(assumption).is_some() {
        names.push("run".into());
    }
    let source = assumption.source_ip.as_deref().unwrap_or_default();
    names.extend(
        allowlist
            .networks_of(source)
            .map(|name| format!("net:{name}")),
    );
    names
}

/// The rows of a week.
pub(super) async fn week<T: Table>(
    table: &T,
    week: IsoWeek,
    now: i64,
) -> Result<Vec<Row>, StoreError> {
    let mut rows = Vec::new();
    for day in week.days() {
        rows.extend(rows_of(table, day, now).await?);
    }
    Ok(rows)
}

async fn rows_of<T: Table>(table: &T, day: NaiveDate, now: i64) -> Result<Vec<Row>, TableError> {
    let partition = keys::day(day);
    let items = table
        .list(&partition, None, MOST_ROWS_OF_A_DAY, now)
        .await?;
    Ok(items
        .into_iter()
        .map(|(_, item)| Row {
            day,
            about: serde_json::from_str(&item.value).unwrap_or_default(),
            counts: item.counters,
        })
        .collect())
}
