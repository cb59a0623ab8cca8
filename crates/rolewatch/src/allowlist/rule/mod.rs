//! One `[[allow]]`: what it matches, field by field.

mod breadth;
mod fault;
mod fit;
mod near_miss;
mod words;

use std::ops::Range;

use chrono::NaiveDate;
use github_oidc::Issuer;

pub use self::fault::Fault;
pub use self::fit::Fit;
pub(crate) use self::fit::{Identity, Part};
use super::matching::{
    ContextPattern, Hours, Network, RepositoryPattern, RolePattern, SubjectPattern,
};
use crate::pattern::Pattern;

/// A compiled rule. It matches as a whole; fields of two rules never combine.
#[derive(Clone, Debug)]
pub struct Rule {
    /// The unique name, shown in alerts and reports.
    pub name: String,
    /// Who answers for the rule.
    pub owner: Option<String>,
    /// Why the rule exists.
    pub reason: Option<String>,
    /// The last day (UTC) on which it matches.
    pub expires: Option<NaiveDate>,
    /// The longest session it allows, in seconds.
    pub max_session: u64,
    pub(in crate::allowlist) roles: Vec<RolePattern>,
    pub(in crate::allowlist) who: Who,
    pub(in crate::allowlist) issuers: Vec<Issuer>,
    pub(in crate::allowlist) audiences: Vec<Pattern>,
    pub(in crate::allowlist) regions: Vec<Pattern>,
    pub(in crate::allowlist) networks: Vec<Network>,
    pub(in crate::allowlist) hours: Option<Hours>,
    /// Where the file says when it expires.
    pub(in crate::allowlist) expires_span: Range<usize>,
}

/// How a rule says who may come.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::allowlist) enum Who {
    /// `repositories` and `contexts`: standard subjects of either form, unless `form` says
    /// immutable alone.
    Repositories {
        repositories: Vec<RepositoryPattern>,
        contexts: Vec<ContextPattern>,
        immutable_only: bool,
    },
    /// `subjects`: whole subjects, and the callers that they name.
    Subjects {
        patterns: Vec<SubjectPattern>,
        repositories: Vec<RepositoryPattern>,
    },
}

impl Who {
    pub(in crate::allowlist) fn subjects(patterns: Vec<SubjectPattern>) -> Self {
        let repositories = patterns.iter().filter_map(SubjectPattern::caller).collect();
        Self::Subjects {
            patterns,
            repositories,
        }
    }
}

impl Rule {
    /// Whether the rule still holds on `day` (UTC).
    #[must_use]
    pub fn is_live(&self, day: NaiveDate) -> bool {
        self.expires.is_none_or(|last| day <= last)
    }

    pub(crate) fn names_role(&self, role_arn: &str) -> bool {
        self.roles.iter().any(|role| role.matches(role_arn))
    }

    pub(crate) fn accepts_issuer(&self, issuer: &Issuer) -> bool {
        self.issuers.contains(issuer)
    }

    /// Whether the rule's ids are from where the issuer's are: github.com and the enterprises on
    /// it share one set of accounts, every other server has its own.
    pub(crate) fn shares_ids_with(&self, issuer: &Issuer) -> bool {
        let server = issuer.web_url();
        self.issuers.iter().any(|own| own.web_url() == server)
    }

    /// Whether the rule has `repositories`, which cover standard subjects alone.
    pub(crate) fn takes_standard_subjects(&self) -> bool {
        matches!(self.who, Who::Repositories { .. })
    }

    /// The repositories that the rule names, ids and all, wherever it names them.
    pub(crate) fn repositories(&self) -> &[RepositoryPattern] {
        match &self.who {
            Who::Repositories { repositories, .. } | Who::Subjects { repositories, .. } => {
                repositories
            }
        }
    }

    /// Whether the rule limits where or when, which a rule made from it must keep.
    pub(crate) fn limits(&self) -> Limits<'_> {
        Limits {
            regions: !self.regions.is_empty(),
            networks: self
                .networks
                .iter()
                .map(|network| network.name.as_str())
                .collect(),
            hours: self.hours.as_ref().map(Hours::as_str),
        }
    }
}

/// The limits of a rule that are not about who comes.
#[derive(Debug)]
pub(crate) struct Limits<'a> {
    pub(crate) regions: bool,
    pub(crate) networks: Vec<&'a str>,
    pub(crate) hours: Option<&'a str>,
}
