//! The way of a batch: what weighs most first, each post when it is its turn.

use chrono::{DateTime, TimeDelta, Utc};

use super::plan::{Post, plan};
use super::run::Run;
use super::say::Wanted;
use super::{Clock, Fate, Letter, Outcome, Place, Slack, patience};
use crate::notify::NotifyError;
use crate::rendering::slack::Mentions;
use crate::store::table::Table;
use crate::store::{Claim, Ledger, Slot, Standing, StoreError, Wish};

/// A post takes this long at most: the HTTP client's time-out, and a little to record it.
pub(super) const POST: TimeDelta = TimeDelta::seconds(12);
/// For a turn later than this an alert goes back to its queue: other places are waited for too.
const PATIENCE: TimeDelta = TimeDelta::seconds(5);
/// How long letters are left alone of which others kept changing what is known.
const BUSY: TimeDelta = TimeDelta::seconds(5);

/// Delivers alerts to Slack.
#[derive(Debug)]
pub struct Dispatcher<'a, T, S, C> {
    /// Remembers turns, and what was posted.
    pub ledger: &'a Ledger<T>,
    /// Takes messages.
    pub slack: &'a S,
    /// Tells the time.
    pub clock: &'a C,
    /// Who is mentioned.
    pub mentions: &'a Mentions,
    /// The account whose findings have a button that snoozes, where a bot posts them: the others'
    /// are not known where it leads.
    pub buttons: Option<&'a str>,
}

/// Whether it is somebody's turn.
enum Turn {
    /// It is, with a claim where the store knows.
    Now(Option<Claim>),
    /// It may be from this moment on.
    Wait(DateTime<Utc>),
    /// It is kept for others until this moment.
    Gather(DateTime<Utc>),
}

/// How a try to post somewhere ended.
enum Attempt {
    /// It is known what becomes of every alert.
    Settled,
    /// The place is gone, and another may do.
    Gone,
}

/// What else is to be known of a post for its turn.
struct Manner<'a> {
    urgent: Vec<&'a str>,
    gives_way: bool,
    gathers: bool,
}

impl<'a> Manner<'a> {
    /// One that has waited for long enough stays behind nothing and waits for nobody.
    fn of(wanted: Wanted<'_>, run: &Run<'a>) -> Self {
        let Wanted { post, place, .. } = wanted;
        let is_patient = |letter: &usize| patience::gives_way(run.receives(*letter));
        let gives_way = !post.urgent && run.open(post).iter().all(is_patient);
        Self {
            urgent: run.urgent(wanted.left, place),
            gives_way,
            gathers: gives_way && !post.aside,
        }
    }

    fn wish<'b>(&'b self, place: &'b Place, ids: &'b [&'b str]) -> Wish<'b> {
        Wish {
            lane: &place.lane,
            ids,
            urgent: &self.urgent,
            gives_way: self.gives_way,
            gathers: self.gathers,
        }
    }
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
        let manner = Manner::of(wanted, run);
        while let Some((turn, open)) = self.turn(wanted, &manner, run).await {
            match turn {
                Turn::Now(claim) => {
                    let ids = run.ids(&open);
                    let wish = manner.wish(place, &ids);
                    return self.post(wanted, wish, claim, &open, run).await;
                }
                Turn::Wait(until) if until <= latest => self.clock.sleep_until(until).await,
                Turn::Wait(until) => {
                    let why = "others are to be posted first, or Slack wants to be left alone";
                    run.close(&place.lane, until, why);
                    run.hold(post, until - self.clock.now(), why);
                }
                Turn::Gather(until) => run.gather(post, until - self.clock.now()),
            }
        }
        Attempt::Settled
    }

    /// The turn, and the letters that it is for; nothing where none is left to post. Without the
    /// store it is paced as well as this instance can.
    async fn turn(
        &self,
        wanted: Wanted<'_>,
        manner: &Manner<'_>,
        run: &mut Run<'_>,
    ) -> Option<(Turn, Vec<usize>)> {
        let open = run.open(wanted.post);
        if open.is_empty() {
            return None;
        }
        let now = self.clock.now();
        let ids = run.ids(&open);
        let wish = manner.wish(wanted.place, &ids);
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
                let moment = run.turn_alone(&wanted.place.lane, now);
                self.clock.sleep_until(moment).await;
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
            Slot::Gather(until) => Some((Turn::Gather(until), left)),
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
            Ok(said) => {
                run.failed(self.ledger.mark_posted(wish, began, now).await);
                run.posted(open, place);
                self.keep_thread(&alerts, place, &said, run).await;
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

    async fn give_back(&self, wish: Wish<'_>, claim: Option<Claim>, run: &mut Run<'_>) {
        if let Some(claim) = claim {
            let now = self.clock.now();
            run.failed(self.ledger.give_back(wish, claim, now).await);
        }
    }
}
