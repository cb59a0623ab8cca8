//! Whether the policy of a queue or a function lets a service in, as the template writes them: allowed for a service, on
//! behalf of one source. What is written another way is not understood, and does not count.

use serde_json::Value;

/// Whether the policy lets this service do this for that source.
pub(super) fn lets(policy: &str, service: &str, action: &str, source: &str) -> bool {
    let Ok(policy) = serde_json::from_str::<Value>(policy) else {
        return false;
    };
    let statements = match &policy["Statement"] {
        Value::Array(statements) => statements.as_slice(),
        one => std::slice::from_ref(one),
    };
    let about = |it: &&Value| {
        is_for(&it["Principal"], service)
            && texts(&it["Action"])
                .iter()
                .any(|it| fits(&it.to_ascii_lowercase(), &action.to_ascii_lowercase()))
            && holds(&it["Condition"], source)
    };
    let effects: Vec<&Value> = statements
        .iter()
        .filter(about)
        .map(|it| &it["Effect"])
        .collect();
    effects.iter().any(|it| *it == "Allow") && !effects.iter().any(|it| *it == "Deny")
}

fn is_for(principal: &Value, service: &str) -> bool {
    principal == "*"
        || texts(&principal["AWS"]).contains(&"*")
        || texts(&principal["Service"]).contains(&service)
}

/// Every condition: the source, or its account.
fn holds(condition: &Value, source: &str) -> bool {
    let Some(operators) = condition.as_object() else {
        return true;
    };
    operators.iter().all(|(operator, keys)| {
        let is_known = matches!(
            operator.as_str(),
            "ArnEquals" | "ArnLike" | "StringEquals" | "StringLike"
        );
        is_known
            && keys.as_object().is_some_and(|keys| {
                keys.iter().all(|(key, wanted)| {
                    let value = match key.to_ascii_lowercase().as_str() {
                        "aws:sourcearn" => source,
                        "aws:sourceaccount" => source.split(':').nth(4).unwrap_or_default(),
                        _ => return false,
                    };
                    texts(wanted).iter().any(|it| fits(it, value))
                })
            })
    })
}

fn texts(value: &Value) -> Vec<&str> {
    match value {
        Value::String(text) => vec![text],
        Value::Array(values) => values.iter().filter_map(Value::as_str).collect(),
        _ => Vec::new(),
    }
}

/// `*` is any run of characters.
fn fits(pattern: &str, text: &str) -> bool {
    crate::pattern::Pattern::new(pattern).matches(text)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    const RULE: &str = "arn:aws:events:eu-central-1:123456789012:rule/rolewatch-Rule-1";

    fn statement(condition: &Value) -> Value {
        json!({"Effect": "Allow", "Principal": {"Service": "events.amazonaws.com"}, "Action": "sqs:SendMessage",
               "Resource": "*", "Condition": condition})
    }

    fn lets_in(statements: &Value) -> bool {
        let policy = json!({"Statement": statements}).to_string();
        lets(&policy, "events.amazonaws.com", "sqs:SendMessage", RULE)
    }

    #[test]
    fn as_the_template_writes_them() {
        for condition in [
            json!({"ArnEquals": {"aws:SourceArn": [RULE, "x"]}}),
            json!({"ArnLike": {"AWS:SourceArn": "arn:aws:events:*:123456789012:rule/*"}}),
            json!({"StringEquals": {"aws:SourceAccount": "123456789012"}}),
            json!(null),
        ] {
            assert!(lets_in(&json!([statement(&condition)])), "{condition}");
            assert!(lets_in(&statement(&condition)), "{condition}");
        }
        let wide = json!([{"Effect": "Allow", "Principal": "*", "Action": "SQS:*"}]);
        assert!(lets_in(&wide));
    }

    #[test]
    fn whatever_else_does_not_count() {
        for condition in [
            json!({"ArnEquals": {"aws:SourceArn": "arn:aws:events:eu-central-1:123456789012:rule/other"}}),
            json!({"StringEquals": {"aws:SourceAccount": "210987654321"}}),
            json!({"Bool": {"aws:SecureTransport": "true"}}),
            json!({"ArnEquals": {"aws:SourceArn": RULE}, "StringEquals": {"aws:PrincipalOrgID": "o-1"}}),
        ] {
            assert!(!lets_in(&json!([statement(&condition)])), "{condition}");
        }
        let denied =
            json!([statement(&json!(null)), {"Effect": "Deny", "Principal": "*", "Action": "*"}]);
        assert!(!lets_in(&denied));
        for policy in ["", "{}", "[]", r#"{"Statement": 1}"#] {
            assert!(!lets(
                policy,
                "events.amazonaws.com",
                "sqs:SendMessage",
                RULE
            ));
        }
        let other = json!({"Statement": [statement(&json!(null))]}).to_string();
        assert!(!lets(&other, "sns.amazonaws.com", "sqs:SendMessage", RULE));
        assert!(!lets(
            &other,
            "events.amazonaws.com",
            "sqs:PurgeQueue",
            RULE
        ));
    }
}
