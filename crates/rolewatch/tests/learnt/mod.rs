//! What is learnt from any history: it compiles, expects what came and nothing else.

use std::collections::BTreeSet;

use github_oidc::Subject;
use proptest::prelude::*;
use proptest::sample::select;
use rolewatch::allowlist::{Allowlist, Mode};
use rolewatch::assumption::{Assumption, Observation, Session};
use rolewatch::detect::{Outcome, decide};
use rolewatch::learn::{Learner, Learnt};
use rolewatch::rendering::is_unprintable;

use super::{cases, compiled, generate};

/// Names that end a string, a comment, a list or a line, or that mean more than themselves.
const NAMES: [&str; 20] = [
    "main",
    "*",
    "a?b",
    "a\nmode = \"enforce\"\n[[allow]]\n#",
    "x\r\u{85}\u{2028}y",
    "\u{1b}[2J",
    "evil\u{202e}niam",
    "\"\"\"']]#\\u0041\\",
    " space ",
    "colon:ed",
    "::",
    "refs/heads/main",
    "eu%3Aprod",
    "any",
    "pull_request",
    "größe-日本語",
    "@0",
    "o@0/r@0",
    "{}",
    "`$(id)`",
];

/// Places that a name can stand in, `{}` being the name.
const PLACES: [&str; 9] = [
    "repo:acme/app:ref:refs/heads/{}",
    "repo:acme@1/app@5:ref:refs/tags/{}",
    "repo:acme/app:environment:{}",
    "repo:acme/{}:pull_request",
    "repo:{}/app:pull_request",
    "repo:{}:environment:prod:x:y",
    "repository_owner:acme:repository_owner_id:{}",
    // The rule for it names another owner than the one that it came from.
    "repository_owner:x:repo:acme@7/app@5:environment:{}",
    "{}",
];

fn hostile() -> impl Strategy<Value = String> {
    let long = (1000usize..1060).prop_map(|length| "b".repeat(length));
    let name = prop_oneof![8 => select(NAMES.to_vec()).prop_map(str::to_owned), 1 => long];
    (select(PLACES.to_vec()), name).prop_map(|(place, name)| place.replace("{}", &name))
}

/// Somebody who came, now and then under a name that nobody would choose to do good.
fn came() -> impl Strategy<Value = Assumption> {
    let odd = |odds, values: &[&str]| {
        let values: Vec<String> = values.iter().map(|&it| it.to_owned()).collect();
        prop::option::weighted(odds, select(values))
    };
    (
        generate::seen(),
        prop::option::weighted(0.3, hostile()),
        odd(
            0.05,
            &[
                "arn:aws:iam::123456789012:role/a*",
                "x\ny",
                "arn:aws:iam::123456789012:role/prod\"",
            ],
        ),
        odd(0.05, &["*", "", " a", "\u{202e}"]),
        prop::option::weighted(0.05, 43_000u64..44_000),
    )
        .prop_map(|(seen, subject, role, audience, seconds)| {
            let mut assumption = seen.assumption();
            assumption.subject = subject.unwrap_or(assumption.subject);
            assumption.role_arn = role.unwrap_or(assumption.role_arn);
            assumption.audience = audience.or(assumption.audience);
            assumption.session = seconds.map_or(assumption.session, Session::Measured);
            assumption
        })
}

fn history() -> impl Strategy<Value = Vec<Assumption>> {
    prop::collection::vec(came(), 0..25)
}

pub(crate) fn learn<'a>(history: impl IntoIterator<Item = &'a Assumption>) -> Learnt {
    let mut learner = Learner::default();
    for assumption in history {
        learner.see(&assumption.clone().into());
    }
    learner.finish(0)
}

fn outcome(assumption: &Assumption, allowlist: &Allowlist) -> Outcome {
    let observation: Observation = assumption.clone().into();
    decide(&observation, allowlist).outcome
}

/// How `other` is excused to be expected, where `one` came: the same but for ids, where either
/// has none.
fn covers(one: &Assumption, other: &Assumption) -> bool {
    let (subject, wanted) = (Subject::parse(&one.subject), Subject::parse(&other.subject));
    let names = |subject: &Subject<'_>| {
        let repository = subject.repository().map(|it| it.full_name());
        (repository, subject.context().map(|it| it.to_string()))
    };
    let is_standard = |subject: &Subject<'_>| matches!(subject, Subject::Standard(_));
    let is_without_ids = subject.repository_id().is_none() && subject.owner_id().is_none();
    !one.is_refused()
        && (&one.role_arn, &one.issuer, &one.audience)
            == (&other.role_arn, &other.issuer, &other.audience)
        && (one.subject == other.subject
            || is_standard(&subject)
                && is_standard(&wanted)
                && names(&subject) == names(&wanted)
                && is_without_ids)
}

proptest! {
    #![proptest_config(cases(200))]

    #[test]
    fn a_learnt_file_compiles_in_audit_mode_and_passes_its_tests(history in history()) {
        let learnt = learn(&history);
        let allowlist = compiled(&learnt.text)?;
        prop_assert_eq!(allowlist.mode, Mode::Audit);
        prop_assert_eq!(allowlist.rules().len(), learnt.rules);
        for test in &allowlist.tests {
            prop_assert!(test.run(&allowlist).passed(), "{}\n{}", test.name, learnt.text);
        }
        prop_assert!(!learnt.text.contains(|c| is_unprintable(c) && c != '\n'), "{}", learnt.text);
    }

    #[test]
    fn a_replay_of_what_was_learnt_has_nothing_unexpected_but_what_is_left_out(history in history()) {
        let learnt = learn(&history);
        let allowlist = compiled(&learnt.text)?;
        let mut unexpected = 0;
        let mut expected = 0;
        for assumption in &history {
            match outcome(assumption, &allowlist) {
                Outcome::Unexpected => unexpected += 1,
                Outcome::Expected => expected += 1,
                _ => {}
            }
        }
        prop_assert_eq!(unexpected, learnt.left_out, "{}\n{:#?}", learnt.text, history);
        prop_assert_eq!(learnt.remarks.is_empty(), learnt.left_out == 0);
        prop_assert!(learnt.sessions >= expected);
    }

    #[test]
    fn nothing_is_learnt_but_what_came(history in history(), strangers in history()) {
        let learnt = learn(&history);
        let allowlist = compiled(&learnt.text)?;
        let longest = |role: &str| {
            let of_role = history.iter().filter(|it| it.role_arn == role);
            of_role.map(|it| it.session.seconds()).max().unwrap_or(0).max(900)
        };
        for stranger in strangers.iter().flat_map(|it| crossed(it, &history)) {
            if outcome(&stranger, &allowlist) == Outcome::Expected {
                let excused = history.iter().any(|it| covers(it, &stranger));
                prop_assert!(excused, "{}\n{stranger:#?}\n{history:#?}", learnt.text);
                let seconds = stranger.session.seconds();
                prop_assert!(seconds < longest(&stranger.role_arn) + 65, "{}", learnt.text);
            }
        }
    }

    #[test]
    fn a_file_holds_no_pattern(history in history()) {
        let learnt = learn(&history);
        for line in learnt.text.lines().filter(|line| !line.starts_with('#')) {
            // Only names of rules and tests may have them, where they mean nothing.
            let is_name = line.starts_with("name = ");
            prop_assert!(is_name || !line.contains(['*', '?']), "{line}");
            prop_assert!(is_name || !line.contains("\"any\""), "{line}");
        }
    }

    #[test]
    fn the_order_in_which_it_came_does_not_matter(history in history()) {
        let mut backwards = history.clone();
        backwards.reverse();
        prop_assert_eq!(learn(&history), learn(&backwards));
    }
}

/// One session of a subject, for a role of this name.
fn session(role: &str, subject: &str) -> Assumption {
    let mut runner = proptest::test_runner::TestRunner::deterministic();
    let seen = super::generate_one(&mut runner, &generate::seen().boxed());
    Assumption {
        role_arn: format!("arn:aws:iam::123456789012:role/{role}"),
        subject: subject.to_owned(),
        issuer: "https://token.actions.githubusercontent.com".to_owned(),
        audience: Some("sts.amazonaws.com".to_owned()),
        session: Session::Requested(900),
        outcome: rolewatch::assumption::Outcome::Issued,
        ..seen.assumption()
    }
}

/// A name that was given away comes with another's ids: where it was seen, and nowhere else.
#[test]
fn ids_that_came_for_another_role_open_none() {
    let classic = session("Prod", "repo:acme/shop:environment:production");
    let own = session("Prod", "repo:acme@111/shop@5:environment:production");
    let stranger = session("Sandbox", "repo:acme@999/shop@666:ref:refs/heads/x");
    let probe = session("Prod", "repo:acme@999/shop@666:environment:production");
    for history in [
        vec![classic.clone(), stranger.clone()],
        vec![classic, own, stranger],
    ] {
        let learnt = learn(&history);
        let allowlist = compiled(&learnt.text).unwrap();
        for came in &history {
            assert_eq!(
                outcome(came, &allowlist),
                Outcome::Expected,
                "{}",
                learnt.text
            );
        }
        assert_eq!(
            outcome(&probe, &allowlist),
            Outcome::Unexpected,
            "{}",
            learnt.text
        );
        let text = learnt.text.replace("\n#       ", " ");
        let loud = text.contains("look: TAKE CARE: this name came with 2 different ids");
        let elsewhere =
            text.contains("elsewhere the name came with ids (acme@999/shop@666 on role Sandbox)");
        assert!(loud == (history.len() == 3) && elsewhere != loud, "{text}");
    }
}

/// A stranger, and each time with something of those who came.
fn crossed(stranger: &Assumption, history: &[Assumption]) -> Vec<Assumption> {
    let changes: [fn(&mut Assumption, &Assumption); 4] = [
        |it, of| it.role_arn.clone_from(&of.role_arn),
        |it, of| it.subject.clone_from(&of.subject),
        |it, of| it.issuer.clone_from(&of.issuer),
        |it, of| it.audience.clone_from(&of.audience),
    ];
    let mut all = vec![stranger.clone()];
    for one in history {
        // Everything of one who came but a single thing.
        for kept in 0..changes.len() {
            let mut mixed = stranger.clone();
            for (place, change) in changes.iter().enumerate() {
                if place != kept {
                    change(&mut mixed, one);
                }
            }
            all.push(mixed);
        }
    }
    all
}

#[test]
fn random_histories_meet_every_reason_to_leave_out() {
    let mut runner = proptest::test_runner::TestRunner::deterministic();
    let mut met = BTreeSet::new();
    for _ in 0..400 {
        let history = super::generate_one(&mut runner, &history().boxed());
        for remark in learn(&history).remarks {
            let (_, why) = remark.split_once(": ").unwrap();
            met.insert(
                why.split([',', ':', '('])
                    .next()
                    .unwrap()
                    .trim_end()
                    .to_owned(),
            );
        }
    }
    // Too many is the one that no small history meets.
    assert_eq!(met.len(), 8, "{met:#?}");
}

/// What reads an allowlist takes 8 MiB: a file that has no room for all says so, and is whole.
#[test]
fn a_file_is_never_larger_than_can_be_read() {
    let branch = "b".repeat(900);
    let history: Vec<Assumption> = (0..9000)
        .map(|number| {
            let subject = format!("repo:acme/app{number}:ref:refs/heads/{branch}");
            session(&format!("deploy{}", number / 3), &subject)
        })
        .collect();
    let learnt = learn(&history);
    let size = learnt.text.len();
    assert!((7 << 20..=8 << 20).contains(&size), "{size}");
    assert!(learnt.left_out > 0);
    assert_eq!(learnt.sessions + learnt.left_out, 9000);
    assert!(learnt.remarks[0].contains(" sessions: more than a file should list"));
    let allowlist = compiled(&learnt.text).unwrap();
    assert_eq!(allowlist.rules().len(), learnt.rules);
    assert_eq!(allowlist.tests.len(), 500);
}
