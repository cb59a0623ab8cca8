//! From a record to an assumption: each field from the first place that has it.

use chrono::{DateTime, Utc};
use cloudtrail::{Item, Record};

use super::bounds::{cut, is_too_long, short};
use super::{Assumption, Observation, Outcome, Session, UnreadableRecord};

impl Observation {
    /// Understands a record of AssumeRoleWithWebIdentity. `hash` is the hash of its bytes in
    /// hex, which stands in for a missing event id.
    #[must_use]
    pub fn from_record(record: Record, hash: &str) -> Self {
        let subject = subject(&record);
        let provider = provider(&record);
        let role_arn = role_arn(&record);
        let time = record.event_time;
        let account = account(&record);
        let (Some(subject), Some(provider), Some(role_arn), Some(time)) =
            (&subject, &provider, &role_arn, time)
        else {
            let missing = named(&[
                ("issuer", provider.is_none()),
                ("role", role_arn.is_none()),
                ("subject", subject.is_none()),
                ("time", time.is_none()),
            ]);
            let reason = format!("no field of the record tells the {missing}");
            return UnreadableRecord {
                account: cut(account),
                issuer: cut(provider.as_deref().map(issuer_url)),
                role_arn: cut(role_arn),
                subject: cut(subject),
                ..unreadable(record, hash, reason)
            }
            .into();
        };
        let audience = audience(&record, provider, subject);
        let too_long = named(&[
            ("account", account.as_deref().is_some_and(is_too_long)),
            ("audience", audience.as_deref().is_some_and(is_too_long)),
            ("issuer", is_too_long(provider)),
            ("role", is_too_long(role_arn)),
            ("subject", is_too_long(subject)),
        ]);
        if !too_long.is_empty() {
            let reason = format!("too long to be judged by: the {too_long}");
            return UnreadableRecord {
                account: cut(account),
                issuer: cut(Some(issuer_url(provider))),
                role_arn: cut(Some(role_arn.clone())),
                subject: cut(Some(subject.clone())),
                ..unreadable(record, hash, reason)
            }
            .into();
        }
        Assumption {
            event_id: short(record.event_id.clone()).unwrap_or_else(|| format!("sha256:{hash}")),
            time,
            account,
            audience,
            session: session(&record, time),
            issuer: issuer_url(provider),
            subject: subject.clone(),
            role_arn: role_arn.clone(),
            outcome: match cut(record.error_code) {
                Some(code) => Outcome::Refused { code },
                None => Outcome::Issued,
            },
            region: cut(record.aws_region),
            role_session_name: cut(record.request_parameters.role_session_name),
            source_ip: cut(record.source_ip_address),
            user_agent: cut(record.user_agent),
            access_key_id: cut(record.response_elements.credentials.access_key_id),
        }
        .into()
    }
}

impl Observation {
    /// Understands what a reader met.
    #[must_use]
    pub fn from_item(item: Item<'_>) -> Self {
        match item {
            Item::Record(found) => {
                let hash = found.hash().to_string();
                Self::from_record(*found.record, &hash)
            }
            Item::Unreadable(unreadable) => UnreadableRecord {
                event_id: short(unreadable.event_id),
                account: cut(unreadable.account),
                time: unreadable.time,
                region: cut(unreadable.region),
                hash: unreadable.hash.to_string(),
                reason: unreadable.reason,
                ..UnreadableRecord::default()
            }
            .into(),
        }
    }
}

fn unreadable(record: Record, hash: &str, reason: String) -> UnreadableRecord {
    UnreadableRecord {
        event_id: short(record.event_id),
        time: record.event_time,
        region: cut(record.aws_region),
        source_ip: cut(record.source_ip_address),
        error_code: cut(record.error_code),
        hash: hash.to_owned(),
        reason,
        ..UnreadableRecord::default()
    }
}

/// The names of what is so.
fn named(all: &[(&str, bool)]) -> String {
    let named: Vec<&str> = all
        .iter()
        .filter(|(_, is)| *is)
        .map(|(name, _)| *name)
        .collect();
    named.join(", the ")
}

/// `userName`, else what the response says, else the end of `principalId`.
fn subject(record: &Record) -> Option<String> {
    let identity = &record.user_identity;
    identity
        .user_name
        .clone()
        .or_else(|| {
            record
                .response_elements
                .subject_from_web_identity_token
                .clone()
        })
        .or_else(|| {
            let (_, rest) = split_principal(record)?;
            let audience = record.response_elements.audience.as_deref();
            let subject = match audience.and_then(|audience| rest.strip_prefix(audience)) {
                Some(after) => after.strip_prefix(':')?,
                None => after_audience(rest)?,
            };
            (!subject.is_empty()).then(|| subject.to_owned())
        })
}

/// What follows the audience where only the principal names both: an audience is a URL (with
/// one ':', in its scheme) or a word without one.
fn after_audience(rest: &str) -> Option<&str> {
    let scheme = if rest.starts_with("https://") {
        "https://".len()
    } else {
        0
    };
    rest[scheme..].split_once(':').map(|(_, subject)| subject)
}

/// The OIDC provider as an ARN or a host: what the identity says, else the response, else the
/// head of `principalId`.
fn provider(record: &Record) -> Option<String> {
    record
        .user_identity
        .identity_provider
        .clone()
        .or_else(|| record.response_elements.provider.clone())
        .or_else(|| split_principal(record).map(|(provider, _)| provider.to_owned()))
}

/// `principalId` in two: the provider, and `<audience>:<subject>`. The provider is the one that
/// other fields name, else an ARN of an OIDC provider: its sixth field ends at the next ':'.
fn split_principal(record: &Record) -> Option<(&str, &str)> {
    let principal = record.user_identity.principal_id.as_deref()?;
    let named = record
        .user_identity
        .identity_provider
        .as_deref()
        .or(record.response_elements.provider.as_deref());
    if let Some(rest) = named
        .and_then(|provider| principal.strip_prefix(provider))
        .and_then(|rest| rest.strip_prefix(':'))
    {
        return Some((&principal[..principal.len() - rest.len() - 1], rest));
    }
    if !principal.starts_with("arn:") || !principal.contains(":oidc-provider/") {
        return None;
    }
    let (end, _) = principal.match_indices(':').nth(5)?;
    Some((&principal[..end], &principal[end + 1..]))
}

/// The issuer's URL from the provider's ARN or host.
fn issuer_url(provider: &str) -> String {
    let location = match provider.split_once(":oidc-provider/") {
        Some((_, location)) => location,
        None => provider,
    };
    if location.starts_with("https://") {
        location.to_owned()
    } else {
        format!("https://{location}")
    }
}

/// What was asked for, else the resource, else the session's role, whose path is then unknown.
fn role_arn(record: &Record) -> Option<String> {
    record
        .request_parameters
        .role_arn
        .clone()
        .or_else(|| {
            let role = |r: &&cloudtrail::Resource| r.r#type.as_deref() == Some("AWS::IAM::Role");
            record.resources.iter().find(role)?.arn.clone()
        })
        .or_else(|| {
            let session = record.response_elements.assumed_role_user.arn.as_deref()?;
            let fields: Vec<&str> = session.splitn(6, ':').collect();
            let &["arn", partition, "sts", _, account, resource] = fields.as_slice() else {
                return None;
            };
            let (name, _) = resource.strip_prefix("assumed-role/")?.split_once('/')?;
            Some(format!("arn:{partition}:iam::{account}:role/{name}"))
        })
}

fn account(record: &Record) -> Option<String> {
    record
        .recipient_account_id
        .clone()
        .or_else(|| {
            record
                .resources
                .iter()
                .find_map(|resource| resource.account_id.clone())
        })
        .or_else(|| role_arn(record)?.split(':').nth(4).map(str::to_owned))
}

/// What the response says, else what `principalId` holds between provider and subject.
fn audience(record: &Record, provider: &str, subject: &str) -> Option<String> {
    record.response_elements.audience.clone().or_else(|| {
        let principal = record.user_identity.principal_id.as_deref()?;
        let audience = principal
            .strip_prefix(provider)?
            .strip_prefix(':')?
            .strip_suffix(subject)?
            .strip_suffix(':')?;
        (!audience.is_empty()).then(|| audience.to_owned())
    })
}

fn session(record: &Record, time: DateTime<Utc>) -> Session {
    if let Some(seconds) = record.request_parameters.duration_seconds {
        return Session::Requested(seconds);
    }
    record
        .response_elements
        .credentials
        .expiration
        .and_then(|expiration| u64::try_from((expiration - time).num_seconds()).ok())
        .map_or(Session::Assumed, Session::Measured)
}

#[cfg(test)]
mod tests;
