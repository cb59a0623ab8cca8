//! `[[allow]]`.

use std::collections::HashSet;

use super::super::fields::closest;
use super::super::matching::{Hours, Network, RolePattern, parse_audience, parse_region};
use super::super::raw::{At, RawRule};
use super::super::rule::Rule;
use super::Compiler;

impl Compiler<'_, '_> {
    pub(super) fn rules(&mut self, raw: &[RawRule]) -> Vec<Rule> {
        let mut names = HashSet::new();
        let mut rules = Vec::with_capacity(raw.len());
        for raw in raw {
            if let Some(name) = &raw.name
                && !names.insert(name.value.as_str())
            {
                self.diagnostics.error(
                    name.span.clone(),
                    format!("a second rule is named `{}`", name.value),
                    "give each rule a name of its own",
                );
            }
            rules.extend(self.rule(raw));
        }
        rules
    }

    /// Looks at every field before it gives up on the rule, so that no mistake hides another.
    fn rule(&mut self, raw: &RawRule) -> Option<Rule> {
        let roles = self.parse_each(raw.roles.as_deref().unwrap_or_default(), RolePattern::parse);
        let who = self.who(raw);
        let max_session = raw.max_session.as_ref().map(|text| self.session(text));
        let issuers = raw.issuers.as_ref().map(|urls| self.known_issuers(urls));
        let audiences = raw.audiences.as_ref();
        let audiences = audiences.map(|texts| self.parse_each(texts, parse_audience));
        let regions = raw.regions.as_deref().unwrap_or_default();
        let regions = self.parse_each(regions, parse_region);
        let networks = self.networks_of(raw.networks.as_deref().unwrap_or_default());
        let hours = self.parse_one(raw.hours.as_ref(), Hours::parse);
        Some(Rule {
            name: raw.name.as_ref()?.value.clone(),
            owner: raw.owner.as_ref().map(|owner| owner.value.clone()),
            reason: raw.reason.as_ref().map(|reason| reason.value.clone()),
            expires: raw.expires.as_ref().map(|date| date.value),
            max_session: max_session.unwrap_or(self.defaults.max_session),
            roles,
            who: who?,
            issuers: issuers.unwrap_or_else(|| self.defaults.issuers.clone()),
            audiences: audiences.unwrap_or_else(|| self.defaults.audiences.clone()),
            regions,
            networks,
            hours,
            expires_span: raw.expires.as_ref().map_or(0..0, |date| date.span.clone()),
        })
    }

    fn networks_of(&mut self, names: &[At<String>]) -> Vec<Network> {
        let mut networks = Vec::with_capacity(names.len());
        for name in names {
            if let Some((network, _)) = self.networks.get(&name.value) {
                self.used_networks.push(name.value.clone());
                networks.push(network.clone());
            } else {
                let known: Vec<&str> = self.networks.keys().map(String::as_str).collect();
                let help = match closest(&name.value, &known) {
                    Some(meant) => format!("did you mean `{meant}`?"),
                    None => "name it first: [[network]] with name and cidrs".to_owned(),
                };
                let message = format!("no network is named `{}`", name.value);
                self.diagnostics.error(name.span.clone(), message, help);
            }
        }
        networks
    }
}
