//! Edits that let in fewer: nobody gets in by them who did not before.

use crate::evaluate::admits;
use crate::fix::{Fix, add_condition, is_narrower, set_texts};
use crate::pattern::{covers, has_wildcard, overlap};
use crate::policy::{Policy, Text};
use crate::request::Request;
use crate::witness::{Blame, ContextKind, Reach, Survey, Witness, is_mintable, segments, subjects};

use super::Expected;
use super::facts::Facts;
use super::scope::Scope;

/// The least edit that keeps a scope's witness out: the first of these that the evaluator confirms.
pub(super) fn fix(scope: &Scope<'_>, facts: &Facts<'_>, witness: &Witness) -> Option<Fix> {
    let survey = facts.survey(scope)?;
    let narrowing = Narrowing {
        scope,
        survey,
        policy: facts.policy,
        expected: &facts.options.patterns,
    };
    let listed = listed(facts, survey);
    let mut keep = facts.keep(survey);
    keep.extend(listed.iter().cloned());
    let edits = [
        narrowing.pin_to_list(&listed),
        narrowing.narrow(),
        narrowing.drop_value(),
    ];
    let keeps = [&listed, &keep, &keep];
    let mut edits = edits.into_iter().zip(keeps);
    edits.find_map(|(edit, keep)| Fix::verified(facts.policy, edit?, Some(witness), keep))
}

/// Requests with the listed subjects that get in now by a statement. What a subject leaves open (an
/// id, say) is as in a token that gets in.
fn listed(facts: &Facts<'_>, survey: &Survey<'_>) -> Vec<Request> {
    let subjects = facts.options.subjects.iter();
    let requests = subjects.filter_map(|subject| {
        let mut request = Request::new(subject);
        request.issuer = survey.issuer.clone();
        if admits(facts.policy, &request) {
            return Some(request);
        }
        let mut tokens = survey.admitted.iter();
        let token = tokens.find(|token| token.subject() == subject)?;
        Some(token.request.clone())
    });
    requests.collect()
}

struct Narrowing<'a> {
    scope: &'a Scope<'a>,
    survey: &'a Survey<'a>,
    policy: &'a Policy,
    expected: &'a [Expected],
}

impl<'a> Narrowing<'a> {
    /// What the options list, in the place of the value.
    fn pin_to_list(&self, listed: &[Request]) -> Option<String> {
        let literal = listed.iter().filter_map(Request::subject);
        let key = format!("{}:sub", self.survey.issuer.provider());
        let of_subject = |blame: &Blame<'_>| blame.condition.key.eq_ignore_ascii_case(&key);
        if let Some(blame) = self.scope.blame.filter(of_subject) {
            let within = |text: &str| covers(&blame.value.text, text);
            let patterns = self.within(blame.value).map(|one| &*one.pattern);
            let values = literal.chain(patterns).filter(|text| within(text));
            let values: Vec<String> = values.map(str::to_owned).collect();
            return self.replace(&values).filter(|_| !values.is_empty());
        }
        let patterns = self.expected.iter();
        let patterns: Option<Vec<&str>> = patterns
            .map(|one| one.exact.then_some(&*one.pattern))
            .collect();
        let patterns = patterns?;
        let operator = if patterns.is_empty() {
            "StringEquals"
        } else {
            "StringLike"
        };
        let values: Vec<String> = literal.chain(patterns).map(str::to_owned).collect();
        if values.is_empty() {
            return None;
        }
        add_condition(self.policy, self.scope.statement, operator, &key, &values)
    }

    /// The expected patterns that may be written in the place of a value.
    fn within(&self, value: &Text) -> impl Iterator<Item = &'a Expected> {
        let text = value.text.clone();
        let expected = self.expected.iter();
        expected.filter(move |one| one.exact && covers(&text, &one.pattern))
    }

    /// The value with the wildcards cut that reach too far.
    fn narrow(&self) -> Option<String> {
        let value = &self.scope.blame?.value.text;
        let narrowed = match self.scope.worst.reach {
            Reach::Anyone => return None,
            Reach::OtherOwner => narrow_names(value, true)?,
            Reach::OtherRepository if self.scope.any_repository => return None,
            Reach::OtherRepository => narrow_names(value, false)?,
            Reach::Intended => narrow_context(value, self.scope.worst.kind)?,
        };
        let mut values = vec![narrowed];
        if self.survey.issuer.signs_ids() {
            // The value may let in the immutable form too: who comes with it now is not shut out.
            let one = with_ids(&values[0], "1001");
            if one.is_some_and(|one| overlap(value, &one)) {
                values.extend(with_ids(&values[0], "*"));
            }
        }
        values.iter().all(|it| self.is_live(it)).then_some(())?;
        self.replace(&values)
    }

    /// Whether GitHub could sign a subject that a value describes.
    fn is_live(&self, value: &str) -> bool {
        let subjects = subjects(value, &self.survey.marker);
        subjects.iter().any(|subject| is_mintable(subject))
    }

    /// The condition without a value that lets in anyone, where others remain. One that names an owner
    /// is somebody's way in.
    fn drop_value(&self) -> Option<String> {
        let others = self.scope.blame?.condition.values.len() > 1;
        let anyone = self.scope.worst.reach == Reach::Anyone;
        (others && anyone).then(|| self.replace(&[])).flatten()
    }

    /// The policy with other values in the place of the one that lets in too much, if that lets in
    /// nobody else and shuts out nobody who is expected.
    fn replace(&self, by: &[String]) -> Option<String> {
        let blame = self.scope.blame?;
        let (condition, old) = (blame.condition, blame.value);
        let mut values = Vec::new();
        for value in &condition.values {
            if value.place == old.place {
                values.extend(by.iter().cloned());
            } else {
                values.push(value.text.clone());
            }
        }
        let mut seen = std::collections::BTreeSet::new();
        values.retain(|value| seen.insert(value.clone()));
        let narrower = condition.is_literal() && is_narrower(condition, &values);
        let kept = self.expected.iter().all(|one| {
            let mut values = values.iter();
            !overlap(&old.text, &one.pattern) || values.any(|value| covers(value, &one.pattern))
        });
        let kept = kept || !condition.lower_key().ends_with(":sub");
        (narrower && kept)
            .then(|| set_texts(&self.policy.text, &condition.span, &values))
            .flatten()
    }
}

/// A name, without the wildcard after it. Nothing where a wildcard stands elsewhere, or in an id, or
/// after a joint: which name was meant would be a guess.
fn cut(segment: &str) -> Option<&str> {
    if !has_wildcard(segment) {
        return Some(segment);
    }
    let name = segment.trim_end_matches('*');
    let plain = !has_wildcard(name) && !name.contains('@');
    (plain && name.ends_with(char::is_alphanumeric)).then_some(name)
}

/// A pattern with the wildcards of its repository, and of its owner, cut off.
fn narrow_names(value: &str, owner_too: bool) -> Option<String> {
    let (owner, repository, context) = segments(value)?;
    let owner = if owner_too { cut(owner)? } else { owner };
    let Some(repository) = repository else {
        return Some(format!("repo:{owner}/*"));
    };
    let repository = match repository {
        "*" => "*",
        _ => cut(repository)?,
    };
    let context = context.unwrap_or("*");
    Some(format!("repo:{owner}/{repository}:{context}"))
}

/// A pattern whose context is cut to one name; the usual one where it names nothing.
fn narrow_context(value: &str, kind: ContextKind) -> Option<String> {
    let (owner, repository, context) = segments(value)?;
    let repository = repository?;
    let context = match kind {
        ContextKind::Longer => cut_context(context?)?,
        ContextKind::Branch => "ref:refs/heads/main".to_owned(),
        ContextKind::Environment => "environment:production".to_owned(),
        ContextKind::Tag => "ref:refs/tags/v*".to_owned(),
        _ => return None,
    };
    Some(format!("repo:{owner}/{repository}:{context}"))
}

/// A context without its one wildcard, before or after the name.
fn cut_context(context: &str) -> Option<String> {
    let (before, after) = context.split_once('*')?;
    let whole = if after.is_empty() {
        before.ends_with(char::is_alphanumeric)
    } else {
        before.ends_with(['/', ':']) && after.starts_with(char::is_alphanumeric)
    };
    let name = format!("{before}{after}");
    (whole && !has_wildcard(&name)).then_some(name)
}

/// The immutable form of a classic pattern.
fn with_ids(value: &str, id: &str) -> Option<String> {
    let (owner, repository, context) = segments(value)?;
    let repository = match repository? {
        "*" => "*".to_owned(),
        name => format!("{name}@{id}"),
    };
    let context = context.map(|context| format!(":{context}"));
    let context = context.unwrap_or_default();
    (!value.contains('@')).then(|| format!("repo:{owner}@{id}/{repository}{context}"))
}
