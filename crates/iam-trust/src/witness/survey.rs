//! What a policy admits, statement by statement: the tokens that make a point, and the value of the
//! policy that lets each in.

use std::collections::BTreeSet;

use github_oidc::{Issuer, Subject};

use crate::evaluate::{admits, condition_holds, matches_statement};
use crate::pattern::{has_wildcard, like};
use crate::policy::{Condition, Effect, Policy, PrincipalKind, Statement, Text, Version};
use crate::request::Request;

use super::fill::{claim_of, fillings};
use super::identity::{Identity, OWN_OWNER, OWN_REPOSITORY, holders};
use super::named::Named;
use super::token::{Token, build, contexts, runs};
use super::{Marker, instance, is_mintable};

/// The most subjects that one value is tried with, where it is the only one; several share them.
const MAX_SUBJECTS: usize = 2000;

/// The fewest for each of several values: a single wildcard has no more fillings.
const MIN_SUBJECTS: usize = 40;

/// What became known of one Allow and one of GitHub's issuers that it trusts.
pub(crate) struct Survey<'a> {
    pub(crate) statement: &'a Statement,
    pub(crate) issuer: Issuer,
    pub(crate) marker: Marker,
    /// Tokens that the whole policy admits by this statement, as GitHub could sign them.
    pub(crate) admitted: Vec<Token>,
    /// Whether any token that was tried matches the statement, a Deny left aside.
    pub(crate) matched: bool,
    /// The conditions that say whose tokens get in.
    constraints: Vec<Constraint<'a>>,
    version: Version,
}

/// A condition on a claim that says who comes: one that must hold in the Allow, or one whose
/// negation denies.
#[derive(Copy, Clone)]
struct Constraint<'a> {
    condition: &'a Condition,
    claim: &'a str,
    denies: bool,
}

/// The value that lets a token in.
#[derive(Copy, Clone)]
pub(crate) struct Blame<'a> {
    pub(crate) condition: &'a Condition,
    pub(crate) value: &'a Text,
}

/// Surveys every Allow that trusts an issuer of GitHub's.
pub(crate) fn survey(policy: &Policy) -> Vec<Survey<'_>> {
    let marker = Marker::for_policy(policy);
    let allows = policy.statements.iter();
    allows
        .filter(|statement| statement.effect == Effect::Allow)
        .flat_map(|statement| {
            let issuers = issuers(statement).into_iter();
            issuers.map(move |issuer| (statement, issuer))
        })
        .map(|(statement, issuer)| Survey::of(policy, statement, issuer, marker.clone()))
        .collect()
}

/// The issuers of GitHub's that a statement trusts. Whoever trusts everybody, or a provider that a
/// template leaves open while conditions name GitHub's, trusts github.com.
fn issuers(statement: &Statement) -> BTreeSet<Issuer> {
    let mut issuers: BTreeSet<Issuer> = BTreeSet::new();
    let of_github = |condition: &Condition| github_key(condition).is_some();
    for entry in &statement.principals.entries {
        let open = entry.value.unknown && entry.kind == PrincipalKind::Federated;
        let about_tokens = statement.actions.cover(crate::request::ACTION, true)
            || statement.conditions.iter().any(of_github);
        let everybody = entry.value.text == "*" && about_tokens;
        if let Some(issuer) = entry.github_issuer() {
            issuers.insert(issuer);
        } else if open {
            issuers.extend(statement.conditions.iter().filter_map(github_key));
        } else if everybody {
            issuers.insert(Issuer::GitHub);
        }
    }
    if statement.principals.negated {
        return BTreeSet::from([Issuer::GitHub]);
    }
    issuers
}

/// The issuer of GitHub's whose claim a condition is about.
fn github_key(condition: &Condition) -> Option<Issuer> {
    let key = condition.lower_key();
    let (provider, _) = key.rsplit_once(':')?;
    format!("https://{provider}").parse().ok()
}

impl<'a> Survey<'a> {
    fn of(policy: &'a Policy, statement: &'a Statement, issuer: Issuer, marker: Marker) -> Self {
        let mut survey = Self {
            statement,
            constraints: constraints(policy, statement, &issuer),
            issuer,
            marker,
            admitted: Vec::new(),
            matched: false,
            version: policy.version,
        };
        for mut token in survey.tokens(policy) {
            if matches_statement(policy.version, statement, &token.request) {
                survey.matched = true;
                if admits(policy, &token.request) {
                    token.blamed = survey.find_blame(&token);
                    survey.admitted.push(token);
                }
            }
        }
        survey
    }

    fn named(&self) -> Named {
        let mut named = Named::default();
        for constraint in &self.constraints {
            for value in &constraint.condition.values {
                let text = pattern_of(&value.text, self.version);
                match constraint.claim {
                    "sub" => named.subject(&text),
                    claim => named.claim(claim, &text),
                }
            }
        }
        named
    }

    /// The tokens to try: every subject that could make a point, with everybody who could hold it.
    fn tokens(&self, policy: &Policy) -> Vec<Token> {
        let named = self.named();
        let musts: Vec<&Condition> = self.statement.conditions.iter().collect();
        let others = denying(policy, &self.issuer);
        let others: Vec<&Condition> = others.flat_map(|deny| &deny.conditions).collect();
        let fillings = fillings(&musts, &others, &self.issuer, self.version, &self.marker);
        let mut tokens = Vec::new();
        for subject in self.subjects(&named) {
            let parsed = Subject::parse(&subject);
            let runs = runs(&parsed, &named, &self.marker);
            let mut holders = holders(&parsed, &named, &self.marker);
            if !self.on_claim("enterprise_id").is_empty() {
                let colleagues: Vec<_> =
                    holders.iter().filter_map(Identity::as_colleague).collect();
                holders.extend(colleagues);
            }
            for holder in &holders {
                for run in &runs {
                    for filling in &fillings {
                        tokens.push(build(&self.issuer, &subject, holder, run, filling));
                    }
                }
            }
        }
        tokens
    }

    /// Subjects that GitHub could sign and that satisfy the statement's own conditions on `sub`.
    fn subjects(&self, named: &Named) -> BTreeSet<String> {
        let mut subjects: BTreeSet<String> = free(named, &self.marker).collect();
        subjects.retain(|subject| self.is_candidate(subject));
        let constraints = self.constraints.iter().filter(|one| one.claim == "sub");
        let values: Vec<(&Condition, &Text)> = constraints
            .flat_map(|one| {
                one.condition
                    .values
                    .iter()
                    .map(|value| (one.condition, value))
            })
            .collect();
        let each = (MAX_SUBJECTS / values.len().max(1)).max(MIN_SUBJECTS);
        for (condition, value) in values {
            let instances = self.instances(condition, value).into_iter();
            let candidates = instances.filter(|subject| self.is_candidate(subject));
            subjects.extend(candidates.take(each));
        }
        subjects.extend(self.of_repositories());
        subjects
    }

    /// Subjects of the repositories that conditions on `repository` describe.
    fn of_repositories(&self) -> Vec<String> {
        let constraints = self.constraints.iter();
        let constraints = constraints.filter(|one| one.claim == "repository");
        let values = constraints.flat_map(|one| {
            let values = one.condition.values.iter();
            values.map(|value| (one.condition, value))
        });
        let repositories = values.flat_map(|(condition, value)| self.instances(condition, value));
        let subjects = repositories.map(|name| format!("repo:{name}:ref:refs/heads/main"));
        let candidates = subjects.filter(|subject| self.is_candidate(subject));
        candidates.take(MAX_SUBJECTS).collect()
    }

    fn is_candidate(&self, subject: &str) -> bool {
        let signed = self.issuer.signs_ids() || !subject.contains('@');
        signed && is_mintable(subject) && self.satisfies(subject)
    }

    fn instances(&self, condition: &Condition, value: &Text) -> Vec<String> {
        let pattern = pattern_of(&value.text, self.version);
        if condition.operator.has_wildcards() || pattern != value.text {
            instance::subjects(&pattern, &self.marker)
        } else {
            vec![value.text.clone()]
        }
    }

    /// Whether GitHub could sign a subject that a condition's value describes. With many wildcards
    /// not every filling is tried, and the answer is yes.
    pub(crate) fn is_live(&self, condition: &Condition, value: &Text) -> bool {
        let pattern = pattern_of(&value.text, self.version);
        let holes = pattern.matches(['*', '?']).count();
        if value.unknown || (condition.operator.has_wildcards() && holes > 2) {
            return true;
        }
        let subjects = self.instances(condition, value);
        subjects.iter().any(|subject| is_mintable(subject))
    }

    fn satisfies(&self, subject: &str) -> bool {
        let mut request = Request::new(subject);
        request.issuer = self.issuer.clone();
        let mut musts = self.constraints.iter();
        musts.all(|one| {
            one.denies
                || one.claim != "sub"
                || one
                    .condition
                    .values
                    .iter()
                    .any(|value| value.text.contains("${"))
                || condition_holds(one.condition, self.version, &request)
        })
    }

    /// The claim of this issuer that a condition is about, in lower case.
    pub(crate) fn claim(&self, condition: &Condition) -> Option<String> {
        claim_of(&self.issuer, &condition.lower_key()).map(str::to_owned)
    }

    /// The value that lets a token of this survey in.
    pub(crate) fn blame(&self, token: &Token) -> Option<Blame<'a>> {
        let (constraint, value) = token.blamed?;
        let condition = self.constraints.get(constraint)?.condition;
        let value = condition.values.get(value)?;
        Some(Blame { condition, value })
    }

    /// Of the values that describe a token, the one that says most.
    fn find_blame(&self, token: &Token) -> Option<(usize, usize)> {
        let mut found: Option<(usize, (usize, usize))> = None;
        for (number, constraint) in self.constraints.iter().enumerate() {
            let Some(got) = token.request.claims.get(constraint.claim) else {
                continue;
            };
            let got = got.first().map(String::as_str).unwrap_or_default();
            for (index, value) in constraint.condition.values.iter().enumerate() {
                let letters = value.text.replace(['*', '?'], "").len();
                let more = found.is_none_or(|(most, _)| letters > most);
                if more && describes(constraint.condition, value, got, self.version) {
                    found = Some((letters, (number, index)));
                }
            }
        }
        found.map(|(_, blamed)| blamed)
    }

    /// The conditions on one claim, those of a Deny that let through what they name included.
    pub(crate) fn on_claim(&self, claim: &str) -> Vec<&'a Condition> {
        let key = format!("{}:{claim}", self.issuer.provider().to_ascii_lowercase());
        let own = self.statement.conditions.iter();
        let own = own.filter(|condition| condition.lower_key() == key);
        let denying = self.constraints.iter();
        let denying = denying.filter(|one| one.denies && one.claim == claim);
        own.chain(denying.map(|one| one.condition)).collect()
    }
}

fn describes(condition: &Condition, value: &Text, got: &str, version: Version) -> bool {
    let pattern = pattern_of(&value.text, version);
    if condition.operator.has_wildcards() || pattern != value.text {
        like(&pattern, got)
    } else {
        value.text.eq_ignore_ascii_case(got)
    }
}

/// A value with every policy variable taken for any text.
fn pattern_of(value: &str, version: Version) -> String {
    let mut pattern = value.to_owned();
    while version == Version::V2012
        && let Some(start) = pattern.find("${")
        && let Some(length) = pattern.get(start..).and_then(|rest| rest.find('}'))
    {
        pattern.replace_range(start..=start + length, "*");
    }
    pattern
}

/// The Denies that are about an issuer's tokens.
fn denying<'a>(policy: &'a Policy, issuer: &Issuer) -> impl Iterator<Item = &'a Statement> {
    let issuer = issuer.clone();
    policy.statements.iter().filter(move |statement| {
        statement.effect == Effect::Deny
            && statement.principals.include(&issuer, None, false)
            && statement.actions.cover(crate::request::ACTION, false)
    })
}

/// The claims whose values say who holds a token and for what it runs.
const TELLING: [&str; 6] = [
    "sub",
    "repository",
    "repository_id",
    "repository_owner_id",
    "environment",
    "ref",
];

fn constraints<'a>(
    policy: &'a Policy,
    statement: &'a Statement,
    issuer: &Issuer,
) -> Vec<Constraint<'a>> {
    let telling = |condition: &'a Condition, denies: bool| {
        let key = condition.lower_key();
        let claim = claim_of(issuer, &key)?;
        let claim = TELLING.iter().find(|known| **known == claim)?;
        let holds = condition.operator.wants_text() && !denies;
        let lets_through = condition.operator.is_negated() && denies;
        (holds || lets_through).then_some(Constraint {
            condition,
            claim,
            denies,
        })
    };
    let own = statement.conditions.iter();
    let own = own.filter_map(|condition| telling(condition, false));
    let denies = denying(policy, issuer).flat_map(|deny| &deny.conditions);
    let denies = denies.filter_map(|condition| telling(condition, true));
    own.chain(denies).collect()
}

/// Subjects that do not come from a pattern: everybody with every context, in both forms.
fn free(named: &Named, marker: &Marker) -> impl Iterator<Item = String> {
    let mut owners: Vec<(String, String)> = vec![(marker.owner(), marker.repository())];
    let insiders = named.owners.iter().take(4);
    owners.extend(insiders.map(|owner| (owner.clone(), marker.repository())));
    owners.extend(named.repositories.iter().take(4).cloned());
    if named.owners.is_empty() {
        if !named.owner_ids.is_empty() {
            owners.push((OWN_OWNER.to_owned(), marker.repository()));
        }
        if !named.owner_ids.is_empty() || !named.repository_ids.is_empty() {
            owners.push((OWN_OWNER.to_owned(), OWN_REPOSITORY.to_owned()));
        }
    }
    let mut contexts = contexts(named, marker);
    contexts.retain(|context| !has_wildcard(context));
    owners.into_iter().flat_map(move |(owner, repository)| {
        let contexts = contexts.clone();
        contexts
            .into_iter()
            .map(move |context| format!("repo:{owner}/{repository}:{context}"))
    })
}
