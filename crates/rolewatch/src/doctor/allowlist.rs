//! The allowlist: there, without a fault, and in force.

use super::{Looked, Probe, counted};
use crate::allowlist::{self, Mode};

/// The allowlist.
#[derive(Clone, Debug)]
pub struct AllowlistFacts {
    /// Where it is: `s3://…` or `ssm:…`.
    pub place: String,
    /// What is there.
    pub there: Looked<AllowlistThere>,
    /// The version that detect took last, where it took any.
    pub in_force: Looked<Option<String>>,
}

/// What is kept where the allowlist is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AllowlistThere {
    /// The version, as its place names it.
    pub version: String,
    /// The file.
    pub content: Vec<u8>,
}

const NAME: &str = "allowlist";

pub(super) fn examine(facts: &AllowlistFacts) -> Vec<Probe> {
    let place = &facts.place;
    let there = match &facts.there {
        Err(not) if not.gone => {
            let message = format!("there is no allowlist at {place}");
            let cure = "put it there; the last good one stays in force meanwhile, if there was one";
            return vec![Probe::fail(NAME, message, cure)];
        }
        Err(not) => return vec![not.probe(NAME, &format!("the allowlist at {place}"))],
        Ok(there) => there,
    };
    let mut probes = vec![text(there, place)];
    if probes[0].status != super::Status::Fail {
        probes.extend(in_force(there, facts));
    }
    probes
}

fn text(there: &AllowlistThere, place: &str) -> Probe {
    let version = &there.version;
    let cure = "rolewatch allowlist check says every problem; the last good version stays in force meanwhile";
    let Ok(text) = std::str::from_utf8(&there.content) else {
        return Probe::fail(
            NAME,
            format!("version {version} at {place} is not UTF-8"),
            cure,
        );
    };
    match allowlist::compile(text) {
        Err(problems) => {
            let first = problems
                .first()
                .map(|it| format!(", the first in line {}: {}", it.line, it.message));
            let message = format!(
                "version {version} at {place} is broken: {}{}",
                counted(problems.len(), "problem"),
                first.unwrap_or_default()
            );
            Probe::fail(NAME, message, cure)
        }
        Ok((allowlist, _)) => {
            let message = format!(
                "version {version} at {place}: {}",
                counted(allowlist.rules().len(), "rule")
            );
            if allowlist.mode == Mode::Audit {
                let message = format!(
                    "{message}, in audit mode: findings are recorded and nobody is alerted"
                );
                Probe::warn(
                    NAME,
                    message,
                    "mode = \"enforce\", when its rules are complete",
                )
            } else {
                Probe::ok(NAME, message)
            }
        }
    }
}

fn in_force(there: &AllowlistThere, facts: &AllowlistFacts) -> Option<Probe> {
    const NAME: &str = "allowlist-in-force";
    let cure = "detect looks each minute: look again, then see its log (DETECT_LOG_GROUP)";
    match &facts.in_force {
        Err(not) => Some(not.probe(NAME, "which version is in force")),
        Ok(None) => Some(Probe::fail(
            NAME,
            "no version was ever taken by detect",
            cure,
        )),
        Ok(Some(version)) if *version != there.version => {
            let message = format!(
                "version {version} is in force, and {} is there",
                there.version
            );
            Some(Probe::warn(NAME, message, cure))
        }
        Ok(Some(_)) => None,
    }
}
