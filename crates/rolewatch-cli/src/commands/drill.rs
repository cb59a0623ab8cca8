//! `rolewatch drill`: an assumption that nobody made, to see that a finding arrives.

use std::io::Write;
use std::time::{Duration, Instant};

use anyhow::ensure;
use chrono::Utc;
use rolewatch::finding::stable_id;
use rolewatch::rendering::json::write_line;
use rolewatch::store::{DrillAlert, Ledger, Windows};
use rolewatch::upkeep::Drill;
use rolewatch_aws::dynamodb::DynamoTable;
use serde::Serialize;

use crate::args::{DrillArgs, Format, hint_of_subject};
use crate::commands::doctor::region;
use crate::lines::Lines;
use crate::output::{Exit, colour, complain, note, stdout};

/// A name is cut to so many characters.
const LONGEST_NAME: usize = 30;
/// Between two looks at the table.
const LOOK_AGAIN: Duration = Duration::from_secs(1);

/// A line of JSON.
#[derive(Serialize)]
struct Line<'a> {
    r#type: &'static str,
    schema: &'static str,
    #[serde(flatten)]
    drill: &'a Drill,
    /// None where nobody looked.
    delivered: Option<bool>,
    findings: Vec<Finding<'a>>,
}

#[derive(Serialize)]
struct Finding<'a> {
    id: &'a str,
    check: &'a str,
}

pub(crate) fn run(args: &DrillArgs, quiet: bool) -> anyhow::Result<Exit> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?;
    runtime.block_on(send(args, quiet))
}

async fn send(args: &DrillArgs, quiet: bool) -> anyhow::Result<Exit> {
    let drill = drill(args);
    ensure!(
        drill.fits(),
        "the subject, role, issuer, audience or address is longer than any that exists"
    );
    if let Some(hint) = hint_of_subject(&args.sub).filter(|_| !quiet) {
        note(&hint);
    }
    let config = rolewatch_aws::config().await;
    region(&config)?;
    rolewatch_aws::drill::send(&config, &args.bus, &drill).await?;
    let Some((longest, table)) = args.wait.zip(args.table.as_ref()) else {
        show(args, &drill, None, &[])?;
        return Ok(Exit::Clean);
    };
    if !quiet {
        note(&format!("drill {} is on its way", drill.id));
    }
    let ledger = Ledger::new(DynamoTable::new(&config, table), Windows::default());
    let until = Instant::now() + longest;
    let mut alerts = None;
    while Instant::now() < until {
        alerts = ledger.drill(&drill.id, Utc::now()).await?;
        if is_delivered(alerts.as_deref()) {
            break;
        }
        tokio::time::sleep(LOOK_AGAIN).await;
    }
    let delivered = is_delivered(alerts.as_deref());
    let shown = alerts.as_deref().unwrap_or_default();
    show(args, &drill, Some(delivered), shown)?;
    Ok(if delivered {
        Exit::Clean
    } else {
        complain(match alerts {
            None => "the drill did not arrive; rolewatch doctor says what is not well",
            Some(_) => "the drill arrived, but its delivery to the topic is not recorded",
        });
        Exit::CouldNotRun
    })
}

fn is_delivered(alerts: Option<&[DrillAlert]>) -> bool {
    alerts.is_some_and(|alerts| alerts.iter().all(|it| it.is_delivered))
}

fn drill(args: &DrillArgs) -> Drill {
    let sent = Utc::now();
    let by = args.by.name().unwrap_or_else(|| "somebody".to_owned());
    let unique = [
        &*sent.to_rfc3339(),
        &std::process::id().to_string(),
        &args.role,
        &args.sub,
    ];
    Drill {
        id: stable_id(&unique),
        sent,
        role: args.role.clone(),
        subject: args.sub.clone(),
        issuer: args.issuer.clone(),
        audience: args.audience.clone(),
        session_seconds: args.session,
        source_ip: args.source_ip.clone(),
        by: by.chars().take(LONGEST_NAME).collect(),
    }
}

/// What was sent, and what became of it; whether it was delivered is not known where nobody looked.
fn show(
    args: &DrillArgs,
    drill: &Drill,
    delivered: Option<bool>,
    alerts: &[DrillAlert],
) -> anyhow::Result<()> {
    let mut out = stdout();
    if args.format == Format::Json {
        let findings = alerts.iter().map(|it| Finding {
            id: &it.id,
            check: &it.check,
        });
        let line = Line {
            r#type: "drill",
            schema: "rolewatch.drill/1",
            drill,
            delivered,
            findings: findings.collect(),
        };
        write_line(&mut out, &line)?;
        writeln!(out)?;
    } else {
        out.write_all(text(drill, alerts, delivered.is_some()).as_str().as_bytes())?;
    }
    out.flush()?;
    Ok(())
}

fn text(drill: &Drill, alerts: &[DrillAlert], looked: bool) -> Lines {
    let mut text = Lines::new(colour());
    text.line(&format!("drill {} sent", drill.id));
    text.field("role", &drill.role);
    text.field("subject", &drill.subject);
    for alert in alerts {
        let state = if alert.is_delivered {
            "delivered to the topic"
        } else {
            "waits"
        };
        text.field(
            "told as",
            &format!("{}, finding {}: {state}", alert.check, alert.id),
        );
    }
    if !looked {
        text.prose(
            2,
            "Whether it arrives shows in Slack within seconds, marked [DRILL]; detect logs \"took in a drill\" with \
             this name. --wait 2m --table TABLE looks for you.",
        );
    }
    text
}
