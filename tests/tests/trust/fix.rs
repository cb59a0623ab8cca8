use std::path::Path;

use crate::{sample, samples, snapshot, trust};

#[test]
fn a_fix_is_shown_as_a_diff() {
    let mut all = String::new();
    for name in [
        "owner-prefix",
        "for-all-values",
        "static-site-wildcard-under-equals",
    ] {
        let file = sample(&format!("bad/{name}"));
        let run = trust(&format!("fix {file}")).run().exits(1);
        all = format!("{all}{}\n", run.stdout);
    }
    snapshot!("fix-diff", all);
}

#[test]
fn a_diff_is_one_that_patch_takes() {
    let folder = tempfile::tempdir().unwrap();
    let mut files = samples();
    // Tabs, and the line ends of Windows.
    let text = rolewatch_tests::read(&sample("bad/owner-prefix"));
    let text = text.replace("  ", "\t").replace('\n', "\r\n");
    let windows = folder.path().join("windows.json");
    std::fs::write(&windows, text).unwrap();
    files.push(windows.to_str().unwrap().to_owned());
    for file in files {
        let diff = trust(&format!("fix --quiet {file}")).run().stdout;
        if diff.is_empty() {
            continue;
        }
        let folder = tempfile::tempdir().unwrap();
        let copy = folder.path().join("policy.json");
        std::fs::write(
            &copy,
            std::fs::read(rolewatch_tests::root().join(&file)).unwrap(),
        )
        .unwrap();
        let written = written(&copy);
        std::fs::write(
            &copy,
            std::fs::read(rolewatch_tests::root().join(&file)).unwrap(),
        )
        .unwrap();
        std::fs::write(folder.path().join("fix.diff"), diff).unwrap();
        let status = std::process::Command::new("patch")
            .args(["--quiet", "--binary", "policy.json", "fix.diff"])
            .current_dir(folder.path())
            .status();
        let Ok(status) = status else {
            return; // No `patch` here.
        };
        assert!(status.success(), "{file}");
        assert_eq!(std::fs::read_to_string(&copy).unwrap(), written, "{file}");
    }
}

fn written(path: &Path) -> String {
    let _run = trust("fix --quiet --write").arg(path).run();
    std::fs::read_to_string(path).unwrap()
}

#[test]
fn writing_changes_the_file_once_and_keeps_all_else() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("policy.json");
    let text = rolewatch_tests::read(&sample("bad/repository-prefix"));
    std::fs::write(&path, &text).unwrap();
    let run = trust("fix --write").arg(&path).run();
    assert_eq!(run.stdout, "");
    let fixed = std::fs::read_to_string(&path).unwrap();
    let different = text
        .lines()
        .zip(fixed.lines())
        .filter(|(old, new)| old != new);
    assert_eq!(different.count(), 1, "{fixed}");
    assert_eq!(text.lines().count(), fixed.lines().count());
    // Nothing more to do, and no other file is left lying about.
    assert_eq!(written(&path), fixed);
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 1);
}

#[cfg(unix)]
#[test]
fn permissions_and_links_stay() {
    use std::os::unix::fs::{PermissionsExt as _, symlink};
    let folder = tempfile::tempdir().unwrap();
    let (path, link) = (
        folder.path().join("policy.json"),
        folder.path().join("link"),
    );
    std::fs::write(&path, rolewatch_tests::read(&sample("bad/owner-prefix"))).unwrap();
    std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o640)).unwrap();
    symlink("policy.json", &link).unwrap();
    let fixed = written(&link);
    assert!(std::fs::symlink_metadata(&link).unwrap().is_symlink());
    assert_eq!(std::fs::read_to_string(&path).unwrap(), fixed);
    let mode = std::fs::metadata(&path).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o640);
}

#[test]
fn a_good_policy_is_left_alone() {
    let file = sample("good/static-site-branch-classic");
    assert_eq!(trust(&format!("fix {file}")).run().success(), "");
}

#[test]
fn what_is_broken_or_standard_input_is_not_written() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("policy.json");
    std::fs::write(&path, "{\"Statement\": [").unwrap();
    let run = trust("fix --write").arg(&path).run().exits(2);
    assert!(run.stderr.contains("nothing was changed"), "{}", run.stderr);
    assert_eq!(std::fs::read_to_string(&path).unwrap(), "{\"Statement\": [");
    let _stdin = trust("fix --write -").stdin("{}").run().exits(2);
}

/// What the allowlist expects and the policy lets in now, it lets in after.
#[test]
fn pinning_to_an_allowlist_shuts_out_nobody_whom_it_expects() {
    let role = "arn:aws:iam::123456789012:role/deploy";
    let folder = tempfile::tempdir().unwrap();
    let (policy, allowlist) = (
        folder.path().join("policy.json"),
        folder.path().join("allowlist.toml"),
    );
    let text = rolewatch_tests::read(&sample("bad/repository-prefix"));
    let fix = |value: &str, repository: &str, contexts: &str| {
        std::fs::write(&policy, text.replace("repo:acme/website*", value)).unwrap();
        let rules = format!(
            "version = 1\n[[allow]]\nname = \"web\"\nroles = [\"{role}\"]\n\
             repositories = [\"{repository}\"]\ncontexts = [{contexts}]\nmax_session = \"1h\"\n"
        );
        std::fs::write(&allowlist, rules).unwrap();
        let run = trust(&format!("fix --write --role {role} --allowlist"));
        let run = run.arg(&allowlist).arg(&policy).run();
        let fixed = std::fs::read_to_string(&policy).unwrap();
        let fixed = fixed
            .lines()
            .skip_while(|line| !line.contains(":sub\""))
            .take_while(|line| !line.contains('}'))
            .map(str::trim)
            .collect::<String>();
        (fixed, run.stderr)
    };
    let both = r#""branch:release/*", "environment:a:b""#;
    let (fixed, _) = fix("repo:acme/web:*", "acme/web", both);
    assert!(fixed.contains("repo:acme/web:environment:a%3Ab"), "{fixed}");
    assert!(
        fixed.contains("repo:acme/web:ref:refs/heads/release/*"),
        "{fixed}"
    );
    let (fixed, stderr) = fix("repo:acme/web:*", "acme/web", r#""branch:*-eu", "tag:v1""#);
    assert!(fixed.ends_with("\"repo:acme/web:*\""), "{fixed}");
    assert!(stderr.contains("rule \"web\" expects more"), "{stderr}");
    // Without both ids the immutable subject may be any of that name.
    for repository in ["acme/web", "acme@111/web"] {
        let (fixed, _) = fix("repo:acme*/web*", repository, r#""environment:prod""#);
        let kept = fixed.contains("repo:acme@*/web@*:*");
        assert!(
            kept && fixed.contains("repo:acme/web:environment:prod"),
            "{fixed}"
        );
    }
    let (fixed, _) = fix(
        "repo:acme*/web*",
        "acme@111/web@222",
        r#""environment:prod""#,
    );
    assert!(
        fixed.contains(
            "[\"repo:acme/web:environment:prod\", \"repo:acme@111/web@222:environment:prod\"]"
        ),
        "{fixed}"
    );
}
