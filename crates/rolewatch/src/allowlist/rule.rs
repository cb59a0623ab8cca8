//! One `[[allow]]`: what it matches, field by field.

use std::fmt::Write as _;
use std::ops::Range;

use chrono::NaiveDate;
use github_oidc::{Form, Issuer, Subject};

use super::matching::{
    ContextPattern, Hours, Network, RepositoryPattern, RolePattern, Strictness, SubjectPattern,
};
use crate::assumption::Assumption;
use crate::pattern::Pattern;

/// A measured session may exceed its limit by this many seconds: `expiration` and `eventTime`
/// are rounded, and are taken at different moments of the same call.
const SESSION_TOLERANCE: u64 = 5;

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
    pub(super) roles: Vec<RolePattern>,
    pub(super) who: Who,
    pub(super) issuers: Vec<Issuer>,
    pub(super) audiences: Vec<Pattern>,
    pub(super) regions: Vec<Pattern>,
    pub(super) networks: Vec<Network>,
    pub(super) hours: Option<Hours>,
    /// Where the file says when it expires.
    pub(super) expires_span: Range<usize>,
}

/// How a rule says who may come.
#[derive(Clone, Debug)]
pub(super) enum Who {
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
    pub(super) fn subjects(patterns: Vec<SubjectPattern>) -> Self {
        let repositories = patterns.iter().filter_map(SubjectPattern::caller).collect();
        Self::Subjects {
            patterns,
            repositories,
        }
    }
}

/// Who came, as far as rules ask: parsed once, put to every rule.
#[derive(Debug)]
pub(crate) struct Identity<'a> {
    pub(crate) role_arn: &'a str,
    /// None for an issuer that is not known.
    pub(crate) issuer: Option<&'a Issuer>,
    pub(crate) subject: &'a Subject<'a>,
    pub(crate) subject_text: &'a str,
}

/// Which parts of a rule's identity an assumption satisfies.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "one answer for each field of the rule"
)]
pub struct Fit {
    /// The role is one of the rule's.
    pub role: bool,
    /// The issuer is one of the rule's.
    pub issuer: bool,
    /// The owner, as far as the rule names one.
    pub owner: bool,
    /// The repository, ids and demanded form included.
    pub repository: bool,
    /// The context.
    pub context: bool,
    /// Repository and context together, or the whole subject for a `subjects` rule.
    pub subject: bool,
}

impl Fit {
    /// Whether everything but the issuer fits.
    #[must_use]
    pub fn but_for_issuer(self) -> bool {
        self.role && self.subject
    }

    /// Whether the whole identity fits.
    #[must_use]
    pub fn identity(self) -> bool {
        self.issuer && self.but_for_issuer()
    }

    /// How near the rule is, for naming the nearest.
    pub(crate) fn nearness(self) -> u32 {
        let weigh = |fits: bool, weight| if fits { weight } else { 0 };
        weigh(self.role, 8)
            + weigh(self.repository, 8)
            + weigh(self.owner, 2)
            + weigh(self.context, 3)
            + weigh(self.issuer, 1)
    }
}

/// A parameter in which a rule that matches the identity is not satisfied.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    /// The session is longer than the rule's maximum.
    Session,
    /// The audience is not the rule's, or not recorded.
    Audience,
    /// The region is not the rule's, or not recorded.
    Region,
    /// The source is in none of the rule's networks.
    Network,
    /// The call came outside the rule's hours.
    Hours,
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

    pub(crate) fn fit(&self, who: &Identity<'_>) -> Fit {
        let (owner, repository, context, subject) = self.fit_subject(who);
        Fit {
            role: self.names_role(who.role_arn),
            issuer: who.issuer.is_some_and(|issuer| self.accepts_issuer(issuer)),
            owner,
            repository,
            context,
            subject,
        }
    }

    fn fit_subject(&self, who: &Identity<'_>) -> (bool, bool, bool, bool) {
        let owner = who.subject.owner();
        let repository = who.subject.repository();
        match &self.who {
            Who::Repositories {
                repositories,
                contexts,
                immutable_only,
            } => {
                let form = who.subject.form();
                let standard = matches!(form, Form::Classic | Form::Immutable);
                let names_owner = repositories.iter().any(|pattern| {
                    owner.is_some_and(|owner| pattern.owner.matches(&owner, Strictness::Exact))
                });
                let names_repository = (form == Form::Immutable || !immutable_only)
                    && repositories.iter().any(|pattern| {
                        repository.is_some_and(|it| pattern.matches(&it, Strictness::Exact))
                    });
                let names_context = who
                    .subject
                    .context()
                    .is_some_and(|context| contexts.iter().any(|pattern| pattern.matches(context)));
                let whole = standard && names_repository && names_context;
                (names_owner, names_repository, names_context, whole)
            }
            Who::Subjects { patterns, .. } => {
                let whole = patterns
                    .iter()
                    .any(|pattern| pattern.matches(who.subject_text));
                let names_owner = patterns.iter().any(|pattern| {
                    pattern.names_owner(owner.map(|owner| owner.text), who.subject.owner_id())
                });
                let names_repository = repository.is_some_and(|repository| {
                    let text = repository.to_string();
                    patterns
                        .iter()
                        .any(|pattern| pattern.names_repository(&text))
                });
                (
                    whole || names_owner,
                    whole || names_repository,
                    whole,
                    whole,
                )
            }
        }
    }

    /// The parameters in which the rule is not satisfied, in the order of their checks.
    pub(crate) fn faults(&self, assumption: &Assumption) -> Vec<Fault> {
        let missing_or = |value: Option<&str>, patterns: &[Pattern]| {
            !value.is_some_and(|value| patterns.iter().any(|pattern| pattern.matches(value)))
        };
        let session_limit =
            self.max_session + SESSION_TOLERANCE * u64::from(assumption.session.is_measured());
        let source = assumption.source_ip.as_deref().unwrap_or_default();
        [
            (Fault::Session, assumption.session.seconds() > session_limit),
            (
                Fault::Audience,
                missing_or(assumption.audience.as_deref(), &self.audiences),
            ),
            (
                Fault::Region,
                !self.regions.is_empty() && missing_or(assumption.region.as_deref(), &self.regions),
            ),
            (
                Fault::Network,
                !self.networks.is_empty()
                    && !self.networks.iter().any(|network| network.contains(source)),
            ),
            (
                Fault::Hours,
                self.hours
                    .as_ref()
                    .is_some_and(|hours| !hours.contain(assumption.time)),
            ),
        ]
        .into_iter()
        .filter_map(|(fault, is_there)| is_there.then_some(fault))
        .collect()
    }

    /// The repositories that the rule names, ids and all, wherever it names them.
    pub(crate) fn repositories(&self) -> &[RepositoryPattern] {
        match &self.who {
            Who::Repositories { repositories, .. } | Who::Subjects { repositories, .. } => {
                repositories
            }
        }
    }

    /// The text of the pattern that would match the assumption if case did not count, for the
    /// field that does not fit.
    pub(crate) fn near_miss_by_case(&self, who: &Identity<'_>, fit: Fit) -> Option<String> {
        if !fit.role {
            let near = self
                .roles
                .iter()
                .find(|role| role.matches_but_for_case(who.role_arn))?;
            return Some(near.as_str().to_owned());
        }
        match &self.who {
            Who::Repositories { repositories, .. } if !fit.repository => {
                let repository = who.subject.repository()?;
                repositories
                    .iter()
                    .find(|pattern| pattern.matches(&repository, Strictness::ButForCase))
                    .filter(|pattern| !pattern.matches(&repository, Strictness::Exact))
                    .map(|pattern| pattern.as_str().to_owned())
            }
            Who::Repositories { contexts, .. } if !fit.context => {
                let context = who.subject.context()?;
                contexts
                    .iter()
                    .find(|pattern| pattern.matches_but_for_case(context))
                    .map(ToString::to_string)
            }
            Who::Subjects { patterns, .. } if !fit.subject => patterns
                .iter()
                .find(|pattern| pattern.matches_but_for_case(who.subject_text))
                .map(|pattern| pattern.as_str().to_owned()),
            _ => None,
        }
    }

    /// What the rule says of contexts or subjects, for messages.
    pub(crate) fn contexts_text(&self) -> String {
        match &self.who {
            Who::Repositories { contexts, .. } => join(contexts),
            Who::Subjects { patterns, .. } => join(patterns.iter().map(SubjectPattern::as_str)),
        }
    }

    /// What the rule says of repositories or subjects, for messages.
    pub(crate) fn repositories_text(&self) -> String {
        match &self.who {
            Who::Repositories {
                repositories,
                immutable_only,
                ..
            } => {
                let listed = join(repositories.iter().map(RepositoryPattern::as_str));
                if *immutable_only {
                    format!("{listed} in the immutable form")
                } else {
                    listed
                }
            }
            Who::Subjects { patterns, .. } => join(patterns.iter().map(SubjectPattern::as_str)),
        }
    }

    pub(crate) fn roles_text(&self) -> String {
        join(self.roles.iter().map(RolePattern::as_str))
    }

    pub(crate) fn audiences_text(&self) -> String {
        join(&self.audiences)
    }

    pub(crate) fn regions_text(&self) -> String {
        join(&self.regions)
    }

    pub(crate) fn networks_text(&self) -> String {
        join(self.networks.iter().map(|network| network.name.as_str()))
    }

    pub(crate) fn hours_text(&self) -> &str {
        self.hours.as_ref().map_or("any time", Hours::as_str)
    }

    pub(crate) fn issuers_text(&self) -> String {
        join(&self.issuers)
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

/// A list for a message; long lists are cut.
fn join<T: ToString>(items: impl IntoIterator<Item = T>) -> String {
    const SHOWN: usize = 4;
    let items: Vec<String> = items.into_iter().map(|item| item.to_string()).collect();
    let mut text = items
        .iter()
        .take(SHOWN)
        .map(String::as_str)
        .collect::<Vec<_>>()
        .join(", ");
    if items.len() > SHOWN {
        // Writing to a String cannot fail.
        let _ = write!(text, " and {} more", items.len() - SHOWN);
    }
    text
}
