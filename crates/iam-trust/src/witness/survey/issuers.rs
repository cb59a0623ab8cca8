//! Whose tokens a statement is about.

use std::collections::BTreeSet;

use github_oidc::Issuer;

use crate::policy::{Condition, Statement};
use crate::request::ACTION;

/// The issuers of GitHub's that a statement trusts. Whoever trusts everybody, or a provider that a
/// template leaves open while conditions name GitHub's, trusts github.com.
pub(super) fn issuers(statement: &Statement) -> BTreeSet<Issuer> {
    let mut issuers: BTreeSet<Issuer> = BTreeSet::new();
    let of_github = |condition: &Condition| github_key(condition).is_some();
    for entry in &statement.principals.entries {
        let open = entry.may_be_any_provider();
        let about_tokens =
            statement.actions.cover(ACTION, true) || statement.conditions.iter().any(of_github);
        let everybody = entry.value.text == "*" && about_tokens;
        if let Some(issuer) = entry.github_issuer() {
            issuers.insert(issuer);
        } else if open {
            issuers.extend(statement.conditions.iter().filter_map(github_key));
        } else if everybody {
            issuers.insert(Issuer::GitHub);
        }
    }
    if statement.principals.negated {
        return BTreeSet::from([Issuer::GitHub]);
    }
    issuers
}

/// The issuer of GitHub's whose claim a condition is about.
fn github_key(condition: &Condition) -> Option<Issuer> {
    let key = condition.lower_key();
    let (provider, _) = key.rsplit_once(':')?;
    format!("https://{provider}").parse().ok()
}
