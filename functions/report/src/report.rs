//! One report: counts from the table, a page into the bucket, a summary to Slack and mail.

use chrono::{DateTime, Utc};
use lambda_runtime::{Error, LambdaEvent};
use rolewatch::allowlist::{Allowlist, compile};
use rolewatch::report::model::{Awake, Report, Source, snoozes_of};
use rolewatch::report::rendering::{html, mail, slack};
use rolewatch::report::sheet::{Sheet, sheet};
use rolewatch::report::{Extras, Gatherer, Period, awake, gather};
use rolewatch::store::{Ledger, Telling, ToldTo};
use rolewatch_aws::SdkConfig;
use rolewatch_aws::dynamodb::DynamoTable;
use rolewatch_aws::metric;
use rolewatch_aws::pages::Pages;
use rolewatch_aws::parameter::read;
use rolewatch_aws::queue::{QueueError, Queues};
use rolewatch_aws::settings::Location;
use rolewatch_aws::sns::Topic;
use rolewatch_http::slack::Webhook;
use serde_json::{Value, json};

use crate::request::Request;

/// The function, with what lives as long as its process.
pub(crate) struct Reporter {
    pub(crate) store: Ledger<DynamoTable>,
    pub(crate) pages: Pages,
    pub(crate) topic: Topic,
    /// Where the webhook's address is, where Slack is told. It is read when it is needed: one that is
    /// missing or damaged keeps nobody's mail.
    pub(crate) webhook: Option<Location>,
    pub(crate) config: SdkConfig,
    /// Queues of events that could not be handed on.
    pub(crate) dead_letters: Queues,
    /// Queues of alerts that could not be delivered.
    pub(crate) failed_deliveries: Queues,
}

/// What waits in dead-letter queues; nothing where that is not known. A report is made and told
/// without it, and then the run fails.
#[derive(Clone, Copy, Default)]
struct Waiting {
    events: Option<u64>,
    alerts: Option<u64>,
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
        let function = &event.context.env_config.function_name;
        let request = Request::read(event.payload)?;
        let period = request.period(now)?;
        let waiting = self.waiting().await;
        let known = *waiting.as_ref().unwrap_or(&Waiting::default());
        let report = Box::pin(self.gather(period, now, known)).await?;
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
        let slack = match &self.webhook {
            Some(_) => self.tell(ToldTo::Slack, &ready, request.again).await,
            None => Ok(false),
        };
        let mail = self.tell(ToldTo::Mail, &ready, request.again).await;
        let answer = json!({
            "level": "info", "message": "made a report", "report": ready.name, "page": key,
            "verdict": ready.sheet.verdict, "slack": *slack.as_ref().unwrap_or(&false),
            "mail": *mail.as_ref().unwrap_or(&false),
        });
        println!("{answer}");
        slack?;
        mail?;
        waiting?;
        // What the schedule asks for, and nothing less: an alarm watches that it is there each day.
        if period == Period::last_complete_week(now) {
            println!("{}", metric::line(function, now, "Reports", "Count", 1));
        }
        Ok(answer)
    }

    async fn waiting(&self) -> Result<Waiting, QueueError> {
        Ok(Waiting {
            events: self.dead_letters.waiting().await?,
            alerts: self.failed_deliveries.waiting().await?,
        })
    }

    /// Judged by the allowlist that was in force last, which detect keeps in the table.
    async fn gather(
        &self,
        period: Period,
        now: DateTime<Utc>,
        waiting: Waiting,
    ) -> Result<Report, Error> {
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
        let gatherer = Gatherer::new(period, Source::Service, &allowlist, now);
        let snoozes = self.store.snoozes(now).await?;
        let extras = Extras {
            made_at: Some(now),
            awake: Awake {
                dead_letters: waiting.events,
                failed_deliveries: waiting.alerts,
                ..awake(&self.store, period, now).await?
            },
            snoozes: Some(snoozes_of(period, &snoozes)),
            ..Extras::default()
        };
        Ok(gather(&self.store, gatherer, extras, now).await?)
    }

    /// Tells a report in one place, unless that was done or another run is doing it. Says whether
    /// it did.
    async fn tell(&self, to: ToldTo, ready: &Ready, again: bool) -> Result<bool, Error> {
        // By the clock, not by when the run began: the lease counts from here.
        let taken = self.store.take_telling(&ready.name, to, again, Utc::now());
        let turn = match taken.await? {
            Telling::Due(turn) => turn,
            Telling::Told | Telling::Busy => return Ok(false),
        };
        let sent = self.send(to, ready).await;
        let ended = self.store.end_telling(&turn, sent.is_ok(), Utc::now());
        let ended = ended.await;
        sent?;
        ended?;
        Ok(true)
    }

    async fn send(&self, to: ToldTo, ready: &Ready) -> Result<(), Error> {
        match to {
            ToldTo::Slack => {
                let message = slack::message(&ready.report, &ready.sheet, Some(&ready.link));
                let webhook = self.webhook.as_ref().ok_or("no webhook is named")?;
                let address = read(webhook, &self.config).await?;
                Webhook::new(&address)?.post(&message).await?;
            }
            ToldTo::Mail => {
                let publication = mail::publication(&ready.sheet, &ready.name, &ready.link);
                self.topic.publish(publication).await?;
            }
        }
        Ok(())
    }
}
