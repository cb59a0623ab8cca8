//! CloudTrail records, and the containers they arrive in.
//!
//! A [`Record`] is read tolerantly: whatever a field turns out to be, the rest of the record is
//! still worth having. [`read()`] finds the records of an input by its content, in bounded memory,
//! and names everything that it could not read:
//!
//! ```
//! use std::ops::ControlFlow;
//! use cloudtrail::{Item, Limits, assumptions, read};
//!
//! let log = br#"{"Records":[{"eventVersion":"1.08","eventName":"AssumeRoleWithWebIdentity"}]}"#;
//! let mut names = Vec::new();
//! let outcome = read(&log[..], &Limits::default(), assumptions, |item| {
//!     if let Item::Record(found) = item {
//!         names.push(found.record.event_name);
//!     }
//!     ControlFlow::Continue(())
//! });
//! assert!(outcome.complete);
//! assert_eq!(outcome.totals.records, 1);
//! assert_eq!(names, [Some("AssumeRoleWithWebIdentity".to_owned())]);
//! ```
//!
//! [`walk()`] and [`open()`] find the files to read; [`ArchiveReader`] reads them as [`read()`]
//! does, and those that S3 delivery wrote much faster.

mod archive;
mod delivery;
mod describe;
mod input;
mod meter;
mod problem;
mod read;
mod reader;
mod record;
mod resync;
mod salvage;
mod scanner;
mod shape;
mod source;
mod time;
mod tolerant;
mod window;

pub use archive::ArchiveReader;
#[doc(hidden)]
pub use archive::Buffers;
pub use meter::Meter;
pub use problem::{Place, Problem, ProblemKind, RecordHash, Unreadable};
pub use read::{Found, Item, Limits, Outcome, Totals, read};
pub use record::{
    AdditionalEventData, AssumedRoleUser, Credentials, Record, RequestDetails, RequestParameters,
    Resource, ResponseElements, SessionAttributes, SessionContext, SessionIssuer, UserIdentity,
    WebIdFederationData,
};
pub use shape::{Glance, assumptions};
pub use source::{
    File, Files, OpenError, Source, Walk, WalkProblem, WalkProblemKind, open, walk, walk_where,
};
