//! Values that no subject of GitHub's can equal.

use github_oidc::Subject;

use crate::fix::{move_condition, set_texts};
use crate::lints::complaint::Complaint;
use crate::lints::facts::Facts;
use crate::lints::scope::example;
use crate::pattern::has_wildcard;
use crate::policy::{Condition, Effect, Statement, Text};
use crate::request::Request;
use crate::witness::{Survey, Witness, is_mintable, likely, repaired};

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

/// What a dead value was probably meant to be.
struct Meant {
    /// As it would be written.
    written: String,
    /// A subject that it would let in.
    example: String,
    edited: Option<String>,
}

/// The policy without the fault, and the token that then comes out the other way; none where the
/// value just goes.
struct Edit {
    witness: Option<Witness>,
    policy: String,
}

impl Dead<'_> {
    fn complain(&self, facts: &Facts<'_>) -> (Complaint, Option<Edit>) {
        let (condition, text) = (self.condition, &self.value.text);
        let operator = &condition.operator;
        let like = like_operator(condition).filter(|_| has_wildcard(text));
        let example = example(text).filter(|_| like.is_some());
        // Among others that let in whom they name, nobody asks for what it would open.
        let idle = like.is_some() && !operator.is_negated() && self.has_live_neighbour();
        let names_owner = !text.split('/').next().is_some_and(has_wildcard);
        let meant = match (like, example) {
            (Some(like), Some(example)) if !idle => names_owner.then(|| {
                let edited = move_condition(facts.policy, self.statement, condition, &like);
                let written = format!("{like} {text:?}");
                Meant {
                    written,
                    example,
                    edited,
                }
            }),
            _ if idle => None,
            _ => self.repaired(facts).or_else(|| self.likely()),
        };
        let note = match &meant {
            Some(meant) => format!("; {} was probably meant", meant.written),
            None if idle => format!("; {} takes it literally: remove it", operator.name),
            None if has_wildcard(text) && !operator.has_wildcards() && !names_owner => {
                "; a pattern that names no owner would open the role: say the repository".to_owned()
            }
            None => String::new(),
        };
        let name = &operator.name;
        let message = if operator.is_negated() {
            format!(
                "no subject that GitHub signs equals {text:?}, so {name} never fails by it{note}"
            )
        } else {
            format!("no subject that GitHub signs satisfies {name} {text:?}{note}")
        };
        let complaint = Complaint::at(&self.value.place, message);
        if idle {
            let policy = replaced(facts, condition, self.value, None);
            let edit = policy.map(|policy| Edit {
                witness: None,
                policy,
            });
            return (complaint, edit);
        }
        let Some(meant) = meant else {
            return (complaint, None);
        };
        let witness = self.witness(facts, &meant.example);
        let edit = witness.clone().zip(meant.edited);
        let edit = edit.map(|(witness, policy)| Edit {
            witness: Some(witness),
            policy,
        });
        (complaint.witness(witness), edit)
    }

    /// Whether another value of the condition is one that subjects equal.
    fn has_live_neighbour(&self) -> bool {
        let mut values = self.condition.values.iter();
        values.any(|value| self.survey.is_live(self.condition, value))
    }

    fn witness(&self, facts: &Facts<'_>, subject: &str) -> Option<Witness> {
        let mut request = Request::new(subject);
        request.issuer = self.survey.issuer.clone();
        let negated = self.condition.operator.is_negated();
        let rules_out = negated == (self.statement.effect == Effect::Allow);
        Witness::verified(facts.policy, &request, rules_out)
    }

    fn repaired(&self, facts: &Facts<'_>) -> Option<Meant> {
        let (condition, text) = (self.condition, &self.value.text);
        let wildcards = condition.operator.has_wildcards();
        let plausible = |text: &str| {
            let standard = matches!(Subject::parse(text), Subject::Standard(_));
            (standard && is_mintable(text)) || (wildcards && example(text).is_some())
        };
        let by = repaired(text, plausible)?;
        Some(Meant {
            example: example(&by)?,
            edited: replaced(facts, condition, self.value, Some(&by)),
            written: format!("{by:?}"),
        })
    }

    fn likely(&self) -> Option<Meant> {
        let likely = likely(&self.value.text);
        let written: Vec<String> = likely.iter().map(|it| format!("{it:?}")).collect();
        Some(Meant {
            example: likely.into_iter().next()?,
            written: written.join(" or "),
            edited: None,
        })
    }

    fn mend(&self, facts: &Facts<'_>, complaint: Complaint, edit: Option<Edit>) -> Complaint {
        let fix = edit.and_then(|Edit { witness, policy }| {
            let keep = facts.keep(self.survey);
            facts.opening(policy, witness.as_ref(), &keep)
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

/// The policy with another value in the place of one, or none.
fn replaced(
    facts: &Facts<'_>,
    condition: &Condition,
    value: &Text,
    by: Option<&str>,
) -> Option<String> {
    if !condition.is_literal() {
        return None;
    }
    let values = condition.values.iter();
    let values = values.filter_map(|one| {
        if one.place == value.place {
            by
        } else {
            Some(&*one.text)
        }
    });
    let values: Vec<String> = values.map(str::to_owned).collect();
    set_texts(&facts.policy.text, &condition.span, &values)
}
