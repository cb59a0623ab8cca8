//! A lane: when a place takes the next message, what is urgent among that which waits for it, and
//! whether it was told of so much just now that more has to be told together.

use std::collections::BTreeMap;

use chrono::{DateTime, TimeDelta, Utc};
use serde::{Deserialize, Serialize};

use crate::digest::digest;

/// From a message to the next: what Slack takes into one channel.
const TURN: TimeDelta = TimeDelta::seconds(1);
/// Others stay behind what is urgent until it was posted; for so long at most after it could have
/// been: its instance may have died. It is renewed while the place refuses messages, and while it
/// takes what is urgent. A post that gets no answer takes 12 seconds, the way back from the queue a
/// few, and another batch may have to end before.
const AHEAD: TimeDelta = TimeDelta::seconds(40);
/// More alerts than [`FEW`] in so long are a storm: what follows in that time comes together when it
/// is over, which is when people look again, and not one by one while they read.
const STORM: TimeDelta = TimeDelta::seconds(20);
/// In a storm so much time lies between two messages that each tell of many: a batch holds 50 at most, and more may come
/// than that in the length of a storm.
const DIGESTS: TimeDelta = TimeDelta::seconds(5);
/// So many alerts are told one by one.
pub const FEW: usize = 5;
/// So much that is urgent is known by name: an item is read and written with each message.
const MOST_URGENT: usize = 100;
/// Characters of a name.
const NAME: usize = 16;
/// Seconds that a lane is closed after the first failure; twice that after the next, and so on.
const FIRST_PAUSE: i64 = 1;
/// The longest pause after a failure that says nothing of waiting: somebody has to notice that
/// the place is back.
const LONGEST_PAUSE: i64 = 60;
/// The longest that a lane is closed because the place asks for it. One odd answer is not to
/// silence it for days.
const LONGEST_WAIT: i64 = 3600;

/// All moments are in milliseconds since 1970.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub(super) struct Lane {
    /// From when on it is free.
    next: i64,
    /// What is urgent and waits, by name, and until when others stay behind it.
    urgent: BTreeMap<String, i64>,
    /// Refusals since the last success.
    failures: u32,
    /// When the alerts began that `told` counts.
    since: i64,
    /// Alerts that were told since then, but for those that gather for nobody.
    told: usize,
    /// When the last of these was told.
    last: i64,
}

impl Lane {
    /// Takes note of what is urgent and waits.
    pub(super) fn expect(&mut self, ids: &[&str], now: DateTime<Utc>) {
        let at = now.timestamp_millis();
        self.urgent.retain(|_, until| *until > at);
        let until = self.next.max(at) + AHEAD.num_milliseconds();
        // Not for a few seconds more: it would be written each time that somebody asks.
        let soon = until - AHEAD.num_milliseconds() / 2;
        for id in ids {
            let is_new = self.urgent.len() < MOST_URGENT;
            match self.urgent.get_mut(&name(id)) {
                Some(known) if *known < soon => *known = until,
                None if is_new => {
                    self.urgent.insert(name(id), until);
                }
                Some(_) | None => {}
            }
        }
    }

    /// None of these waits any more.
    pub(super) fn forget(&mut self, ids: &[&str]) {
        for id in ids {
            self.urgent.remove(&name(id));
        }
    }

    /// When a message may be posted, at the earliest.
    pub(super) fn opens(&self, now: DateTime<Utc>) -> DateTime<Utc> {
        now.max(moment(self.next))
    }

    /// When one that stays behind what is urgent may be posted, as far as can be told.
    pub(super) fn opens_behind(&self, now: DateTime<Utc>) -> DateTime<Utc> {
        let at = now.timestamp_millis();
        let waiting = self.urgent.values().filter(|until| **until > at).count();
        let ahead = i32::try_from(waiting).unwrap_or(i32::MAX);
        self.opens(now) + TURN * ahead
    }

    /// Until when so many alerts more are gathered, if the place was told of enough for now.
    pub(super) fn gathers(&self, alerts: usize, now: DateTime<Utc>) -> Option<DateTime<Utc>> {
        let storm = moment(self.since) + STORM;
        let over = if alerts > FEW {
            storm.min(moment(self.last) + DIGESTS)
        } else {
            storm
        };
        (self.told >= FEW && over > now).then_some(over)
    }

    /// Somebody posts now.
    pub(super) fn take(&mut self, now: DateTime<Utc>) {
        self.next = (now + TURN).timestamp_millis();
    }

    /// The place took a message that it was given at `began`: maybe some time after that was taken
    /// down as a turn.
    pub(super) fn took(&mut self, ids: &[&str], began: DateTime<Utc>, now: DateTime<Utc>) {
        self.failures = 0;
        self.next = self.next.max((began + TURN).timestamp_millis());
        let before = self.urgent.len();
        self.forget(ids);
        if self.urgent.len() < before {
            self.renew(now);
        }
    }

    /// The place refused a message for now, and wants to be left alone for so many seconds, where
    /// it says so.
    pub(super) fn refused(&mut self, wait: Option<u64>, now: DateTime<Utc>) {
        self.failures = self.failures.saturating_add(1);
        let pause = pause(self.failures, wait);
        self.next = self.next.max((now + pause).timestamp_millis());
        self.renew(now);
    }

    /// The place was told of so many alerts that gather where there are too many.
    pub(super) fn count(&mut self, alerts: usize, now: DateTime<Utc>) {
        if moment(self.since) + STORM <= now {
            self.since = now.timestamp_millis();
            self.told = 0;
        }
        self.told = self.told.saturating_add(alerts);
        self.last = now.timestamp_millis();
    }

    fn renew(&mut self, now: DateTime<Utc>) {
        let until = (self.opens(now) + AHEAD).timestamp_millis();
        for known in self.urgent.values_mut() {
            *known = until.max(*known);
        }
    }
}

fn name(id: &str) -> String {
    digest(&[id]).chars().take(NAME).collect()
}

fn pause(failures: u32, wait: Option<u64>) -> TimeDelta {
    let doubled = FIRST_PAUSE << (failures - 1).min(16);
    let asked = wait.map(|wait| {
        i64::try_from(wait)
            .unwrap_or(i64::MAX)
            .clamp(1, LONGEST_WAIT)
    });
    TimeDelta::seconds(asked.unwrap_or(doubled.min(LONGEST_PAUSE)))
}

/// A moment of a lane: none is beyond all times, they are made of moments and of bounded pauses.
pub(super) fn moment(milliseconds: i64) -> DateTime<Utc> {
    DateTime::from_timestamp_millis(milliseconds).unwrap_or(DateTime::<Utc>::MAX_UTC)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(seconds: i64) -> DateTime<Utc> {
        DateTime::from_timestamp(1_795_000_000 + seconds, 0).unwrap_or_default()
    }

    #[test]
    fn others_stay_behind_what_is_urgent_until_it_is_posted_or_never_comes() {
        let mut lane = Lane::default();
        lane.expect(&["a", "b"], at(0));
        assert_eq!(lane.opens(at(0)), at(0));
        assert_eq!(lane.opens_behind(at(0)), at(2));
        lane.take(at(0));
        lane.took(&["a"], at(0), at(0));
        assert_eq!(lane.opens_behind(at(30)), at(31), "b is to come");
        assert_eq!(lane.opens_behind(at(41)), at(41), "b never came");
    }

    #[test]
    fn what_is_urgent_is_expected_for_as_long_as_nothing_is_taken() {
        let mut lane = Lane::default();
        lane.expect(&["a"], at(0));
        lane.refused(None, at(10));
        assert_eq!(lane.opens(at(10)), at(11));
        lane.refused(Some(600), at(11));
        assert_eq!(lane.opens(at(11)), at(611));
        assert_eq!(lane.opens_behind(at(650)), at(651));
        // What is not urgent and taken all the same renews nothing.
        lane.took(&["other"], at(650), at(650));
        assert_eq!(lane.opens_behind(at(651)), at(651));
    }

    #[test]
    fn what_follows_many_is_gathered_until_the_storm_s_length_is_over() {
        let mut lane = Lane::default();
        for second in 0..4 {
            lane.count(1, at(second));
        }
        assert_eq!(lane.gathers(1, at(5)), None, "four");
        lane.count(1, at(5));
        assert_eq!(lane.gathers(1, at(6)), Some(at(20)));
        assert_eq!(
            lane.gathers(6, at(6)),
            Some(at(10)),
            "five seconds after the last"
        );
        assert_eq!(lane.gathers(6, at(10)), None);
        assert_eq!(lane.gathers(1, at(20)), None);
        lane.count(6, at(21));
        assert_eq!(
            lane.gathers(1, at(22)),
            Some(at(41)),
            "a storm that goes on"
        );
        lane.count(1, at(41));
        assert_eq!(lane.gathers(1, at(42)), None, "it is over");
    }

    #[test]
    fn it_is_known_by_name_only_so_far() {
        let mut lane = Lane::default();
        for i in 0..1000 {
            lane.expect(&[&i.to_string()], at(i / 100));
        }
        let size = serde_json::to_string(&lane).unwrap_or_default().len();
        assert!(size < 4096, "{size}");
        assert_eq!(lane.opens_behind(at(10)), at(110));
    }

    #[test]
    fn a_pause_grows_and_is_bounded() {
        let seconds = |failures, wait| pause(failures, wait).num_seconds();
        let silent = [1, 2, 3, 7, u32::MAX].map(|failures| seconds(failures, None));
        assert_eq!(silent, [1, 2, 4, 60, 60]);
        let asked = [0, 30, u64::MAX].map(|wait| seconds(9, Some(wait)));
        assert_eq!(asked, [1, 30, 3600]);
    }
}
