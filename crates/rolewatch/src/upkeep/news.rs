//! What people are told of what somebody did to the service.

use super::watched::{PUT_PARAMETER, Target};
use super::{Deed, Own};
use crate::alert::{About, Alert, Kind, SCHEMA};
use crate::checks::{Page, REGION_ENABLED, WATCHER_TAMPERED};
use crate::finding::{Background, Severity, stable_id};

/// A name is cut to so many characters.
const LONGEST: usize = 200;

/// The finding; none where somebody else's things were changed. `watched` says whether the region that was
/// enabled is one that canaries come from.
pub(super) fn alert(deed: &Deed, own: &Own, watched: bool) -> Option<Alert> {
    let call = format!("{}:{}", deed.service, deed.call);
    match deed.target {
        Target::Regions => {
            let region = cut(deed.enabled_region()?);
            let (severity, title) = if watched {
                (
                    Severity::Info,
                    format!("Region {region} was enabled and has a forwarder"),
                )
            } else {
                (
                    REGION_ENABLED.severity,
                    format!("Region {region} was enabled, nothing watches it yet"),
                )
            };
            Some(finding(
                &REGION_ENABLED,
                deed,
                severity,
                title,
                &call,
                &region,
            ))
        }
        Target::Trail => {
            let name = deed.names.first().map_or("a trail", String::as_str);
            let title = format!("CloudTrail was changed: {}", deed.call);
            Some(finding(
                &WATCHER_TAMPERED,
                deed,
                severity(deed, own),
                title,
                &call,
                &cut(name),
            ))
        }
        Target::Named => {
            let name = deed.names.iter().find(|name| own.has(name))?;
            if own.is_new_allowlist(deed, name) {
                return None;
            }
            let title = format!("rolewatch itself was changed: {}", deed.call);
            Some(finding(
                &WATCHER_TAMPERED,
                deed,
                severity(deed, own),
                title,
                &call,
                &cut(name),
            ))
        }
    }
}

/// What the deploy role does is told too, as information: the role may be in other hands.
fn severity(deed: &Deed, own: &Own) -> Severity {
    match &deed.role {
        Some(role) if own.deployers.contains(role) => Severity::Info,
        _ => WATCHER_TAMPERED.severity,
    }
}

fn finding(
    page: &Page,
    deed: &Deed,
    severity: Severity,
    title: String,
    call: &str,
    name: &str,
) -> Alert {
    let actor = cut(&deed.actor);
    let did = match &deed.error {
        None => format!("{actor} called {call} on {name}"),
        Some(error) => format!(
            "{actor} called {call} on {name} and was refused ({})",
            cut(error)
        ),
    };
    let from = deed.source_ip.as_deref().unwrap_or("nowhere said");
    let time = deed.time.format("%Y-%m-%dT%H:%M:%SZ");
    // One deployment changes a thing a dozen times: each kind of change by somebody is told once an hour.
    let hour = deed.time.format("%Y-%m-%dT%H").to_string();
    let refused = if deed.error.is_some() { "refused" } else { "" };
    let kind = [
        page.id,
        &deed.account,
        &deed.region,
        call,
        &deed.actor,
        refused,
        &hour,
        severity.as_str(),
    ];
    Alert {
        r#type: Kind::Finding,
        schema: SCHEMA.to_owned(),
        id: stable_id(&kind),
        about: About::Service,
        check: page.id.to_owned(),
        severity,
        title,
        message: format!(
            "{did}, from {} in {} of account {} at {time}; event {}",
            cut(from),
            deed.region,
            deed.account,
            cut(&deed.event_id),
        ),
        event: None,
        rule: None,
        nearest_rule: None,
        suggestion: None,
        repeats: None,
        owner: None,
        background: Background::default(),
    }
}

impl Own {
    /// Whether the allowlist was written: that is told as what it changes, and by whom.
    fn is_new_allowlist(&self, deed: &Deed, name: &str) -> bool {
        deed.call == PUT_PARAMETER
            && deed.error.is_none()
            && self.allowlist.as_deref() == Some(name)
    }

    /// Whether a text names something of this installation: a whole name, or the end of an ARN or URL.
    fn has(&self, text: &str) -> bool {
        let text = text.to_ascii_lowercase();
        self.names.iter().any(|name| {
            let name = name.to_ascii_lowercase();
            text.match_indices(&name).any(|(at, _)| {
                // A stack of a StackSet is called like that, with this before.
                let before = text[..at].strip_suffix("stackset-").unwrap_or(&text[..at]);
                let before = before.chars().next_back();
                !before.is_some_and(|before| {
                    before.is_alphanumeric() || before == '-' || before == '_'
                })
            })
        })
    }
}

fn cut(text: &str) -> String {
    text.chars().take(LONGEST).collect()
}
