//! Refused calls of the last hour: how many roles a source was refused, and to how many
//! subjects a role was.

use serde::{Deserialize, Serialize};

use super::{Terms, keys};
use crate::assumption::Assumption;
use crate::digest::digest;
use crate::history::Refusals;
use crate::store::draft::{Draft, NotRead};
use crate::store::table::Key;

/// Refusals are counted for this long, in seconds.
const WATCHED: i64 = 3600;
/// So many are told apart.
const TOLD_APART: usize = 50;

#[derive(Debug, Default, Serialize, Deserialize)]
struct Refused {
    until: i64,
    of: Vec<String>,
}

/// Notes a refused call, and says how it stands. Nothing for a call that was not refused.
pub(super) fn refusals(
    draft: &mut Draft,
    assumption: &Assumption,
    terms: Terms<'_>,
) -> Result<Refusals, NotRead> {
    if !assumption.is_refused() {
        return Ok(Refusals::default());
    }
    let roles_of_source = match &assumption.source_ip {
        Some(source) => note(
            draft,
            &keys::refused_source(source),
            &assumption.role_arn,
            terms,
        )?,
        None => 0,
    };
    // The name of a role that is not ours to know is the caller's to choose.
    let day = assumption.time.date_naive();
    let subjects_of_role = if terms.allowlist.names_role(&assumption.role_arn, day) {
        note(
            draft,
            &keys::refused_role(&assumption.role_arn),
            &assumption.subject,
            terms,
        )?
    } else {
        0
    };
    Ok(Refusals {
        roles_of_source,
        subjects_of_role,
    })
}

fn note(draft: &mut Draft, key: &Key, what: &str, terms: Terms<'_>) -> Result<usize, NotRead> {
    let mut refused = draft.get::<Refused>(key)?.unwrap_or_default();
    if refused.of.is_empty() {
        refused.until = terms.now + WATCHED;
    }
    let what: String = digest(&[what]).chars().take(12).collect();
    if !refused.of.contains(&what) && refused.of.len() < TOLD_APART {
        refused.of.push(what);
        draft.put(key, &refused, Some(refused.until))?;
    }
    Ok(refused.of.len())
}
