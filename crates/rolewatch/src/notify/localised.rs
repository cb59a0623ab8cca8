//! Alerts that say what only this installation knows: what people call the account, and where the
//! checks' pages can be read.

use std::collections::BTreeMap;

use super::{Notifier, NotifyError};
use crate::alert::Alert;

/// What stands for the check's name in the address of its page.
pub const CHECK: &str = "{check}";

/// Puts the account's name and the page's address into each alert before it is delivered.
#[derive(Debug)]
pub struct Localised<N> {
    /// Delivers.
    pub inner: N,
    /// Names, by the accounts' numbers.
    pub accounts: BTreeMap<String, String>,
    /// The address of a check's page, with [`CHECK`] in it.
    pub pages: Option<String>,
}

impl<N> Localised<N> {
    fn name(&self, alert: &Alert) -> Option<&String> {
        let event = alert.event.as_ref()?;
        self.accounts.get(event.account.as_deref()?)
    }
}

impl<N: Notifier> Notifier for Localised<N> {
    async fn notify(&self, alert: &Alert) -> Result<(), NotifyError> {
        let mut alert = alert.clone();
        alert.background.account_name = self.name(&alert).cloned();
        let page = |pages: &String| pages.replace(CHECK, &alert.check);
        alert.background.page = self.pages.as_ref().map(page);
        self.inner.notify(&alert).await
    }
}

#[cfg(test)]
mod tests {
    use futures_util::FutureExt;

    use super::*;
    use crate::finding::Background;
    use crate::notify::Outbox;
    use crate::rendering::hostile::alert;

    fn told(notifier: &Localised<Outbox>, account: Option<&str>) -> Background {
        let mut alert = alert("x");
        alert.check = "unlisted-role".into();
        alert.event.as_mut().unwrap().account = account.map(str::to_owned);
        notifier.notify(&alert).now_or_never().unwrap().unwrap();
        notifier.inner.take().remove(0).background
    }

    #[test]
    fn an_account_is_named_and_no_other() {
        let notifier = Localised {
            inner: Outbox::default(),
            accounts: [("123456789012".to_owned(), "production".to_owned())].into(),
            pages: None,
        };
        let name = |account| told(&notifier, account).account_name;
        assert_eq!(name(Some("123456789012")).as_deref(), Some("production"));
        assert_eq!(name(Some("210987654321")), None);
        assert_eq!(name(None), None);
        assert_eq!(told(&notifier, None).page, None);
    }

    #[test]
    fn a_page_is_that_of_the_check() {
        let notifier = Localised {
            inner: Outbox::default(),
            accounts: BTreeMap::new(),
            pages: Some("https://wiki.example.com/checks/{check}.md".into()),
        };
        let page = told(&notifier, None).page;
        let expected = "https://wiki.example.com/checks/unlisted-role.md";
        assert_eq!(page.as_deref(), Some(expected));
    }
}
