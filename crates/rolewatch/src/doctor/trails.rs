//! Trails: `EventBridge` gets nothing without one that is switched on and logs management events, reads included.

use super::{Facts, Looked, NotLooked, Probe, listed};

/// A trail that sees this account.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Trail {
    /// Its name.
    pub name: String,
    /// Where it is at home.
    pub home: String,
    /// It logs in every region.
    pub is_everywhere: bool,
    /// Whether it is switched on.
    pub is_logging: Looked<bool>,
    /// What of the management events it logs.
    pub selectors: Looked<Vec<Selector>>,
}

/// An event selector, as far as it is about management events.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Selector {
    /// One of the simple kind: whether it includes management events, and `All`, `ReadOnly` or `WriteOnly`.
    Basic {
        /// Management events at all.
        management: bool,
        /// `All`, `ReadOnly` or `WriteOnly`.
        kind: String,
    },
    /// One of the advanced kind: its fields.
    Advanced(Vec<Field>),
}

/// A field of an advanced selector: its name, what it must equal, and what it must not; whether it says anything else.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Field {
    /// `eventCategory`, `readOnly` and so on.
    pub name: String,
    /// One of these.
    pub equals: Vec<String>,
    /// None of these.
    pub not_equals: Vec<String>,
    /// Prefixes or suffixes are asked for.
    pub other: bool,
}

impl Selector {
    /// Whether it takes `AssumeRoleWithWebIdentity`, a management event of STS that only reads.
    fn takes_assumptions(&self) -> bool {
        match self {
            Self::Basic { management, kind } => *management && kind != "WriteOnly",
            Self::Advanced(fields) => {
                let has_category = fields.iter().any(|it| it.name == "eventCategory");
                has_category && fields.iter().all(Field::takes_assumptions)
            }
        }
    }
}

impl Field {
    fn takes_assumptions(&self) -> bool {
        let value = match self.name.as_str() {
            "eventCategory" => "Management",
            "readOnly" => "true",
            "eventSource" => "sts.amazonaws.com",
            "eventName" => "AssumeRoleWithWebIdentity",
            "eventType" => "AwsApiCall",
            _ => return false,
        };
        let is = |it: &String| it == value;
        !self.other
            && (self.equals.is_empty() || self.equals.iter().any(is))
            && !self.not_equals.iter().any(is)
    }
}

const CREATE: &str = "aws cloudtrail create-trail --name NAME --s3-bucket-name BUCKET --is-multi-region-trail, then start-logging";

pub(super) fn examine(facts: &Facts) -> Vec<Probe> {
    let trails = match &facts.trails {
        Err(not) => return vec![not.probe("trail", "trails")],
        Ok(trails) => trails,
    };
    let here: Vec<&Trail> = trails
        .iter()
        .filter(|it| it.is_everywhere || it.home == facts.stack.region)
        .collect();
    if here.is_empty() {
        let message = format!(
            "no trail sees {}: EventBridge gets nothing",
            facts.stack.region
        );
        return vec![Probe::fail("trail", message, CREATE)];
    }
    let on = sift(&here, |it| it.is_logging.clone());
    let on = match on.or_not("trail-logging") {
        Ok(on) => on,
        Err(probe) => return vec![probe],
    };
    let read = sift(&on, |it| {
        let selectors = it.selectors.as_ref().map_err(NotLooked::clone)?;
        Ok(selectors.iter().any(Selector::takes_assumptions))
    });
    match read.or_not("trail-read-events") {
        Ok(whole) => vec![coverage(&whole)],
        Err(probe) => vec![probe],
    }
}

fn coverage(whole: &[&Trail]) -> Probe {
    const NAME: &str = "trail";
    match whole.iter().find(|it| it.is_everywhere) {
        Some(trail) => {
            let name = &trail.name;
            Probe::ok(
                NAME,
                format!("{name} logs management events, reads included, in every region"),
            )
        }
        None => Probe::warn(
            NAME,
            format!(
                "{} logs in this region alone: other regions' events reach nobody",
                whole[0].name
            ),
            "aws cloudtrail update-trail --name NAME --is-multi-region-trail",
        ),
    }
}

/// Trails for which something holds; or those for which it does not, or why nobody knows.
struct Sifted<'a> {
    yes: Vec<&'a Trail>,
    no: Vec<&'a str>,
    unknown: Option<NotLooked>,
}

fn sift<'a>(trails: &[&'a Trail], holds: impl Fn(&Trail) -> Looked<bool>) -> Sifted<'a> {
    let mut sifted = Sifted {
        yes: Vec::new(),
        no: Vec::new(),
        unknown: None,
    };
    for trail in trails {
        match holds(trail) {
            Ok(true) => sifted.yes.push(trail),
            Ok(false) => sifted.no.push(&trail.name),
            Err(not) => sifted.unknown = Some(not),
        }
    }
    sifted
}

impl<'a> Sifted<'a> {
    /// One trail is enough. Where none is known to do, one that could not be looked at may.
    fn or_not(self, name: &'static str) -> Result<Vec<&'a Trail>, Probe> {
        if !self.yes.is_empty() {
            return Ok(self.yes);
        }
        if let Some(not) = &self.unknown {
            return Err(not.probe(name, "the trail"));
        }
        let trails = listed(&self.no);
        Err(if name == "trail-logging" {
            let message = format!("no trail is switched on ({trails}): EventBridge gets nothing");
            Probe::fail(
                name,
                message,
                "aws cloudtrail start-logging --name NAME; who switched it off, a watcher-tampered finding says",
            )
        } else {
            let message = format!(
                "no trail logs management events that read ({trails}): AssumeRoleWithWebIdentity is one, and does not come"
            );
            Probe::fail(
                name,
                message,
                "aws cloudtrail put-event-selectors --trail-name NAME --event-selectors '[{\"ReadWriteType\":\"All\",\"IncludeManagementEvents\":true}]'",
            )
        })
    }
}
