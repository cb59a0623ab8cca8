//! What of a rule would match if case did not count.

use super::super::matching::{Strictness, owner_of, repository_of};
use super::{Identity, Part, Rule, Who};

impl Rule {
    /// The pattern that this part of the identity misses by case alone.
    pub(crate) fn near_miss_by_case(&self, who: &Identity<'_>, part: Part) -> Option<String> {
        match part {
            Part::Role => self.role_near(who),
            Part::Owner => self.owner_near(who),
            Part::Repository => self.repository_near(who),
            Part::Context => self.context_near(who),
            Part::Subject => self.subject_near(who),
        }
    }

    fn role_near(&self, who: &Identity<'_>) -> Option<String> {
        let mut roles = self.roles.iter();
        let near = roles.find(|role| role.matches_but_for_case(who.role_arn))?;
        Some(near.as_str().to_owned())
    }

    fn owner_near(&self, who: &Identity<'_>) -> Option<String> {
        let owner = owner_of(who.subject)?;
        let mut owners = self.repositories().iter().map(|pattern| &pattern.owner);
        let near = owners.find(|pattern| pattern.matches(&owner, Strictness::ButForCase))?;
        Some(near.to_string())
    }

    fn repository_near(&self, who: &Identity<'_>) -> Option<String> {
        let repository = repository_of(who.subject)?;
        let near = self.repositories().iter().find(|pattern| {
            pattern.matches(&repository, Strictness::ButForCase)
                && !pattern.matches(&repository, Strictness::Exact)
        })?;
        Some(near.as_str().to_owned())
    }

    fn context_near(&self, who: &Identity<'_>) -> Option<String> {
        let context = who.subject.context()?;
        let Who::Repositories { contexts, .. } = &self.who else {
            return None;
        };
        let near = contexts
            .iter()
            .find(|pattern| pattern.matches_but_for_case(context))?;
        Some(near.to_string())
    }

    fn subject_near(&self, who: &Identity<'_>) -> Option<String> {
        let Who::Subjects { patterns, .. } = &self.who else {
            return None;
        };
        let near = patterns
            .iter()
            .find(|pattern| pattern.matches_but_for_case(who.subject_text))?;
        Some(near.as_str().to_owned())
    }
}
