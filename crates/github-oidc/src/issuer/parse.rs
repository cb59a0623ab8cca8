//! Reading an issuer's URL, and saying what is wrong with one.

use std::str::FromStr;

use super::{GITHUB_HOST, GITHUB_ISSUER, Issuer, SERVER_PATH};
use crate::resemblance::resembles_github;

impl FromStr for Issuer {
    type Err = ParseIssuerError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        parse(text).map_err(|problem| ParseIssuerError {
            issuer: text.to_owned(),
            problem,
        })
    }
}

/// A text that is not the URL of a GitHub Actions issuer.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "{issuer:?} is not an issuer of GitHub Actions: {problem}; accepted are {GITHUB_ISSUER}, \
     {GITHUB_ISSUER}/ENTERPRISE, https://token.actions.SUBDOMAIN.ghe.com and \
     https://HOST/{SERVER_PATH}"
)]
pub struct ParseIssuerError {
    /// The text as it was given.
    pub issuer: String,
    /// What is wrong with it.
    pub problem: IssuerProblem,
}

/// What keeps a text from being an issuer; the first thing that was found.
#[derive(Copy, Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum IssuerProblem {
    /// It does not start with `https://`, in lower case.
    #[error("it does not start with https://")]
    Scheme,
    /// It has a `?` or a `#`.
    #[error("it has a query or a fragment")]
    Query,
    /// It has a user or password before the host.
    #[error("it has a user name before the host")]
    UserInfo,
    /// It names a port, be it the default one.
    #[error("it names a port")]
    Port,
    /// It ends in a slash.
    #[error("it ends in a slash")]
    TrailingSlash,
    /// The host has upper-case letters.
    #[error("its host is not in lower case")]
    UpperCaseHost,
    /// The host is empty or not a host name.
    #[error("its host is not a host name")]
    Host,
    /// The host only resembles one of GitHub's.
    #[error("its host resembles GitHub's but is not one of them")]
    LookAlike,
    /// The path is none that GitHub uses on this host.
    #[error("its path is not one that GitHub uses on this host")]
    Path,
}

fn parse(text: &str) -> Result<Issuer, IssuerProblem> {
    let rest = text.strip_prefix("https://").ok_or(IssuerProblem::Scheme)?;
    if rest.contains(['?', '#']) {
        return Err(IssuerProblem::Query);
    }
    let (host, path) = match rest.split_once('/') {
        Some((host, path)) => (host, Some(path)),
        None => (rest, None),
    };
    check_host(host)?;
    if rest.ends_with('/') {
        return Err(IssuerProblem::TrailingSlash);
    }
    if host == GITHUB_HOST {
        return match path {
            None => Ok(Issuer::GitHub),
            Some(slug) if is_slug(slug) => Ok(Issuer::Enterprise {
                slug: slug.to_owned(),
            }),
            Some(_) => Err(IssuerProblem::Path),
        };
    }
    if let Some(subdomain) = data_residency_subdomain(host) {
        return match path {
            None => Ok(Issuer::DataResidency {
                subdomain: subdomain.to_owned(),
            }),
            Some(_) => Err(IssuerProblem::Path),
        };
    }
    // Without this, `https://eviltoken.actions.githubusercontent.com/_services/token` would pass
    // for somebody's server.
    if resembles_github(host) {
        return Err(IssuerProblem::LookAlike);
    }
    match path {
        Some(SERVER_PATH) => Ok(Issuer::EnterpriseServer {
            host: host.to_owned(),
        }),
        _ => Err(IssuerProblem::Path),
    }
}

fn check_host(host: &str) -> Result<(), IssuerProblem> {
    if host.contains('@') {
        return Err(IssuerProblem::UserInfo);
    }
    if host.contains(':') {
        return Err(IssuerProblem::Port);
    }
    if host.bytes().any(|byte| byte.is_ascii_uppercase()) {
        return Err(IssuerProblem::UpperCaseHost);
    }
    // 253 and 63 are the limits of DNS (RFC 1035, section 2.3.4).
    if host.len() <= 253 && host.split('.').all(is_label) {
        Ok(())
    } else {
        Err(IssuerProblem::Host)
    }
}

fn is_label(label: &str) -> bool {
    (1..=63).contains(&label.len())
        && !label.starts_with('-')
        && !label.ends_with('-')
        && label
            .bytes()
            .all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-')
}

fn is_slug(slug: &str) -> bool {
    !slug.is_empty()
        && slug
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_')
}

fn data_residency_subdomain(host: &str) -> Option<&str> {
    host.strip_prefix("token.actions.")?
        .strip_suffix(".ghe.com")
        .filter(|subdomain| !subdomain.contains('.'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_other_spelling_is_refused_and_the_reason_named() {
        use IssuerProblem as P;
        let label = "a".repeat(64);
        let cases = [
            ("", P::Scheme),
            ("token.actions.githubusercontent.com", P::Scheme),
            ("http://token.actions.githubusercontent.com", P::Scheme),
            ("HTTPS://token.actions.githubusercontent.com", P::Scheme),
            (" https://token.actions.githubusercontent.com", P::Scheme),
            ("https://", P::Host),
            ("https:///acme", P::Host),
            ("https://token.actions.githubusercontent.com.", P::Host),
            ("https://token.actions.githubusercontent.com ", P::Host),
            ("https://token.actions.githubusercontent.com\\a", P::Host),
            ("https://token.actions.githubuserc\u{43e}ntent.com", P::Host),
            ("https://token.actions.-a.ghe.com", P::Host),
            ("https://token.actions..ghe.com", P::Host),
            (
                &*format!("https://{label}.example/_services/token"),
                P::Host,
            ),
            (
                "https://Token.actions.githubusercontent.com",
                P::UpperCaseHost,
            ),
            ("https://token.actions.githubusercontent.com:443", P::Port),
            (
                "https://token.actions.githubusercontent.com@evil.example",
                P::UserInfo,
            ),
            ("https://token.actions.githubusercontent.com?x", P::Query),
            ("https://token.actions.githubusercontent.com/a#", P::Query),
            (
                "https://token.actions.githubusercontent.com/",
                P::TrailingSlash,
            ),
            (
                "https://token.actions.githubusercontent.com/acme/",
                P::TrailingSlash,
            ),
            ("https://token.actions.githubusercontent.com/a/b", P::Path),
            ("https://token.actions.githubusercontent.com/..", P::Path),
            (
                "https://token.actions.githubusercontent.com/_services/token",
                P::Path,
            ),
            ("https://token.actions.acme.ghe.com/x", P::Path),
            ("https://git.acme.example", P::Path),
            ("https://git.acme.example/_services/token/x", P::Path),
            (
                "https://eviltoken.actions.githubusercontent.com/_services/token",
                P::LookAlike,
            ),
            (
                "https://x.token.actions.acme.ghe.com/_services/token",
                P::LookAlike,
            ),
        ];
        for (text, problem) in cases {
            let error = text.parse::<Issuer>().unwrap_err();
            assert_eq!(error.problem, problem, "{text}");
            assert_eq!(error.issuer, text);
        }
    }

    #[test]
    fn the_error_names_the_accepted_forms_and_escapes_what_was_given() {
        let error = "\u{1b}[31m".parse::<Issuer>().unwrap_err().to_string();
        assert_eq!(
            error,
            "\"\\u{1b}[31m\" is not an issuer of GitHub Actions: it does not start with https://; \
             accepted are https://token.actions.githubusercontent.com, \
             https://token.actions.githubusercontent.com/ENTERPRISE, \
             https://token.actions.SUBDOMAIN.ghe.com and https://HOST/_services/token"
        );
    }
}
