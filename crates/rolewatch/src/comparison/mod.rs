//! How another allowlist judges the same history: whoever is expected now and was not, or the
//! other way round.
//!
//! Told or not told is what counts first: a session that is expected, one that a silence covers and
//! one that is nobody's business are all not told. What is told by both counts by the checks that
//! complain. Both allowlists judge without memory.

mod change;

use std::collections::{BTreeMap, BTreeSet};

use chrono::NaiveDate;

pub use self::change::{Change, Direction, Kind};
use crate::allowlist::{Allowlist, Difference};
use crate::assumption::Observation;
use crate::detect::{Outcome, decide};
use crate::tally::Tally;

/// So many bytes of names are kept apart; whoever is refused can choose them.
const MOST_BYTES: usize = 64 << 20;

/// Judges events by two allowlists.
#[derive(Debug)]
pub struct Comparison<'a> {
    old: &'a Allowlist,
    new: &'a Allowlist,
    before: Tally,
    after: Tally,
    kinds: BTreeMap<Kind, u64>,
    bytes: usize,
    unlisted: BTreeMap<Direction, u64>,
    used: BTreeSet<String>,
}

/// What the two say of a history.
#[derive(Clone, Debug)]
pub struct Compared {
    /// What changes, in order: by direction, the softened first, then by role and subject.
    pub changes: Vec<Change>,
    /// Events of more kinds than are listed.
    pub unlisted: BTreeMap<Direction, u64>,
    /// How the old one counts.
    pub before: Tally,
    /// How the new one does.
    pub after: Tally,
    /// What is different between the files.
    pub difference: Difference,
    /// Rules that are new or another, and expect nothing in this history.
    pub without_effect: Vec<String>,
}

impl<'a> Comparison<'a> {
    /// Nothing judged yet.
    #[must_use]
    pub fn new(old: &'a Allowlist, new: &'a Allowlist) -> Self {
        Self {
            old,
            new,
            before: Tally::default(),
            after: Tally::default(),
            kinds: BTreeMap::new(),
            bytes: 0,
            unlisted: BTreeMap::new(),
            used: BTreeSet::new(),
        }
    }

    /// Judges one event by both.
    pub fn see(&mut self, observation: &Observation) {
        let before = decide(observation, self.old);
        let after = decide(observation, self.new);
        self.before.add(&before);
        self.after.add(&after);
        if let (Outcome::Expected, Some(rule)) = (after.outcome, &after.rule)
            && !self.used.contains(rule)
        {
            self.used.insert(rule.clone());
        }
        let Observation::Assumption(assumption) = observation else {
            return;
        };
        if let Some(kind) = Kind::between(assumption, &before, &after) {
            self.count(kind);
        }
    }

    fn count(&mut self, kind: Kind) {
        let count = if let Some(count) = self.kinds.get_mut(&kind) {
            count
        } else if self.bytes + kind.bytes() > MOST_BYTES {
            self.unlisted.entry(kind.direction).or_default()
        } else {
            self.bytes += kind.bytes();
            self.kinds.entry(kind).or_default()
        };
        *count = count.saturating_add(1);
    }

    /// All that was seen, with what is different between the files on this day.
    #[must_use]
    pub fn finish(self, today: NaiveDate) -> Compared {
        let difference = Difference::between(self.old, self.new, today);
        let rules = difference.added.iter().chain(&difference.changed);
        let without_effect = rules.filter(|rule| !self.used.contains(*rule));
        let changes = self.kinds.into_iter();
        Compared {
            without_effect: without_effect.cloned().collect(),
            changes: changes
                .map(|(kind, count)| Change { kind, count })
                .collect(),
            unlisted: self.unlisted,
            before: self.before,
            after: self.after,
            difference,
        }
    }
}

impl Compared {
    /// The changes of one direction.
    pub fn of(&self, direction: Direction) -> impl Iterator<Item = &Change> {
        let changes = self.changes.iter();
        changes.filter(move |change| change.kind.direction == direction)
    }

    /// Whether any session was judged at all: where none was, that nothing changes says nothing.
    #[must_use]
    pub fn shows_anything(&self) -> bool {
        self.before.judged > 0 || self.after.judged > 0
    }

    /// How many events change in one direction.
    #[must_use]
    pub fn events(&self, direction: Direction) -> u64 {
        let unlisted = self.unlisted.get(&direction).copied().unwrap_or_default();
        let listed = self.of(direction).map(|change| change.count);
        listed.fold(unlisted, u64::saturating_add)
    }
}
