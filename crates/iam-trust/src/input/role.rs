//! A role as far as its file tells of it.

use std::ops::Range;

use crate::json::quote;
use crate::place::Place;
use crate::policy::Policy;

use super::Permissions;

/// A role and its trust policy.
#[derive(Clone, Debug)]
pub struct Role {
    /// The role's ARN, where the file has it.
    pub arn: Option<String>,
    /// The role's name, or the name of the resource in a template or plan.
    pub name: Option<String>,
    /// The trust policy.
    pub policy: Policy,
    /// `MaxSessionDuration`, where the file has it. Without it a role has one hour.
    pub max_session: Option<MaxSession>,
    /// What the role may do, where the file tells.
    pub permissions: Permissions,
    /// Whether the policy was computed by a template or plan, so that editing it here changes
    /// nothing that is deployed.
    pub derived: bool,
    pub(super) span: Range<usize>,
    pub(super) encoding: Encoding,
}

/// The longest session that a role grants.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MaxSession {
    /// In seconds, 3,600 to 43,200 where IAM took it.
    pub seconds: u64,
    /// Where it stands.
    pub place: Place,
}

/// How a policy stands in its file.
#[derive(Copy, Clone, Debug, PartialEq, Eq)]
pub(super) enum Encoding {
    Plain,
    JsonString,
    UrlInJsonString,
    /// In YAML, where JSON can be read but not be put back in the same style.
    Yaml,
}

impl Role {
    /// A role of which only the policy is known.
    #[must_use]
    pub fn bare(policy: Policy) -> Self {
        Self {
            arn: None,
            name: None,
            permissions: Permissions::default(),
            max_session: None,
            derived: false,
            span: 0..policy.text.len(),
            encoding: Encoding::Plain,
            policy,
        }
    }

    pub(super) fn stands_at(mut self, span: Range<usize>, encoding: Encoding) -> Self {
        self.span = span;
        self.encoding = encoding;
        self
    }

    pub(super) fn stands_in_yaml(&mut self) {
        self.encoding = Encoding::Yaml;
    }

    /// Whether another policy can be put in its place, and would be deployed.
    #[must_use]
    pub fn can_be_edited(&self) -> bool {
        !self.derived && self.encoding != Encoding::Yaml
    }

    /// The file that the role was read from, with another policy in the place of the role's. All
    /// else stays as it is, byte for byte. Nothing where the file is not the one that was read, or
    /// is YAML.
    #[must_use]
    pub fn replace_policy(&self, file: &str, policy: &str) -> Option<String> {
        let before = file.get(..self.span.start)?;
        let after = file.get(self.span.end..)?;
        let policy = match self.encoding {
            Encoding::Plain => policy.to_owned(),
            Encoding::JsonString => quote(policy),
            Encoding::Yaml => return None,
            Encoding::UrlInJsonString => quote(&super::embedded::percent_encode(policy)),
        };
        Some(format!("{before}{policy}{after}"))
    }
}
