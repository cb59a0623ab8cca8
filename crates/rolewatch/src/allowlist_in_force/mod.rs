//! The allowlist while the service runs: which version is in force, and what is to be told of it.
//!
//! A source is asked once a minute. A version that cannot be used never replaces one that can:
//! the last good one stays in force, in this process and, through the store, in those that start
//! later. What is to be told is kept in the store in the same commit that records a version, and
//! told by the next sweep: once, however many functions load that version, and even if the one
//! that loaded it dies.

mod news;
mod source;

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;

use chrono::{DateTime, TimeDelta, Utc};
use futures_util::lock::Mutex;

pub use self::news::Account;
pub use self::source::{AllowlistSource, Fetched, Fresh, LARGEST, Shelf, SourceError};
use crate::alert::Alert;
use crate::allowlist::{Allowlist, Difference, compile};
use crate::store::table::Table;
use crate::store::{Adoption, GoodAllowlist, Ledger, StoreError};

/// How long an answer of the source is good for.
const FRESH: TimeDelta = TimeDelta::minutes(1);
/// A source that has no answer for so long is told of.
const PATIENCE: TimeDelta = TimeDelta::hours(1);

/// The allowlist in force, of one process.
#[derive(Debug)]
pub struct AllowlistInForce<S> {
    source: S,
    state: Mutex<State>,
}

/// What is in force at a moment.
#[derive(Clone, Debug)]
pub struct InForce {
    /// What to judge by.
    pub allowlist: Arc<Allowlist>,
    /// The version; none where there never was a good one, and so nothing is allowed.
    pub version: Option<String>,
    /// The text it was compiled from, for what ends soon.
    pub text: Arc<str>,
    /// Whether something new is kept to be told: sweep now, and it is told at once.
    pub news: bool,
    /// Why the store could not be asked, or told; the next look tries again.
    pub store_error: Option<String>,
}

#[derive(Debug, Default)]
struct State {
    /// Whose it is.
    account: Option<Account>,
    good: Option<Good>,
    /// What the source had last, good or not.
    known: Option<String>,
    /// When the source last answered and all of it was recorded.
    settled: Option<DateTime<Utc>>,
    /// Since when the source has no answer.
    failing: Option<DateTime<Utc>>,
    /// A good version that the store does not know of yet.
    unrecorded: Option<Unrecorded>,
    /// What the store does not know of yet.
    untold: Vec<Alert>,
}

#[derive(Debug)]
struct Unrecorded {
    author: Option<String>,
}

#[derive(Clone, Debug)]
struct Good {
    version: String,
    text: Arc<str>,
    allowlist: Arc<Allowlist>,
}

impl<S: AllowlistSource> AllowlistInForce<S> {
    /// What is in force by this source, in an account where that is known. It is asked with the
    /// first look.
    pub fn new(source: S, account: Option<Account>) -> Self {
        let state = State {
            account,
            ..State::default()
        };
        Self {
            source,
            state: Mutex::new(state),
        }
    }

    /// What is in force now. Asks the source if its last answer is older than a minute.
    ///
    /// # Errors
    /// The source has no good version, and the store that may know of one did not answer. Judging
    /// by nothing would call every deployment an intrusion: what waits to be judged has to wait.
    pub async fn look<T: Table>(
        &self,
        ledger: &Ledger<T>,
        now: DateTime<Utc>,
    ) -> Result<InForce, StoreError> {
        let mut state = self.state.lock().await;
        // A clock that was set back does not make an answer last.
        let age = state.settled.map(|at| now - at);
        if age.is_some_and(|age| age >= TimeDelta::zero() && age < FRESH) {
            return state.in_force(Ok(false));
        }
        let fetched = self.source.fetch(state.known.as_deref()).await;
        let recorded = state.take_in(fetched, ledger, now).await;
        if recorded.is_ok() {
            state.settled = Some(now);
        }
        state.in_force(recorded)
    }
}

impl State {
    /// Takes in what the source says. Returns whether anything new is kept to be told.
    async fn take_in<T: Table>(
        &mut self,
        fetched: Result<Fetched, SourceError>,
        ledger: &Ledger<T>,
        now: DateTime<Utc>,
    ) -> Result<bool, StoreError> {
        let trouble = self.judge(fetched, now);
        let recalled = match &self.good {
            Some(_) => Ok(()),
            None => self.recall(ledger, now).await,
        };
        let in_force = self.good.as_ref().map(|good| good.version.as_str());
        let trouble = trouble.filter(|trouble| !trouble.can_wait || in_force.is_none());
        // What is in force is not known before the store has answered.
        if let Some(trouble) = trouble
            && (in_force.is_some() || recalled.is_ok())
        {
            let Trouble {
                what, why, again, ..
            } = trouble;
            let alert = self.signed(news::broken(&what, &why, &again, in_force));
            self.untold.retain(|other| other.id != alert.id);
            self.untold.push(alert);
        } else if recalled.is_err() {
            // The source's answer has to be judged again.
            self.known = None;
        }
        recalled?;
        let recorded = self.record(ledger, now).await?;
        Ok(self.tell(ledger, now).await? || recorded)
    }

    /// Judges what the source has; a good version is in force from here on.
    fn judge(
        &mut self,
        fetched: Result<Fetched, SourceError>,
        now: DateTime<Utc>,
    ) -> Option<Trouble> {
        let error = match fetched {
            Ok(answer) => {
                self.failing = None;
                let Fetched::Changed(fresh) = answer else {
                    return None;
                };
                return self.judge_version(fresh);
            }
            Err(error) => error,
        };
        let since = *self.failing.get_or_insert(now);
        let gone = matches!(error, SourceError::Gone(_));
        Some(Trouble {
            what: "the allowlist cannot be read".into(),
            why: error.to_string(),
            again: format!("unreadable on {}", now.date_naive()),
            can_wait: !gone && now - since < PATIENCE,
        })
    }

    fn judge_version(&mut self, fresh: Fresh) -> Option<Trouble> {
        let Fresh {
            content,
            version,
            author,
        } = fresh;
        self.known = Some(version.clone());
        match usable(content) {
            Ok((text, allowlist)) => {
                self.good = Some(Good {
                    version,
                    text: text.into(),
                    allowlist: Arc::new(allowlist),
                });
                self.unrecorded = Some(Unrecorded { author });
                None
            }
            Err(why) => Some(Trouble {
                what: match author {
                    Some(author) => format!("version {version} by {author} cannot be used"),
                    None => format!("version {version} cannot be used"),
                },
                why,
                again: format!("version {version}"),
                can_wait: false,
            }),
        }
    }

    /// Puts in force what the store has as the last good version, if it has one.
    async fn recall<T: Table>(
        &mut self,
        ledger: &Ledger<T>,
        now: DateTime<Utc>,
    ) -> Result<(), StoreError> {
        let Some(GoodAllowlist { version, text }) = ledger.good_allowlist(now).await? else {
            return Ok(());
        };
        // It was good for the program that recorded it; this one may see it otherwise.
        if let Ok((text, allowlist)) = usable(text.into_bytes()) {
            self.good = Some(Good {
                version,
                text: text.into(),
                allowlist: Arc::new(allowlist),
            });
        }
        Ok(())
    }

    /// Records the version in force, with the news of it, unless somebody did before.
    async fn record<T: Table>(
        &mut self,
        ledger: &Ledger<T>,
        now: DateTime<Utc>,
    ) -> Result<bool, StoreError> {
        let (Some(Unrecorded { author }), Some(good)) = (&self.unrecorded, &self.good) else {
            return Ok(false);
        };
        let before = ledger.good_allowlist(now).await?;
        if before.as_ref().is_some_and(|it| it.version == good.version) {
            self.unrecorded = None;
            return Ok(false);
        }
        let (before_version, old) = match before {
            Some(before) => {
                let old = usable(before.text.into_bytes());
                (Some(before.version), old.ok().map(|(_, old)| old))
            }
            None => (None, None),
        };
        let mut difference = Difference::between(
            old.as_ref().unwrap_or(&Allowlist::empty()),
            &good.allowlist,
            now.date_naive(),
        );
        if before_version.is_none() {
            // The first version lets through what it is there to let through.
            difference.broader.clear();
        }
        let version = before_version.as_deref();
        let news = news::changed(&good.version, author.as_deref(), version, &difference);
        let news = self.signed(news);
        let adopted = GoodAllowlist {
            version: good.version.clone(),
            text: good.text.to_string(),
        };
        match ledger
            .adopt_allowlist(&adopted, version, author.as_deref(), &news, now)
            .await?
        {
            Adoption::Done => {
                self.unrecorded = None;
                Ok(true)
            }
            Adoption::Known => {
                self.unrecorded = None;
                Ok(false)
            }
            Adoption::Overtaken => {
                // Ours may be the older one: ask the source again.
                self.known = None;
                Err(StoreError::Busy)
            }
        }
    }

    /// By the account, where that is known.
    fn signed(&self, alert: Alert) -> Alert {
        match &self.account {
            Some(account) => account.sign(alert),
            None => alert,
        }
    }

    async fn tell<T: Table>(
        &mut self,
        ledger: &Ledger<T>,
        now: DateTime<Utc>,
    ) -> Result<bool, StoreError> {
        let mut news = false;
        while let Some(alert) = self.untold.last() {
            news |= ledger.announce(alert, now).await?;
            self.untold.pop();
        }
        Ok(news)
    }

    fn in_force(&self, recorded: Result<bool, StoreError>) -> Result<InForce, StoreError> {
        let (news, store_error) = match recorded {
            Ok(news) => (news, None),
            Err(error) if self.good.is_none() => return Err(error),
            Err(error) => (false, Some(error.to_string())),
        };
        let good = self.good.as_ref();
        Ok(InForce {
            version: good.map(|good| good.version.clone()),
            text: good.map(|good| Arc::clone(&good.text)).unwrap_or_default(),
            allowlist: good.map_or_else(
                || Arc::new(Allowlist::empty()),
                |good| Arc::clone(&good.allowlist),
            ),
            news,
            store_error,
        })
    }
}

/// Why the source's version is not in force.
struct Trouble {
    what: String,
    why: String,
    /// What it is told once for.
    again: String,
    /// Whether nobody needs to know as long as some version is in force.
    can_wait: bool,
}

/// Compiles a file, or says in one line why it cannot be used.
fn usable(content: Vec<u8>) -> Result<(String, Allowlist), String> {
    if content.len() > LARGEST {
        return Err(format!("it is larger than {} MiB", LARGEST >> 20));
    }
    let text = String::from_utf8(content).map_err(|error| {
        let at = error.utf8_error().valid_up_to();
        let line = error.as_bytes()[..at].split(|byte| *byte == b'\n').count();
        format!("it is not UTF-8 (line {line})")
    })?;
    let compiled = catch_unwind(AssertUnwindSafe(|| compile(&text)));
    match compiled {
        Ok(Ok((allowlist, _))) => Ok((text, allowlist)),
        Ok(Err(diagnostics)) => Err(news::problems(&diagnostics)),
        Err(_) => Err("reading it failed, by a defect of rolewatch".into()),
    }
}
