//! Who would take a verified token: the allowlist's rules, and trust policies.

use std::io::{self, Write};

use chrono::{DateTime, Utc};
use github_oidc::token::{ClaimSet, Claims};
use iam_trust::Request;
use rolewatch::allowlist::{Allowlist, Rule};
use rolewatch::rendering::json::write_line;
use serde::Serialize;

use crate::args::TokenVerifyArgs;
use crate::commands::trust_explain::{Judged, from_claims, judged, set_time};
use crate::lines::Lines;
use crate::policies::{PolicyFile, label};

/// Everybody who was asked, and what they say.
pub(super) struct Takers {
    /// None where no allowlist was given.
    rules: Option<Vec<TakingRule>>,
    /// The rules that take it at other hours than now.
    outside_hours: Option<Vec<TakingRule>>,
    policies: Vec<PolicyAnswer>,
    /// What keeps a policy from being asked.
    pub(super) problems: Vec<String>,
}

#[derive(Serialize)]
struct TakingRule {
    name: String,
    roles: Vec<String>,
    /// What the call has to be besides, which no token says.
    conditions: Vec<String>,
    hours: Option<String>,
}

impl From<&Rule> for TakingRule {
    fn from(rule: &Rule) -> Self {
        Self {
            name: rule.name.clone(),
            roles: rule.roles().map(str::to_owned).collect(),
            conditions: rule.conditions(),
            hours: rule.hours().map(str::to_owned),
        }
    }
}

#[derive(Serialize)]
struct PolicyAnswer {
    file: String,
    role: Option<String>,
    allowed: bool,
    reason: String,
    /// The condition keys on which it hangs, as no token says them.
    hangs_on: Vec<String>,
}

#[derive(Serialize)]
struct VerificationLine<'a> {
    r#type: &'static str,
    schema: &'static str,
    verified: bool,
    reason: Option<&'a str>,
    issuer: Option<String>,
    subject: Option<&'a str>,
    claims: Option<&'a ClaimSet>,
    rules: Option<&'a [TakingRule]>,
    rules_outside_hours: Option<&'a [TakingRule]>,
    policies: &'a [PolicyAnswer],
}

/// What there is to say of a token that was refused.
pub(super) fn write_refusal(out: &mut impl Write, why: &str) -> io::Result<()> {
    let line = VerificationLine {
        r#type: "token",
        schema: "rolewatch.token/1",
        verified: false,
        reason: Some(why),
        issuer: None,
        subject: None,
        claims: None,
        rules: None,
        rules_outside_hours: None,
        policies: &[],
    };
    write_line(out, &line)?;
    writeln!(out)
}

impl Takers {
    pub(super) fn of(
        args: &TokenVerifyArgs,
        claims: &Claims,
        allowlist: Option<&Allowlist>,
        now: DateTime<Utc>,
    ) -> anyhow::Result<Self> {
        let taking = allowlist.map(|allowlist| {
            allowlist.accepting(claims.issuer(), claims.subject(), &args.audience, now)
        });
        let named = |rules: &Vec<&Rule>| rules.iter().map(|rule| (*rule).into()).collect();
        let mut takers = Self {
            rules: taking.as_ref().map(|it| named(&it.rules)),
            outside_hours: taking.as_ref().map(|it| named(&it.outside_hours)),
            policies: Vec::new(),
            problems: Vec::new(),
        };
        let mut request = from_claims(claims.issuer().clone(), claims.all());
        set_time(&mut request, now)?;
        for path in &args.policy {
            takers.ask(&PolicyFile::read(path)?, &request);
        }
        Ok(takers)
    }

    fn ask(&mut self, file: &PolicyFile, request: &Request) {
        for role in &file.roles {
            let Judged { explanation, open } = judged(role, request, false);
            self.policies.push(PolicyAnswer {
                file: file.name.clone(),
                role: label(role).map(str::to_owned),
                allowed: explanation.allowed,
                reason: explanation.reason,
                hangs_on: open,
            });
        }
        let problems = file.problems.iter();
        self.problems
            .extend(problems.map(|problem| format!("{}:{problem}", file.name)));
    }

    /// Whether somebody was asked, and of the rules or of the policies none takes it.
    pub(super) fn all_refuse(&self) -> bool {
        let rules = self.rules.as_ref().is_some_and(Vec::is_empty);
        let refuses = |it: &PolicyAnswer| !it.allowed && it.hangs_on.is_empty();
        rules || (!self.policies.is_empty() && self.policies.iter().all(refuses))
    }

    /// Whether no policy takes it for certain, but one may.
    pub(super) fn not_known(&self) -> bool {
        let mut open = self.policies.iter().map(|it| !it.hangs_on.is_empty());
        open.any(|open| open) && !self.policies.iter().any(|it| it.allowed)
    }

    pub(super) fn write(&self, out: &mut impl Write, claims: &Claims) -> io::Result<()> {
        let line = VerificationLine {
            r#type: "token",
            schema: "rolewatch.token/1",
            verified: true,
            reason: None,
            issuer: Some(claims.issuer().url()),
            subject: Some(claims.subject()),
            claims: Some(claims.all()),
            rules: self.rules.as_deref(),
            rules_outside_hours: self.outside_hours.as_deref(),
            policies: &self.policies,
        };
        write_line(out, &line)?;
        writeln!(out)
    }

    pub(super) fn show(&self, text: &mut Lines) {
        if let Some(rules) = &self.rules {
            text.blank();
            text.line(match &**rules {
                [] => "no rule of the allowlist takes it",
                _ => "rules of the allowlist that take it",
            });
            for rule in rules {
                text.line(&format!("  {} (for {})", rule.name, rule.roles.join(", ")));
                text.prose(4, &format!("if called {}", rule.conditions.join(", ")));
            }
        }
        for rule in self.outside_hours.iter().flatten() {
            let hours = rule.hours.as_deref().unwrap_or_default();
            text.line(&format!("  not now: {} (only {hours})", rule.name));
        }
        if !self.policies.is_empty() {
            text.blank();
            text.line("trust policies");
        }
        for policy in &self.policies {
            let verdict = match (policy.allowed, policy.hangs_on.is_empty()) {
                (true, _) => "allows",
                (false, true) => "denies",
                (false, false) => "not known",
            };
            let role = policy.role.as_ref();
            let role = role.map(|role| format!(" {role}")).unwrap_or_default();
            text.line(&format!("  {verdict}  {}{role}", policy.file));
            if !policy.allowed {
                text.prose(10, &policy.reason);
            }
        }
    }
}
