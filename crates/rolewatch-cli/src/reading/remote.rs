//! Sources that are no files: what to do instead.

use std::path::Path;

/// What brings the records of such a source into a file, if it is of a kind that is known.
pub(super) fn cure(source: &Path) -> Option<String> {
    let source = source.to_str()?;
    if source.starts_with("s3://") {
        return Some(format!(
            "S3 is not read directly; copy the logs first, `aws s3 sync {source} FOLDER`, and name that folder"
        ));
    }
    if source == "event-history" {
        return Some(
            "CloudTrail's event history is not read directly; export it first, in each region, \
             `aws cloudtrail lookup-events --lookup-attributes \
             AttributeKey=EventName,AttributeValue=AssumeRoleWithWebIdentity > history.json`, \
             and name that file"
                .to_owned(),
        );
    }
    source.starts_with("athena:").then(|| {
        "Athena is not asked directly; copy the logs that the table is made of first, \
         `aws s3 sync s3://BUCKET/PREFIX FOLDER`, and name that folder"
            .to_owned()
    })
}
