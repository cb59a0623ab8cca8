//! Slack's addresses and token, from where they are kept.

use std::sync::Arc;
use std::time::{Duration, Instant};

use aws_config::SdkConfig;
use rolewatch_aws::parameter::read;
use rolewatch_aws::settings::NotifySettings;
use rolewatch_http::slack::{Addresses, BotAddress, Workspace};
use serde_json::json;
use tokio::sync::Mutex;

/// An address that was replaced is used for so long at most.
const FRESH: Duration = Duration::from_mins(5);

/// What was read last. Asked for anew after a while, and after a refusal: somebody may have
/// replaced what was refused.
#[derive(Default)]
pub(crate) struct Secrets(Mutex<Option<(Instant, Arc<Workspace>)>>);

impl Secrets {
    /// Slack's places. The error names where an address should be, never the address.
    pub(crate) async fn workspace(
        &self,
        settings: &NotifySettings,
        config: &SdkConfig,
    ) -> Result<Arc<Workspace>, String> {
        let mut kept = self.0.lock().await;
        if let Some((since, workspace)) = &*kept
            && since.elapsed() < FRESH
        {
            return Ok(Arc::clone(workspace));
        }
        match (read_all(settings, config).await, &*kept) {
            (Ok(workspace), _) => {
                *kept = Some((Instant::now(), Arc::clone(&workspace)));
                Ok(workspace)
            }
            // What was good until now is more likely to be than nothing.
            (Err(why), Some((_, workspace))) => {
                let line = json!({
                    "level": "error", "message": "Slack's places cannot be read anew, those from before are used",
                    "why": why,
                });
                println!("{line}");
                Ok(Arc::clone(workspace))
            }
            (Err(why), None) => Err(why),
        }
    }

    /// Has them read anew.
    pub(crate) async fn forget(&self) {
        *self.0.lock().await = None;
    }
}

async fn read_all(settings: &NotifySettings, config: &SdkConfig) -> Result<Arc<Workspace>, String> {
    let read = async |location| {
        let text = read(location, config).await;
        text.map_err(|error| error.to_string())
    };
    let default = read(&settings.slack_webhook).await?;
    let routes = match &settings.slack_routes {
        Some(location) => Some(read(location).await?),
        None => None,
    };
    let token = match &settings.slack_bot {
        Some(bot) => Some(read(&bot.token).await?),
        None => None,
    };
    let bot = settings.slack_bot.as_ref().zip(token.as_deref());
    let workspace = Workspace::new(Addresses {
        webhook: &default,
        routes: routes.as_deref(),
        bot: bot.map(|(bot, token)| BotAddress {
            token,
            channel: &bot.channel,
            api: &bot.api,
        }),
    });
    workspace.map(Arc::new).map_err(|error| error.to_string())
}
