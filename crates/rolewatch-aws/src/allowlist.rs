//! Where the allowlist is kept: an object of S3, a parameter of Systems Manager, or a file.

use std::fs::{File, Metadata};
use std::hash::{DefaultHasher, Hash, Hasher};
use std::io::{self, Read};
use std::path::{Path, PathBuf};
use std::time::UNIX_EPOCH;

use aws_config::SdkConfig;
use rolewatch::allowlist_in_force::{AllowlistSource, Fetched, Fresh, LARGEST, SourceError};

use crate::settings::Location;

/// The place of an allowlist.
#[derive(Debug)]
pub struct AllowlistLocation(Place);

#[derive(Debug)]
enum Place {
    #[cfg(feature = "s3")]
    Object(Box<s3::Object>),
    #[cfg(feature = "ssm")]
    Parameter(ssm::Parameter),
    File(PathBuf),
    /// One that this function was not built for.
    Other(Location),
}

impl AllowlistLocation {
    /// The place of these settings.
    #[must_use]
    #[cfg_attr(
        not(any(feature = "s3", feature = "ssm")),
        expect(unused_variables, reason = "a file needs no client")
    )]
    pub fn new(location: &Location, config: &SdkConfig) -> Self {
        Self(match location {
            #[cfg(feature = "s3")]
            Location::S3 { bucket, key } => {
                Place::Object(Box::new(s3::Object::new(config, bucket, key)))
            }
            #[cfg(feature = "ssm")]
            Location::Ssm(name) => Place::Parameter(ssm::Parameter::new(config, name)),
            Location::File(path) => Place::File(path.clone()),
            other => Place::Other(other.clone()),
        })
    }
}

impl AllowlistSource for AllowlistLocation {
    async fn fetch(&self, known: Option<&str>) -> Result<Fetched, SourceError> {
        match &self.0 {
            #[cfg(feature = "s3")]
            Place::Object(object) => object.fetch(known).await,
            #[cfg(feature = "ssm")]
            Place::Parameter(parameter) => parameter.fetch(known).await,
            Place::File(path) => {
                from_file(path, known).map_err(|error| SourceError::Gone(error.to_string()))
            }
            Place::Other(location) => Err(SourceError::Gone(format!(
                "this function does not read an allowlist from {location:?}"
            ))),
        }
    }
}

/// Whether trying again can help: not where the service said that there is no such thing, or
/// that it must not be read.
#[cfg(any(feature = "s3", feature = "ssm"))]
fn classify(code: Option<&str>) -> SourceError {
    const LATER: [&str; 8] = [
        "InternalError",
        "InternalServerError",
        "RequestTimeout",
        "ServiceUnavailable",
        "SlowDown",
        "Throttling",
        "ThrottlingException",
        "TooManyUpdates",
    ];
    match code {
        None => SourceError::Later("no answer".into()),
        Some(code) if LATER.contains(&code) => SourceError::Later(code.to_owned()),
        Some(code) => SourceError::Gone(code.to_owned()),
    }
}

/// A file's version is when it was changed, and a hash of it: one that was put back as it was,
/// too, is a version of its own.
fn from_file(path: &Path, known: Option<&str>) -> io::Result<Fetched> {
    let file = File::open(path)?;
    let changed = changed(&file.metadata()?);
    let mut content = Vec::new();
    file.take(LARGEST as u64 + 1).read_to_end(&mut content)?;
    let mut hash = DefaultHasher::new();
    content.hash(&mut hash);
    let version = format!("{changed}-{:016x}", hash.finish());
    if known == Some(&version) {
        return Ok(Fetched::Unchanged);
    }
    Ok(Fetched::Changed(Fresh {
        content,
        version,
        author: None,
    }))
}

/// Seconds since 1970; nothing where the file's system does not tell.
fn changed(metadata: &Metadata) -> u64 {
    let changed = metadata.modified().ok();
    let since = changed.and_then(|time| time.duration_since(UNIX_EPOCH).ok());
    since.unwrap_or_default().as_secs()
}

#[cfg(feature = "s3")]
mod s3 {
    use std::sync::{Mutex, MutexGuard, PoisonError};

    use aws_config::SdkConfig;
    use aws_sdk_s3::error::ProvideErrorMetadata;
    use aws_sdk_s3::operation::get_object::GetObjectOutput;
    use aws_sdk_s3::primitives::DateTime;
    use rolewatch::allowlist_in_force::{Fetched, Fresh, LARGEST, SourceError};

    use super::classify;
    use crate::bucket::Bucket;

    #[derive(Debug)]
    pub(super) struct Object {
        bucket: Bucket,
        key: String,
        /// The version that was read last, and its `ETag`, which S3 compares by.
        last: Mutex<Option<(String, String)>>,
    }

    impl Object {
        pub(super) fn new(config: &SdkConfig, bucket: &str, key: &str) -> Self {
            Self {
                bucket: Bucket::new(config, bucket),
                key: key.to_owned(),
                last: Mutex::default(),
            }
        }

        pub(super) async fn fetch(&self, known: Option<&str>) -> Result<Fetched, SourceError> {
            let etag = self
                .last()
                .clone()
                .filter(|(version, _)| known == Some(version))
                .map(|(_, etag)| etag);
            let asked = self.bucket.ask(|client| {
                let call = client.get_object().bucket(&self.bucket.name).key(&self.key);
                call.set_if_none_match(etag.clone()).send()
            });
            let answer = match asked.await {
                Ok(answer) => answer,
                Err(error) => {
                    let status = error.raw_response().map(|it| it.status().as_u16());
                    return match status {
                        Some(304) => Ok(Fetched::Unchanged),
                        Some(500..) => Err(SourceError::Later(format!(
                            "S3: {}",
                            error.code().unwrap_or("no answer")
                        ))),
                        _ => Err(classify(error.code())),
                    };
                }
            };
            let (version, etag) = names(&answer);
            let content = read(answer).await?;
            *self.last() = Some((version.clone(), etag));
            if known == Some(&version) {
                return Ok(Fetched::Unchanged);
            }
            Ok(Fetched::Changed(Fresh {
                content,
                version,
                author: None,
            }))
        }

        fn last(&self) -> MutexGuard<'_, Option<(String, String)>> {
            self.last.lock().unwrap_or_else(PoisonError::into_inner)
        }
    }

    /// The version, and the `ETag`. A bucket without versions has only the latter, and the time.
    fn names(answer: &GetObjectOutput) -> (String, String) {
        let etag = answer.e_tag().unwrap_or_default().to_owned();
        let version = answer.version_id().filter(|id| *id != "null");
        let version = version.map_or_else(
            || {
                let changed = answer.last_modified().map_or(0, DateTime::secs);
                format!("{changed}-{}", etag.trim_matches('"'))
            },
            str::to_owned,
        );
        (version, etag)
    }

    /// The object, or so much of it that it is plainly too large.
    async fn read(mut answer: GetObjectOutput) -> Result<Vec<u8>, SourceError> {
        let mut content = Vec::new();
        while content.len() <= LARGEST {
            let next = answer.body.try_next().await;
            match next.map_err(|_| SourceError::Later("S3: the answer broke off".into()))? {
                Some(bytes) => content.extend_from_slice(&bytes),
                None => break,
            }
        }
        Ok(content)
    }
}

#[cfg(feature = "ssm")]
mod ssm {
    use aws_config::SdkConfig;
    use aws_sdk_ssm::Client;
    use aws_sdk_ssm::error::ProvideErrorMetadata;
    use rolewatch::allowlist_in_force::{Fetched, Fresh, SourceError};

    use super::classify;

    #[derive(Debug)]
    pub(super) struct Parameter {
        client: Client,
        name: String,
    }

    impl Parameter {
        pub(super) fn new(config: &SdkConfig, name: &str) -> Self {
            Self {
                client: Client::new(config),
                name: name.to_owned(),
            }
        }

        pub(super) async fn fetch(&self, known: Option<&str>) -> Result<Fetched, SourceError> {
            let call = self.client.get_parameter().name(&self.name);
            let answer = call.with_decryption(true).send().await;
            let answer = answer.map_err(|error| classify(error.code()))?;
            let parameter = answer
                .parameter
                .ok_or_else(|| SourceError::Gone("it has no value".into()))?;
            // A parameter that was deleted and made anew begins at 1 again.
            let changed = parameter.last_modified_date.map_or(0, |time| time.secs());
            let version = format!("{} of {changed}", parameter.version);
            if known == Some(&version) {
                return Ok(Fetched::Unchanged);
            }
            Ok(Fetched::Changed(Fresh {
                content: parameter.value.unwrap_or_default().into_bytes(),
                version,
                author: self.author(parameter.version).await,
            }))
        }

        /// Who wrote a version. Where the history is not to be had, nobody is named: that keeps
        /// no allowlist from being in force.
        async fn author(&self, version: i64) -> Option<String> {
            let history = self.client.get_parameter_history().name(&self.name);
            let mut pages = history.with_decryption(false).into_paginator().send();
            while let Some(page) = pages.next().await {
                let mut parameters = page.ok()?.parameters.unwrap_or_default().into_iter();
                if let Some(found) = parameters.find(|it| it.version == version) {
                    return found.last_modified_user;
                }
            }
            None
        }
    }
}
