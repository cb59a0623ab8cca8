//! Edits of a policy's text.

use std::ops::Range;

use crate::json::{Member, Node, Value, quote, read, render};
use crate::policy::{Condition, Policy, Statement};

use super::style::{indent_at, inline, layout, lines};

/// Replaces the values at a span (one text, or a list) by others.
pub(crate) fn set_texts(text: &str, span: &Range<usize>, values: &[String]) -> Option<String> {
    let list = text.get(span.clone())?.starts_with('[');
    let new = match values {
        [only] if !list => quote(only),
        _ => {
            let items = values.iter().cloned().map(Value::String).map(Node::made);
            render(
                &Node::made(Value::Array(items.collect())),
                &layout(text, span),
            )
        }
    };
    splice(text, span, &new)
}

/// Gives a condition's key another name.
pub(crate) fn rename_key(
    policy: &Policy,
    statement: &Statement,
    condition: &Condition,
    key: &str,
) -> Option<String> {
    edit_condition(policy, statement, |blocks| {
        let block = members(blocks, &condition.operator.name)?;
        if block.iter().any(|member| member.key == key) {
            return None;
        }
        let member = block
            .iter_mut()
            .find(|member| member.key == condition.key)?;
        key.clone_into(&mut member.key);
        Some(())
    })
}

/// Moves a condition to another operator, and gives it these values where there are any.
pub(crate) fn move_condition(
    policy: &Policy,
    statement: &Statement,
    condition: &Condition,
    operator: &str,
) -> Option<String> {
    edit_condition(policy, statement, |blocks| {
        let at = blocks
            .iter()
            .position(|block| block.key == condition.operator.name)?;
        let target = blocks.iter().any(|block| block.key == operator);
        let block = object(&mut blocks.get_mut(at)?.value)?;
        if block.len() == 1 && !target {
            operator.clone_into(&mut blocks.get_mut(at)?.key);
            return Some(());
        }
        let member = block
            .iter()
            .position(|member| member.key == condition.key)?;
        let member = block.remove(member);
        if block.is_empty() {
            blocks.remove(at);
        }
        insert(blocks, operator, member)
    })
}

/// Adds a condition to a statement.
pub(crate) fn add_condition(
    policy: &Policy,
    statement: &Statement,
    operator: &str,
    key: &str,
    values: &[String],
) -> Option<String> {
    let values: Vec<Node> = values
        .iter()
        .cloned()
        .map(|value| Node::made(Value::String(value)))
        .collect();
    let value = match <[Node; 1]>::try_from(values) {
        Ok([only]) => only,
        Err(values) => Node::made(Value::Array(values)),
    };
    let member = made(key, value);
    if has_condition(policy, statement)? {
        return edit_condition(policy, statement, |blocks| insert(blocks, operator, member));
    }
    let block = made(operator, Node::made(Value::Object(vec![member])));
    append_condition(policy, statement, &Node::made(Value::Object(vec![block])))
}

fn made(key: &str, value: Node) -> Member {
    Member {
        key: key.to_owned(),
        key_span: 0..0,
        value,
    }
}

/// Puts a member into the block of an operator, unless its key is there already.
fn insert(blocks: &mut Vec<Member>, operator: &str, member: Member) -> Option<()> {
    if let Some(block) = members(blocks, operator) {
        let same = |known: &Member| known.key.eq_ignore_ascii_case(&member.key);
        if block.iter().any(same) {
            return None;
        }
        block.push(member);
        return Some(());
    }
    blocks.push(made(operator, Node::made(Value::Object(vec![member]))));
    Some(())
}

fn object(node: &mut Node) -> Option<&mut Vec<Member>> {
    match &mut node.value {
        Value::Object(members) => Some(members),
        _ => None,
    }
}

fn members<'a>(blocks: &'a mut [Member], operator: &str) -> Option<&'a mut Vec<Member>> {
    let block = blocks.iter_mut().find(|block| block.key == operator)?;
    object(&mut block.value)
}

fn statement_node(policy: &Policy, statement: &Statement) -> Option<Node> {
    let node = read(&policy.text).ok()?;
    let statements = node.get("Statement")?;
    match statements.items() {
        Some(items) => items.get(statement.index).cloned(),
        None => Some(statements.clone()),
    }
}

fn has_condition(policy: &Policy, statement: &Statement) -> Option<bool> {
    Some(
        statement_node(policy, statement)?
            .get("Condition")
            .is_some(),
    )
}

/// Rewrites the statement's `Condition`, and nothing else.
fn edit_condition(
    policy: &Policy,
    statement: &Statement,
    change: impl FnOnce(&mut Vec<Member>) -> Option<()>,
) -> Option<String> {
    let node = statement_node(policy, statement)?;
    let mut condition = node.get("Condition")?.clone();
    change(object(&mut condition)?)?;
    let layout = layout(&policy.text, &condition.span);
    splice(&policy.text, &condition.span, &render(&condition, &layout))
}

/// Adds `Condition` as the statement's last element.
fn append_condition(policy: &Policy, statement: &Statement, condition: &Node) -> Option<String> {
    let node = statement_node(policy, statement)?;
    let last = node.members()?.last()?.value.span.end;
    let text = &policy.text;
    let several = text.get(node.span.clone())?.contains('\n');
    let (separator, layout) = if several {
        let at = node.members()?.last()?.key_span.start;
        (format!(",\n{}", indent_at(text, at)), lines(text, at))
    } else {
        let layout = inline(text);
        (format!(",{}", layout.blank()), layout)
    };
    let blank = layout.blank();
    let new = format!(
        "{separator}\"Condition\":{blank}{}",
        render(condition, &layout)
    );
    splice(text, &(last..last), &new)
}

fn splice(text: &str, span: &Range<usize>, new: &str) -> Option<String> {
    let (before, after) = (text.get(..span.start)?, text.get(span.end..)?);
    Some(format!("{before}{new}{after}"))
}
