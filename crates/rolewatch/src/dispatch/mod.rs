//! From alerts that wait in a queue to messages in Slack, and what becomes of each.
//!
//! What weighs most goes first. All that post into one place take turns (see
//! [`Ledger::take_turn`]); what the place does not take for now goes back to its queue for a
//! while, what it will never take is parked for a person, who is told. An alert is only done when
//! it was posted. Where the store is down alerts are posted all the same: twice is better than
//! not at all.

mod patience;
mod plan;
mod run;
mod trouble;

use std::future::Future;

use chrono::{DateTime, TimeDelta, Utc};
use serde_json::Value;

pub use self::patience::MOST_RECEIVES;
use self::plan::{Post, plan};
use self::run::Run;
pub use self::trouble::Trouble;
use crate::alert::Alert;
use crate::digest::digest;
use crate::notify::NotifyError;
use crate::rendering::slack;
use crate::store::table::Table;
use crate::store::{Claim, Ledger, Slot, Standing, StoreError, Wish};

/// A post takes this long at most: the HTTP client's time-out, and a little to record it.
const POST: TimeDelta = TimeDelta::seconds(12);
/// For a turn later than this an alert goes back to its queue: other places are waited for too.
const PATIENCE: TimeDelta = TimeDelta::seconds(5);
/// How long letters are left alone of which others kept changing what is known.
const BUSY: TimeDelta = TimeDelta::seconds(5);

/// A message of the queue.
#[derive(Clone, Debug)]
pub struct Letter {
    /// The alert in it, or why there is none.
    pub alert: Result<Alert, String>,
    /// How often it was received, this time included.
    pub receives: u32,
}

/// What becomes of a message of the queue.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Fate {
    /// It was posted, alone or with others in one message.
    Posted {
        /// Where.
        place: String,
        /// How many alerts are in the message.
        together: usize,
    },
    /// It had been posted before.
    Known,
    /// It has to come again.
    Held {
        /// After so long.
        seconds: u32,
        /// Why; never with an address that is a secret.
        why: String,
    },
    /// It will not be posted as things are: a person has to look.
    Parked {
        /// Why.
        why: String,
    },
}

/// What became of a batch.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Outcome {
    /// Of each letter, in order.
    pub fates: Vec<Fate>,
    /// What somebody has to cure, and was not told of in the last hours.
    pub troubles: Vec<Trouble>,
    /// What the store failed in.
    pub failures: Vec<String>,
}

impl Outcome {
    /// Of a batch for which it is not even known where to post: all of it has to come again, and
    /// somebody has to look.
    pub async fn without_slack<T: Table>(
        ledger: &Ledger<T>,
        letters: &[Letter],
        why: &str,
        now: DateTime<Utc>,
    ) -> Self {
        let run = Run::new(letters, now).all_held(TimeDelta::minutes(1), why);
        Self::told(ledger, run, now).await
    }

    /// With those troubles that were not told of before.
    async fn told<T: Table>(ledger: &Ledger<T>, run: Run<'_>, now: DateTime<Utc>) -> Self {
        let (mut outcome, troubles) = run.finish();
        for trouble in troubles {
            match ledger.first_time(&trouble.key(), trouble::QUIET, now).await {
                Ok(false) => {}
                Ok(true) => outcome.troubles.push(trouble),
                // Rather twice than not at all.
                Err(error) => {
                    outcome.failures.push(error.to_string());
                    outcome.troubles.push(trouble);
                }
            }
        }
        outcome
    }
}

/// Where messages go. It has a name for people, and never shows an address that is a secret.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Place {
    /// What people call it.
    pub name: String,
    /// The same for all that post there: see [`Wish::lane`].
    pub lane: String,
}

/// The lane of whoever posts with a secret: the same for the same, and tells nothing of it.
#[must_use]
pub fn lane(secret: &str) -> String {
    digest(&["lane", secret])
}

/// The port to Slack.
pub trait Slack: Sync {
    /// Where alerts of an owner go; then, where they go if that place refuses them. At least one.
    fn places(&self, owner: Option<&str>) -> Vec<Place>;

    /// Posts a message. It may arrive twice where the answer got lost.
    fn post(
        &self,
        place: &Place,
        message: &Value,
    ) -> impl Future<Output = Result<(), NotifyError>> + Send;
}

/// The port to time: posting is paced.
pub trait Clock: Sync {
    /// This moment.
    fn now(&self) -> DateTime<Utc>;

    /// Waits until a moment.
    fn sleep_until(&self, moment: DateTime<Utc>) -> impl Future<Output = ()> + Send;
}

/// Delivers alerts to Slack.
#[derive(Debug)]
pub struct Dispatcher<'a, T, S, C> {
    /// Remembers turns, and what was posted.
    pub ledger: &'a Ledger<T>,
    /// Takes messages.
    pub slack: &'a S,
    /// Tells the time.
    pub clock: &'a C,
}

/// Whether it is somebody's turn.
enum Turn {
    /// It is, with a claim where the store knows.
    Now(Option<Claim>),
    /// It may be from this moment on.
    Wait(DateTime<Utc>),
}

/// How a try to post somewhere ended.
enum Attempt {
    /// It is known what becomes of every alert.
    Settled,
    /// The place is gone, and another may do.
    Gone,
}

impl<T: Table, S: Slack, C: Clock> Dispatcher<'_, T, S, C> {
    /// Delivers a batch, before `end`.
    pub async fn deliver(&self, letters: &[Letter], end: DateTime<Utc>) -> Outcome {
        let mut run = Run::new(letters, end);
        let posts = plan(letters, |owner| self.slack.places(owner));
        for i in 0..posts.len() {
            self.deliver_first(&posts[i..], &mut run).await;
        }
        Outcome::told(self.ledger, run, self.clock.now()).await
    }

    /// Delivers the first of what is left. Tries its places one after the other; where all refuse,
    /// a person has to look.
    async fn deliver_first(&self, left: &[Post], run: &mut Run<'_>) {
        let Some(post) = left.first() else { return };
        let mut gone: Option<String> = None;
        for place in &post.places {
            let attempt = if run.gone(place).is_some() {
                Attempt::Gone
            } else {
                let wanted = Wanted {
                    post,
                    place,
                    left,
                    instead_of: gone.as_deref(),
                };
                self.attempt(wanted, run).await
            };
            match attempt {
                Attempt::Settled => return,
                Attempt::Gone => {
                    let why = run.gone(place).unwrap_or_default();
                    gone = Some(format!("{}: {why}", place.name));
                }
            }
        }
        run.park(post, &gone.unwrap_or_default());
    }

    async fn attempt(&self, wanted: Wanted<'_>, run: &mut Run<'_>) -> Attempt {
        let Wanted { post, place, .. } = wanted;
        let now = self.clock.now();
        if let Some((until, why)) = run.closed(place) {
            run.hold(post, until - now, &why);
            return Attempt::Settled;
        }
        let latest = (now + PATIENCE).min(run.end - POST);
        if latest < now {
            run.hold(
                post,
                TimeDelta::zero(),
                "no time is left in this invocation",
            );
            return Attempt::Settled;
        }
        let urgent = run.urgent(wanted.left, place);
        let gives_way = |i: &usize| patience::gives_way(run.receives(*i));
        let gives_way = !post.urgent && run.open(post).iter().all(gives_way);
        while let Some((turn, open)) = self.turn(wanted, &urgent, gives_way, run).await {
            match turn {
                Turn::Now(claim) => {
                    let ids = run.ids(&open);
                    let wish = Wish {
                        lane: &place.lane,
                        ids: &ids,
                        urgent: &urgent,
                        gives_way,
                    };
                    return self.post(wanted, wish, claim, &open, run).await;
                }
                Turn::Wait(until) if until <= latest => self.clock.sleep_until(until).await,
                Turn::Wait(until) => {
                    let why = "others are to be posted first, or Slack wants to be left alone";
                    run.close(&place.lane, until, why);
                    run.hold(post, until - self.clock.now(), why);
                }
            }
        }
        Attempt::Settled
    }

    /// The turn, and the letters that it is for; nothing where none is left to post. Without the
    /// store it is paced as well as this instance can.
    async fn turn(
        &self,
        wanted: Wanted<'_>,
        urgent: &[&str],
        gives_way: bool,
        run: &mut Run<'_>,
    ) -> Option<(Turn, Vec<usize>)> {
        let open = run.open(wanted.post);
        if open.is_empty() {
            return None;
        }
        let now = self.clock.now();
        let lane = wanted.place.lane.as_str();
        let wish = Wish {
            lane,
            ids: &run.ids(&open),
            urgent,
            gives_way,
        };
        let turn = match self.ledger.take_turn(wish, now).await {
            Ok(turn) => turn,
            // It knows what was posted, but had no time to say so: soon it will.
            Err(error @ StoreError::Busy) => {
                for letter in open {
                    run.hold_one(letter, BUSY, &error.to_string());
                }
                return None;
            }
            Err(error @ StoreError::Down(_)) => {
                run.failures.push(error.to_string());
                self.clock.sleep_until(run.turn_alone(lane, now)).await;
                return Some((Turn::Now(None), open));
            }
        };
        for (letter, standing) in open.iter().zip(&turn.standings) {
            match standing {
                Standing::Open => {}
                Standing::Posted => run.settle(*letter, Fate::Known),
                Standing::Claimed(until) => {
                    let why = "it is being posted by another instance";
                    run.hold_one(*letter, *until - now, why);
                }
            }
        }
        let left = run.open(wanted.post);
        match turn.slot {
            Slot::Now(claim) => Some((Turn::Now(Some(claim)), left)),
            Slot::Wait(until) => Some((Turn::Wait(until), left)),
            Slot::NotNeeded => None,
        }
    }

    async fn post(
        &self,
        wanted: Wanted<'_>,
        wish: Wish<'_>,
        claim: Option<Claim>,
        open: &[usize],
        run: &mut Run<'_>,
    ) -> Attempt {
        let Wanted { post, place, .. } = wanted;
        let alerts = run.alerts(open);
        let began = self.clock.now();
        let answer = self.say(&alerts, wanted, run).await;
        let now = self.clock.now();
        match answer {
            Ok(()) => {
                let marked = self.ledger.mark_posted(wish, began, now);
                run.failed(marked.await);
                run.posted(open, place);
            }
            Err(NotifyError::Later { reason, wait }) => {
                let until = match claim {
                    Some(claim) => self.ledger.mark_refused(wish, claim, wait, now).await.ok(),
                    None => None,
                };
                let until = until.unwrap_or_else(|| now + patience::pause(wait));
                run.close(wish.lane, until, &reason);
                run.hold(post, until - now, &reason);
            }
            Err(NotifyError::Unfit(reason)) => {
                self.give_back(wish, claim, run).await;
                run.park(post, &reason);
            }
            Err(NotifyError::Refused(reason)) => {
                self.give_back(wish, claim, run).await;
                run.is_gone(place, reason);
                return Attempt::Gone;
            }
        }
        Attempt::Settled
    }

    /// Says it in blocks; where Slack does not take these, as plain text, so that somebody hears of
    /// it.
    async fn say(
        &self,
        alerts: &[&Alert],
        wanted: Wanted<'_>,
        run: &mut Run<'_>,
    ) -> Result<(), NotifyError> {
        let message = slack::posting(alerts, wanted.instead_of);
        let answer = self.slack.post(wanted.place, &message).await;
        let Err(NotifyError::Unfit(reason)) = answer else {
            return answer;
        };
        run.trouble(Trouble::message(wanted.place, &reason));
        let plain = slack::plain_posting(alerts, wanted.instead_of);
        self.pause().await;
        let answer = self.slack.post(wanted.place, &plain).await;
        // It had no turn of its own.
        self.pause().await;
        answer
    }

    async fn pause(&self) {
        let moment = self.clock.now() + TimeDelta::seconds(1);
        self.clock.sleep_until(moment).await;
    }

    async fn give_back(&self, wish: Wish<'_>, claim: Option<Claim>, run: &mut Run<'_>) {
        if let Some(claim) = claim {
            let now = self.clock.now();
            run.failed(self.ledger.give_back(wish, claim, now).await);
        }
    }
}

/// A message that is to be posted, and where.
#[derive(Clone, Copy)]
struct Wanted<'a> {
    post: &'a Post,
    place: &'a Place,
    /// What is left of the batch, this one included.
    left: &'a [Post],
    /// The place that it should have gone to, and why it did not.
    instead_of: Option<&'a str>,
}
