//! The lists of a report, counted once more from the raw events: roles, causes, regions, what is
//! new and what could be tightened.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{NaiveDate, TimeDelta};
use github_oidc::Subject;
use rolewatch::assumption::{Assumption, Observation, Outcome as Answer, run_url};
use rolewatch::detect::{Decision, Outcome};
use rolewatch::report::Period;
use rolewatch::report::model::{Change, Report};

use crate::events::{GITHUB, Judged, ROLES, lag, week};
use crate::recount::{Recount, context, minutes, repository};

/// The events of the period, of the one before, and of what is looked back to.
struct Spans<'a> {
    now: Recount<'a>,
    before: Recount<'a>,
    earlier: Recount<'a>,
    all: Recount<'a>,
    since: Option<NaiveDate>,
}

impl<'a> Spans<'a> {
    fn of(judged: &'a [Judged]) -> Self {
        let first = week().last - TimeDelta::days(89);
        let until = |last| Period { first, last };
        let days = judged.iter().map(|(it, _)| it.time().unwrap().date_naive());
        Self {
            now: Recount::of(judged, week()),
            before: Recount::of(judged, week().before()),
            earlier: Recount::of(judged, until(week().before().last)),
            all: Recount::of(judged, until(week().last)),
            since: days.filter(|day| *day <= week().last).min(),
        }
    }

    fn change(&self, number: impl Fn(&Recount<'_>) -> u64) -> Change {
        let compares = self.since.is_some_and(|since| since < week().first);
        Change {
            now: number(&self.now),
            before: compares.then(|| number(&self.before)),
        }
    }

    /// Whether anything from before the period is known.
    fn remembers(&self) -> bool {
        self.since.is_some_and(|since| since < week().first)
    }
}

pub(crate) fn assert_true(report: &Report, judged: &[Judged]) {
    let spans = Spans::of(judged);
    assert_roles(report, &spans);
    assert_causes(report, &spans);
    assert_regions(report, &spans);
    assert_traces(report, &spans);
    assert_silenced(report, &spans);
    assert_news(report, &spans);
    assert_rules(report, &spans);
    assert_classic(report, &spans);
}

/// A refused call names a role that nobody may have.
fn role(it: &Assumption) -> &str {
    if it.is_refused() && it.role_arn == ROLES[2] {
        ""
    } else {
        &it.role_arn
    }
}

fn assert_roles(report: &Report, spans: &Spans<'_>) {
    let judged = spans.now.judged().chain(spans.before.judged());
    let wanted: BTreeSet<&str> = judged.map(|(it, _)| role(it)).collect();
    let found: BTreeSet<&str> = report.roles.items.iter().map(|it| &*it.role_arn).collect();
    assert_eq!(found, wanted);
    for found in &report.roles.items {
        let is_it = |it: &Assumption| role(it) == found.role_arn;
        let lengths = |of: &Recount<'_>| {
            let mut lengths: Vec<u64> = of.sessions().filter(|it| is_it(it)).map(minutes).collect();
            lengths.sort_unstable();
            lengths
        };
        let median = |lengths: &[u64]| lengths.get(lengths.len().saturating_sub(1) / 2).copied();
        let distinct = |of: &Recount<'_>, name: fn(&Assumption) -> String| {
            let names = of.sessions().filter(|it| is_it(it)).map(name);
            names.collect::<BTreeSet<_>>().len() as u64
        };
        let among = |of: &Recount<'_>, holds: fn(&Assumption, &Decision) -> bool| {
            of.judged()
                .filter(|(it, decision)| is_it(it) && holds(it, decision))
                .count() as u64
        };
        assert_eq!(
            found.assumptions,
            spans.change(|of| lengths(of).len() as u64)
        );
        assert_eq!(
            found.repositories,
            spans.change(|of| distinct(of, repository))
        );
        let contexts = |it: &Assumption| format!("{} {}", repository(it), context(it));
        assert_eq!(found.contexts, spans.change(|of| distinct(of, contexts)));
        let unexpected = |_: &Assumption, it: &Decision| it.outcome == Outcome::Unexpected;
        assert_eq!(found.unexpected, spans.change(|of| among(of, unexpected)));
        assert_eq!(
            found.denied,
            spans.change(|of| among(of, |it, _| it.is_refused()))
        );
        let beyond = |of: &Recount<'_>| lengths(of).iter().filter(|it| **it > 900).count() as u64;
        let sessions = &found.sessions;
        assert_eq!(sessions.beyond_least, spans.change(beyond));
        let (now, before) = (lengths(&spans.now), lengths(&spans.before));
        assert_eq!(
            (sessions.shortest, sessions.longest),
            (now.first().copied(), now.last().copied())
        );
        assert_eq!(sessions.median, median(&now));
        assert_eq!(
            (sessions.median_before, sessions.longest_before),
            (median(&before), before.last().copied())
        );
        let uses = spans.all.sessions().filter(|it| is_it(it));
        assert_eq!(found.last_use, uses.map(|it| it.time.date_naive()).max());
        let limit = [(ROLES[0], 1800), (ROLES[1], 3600)]
            .into_iter()
            .find(|(role, _)| *role == found.role_arn);
        assert_eq!(sessions.limit, limit.map(|(_, limit)| limit));
        let owners: &[&str] = if found.role_arn == ROLES[0] {
            &["team-app"]
        } else {
            &[]
        };
        assert_eq!(found.owners, owners);
    }
    for pair in &report.matrix.items {
        let is_it =
            |it: &Assumption| repository(it) == pair.repository && it.role_arn == pair.role_arn;
        let sessions = |of: &Recount<'_>| of.sessions().filter(|it| is_it(it)).count() as u64;
        assert_eq!(pair.assumptions, spans.change(sessions));
        assert_eq!(
            pair.new,
            spans.remembers().then(|| sessions(&spans.earlier) == 0)
        );
    }
}

fn assert_causes(report: &Report, spans: &Spans<'_>) {
    let causes = |of: &Recount<'_>| {
        let mut causes: BTreeMap<String, u64> = BTreeMap::new();
        for (it, _) in of.judged() {
            if let Answer::Refused { code } = &it.outcome {
                let cause = code.trim_end_matches("Exception").replace("=odd", "other");
                *causes.entry(cause).or_default() += 1;
            }
        }
        causes
    };
    let names: BTreeSet<String> = [causes(&spans.now), causes(&spans.before)]
        .into_iter()
        .flatten()
        .map(|it| it.0)
        .collect();
    let found: BTreeSet<String> = report
        .denied
        .causes
        .iter()
        .map(|it| it.code.clone())
        .collect();
    assert_eq!(found, names);
    for cause in &report.denied.causes {
        let calls = |of: &Recount<'_>| causes(of).get(&cause.code).copied().unwrap_or_default();
        assert_eq!(cause.calls, spans.change(calls), "{}", cause.code);
    }
    let probing = |of: &Recount<'_>| {
        let findings = of.0.iter().flat_map(|(_, decision)| &decision.findings);
        findings.filter(|it| it.check.id == "probing").count() as u64
    };
    if let Some(found) = report.denied.probing {
        assert_eq!(found, spans.change(probing));
    }
}

fn assert_regions(report: &Report, spans: &Spans<'_>) {
    let calls = |of: &Recount<'_>, region: &str| {
        of.count(|it, _| matches!(it, Observation::Assumption(it) if it.region.as_deref() == Some(region)))
    };
    for region in ["eu-central-1", "us-east-1"] {
        let found = report.awake.regions.iter().find(|it| it.region == region);
        let found = found.map(|it| it.calls);
        let wanted = spans.change(|of| calls(of, region));
        let heard = wanted.now + wanted.before.unwrap_or_default() > 0;
        assert_eq!(found, heard.then_some(wanted), "{region}");
    }
}

fn assert_traces(report: &Report, spans: &Spans<'_>) {
    let is_unnamed = |it: &Assumption| it.role_session_name.as_deref() == Some("GitHubActions");
    let wanted: BTreeSet<String> = spans
        .now
        .sessions()
        .filter(|it| is_unnamed(it))
        .map(repository)
        .collect();
    let found = &report.traceable.repositories.items;
    assert_eq!(
        found
            .iter()
            .map(|it| it.repository.clone())
            .collect::<BTreeSet<_>>(),
        wanted
    );
    for found in found {
        let count = |holds: fn(&Assumption) -> bool| {
            spans.change(|of| {
                let own = of
                    .sessions()
                    .filter(|it| repository(it) == found.repository);
                own.filter(|it| holds(it)).count() as u64
            })
        };
        assert_eq!(found.sessions, count(|_| true));
        assert_eq!(found.linked, count(|it| run_url(it).is_some()));
        assert_eq!(
            found.unnamed,
            count(|it| it.role_session_name.as_deref() == Some("GitHubActions"))
        );
    }
}

/// What silences covered, and which kinds of findings came, came again and went.
fn assert_silenced(report: &Report, spans: &Spans<'_>) {
    for check in &report.findings.checks {
        let silenced = |of: &Recount<'_>| {
            let ignored = of.0.iter().flat_map(|(_, decision)| &decision.ignored);
            ignored.filter(|(it, _)| it.check.id == check.check).count() as u64
        };
        assert_eq!(check.silenced, spans.change(silenced), "{}", check.check);
        let kinds = |of: &Recount<'_>| -> BTreeSet<(String, String)> {
            let with = of.0.iter().filter(|(_, decision)| {
                decision
                    .findings
                    .iter()
                    .any(|it| it.check.id == check.check)
            });
            with.map(|(it, _)| kind(it)).collect()
        };
        let (now, before) = (kinds(&spans.now), kinds(&spans.before));
        let known = |count: usize| spans.remembers().then_some(count as u64);
        // Kinds that the period before had, as far as it is known.
        let known = |count| known(count).filter(|_| report.totals.judged.before.is_some());
        assert_eq!(
            check.new,
            known(now.difference(&before).count()),
            "{}",
            check.check
        );
        assert_eq!(check.repeated, known(now.intersection(&before).count()));
        assert_eq!(check.resolved, known(before.difference(&now).count()));
    }
}

/// Role and repository; strangers have no name of their own.
fn kind(observation: &Observation) -> (String, String) {
    let Observation::Assumption(it) = observation else {
        return Default::default();
    };
    let repository = repository(it);
    let known = repository.starts_with("acme/");
    (
        role(it).to_owned(),
        if known { repository } else { String::new() },
    )
}

fn ids(it: &Assumption) -> Option<(u64, u64)> {
    let subject = Subject::parse(&it.subject);
    subject.owner_id().zip(subject.repository_id())
}

/// The sessions that a rule expected.
fn expected<'a>(of: &'a Recount<'_>) -> impl Iterator<Item = (&'a Assumption, &'a str)> {
    of.judged().filter_map(|(it, decision)| {
        let is_expected = decision.outcome == Outcome::Expected;
        is_expected.then_some((it, decision.rule.as_deref()?))
    })
}

fn assert_news(report: &Report, spans: &Spans<'_>) {
    let news = &report.news;
    assert_eq!(news.since, spans.since.filter(|_| spans.remembers()));
    if !spans.remembers() {
        return;
    }
    let fresh = |names: &dyn Fn(&Recount<'_>) -> BTreeSet<String>| -> BTreeSet<String> {
        names(&spans.now)
            .difference(&names(&spans.earlier))
            .cloned()
            .collect()
    };
    let found = |names: Vec<&String>| -> BTreeSet<String> { names.into_iter().cloned().collect() };
    let roles = |of: &Recount<'_>| of.sessions().map(|it| it.role_arn.clone()).collect();
    assert_eq!(found(news.roles.items.iter().collect()), fresh(&roles));
    let issuers = |of: &Recount<'_>| {
        let issuer = |it: &Observation| match it {
            Observation::Assumption(it) => Some(it.issuer.clone()),
            Observation::Unreadable(_) => None,
        };
        of.0.iter().filter_map(|(it, _)| issuer(it)).collect()
    };
    assert_eq!(
        found(news.providers.items.iter().collect()),
        fresh(&issuers)
    );

    let renamed = renamed(spans);
    let told: BTreeSet<_> = news
        .renamed
        .items
        .iter()
        .map(|it| (it.id, it.from.clone(), it.to.clone()))
        .collect();
    assert_eq!(told, renamed);
    let repositories = |of: &Recount<'_>| {
        of.sessions()
            .map(repository)
            .filter(|it| !it.is_empty())
            .collect()
    };
    let mut new = fresh(&repositories);
    new.retain(|name| renamed.iter().all(|(_, _, to)| to != name));
    assert_eq!(
        news.repositories
            .items
            .iter()
            .map(|it| it.repository.clone())
            .collect::<BTreeSet<_>>(),
        new
    );
    for found in &news.repositories.items {
        let own = || {
            spans
                .now
                .sessions()
                .filter(|it| repository(it) == found.repository)
        };
        assert_eq!(found.assumptions, own().count() as u64);
        let is_expected = expected(&spans.now).any(|(it, _)| repository(it) == found.repository);
        assert_eq!(found.expected, is_expected);
    }
    let contexts = |of: &Recount<'_>| {
        let names = |it: &Assumption| format!("{} {} {}", repository(it), context(it), it.role_arn);
        of.sessions().map(names).collect()
    };
    let known: BTreeSet<String> = spans.earlier.sessions().map(repository).collect();
    let wanted: BTreeSet<String> = fresh(&contexts)
        .into_iter()
        .filter(|names| known.contains(names.split(' ').next().unwrap()))
        .collect();
    let told = news
        .contexts
        .items
        .iter()
        .map(|it| format!("{} {} {}", it.repository, it.context, it.role_arn));
    assert_eq!(told.collect::<BTreeSet<_>>(), wanted);
    let pins = |of: &Recount<'_>| -> BTreeSet<u64> {
        expected(of)
            .filter_map(|(it, _)| Some(ids(it)?.1))
            .collect()
    };
    let fresh_ids: BTreeSet<u64> = pins(&spans.now)
        .difference(&pins(&spans.earlier))
        .copied()
        .collect();
    let told = news
        .ids
        .items
        .iter()
        .map(|it| it.repository.rsplit('@').next().unwrap().parse().unwrap());
    assert_eq!(told.collect::<BTreeSet<u64>>(), fresh_ids);
}

/// Ids that come with another name than they last did.
fn renamed(spans: &Spans<'_>) -> BTreeSet<(u64, String, String)> {
    let named = |of: &Recount<'_>| -> BTreeSet<(u64, NaiveDate, String)> {
        expected(of)
            .filter_map(|(it, _)| Some((ids(it)?.1, it.time.date_naive(), repository(it))))
            .collect()
    };
    let last = |id: u64| named(&spans.earlier).into_iter().rfind(|it| it.0 == id);
    let now = named(&spans.now).into_iter();
    now.filter_map(|(id, _, to)| {
        let (_, _, from) = last(id)?;
        (from != to).then_some((id, from, to))
    })
    .collect()
}

fn assert_rules(report: &Report, spans: &Spans<'_>) {
    let tighten = &report.tighten;
    let uses = |rule: &'static str| {
        expected(&spans.all)
            .filter(move |(_, by)| *by == rule)
            .map(|(it, _)| it)
    };
    let months = |days: i64| week().last - TimeDelta::days(days - 1);
    let knows = |days: i64| spans.since.is_some_and(|since| since <= months(days));
    let mut idle = BTreeSet::new();
    let mut sessions = BTreeSet::new();
    for (rule, allowed) in [("deploys", 1800), ("publishing", 3600)] {
        let last = uses(rule).map(|it| it.time.date_naive()).max();
        if last.is_none_or(|last| last < months(30)) {
            let days = if last.is_none() && knows(90) { 90 } else { 30 };
            idle.insert((rule, last, days));
        }
        let longest = uses(rule).map(minutes).max().map(|it| it.max(900));
        sessions.extend(
            longest
                .filter(|it| *it < allowed)
                .map(|longest| (rule, allowed, longest)),
        );
    }
    let told = tighten.idle_rules.as_ref();
    let told = told.map(|it| {
        it.items
            .iter()
            .map(|it| (&*it.rule, it.last_use, it.days))
            .collect()
    });
    assert_eq!(told, knows(30).then_some(idle));
    let told = tighten
        .sessions
        .items
        .iter()
        .map(|it| (&*it.rule, it.allowed, it.longest));
    assert_eq!(told.collect::<BTreeSet<_>>(), sessions);

    // "deploys" has a wildcard among its contexts, and "publishing" one of repositories.
    let matched = |rule: &'static str, is_wild: fn(&Assumption) -> bool| -> BTreeSet<String> {
        uses(rule)
            .filter(|it| is_wild(it))
            .map(|it| format!("{} {}", repository(it), context(it)))
            .collect()
    };
    let wanted = [
        (
            "deploys",
            matched("deploys", |it| context(it).starts_with("environment:")),
        ),
        ("publishing", matched("publishing", |_| true)),
    ];
    for (found, (rule, wanted)) in tighten.wildcards.items.iter().zip(&wanted) {
        assert_eq!((&*found.rule, found.matched), (*rule, wanted.len() as u64));
        assert_eq!(
            found.examples,
            wanted.iter().take(5).cloned().collect::<Vec<_>>()
        );
    }
    assert_eq!(tighten.wildcards.items.len(), 2);

    let assumed: BTreeSet<&str> = spans.all.sessions().map(|it| &*it.role_arn).collect();
    let idle = ROLES[..2]
        .iter()
        .filter(|role| !assumed.contains(**role) && spans.since.is_some());
    let told: Vec<&str> = tighten
        .idle_roles
        .items
        .iter()
        .map(|it| &*it.role_arn)
        .collect();
    assert_eq!(told, idle.copied().collect::<Vec<_>>());
}

fn assert_classic(report: &Report, spans: &Spans<'_>) {
    let has_rule: BTreeSet<String> = expected(&spans.now).map(|(it, _)| repository(it)).collect();
    let mut wanted: BTreeMap<String, u64> = BTreeMap::new();
    // Others' issuers sign no ids, whatever their subjects look like.
    let classic = |it: &&Assumption| {
        it.issuer == GITHUB && it.subject.starts_with("repo:") && ids(it).is_none()
    };
    for it in spans.now.sessions().filter(classic) {
        if has_rule.contains(&repository(it)) {
            *wanted.entry(repository(it)).or_default() += 1;
        }
    }
    let told = &report.tighten.classic.items;
    assert_eq!(
        told.iter()
            .map(|it| (it.repository.clone(), it.assumptions.now))
            .collect::<BTreeMap<_, _>>(),
        wanted
    );
    for found in told {
        let mut pins = expected(&spans.all).filter(|(it, _)| repository(it) == found.repository);
        let seen = pins.find_map(|(it, _)| ids(it));
        let pin = seen.map(|(owner, id)| {
            let name = found.repository.split_once('/').unwrap();
            format!("{}@{owner}/{}@{id}", name.0, name.1)
        });
        assert_eq!(found.pin, pin);
        let before = |of: &Recount<'_>| {
            of.sessions()
                .filter(classic)
                .filter(|it| repository(it) == found.repository)
                .count() as u64
        };
        assert_eq!(found.assumptions, spans.change(before));
    }
}

/// How late each event was judged, up to the next class.
pub(crate) fn assert_lag(report: &Report, judged: &[Judged]) {
    let spans = Spans::of(judged);
    let lags = |of: &Recount<'_>| -> Vec<u64> {
        let class = |it: &Observation| match lag(it).num_seconds() {
            4 => 5,
            20 => 20,
            100 => 120,
            3600 => 3600,
            _ => 86_401,
        };
        let mut lags: Vec<u64> = of.0.iter().map(|(it, _)| class(it)).collect();
        lags.sort_unstable();
        lags
    };
    let (now, before) = (lags(&spans.now), lags(&spans.before));
    assert_eq!(report.awake.lag.is_some(), !now.is_empty());
    let Some(found) = report.awake.lag else {
        return;
    };
    // The least that so many of a hundred do not exceed.
    let percentile = |lags: &[u64], percent: usize| {
        lags.get((lags.len() * percent).div_ceil(100).saturating_sub(1))
            .copied()
    };
    for (found, percent) in [(found.p50, 50), (found.p95, 95), (found.max, 100)] {
        assert_eq!(Some(found.now), percentile(&now, percent));
        assert_eq!(found.before, percentile(&before, percent));
    }
}
