//! What went wrong, whether it is worth another try, and how long to wait before it.

use std::collections::hash_map::RandomState;
use std::fmt;
use std::hash::{BuildHasher, Hasher};
use std::time::Duration;

use aws_sdk_dynamodb::error::{ProvideErrorMetadata, SdkError};
use tokio::time::{Instant, sleep};

use super::write::Attempt;

/// For so long throttles and conflicts are waited out. Well within a function's time-out, and
/// longer than one try of a call, see [`crate::config`].
const PATIENCE: Duration = Duration::from_secs(8);
const FIRST_WAIT: Duration = Duration::from_millis(20);
const LONGEST_WAIT: Duration = Duration::from_millis(640);

/// From the least to the worst.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Trouble {
    /// It did not happen: somebody else is writing the same item.
    Contended,
    /// It did not happen: there is too much to do.
    Throttled,
    /// Nobody knows whether it happened.
    Lost,
    /// It did not happen, and another try would not help.
    Refused,
}

/// Names the call and `DynamoDB`'s code. Its messages can quote what was sent, so they are not here.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Problem {
    pub(super) trouble: Trouble,
    /// All of a call's time went by without one.
    pub(super) had_no_answer: bool,
    text: String,
}

impl Problem {
    pub(super) fn of<E: ProvideErrorMetadata, R>(call: &str, error: &SdkError<E, R>) -> Self {
        let lost = |what: &str| Self {
            trouble: Trouble::Lost,
            had_no_answer: false,
            text: format!("{call}: {what}"),
        };
        match error {
            SdkError::TimeoutError(_) => Self {
                had_no_answer: true,
                ..lost("no answer in time")
            },
            SdkError::DispatchFailure(_) => lost("no connection"),
            SdkError::ResponseError(_) => lost("an unreadable answer"),
            SdkError::ServiceError(error) => match error.err().code() {
                Some(code) => Self::coded(call, code),
                None => lost("an error without a code"),
            },
            _ => Self::refused(call, "it could not be sent"),
        }
    }

    /// As the service, or a reason in a cancelled transaction, has it.
    pub(super) fn coded(call: &str, code: &str) -> Self {
        let trouble = match code {
            "TransactionConflict"
            | "TransactionConflictException"
            | "ReplicatedWriteConflictException" => Trouble::Contended,
            "ProvisionedThroughputExceeded"
            | "ProvisionedThroughputExceededException"
            | "RequestLimitExceeded"
            | "ThrottlingError"
            | "ThrottlingException" => Trouble::Throttled,
            // The last is an earlier try of ours that has not ended.
            "InternalServerError"
            | "InternalFailure"
            | "ServiceUnavailable"
            | "ServiceUnavailableException"
            | "TransactionInProgressException" => Trouble::Lost,
            _ => Trouble::Refused,
        };
        Self {
            trouble,
            had_no_answer: false,
            text: format!("{call}: {code}"),
        }
    }

    pub(super) fn refused(call: &str, reason: &str) -> Self {
        Self {
            trouble: Trouble::Refused,
            had_no_answer: false,
            text: format!("{call}: {reason}"),
        }
    }

    pub(super) fn throttled(call: &str) -> Self {
        Self::coded(call, "ThrottlingException")
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

/// Sends until there is an answer, or it is no use. `verdict` knows the answers that are the
/// call's own, given whether an earlier one was lost.
pub(super) async fn persist<O, E: ProvideErrorMetadata, R, Sent>(
    call: &str,
    mut patience: Patience,
    send: impl Fn() -> Sent,
    verdict: impl Fn(&E, bool) -> Option<Result<Attempt, Problem>>,
) -> Result<Attempt, Problem>
where
    Sent: Future<Output = Result<O, SdkError<E, R>>>,
{
    let mut lost = false;
    loop {
        let Err(error) = send().await else {
            return Ok(Attempt::Done);
        };
        let own = error
            .as_service_error()
            .and_then(|error| verdict(error, lost));
        let problem = match own {
            Some(Ok(attempt)) => return Ok(attempt),
            Some(Err(problem)) => problem,
            None => Problem::of(call, &error),
        };
        lost |= problem.trouble == Trouble::Lost;
        if problem.trouble == Trouble::Refused || !patience.wait().await {
            return match problem.trouble {
                Trouble::Contended if !lost => Ok(Attempt::Busy),
                _ => Err(problem),
            };
        }
    }
}

/// Waits ever longer, by chance, until it is over.
pub(super) struct Patience {
    over: Instant,
    longest: Duration,
}

impl Patience {
    pub(super) fn new() -> Self {
        Self::lasting(PATIENCE)
    }

    fn lasting(time: Duration) -> Self {
        Self {
            over: Instant::now() + time,
            longest: FIRST_WAIT,
        }
    }

    /// Whether there is time for another try, after having waited for it.
    pub(super) async fn wait(&mut self) -> bool {
        let wait = by_chance(self.longest);
        self.longest = LONGEST_WAIT.min(self.longest * 2);
        if Instant::now() + wait >= self.over {
            return false;
        }
        sleep(wait).await;
        true
    }
}

/// Waits after so many conflicts in a row.
pub(super) async fn back_off(conflicts: u32) {
    sleep(by_chance(longest_wait(conflicts))).await;
}

/// The longest wait after so many conflicts in a row: twice as long each time.
fn longest_wait(conflicts: u32) -> Duration {
    let doubled = 2_u32.saturating_pow(conflicts.saturating_sub(1));
    LONGEST_WAIT.min(FIRST_WAIT.saturating_mul(doubled))
}

/// Anything between nothing and the longest: who met once should not meet again.
fn by_chance(longest: Duration) -> Duration {
    let chance = f64::from(u32::try_from(random() >> 32).unwrap_or(0)) / f64::from(u32::MAX);
    longest.mul_f64(chance)
}

/// A name for one commit that no other will ever have: it decides what is a repetition.
pub(super) fn token() -> String {
    format!("{:016x}{:016x}", random(), random())
}

/// The standard library seeds its hash maps from the system's randomness, and each one differently.
fn random() -> u64 {
    RandomState::new().build_hasher().finish()
}

#[cfg(test)]
mod tests {
    use std::cell::RefCell;
    use std::collections::HashSet;

    use aws_sdk_dynamodb::error::ErrorMetadata;

    use super::*;

    type Answer = Result<(), SdkError<ErrorMetadata, ()>>;

    fn coded(code: &str) -> Answer {
        let error = ErrorMetadata::builder()
            .code(code)
            .message("SECRET")
            .build();
        Err(SdkError::service_error(error, ()))
    }

    fn lost() -> Answer {
        Err(SdkError::timeout_error("SECRET"))
    }

    /// What comes of these answers, the last of them for ever; a failed condition is the
    /// call's own.
    async fn outcome(answers: Vec<Answer>) -> String {
        let answers = RefCell::new(answers.into_iter());
        let last = RefCell::new(String::new());
        let send = async || {
            let Some(answer) = answers.borrow_mut().next() else {
                return coded(&last.borrow());
            };
            if let Err(error) = &answer {
                *last.borrow_mut() = error.code().unwrap_or("Timeout").to_owned();
            }
            answer
        };
        let verdict = |error: &ErrorMetadata, lost| {
            let failed = error.code() == Some("ConditionalCheckFailedException");
            failed.then(|| {
                if lost {
                    Err(Problem::refused("Put", "lost before"))
                } else {
                    Ok(Attempt::Unexpected(vec![0]))
                }
            })
        };
        let patience = Patience::lasting(Duration::from_millis(120));
        match persist("Put", patience, &send, verdict).await {
            Ok(Attempt::Done) => "done".into(),
            Ok(Attempt::Busy) => "busy".into(),
            Ok(Attempt::Unexpected(_)) => "unexpected".into(),
            Err(problem) => problem.to_string(),
        }
    }

    #[tokio::test]
    async fn what_can_be_waited_out_is_waited_out() {
        for code in [
            "TransactionConflictException",
            "ProvisionedThroughputExceededException",
            "ThrottlingException",
            "RequestLimitExceeded",
            "InternalServerError",
            "TransactionInProgressException",
        ] {
            assert_eq!(
                outcome(vec![coded(code), coded(code), Ok(())]).await,
                "done"
            );
        }
        assert_eq!(outcome(vec![lost(), Ok(())]).await, "done");
    }

    #[tokio::test]
    async fn what_lasts_is_said_without_a_message() {
        let conflict = || coded("TransactionConflictException");
        let failed = || coded("ConditionalCheckFailedException");
        assert_eq!(outcome(vec![conflict()]).await, "busy");
        assert_eq!(outcome(vec![failed()]).await, "unexpected");
        assert_eq!(outcome(vec![conflict(), failed()]).await, "unexpected");
        for (answers, text) in [
            (
                vec![coded("ThrottlingException")],
                "Put: ThrottlingException",
            ),
            (
                vec![coded("ValidationException"), Ok(())],
                "Put: ValidationException",
            ),
            (
                vec![coded("AccessDeniedException"), Ok(())],
                "Put: AccessDeniedException",
            ),
            // It may have happened, so it is no conflict.
            (vec![lost(), failed(), Ok(())], "Put: lost before"),
            (
                vec![lost(), conflict()],
                "Put: TransactionConflictException",
            ),
            (
                vec![coded("InternalServerError")],
                "Put: InternalServerError",
            ),
        ] {
            assert_eq!(outcome(answers).await, text);
        }
    }

    #[test]
    fn waits_double_up_to_a_limit() {
        let waits =
            [0, 1, 2, 3, 6, 7, u32::MAX].map(|conflicts| longest_wait(conflicts).as_millis());
        assert_eq!(waits, [20, 20, 40, 80, 640, 640, 640]);
        assert!((0..1_000).all(|_| by_chance(LONGEST_WAIT) <= LONGEST_WAIT));
    }

    #[test]
    fn tokens_are_all_different_and_fit() {
        let tokens: HashSet<String> = (0..1_000).map(|_| token()).collect();
        assert_eq!(tokens.len(), 1_000);
        assert!(tokens.iter().all(|token| token.len() == 32)); // DynamoDB takes 36
    }
}
