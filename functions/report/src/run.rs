//! One run: gather, keep the page, tell once.

use std::future::Future;

use chrono::{DateTime, Utc};
use lambda_runtime::{Error, LambdaEvent};
use rolewatch::allowlist::{Allowlist, compile};
use rolewatch::report::model::{Report, Source};
use rolewatch::report::rendering::{html, slack, text};
use rolewatch::rendering::text::Colour;
use rolewatch::report::sheet::{Sheet, sheet};
use rolewatch::report::{Extras, Gatherer, Period, gather};
use rolewatch::store::{Ledger, Telling};
use rolewatch_aws::dynamodb::DynamoTable;
use rolewatch_aws::pages::Bucket;
use rolewatch_aws::settings::ReportSettings;
use rolewatch_aws::sns::Topic;
use rolewatch_http::slack::Webhook;
use serde_json::{Value, json};

use crate::request::{name, period};

/// SNS takes 256 KB; the page has what is left out.
const LONGEST_MAIL: usize = 200_000;

/// The function, with what lives as long as its process.
pub(crate) struct Reporter {
    pub(crate) store: Ledger<DynamoTable>,
    pub(crate) pages: Bucket,
    pub(crate) mail: Topic,
    pub(crate) webhook: Webhook,
    pub(crate) settings: ReportSettings,
}

impl Reporter {
    /// Makes a report. Every step is safe to be done again, so that a run that fails is made up for by another.
    pub(crate) async fn handle(&self, event: LambdaEvent<Value>) -> Result<Value, Error> {
        let now = Utc::now();
        let period = period(event.payload, now)?;
        let name = name(period);
        let report = self.gather(period, now).await?;
        let sheet = sheet(&report);
        let key = format!("reports/{name}.html");
        self.pages.put(&key, html::render(&report, &sheet)).await?;
        let page = self.link(&key);
        // One that fails does not keep the other from being told.
        let message = slack::message(&report, &sheet, Some(&page));
        let slack = self
            .once(&format!("{name} slack"), self.webhook.post(&message), now)
            .await;
        let (subject, body) = mail(&sheet, &name, &page);
        let mail = self
            .once(
                &format!("{name} mail"),
                self.mail.publish_text(&subject, &body),
                now,
            )
            .await;
        let (slack, mail) = (slack?, mail?);
        println!("{}", made(&event.context.env_config.function_name, now));
        Ok(json!({"report": name, "key": key, "verdict": report.verdict, "slack": slack, "mail": mail}))
    }

    async fn gather(&self, period: Period, now: DateTime<Utc>) -> Result<Report, Error> {
        let allowlist = self.allowlist(now).await?;
        let mut extras = Extras {
            made_at: Some(now),
            ..Extras::default()
        };
        let canaries = self.store.canaries(period.first, period.last, now).await?;
        extras.awake.canaries = canaries.map(Into::into);
        let gatherer = Gatherer::new(period, Source::Service, &allowlist);
        Ok(gather(&self.store, gatherer, extras, now).await?)
    }

    /// The one in force, as detect recorded it: this function need not be able to read its source.
    async fn allowlist(&self, now: DateTime<Utc>) -> Result<Allowlist, Error> {
        let Some(good) = self.store.good_allowlist(now).await? else {
            return Ok(Allowlist::empty());
        };
        let compiled = compile(&good.text);
        let (allowlist, _) = compiled.map_err(|_| "the recorded allowlist cannot be used")?;
        Ok(allowlist)
    }

    /// Where a person who may read the bucket sees the page. A link that is signed would let in whoever reads Slack.
    fn link(&self, key: &str) -> String {
        let (region, bucket) = (&self.settings.region, &self.settings.bucket);
        format!(
            "https://{region}.console.aws.amazon.com/s3/object/{bucket}?region={region}&prefix={key}"
        )
    }

    /// Tells something unless it was told. Returns whether it did.
    async fn once<E: std::error::Error + Send + Sync + 'static>(
        &self,
        name: &str,
        tell: impl Future<Output = Result<(), E>>,
        now: DateTime<Utc>,
    ) -> Result<bool, Error> {
        match self.store.take_telling(name, now).await? {
            Telling::Told => return Ok(false),
            Telling::Busy => return Err(format!("another run is telling {name}").into()),
            Telling::Due => {}
        }
        let told = tell.await;
        self.store.end_telling(name, told.is_ok(), now).await?;
        told?;
        Ok(true)
    }
}

/// The subject, which SNS wants short and in ASCII, and the text.
fn mail(sheet: &Sheet, name: &str, page: &str) -> (String, String) {
    let mut body = format!("The whole report: {page}\n\n{}", text::render(sheet, Colour::Plain));
    if body.len() > LONGEST_MAIL {
        body.truncate(body.floor_char_boundary(LONGEST_MAIL));
        body.push_str("\n\nThe rest is in the whole report.\n");
    }
    (format!("rolewatch: report {name}"), body)
}

/// What `CloudWatch` counts: its absence is an alarm.
fn made(function: &str, now: DateTime<Utc>) -> Value {
    json!({
        "_aws": {
            "Timestamp": now.timestamp_millis(),
            "CloudWatchMetrics": [{
                "Namespace": "rolewatch",
                "Dimensions": [["FunctionName"]],
                "Metrics": [{"Name": "Reports", "Unit": "Count"}],
            }],
        },
        "level": "info",
        "message": "made a report",
        "FunctionName": function,
        "Reports": 1,
    })
}
