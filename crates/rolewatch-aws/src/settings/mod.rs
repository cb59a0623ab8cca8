//! Settings from the environment: read once, every problem at once. One file a function;
//! `fields` reads what several of them have.

mod actions;
mod detect;
mod fields;
mod notify;
mod reconcile;
mod relay;
mod report;

use std::fmt;
use std::path::PathBuf;

pub use self::actions::ActionsSettings;
pub use self::detect::DetectSettings;
pub use self::notify::NotifySettings;
pub use self::reconcile::ReconcileSettings;
pub use self::relay::RelaySettings;
pub use self::report::ReportSettings;

/// Where something that is not in the environment itself is kept.
#[derive(Clone, PartialEq, Eq)]
pub enum Location {
    /// `ssm:NAME`: a parameter of Systems Manager.
    Ssm(String),
    /// `secretsmanager:ID`: a secret.
    SecretsManager(String),
    /// `s3://BUCKET/KEY`: an object.
    S3 {
        /// The bucket.
        bucket: String,
        /// The object's key.
        key: String,
    },
    /// A file beside the function.
    File(PathBuf),
}

#[cfg(feature = "doctor")]
impl Location {
    /// What a setting that says where the allowlist is means; nothing where it does not say so.
    pub(crate) fn of_allowlist(text: &str) -> Option<Self> {
        fields::allowlist(&|_: &str| Some(text.to_owned()), &mut Vec::new())
    }

    /// The same of a secret.
    pub(crate) fn of_secret(text: &str) -> Option<Self> {
        fields::secret("", &|_: &str| Some(text.to_owned()), &mut Vec::new())
    }
}

impl fmt::Debug for Location {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Ssm(name) => write!(f, "ssm:{name}"),
            Self::SecretsManager(id) => write!(f, "secretsmanager:{id}"),
            Self::S3 { bucket, key } => write!(f, "s3://{bucket}/{key}"),
            Self::File(path) => write!(f, "{}", path.display()),
        }
    }
}

/// Everything that is wrong with the settings. None of their values is repeated: one of them
/// may be a secret in the wrong place.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
#[error("the settings are not usable: {}", .0.join("; "))]
pub struct SettingsError(pub Vec<String>);

/// The environment, as far as settings are concerned.
pub trait Environment {
    /// The value of a variable; none where it is not set, or empty.
    fn get(&self, name: &str) -> Option<String>;
}

/// The process's own.
#[derive(Clone, Copy, Debug)]
pub struct ProcessEnvironment;

impl Environment for ProcessEnvironment {
    fn get(&self, name: &str) -> Option<String> {
        std::env::var(name).ok().filter(|value| !value.is_empty())
    }
}

impl<F: Fn(&str) -> Option<String>> Environment for F {
    fn get(&self, name: &str) -> Option<String> {
        self(name).filter(|value| !value.is_empty())
    }
}
