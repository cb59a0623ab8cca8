//! `CloudFormation` templates in JSON.

use std::collections::{BTreeSet, HashMap};

use crate::json::{Member, Node};
use crate::place::{Problem, step};
use crate::policy::text;

use super::intrinsic::Template;
use super::{File, Permissions, Role};

/// What to lint instead of a template that makes its resources only when it is deployed.
const PROCESSED: &str = "lint what is deployed: `aws cloudformation get-template --template-stage \
                         Processed`, or `aws iam get-role`";

/// A template, and the policies in it that name a role, by the role.
struct Whole<'a> {
    root: &'a Node,
    attached: HashMap<&'a str, Vec<&'a Member>>,
}

impl File<'_> {
    /// Every `AWS::IAM::Role` of a template.
    pub(super) fn cloudformation(&mut self, node: &Node) -> bool {
        let Some(resources) = node.get("Resources").and_then(Node::members) else {
            return false;
        };
        self.repeated("", node);
        for section in ["Parameters", "Resources"] {
            if let Some(found) = node.get(section) {
                self.repeated(&step("", section), found);
            }
        }
        let whole = Whole {
            root: node,
            attached: attached(resources),
        };
        self.resources(resources, &whole);
        true
    }

    fn resources(&mut self, resources: &[Member], whole: &Whole<'_>) {
        for resource in resources {
            let pointer = step("/Resources", &resource.key);
            if resource.key.starts_with("Fn::") {
                let function = resource.key.rsplitn(2, "::").last().unwrap_or_default();
                let message = format!("the resources that {function} makes are not judged");
                let place = self.place(&pointer, resource.key_span.start);
                let problem = Problem::new(place, message).help(PROCESSED);
                self.found.problems.push(problem);
            } else if is_role(&resource.value) {
                self.repeated(&pointer, &resource.value);
                self.resource(resource, &step(&pointer, "Properties"), whole);
            }
        }
    }

    fn resource(&mut self, resource: &Member, pointer: &str, whole: &Whole<'_>) {
        match resource.value.get("Properties") {
            Some(properties) => {
                self.repeated(pointer, properties);
                self.template_role(&resource.key, properties, pointer, whole);
            }
            None => self.problem(pointer, &resource.value, "this role has no properties"),
        }
    }

    /// Reports the keys of an object that come twice: `CloudFormation` deploys the last.
    fn repeated(&mut self, pointer: &str, node: &Node) {
        for member in node.repeated() {
            let place = self.place(&step(pointer, &member.key), member.key_span.start);
            self.found
                .problems
                .push(Problem::repeated(place, &member.key));
        }
    }

    fn template_role(&mut self, id: &str, properties: &Node, pointer: &str, whole: &Whole<'_>) {
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
        let permissions = self.template_permissions(id, properties, pointer, whole);
        let pointer = step(pointer, "AssumeRolePolicyDocument");
        self.policy(document, &pointer, &Template::new(whole.root), |policy| {
            Role {
                name: Some(name),
                max_session,
                permissions,
                ..Role::bare(policy)
            }
        });
    }

    fn template_permissions(
        &self,
        id: &str,
        properties: &Node,
        pointer: &str,
        whole: &Whole<'_>,
    ) -> Permissions {
        let mut permissions = Permissions::default();
        let template = Template::new(whole.root);
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
        for resource in whole.attached.get(id).into_iter().flatten() {
            self.attach(resource, &mut permissions);
        }
        permissions
    }

    fn attach(&self, resource: &Member, permissions: &mut Permissions) {
        let Some(properties) = resource.value.get("Properties") else {
            return;
        };
        let pointer = step(&step("/Resources", &resource.key), "Properties");
        let place = self.place(&pointer, properties.span.start);
        if let Some(document) = properties.get("PolicyDocument") {
            permissions.document(document, &place);
        }
    }
}

/// Whether a resource is a role; of several types any may be deployed.
fn is_role(resource: &Node) -> bool {
    let mut members = resource.members().unwrap_or_default().iter();
    members.any(|member| member.key == "Type" && member.value.text() == Some("AWS::IAM::Role"))
}

/// Policies that are resources of their own, by the roles that they name: how the CDK writes them.
fn attached(resources: &[Member]) -> HashMap<&str, Vec<&Member>> {
    let mut attached: HashMap<&str, Vec<&Member>> = HashMap::new();
    for resource in resources {
        let kind = resource.value.text_at("Type").unwrap_or_default();
        if !matches!(kind, "AWS::IAM::Policy" | "AWS::IAM::ManagedPolicy") {
            continue;
        }
        let properties = resource.value.get("Properties");
        let roles = properties.and_then(|properties| properties.get("Roles")?.items());
        let names = roles.unwrap_or_default().iter();
        let names: BTreeSet<&str> = names.filter_map(|role| role.text_at("Ref")).collect();
        for name in names {
            attached.entry(name).or_default().push(resource);
        }
    }
    attached
}
