//! The subjects that are tried.

use std::collections::BTreeSet;

use github_oidc::Subject;

use crate::evaluate::condition_holds;
use crate::pattern::has_wildcard;
use crate::policy::{Condition, Text};
use crate::request::Request;
use crate::witness::fill::{Readings, pattern_of};
use crate::witness::identity::{OWN_OWNER, OWN_REPOSITORY};
use crate::witness::named::Named;
use crate::witness::token::{claimed, contexts};
use crate::witness::{Marker, instance, is_mintable};

use super::Survey;

/// The most subjects that one value is tried with, where it is the only one; several share them.
const MAX_SUBJECTS: usize = 2000;

/// The fewest for each of several values: a single wildcard has no more fillings.
const MIN_SUBJECTS: usize = 40;

/// The most repositories, and contexts, of one value that are tried with those of others.
const MAX_PARTS: usize = 40;

/// The most subjects of repositories and contexts that other claims than the subject name.
const MAX_CROSSED: usize = 8000;

/// The most patterns that the variables of all values are filled in for.
const MAX_READ: usize = 64;

impl Survey<'_> {
    /// Subjects that GitHub could sign and that satisfy the statement's own conditions on `sub`.
    pub(super) fn subjects(&self, named: &Named, readings: &Readings) -> BTreeSet<String> {
        let mut subjects: BTreeSet<String> = free(named, &self.marker).collect();
        subjects.retain(|subject| self.is_candidate(subject));
        let values = self.values_on("sub");
        let count = values.len();
        let each = (MAX_SUBJECTS / count.max(1)).max(MIN_SUBJECTS);
        for (condition, value) in values {
            let read = readings.patterns(&value.text, self.version);
            let read = read.iter().skip(1).take(MAX_READ / count.max(1));
            let read = read.flat_map(|pattern| instance::subjects(pattern, &self.marker));
            let instances = self.instances(condition, value).into_iter();
            let candidates = instances
                .chain(read)
                .filter(|subject| self.is_candidate(subject));
            subjects.extend(candidates.take(each));
        }
        let elsewhere = self.in_claimed_contexts(&subjects, named);
        subjects.extend(elsewhere);
        subjects.extend(self.of_repositories(named));
        subjects.extend(self.of_several_conditions());
        subjects
    }

    /// Where several conditions look at the subject, one may ask for the repository and another for
    /// the context: the repositories of each in the contexts of all.
    fn of_several_conditions(&self) -> Vec<String> {
        let conditions = self.constraints.iter().filter(|one| one.claim == "sub");
        if conditions.count() < 2 {
            return Vec::new();
        }
        let mut repositories = BTreeSet::new();
        let mut contexts = BTreeSet::new();
        for (condition, value) in self.values_on("sub") {
            let (mut of_value, mut its_contexts) = (BTreeSet::new(), BTreeSet::new());
            for subject in self.instances(condition, value) {
                if let Subject::Standard(standard) = Subject::parse(&subject)
                    && is_mintable(&subject)
                {
                    of_value.insert(standard.repository.to_string());
                    its_contexts.insert(standard.context.subject_suffix());
                }
            }
            // A stranger's names tell most.
            let mut of_value: Vec<String> = of_value.into_iter().collect();
            of_value.sort_by_key(|name| !name.contains(self.marker.word));
            repositories.extend(of_value.into_iter().take(MAX_PARTS));
            contexts.extend(its_contexts.into_iter().take(MAX_PARTS));
        }
        let contexts: Vec<String> = contexts.into_iter().collect();
        self.crossed(repositories.iter(), &contexts)
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
        let candidates = subjects.take(MAX_CROSSED);
        candidates
            .filter(|subject| self.is_candidate(subject))
            .collect()
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
