//! What STS is asked: a token's claims, and what else stands in the context of the request.

use std::collections::BTreeMap;

use github_oidc::{Context, Issuer, Subject};

use crate::claims::{Claims, STS_AUDIENCE, is_condition_key};

/// The action that trades a token for a session.
pub(crate) const ACTION: &str = "sts:AssumeRoleWithWebIdentity";

/// A call of `AssumeRoleWithWebIdentity` with a token of GitHub's, whose signature is taken for
/// granted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Request {
    /// Who signed the token.
    pub issuer: Issuer,
    /// The IAM OIDC provider through which it comes; without it, that of any account.
    pub provider_arn: Option<String>,
    /// The token's claims, `sub` and `aud` among them.
    pub claims: Claims,
    /// Other condition keys (`aws:SourceIp`, `sts:RoleSessionName`, …) and their values.
    pub context: BTreeMap<String, Vec<String>>,
}

impl Request {
    /// A request with this subject, GitHub's issuer and the audience for which the AWS action
    /// asks. The claims that the subject repeats (repository, ids, environment, ref) are those of
    /// the token too; nothing else is known of it.
    #[must_use]
    pub fn new(subject: &str) -> Self {
        let mut request = Self {
            issuer: Issuer::GitHub,
            provider_arn: None,
            claims: said_by(&Subject::parse(subject)),
            context: BTreeMap::new(),
        };
        request = request.with_claim("sub", subject);
        request.with_claim("aud", STS_AUDIENCE)
    }

    /// The same with one claim more, or another value of it.
    #[must_use]
    pub fn with_claim(mut self, name: &str, value: &str) -> Self {
        self.claims.insert(name.to_owned(), vec![value.to_owned()]);
        self
    }

    /// The token's subject.
    #[must_use]
    pub fn subject(&self) -> Option<&str> {
        self.claims.get("sub")?.first().map(String::as_str)
    }

    /// The condition keys of the request, in lower case. A claim that STS does not know is none:
    /// no policy can see it. The call comes over TLS, as STS takes no other.
    pub(crate) fn keys(&self) -> Keys {
        let provider = self.issuer.provider().to_ascii_lowercase();
        let mut keys = BTreeMap::new();
        keys.insert("aws:securetransport".to_owned(), vec!["true".to_owned()]);
        if let Some(arn) = &self.provider_arn {
            keys.insert("aws:federatedprovider".to_owned(), vec![arn.clone()]);
        }
        for (key, values) in &self.context {
            keys.insert(key.to_ascii_lowercase(), values.clone());
        }
        for (claim, values) in &self.claims {
            let claim = claim.to_ascii_lowercase();
            if is_condition_key(&self.issuer, &claim) {
                keys.insert(format!("{provider}:{claim}"), values.clone());
            }
        }
        Keys(keys)
    }
}

/// The claims that a subject says.
fn said_by(subject: &Subject<'_>) -> Claims {
    let repository = subject
        .repository()
        .map(|repository| repository.full_name());
    let context = subject.context();
    let environment = match context {
        Some(Context::Environment(name)) => Some(name.replace("%3A", ":")),
        _ => None,
    };
    let git_ref = match context {
        Some(Context::Branch(name)) => Some(format!("refs/heads/{name}")),
        Some(Context::Tag(name)) => Some(format!("refs/tags/{name}")),
        _ => None,
    };
    let claims = [
        ("repository", repository),
        (
            "repository_id",
            subject.repository_id().map(|id| id.to_string()),
        ),
        (
            "repository_owner_id",
            subject.owner_id().map(|id| id.to_string()),
        ),
        ("environment", environment),
        ("ref", git_ref),
    ];
    let said = claims
        .into_iter()
        .filter_map(|(claim, value)| Some((claim.to_owned(), vec![value?])));
    said.collect()
}

/// The condition keys of one request and their values.
pub(crate) struct Keys(BTreeMap<String, Vec<String>>);

impl Keys {
    /// The values of a key in lower case; an empty list is no key.
    pub(crate) fn get(&self, lower_key: &str) -> Option<&[String]> {
        let values = self.0.get(lower_key)?;
        (!values.is_empty()).then_some(values)
    }

    /// The one value of a key; nothing where it has several.
    pub(crate) fn single(&self, lower_key: &str) -> Option<&str> {
        match self.get(lower_key) {
            Some([value]) => Some(value),
            _ => None,
        }
    }
}
