//! What is remembered of subjects that took a role and were not expected: whether it is the first
//! time, and what a suggestion would have allowed besides.

use github_oidc::Subject;

use super::{Terms, keys};
use crate::assumption::{Assumption, Observation};
use crate::detect::{Decision, Outcome};
use crate::history::Sightings;
use crate::store::draft::{Draft, NotRead};
use crate::store::table::Key;

/// Subjects of one role and repository that are remembered: their names are somebody else's to
/// choose.
const MOST: u64 = 100;

/// Asks for the items that [`recall`] and [`note`] surely need.
pub(super) fn want(draft: &mut Draft, assumption: &Assumption) {
    draft.want(keys::sighting(assumption));
    draft.want(cap(assumption));
}

/// What came before of the same; none where so many came that it is not known.
pub(super) fn recall(
    draft: &mut Draft,
    assumption: &Assumption,
) -> Result<Option<Sightings>, NotRead> {
    let known = draft.get::<Sightings>(&keys::sighting(assumption))?;
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
    let Some(mut seen) = recall(draft, assumption)? else {
        return Ok(());
    };
    let expires = Some(terms.now + keys::EVENT_LIFE);
    if seen.count() == 0 {
        let noted = noted(draft, assumption)?;
        draft.put(&cap(assumption), &(noted + 1), expires)?;
    }
    seen.add(assumption.time.timestamp(), assumption.session.seconds());
    draft.put(&keys::sighting(assumption), &seen, expires)
}

fn noted(draft: &mut Draft, assumption: &Assumption) -> Result<u64, NotRead> {
    Ok(draft.get::<u64>(&cap(assumption))?.unwrap_or_default())
}

fn cap(assumption: &Assumption) -> Key {
    let subject = Subject::parse(&assumption.subject);
    let repository = subject.repository().map(|it| it.full_name());
    keys::sighting_cap(&assumption.role_arn, &repository.unwrap_or_default())
}
