//! The key sets that issuers publish.

use std::io;

use github_oidc::Issuer;
use github_oidc::token::{KeySet, KeySource, KeySourceError};
use http::{Request, StatusCode, Uri, header};
use http_body_util::Full;
use hyper::body::Bytes;

use crate::client::{Client, is_safe};

/// Where every issuer of GitHub's publishes its keys, below its own URL (its
/// `/.well-known/openid-configuration` says so as `jwks_uri`). Not asked for: what a discovery
/// document says, it could say of any host.
const PATH: &str = "/.well-known/jwks";

/// Keys over HTTPS. Whoever calls it has made sure that the issuer is a known one: asking is a
/// request to a host whose name a token could choose.
#[derive(Clone, Debug)]
pub struct PublishedKeys {
    client: Client,
    address: Option<Uri>,
}

/// Why keys cannot be asked for.
#[derive(Debug, thiserror::Error)]
pub enum PublishedKeysError {
    /// It is not a URL.
    #[error("the address of the keys is not a URL")]
    NotAUrl,
    /// It is not encrypted, and leaves this machine: anybody between could put in keys.
    #[error("the address of the keys does not begin with https://")]
    NotHttps,
    /// The system's certificate authorities cannot be read.
    #[error("cannot set up TLS: {0}")]
    Tls(#[from] io::Error),
}

impl PublishedKeys {
    /// Each issuer's own keys, from where it publishes them.
    ///
    /// # Errors
    /// [`PublishedKeysError::Tls`].
    pub fn of_issuers() -> Result<Self, PublishedKeysError> {
        Ok(Self {
            client: Client::new()?,
            address: None,
        })
    }

    /// The keys at one address, whoever the issuer is. Plain HTTP is for this machine only.
    ///
    /// # Errors
    /// An address that is none, or not safe.
    pub fn at(address: &str) -> Result<Self, PublishedKeysError> {
        let address: Uri = address.parse().map_err(|_| PublishedKeysError::NotAUrl)?;
        address.host().ok_or(PublishedKeysError::NotAUrl)?;
        if !is_safe(&address) {
            return Err(PublishedKeysError::NotHttps);
        }
        Ok(Self {
            client: Client::new()?,
            address: Some(address),
        })
    }

    fn address(&self, issuer: &Issuer) -> Result<Uri, KeySourceError> {
        match &self.address {
            Some(address) => Ok(address.clone()),
            None => format!("{}{PATH}", issuer.url())
                .parse()
                .map_err(|_| KeySourceError(format!("{issuer} is not a URL"))),
        }
    }
}

impl KeySource for PublishedKeys {
    async fn key_set(&self, issuer: &Issuer) -> Result<Option<KeySet>, KeySourceError> {
        let address = self.address(issuer)?;
        let failed = |why: &dyn std::fmt::Display| KeySourceError(format!("{address}: {why}"));
        let request = Request::get(address.clone())
            .header(header::ACCEPT, "application/json")
            .header(header::USER_AGENT, "rolewatch")
            .body(Full::new(Bytes::new()))
            .map_err(|error| failed(&error))?;
        let response = self.client.send(request).await;
        let response = response.map_err(|error| failed(&error))?;
        match response.status() {
            StatusCode::OK => KeySet::parse(response.body())
                .map(Some)
                .map_err(|error| failed(&error)),
            StatusCode::NOT_FOUND | StatusCode::GONE => Ok(None),
            // A redirection is not followed: it leads to a host that nobody vouched for.
            other => Err(failed(&format!("the answer is {}", other.as_u16()))),
        }
    }
}
