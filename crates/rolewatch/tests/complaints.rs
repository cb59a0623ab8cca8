//! What people read: the complaint of every sample that fires, and what it must never say.

#![expect(
    clippy::unwrap_used,
    reason = "a sample that cannot be read fails its test"
)]

use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use rolewatch::allowlist::{Allowlist, compile};
use rolewatch::assumption::{
    Assumption, Observation, Outcome as Answer, Session, UnreadableRecord,
};
use rolewatch::checks;
use rolewatch::detect::{Decision, Outcome, decide};
use rolewatch::finding::Finding;
use rolewatch::rendering::terminal::{cut, escape};

const DEPLOY: &str = "arn:aws:iam::123456789012:role/deploy";

fn samples() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../samples")
}

fn files(folder: &Path) -> Vec<PathBuf> {
    let mut files: Vec<_> = std::fs::read_dir(folder)
        .unwrap()
        .map(|file| file.unwrap().path())
        .collect();
    files.sort();
    files
}

fn compiled(text: &str) -> Allowlist {
    compile(text).unwrap().0
}

fn observe(path: &Path) -> Observation {
    let record = serde_json::from_slice(&std::fs::read(path).unwrap()).unwrap();
    Observation::from_record(record, "c0ffee")
}

#[test]
fn the_complaints_of_the_samples() {
    let allowlist = compiled(&std::fs::read_to_string(samples().join("allowlist.toml")).unwrap());
    for check in checks::ALL {
        let mut told = String::new();
        for path in files(&samples().join("records").join(check.id)) {
            let name = path.file_stem().unwrap().to_str().unwrap();
            if !name.starts_with("fires-") {
                continue;
            }
            let decision = decide(&observe(&path), &allowlist);
            for finding in &decision.findings {
                assert_title_is_short(finding);
                let _ = writeln!(
                    told,
                    "## {name}\n{}\n{}",
                    shown(&finding.title),
                    shown(&finding.message)
                );
                let _ = writeln!(
                    told,
                    "nearest: {}",
                    finding.nearest_rule.as_deref().unwrap_or("-")
                );
                let _ = writeln!(
                    told,
                    "{}",
                    finding.suggestion.as_deref().unwrap_or("no suggestion\n")
                );
            }
        }
        insta::assert_snapshot!(check.id, told);
    }
}

fn shown(text: &str) -> String {
    cut(&escape(text), 400).into_owned()
}

/// Ten words at most, where names have none of their own.
fn assert_title_is_short(finding: &Finding) {
    let words = finding.title.split(' ').count();
    let context = finding.event.as_ref().and_then(|it| it.context.as_deref());
    let words_of_names = context.map_or(0, |it| it.matches(' ').count());
    assert!(words <= 10 + words_of_names, "{}", finding.title);
}

fn file(rules: &[(&str, &str, &str, &str)]) -> String {
    let mut text = "version = 1\n".to_owned();
    for (name, role, repository, context) in rules {
        let _ = writeln!(
            text,
            "[[allow]]\nname = '{name}'\nroles = ['arn:aws:iam::123456789012:role/{role}']\n\
             repositories = ['{repository}']\ncontexts = ['{context}']"
        );
    }
    text
}

fn assumption(role: &str, subject: &str) -> Assumption {
    Assumption {
        event_id: "e".into(),
        time: "2026-11-20T10:15:00Z".parse().unwrap(),
        account: Some("123456789012".into()),
        region: None,
        role_arn: format!("arn:aws:iam::123456789012:role/{role}"),
        role_session_name: Some("run-19512345678".into()),
        issuer: "https://token.actions.githubusercontent.com".into(),
        subject: subject.into(),
        audience: Some("sts.amazonaws.com".into()),
        session: Session::Requested(900),
        source_ip: None,
        user_agent: None,
        access_key_id: None,
        outcome: Answer::Issued,
    }
}

fn only(decision: &Decision) -> &Finding {
    let [finding] = decision.findings.as_slice() else {
        unreachable!("{decision:#?}")
    };
    finding
}

/// The check and the message about this role and subject.
fn told(rules: &[(&str, &str, &str, &str)], role: &str, subject: &str) -> (String, String) {
    let decision = decide(&assumption(role, subject).into(), &compiled(&file(rules)));
    let finding = only(&decision);
    (finding.check.id.to_owned(), finding.message.clone())
}

#[test]
fn a_near_miss_by_case_is_named_wherever_it_is() {
    let rules = [
        // Nearer in all but what is missed by case alone.
        ("decoy", "deploy", "acme/lib", "branch:main"),
        ("other role", "other", "acme/App", "branch:main"),
        ("wanted", "deploy", "acme/app", "environment:prod"),
    ];
    for (role, subject, check, near) in [
        (
            "new",
            "repo:Acme/x:ref:refs/heads/main",
            "unlisted-owner",
            "\"acme\" of rule \"decoy\"",
        ),
        (
            "Deploy",
            "repo:acme/x:pull_request",
            "unlisted-role",
            "\"arn:aws:iam::123456789012:role/deploy\" of rule \"decoy\"",
        ),
        (
            "deploy",
            "repo:acme/APP:ref:refs/heads/main",
            "unlisted-repository",
            "\"acme/app\" of rule \"wanted\"",
        ),
        (
            "deploy",
            "repo:acme/app:environment:Prod",
            "unlisted-context",
            "\"environment:prod\" of rule \"wanted\"",
        ),
    ] {
        let (got, message) = told(&rules, role, subject);
        assert_eq!(got, check, "{message}");
        let named = format!("differs from {near} by case alone");
        assert!(message.contains(&named), "{named} in {message}");
    }
}

#[test]
fn a_near_miss_of_another_part_is_not_taken_for_this_one() {
    let rules = [
        ("a", "Deploy", "acme/app", "branch:main"),
        ("b", "deploy", "acme/lib", "any"),
    ];
    for subject in [
        "repo:evil/app:ref:refs/heads/main",
        "repo:acme/other:pull_request",
    ] {
        let (check, message) = told(&rules, "deploy", subject);
        assert!(!message.contains("by case alone"), "{check}: {message}");
    }
}

#[test]
fn a_near_miss_of_a_subjects_pattern_is_named() {
    let workflow = "job_workflow_ref:acme/ci/w.yml@refs/heads/main";
    let text = format!(
        "version = 1\n[[allow]]\nname = 'a'\nroles = ['{DEPLOY}']\nsubjects = ['repo:acme/*:{workflow}']\n"
    );
    let subject = format!("repo:acme/app:{}", workflow.replace("main", "Main"));
    let decision = decide(&assumption("deploy", &subject).into(), &compiled(&text));
    let message = &only(&decision).message;
    assert!(message.contains("of rule \"a\" by case alone"), "{message}");
}

#[test]
fn a_rule_that_wants_ids_says_so() {
    let text = file(&[
        ("decoy", "deploy", "acme/lib", "branch:main"),
        ("a", "deploy", "acme@1/app@2", "any"),
    ]) + "form = 'immutable'\n";
    let subject = "repo:acme/app:ref:refs/heads/main";
    let decision = decide(&assumption("deploy", subject).into(), &compiled(&text));
    let finding = only(&decision);
    assert_eq!(finding.check.id, "unlisted-repository");
    assert_eq!(finding.nearest_rule.as_deref(), Some("a"));
    assert!(
        finding.message.contains("with its ids alone"),
        "{}",
        finding.message
    );
}

#[test]
fn a_stranger_issuers_word_is_not_repeated_as_a_fact() {
    let allowlist = compiled(&file(&[("a", "deploy", "acme/app", "any")]));
    for issuer in [
        "https://eviltoken.actions.githubusercontent.com",
        "https://evil.example/_services/token",
        "https://oidc.eks.eu-west-1.amazonaws.com/id/0A",
    ] {
        let mut seen = assumption("deploy", "repo:acme/app:pull_request");
        seen.issuer = issuer.into();
        let decision = decide(&seen.into(), &allowlist);
        let finding = only(&decision);
        assert_eq!(finding.check.id, "unexpected-issuer");
        let host = issuer.strip_prefix("https://").unwrap();
        assert!(
            finding.title.starts_with(&format!("A token of {host} ")),
            "{}",
            finding.title
        );
        assert!(!finding.title.contains("acme"), "{}", finding.title);
        let event = finding.event.as_ref().unwrap();
        assert_eq!(
            event.run_url, None,
            "no link to a host that the issuer chose"
        );
    }
}

#[test]
fn the_run_is_linked_where_the_issuer_is_known() {
    let allowlist = compiled(&file(&[("a", "deploy", "acme/app", "any")]));
    let decision = decide(
        &assumption("new", "repo:acme/app:pull_request").into(),
        &allowlist,
    );
    assert_eq!(
        only(&decision).event.as_ref().unwrap().run_url.as_deref(),
        Some("https://github.com/acme/app/actions/runs/19512345678")
    );
}

#[test]
fn an_unreadable_record_is_told_and_silenced_by_what_it_does_tell() {
    let silence = format!(
        "[[ignore]]\ncheck = 'unreadable-record'\nroles = ['{DEPLOY}']\nreason = 'r'\nuntil = 2026-11-20\n"
    );
    let allowlist = compiled(&(file(&[]) + &silence));
    let record = UnreadableRecord {
        time: "2026-11-20T23:59:59Z".parse().ok(),
        role_arn: Some(DEPLOY.into()),
        hash: "c0ffee".into(),
        ..UnreadableRecord::default()
    };
    let silenced = decide(&record.clone().into(), &allowlist);
    assert_eq!((silenced.findings.len(), silenced.ignored.len()), (0, 1));
    assert_eq!(silenced.outcome, Outcome::Unreadable);

    let roleless = UnreadableRecord {
        role_arn: None,
        ..record.clone()
    };
    let decision = decide(&roleless.into(), &allowlist);
    assert_eq!(
        only(&decision).event.as_ref().unwrap().event_id,
        "sha256:c0ffee"
    );

    let later = UnreadableRecord {
        time: "2026-11-21T00:00:00Z".parse().ok(),
        ..record.clone()
    };
    assert_eq!(decide(&later.into(), &allowlist).findings.len(), 1);

    let timeless = UnreadableRecord {
        time: None,
        ..record
    };
    let decision = decide(&timeless.into(), &allowlist);
    assert!(only(&decision).event.is_none());
}

#[test]
fn a_finding_of_a_denied_call_can_be_silenced() {
    let silence = "[[ignore]]\ncheck = 'denied-assumption'\nrepositories = ['acme/*']\nreason = 'r'\nuntil = 2026-11-20\n";
    let allowlist = compiled(&(file(&[]) + silence));
    let mut seen = assumption("deploy", "repo:acme/app:pull_request");
    seen.outcome = Answer::Refused {
        code: "AccessDenied".into(),
    };
    let decision = decide(&seen.clone().into(), &allowlist);
    assert_eq!(
        (decision.outcome, decision.findings.len()),
        (Outcome::Ignored, 0)
    );
    seen.subject = "repo:acme-evil/app:pull_request".into();
    assert_eq!(decide(&seen.into(), &allowlist).outcome, Outcome::Denied);
}

#[test]
fn what_a_suggestion_cannot_say_is_not_suggested() {
    let allowlist = compiled(&file(&[("a", "deploy", "acme/app", "branch:main")]));
    let long = format!("repo:acme/app:ref:refs/heads/{}", "x".repeat(4000));
    for subject in [
        "repo:acme/app:ref:refs/heads/*",
        "repo:acme/app:ref:refs/heads/a?b",
        "repo:acme/app:ref:refs/heads/a\u{1b}[2J",
        "repo:acme/app:ref:refs/heads/a:b",
        "job_workflow_ref:acme/ci/w.yml@refs/heads/main",
        "nothing of GitHub's",
        &long,
    ] {
        let decision = decide(&assumption("deploy", subject).into(), &allowlist);
        assert_eq!(only(&decision).suggestion, None, "{subject}");
    }
}

#[test]
fn a_suggestion_survives_quotes_marks_and_a_taken_name() {
    let text = file(&[(
        "deploy for acme/app branch:dev",
        "deploy",
        "acme/app",
        "branch:main",
    )]);
    let subjects = [
        "dev",
        "a\"\\'''#\u{202e}",
        "<!channel>|*_~`\"'&<https://evil.example|click>",
    ];
    for branch in subjects.iter().filter(|branch| !branch.contains('*')) {
        let seen: Observation =
            assumption("deploy", &format!("repo:acme/app:ref:refs/heads/{branch}")).into();
        let decision = decide(&seen, &compiled(&text));
        let suggestion = only(&decision).suggestion.clone().unwrap();
        assert!(!suggestion.contains('\u{202e}'), "{suggestion}");
        let pasted = compiled(&format!("{text}{suggestion}"));
        assert_eq!(
            decide(&seen, &pasted).outcome,
            Outcome::Expected,
            "{suggestion}"
        );
    }
}
