//! Threads, where a bot posts: what is like an alert that was told goes into its thread, and the
//! alert says how much that was.

use serde_json::Value;

use super::dispatcher::{Dispatcher, POST};
use super::run::Run;
use super::{Clock, Place, Slack};
use crate::alert::Alert;
use crate::finding::Severity;
use crate::notify::NotifyError;
use crate::rendering::slack;
use crate::store::table::Table;
use crate::store::{Spot, Thread};

/// How often it is tried to change a message: the next that comes changes it as well.
const TRIES: usize = 3;
/// A place that wants to be left alone for longer than this keeps its message as it is.
const LONGEST: u64 = 5;

/// How a message was said.
pub(super) enum Said {
    /// By itself, like this and there.
    Alone(Value, Option<Spot>),
    /// In this thread.
    In(Thread),
}

/// The quiet key of what can be in a thread or begin one: a single alert, in a channel.
fn quiet<'a>(alerts: &[&'a Alert], place: &Place) -> Option<&'a str> {
    let &[alert] = alerts else { return None };
    place.channel.as_ref()?;
    alert.background.quiet.as_deref()
}

fn is_summary(alert: &Alert) -> bool {
    alert.background.summary_of.is_some()
}

/// The message as one in a thread. What is grave and no summary is shown in the channel as well.
pub(super) fn reply(message: &Value, alerts: &[&Alert], thread: &Thread) -> Value {
    let grave = |alert: &&Alert| alert.severity >= Severity::High && !is_summary(alert);
    let mut reply = message.clone();
    reply["thread_ts"] = thread.spot.ts.as_str().into();
    reply["reply_broadcast"] = alerts.iter().any(grave).into();
    reply
}

/// How many findings an alert tells of that were not told before.
fn told(alert: &Alert) -> u64 {
    let itself = u64::from(!is_summary(alert));
    alert.repeats.unwrap_or(0).saturating_add(itself)
}

impl<T: Table, S: Slack, C: Clock> Dispatcher<'_, T, S, C> {
    /// The thread that a message belongs into, if there is one.
    pub(super) async fn thread(
        &self,
        alerts: &[&Alert],
        place: &Place,
        run: &mut Run<'_>,
    ) -> Option<Thread> {
        let quiet = quiet(alerts, place)?;
        let thread = self.ledger.thread(&place.lane, quiet, self.clock.now());
        match thread.await {
            Ok(thread) => thread,
            Err(error) => {
                run.failures.push(error.to_string());
                None
            }
        }
    }

    /// Remembers what others go into the thread of; or counts what went into one.
    pub(super) async fn keep_thread(
        &self,
        alerts: &[&Alert],
        place: &Place,
        said: &Said,
        run: &mut Run<'_>,
    ) {
        let (Some(quiet), Some(alert)) = (quiet(alerts, place), alerts.first()) else {
            return;
        };
        let now = self.clock.now();
        let lane = place.lane.as_str();
        match said {
            Said::Alone(message, Some(spot)) if !is_summary(alert) => {
                let first = (spot, message);
                run.failed(self.ledger.begin_thread(lane, quiet, first, now).await);
            }
            Said::Alone(..) => {}
            Said::In(thread) => {
                let more = (&thread.spot, told(alert));
                match self.ledger.count_in_thread(lane, quiet, more, now).await {
                    Ok(Some(thread)) => self.show_count(&thread, run).await,
                    Ok(None) => {}
                    Err(error) => run.failures.push(error.to_string()),
                }
            }
        }
    }

    async fn show_count(&self, thread: &Thread, run: &mut Run<'_>) {
        let message = slack::counted(&thread.message, thread.more, self.clock.now());
        let mut last = "no time is left in this invocation".to_owned();
        for _ in 0..TRIES {
            if self.clock.now() > run.end - POST {
                break;
            }
            match self.slack.update(&thread.spot, &message).await {
                Ok(()) => return,
                Err(NotifyError::Later { reason, wait }) if wait.is_none_or(|it| it <= LONGEST) => {
                    last = reason;
                    self.pause(wait.unwrap_or(1)).await;
                }
                Err(error) => {
                    last = error.to_string();
                    break;
                }
            }
        }
        run.failures
            .push(format!("the count beside an alert was not changed: {last}"));
    }
}
