//! What is known of a batch so far.

use std::collections::HashMap;

use chrono::{DateTime, TimeDelta, Utc};

use super::plan::Post;
use super::{Fate, Letter, Outcome, Place, Trouble, patience};
use crate::alert::Alert;
use crate::finding::Severity;

/// A batch on its way.
pub(super) struct Run<'a> {
    letters: &'a [Letter],
    /// When there is no more time.
    pub(super) end: DateTime<Utc>,
    fates: Vec<Option<Fate>>,
    troubles: Vec<Trouble>,
    /// What the store failed in.
    pub(super) failures: Vec<String>,
    /// Lanes that take nothing before a moment, and why.
    closed: HashMap<String, (DateTime<Utc>, String)>,
    /// Lanes of places that are gone, and why.
    gone: HashMap<String, String>,
    /// The next turn of lanes that the store did not tell of.
    alone: HashMap<String, DateTime<Utc>>,
}

impl<'a> Run<'a> {
    pub(super) fn new(letters: &'a [Letter], end: DateTime<Utc>) -> Self {
        Self {
            letters,
            end,
            fates: vec![None; letters.len()],
            troubles: Vec::new(),
            failures: Vec::new(),
            closed: HashMap::new(),
            gone: HashMap::new(),
            alone: HashMap::new(),
        }
    }

    /// Everything that is an alert has to come again.
    pub(super) fn all_held(mut self, wait: TimeDelta, why: &str) -> Self {
        for letter in 0..self.letters.len() {
            if self.alert(letter).is_some() {
                self.hold_one(letter, wait, why);
            }
        }
        self.trouble(Trouble::secret(why));
        self
    }

    /// The letters of a post that nothing became of yet.
    pub(super) fn open(&self, post: &Post) -> Vec<usize> {
        let letters = post.letters.iter().copied();
        letters.filter(|i| self.fates[*i].is_none()).collect()
    }

    fn alert(&self, letter: usize) -> Option<&'a Alert> {
        self.letters[letter].alert.as_ref().ok()
    }

    pub(super) fn alerts(&self, letters: &[usize]) -> Vec<&'a Alert> {
        letters.iter().filter_map(|i| self.alert(*i)).collect()
    }

    pub(super) fn ids(&self, letters: &[usize]) -> Vec<&'a str> {
        let alerts = self.alerts(letters).into_iter();
        alerts.map(|alert| alert.id.as_str()).collect()
    }

    /// What is urgent among posts, and to go to a place as things are.
    pub(super) fn urgent(&self, posts: &[Post], place: &Place) -> Vec<&'a str> {
        let goes_there = |post: &&Post| {
            let standing = post.places.iter().find(|it| self.gone(it).is_none());
            standing.is_some_and(|it| it.lane == place.lane)
        };
        let urgent = posts.iter().filter(|post| post.urgent).filter(goes_there);
        let letters: Vec<usize> = urgent.flat_map(|post| self.open(post)).collect();
        self.ids(&letters)
    }

    pub(super) fn receives(&self, letter: usize) -> u32 {
        self.letters[letter].receives
    }

    pub(super) fn settle(&mut self, letter: usize, fate: Fate) {
        self.fates[letter] = Some(fate);
    }

    pub(super) fn posted(&mut self, letters: &[usize], place: &Place) {
        for letter in letters {
            let fate = Fate::Posted {
                place: place.name.clone(),
                together: letters.len(),
            };
            self.settle(*letter, fate);
        }
    }

    pub(super) fn hold_one(&mut self, letter: usize, wait: TimeDelta, why: &str) {
        let severity = self.alert(letter).map_or(Severity::Info, |it| it.severity);
        self.hold_for(letter, wait + patience::behind(severity), why);
    }

    /// To be seen together with others, whatever they weigh.
    pub(super) fn gather(&mut self, post: &Post, wait: TimeDelta) {
        for letter in self.open(post) {
            self.hold_for(
                letter,
                wait,
                "many were told just now: more is told together",
            );
        }
    }

    fn hold_for(&mut self, letter: usize, wait: TimeDelta, why: &str) {
        let fate = Fate::Held {
            seconds: patience::hold(wait, self.receives(letter)),
            why: why.to_owned(),
        };
        self.settle(letter, fate);
    }

    pub(super) fn hold(&mut self, post: &Post, wait: TimeDelta, why: &str) {
        for letter in self.open(post) {
            self.hold_one(letter, wait, why);
        }
    }

    pub(super) fn park(&mut self, post: &Post, why: &str) {
        for letter in self.open(post) {
            let why = why.to_owned();
            self.settle(letter, Fate::Parked { why });
        }
    }

    /// Until when a place takes nothing, and why.
    pub(super) fn closed(&self, place: &Place) -> Option<(DateTime<Utc>, String)> {
        self.closed.get(&place.lane).cloned()
    }

    pub(super) fn close(&mut self, lane: &str, until: DateTime<Utc>, why: &str) {
        self.closed.insert(lane.to_owned(), (until, why.to_owned()));
    }

    /// Why a place is gone, if it is.
    pub(super) fn gone(&self, place: &Place) -> Option<&str> {
        self.gone.get(&place.lane).map(String::as_str)
    }

    pub(super) fn is_gone(&mut self, place: &Place, reason: String) {
        self.trouble(Trouble::place(place, &reason));
        self.gone.insert(place.lane.clone(), reason);
    }

    /// Takes note of a trouble, once.
    pub(super) fn trouble(&mut self, trouble: Trouble) {
        if !self.troubles.contains(&trouble) {
            self.troubles.push(trouble);
        }
    }

    /// Takes note of what the store failed in.
    pub(super) fn failed<R, E: ToString>(&mut self, result: Result<R, E>) {
        if let Err(error) = result {
            self.failures.push(error.to_string());
        }
    }

    /// The next turn, where nobody tells of other instances'.
    pub(super) fn turn_alone(&mut self, lane: &str, now: DateTime<Utc>) -> DateTime<Utc> {
        let next = self.alone.entry(lane.to_owned()).or_insert(now);
        let start = now.max(*next);
        *next = start + TimeDelta::seconds(1);
        start
    }

    /// What became of every letter, and what somebody has to cure.
    pub(super) fn finish(mut self, now: DateTime<Utc>) -> (Outcome, Vec<Trouble>) {
        for (i, letter) in self.letters.iter().enumerate() {
            if self.fates[i].is_some() {
                continue;
            }
            let fate = match &letter.alert {
                Ok(alert) => self.fate_of_twin(alert, i),
                Err(why) => {
                    self.trouble(Trouble::unreadable(why));
                    Fate::Parked { why: why.clone() }
                }
            };
            self.settle(i, fate);
        }
        let fates = self.fates.into_iter().flatten().zip(self.letters);
        let outcome = Outcome {
            fates: fates.map(|(fate, it)| last(fate, it, now)).collect(),
            troubles: Vec::new(),
            refused: !self.gone.is_empty(),
            failures: self.failures,
        };
        (outcome, self.troubles)
    }

    /// Of a message whose alert came in this batch before.
    fn fate_of_twin(&self, alert: &Alert, letter: usize) -> Fate {
        let first = (0..letter).find(|i| self.alert(*i).is_some_and(|it| it.id == alert.id));
        match first.and_then(|i| self.fates[i].clone()) {
            Some(Fate::Posted { .. }) => Fate::Known,
            Some(fate) => fate,
            None => Fate::Held {
                seconds: 1,
                why: "it was left out of the plan".into(),
            },
        }
    }
}

/// What becomes of a letter after all: one that the queue would lose before long is kept for a
/// person instead of held once more.
fn last(fate: Fate, letter: &Letter, now: DateTime<Utc>) -> Fate {
    match fate {
        Fate::Held { why, .. } if patience::is_over(letter.sent, now) => Fate::Parked {
            why: format!("{why}, for {} days", patience::LONGEST_STAY.num_days()),
        },
        fate => fate,
    }
}
