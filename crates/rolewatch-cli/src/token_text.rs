//! A token's claims, for people.

use chrono::{DateTime, SecondsFormat, Utc};
use github_oidc::token::ClaimSet;
use github_oidc::{Form, Issuer, Subject};
use rolewatch::allowlist::format_duration;

use crate::lines::Lines;

/// The claims that [`headline`] tells.
const TOLD: [&str; 6] = ["iss", "sub", "aud", "iat", "nbf", "exp"];

/// Who, what for, for whom and how long.
pub(crate) fn headline(text: &mut Lines, claims: &ClaimSet, now: DateTime<Utc>) {
    let issuer = claims.text("iss").unwrap_or("none");
    text.field("issuer", &format!("{issuer} ({})", issuer_kind(issuer)));
    let subject = claims.text("sub").unwrap_or("none");
    text.field("subject", subject);
    let parsed = Subject::parse(subject);
    text.field("form", form(&parsed));
    if let Some(repository) = parsed.repository() {
        text.field("repository", &repository.to_string());
    }
    if let Some(context) = parsed.context() {
        text.field("context", &context.to_string());
    }
    text.field("audience", claims.audience().unwrap_or("none, or several"));
    if let Some(lifetime) = claims.lifetime() {
        text.field("lifetime", &format_duration(lifetime));
    }
    for (label, name) in [("issued", "iat"), ("not before", "nbf"), ("expires", "exp")] {
        text.field(label, &time(claims.seconds(name), now));
    }
}

/// All other claims.
pub(crate) fn rest(text: &mut Lines, claims: &ClaimSet) {
    text.blank();
    let width = claims.texts().map(|(name, _)| name.len()).max();
    let width = width.unwrap_or_default().min(40);
    for (name, values) in claims.texts().filter(|(name, _)| !TOLD.contains(name)) {
        text.line(&format!("  {name:<width$}  {}", values.join(", ")));
    }
}

fn issuer_kind(issuer: &str) -> &'static str {
    match issuer.parse() {
        Ok(Issuer::GitHub) => "GitHub",
        Ok(Issuer::Enterprise { .. }) => "an enterprise on GitHub",
        Ok(Issuer::DataResidency { .. }) => "GitHub with data residency",
        Ok(Issuer::EnterpriseServer { .. }) => "spelt like a GitHub Enterprise Server's",
        Err(_) => "not GitHub's",
    }
}

fn form(subject: &Subject<'_>) -> &'static str {
    match subject.form() {
        Form::Classic => "classic, without ids",
        Form::Immutable => "immutable, with ids",
        Form::Custom => "customised",
        Form::Unparsable => "none that is known",
    }
}

fn time(seconds: Option<u64>, now: DateTime<Utc>) -> String {
    let time = seconds.and_then(|it| DateTime::from_timestamp(i64::try_from(it).ok()?, 0));
    let Some(time) = time else {
        return "not said, or no time".to_owned();
    };
    let stamp = time.to_rfc3339_opts(SecondsFormat::Secs, true);
    let away = time.signed_duration_since(now).num_seconds();
    let length = |seconds: i64| format_duration(seconds.unsigned_abs());
    match away {
        0 => format!("{stamp} (now)"),
        1.. => format!("{stamp} (in {})", length(away)),
        _ => format!("{stamp} ({} ago)", length(away)),
    }
}
