//! Allowlists and assumptions as plain values, and how they are written.

use std::fmt::Write as _;

use chrono::{DateTime, NaiveDate, Utc};
use rolewatch::assumption::{Assumption, Outcome, Session};

#[derive(Clone, Debug)]
pub(crate) struct File {
    /// Listed besides GitHub.com's.
    pub(crate) issuers: Vec<&'static str>,
    pub(crate) default_issuers: Vec<&'static str>,
    pub(crate) default_audiences: Vec<&'static str>,
    pub(crate) rules: Vec<Rule>,
    pub(crate) ignores: Vec<Ignore>,
}

#[derive(Clone, Debug)]
pub(crate) struct Rule {
    pub(crate) roles: Vec<&'static str>,
    pub(crate) who: Who,
    pub(crate) minutes: Option<u64>,
    pub(crate) issuers: Option<Vec<&'static str>>,
    pub(crate) audiences: Option<Vec<&'static str>>,
    pub(crate) regions: Vec<&'static str>,
    pub(crate) networks: Vec<&'static str>,
    /// Monday to Friday, 08:00 to 18:00 UTC.
    pub(crate) office_hours: bool,
    pub(crate) expires: Option<NaiveDate>,
}

#[derive(Clone, Debug)]
pub(crate) enum Who {
    Repositories {
        repositories: Vec<String>,
        contexts: Vec<&'static str>,
        immutable: bool,
    },
    Subjects(Vec<String>),
}

#[derive(Clone, Debug)]
pub(crate) struct Ignore {
    pub(crate) check: &'static str,
    pub(crate) roles: Vec<&'static str>,
    pub(crate) repositories: Vec<String>,
    pub(crate) until: NaiveDate,
}

/// The networks that every file names.
pub(crate) const NETWORKS: [(&str, &str); 2] =
    [("office", "203.0.113.0/24"), ("six", "2001:db8::/48")];

/// A subject, taken apart before it is written: whoever judges by this parses nothing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Subject {
    Standard {
        owner: Name,
        name: Name,
        context: Context,
    },
    Custom(Vec<(&'static str, Option<String>)>),
    Junk(&'static str),
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Name {
    pub(crate) text: &'static str,
    pub(crate) id: Option<u64>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Context {
    Branch(&'static str),
    Tag(&'static str),
    Environment(&'static str),
    PullRequest,
}

#[derive(Clone, Debug)]
pub(crate) struct Seen {
    pub(crate) role: &'static str,
    pub(crate) issuer: &'static str,
    pub(crate) subject: Subject,
    pub(crate) audience: Option<&'static str>,
    pub(crate) session: Session,
    pub(crate) region: Option<&'static str>,
    pub(crate) source: Option<&'static str>,
    pub(crate) time: DateTime<Utc>,
    pub(crate) refused: bool,
}

impl Name {
    pub(crate) fn written(&self) -> String {
        match self.id {
            Some(id) => format!("{}@{id}", self.text),
            None => self.text.to_owned(),
        }
    }
}

impl Subject {
    pub(crate) fn written(&self) -> String {
        match self {
            Self::Standard {
                owner,
                name,
                context,
            } => {
                let context = match context {
                    Context::Branch(name) => format!("ref:refs/heads/{name}"),
                    Context::Tag(name) => format!("ref:refs/tags/{name}"),
                    Context::Environment(name) => {
                        format!("environment:{}", name.replace(':', "%3A"))
                    }
                    Context::PullRequest => "pull_request".to_owned(),
                };
                format!("repo:{}/{}:{context}", owner.written(), name.written())
            }
            Self::Custom(claims) => claims
                .iter()
                .map(|(key, value)| match value {
                    Some(value) => format!("{key}:{value}"),
                    None => (*key).to_owned(),
                })
                .collect::<Vec<_>>()
                .join(":"),
            Self::Junk(text) => (*text).to_owned(),
        }
    }
}

impl Seen {
    pub(crate) fn assumption(&self) -> Assumption {
        let outcome = if self.refused {
            let code = "AccessDenied".to_owned();
            Outcome::Refused { code }
        } else {
            Outcome::Issued
        };
        Assumption {
            event_id: "e".into(),
            time: self.time,
            account: Some("123456789012".into()),
            region: self.region.map(Into::into),
            role_arn: self.role.into(),
            role_session_name: None,
            issuer: self.issuer.into(),
            subject: self.subject.written(),
            audience: self.audience.map(Into::into),
            session: self.session,
            source_ip: self.source.map(Into::into),
            user_agent: None,
            access_key_id: None,
            outcome,
        }
    }
}

impl File {
    /// The file, its rules named by `name` and in the order of `order`.
    pub(crate) fn written(&self, order: &[usize], name: fn(usize) -> String) -> String {
        let mut text = format!(
            "version = 1\n[defaults]\nissuers = {:?}\naudiences = {:?}\n",
            self.default_issuers, self.default_audiences
        );
        for url in &self.issuers {
            let _ = writeln!(text, "[[issuer]]\nurl = {url:?}");
        }
        for (name, cidr) in NETWORKS {
            let _ = writeln!(text, "[[network]]\nname = {name:?}\ncidrs = [{cidr:?}]");
        }
        for &index in order {
            let _ = writeln!(text, "[[allow]]\nname = {:?}", name(index));
            self.rules[index].write(&mut text);
        }
        for ignore in &self.ignores {
            ignore.write(&mut text);
        }
        text
    }

    pub(crate) fn in_order(&self) -> String {
        let order: Vec<usize> = (0..self.rules.len()).collect();
        self.written(&order, |index| format!("rule {index}"))
    }
}

impl Rule {
    fn write(&self, text: &mut String) {
        let _ = writeln!(text, "roles = {:?}", self.roles);
        match &self.who {
            Who::Repositories {
                repositories,
                contexts,
                immutable,
            } => {
                let _ = writeln!(
                    text,
                    "repositories = {repositories:?}\ncontexts = {contexts:?}"
                );
                if *immutable {
                    text.push_str("form = \"immutable\"\n");
                }
            }
            Who::Subjects(patterns) => {
                let _ = writeln!(text, "subjects = {patterns:?}\ncaller = \"any\"");
            }
        }
        if let Some(minutes) = self.minutes {
            let _ = writeln!(text, "max_session = \"{minutes}m\"");
        }
        if let Some(issuers) = &self.issuers {
            let _ = writeln!(text, "issuers = {issuers:?}");
        }
        if let Some(audiences) = &self.audiences {
            let _ = writeln!(text, "audiences = {audiences:?}");
        }
        for (key, values) in [("regions", &self.regions), ("networks", &self.networks)] {
            if !values.is_empty() {
                let _ = writeln!(text, "{key} = {values:?}");
            }
        }
        if self.office_hours {
            text.push_str("hours = \"Mon-Fri 08:00-18:00 UTC\"\n");
        }
        if let Some(day) = self.expires {
            let _ = writeln!(text, "expires = {day}");
        }
    }
}

impl Ignore {
    fn write(&self, text: &mut String) {
        let _ = writeln!(
            text,
            "[[ignore]]\ncheck = {:?}\nreason = \"r\"\nuntil = {}",
            self.check, self.until
        );
        if !self.roles.is_empty() {
            let _ = writeln!(text, "roles = {:?}", self.roles);
        }
        if !self.repositories.is_empty() {
            let _ = writeln!(text, "repositories = {:?}", self.repositories);
        }
    }
}
