//! What settings of several functions are made of. Each reads one value, or adds to the
//! problems why it cannot.

use std::collections::BTreeMap;

use super::{Environment, Location};

pub(super) fn required(
    name: &str,
    environment: &impl Environment,
    problems: &mut Vec<String>,
) -> Option<String> {
    let value = environment.get(name);
    if value.is_none() {
        problems.push(format!("{name} is not set"));
    }
    value
}

pub(super) fn allowlist(
    environment: &impl Environment,
    problems: &mut Vec<String>,
) -> Option<Location> {
    const NAME: &str = "ROLEWATCH_ALLOWLIST";
    let value = required(NAME, environment, problems)?;
    match value.split_once(':') {
        Some(("ssm", name)) if !name.is_empty() => Some(Location::Ssm(name.to_owned())),
        Some(("s3", rest)) if object(rest).is_some() => object(rest),
        Some(("ssm" | "s3" | "secretsmanager" | "http" | "https", _)) => {
            problems.push(format!(
                "{NAME} is neither s3://BUCKET/KEY nor ssm:NAME nor a path"
            ));
            None
        }
        _ => Some(Location::File(value.into())),
    }
}

/// What stands behind `s3:`.
fn object(rest: &str) -> Option<Location> {
    let (bucket, key) = rest.strip_prefix("//")?.split_once('/')?;
    (!bucket.is_empty() && !key.is_empty()).then(|| Location::S3 {
        bucket: bucket.to_owned(),
        key: key.to_owned(),
    })
}

pub(super) fn secret(
    name: &str,
    environment: &impl Environment,
    problems: &mut Vec<String>,
) -> Option<Location> {
    required(name, environment, problems)?;
    optional_secret(name, environment, problems)
}

/// A secret's place; none where nothing is set.
pub(super) fn optional_secret(
    name: &str,
    environment: &impl Environment,
    problems: &mut Vec<String>,
) -> Option<Location> {
    let value = environment.get(name)?;
    match value.split_once(':') {
        Some(("ssm", parameter)) if !parameter.is_empty() => {
            Some(Location::Ssm(parameter.to_owned()))
        }
        Some(("secretsmanager", id)) if !id.is_empty() => {
            Some(Location::SecretsManager(id.to_owned()))
        }
        _ => {
            problems.push(format!(
                "{name} is neither ssm:NAME nor secretsmanager:ID (never put the secret itself there)"
            ));
            None
        }
    }
}

pub(super) fn arn(
    name: &str,
    service: &str,
    environment: &impl Environment,
    problems: &mut Vec<String>,
) -> Option<String> {
    let value = required(name, environment, problems)?;
    let fields: Vec<&str> = value.splitn(6, ':').collect();
    if fields.len() == 6 && fields[0] == "arn" && fields[2] == service {
        return Some(value);
    }
    problems.push(format!("{name} is not the ARN of an {service} resource"));
    None
}

/// The URL of a queue.
pub(super) fn queue(
    name: &str,
    environment: &impl Environment,
    problems: &mut Vec<String>,
) -> Option<String> {
    let value = required(name, environment, problems)?;
    let is_url = value.starts_with("https://") || value.starts_with("http://");
    if is_url {
        return Some(value);
    }
    problems.push(format!("{name} is not the URL of a queue"));
    None
}

/// Values with commas between them; none where nothing is set.
pub(super) fn list(name: &str, environment: &impl Environment) -> Vec<String> {
    let value = environment.get(name).unwrap_or_default();
    let parts = value.split(',').map(str::trim);
    parts
        .filter(|part| !part.is_empty())
        .map(str::to_owned)
        .collect()
}

/// Names of accounts, as `NUMBER=NAME`; none for an account whose name is empty.
pub(super) fn accounts(
    name: &str,
    environment: &impl Environment,
    problems: &mut Vec<String>,
) -> Option<BTreeMap<String, String>> {
    let is_number = |text: &str| text.len() == 12 && text.bytes().all(|b| b.is_ascii_digit());
    let is_name = |text: &str| {
        let is_plain = |c: char| c.is_ascii_alphanumeric() || " -_.".contains(c);
        text.len() <= 63 && text.chars().all(is_plain)
    };
    let mut names = BTreeMap::new();
    for entry in list(name, environment) {
        match entry.split_once('=') {
            Some((number, name)) if is_number(number) && is_name(name) => {
                names.insert(number.to_owned(), name.to_owned());
            }
            _ => {
                problems.push(format!(
                    "{name} is not NUMBER=NAME, with commas between (a name has letters, digits, blanks and -_. only, 63 at most)"
                ));
                return None;
            }
        }
    }
    names.retain(|_, name| !name.is_empty());
    Some(names)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_of_an_account_is_plain() {
        let read = |value: &str| {
            let mut problems = Vec::new();
            let names = accounts("X", &|_: &str| Some(value.to_owned()), &mut problems);
            assert_eq!(names.is_none(), !problems.is_empty(), "{value}");
            names.map(|names| names.into_iter().collect::<Vec<_>>())
        };
        let named = |name: &str| Some(vec![("123456789012".to_owned(), name.to_owned())]);
        assert_eq!(read("123456789012=acme-prod"), named("acme-prod"));
        assert_eq!(read("123456789012=Production 2"), named("Production 2"));
        assert_eq!(read("123456789012="), Some(Vec::new()));
        let long = format!("123456789012={}", "x".repeat(64));
        for bad in ["production", "1=x", "123456789012=<!channel>", "x=y", &long] {
            assert_eq!(read(bad), None, "{bad}");
        }
    }

    #[test]
    fn an_allowlist_is_an_object_a_parameter_or_a_file() {
        let read = |value: &str| {
            let mut problems = Vec::new();
            let environment =
                |name: &str| (name == "ROLEWATCH_ALLOWLIST").then(|| value.to_owned());
            let location = allowlist(&environment, &mut problems);
            assert_eq!(location.is_none(), !problems.is_empty(), "{value}");
            location.map(|location| format!("{location:?}"))
        };
        for good in [
            "s3://bucket/a/key.toml",
            "ssm:/a/b",
            "allowlist.toml",
            "/a/b:c",
        ] {
            assert_eq!(read(good).as_deref(), Some(good));
        }
        for bad in [
            "s3://",
            "s3://bucket",
            "s3://bucket/",
            "s3:///key",
            "s3:bucket/key",
            "ssm:",
        ] {
            assert_eq!(read(bad), None, "{bad}");
        }
    }
}
