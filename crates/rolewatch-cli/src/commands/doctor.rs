//! `rolewatch doctor`: whether the service in an account is well, and the cure of what is not.

mod json;
mod text;

use std::io::Write;

use anyhow::{Context, anyhow};
use aws::{Caller, caller, look, stack};
use rolewatch::doctor::{Facts, NotLooked, Probe, Stack, Status, examine};
use rolewatch_aws::doctor as aws;
use rolewatch_http::slack::Webhook;
use serde_json::json;

use crate::args::{DoctorArgs, Format};
use crate::output::{Exit, colour, stdout};

pub(crate) fn run(args: &DoctorArgs) -> anyhow::Result<Exit> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?;
    let facts = runtime.block_on(facts(args))?;
    let probes = examine(&facts);
    let mut out = stdout();
    match args.format {
        Format::Text => out.write_all(text::text(&probes, colour()).as_bytes())?,
        Format::Json => json::write(&mut out, &probes)?,
    }
    out.flush()?;
    Ok(exit(&probes))
}

/// What could not be looked at may be what is broken: nobody should take that for well.
fn exit(probes: &[Probe]) -> Exit {
    let any = |status| probes.iter().any(|it| it.status == status);
    if any(Status::Skipped) {
        Exit::CouldNotRun
    } else if any(Status::Fail) {
        Exit::Findings
    } else {
        Exit::Clean
    }
}

async fn facts(args: &DoctorArgs) -> anyhow::Result<Facts> {
    let config = rolewatch_aws::config().await;
    let region = region(&config)?;
    let who = caller(&config).await.map_err(|not| {
        let why = reason(&not);
        anyhow!("there are no usable credentials ({why}): sign in (aws sso login), or export AWS_PROFILE")
    })?;
    let stack = stack(&config, &args.stack, &who).await.map_err(|not| {
        let (name, account) = (&args.stack, &who.account);
        if not.gone {
            anyhow!("stack {name} is not in {region} of account {account}: --stack NAME, AWS_REGION, or make deploy")
        } else {
            anyhow!("cannot look at stack {name}: {}", reason(&not))
        }
    })?;
    // In a box: it holds every look at once.
    let mut facts = Box::pin(look(&config, &who, stack)).await;
    if let (true, Some(webhook)) = (args.send_test, &mut facts.webhook) {
        webhook.sent = Some(send_test(&config, &who, &facts.stack).await);
    }
    Ok(facts)
}

/// The region that is meant, without which nothing can be asked.
pub(super) fn region(config: &rolewatch_aws::SdkConfig) -> anyhow::Result<String> {
    let region = config.region().map(ToString::to_string);
    let region = region.filter(|name| !name.is_empty());
    region.context("no region is set: export AWS_REGION=eu-central-1")
}

fn reason(not: &NotLooked) -> String {
    format!("{}: {}", not.action, not.code)
}

/// Posts a message that says what it is. No error holds the address.
async fn send_test(
    config: &rolewatch_aws::SdkConfig,
    who: &Caller,
    stack: &Stack,
) -> Result<(), String> {
    let address = aws::address(config, stack).await;
    let address = address.ok_or("the stack names no webhook")?;
    let address = address.map_err(|error| error.to_string())?;
    let webhook = Webhook::new(&address).map_err(|error| error.to_string())?;
    let text = format!(
        "rolewatch doctor: a test message of stack {} in {} of account {}. Nothing is wrong, and nothing is to do.",
        stack.name, stack.region, who.account
    );
    let section = json!({"type": "section", "text": {"type": "plain_text", "text": text}});
    let sent = webhook
        .post(&json!({"text": text, "blocks": [section]}))
        .await;
    sent.map_err(|error| error.to_string())
}
