//! The other regions: each that is enabled has to hand its events to the home region.

use super::rules::{Rule, state, through};
use super::{Facts, Looked, Probe, counted, listed, or_well};

/// A region that is enabled, and is not the home region.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Region {
    /// Its name.
    pub name: String,
    /// The rules there that lead to the home region's bus.
    pub rules: Looked<Vec<Rule>>,
}

const NAME: &str = "forwarder";

pub(super) fn examine(facts: &Facts) -> Vec<Probe> {
    let regions = match &facts.regions {
        Err(not) => return vec![not.probe(NAME, "which regions are enabled")],
        Ok(regions) => regions,
    };
    let mut wrong = Vec::new();
    let (mut with, mut without, mut unknown) = (Vec::new(), Vec::new(), 0);
    for region in regions {
        let name = region.name.as_str();
        match &region.rules {
            Err(not) => {
                unknown += 1;
                wrong.push(not.probe(NAME, &format!("the rules of {name}")));
            }
            Ok(rules) if !rules.iter().any(hands_on) => without.push(name),
            Ok(rules) => {
                with.push(name);
                wrong.extend(faults(name, rules));
                wrong.extend(watches_itself(name, rules));
            }
        }
    }
    if !without.is_empty() {
        let message = format!(
            "assumptions are not seen in {} of {}, which hand nothing on: {}",
            without.len(),
            counted(regions.len(), "other region"),
            listed(&without)
        );
        let cure = format!("make deploy-forwarders REGIONS='{}'", without.join(" "));
        wrong.push(Probe::fail(NAME, message, cure));
    }
    if unknown == 0 {
        wrong.extend(expected(facts, with.len() + 1));
    }
    or_well(wrong, NAME, || match with.len() {
        0 => "no other region is enabled".to_owned(),
        count => format!(
            "{} hand on what happens there: {}",
            counted(count, "other region"),
            listed(&with)
        ),
    })
}

/// Whether assumptions or canaries come through, as far as is known. The rule of calls that change rolewatch itself leads
/// home, too.
fn hands_on(rule: &Rule) -> bool {
    let answers = rule.lets_through.as_ref();
    answers.map_or(true, |answers| answers.contains(&true))
}

/// One rule that is whole is enough; where there is none, what is wrong with the best.
fn faults(region: &str, rules: &[Rule]) -> Vec<Probe> {
    let of = |rule: &Rule| -> Vec<Probe> {
        let what = format!("{} in {region}", rule.name);
        let costs = "assumptions there are not seen";
        let state = state(&what, &rule.state, true, costs);
        let through = through(&what, &rule.lets_through);
        state.into_iter().chain(through).collect()
    };
    let all = rules.iter().filter(|it| hands_on(it)).map(of);
    all.min_by_key(Vec::len).unwrap_or_default()
}

/// The rule of calls that change rolewatch itself: whoever wants to come unseen switches off the light first.
fn watches_itself(region: &str, rules: &[Rule]) -> Vec<Probe> {
    let costs = "nobody is told when the forwarder there is tampered with";
    let own = rules.iter().filter(|it| !hands_on(it));
    let states: Vec<Option<Probe>> = own
        .map(|rule| {
            let what = format!("{} in {region}", rule.name);
            state(&what, &rule.state, false, costs)
        })
        .collect();
    if states.is_empty() {
        let message = format!("no rule in {region} hands on what changes rolewatch: {costs}");
        let cure = format!("make deploy-forwarders REGIONS={region}");
        return vec![Probe::fail(NAME, message, cure)];
    }
    // One that works is enough.
    let all_are_off = states.iter().all(Option::is_some);
    let mut states = states.into_iter().flatten();
    states.next().filter(|_| all_are_off).into_iter().collect()
}

/// The alarm of missing canaries counts regions by a parameter of the stack.
fn expected(facts: &Facts, there: usize) -> Option<Probe> {
    let said = facts.stack.parameter("Regions")?.parse::<usize>().ok()?;
    (said != there).then(|| {
        let message = format!("the stack expects canaries of {said}, and {there} can send them: its alarm of a missing one is wrong");
        let cure = format!("make deploy PARAMETERS=Regions={there}");
        Probe::warn("regions", message, cure)
    })
}
