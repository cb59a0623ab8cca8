//! What is posted together, and in which order.

use std::cmp::Reverse;
use std::collections::HashSet;

use super::{Letter, Place};
use crate::finding::Severity;
use crate::store::FEW;

/// A digest tells of so many at most, which is all that notify takes at a time.
const LARGEST_DIGEST: usize = 50;

/// One message: the alerts in it, and where it goes.
#[derive(Clone, Debug)]
pub(super) struct Post {
    /// Positions in the batch.
    pub(super) letters: Vec<usize>,
    /// Where it goes; the next where the first refuses.
    pub(super) places: Vec<Place>,
    /// Whether it stays behind for nothing.
    pub(super) urgent: bool,
    /// Whether it goes into a thread, where it is in nobody's way.
    pub(super) aside: bool,
}

/// Critical alerts first, each by itself; then the others of each place, the most severe first: by
/// themselves where they are few (see [`FEW`]), in a digest where they are many. An id that comes twice is
/// planned once.
pub(super) fn plan(letters: &[Letter], places: impl Fn(Option<&str>) -> Vec<Place>) -> Vec<Post> {
    let mut seen = HashSet::new();
    let mut order: Vec<(Severity, usize, Vec<Place>)> = letters
        .iter()
        .enumerate()
        .filter_map(|(i, letter)| {
            let alert = letter.alert.as_ref().ok()?;
            let new = seen.insert(alert.id.as_str());
            new.then(|| (alert.severity, i, places(alert.owner.as_deref())))
        })
        .collect();
    order.sort_by_key(|(severity, ..)| Reverse(*severity));
    let urgent = order.iter().filter(|(it, ..)| *it == Severity::Critical);
    let mut posts: Vec<Post> = urgent
        .map(|(_, i, places)| Post {
            letters: vec![*i],
            places: places.clone(),
            urgent: true,
            aside: false,
        })
        .collect();
    let mut groups: Vec<(Vec<Place>, Vec<usize>)> = Vec::new();
    for (_, i, places) in order
        .into_iter()
        .filter(|(it, ..)| *it != Severity::Critical)
    {
        if goes_aside(&letters[i], &places) {
            posts.push(Post {
                letters: vec![i],
                places,
                urgent: false,
                aside: true,
            });
            continue;
        }
        match groups.iter_mut().find(|(group, _)| *group == places) {
            Some((_, members)) => members.push(i),
            None => groups.push((places, vec![i])),
        }
    }
    for (places, members) in groups {
        let together = if members.len() > FEW {
            LARGEST_DIGEST
        } else {
            1
        };
        posts.extend(members.chunks(together).map(|letters| Post {
            letters: letters.to_vec(),
            places: places.clone(),
            urgent: false,
            aside: false,
        }));
    }
    posts
}

/// Whether it is the summary of an alert that a bot posted, whose thread it belongs into.
fn goes_aside(letter: &Letter, places: &[Place]) -> bool {
    let is_summary = matches!(&letter.alert, Ok(alert) if alert.background.summary_of.is_some());
    is_summary && places.first().is_some_and(|it| it.channel.is_some())
}
