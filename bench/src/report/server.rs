//! Stands in for `DynamoDB`: answers Query with a row for every pair on every day, a page of one
//! megabyte at a time, as the real one does. It holds none of them.

use std::io::{BufRead, BufReader, Write};
use std::net::{TcpListener, TcpStream};

use anyhow::{Context, ensure};
use serde_json::{Value, json};

use super::{ASSUMPTIONS, DAYS, PAIRS, role, rule, subject};

/// What `DynamoDB` puts on a page at most.
const PAGE: usize = 1 << 20;
/// Calls of a pair on a day.
pub(crate) const CALLS: u64 = ASSUMPTIONS / PAIRS / DAYS + 1;

/// Listens on a port of its own, prints its address, and serves until it is ended.
pub(crate) fn serve() -> anyhow::Result<()> {
    let listener = TcpListener::bind("127.0.0.1:0")?;
    println!("http://{}", listener.local_addr()?);
    std::io::stdout().flush()?;
    for connection in listener.incoming() {
        let connection = connection?;
        std::thread::spawn(move || answer_all(connection));
    }
    Ok(())
}

fn answer_all(connection: TcpStream) -> anyhow::Result<()> {
    let mut reader = BufReader::new(connection.try_clone()?);
    let mut connection = connection;
    while let Some(request) = request(&mut reader)? {
        let body = page(&request)?.to_string();
        write!(
            connection,
            "HTTP/1.1 200 OK\r\ncontent-type: application/x-amz-json-1.0\r\ncontent-length: {}\r\n\r\n{body}",
            body.len()
        )?;
    }
    Ok(())
}

/// The body of a request; none at the connection's end.
fn request(reader: &mut impl BufRead) -> anyhow::Result<Option<Value>> {
    let mut length = 0;
    loop {
        let mut line = String::new();
        if reader.read_line(&mut line)? == 0 {
            return Ok(None);
        }
        let line = line.trim_end().to_ascii_lowercase();
        if let Some(value) = line.strip_prefix("content-length:") {
            length = value.trim().parse()?;
        }
        if line.is_empty() {
            break;
        }
    }
    let mut body = vec![0; length];
    reader.read_exact(&mut body)?;
    Ok(Some(serde_json::from_slice(&body)?))
}

/// The rows after the one that was asked for, as many as fit.
fn page(query: &Value) -> anyhow::Result<Value> {
    let values = &query["ExpressionAttributeValues"];
    let partition = values[":pk"]["S"].as_str().context("no partition")?;
    ensure!(partition.starts_with("day#"), "{partition} is no day's");
    let after = query["ExclusiveStartKey"]["sk"]["S"]
        .as_str()
        .or_else(|| values[":sort"]["S"].as_str());
    let first = match after {
        Some(after) => after.parse::<u64>()? + 1,
        None => 0,
    };
    let limit = query["Limit"].as_u64().unwrap_or(u64::MAX);
    let end = PAIRS.min(first.saturating_add(limit));
    let (mut items, mut bytes, mut next) = (Vec::new(), 0, first);
    while next < end && bytes < PAGE {
        let item = row(partition, next);
        bytes += size(&item);
        items.push(item);
        next += 1;
    }
    let mut answer = json!({"Count": items.len(), "ScannedCount": items.len(), "Items": items});
    if next > first && next < PAIRS {
        answer["LastEvaluatedKey"] = json!({"pk": {"S": partition}, "sk": {"S": sort(next - 1)}});
    }
    Ok(answer)
}

fn sort(pair: u64) -> String {
    format!("{pair:06}")
}

/// An item's size as `DynamoDB` counts it, or a little less: its names and values.
fn size(item: &Value) -> usize {
    let attributes = item.as_object().into_iter().flatten();
    attributes
        .map(|(name, value)| {
            let text = value.as_object().and_then(|it| it.values().next());
            name.len() + text.and_then(Value::as_str).map_or(0, str::len)
        })
        .sum()
}

/// A pair that is busy around the clock: as many counters as a row has in practice.
fn row(partition: &str, pair: u64) -> Value {
    let about = json!({
        "issuer": "https://token.actions.githubusercontent.com",
        "role_arn": role(pair),
        "subject": subject(pair),
        "rule": rule(pair),
    });
    let mut item = json!({
        "pk": {"S": partition}, "sk": {"S": sort(pair)}, "v": {"S": about.to_string()}, "n": {"N": "1"},
        "x": {"N": "1900000000"},
    });
    let hourly = CALLS / 24;
    let mut count =
        |name: String, count: u64| item[format!("c_{name}")] = json!({"N": count.to_string()});
    for hour in 1..24 {
        count(format!("h:{hour:02}"), hourly);
    }
    count("h:00".into(), CALLS - 23 * hourly);
    for name in [
        "n:expected",
        "r:eu-central-1",
        "net:runners",
        "s:900",
        "unnamed",
    ] {
        count(name.into(), CALLS);
    }
    count("run".into(), CALLS / 2);
    count("l:20".into(), CALLS - CALLS / 10);
    count("l:60".into(), CALLS / 10);
    item
}
