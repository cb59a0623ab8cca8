//! How far each value of a policy reaches, graded by the worst token that it lets in.

use std::cmp::Reverse;
use std::collections::HashMap;

use crate::evaluate::admits;
use crate::fix::{Fix, add_condition, set_texts};
use crate::place::Place;
use crate::policy::{Policy, Statement};
use crate::request::Request;
use crate::witness::{Blame, ContextKind, Reach, Survey, Token, Witness, is_mintable, segments};

use super::complaint::Complaint;
use super::facts::Facts;

/// One value of a policy, or a statement that pins nothing, and the worst that it lets in.
pub(crate) struct Scope<'a> {
    /// The number of its survey.
    pub(super) survey: usize,
    pub(super) statement: &'a Statement,
    pub(super) blame: Option<Blame<'a>>,
    pub(super) worst: Token,
    /// Whether the worst holder's repository may have any name.
    pub(super) any_repository: bool,
}

/// The scopes of one statement.
pub(super) fn scopes<'a>(index: usize, survey: &Survey<'a>) -> Vec<Scope<'a>> {
    let mut scopes: Vec<Scope<'a>> = Vec::new();
    let mut numbers: HashMap<_, usize> = HashMap::new();
    for token in &survey.admitted {
        let blame = survey.blame(token);
        let known = numbers
            .get(&token.blamed)
            .and_then(|number| scopes.get_mut(*number));
        match known {
            Some(scope) if rank(token, survey) > rank(&scope.worst, survey) => {
                scope.worst = token.clone();
            }
            Some(_) => {}
            None => {
                numbers.insert(token.blamed, scopes.len());
                scopes.push(Scope {
                    survey: index,
                    statement: survey.statement,
                    blame,
                    worst: token.clone(),
                    any_repository: false,
                });
            }
        }
    }
    for scope in &mut scopes {
        scope.any_repository = scope.worst.repository == survey.marker.repository();
    }
    scopes
}

/// The worse the greater; of two alike the plainer one: a standard subject of the main branch, a
/// short text.
fn rank(token: &Token, survey: &Survey<'_>) -> impl Ord + use<> {
    let outsider = token.reach > Reach::Intended;
    let any_repository = outsider && token.repository == survey.marker.repository();
    let kind = match token.kind {
        ContextKind::Pinned if outsider => ContextKind::Branch,
        _ if outsider => ContextKind::Pinned,
        kind => kind,
    };
    let known = token.reach > Reach::OtherRepository || token.owner != survey.marker.owner();
    let plain = (token.subject().len(), token.request.claims.len());
    let standard = !token.custom;
    (
        token.reach,
        standard,
        any_repository,
        kind,
        known,
        Reverse(plain),
    )
}

/// In which way a scope is open to anyone.
#[derive(Copy, Clone, Debug, PartialEq, Eq)]
pub(super) enum Openness {
    /// Every repository gets in.
    Everything,
    /// Whoever calls a repository so.
    AnyOwner,
    /// Whoever customises his subject so: it names neither owner nor repository.
    Unnamed,
}

impl Scope<'_> {
    /// How the scope is open to anyone, if it is. Each has a check of its own: what is open is always
    /// complained of.
    pub(super) fn openness(&self) -> Option<Openness> {
        if self.worst.reach != Reach::Anyone {
            return None;
        }
        let custom = self.blame.is_some() && self.worst.custom;
        Some(match (custom, self.any_repository) {
            (true, _) if !self.names_repositories() => Openness::Unnamed,
            (false, true) => Openness::Everything,
            _ => Openness::AnyOwner,
        })
    }

    /// Whether the value is about repositories at all, as a subject that starts with `repo:` is.
    fn names_repositories(&self) -> bool {
        self.blame.is_some_and(|blame| {
            blame.value.text.starts_with("repo:") || !blame.condition.lower_key().ends_with(":sub")
        })
    }

    pub(super) fn place(&self) -> &Place {
        self.blame
            .map_or(&self.statement.place, |blame| &blame.value.place)
    }

    /// How the value, or the lack of one, is called in a message.
    pub(super) fn name(&self) -> String {
        match self.blame {
            Some(blame) => format!("{:?}", blame.value.text),
            None => "a statement that pins no subject".to_owned(),
        }
    }

    /// A complaint with the scope's witness; nothing where the evaluator does not confirm it.
    pub(super) fn complain(&self, facts: &Facts<'_>, message: String) -> Option<Complaint> {
        let witness = Witness::verified(facts.policy, &self.worst.request, true)?;
        let fix = self.fix(facts, &witness);
        Some(
            Complaint::at(self.place(), message)
                .witness(Some(witness))
                .fix(fix),
        )
    }

    /// The least edit that keeps the witness out: the first of these that the evaluator confirms.
    fn fix(&self, facts: &Facts<'_>, witness: &Witness) -> Option<Fix> {
        let survey = facts.survey(self)?;
        let policy = facts.policy;
        let keep = facts.keep(survey);
        let allowed = listed(facts, survey);
        let edits = [
            self.pin_to_list(policy, survey, &allowed),
            self.narrow(policy),
            self.drop_value(policy),
        ];
        let keeps = [&allowed, &keep, &keep];
        let mut edits = edits.into_iter().zip(keeps);
        edits.find_map(|(edit, keep)| Fix::verified(policy, edit?, Some(witness), keep))
    }

    /// The subjects of the options in the place of the value.
    fn pin_to_list(
        &self,
        policy: &Policy,
        survey: &Survey<'_>,
        allowed: &[Request],
    ) -> Option<String> {
        let subjects: Vec<String> = allowed
            .iter()
            .filter_map(|request| request.subject().map(str::to_owned))
            .collect();
        if subjects.is_empty() {
            return None;
        }
        let key = format!("{}:sub", survey.issuer.provider());
        match self.blame {
            Some(blame) if blame.condition.key.eq_ignore_ascii_case(&key) => {
                self.replace(policy, &subjects)
            }
            _ => add_condition(policy, self.statement, "StringEquals", &key, &subjects),
        }
    }

    /// The value with the wildcards cut that reach too far.
    fn narrow(&self, policy: &Policy) -> Option<String> {
        let value = &self.blame?.value;
        let narrowed = match self.worst.reach {
            Reach::Anyone => return None,
            Reach::OtherOwner => narrow_names(&value.text, true)?,
            Reach::OtherRepository if self.any_repository => return None,
            Reach::OtherRepository => narrow_names(&value.text, false)?,
            Reach::Intended => narrow_context(&value.text, self.worst.kind)?,
        };
        self.replace(policy, &[narrowed])
    }

    /// The condition without the value, where others remain.
    fn drop_value(&self, policy: &Policy) -> Option<String> {
        if self.blame?.condition.values.len() < 2 {
            return None;
        }
        self.replace(policy, &[])
    }

    fn replace(&self, policy: &Policy, by: &[String]) -> Option<String> {
        let blame = self.blame.filter(|blame| blame.condition.is_literal())?;
        let mut values = Vec::new();
        for value in &blame.condition.values {
            if value.place == blame.value.place {
                values.extend(by.iter().cloned());
            } else {
                values.push(value.text.clone());
            }
        }
        let mut seen = std::collections::BTreeSet::new();
        values.retain(|value| seen.insert(value.clone()));
        set_texts(&policy.text, &blame.condition.span, &values)
    }
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

fn bare(segment: &str) -> String {
    let bare = segment.replace(['*', '?'], "");
    bare.trim_end_matches(['-', '_', '.']).to_owned()
}

/// A pattern with the wildcards of its repository, and of its owner, cut off.
fn narrow_names(value: &str, owner_too: bool) -> Option<String> {
    let (owner, repository, context) = segments(value)?;
    let owner = if owner_too {
        bare(owner)
    } else {
        owner.to_owned()
    };
    let repository = match repository {
        None => return (!owner.is_empty()).then(|| format!("repo:{owner}/*")),
        Some("*") => "*".to_owned(),
        Some(repository) => bare(repository),
    };
    let context = context.unwrap_or("*");
    let named = !owner.is_empty() && !repository.is_empty();
    named.then(|| format!("repo:{owner}/{repository}:{context}"))
}

/// A pattern whose context is cut to one name; the usual one where it names nothing.
fn narrow_context(value: &str, kind: ContextKind) -> Option<String> {
    let (owner, repository, context) = segments(value)?;
    let repository = repository?.trim_end_matches('*');
    let context = context.unwrap_or("*");
    let context = match kind {
        ContextKind::Longer => context.replace(['*', '?'], ""),
        ContextKind::Branch => "ref:refs/heads/main".to_owned(),
        ContextKind::Environment => "environment:production".to_owned(),
        ContextKind::Tag => "ref:refs/tags/v*".to_owned(),
        _ => return None,
    };
    Some(format!("repo:{owner}/{repository}:{context}"))
}

/// A subject that a pattern was probably written for.
pub(super) fn example(pattern: &str) -> Option<String> {
    let fillings = [
        "ref:refs/heads/main",
        "refs/heads/main",
        "main",
        "production",
        "your-repo:ref:refs/heads/main",
        "your-org/your-repo:ref:refs/heads/main",
        "repo:your-org/your-repo:ref:refs/heads/main",
    ];
    let texts = fillings
        .iter()
        .map(|with| pattern.replace('*', with).replace('?', "x"));
    texts.into_iter().find(|text| is_mintable(text))
}
