//! Where to look: the run or the repository, the role, the event. An address is only made of
//! what cannot change where it leads.

use github_oidc::GITHUB_ISSUER;

use crate::alert::{About, Alert};
use crate::finding::Event;
use crate::words::role_name;

/// An address is at most so long.
const LONGEST: usize = 500;

/// An address, and what it is of.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Link {
    /// What it leads to.
    pub label: &'static str,
    /// `https`, and of characters that end a link in no markup.
    pub url: String,
}

/// Where a check is described.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Page {
    /// At this address; `https`, and of characters that end a link in no markup.
    At(String),
    /// In the program: the command that prints it.
    Command(String),
}

/// Where the settings say that the check's page is; else, how to print it.
pub(super) fn page(alert: &Alert) -> Page {
    let url = alert.background.page.clone();
    match url.and_then(|url| link("page", url)) {
        Some(link) => Page::At(link.url),
        None => Page::Command(format!("rolewatch checks {}", alert.check)),
    }
}

/// The links of an alert's event. CloudTrail knows nothing of a drill.
pub(super) fn links(alert: &Alert) -> Vec<Link> {
    let Some(event) = &alert.event else {
        return Vec::new();
    };
    let caller = match &event.run_url {
        // The caller wrote it into a header: a hint, no proof.
        Some(url) => link("run (as the caller says)", url.clone()),
        None => repository(event),
    };
    let record = record(event).filter(|_| alert.about != About::Drill);
    [caller, role(event), record]
        .into_iter()
        .flatten()
        .collect()
}

/// The repository, where github.com itself vouches for its name.
fn repository(event: &Event) -> Option<Link> {
    if event.issuer.as_deref() != Some(GITHUB_ISSUER) {
        return None;
    }
    let repository = event.repository.as_deref()?;
    let is_name = |part: &str| part.bytes().all(|b| is_plain(b) || b == b'.');
    let (owner, name) = repository.split_once('/')?;
    (is_name(owner) && is_name(name))
        .then(|| link("repository", format!("https://github.com/{repository}")))?
}

/// The role in the console of the partition that everybody has.
fn role(event: &Event) -> Option<Link> {
    let arn = event.role_arn.as_deref()?;
    arn.starts_with("arn:aws:iam::").then_some(())?;
    let name = role_name(arn);
    let url = format!("https://us-east-1.console.aws.amazon.com/iam/home#/roles/details/{name}");
    link("role", url)
}

/// The event in CloudTrail's console.
fn record(event: &Event) -> Option<Link> {
    let region = event.region.as_deref()?;
    let elsewhere = region.starts_with("cn-") || region.starts_with("us-gov-");
    let is_name = |text: &str| !text.is_empty() && text.bytes().all(is_plain);
    if elsewhere || !is_name(region) || !is_name(&event.event_id) {
        return None;
    }
    let url = format!(
        "https://{region}.console.aws.amazon.com/cloudtrailv2/home?region={region}#/events/{}",
        event.event_id
    );
    link("event in CloudTrail", url)
}

fn is_plain(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b"-_".contains(&byte)
}

/// A link, if nothing in the address could end it.
fn link(label: &'static str, url: String) -> Option<Link> {
    is_address(&url).then_some(Link { label, url })
}

/// Whether messages link to an address: `https`, at most 500 characters, and none that could end
/// a link in any markup.
#[must_use]
pub fn is_address(url: &str) -> bool {
    url.starts_with("https://")
        && url.len() <= LONGEST
        && url
            .bytes()
            .all(|b| b.is_ascii_alphanumeric() || b"-._~:/?#=%@+".contains(&b))
}
