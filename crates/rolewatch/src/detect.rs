//! From a verdict to a decision: runs the checks, and takes out what is silenced.

use crate::allowlist::{Allowlist, Ignore, Rule};
use crate::assumption::Observation;
use crate::checks::{self, Facts};
use crate::finding::{Background, Event, Finding, finding_id};
use crate::history::History;
use crate::quiet::quiet_key;
use crate::suggestion::{allowed_too, suggest};
use crate::verdict::{Judging, Reason, Verdict, judge_remembering};

/// What is decided about one event.
#[derive(Clone, Debug)]
pub struct Decision {
    /// How the event is counted.
    pub outcome: Outcome,
    /// The rule that matched the identity.
    pub rule: Option<String>,
    /// What to tell.
    pub findings: Vec<Finding>,
    /// What an `[[ignore]]` silences, with the reason that it gives.
    pub ignored: Vec<(Finding, String)>,
}

/// How an event is counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// A record that cannot be judged.
    Unreadable,
    /// Another issuer's assumption.
    Other,
    /// Some rule is satisfied.
    Expected,
    /// No rule is.
    Unexpected,
    /// STS refused.
    Denied,
    /// It would be unexpected or denied, but all of it is silenced.
    Ignored,
}

impl Outcome {
    /// The word for it.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Unreadable => "unreadable",
            Self::Other => "other",
            Self::Expected => "expected",
            Self::Unexpected => "unexpected",
            Self::Denied => "denied",
            Self::Ignored => "ignored",
        }
    }
}

impl Decision {
    /// Every complaint, silenced ones too.
    pub fn complaints(&self) -> impl Iterator<Item = &Finding> {
        self.findings
            .iter()
            .chain(self.ignored.iter().map(|(finding, _)| finding))
    }
}

/// Judges an observation and decides: the whole way from a record to its findings, without
/// memory.
#[must_use]
pub fn decide(observation: &Observation, allowlist: &Allowlist) -> Decision {
    decide_under(observation, allowlist, None)
}

/// The same with what is remembered about the observation.
#[must_use]
pub fn decide_with(
    observation: &Observation,
    allowlist: &Allowlist,
    history: &History,
) -> Decision {
    decide_under(observation, allowlist, Some(history))
}

fn decide_under(
    observation: &Observation,
    allowlist: &Allowlist,
    history: Option<&History>,
) -> Decision {
    let verdict = match observation {
        Observation::Assumption(assumption) => {
            let ids = history.and_then(|history| history.ids);
            judge_remembering(assumption, allowlist, &Judging::ALL, ids)
        }
        Observation::Unreadable(_) => Verdict::Unreadable,
    };
    let facts = Facts {
        observation,
        verdict: &verdict,
        history,
    };
    detect(&facts, allowlist)
}

/// Runs every check on the facts.
#[must_use]
pub fn detect(facts: &Facts<'_>, allowlist: &Allowlist) -> Decision {
    let Facts {
        observation,
        verdict,
        ..
    } = *facts;
    let complaints = checks::ALL
        .iter()
        .filter_map(|check| Some((*check, (check.run)(facts)?)));
    let event = event(observation, allowlist);
    let (mut findings, mut ignored) = (Vec::new(), Vec::new());
    for (check, complaint) in complaints {
        let quiet = quiet_key(check.id, observation, allowlist);
        let suggestion = suggest(check, facts, allowlist);
        let finding = Finding {
            id: finding_id(check.id, observation),
            background: background(&quiet, facts, suggestion.is_some()),
            quiet,
            check,
            title: complaint.title,
            message: complaint.message,
            event: event.clone(),
            rule: rule(verdict),
            nearest_rule: nearest(verdict).map(|rule| rule.name.clone()),
            owner: nearest(verdict).and_then(|rule| rule.owner.clone()),
            suggestion,
        };
        match silence(check.id, observation, allowlist) {
            Some(ignore) => ignored.push((finding, ignore.reason.clone())),
            None => findings.push(finding),
        }
    }
    let outcome = match verdict {
        Verdict::Unexpected(_) | Verdict::Denied if findings.is_empty() => Outcome::Ignored,
        Verdict::Unreadable => Outcome::Unreadable,
        Verdict::Other => Outcome::Other,
        Verdict::Denied => Outcome::Denied,
        Verdict::Expected(_) => Outcome::Expected,
        Verdict::Unexpected(_) => Outcome::Unexpected,
    };
    Decision {
        outcome,
        rule: rule(verdict),
        findings,
        ignored,
    }
}

fn rule(verdict: &Verdict<'_>) -> Option<String> {
    match verdict {
        Verdict::Expected(rule) => Some(rule.name.clone()),
        Verdict::Unexpected(unexpected) => match &unexpected.reason {
            Reason::Parameters { rule, .. } | Reason::ExpiredRule(rule) => Some(rule.name.clone()),
            _ => None,
        },
        _ => None,
    }
}

fn nearest<'a>(verdict: &Verdict<'a>) -> Option<&'a Rule> {
    let Verdict::Unexpected(unexpected) = verdict else {
        return None;
    };
    unexpected.nearest.as_ref().map(|nearest| nearest.rule)
}

/// What helps to act on a finding, as far as it is known here.
fn background(quiet: &str, facts: &Facts<'_>, has_suggestion: bool) -> Background {
    let expecting = match facts.verdict {
        Verdict::Expected(rule) => Some(*rule),
        verdict => nearest(verdict),
    };
    let mut background = Background {
        quiet: Some(quiet.to_owned()),
        allowed_seconds: expecting.map(|rule| rule.max_session),
        ..Background::default()
    };
    let remembered = facts
        .history
        .and_then(|history| Some((history.sightings.as_ref()?, history.known_use)));
    if let (Some((seen, known_use)), Some(assumption)) = (remembered, facts.assumption()) {
        background.recall(seen, known_use);
        background.allowed_too = has_suggestion.then(|| allowed_too(seen, assumption));
    }
    background
}

/// What is told of the event; no link where an issuer that nobody listed would choose its host.
fn event(observation: &Observation, allowlist: &Allowlist) -> Option<Event> {
    let mut event = Event::of(observation)?;
    let issuer = event.issuer.as_ref().and_then(|it| it.parse().ok());
    if !issuer.is_some_and(|issuer| allowlist.knows_issuer(&issuer)) {
        event.run_url = None;
    }
    Some(event)
}

/// The silence that covers the finding. What a record does not tell, no silence can be about.
fn silence<'a>(
    check: &str,
    observation: &Observation,
    allowlist: &'a Allowlist,
) -> Option<&'a Ignore> {
    let (role_arn, subject) = match observation {
        Observation::Assumption(it) => (Some(&it.role_arn), Some(&it.subject)),
        Observation::Unreadable(it) => (it.role_arn.as_ref(), it.subject.as_ref()),
    };
    let role_arn = role_arn.map_or("", String::as_str);
    let subject = subject.map_or("", String::as_str);
    let day = observation.time()?.date_naive();
    allowlist
        .ignores
        .iter()
        .find(|ignore| ignore.covers(check, role_arn, subject, day))
}
