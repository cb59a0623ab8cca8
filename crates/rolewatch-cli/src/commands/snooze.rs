//! `rolewatch snooze`: keeps findings like one that was told quiet for a while.

use std::io::Write;

use anyhow::{Context, anyhow, bail, ensure};
use chrono::{DateTime, Utc};
use rolewatch::rendering::json::write_line;
use rolewatch::rendering::terminal::{WIDEST_LINE, escape, fold};
use rolewatch::store::table::Table;
use rolewatch::store::{Ledger, Snooze, SnoozeRequest, Windows};
use rolewatch_embedded::EmbeddedTable;
use serde::Serialize;

use crate::args::{Format, Place, SnoozeArgs, SnoozeCommand, SnoozeEndArgs, SnoozeListArgs};
use crate::output::{Exit, stdout};

/// What is asked for.
enum Ask<'a> {
    New(&'a SnoozeArgs),
    List(&'a SnoozeListArgs),
    End(&'a SnoozeEndArgs),
}

/// A line of JSON.
#[derive(Serialize)]
struct Line<'a> {
    r#type: &'static str,
    schema: &'static str,
    on: bool,
    #[serde(flatten)]
    snooze: &'a Snooze,
}

pub(crate) fn run(args: &SnoozeArgs) -> anyhow::Result<Exit> {
    let ask = match &args.command {
        Some(SnoozeCommand::List(args)) => Ask::List(args),
        Some(SnoozeCommand::End(args)) => Ask::End(args),
        None => Ask::New(args),
    };
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?;
    runtime.block_on(in_its_place(&ask))
}

async fn in_its_place(ask: &Ask<'_>) -> anyhow::Result<Exit> {
    let place = ask.place();
    if let Some(path) = &place.state {
        // Opening a file makes it, and an empty one knows of no finding.
        ensure!(path.exists(), "{}: there is no such file", path.display());
        return carry_out(ask, EmbeddedTable::open(path)?).await;
    }
    #[cfg(feature = "aws")]
    {
        let set = || std::env::var("ROLEWATCH_TABLE").ok();
        let name = place.table.clone().or_else(set);
        if let Some(name) = name.filter(|name| !name.is_empty()) {
            let config = rolewatch_aws::config().await;
            let table = rolewatch_aws::dynamodb::DynamoTable::new(&config, name);
            return carry_out(ask, table).await;
        }
    }
    bail!("no memory is named: --table NAME (or ROLEWATCH_TABLE), or --state FILE")
}

async fn carry_out(ask: &Ask<'_>, table: impl Table) -> anyhow::Result<Exit> {
    let ledger = Ledger::new(table, Windows::default());
    let now = Utc::now();
    match ask {
        Ask::New(args) => begin(args, &ledger, now).await,
        Ask::List(args) => list(args, &ledger, now).await,
        Ask::End(args) => end(args, &ledger, now).await,
    }
}

async fn begin<T: Table>(
    args: &SnoozeArgs,
    ledger: &Ledger<T>,
    now: DateTime<Utc>,
) -> anyhow::Result<Exit> {
    let (Some(id), Some(reason), Some(lasts)) = (&args.id, &args.reason, args.lasts) else {
        bail!("a snooze needs FINDING_ID, --for and --reason");
    };
    let by = args.by.name().context(NOBODY)?;
    let request = SnoozeRequest {
        finding: id,
        by: &by,
        reason,
        lasts,
    };
    let snooze = ledger.snooze(request, now).await?;
    let snooze = snooze.with_context(|| format!("finding {id} is not snoozed"))?;
    show(&snooze, now)
}

async fn list<T: Table>(
    args: &SnoozeListArgs,
    ledger: &Ledger<T>,
    now: DateTime<Utc>,
) -> anyhow::Result<Exit> {
    let snoozes = ledger.snoozes(now).await?;
    let mut out = stdout();
    for snooze in snoozes.iter().filter(|it| args.all || it.is_on(now)) {
        match args.format {
            Format::Text => out.write_all(text(snooze, now).as_bytes())?,
            Format::Json => {
                let line = Line {
                    r#type: "snooze",
                    schema: "rolewatch.snooze/1",
                    on: snooze.is_on(now),
                    snooze,
                };
                write_line(&mut out, &line)?;
                writeln!(out)?;
            }
        }
    }
    if args.format == Format::Text && !snoozes.iter().any(|it| it.is_on(now)) {
        writeln!(out, "no snooze is on")?;
    }
    out.flush()?;
    Ok(Exit::Clean)
}

async fn end<T: Table>(
    args: &SnoozeEndArgs,
    ledger: &Ledger<T>,
    now: DateTime<Utc>,
) -> anyhow::Result<Exit> {
    let by = args.by.name().context(NOBODY)?;
    let mut ended = ledger.end_snooze(&args.id, &by, now).await?;
    if ended.is_none() {
        // The id of the finding that was snoozed is the one that an alert says.
        let on = ledger.snoozes(now).await?;
        let meant = on.iter().find(|it| it.finding == args.id && it.is_on(now));
        if let Some(snooze) = meant {
            ended = ledger.end_snooze(&snooze.id, &by, now).await?;
        }
    }
    let mut snooze = ended.ok_or_else(|| {
        anyhow!("no snooze {}, nor one of a finding with this id, is on; rolewatch snooze list says which are", args.id)
    })?;
    snooze.until = now;
    snooze.ended_by = Some(by);
    show(&snooze, now)
}

const NOBODY: &str = "nobody is named: --by NAME says who asks";

fn show(snooze: &Snooze, now: DateTime<Utc>) -> anyhow::Result<Exit> {
    let mut out = stdout();
    out.write_all(text(snooze, now).as_bytes())?;
    out.flush()?;
    Ok(Exit::Clean)
}

/// A head and labelled lines, as findings have them.
fn text(snooze: &Snooze, now: DateTime<Utc>) -> String {
    let time = |time: DateTime<Utc>| time.format("%Y-%m-%d %H:%M:%S UTC").to_string();
    let state = match &snooze.ended_by {
        Some(by) => format!("ended {} by {by}", time(snooze.until)),
        None if snooze.is_on(now) => format!("until {}", time(snooze.until)),
        None => format!("over since {}", time(snooze.until)),
    };
    let covers = &snooze.covers;
    let unknown = || "-".to_owned();
    let lines = [
        ("", format!("{}  {}", snooze.id, state)),
        (
            "check",
            format!("{} ({})", covers.check, covers.severity.as_str()),
        ),
        ("from", covers.repository.clone().unwrap_or_else(unknown)),
        ("role", covers.role_arn.clone().unwrap_or_else(unknown)),
        ("account", covers.account.clone().unwrap_or_else(unknown)),
        ("reason", snooze.reason.clone()),
        ("by", format!("{}, {}", snooze.by, time(snooze.since))),
        ("finding", snooze.finding.clone()),
        ("kept quiet", snooze.findings.to_string()),
    ];
    let mut text = String::new();
    for (label, value) in lines {
        let line = match label {
            "" => escape(&value).to_string(),
            label => format!("  {label:<10}  {}", escape(&value)),
        };
        text += &fold(&line, WIDEST_LINE - 4).join("\n    ");
        text.push('\n');
    }
    text.push('\n');
    text
}

impl Ask<'_> {
    fn place(&self) -> &Place {
        match self {
            Self::New(args) => &args.place,
            Self::List(args) => &args.place,
            Self::End(args) => &args.place,
        }
    }
}
