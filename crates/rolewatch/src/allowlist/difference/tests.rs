use super::wider::{covers, covers_field};
use super::*;
use crate::allowlist::compile;

const ROLE: &str = "roles = ['arn:aws:iam::123456789012:role/a']\n";

fn file(rules: &[(&str, &str)]) -> Allowlist {
    let rules = rules.iter().map(|(name, rest)| {
        let role = if rest.contains("roles") { "" } else { ROLE };
        format!("[[allow]]\nname = '{name}'\n{role}{rest}\n")
    });
    let rules: Vec<String> = rules.collect();
    compile(&format!("version = 1\n{}", rules.concat()))
        .unwrap()
        .0
}

fn between(old: &[(&str, &str)], new: &[(&str, &str)]) -> Difference {
    let today = "2026-11-20".parse().unwrap();
    Difference::between(&file(old), &file(new), today)
}

const MAIN: &str = "repositories = ['o/r']\ncontexts = ['branch:main']";

#[test]
fn rules_are_told_apart_by_name() {
    let other = "repositories = ['o/other']\ncontexts = ['branch:main']";
    let difference = between(&[("a", MAIN), ("b", MAIN)], &[("b", other), ("c", other)]);
    assert_eq!(difference.added, ["c"]);
    assert_eq!(difference.removed, ["a"]);
    assert_eq!(difference.changed, ["b"]);
}

#[test]
fn what_a_change_broadens() {
    for (old, new, by) in [
        (
            MAIN,
            "repositories = ['o/r']\ncontexts = ['branch:*']",
            vec!["more contexts"],
        ),
        (
            MAIN,
            "repositories = ['o/r']\ncontexts = ['any']",
            vec!["more contexts"],
        ),
        (
            MAIN,
            "repositories = ['o/*']\ncontexts = ['branch:main']",
            vec!["more repositories"],
        ),
        (
            "repositories = ['o@1/r']\ncontexts = ['any']",
            "repositories = ['o/r']\ncontexts = ['any']",
            vec!["more repositories"],
        ),
        (
            "repositories = ['o@1/r@2']\ncontexts = ['any']\nform = 'immutable'",
            "repositories = ['o@1/r@2']\ncontexts = ['any']",
            vec!["subjects without ids"],
        ),
        (
            "repositories = ['o/r']\ncontexts = ['any']\nregions = ['eu-*']\nexpires = 2027-01-01",
            "repositories = ['o/r']\ncontexts = ['any']",
            vec!["more regions", "no end"],
        ),
        (
            "repositories = ['o/r']\ncontexts = ['any']\nhours = 'Mon-Fri 08:00-18:00 UTC'",
            "repositories = ['o/r']\ncontexts = ['any']\nhours = 'Mon-Fri 08:00-19:00 UTC'",
            vec!["other hours"],
        ),
        (
            MAIN,
            "repositories = ['o/r']\ncontexts = ['branch:main']\nmax_session = '2h'",
            vec!["longer sessions"],
        ),
        (
            MAIN,
            "subjects = ['repo:o/r:ref:refs/heads/*']",
            vec!["other subjects"],
        ),
        (
            "subjects = ['repo:o/r:ref:*']",
            "subjects = ['repo:o/*:ref:*']",
            vec!["more subjects"],
        ),
    ] {
        let difference = between(&[("a", old)], &[("a", new)]);
        assert_eq!(difference.broader, [("a".to_owned(), by)], "{new}");
        assert!(difference.weakens());
    }
}

#[test]
fn what_a_change_narrows_is_not_broader() {
    for (old, new) in [
        ("repositories = ['o/*']\ncontexts = ['any']", MAIN),
        (
            MAIN,
            "repositories = ['o@1/r@2']\ncontexts = ['branch:main']",
        ),
        (
            "repositories = ['o/r']\ncontexts = ['branch:release/*']",
            "repositories = ['o/r']\ncontexts = ['branch:release/v1-*']",
        ),
        (
            "subjects = ['repo:o/*:ref:*']",
            "subjects = ['repo:o/r:ref:*']",
        ),
        (
            MAIN,
            "repositories = ['o/r']\ncontexts = ['branch:main']\nregions = ['eu-*']",
        ),
    ] {
        let difference = between(&[("a", old)], &[("a", new)]);
        assert_eq!(difference.broader, [], "{new}");
        assert_eq!(difference.changed, ["a"]);
        assert!(!difference.weakens());
    }
}

#[test]
fn a_new_rule_is_broader_where_it_is_wide_and_no_old_rule_covers_it() {
    let wide = "repositories = ['*/r']\ncontexts = ['any']";
    let caller = "caller = 'any'\nsubjects = ['job_workflow_ref:o/ci/w.yml@refs/heads/main']";
    for (new, by) in [
        (wide, vec!["a pattern of owners", "any context"]),
        (caller, vec!["any caller"]),
        (
            "roles = ['arn:aws:iam::*:role/a']\nrepositories = ['o/x']\ncontexts = ['branch:x']",
            vec!["a pattern of roles"],
        ),
    ] {
        let difference = between(&[("a", MAIN)], &[("a", MAIN), ("b", new)]);
        assert_eq!(difference.broader, [("b".to_owned(), by)], "{new}");
    }
    let renamed = between(&[("a", wide)], &[("b", wide)]);
    assert!(!renamed.weakens(), "{renamed:?}");
    let narrow = between(&[], &[("a", MAIN)]);
    assert!(!narrow.weakens(), "{narrow:?}");
}

#[test]
fn a_rule_that_has_expired_covers_nothing() {
    let wide = "repositories = ['*/r']\ncontexts = ['any']\nexpires = ";
    let (ended, going) = (format!("{wide}2026-11-19"), format!("{wide}2027-11-19"));
    let revived = between(&[("a", &ended)], &[("a", &going)]);
    assert_eq!(revived.broader.len(), 1);
    let extended = between(&[("a", &format!("{wide}2026-11-20"))], &[("a", &going)]);
    assert!(!extended.weakens());
}

#[test]
fn a_pin_that_is_gone_is_broader_where_the_name_is_still_taken() {
    let pinned = "repositories = ['o@1/r@2']\ncontexts = ['branch:main']";
    let all = "repositories = ['o/*']\ncontexts = ['any']";
    let gone = between(&[("a", pinned), ("b", all)], &[("b", all)]);
    assert_eq!(
        gone.broader,
        [("a".to_owned(), vec!["ids that are no longer pinned"])]
    );
    assert!(!between(&[("a", pinned)], &[]).weakens());
}

#[test]
fn silences_and_the_mode() {
    let file = |mode: &str, check: &str, until: &str| {
        let text = format!(
            "version = 1\nmode = '{mode}'\n[[ignore]]\ncheck = '{check}'\n\
             repositories = ['o/r']\nreason = 'X-1'\nuntil = {until}\n"
        );
        compile(&text).unwrap().0
    };
    let between = |old: &Allowlist, new: &Allowlist| {
        Difference::between(old, new, "2026-11-20".parse().unwrap())
    };
    let old = file("enforce", "session-too-long", "2027-01-15");
    let longer = file("enforce", "session-too-long", "2027-01-16");
    assert_eq!(between(&longer, &old), Difference::default());
    let difference = between(&old, &longer);
    assert_eq!(difference.silences.len(), 1);
    assert!(!difference.weakens());
    assert!(between(&old, &file("enforce", "unlisted-context", "2027-01-15")).weakens());
    let audit = file("audit", "session-too-long", "2027-01-15");
    assert!(between(&old, &audit).weakens());
    let back = between(&audit, &old);
    assert_eq!(back.mode, Some(Mode::Enforce));
    assert!(!back.weakens());
}

#[test]
fn covering_is_said_only_where_it_is_sure() {
    for (old, new) in [("a*", "ab"), ("*", "?"), ("a?", "a?"), ("a*b", "a*cb")] {
        assert!(covers_field(old, new), "{old} {new}");
    }
    for (old, new) in [("a?", "a*"), ("ab", "a*"), ("a*", "*"), ("?*", "*")] {
        assert!(!covers_field(old, new), "{old} {new}");
    }
    assert!(!covers("repo:*", "repo:o/r"));
}
