//! Functions: fit to run, let run, called by whom they should be, and of the code that the stack put there.

use chrono::{DateTime, TimeDelta, Utc};

use super::policy::lets;
use super::{DEPLOY, Facts, Looked, Probe, Stack, listed, or_well};

/// A function of Lambda.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Function {
    /// `Active`, where all is well.
    pub state: String,
    /// How the last change of it went: `Successful`.
    pub last_update: String,
    /// `arm64` or `x86_64`.
    pub architecture: String,
    /// The hash of its code.
    pub code: String,
    /// When code or settings were changed last.
    pub changed: Option<DateTime<Utc>>,
    /// How many may run at the same time, where it has a limit of its own.
    pub limit: Looked<Option<i32>>,
    /// Who else may call it, where anybody may.
    pub policy: Looked<Option<String>>,
    /// The queues that it is called for.
    pub mappings: Looked<Vec<Mapping>>,
}

/// That a function is called for what a queue holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mapping {
    /// The queue's ARN.
    pub queue: String,
    /// `Enabled`, where it is on.
    pub state: String,
}

/// Which queue each is called for, and which rule calls it.
const CALLED: [(&str, Option<&str>, Option<&str>); 5] = [
    ("Detect", Some("Events"), Some("Sweep")),
    ("Notify", Some("Alerts"), None),
    ("Relay", Some("Relays"), None),
    ("Report", None, Some("ReportSchedule")),
    ("Reconcile", None, Some("ReconcileSchedule")),
];
/// A deployment is through by then.
const DEPLOYED: TimeDelta = TimeDelta::hours(1);

pub(super) fn examine(facts: &Facts) -> Vec<Probe> {
    let mut wrong = Vec::new();
    let mut well = Vec::new();
    for (logical, looked) in &facts.functions {
        match looked {
            Err(not) => wrong.push(not.probe("function", &format!("the function {logical}"))),
            Ok(function) => {
                let faults = faults(logical, function, facts);
                if faults.is_empty() {
                    let code: String = function.code.chars().take(8).collect();
                    well.push(format!(
                        "{logical} ({}, code {code})",
                        function.architecture
                    ));
                }
                wrong.extend(faults);
            }
        }
    }
    or_well(wrong, "function", || listed(&well))
}

fn faults(logical: &str, function: &Function, facts: &Facts) -> Vec<Probe> {
    let called = CALLED.iter().find(|it| it.0 == logical);
    let (_, queue, rule) = called.unwrap_or(&("", None, None));
    let probes = [
        fitness(logical, function, &facts.stack),
        limit(logical, function),
        queue.and_then(|queue| mapping(logical, function, queue, &facts.stack)),
        rule.and_then(|rule| permission(logical, function, rule, facts)),
        drift(logical, function, &facts.stack),
    ];
    probes.into_iter().flatten().collect()
}

fn fitness(logical: &str, function: &Function, stack: &Stack) -> Option<Probe> {
    if function.state != "Active" && function.state != "Inactive" {
        let message = format!("{logical} is {}", function.state);
        return Some(Probe::fail("function", message, DEPLOY));
    }
    if function.last_update == "Failed" {
        let message = format!("the last change of {logical} failed");
        return Some(Probe::fail("function", message, DEPLOY));
    }
    let wanted = stack.parameter("Architecture")?;
    let message = format!(
        "{logical} is for {}, and the stack was told {wanted}",
        function.architecture
    );
    let cure = format!("make build ARCH={wanted}, then make deploy");
    (function.architecture != wanted).then(|| Probe::fail("function", message, cure))
}

fn limit(logical: &str, function: &Function) -> Option<Probe> {
    const NAME: &str = "function-concurrency";
    match &function.limit {
        Err(not) => Some(not.probe(NAME, &format!("the concurrency of {logical}"))),
        Ok(Some(0)) => Some(Probe::fail(
            NAME,
            format!("{logical} may not run: its reserved concurrency is 0"),
            "aws lambda delete-function-concurrency --function-name NAME; who did it, a watcher-tampered finding says",
        )),
        Ok(_) => None,
    }
}

fn mapping(logical: &str, function: &Function, queue: &str, stack: &Stack) -> Option<Probe> {
    const NAME: &str = "function-queue";
    let mappings = match &function.mappings {
        Err(not) => return Some(not.probe(NAME, &format!("what {logical} is called for"))),
        Ok(mappings) => mappings,
    };
    let physical = stack.physical(queue)?;
    let found = mappings
        .iter()
        .find(|it| super::rules::is(&it.queue, physical));
    let message = match found.map(|it| it.state.as_str()) {
        Some("Enabled" | "Enabling" | "Creating" | "Updating") => return None,
        Some(state) => {
            format!("{logical} is not called for what {queue} holds: the mapping is {state}")
        }
        None => format!("{logical} is not called for what {queue} holds: there is no mapping"),
    };
    Some(Probe::fail(NAME, message, DEPLOY))
}

fn permission(logical: &str, function: &Function, rule: &str, facts: &Facts) -> Option<Probe> {
    const NAME: &str = "function-permission";
    let policy = match &function.policy {
        Err(not) => return Some(not.probe(NAME, &format!("who may call {logical}"))),
        Ok(policy) => policy.as_deref().unwrap_or_default(),
    };
    let (_, looked) = facts.rules.iter().find(|(name, _)| name == rule)?;
    let arn = &looked.as_ref().ok()?.arn;
    let may = lets(policy, "events.amazonaws.com", "lambda:InvokeFunction", arn);
    let message = format!("the rule {rule} may not call {logical}");
    (!may).then(|| Probe::fail(NAME, message, DEPLOY))
}

/// Changed by something else than the stack: `make deploy-code`, or somebody.
fn drift(logical: &str, function: &Function, stack: &Stack) -> Option<Probe> {
    let (changed, deployed) = (function.changed?, stack.changed?);
    (changed > deployed + DEPLOYED).then(|| {
        let changed = changed.format("%Y-%m-%d %H:%M UTC");
        let message = format!("{logical} was changed at {changed}, after the stack was");
        let cure = "if nobody ran make deploy-code, see who did in CloudTrail; make deploy makes stack and code agree again";
        Probe::warn("function-drift", message, cure)
    })
}
