//! Any text is a workflow or refused, and every complaint has its place in the text.

use iam_trust::Workflow;

pub fn run(text: &str) {
    let lines = text.split('\n').count();
    match Workflow::read(text) {
        Ok(workflow) => {
            let _ = workflow.assumes_roles();
            for lint in workflow.lint(&|uses| uses.starts_with("./").then_some(&workflow)) {
                assert!((1..=lines).contains(&lint.location.line), "{lint:?}");
            }
        }
        Err(problem) => assert!((1..=lines).contains(&problem.place.line), "{problem}"),
    }
}
