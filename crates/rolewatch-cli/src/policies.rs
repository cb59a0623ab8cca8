//! Files with trust policies, and what is known besides.

use std::collections::BTreeSet;
use std::fs::File;
use std::io::{self, Read};
use std::path::Path;

use anyhow::{Context, bail};
use chrono::{DateTime, SecondsFormat, Utc};
use iam_trust::{Expected, Options, Problem, Role};
use rolewatch::allowlist::{Allowlist, Needs};

use crate::args::LintOptions;
use crate::diagnostics::load_or_complain;

/// The largest file that is read, in bytes. The answer of `get-account-authorization-details` for a
/// thousand roles has some 10 MB.
const LARGEST_FILE: u64 = 128 << 20;

/// A file, read as far as it could be.
pub(crate) struct PolicyFile {
    pub(crate) name: String,
    pub(crate) text: String,
    pub(crate) roles: Vec<Role>,
    /// What was not understood.
    pub(crate) problems: Vec<Problem>,
}

impl PolicyFile {
    /// Reads a file, or standard input for `-`.
    pub(crate) fn read(path: &Path) -> anyhow::Result<Self> {
        let name = path.display().to_string();
        if path.is_dir() {
            bail!("{name} is a folder: name its files, such as {name}/*.json");
        }
        if path.extension().is_some_and(|it| it == "tf") {
            bail!(
                "{name} is Terraform's own language, which is not read: `terraform plan -out plan`, \
                 then `terraform show -json plan > plan.json`, which is"
            );
        }
        let text = read_path(path)?;
        let (roles, problems) = match iam_trust::read(&text) {
            Ok(input) => (input.roles, input.problems),
            Err(error) => (Vec::new(), error.problems()),
        };
        Ok(Self {
            name,
            text,
            roles,
            problems,
        })
    }

    /// The one role that is meant, by ARN or name.
    pub(crate) fn pick(&self, wanted: Option<&str>) -> anyhow::Result<&Role> {
        if let Some(problem) = self.problems.first() {
            bail!("{}:{problem}", self.name);
        }
        let all = || {
            let names: Vec<_> = self.roles.iter().filter_map(label).collect();
            names.join(", ")
        };
        let fits = |role: &&Role| match wanted {
            None => true,
            Some(wanted) => {
                role.arn.as_deref() == Some(wanted) || role.name.as_deref() == Some(wanted)
            }
        };
        let mut fitting = self.roles.iter().filter(fits);
        match (fitting.next(), fitting.next(), wanted) {
            (Some(role), None, _) => Ok(role),
            // A bare policy has no name to be called by.
            (None, _, Some(_)) if self.is_bare() => Ok(&self.roles[0]),
            (None, _, None) => bail!("{} has no role", self.name),
            (None, _, Some(wanted)) => {
                bail!("{} has no role {wanted}; it has {}", self.name, all())
            }
            (Some(_), Some(_), _) => {
                bail!(
                    "{} has several roles; say which with --role: {}",
                    self.name,
                    all()
                )
            }
        }
    }

    fn is_bare(&self) -> bool {
        matches!(&*self.roles, [only] if label(only).is_none())
    }
}

/// What a role is called.
pub(crate) fn label(role: &Role) -> Option<&str> {
    role.arn.as_deref().or(role.name.as_deref())
}

/// The text of a file, or of standard input for `-`.
pub(crate) fn read_path(path: &Path) -> anyhow::Result<String> {
    let text = if path.as_os_str() == "-" {
        read_text(io::stdin().lock())
    } else {
        File::open(path).map_err(Into::into).and_then(read_text)
    };
    text.with_context(|| format!("cannot read {}", path.display()))
}

fn read_text(reader: impl Read) -> anyhow::Result<String> {
    let mut bytes = Vec::new();
    reader.take(LARGEST_FILE + 1).read_to_end(&mut bytes)?;
    if bytes.len() as u64 > LARGEST_FILE {
        bail!("it is larger than 128 MiB");
    }
    // Windows' editors put a byte order mark first.
    let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(&bytes);
    match std::str::from_utf8(bytes) {
        Ok(text) => Ok(text.to_owned()),
        Err(error) => bail!("not UTF-8 at byte {}", error.valid_up_to()),
    }
}

/// What is known besides the policies.
pub(crate) struct Known {
    allowlist: Option<Allowlist>,
    role: Option<String>,
    now: DateTime<Utc>,
}

impl Known {
    /// Nothing where the allowlist has errors, which are then on stderr.
    pub(crate) fn load(options: &LintOptions, quiet: bool) -> anyhow::Result<Option<Self>> {
        let allowlist = match &options.allowlist {
            None => None,
            Some(path) => match load_or_complain(path, quiet)? {
                None => return Ok(None),
                some => some,
            },
        };
        Ok(Some(Self {
            allowlist,
            role: options.role.clone(),
            now: Utc::now(),
        }))
    }

    /// The ARN of a role, from its file or from the command line.
    pub(crate) fn arn<'a>(&'a self, role: &'a Role) -> Option<&'a str> {
        role.arn.as_deref().or(self.role.as_deref())
    }

    /// What to ask the lints about a role.
    pub(crate) fn options(&self, role: &Role) -> Options {
        let needs = self.needs(role);
        let patterns = needs.patterns.into_iter().map(|needed| Expected {
            pattern: needed.pattern,
            exact: needed.exact,
        });
        Options {
            subjects: needs.subjects,
            patterns: patterns.collect(),
            max_session: needs.max_session,
            now: Some(self.now.to_rfc3339_opts(SecondsFormat::Secs, true)),
        }
    }

    /// The rules for a role that no trust policy can say: to pin it to the others would shut out
    /// whom these expect.
    pub(crate) fn unsayable(&self, role: &Role) -> BTreeSet<String> {
        let patterns = self.needs(role).patterns.into_iter();
        let inexact = patterns.filter(|needed| !needed.exact);
        inexact.map(|needed| needed.rule).collect()
    }

    fn needs(&self, role: &Role) -> Needs {
        let called = self.arn(role).or(role.name.as_deref());
        let known = self.allowlist.as_ref().zip(called);
        known
            .map(|(allowlist, called)| allowlist.needs_of(called, self.now.date_naive()))
            .unwrap_or_default()
    }
}
