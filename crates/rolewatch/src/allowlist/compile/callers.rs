//! Who a rule is for: `repositories` and `contexts`, or `subjects`.

use std::ops::Range;

use super::super::matching::{ContextPattern, RepositoryPattern, SubjectPattern};
use super::super::raw::{At, RawRule};
use super::super::rule::Who;
use super::Compiler;

impl Compiler<'_, '_> {
    /// None where the rule says it in no way, or in both; what it says is looked at even then.
    pub(super) fn who(&mut self, raw: &RawRule) -> Option<Who> {
        let repositories = raw.repositories.as_ref().map(|it| self.repositories(it));
        let contexts = raw.contexts.as_ref();
        let contexts = contexts.map(|texts| self.parse_each(texts, ContextPattern::parse));
        let immutable_only = self.immutable_only(raw.form.as_ref());
        let any_caller = self.any_caller(raw.caller.as_ref());
        let subjects = raw.subjects.as_ref();
        let subjects = subjects.map(|texts| self.subjects(texts, any_caller));
        match (repositories, subjects) {
            (Some(repositories), None) => {
                self.refuse_subject_fields(raw);
                if contexts.is_none() {
                    self.diagnostics.error(
                        raw.span.clone(),
                        "[[allow]] needs a valid `contexts`",
                        "say which branches, tags or environments: contexts = [\"environment:production\"]; \"any\" means all",
                    );
                }
                Some(Who::Repositories {
                    repositories,
                    contexts: contexts?,
                    immutable_only,
                })
            }
            (None, Some(patterns)) => {
                self.refuse_repository_fields(raw);
                Some(Who::subjects(patterns))
            }
            (Some(_), Some(_)) => {
                self.diagnostics.error(
                    place_of(raw.subjects.as_ref(), raw),
                    "`repositories` and `subjects` in one rule",
                    "split the rule in two: a rule has either of them",
                );
                None
            }
            (None, None) => {
                self.diagnostics.error(
                    raw.span.clone(),
                    "[[allow]] needs a valid `repositories`",
                    "add `repositories` and `contexts`, or `subjects` for customised templates",
                );
                None
            }
        }
    }

    fn repositories(&mut self, texts: &[At<String>]) -> Vec<RepositoryPattern> {
        let mut patterns = Vec::with_capacity(texts.len());
        for text in texts {
            let Some(pattern) = self.parse_one(Some(text), RepositoryPattern::parse) else {
                continue;
            };
            if !pattern.owner.pattern.is_literal() {
                let message = format!(
                    "`{}` is a pattern of owners: strangers can register names that match",
                    text.value
                );
                self.diagnostics
                    .warning(text.span.clone(), message, "write the owner out");
            }
            patterns.push(pattern);
        }
        patterns
    }

    fn subjects(&mut self, texts: &[At<String>], any_caller: bool) -> Vec<SubjectPattern> {
        let mut patterns = Vec::with_capacity(texts.len());
        for text in texts {
            let Some(pattern) = self.parse_one(Some(text), SubjectPattern::parse) else {
                continue;
            };
            if !any_caller && !pattern.pins_caller() {
                self.diagnostics.error(
                    text.span.clone(),
                    format!("`{}` does not say who calls", text.value),
                    "add a claim that pins the owner, such as repository_owner_id:111 \
                     (job_workflow_ref names the called workflow, which anyone may call), \
                     or write caller = \"any\"",
                );
            }
            patterns.push(pattern);
        }
        patterns
    }

    fn immutable_only(&mut self, form: Option<&At<String>>) -> bool {
        if let Some(form) = form.filter(|form| form.value != "immutable") {
            self.diagnostics.error(
                form.span.clone(),
                format!("`{}` is not a form", form.value),
                "write \"immutable\", or leave `form` out",
            );
        }
        form.is_some()
    }

    /// Any `caller` counts: one that is wrong is reported for itself.
    fn any_caller(&mut self, caller: Option<&At<String>>) -> bool {
        if let Some(caller) = caller.filter(|caller| caller.value != "any") {
            self.diagnostics.error(
                caller.span.clone(),
                format!("`{}` is not a caller", caller.value),
                "write \"any\", or leave `caller` out",
            );
        }
        caller.is_some()
    }

    fn refuse_subject_fields(&mut self, raw: &RawRule) {
        if let Some(caller) = &raw.caller {
            self.diagnostics.error(
                caller.span.clone(),
                "`caller` is for rules with `subjects`",
                "remove it: `repositories` name the caller already",
            );
        }
    }

    fn refuse_repository_fields(&mut self, raw: &RawRule) {
        let contexts = raw
            .contexts
            .as_ref()
            .map(|_| place_of(raw.contexts.as_ref(), raw));
        let form = raw.form.as_ref().map(|form| form.span.clone());
        for (key, place) in [("contexts", contexts), ("form", form)] {
            if let Some(span) = place {
                self.diagnostics.error(
                    span,
                    format!("`{key}` is for rules with `repositories`"),
                    "remove it: `subjects` are matched whole",
                );
            }
        }
    }
}

/// The first value of a list, else the rule.
fn place_of(list: Option<&Vec<At<String>>>, raw: &RawRule) -> Range<usize> {
    let first = list.and_then(|texts| texts.first());
    first.map_or_else(|| raw.span.clone(), |text| text.span.clone())
}
