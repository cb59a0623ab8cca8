//! The contract of a table on `DynamoDB`, real or emulated: `tests/emulator/run test_table`.
//!
//! Ignored elsewhere, for want of a table. `ROLEWATCH_TEST_TABLE` names one with the string keys
//! `pk` and `sk`, `ROLEWATCH_TEST_ENDPOINT` where it is (plain HTTP; not the SDK's own variable,
//! which would win over a way around it); the rest of the environment is the SDK's.

#![allow(clippy::unwrap_used, reason = "a panic is how a test fails")]

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{SystemTime, UNIX_EPOCH};

use aws_config::SdkConfig;
use rolewatch::store::table::{Change, Commit, Expect, Item, Key, Sorts, Table, Write};
use rolewatch::store::testing::contract;
use rolewatch_aws::dynamodb::DynamoTable;
use tokio::io::{AsyncReadExt, AsyncWriteExt, copy};
use tokio::net::{TcpListener, TcpStream};

const NOW: i64 = 4_102_444_800;

async fn config() -> SdkConfig {
    let endpoint = std::env::var("ROLEWATCH_TEST_ENDPOINT").unwrap();
    let config = rolewatch_aws::config().await.into_builder();
    config.endpoint_url(endpoint).build()
}

fn name() -> String {
    std::env::var("ROLEWATCH_TEST_TABLE").unwrap()
}

/// A name that no run used before, so that one table does for all.
fn run(name: &str) -> String {
    let time = SystemTime::now().duration_since(UNIX_EPOCH).unwrap();
    format!("{name}/{}", time.as_nanos())
}

fn put(key: &Key, expect: Expect, value: &str) -> Write {
    Write {
        key: key.clone(),
        expect,
        change: Change::Put {
            value: value.into(),
            counters: BTreeMap::new(),
            expires: None,
        },
    }
}

fn add(key: &Key, expect: Expect) -> Write {
    Write {
        key: key.clone(),
        expect,
        change: Change::Add(BTreeMap::from([("n".to_owned(), 1)])),
    }
}

async fn get(table: &DynamoTable, key: &Key) -> Option<Item> {
    table
        .read(std::slice::from_ref(key), NOW)
        .await
        .unwrap()
        .remove(0)
}

/// A way to the endpoint on which as many answers are lost as is said, after they were given.
async fn lossy() -> (DynamoTable, Arc<AtomicUsize>) {
    let config = config().await;
    let endpoint = config.endpoint_url().unwrap();
    let endpoint = endpoint.strip_prefix("http://").unwrap().to_owned();
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let losses = Arc::new(AtomicUsize::new(0));
    let to_lose = Arc::clone(&losses);
    tokio::spawn(async move {
        loop {
            let (client, _) = listener.accept().await.unwrap();
            let server = TcpStream::connect(&endpoint).await.unwrap();
            tokio::spawn(forward(client, server, Arc::clone(&to_lose)));
        }
    });
    let config = config.into_builder().endpoint_url(url).build();
    (DynamoTable::new(&config, name()), losses)
}

async fn forward(client: TcpStream, server: TcpStream, to_lose: Arc<AtomicUsize>) {
    let (mut from_client, mut to_client) = client.into_split();
    let (mut from_server, mut to_server) = server.into_split();
    let requests = async {
        let _ = copy(&mut from_client, &mut to_server).await;
    };
    let answers = async {
        let mut buffer = vec![0; 65_536];
        while let Ok(length @ 1..) = from_server.read(&mut buffer).await {
            let fewer = |left: usize| left.checked_sub(1);
            if to_lose
                .fetch_update(Ordering::SeqCst, Ordering::SeqCst, fewer)
                .is_ok()
            {
                return;
            }
            if to_client.write_all(&buffer[..length]).await.is_err() {
                return;
            }
        }
    };
    // Whichever ends first ends the connection.
    tokio::select! { () = requests => (), () = answers => () }
}

#[tokio::test]
#[ignore = "needs a table: tests/emulator/run test_table"]
async fn it_keeps_the_contract() {
    let table = DynamoTable::new(&config().await, name());
    contract(&table, &run("contract")).await;
}

#[tokio::test]
#[ignore = "needs a table: tests/emulator/run test_table"]
async fn a_lost_answer_is_neither_a_conflict_nor_counted_twice() {
    let (table, losses) = lossy().await;
    let partition = run("lost");
    let key = |sort: &str| Key::new(&partition, sort);
    let commit = async |writes: &[Write]| {
        losses.store(2, Ordering::SeqCst);
        let commit = table.commit(writes, NOW).await.unwrap();
        assert_eq!(losses.load(Ordering::SeqCst), 0, "nothing was lost");
        commit
    };
    // One put, which has no token; and transactions, which have.
    let x = key("x");
    assert_eq!(commit(&[put(&x, Expect::Absent, "1")]).await, Commit::Done);
    assert_eq!(
        commit(&[put(&x, Expect::Version(1), "2")]).await,
        Commit::Done
    );
    assert_eq!(commit(&[add(&x, Expect::Present)]).await, Commit::Done);
    assert_eq!(commit(&[add(&x, Expect::Anything)]).await, Commit::Done);
    let both = [
        add(&x, Expect::Version(2)),
        put(&key("y"), Expect::Absent, ""),
    ];
    assert_eq!(commit(&both).await, Commit::Done);
    let item = get(&table, &x).await.unwrap();
    assert_eq!((item.version, item.counters["n"]), (2, 3));
    let delete = Write {
        key: x.clone(),
        expect: Expect::Version(2),
        change: Change::Delete,
    };
    assert_eq!(commit(std::slice::from_ref(&delete)).await, Commit::Done);
    assert_eq!(get(&table, &x).await, None);
    // What really is one stays one.
    losses.store(0, Ordering::SeqCst);
    assert_eq!(
        table.commit(&[delete], NOW).await.unwrap(),
        Commit::Conflict
    );
    let again = put(&key("y"), Expect::Absent, "");
    assert_eq!(table.commit(&[again], NOW).await.unwrap(), Commit::Conflict);
}

#[tokio::test]
#[ignore = "needs a table: tests/emulator/run test_table"]
async fn an_error_names_the_table_and_the_reason_and_no_value() {
    let config = config().await;
    let nowhere = DynamoTable::new(&config, "no-such-table");
    let secret = Key::new("SECRET-P", "SECRET-S");
    let write = put(&secret, Expect::Absent, "SECRET-V");
    let other = put(&Key::new("SECRET-P", "2"), Expect::Absent, "SECRET-V");
    let real = DynamoTable::new(&config, name());
    let too_big = put(&secret, Expect::Absent, &"SECRET-V".repeat(60_000));
    let errors = [
        nowhere.read(std::slice::from_ref(&secret), NOW).await.err(),
        nowhere.list("SECRET-P", Sorts::All, 1, NOW).await.err(),
        nowhere
            .commit(std::slice::from_ref(&write), NOW)
            .await
            .err(),
        nowhere
            .commit(&[write.clone(), other.clone()], NOW)
            .await
            .err(),
        real.commit(std::slice::from_ref(&too_big), NOW).await.err(),
        real.commit(&[too_big, other], NOW).await.err(),
    ];
    for (i, error) in errors.into_iter().enumerate() {
        let error = error.unwrap().to_string();
        let (table, reason) = match i {
            0..4 => ("no-such-table".to_owned(), "ResourceNotFoundException"),
            _ => (name(), "Validation"),
        };
        assert!(
            error.starts_with(&format!("DynamoDB table {table}: ")),
            "{error}"
        );
        assert!(error.contains(reason), "{error}");
        assert!(!error.contains("SECRET"), "{error}");
    }
}
