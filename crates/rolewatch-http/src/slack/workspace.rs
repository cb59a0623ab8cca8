//! The places that alerts are posted to: the channels and webhooks of owners, the default ones.

use std::collections::BTreeMap;
use std::fmt;

use rolewatch::dispatch::{Place, Slack, lane};
use rolewatch::notify::NotifyError;
use rolewatch::store::Spot;
use serde_json::Value;

use super::{AddressError, Bot, Webhook};

/// A channel's name is at most so long, its `#` not counted.
const LONGEST_NAME: usize = 80;

/// Where alerts go, by the owners of the rules that they are about.
#[derive(Clone, Debug)]
pub struct Workspace {
    default: Addressed,
    /// Posts into channels; alerts go into this one unless their owner has another.
    bot: Option<(Bot, Place)>,
    owners: BTreeMap<String, Route>,
}

/// What is read from where it is kept.
#[derive(Clone, Copy)]
pub struct Addresses<'a> {
    /// The default webhook's address.
    pub webhook: &'a str,
    /// JSON: for each owner the address of a webhook, or a channel.
    pub routes: Option<&'a str>,
    /// A bot, where there is one.
    pub bot: Option<BotAddress<'a>>,
}

/// A bot of the workspace.
#[derive(Clone, Copy)]
pub struct BotAddress<'a> {
    /// Its token.
    pub token: &'a str,
    /// The channel for alerts of nobody else: `#name`, or its id.
    pub channel: &'a str,
    /// Where Slack's Web API is.
    pub api: &'a str,
}

#[derive(Clone, Debug)]
struct Addressed {
    place: Place,
    webhook: Webhook,
}

#[derive(Clone, Debug)]
enum Route {
    Webhook(Box<Addressed>),
    Channel(Place),
}

impl Route {
    fn place(&self) -> &Place {
        match self {
            Self::Webhook(addressed) => &addressed.place,
            Self::Channel(place) => place,
        }
    }
}

/// Why places are none. Never repeats an address.
#[derive(Debug)]
pub enum WorkspaceError {
    /// The default webhook's address is not one.
    Default(AddressError),
    /// The bot's token or address is not one.
    Bot(AddressError),
    /// The default channel is not one.
    Channel,
    /// The routes are not an object of JSON, with a text for each owner.
    Routes,
    /// An address or a token stands where an owner should.
    WrongWayRound,
    /// What an owner's alerts go to is none.
    Route(String, AddressError),
}

impl fmt::Display for WorkspaceError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Default(error) | Self::Bot(error) => write!(f, "{error}"),
            Self::Channel => write!(f, "the default channel: {}", AddressError::NotAChannel),
            Self::Routes => f.write_str(
                "the routes are not an object of JSON with a channel or the URL of a webhook for each owner",
            ),
            Self::WrongWayRound => f.write_str(
                "the routes are the wrong way round: the owner comes first, then the channel or the URL of a webhook",
            ),
            Self::Route(owner, error) => write!(f, "the route of {owner:?}: {error}"),
        }
    }
}

impl std::error::Error for WorkspaceError {}

impl Workspace {
    /// The workspace with these addresses.
    ///
    /// # Errors
    /// Addresses that are none.
    pub fn new(addresses: Addresses<'_>) -> Result<Self, WorkspaceError> {
        let default = webhook("the default webhook".into(), addresses.webhook);
        let bot = addresses.bot.map(|it| {
            let bot = Bot::new(it.token, it.api).map_err(WorkspaceError::Bot)?;
            let place = channel(it.channel).ok_or(WorkspaceError::Channel)?;
            Ok((bot, place))
        });
        let bot = bot.transpose()?;
        let routes: BTreeMap<String, String> = match addresses.routes {
            Some(json) => serde_json::from_str(json).map_err(|_| WorkspaceError::Routes)?,
            None => BTreeMap::new(),
        };
        // What is shown of a route is its owner.
        if routes.keys().any(|owner| is_secret(owner)) {
            return Err(WorkspaceError::WrongWayRound);
        }
        let owners = routes.into_iter().map(|(owner, address)| {
            match route(&owner, &address, bot.is_some()) {
                Ok(route) => Ok((owner, route)),
                Err(error) => Err(WorkspaceError::Route(owner, error)),
            }
        });
        Ok(Self {
            default: default.map_err(WorkspaceError::Default)?,
            owners: owners.collect::<Result<_, _>>()?,
            bot,
        })
    }

    /// Where an owner's alerts go: there is a route, or the bot may be in the channel that the
    /// owner is called by.
    fn own(&self, owner: &str) -> Option<Place> {
        let route = self.owners.get(owner).map(|it| it.place().clone());
        let named = || {
            let named = self.bot.is_some() && owner.starts_with('#');
            named.then(|| channel(owner)).flatten()
        };
        route.or_else(named)
    }

    fn webhook(&self, place: &Place) -> &Webhook {
        let webhooks = self.owners.values().filter_map(|route| match route {
            Route::Webhook(addressed) => Some(addressed.as_ref()),
            Route::Channel(_) => None,
        });
        let found = webhooks.into_iter().find(|it| it.place == *place);
        &found.unwrap_or(&self.default).webhook
    }
}

/// Whether a text is a webhook's URL or a token, or may be a part of one.
fn is_secret(text: &str) -> bool {
    text.contains("://") || text.contains("/services/") || text.trim_start().starts_with("xox")
}

fn webhook(name: String, address: &str) -> Result<Addressed, AddressError> {
    let webhook = Webhook::new(address)?;
    let place = Place {
        name,
        lane: lane(address.trim()),
        channel: None,
    };
    Ok(Addressed { place, webhook })
}

fn route(owner: &str, address: &str, has_bot: bool) -> Result<Route, AddressError> {
    let is_channel = !address.contains(':');
    if is_channel && has_bot {
        let place = channel(address).ok_or(AddressError::NotAChannel)?;
        return Ok(Route::Channel(place));
    }
    if is_channel && channel(address).is_some() {
        return Err(AddressError::NoBot);
    }
    let webhook = webhook(format!("the webhook of {owner}"), address)?;
    Ok(Route::Webhook(Box::new(webhook)))
}

/// A channel, by `#name` or its id.
fn channel(text: &str) -> Option<Place> {
    let text = text.trim();
    let is_name = text.strip_prefix('#').is_some_and(|name| {
        let length = name.chars().count();
        let fits = |c: char| c.is_alphanumeric() || matches!(c, '-' | '_' | '.');
        (1..=LONGEST_NAME).contains(&length) && name.chars().all(fits)
    });
    let is_id = text.starts_with(['C', 'G'])
        && text.len() >= 9
        && text
            .bytes()
            .all(|b| b.is_ascii_uppercase() || b.is_ascii_digit());
    (is_name || is_id).then(|| Place {
        name: format!("the channel {text}"),
        lane: lane(text),
        channel: Some(text.to_owned()),
    })
}

impl Slack for Workspace {
    fn places(&self, owner: Option<&str>) -> Vec<Place> {
        let own = owner.and_then(|owner| self.own(owner));
        let channel = self.bot.as_ref().map(|(_, place)| place.clone());
        let mut places: Vec<Place> = Vec::new();
        for place in own
            .into_iter()
            .chain(channel)
            .chain([self.default.place.clone()])
        {
            // An owner may well share a default place.
            if places.iter().all(|it| it.lane != place.lane) {
                places.push(place);
            }
        }
        places
    }

    async fn post(&self, place: &Place, message: &Value) -> Result<Option<Spot>, NotifyError> {
        match (&self.bot, &place.channel) {
            (Some((bot, _)), Some(channel)) => bot.post(channel, message).await,
            _ => self.webhook(place).post(message).await.map(|()| None),
        }
    }

    async fn update(&self, spot: &Spot, message: &Value) -> Result<(), NotifyError> {
        match &self.bot {
            Some((bot, _)) => bot.update(spot, message).await,
            None => Err(NotifyError::Refused("there is no bot any more".into())),
        }
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
    const CHANNELS: &str = r##"{
        "#team-payments": "https://hooks.slack.example/services/T0/B1/s3cr3t-payments",
        "platform": "C0123ABCD", "data": "#data-alerts"
    }"##;
    const BOT: BotAddress<'_> = BotAddress {
        token: "xoxb-1-s3cr3t",
        channel: "#alerts",
        api: "https://slack.example/api",
    };

    fn workspace<'a>(
        routes: Option<&'a str>,
        bot: Option<BotAddress<'a>>,
    ) -> Result<Workspace, WorkspaceError> {
        Workspace::new(Addresses {
            webhook: DEFAULT,
            routes,
            bot,
        })
    }

    fn names(workspace: &Workspace, owner: Option<&str>) -> Vec<String> {
        let places = workspace.places(owner).into_iter();
        places.map(|place| place.name).collect()
    }

    #[test]
    fn an_owner_has_a_webhook_or_the_default_one() {
        let workspace = workspace(Some(ROUTES), None).unwrap();
        let names = |owner| names(&workspace, owner);
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
    fn with_a_bot_an_owner_has_a_channel_and_the_webhook_is_the_last_resort() {
        let workspace = workspace(Some(CHANNELS), Some(BOT)).unwrap();
        let names = |owner| names(&workspace, Some(owner));
        let rest = ["the channel #alerts", "the default webhook"];
        let of = |place: &'static str| [&[place], &rest[..]].concat();
        assert_eq!(names("#team-payments"), of("the webhook of #team-payments"));
        assert_eq!(names("platform"), of("the channel C0123ABCD"));
        assert_eq!(names("data"), of("the channel #data-alerts"));
        // Called by its channel, and without a route.
        assert_eq!(names("#team-web"), of("the channel #team-web"));
        for owner in ["#alerts", "Jane Doe", "#no such channel", "C0123ABCD", "#"] {
            assert_eq!(names(owner), rest, "{owner}");
        }
    }

    #[test]
    fn a_channel_without_a_bot_is_said() {
        let error = workspace(Some(r##"{"a": "#team"}"##), None).unwrap_err();
        assert!(error.to_string().contains("needs a bot"), "{error}");
    }

    #[test]
    fn no_address_is_ever_shown() {
        let whole = workspace(Some(CHANNELS), Some(BOT)).unwrap();
        let places = whole.places(Some("#team-payments"));
        let mut shown = vec![format!("{whole:?} {places:?}")];
        let bot = |token, channel| {
            Some(BotAddress {
                token,
                channel,
                ..BOT
            })
        };
        for (routes, bot) in [
            (Some("https://s3cr3t"), None),
            (Some(r#"["s3cr3t"]"#), None),
            (Some(r##"{"#a": "ftp://s3cr3t"}"##), None),
            (Some(r##"{"#a": {"url": "s3cr3t"}}"##), Some(BOT)),
            (Some(r##"{"#a": "s3cr3t"}"##), Some(BOT)),
            (
                Some(r##"{"https://slack.example/s3cr3t": "#a"}"##),
                Some(BOT),
            ),
            (
                Some(r##"{"hooks.slack.com/services/s3cr3t": "#a"}"##),
                Some(BOT),
            ),
            (
                Some(r#"{"xoxb-1-s3cr3t": "https://slack.example/1"}"#),
                None,
            ),
            (None, bot("s3cr3t", "#a")),
            (None, bot("xoxb-1", "s3cr3t")),
        ] {
            let error = workspace(routes, bot).unwrap_err();
            shown.push(format!("{error} {error:?}"));
        }
        let no_webhook = Addresses {
            webhook: "s3cr3t",
            routes: None,
            bot: None,
        };
        let error = Workspace::new(no_webhook).unwrap_err();
        shown.push(format!("{error} {error:?}"));
        let shown = shown.join("\n");
        assert!(
            !shown.contains("s3cr3t") && !shown.contains("slack.example"),
            "{shown}"
        );
    }
}
