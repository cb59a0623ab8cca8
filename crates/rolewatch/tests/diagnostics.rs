//! What is wrong with an allowlist is said all at once, in place, and harmlessly.

use proptest::prelude::*;
use rolewatch::allowlist::{Diagnostic, Level, compile};
use rolewatch::rendering::is_unprintable;

const SAMPLE: &str = include_str!("../../../samples/allowlist.toml");
const BROKEN: &str = include_str!("../../../samples/allowlist-broken.toml");
const ROLE: &str = "arn:aws:iam::123456789012:role/deploy";

fn errors(text: &str) -> Vec<Diagnostic> {
    let found = compile(text).err().unwrap_or_default();
    found
        .into_iter()
        .filter(|it| it.level == Level::Error)
        .collect()
}

/// The file's text under each error.
fn places(text: &str) -> Vec<&str> {
    errors(text).into_iter().map(|it| &text[it.span]).collect()
}

#[test]
fn no_mistake_of_a_rule_hides_another() {
    let text = r#"version = 1
[[allow]]
roles        = ["deploy", "arn:aws:iam::1:role/x"]
repositories = "acme"
contexts     = ["main", 5]
max_session  = "13h"
audiences    = [" sts"]
regions      = ["Frankfurt"]
issuers      = ["ftp://x"]
networks     = ["nowhere"]
hours        = "always"
form         = "classic"
caller       = "me"
expires      = "soon"
colour       = "red"
"#;
    let places = places(text);
    for wrong in [
        "[[allow]]",
        "\"deploy\"",
        "\"arn:aws:iam::1:role/x\"",
        "\"acme\"",
        "\"main\"",
        "5",
        "\"13h\"",
        "\" sts\"",
        "\"Frankfurt\"",
        "\"ftp://x\"",
        "\"nowhere\"",
        "\"always\"",
        "\"classic\"",
        "\"me\"",
        "\"soon\"",
        "colour",
    ] {
        assert!(places.contains(&wrong), "{wrong} in {places:?}");
    }
}

#[test]
fn both_ways_of_a_rule_are_looked_at_even_if_it_has_both_or_neither() {
    let both = format!(
        "version = 1\n[[allow]]\nname = 'a'\nroles = ['{ROLE}']\nrepositories = ['acme']\n\
         contexts = ['x']\nsubjects = ['repo:acme/app', 'job_workflow_ref:a/b/c@d']\n"
    );
    assert_eq!(
        places(&both),
        [
            "'acme'",
            "'x'",
            "'repo:acme/app'",
            "'job_workflow_ref:a/b/c@d'"
        ]
    );
    let neither =
        format!("version = 1\n[[allow]]\nname = 'a'\nroles = ['{ROLE}']\ncontexts = ['x']\n");
    assert_eq!(places(&neither), ["[[allow]]", "'x'"]);
}

#[test]
fn no_mistake_of_another_table_hides_another() {
    let text = r#"version = 1
[[network]]
cidrs = ["203.0.113.0/33"]
[[network]]
name = "office"
[[ignore]]
check = "unlisted-owner"
roles = ["arn:aws:iam::*:role/*"]
[[test]]
role = "deploy"
issuer = "github"
source_ip = "here"
session = "14m"
expect = ["expected", "unlisted-contexts"]
[[allow]]
name = "a"
roles = ["arn:aws:iam::123456789012:role/deploy"]
repositories = ["acme/app"]
contexts = ["any"]
networks = ["office"]
"#;
    assert_eq!(
        places(text),
        [
            "[[network]]",
            "\"203.0.113.0/33\"",
            "[[network]]",
            "[[ignore]]",
            "[[ignore]]",
            "\"unlisted-owner\"",
            "[[test]]",
            "[[test]]",
            "\"deploy\"",
            "\"github\"",
            "\"here\"",
            "\"14m\"",
            "\"expected\"",
            "\"unlisted-contexts\"",
        ]
    );
}

#[test]
fn a_field_of_a_wrong_type_is_not_also_missing() {
    for (field, value) in [("version = 1", "version = '1'"), ("name = 'a'", "name = 5")] {
        let text = format!(
            "version = 1\n[[allow]]\nname = 'a'\nroles = ['{ROLE}']\nrepositories = ['a/b']\n\
             contexts = ['any']\n"
        );
        let text = text.replace(field, value);
        assert_eq!(errors(&text).len(), 1, "{:?}", errors(&text));
    }
    let single = format!(
        "version = 1\n[allow]\nname = 'a'\nroles = ['{ROLE}']\nrepositories = 'a/b'\ncontexts = ['x']\n"
    );
    assert_eq!(places(&single), ["[allow]", "'a/b'", "'x'"]);
}

#[test]
fn hostile_text_is_spelt_out() {
    let evil = r"\u001b]0;x\u0007\u009b2J\u202e\u200b";
    let text = format!(
        "version = 1\nmode = \"{evil}\"\n\"{evil}\" = 1\n[defaults]\nmax_session = \"{evil}\"\n\
         audiences = [\"a{evil}\"]\nissuers = [\"https://{evil}\"]\n[[network]]\nname = \"{evil}\"\n\
         cidrs = [\"{evil}\"]\n[[network]]\nname = \"{evil}\"\ncidrs = []\n[[ignore]]\ncheck = \"{evil}\"\n\
         roles = [\"{evil}\", \"arn:aws:iam::123456789012:role/\\u202e\"]\n[[allow]]\nname = \"{evil}\"\n\
         repositories = [\"{evil}\", \"*/x\\u202e\"]\ncontexts = [\"{evil}\", \"\\u202e\"]\nhours = \"{evil}\"\n\
         networks = [\"{evil}x\"]\nform = \"{evil}\"\n[[allow]]\nname = \"{evil}\"\ncaller = \"{evil}\"\n\
         subjects = [\"\\u202e:x\", \"repo:\\u202e:x\"]\n[[test]]\nissuer = \"{evil}\"\nsource_ip = \"{evil}\"\n\
         role = \"{evil}\"\nexpect = \"{evil}\"\n"
    );
    let found = compile(&text).unwrap_err();
    assert!(found.len() > 25, "{found:#?}");
    for diagnostic in found {
        for said in [&diagnostic.message, &diagnostic.help] {
            assert!(!said.contains(is_unprintable), "{said:?}");
        }
    }
}

#[test]
fn a_warning_is_no_error() {
    let text = format!(
        "version = 1\n[[network]]\nname = 'n'\ncidrs = ['::/0']\n[[allow]]\nname = 'a'\n\
         roles = ['{ROLE}']\nrepositories = ['*/b']\ncontexts = ['any']\n"
    );
    let (_, warnings) = compile(&text).unwrap();
    assert_eq!(warnings.len(), 2, "{warnings:#?}");
    let text = text.replace("['*/b']", "['*/b', 'x']");
    let found = compile(&text).unwrap_err();
    assert_eq!(found.len(), 3, "an error takes no warning away: {found:#?}");
}

/// What any answer of the compiler has to keep to.
fn check(text: &str) -> Result<(), TestCaseError> {
    let found = match compile(text) {
        Ok((_, warnings)) => {
            prop_assert!(warnings.iter().all(|it| it.level == Level::Warning));
            warnings
        }
        Err(found) => {
            prop_assert!(found.iter().any(|it| it.level == Level::Error));
            found
        }
    };
    prop_assert!(found.is_sorted_by_key(|it| it.span.start), "in file order");
    for it in found {
        prop_assert!(text.get(it.span.clone()).is_some(), "{:?}", it.span);
        let before = &text[..it.span.start];
        prop_assert_eq!(it.line, before.matches('\n').count() + 1);
        prop_assert!(!it.message.is_empty() && !it.help.is_empty());
        prop_assert!(!it.message.contains(is_unprintable), "{:?}", it.message);
        prop_assert!(!it.help.contains(is_unprintable), "{:?}", it.help);
    }
    Ok(())
}

/// A sample with pieces cut out, doubled and put in.
fn mutated() -> impl Strategy<Value = String> {
    let piece = prop_oneof![
        Just(String::new()),
        "[\\[\\]{}=\"'#.,\n\\\\*?@:/é\u{202e}\u{0} 0-9a-z-]{1,6}",
        Just("\"\"\"".to_owned()),
        Just("[[allow]]".to_owned()),
        Just("\u{feff}".to_owned()),
    ];
    let cut = (any::<prop::sample::Index>(), 0usize..40, piece);
    let source = prop_oneof![Just(SAMPLE), Just(BROKEN)];
    (source, prop::collection::vec(cut, 1..6)).prop_map(|(source, cuts)| {
        let mut text: Vec<char> = source.chars().collect();
        for (at, length, piece) in cuts {
            let at = at.index(text.len());
            let end = (at + length).min(text.len());
            text.splice(at..end, piece.chars());
        }
        text.into_iter().collect()
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_text_is_answered(text in any::<String>()) {
        check(&text)?;
    }

    #[test]
    fn any_toml_like_text_is_answered(
        text in "(version = 1\n)?(\\[\\[(allow|test|ignore|network|issuer)\\]\\]\n|\\[defaults\\]\n|[a-z_]{1,6} ?= ?[\\[\\]\"'a-zé0-9:.*@/-]{0,12}\n|subjects = \\[\"[a-z:@*/]{0,20}\"\\]\n){0,12}"
    ) {
        check(&text)?;
    }

    #[test]
    fn damaged_samples_are_answered(text in mutated()) {
        check(&text)?;
    }
}
