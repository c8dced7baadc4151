//! Mails and the links in them.

use yiqi::notices::mail::Mail;

use super::TestApp;

impl TestApp {
    /// Delivers what waits and gives all of it.
    pub async fn post_mails(&self) -> Vec<Mail> {
        self.run_job("notices").await;
        self.mails()
    }

    /// Delivers what waits and gives the path of the one link that begins with `place` in a mail to `address`.
    pub async fn link_to(&self, address: &str, place: &str) -> String {
        let mails = self.post_mails().await;
        let mail = mails.iter().rev().find(|mail| mail.to.1 == address).unwrap_or_else(|| panic!("no mail to {address}: {mails:?}"));
        link_in(&mail.text, place).unwrap_or_else(|| panic!("no link {place}: {}", mail.text))
    }
}

/// The path of the first link in a text that begins with `place`.
pub fn link_in(text: &str, place: &str) -> Option<String> {
    let start = text.find(&format!("{place}/"))?;
    Some(text[start..].split_whitespace().next()?.to_owned())
}
