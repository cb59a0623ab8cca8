//! Concrete tokens that show what a policy admits, found by reasoning over its statements.
//!
//! Candidates are built out of the policy's own patterns: wildcards are filled with what an outsider
//! could call his organisation, repository or branch, and kept only if GitHub could sign the result
//! ([`mint`]) and the evaluator admits it ([`survey`]). Nothing is reported that was not evaluated.

mod fill;
mod identity;
mod instance;
mod marker;
mod meet;
mod mint;
mod named;
mod repair;
mod survey;
mod token;

use serde::{Serialize, Serializer};

use crate::claims::Claims;
use crate::evaluate::{Got, admits};
use crate::policy::Policy;
use crate::request::Request;

pub(crate) use instance::subjects;
pub(crate) use marker::{Marker, OWNER_ID, REPOSITORY_ID};
pub(crate) use mint::is_mintable;
pub(crate) use named::segments;
pub(crate) use repair::{likely, repaired};
pub(crate) use survey::{Blame, Survey, survey_at};
pub(crate) use token::{ContextKind, Reach, Token};

/// A token, and what the policy makes of it. [`evaluate`](crate::evaluate) has confirmed it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Witness {
    /// Whether the token gets in: it should not. Else it does not, and was probably meant to.
    pub admitted: bool,
    /// The token, with no more claims than the point needs.
    pub request: Request,
}

impl Witness {
    /// Evaluates a request and keeps it as a witness if it comes out as claimed; then drops every
    /// claim without which it comes out the same.
    pub(crate) fn verified(policy: &Policy, request: &Request, admitted: bool) -> Option<Self> {
        if admits(policy, request) != admitted {
            return None;
        }
        let mut simplest = request.clone();
        for claim in request.claims.keys() {
            if matches!(&**claim, "sub" | "aud") {
                continue;
            }
            let mut fewer = simplest.clone();
            fewer.claims.remove(claim);
            if admits(policy, &fewer) == admitted {
                simplest = fewer;
            }
        }
        Some(Self {
            admitted,
            request: simplest,
        })
    }

    /// The same with certain claims of the original request kept, for a point that they make.
    pub(crate) fn showing(mut self, request: &Request, claims: &[&str]) -> Self {
        for claim in claims {
            if let Some(values) = request.claims.get(*claim) {
                let values = values.clone();
                self.request.claims.insert((*claim).to_owned(), values);
            }
        }
        self
    }

    /// The token's subject. It is text that an attacker may have chosen.
    #[must_use]
    pub fn subject(&self) -> &str {
        self.request.subject().unwrap_or_default()
    }

    /// The token's other claims.
    #[must_use]
    pub fn claims(&self) -> Claims {
        let mut claims = self.request.claims.clone();
        claims.remove("sub");
        claims
    }
}

impl Serialize for Witness {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        #[derive(Serialize)]
        struct Shape<'a> {
            admitted: bool,
            subject: &'a str,
            claims: std::collections::BTreeMap<String, Got>,
        }
        let request = &self.request;
        let claims = self.claims();
        let context = request
            .context
            .iter()
            .filter(|(_, values)| !values.is_empty());
        Shape {
            admitted: self.admitted,
            subject: self.subject(),
            claims: claims
                .iter()
                .chain(context)
                .map(|(name, values)| (name.clone(), Got::of(Some(values))))
                .collect(),
        }
        .serialize(serializer)
    }
}
