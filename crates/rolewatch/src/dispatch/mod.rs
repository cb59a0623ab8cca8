//! From alerts that wait in a queue to messages in Slack, and what becomes of each.
//!
//! What weighs most goes first. All that post into one place take turns (see
//! [`Ledger::take_turn`]); what the place does not take for now goes back to its queue for a
//! while, what it will never take is parked for a person, who is told. An alert is only done when
//! it was posted. Where the store is down alerts are posted all the same: twice is better than
//! not at all.

mod dispatcher;
mod patience;
mod plan;
mod run;
mod say;
mod threads;
mod trouble;

use std::future::Future;

use chrono::{DateTime, TimeDelta, Utc};
use serde_json::Value;

pub use self::dispatcher::Dispatcher;
pub use self::patience::MOST_RECEIVES;
use self::run::Run;
pub use self::trouble::Trouble;
use crate::alert::Alert;
use crate::digest::digest;
use crate::notify::NotifyError;
use crate::store::table::Table;
use crate::store::{Ledger, Spot};

/// A message of the queue.
#[derive(Clone, Debug)]
pub struct Letter {
    /// The alert in it, or why there is none.
    pub alert: Result<Alert, String>,
    /// How often it was received, this time included.
    pub receives: u32,
    /// When it came into the queue, where that is known.
    pub sent: Option<DateTime<Utc>>,
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
    /// Whether a place refused for good: somebody may have replaced its address meanwhile.
    pub refused: bool,
    /// What else failed, and kept nobody from being told: in the store, or the count beside an
    /// alert.
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
        let (mut outcome, troubles) = run.finish(now);
        for trouble in troubles {
            let news = trouble.is_news(ledger, now).await;
            outcome
                .failures
                .extend(news.as_ref().err().map(ToString::to_string));
            // Rather twice than not at all.
            if news.unwrap_or(true) {
                outcome.troubles.push(trouble);
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
    /// The same for all that post there: see [`crate::store::Wish::lane`].
    pub lane: String,
    /// The channel, where a bot posts there: such messages can have threads, and be changed.
    pub channel: Option<String>,
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

    /// Posts a message. It may arrive twice where the answer got lost. Answers where it is, if it
    /// can be found again.
    fn post(
        &self,
        place: &Place,
        message: &Value,
    ) -> impl Future<Output = Result<Option<Spot>, NotifyError>> + Send;

    /// Changes a message that was posted.
    fn update(
        &self,
        spot: &Spot,
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
