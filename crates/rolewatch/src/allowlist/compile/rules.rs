//! `[[allow]]`.

use std::collections::HashSet;

use super::super::matching::{
    ContextPattern, Hours, Network, RepositoryPattern, RolePattern, SubjectPattern,
};
use super::super::raw::{At, RawRule};
use super::super::rule::{Rule, Who};
use super::{Compiler, plain_patterns};

impl Compiler<'_, '_> {
    pub(super) fn rules(&mut self, raw: &[RawRule]) -> Vec<Rule> {
        let mut names = HashSet::new();
        let mut rules = Vec::with_capacity(raw.len());
        for raw in raw {
            if let Some(name) = &raw.name
                && !names.insert(name.value.as_str())
            {
                let message = format!("a second rule is named `{}`", name.value.escape_debug());
                self.diagnostics.error(
                    name.span.clone(),
                    message,
                    "give each rule a name of its own",
                );
            }
            rules.extend(self.rule(raw));
        }
        rules
    }

    fn rule(&mut self, raw: &RawRule) -> Option<Rule> {
        let name = self.required(raw.name.as_ref(), "name", "[[allow]]", &raw.span);
        let roles = self.required(raw.roles.as_ref(), "roles", "[[allow]]", &raw.span);
        let roles = roles.map(|roles| self.parse_each(roles, RolePattern::parse));
        let who = self.who(raw);
        let max_session = raw.max_session.as_ref().map(|text| self.session(text));
        let issuers = raw.issuers.as_ref().map(|urls| self.known_issuers(urls));
        let networks = raw.networks.as_ref().map(|names| self.networks_of(names));
        let hours = raw
            .hours
            .as_ref()
            .map(|hours| self.parse_each(std::slice::from_ref(hours), Hours::parse));
        Some(Rule {
            name: name?.value.clone(),
            owner: raw.owner.as_ref().map(|owner| owner.value.clone()),
            reason: raw.reason.as_ref().map(|reason| reason.value.clone()),
            expires: raw.expires.as_ref().map(|date| date.value),
            max_session: max_session.unwrap_or(self.defaults.max_session),
            roles: roles?,
            who: who?,
            issuers: issuers.unwrap_or_else(|| self.defaults.issuers.clone()),
            audiences: raw.audiences.as_ref().map_or_else(
                || self.defaults.audiences.clone(),
                |texts| plain_patterns(texts),
            ),
            regions: raw
                .regions
                .as_deref()
                .map(plain_patterns)
                .unwrap_or_default(),
            networks: networks.unwrap_or_default(),
            hours: hours.and_then(|mut hours| hours.pop()),
            expires_span: raw.expires.as_ref().map_or(0..0, |date| date.span.clone()),
        })
    }

    fn who(&mut self, raw: &RawRule) -> Option<Who> {
        match (&raw.repositories, &raw.subjects) {
            (Some(_), Some(subjects)) => {
                let span = subjects
                    .first()
                    .map_or_else(|| raw.span.clone(), |text| text.span.clone());
                self.diagnostics.error(
                    span,
                    "`repositories` and `subjects` in one rule",
                    "split the rule in two: a rule has either of them",
                );
                None
            }
            (None, None) => {
                self.missing("repositories", "[[allow]]", &raw.span);
                None
            }
            (Some(repositories), None) => self.by_repository(raw, repositories),
            (None, Some(subjects)) => Some(self.by_subject(raw, subjects)),
        }
    }

    fn by_repository(&mut self, raw: &RawRule, texts: &[At<String>]) -> Option<Who> {
        if let Some(caller) = &raw.caller {
            self.diagnostics.error(
                caller.span.clone(),
                "`caller` is for rules with `subjects`",
                "remove it: `repositories` name the caller already",
            );
        }
        let repositories = self.parse_each(texts, RepositoryPattern::parse);
        for (pattern, text) in repositories.iter().zip(texts) {
            if repositories.len() == texts.len() && !pattern.owner.pattern.is_literal() {
                self.diagnostics.warning(
                    text.span.clone(),
                    format!(
                        "`{}` is a pattern of owners: strangers can register names that match",
                        text.value
                    ),
                    "write the owner out",
                );
            }
        }
        let contexts = match &raw.contexts {
            Some(contexts) => Some(self.parse_each(contexts, ContextPattern::parse)),
            None => {
                self.diagnostics.error(
                    raw.span.clone(),
                    "[[allow]] needs a valid `contexts`",
                    "say which branches, tags or environments: contexts = [\"environment:production\"]; \"any\" means all",
                );
                None
            }
        };
        let immutable_only = self.immutable_only(raw);
        Some(Who::Repositories {
            repositories,
            contexts: contexts?,
            immutable_only,
        })
    }

    fn immutable_only(&mut self, raw: &RawRule) -> bool {
        let Some(form) = &raw.form else { return false };
        if form.value != "immutable" {
            let message = format!("`{}` is not a form", form.value.escape_debug());
            self.diagnostics.error(
                form.span.clone(),
                message,
                "write \"immutable\", or leave `form` out",
            );
        }
        true
    }

    fn by_subject(&mut self, raw: &RawRule, texts: &[At<String>]) -> Who {
        for (key, place) in [
            (
                "contexts",
                raw.contexts
                    .as_ref()
                    .and_then(|list| list.first())
                    .map(|text| &text.span),
            ),
            ("form", raw.form.as_ref().map(|text| &text.span)),
        ] {
            if let Some(span) = place {
                self.diagnostics.error(
                    span.clone(),
                    format!("`{key}` is for rules with `repositories`"),
                    "remove it: `subjects` are matched whole",
                );
            }
        }
        let any_caller = raw.caller.as_ref().is_some_and(|caller| {
            if caller.value != "any" {
                let message = format!("`{}` is not a caller", caller.value.escape_debug());
                self.diagnostics.error(
                    caller.span.clone(),
                    message,
                    "write \"any\", or leave `caller` out",
                );
            }
            true
        });
        let mut patterns = Vec::with_capacity(texts.len());
        for text in texts {
            match SubjectPattern::parse(&text.value) {
                Err(invalid) => self.invalid(&text.span, invalid),
                Ok(pattern) if !any_caller && !pattern.pins_caller() => self.diagnostics.error(
                    text.span.clone(),
                    format!("`{}` does not say who calls", text.value.escape_debug()),
                    "add a claim that pins the owner, such as repository_owner_id:111 \
                     (job_workflow_ref names the called workflow, which anyone may call), \
                     or write caller = \"any\"",
                ),
                Ok(pattern) => patterns.push(pattern),
            }
        }
        Who::subjects(patterns)
    }

    fn networks_of(&mut self, names: &[At<String>]) -> Vec<Network> {
        let mut networks = Vec::with_capacity(names.len());
        for name in names {
            if let Some((network, _)) = self.networks.get(&name.value) {
                self.used_networks.push(name.value.clone());
                networks.push(network.clone());
            } else {
                let known: Vec<&str> = self.networks.keys().map(String::as_str).collect();
                let help = match super::super::fields::closest(&name.value, &known) {
                    Some(meant) => format!("did you mean `{meant}`?"),
                    None => "name it first: [[network]] with name and cidrs".to_owned(),
                };
                let message = format!("no network is named `{}`", name.value.escape_debug());
                self.diagnostics.error(name.span.clone(), message, help);
            }
        }
        networks
    }
}
