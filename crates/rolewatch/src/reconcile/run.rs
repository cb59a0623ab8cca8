//! One run through the history.

use std::collections::HashSet;

use chrono::{DateTime, Utc};

use super::event::{Event, events};
use super::{History, Inbox, Page, Reconciler, Summary, Trouble, span};
use crate::store::Progress;
use crate::store::table::Table;

pub(super) struct Run<'a, T, H, Q> {
    of: &'a Reconciler<T, H, Q>,
    resources: Vec<String>,
    pub(super) now: DateTime<Utc>,
    tired: &'a (dyn Fn() -> bool + Sync),
    /// What was put into the inbox already: an event can be found by several names.
    put: HashSet<String>,
    pub(super) summary: Summary,
}

impl<'a, T: Table, H: History, Q: Inbox> Run<'a, T, H, Q> {
    pub(super) fn new(
        of: &'a Reconciler<T, H, Q>,
        resources: Vec<String>,
        now: DateTime<Utc>,
        tired: &'a (dyn Fn() -> bool + Sync),
    ) -> Self {
        Self {
            of,
            resources,
            now,
            tired,
            put: HashSet::new(),
            summary: Summary::default(),
        }
    }

    /// Looks through what is left of a region, as far as there is time.
    pub(super) async fn look_through(
        &mut self,
        region: &str,
        progress: &mut Progress,
    ) -> Result<(), Trouble> {
        span::begin(progress, self.now);
        for resource in self.resources.clone() {
            if !self.look_for(region, &resource, progress).await? {
                return Ok(());
            }
        }
        span::end(progress);
        Ok(())
    }

    /// Looks through the pages of a resource. Says whether it came to their end.
    async fn look_for(
        &mut self,
        region: &str,
        resource: &str,
        progress: &mut Progress,
    ) -> Result<bool, Trouble> {
        let Some(between) = span::left_of(progress, resource) else {
            return Ok(true);
        };
        let mut token = None;
        loop {
            if (self.tired)() {
                return Ok(false);
            }
            let history = &self.of.history;
            let page = history.page(region, resource, between, token).await?;
            let oldest = self.hold(&page).await?;
            token = page.next;
            if token.is_none() {
                span::done(progress, resource);
                return Ok(true);
            }
            if let Some(oldest) = oldest {
                span::part(progress, resource, oldest);
            }
        }
    }

    /// Holds a page against what arrived. Returns the time of its oldest event.
    async fn hold(&mut self, page: &Page) -> Result<Option<DateTime<Utc>>, Trouble> {
        let (events, oldest) = events(page);
        self.summary.checked += events.len() as u64;
        let observations = events.iter().map(|it| it.observation.clone()).collect();
        let unseen = self.of.store.unseen(observations, self.now).await?;
        let unseen: HashSet<&str> = unseen.iter().map(|it| it.identity()).collect();
        for event in events {
            if unseen.contains(event.observation.identity()) {
                self.put(&event).await?;
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
        let put = self.of.inbox.put(event.envelope());
        put.await.map_err(Trouble::Inbox)
    }
}
