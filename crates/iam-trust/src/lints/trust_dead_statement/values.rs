//! Values that no subject of GitHub's can equal.

use crate::fix::{Fix, move_condition, set_texts};
use crate::lints::complaint::Complaint;
use crate::lints::facts::Facts;
use crate::lints::scope::example;
use crate::pattern::has_wildcard;
use crate::policy::{Condition, Effect, Statement, Text};
use crate::request::Request;
use crate::witness::{Survey, Witness, is_mintable, repaired};

/// The most values that a fix is worked out for at once: each costs a survey. The others get theirs
/// when these are mended.
const MAX_FIXES: usize = 5;

/// Complains of every dead value on the subject: in the surveyed statement, and in Denies.
pub(super) fn dead(facts: &Facts<'_>, survey: &Survey<'_>) -> Vec<Complaint> {
    let mut complaints = Vec::new();
    let mut fixes = MAX_FIXES;
    for (statement, condition) in facts.conditions() {
        let own = statement.index == survey.statement.index || statement.effect == Effect::Deny;
        if !own || survey.claim(condition).as_deref() != Some("sub") {
            continue;
        }
        if !condition.operator.compares_text() {
            continue;
        }
        let values = condition.values.iter();
        let dead = values.filter(|value| !survey.is_live(condition, value));
        for value in dead {
            let found = Dead {
                survey,
                statement,
                condition,
                value,
            };
            let (complaint, edit) = found.complain(facts);
            let edit = edit.filter(|_| fixes > 0);
            fixes = fixes.saturating_sub(usize::from(edit.is_some()));
            complaints.push(found.mend(facts, complaint, edit));
        }
    }
    complaints
}

/// Whether a condition on the subject that must hold, or else denies, has dead values only.
pub(super) fn shut(facts: &Facts<'_>, survey: &Survey<'_>) -> bool {
    let mut conditions = facts.conditions();
    conditions.any(|(statement, condition)| {
        let own = statement.index == survey.statement.index;
        let asks = condition.operator.is_negated() == (statement.effect == Effect::Deny);
        let of_subject = survey.claim(condition).as_deref() == Some("sub");
        let mut values = condition.values.iter();
        (own || statement.effect == Effect::Deny)
            && asks
            && of_subject
            && condition.operator.compares_text()
            && values.all(|value| !survey.is_live(condition, value))
    })
}

/// A value that no subject equals.
struct Dead<'a> {
    survey: &'a Survey<'a>,
    statement: &'a Statement,
    condition: &'a Condition,
    value: &'a Text,
}

/// What was meant, and the policy that says it.
struct Edit {
    witness: Witness,
    policy: String,
}

impl Dead<'_> {
    fn complain(&self, facts: &Facts<'_>) -> (Complaint, Option<Edit>) {
        let (meant, edited) = self.meant(facts);
        let note = match &meant {
            Some((meant, _)) => format!("; {meant} was probably meant"),
            None => String::new(),
        };
        let operator = &self.condition.operator;
        let message = format!(
            "no subject that GitHub signs satisfies {} {:?}{note}",
            operator.name, self.value.text
        );
        let witness = meant.and_then(|(_, subject)| {
            let mut request = Request::new(&subject);
            request.issuer = self.survey.issuer.clone();
            let rules_out = operator.is_negated() == (self.statement.effect == Effect::Allow);
            Witness::verified(facts.policy, &request, rules_out)
        });
        let edit = witness.clone().zip(edited);
        let edit = edit.map(|(witness, policy)| Edit { witness, policy });
        let complaint = Complaint::at(&self.value.place, message);
        (complaint.witness(witness), edit)
    }

    /// What was probably meant, as it would be written and an example of it; and the edit.
    fn meant(&self, facts: &Facts<'_>) -> (Option<(String, String)>, Option<String>) {
        let (condition, text) = (self.condition, &self.value.text);
        let like = like_operator(condition).filter(|_| has_wildcard(text));
        if let Some(like) = like
            && let Some(meant) = example(text)
        {
            let names_owner = !text.split('/').next().is_some_and(has_wildcard);
            let edited = move_condition(facts.policy, self.statement, condition, &like);
            let written = format!("{like} {text:?}");
            return (Some((written, meant)), edited.filter(|_| names_owner));
        }
        let wildcards = condition.operator.has_wildcards();
        let plausible = |text: &str| is_mintable(text) || (wildcards && example(text).is_some());
        let repaired = repaired(text, plausible);
        let edited = repaired
            .as_ref()
            .and_then(|by| replaced(facts, condition, self.value, by));
        let meant = repaired.and_then(|by| Some((format!("{by:?}"), example(&by)?)));
        (meant, edited)
    }

    fn mend(&self, facts: &Facts<'_>, complaint: Complaint, edit: Option<Edit>) -> Complaint {
        let fix = edit.and_then(|Edit { witness, policy }| {
            let keep = facts.keep(self.survey);
            Fix::opening(facts.policy, &facts.surveys, policy, Some(&witness), &keep)
        });
        complaint.fix(fix)
    }
}

/// The operator with wildcards in the place of one without.
fn like_operator(condition: &Condition) -> Option<String> {
    let name = &condition.operator.name;
    for (exact, like) in [
        ("StringEqualsIgnoreCase", "StringLike"),
        ("StringNotEqualsIgnoreCase", "StringNotLike"),
        ("StringEquals", "StringLike"),
        ("StringNotEquals", "StringNotLike"),
    ] {
        if condition.operator.bare_name().eq_ignore_ascii_case(exact) {
            return Some(name.replacen(condition.operator.bare_name(), like, 1));
        }
    }
    None
}

fn replaced(facts: &Facts<'_>, condition: &Condition, value: &Text, by: &str) -> Option<String> {
    if !condition.is_literal() {
        return None;
    }
    let values = condition.values.iter();
    let values = values.map(|one| {
        if one.place == value.place {
            by
        } else {
            &one.text
        }
    });
    let values: Vec<String> = values.map(str::to_owned).collect();
    set_texts(&facts.policy.text, &condition.span, &values)
}
