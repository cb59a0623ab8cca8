//! The trace of an evaluation, for whoever wrote the job.

use iam_trust::{
    ConditionTrace, Effect, Explanation, Got, Operator, Request, Role, StatementTrace,
};

use super::Verdict;
use super::hint::hint;
use super::unknown::Unknown;
use crate::lines::Lines;
use crate::policies::label;

const GREEN: &str = "32";
const RED: &str = "1;31";
const YELLOW: &str = "33";

pub(super) fn show(
    text: &mut Lines,
    file: &str,
    (role, request): (&Role, &Request),
    verdict: Verdict,
    explanation: &Explanation,
) {
    let (code, word) = match verdict {
        Verdict::Allowed => (GREEN, "allowed"),
        Verdict::Denied => (RED, "denied"),
        Verdict::NotKnown => (YELLOW, "not known"),
    };
    text.painted(code, word);
    text.prose(2, &explanation.reason);
    if let Some(role) = label(role) {
        text.field("role", role);
    }
    text.field("issuer", &request.issuer.url());
    text.field("subject", request.subject().unwrap_or("none"));
    let audience = request.claims.get("aud").map(|all| all.join(" and "));
    text.field("audience", audience.as_deref().unwrap_or("none"));
    let unknown = Unknown::of(&role.policy, request);
    for trace in &explanation.statements {
        text.blank();
        let words = if explanation.allowed || trace.effect == Effect::Deny {
            ("yes", "no")
        } else {
            ("ok", "FAIL")
        };
        let mut sheet = Sheet {
            text,
            file,
            request,
            unknown: &unknown,
            words,
        };
        sheet.statement(trace);
    }
}

/// One statement as it is written down.
struct Sheet<'a> {
    text: &'a mut Lines,
    file: &'a str,
    request: &'a Request,
    unknown: &'a Unknown,
    /// How what holds is marked, and what does not. A Deny that does not match is no failure.
    words: (&'static str, &'static str),
}

impl Sheet<'_> {
    fn statement(&mut self, trace: &StatementTrace) {
        let effect = match trace.effect {
            Effect::Allow => "Allow",
            Effect::Deny => "Deny",
        };
        let sid = trace.sid.as_ref();
        let sid = sid.map(|sid| format!(" {sid:?}")).unwrap_or_default();
        let mut conditions = trace.conditions.iter();
        let unknown = conditions.any(|one| !self.unknown.of_condition(one).is_empty());
        let outcome = if unknown {
            "may match"
        } else if trace.matched {
            "matches"
        } else {
            "does not match"
        };
        let (file, place) = (self.file, &trace.place);
        self.text.line(&format!(
            "statement {}{sid} ({effect}) {outcome}  {file}:{}:{}",
            trace.index, place.line, place.column
        ));
        self.mark(trace.principal, "Principal: this identity provider");
        self.mark(trace.action, "Action: sts:AssumeRoleWithWebIdentity");
        for condition in &trace.conditions {
            self.condition(condition);
        }
    }

    fn condition(&mut self, trace: &ConditionTrace) {
        let what = format!("{} on {}", trace.operator, trace.key);
        if let Some(key) = self.unknown.of_condition(trace).first() {
            let unsaid = if key.eq_ignore_ascii_case(&trace.key) {
                "it"
            } else {
                key
            };
            let what = format!("{what}: nobody said {unsaid}; --claim {key}=… does");
            self.text.line(&format!("  {:<6}{what}", "?"));
            return;
        }
        if trace.matched {
            self.mark(true, &what);
            return;
        }
        let (file, place) = (self.file, &trace.place);
        let failed = match self.words {
            (_, "FAIL") => "this condition failed",
            _ => "this condition does not hold",
        };
        self.mark(
            false,
            &format!("{what}: {failed}  {file}:{}:{}", place.line, place.column),
        );
        let negated = Operator::parse(&trace.operator).is_some_and(|it| it.is_negated());
        let mut label = if negated { "unwanted" } else { "wanted" };
        for wanted in &trace.wanted {
            self.text.entry(8, label, wanted);
            label = "or";
        }
        let mut label = "got";
        for got in got(trace) {
            self.text.entry(8, label, &got);
            label = "and";
        }
        if let Some(hint) = hint(self.request, trace).filter(|_| !negated) {
            self.text.prose(8, &hint);
        }
    }

    fn mark(&mut self, holds: bool, what: &str) {
        let (yes, no) = self.words;
        match (holds, no) {
            (true, _) => self.text.line(&format!("  {yes:<6}{what}")),
            (false, "FAIL") => self.text.painted(RED, &format!("  {no:<6}{what}")),
            (false, _) => self.text.line(&format!("  {no:<6}{what}")),
        }
    }
}

fn got(trace: &ConditionTrace) -> Vec<String> {
    match &trace.got {
        Got::Missing => vec!["nothing: the request has no such key".to_owned()],
        Got::One(value) => vec![value.clone()],
        Got::Several(values) => values.clone(),
    }
}
