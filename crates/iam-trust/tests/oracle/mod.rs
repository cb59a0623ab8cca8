//! A second evaluator: straight from the documents, over plain JSON, with no care for speed.

use std::collections::BTreeMap;

use iam_trust::Request;
use serde_json::Value;

type Keys = BTreeMap<String, Vec<String>>;

/// The condition keys that AWS lists for GitHub.
const CLAIMS: &[&str] = &[
    "amr",
    "aud",
    "sub",
    "actor",
    "actor_id",
    "enterprise_id",
    "environment",
    "job_workflow_ref",
    "ref",
    "repository",
    "repository_id",
    "repository_owner_id",
    "workflow",
];

const ARN_END: &str = ":oidc-provider/token.actions.githubusercontent.com";

pub(crate) fn allows(policy: &Value, request: &Request) -> bool {
    let mut keys = Keys::from([("aws:securetransport".to_owned(), vec!["true".to_owned()])]);
    for (claim, values) in &request.claims {
        if CLAIMS.contains(&&**claim) {
            keys.insert(
                format!("token.actions.githubusercontent.com:{claim}"),
                values.clone(),
            );
        }
    }
    for (key, values) in &request.context {
        keys.insert(key.to_lowercase(), values.clone());
    }
    keys.retain(|_, values| !values.is_empty());
    let variables = policy["Version"] == "2012-10-17";
    let statements = list(&policy["Statement"]);
    let matching = |effect: &str| {
        let of = statements
            .iter()
            .filter(|statement| statement["Effect"] == effect);
        of.filter(|statement| matches(statement, &keys, variables))
            .count()
    };
    matching("Deny") == 0 && matching("Allow") > 0
}

fn list(value: &Value) -> Vec<Value> {
    match value {
        Value::Array(items) => items.clone(),
        Value::Null => Vec::new(),
        one => vec![one.clone()],
    }
}

fn texts(value: &Value) -> Vec<String> {
    let texts = list(value);
    texts
        .iter()
        .map(|text| text.as_str().unwrap_or("not a text").to_owned())
        .collect()
}

fn matches(statement: &Value, keys: &Keys, variables: bool) -> bool {
    let principal = match statement.get("NotPrincipal") {
        Some(principal) => !is_github(principal),
        None => is_github(&statement["Principal"]),
    };
    let action = match statement.get("NotAction") {
        Some(actions) => !is_assume(actions),
        None => is_assume(&statement["Action"]),
    };
    let allow = statement["Effect"] == "Allow";
    let mut conditions = Vec::new();
    if let Some(blocks) = statement["Condition"].as_object() {
        for (operator, block) in blocks {
            for (key, wanted) in block.as_object().into_iter().flatten() {
                let got = keys.get(&key.to_lowercase());
                let wanted = texts(wanted);
                conditions.push(condition(operator, got, &wanted, keys, variables, allow));
            }
        }
    }
    principal && action && !conditions.contains(&false)
}

fn is_github(principal: &Value) -> bool {
    principal == "*"
        || texts(&principal["AWS"]).contains(&"*".to_owned())
        || texts(&principal["Federated"])
            .iter()
            .any(|arn| arn.ends_with(ARN_END))
}

fn is_assume(actions: &Value) -> bool {
    let wanted = "sts:assumerolewithwebidentity";
    texts(actions)
        .iter()
        .any(|action| glob(&tokens(&action.to_lowercase(), true), &chars(wanted)))
}

#[derive(Clone, PartialEq)]
enum Step {
    Is(char),
    Any,
    One,
}

fn chars(text: &str) -> Vec<char> {
    text.chars().collect()
}

fn tokens(text: &str, wild: bool) -> Vec<Step> {
    let step = |c| match c {
        '*' if wild => Step::Any,
        '?' if wild => Step::One,
        c => Step::Is(c),
    };
    text.chars().map(step).collect()
}

fn glob(pattern: &[Step], text: &[char]) -> bool {
    match pattern.first() {
        None => text.is_empty(),
        Some(Step::Any) => (0..=text.len()).any(|skip| glob(&pattern[1..], &text[skip..])),
        Some(Step::One) => !text.is_empty() && glob(&pattern[1..], &text[1..]),
        Some(Step::Is(c)) => text.first() == Some(c) && glob(&pattern[1..], &text[1..]),
    }
}

/// A policy's value with its variables put in; nothing where one has no value.
fn expand(value: &str, wild: bool, variables: bool, keys: &Keys) -> Option<Vec<Step>> {
    let Some(start) = value.find("${").filter(|_| variables) else {
        return Some(tokens(value, wild));
    };
    let Some(length) = value[start..].find('}') else {
        return Some(tokens(value, wild));
    };
    let name = &value[start + 2..start + length];
    let filled = match name {
        "*" | "?" | "$" => name.to_owned(),
        _ => {
            let (key, default) = name.split_once(", ").unwrap_or((name, ""));
            match keys.get(&key.to_lowercase()).map(Vec::as_slice) {
                Some([one]) => one.clone(),
                _ if default.is_empty() => return None,
                _ => default.trim_matches('\'').to_owned(),
            }
        }
    };
    let mut steps = tokens(&value[..start], wild);
    steps.extend(tokens(&filled, false));
    steps.extend(expand(&value[start + length + 1..], wild, variables, keys)?);
    Some(steps)
}

fn condition(
    operator: &str,
    got: Option<&Vec<String>>,
    wanted: &[String],
    keys: &Keys,
    variables: bool,
    allow: bool,
) -> bool {
    let (set, rest) = operator.split_once(':').unwrap_or(("", operator));
    let base = rest.strip_suffix("IfExists").unwrap_or(rest);
    let if_exists = base != rest;
    if base == "Null" {
        return wanted.iter().any(|wanted| match &**wanted {
            "true" => got.is_none(),
            "false" => got.is_some(),
            _ => allow,
        });
    }
    let negated = base.contains("Not");
    let Some(got) = got else {
        return match set {
            "ForAllValues" => true,
            "ForAnyValue" => allow && (if_exists || negated),
            _ => if_exists || negated,
        };
    };
    let accepts = |value: &String| {
        let compared: Vec<Option<bool>> = wanted
            .iter()
            .map(|wanted| compare(base, wanted, value, keys, variables))
            .collect();
        if compared.contains(&Some(true)) {
            !negated
        } else if negated && compared.contains(&None) {
            allow
        } else {
            negated
        }
    };
    let accepted = got.iter().filter(|value| accepts(value)).count();
    match set {
        "ForAllValues" => accepted == got.len() || got.iter().all(String::is_empty),
        "ForAnyValue" => accepted > 0,
        _ if negated && !allow => accepted == got.len(),
        _ => accepted > 0,
    }
}

fn compare(base: &str, wanted: &str, got: &str, keys: &Keys, variables: bool) -> Option<bool> {
    let kind = base.replace("Not", "");
    let wild = kind.ends_with("Like") || kind.starts_with("Arn");
    let steps = expand(wanted, wild, variables, keys)?;
    let plain: String = steps
        .iter()
        .map(|step| match step {
            Step::Is(c) => *c,
            Step::Any => '*',
            Step::One => '?',
        })
        .collect();
    match &*kind {
        "StringEquals" | "BinaryEquals" => Some(plain == got),
        "StringEqualsIgnoreCase" | "Bool" => Some(plain.to_lowercase() == got.to_lowercase()),
        "StringLike" => Some(glob(&steps, &chars(got))),
        "ArnLike" | "ArnEquals" => Some(arn(&steps, got)),
        "IpAddress" => address(&plain, got),
        _ if kind.starts_with("Numeric") => {
            let (got, wanted): (f64, f64) = (got.parse().ok()?, plain.parse().ok()?);
            Some(order(&kind["Numeric".len()..], got - wanted))
        }
        _ => {
            let difference = time(got)? - time(&plain)?;
            Some(order(&kind["Date".len()..], difference))
        }
    }
}

fn order(relation: &str, difference: f64) -> bool {
    match relation {
        "Equals" => difference == 0.0,
        "LessThan" => difference < 0.0,
        "LessThanEquals" => difference <= 0.0,
        "GreaterThan" => difference > 0.0,
        "GreaterThanEquals" => difference >= 0.0,
        other => panic!("{other}"),
    }
}

fn arn(pattern: &[Step], got: &str) -> bool {
    let mut rest = pattern;
    let mut left = got;
    for _ in 0..5 {
        let Some(end) = rest.iter().position(|step| *step == Step::Is(':')) else {
            return false;
        };
        let Some((part, after)) = left.split_once(':') else {
            return false;
        };
        if !glob(&rest[..end], &chars(part)) {
            return false;
        }
        (rest, left) = (&rest[end + 1..], after);
    }
    glob(rest, &chars(left))
}

fn address(range: &str, got: &str) -> Option<bool> {
    use std::net::IpAddr;
    let bits = |address: IpAddr| -> Vec<bool> {
        let bytes = match address {
            IpAddr::V4(address) => address.octets().to_vec(),
            IpAddr::V6(address) => address.octets().to_vec(),
        };
        bytes
            .iter()
            .flat_map(|byte| (0..8).rev().map(move |bit| byte >> bit & 1 == 1))
            .collect()
    };
    let got = bits(got.parse().ok()?);
    let network = bits(range.split('/').next()?.parse().ok()?);
    let length = match range.split_once('/') {
        Some((_, length)) => length.parse().ok()?,
        None => network.len(),
    };
    Some(got.len() == network.len() && got[..length] == network[..length])
}

/// Seconds since 1970 of the few times that are generated.
fn time(text: &str) -> Option<f64> {
    match text {
        "2026-01-01T00:00:00Z" => Some(1_767_225_600.0),
        "2026-06-01T12:00:00Z" => Some(1_780_315_200.0),
        "2027-01-01" => Some(1_798_761_600.0),
        "1970-01-01T00:00:00Z" => Some(0.0),
        "9999-12-31T00:00:00Z" => Some(253_402_214_400.0),
        // Ids that witnesses have: four digits alone are a year.
        "1001" => Some(-30_578_688_000.0),
        "2002" => Some(1_009_843_200.0),
        number if number.len() < 16 && number.len() != 4 => {
            number.parse::<i32>().map(f64::from).ok()
        }
        _ => None,
    }
}
