use std::collections::VecDeque;
use std::sync::Mutex;

use super::*;

/// Answers as planned, then well; counts what it was asked.
#[derive(Default)]
struct Planned {
    answers: Mutex<VecDeque<NotifyError>>,
    asked: Mutex<usize>,
}

impl Planned {
    fn new(answers: impl IntoIterator<Item = NotifyError>) -> Self {
        Self {
            answers: Mutex::new(answers.into_iter().collect()),
            asked: Mutex::default(),
        }
    }

    fn asked(&self) -> usize {
        *self.asked.lock().unwrap()
    }
}

impl Notifier for Planned {
    async fn notify(&self, _: &Alert) -> Result<(), NotifyError> {
        *self.asked.lock().unwrap() += 1;
        self.answers.lock().unwrap().pop_front().map_or(Ok(()), Err)
    }
}

fn later(wait: Option<u64>) -> NotifyError {
    NotifyError::Later {
        reason: "Slack: 429 rate_limited".into(),
        wait,
    }
}

fn invocation() -> Deadline {
    Deadline::at(SystemTime::now() + Duration::from_secs(30))
}

#[tokio::test]
async fn a_wait_that_does_not_fit_ends_the_posting() {
    // The last does not fit into any clock.
    for wait in [60, u64::MAX] {
        let slack = Planned::new([later(Some(wait))]);
        let mut deadline = invocation();
        let alert = crate::message::tests::alert_of("medium");
        assert!(deadline.post(&slack, &alert).await.is_err());
        let why = deadline.post(&slack, &alert).await.unwrap_err();
        assert!(why.contains("left alone"), "{why}");
        assert_eq!(slack.asked(), 1, "after a wait of {wait} s was asked for");
    }
}

#[tokio::test]
async fn a_wait_that_fits_is_waited_for_once() {
    let slack = Planned::new([later(Some(0))]);
    let alert = crate::message::tests::alert_of("medium");
    assert_eq!(invocation().post(&slack, &alert).await, Ok(()));
    assert_eq!(slack.asked(), 2);

    let slack = Planned::new([later(Some(0)), later(Some(0))]);
    let mut deadline = invocation();
    assert!(deadline.post(&slack, &alert).await.is_err());
    assert!(deadline.post(&slack, &alert).await.is_err());
    assert_eq!(slack.asked(), 2);
}

#[tokio::test]
async fn what_says_nothing_of_waiting_holds_up_nothing_else() {
    let refused = NotifyError::Refused("Slack: 400 invalid_blocks".into());
    let slack = Planned::new([later(None), refused]);
    let mut deadline = invocation();
    let alert = crate::message::tests::alert_of("medium");
    assert!(deadline.post(&slack, &alert).await.is_err());
    assert!(deadline.post(&slack, &alert).await.is_err());
    assert_eq!(deadline.post(&slack, &alert).await, Ok(()));
}

#[tokio::test]
async fn nothing_begins_that_would_not_end_in_time() {
    let slack = Planned::default();
    let mut deadline = Deadline::at(SystemTime::now() + Duration::from_secs(5));
    let alert = crate::message::tests::alert_of("medium");
    assert!(deadline.post(&slack, &alert).await.is_err());
    assert_eq!(slack.asked(), 0);
}
