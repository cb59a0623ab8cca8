//! What a new version of the allowlist changes, and whether it lets more through.

mod names;
mod wider;

use std::collections::{HashMap, HashSet};

use chrono::NaiveDate;

use self::names::Names;
use super::ignore::Ignore;
use super::rule::Rule;
use super::{Allowlist, Mode};
use crate::checks;
use crate::finding::Severity;

/// What is different between two allowlists, by the names of their rules.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Difference {
    /// Rules that were not there, in file order.
    pub added: Vec<String>,
    /// Rules that are gone, in the old file's order.
    pub removed: Vec<String>,
    /// Rules that match something else than before.
    pub changed: Vec<String>,
    /// Silences that were not there, or that now last longer.
    pub silences: Vec<Silence>,
    /// The new mode, where it is another.
    pub mode: Option<Mode>,
    /// Rules that may let through what no rule let through before, and by what.
    pub broader: Vec<(String, Vec<&'static str>)>,
}

/// A silence, as it is told.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Silence {
    /// The silenced check's id.
    pub check: &'static str,
    /// Its last day.
    pub until: NaiveDate,
    /// Why.
    pub reason: String,
}

impl Difference {
    /// What `new` changes of `old`, on this day: a rule that has expired by then counts as none.
    ///
    /// "Broader" is decided on the safe side: a pattern that is not plainly covered by one of
    /// the old rule's counts as more. A new rule is broader where no single old rule covers it
    /// and it is wide in itself; a narrow new rule is what every change is made of.
    #[must_use]
    pub fn between(old: &Allowlist, new: &Allowlist, today: NaiveDate) -> Self {
        let mut difference = Self::of_silences(old, new);
        difference.mode = (old.mode != new.mode).then_some(new.mode);
        let by_name: HashMap<&str, &Rule> = named(&old.rules).collect();
        for rule in &new.rules {
            let before = by_name.get(&*rule.name).copied();
            match before {
                None => difference.added.push(rule.name.clone()),
                Some(before) if !rule.same_as(before) => difference.changed.push(rule.name.clone()),
                Some(_) => continue,
            }
            if !rule.is_live(today) || old.covers(rule, today) {
                continue;
            }
            let by = match before.filter(|before| before.is_live(today)) {
                Some(before) => rule.wider_than(before),
                None => rule.wide(),
            };
            if !by.is_empty() {
                difference.broader.push((rule.name.clone(), by));
            }
        }
        difference.lost_pins(old, new, today);
        let names: HashSet<&str> = named(&new.rules).map(|(name, _)| name).collect();
        let removed = named(&old.rules).filter(|(name, _)| !names.contains(name));
        difference.removed = removed.map(|(name, _)| name.to_owned()).collect();
        difference
    }

    /// A pin holds whichever rule would match: one that is gone lets more through where some rule
    /// still takes the name.
    fn lost_pins(&mut self, old: &Allowlist, new: &Allowlist, today: NaiveDate) {
        let told: HashSet<String> = self.broader.iter().map(|(name, _)| name.clone()).collect();
        let names = Names::of(new.live_rules(today).flat_map(Rule::repositories));
        for rule in old.live_rules(today) {
            let mut pins = rule
                .repositories()
                .iter()
                .filter(|it| it.owner.id.is_some() || it.name.id.is_some());
            if !told.contains(&rule.name) && pins.any(|pin| !names.have(pin) && names.take(pin)) {
                self.broader
                    .push((rule.name.clone(), vec!["ids that are no longer pinned"]));
            }
        }
    }

    fn of_silences(old: &Allowlist, new: &Allowlist) -> Self {
        let is_new = |ignore: &&Ignore| !old.ignores.iter().any(|it| it.outlasts(ignore));
        let silences = new.ignores.iter().filter(is_new).map(|ignore| Silence {
            check: ignore.check,
            until: ignore.until,
            reason: ignore.reason.clone(),
        });
        Self {
            silences: silences.collect(),
            ..Self::default()
        }
    }

    /// Whether somebody should look at it today: it silences all, or something that matters, or
    /// lets more through.
    #[must_use]
    pub fn weakens(&self) -> bool {
        self.mode == Some(Mode::Audit)
            || !self.broader.is_empty()
            || self.silences.iter().any(Silence::is_grave)
    }
}

impl Silence {
    /// Whether what it silences is of severity high or critical.
    #[must_use]
    pub fn is_grave(&self) -> bool {
        checks::find(self.check).is_some_and(|check| check.severity >= Severity::High)
    }
}

impl Ignore {
    /// Whether it silences the same as another, for as long.
    fn outlasts(&self, other: &Self) -> bool {
        self.check == other.check
            && self.roles == other.roles
            && self.repositories == other.repositories
            && self.subjects == other.subjects
            && self.until >= other.until
    }
}

impl Allowlist {
    /// Whether one rule that holds covers all of this one.
    fn covers(&self, rule: &Rule, today: NaiveDate) -> bool {
        let first = rule.roles().next();
        let mut rules = first.into_iter().flat_map(|role| self.rules_about(role));
        rules.any(|it| it.is_live(today) && rule.wider_than(it).is_empty())
    }
}

fn named(rules: &[Rule]) -> impl Iterator<Item = (&str, &Rule)> {
    rules.iter().map(|rule| (&*rule.name, rule))
}

#[cfg(test)]
mod tests;
