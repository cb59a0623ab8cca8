//! One report: counts from the table, a page into the bucket, a summary to Slack and mail.

use chrono::{DateTime, Utc};
use lambda_runtime::{Error, LambdaEvent};
use rolewatch::allowlist::{Allowlist, compile};
use rolewatch::report::model::{Awake, Report, Source, snoozes_of};
use rolewatch::report::rendering::{html, mail, slack};
use rolewatch::report::sheet::{Sheet, sheet};
use rolewatch::report::{Extras, Gatherer, Period, gather};
use rolewatch::store::{Ledger, ToldTo};
use rolewatch_aws::dynamodb::DynamoTable;
use rolewatch_aws::pages::Pages;
use rolewatch_aws::sns::Topic;
use rolewatch_http::slack::Webhook;
use serde_json::{Value, json};

use crate::request::Request;

/// The function, with what lives as long as its process.
pub(crate) struct Reporter {
    pub(crate) store: Ledger<DynamoTable>,
    pub(crate) pages: Pages,
    pub(crate) topic: Topic,
    pub(crate) webhook: Webhook,
}

/// A report, ready to be told.
struct Ready {
    name: String,
    report: Report,
    sheet: Sheet,
    /// Where its page is.
    link: String,
}

impl Reporter {
    /// Does one invocation. Answers with what was made, and what was told now.
    pub(crate) async fn handle(&self, event: LambdaEvent<Value>) -> Result<Value, Error> {
        let now = Utc::now();
        let request = Request::read(event.payload)?;
        let period = request.period(now)?;
        let report = Box::pin(self.gather(period, now)).await?;
        let sheet = sheet(&report);
        let name = period.name();
        let key = format!("reports/{name}.html");
        self.pages.keep(&key, html::render(&report, &sheet)).await?;
        let ready = Ready {
            link: self.pages.link(&key),
            name,
            report,
            sheet,
        };
        // Each by itself: Slack being away keeps nobody's mail.
        let slack = self.tell(ToldTo::Slack, &ready, request.again, now).await;
        let mail = self.tell(ToldTo::Mail, &ready, request.again, now).await;
        let answer = json!({
            "level": "info", "message": "made a report", "report": ready.name, "page": key,
            "verdict": ready.sheet.verdict, "slack": *slack.as_ref().unwrap_or(&false),
            "mail": *mail.as_ref().unwrap_or(&false),
        });
        println!("{answer}");
        slack?;
        mail?;
        Ok(answer)
    }

    /// Judged by the allowlist that was in force last, which detect keeps in the table.
    async fn gather(&self, period: Period, now: DateTime<Utc>) -> Result<Report, Error> {
        let good = self.store.good_allowlist(now).await?;
        let allowlist = match &good {
            Some(good) => {
                let compiled = compile(&good.text);
                compiled
                    .map_err(|_| "the allowlist in the table cannot be read by this version")?
                    .0
            }
            None => Allowlist::empty(),
        };
        let gatherer = Gatherer::new(period, Source::Service, &allowlist);
        let canaries = self.store.canaries(period.first, period.last, now).await?;
        let snoozes = self.store.snoozes(now).await?;
        let extras = Extras {
            made_at: Some(now),
            awake: Awake {
                canaries: canaries.map(Into::into),
                ..Awake::default()
            },
            snoozes: Some(snoozes_of(period, &snoozes)),
            ..Extras::default()
        };
        Ok(gather(&self.store, gatherer, extras, now).await?)
    }

    /// Tells a report in one place, unless that was done. Says whether it did.
    async fn tell(
        &self,
        to: ToldTo,
        ready: &Ready,
        again: bool,
        now: DateTime<Utc>,
    ) -> Result<bool, Error> {
        if !again && self.store.report_is_told(&ready.name, to, now).await? {
            return Ok(false);
        }
        match to {
            ToldTo::Slack => {
                let message = slack::message(&ready.report, &ready.sheet, Some(&ready.link));
                self.webhook.post(&message).await?;
            }
            ToldTo::Mail => {
                let publication = mail::publication(&ready.sheet, &ready.name, &ready.link);
                self.topic.publish(publication).await?;
            }
        }
        self.store.mark_report_told(&ready.name, to, now).await?;
        Ok(true)
    }
}
