//! What deserves a look before a learnt rule is trusted.

use std::collections::{BTreeMap, BTreeSet};

use github_oidc::{Context, Form, Issuer, Subject, says_production};

use super::draft::{Draft, Known, Uses, Way, Whose};
use super::seen::Sum;
use crate::allowlist::{Allowlist, format_duration};
use crate::report::words::Plural;
use crate::words::role_name;

/// A session of so many seconds is what a job gets that does not ask for less.
const UNASKED_SESSION: u64 = 3600;
/// So many contexts are more than somebody would write down one by one.
const MANY_CONTEXTS: usize = 20;

/// So many ids of a name are told.
const MOST_IDS: usize = 3;

/// What only all rules together tell.
pub(super) struct Around<'a> {
    callers: BTreeMap<&'a str, BTreeSet<&'a str>>,
    /// The owner of more than half of the sessions.
    owner: Option<&'a str>,
}

impl<'a> Around<'a> {
    pub(super) fn of(drafts: &'a BTreeMap<Draft<'a>, Uses<'a>>) -> Self {
        let mut callers: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
        let mut owners: BTreeMap<&str, u64> = BTreeMap::new();
        for (draft, uses) in drafts {
            let of_role = callers.entry(draft.role_arn).or_default();
            of_role.insert(&draft.caller);
            for (used, sum) in uses {
                if let Some(owner) = Subject::parse(&used.subject).owner() {
                    let sessions = owners.entry(owner.text).or_default();
                    *sessions = sessions.saturating_add(sum.sessions);
                }
            }
        }
        let all = owners.values().copied().fold(0, u64::saturating_add);
        let most = owners.into_iter().find(|(_, sessions)| *sessions > all / 2);
        Self {
            callers,
            owner: most.map(|(owner, _)| owner),
        }
    }

    fn is_another_owner(&self, subjects: &[Subject<'_>]) -> bool {
        let mut owners = subjects.iter().filter_map(Subject::owner);
        self.owner
            .is_some_and(|owner| owners.any(|it| it.text != owner))
    }

    fn callers(&self, role_arn: &str) -> usize {
        self.callers.get(role_arn).map_or(0, BTreeSet::len)
    }
}

/// The loudest first. The ids and roles in there are somebody else's choice.
pub(super) fn looks(
    draft: &Draft<'_>,
    uses: &Uses<'_>,
    known: &Known<'_>,
    around: &Around<'_>,
) -> Vec<String> {
    let subjects: Vec<Subject<'_>> = uses
        .iter()
        .map(|(used, _)| Subject::parse(&used.subject))
        .collect();
    let any =
        |of: &dyn Fn(Context<'_>) -> bool| subjects.iter().filter_map(Subject::context).any(of);
    let mut looks: Vec<String> = other_ids(draft, known).into_iter().collect();
    let mut look = |applies: bool, text: &str| {
        if applies {
            looks.push(text.to_owned());
        }
    };
    look(
        around.is_another_owner(&subjects),
        "another owner than that of most sessions: is it yours, or a stranger with a name like yours?",
    );
    look(
        any(&|context| context == Context::PullRequest),
        "pull requests get this role: whoever may push a branch there can run code with it",
    );
    look(
        any(&|context| matches!(context, Context::Branch(_) | Context::Tag(_)))
            && says_production(role_name(draft.role_arn)),
        "the role's name says production, and a branch or tag gets it: no environment guards it",
    );
    look(
        subjects.iter().any(|it| it.form() == Form::Custom),
        "customised subjects, each matched whole: does what they name decide what runs?",
    );
    look(
        *draft.issuer != Issuer::GitHub,
        "another issuer than github.com's: is it yours?",
    );
    look(
        !Allowlist::empty().is_only_default_audience(draft.audience),
        "another audience than sts.amazonaws.com: whoever it is meant for could pass the token on",
    );
    looks.extend(ids(draft, uses, &subjects, known));
    looks.extend(numbers(draft, uses, around));
    looks
}

/// A name that came with several ids, wherever that was.
fn other_ids(draft: &Draft<'_>, known: &Known<'_>) -> Option<String> {
    let ids = known.ids(draft.issuer, &draft.caller);
    (ids.len() > 1).then(|| {
        format!(
            "TAKE CARE: this name came with {} different ids ({}). Was it given away and registered again? Then \
             whoever has it now is a stranger.",
            ids.len(),
            told(draft, &ids)
        )
    })
}

fn told(draft: &Draft<'_>, ids: &[(&str, Way<'_>)]) -> String {
    let ids = ids.iter().take(MOST_IDS);
    let ids: Vec<String> = ids
        .map(|(written, way)| format!("{written} {}", told_way(draft, *way)))
        .collect();
    ids.join(", ")
}

/// Where ids came, so that it is not taken for where the rule's own callers did.
fn told_way(draft: &Draft<'_>, (role_arn, issuer, audience): Way<'_>) -> String {
    let role = role_name(role_arn);
    if role_arn != draft.role_arn {
        format!("on role {role}")
    } else if issuer != draft.issuer {
        format!("on role {role} from {issuer}")
    } else if audience != draft.audience {
        format!("on role {role} with audience {audience}")
    } else {
        format!("on role {role}")
    }
}

/// What there is to say of whoever came without ids.
fn ids(
    draft: &Draft<'_>,
    uses: &Uses<'_>,
    subjects: &[Subject<'_>],
    known: &Known<'_>,
) -> Vec<String> {
    let with_ids = |subject: &Subject<'_>| {
        let by_claim = subject.repository_id().or(subject.owner_id()).is_some();
        subject.form() == Form::Immutable || subject.form() == Form::Custom && by_claim
    };
    let without = uses.iter().zip(subjects);
    let without = without.filter(|(_, subject)| !with_ids(subject));
    let Some(sum) = Sum::all(without.map(|((_, sum), _)| *sum)) else {
        return Vec::new();
    };
    let last = sum.last.date_naive();
    let ids = known.ids(draft.issuer, &draft.caller);
    let said = match &draft.whose {
        Whose::Repositories { repositories, .. } if repositories.iter().all(|it| it.contains('@')) => {
            format!(
                "{} up to {last} came without ids; once none does, add form=\"immutable\"",
                sum.sessions.of("session", "sessions")
            )
        }
        Whose::Subjects if !ids.is_empty() => format!(
            "without ids here; elsewhere the name came with ids ({}): pin them (repositories, contexts) \
             if they are its own. Until then subjects with ids stay out.",
            told(draft, &ids)
        ),
        _ => {
            "without ids: the name does not say who owns it today; `gh api repos/OWNER/NAME` has them"
                .to_owned()
        }
    };
    vec![said]
}

/// What there is to say of how much.
fn numbers(draft: &Draft<'_>, uses: &Uses<'_>, around: &Around<'_>) -> Vec<String> {
    let mut looks = Vec::new();
    let longest = uses.iter().map(|(_, sum)| sum.longest).max();
    if let Some(longest) = longest.filter(|longest| *longest >= UNASKED_SESSION) {
        looks.push(format!(
            "sessions of {}: does the job need them? role-duration-seconds: 900 is the least",
            format_duration(longest)
        ));
    }
    let callers = around.callers(draft.role_arn);
    if callers > 1 {
        looks.push(format!(
            "one of {callers} callers of this role: each of them can do all that it allows"
        ));
    }
    if uses.len() > MANY_CONTEXTS {
        looks.push(format!(
            "{}: a pattern, such as branch:release/*, may be what is meant",
            (uses.len() as u64).of("context or subject", "contexts or subjects")
        ));
    }
    looks
}
