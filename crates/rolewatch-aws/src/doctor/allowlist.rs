//! The allowlist, from where detect reads it: S3, or Systems Manager.

use aws_config::SdkConfig;
use rolewatch::allowlist_in_force::{AllowlistSource, Fetched, SourceError};
use rolewatch::doctor::{AllowlistFacts, AllowlistThere, Looked, Stack};

use super::{because, in_time};
use crate::allowlist::AllowlistLocation;
use crate::settings::Location;

/// Where it is, and what is there.
pub(super) struct There(String, Looked<AllowlistThere>);

impl There {
    pub(super) fn with(self, in_force: Looked<Option<String>>) -> AllowlistFacts {
        let Self(place, there) = self;
        AllowlistFacts {
            place,
            there,
            in_force,
        }
    }
}

pub(super) async fn there(config: &SdkConfig, stack: &Stack) -> There {
    let place = stack.parameter("Allowlist").unwrap_or_default().to_owned();
    let action = match place.split_once(':') {
        Some(("s3", _)) => "s3:GetObject",
        _ => "ssm:GetParameter",
    };
    let there = match Location::of_allowlist(&place) {
        Some(location @ (Location::S3 { .. } | Location::Ssm(_))) => {
            let source = AllowlistLocation::new(&location, config);
            in_time(action, fetch(action, &source)).await
        }
        _ => Err(because(action, "the stack does not say where it is")),
    };
    There(place, there)
}

async fn fetch(action: &'static str, source: &AllowlistLocation) -> Looked<AllowlistThere> {
    match source.fetch(None).await {
        Ok(Fetched::Changed(fresh)) => Ok(AllowlistThere {
            version: fresh.version,
            content: fresh.content,
        }),
        // Nothing is known that it could be unchanged from.
        Ok(Fetched::Unchanged) => Err(because(action, "no answer")),
        Err(SourceError::Gone(code) | SourceError::Later(code)) => Err(because(action, &code)),
    }
}
