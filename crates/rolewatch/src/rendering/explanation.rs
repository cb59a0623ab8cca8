//! How one event was judged, rule by rule: for the person who asks why.

use std::fmt::Write as _;

use github_oidc::Subject;

use super::terminal::{WIDEST_LINE, cut, escape};
use super::text::{Colour, finding};
use crate::allowlist::{Allowlist, Fault, Identity, Rule, format_duration};
use crate::assumption::{Assumption, Observation, Session};
use crate::detect::decide;

/// The whole reasoning about one event, for a terminal.
#[must_use]
pub fn explain(observation: &Observation, allowlist: &Allowlist) -> String {
    let mut text = Lines::default();
    let decision = decide(observation, allowlist);
    match observation {
        Observation::Assumption(assumption) => {
            record(&mut text, assumption);
            rules(&mut text, assumption, allowlist);
        }
        Observation::Unreadable(record) => {
            text.line(&format!(
                "event      {}",
                record.event_id.as_deref().unwrap_or("unknown")
            ));
            text.line(&format!("unreadable {}", record.reason));
        }
    }
    text.line("");
    text.line(&format!("verdict    {}", decision.outcome.as_str()));
    for (silenced, reason) in &decision.ignored {
        text.line(&format!(
            "silenced   {} by [[ignore]]: {reason}",
            silenced.check.id
        ));
    }
    for complaint in &decision.findings {
        text.line("");
        text.0.push_str(&finding(complaint, Colour::Plain));
    }
    text.0
}

fn record(text: &mut Lines, assumption: &Assumption) {
    let subject = Subject::parse(&assumption.subject);
    let or_unknown = |value: Option<String>| value.unwrap_or_else(|| "unknown".into());
    let how = match assumption.session {
        Session::Requested(_) => "asked for",
        Session::Measured(_) => "measured, nothing was asked for",
        Session::Assumed => "STS's default, nothing else is recorded",
    };
    let length = format_duration(assumption.session.seconds());
    for (label, value) in [
        ("event", assumption.event_id.clone()),
        (
            "time",
            assumption.time.format("%Y-%m-%d %H:%M:%S UTC").to_string(),
        ),
        ("role", assumption.role_arn.clone()),
        ("issuer", assumption.issuer.clone()),
        ("subject", assumption.subject.clone()),
        ("form", format!("{:?}", subject.form()).to_lowercase()),
        (
            "repository",
            or_unknown(subject.repository().map(|it| it.to_string())),
        ),
        (
            "context",
            or_unknown(subject.context().map(|it| it.to_string())),
        ),
        ("audience", or_unknown(assumption.audience.clone())),
        ("session", format!("{length} ({how})")),
        ("region", or_unknown(assumption.region.clone())),
        ("source", or_unknown(assumption.source_ip.clone())),
    ] {
        text.line(&format!("{label:<11}{value}"));
    }
}

/// One line a rule: what fits and what does not, the nearest first.
fn rules(text: &mut Lines, assumption: &Assumption, allowlist: &Allowlist) {
    let issuer = assumption.issuer.parse().ok();
    let subject = Subject::parse(&assumption.subject);
    let who = Identity {
        role_arn: &assumption.role_arn,
        issuer: issuer
            .as_ref()
            .filter(|issuer| allowlist.knows_issuer(issuer)),
        subject: &subject,
        subject_text: &assumption.subject,
    };
    text.line("");
    text.line("role  issuer  repository  context  rule");
    let mut lines: Vec<_> = allowlist
        .rules()
        .iter()
        .map(|rule| (rule, rule.fit(&who)))
        .collect();
    lines.sort_by_key(|(_, fit)| std::cmp::Reverse(fit.nearness()));
    for (rule, fit) in lines {
        let word = |fits: bool| if fits { "yes" } else { "-" };
        text.line(&format!(
            "{:<6}{:<8}{:<12}{:<9}{}{}",
            word(fit.role),
            word(fit.issuer),
            word(fit.repository),
            word(fit.context),
            rule.name,
            remarks(rule, assumption, fit.identity())
        ));
    }
}

fn remarks(rule: &Rule, assumption: &Assumption, identity_fits: bool) -> String {
    let mut remarks = Vec::new();
    if !rule.is_live(assumption.time.date_naive()) {
        remarks.push("expired");
    }
    if identity_fits {
        remarks.extend(
            rule.faults(assumption)
                .into_iter()
                .map(|fault| match fault {
                    Fault::Session => "session too long",
                    Fault::Audience => "another audience",
                    Fault::Region => "another region",
                    Fault::Network => "another network",
                    Fault::Hours => "outside its hours",
                }),
        );
    }
    if remarks.is_empty() {
        String::new()
    } else {
        format!(" ({})", remarks.join(", "))
    }
}

#[derive(Default)]
struct Lines(String);

impl Lines {
    fn line(&mut self, line: &str) {
        // Writing to a String cannot fail.
        let _ = writeln!(self.0, "{}", cut(&escape(line), WIDEST_LINE));
    }
}
