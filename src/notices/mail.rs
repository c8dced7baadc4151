//! Mails: how one is put together and handed over (SMTP, a folder of `.eml` files, or memory in tests).
//!
//! A mail is a pure function of the notice and of the instant at which it is made: date and boundaries come from outside, so that a
//! repeated delivery is the same mail byte for byte, under the same Message-ID. Never decides whom to write to.

use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, SystemTime};

use lettre::message::header::{ContentType, Header, HeaderName, HeaderValue};
use lettre::message::{Attachment, Mailbox, MultiPart, MultiPartKind, SinglePart};
use lettre::{Address, AsyncSmtpTransport, AsyncTransport, Message, Tokio1Executor};

use super::ical::Method;
use crate::base::chance::fingerprint;
use crate::base::time::Instant;

/// How long an SMTP server may take to answer.
const SMTP_TIMEOUT_SECONDS: u64 = 20;

/// One mail to one person, in finished words.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mail {
    /// `event/object/version/recipient`: unique, without an `@`; also names the file.
    pub message_id: String,
    /// Name (may be empty) and address.
    pub to: (String, String),
    /// The subject.
    pub subject: String,
    /// The plain part.
    pub text: String,
    /// The HTML part.
    pub html: String,
    /// The calendar entry that comes with it.
    pub calendar: Option<Entry>,
}

/// A calendar object beside a mail: once as a part that mail programs act on, once as a file to keep.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// Enter or take out.
    pub method: Method,
    /// Name of the file, such as `YQ-7K3M9Q.ics`.
    pub name: String,
    /// The text of [`super::ical::invitation`].
    pub ics: String,
}

/// Why a mail was not handed over.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{reason}")]
pub struct Failure {
    /// Trying again is useless: the address or the mail itself was refused.
    pub permanent: bool,
    /// For the operator's eyes.
    pub reason: String,
}

#[expect(clippy::needless_pass_by_value, reason = "the shape that map_err wants")]
impl Failure {
    fn permanent(reason: impl ToString) -> Self {
        Self { permanent: true, reason: reason.to_string() }
    }

    fn passing(reason: impl ToString) -> Self {
        Self { permanent: false, reason: reason.to_string() }
    }
}

/// Hands mails over, all of them from one address.
#[derive(Debug, Clone)]
pub struct Mailer {
    from: Mailbox,
    way: Way,
}

#[derive(Debug, Clone)]
enum Way {
    Smtp(AsyncSmtpTransport<Tokio1Executor>),
    Folder(PathBuf),
    Memory(Arc<Mutex<Vec<Mail>>>),
}

impl Mailer {
    /// Over SMTP: `smtps://user:password@host`, `smtp://host?tls=required`, `smtp://host:25`.
    ///
    /// # Errors
    /// A sentence when the address of the server or of the sender cannot be read.
    pub fn smtp(url: &str, from: &str) -> Result<Self, String> {
        let transport = AsyncSmtpTransport::<Tokio1Executor>::from_url(url).map_err(|e| e.to_string())?;
        let transport = transport.timeout(Some(Duration::from_secs(SMTP_TIMEOUT_SECONDS))).build();
        Ok(Self { from: sender(from)?, way: Way::Smtp(transport) })
    }

    /// Into a folder, made when missing: one file `ID.eml` a mail.
    ///
    /// # Errors
    /// A sentence when the address of the sender cannot be read.
    pub fn folder(folder: PathBuf, from: &str) -> Result<Self, String> {
        Ok(Self { from: sender(from)?, way: Way::Folder(folder) })
    }

    /// Into memory: what tests read. Every mail is still put together, so that a broken one is seen.
    ///
    /// # Errors
    /// A sentence when the address of the sender cannot be read.
    pub fn memory(from: &str, mails: Arc<Mutex<Vec<Mail>>>) -> Result<Self, String> {
        Ok(Self { from: sender(from)?, way: Way::Memory(mails) })
    }

    /// The address that all mails come from; also the organizer of calendar entries.
    #[must_use]
    pub fn from_address(&self) -> String {
        self.from.email.to_string()
    }

    /// Hands one mail over; `now` is its date.
    ///
    /// # Errors
    /// A [`Failure`] that says whether trying again makes sense.
    pub async fn deliver(&self, mail: &Mail, now: Instant) -> Result<(), Failure> {
        let message = mail.message(&self.from, now)?;
        match &self.way {
            Way::Smtp(transport) => match transport.send(message).await {
                Ok(_) => Ok(()),
                Err(refused) if refused.is_permanent() => Err(Failure::permanent(refused)),
                Err(broken) => Err(Failure::passing(broken)),
            },
            Way::Folder(folder) => {
                tokio::fs::create_dir_all(folder).await.map_err(Failure::passing)?;
                tokio::fs::write(folder.join(mail.file_name()), message.formatted()).await.map_err(Failure::passing)
            }
            Way::Memory(mails) => {
                mails.lock().unwrap_or_else(PoisonError::into_inner).push(mail.clone());
                Ok(())
            }
        }
    }
}

impl Mail {
    /// The name of its file in a mail folder.
    #[must_use]
    pub fn file_name(&self) -> String {
        let safe = |c: char| if c.is_ascii_alphanumeric() || "._-".contains(c) { c } else { '-' };
        format!("{}.eml", self.message_id.chars().map(safe).collect::<String>())
    }

    fn message(&self, from: &Mailbox, now: Instant) -> Result<Message, Failure> {
        let address: Address = self.to.1.parse().map_err(Failure::permanent)?;
        let name = Some(self.to.0.trim()).filter(|name| !name.is_empty()).map(str::to_owned);
        Message::builder()
            .from(from.clone())
            .to(Mailbox::new(name, address))
            .subject(self.subject.replace(['\r', '\n'], " "))
            .date(SystemTime::UNIX_EPOCH + Duration::from_secs(u64::try_from(now.0).unwrap_or_default()))
            .message_id(Some(format!("<{}@{}>", self.message_id, from.email.domain())))
            .header(AutoSubmitted)
            .multipart(self.body()?)
            .map_err(Failure::permanent)
    }

    fn body(&self) -> Result<MultiPart, Failure> {
        let mark = &fingerprint(&self.message_id)[..32];
        let words = MultiPart::builder().kind(MultiPartKind::Alternative).boundary(format!("words-{mark}"));
        let words = words.singlepart(SinglePart::plain(self.text.clone())).singlepart(SinglePart::html(self.html.clone()));
        let Some(Entry { method, name, ics }) = &self.calendar else { return Ok(words) };
        let media_type = ContentType::parse(&format!("text/calendar; charset=utf-8; method={}", method.word())).map_err(Failure::permanent)?;
        let words = words.singlepart(SinglePart::builder().header(media_type.clone()).body(ics.clone()));
        let file = Attachment::new(name.clone()).body(ics.clone().into_bytes(), media_type);
        Ok(MultiPart::builder().kind(MultiPartKind::Mixed).boundary(format!("mixed-{mark}")).multipart(words).singlepart(file))
    }
}

/// The sender unless one is set: `Yiqi <yiqi@HOST>` with the host of the base address; `localhost` in place of a bare IP address.
#[must_use]
pub fn default_sender(base_url: &str) -> String {
    let host = match url::Url::parse(base_url).ok().and_then(|url| url.host().map(|host| host.to_owned())) {
        Some(url::Host::Domain(name)) => name,
        _ => "localhost".into(),
    };
    format!("Yiqi <yiqi@{host}>")
}

fn sender(from: &str) -> Result<Mailbox, String> {
    from.parse().map_err(|e| format!("{from:?} is no mail address: {e}"))
}

/// Asks machines not to answer (RFC 3834).
#[derive(Debug, Clone, Copy)]
struct AutoSubmitted;

impl Header for AutoSubmitted {
    fn name() -> HeaderName {
        HeaderName::new_from_ascii_str("Auto-Submitted")
    }

    fn parse(_: &str) -> Result<Self, Box<dyn std::error::Error + Send + Sync>> {
        Ok(Self)
    }

    fn display(&self) -> HeaderValue {
        HeaderValue::new(Self::name(), "auto-generated".into())
    }
}

#[cfg(test)]
mod tests {
    use std::io::{BufRead as _, Read as _};

    use super::*;
    use crate::notices::ical::{Invitation, invitation};

    const NOW: Instant = Instant(1_791_000_000);

    fn sample() -> Mail {
        Mail {
            message_id: "booking-confirmed/0199f1c2/3/0199f1c3".into(),
            to: ("刘雨桐, 采购".into(), "liu@example.cn".into()),
            subject: "已确认：10月15日 周四 14:00–16:30 场发射扫描电子显微镜".into(),
            text: "预约已确认\n".into(),
            html: "<p>预约已确认</p>".into(),
            calendar: Some(Entry { method: Method::Request, name: "YQ-7K3M9Q.ics".into(), ics: "BEGIN:VCALENDAR\r\nEND:VCALENDAR\r\n".into() }),
        }
    }

    #[tokio::test]
    async fn a_mail_in_a_folder_is_the_same_byte_for_byte_each_time() {
        let folder = tempfile::tempdir().unwrap();
        let mailer = Mailer::folder(folder.path().join("mail"), "Yiqi <yiqi@yiqi.example>").unwrap();
        let path = folder.path().join("mail").join("booking-confirmed-0199f1c2-3-0199f1c3.eml");
        mailer.deliver(&sample(), NOW).await.unwrap();
        let first = std::fs::read_to_string(&path).unwrap();
        mailer.deliver(&sample(), NOW).await.unwrap();
        assert_eq!(first, std::fs::read_to_string(&path).unwrap());
        insta::assert_snapshot!(first.replace("\r\n", "\n"));
    }

    #[tokio::test]
    async fn memory_keeps_what_was_delivered() {
        let mails = Arc::new(Mutex::new(Vec::new()));
        let mailer = Mailer::memory(&default_sender("http://127.0.0.1:8080"), mails.clone()).unwrap();
        assert_eq!(mailer.from_address(), "yiqi@localhost");
        mailer.deliver(&Mail { calendar: None, ..sample() }, NOW).await.unwrap();
        assert_eq!(mails.lock().unwrap().len(), 1);
    }

    #[tokio::test]
    async fn an_address_that_cannot_be_read_is_not_tried_again() {
        let mailer = Mailer::memory("yiqi@yiqi.example", Arc::default()).unwrap();
        let failure = mailer.deliver(&Mail { to: (String::new(), "no address".into()), ..sample() }, NOW).await.unwrap_err();
        assert!(failure.permanent, "{failure}");
    }

    #[tokio::test]
    async fn a_server_that_is_away_is_tried_again() {
        let mailer = Mailer::smtp("smtp://127.0.0.1:9", "yiqi@yiqi.example").unwrap();
        let failure = mailer.deliver(&sample(), NOW).await.unwrap_err();
        assert!(!failure.permanent, "{failure}");
    }

    /// Against programs that are not ours: `make test` installs them where Python is there.
    #[tokio::test]
    async fn a_mail_arrives_whole_at_a_server_and_its_entry_is_read_by_another_reader() {
        let root = std::path::Path::new(env!("CARGO_MANIFEST_DIR"));
        let python = root.join("target/venv/bin/python");
        if !python.exists() {
            eprintln!("skipped: no target/venv");
            return;
        }
        let mut server = std::process::Command::new(python).arg(root.join("tests/support/smtp.py")).stdout(std::process::Stdio::piped()).spawn().unwrap();
        let mut said = std::io::BufReader::new(server.stdout.take().unwrap());
        let mut port = String::new();
        said.read_line(&mut port).unwrap();
        let ics = invitation(&Invitation {
            uid: "1@yiqi.example".into(),
            sequence: 1,
            method: Method::Request,
            tentative: false,
            starts_at: Instant(1_792_044_000),
            ends_at: Instant(1_792_053_000),
            summary: "场发射扫描电子显微镜, 委托操作; \"YQ-7K3M9Q\"".into(),
            location: "崂山区科苑纬三路 17 号 2 号楼 B107，到前台登记后由机组人员带领进入实验室".into(),
            description: "一\n二".into(),
            organizer: ("研究院: 分析中心".into(), "yiqi@yiqi.example".into()),
            attendee: ("刘雨桐".into(), "liu@example.cn".into()),
            stamp: NOW,
        });
        let mail = Mail { calendar: Some(Entry { method: Method::Request, name: "预约.ics".into(), ics }), ..sample() };
        let mailer = Mailer::smtp(&format!("smtp://127.0.0.1:{}", port.trim()), "Yiqi <yiqi@yiqi.example>").unwrap();
        mailer.deliver(&mail, NOW).await.unwrap();
        let mut seen = String::new();
        said.read_to_string(&mut seen).unwrap();
        assert!(server.wait().unwrap().success());
        insta::assert_snapshot!(seen);
    }

    #[test]
    fn the_sender_comes_from_the_base_address() {
        assert_eq!(default_sender("https://yiqi.example:8443/x"), "Yiqi <yiqi@yiqi.example>");
        assert_eq!(default_sender("rubbish"), "Yiqi <yiqi@localhost>");
        assert!(Mailer::smtp("nonsense", "yiqi@yiqi.example").is_err() && Mailer::smtp("smtp://mx:25", "nobody").is_err());
    }
}
