//! Rules by the roles that they name: a file may have thousands, and an assumption is of one role.

use std::collections::HashMap;

use chrono::NaiveDate;

use super::{Allowlist, Rule};
use crate::pattern::has_wildcard;

/// The numbers of rules, by what they name.
#[derive(Clone, Debug, Default)]
pub(super) struct ByRole {
    /// A role that is written out is no other.
    literal: HashMap<String, Vec<usize>>,
    /// Of rules with a pattern among their roles, which may be for any.
    patterns: Vec<usize>,
}

impl ByRole {
    pub(super) fn of(rules: &[Rule]) -> Self {
        let mut by_role = Self::default();
        for (number, rule) in rules.iter().enumerate() {
            if rule.roles().any(has_wildcard) {
                by_role.patterns.push(number);
                continue;
            }
            for role in rule.roles() {
                let numbers = by_role.literal.entry(role.to_owned()).or_default();
                if numbers.last() != Some(&number) {
                    numbers.push(number);
                }
            }
        }
        by_role
    }
}

impl Allowlist {
    /// The rules that name a role or may cover it, if it is a pattern itself; in file order,
    /// expired ones included.
    pub(super) fn rules_about<'a>(
        &'a self,
        role: &str,
    ) -> impl Iterator<Item = &'a Rule> + use<'a> {
        let literal = self.by_role.literal.get(role).into_iter().flatten();
        let mut numbers: Vec<usize> = literal.chain(&self.by_role.patterns).copied().collect();
        numbers.sort_unstable();
        numbers
            .into_iter()
            .filter_map(|number| self.rules.get(number))
    }

    /// The rules that name the role, in file order, expired ones included.
    pub(crate) fn rules_of<'a, 'r>(
        &'a self,
        role_arn: &'r str,
    ) -> impl Iterator<Item = &'a Rule> + use<'a, 'r> {
        self.rules_about(role_arn)
            .filter(move |rule| rule.names_role(role_arn))
    }

    /// Those of them that have not expired on `day` (UTC).
    pub(crate) fn live_rules_of<'a, 'r>(
        &'a self,
        role_arn: &'r str,
        day: NaiveDate,
    ) -> impl Iterator<Item = &'a Rule> + use<'a, 'r> {
        self.rules_of(role_arn)
            .filter(move |rule| rule.is_live(day))
    }

    /// Whether some rule that has not expired names the role.
    pub(crate) fn names_role(&self, role_arn: &str, day: NaiveDate) -> bool {
        self.live_rules_of(role_arn, day).next().is_some()
    }
}

#[cfg(test)]
mod tests {
    use crate::allowlist::compile;

    #[test]
    fn rules_of_a_role_are_those_that_name_it_in_file_order() {
        let rule = |name: &str, roles: &str| {
            format!(
                "[[allow]]\nname = '{name}'\nroles = [{roles}]\nrepositories = ['o/r']\ncontexts = ['any']\n"
            )
        };
        let (a, b) = (
            "'arn:aws:iam::123456789012:role/a'",
            "'arn:aws:iam::123456789012:role/b'",
        );
        let rules = [
            rule("1", "'arn:aws:iam::*:role/a'"),
            rule("2", a),
            rule("3", b),
            rule("4", &format!("{b}, {a}, {a}")),
            rule("5", &format!("{b}, 'arn:aws:iam::123456789012:role/?'")),
            rule("6", "'arn:aws:iam::123456789012:role/c*'"),
        ];
        let (allowlist, _) = compile(&format!("version = 1\n{}", rules.concat())).unwrap();
        let of = |role: &str| -> Vec<&str> {
            let rules = allowlist.rules_of(role);
            rules.map(|rule| rule.name.as_str()).collect()
        };
        assert_eq!(of(a.trim_matches('\'')), ["1", "2", "4", "5"]);
        assert_eq!(of(b.trim_matches('\'')), ["3", "4", "5"]);
        assert_eq!(of("arn:aws:iam::210987654321:role/a"), ["1"]);
        assert!(of("arn:aws:iam::210987654321:role/b").is_empty());
    }
}
