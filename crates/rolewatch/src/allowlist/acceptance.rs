//! Which rules would take a token, before anybody says for which role.

use chrono::{DateTime, Utc};
use github_oidc::{Issuer, Subject};

use super::rule::Identity;
use super::{Allowlist, BrokenPin, Rule, format_duration};
use crate::pattern::Pattern;

/// What the rules make of a token.
#[derive(Clone, Debug)]
pub struct Acceptance<'a> {
    /// The live rules that take it now, in file order, if their [conditions](Rule::conditions)
    /// hold: where the call comes from, and how long the session is, a token does not say.
    pub rules: Vec<&'a Rule>,
    /// Those that would, but at other hours.
    pub outside_hours: Vec<&'a Rule>,
    /// The pin that the subject breaks: then no rule takes it.
    pub broken_pin: Option<BrokenPin>,
}

impl Allowlist {
    /// The rules that are live at `now` and take a token of this issuer, subject and audience for
    /// the roles that they name.
    #[must_use]
    pub fn accepting(
        &self,
        issuer: &Issuer,
        subject: &str,
        audience: &str,
        now: DateTime<Utc>,
    ) -> Acceptance<'_> {
        let day = now.date_naive();
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
        let is_open = |rule: &&Rule| rule.hours.as_ref().is_none_or(|hours| hours.contain(now));
        let (rules, outside_hours) = self.live_rules(day).filter(takes).partition(is_open);
        Acceptance {
            rules,
            outside_hours,
            broken_pin,
        }
    }
}

impl Rule {
    /// The roles that the rule names, as the file writes them.
    pub fn roles(&self) -> impl Iterator<Item = &str> {
        self.roles.iter().map(super::matching::RolePattern::as_str)
    }

    /// What a call has to be besides for the rule to take it, as `from the network office`.
    #[must_use]
    pub fn conditions(&self) -> Vec<String> {
        let networks: Vec<&str> = self.networks.iter().map(|it| &*it.name).collect();
        let regions: Vec<&str> = self.regions.iter().map(Pattern::as_str).collect();
        let some = |names: &[&str], what: &str| {
            (!names.is_empty()).then(|| format!("{what} {}", names.join(" or ")))
        };
        let length = format!(
            "with a session of at most {}",
            format_duration(self.max_session)
        );
        let places = [
            some(&networks, "from the network"),
            some(&regions, "in the region"),
        ];
        places.into_iter().flatten().chain([length]).collect()
    }

    /// The hours in which the rule holds, as the file writes them.
    #[must_use]
    pub fn hours(&self) -> Option<&str> {
        self.hours.as_ref().map(super::matching::Hours::as_str)
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
            let now = "2026-11-20T10:00:00Z".parse().unwrap();
            let issuer = issuer.parse().unwrap();
            let acceptance = allowlist.accepting(&issuer, subject, audience, now);
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

    #[test]
    fn hours_are_judged_and_what_a_token_does_not_say_is_a_condition() {
        let text = r#"
            version = 1
            [[network]]
            name = "office"
            cidrs = ["203.0.113.0/24"]
            [[allow]]
            name = "main"
            roles = ["arn:aws:iam::123456789012:role/deploy"]
            repositories = ["my-org/app"]
            contexts = ["branch:main"]
            hours = "Mon-Fri 08:00-18:00 UTC"
            networks = ["office"]
            regions = ["eu-central-1", "eu-west-1"]
            max_session = "15m"
        "#;
        let (allowlist, _) = compile(text).unwrap();
        let at = |now: &str| {
            let issuer = github_oidc::GITHUB_ISSUER.parse().unwrap();
            let subject = "repo:my-org/app:ref:refs/heads/main";
            let now = now.parse().unwrap();
            allowlist.accepting(&issuer, subject, "sts.amazonaws.com", now)
        };
        let open = at("2026-11-20T10:00:00Z");
        assert!(open.outside_hours.is_empty());
        assert_eq!(
            open.rules[0].conditions(),
            [
                "from the network office",
                "in the region eu-central-1 or eu-west-1",
                "with a session of at most 15m"
            ]
        );
        let closed = at("2026-11-21T10:00:00Z");
        assert!(closed.rules.is_empty());
        assert_eq!(
            closed.outside_hours[0].hours(),
            Some("Mon-Fri 08:00-18:00 UTC")
        );
    }
}
