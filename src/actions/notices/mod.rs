//! Delivering what waits in the outbox: claim, write the letter in the recipient's language, hand it over, mark it.
//!
//! The one action that is no transaction: between claiming and marking there is none, because a mail server may take its time. A node that
//! dies in between leaves a claim that runs out; the mail is then sent again, the same byte for byte. [`letters`] has the words,
//! [`entries`] the calendar entry.

pub mod entries;
pub mod letters;
pub mod strangers;

use serde_json::{Map, Value};

use super::{Act, Outcome, records};
use crate::base::lang::Lang;
use crate::base::time::{DAY, HOUR, Instant, MINUTE};
use crate::domain::refusals::Refusal;
use crate::domain::roles::Verb;
use crate::notices::mail::{Failure, Mail, Mailer};
use crate::store::outbox::{self, BookingLines, Claimed};
use crate::store::{self, AnyConnection, Db, Tx};

/// Notices claimed at a time.
const BATCH: i64 = 40;
/// How many mails are under way at a time.
const SIDE_BY_SIDE: usize = 8;
/// For how long a claim keeps other nodes away; longer than a batch takes when the server answers nothing.
const CLAIM_SECONDS: i64 = 10 * MINUTE;
/// After this a notice is given up (rules.md section 7).
const GIVE_UP_SECONDS: i64 = 3 * DAY;
/// The longest pause between two tries.
const LONGEST_PAUSE_SECONDS: i64 = 4 * HOUR;

/// What delivery needs of the application.
#[derive(Debug, Clone, Copy)]
pub struct Post<'a> {
    /// The database.
    pub db: &'a Db,
    /// Where mails go.
    pub mailer: &'a Mailer,
    /// The address that links begin with.
    pub base_url: &'a str,
}

/// What a delivery did.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Delivery {
    /// Mails handed over.
    pub delivered: i64,
    /// Mails to be tried again.
    pub to_retry: i64,
    /// Mails given up, each with an alert.
    pub given_up: i64,
}

/// Marks as told what happened before an instant: the history of a demo city is nobody's news. Gives how many notices that were.
pub async fn consider_told(tx: &mut Tx<'_>, before: Instant) -> Outcome<u64> {
    Ok(outbox::update_told(tx, before).await?)
}

/// Delivers everything that is due at `now`, once. A mail that fails waits for its next try; one that is three days old, or that the
/// server refuses for good, is given up with an alert.
pub async fn deliver(post: &Post<'_>, now: Instant) -> Outcome<Delivery> {
    deliver_some(post, now, i64::MAX).await
}

/// The same, but of so many notices that wait only about `most`: whoever has to stop need not wait for thousands.
///
/// # Errors
/// As [`deliver`].
pub async fn deliver_some(post: &Post<'_>, now: Instant, most: i64) -> Outcome<Delivery> {
    let mut done = Delivery::default();
    loop {
        let claimed = post.db.transact(|tx| Box::pin(outbox::update_claimed(tx, now, now.plus(CLAIM_SECONDS), BATCH))).await?;
        let last = i64::try_from(claimed.len()).unwrap_or(BATCH) < BATCH;
        for group in claimed.chunks(SIDE_BY_SIDE) {
            let mut mails = Vec::new();
            for notice in group {
                let mut conn = post.db.read().await?;
                mails.push((notice, compose(&mut conn, post, notice, now).await?));
            }
            let handed = futures_util::future::join_all(mails.iter().map(|(notice, mail)| hand_over(post.mailer, notice, mail, now))).await;
            for ((notice, _), result) in mails.iter().zip(handed) {
                mark(post.db, notice, result, now, &mut done).await?;
            }
        }
        if last || done.delivered + done.to_retry + done.given_up >= most {
            return Ok(done);
        }
    }
}

async fn hand_over(mailer: &Mailer, notice: &Claimed, mail: &Result<Mail, Failure>, now: Instant) -> Result<(), Failure> {
    match mail {
        // The date is the instant at which it was queued or tried again; the rest is the same each time.
        Ok(mail) => mailer.deliver(mail, now).await,
        Err(failure) => {
            tracing::warn!(notice = notice.id, %failure, "a notice cannot be written");
            Err(failure.clone())
        }
    }
}

async fn mark(db: &Db, notice: &Claimed, result: Result<(), Failure>, now: Instant, done: &mut Delivery) -> Outcome<()> {
    let id = notice.id.as_str();
    let Err(failure) = result else {
        db.transact(|tx| Box::pin(outbox::update_delivered(tx, id, now))).await?;
        done.delivered += 1;
        return Ok(());
    };
    let reason = told_to_operator(&failure.reason);
    let reason = reason.as_str();
    if failure.permanent || now.0 - notice.created_at.0 >= GIVE_UP_SECONDS {
        db.transact(|tx| Box::pin(outbox::update_failed(tx, id, now, reason))).await?;
        tracing::error!(notice = id, reason, attempts = notice.attempts, "a notice was given up");
        metrics::counter!("yiqi_notices_given_up_total").increment(1);
        done.given_up += 1;
    } else {
        let due_at = now.plus(pause_seconds(notice.attempts));
        db.transact(|tx| Box::pin(outbox::update_retry(tx, id, due_at, reason))).await?;
        done.to_retry += 1;
    }
    Ok(())
}

/// A reason without the addresses in it: whoever runs the platform need not know who deals with whom.
fn told_to_operator(reason: &str) -> String {
    let words = reason.split_whitespace().map(|word| if word.contains('@') { "***" } else { word });
    words.collect::<Vec<_>>().join(" ").chars().take(300).collect()
}

/// One minute after the first try, then twice as long each time, at most four hours.
fn pause_seconds(attempts: i64) -> i64 {
    let doublings = u32::try_from((attempts - 1).clamp(0, 10)).unwrap_or_default();
    (MINUTE << doublings).min(LONGEST_PAUSE_SECONDS)
}

/// The mail of a notice, in its recipient's language; a permanent failure when there is nobody to write to any more.
async fn compose(conn: &mut AnyConnection, post: &Post<'_>, notice: &Claimed, now: Instant) -> Outcome<Result<Mail, Failure>> {
    let gone = |reason: &str| Ok(Err(Failure { permanent: true, reason: reason.to_owned() }));
    let Ok(Value::Object(facts)) = serde_json::from_str(&notice.facts) else {
        return gone("its facts are no JSON object");
    };
    let Some(membership_id) = &notice.membership_id else {
        return Ok(strangers::compose(notice, facts, post.base_url, now));
    };
    let Some((name, address, lang)) = store::persons::find_address(conn, membership_id).await? else {
        return gone("the recipient has no mail address");
    };
    let Some(member) = store::persons::find_member(conn, membership_id).await? else {
        return gone("the recipient's membership has ended");
    };
    let subject = Subject::load(conn, notice, facts).await?;
    let lang = Lang::chosen(&lang).unwrap_or(Lang::Zh);
    let letter = letters::write(lang, now, &subject, &member, post.base_url);
    let Ok(html) = letter.html() else {
        return gone("its page cannot be drawn");
    };
    let to = (name, address);
    let calendar = entries::write(lang, &subject, &member, &to, &post.mailer.from_address(), notice.created_at);
    let title = letters::title(lang, now, &subject, &letter);
    Ok(Ok(Mail { message_id: notice.id.clone(), subject: title, text: letter.text(), html, calendar, to }))
}

/// Lets a notice that was given up be tried again.
///
/// # Errors
/// `StateConflict` when it was not given up.
pub async fn try_again(tx: &mut Tx<'_>, act: &Act, id: &str) -> Outcome<()> {
    act.actor.require(Verb::Operate)?;
    if !outbox::update_again(tx, id, act.now).await? {
        return Err(Refusal::StateConflict("state").into());
    }
    records::audit(tx, act, "notice.try_again", "notice", id, &serde_json::json!({})).await
}

/// What a notice is about: its facts, and beside them what the thing itself is now.
#[derive(Debug, Clone)]
pub struct Subject {
    /// What happened, as letters tell it (`told`).
    pub event: String,
    /// The version of the thing when it happened.
    pub version: i64,
    /// Facts by name, raw: instants as RFC 3339, days as `YYYY-MM-DD`, numbers in their unit.
    pub facts: Map<String, Value>,
    /// The booking, where it is one.
    pub booking: Option<BookingLines>,
}

impl Subject {
    async fn load(conn: &mut AnyConnection, notice: &Claimed, facts: Map<String, Value>) -> Outcome<Self> {
        let booking = if notice.object_kind == "booking" { outbox::find_booking_lines(conn, &notice.object_id).await? } else { None };
        let state = facts.get("state").and_then(Value::as_str).unwrap_or_default();
        Ok(Self { event: told(&notice.event, state), version: notice.version, facts, booking })
    }

    /// A fact as text; `None` when it is missing, null or empty.
    #[must_use]
    pub fn fact(&self, name: &str) -> Option<String> {
        let given = self.facts.get(name).and_then(|value| match value {
            Value::String(text) => Some(text.clone()),
            Value::Number(number) => Some(number.to_string()),
            _ => None,
        });
        given.filter(|text| !text.is_empty())
    }
}

/// The event as letters tell it: a booking's verb becomes the state that it brought about, where that says it all.
fn told(event: &str, state: &str) -> String {
    let Some(verb) = event.strip_prefix("booking.") else { return event.to_owned() };
    let word = match verb {
        "statement" => "statement",
        "dispute" => "disputed",
        "undo_no_show" | "record_use" => "reopened",
        _ if !state.is_empty() => state,
        // Where the state is not at hand: what the verb usually brings about.
        "book" => "requested",
        "approve" => "confirmed",
        "decline" => "declined",
        "expire" => "expired",
        "cancel" => "cancelled",
        "check_in" => "in_use",
        "check_out" | "end_use" => "completed",
        "confirm" | "confirm_by_time" => "settled",
        other => other,
    };
    format!("booking.{word}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pauses_grow_and_end_at_four_hours() {
        let pauses: Vec<i64> = [1, 2, 3, 8, 9, 50].map(pause_seconds).to_vec();
        assert_eq!(pauses, [60, 120, 240, 7680, 14_400, 14_400]);
    }

    #[test]
    fn the_operator_is_told_no_address() {
        assert_eq!(told_to_operator("550 <liu@example.cn>: no such\nmailbox"), "550 *** no such mailbox");
    }

    #[test]
    fn every_state_of_a_claim_is_told_in_words() {
        for state in crate::domain::claims::State::ALL {
            assert!(crate::base::lang::has(Lang::Zh, &format!("mail-claim-{state}")), "{state}");
        }
    }

    #[test]
    fn every_step_of_a_booking_is_told_in_words() {
        use crate::base::lang::has;
        use crate::domain::bookings::{BookingVerb, State};
        for (verb, state) in BookingVerb::ALL.iter().flat_map(|verb| State::ALL.iter().map(move |state| (verb, state))) {
            for event in [told(&format!("booking.{verb}"), state.as_str()), told(&format!("booking.{verb}"), "")] {
                assert!(has(Lang::Zh, &format!("mail-{}", event.replace('.', "-"))), "{event}");
            }
        }
    }
}
