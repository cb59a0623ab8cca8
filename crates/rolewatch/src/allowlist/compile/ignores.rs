//! `[[ignore]]`.

use super::super::ignore::Ignore;
use super::super::matching::{RepositoryPattern, RolePattern, SubjectPattern};
use super::super::raw::{At, RawIgnore};
use super::Compiler;
use crate::checks::{self, Check};
use crate::finding::Severity;

impl Compiler<'_, '_> {
    pub(super) fn ignore(&mut self, raw: &RawIgnore) -> Option<Ignore> {
        const TABLE: &str = "[[ignore]]";
        let check = self.required(raw.check.as_ref(), "check", TABLE, &raw.span);
        let check = check.and_then(|id| self.check(id));
        let reason = self.required(raw.reason.as_ref(), "reason", TABLE, &raw.span);
        let until = self.required(raw.until.as_ref(), "until", TABLE, &raw.span);
        let roles = self.parse_each(raw.roles.as_deref().unwrap_or_default(), RolePattern::parse);
        let repositories = raw.repositories.as_deref().unwrap_or_default();
        let repositories = self.parse_each(repositories, RepositoryPattern::parse);
        let subjects = self.parse_each(
            raw.subjects.as_deref().unwrap_or_default(),
            SubjectPattern::parse,
        );
        if raw.roles.is_none() && raw.repositories.is_none() && raw.subjects.is_none() {
            self.diagnostics.error(
                raw.span.clone(),
                "[[ignore]] silences a check for everyone",
                "say for which `roles`, `repositories` or `subjects`",
            );
        }
        let ignore = Ignore {
            check: check?.id,
            reason: reason?.value.clone(),
            until: until?.value,
            until_span: until?.span.clone(),
            roles,
            repositories,
            subjects,
        };
        self.refuse_broad_silence(raw, check?, &ignore);
        Some(ignore)
    }

    /// A critical finding is silenced one by one, never by a pattern.
    fn refuse_broad_silence(&mut self, raw: &RawIgnore, check: &Check, ignore: &Ignore) {
        let literal = ignore.roles.iter().all(RolePattern::is_literal)
            && ignore
                .repositories
                .iter()
                .all(RepositoryPattern::is_literal)
            && ignore.subjects.iter().all(SubjectPattern::is_literal);
        if check.severity == Severity::Critical && !literal {
            let span = raw
                .check
                .as_ref()
                .map_or(raw.span.clone(), |check| check.span.clone());
            let message = format!("the critical check `{}` is silenced by a pattern", check.id);
            self.diagnostics.error(
                span,
                message,
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
            let message = format!("`{}` is not a check", id.value.escape_debug());
            self.diagnostics.error(id.span.clone(), message, help);
        }
        check
    }
}
