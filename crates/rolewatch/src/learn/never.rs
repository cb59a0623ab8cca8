//! Tests that hold what never came.

use std::collections::BTreeSet;
use std::fmt::Write as _;

use github_oidc::{Context, Issuer, Subject};

use super::rules::Rule;
use crate::allowlist::{compile, quote};
use crate::allowlist_in_force::LARGEST;
use crate::words::role_name;

/// So many tests are written at most.
const MOST_TESTS: usize = 500;

const HEADING: &str = "# What never came stays out: `rolewatch allowlist test` sees to it.\n\n";

/// For each role that no pull request had: that none gets it. As many as `file`, the text before
/// them, leaves room for.
pub(super) fn tests(rules: &[Rule<'_>], file: &str) -> String {
    let mut done: BTreeSet<&str> = rules.iter().filter_map(role_of_pull_requests).collect();
    let mut text = HEADING.to_owned();
    let mut written = Vec::new();
    for rule in rules {
        let Some(repository) = rule.draft.whose.repository() else {
            continue;
        };
        if written.len() < MOST_TESTS && done.insert(rule.draft.role_arn) {
            let one = pull_request_test(rule, repository);
            if file.len() + text.len() + one.len() >= LARGEST {
                break;
            }
            text.push_str(&one);
            written.push(one);
        }
    }
    let Ok((allowlist, _)) = compile(&format!("{file}{text}")) else {
        return String::new();
    };
    // A test that does not hold would have to be believed less than the rules; so it is not written.
    let ran = written.iter().zip(&allowlist.tests);
    let held = ran.filter(|(_, test)| test.run(&allowlist).passed());
    let held: Vec<&str> = held.map(|(text, _)| text.as_str()).collect();
    if held.is_empty() {
        return String::new();
    }
    format!("{HEADING}{}", held.concat())
}

/// The rule's role, if pull requests get it.
fn role_of_pull_requests<'a>(rule: &Rule<'a>) -> Option<&'a str> {
    let mut contexts = rule
        .uses
        .iter()
        .filter_map(|(used, _)| Subject::parse(&used.subject).context());
    contexts
        .any(|context| context == Context::PullRequest)
        .then_some(rule.draft.role_arn)
}

fn pull_request_test(rule: &Rule<'_>, repository: &str) -> String {
    let arn = rule.draft.role_arn;
    let mut text = format!(
        "[[test]]\nname = {}\nrole = {}\nsubject = {}\nexpect = \"unlisted-context\"\n",
        quote(&format!("no pull request gets {}", role_name(arn))),
        quote(arn),
        quote(&format!("repo:{repository}:pull_request")),
    );
    if *rule.draft.issuer != Issuer::GitHub {
        let _ = writeln!(text, "issuer = {}", quote(&rule.draft.issuer.url()));
    }
    text.push('\n');
    text
}
