//! From raw tables to an [`Allowlist`]: every value checked, every problem noted.

mod callers;
mod ignores;
mod rules;
mod tests;

use std::collections::HashMap;
use std::ops::Range;

use github_oidc::{GITHUB_ISSUER, Issuer};

use super::by_role::ByRole;
use super::diagnostic::{Diagnostic, Diagnostics, Level};
use super::matching::{
    Invalid, LONGEST_SESSION, Network, SHORTEST_SESSION, format_duration, parse_audience,
    parse_duration,
};
use super::pins::Pins;
use super::preamble::preamble;
use super::raw::{At, RawAllowlist, RawDefaults, RawIssuer, RawNetwork};
use super::read::read;
use super::{Allowlist, Defaults, Mode};
use crate::pattern::Pattern;

/// The longest session of a rule where nothing is said: STS's own default, in seconds.
const DEFAULT_MAX_SESSION: u64 = 3600;
/// The audience that the AWS action asks for.
const DEFAULT_AUDIENCE: &str = "sts.amazonaws.com";

/// Compiles an allowlist, and hands out its warnings beside it.
///
/// # Errors
/// Every problem of the file, warnings included, in file order; at least one is an error.
pub fn compile(text: &str) -> Result<(Allowlist, Vec<Diagnostic>), Vec<Diagnostic>> {
    let mut diagnostics = Diagnostics::new(text);
    let raw = read(text, &mut diagnostics);
    let allowlist = Compiler::new(&raw, &mut diagnostics).compile(&raw);
    let found = diagnostics.finish();
    if found
        .iter()
        .any(|diagnostic| diagnostic.level == Level::Error)
    {
        Err(found)
    } else {
        Ok((allowlist, found))
    }
}

/// What a file with nothing but its version compiles to.
pub(super) fn empty() -> Allowlist {
    let raw = RawAllowlist::default();
    Compiler::new(&raw, &mut Diagnostics::new("")).compile(&raw)
}

/// What the tables of a file share while they are compiled.
struct Compiler<'d, 't> {
    diagnostics: &'d mut Diagnostics<'t>,
    issuers: Vec<Issuer>,
    networks: HashMap<String, (Network, Range<usize>)>,
    used_networks: Vec<String>,
    defaults: Defaults,
}

impl<'d, 't> Compiler<'d, 't> {
    fn new(raw: &RawAllowlist, diagnostics: &'d mut Diagnostics<'t>) -> Self {
        let mut compiler = Self {
            diagnostics,
            issuers: vec![Issuer::GitHub],
            networks: HashMap::new(),
            used_networks: Vec::new(),
            defaults: Defaults {
                issuers: vec![Issuer::GitHub],
                audiences: vec![Pattern::new(DEFAULT_AUDIENCE)],
                max_session: DEFAULT_MAX_SESSION,
            },
        };
        for issuer in &raw.issuer {
            compiler.list_issuer(issuer);
        }
        for network in &raw.network {
            compiler.name_network(network);
        }
        if let Some(defaults) = &raw.defaults {
            compiler.set_defaults(defaults);
        }
        compiler
    }

    fn compile(mut self, raw: &RawAllowlist) -> Allowlist {
        self.version(raw);
        let mode = self.mode(raw.mode.as_ref());
        let rules = self.rules(&raw.allow);
        let allowlist = Allowlist {
            mode,
            pins: Pins::of(&rules),
            by_role: ByRole::of(&rules),
            rules,
            ignores: raw
                .ignore
                .iter()
                .filter_map(|ignore| self.ignore(ignore))
                .collect(),
            tests: raw.test.iter().filter_map(|test| self.test(test)).collect(),
            preamble: preamble(
                &self.issuers,
                self.networks.values().map(|(it, _)| it),
                &self.defaults,
            ),
            networks: self
                .networks
                .values()
                .map(|(network, _)| network.clone())
                .collect(),
            issuers: std::mem::take(&mut self.issuers),
            defaults: self.defaults.clone(),
        };
        for (name, (_, span)) in &self.networks {
            if !self.used_networks.contains(name) {
                let message = format!("no rule uses the network `{name}`");
                self.diagnostics.warning(
                    span.clone(),
                    message,
                    "name it in a rule's `networks`, or remove it",
                );
            }
        }
        allowlist
    }

    fn version(&mut self, raw: &RawAllowlist) {
        if let Some(version) = raw.version.as_ref().filter(|version| version.value != 1) {
            self.diagnostics.error(
                version.span.clone(),
                format!("version {} of the format is not known", version.value),
                "this rolewatch reads version = 1",
            );
        }
    }

    fn mode(&mut self, raw: Option<&At<String>>) -> Mode {
        match raw.map(|mode| (mode.value.as_str(), mode.span.clone())) {
            None | Some(("enforce", _)) => Mode::Enforce,
            Some(("audit", _)) => Mode::Audit,
            Some((other, span)) => {
                let message = format!("`{other}` is not a mode");
                self.diagnostics
                    .error(span, message, "write \"enforce\" or \"audit\"");
                Mode::Enforce
            }
        }
    }

    fn list_issuer(&mut self, raw: &RawIssuer) {
        if let Some(url) = &raw.url
            && let Some(issuer) = self.parse_issuer(url)
            && !self.issuers.contains(&issuer)
        {
            self.issuers.push(issuer);
        }
    }

    fn name_network(&mut self, raw: &RawNetwork) {
        let cidrs = raw.cidrs.as_deref().unwrap_or_default();
        let blocks = self.parse_each(cidrs, Network::parse_block);
        let Some(name) = &raw.name else { return };
        let network = Network {
            name: name.value.clone(),
            blocks,
        };
        if self
            .networks
            .insert(name.value.clone(), (network, name.span.clone()))
            .is_some()
        {
            self.diagnostics.error(
                name.span.clone(),
                format!("a second network is named `{}`", name.value),
                "give each network a name of its own",
            );
        }
    }

    fn set_defaults(&mut self, raw: &RawDefaults) {
        if let Some(issuers) = &raw.issuers {
            self.defaults.issuers = self.known_issuers(issuers);
        }
        if let Some(audiences) = &raw.audiences {
            self.defaults.audiences = self.parse_each(audiences, parse_audience);
        }
        if let Some(max_session) = &raw.max_session {
            self.defaults.max_session = self.session(max_session);
        }
    }

    fn parse_issuer(&mut self, url: &At<String>) -> Option<Issuer> {
        url.value
            .parse()
            .map_err(|error: github_oidc::ParseIssuerError| {
                let help = format!(
                    "write the token's `iss`, such as {GITHUB_ISSUER}/SLUG for an enterprise"
                );
                self.diagnostics
                    .error(url.span.clone(), error.to_string(), help);
            })
            .ok()
    }

    fn known_issuers(&mut self, urls: &[At<String>]) -> Vec<Issuer> {
        let mut issuers = Vec::new();
        for url in urls {
            let Some(issuer) = self.parse_issuer(url) else {
                continue;
            };
            if !self.issuers.contains(&issuer) {
                let message = format!("the issuer {issuer} is not listed");
                let help = format!("add [[issuer]] with url = \"{issuer}\"");
                self.diagnostics.error(url.span.clone(), message, help);
            }
            issuers.push(issuer);
        }
        issuers
    }

    /// A session's length within what STS can issue.
    fn session(&mut self, text: &At<String>) -> u64 {
        let seconds = match parse_duration(&text.value) {
            Ok(seconds) => seconds,
            Err(invalid) => {
                self.invalid(&text.span, invalid);
                return DEFAULT_MAX_SESSION;
            }
        };
        if !(SHORTEST_SESSION..=LONGEST_SESSION).contains(&seconds) {
            self.diagnostics.error(
                text.span.clone(),
                format!("a session of {} does not exist", format_duration(seconds)),
                "STS issues sessions from 15m to 12h",
            );
        }
        seconds
    }

    fn parse_each<T>(
        &mut self,
        texts: &[At<String>],
        parse: impl Fn(&str) -> Result<T, Invalid>,
    ) -> Vec<T> {
        let mut parsed = Vec::with_capacity(texts.len());
        for text in texts {
            match parse(&text.value) {
                Ok(value) => parsed.push(value),
                Err(invalid) => self.invalid(&text.span, invalid),
            }
        }
        parsed
    }

    fn parse_one<T>(
        &mut self,
        text: Option<&At<String>>,
        parse: impl Fn(&str) -> Result<T, Invalid>,
    ) -> Option<T> {
        let text = text?;
        parse(&text.value)
            .map_err(|invalid| self.invalid(&text.span, invalid))
            .ok()
    }

    fn invalid(&mut self, span: &Range<usize>, invalid: Invalid) {
        self.diagnostics
            .error(span.clone(), invalid.message, invalid.help);
    }
}
