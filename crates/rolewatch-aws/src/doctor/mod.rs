//! What `rolewatch doctor` looks at: one file a service. Nothing is changed, every look is made at the same time as the
//! others and has a time of its own, and one that fails says so in the place of what it would have seen.

mod allowlist;
mod functions;
mod identity;
mod memory;
mod queues;
mod regions;
mod rules;
mod stack;
mod topics;
mod trails;
mod webhook;

use std::future::Future;
use std::time::Duration;

use aws_config::SdkConfig;
use aws_sdk_sts::error::{ProvideErrorMetadata, SdkError};
use futures_util::future::join_all;
use rolewatch::doctor::{Facts, Looked, NotLooked, Stack};

pub use self::identity::{Caller, caller};
pub use self::stack::stack;
pub use self::webhook::address;

/// One look, with all its calls and their tries, may take this long.
const LIMIT: Duration = Duration::from_secs(12);

/// Looks at everything that the stack is made of, and at what is around it.
pub async fn look(config: &SdkConfig, caller: &Caller, stack: Stack) -> Facts {
    let (home, trails, queues, functions, topics, memory, allowlist, webhook) = tokio::join!(
        rules::home(config, &stack),
        trails::trails(config),
        queues::queues(config, &stack),
        functions::functions(config, &stack),
        topics::topics(config, &stack),
        memory::memory(config, &stack, caller.now),
        allowlist::there(config, &stack),
        webhook::webhook(config, &stack),
    );
    // After the home region's rules: what their patterns let through need not be asked again.
    let regions = regions::others(config, caller, &stack.region, home.patterns).await;
    Facts {
        now: caller.now,
        clock: caller.time.clone(),
        trails,
        rules: home.rules,
        regions,
        queues,
        functions,
        topics,
        table: memory.table,
        allowlist: allowlist.with(memory.in_force),
        canaries: memory.canaries,
        webhook,
        stack,
    }
}

/// Looks at every resource of a kind at once; the results are by logical name.
async fn each<'a, T, F>(
    stack: &'a Stack,
    kind: &'static str,
    action: &'static str,
    look: impl Fn(&'a str) -> F,
) -> Vec<(String, Looked<T>)>
where
    F: Future<Output = Looked<T>>,
{
    let looks = stack.all(kind).map(|it| {
        let look = in_time(action, look(&it.physical));
        async { (it.logical.clone(), look.await) }
    });
    join_all(looks).await
}

/// A look that gives up in time.
async fn in_time<T>(action: &'static str, look: impl Future<Output = Looked<T>>) -> Looked<T> {
    let answer = tokio::time::timeout(LIMIT, look).await;
    answer.unwrap_or_else(|_| Err(because(action, "no answer in time")))
}

/// Why a look saw nothing.
fn because(action: &'static str, code: &str) -> NotLooked {
    const GONE: [&str; 5] = [
        "NotFound",
        "NonExistent",
        "NoSuch",
        "DoesNotExist",
        "not exist",
    ];
    NotLooked {
        action,
        code: code.to_owned(),
        gone: GONE.iter().any(|word| code.contains(word)),
    }
}

/// The same of an error of the SDK's. What it says besides the code may hold names that somebody chose, and stays out.
fn failed<E: ProvideErrorMetadata, R>(
    action: &'static str,
) -> impl Fn(SdkError<E, R>) -> NotLooked {
    move |error| because(action, error.code().unwrap_or("no answer"))
}
