//! `CloudFormation` templates in JSON.

use crate::json::Node;
use crate::place::step;
use crate::policy::text;

use super::intrinsic::Template;
use super::{File, Permissions, Role};

impl File<'_> {
    /// Every `AWS::IAM::Role` of a template.
    pub(super) fn cloudformation(&mut self, node: &Node) -> bool {
        let Some(resources) = node.get("Resources").and_then(Node::members) else {
            return false;
        };
        for resource in resources {
            if resource.value.text_at("Type") != Some("AWS::IAM::Role") {
                continue;
            }
            let pointer = step(&step("/Resources", &resource.key), "Properties");
            match resource.value.get("Properties") {
                Some(properties) => self.template_role(&resource.key, properties, &pointer, node),
                None => self.problem(&pointer, &resource.value, "this role has no properties"),
            }
        }
        true
    }

    fn template_role(&mut self, id: &str, properties: &Node, pointer: &str, root: &Node) {
        let Some(document) = properties.get("AssumeRolePolicyDocument") else {
            self.problem(
                pointer,
                properties,
                "this role has no AssumeRolePolicyDocument",
            );
            return;
        };
        let name = properties.text_at("RoleName").unwrap_or(id).to_owned();
        let max_session = self.max_session(properties, "MaxSessionDuration", pointer);
        let permissions = self.template_permissions(id, properties, pointer, root);
        let pointer = step(pointer, "AssumeRolePolicyDocument");
        self.policy(document, &pointer, &Template::new(root), |policy| Role {
            name: Some(name),
            max_session,
            permissions,
            ..Role::bare(policy)
        });
    }

    fn template_permissions(
        &self,
        id: &str,
        properties: &Node,
        pointer: &str,
        root: &Node,
    ) -> Permissions {
        let mut permissions = Permissions::default();
        let template = Template::new(root);
        let managed = properties.get("ManagedPolicyArns").and_then(Node::items);
        for (index, arn) in managed.unwrap_or_default().iter().enumerate() {
            let place = self.place(
                &format!("{pointer}/ManagedPolicyArns/{index}"),
                arn.span.start,
            );
            if let Some(arn) = text(arn, &template) {
                permissions.managed(&arn.text, &place);
            }
        }
        let own = properties.get("Policies").and_then(Node::items);
        for (index, policy) in own.unwrap_or_default().iter().enumerate() {
            let place = self.place(&format!("{pointer}/Policies/{index}"), policy.span.start);
            if let Some(document) = policy.get("PolicyDocument") {
                permissions.document(document, &place);
            }
        }
        self.attached(id, root, &mut permissions);
        permissions
    }

    /// Policies that are resources of their own and name the role: how the CDK writes them.
    fn attached(&self, id: &str, root: &Node, permissions: &mut Permissions) {
        let resources = root.get("Resources").and_then(Node::members);
        for resource in resources.unwrap_or_default() {
            let kind = resource.value.text_at("Type").unwrap_or_default();
            let properties = resource.value.get("Properties");
            let (true, Some(properties)) = (
                matches!(kind, "AWS::IAM::Policy" | "AWS::IAM::ManagedPolicy"),
                properties,
            ) else {
                continue;
            };
            let roles = properties.get("Roles").and_then(Node::items);
            let names_it = |role: &Node| role.text_at("Ref") == Some(id);
            if !roles.unwrap_or_default().iter().any(names_it) {
                continue;
            }
            let pointer = step(&step("/Resources", &resource.key), "Properties");
            let place = self.place(&pointer, properties.span.start);
            if let Some(document) = properties.get("PolicyDocument") {
                permissions.document(document, &place);
            }
        }
    }
}
