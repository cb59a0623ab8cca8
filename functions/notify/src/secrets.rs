//! Slack's addresses and token, from where they are kept.

use std::sync::Arc;
use std::time::{Duration, Instant};

use aws_config::SdkConfig;
use rolewatch_aws::parameter::read;
use rolewatch_aws::settings::NotifySettings;
use rolewatch_http::slack::{Addresses, BotAddress, Workspace};
use tokio::sync::Mutex;

/// An address that was replaced is used for so long at most.
const FRESH: Duration = Duration::from_mins(5);

/// What was read last. Asked for anew after a while, and after a refusal: somebody may have
/// replaced what was refused.
#[derive(Default)]
pub(crate) struct Secrets(Mutex<Option<(Instant, Found)>>);

/// Slack's places, as far as they are known.
#[derive(Clone)]
pub(crate) struct Found {
    pub(crate) workspace: Arc<Workspace>,
    /// Why it is not all of them: alerts go to those that there are. It names where something
    /// should be, never an address.
    pub(crate) lacking: Option<String>,
}

impl Secrets {
    /// Slack's places. The error names where an address should be, never the address.
    pub(crate) async fn find(
        &self,
        settings: &NotifySettings,
        config: &SdkConfig,
    ) -> Result<Found, String> {
        let mut kept = self.0.lock().await;
        if let Some((since, found)) = &*kept
            && since.elapsed() < FRESH
        {
            return Ok(found.clone());
        }
        match (read_all(settings, config).await, &*kept) {
            (Ok(found), _) => {
                *kept = Some((Instant::now(), found.clone()));
                Ok(found)
            }
            // What was good until now is more likely to be than nothing.
            (Err(why), Some((_, found))) => Ok(Found {
                workspace: Arc::clone(&found.workspace),
                lacking: Some(why),
            }),
            (Err(why), None) => Err(why),
        }
    }

    /// Has them read anew.
    pub(crate) async fn forget(&self) {
        *self.0.lock().await = None;
    }
}

async fn read_all(settings: &NotifySettings, config: &SdkConfig) -> Result<Found, String> {
    let read = async |location| {
        let text = read(location, config).await;
        text.map_err(|error| error.to_string())
    };
    let default = read(&settings.slack_webhook).await?;
    let routes = match &settings.slack_routes {
        Some(location) => Some(read(location).await),
        None => None,
    };
    let token = match &settings.slack_bot {
        Some(bot) => Some(read(&bot.token).await),
        None => None,
    };
    let mut optional = [&routes, &token].into_iter().flatten();
    let unread = optional.find_map(|it| it.as_ref().err().cloned());
    let token = token.as_ref().and_then(|token| token.as_deref().ok());
    let bot = settings.slack_bot.as_ref().zip(token);
    most_of(
        Addresses {
            webhook: &default,
            routes: routes.as_ref().and_then(|routes| routes.as_deref().ok()),
            bot: bot.map(|(bot, token)| BotAddress {
                token,
                channel: &bot.channel,
                api: &bot.api,
            }),
        },
        unread,
    )
}

/// As many of these places as there are: what is no address keeps no alert from the others.
fn most_of(all: Addresses<'_>, mut lacking: Option<String>) -> Result<Found, String> {
    let without_routes = Addresses {
        routes: None,
        ..all
    };
    let without_bot = Addresses { bot: None, ..all };
    let neither = Addresses {
        routes: None,
        ..without_bot
    };
    for some in [all, without_routes, without_bot, neither] {
        match Workspace::new(some) {
            Ok(workspace) => {
                return Ok(Found {
                    workspace: Arc::new(workspace),
                    lacking,
                });
            }
            Err(error) => drop(lacking.get_or_insert_with(|| error.to_string())),
        }
    }
    Err(lacking.unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use rolewatch::dispatch::Slack;

    use super::*;

    const WEBHOOK: &str = "https://hooks.slack.com/services/T0/B0/secret";

    fn found(routes: &str, token: &str) -> Result<(Vec<String>, Option<String>), String> {
        let bot = BotAddress {
            token,
            channel: "#alerts",
            api: "https://slack.com/api",
        };
        let all = Addresses {
            webhook: WEBHOOK,
            routes: Some(routes),
            bot: Some(bot),
        };
        most_of(all, None).map(|found| {
            let places = found.workspace.places(Some("payments"));
            let names = places.into_iter().map(|place| place.name);
            (names.collect(), found.lacking)
        })
    }

    #[test]
    fn what_is_no_address_keeps_no_alert_from_the_others() {
        let routes = format!("{{\"payments\": \"{WEBHOOK}2\"}}");
        let (all, lacking) = found(&routes, "xoxb-1").unwrap();
        assert_eq!((all.len(), lacking), (3, None));
        let (some, lacking) = found("{\"payments\": ", "xoxb-1").unwrap();
        assert_eq!(some, all[1..]);
        assert!(lacking.unwrap().contains("the routes are not an object"));
        let (some, lacking) = found(&routes, "not a token").unwrap();
        assert_eq!(some.len(), 2);
        assert!(lacking.unwrap().contains("xoxb"));
        let (some, _) = found("[]", "not a token").unwrap();
        assert_eq!(some.len(), 1);
    }
}
