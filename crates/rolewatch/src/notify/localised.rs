//! Alerts that say what people call the account.

use std::collections::BTreeMap;

use super::{Notifier, NotifyError};
use crate::alert::Alert;

/// Puts the account's name into each alert before it is delivered.
#[derive(Debug)]
pub struct Named<N> {
    /// Delivers.
    pub inner: N,
    /// Names, by the accounts' numbers.
    pub accounts: BTreeMap<String, String>,
}

impl<N> Named<N> {
    fn name(&self, alert: &Alert) -> Option<&String> {
        let event = alert.event.as_ref()?;
        self.accounts.get(event.account.as_deref()?)
    }
}

impl<N: Notifier> Notifier for Named<N> {
    async fn notify(&self, alert: &Alert) -> Result<(), NotifyError> {
        let Some(name) = self.name(alert) else {
            return self.inner.notify(alert).await;
        };
        let mut alert = alert.clone();
        alert.background.account_name = Some(name.clone());
        self.inner.notify(&alert).await
    }
}

#[cfg(test)]
mod tests {
    use futures_util::FutureExt;

    use super::*;
    use crate::notify::Outbox;
    use crate::rendering::hostile::alert;

    #[test]
    fn an_account_is_named_and_no_other() {
        let notifier = Named {
            inner: Outbox::default(),
            accounts: [("123456789012".to_owned(), "production".to_owned())].into(),
        };
        for account in [Some("123456789012"), Some("210987654321"), None] {
            let mut alert = alert("x");
            alert.background.account_name = None;
            alert.event.as_mut().unwrap().account = account.map(str::to_owned);
            notifier.notify(&alert).now_or_never().unwrap().unwrap();
        }
        let told = notifier.inner.take().into_iter();
        let names: Vec<_> = told.map(|alert| alert.background.account_name).collect();
        assert_eq!(names, [Some("production".to_owned()), None, None]);
    }
}
