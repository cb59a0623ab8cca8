//! A finding as an OCSF Detection Finding (class 2004), with the profile `cloud`. The tests hold
//! it against the schema.

use std::net::IpAddr;

use chrono::{DateTime, Utc};
use serde_json::{Map, Value, json};

use super::brief::Brief;
use crate::alert::{About, Alert};
use crate::checks::pages;
use crate::finding::{Event, Severity};
use crate::words::role_name;

/// The version of the schema.
pub const VERSION: &str = "1.8.0";
/// "Detection Finding".
const CLASS: u32 = 2004;
/// "Create": every alert is a finding of its own.
const CREATE: u32 = 1;

/// The finding; `now` stands for the time of one that is about no event.
#[must_use]
pub fn detection_finding(alert: &Alert, now: DateTime<Utc>) -> Value {
    let brief = Brief::of(alert);
    let event = alert.event.as_ref();
    let mut finding = json!({
        "category_uid": 2,
        "category_name": "Findings",
        "class_uid": CLASS,
        "class_name": "Detection Finding",
        "activity_id": CREATE,
        "activity_name": "Create",
        "type_uid": CLASS * 100 + CREATE,
        "type_name": "Detection Finding: Create",
        "severity_id": severity_id(alert.severity),
        "severity": severity_name(alert.severity),
        "status_id": 1,
        "status": "New",
        "is_alert": alert.severity >= Severity::Medium,
        "time": brief.time.unwrap_or_else(|| now.timestamp()) * 1000,
        "message": brief.headline,
        "count": alert.repeats.map_or(1, |repeats| repeats + 1).min(i32::MAX as u64),
        "metadata": metadata(alert),
        "finding_info": finding_info(alert),
        "cloud": cloud(event),
    });
    if let Some(step) = &brief.first_step {
        let parts = [Some(&step.text), step.command.as_ref(), step.then.as_ref()];
        let parts: Vec<&str> = parts.into_iter().flatten().map(String::as_str).collect();
        finding["remediation"] = json!({"desc": parts.join("\n")});
    }
    if let Some(event) = event {
        finding["evidences"] = json!([evidence(event)]);
        if let Some(role) = &event.role_arn {
            finding["resources"] = json!([{
                "uid": role, "name": role_name(role), "type": "AWS::IAM::Role",
            }]);
        }
    }
    // What OCSF has no place for.
    finding["unmapped"] = some([
        ("rule", alert.rule.as_deref()),
        ("nearest_rule", alert.nearest_rule.as_deref()),
        ("suggestion", alert.suggestion.as_deref()),
        ("owner", alert.owner.as_deref()),
        ("summary_of", alert.background.summary_of.as_deref()),
    ]);
    finding
}

fn severity_id(severity: Severity) -> u32 {
    match severity {
        Severity::Info => 1,
        Severity::Low => 2,
        Severity::Medium => 3,
        Severity::High => 4,
        Severity::Critical => 5,
    }
}

fn severity_name(severity: Severity) -> &'static str {
    match severity {
        Severity::Info => "Informational",
        Severity::Low => "Low",
        Severity::Medium => "Medium",
        Severity::High => "High",
        Severity::Critical => "Critical",
    }
}

fn metadata(alert: &Alert) -> Value {
    let mut metadata = json!({
        "version": VERSION,
        "profiles": ["cloud"],
        "uid": alert.id,
        "product": {
            "name": "rolewatch", "vendor_name": "rolewatch", "version": env!("CARGO_PKG_VERSION"),
        },
    });
    if let Some(event) = &alert.event {
        metadata["original_event_uid"] = event.event_id.as_str().into();
        metadata["original_time"] = event.time.as_str().into();
    }
    if let Some(quiet) = &alert.background.quiet {
        metadata["correlation_uid"] = quiet.as_str().into();
    }
    metadata
}

fn finding_info(alert: &Alert) -> Value {
    let page = pages().into_iter().find(|page| page.id == alert.check);
    let about = match alert.about {
        About::Assumption => "assumption",
        About::Allowlist => "allowlist",
        About::Service => "service",
        About::Drill => "drill",
    };
    let mut info = json!({
        "uid": alert.id,
        "title": alert.title,
        "desc": alert.message,
        "types": [about],
        "analytic": {"type_id": 1, "type": "Rule", "uid": alert.check, "name": alert.check},
    });
    if let Some(page) = page {
        info["analytic"]["desc"] = page.title.into();
    }
    if let Some(url) = alert.event.as_ref().and_then(|it| it.run_url.as_deref()) {
        info["src_url"] = url.into();
    }
    if let Some(earlier) = alert.background.earlier {
        info["first_seen_time"] = earlier.since.saturating_mul(1000).into();
    }
    info
}

fn cloud(event: Option<&Event>) -> Value {
    let mut cloud = json!({"provider": "AWS"});
    if let Some(region) = event.and_then(|event| event.region.as_deref()) {
        cloud["region"] = region.into();
    }
    if let Some(account) = event.and_then(|event| event.account.as_deref()) {
        cloud["account"] = json!({"uid": account, "type_id": 10, "type": "AWS Account"});
    }
    cloud
}

/// The call: who made it, from where, what it was answered.
fn evidence(event: &Event) -> Value {
    let mut api = json!({
        "operation": "AssumeRoleWithWebIdentity",
        "service": {"name": "sts.amazonaws.com"},
        "request": {"uid": event.event_id},
    });
    if let Some(code) = &event.error_code {
        api["response"] = json!({"error": code});
    }
    let mut evidence = json!({"api": api});
    if let Some(actor) = actor(event) {
        evidence["actor"] = actor;
    }
    if let Some(source) = &event.source_ip {
        let field = match source.parse::<IpAddr>() {
            Ok(_) => "ip",
            // AWS names the service that called for somebody.
            Err(_) => "name",
        };
        evidence["src_endpoint"] = json!({field: source});
    }
    if let Some(agent) = &event.user_agent {
        evidence["http_request"] = json!({"user_agent": agent});
    }
    evidence["data"] = some([
        ("audience", event.audience.as_deref()),
        ("context", event.context.as_deref()),
        ("role_session_name", event.role_session_name.as_deref()),
    ]);
    evidence
}

fn actor(event: &Event) -> Option<Value> {
    let subject = event.subject.as_deref()?;
    let mut actor = json!({"user": {"uid": subject}});
    if let Some(repository) = &event.repository {
        actor["user"]["name"] = repository.as_str().into();
    }
    if let Some(issuer) = &event.issuer {
        actor["idp"] = json!({"name": issuer, "issuer": issuer});
    }
    if let Some(key) = &event.access_key_id {
        actor["user"]["credential_uid"] = key.as_str().into();
    }
    Some(actor)
}

/// An object of those that there are.
fn some<const N: usize>(fields: [(&str, Option<&str>); N]) -> Value {
    let fields = fields
        .into_iter()
        .filter_map(|(name, value)| Some((name.to_owned(), value?.into())));
    Value::Object(fields.collect::<Map<String, Value>>())
}
