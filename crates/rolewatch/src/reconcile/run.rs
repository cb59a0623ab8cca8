//! One run through the history.

use std::collections::HashSet;

use chrono::{DateTime, Utc};

use super::event::{Event, events};
use super::{History, Inbox, NotPut, Page, Reconciler, Summary, Trouble, span};
use crate::assumption::Observation;
use crate::store::Progress;
use crate::store::table::Table;

pub(super) struct Run<'a, T, H, Q> {
    of: &'a Reconciler<T, H, Q>,
    pub(super) now: DateTime<Utc>,
    tired: &'a (dyn Fn() -> bool + Sync),
    /// What was put into the inbox already: spans overlap.
    put: HashSet<String>,
    pub(super) summary: Summary,
}

impl<'a, T: Table, H: History, Q: Inbox> Run<'a, T, H, Q> {
    pub(super) fn new(
        of: &'a Reconciler<T, H, Q>,
        now: DateTime<Utc>,
        tired: &'a (dyn Fn() -> bool + Sync),
    ) -> Self {
        Self {
            of,
            now,
            tired,
            put: HashSet::new(),
            summary: Summary::default(),
        }
    }

    /// Looks through what is left of a region's span, as far as there is time.
    pub(super) async fn look_through(
        &mut self,
        region: &str,
        progress: &mut Progress,
    ) -> Result<(), Trouble> {
        let between = span::left(progress, self.now);
        let mut token = None;
        loop {
            if (self.tired)() {
                return Ok(());
            }
            let page = self.of.history.page(region, between, token).await?;
            let oldest = self.hold(region, &page).await?;
            token = page.next;
            match (&token, oldest) {
                (None, _) => span::end(progress),
                (Some(_), Some(oldest)) => span::back_to(progress, oldest),
                (Some(_), None) => {}
            }
            // After each page: a run that dies half way is gone on with.
            let store = &self.of.store;
            let kept = store.keep_reconciliation(region, progress, self.now);
            kept.await?;
            if token.is_none() {
                return Ok(());
            }
        }
    }

    /// Holds a page against what arrived. Returns the time of its oldest event. An event that the
    /// inbox never takes keeps no other from being put there; where it takes none for now, each would only cost time.
    async fn hold(&mut self, region: &str, page: &Page) -> Result<Option<DateTime<Utc>>, Trouble> {
        let (events, oldest) = events(page);
        self.summary.checked += events.len() as u64;
        let observations = events.iter().map(|it| it.observation.clone()).collect();
        let unseen = self.of.store.unseen(observations, self.now).await?;
        let unseen: HashSet<&str> = unseen.iter().map(Observation::identity).collect();
        for event in events {
            if !unseen.contains(event.observation.identity()) {
                continue;
            }
            match self.put(&event).await {
                // It is counted as missed, and that is told: the span behind it is worth more than one more try.
                Err(Trouble::Inbox(NotPut::Ever(why))) => {
                    let id = event.observation.identity();
                    let problem = format!("{region}: the queue never takes event {id}: {why}");
                    self.summary.problems.push(problem);
                }
                done => done?,
            }
        }
        Ok(oldest)
    }

    /// Counts an event that was missed, and puts it where it should have been. One that was
    /// counted before and still has not arrived is put there again.
    async fn put(&mut self, event: &Event<'_>) -> Result<(), Trouble> {
        if !self.put.insert(event.observation.identity().to_owned()) {
            return Ok(());
        }
        let counted = self.of.store.count_missed(&event.observation, self.now);
        self.summary.missed += u64::from(counted.await?);
        Ok(self.of.inbox.put(event.envelope()).await?)
    }
}
