//! How far each value of a policy reaches, graded by the worst token that it lets in.

use std::cmp::Reverse;
use std::collections::HashMap;

use crate::place::Place;
use crate::policy::Statement;
use crate::witness::{Blame, ContextKind, Reach, Survey, Token, Witness, is_mintable, segments};

use super::complaint::Complaint;
use super::facts::Facts;
use super::narrowing::fix;

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
        let any_name = scope.worst.repository == survey.marker.repository();
        scope.any_repository = any_name && !scope.misses_its_name();
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

    /// Whether the value names a repository, and the worst holder's comes past it by a subject of his
    /// own making.
    fn misses_its_name(&self) -> bool {
        let value = self.blame.map(|blame| &*blame.value.text);
        let name = value.and_then(segments).and_then(|(_, name, _)| name);
        self.worst.custom && name.is_some_and(|name| !name.replace(['*', '?'], "").is_empty())
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
        let fix = fix(self, facts, &witness);
        Some(
            Complaint::at(self.place(), message)
                .witness(Some(witness))
                .fix(fix),
        )
    }
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
