//! A stand-in for Slack: answers as planned, takes one message a second and no more, and
//! remembers what arrived.

use std::collections::{BTreeMap, VecDeque};
use std::sync::Mutex;

use chrono::{DateTime, TimeDelta, Utc};
use rolewatch::dispatch::{Clock, Place, Slack};
use rolewatch::notify::NotifyError;
use rolewatch::store::Spot;
use serde_json::Value;

use crate::world::Time;

/// What a request meets.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Weather {
    /// It is posted.
    Fine,
    /// 429, and for how many seconds to wait.
    Throttled(u64),
    /// 500.
    Error,
    /// No answer in ten seconds, and nothing posted.
    Hangs,
    /// The connection is dropped, and nothing posted.
    Dropped,
    /// It is posted, and no answer comes.
    AnswerLost,
    /// Refused for good, in Slack's words.
    Refused(&'static str),
    /// Blocks are refused, plain text is not.
    NoBlocks,
    /// There is no such thread.
    NoThread,
    /// Nothing is fit.
    Unfit,
}

/// A message that people see.
#[derive(Clone, Debug)]
pub(crate) struct Seen {
    pub(crate) at: DateTime<Utc>,
    pub(crate) place: String,
    pub(crate) message: Value,
}

type Forecast = Box<dyn Fn(DateTime<Utc>, &str) -> Weather + Send + Sync>;

/// Slack, as far as anybody can tell.
pub(crate) struct StandIn {
    forecast: Mutex<Forecast>,
    planned: Mutex<VecDeque<Weather>>,
    seen: Mutex<Vec<Seen>>,
    /// What was asked, and what it met.
    pub(crate) met: Mutex<BTreeMap<String, usize>>,
    /// Messages whose answer got lost.
    pub(crate) ambiguous: Mutex<Vec<Value>>,
    last: Mutex<BTreeMap<String, DateTime<Utc>>>,
    /// Owners with a place of their own.
    pub(crate) owners: Vec<&'static str>,
    /// Whether a bot posts, into channels.
    pub(crate) has_bot: bool,
    /// Messages that were changed, and to what.
    pub(crate) updates: Mutex<Vec<(String, Value)>>,
    /// What the next changes meet.
    pub(crate) planned_updates: Mutex<VecDeque<Weather>>,
}

impl StandIn {
    /// It always takes what is not planned to be met by something else.
    pub(crate) fn fine() -> Self {
        Self::new(|_, _| Weather::Fine)
    }

    pub(crate) fn new(
        forecast: impl Fn(DateTime<Utc>, &str) -> Weather + Send + Sync + 'static,
    ) -> Self {
        Self {
            forecast: Mutex::new(Box::new(forecast)),
            planned: Mutex::default(),
            seen: Mutex::default(),
            met: Mutex::default(),
            ambiguous: Mutex::default(),
            last: Mutex::default(),
            owners: Vec::new(),
            has_bot: false,
            updates: Mutex::default(),
            planned_updates: Mutex::default(),
        }
    }

    /// What the next requests meet.
    pub(crate) fn plan(&self, weather: impl IntoIterator<Item = Weather>) {
        self.planned.lock().unwrap().extend(weather);
    }

    pub(crate) fn seen(&self) -> Vec<Seen> {
        self.seen.lock().unwrap().clone()
    }

    /// Takes out what was seen since the last time.
    pub(crate) fn take(&self) -> Vec<Seen> {
        std::mem::take(&mut *self.seen.lock().unwrap())
    }

    pub(crate) fn at<'a>(&'a self, time: &'a Time) -> Connected<'a> {
        Connected { slack: self, time }
    }

    /// As many requests met this.
    pub(crate) fn count(&self, word: &str) -> usize {
        self.met.lock().unwrap().get(word).copied().unwrap_or(0)
    }
}

/// The stand-in at a moment.
pub(crate) struct Connected<'a> {
    slack: &'a StandIn,
    time: &'a Time,
}

impl Connected<'_> {
    fn weather(&self, place: &Place, now: DateTime<Utc>) -> Weather {
        let planned = self.slack.planned.lock().unwrap().pop_front();
        let forecast = self.slack.forecast.lock().unwrap();
        planned.unwrap_or_else(|| forecast(now, &place.name))
    }

    /// Whether a place was asked less than a second ago.
    fn too_fast(&self, place: &Place, now: DateTime<Utc>) -> bool {
        let mut last = self.slack.last.lock().unwrap();
        let before = last.insert(place.lane.clone(), now);
        before.is_some_and(|before| now - before < TimeDelta::seconds(1))
    }

    /// Where it is then: the number of the message.
    fn see(&self, place: &Place, message: &Value, now: DateTime<Utc>) -> Option<Spot> {
        let mut seen = self.slack.seen.lock().unwrap();
        seen.push(Seen {
            at: now,
            place: place.name.clone(),
            message: message.clone(),
        });
        let channel = place.channel.clone()?;
        Some(Spot {
            channel,
            ts: seen.len().to_string(),
        })
    }
}

impl Slack for Connected<'_> {
    fn places(&self, owner: Option<&str>) -> Vec<Place> {
        let named = |name: &str| Place {
            name: name.to_owned(),
            lane: name.to_owned(),
            channel: self.slack.has_bot.then(|| format!("C-{name}")),
        };
        let own = owner.filter(|owner| self.slack.owners.contains(owner));
        own.into_iter().chain(["default"]).map(named).collect()
    }

    async fn post(&self, place: &Place, message: &Value) -> Result<Option<Spot>, NotifyError> {
        let now = self.time.now();
        let weather = self.weather(place, now);
        let too_fast = self.too_fast(place, now);
        let weather = if too_fast {
            Weather::Throttled(1)
        } else {
            weather
        };
        let word = if too_fast {
            "too fast".to_owned()
        } else {
            format!("{weather:?}")
        };
        let word = word.split('(').next().unwrap_or_default().to_owned();
        *self.slack.met.lock().unwrap().entry(word).or_default() += 1;
        let later = |reason: &str, wait| {
            Err(NotifyError::Later {
                reason: reason.into(),
                wait,
            })
        };
        // An answer takes a while, and others work meanwhile.
        self.time
            .sleep_until(now + TimeDelta::milliseconds(200))
            .await;
        match weather {
            Weather::Fine => Ok(self.see(place, message, now)),
            Weather::Throttled(seconds) => later("Slack: 429", Some(seconds)),
            Weather::Error => later("Slack: 500", None),
            Weather::Dropped => later("Slack: the connection failed", None),
            Weather::Hangs => {
                self.time.sleep_until(now + TimeDelta::seconds(10)).await;
                later("Slack: took longer", None)
            }
            Weather::AnswerLost => {
                self.see(place, message, now);
                self.slack.ambiguous.lock().unwrap().push(message.clone());
                self.time.sleep_until(now + TimeDelta::seconds(10)).await;
                later("Slack: took longer", None)
            }
            Weather::Refused(word) => Err(NotifyError::Refused(word.into())),
            Weather::NoBlocks if message.get("blocks").is_none() => {
                Ok(self.see(place, message, now))
            }
            Weather::NoThread if message.get("thread_ts").is_none() => {
                Ok(self.see(place, message, now))
            }
            Weather::NoThread => Err(NotifyError::Unfit("Slack: thread_not_found".into())),
            Weather::NoBlocks | Weather::Unfit => {
                Err(NotifyError::Unfit("Slack: 400 invalid_blocks".into()))
            }
        }
    }

    async fn update(&self, spot: &Spot, message: &Value) -> Result<(), NotifyError> {
        let planned = self.slack.planned_updates.lock().unwrap().pop_front();
        match planned.unwrap_or(Weather::Fine) {
            Weather::Fine => {}
            Weather::Throttled(seconds) => {
                return Err(NotifyError::Later {
                    reason: "Slack: ratelimited".into(),
                    wait: Some(seconds),
                });
            }
            _ => return Err(NotifyError::Unfit("Slack: cant_update_message".into())),
        }
        let update = (spot.ts.clone(), message.clone());
        self.slack.updates.lock().unwrap().push(update);
        Ok(())
    }
}
