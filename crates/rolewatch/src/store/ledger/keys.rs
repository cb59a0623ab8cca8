//! The names of items. Whatever somebody else chose is hashed.

use chrono::{DateTime, Utc};
use github_oidc::StandardSubject;

use crate::assumption::{Assumption, Observation};
use crate::digest::digest;
use crate::store::table::Key;

/// Seconds of a day.
const DAY: i64 = 86_400;
/// How long an event is remembered: beyond CloudTrail's own 90 days of history.
pub(super) const EVENT_LIFE: i64 = 100 * DAY;
/// How long after a change of an id's name an event may still come whose day has a row from before
/// it: 14 days in the queue, and one in which EventBridge tries.
pub(super) const RENAMED_LIFE: i64 = 16 * DAY;
/// How long it is remembered that an alert was handed on: its queue keeps it for 14 days.
pub(super) const HANDED_ON_LIFE: i64 = 16 * DAY;
/// How long counts are kept: 14 months, so that a year can be compared with the last.
pub(super) const ROLLUP_LIFE: i64 = 425 * DAY;

/// One event: once for each account and event id.
pub(super) fn event(observation: &Observation) -> Key {
    let account = observation.account().unwrap_or_default();
    Key::new(
        format!("event#{}", digest(&[account, observation.identity()])),
        "-",
    )
}

/// The quiet window of a key.
pub(super) fn window(quiet: &str) -> Key {
    Key::new(format!("window#{quiet}"), "-")
}

/// The partition of what has a time to come.
pub(super) const DUE: &str = "due";

/// A window's place among what has a time to come.
pub(super) fn due(at: i64, quiet: &str) -> Key {
    Key::new(DUE, format!("{at:012}#{quiet}"))
}

/// When what stands under a mark was due: as long ago as there is time, where its key does not say.
pub(super) fn due_since(key: &Key) -> DateTime<Utc> {
    let at = key.sort.split('#').next().and_then(|at| at.parse().ok());
    DateTime::from_timestamp(at.unwrap_or_default(), 0).unwrap_or_default()
}

/// The latest sort key that is due at `now`.
pub(super) fn due_until(now: i64) -> String {
    format!("{now:012}~")
}

/// The partition of a day's counts.
pub(super) fn day(day: chrono::NaiveDate) -> String {
    format!("day#{day}")
}

/// How many subjects of a role and repository have rows of their own on a day.
pub(super) fn row_cap(day: chrono::NaiveDate, role: &str, repository: &str) -> Key {
    Key::new(format!("rows#{day}"), digest(&[role, repository]))
}

/// That an issuer, role and subject were expected together.
pub(super) fn use_of(assumption: &Assumption) -> Key {
    Key::new(format!("use#{}", digest(&of_use(assumption))), "-")
}

/// How many subjects of a role and repository are remembered as used.
pub(super) fn use_cap(role: &str, repository: &str) -> Key {
    Key::new(format!("uses#{}", digest(&[role, repository])), "-")
}

/// That an issuer, role and subject came unexpected.
pub(super) fn sighting(assumption: &Assumption) -> Key {
    Key::new(format!("seen#{}", digest(&of_use(assumption))), "-")
}

/// That a repository's name and a context came unexpected, with ids or without.
pub(super) fn sighting_of_names(assumption: &Assumption, names: &StandardSubject<'_>) -> Key {
    let repository = names.repository.full_name();
    let context = names.context.to_string();
    let [issuer, role, _] = of_use(assumption);
    let parts = [issuer, role, &repository, &context];
    Key::new(format!("seen#{}", digest(&parts)), "-")
}

/// How many subjects of a role and repository are remembered as unexpected.
pub(super) fn sighting_cap(role: &str, repository: &str) -> Key {
    Key::new(format!("sightings#{}", digest(&[role, repository])), "-")
}

fn of_use(assumption: &Assumption) -> [&str; 3] {
    [
        &assumption.issuer,
        &assumption.role_arn,
        &assumption.subject,
    ]
}

/// The ids that a repository's name came with, among the names of one server.
pub(super) fn name(server: &str, full_name: &str) -> Key {
    Key::new(format!("name#{}", digest(&[server, full_name])), "-")
}

/// The name that a repository's id came with.
pub(super) fn id(server: &str, id: u64) -> Key {
    Key::new(format!("id#{}", digest(&[server, &id.to_string()])), "-")
}

/// That an id's name changed not long ago.
pub(super) fn renamed(server: &str, id: u64) -> Key {
    Key::new(
        format!("renamed#{}", digest(&[server, &id.to_string()])),
        "-",
    )
}

/// The roles that a source was refused.
pub(super) fn refused_source(source: &str) -> Key {
    Key::new(format!("refused-source#{}", digest(&[source])), "-")
}

/// The subjects that a role was refused to.
pub(super) fn refused_role(role: &str) -> Key {
    Key::new(format!("refused-role#{}", digest(&[role])), "-")
}

/// Which version of the allowlist was good last.
pub(super) fn good_allowlist() -> Key {
    Key::new("allowlist#good", "-")
}

/// Which versions of the allowlist were in force.
pub(super) fn allowlist_versions() -> Key {
    Key::new("allowlist#versions", "-")
}

/// A part of an allowlist's text.
pub(super) fn allowlist_text(text: &str, part: usize) -> Key {
    Key::new(format!("allowlist#{text}"), format!("{part:04}"))
}

/// The canaries of a day.
pub(super) fn canaries(day: chrono::NaiveDate) -> Key {
    Key::new(format!("canaries#{day}"), "-")
}

/// A drill that arrived.
pub(super) fn drill(id: &str) -> Key {
    Key::new(format!("drill#{}", digest(&[id])), "-")
}

/// That something that is not about an event was told, or is kept to be.
pub(super) fn told(id: &str) -> Key {
    Key::new(format!("told#{}", digest(&[id])), "-")
}

/// That an alert was handed on to a place.
pub(super) fn handed_on(alert: &str, to: &str) -> Key {
    Key::new(format!("handed-on#{}", digest(&[alert, to])), "-")
}

/// That a request came.
pub(super) fn pressed(request: &str) -> Key {
    Key::new(format!("pressed#{}", digest(&[request])), "-")
}

/// That a report was told in a place.
pub(super) fn reported(report: &str, to: &str) -> Key {
    Key::new(format!("reported#{}", digest(&[report, to])), "-")
}

/// How far reconciliation has come in a region.
pub(super) fn reconciliation(region: &str) -> Key {
    Key::new(format!("reconciliation#{}", digest(&[region])), "-")
}

/// What reconciliation found of a day.
pub(super) fn reconciled(day: chrono::NaiveDate) -> Key {
    Key::new(format!("reconciled#{day}"), "-")
}

/// That an event was counted as missed.
pub(super) fn missed(observation: &Observation) -> Key {
    let account = observation.account().unwrap_or_default();
    Key::new(
        format!("missed#{}", digest(&[account, observation.identity()])),
        "-",
    )
}

/// That something was said to whoever looks after rolewatch.
pub(super) fn said(what: &str) -> Key {
    Key::new(format!("said#{}", digest(&[what])), "-")
}

/// When a place takes the next message.
pub(super) fn lane(lane: &str) -> Key {
    Key::new(format!("lane#{}", digest(&[lane])), "-")
}

/// That an alert was posted, or is about to be.
pub(super) fn post(id: &str) -> Key {
    Key::new(format!("post#{}", digest(&[id])), "-")
}

/// The message that findings alike go into the thread of, in a place.
pub(super) fn thread(lane: &str, quiet: &str) -> Key {
    Key::new(format!("thread#{}", digest(&[lane, quiet])), "-")
}

/// What was told under a finding's id.
pub(super) fn finding(id: &str) -> Key {
    Key::new(format!("finding#{}", digest(&[id])), "-")
}

/// The snooze that is on for findings alike.
pub(super) fn snooze(scope: &str) -> Key {
    Key::new(format!("snooze#{scope}"), "-")
}

/// The partition of all snoozes.
pub(super) const SNOOZES: &str = "snoozes";

/// A snooze among all of them; the latest comes first.
pub(super) fn snooze_record(since: i64, id: &str) -> Key {
    const LAST: i64 = 999_999_999_999;
    Key::new(SNOOZES, format!("{:012}#{id}", LAST - since))
}

/// That a snooze was ended before its time.
pub(super) fn snooze_end(id: &str) -> Key {
    Key::new(format!("snooze-end#{}", digest(&[id])), "-")
}
