//! Which keys a call of `AssumeRoleWithWebIdentity` never has.

use github_oidc::Issuer;

use crate::claims::is_condition_key;

use super::claim_of;

/// Keys of a caller who signed the request, or of a service that calls for another. The call is
/// unsigned: its caller is nobody's principal yet ("AWS global condition context keys").
const OF_PRINCIPALS: [&str; 15] = [
    "aws:assumedroot",
    "aws:calledvia",
    "aws:ec2instancesource",
    "aws:multifactorauth",
    "aws:principal",
    "aws:sourceaccount",
    "aws:sourcearn",
    "aws:sourceidentity",
    "aws:sourceinstancearn",
    "aws:sourceorg",
    "aws:sourceowner",
    "aws:tokenissuetime",
    "aws:userid",
    "aws:username",
    // Of AssumeRole alone.
    "sts:externalid",
];

/// Whether no call with a token of this issuer has a key (in lower case): a principal's, another
/// provider's claim, a claim of which STS makes no key, or none that AWS could know. Any other key
/// is taken to be as the policy wants it.
pub(crate) fn is_absent(issuer: &Issuer, key: &str) -> bool {
    if let Some(claim) = claim_of(issuer, key) {
        return !is_condition_key(issuer, claim);
    }
    is_of_principal(key)
        || key.rsplit_once(':').is_none_or(|(prefix, _)| {
            // Claims of other providers: their keys begin with a host.
            prefix.contains('.') || prefix.contains("github")
        })
}

/// Whether a key (in lower case) tells of a principal that signs.
pub(crate) fn is_of_principal(key: &str) -> bool {
    OF_PRINCIPALS.iter().any(|prefix| key.starts_with(prefix))
}
