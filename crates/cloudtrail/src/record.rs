//! One CloudTrail record: the fields that matter here, read tolerantly.

use chrono::{DateTime, Utc};
use serde::de::{Deserialize, Deserializer, MapAccess, Visitor};

use crate::tolerant::{Tolerant, tolerant};

tolerant! {
    /// One CloudTrail record.
    ///
    /// Any field can be missing, `null` or of a type its documents do not promise: it is then
    /// `None`, or a part with nothing but `None` in it. An empty text counts as missing. Session
    /// tokens are not kept. The names are CloudTrail's, in snake case; their meaning is that of
    /// the [record contents] page.
    ///
    /// [record contents]: https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudtrail-event-reference-record-contents.html
    pub struct Record {
        /// The format's version, such as `1.08`. Services of one account differ: never gate on it.
        event_version: Option<String> = "eventVersion",
        /// When the call was made, to the second.
        event_time: Option<DateTime<Utc>> = "eventTime",
        /// The service, such as `sts.amazonaws.com`.
        event_source: Option<String> = "eventSource",
        /// The API call, such as `AssumeRoleWithWebIdentity`.
        event_name: Option<String> = "eventName",
        /// `AwsApiCall` for calls.
        event_type: Option<String> = "eventType",
        /// The region that logged the call. Calls to the global STS endpoint say `us-east-1`.
        aws_region: Option<String> = "awsRegion",
        /// An address, a DNS name, or `AWS Internal`.
        source_ip_address: Option<String> = "sourceIPAddress",
        /// What the caller says it is. Never proof of anything.
        user_agent: Option<String> = "userAgent",
        /// Present when the call failed.
        error_code: Option<String> = "errorCode",
        /// Text beside the error code; for a denied call not the text that the client saw.
        error_message: Option<String> = "errorMessage",
        /// Unique in one account; copies of the same event share it.
        event_id: Option<String> = "eventID",
        /// What the service answered as the request's id.
        request_id: Option<String> = "requestID",
        /// Shared by the copies of one event in different accounts.
        shared_event_id: Option<String> = "sharedEventID",
        /// The account whose trail this record is in.
        recipient_account_id: Option<String> = "recipientAccountId",
        /// Who called.
        user_identity: UserIdentity = "userIdentity",
        /// What was asked for.
        request_parameters: RequestParameters = "requestParameters",
        /// What was answered; nothing for a failed call.
        response_elements: ResponseElements = "responseElements",
        /// What was touched.
        resources: Vec<Resource> = "resources",
        /// What the service added.
        additional_event_data: AdditionalEventData = "additionalEventData",
    }

    /// Who called.
    pub struct UserIdentity {
        /// `WebIdentityUser`, `AssumedRole`, `IAMUser` and so on.
        r#type: Option<String> = "type",
        /// For a web identity `<provider>:<audience>:<subject>`, each of which may contain colons.
        principal_id: Option<String> = "principalId",
        /// The principal's ARN; a web identity has none.
        arn: Option<String> = "arn",
        /// The principal's account.
        account_id: Option<String> = "accountId",
        /// The key that signed the call.
        access_key_id: Option<String> = "accessKeyId",
        /// For a web identity, the token's subject.
        user_name: Option<String> = "userName",
        /// The ARN of the IAM OIDC provider, or the host of a built-in one.
        identity_provider: Option<String> = "identityProvider",
        /// The session in which the call was made.
        session_context: SessionContext = "sessionContext",
    }

    /// The session in which a call was made.
    pub struct SessionContext {
        /// The role or user that the session belongs to.
        session_issuer: SessionIssuer = "sessionIssuer",
        /// Where a federated session came from.
        web_id_federation_data: WebIdFederationData = "webIdFederationData",
        /// When the session began.
        attributes: SessionAttributes = "attributes",
    }

    /// The role or user that a session belongs to.
    pub struct SessionIssuer {
        /// `Role` or `User`.
        r#type: Option<String> = "type",
        /// The unique id, such as `AROA…`.
        principal_id: Option<String> = "principalId",
        /// The ARN, with its path.
        arn: Option<String> = "arn",
        /// The account.
        account_id: Option<String> = "accountId",
        /// The friendly name.
        user_name: Option<String> = "userName",
    }

    /// Where a federated session came from. Its mere presence says nothing: it is `{}` on
    /// sessions that are not federated.
    pub struct WebIdFederationData {
        /// The provider's ARN, or the host of a built-in one.
        federated_provider: Option<String> = "federatedProvider",
    }

    /// When a session began.
    pub struct SessionAttributes {
        /// The time at which the session's credentials were issued.
        creation_date: Option<DateTime<Utc>> = "creationDate",
    }

    /// What a call that assumes a role asked for.
    pub struct RequestParameters {
        /// The role, with its path.
        role_arn: Option<String> = "roleArn",
        /// The name that the caller gave the session.
        role_session_name: Option<String> = "roleSessionName",
        /// In seconds; present only when the caller sent it, otherwise STS applies 3600.
        duration_seconds: Option<u64> = "durationSeconds",
        /// The source identity that the caller set.
        source_identity: Option<String> = "sourceIdentity",
    }

    /// What a call that assumes a role was answered.
    pub struct ResponseElements {
        /// The credentials, without their secrets.
        credentials: Credentials = "credentials",
        /// The token's subject.
        subject_from_web_identity_token: Option<String> = "subjectFromWebIdentityToken",
        /// The session.
        assumed_role_user: AssumedRoleUser = "assumedRoleUser",
        /// The ARN of the IAM OIDC provider, or the host of a built-in one.
        provider: Option<String> = "provider",
        /// The token's audience.
        audience: Option<String> = "audience",
    }

    /// Issued credentials, without their secrets.
    pub struct Credentials {
        /// `ASIA…`.
        access_key_id: Option<String> = "accessKeyId",
        /// When they end.
        expiration: Option<DateTime<Utc>> = "expiration",
    }

    /// The session of an assumed role.
    pub struct AssumedRoleUser {
        /// `arn:aws:sts::ACCOUNT:assumed-role/ROLE/SESSION`, without the role's path.
        arn: Option<String> = "arn",
        /// `AROA…:SESSION`.
        assumed_role_id: Option<String> = "assumedRoleId",
    }

    /// A resource that a call touched.
    pub struct Resource {
        /// The owner's account.
        account_id: Option<String> = "accountId",
        /// Such as `AWS::IAM::Role`.
        r#type: Option<String> = "type",
        /// The resource's ARN.
        arn: Option<String> = "ARN",
    }

    /// What STS adds to a record; missing on older ones.
    pub struct AdditionalEventData {
        /// How the provider's certificate was verified: `IAMTrustStore` or `Thumbprint`.
        identity_provider_connection_verification_method: Option<String> =
            "identityProviderConnectionVerificationMethod",
        /// Where the call was served.
        request_details: RequestDetails = "RequestDetails",
    }

    /// Where a call was served.
    pub struct RequestDetails {
        /// The region that served it.
        aws_serving_region: Option<String> = "awsServingRegion",
        /// `regional` or `global`.
        endpoint_type: Option<String> = "endpointType",
    }
}

impl Record {
    /// Whether this is a call of `sts:AssumeRoleWithWebIdentity`, successful or not.
    #[must_use]
    pub fn is_assume_role_with_web_identity(&self) -> bool {
        is_assume_role_with_web_identity(self.event_name.as_deref(), self.event_source.as_deref())
    }
}

/// The name of the call that everything here is about.
pub(crate) const ASSUME_ROLE_WITH_WEB_IDENTITY: &str = "AssumeRoleWithWebIdentity";

/// A record that lost its source is still taken at its name: no other service has such a call.
pub(crate) fn is_assume_role_with_web_identity(name: Option<&str>, source: Option<&str>) -> bool {
    name == Some(ASSUME_ROLE_WITH_WEB_IDENTITY)
        && source.is_none_or(|source| source == "sts.amazonaws.com")
}

impl<'de> Deserialize<'de> for Record {
    /// Fails only where the text is not JSON or not an object, or holds a number beyond all bounds
    /// (`1e999`) in a place that is read.
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct RecordVisitor;

        impl<'de> Visitor<'de> for RecordVisitor {
            type Value = Record;

            fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str("a CloudTrail record")
            }

            fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Record, A::Error> {
                Record::from_map(map)
            }
        }

        deserializer.deserialize_map(RecordVisitor)
    }
}

#[cfg(test)]
mod tests;
