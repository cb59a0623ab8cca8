//! From uses to rules: as few as allow just what was seen.

use std::collections::{BTreeMap, BTreeSet};

use github_oidc::{Form, Issuer, Repository, StandardSubject, Subject};

use super::left_out::Why;
use super::seen::{Sum, Use};
use crate::allowlist::matching::{ContextPattern, RepositoryPattern, SubjectPattern};

/// One rule to be. What it asks for comes first: rules are in the order of their roles and callers.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Draft<'a> {
    pub(super) role_arn: &'a str,
    /// `owner/name`, or as much as is known of it.
    pub(super) caller: String,
    pub(super) issuer: &'a Issuer,
    pub(super) audience: &'a str,
    pub(super) whose: Whose,
}

/// Which subjects of the caller a rule is for.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Whose {
    /// Standard ones of these repositories.
    Repositories {
        repositories: Vec<String>,
        immutable: bool,
    },
    /// Whole ones.
    Subjects,
}

impl Whose {
    /// A repository that the rule names.
    pub(super) fn repository(&self) -> Option<&str> {
        match self {
            Self::Repositories { repositories, .. } => repositories.first().map(String::as_str),
            Self::Subjects => None,
        }
    }
}

/// The uses that a rule is for.
pub(super) type Uses<'a> = Vec<(&'a Use, Sum)>;

/// How a rule can say who came.
enum Said<'a> {
    Standard(StandardSubject<'a>),
    Whole(Subject<'a>),
}

/// Whether a rule can say just this subject.
pub(super) fn sayable(subject: &str) -> Result<(), Why> {
    said(subject).map(|_| ())
}

fn said(text: &str) -> Result<Said<'_>, Why> {
    let subject = Subject::parse(text);
    if let Subject::Standard(standard) = subject
        && is_plain(&standard)
    {
        return Ok(Said::Standard(standard));
    }
    match SubjectPattern::parse(text) {
        Ok(pattern) if !pattern.is_literal() => Err(Why::Unwritable),
        Ok(pattern) if !pattern.pins_caller() => Err(Why::NoCaller),
        Ok(_) => Ok(Said::Whole(subject)),
        Err(_) if has_empty_name(text) => Err(Why::Empty),
        Err(_) => Err(Why::Unwritable),
    }
}

/// Whether nothing stands where a name has to: between two ':' or '/', or at an end.
fn has_empty_name(text: &str) -> bool {
    text.split([':', '/']).any(str::is_empty)
}

/// Whether `repositories` and `contexts` can say it. A few names that they refuse, a whole subject
/// can still hold: a branch with a ':', say.
fn is_plain(subject: &StandardSubject<'_>) -> bool {
    let repository = RepositoryPattern::parse(&subject.repository.to_string());
    let context = ContextPattern::parse(&subject.context.to_string());
    repository.is_ok_and(|it| it.is_literal())
        && context.is_ok_and(|it| it.subject_suffix() == Some(subject.context.subject_suffix()))
}

/// What a rule is for, but for its caller: role, issuer and audience.
pub(super) type Way<'a> = (&'a str, &'a Issuer, &'a str);

/// What several uses tell together.
#[derive(Default)]
pub(super) struct Known<'a> {
    /// How a repository (of a server, by name) was written with both of its ids, and on which
    /// ways that came.
    ids: BTreeMap<(String, String), BTreeMap<String, BTreeSet<Way<'a>>>>,
    /// What came without ids, by name and context.
    without_ids: BTreeSet<(Way<'a>, String, String)>,
}

impl<'a> Known<'a> {
    pub(super) fn of(uses: &'a BTreeMap<Use, Sum>) -> Self {
        let mut known = Self::default();
        for used in uses.keys() {
            let subject = Subject::parse(&used.subject);
            let Some(repository) = subject.repository() else {
                continue;
            };
            let name = repository.full_name();
            if repository.owner.id.is_some() && repository.name.id.is_some() {
                let pinned = known.ids.entry((used.issuer.web_url(), name)).or_default();
                let ways = pinned.entry(repository.to_string()).or_default();
                ways.insert(way(used));
            } else if let Ok(Said::Standard(standard)) = said(&used.subject)
                && has_no_ids(&repository)
            {
                known.without_ids.insert(place(used, &standard));
            }
        }
        known
    }

    /// The ids that a name came with anywhere on its server, each with one of its ways.
    pub(super) fn ids(&self, issuer: &Issuer, name: &str) -> Vec<(&str, Way<'a>)> {
        let ids = self.ids.get(&(issuer.web_url(), name.to_owned()));
        let ids = ids.into_iter().flatten();
        ids.filter_map(|(written, ways)| Some((written.as_str(), *ways.first()?)))
            .collect()
    }

    /// One rule for whatever came without ids, pinned to those that the name came with on the
    /// same way; it covers the same contexts with ids, too. Whatever came with ids alone gets
    /// rules that ask for them. Where ids came on other ways alone, they may be a stranger's who
    /// has the name now: neither they nor any others are let in here, and the subjects stand whole.
    fn whose(&self, used: &'a Use, subject: &StandardSubject<'_>) -> Whose {
        let repository = &subject.repository;
        let immutable = Subject::Standard(*subject).form() == Form::Immutable;
        let came_without = self.without_ids.contains(&place(used, subject));
        if !(has_no_ids(repository) || immutable && came_without) {
            return Whose::Repositories {
                repositories: vec![repository.to_string()],
                immutable,
            };
        }
        let name = repository.full_name();
        let Some(ids) = self.ids.get(&(used.issuer.web_url(), name.clone())) else {
            return Whose::Repositories {
                repositories: vec![name],
                immutable: false,
            };
        };
        let own = ids.iter().filter(|(_, ways)| ways.contains(&way(used)));
        let repositories: Vec<String> = own.map(|(written, _)| written.clone()).collect();
        if repositories.is_empty() {
            return Whose::Subjects;
        }
        Whose::Repositories {
            repositories,
            immutable: false,
        }
    }
}

fn has_no_ids(repository: &Repository<'_>) -> bool {
    repository.owner.id.is_none() && repository.name.id.is_none()
}

fn way(used: &Use) -> Way<'_> {
    (&used.role_arn, &used.issuer, &used.audience)
}

fn place<'a>(used: &'a Use, subject: &StandardSubject<'_>) -> (Way<'a>, String, String) {
    let name = subject.repository.full_name();
    (way(used), name, subject.context.to_string())
}

/// The rules, each with what it is for.
pub(super) fn drafts<'a>(
    uses: &'a BTreeMap<Use, Sum>,
    known: &Known<'a>,
) -> BTreeMap<Draft<'a>, Uses<'a>> {
    let mut drafts: BTreeMap<Draft<'a>, Uses<'a>> = BTreeMap::new();
    for (used, sum) in uses {
        let (caller, whose) = match said(&used.subject) {
            Ok(Said::Standard(subject)) => {
                (subject.repository.full_name(), known.whose(used, &subject))
            }
            Ok(Said::Whole(subject)) => (caller(&subject), Whose::Subjects),
            // Only what a rule can say is counted as a use.
            Err(_) => continue,
        };
        let draft = Draft {
            role_arn: &used.role_arn,
            caller,
            issuer: &used.issuer,
            audience: &used.audience,
            whose,
        };
        drafts.entry(draft).or_default().push((used, *sum));
    }
    drafts
}

/// The repository or the owner of a customised subject, as far as it names one.
fn caller(subject: &Subject<'_>) -> String {
    let repository = subject.repository().map(|it| it.full_name());
    let owner = || subject.owner().map(|it| it.text.to_owned());
    let by_id = || subject.owner_id().map(|id| format!("owner {id}"));
    let named = repository.or_else(owner).or_else(by_id);
    named.unwrap_or_else(|| "customised subjects".to_owned())
}
