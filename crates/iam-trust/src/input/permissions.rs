//! What a role may do, as far as its file tells.

use crate::json::{Node, Value, read};
use crate::pattern::like;
use crate::place::Place;

/// The permissions of a role that are at hand.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Permissions {
    /// Grants that are worth a lint, in the order of the file.
    pub grants: Vec<Grant>,
}

/// One grant and where it stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Grant {
    /// All actions on all resources: a managed policy such as `AdministratorAccess`, or a statement.
    Administrator(Place),
    /// `iam:PassRole` on every role.
    PassRole(Place),
}

/// The managed policies with which a role can give itself all the rest.
const ADMINISTRATORS: [&str; 2] = [":policy/AdministratorAccess", ":policy/IAMFullAccess"];

impl Permissions {
    /// Takes in a managed policy by its ARN.
    pub(super) fn managed(&mut self, arn: &str, place: &Place) {
        if ADMINISTRATORS.iter().any(|end| arn.ends_with(end)) {
            self.grants.push(Grant::Administrator(place.clone()));
        }
    }

    /// Takes in a permissions policy, as an object or as JSON in a string. It is read tolerantly:
    /// it only adds to what the trust policy says.
    pub(super) fn document(&mut self, document: &Node, place: &Place) {
        let inner = document.text().and_then(|text| read(text).ok());
        let document = inner.as_ref().unwrap_or(document);
        let Some(statements) = document.get("Statement") else {
            return;
        };
        let single = std::slice::from_ref(statements);
        for statement in statements.items().unwrap_or(single) {
            self.statement(statement, place);
        }
    }

    fn statement(&mut self, statement: &Node, place: &Place) {
        let allows = statement.text_at("Effect") == Some("Allow");
        let everywhere = texts(statement.get("Resource")).contains(&"*");
        if !allows || !everywhere || statement.get("Condition").is_some() {
            return;
        }
        let actions = texts(statement.get("Action"));
        let covers = |wanted: &str| {
            let mut actions = actions.iter();
            actions.any(|action| like(&action.to_ascii_lowercase(), wanted))
        };
        if actions.iter().any(|action| matches!(*action, "*" | "*:*"))
            || covers_all_of_iam(&actions)
        {
            self.grants.push(Grant::Administrator(place.clone()));
        } else if covers("iam:passrole") {
            self.grants.push(Grant::PassRole(place.clone()));
        }
    }
}

fn covers_all_of_iam(actions: &[&str]) -> bool {
    actions
        .iter()
        .any(|action| action.eq_ignore_ascii_case("iam:*"))
}

fn texts(node: Option<&Node>) -> Vec<&str> {
    match node.map(|node| &node.value) {
        Some(Value::String(text)) => vec![text],
        Some(Value::Array(items)) => items.iter().filter_map(Node::text).collect(),
        _ => Vec::new(),
    }
}
