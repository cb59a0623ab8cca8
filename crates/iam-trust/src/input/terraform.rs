//! Terraform plans and states, as `terraform show -json` prints them.

use std::collections::HashMap;

use crate::json::Node;
use crate::place::{Problem, step};
use crate::policy::Literal;

use super::{File, Permissions, Role};

impl File<'_> {
    /// Every `aws_iam_role` of a plan (`planned_values`) or a state (`values`).
    pub(super) fn terraform(&mut self, node: &Node) -> bool {
        for key in ["planned_values", "values"] {
            let Some(root) = node.get(key).and_then(|values| values.get("root_module")) else {
                continue;
            };
            self.module(root, &format!("/{key}/root_module"));
            return true;
        }
        let written_by_show = node.get("format_version").is_some();
        let is_state = node.get("terraform_version").is_some();
        if is_state && !written_by_show {
            let place = self.place("", node.span.start);
            let problem = Problem::new(place, "the state's own format is not read");
            let help = "give what `terraform show -json` prints";
            self.found.problems.push(problem.help(help));
        }
        is_state || written_by_show
    }

    /// The reader's cap on nesting bounds this recursion.
    fn module(&mut self, module: &Node, pointer: &str) {
        let resources = module.get("resources").and_then(Node::items);
        let resources = resources.unwrap_or_default();
        let attachments = attachments(resources);
        for (index, resource) in resources.iter().enumerate() {
            if resource.text_at("type") == Some("aws_iam_role") {
                let pointer = format!("{pointer}/resources/{index}");
                self.planned_role(resource, &pointer, &attachments);
            }
        }
        let children = module.get("child_modules").and_then(Node::items);
        for (index, child) in children.unwrap_or_default().iter().enumerate() {
            self.module(child, &format!("{pointer}/child_modules/{index}"));
        }
    }

    fn planned_role(&mut self, resource: &Node, pointer: &str, siblings: &Attachments<'_>) {
        let values_pointer = step(pointer, "values");
        let values = resource.get("values");
        let document = values.and_then(|values| values.get("assume_role_policy"));
        let (Some(values), Some(document)) = (values, document) else {
            let message = "this role's assume_role_policy is known only after the apply";
            self.problem(pointer, resource, message);
            return;
        };
        let name = values.text_at("name").or(resource.text_at("address"));
        let name = name.map(str::to_owned);
        let arn = values.text_at("arn").map(str::to_owned);
        let max_session = self.max_session(values, "max_session_duration", &values_pointer);
        let permissions = self.planned_permissions(values, &values_pointer, siblings);
        let pointer = step(&values_pointer, "assume_role_policy");
        self.policy(document, &pointer, &Literal, |policy| Role {
            arn,
            name,
            max_session,
            permissions,
            derived: true,
            ..Role::bare(policy)
        });
    }

    fn planned_permissions(
        &self,
        values: &Node,
        pointer: &str,
        siblings: &Attachments<'_>,
    ) -> Permissions {
        let mut permissions = Permissions::default();
        let managed = values.get("managed_policy_arns").and_then(Node::items);
        for (index, arn) in managed.unwrap_or_default().iter().enumerate() {
            let pointer = format!("{pointer}/managed_policy_arns/{index}");
            let place = self.place(&pointer, arn.span.start);
            permissions.managed(arn.text().unwrap_or_default(), &place);
        }
        let own = values.get("inline_policy").and_then(Node::items);
        for (index, policy) in own.unwrap_or_default().iter().enumerate() {
            let place = self.place(
                &format!("{pointer}/inline_policy/{index}"),
                policy.span.start,
            );
            if let Some(document) = policy.get("policy") {
                permissions.document(document, &place);
            }
        }
        let name = values.text_at("name").unwrap_or_default();
        for sibling in siblings.get(name).into_iter().flatten() {
            self.attachment(sibling, &mut permissions);
        }
        permissions
    }

    fn attachment(&self, resource: &Node, permissions: &mut Permissions) {
        let Some(values) = resource.get("values") else {
            return;
        };
        let place = self.place("", values.span.start);
        match resource.text_at("type") {
            Some("aws_iam_role_policy_attachment") => {
                permissions.managed(values.text_at("policy_arn").unwrap_or_default(), &place);
            }
            Some("aws_iam_role_policy") => {
                if let Some(document) = values.get("policy") {
                    permissions.document(document, &place);
                }
            }
            _ => {}
        }
    }
}

/// Resources that give a role permissions, by the role's name.
type Attachments<'a> = HashMap<&'a str, Vec<&'a Node>>;

fn attachments(resources: &[Node]) -> Attachments<'_> {
    let mut attachments = Attachments::new();
    for resource in resources {
        let role = resource
            .get("values")
            .and_then(|values| values.text_at("role"));
        if let Some(role) = role {
            attachments.entry(role).or_default().push(resource);
        }
    }
    attachments
}
