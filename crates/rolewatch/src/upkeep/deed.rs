//! One call that changes how well the account is watched, as CloudTrail recorded it.

use chrono::{DateTime, Utc};
use serde::Deserialize;
use serde_json::Value;

use super::watched::{Service, Target, service};

/// A call, and who made it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Deed {
    /// CloudTrail's event id.
    pub event_id: String,
    /// When.
    pub time: DateTime<Utc>,
    /// In which account.
    pub account: String,
    /// In which region.
    pub region: String,
    /// The service, such as `lambda`.
    pub service: String,
    /// The call, without the date that Lambda adds.
    pub call: String,
    /// Who made it: an ARN, or the name of a service of AWS.
    pub actor: String,
    /// The role behind a session.
    pub role: Option<String>,
    /// From where.
    pub source_ip: Option<String>,
    /// Why AWS refused, if it did.
    pub error: Option<String>,
    /// What was changed, as far as the call names it.
    pub(super) names: Vec<String>,
    pub(super) target: Target,
}

#[derive(Deserialize)]
struct Envelope {
    detail: Record,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Record {
    #[serde(rename = "eventID")]
    event_id: String,
    event_time: DateTime<Utc>,
    event_source: String,
    event_name: String,
    aws_region: String,
    #[serde(default)]
    recipient_account_id: Option<String>,
    #[serde(default, rename = "sourceIPAddress")]
    source_ip: Option<String>,
    #[serde(default)]
    error_code: Option<String>,
    #[serde(default)]
    user_identity: Value,
    #[serde(default)]
    request_parameters: Value,
    #[serde(default)]
    response_elements: Value,
    #[serde(default)]
    resources: Value,
}

impl Record {
    /// What names the thing that was changed. Where no member does that should, every text may:
    /// something is rather told of that is not ours than that something of ours is not.
    fn names(&self, service: &Service) -> Vec<String> {
        let mut names = Vec::new();
        for part in [&self.request_parameters, &self.response_elements] {
            for wanted in service.members {
                let members = part.as_object().into_iter().flatten();
                let wanted = members.filter(|(member, _)| member.eq_ignore_ascii_case(wanted));
                wanted.for_each(|(_, value)| gather(value, &mut names));
            }
        }
        for resource in self.resources.as_array().into_iter().flatten() {
            gather(&resource["ARN"], &mut names);
        }
        if names.is_empty() {
            gather(&self.request_parameters, &mut names);
            gather(&self.response_elements, &mut names);
        }
        names
    }
}

impl Deed {
    /// The call that an event is; nothing where it is none that is watched.
    #[must_use]
    pub fn read(body: &[u8]) -> Option<Self> {
        let Envelope { detail: record } = serde_json::from_slice(body).ok()?;
        let watched = service(&record.event_source, &record.event_name)?;
        let names = record.names(watched);
        let identity = &record.user_identity;
        let text = |pointer: &str| identity.pointer(pointer).and_then(Value::as_str);
        let actor = text("/arn").or(text("/invokedBy")).unwrap_or("somebody");
        let service = record.event_source.split('.').next().unwrap_or_default();
        let call = record.event_name.split("201").next().unwrap_or_default();
        Some(Self {
            event_id: record.event_id,
            time: record.event_time,
            account: record.recipient_account_id.unwrap_or_default(),
            region: record.aws_region,
            service: service.to_owned(),
            call: call.to_owned(),
            actor: actor.to_owned(),
            role: text("/sessionContext/sessionIssuer/arn").map(str::to_owned),
            source_ip: record.source_ip,
            error: record.error_code,
            names,
            target: watched.target,
        })
    }

    /// The region that was enabled, if that is what was done.
    #[must_use]
    pub fn enabled_region(&self) -> Option<&str> {
        (self.target == Target::Regions).then(|| self.names.first().map_or("", String::as_str))
    }
}

/// Every text below.
fn gather(value: &Value, texts: &mut Vec<String>) {
    match value {
        Value::String(text) => texts.push(text.clone()),
        Value::Array(items) => items.iter().for_each(|item| gather(item, texts)),
        Value::Object(members) => members.values().for_each(|item| gather(item, texts)),
        _ => {}
    }
}
