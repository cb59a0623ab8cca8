//! The generated documentation says what the program says. `make docs` writes it anew.

#![allow(clippy::unwrap_used, reason = "a panic is how a test fails")]

use std::collections::BTreeMap;
use std::fmt::Write;
use std::path::Path;

use rolewatch_tests::{files, read, rolewatch, root};

const INDEX: &str = "docs/checks/README.md";

/// Every generated file: its path and what it has to hold.
fn wanted() -> BTreeMap<String, String> {
    let list = rolewatch("checks").run().success();
    let mut index = String::from(
        "# Checks\n\nWhat rolewatch asks of every assumption, (`trust-…`) of every trust policy, and \
         (`workflow-…`) of every workflow, each the worst first. `rolewatch checks` prints this list, `rolewatch checks ID` a page.\n\n\
         | check | severity | fires when |\n|---|---|---|\n",
    );
    let mut wanted = BTreeMap::new();
    for line in list.lines() {
        let (severity, rest) = line.split_once(' ').unwrap();
        let (id, title) = rest.trim().split_once(' ').unwrap();
        writeln!(
            index,
            "| [`{id}`]({id}.md) | {severity} | {} |",
            title.trim()
        )
        .unwrap();
        let page = rolewatch(&format!("checks {id}")).run().success();
        wanted.insert(format!("docs/checks/{id}.md"), page);
    }
    wanted.insert(INDEX.into(), index);
    let schema = rolewatch("allowlist schema").run().success();
    wanted.insert("docs/allowlist.schema.json".into(), schema);
    let schema = rolewatch("report --schema").run().success();
    wanted.insert("docs/report.schema.json".into(), schema);
    wanted
}

#[test]
fn the_generated_documentation_is_the_committed_one() {
    let wanted = wanted();
    if std::env::var_os("ROLEWATCH_WRITE_DOCS").is_some() {
        let folder = root().join("docs/checks");
        if folder.exists() {
            std::fs::remove_dir_all(&folder).unwrap();
        }
        std::fs::create_dir_all(&folder).unwrap();
        for (path, text) in &wanted {
            std::fs::write(root().join(path), text).unwrap();
        }
    }
    for (path, text) in &wanted {
        assert!(
            Path::new(&root().join(path)).exists(),
            "{path} is missing: make docs"
        );
        assert!(
            read(path) == *text,
            "{path} is not what the program says: make docs"
        );
    }
    for path in files("docs/checks") {
        assert!(
            wanted.contains_key(&path),
            "{path} is of no check: make docs"
        );
    }
}
