//! The report as a Slack message: a summary within Slack's limits, however large the account.

use serde_json::{Value, json};

use crate::finding::Severity;
use crate::rendering::brief::sign;
use crate::rendering::slack::escape::{code, link, mrkdwn, plain};
use crate::rendering::slack::{HEADER, SECTION};
use crate::rendering::terminal::cut_to;
use crate::report::model::{Canaries, Change, Report, Worst};
use crate::report::sheet::{Cell, Sheet, role_label};
use crate::report::words::{Plural, number};

/// Findings that are named.
const NAMED: usize = 5;
/// Names of one kind in a line.
const NAMES: usize = 5;
/// A name in a line is cut to so many characters.
const LONGEST_NAME: usize = 80;

/// The message; `page` is where all of the report is.
#[must_use]
pub fn message(report: &Report, sheet: &Sheet, page: Option<&str>) -> Value {
    let title = format!("Who came through GitHub's door: {}", sheet.title);
    let mut blocks = vec![
        json!({"type": "header", "text": {"type": "plain_text", "text": plain(&title, HEADER), "emoji": false}}),
        section_of_words(&plain(&format!("{}.", sheet.verdict), SECTION)),
    ];
    if !sheet.notes.is_empty() {
        // Each by itself: a line break would be made visible with the rest.
        let notes = sheet.notes.iter().map(|note| plain(note, SECTION));
        blocks.push(section_of_words(&notes.collect::<Vec<_>>().join("\n")));
    }
    blocks.push(json!({"type": "section", "fields": fields(report)}));
    blocks.extend(worst(report));
    blocks.extend(
        [news(report), tighten(report), awake(report)]
            .into_iter()
            .map(|text| section(&text)),
    );
    let mut footer = vec![mrkdwn(&sheet.period)];
    footer.extend(sheet.compared.as_deref().map(mrkdwn));
    footer.extend(page.and_then(|url| link(url, "the whole report")));
    blocks.push(json!({"type": "context", "elements": [{
        "type": "mrkdwn", "text": cut_to(&footer.join("  ·  "), SECTION), "verbatim": true,
    }]}));
    let notification = format!("{}: {}", sheet.title, sheet.verdict);
    json!({"text": mrkdwn(&plain(&notification, 400)), "blocks": blocks})
}

fn section(text: &str) -> Value {
    json!({"type": "section", "text": {"type": "mrkdwn", "text": cut_to(text, SECTION), "verbatim": true}})
}

/// Of text that is visible already.
fn section_of_words(text: &str) -> Value {
    json!({"type": "section", "text": {"type": "plain_text", "text": cut_to(text, SECTION), "emoji": false}})
}

fn fields(report: &Report) -> Vec<Value> {
    let totals = &report.totals;
    let open = Change {
        now: totals.open,
        before: None,
    };
    let fields = [
        ("Assumptions", totals.assumptions),
        ("Repositories", totals.repositories),
        ("Roles", totals.roles),
        ("Unexpected", totals.unexpected),
        ("Still open", open),
        ("Findings", report.findings.total),
        ("Denied", report.denied.total),
        ("Silenced", totals.ignored),
    ];
    let field = |(label, Change { now, before }): (&str, Change)| {
        let before = before
            .map(|before| format!(" ({})", number(before)))
            .unwrap_or_default();
        json!({"type": "mrkdwn", "text": format!("*{label}*\n{}{before}", number(now)), "verbatim": true})
    };
    fields.map(field).to_vec()
}

fn worst(report: &Report) -> Vec<Value> {
    let worst = &report.findings.worst;
    let mut blocks: Vec<Value> = worst.items.iter().take(NAMED).map(finding).collect();
    let more = worst.total.saturating_sub(NAMED as u64);
    if more > 0 {
        blocks.push(section(&format!("_and {} more_", number(more))));
    }
    blocks
}

fn finding(worst: &Worst) -> Value {
    let state = if worst.open { "open" } else { "settled" };
    section(&format!(
        "{} *{}* `{}`: {}\n{}; {state}. {}",
        sign(worst.severity),
        worst.severity.as_str(),
        mrkdwn(&worst.check),
        code(&worst.title),
        worst.findings.now.of("finding", "findings"),
        mrkdwn(&plain(
            if worst.severity == Severity::Critical {
                "Investigate first."
            } else {
                &worst.advice
            },
            500
        )),
    ))
}

/// A line of a kind of thing: how many, and the first few.
fn names<'a>(what: &str, total: u64, names: impl Iterator<Item = &'a str>) -> Option<String> {
    if total == 0 {
        return None;
    }
    let shown: Vec<String> = names
        .take(NAMES)
        .map(|name| code(&cut_to(name, LONGEST_NAME)))
        .collect();
    let more = match total.saturating_sub(shown.len() as u64) {
        0 => String::new(),
        more => format!(" and {} more", number(more)),
    };
    Some(format!(
        "• {} {what}: {}{more}",
        number(total),
        shown.join(", ")
    ))
}

fn news(report: &Report) -> String {
    let news = &report.news;
    if news.since.is_none() {
        let why = report.why_unknown("news").unwrap_or("not known");
        return format!("*New*: cannot be told, {}", mrkdwn(why));
    }
    let lines = [
        names(
            "repositories",
            news.repositories.total,
            news.repositories.items.iter().map(|it| &*it.repository),
        ),
        names(
            "roles",
            news.roles.total,
            news.roles.items.iter().map(|it| role_label(it)),
        ),
        names(
            "contexts",
            news.contexts.total,
            news.contexts.items.iter().map(|it| &*it.context),
        ),
        names(
            "issuers",
            news.providers.total,
            news.providers.items.iter().map(String::as_str),
        ),
        names(
            "renamed",
            news.renamed.total,
            news.renamed.items.iter().map(|it| &*it.to),
        ),
    ];
    listed("New", lines)
}

fn tighten(report: &Report) -> String {
    let tighten = &report.tighten;
    let idle = tighten.idle_rules.as_ref();
    let lines = [
        idle.and_then(|rules| {
            names(
                "unused rules",
                rules.total,
                rules.items.iter().map(|it| &*it.rule),
            )
        }),
        names(
            "sessions that could be shorter",
            tighten.sessions.total,
            tighten.sessions.items.iter().map(|it| &*it.rule),
        ),
        names(
            "roles that nobody assumed",
            tighten.idle_roles.total,
            tighten
                .idle_roles
                .items
                .iter()
                .map(|it| role_label(&it.role_arn)),
        ),
        names(
            "with classic subjects",
            tighten.classic.total,
            tighten.classic.items.iter().map(|it| &*it.repository),
        ),
        names(
            "ending",
            tighten.expiring.total,
            tighten.expiring.items.iter().map(|it| &*it.what),
        ),
    ];
    listed("Tighten", lines)
}

fn listed(title: &str, lines: [Option<String>; 5]) -> String {
    let lines: Vec<String> = lines.into_iter().flatten().collect();
    if lines.is_empty() {
        return format!("*{title}*: nothing");
    }
    format!("*{title}*\n{}", lines.join("\n"))
}

fn awake(report: &Report) -> String {
    let awake = &report.awake;
    let heard = awake.canaries.as_ref().map_or_else(
        || {
            let regions = awake.regions.iter().filter(|it| it.calls.now > 0);
            format!(
                "calls from {}; canaries {}",
                (regions.count() as u64).of("region", "regions"),
                report.why_unknown("awake.canaries").unwrap_or("not known")
            )
        },
        canaries,
    );
    let lag = match awake.lag {
        Some(lag) => format!(
            "95% judged within {}",
            Cell::Length(Some(lag.p95.now)).plain()
        ),
        None => "lag not known".to_owned(),
    };
    format!("*Awake*: {}; {}", mrkdwn(&heard), mrkdwn(&lag))
}

/// `168 of 336 canaries from 1 of 2 regions`.
fn canaries(it: &Canaries) -> String {
    let regions = it.regions.of("region", "regions");
    let from = match it.silent.len() as u64 {
        0 => regions,
        silent => format!("{} of {regions}", number(it.regions.saturating_sub(silent))),
    };
    let due = it.due.now.of("canary", "canaries");
    format!("{} of {due} from {from}", number(it.received.now))
}
