//! Trust policies of IAM roles: read, evaluated, and linted with a witness.
//!
//! [`read`] takes a policy out of whatever it came in (a bare document, an answer of IAM's, a
//! template, a plan); [`evaluate`] says whether a token gets in, and why; [`lint`] says who gets in
//! and should not, and proves each complaint with a witness that [`evaluate`] has confirmed.
//! [`Workflow`] is the other side of the door: how a GitHub Actions workflow asks to get in.
//!
//! Everything here is pure: no clock, no network, no environment.

mod claims;
mod evaluate;
mod fix;
mod input;
mod json;
mod lints;
mod pattern;
mod place;
mod policy;
mod request;
mod witness;
mod workflow;

pub use claims::{Claims, STS_AUDIENCE, is_condition_key};
pub use evaluate::{ConditionTrace, Explanation, Got, StatementTrace, date_millis, evaluate};
pub use fix::Fix;
pub use input::{Grant, Input, MaxSession, Permissions, ReadError, Role, read};
pub use lints::{ALL, Check, Expected, Lint, Options, Severity, lint};
pub use place::{Place, Problem};
pub use policy::{
    Actions, Base, Comparison, Condition, ConditionValue, Effect, Operator, Polarity, Policy,
    PrincipalEntry, PrincipalKind, Principals, SetOperator, Statement, Text, Version, provider_url,
};
pub use request::Request;
pub use witness::Witness;
pub use workflow::{
    Unguarded, WORKFLOW_CHECKS, Workflow, WorkflowCheck, WorkflowKind, WorkflowLint,
};
