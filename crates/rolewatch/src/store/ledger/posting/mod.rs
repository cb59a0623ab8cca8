//! Turns at a place that takes one message a second, and which alerts were posted.
//!
//! All that post into one place share its *lane*: the moment from which on the next of them may
//! post, moved ahead by whoever posts, in the commit that also claims the alerts it is for. Nobody
//! reserves a turn to come: a place that refuses closes its lane for all, and what is urgent
//! overtakes all that is not on its way already. A claim of somebody who died passes by itself.

mod lane;

use chrono::{DateTime, TimeDelta, Utc};
use serde::{Deserialize, Serialize};

pub use self::lane::FEW;
use self::lane::{Lane, moment};
use super::{Ledger, keys};
use crate::store::StoreError;
use crate::store::draft::{Draft, NotRead};
use crate::store::table::{Key, Table};

/// A post takes ten seconds at most and is recorded with four tries of a commit: who has claimed
/// an alert and is silent for so long is dead.
const CLAIM: TimeDelta = TimeDelta::seconds(40);
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
    /// All that is urgent and waits for the lane, as far as the caller knows. Others stay behind
    /// until it is posted.
    pub urgent: &'a [&'a str],
    /// Whether this one stays behind what is urgent.
    pub gives_way: bool,
    /// Whether this one is kept to be told with others, where the place was told of many just now.
    pub gathers: bool,
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
    /// The caller's, now. The open alerts are claimed.
    Now(Claim),
    /// Not before this moment; then it has to be asked for again.
    Wait(DateTime<Utc>),
    /// Not before this moment either: until then others gather, to be told together with it.
    Gather(DateTime<Utc>),
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

/// What is remembered of an alert.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Post {
    Claimed(i64),
    Posted(i64),
}

impl<T: Table> Ledger<T> {
    /// Takes the turn of a lane, if it is free, and claims those alerts for it that are open.
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

    /// Records that alerts were posted, from `began` on, and that the place takes messages.
    ///
    /// # Errors
    /// The store did not answer. They may be posted again then.
    pub async fn mark_posted(
        &self,
        wish: Wish<'_>,
        began: DateTime<Utc>,
        now: DateTime<Utc>,
    ) -> Result<(), StoreError> {
        self.transact(now.timestamp(), |draft| {
            change_lane(draft, wish, now, |lane| {
                lane.took(wish.ids, began, now);
                if wish.gathers {
                    lane.count(wish.ids.len(), now);
                }
            })?;
            for id in wish.ids {
                let expires = now.timestamp() + POSTED_LIFE;
                let posted = Post::Posted(now.timestamp_millis());
                draft.put(&keys::post(id), &posted, Some(expires))?;
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
            let lane = change_lane(draft, wish, now, |lane| lane.refused(wait, now))?;
            give_back(draft, wish.ids, claim)?;
            Ok(lane.opens(now))
        })
        .await
    }

    /// Gives a claim back: the place will not take these.
    ///
    /// # Errors
    /// The store did not answer. The claim passes by itself.
    pub async fn give_back(
        &self,
        wish: Wish<'_>,
        claim: Claim,
        now: DateTime<Utc>,
    ) -> Result<(), StoreError> {
        self.transact(now.timestamp(), |draft| {
            change_lane(draft, wish, now, |lane| lane.forget(wish.ids))?;
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
    want(draft, wish);
    let before = read_lane(draft, wish.lane)?;
    let standings = super::all(wish.ids.iter().map(|id| standing(draft, id, now)))?;
    let mut lane = before.clone();
    lane.expect(wish.urgent, now);
    for (id, standing) in wish.ids.iter().zip(&standings) {
        if *standing == Standing::Posted {
            lane.forget(&[id]);
        }
    }
    let opens = if wish.gives_way {
        lane.opens_behind(now)
    } else {
        lane.opens(now)
    };
    let gathers = lane.gathers(wish.ids.len(), now);
    let gathers = gathers.filter(|_| wish.gathers);
    let slot = if !standings.contains(&Standing::Open) {
        Slot::NotNeeded
    } else if let Some(until) = gathers {
        Slot::Gather(until)
    } else if opens > now {
        Slot::Wait(opens)
    } else {
        lane.take(now);
        Slot::Now(claim(draft, wish, &standings, now)?)
    };
    if lane != before {
        write_lane(draft, wish.lane, &lane, now)?;
    }
    Ok(PostingTurn { slot, standings })
}

/// Claims what is open.
fn claim(
    draft: &mut Draft,
    wish: Wish<'_>,
    standings: &[Standing],
    now: DateTime<Utc>,
) -> Result<Claim, NotRead> {
    let until = (now + CLAIM).timestamp_millis();
    for (id, standing) in wish.ids.iter().zip(standings) {
        if *standing == Standing::Open {
            let expires = until / 1000 + 1;
            draft.put(&keys::post(id), &Post::Claimed(until), Some(expires))?;
        }
    }
    Ok(Claim(until))
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

fn want(draft: &mut Draft, wish: Wish<'_>) {
    draft.want(keys::lane(wish.lane));
    for id in wish.ids {
        draft.want(keys::post(id));
    }
}

fn read_lane(draft: &mut Draft, lane: &str) -> Result<Lane, NotRead> {
    Ok(draft.get(&keys::lane(lane))?.unwrap_or_default())
}

/// The lane as it is after a change, written where it is another.
fn change_lane(
    draft: &mut Draft,
    wish: Wish<'_>,
    now: DateTime<Utc>,
    change: impl FnOnce(&mut Lane),
) -> Result<Lane, NotRead> {
    want(draft, wish);
    let before = read_lane(draft, wish.lane)?;
    let mut lane = before.clone();
    change(&mut lane);
    if lane != before {
        write_lane(draft, wish.lane, &lane, now)?;
    }
    Ok(lane)
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
