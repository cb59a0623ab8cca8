//! Answers of the IAM API, as the AWS CLI prints them.

use crate::json::{Node, Value};
use crate::place::step;
use crate::policy::Literal;

use super::{File, MaxSession, Permissions, Role};

impl File<'_> {
    /// `get-role` (`Role`), `list-roles` (`Roles`), `get-account-authorization-details`
    /// (`RoleDetailList`), or one role out of any of them.
    pub(super) fn iam(&mut self, node: &Node) -> bool {
        if node.get("AssumeRolePolicyDocument").is_some() {
            self.iam_role(node, "", node);
            return true;
        }
        if let Some(role) = node.get("Role").filter(|role| role.members().is_some()) {
            self.iam_role(role, "/Role", node);
            return true;
        }
        for key in ["Roles", "RoleDetailList"] {
            let Some(roles) = node.get(key).and_then(Node::items) else {
                continue;
            };
            for (index, role) in roles.iter().enumerate() {
                self.iam_role(role, &format!("/{key}/{index}"), node);
            }
            return true;
        }
        false
    }

    fn iam_role(&mut self, role: &Node, pointer: &str, whole: &Node) {
        let Some(document) = role.get("AssumeRolePolicyDocument") else {
            self.problem(pointer, role, "this role has no AssumeRolePolicyDocument");
            return;
        };
        let pointer_of = |key: &str| step(pointer, key);
        let arn = role.text_at("Arn").map(str::to_owned);
        let name = role.text_at("RoleName").map(str::to_owned);
        let max_session = self.max_session(role, "MaxSessionDuration", pointer);
        let permissions = self.iam_permissions(role, pointer, whole);
        self.policy(
            document,
            &pointer_of("AssumeRolePolicyDocument"),
            &Literal,
            |policy| Role {
                arn,
                name,
                max_session,
                permissions,
                ..Role::bare(policy)
            },
        );
    }

    pub(super) fn max_session(&self, node: &Node, key: &str, pointer: &str) -> Option<MaxSession> {
        let found = node.get(key)?;
        let seconds = match &found.value {
            Value::Number(text) | Value::String(text) => text.parse().ok()?,
            _ => return None,
        };
        let place = self.place(&step(pointer, key), found.span.start);
        Some(MaxSession { seconds, place })
    }

    /// `get-account-authorization-details` tells a role's own policies, the names of its managed
    /// ones, and the documents of those.
    fn iam_permissions(&self, role: &Node, pointer: &str, whole: &Node) -> Permissions {
        let mut permissions = Permissions::default();
        let attached = role.get("AttachedManagedPolicies").and_then(Node::items);
        let pointer_of = |key: &str, index: usize| format!("{pointer}/{key}/{index}");
        for (index, policy) in attached.unwrap_or_default().iter().enumerate() {
            let pointer = pointer_of("AttachedManagedPolicies", index);
            let place = self.place(&pointer, policy.span.start);
            let arn = policy.text_at("PolicyArn").unwrap_or_default();
            let before = permissions.grants.len();
            permissions.managed(arn, &place);
            if permissions.grants.len() > before {
                continue;
            }
            if let Some(document) = managed_document(whole, arn) {
                permissions.document(document, &place);
            }
        }
        let own = role.get("RolePolicyList").and_then(Node::items);
        for (index, policy) in own.unwrap_or_default().iter().enumerate() {
            let pointer = pointer_of("RolePolicyList", index);
            let place = self.place(&pointer, policy.span.start);
            if let Some(document) = policy.get("PolicyDocument") {
                permissions.document(document, &place);
            }
        }
        permissions
    }
}

/// The version in force of a managed policy.
fn managed_document<'a>(whole: &'a Node, arn: &str) -> Option<&'a Node> {
    let policies = whole.get("Policies")?.items()?;
    let policy = policies
        .iter()
        .find(|policy| policy.text_at("Arn") == Some(arn))?;
    let versions = policy.get("PolicyVersionList")?.items()?;
    let is_default = |version: &&Node| {
        matches!(
            version.get("IsDefaultVersion").map(|node| &node.value),
            Some(Value::Bool(true))
        )
    };
    versions.iter().find(is_default)?.get("Document")
}
