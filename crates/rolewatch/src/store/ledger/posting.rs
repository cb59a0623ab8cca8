//! Turns at a place that takes one message a second, and which alerts were posted.
//!
//! All that post into one place share its *lane*: the moment from which on the next of them may
//! post, moved ahead by whoever takes a turn, in the commit that also claims the alerts it is
//! for. A turn that nobody uses passes by itself; a claim of somebody who died does, too. A place
//! that refuses closes its lane for all, for as long as it asks, or longer each time.

use chrono::{DateTime, TimeDelta, Utc};
use serde::{Deserialize, Serialize};

use super::{Ledger, keys};
use crate::store::StoreError;
use crate::store::draft::{Draft, NotRead};
use crate::store::table::{Key, Table};

/// From a message to the next: what Slack takes into one channel.
const TURN: TimeDelta = TimeDelta::seconds(1);
/// A post takes ten seconds at most and is recorded with four tries of a commit: who has claimed
/// an alert and is silent for so long is dead.
const CLAIM: TimeDelta = TimeDelta::seconds(40);
/// How long others stay behind what cannot wait: until it has come back from its queue.
const AHEAD: TimeDelta = TimeDelta::seconds(10);
/// How long they do so after the last that is known of: others that waited for the same moment are
/// handed out by the queue a little later.
const AFTER: TimeDelta = TimeDelta::seconds(3);
/// Seconds that a lane is closed after the first failure; twice that after the next, and so on.
const FIRST_PAUSE: i64 = 1;
/// The longest pause after a failure that says nothing of waiting: somebody has to notice that
/// the place is back.
const LONGEST_PAUSE: i64 = 60;
/// The longest that a lane is closed because the place asks for it. One odd answer is not to
/// silence it for days.
const LONGEST_WAIT: i64 = 3600;
/// How long an alert is remembered as posted, in seconds: twice as long as a queue keeps one.
const POSTED_LIFE: i64 = 30 * 86_400;
/// How long an unused lane is remembered, in seconds.
const LANE_LIFE: i64 = 86_400;

/// A turn that somebody wants.
#[derive(Clone, Copy, Debug)]
pub struct Wish<'a> {
    /// The lane of the place: any text that is the same for all that post there.
    pub lane: &'a str,
    /// The alerts that it is for.
    pub ids: &'a [&'a str],
    /// Whether it stays behind for nothing.
    pub urgent: bool,
    /// Whether it stays behind what is urgent.
    pub gives_way: bool,
    /// A turn after this is of no use.
    pub latest: DateTime<Utc>,
}

/// What is known of the alerts of a wish, and the turn.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PostingTurn {
    /// When it is, if any alert is left to post.
    pub slot: Slot,
    /// For each alert, in the order of the wish.
    pub standings: Vec<Standing>,
}

/// The place in the lane.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Slot {
    /// The caller's, from this moment on.
    At(DateTime<Utc>, Claim),
    /// None that is of use: not before this moment.
    Closed(DateTime<Utc>),
    /// None is needed: no alert is left.
    NotNeeded,
}

/// How it stands with an alert.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Standing {
    /// To be posted.
    Open,
    /// It was posted.
    Posted,
    /// Somebody else is posting it, until this moment at the latest.
    Claimed(DateTime<Utc>),
}

/// What tells a claim from all others of the same alert.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Claim(i64);

/// All moments are in milliseconds since 1970.
#[derive(Debug, Default, Serialize, Deserialize)]
#[serde(default)]
struct Lane {
    /// From when on it is free.
    next: i64,
    /// Until when those that are not urgent stay behind.
    urgent: i64,
    /// Refusals since the last success.
    failures: u32,
}

impl Lane {
    fn no_more_urgent(&mut self, now: DateTime<Utc>) {
        self.urgent = self.urgent.min((now + AFTER).timestamp_millis());
    }
}

/// What is remembered of an alert.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Post {
    Claimed(i64),
    Posted(i64),
}

impl<T: Table> Ledger<T> {
    /// Takes the next turn of a lane, and claims those alerts for it that are open.
    ///
    /// # Errors
    /// The store did not answer. A turn that was taken all the same passes by itself.
    pub async fn take_turn(
        &self,
        wish: Wish<'_>,
        now: DateTime<Utc>,
    ) -> Result<PostingTurn, StoreError> {
        self.transact(now.timestamp(), |draft| take(draft, wish, now))
            .await
    }

    /// Records that alerts were posted, and that the place takes messages. With `more_urgent`
    /// others go on staying behind.
    ///
    /// # Errors
    /// The store did not answer. They may be posted again then.
    pub async fn mark_posted(
        &self,
        wish: Wish<'_>,
        more_urgent: bool,
        now: DateTime<Utc>,
    ) -> Result<(), StoreError> {
        self.transact(now.timestamp(), |draft| {
            want(draft, wish.lane, wish.ids);
            let mut state = read_lane(draft, wish.lane)?;
            let at = now.timestamp_millis();
            let is_last = wish.urgent && !more_urgent;
            if state.failures > 0 || is_last {
                state.failures = 0;
                if is_last {
                    state.no_more_urgent(now);
                }
                write_lane(draft, wish.lane, &state, now)?;
            }
            for id in wish.ids {
                let expires = now.timestamp() + POSTED_LIFE;
                draft.put(&keys::post(id), &Post::Posted(at), Some(expires))?;
            }
            Ok(())
        })
        .await
    }

    /// Records that a place did not take a message, for now; it wants to be left alone for `wait`
    /// seconds, where it says so. Gives the claim back. Answers when the lane opens again.
    ///
    /// # Errors
    /// The store did not answer. The claim passes by itself.
    pub async fn mark_refused(
        &self,
        wish: Wish<'_>,
        claim: Claim,
        wait: Option<u64>,
        now: DateTime<Utc>,
    ) -> Result<DateTime<Utc>, StoreError> {
        self.transact(now.timestamp(), |draft| {
            want(draft, wish.lane, wish.ids);
            let mut state = read_lane(draft, wish.lane)?;
            state.failures = state.failures.saturating_add(1);
            let pause = pause(state.failures, wait);
            state.next = state.next.max((now + pause).timestamp_millis());
            if wish.urgent {
                state.urgent = state.next + AHEAD.num_milliseconds();
            }
            write_lane(draft, wish.lane, &state, now)?;
            give_back(draft, wish.ids, claim)?;
            Ok(moment(state.next))
        })
        .await
    }

    /// Gives a claim back: the place will not take these. With `more_urgent` others go on staying
    /// behind.
    ///
    /// # Errors
    /// The store did not answer. The claim passes by itself.
    pub async fn give_back(
        &self,
        wish: Wish<'_>,
        claim: Claim,
        more_urgent: bool,
        now: DateTime<Utc>,
    ) -> Result<(), StoreError> {
        self.transact(now.timestamp(), |draft| {
            want(draft, wish.lane, wish.ids);
            let mut state = read_lane(draft, wish.lane)?;
            if wish.urgent && !more_urgent {
                state.no_more_urgent(now);
                write_lane(draft, wish.lane, &state, now)?;
            }
            give_back(draft, wish.ids, claim)
        })
        .await
    }

    /// Whether this is the first time that something is said, for so many seconds.
    ///
    /// # Errors
    /// The store did not answer.
    pub async fn first_time(
        &self,
        what: &str,
        seconds: i64,
        now: DateTime<Utc>,
    ) -> Result<bool, StoreError> {
        let now = now.timestamp();
        let key = keys::said(what);
        self.transact(now, |draft| {
            if draft.exists(&key)? {
                return Ok(false);
            }
            draft.put(&key, &now, Some(now + seconds))?;
            Ok(true)
        })
        .await
    }

    /// Lets something be said for the first time again: it was not heard.
    ///
    /// # Errors
    /// The store did not answer.
    pub async fn unsaid(&self, what: &str, now: DateTime<Utc>) -> Result<(), StoreError> {
        let key = keys::said(what);
        self.transact(now.timestamp(), |draft| draft.delete(&key))
            .await
    }
}

fn take(draft: &mut Draft, wish: Wish<'_>, now: DateTime<Utc>) -> Result<PostingTurn, NotRead> {
    want(draft, wish.lane, wish.ids);
    let mut lane = read_lane(draft, wish.lane)?;
    let standings = super::all(wish.ids.iter().map(|id| standing(draft, id, now)))?;
    let turn = |slot| PostingTurn {
        slot,
        standings: standings.clone(),
    };
    if !standings.contains(&Standing::Open) {
        return Ok(turn(Slot::NotNeeded));
    }
    let ahead = if wish.gives_way && !wish.urgent {
        lane.urgent
    } else {
        0
    };
    let start = lane.next.max(ahead).max(now.timestamp_millis());
    let closed = start > wish.latest.timestamp_millis();
    let urgent = start + AHEAD.num_milliseconds();
    if wish.urgent && lane.urgent < urgent {
        lane.urgent = urgent;
        write_lane(draft, wish.lane, &lane, now)?;
    }
    if closed {
        return Ok(turn(Slot::Closed(moment(start))));
    }
    lane.next = start + TURN.num_milliseconds();
    write_lane(draft, wish.lane, &lane, now)?;
    let until = (moment(start) + CLAIM).timestamp_millis();
    for (id, standing) in wish.ids.iter().zip(&standings) {
        if *standing == Standing::Open {
            let expires = until / 1000 + 1;
            draft.put(&keys::post(id), &Post::Claimed(until), Some(expires))?;
        }
    }
    Ok(turn(Slot::At(moment(start), Claim(until))))
}

fn standing(draft: &mut Draft, id: &str, now: DateTime<Utc>) -> Result<Standing, NotRead> {
    let post = draft.get::<Post>(&keys::post(id))?;
    Ok(match post {
        Some(Post::Posted(_)) => Standing::Posted,
        Some(Post::Claimed(until)) if until > now.timestamp_millis() => {
            Standing::Claimed(moment(until))
        }
        Some(Post::Claimed(_)) | None => Standing::Open,
    })
}

/// Deletes claims, but not what others have made of them since.
fn give_back(draft: &mut Draft, ids: &[&str], claim: Claim) -> Result<(), NotRead> {
    super::all(ids.iter().map(|id| {
        let key: Key = keys::post(id);
        match draft.get::<Post>(&key)? {
            Some(Post::Claimed(until)) if until == claim.0 => draft.delete(&key),
            _ => Ok(()),
        }
    }))?;
    Ok(())
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

fn want(draft: &mut Draft, lane: &str, ids: &[&str]) {
    draft.want(keys::lane(lane));
    for id in ids {
        draft.want(keys::post(id));
    }
}

fn read_lane(draft: &mut Draft, lane: &str) -> Result<Lane, NotRead> {
    Ok(draft.get(&keys::lane(lane))?.unwrap_or_default())
}

fn write_lane(
    draft: &mut Draft,
    lane: &str,
    state: &Lane,
    now: DateTime<Utc>,
) -> Result<(), NotRead> {
    let expires = now.timestamp() + LANE_LIFE;
    draft.put(&keys::lane(lane), state, Some(expires))
}

/// A moment of a lane: none is beyond all times, they are made of moments and of bounded pauses.
fn moment(milliseconds: i64) -> DateTime<Utc> {
    DateTime::from_timestamp_millis(milliseconds).unwrap_or(DateTime::<Utc>::MAX_UTC)
}
