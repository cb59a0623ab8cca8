//! One message, in the words that its place takes.

use chrono::TimeDelta;

use super::dispatcher::Dispatcher;
use super::plan::Post;
use super::run::Run;
use super::threads::{self, Said};
use super::{Clock, Place, Slack, Trouble};
use crate::alert::Alert;
use crate::notify::NotifyError;
use crate::rendering::slack;
use crate::store::table::Table;

/// A message that is to be posted, and where.
#[derive(Clone, Copy)]
pub(super) struct Wanted<'a> {
    pub(super) post: &'a Post,
    pub(super) place: &'a Place,
    /// What is left of the batch, this one included.
    pub(super) left: &'a [Post],
    /// The place that it should have gone to, and why it did not.
    pub(super) instead_of: Option<&'a str>,
}

impl<T: Table, S: Slack, C: Clock> Dispatcher<'_, T, S, C> {
    /// Says it in its thread, if it has one; where Slack does not take it there, by itself; where it
    /// does not take blocks, as plain text, so that somebody hears of it.
    pub(super) async fn say(
        &self,
        alerts: &[&Alert],
        wanted: Wanted<'_>,
        run: &mut Run<'_>,
    ) -> Result<Said, NotifyError> {
        let Wanted { place, .. } = wanted;
        let mut message = slack::posting(alerts, wanted.instead_of, self.mentions);
        if let Some(account) = self.buttons.filter(|_| place.channel.is_some()) {
            slack::snooze::add_button(&mut message, alerts, account);
        }
        if let Some(thread) = self.thread(alerts, place, run).await {
            let reply = threads::reply(&message, alerts, &thread);
            match self.slack.post(place, &reply).await {
                // What the thread hangs on was deleted, say.
                Err(NotifyError::Unfit(_)) => self.pause(1).await,
                answer => return answer.map(|_| Said::In(thread)),
            }
        }
        let answer = self.slack.post(place, &message).await;
        let Err(NotifyError::Unfit(reason)) = answer else {
            return answer.map(|spot| Said::Alone(message, spot));
        };
        run.trouble(Trouble::message(place, &reason));
        let plain = slack::plain_posting(alerts, wanted.instead_of, self.mentions);
        self.pause(1).await;
        let answer = self.slack.post(place, &plain).await;
        // It had no turn of its own.
        self.pause(1).await;
        answer.map(|spot| Said::Alone(plain, spot))
    }

    pub(super) async fn pause(&self, seconds: u64) {
        let moment = self.clock.now() + TimeDelta::seconds(seconds.cast_signed());
        self.clock.sleep_until(moment).await;
    }
}
