//! The contract of a table, and what becomes of its file: in use, killed, foreign, damaged.

#![allow(clippy::unwrap_used, reason = "a panic is how a test fails")]

use std::collections::BTreeMap;
use std::fs;
use std::io::{BufRead, BufReader, Write as _};
use std::path::Path;
use std::process::{Command, Stdio};

use futures_util::FutureExt;
use rolewatch::store::table::{Change, Commit, Expect, Item, Key, Sorts, Table, Write};
use rolewatch::store::testing::contract;
use rolewatch_embedded::{EmbeddedTable, OpenError};
use tempfile::TempDir;

/// It never waits, so one look at a future is enough.
fn now<T>(future: impl Future<Output = T>) -> T {
    future.now_or_never().unwrap()
}

fn put(table: &EmbeddedTable, sort: &str, expires: Option<i64>, time: i64) {
    let write = Write {
        key: Key::new("p", sort),
        expect: Expect::Anything,
        change: Change::Put {
            value: sort.repeat(3),
            counters: BTreeMap::new(),
            expires,
        },
    };
    assert_eq!(now(table.commit(&[write], time)).unwrap(), Commit::Done);
}

fn get(table: &EmbeddedTable, sort: &str) -> Option<Item> {
    now(table.read(&[Key::new("p", sort)], 0))
        .unwrap()
        .remove(0)
}

/// The error's text, which must name the file and nothing of the library's.
fn refusal(path: &Path) -> String {
    let error = EmbeddedTable::open(path).unwrap_err().to_string();
    let rest = error.strip_prefix(path.to_str().unwrap());
    rest.unwrap().strip_prefix(": ").unwrap().to_owned()
}

#[test]
fn a_file_keeps_the_contract() {
    let folder = TempDir::new().unwrap();
    let path = folder.path().join("state");
    now(contract(&EmbeddedTable::open(&path).unwrap(), "first"));
    // And with what is in it already.
    now(contract(&EmbeddedTable::open(&path).unwrap(), "second"));
}

#[test]
fn a_draft_keeps_it_too_and_is_in_the_file_once_it_is_kept() {
    let folder = TempDir::new().unwrap();
    let path = folder.path().join("state");
    let write = |sort: &str| Write {
        key: Key::new("p", sort),
        expect: Expect::Absent,
        change: Change::Put {
            value: "v".into(),
            counters: BTreeMap::new(),
            expires: None,
        },
    };
    let draft = EmbeddedTable::open(&path).unwrap().draft().unwrap();
    now(contract(&draft, "first"));
    assert_eq!(now(draft.commit(&[write("x")], 0)).unwrap(), Commit::Done);
    assert_eq!(
        now(draft.commit(&[write("x")], 0)).unwrap(),
        Commit::Conflict
    );
    drop(draft);
    assert_eq!(get(&EmbeddedTable::open(&path).unwrap(), "x"), None);

    let draft = EmbeddedTable::open(&path).unwrap().draft().unwrap();
    now(contract(&draft, "first"));
    assert_eq!(now(draft.commit(&[write("x")], 0)).unwrap(), Commit::Done);
    draft.keep().unwrap();
    let table = EmbeddedTable::open(&path).unwrap();
    assert!(get(&table, "x").is_some());
    now(contract(&table, "second"));
}

#[test]
fn items_outlive_the_process() {
    let folder = TempDir::new().unwrap();
    let path = folder.path().join("state");
    put(&EmbeddedTable::open(&path).unwrap(), "x", Some(100), 0);
    let item = get(&EmbeddedTable::open(&path).unwrap(), "x").unwrap();
    assert_eq!(
        (item.value.as_str(), item.version, item.expires),
        ("xxx", 1, Some(100))
    );
    // An empty file is a new one.
    let empty = folder.path().join("empty");
    fs::File::create(&empty).unwrap();
    assert_eq!(get(&EmbeddedTable::open(&empty).unwrap(), "x"), None);
}

/// Not a test: what `a_killed_process_leaves_all_that_it_committed` runs and kills.
#[test]
#[ignore = "runs until it is killed"]
fn child() {
    let Some(path) = std::env::var_os("ROLEWATCH_TEST_FILE") else {
        return;
    };
    let table = EmbeddedTable::open(path).unwrap();
    for i in 0.. {
        put(&table, &i.to_string(), None, 0);
        writeln!(std::io::stderr(), "committed {i}").unwrap();
    }
}

#[test]
fn a_killed_process_leaves_all_that_it_committed() {
    let folder = TempDir::new().unwrap();
    let path = folder.path().join("state");
    let mut committed = 0;
    for _ in 0..3 {
        let mut child = Command::new(std::env::current_exe().unwrap())
            .args(["--exact", "child", "--ignored", "--nocapture"])
            .env("ROLEWATCH_TEST_FILE", &path)
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let mut lines = BufReader::new(child.stderr.take().unwrap()).lines();
        let numbers = lines.by_ref().map_while(Result::ok);
        committed = numbers
            .filter_map(|line| line.strip_prefix("committed ")?.parse::<u32>().ok())
            .nth(20)
            .unwrap();
        let error = refusal(&path);
        assert_eq!(
            error,
            "in use by another process: wait until it has ended, or name another file"
        );
        child.kill().unwrap();
        child.wait().unwrap();
        let table = EmbeddedTable::open(&path).unwrap();
        for i in 0..=committed {
            assert!(get(&table, &i.to_string()).is_some(), "{i} is lost");
        }
    }
    assert!(committed >= 20);
}

#[test]
fn what_is_no_state_is_refused_and_left_alone() {
    let folder = TempDir::new().unwrap();
    let path = folder.path().join("state");
    for text in ["x", "version = 1\n", &"{\"Records\":[]}\n".repeat(10_000)] {
        fs::write(&path, text).unwrap();
        assert!(
            refusal(&path).starts_with("not a state of rolewatch"),
            "{}",
            refusal(&path)
        );
        assert_eq!(fs::read_to_string(&path).unwrap(), text);
    }
    fs::remove_file(&path).unwrap();

    // The file of another program that uses the same library.
    let other = redb::Database::create(&path).unwrap();
    let transaction = other.begin_write().unwrap();
    let table = redb::TableDefinition::<&str, &str>::new("items");
    transaction.open_table(table).unwrap();
    transaction.commit().unwrap();
    drop(other);
    assert!(refusal(&path).starts_with("not a state of rolewatch"));

    assert!(matches!(
        EmbeddedTable::open(folder.path()),
        Err(OpenError::Io { .. })
    ));
    let nowhere = folder.path().join("no/such/folder");
    assert!(refusal(&nowhere).contains("No such file"));
}

#[test]
fn another_format_is_refused() {
    let folder = TempDir::new().unwrap();
    let path = folder.path().join("state");
    drop(EmbeddedTable::open(&path).unwrap());
    let database = redb::Database::create(&path).unwrap();
    let transaction = database.begin_write().unwrap();
    let about = redb::TableDefinition::<&str, u64>::new("rolewatch");
    transaction
        .open_table(about)
        .unwrap()
        .insert("format", 2)
        .unwrap();
    transaction.commit().unwrap();
    drop(database);
    assert!(refusal(&path).starts_with("a state in format 2, and this rolewatch reads 1: "));
}

#[test]
fn damage_is_named_and_never_a_panic() {
    let folder = TempDir::new().unwrap();
    let path = folder.path().join("state");
    let table = EmbeddedTable::open(&path).unwrap();
    for i in 0..200 {
        put(&table, &i.to_string(), None, 0);
    }
    drop(table);
    let whole = fs::read(&path).unwrap();
    let damaged = |bytes: &[u8]| {
        fs::write(&path, bytes).unwrap();
        match EmbeddedTable::open(&path) {
            Ok(table) => {
                // Only what nothing refers to was hit.
                let items = now(table.list("p", Sorts::All, 1_000, 0)).unwrap();
                assert_eq!(items.len(), 200);
                false
            }
            Err(OpenError::Damaged { .. } | OpenError::Foreign(_)) => true,
            Err(error) => panic!("{error}"),
        }
    };
    assert!(!damaged(&whole));
    let mut found = 0;
    for place in (0..whole.len()).step_by(1_531) {
        let mut bytes = whole.clone();
        bytes[place] ^= 0x55;
        found += usize::from(damaged(&bytes));
    }
    assert!(found > 0);
    assert!(damaged(&whole[..whole.len() / 2]));
    assert!(damaged(&whole[..100]));
}

#[test]
fn expired_items_are_deleted_in_the_end() {
    let folder = TempDir::new().unwrap();
    let path = folder.path().join("state");
    let table = EmbeddedTable::open(&path).unwrap();
    let fill = |from: i64| {
        for hundred in 0..101 {
            let writes: Vec<Write> = (0..100)
                .map(|i| Write {
                    key: Key::new("p", format!("{from} {hundred} {i}")),
                    expect: Expect::Absent,
                    change: Change::Put {
                        value: "x".repeat(200),
                        counters: BTreeMap::new(),
                        expires: Some(from + 10),
                    },
                })
                .collect();
            assert_eq!(now(table.commit(&writes, from)).unwrap(), Commit::Done);
        }
    };
    for round in 0..6 {
        fill(round * 10);
    }
    let bytes = fs::metadata(&path).unwrap().len();
    // Three rounds at most are there at a time; a redb file is half empty at worst.
    assert!(bytes < 3 * 10_100 * 300 * 2, "{bytes}");
}
