//! A drill: an assumption that nobody made, sent by somebody of the account to see that a finding arrives.
//!
//! It is judged by the allowlist in force and told, marked, through the same queue, topic and webhook as a real one. It is
//! never admitted: nothing of it is counted, learnt from, or opens a quiet window. Only its source makes it one, and the
//! source of a real event is `aws.sts`, which nobody can send: an event cannot be passed off as a drill.

use chrono::{DateTime, TimeDelta, Utc};
use serde::{Deserialize, Serialize};

use crate::alert::{About, Alert, Kind, SCHEMA};
use crate::allowlist::{Allowlist, Mode};
use crate::assumption::{Assumption, Observation, Outcome as Answer, Session};
use crate::checks::DRILL;
use crate::detect::{Decision, Outcome, decide};
use crate::finding::{Background, Event, stable_id};

/// The source of drills. Never `aws.*`, which nobody can send.
pub const DRILL_SOURCE: &str = "rolewatch.drill";
/// Their type.
pub const DRILL_DETAIL_TYPE: &str = "rolewatch drill";

/// How far two clocks may differ.
const CLOCKS: TimeDelta = TimeDelta::minutes(5);
/// A text of a drill has at most so many bytes: the longest that a token's subject or a role's ARN has in practice.
const LONGEST: usize = 4096;

/// What a drill's event holds.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Drill {
    /// Its name, by which it is told once: 1 to 64 letters, digits and dashes.
    pub id: String,
    /// When it was sent.
    pub sent: DateTime<Utc>,
    /// The role's ARN.
    pub role: String,
    /// The token's subject.
    pub subject: String,
    /// The issuer's URL.
    pub issuer: String,
    /// The token's audience.
    pub audience: String,
    /// The session's length.
    pub session_seconds: u64,
    /// Where the call is to have come from.
    #[serde(default)]
    pub source_ip: Option<String>,
    /// Who sent it, as they say.
    pub by: String,
}

#[derive(Deserialize)]
struct Envelope {
    source: String,
    #[serde(rename = "detail-type")]
    detail_type: String,
    account: Option<String>,
    region: Option<String>,
    detail: Drill,
}

/// A drill that arrived, with what EventBridge says of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ArrivedDrill {
    /// What was sent.
    pub drill: Drill,
    account: Option<String>,
    region: Option<String>,
}

impl ArrivedDrill {
    /// The drill that an event is; nothing where it is not exactly one.
    #[must_use]
    pub fn read(body: &[u8], now: DateTime<Utc>) -> Option<Self> {
        let Envelope {
            source,
            detail_type,
            account,
            region,
            detail: drill,
        } = serde_json::from_slice(body).ok()?;
        let is_drill = source == DRILL_SOURCE && detail_type == DRILL_DETAIL_TYPE;
        let fits = drill.fits() && drill.sent - now <= CLOCKS;
        (is_drill && fits).then_some(Self {
            drill,
            account,
            region,
        })
    }

    /// What is told of it: what would be told of such an assumption, marked; or that nothing would be.
    #[must_use]
    pub fn alerts(&self, allowlist: &Allowlist) -> Vec<Alert> {
        let observation = self.observation();
        let decision = decide(&observation, allowlist);
        let findings = decision.findings.iter();
        let mut alerts: Vec<Alert> = findings.map(|it| self.marked(Alert::from(it))).collect();
        if alerts.is_empty() {
            alerts.push(self.marked(nothing(&decision, &observation)));
        }
        if allowlist.mode == Mode::Audit {
            for alert in &mut alerts {
                alert.message +=
                    ". The allowlist is in audit mode: of a real one nobody would be told";
            }
        }
        alerts
    }

    /// The assumption that it makes believe. No session, no key, no record.
    fn observation(&self) -> Observation {
        let drill = &self.drill;
        Assumption {
            event_id: format!("drill-{}", drill.id),
            time: drill.sent,
            account: self.account.clone(),
            region: self.region.clone(),
            role_arn: drill.role.clone(),
            role_session_name: None,
            issuer: drill.issuer.clone(),
            subject: drill.subject.clone(),
            audience: Some(drill.audience.clone()),
            session: Session::Requested(drill.session_seconds),
            source_ip: drill.source_ip.clone(),
            user_agent: None,
            access_key_id: None,
            outcome: Answer::Issued,
        }
        .into()
    }

    /// A drill wherever it is looked at. A suggestion would be taken up, and it belongs in no thread of real findings.
    fn marked(&self, alert: Alert) -> Alert {
        Alert {
            id: stable_id(&["drill", &self.drill.id, &alert.check]),
            about: About::Drill,
            title: format!("[DRILL] {}", alert.title),
            message: format!(
                "This is a drill, sent by {} (as they say): nobody assumed a role. {}",
                self.drill.by, alert.message
            ),
            suggestion: None,
            background: Background {
                allowed_seconds: alert.background.allowed_seconds,
                ..Background::default()
            },
            ..alert
        }
    }
}

impl Drill {
    /// Whether it is of a size that is taken in.
    #[must_use]
    pub fn fits(&self) -> bool {
        let is_name = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-';
        let texts = [&self.role, &self.subject, &self.issuer, &self.audience];
        (1..=64).contains(&self.id.len())
            && self.id.bytes().all(is_name)
            && self.by.len() <= 128
            && texts.iter().all(|text| text.len() <= LONGEST)
            && self.source_ip.as_ref().is_none_or(|it| it.len() <= 128)
    }
}

/// That such an assumption would be told to nobody, and why.
fn nothing(decision: &Decision, observation: &Observation) -> Alert {
    let rule = decision.rule.as_deref().unwrap_or_default();
    let why = match (decision.outcome, decision.ignored.first()) {
        (_, Some((finding, reason))) => format!(
            "Of a real one nobody would be told: {} is ignored ({reason})",
            finding.check.id
        ),
        (Outcome::Other, None) => {
            "Of a real one nobody would be told: its issuer is none that is watched".to_owned()
        }
        (_, None) => format!("Of a real one nobody would be told: the rule {rule:?} expects it"),
    };
    Alert {
        r#type: Kind::Finding,
        schema: SCHEMA.to_owned(),
        id: String::new(),
        about: About::Drill,
        check: DRILL.id.to_owned(),
        severity: DRILL.severity,
        title: "It arrived, and would be told to nobody".to_owned(),
        message: why,
        event: Event::of(observation),
        rule: decision.rule.clone(),
        nearest_rule: None,
        suggestion: None,
        repeats: None,
        owner: None,
        background: Background::default(),
    }
}

#[cfg(test)]
mod tests;
