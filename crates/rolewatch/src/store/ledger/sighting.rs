//! What is remembered of subjects that took a role and were not expected: whether it is the first
//! time, and what a suggestion would have allowed besides.

use github_oidc::{Form, Subject};

use super::{Terms, keys};
use crate::assumption::{Assumption, Observation};
use crate::detect::{Decision, Outcome};
use crate::history::Sightings;
use crate::store::draft::{Draft, NotRead};
use crate::store::table::Key;

/// Items for subjects of one role and repository that are remembered: their names are somebody
/// else's to choose.
const MOST: u64 = 100;

/// Where the sightings of a subject are kept.
struct Places {
    /// Those that a rule suggested for it would have allowed: where it comes with ids the rule
    /// asks for them, else any subject with its names would do.
    alike: Key,
    /// Those with the same names, if they are others.
    by_names: Option<Key>,
}

impl Places {
    fn of(assumption: &Assumption) -> Self {
        let subject = Subject::parse(&assumption.subject);
        let by_names = match &subject {
            Subject::Standard(names) => Some(keys::sighting_of_names(assumption, names)),
            _ => None,
        };
        match by_names {
            Some(alike) if subject.form() == Form::Classic => Self {
                alike,
                by_names: None,
            },
            by_names => Self {
                alike: keys::sighting(assumption),
                by_names,
            },
        }
    }
}

/// Asks for the items that [`recall`] and [`note`] surely need.
pub(super) fn want(draft: &mut Draft, assumption: &Assumption) {
    let kept = Places::of(assumption);
    for key in [Some(kept.alike), kept.by_names].into_iter().flatten() {
        draft.want(key);
    }
    draft.want(cap(assumption));
}

/// What came before of the same; none where so many came that it is not known.
pub(super) fn recall(
    draft: &mut Draft,
    assumption: &Assumption,
) -> Result<Option<Sightings>, NotRead> {
    sightings(draft, assumption, &Places::of(assumption).alike)
}

fn sightings(
    draft: &mut Draft,
    assumption: &Assumption,
    key: &Key,
) -> Result<Option<Sightings>, NotRead> {
    let known = draft.get::<Sightings>(key)?;
    if known.is_none() && noted(draft, assumption)? >= MOST {
        return Ok(None);
    }
    Ok(Some(known.unwrap_or_default()))
}

/// Remembers an unexpected assumption.
pub(super) fn note(
    draft: &mut Draft,
    observation: &Observation,
    decision: &Decision,
    terms: Terms<'_>,
) -> Result<(), NotRead> {
    let (Observation::Assumption(assumption), Outcome::Unexpected) =
        (observation, decision.outcome)
    else {
        return Ok(());
    };
    let kept = Places::of(assumption);
    let expires = Some(terms.now + keys::EVENT_LIFE);
    for key in [Some(kept.alike), kept.by_names].into_iter().flatten() {
        let Some(mut seen) = sightings(draft, assumption, &key)? else {
            continue;
        };
        if seen.count() == 0 {
            let noted = noted(draft, assumption)?;
            draft.put(&cap(assumption), &(noted + 1), expires)?;
        }
        seen.add(assumption.time.timestamp(), assumption.session.seconds());
        draft.put(&key, &seen, expires)?;
    }
    Ok(())
}

fn noted(draft: &mut Draft, assumption: &Assumption) -> Result<u64, NotRead> {
    Ok(draft.get::<u64>(&cap(assumption))?.unwrap_or_default())
}

fn cap(assumption: &Assumption) -> Key {
    let subject = Subject::parse(&assumption.subject);
    let repository = subject.repository().map(|it| it.full_name());
    keys::sighting_cap(&assumption.role_arn, &repository.unwrap_or_default())
}
