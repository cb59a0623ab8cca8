//! Values worth trying for one key.

use crate::claims::STS_AUDIENCE;
use crate::policy::{Base, Comparison, Condition};
use crate::witness::{Marker, instance};

use super::OnKey;

/// The most values of one condition that are looked at.
const MAX_VALUES: usize = 20;

/// The values to try, the most telling first; `None` is no such key. Every token has an audience.
pub(super) fn candidates(
    on_key: &OnKey<'_>,
    claim: Option<&str>,
    read: bool,
    marker: &Marker,
) -> Vec<Option<String>> {
    let described = |conditions: &[&Condition]| -> Vec<Option<String>> {
        let values = conditions.iter().flat_map(|condition| {
            let values = condition.values.iter().take(MAX_VALUES);
            values.flat_map(|value| instances(condition, &value.text, marker))
        });
        values.map(Some).collect()
    };
    if claim == Some("amr") {
        return vec![None];
    }
    let mut values = Vec::new();
    if claim == Some("aud") {
        values.push(Some(STS_AUDIENCE.to_owned()));
    }
    let mut wanted = described(&on_key.musts).into_iter();
    values.extend(wanted.next());
    match claim {
        Some("aud") => values.push(Some(marker.audience())),
        _ => values.extend([None, Some(marker.word.to_owned())]),
    }
    if read {
        values.extend(names(marker).map(Some));
    }
    values.extend(wanted);
    values.extend(described(&on_key.denials));
    let mut seen = std::collections::BTreeSet::new();
    values.retain(|value| seen.insert(value.clone()));
    values
}

/// Names of the outsider's that a variable may be compared with.
fn names(marker: &Marker) -> impl Iterator<Item = String> {
    let (owner, repository) = (marker.owner(), marker.repository());
    [
        format!("{owner}/{repository}"),
        marker.environment(),
        marker.branch(),
        format!("refs/heads/{}", marker.branch()),
        repository,
        owner,
    ]
    .into_iter()
}

fn instances(condition: &Condition, value: &str, marker: &Marker) -> Vec<String> {
    let texts: &[&str] = match condition.operator.base {
        Base::StringLike(_) | Base::ArnLike(_) => return instance::claim(value, marker),
        Base::Date(Comparison::LessThan | Comparison::NotEquals) => &["1970-01-01T00:00:00Z"],
        Base::Date(Comparison::GreaterThan) => &["9999-12-31T00:00:00Z"],
        Base::Date(_) => return around_date(value),
        Base::Numeric(comparison) => return around(comparison, value),
        Base::IpAddress(_) => {
            let network = value.split('/').next().unwrap_or_default();
            return vec![network.to_owned(), "198.51.100.7".to_owned()];
        }
        Base::Bool => &["true", "false"],
        Base::Null => &["x"],
        _ => return vec![value.to_owned()],
    };
    texts.iter().map(|text| (*text).to_owned()).collect()
}

/// The time itself, and both ends of time.
fn around_date(value: &str) -> Vec<String> {
    let ends = ["1970-01-01T00:00:00Z", "9999-12-31T00:00:00Z"];
    [value].into_iter().chain(ends).map(str::to_owned).collect()
}

/// A number, and others that satisfy the comparison or break it.
fn around(comparison: Comparison, value: &str) -> Vec<String> {
    let (low, high) = ("-999999999", "999999999");
    let texts = match comparison {
        Comparison::LessThan | Comparison::NotEquals => ["0", low, high, value],
        Comparison::GreaterThan => [high, "0", low, value],
        _ => [value, "0", high, low],
    };
    texts.map(str::to_owned).to_vec()
}
