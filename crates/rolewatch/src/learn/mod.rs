//! From history to an allowlist: what came, as rules that allow just that.
//!
//! A rule is made for each role and caller. What a rule asks for is never a pattern, and nothing
//! that it allows was not seen, with two exceptions that the format has no words against: a
//! shorter session, or another context's longer one; and a name that came without ids, with any.
//! Every rule is compiled and put to what it was made of before it is given out.

mod draft;
mod file;
mod left_out;
mod look;
mod names;
mod never;
mod rules;
mod seen;

use std::collections::{BTreeMap, BTreeSet};

use github_oidc::{Issuer, resembles_github};

use self::left_out::{LeftOut, Why};
use self::seen::{Sum, Use};
use crate::allowlist::matching::{LONGEST_SESSION, RolePattern, parse_audience};
use crate::assumption::{Assumption, Observation};
use crate::new_rule::session_limit;

/// Distinct uses that are told apart: more than a file could say.
const MOST_USES: usize = 20_000;

/// Learns who comes.
#[derive(Clone, Debug, Default)]
pub struct Learner {
    uses: BTreeMap<Use, Sum>,
    /// Other issuers' sessions by role: those of roles that get a rule are judged with it.
    others: BTreeMap<String, BTreeMap<String, u64>>,
    /// All of GitHub's that somebody came with: whoever does so again is to be judged.
    issuers: BTreeSet<Issuer>,
    left_out: LeftOut,
    refused: u64,
    unreadable: u64,
}

/// An allowlist in audit mode, and what there is to say of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Learnt {
    /// The file. It compiles, and its tests pass.
    pub text: String,
    /// How many rules it has.
    pub rules: usize,
    /// How many sessions these expect.
    pub sessions: u64,
    /// How many sessions are in no rule: replayed, they are unexpected.
    pub left_out: u64,
    /// Why, a reason each; it quotes names that somebody else chose.
    pub remarks: Vec<String>,
}

impl Learner {
    /// Takes in one event. Refused calls teach nothing: nobody came in.
    pub fn see(&mut self, observation: &Observation) {
        let Observation::Assumption(assumption) = observation else {
            self.unreadable = self.unreadable.saturating_add(1);
            return;
        };
        let (subject, role) = (&assumption.subject, &assumption.role_arn);
        match assumption.issuer.parse::<Issuer>() {
            Ok(_) if assumption.is_refused() => self.refused = self.refused.saturating_add(1),
            _ if assumption.is_refused() => {}
            Ok(issuer) => {
                self.issuers.insert(issuer.clone());
                if let Err(why) = self.learn(assumption, issuer) {
                    self.left_out.add(why, subject, role, 1);
                }
            }
            Err(_) if resembles_github(&assumption.issuer) => {
                self.left_out.add(Why::LookAlike, subject, role, 1);
            }
            Err(_) => {
                let of_role = self.others.entry(role.clone()).or_default();
                let sessions = of_role.entry(assumption.issuer.clone()).or_default();
                *sessions = sessions.saturating_add(1);
            }
        }
    }

    fn learn(&mut self, assumption: &Assumption, issuer: Issuer) -> Result<(), Why> {
        let sum = Sum::of(assumption);
        if session_limit(assumption.session) > LONGEST_SESSION {
            return Err(Why::TooLong);
        }
        let used = Use {
            role_arn: assumption.role_arn.clone(),
            issuer,
            audience: assumption.audience.clone().ok_or(Why::NoAudience)?,
            subject: assumption.subject.clone(),
        };
        if let Some(known) = self.uses.get_mut(&used) {
            *known = known.and(sum);
            return Ok(());
        }
        sayable(&used)?;
        if self.uses.len() == MOST_USES {
            return Err(Why::TooMany);
        }
        self.uses.insert(used, sum);
        Ok(())
    }

    /// The allowlist. `unread` inputs could not be read, or not to their end.
    #[must_use]
    pub fn finish(mut self, unread: usize) -> Learnt {
        let rules = rules::rules(&self.uses, &self.issuers, &mut self.left_out);
        for role in rules.roles() {
            for (issuer, sessions) in self.others.get(role).into_iter().flatten() {
                self.left_out.add(Why::OtherIssuer, issuer, role, *sessions);
            }
        }
        let days = Sum::all(self.uses.values().copied()).map(|sum| sum.days());
        file::file(
            &rules,
            &file::About {
                days,
                left_out: &self.left_out,
                refused: self.refused,
                unreadable: self.unreadable,
                unread,
            },
        )
    }
}

/// Whether a rule can say just this.
fn sayable(used: &Use) -> Result<(), Why> {
    if used.role_arn.is_empty() || used.audience.is_empty() {
        return Err(Why::Empty);
    }
    let role = RolePattern::parse(&used.role_arn);
    let audience = parse_audience(&used.audience);
    if !role.is_ok_and(|it| it.is_literal()) || !audience.is_ok_and(|it| it.is_literal()) {
        return Err(Why::Unwritable);
    }
    draft::sayable(&used.subject)
}
