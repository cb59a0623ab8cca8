//! What settings of several functions are made of. Each reads one value, or adds to the
//! problems why it cannot.

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

#[cfg(test)]
mod tests {
    use super::*;

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
