//! CloudTrail records, and the containers they arrive in.
//!
//! A [`Record`] is read tolerantly: whatever a field turns out to be, the rest of the record is
//! still worth having.

mod record;
mod time;
mod tolerant;

pub use record::{
    AdditionalEventData, AssumedRoleUser, Credentials, Record, RequestDetails, RequestParameters,
    Resource, ResponseElements, SessionAttributes, SessionContext, SessionIssuer, UserIdentity,
    WebIdFederationData,
};
