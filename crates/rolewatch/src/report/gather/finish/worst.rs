//! The worst findings, and what to do about them.

use std::cmp::Reverse;

use super::super::Gatherer;
use super::super::complaints::OfKind;
use crate::checks::Check;
use crate::finding::Severity;
use crate::report::model::{Change, Listed, State, Worst};
use crate::report::words::Plural;
use crate::words::{caller_in_context, role_name};

pub(super) fn worst(of: &Gatherer<'_>) -> Listed<Worst> {
    let mut kinds: Vec<(&(&'static str, String), &OfKind)> = of.current.kinds.0.iter().collect();
    kinds.retain(|(_, kind)| kind.check.severity > Severity::Info);
    kinds.sort_by_key(|(_, kind)| Reverse((kind.check.severity, kind.open, kind.findings)));
    Listed::of(
        kinds
            .into_iter()
            .map(|(key, kind)| told(of, key, kind))
            .collect(),
    )
}

fn told(of: &Gatherer<'_>, key: &(&'static str, String), kind: &OfKind) -> Worst {
    let before = of.previous.kinds.0.get(key);
    let text = |text: &str| Some(text.to_owned()).filter(|text| !text.is_empty());
    let finding = kind.told.as_deref();
    let event = finding
        .and_then(|it| it.event.as_ref())
        .map(|it| it.event_id.clone());
    let sample = kind.sample.as_ref().map(|it| it.event_id.clone());
    Worst {
        check: kind.check.id.to_owned(),
        severity: kind.check.severity,
        title: title(kind),
        message: message(kind),
        advice: advice(kind),
        suggestion: finding.and_then(|it| it.suggestion.clone()),
        role_arn: text(&kind.role_arn),
        repository: text(&kind.repository).filter(|_| kind.subjects.len() == 1),
        owner: finding.and_then(|it| it.owner.clone()),
        findings: Change {
            now: kind.findings,
            before: of.compares().then(|| before.map_or(0, |it| it.findings)),
        },
        first: kind.first,
        last: kind.last,
        state: match (of.compares(), before) {
            (false, _) => State::Unknown,
            (true, None) => State::New,
            (true, Some(_)) => State::Repeated,
        },
        open: kind.open,
        event_id: event.or(sample),
    }
}

/// What happened, as the alert told it.
fn title(kind: &OfKind) -> String {
    match (&kind.told, &kind.sample) {
        (Some(finding), _) => finding.title.clone(),
        (None, Some(sample)) => format!(
            "{} and {}: {}",
            caller_in_context(sample),
            role_name(&sample.role_arn),
            kind.check.title
        ),
        (None, None) => kind.check.title.to_owned(),
    }
}

fn message(kind: &OfKind) -> String {
    let subjects = kind.subjects.len() as u64;
    let mut parts: Vec<String> = kind
        .told
        .iter()
        .map(|finding| finding.message.clone())
        .collect();
    if subjects > 1 {
        parts.push(format!("with {}", subjects.of("subject", "subjects")));
    }
    if !kind.open {
        parts.push("the allowlist as it is now does not complain of it any more".into());
    }
    parts.join("; ")
}

fn advice(kind: &OfKind) -> String {
    if !kind.open {
        return "Nothing, if that change of the allowlist was meant.".into();
    }
    first_step(kind.check).unwrap_or_else(|| format!("See rolewatch checks {}.", kind.check.id))
}

/// The first step of what the check's page says to do.
fn first_step(check: &Check) -> Option<String> {
    let (_, steps) = check.explanation.split_once("## What to do")?;
    let (_, first) = steps.split_once("1. ")?;
    let first = first.split("\n2. ").next()?;
    let (prose, shown) = match first.split_once("```") {
        Some((prose, _)) => (prose, format!("; rolewatch checks {} shows how.", check.id)),
        None => (first, String::new()),
    };
    let words: Vec<&str> = prose.split_whitespace().collect();
    let words = words.join(" ").replace('`', "");
    Some(if shown.is_empty() {
        words
    } else {
        format!("{}{shown}", words.trim_end_matches(':'))
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::checks;

    #[test]
    fn every_check_says_what_to_do_first() {
        for check in checks::ALL {
            let step = first_step(check).unwrap();
            assert!(
                step.len() > 20 && !step.contains("2. "),
                "{}: {step}",
                check.id
            );
        }
    }
}
