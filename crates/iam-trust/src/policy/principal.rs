//! The elements `Principal` and `NotPrincipal`.

use github_oidc::Issuer;

use super::{Text, placeholder};

/// Whom a statement is about.
#[derive(Clone, Debug)]
pub struct Principals {
    /// Whether it is `NotPrincipal`: everybody but these.
    pub negated: bool,
    /// The principals, in the order of the document.
    pub entries: Vec<PrincipalEntry>,
}

/// One principal.
#[derive(Clone, Debug)]
pub struct PrincipalEntry {
    /// The kind under which it stands.
    pub kind: PrincipalKind,
    /// The ARN, account, service or `*`.
    pub value: Text,
}

/// The kinds of principals.
#[derive(Copy, Clone, Debug, PartialEq, Eq)]
pub enum PrincipalKind {
    /// `"Principal": "*"`.
    Everyone,
    /// Accounts, users and roles.
    Aws,
    /// Identity providers.
    Federated,
    /// AWS services.
    Service,
    /// Canonical users of S3.
    CanonicalUser,
}

impl PrincipalKind {
    pub(crate) fn parse(name: &str) -> Option<Self> {
        Some(match name {
            "AWS" => Self::Aws,
            "Federated" => Self::Federated,
            "Service" => Self::Service,
            "CanonicalUser" => Self::CanonicalUser,
            _ => return None,
        })
    }
}

/// The URL of an IAM OIDC provider, without `https://`, out of its ARN; nothing for other texts.
#[must_use]
pub fn provider_url(arn: &str) -> Option<&str> {
    let mut parts = arn.splitn(6, ':');
    let head = [parts.next()?, parts.next()?, parts.next()?, parts.next()?];
    let (account, resource) = (parts.next()?, parts.next()?);
    if head[0] != "arn" || head[2] != "iam" || !head[3].is_empty() || account.is_empty() {
        return None;
    }
    resource.strip_prefix("oidc-provider/")
}

impl PrincipalEntry {
    /// The GitHub issuer whose provider this is.
    #[must_use]
    pub fn github_issuer(&self) -> Option<Issuer> {
        if self.kind != PrincipalKind::Federated {
            return None;
        }
        let url = provider_url(&self.value.text)?.to_ascii_lowercase();
        format!("https://{url}").parse().ok()
    }

    /// Whether a template leaves open which identity provider this is.
    #[must_use]
    pub(crate) fn may_be_any_provider(&self) -> bool {
        if self.kind != PrincipalKind::Federated || self.value.open.is_empty() {
            return false;
        }
        let is_open = |text: &str| {
            let mut open = self.value.open.iter();
            open.any(|name| text.contains(&placeholder(name)))
        };
        let resource = self.value.text.splitn(6, ':').nth(5).unwrap_or_default();
        match resource.split_once('/') {
            Some(("oidc-provider", url)) => is_open(url),
            Some((kind, _)) => is_open(kind),
            None => true,
        }
    }

    /// Whether a token of this issuer, through the provider with this ARN where it is known, comes
    /// as this principal.
    ///
    /// `*` in any place where IAM documents it (alone, under `AWS`, under `Federated`) is
    /// everybody. Without `provider_arn`, a provider of any account will do. A provider that a
    /// template leaves open may be any: it counts where that lets in, which `lean` says.
    pub(crate) fn is(&self, issuer: &Issuer, provider_arn: Option<&str>, lean: bool) -> bool {
        match self.kind {
            PrincipalKind::Everyone => true,
            PrincipalKind::Aws => self.value.text == "*",
            PrincipalKind::Federated => {
                let same = match provider_arn {
                    Some(arn) => self.value.text == arn,
                    None => self.github_issuer().as_ref() == Some(issuer),
                };
                same || self.value.text == "*" || (self.may_be_any_provider() && lean)
            }
            PrincipalKind::Service | PrincipalKind::CanonicalUser => false,
        }
    }
}

impl Principals {
    /// Whether the statement is about a token of this issuer.
    #[must_use]
    pub(crate) fn include(&self, issuer: &Issuer, provider_arn: Option<&str>, lean: bool) -> bool {
        let named = |entry: &PrincipalEntry| entry.is(issuer, provider_arn, lean != self.negated);
        self.entries.iter().any(named) != self.negated
    }
}
