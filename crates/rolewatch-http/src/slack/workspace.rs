//! The places that alerts are posted to: the default webhook, and those of owners.

use std::collections::BTreeMap;
use std::fmt;

use rolewatch::dispatch::{Place, Slack, lane};
use rolewatch::notify::NotifyError;
use serde_json::Value;

use super::{Webhook, WebhookError};

/// Where alerts go, by the owners of the rules that they are about.
#[derive(Clone, Debug)]
pub struct Workspace {
    default: Addressed,
    owners: BTreeMap<String, Addressed>,
}

#[derive(Clone, Debug)]
struct Addressed {
    place: Place,
    webhook: Webhook,
}

/// Why places are none. Never repeats an address.
#[derive(Debug)]
pub enum WorkspaceError {
    /// The default webhook's address is not one.
    Default(WebhookError),
    /// The routes are not an object of JSON, with a text for each owner.
    Routes,
    /// An owner's webhook's address is not one.
    Route(String, WebhookError),
}

impl fmt::Display for WorkspaceError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Default(error) => write!(f, "{error}"),
            Self::Routes => f.write_str(
                "the routes are not an object of JSON with the URL of a webhook for each owner",
            ),
            Self::Route(owner, error) => write!(f, "the route of {owner:?}: {error}"),
        }
    }
}

impl std::error::Error for WorkspaceError {}

impl Workspace {
    /// The default webhook, and with `routes` (JSON: an owner's name, its webhook) those of
    /// owners.
    ///
    /// # Errors
    /// Addresses that are none.
    pub fn new(default: &str, routes: Option<&str>) -> Result<Self, WorkspaceError> {
        let named = |name: String, address: &str| {
            let webhook = Webhook::new(address)?;
            let place = Place {
                name,
                lane: lane(address.trim()),
            };
            Ok(Addressed { place, webhook })
        };
        let routes: BTreeMap<String, String> = match routes {
            Some(json) => serde_json::from_str(json).map_err(|_| WorkspaceError::Routes)?,
            None => BTreeMap::new(),
        };
        let owners = routes.into_iter().map(|(owner, address)| {
            let route = named(format!("the webhook of {owner}"), &address);
            match route {
                Ok(route) => Ok((owner, route)),
                Err(error) => Err(WorkspaceError::Route(owner, error)),
            }
        });
        Ok(Self {
            default: named("the default webhook".into(), default)
                .map_err(WorkspaceError::Default)?,
            owners: owners.collect::<Result<_, _>>()?,
        })
    }

    fn webhook(&self, place: &Place) -> &Webhook {
        let owners = self.owners.values();
        let found = owners.into_iter().find(|it| it.place == *place);
        &found.unwrap_or(&self.default).webhook
    }
}

impl Slack for Workspace {
    fn places(&self, owner: Option<&str>) -> Vec<Place> {
        let own = owner.and_then(|owner| self.owners.get(owner));
        let mut places: Vec<Place> = own.map(|it| it.place.clone()).into_iter().collect();
        // An owner may well share the default webhook.
        if places.iter().all(|it| it.lane != self.default.place.lane) {
            places.push(self.default.place.clone());
        }
        places
    }

    async fn post(&self, place: &Place, message: &Value) -> Result<(), NotifyError> {
        self.webhook(place).post(message).await
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const DEFAULT: &str = "https://hooks.slack.example/services/T0/B0/s3cr3t-default";
    const ROUTES: &str = r##"{
        "#team-payments": "https://hooks.slack.example/services/T0/B1/s3cr3t-payments",
        "#team-web": "https://hooks.slack.example/services/T0/B0/s3cr3t-default"
    }"##;

    #[test]
    fn an_owner_has_a_webhook_or_the_default_one() {
        let workspace = Workspace::new(DEFAULT, Some(ROUTES)).unwrap();
        let names = |owner| {
            let places = workspace.places(owner).into_iter();
            places.map(|place| place.name).collect::<Vec<_>>()
        };
        let payments = ["the webhook of #team-payments", "the default webhook"];
        assert_eq!(names(Some("#team-payments")), payments);
        assert_eq!(names(Some("#team-nobody")), ["the default webhook"]);
        assert_eq!(names(None), ["the default webhook"]);
        // Two names of one webhook: its one lane, and no second try.
        assert_eq!(names(Some("#team-web")), ["the webhook of #team-web"]);
        let lane = |owner| workspace.places(owner).remove(0).lane;
        assert_eq!(lane(Some("#team-web")), lane(None));
        assert_ne!(lane(Some("#team-payments")), lane(None));
    }

    #[test]
    fn no_address_is_ever_shown() {
        let workspace = Workspace::new(DEFAULT, Some(ROUTES)).unwrap();
        let mut shown = vec![format!(
            "{workspace:?} {:?}",
            workspace.places(Some("#team-payments"))
        )];
        for (default, routes) in [
            ("s3cr3t", None),
            (DEFAULT, Some("https://s3cr3t")),
            (DEFAULT, Some(r#"["s3cr3t"]"#)),
            (DEFAULT, Some(r##"{"#a": "ftp://s3cr3t"}"##)),
            (DEFAULT, Some(r##"{"#a": {"url": "s3cr3t"}}"##)),
        ] {
            let error = Workspace::new(default, routes).unwrap_err();
            shown.push(format!("{error} {error:?}"));
        }
        let shown = shown.join("\n");
        assert!(
            !shown.contains("s3cr3t") && !shown.contains("slack.example"),
            "{shown}"
        );
    }
}
