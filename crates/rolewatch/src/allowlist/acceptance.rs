//! Which rules would take a token, before anybody says for which role.

use chrono::NaiveDate;
use github_oidc::{Issuer, Subject};

use super::rule::Identity;
use super::{Allowlist, BrokenPin, Rule};

/// What the rules make of a token.
#[derive(Clone, Debug)]
pub struct Acceptance<'a> {
    /// The live rules that take it, in file order; where, when and how long are not asked.
    pub rules: Vec<&'a Rule>,
    /// The pin that the subject breaks: then no rule takes it.
    pub broken_pin: Option<BrokenPin>,
}

impl Allowlist {
    /// The rules that are live on `day` (UTC) and take a token of this issuer, subject and audience
    /// for the roles that they name.
    #[must_use]
    pub fn accepting(
        &self,
        issuer: &Issuer,
        subject: &str,
        audience: &str,
        day: NaiveDate,
    ) -> Acceptance<'_> {
        let parsed = Subject::parse(subject);
        let who = Identity {
            role_arn: "",
            issuer: Some(issuer).filter(|issuer| self.knows_issuer(issuer)),
            subject: &parsed,
            subject_text: subject,
        };
        let broken_pin = self.broken_pin(issuer, &parsed, day, None);
        let takes = |rule: &&Rule| {
            let fit = rule.fit(&who);
            let audience = rule.audiences.iter().any(|it| it.matches(audience));
            fit.issuer && fit.subject && audience && broken_pin.is_none()
        };
        let rules = self.live_rules(day).filter(takes).collect();
        Acceptance { rules, broken_pin }
    }
}

impl Rule {
    /// The roles that the rule names, as the file writes them.
    pub fn roles(&self) -> impl Iterator<Item = &str> {
        self.roles.iter().map(super::matching::RolePattern::as_str)
    }
}

#[cfg(test)]
mod tests {
    use crate::allowlist::compile;

    #[test]
    fn issuer_subject_audience_and_pins_are_asked() {
        let text = r#"
            version = 1
            [[allow]]
            name = "main"
            roles = ["arn:aws:iam::123456789012:role/deploy"]
            repositories = ["my-org@111/app"]
            contexts = ["branch:main"]
            [[allow]]
            name = "anything"
            roles = ["arn:aws:iam::123456789012:role/read"]
            repositories = ["my-org/*"]
            contexts = ["any"]
            audiences = ["sts.amazonaws.com", "other"]
        "#;
        let (allowlist, _) = compile(text).unwrap();
        let names = |issuer: &str, subject: &str, audience: &str| -> Vec<String> {
            let day = "2026-11-20".parse().unwrap();
            let issuer = issuer.parse().unwrap();
            let acceptance = allowlist.accepting(&issuer, subject, audience, day);
            acceptance.rules.iter().map(|it| it.name.clone()).collect()
        };
        let github = github_oidc::GITHUB_ISSUER;
        let main = "repo:my-org/app:ref:refs/heads/main";
        assert_eq!(
            names(github, main, "sts.amazonaws.com"),
            ["main", "anything"]
        );
        assert_eq!(names(github, main, "other"), ["anything"]);
        assert!(names(github, main, "third").is_empty());
        assert!(names("https://token.actions.acme.ghe.com", main, "other").is_empty());
        let stranger = "repo:my-org@666/app@1:ref:refs/heads/main";
        assert!(names(github, stranger, "sts.amazonaws.com").is_empty());
    }
}
