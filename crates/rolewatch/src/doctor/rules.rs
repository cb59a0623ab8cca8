//! The rules of the home region: on, for reads too, letting through what they must, and leading where they should.

use super::{DEPLOY, Facts, Looked, Probe, Stack, listed, or_well};

/// A rule of `EventBridge`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rule {
    /// Its name.
    pub name: String,
    /// Its ARN.
    pub arn: String,
    /// `ENABLED`, `DISABLED` or `ENABLED_WITH_ALL_CLOUDTRAIL_MANAGEMENT_EVENTS`.
    pub state: String,
    /// Where it leads.
    pub targets: Looked<Vec<Target>>,
    /// Which of [`MUST_MATCH`] its pattern lets through, as `EventBridge` judges; empty where it was not asked.
    pub lets_through: Looked<Vec<bool>>,
}

/// Where a rule leads.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Target {
    /// The ARN.
    pub arn: String,
    /// Where what cannot be handed over is kept.
    pub dead_letters: Option<String>,
}

/// With plain `ENABLED`, `EventBridge` may leave out management events that only read.
pub(super) const READS_TOO: &str = "ENABLED_WITH_ALL_CLOUDTRAIL_MANAGEMENT_EVENTS";

/// What the rule of assumptions must let through: what it is, and the event, as `TestEventPattern` takes it.
pub const MUST_MATCH: [(&str, &str); 3] = [
    (
        "an assumption from GitHub",
        include_str!("events/assumption.json"),
    ),
    (
        "a refused one that names no provider",
        include_str!("events/refused.json"),
    ),
    ("a canary", include_str!("events/canary.json")),
];

/// The rules of the template: where each leads, whether it has to hear of reads, and what it costs where it does not work.
const EXPECTED: [(&str, &str, bool, &str); 5] = [
    ("Rule", "Events", true, "no assumption is seen"),
    (
        "OwnRule",
        "Events",
        false,
        "nobody is told when rolewatch is tampered with",
    ),
    ("Sweep", "Detect", false, "nothing that is due is told"),
    (
        "ReportSchedule",
        "Report",
        false,
        "no weekly report is made",
    ),
    (
        "ReconcileSchedule",
        "Reconcile",
        false,
        "what CloudTrail did not hand over is not looked for",
    ),
];

pub(super) fn examine(facts: &Facts) -> Vec<Probe> {
    let mut wrong = Vec::new();
    for (logical, looked) in &facts.rules {
        match looked {
            Ok(rule) => wrong.extend(faults(logical, rule, &facts.stack)),
            Err(not) => wrong.push(not.probe("rule", &format!("the rule {logical}"))),
        }
    }
    or_well(wrong, "rule", || {
        let names: Vec<&String> = facts.rules.iter().map(|(name, _)| name).collect();
        format!("{} are on and lead where they should", listed(&names))
    })
}

fn faults(logical: &str, rule: &Rule, stack: &Stack) -> Vec<Probe> {
    let expected = EXPECTED.iter().find(|it| it.0 == logical);
    let (_, leads_to, reads, costs) =
        expected.unwrap_or(&("", "", false, "it was there for something"));
    let mut wrong = Vec::new();
    // Whoever deployed the stack may have wished this one off.
    if logical != "ReconcileSchedule" || stack.parameter("Reconciliation") != Some("DISABLED") {
        wrong.extend(state(logical, &rule.state, *reads, costs));
    }
    if *reads {
        wrong.extend(through(logical, &rule.lets_through));
    }
    match &rule.targets {
        Err(not) => wrong.push(not.probe("rule-target", &format!("the targets of {logical}"))),
        Ok(targets) => {
            let wanted = stack.physical(leads_to);
            let leads = wanted.map_or(!targets.is_empty(), |to| {
                targets.iter().any(|it| is(&it.arn, to))
            });
            if !leads {
                let message = format!("{logical} does not lead to {leads_to}: {costs}");
                wrong.push(Probe::fail("rule-target", message, DEPLOY));
            } else if *leads_to == "Events" && targets.iter().any(|it| it.dead_letters.is_none()) {
                let message = format!(
                    "{logical} keeps nothing of what it cannot hand over: its target has no dead-letter queue"
                );
                wrong.push(Probe::fail("rule-target", message, DEPLOY));
            }
        }
    }
    wrong
}

/// What is wrong with a rule's state.
pub(super) fn state(what: &str, state: &str, reads: bool, costs: &str) -> Option<Probe> {
    if state == READS_TOO || (state == "ENABLED" && !reads) {
        return None;
    }
    let (message, cure) = if state == "ENABLED" {
        (
            format!(
                "{what} is ENABLED, which may leave out calls that only read, as assumptions are"
            ),
            format!("{DEPLOY}; the state has to be {READS_TOO}"),
        )
    } else {
        let cure = format!("{DEPLOY}; who did it, a watcher-tampered finding says");
        (format!("{what} is {state}: {costs}"), cure)
    };
    Some(Probe::fail("rule-state", message, cure))
}

/// What a pattern should let through and does not.
pub(super) fn through(what: &str, lets_through: &Looked<Vec<bool>>) -> Option<Probe> {
    match lets_through {
        Err(not) => Some(not.probe("rule-pattern", &format!("the pattern of {what}"))),
        Ok(answers) => {
            let pairs = MUST_MATCH.iter().zip(answers);
            let lost: Vec<&str> = pairs
                .filter(|(_, let_in)| !**let_in)
                .map(|(it, _)| it.0)
                .collect();
            let message = format!("the pattern of {what} leaves out {}", listed(&lost));
            (!lost.is_empty()).then(|| Probe::fail("rule-pattern", message, DEPLOY))
        }
    }
}

/// Whether an ARN is that of the resource of this name or URL, or with this ARN.
pub(super) fn is(arn: &str, physical: &str) -> bool {
    let name = physical.rsplit('/').next().unwrap_or(physical);
    arn == physical || arn.rsplit([':', '/']).next() == Some(name)
}
