//! Drives futures by hand, and breaks what they do: every effect can fail before it happens,
//! after it happened, or never come back because the process is gone.

use std::collections::BTreeMap;
use std::future::Future;
use std::path::Path;
use std::pin::{Pin, pin};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll, Waker};

use rolewatch::alert::Alert;
use rolewatch::allowlist::{Allowlist, compile};
use rolewatch::notify::{Notifier, NotifyError};
use rolewatch::pipeline::Item;
use rolewatch::store::table::{Commit, Item as Stored, Key, Sorts, Table, TableError, Write};

/// Runs a future to its end. Nothing here waits for anything but its next turn.
pub(crate) fn block_on<T>(future: impl Future<Output = T>) -> T {
    let mut future = pin!(future);
    loop {
        if let Poll::Ready(value) = poll(future.as_mut()) {
            return value;
        }
    }
}

/// Gives a future one turn: up to its next effect.
pub(crate) fn poll<T>(future: Pin<&mut (impl Future<Output = T> + ?Sized)>) -> Poll<T> {
    future.poll(&mut Context::from_waker(Waker::noop()))
}

/// Lets whoever drives the future do something else first, or drop it.
pub(crate) async fn turn() {
    let mut taken = false;
    std::future::poll_fn(|context| {
        if std::mem::replace(&mut taken, true) {
            return Poll::Ready(());
        }
        context.waker().wake_by_ref();
        Poll::Pending
    })
    .await;
}

/// Numbers without order, the same in every run.
#[derive(Debug)]
pub(crate) struct Dice(AtomicU64);

impl Dice {
    pub(crate) fn new(seed: u64) -> Self {
        Self(AtomicU64::new(seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1))
    }

    pub(crate) fn below(&self, bound: u64) -> u64 {
        let mut x = self.0.load(Ordering::Relaxed);
        x ^= x << 13;
        x ^= x >> 7;
        x ^= x << 17;
        self.0.store(x, Ordering::Relaxed);
        (x >> 16) % bound
    }
}

/// What is broken, of a thousand.
#[derive(Clone, Copy, Default)]
pub(crate) struct Rates {
    pub(crate) store: u64,
    pub(crate) notify: u64,
    pub(crate) allowlist: u64,
    pub(crate) lost: u64,
    pub(crate) kills: u64,
}

/// How often effects fail, and what failed so far.
#[derive(Debug)]
pub(crate) struct Faults {
    pub(crate) dice: Dice,
    /// Of a thousand effects of the store, so many fail before they happen.
    pub(crate) store: AtomicU64,
    /// The same of the notifier.
    pub(crate) notify: AtomicU64,
    /// The same of the allowlist's source, for each way it can fail.
    pub(crate) allowlist: AtomicU64,
    /// Of a thousand effects, the answer of so many is lost.
    pub(crate) lost: AtomicU64,
    pub(crate) injected: Mutex<BTreeMap<&'static str, u64>>,
    /// The invocation that is going on, by its number.
    pub(crate) invocation: AtomicU64,
}

impl Faults {
    pub(crate) fn new(seed: u64) -> Arc<Self> {
        Arc::new(Self {
            dice: Dice::new(seed),
            store: AtomicU64::default(),
            notify: AtomicU64::default(),
            allowlist: AtomicU64::default(),
            lost: AtomicU64::default(),
            injected: Mutex::default(),
            invocation: AtomicU64::default(),
        })
    }

    pub(crate) fn set(&self, rates: &Rates) {
        self.store.store(rates.store, Ordering::Relaxed);
        self.notify.store(rates.notify, Ordering::Relaxed);
        self.allowlist.store(rates.allowlist, Ordering::Relaxed);
        self.lost.store(rates.lost, Ordering::Relaxed);
    }

    pub(crate) fn stop(&self) {
        self.set(&Rates::default());
    }

    /// What was injected of a kind so far, by the beginning of its name.
    pub(crate) fn injected_of(&self, kind: &str) -> u64 {
        let injected = self.injected.lock().unwrap();
        let of_kind = injected.iter().filter(|(what, _)| what.starts_with(kind));
        of_kind.map(|(_, times)| times).sum()
    }

    pub(crate) fn count(&self, what: &'static str) {
        *self.injected.lock().unwrap().entry(what).or_default() += 1;
    }

    pub(crate) fn strikes(&self, permille: &AtomicU64, what: &'static str) -> bool {
        let strikes = self.dice.below(1000) < permille.load(Ordering::Relaxed);
        if strikes {
            self.count(what);
        }
        strikes
    }
}

/// A table whose effects fail.
#[derive(Debug)]
pub(crate) struct FaultyTable<T> {
    pub(crate) inner: Arc<T>,
    pub(crate) faults: Arc<Faults>,
    /// Whether reads give others a turn, too.
    pub(crate) turns_at_reads: bool,
}

impl<T: Table + Send> Table for FaultyTable<T> {
    async fn read(&self, keys: &[Key], now: i64) -> Result<Vec<Option<Stored>>, TableError> {
        if self.turns_at_reads {
            turn().await;
        }
        if self
            .faults
            .strikes(&self.faults.store, "store: read failed")
        {
            return Err(TableError("injected".into()));
        }
        self.inner.read(keys, now).await
    }

    async fn commit(&self, writes: &[Write], now: i64) -> Result<Commit, TableError> {
        turn().await;
        if self
            .faults
            .strikes(&self.faults.store, "store: commit failed")
        {
            return Err(TableError("injected".into()));
        }
        let committed = self.inner.commit(writes, now).await?;
        if self.faults.strikes(&self.faults.lost, "store: answer lost") {
            return Err(TableError("injected".into()));
        }
        Ok(committed)
    }

    async fn list(
        &self,
        partition: &str,
        sorts: Sorts<'_>,
        limit: usize,
        now: i64,
    ) -> Result<Vec<(Key, Stored)>, TableError> {
        if self.turns_at_reads {
            turn().await;
        }
        if self
            .faults
            .strikes(&self.faults.store, "store: list failed")
        {
            return Err(TableError("injected".into()));
        }
        self.inner.list(partition, sorts, limit, now).await
    }
}

/// One delivery.
#[derive(Clone, Debug)]
pub(crate) struct Delivered {
    pub(crate) alert: Alert,
    /// Who delivered it.
    pub(crate) invocation: u64,
    /// Whether they never heard that they did.
    pub(crate) answer_lost: bool,
}

/// A notifier whose effects fail, and that keeps what was delivered.
#[derive(Clone, Debug)]
pub(crate) struct FaultyNotifier {
    pub(crate) delivered: Arc<Mutex<Vec<Delivered>>>,
    pub(crate) faults: Arc<Faults>,
}

impl FaultyNotifier {
    pub(crate) fn new(faults: &Arc<Faults>) -> Self {
        Self {
            delivered: Arc::default(),
            faults: Arc::clone(faults),
        }
    }

    pub(crate) fn alerts(&self) -> Vec<Alert> {
        let delivered = self.delivered.lock().unwrap();
        delivered.iter().map(|it| it.alert.clone()).collect()
    }
}

impl Notifier for FaultyNotifier {
    async fn notify(&self, alert: &Alert) -> Result<(), NotifyError> {
        let failed = |reason: &str| NotifyError::Later {
            reason: reason.into(),
            wait: None,
        };
        turn().await;
        if self
            .faults
            .strikes(&self.faults.notify, "notify: throttled")
        {
            return Err(failed("throttled"));
        }
        let answer_lost = self
            .faults
            .strikes(&self.faults.lost, "notify: answer lost");
        self.delivered.lock().unwrap().push(Delivered {
            alert: alert.clone(),
            invocation: self.faults.invocation.load(Ordering::Relaxed),
            answer_lost,
        });
        if answer_lost {
            return Err(failed("timed out"));
        }
        Ok(())
    }
}

pub(crate) fn sample(path: &str) -> String {
    let samples = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../samples");
    std::fs::read_to_string(samples.join(path)).unwrap()
}

pub(crate) fn allowlist() -> Allowlist {
    static COMPILED: std::sync::OnceLock<Allowlist> = std::sync::OnceLock::new();
    COMPILED
        .get_or_init(|| compile(&sample("allowlist.toml")).unwrap().0)
        .clone()
}

const PROVIDER: &str =
    "arn:aws:iam::123456789012:oidc-provider/token.actions.githubusercontent.com";
pub(crate) const PRODUCTION: &str =
    "arn:aws:iam::123456789012:role/GitHubActionsDeployRole-Production";

/// An event as EventBridge delivers it.
pub(crate) fn event(id: &str, role: &str, subject: &str, time: &str, error: Option<&str>) -> Item {
    let mut detail = serde_json::json!({
        "eventVersion": "1.08",
        "eventTime": time,
        "eventSource": "sts.amazonaws.com",
        "eventName": "AssumeRoleWithWebIdentity",
        "eventID": id,
        "awsRegion": "eu-central-1",
        "sourceIPAddress": "203.0.113.20",
        "recipientAccountId": "123456789012",
        "userIdentity": {
            "type": "WebIdentityUser",
            "principalId": format!("{PROVIDER}:sts.amazonaws.com:{subject}"),
            "userName": subject,
            "identityProvider": PROVIDER,
        },
        "requestParameters": {"roleArn": role, "roleSessionName": "s", "durationSeconds": 900},
    });
    if let Some(error) = error {
        detail["errorCode"] = error.into();
    }
    let envelope = serde_json::json!({
        "id": id, "source": "aws.sts", "detail-type": "AWS API Call via CloudTrail", "detail": detail,
    });
    Item {
        id: id.to_owned(),
        body: envelope.to_string().into_bytes(),
    }
}
