//! `[[ignore]]`.

use super::super::ignore::Ignore;
use super::super::matching::{RepositoryPattern, RolePattern, SubjectPattern};
use super::super::raw::{At, RawIgnore};
use super::Compiler;
use crate::checks::{self, Check};
use crate::finding::Severity;

impl Compiler<'_, '_> {
    pub(super) fn ignore(&mut self, raw: &RawIgnore) -> Option<Ignore> {
        let check = raw.check.as_ref().and_then(|id| self.check(id));
        let roles = self.parse_each(raw.roles.as_deref().unwrap_or_default(), RolePattern::parse);
        let repositories = raw.repositories.as_deref().unwrap_or_default();
        let repositories = self.parse_each(repositories, RepositoryPattern::parse);
        let subjects = raw.subjects.as_deref().unwrap_or_default();
        let subjects = self.parse_each(subjects, SubjectPattern::parse);
        if raw.roles.is_none() && raw.repositories.is_none() && raw.subjects.is_none() {
            self.diagnostics.error(
                raw.span.clone(),
                "[[ignore]] silences a check for everyone",
                "say for which `roles`, `repositories` or `subjects`",
            );
        }
        let literal = roles.iter().all(RolePattern::is_literal)
            && repositories.iter().all(RepositoryPattern::is_literal)
            && subjects.iter().all(SubjectPattern::is_literal);
        if !literal {
            self.refuse_broad_silence(raw, check?);
        }
        Some(Ignore {
            check: check?.id,
            reason: raw.reason.as_ref()?.value.clone(),
            until: raw.until.as_ref()?.value,
            until_span: raw.until.as_ref()?.span.clone(),
            roles,
            repositories,
            subjects,
        })
    }

    /// A critical finding is silenced one by one, never by a pattern.
    fn refuse_broad_silence(&mut self, raw: &RawIgnore, check: &Check) {
        if check.severity == Severity::Critical {
            let span = raw.check.as_ref().map_or(&raw.span, |check| &check.span);
            self.diagnostics.error(
                span.clone(),
                format!("the critical check `{}` is silenced by a pattern", check.id),
                "write roles, repositories and subjects out, without * and ?",
            );
        }
    }

    /// The check with this id; unknown ones are errors.
    pub(super) fn check(&mut self, id: &At<String>) -> Option<&'static Check> {
        let check = checks::find(&id.value);
        if check.is_none() {
            let known: Vec<&str> = checks::ALL.iter().map(|check| check.id).collect();
            let help = match super::super::fields::closest(&id.value, &known) {
                Some(meant) => format!("did you mean `{meant}`?"),
                None => "`rolewatch checks` lists them".to_owned(),
            };
            let message = format!("`{}` is not a check", id.value);
            self.diagnostics.error(id.span.clone(), message, help);
        }
        check
    }
}
