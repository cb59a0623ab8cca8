//! The tokens that are tried.

use std::collections::BTreeSet;

use github_oidc::Subject;

use crate::evaluate::condition_holds;
use crate::pattern::{has_wildcard, wildcards};
use crate::policy::{Base, Comparison, Condition, Policy, Text};
use crate::request::Request;
use crate::witness::fill::{Late, Wanted};
use crate::witness::identity::{Identity, OWN_OWNER, OWN_REPOSITORY, holders};
use crate::witness::named::Named;
use crate::witness::token::{Token, build, claimed, contexts, runs};
use crate::witness::{Marker, instance, is_mintable, meet};

use super::Survey;
use super::constraints::{denying, pattern_of};

/// The most subjects that one value is tried with, where it is the only one; several share them.
const MAX_SUBJECTS: usize = 2000;

/// The fewest for each of several values: a single wildcard has no more fillings.
const MIN_SUBJECTS: usize = 40;

/// The most subjects of repositories and contexts that other claims than the subject name.
const MAX_CROSSED: usize = 4000;

impl Survey<'_> {
    fn named(&self, denials: &[&Condition]) -> Named {
        let mut named = Named::default();
        for constraint in &self.constraints {
            for value in &constraint.condition.values {
                let text = pattern_of(&value.text, self.version);
                match constraint.claim {
                    "sub" => named.subject(&text),
                    claim => self.name(&mut named, claim, constraint.condition, value),
                }
            }
        }
        let conditions = self.statement.conditions.iter();
        for condition in conditions.chain(denials.iter().copied()) {
            let claim = self.claim(condition).unwrap_or_default();
            named.looks_at_ref |= claim == "ref";
            for id in ["repository_id", "repository_owner_id"] {
                if claim == id {
                    named.describe(id, neighbours(condition));
                }
            }
        }
        named
    }

    /// Takes in a value wanted of another claim than the subject.
    fn name(&self, named: &mut Named, claim: &'static str, condition: &Condition, value: &Text) {
        let text = pattern_of(&value.text, self.version);
        if self.is_pattern(condition, value) && has_wildcard(&text) {
            let described = meet::claims(claim, &wildcards(&text), &self.marker);
            named.describe(claim, described);
        }
        named.claim(claim, &text);
    }

    fn is_pattern(&self, condition: &Condition, value: &Text) -> bool {
        condition.operator.has_wildcards() || pattern_of(&value.text, self.version) != value.text
    }

    /// The tokens to try: every subject that could make a point, with everybody who could hold it.
    pub(super) fn tokens(&self, policy: &Policy) -> Vec<Token> {
        let denials = denying(policy, &self.issuer);
        let denials: Vec<&Condition> = denials.flat_map(|deny| &deny.conditions).collect();
        let named = self.named(&denials);
        let wanted = Wanted {
            musts: self.statement.conditions.iter().collect(),
            denials,
            issuer: &self.issuer,
            version: self.version,
            marker: &self.marker,
        };
        let (fillings, late) = (wanted.fillings(), Late::of(&wanted));
        let mut tokens = Vec::new();
        for subject in self.subjects(&named) {
            let parsed = Subject::parse(&subject);
            let runs = runs(&parsed, &named, &self.marker);
            let holders = self.holders(&parsed, &named);
            for (holder, run) in holders
                .iter()
                .flat_map(|holder| runs.iter().map(move |run| (holder, run)))
            {
                for filling in &fillings {
                    let mut token = build(&self.issuer, (&subject, &parsed), holder, run, filling);
                    late.complete(&mut token.request);
                    tokens.push(token);
                }
            }
        }
        tokens
    }

    fn holders(&self, subject: &Subject<'_>, named: &Named) -> Vec<Identity> {
        let mut holders = holders(subject, named, &self.marker);
        if !self.on_claim("enterprise_id").is_empty() {
            let colleagues: Vec<_> = holders.iter().filter_map(Identity::as_colleague).collect();
            holders.extend(colleagues);
        }
        holders
    }

    /// Subjects that GitHub could sign and that satisfy the statement's own conditions on `sub`.
    fn subjects(&self, named: &Named) -> BTreeSet<String> {
        let mut subjects: BTreeSet<String> = free(named, &self.marker).collect();
        subjects.retain(|subject| self.is_candidate(subject));
        let values = self.values_on("sub");
        let each = (MAX_SUBJECTS / values.len().max(1)).max(MIN_SUBJECTS);
        for (condition, value) in values {
            let instances = self.instances(condition, value).into_iter();
            let candidates = instances.filter(|subject| self.is_candidate(subject));
            subjects.extend(candidates.take(each));
        }
        let elsewhere = self.in_claimed_contexts(&subjects, named);
        subjects.extend(elsewhere);
        subjects.extend(self.of_repositories(named));
        subjects
    }

    fn values_on(&self, claim: &str) -> Vec<(&Condition, &Text)> {
        let constraints = self.constraints.iter().filter(|one| one.claim == claim);
        let values = constraints.flat_map(|one| {
            let values = one.condition.values.iter();
            values.map(|value| (one.condition, value))
        });
        values.collect()
    }

    /// The repositories of some subjects, in the contexts that other conditions ask for.
    fn in_claimed_contexts(&self, subjects: &BTreeSet<String>, named: &Named) -> Vec<String> {
        let contexts = claimed(named);
        let repositories = subjects
            .iter()
            .filter_map(|subject| match Subject::parse(subject) {
                Subject::Standard(standard) => Some(standard.repository.to_string()),
                Subject::Custom(_) | Subject::Unparsable(_) => None,
            });
        let repositories: BTreeSet<String> = repositories.collect();
        self.crossed(repositories.iter(), &contexts)
    }

    /// Subjects of the repositories that conditions on `repository` describe, in every context.
    fn of_repositories(&self, named: &Named) -> Vec<String> {
        let exact = self.values_on("repository").into_iter();
        let exact = exact.filter(|(condition, value)| !self.is_pattern(condition, value));
        let exact = exact.map(|(_, value)| &value.text);
        let repositories = exact.chain(named.described("repository"));
        self.crossed(repositories, &contexts(named, &self.marker))
    }

    fn crossed<'n>(
        &self,
        repositories: impl Iterator<Item = &'n String>,
        contexts: &[String],
    ) -> Vec<String> {
        let subjects = repositories.flat_map(|repository| {
            let contexts = contexts.iter();
            contexts.map(move |context| format!("repo:{repository}:{context}"))
        });
        let candidates = subjects.filter(|subject| self.is_candidate(subject));
        candidates.take(MAX_CROSSED).collect()
    }

    fn is_candidate(&self, subject: &str) -> bool {
        let parsed = Subject::parse(subject);
        let has_ids = parsed.owner_id().is_some() || parsed.repository_id().is_some();
        let signed = self.issuer.signs_ids() || !has_ids;
        signed && is_mintable(subject) && self.satisfies(subject)
    }

    pub(super) fn instances(&self, condition: &Condition, value: &Text) -> Vec<String> {
        if self.is_pattern(condition, value) {
            instance::subjects(&pattern_of(&value.text, self.version), &self.marker)
        } else {
            vec![value.text.clone()]
        }
    }

    fn satisfies(&self, subject: &str) -> bool {
        let mut request = Request::new(subject);
        request.issuer = self.issuer.clone();
        let own = self.constraints.iter();
        let mut musts = own.filter(|one| !one.denies && one.claim == "sub");
        musts.all(|one| {
            let mut values = one.condition.values.iter();
            values.any(|value| value.text.contains("${"))
                || condition_holds(one.condition, self.version, &request)
        })
    }
}

/// The numbers on both sides of what a condition compares with.
fn neighbours(condition: &Condition) -> Vec<String> {
    match condition.operator.base {
        Base::Numeric(Comparison::Equals | Comparison::NotEquals) => return Vec::new(),
        Base::Numeric(_) => {}
        _ => return Vec::new(),
    }
    let values = condition.values.iter();
    let numbers = values.filter_map(|value| value.text.parse::<u64>().ok());
    numbers
        .flat_map(|number| [number.saturating_sub(1), number.saturating_add(1)])
        .map(|number| number.to_string())
        .collect()
}

/// Subjects that do not come from a pattern: everybody with every context.
fn free(named: &Named, marker: &Marker) -> impl Iterator<Item = String> {
    let mut owners: Vec<(String, String)> = vec![(marker.owner(), marker.repository())];
    let insiders = named.spelt_owners.iter().take(4);
    owners.extend(insiders.map(|owner| (owner.clone(), marker.repository())));
    owners.extend(named.spelt_repositories.iter().take(4).cloned());
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
