//! What the crates may lean on: the layers, the licences, one TLS stack.

#![allow(clippy::unwrap_used, reason = "a panic is how a test fails")]

use std::collections::BTreeSet;
use std::process::Command;

use rolewatch_tests::root;
use serde_json::Value;

/// Our crates, and what each may depend on. Arrows go one way: whatever is listed later may use
/// what is listed before, where it is named.
const LAYERS: &[(&str, &[&str])] = &[
    ("github-oidc", &[]),
    ("cloudtrail", &[]),
    ("iam-trust", &["github-oidc"]),
    ("rolewatch", PURE),
    ("rolewatch-embedded", DOMAIN),
    ("rolewatch-aws", DOMAIN),
    ("rolewatch-http", DOMAIN),
];

/// What is run, and what of ours each may use besides the domain. Detect has nothing to do with
/// anybody but AWS.
const PROGRAMS: &[(&str, &[&str])] = &[
    (
        "rolewatch-cli",
        &["rolewatch-aws", "rolewatch-embedded", "rolewatch-http"],
    ),
    ("actions", &["rolewatch-aws", "rolewatch-http"]),
    ("detect", &["rolewatch-aws"]),
    ("notify", &["rolewatch-aws", "rolewatch-http"]),
    ("reconcile", &["rolewatch-aws"]),
    ("relay", &["rolewatch-aws"]),
    ("report", &["rolewatch-aws", "rolewatch-http"]),
    ("rolewatch-bench", &["rolewatch-aws"]),
];

/// Crates without clock, environment, network or async runtime.
const PURE: &[&str] = &["github-oidc", "cloudtrail", "iam-trust"];
const DOMAIN: &[&str] = &["github-oidc", "cloudtrail", "iam-trust", "rolewatch"];

/// What the pure crates and the domain must not reach, not even through others.
const IMPURE: &[&str] = &[
    "async-std",
    "aws-config",
    "aws-lc-rs",
    "aws-smithy-runtime",
    "futures-executor",
    "hyper",
    "lambda_runtime",
    "mio",
    "reqwest",
    "rustls",
    "smol",
    "socket2",
    "tokio",
    "ureq",
];

/// Licences that the Apache License 2.0 goes along with.
const LICENCES: &[&str] = &[
    "0BSD",
    "Apache-2.0",
    "Apache-2.0 WITH LLVM-exception",
    "BSD-2-Clause",
    "BSD-3-Clause",
    "BSL-1.0",
    "CC0-1.0",
    "CDLA-Permissive-2.0",
    "ISC",
    "MIT",
    "MIT-0",
    "MPL-2.0",
    "OpenSSL",
    "Unicode-3.0",
    "Unlicense",
    "Zlib",
];

/// Implementations of TLS; one is enough to keep up to date, and one of cryptography below it.
/// Those of macOS and Windows are reached through native-tls; by themselves they only keep roots.
const TLS: &[&str] = &["boring", "native-tls", "openssl", "rustls", "s2n-tls"];

/// Implementations of cryptography that rustls can be built on.
const CRYPTOGRAPHY: &[&str] = &["aws-lc-rs", "ring", "rustls-rustcrypto"];

struct Metadata(Value);

impl Metadata {
    /// Of everything that is built for this machine.
    fn read() -> Self {
        let version = Command::new("rustc").arg("-vV").output().unwrap().stdout;
        let version = String::from_utf8(version).unwrap();
        let host = version
            .lines()
            .find_map(|line| line.strip_prefix("host: "))
            .unwrap();
        let output = Command::new(env!("CARGO"))
            .args(["metadata", "--format-version", "1", "--locked"])
            .args(["--filter-platform", host])
            .current_dir(root())
            .output()
            .unwrap();
        let stderr = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "{stderr}");
        Self(serde_json::from_slice(&output.stdout).unwrap())
    }

    fn packages(&self) -> impl Iterator<Item = &Value> {
        self.0["packages"].as_array().unwrap().iter()
    }

    fn ours(&self) -> impl Iterator<Item = &Value> {
        self.packages()
            .filter(|package| package["source"].is_null())
    }
}

/// The names of everything that a package of ours is built with on its own, tests aside: without the
/// features that a program switches on in it.
fn reach(name: &str) -> BTreeSet<String> {
    let output = Command::new(env!("CARGO"))
        .args(["tree", "--locked", "--prefix", "none", "--edges", "normal"])
        .args(["--format", "{p}", "--package", name])
        .current_dir(root())
        .output()
        .unwrap();
    let stderr = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{stderr}");
    let tree = String::from_utf8(output.stdout).unwrap();
    let names = tree.lines().filter_map(|line| line.split(' ').next());
    names.map(str::to_owned).collect()
}

fn text(value: &Value) -> &str {
    value.as_str().unwrap()
}

/// A package's direct dependencies, tests aside.
fn direct(package: &Value) -> impl Iterator<Item = &Value> {
    let dependencies = package["dependencies"].as_array().unwrap().iter();
    dependencies.filter(|dependency| dependency["kind"].is_null())
}

#[test]
fn dependencies_run_one_way() {
    let metadata = Metadata::read();
    let ours: BTreeSet<&str> = metadata.ours().map(|it| text(&it["name"])).collect();
    for package in metadata.ours() {
        let name = text(&package["name"]);
        let used = direct(package)
            .map(|dependency| text(&dependency["name"]))
            .filter(|dependency| ours.contains(dependency));
        if name == "rolewatch-tests" {
            continue;
        }
        let (_, allowed) = LAYERS
            .iter()
            .chain(PROGRAMS)
            .find(|(known, _)| *known == name)
            .unwrap_or_else(|| panic!("{name} is neither a layer nor a program"));
        for used in used {
            let domain = PROGRAMS.iter().any(|(known, _)| *known == name) && DOMAIN.contains(&used);
            assert!(
                domain || allowed.contains(&used),
                "{name} depends on {used}"
            );
            assert!(
                LAYERS.iter().any(|(layer, _)| *layer == used),
                "{name} depends on {used}, which is a program"
            );
        }
    }
}

#[test]
fn the_domain_has_no_clock_no_network_and_no_runtime() {
    let metadata = Metadata::read();
    let ours: Vec<&str> = metadata.ours().map(|it| text(&it["name"])).collect();
    for name in PURE.iter().chain(&["rolewatch"]) {
        if !ours.contains(name) {
            continue;
        }
        let reach = reach(name);
        for impure in IMPURE {
            assert!(!reach.contains(*impure), "{name} reaches {impure}");
        }
        let sdk = reach.iter().find(|it| it.starts_with("aws-"));
        assert_eq!(sdk, None, "{name} reaches an AWS SDK");
        let package = metadata.ours().find(|it| it["name"] == *name).unwrap();
        for dependency in direct(package).filter(|it| it["name"] == "chrono") {
            assert_eq!(dependency["uses_default_features"], false, "{name}");
            let features = dependency["features"].as_array().unwrap();
            assert!(!features.contains(&"clock".into()), "{name}");
            assert!(!features.contains(&"now".into()), "{name}");
        }
    }
}

#[test]
fn tokens_are_verified_in_one_place() {
    let metadata = Metadata::read();
    let verifying = metadata
        .ours()
        .filter(|package| direct(package).any(|it| it["name"] == "jsonwebtoken"));
    let names: Vec<&str> = verifying.map(|package| text(&package["name"])).collect();
    assert_eq!(names, ["github-oidc"]);
    for name in ["rolewatch-http", "rolewatch", "iam-trust"] {
        assert!(!reach(name).contains("jsonwebtoken"), "{name}");
    }
}

#[test]
fn licences_go_along_with_ours() {
    /// `A OR B` needs one of them, `A AND B` both; `/` is an old `OR`.
    fn allowed(licence: &str) -> bool {
        let licence = licence.replace(['(', ')'], "").replace('/', " OR ");
        licence
            .split(" AND ")
            .all(|part| part.split(" OR ").any(|one| LICENCES.contains(&one.trim())))
    }
    assert!(allowed("MIT/Apache-2.0") && allowed("(MIT OR GPL-3.0) AND Zlib"));
    assert!(!allowed("GPL-3.0") && !allowed("MIT AND GPL-3.0"));
    for package in Metadata::read().packages() {
        let licence = package["license"].as_str().unwrap_or("none");
        assert!(allowed(licence), "{}: {licence}", package["name"]);
    }
}

#[test]
fn dependencies_come_from_the_registry_alone() {
    for package in Metadata::read().packages() {
        if let Some(source) = package["source"].as_str() {
            assert!(
                source.starts_with("registry+"),
                "{}: {source}",
                package["name"]
            );
        }
    }
}

#[test]
fn there_is_one_tls_stack_and_one_version_of_it() {
    // The resolution that `cargo metadata` tells includes packages that only a weak feature names.
    let output = Command::new(env!("CARGO"))
        .args(["tree", "--locked", "--workspace", "--prefix", "none"])
        .args(["--edges", "normal,build", "--format", "{p}"])
        .current_dir(root())
        .output()
        .unwrap();
    assert!(output.status.success());
    let tree = String::from_utf8(output.stdout).unwrap();
    for kind in [TLS, CRYPTOGRAPHY] {
        let found: BTreeSet<&str> = tree
            .lines()
            .map(|line| line.trim_end_matches(" (*)"))
            .filter(|line| kind.contains(&line.split(' ').next().unwrap_or_default()))
            .collect();
        assert_eq!(found.len(), 1, "{found:?}");
    }
}
