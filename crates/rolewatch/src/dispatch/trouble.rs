//! What somebody has to cure before alerts arrive again, in words for whoever looks after
//! rolewatch.

use chrono::{DateTime, Utc};

use super::Place;
use crate::store::table::Table;
use crate::store::{Ledger, StoreError};

/// Seconds for which the same trouble is not told again.
pub(super) const QUIET: i64 = 6 * 3600;

/// Something that does not pass by itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Trouble {
    what: What,
    /// The place's name.
    place: String,
    /// What it said.
    reason: String,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum What {
    /// A place takes nothing any more.
    Place,
    /// A message was not taken as it was.
    Message,
    /// What was in the queue is no alert.
    Unreadable,
    /// It is not known where to post.
    Secret,
    /// Some places are not known.
    Lacking,
}

impl Trouble {
    /// A token that is not good is so in every channel: that is told once.
    pub(super) fn place(place: &Place, reason: &str) -> Self {
        let of_token = place.channel.is_some() && ends_with(reason, OF_THE_TOKEN);
        let name = if of_token { "the bot" } else { &place.name };
        Self::new(What::Place, name, reason)
    }

    pub(super) fn message(place: &Place, reason: &str) -> Self {
        Self::new(What::Message, &place.name, reason)
    }

    pub(super) fn unreadable(reason: &str) -> Self {
        Self::new(What::Unreadable, "the queue of alerts", reason)
    }

    pub(super) fn secret(reason: &str) -> Self {
        Self::new(What::Secret, "Slack", reason)
    }

    /// Not all of Slack's places are known, for this reason; alerts go to the others.
    #[must_use]
    pub fn lacking(reason: &str) -> Self {
        Self::new(What::Lacking, "Slack", reason)
    }

    /// Whether it was not told in the last hours; then it counts as told.
    pub(super) async fn is_news<T: Table>(
        &self,
        ledger: &Ledger<T>,
        now: DateTime<Utc>,
    ) -> Result<bool, StoreError> {
        ledger.first_time(&self.key(), QUIET, now).await
    }

    /// Itself, unless it was told in the last hours: rather twice than not at all.
    pub async fn if_news<T: Table>(self, ledger: &Ledger<T>, now: DateTime<Utc>) -> Option<Self> {
        let news = self.is_news(ledger, now).await;
        news.unwrap_or(true).then_some(self)
    }

    fn new(what: What, place: &str, reason: &str) -> Self {
        Self {
            what,
            place: place.to_owned(),
            reason: reason.to_owned(),
        }
    }

    /// What it is told once by.
    #[must_use]
    pub fn key(&self) -> String {
        format!("trouble {} {} {}", self.what as u8, self.place, self.reason)
    }

    /// ASCII, at most 100 characters, and nothing of a record.
    #[must_use]
    pub fn subject(&self) -> String {
        let subject = match self.what {
            What::Place | What::Secret => "rolewatch: alerts do not reach Slack",
            What::Message => "rolewatch: Slack did not take an alert as it was",
            What::Unreadable => "rolewatch: what is no alert was in the queue of alerts",
            What::Lacking => "rolewatch: some alerts do not reach their place in Slack",
        };
        subject.to_owned()
    }

    /// What is broken and what cures it, for a mail.
    #[must_use]
    pub fn text(&self) -> String {
        let Self { place, reason, .. } = self;
        let (what, cure) = match self.what {
            What::Place => (
                format!("Slack refused {place} for good: {reason}."),
                format!(
                    "Alerts for it went to the default place if that takes them, else to the dead letters of notify. {}",
                    cure(reason)
                ),
            ),
            What::Message => (
                format!("Slack refused an alert for {place} as it was: {reason}."),
                "It was posted as plain text if Slack took that, else it is in the dead letters of notify. This is a defect \
                 of rolewatch: please report it, with the words of this mail."
                    .to_owned(),
            ),
            What::Secret => (
                format!("It is not known where in Slack alerts go: {reason}."),
                "They wait in their queue for 12 days, then for 14 more among the dead letters of notify. Write what belongs there (a webhook's URL, the routes, a bot's token) \
                 to the place that the stack's parameter names, and let notify's role read it; they are posted by \
                 themselves then."
                    .to_owned(),
            ),
            What::Lacking => (
                format!("Not all places in Slack are known: {reason}."),
                "Alerts go to those that are, to the default webhook at last. Write what belongs there (the routes, a bot's \
                 token) to the place that the stack's parameter names, and let notify's role read it: that is done within five \
                 minutes then."
                    .to_owned(),
            ),
            What::Unreadable => (
                format!("A message in the queue of alerts cannot be read: {reason}."),
                "It is in the dead letters of notify. Somebody else publishes to the topic of findings, or functions of two \
                 versions run side by side: deploy the stack again."
                    .to_owned(),
            ),
        };
        format!(
            "{what}\n\n{cure}\n\nThe runbook: docs/operations.md#dead-letters-of-notify\nThe same is not told again for six hours.\n"
        )
    }
}

/// Slack's words for a token that is not good, whatever the channel.
const OF_THE_TOKEN: &[&str] = &[
    "account_inactive",
    "ekm_access_denied",
    "invalid_auth",
    "missing_scope",
    "not_allowed_token_type",
    "not_authed",
    "token_expired",
    "token_revoked",
];

fn ends_with(reason: &str, words: &[&str]) -> bool {
    words.iter().any(|word| reason.ends_with(word))
}

/// What to do about Slack's words.
fn cure(reason: &str) -> &'static str {
    const WORDS: &[(&[&str], &str)] = &[
        (&["not_in_channel"], "Invite the app to the channel."),
        (
            &["channel_not_found", "is_archived", "channel_is_archived"],
            "Make the channel again, or name another: the owner of the rule, or the default channel.",
        ),
        (
            &[
                "no_service",
                "no_team",
                "team_disabled",
                "action_prohibited",
                "invalid_token",
                "user_not_found",
            ],
            "The webhook was revoked or the app removed: make a new one, write its URL to the place that the stack's \
             parameter names, and move the dead letters back.",
        ),
        (
            OF_THE_TOKEN,
            "The bot's token is not good: install the app again with the scope chat:write, write the token to the place that \
             the stack's parameter names, and move the dead letters back.",
        ),
    ];
    let known = WORDS.iter().find(|(words, _)| ends_with(reason, words));
    known.map_or(
        "See what Slack means by it, cure that, and move the dead letters back.",
        |(_, cure)| cure,
    )
}
