//! Who signed a token: the issuers of GitHub Actions, exactly as GitHub writes them.

mod parse;

use std::fmt;

pub use parse::{IssuerProblem, ParseIssuerError};

/// The issuer of tokens on github.com.
pub const GITHUB_ISSUER: &str = "https://token.actions.githubusercontent.com";

const GITHUB_HOST: &str = "token.actions.githubusercontent.com";
const SERVER_PATH: &str = "_services/token";

/// An issuer of GitHub Actions tokens (the claim `iss`).
///
/// Parsing accepts only the exact spelling that GitHub signs, because AWS compares issuers as
/// text. The source is GitHub's OIDC reference, and for the host names of each product
/// its pages on Enterprise Cloud, data residency and Enterprise Server.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Issuer {
    /// github.com: `https://token.actions.githubusercontent.com`.
    GitHub,
    /// An enterprise on github.com that switched on an issuer of its own:
    /// `https://token.actions.githubusercontent.com/<slug>`.
    Enterprise {
        /// The enterprise's name in URLs.
        slug: String,
    },
    /// Enterprise Cloud with data residency: `https://token.actions.SUBDOMAIN.ghe.com`.
    DataResidency {
        /// The label before `ghe.com`.
        subdomain: String,
    },
    /// Enterprise Server: `https://HOST/_services/token`.
    EnterpriseServer {
        /// The server's host name, without a port.
        host: String,
    },
}

impl Issuer {
    /// The issuer as it stands in the claim `iss`.
    #[must_use]
    pub fn url(&self) -> String {
        format!("https://{}", self.provider())
    }

    /// The URL without `https://`: how the issuer stands at the end of an IAM OIDC provider's ARN
    /// and at the start of that provider's condition keys.
    #[must_use]
    pub fn provider(&self) -> String {
        match self {
            Self::GitHub => GITHUB_HOST.to_owned(),
            Self::Enterprise { slug } => format!("{GITHUB_HOST}/{slug}"),
            Self::DataResidency { subdomain } => format!("token.actions.{subdomain}.ghe.com"),
            Self::EnterpriseServer { host } => format!("{host}/{SERVER_PATH}"),
        }
    }

    /// Where people see the repositories of this issuer, without a trailing slash.
    #[must_use]
    pub fn web_url(&self) -> String {
        match self {
            Self::GitHub | Self::Enterprise { .. } => "https://github.com".to_owned(),
            Self::DataResidency { subdomain } => format!("https://{subdomain}.ghe.com"),
            Self::EnterpriseServer { host } => format!("https://{host}"),
        }
    }

    /// Whether its subjects can carry the ids of owner and repository. Enterprise Server signs
    /// classic subjects only.
    #[must_use]
    pub fn signs_ids(&self) -> bool {
        !matches!(self, Self::EnterpriseServer { .. })
    }
}

impl fmt::Display for Issuer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.url())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_form_is_known_by_its_url_and_gives_it_back() {
        let forms = [
            (GITHUB_ISSUER, "https://github.com", true),
            (
                "https://token.actions.githubusercontent.com/acme-inc",
                "https://github.com",
                true,
            ),
            (
                "https://token.actions.acme.ghe.com",
                "https://acme.ghe.com",
                true,
            ),
            (
                "https://git.acme.example/_services/token",
                "https://git.acme.example",
                false,
            ),
        ];
        for (url, web_url, signs_ids) in forms {
            let issuer: Issuer = url.parse().unwrap();
            assert_eq!(issuer.url(), url);
            assert_eq!(issuer.to_string(), url);
            assert_eq!(Some(&*issuer.provider()), url.strip_prefix("https://"));
            assert_eq!(issuer.web_url(), web_url);
            assert_eq!(issuer.signs_ids(), signs_ids);
        }
        assert_eq!(GITHUB_ISSUER.parse(), Ok(Issuer::GitHub));
        assert_eq!(
            "https://token.actions.githubusercontent.com/acme".parse(),
            Ok(Issuer::Enterprise {
                slug: "acme".to_owned()
            })
        );
    }
}
