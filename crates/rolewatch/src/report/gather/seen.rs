//! A row, read once: what is in its names.

use github_oidc::{Form, Issuer, Subject};

use crate::history::Ids;
use crate::store::Row;

/// What a row is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// Calls that the allowlist was asked about.
    Judged,
    /// Other issuers' calls.
    Other,
    /// Records that could not be judged.
    Unreadable,
}

/// A row and what its names say.
pub(super) struct Seen<'r> {
    pub(super) row: &'r Row,
    pub(super) kind: Kind,
    /// Sessions that were issued.
    pub(super) granted: u64,
    /// `owner/name`; empty where the subject names none.
    pub(super) repository: String,
    /// As the allowlist writes it; the whole subject where it has none.
    pub(super) context: String,
    pub(super) ids: Option<Ids>,
    /// Whether the subject could have carried ids, and does not.
    pub(super) classic: bool,
}

impl<'r> Seen<'r> {
    pub(super) fn of(row: &'r Row) -> Self {
        let kind = if row.about.issuer.is_empty() {
            Kind::Unreadable
        } else if row.counts.contains_key("n:other") {
            Kind::Other
        } else {
            Kind::Judged
        };
        let mut seen = Self {
            row,
            kind,
            granted: 0,
            repository: row.about.folded.clone().unwrap_or_default(),
            context: row.about.subject.clone(),
            ids: None,
            classic: false,
        };
        seen.granted = seen.all("s:").map(|(_, count)| count).sum();
        if kind == Kind::Judged && row.about.folded.is_none() {
            seen.read_subject();
        }
        seen
    }

    fn read_subject(&mut self) {
        let row = self.row;
        let subject = Subject::parse(&row.about.subject);
        if let Some(repository) = subject.repository() {
            self.repository = repository.full_name();
        }
        if let Some(context) = subject.context() {
            self.context = context.to_string();
        }
        let ids = subject.owner_id().zip(subject.repository_id());
        self.ids = ids.map(|(owner, repository)| Ids { owner, repository });
        let signs_ids = || {
            row.about
                .issuer
                .parse()
                .is_ok_and(|it: Issuer| it.signs_ids())
        };
        self.classic = subject.form() == Form::Classic && signs_ids();
    }

    pub(super) fn count(&self, name: &str) -> u64 {
        self.row.counts.get(name).copied().unwrap_or_default()
    }

    /// The counts whose name begins so, by what follows.
    pub(super) fn all<'s>(
        &'s self,
        prefix: &'static str,
    ) -> impl Iterator<Item = (&'r str, u64)> + 's {
        let counts = self.row.counts.range(prefix.to_owned()..);
        counts.map_while(move |(name, count)| Some((name.strip_prefix(prefix)?, *count)))
    }

    /// Refused calls, silenced ones included.
    pub(super) fn refused(&self) -> u64 {
        self.all("e:").map(|(_, count)| count).sum()
    }

    /// The server whose names and ids these are.
    pub(super) fn server(&self) -> String {
        let issuer: Option<Issuer> = self.row.about.issuer.parse().ok();
        issuer.map(|it| it.web_url()).unwrap_or_default()
    }
}
