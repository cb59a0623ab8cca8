//! The port to where the allowlist is kept, and one in memory.

use std::future::Future;
use std::sync::{Mutex, MutexGuard, PoisonError};

/// The largest file that is taken, in bytes. A source may stop reading behind one byte more.
pub const LARGEST: usize = 8 * 1024 * 1024;

/// What a source has.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Fetched {
    /// Still the version that was asked about.
    Unchanged,
    /// Another version.
    Changed(Fresh),
}

/// A version, as its source has it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fresh {
    /// The file, good or not.
    pub content: Vec<u8>,
    /// What the source calls the version; never the same for two contents.
    pub version: String,
    /// Who wrote it, where the source says so.
    pub author: Option<String>,
}

/// Why a source has no answer. Holds no text of the file.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SourceError {
    /// It will not be there until somebody sees to it: deleted, or access denied.
    #[error("not to be had: {0}")]
    Gone(String),
    /// It may be there later: throttled, timed out.
    #[error("not to be had now: {0}")]
    Later(String),
}

/// Where the allowlist is kept.
pub trait AllowlistSource: Sync {
    /// The file, unless it is still of the version that is known.
    fn fetch(
        &self,
        known: Option<&str>,
    ) -> impl Future<Output = Result<Fetched, SourceError>> + Send;
}

/// A file in memory.
#[derive(Debug)]
pub struct Shelf(Mutex<State>);

#[derive(Debug)]
struct State {
    answer: Result<Fresh, SourceError>,
    asked: usize,
}

impl Default for Shelf {
    fn default() -> Self {
        Self(Mutex::new(State {
            answer: Err(SourceError::Gone("nothing was put there".into())),
            asked: 0,
        }))
    }
}

impl Shelf {
    /// Puts a version there, or a reason why there is none.
    pub fn put(&self, answer: Result<Fresh, SourceError>) {
        self.lock().answer = answer;
    }

    /// How often it was asked.
    pub fn asked(&self) -> usize {
        self.lock().asked
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl AllowlistSource for Shelf {
    async fn fetch(&self, known: Option<&str>) -> Result<Fetched, SourceError> {
        let mut state = self.lock();
        state.asked += 1;
        let fresh = state.answer.clone()?;
        if known == Some(&fresh.version) {
            return Ok(Fetched::Unchanged);
        }
        Ok(Fetched::Changed(fresh))
    }
}

impl<S: AllowlistSource> AllowlistSource for &S {
    async fn fetch(&self, known: Option<&str>) -> Result<Fetched, SourceError> {
        S::fetch(self, known).await
    }
}
