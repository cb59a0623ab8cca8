//! Random allowlists and assumptions over few words, so that they meet often.

use chrono::{DateTime, NaiveDate, Utc};
use proptest::prelude::*;
use proptest::sample::{select, subsequence};
use rolewatch::assumption::Session;

use super::model::{Context, File, Ignore, Name, Rule, Seen, Subject, Who};

const GITHUB: &str = "https://token.actions.githubusercontent.com";
pub(crate) const ENTERPRISE: &str = "https://token.actions.githubusercontent.com/acme";
const SERVER: &str = "https://git.acme.example/_services/token";
const TENANT: &str = "https://token.actions.acme.ghe.com";
const ISSUERS: [&str; 6] = [
    GITHUB,
    ENTERPRISE,
    SERVER,
    TENANT,
    "https://eviltoken.actions.githubusercontent.com",
    "https://oidc.eks.eu-west-1.amazonaws.com/id/0A",
];
const ROLES: [&str; 4] = [
    "arn:aws:iam::123456789012:role/deploy",
    "arn:aws:iam::123456789012:role/Deploy",
    "arn:aws:iam::123456789012:role/team/deploy",
    "arn:aws:iam::999999999999:role/deploy",
];
const ROLE_PATTERNS: [&str; 5] = [
    ROLES[0],
    ROLES[0],
    ROLES[2],
    "arn:aws:iam::123456789012:role/dep*",
    "arn:aws:iam::*:role/*deploy",
];
const CONTEXT_PATTERNS: [&str; 9] = [
    "branch:main",
    "branch:main",
    "branch:release/*",
    "branch:*",
    "tag:v?",
    "environment:prod",
    "environment:eu:*",
    "pull_request",
    "any",
];
const AUDIENCES: [&str; 2] = ["sts.amazonaws.com", "https://github.com/acme"];
const AUDIENCE_PATTERNS: [&str; 3] = [AUDIENCES[0], AUDIENCES[1], "https://github.com/*"];
const CHECKS: [&str; 6] = [
    "unlisted-context",
    "unlisted-role",
    "unlisted-repository",
    "session-too-long",
    "unexpected-audience",
    "denied-assumption",
];

fn day() -> impl Strategy<Value = NaiveDate> {
    (19u32..=22).prop_filter_map("a day of November", |day| {
        NaiveDate::from_ymd_opt(2026, 11, day)
    })
}

fn repository_pattern() -> impl Strategy<Value = String> {
    let owner = select(vec![
        "acme", "acme", "acme", "acme@1", "acme@2", "other", "ac*", "*",
    ]);
    let name = select(vec!["app", "app", "app@5", "app@6", "lib", "a*", "*"]);
    (owner, name).prop_map(|(owner, name)| format!("{owner}/{name}"))
}

fn subject_pattern() -> impl Strategy<Value = String> {
    let workflow = "job_workflow_ref:acme/ci/w.yml@refs/heads/main";
    let custom = select(vec![
        format!("repo:acme/app:environment:prod:{workflow}"),
        format!("repo:acme/*:environment:*:{workflow}"),
        format!("repo:acme@1/*:pull_request:{workflow}"),
        format!("repository_owner_id:1:{workflow}"),
        format!("repository_owner:acme:repository_owner_id:1:{workflow}"),
        "job_workflow_ref:acme/ci/*".to_owned(),
        "repository_id:5".to_owned(),
        "repo:acme/app".to_owned(),
        "repo:acme/app:repository_id:5".to_owned(),
        "repo:*/app:*:*".to_owned(),
        "*:*".to_owned(),
        "repo:acme/app:ref:refs/heads/*".to_owned(),
    ]);
    prop_oneof![
        3 => custom,
        1 => repository_pattern().prop_map(|repository| format!("repo:{repository}:*")),
    ]
}

fn who() -> impl Strategy<Value = Who> {
    let repositories = prop::collection::vec(repository_pattern(), 1..3);
    let contexts = prop::collection::vec(select(CONTEXT_PATTERNS.to_vec()), 1..3);
    prop_oneof![
        3 => (repositories, contexts, prop::bool::weighted(0.2)).prop_map(
            |(repositories, contexts, immutable)| Who::Repositories {
                repositories,
                contexts,
                immutable,
            }
        ),
        1 => prop::collection::vec(subject_pattern(), 1..3).prop_map(Who::Subjects),
    ]
}

fn listed() -> impl Strategy<Value = Vec<&'static str>> {
    subsequence(vec![GITHUB, ENTERPRISE, SERVER], 1..=2)
}

fn rule() -> impl Strategy<Value = Rule> {
    let audiences = subsequence(AUDIENCE_PATTERNS.to_vec(), 1..=2);
    let sometimes = prop::bool::weighted(0.15);
    (
        prop::collection::vec(select(ROLE_PATTERNS.to_vec()), 1..3),
        who(),
        prop::option::of(select(vec![15u64, 30, 60])),
        prop::option::weighted(0.3, listed()),
        prop::option::weighted(0.3, audiences),
        sometimes,
        sometimes,
        sometimes,
        prop::option::weighted(0.3, day()),
    )
        .prop_map(
            |(roles, who, minutes, issuers, audiences, region, network, office_hours, expires)| {
                Rule {
                    roles,
                    who,
                    minutes,
                    issuers,
                    audiences,
                    regions: if region { vec!["eu-*"] } else { vec![] },
                    networks: if network { vec!["office"] } else { vec![] },
                    office_hours,
                    expires,
                }
            },
        )
}

fn ignore() -> impl Strategy<Value = Ignore> {
    let roles = subsequence(ROLE_PATTERNS.to_vec(), 0..=1);
    (
        select(CHECKS.to_vec()),
        roles,
        repository_pattern(),
        any::<bool>(),
        day(),
    )
        .prop_map(|(check, roles, repository, everywhere, until)| Ignore {
            check,
            repositories: if roles.is_empty() || !everywhere {
                vec![repository]
            } else {
                vec![]
            },
            roles,
            until,
        })
}

/// ghe.com's tenant is never listed.
pub(crate) fn file() -> impl Strategy<Value = File> {
    (
        Just(vec![ENTERPRISE, SERVER]),
        prop_oneof![3 => Just(vec![GITHUB]), 1 => listed()],
        prop_oneof![3 => Just(vec![AUDIENCES[0]]), 1 => subsequence(AUDIENCE_PATTERNS.to_vec(), 1..=2)],
        prop::collection::vec(rule(), 1..5),
        prop::collection::vec(ignore(), 0..2),
    )
        .prop_map(
            |(issuers, default_issuers, default_audiences, rules, ignores)| File {
                issuers,
                default_issuers,
                default_audiences,
                rules,
                ignores,
            },
        )
}

fn name(texts: Vec<&'static str>, ids: Vec<u64>) -> impl Strategy<Value = (&'static str, u64)> {
    (select(texts), select(ids))
}

fn context() -> impl Strategy<Value = Context> {
    select(vec![
        Context::Branch("main"),
        Context::Branch("main"),
        Context::Branch("main"),
        Context::Branch("main"),
        Context::Branch("Main"),
        Context::Branch("release/1"),
        Context::Branch("*"),
        Context::Tag("main"),
        Context::Tag("v1"),
        Context::Environment("prod"),
        Context::Environment("eu:prod"),
        Context::PullRequest,
    ])
}

fn subject() -> impl Strategy<Value = Subject> {
    let owner = || {
        name(
            vec![
                "acme",
                "acme",
                "acme",
                "acme",
                "acme",
                "acme",
                "Acme",
                "acme-evil",
                "other",
            ],
            vec![1, 1, 1, 1, 2],
        )
    };
    let repository = || {
        name(
            vec!["app", "app", "app", "app", "App", "app-evil", "lib"],
            vec![5, 5, 5, 5, 6],
        )
    };
    let standard = (owner(), repository(), context(), any::<bool>()).prop_map(
        |(owner, name, context, ids)| Subject::Standard {
            owner: Name {
                text: owner.0,
                id: ids.then_some(owner.1),
            },
            name: Name {
                text: name.0,
                id: ids.then_some(name.1),
            },
            context,
        },
    );
    let claim = |key: &'static str, values: &[&str]| {
        let values: Vec<String> = values.iter().map(|&value| value.to_owned()).collect();
        select(values).prop_map(move |value| (key, Some(value)))
    };
    let repo = (owner(), repository(), any::<bool>()).prop_map(|(owner, name, ids)| {
        let value = if ids {
            format!("{}@{}/{}@{}", owner.0, owner.1, name.0, name.1)
        } else {
            format!("{}/{}", owner.0, name.0)
        };
        ("repo", Some(value))
    });
    let workflow = claim(
        "job_workflow_ref",
        &[
            "acme/ci/w.yml@refs/heads/main",
            "acme/ci/w.yml@refs/heads/x",
            "other/ci/w.yml@refs/heads/main",
        ],
    );
    let first = prop_oneof![
        4 => repo,
        1 => claim("repository_owner", &["acme", "acme-evil"]),
    ];
    let second = prop_oneof![
        2 => claim("environment", &["prod", "a%3Arepo%3Aacme"]),
        1 => Just(("pull_request", None)),
        1 => claim("repository_owner_id", &["1", "2"]),
        1 => claim("repository_id", &["5", "6"]),
    ];
    let third = prop_oneof![2 => workflow, 1 => claim("actor", &["repo", "acme"])];
    // A list of repo and one context would be a standard subject: the third claim stays.
    let custom = (
        prop::option::weighted(0.8, first),
        prop::option::of(second),
        third,
    )
        .prop_map(|(first, second, third)| {
            Subject::Custom(first.into_iter().chain(second).chain([third]).collect())
        });
    let junk = select(vec![
        "repo",
        "repo:acme",
        "acme/app",
        "repo:acme/app:x",
        "system:serviceaccount:a:b",
    ])
    .prop_map(|text| match text {
        "repo:acme" => Subject::Custom(vec![("repo", Some("acme".to_owned()))]),
        "system:serviceaccount:a:b" => Subject::Custom(vec![
            ("system", Some("serviceaccount".to_owned())),
            ("a", Some("b".to_owned())),
        ]),
        text => Subject::Junk(text),
    });
    prop_oneof![6 => standard, 3 => custom, 1 => junk]
}

fn session() -> impl Strategy<Value = Session> {
    let seconds = select(vec![
        900u64, 900, 900, 901, 905, 906, 1800, 1805, 3600, 3606, 43_200,
    ]);
    prop_oneof![
        seconds.clone().prop_map(Session::Requested),
        seconds.prop_map(Session::Measured),
        Just(Session::Assumed),
    ]
}

fn time() -> impl Strategy<Value = DateTime<Utc>> {
    (
        day(),
        select(vec![
            (0u32, 0u32),
            (7, 59),
            (8, 0),
            (17, 59),
            (18, 0),
            (23, 59),
        ]),
    )
        .prop_filter_map("a time of day", |(day, (hour, minute))| {
            Some(day.and_hms_opt(hour, minute, 59)?.and_utc())
        })
}

pub(crate) fn seen() -> impl Strategy<Value = Seen> {
    let issuer = prop_oneof![7 => Just(GITHUB), 1 => select(ISSUERS.to_vec())];
    let role = prop_oneof![5 => Just(ROLES[0]), 1 => select(ROLES.to_vec())];
    let region = select(vec![
        Some("eu-west-1"),
        Some("eu-west-1"),
        Some("us-east-1"),
        None,
    ]);
    let source = select(vec![
        Some("203.0.113.9"),
        Some("::ffff:203.0.113.9"),
        Some("198.51.100.1"),
        Some("AWS Internal"),
        None,
    ]);
    let audience = select(vec![
        Some(AUDIENCES[0]),
        Some(AUDIENCES[0]),
        Some(AUDIENCES[1]),
        None,
    ]);
    (
        role,
        issuer,
        subject(),
        audience,
        session(),
        region,
        source,
        time(),
        prop::bool::weighted(0.1),
    )
        .prop_map(
            |(role, issuer, subject, audience, session, region, source, time, refused)| Seen {
                role,
                issuer,
                subject,
                audience,
                session,
                region,
                source,
                time,
                refused,
            },
        )
}
