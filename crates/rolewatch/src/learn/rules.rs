//! Drafts, written out: each compiled alone and put to what it was made of.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

use github_oidc::{Issuer, Subject};

use super::draft::{Draft, Known, Uses, Whose, drafts};
use super::file::commented;
use super::left_out::{LeftOut, Why};
use super::look::{Around, looks};
use super::names::names;
use super::seen::{Sum, Use};
use crate::allowlist::{Allowlist, compile, quote};
use crate::allowlist_in_force::LARGEST;
use crate::assumption::{Assumption, Outcome, Session};
use crate::new_rule::{NewRule, NewWho};
use crate::verdict::{Judging, Verdict, judge};

/// So many bytes are as much as rules and the comments beside them get: what reads the file takes
/// no more than `LARGEST`, and its head and its tests are in there, too.
const MOST_BYTES: usize = LARGEST - (1 << 20);

/// The rules of a file to be, in their order.
pub(super) struct Rules<'a> {
    pub(super) list: Vec<Rule<'a>>,
    /// What they lean on: the issuers that are known.
    pub(super) preamble: String,
}

/// One of them.
pub(super) struct Rule<'a> {
    pub(super) draft: Draft<'a>,
    pub(super) sum: Sum,
    pub(super) text: String,
    /// The text below what was seen and what to look at.
    pub(super) commented: String,
    pub(super) uses: Uses<'a>,
}

/// The rules for these uses; what is in none of them is added to what is left out.
pub(super) fn rules<'a>(
    uses: &'a BTreeMap<Use, Sum>,
    issuers: &BTreeSet<Issuer>,
    left_out: &mut LeftOut,
) -> Rules<'a> {
    let known = Known::of(uses);
    let drafts = drafts(uses, &known);
    let preamble: String = issuers.iter().map(preamble_of).collect();
    let mut writer = Writer {
        known: &known,
        around: Around::of(&drafts),
        bytes: preamble.len(),
    };
    let mut list = Vec::new();
    for ((draft, uses), name) in drafts.iter().zip(names(drafts.keys())) {
        match writer.rule(&name, draft, uses) {
            Ok(rule) => list.push(rule),
            Err(why) => {
                for (used, sum) in uses {
                    left_out.add(why, &used.subject, &used.role_arn, sum.sessions);
                }
            }
        }
    }
    let rules = Rules { list, preamble };
    rules.hold_pins(left_out);
    rules
}

/// Writes one rule after the other, as long as the file has room.
struct Writer<'k, 'a> {
    known: &'k Known<'a>,
    around: Around<'k>,
    bytes: usize,
}

impl<'a> Writer<'_, 'a> {
    fn rule(&mut self, name: &str, draft: &Draft<'a>, uses: &Uses<'a>) -> Result<Rule<'a>, Why> {
        // Every draft is made of some use.
        let sum = Sum::all(uses.iter().map(|(_, sum)| *sum)).ok_or(Why::Empty)?;
        let text = write(name, draft, uses, sum).ok_or(Why::Unwritable)?;
        if !expects(&text, draft, uses) {
            return Err(Why::Unwritable);
        }
        let looks = looks(draft, uses, self.known, &self.around);
        let commented = commented(sum, &looks, &text);
        if self.bytes + commented.len() > MOST_BYTES {
            return Err(Why::TooMany);
        }
        self.bytes += commented.len();
        Ok(Rule {
            draft: draft.clone(),
            sum,
            text,
            commented,
            uses: uses.clone(),
        })
    }
}

impl<'a> Rules<'a> {
    /// Every role that a rule names.
    pub(super) fn roles(&self) -> BTreeSet<&'a str> {
        self.list.iter().map(|rule| rule.draft.role_arn).collect()
    }

    /// Pins hold whichever rule would match: a subject that breaks another rule's is in none.
    fn hold_pins(&self, left_out: &mut LeftOut) {
        let mut text = format!("version = 1\n{}", self.preamble);
        for rule in &self.list {
            text.push_str(&rule.text);
        }
        let Ok((allowlist, _)) = compile(&text) else {
            return;
        };
        for rule in &self.list {
            for (used, sum) in &rule.uses {
                let subject = Subject::parse(&used.subject);
                let day = sum.first.date_naive();
                if allowlist
                    .broken_pin(&used.issuer, &subject, day, None)
                    .is_some()
                {
                    left_out.add(Why::OtherIds, &used.subject, &used.role_arn, sum.sessions);
                }
            }
        }
    }
}

/// None where the format cannot say just this.
fn write(name: &str, draft: &Draft<'_>, uses: &Uses<'_>, sum: Sum) -> Option<String> {
    let contexts: BTreeSet<String> = uses
        .iter()
        .filter_map(|(used, _)| Some(Subject::parse(&used.subject).context()?.to_string()))
        .collect();
    let who = match &draft.whose {
        Whose::Repositories {
            repositories,
            immutable,
        } => NewWho::Repositories {
            repositories: repositories.iter().map(String::as_str).collect(),
            contexts: contexts.iter().map(String::as_str).collect(),
            immutable: *immutable,
        },
        Whose::Subjects => NewWho::Subjects(uses.iter().map(|(used, _)| &*used.subject).collect()),
    };
    let empty = Allowlist::empty();
    let is_default = empty.is_only_default_issuer(draft.issuer);
    let rule = NewRule {
        name,
        role_arn: draft.role_arn,
        who,
        max_session: whole_minutes(sum.longest),
        audience: Some(draft.audience).filter(|it| !empty.is_only_default_audience(it)),
        issuer: (!is_default).then(|| draft.issuer.url()),
    };
    rule.text().map(|rule| rule.text)
}

fn preamble_of(issuer: &Issuer) -> String {
    let mut text = String::new();
    if *issuer != Issuer::GitHub {
        // Writing to a String cannot fail.
        let _ = writeln!(text, "[[issuer]]\nurl = {}\n", quote(&issuer.url()));
    }
    text
}

fn whole_minutes(seconds: u64) -> u64 {
    seconds.div_ceil(60) * 60
}

/// Whether the rule alone expects every one of its uses.
fn expects(rule: &str, draft: &Draft<'_>, uses: &Uses<'_>) -> bool {
    let text = format!("version = 1\n{}{rule}", preamble_of(draft.issuer));
    let Ok((alone, _)) = compile(&text) else {
        return false;
    };
    uses.iter().all(|(used, sum)| {
        let longest = assumption(used, sum);
        matches!(judge(&longest, &alone, &Judging::ALL), Verdict::Expected(_))
    })
}

/// The longest session of a use.
fn assumption(used: &Use, sum: &Sum) -> Assumption {
    Assumption {
        event_id: String::new(),
        time: sum.first,
        account: None,
        region: None,
        role_arn: used.role_arn.clone(),
        role_session_name: None,
        issuer: used.issuer.url(),
        subject: used.subject.clone(),
        audience: Some(used.audience.clone()),
        session: Session::Requested(sum.longest),
        source_ip: None,
        user_agent: None,
        access_key_id: None,
        outcome: Outcome::Issued,
    }
}
