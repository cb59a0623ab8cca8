//! Which claims of a token STS knows as condition keys, and which GitHub signs.

use std::collections::BTreeMap;

use github_oidc::Issuer;

/// A token's claims. A claim that is a list has several values.
pub type Claims = BTreeMap<String, Vec<String>>;

/// The audience for which the AWS action asks.
pub const STS_AUDIENCE: &str = "sts.amazonaws.com";

/// The keys of every web identity provider ("Available keys for AWS OIDC federation").
const COMMON: [&str; 3] = ["amr", "aud", "sub"];

/// The keys that STS knows of GitHub's tokens besides (the same page, since 2026).
const GITHUB: [&str; 10] = [
    "actor",
    "actor_id",
    "enterprise_id",
    "environment",
    "job_workflow_ref",
    "ref",
    "repository",
    "repository_id",
    "repository_owner_id",
    "workflow",
];

/// The claims out of which a customised subject can be made (GitHub's OIDC reference).
const SIGNED: [&str; 33] = [
    "actor",
    "actor_id",
    "aud",
    "base_ref",
    "check_run_id",
    "enterprise",
    "enterprise_id",
    "environment",
    "environment_node_id",
    "event_name",
    "head_ref",
    "iss",
    "job_workflow_ref",
    "job_workflow_sha",
    "ref",
    "ref_protected",
    "ref_type",
    "repo",
    "repository",
    "repository_id",
    "repository_owner",
    "repository_owner_id",
    "repository_visibility",
    "run_attempt",
    "run_id",
    "run_number",
    "runner_environment",
    "sha",
    "workflow",
    "workflow_ref",
    "workflow_sha",
    "pull_request",
    "jti",
];

/// Whether STS makes a condition key of this claim (in lower case). Of an Enterprise Server it
/// knows the common ones only: the others are documented for GitHub's own hosts.
#[must_use]
pub fn is_condition_key(issuer: &Issuer, claim: &str) -> bool {
    let hosted = !matches!(issuer, Issuer::EnterpriseServer { .. });
    COMMON.contains(&claim) || (hosted && GITHUB.contains(&claim))
}

/// Whether a customised subject may have this claim.
pub(crate) fn can_stand_in_subject(claim: &str) -> bool {
    SIGNED.contains(&claim) || claim.starts_with("repo_property_")
}

/// The condition keys of an issuer's claims that STS knows, for messages.
pub(crate) fn condition_keys(issuer: &Issuer) -> Vec<&'static str> {
    let all = COMMON.iter().chain(&GITHUB).copied();
    all.filter(|claim| is_condition_key(issuer, claim))
        .collect()
}
