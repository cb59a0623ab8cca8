//! Unified diffs.

use similar::TextDiff;

/// A changed file, as `diff -u` shows it; empty where nothing changed.
pub(crate) fn unified(name: &str, old: &str, new: &str) -> String {
    let diff = TextDiff::from_lines(old, new);
    let mut diff = diff.unified_diff();
    let (before, after) = (format!("a/{name}"), format!("b/{name}"));
    diff.context_radius(3).header(&before, &after).to_string()
}

/// The changed lines alone, for a report.
pub(crate) fn changed_lines(old: &str, new: &str) -> Vec<String> {
    let diff = TextDiff::from_lines(old, new);
    diff.iter_all_changes()
        .filter(|change| change.tag() != similar::ChangeTag::Equal)
        .map(|change| format!("{}{}", change.tag(), change.value().trim_end_matches('\n')))
        .collect()
}
