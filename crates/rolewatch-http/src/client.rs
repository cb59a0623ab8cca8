//! An HTTP client with a time-out and a cap on what is read.

use std::time::Duration;

use http::{Request, Response, Uri};
use http_body_util::{BodyExt, Full, Limited};
use hyper::body::{Bytes, Incoming};
use hyper_rustls::{HttpsConnector, HttpsConnectorBuilder};
use hyper_util::client::legacy::Client as Pool;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::TokioExecutor;

/// A request may take this long, its answer included. Slack answers within a second.
const TIMEOUT: Duration = Duration::from_secs(10);
/// An answer may be this large. Slack's are a few bytes.
const LARGEST_ANSWER: usize = 64 * 1024;

/// Why there is no answer. Never tells the address: it may be a secret.
#[derive(Debug, thiserror::Error)]
pub(crate) enum ClientError {
    #[error("the request took longer than {} seconds", TIMEOUT.as_secs())]
    TimedOut,
    #[error("the connection failed")]
    Connection,
    #[error("the answer could not be read")]
    Answer,
}

/// Whether nobody between could read along: it is encrypted, or does not leave this machine.
pub(crate) fn is_safe(address: &Uri) -> bool {
    let local = matches!(address.host(), Some("127.0.0.1" | "[::1]" | "localhost"));
    match address.scheme_str() {
        Some("https") => true,
        Some("http") => local,
        _ => false,
    }
}

/// Connections are kept between requests.
#[derive(Clone, Debug)]
pub(crate) struct Client {
    pool: Pool<HttpsConnector<HttpConnector>, Full<Bytes>>,
}

impl Client {
    /// A client that trusts the system's certificate authorities.
    pub(crate) fn new() -> std::io::Result<Self> {
        let connector = HttpsConnectorBuilder::new()
            .with_provider_and_native_roots(hyper_rustls_provider())?
            .https_or_http()
            .enable_http1()
            .build();
        Ok(Self {
            pool: Pool::builder(TokioExecutor::new()).build(connector),
        })
    }

    pub(crate) async fn send(
        &self,
        request: Request<Full<Bytes>>,
    ) -> Result<Response<Bytes>, ClientError> {
        let exchange = async {
            let response = self
                .pool
                .request(request)
                .await
                .map_err(|_| ClientError::Connection)?;
            let (head, body): (_, Incoming) = response.into_parts();
            let body = Limited::new(body, LARGEST_ANSWER).collect().await;
            let body = body.map_err(|_| ClientError::Answer)?.to_bytes();
            Ok(Response::from_parts(head, body))
        };
        tokio::time::timeout(TIMEOUT, exchange)
            .await
            .map_err(|_| ClientError::TimedOut)?
    }
}

fn hyper_rustls_provider() -> impl Into<std::sync::Arc<rustls::crypto::CryptoProvider>> {
    rustls::crypto::aws_lc_rs::default_provider()
}
