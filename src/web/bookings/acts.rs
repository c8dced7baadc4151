//! What is done with a booking from its page, or from a list that leads back to itself.

use std::sync::Arc;

use axum::extract::State;
use axum::response::Response;

use super::one;
use crate::actions::bookings::{ActForm, answers, attendance};
use crate::actions::statements::{self, StatementForm};
use crate::actions::{self, Act, Outcome};
use crate::app::App;
use crate::base::time::Instant;
use crate::domain::actors::Member;
use crate::domain::bookings::{BookingVerb, Facts, State as Stage, next};
use crate::domain::refusals::Refusal;
use crate::domain::roles::Verb;
use crate::http::Error;
use crate::http::query::PathIds;
use crate::store::Tx;
use crate::store::bookings::Booking;
use crate::web::frame::{Posted, go, own_path, refused};
use crate::words;

words! {
    /// What a person does with a booking; the word stands in the address.
    pub enum Deed {
        /// 同意.
        Approve = "approve",
        /// 婉拒.
        Decline = "decline",
        /// 取消.
        Cancel = "cancel",
        /// 签到.
        CheckIn = "check-in",
        /// 签退.
        CheckOut = "check-out",
        /// 撤销未到场.
        UndoNoShow = "undo-no-show",
        /// 开结算单.
        Statement = "statement",
        /// 确认结算单.
        Confirm = "confirm",
        /// 提出异议.
        Dispute = "dispute",
    }
}

impl Deed {
    const fn verb(self) -> BookingVerb {
        match self {
            Self::Approve => BookingVerb::Approve,
            Self::Decline => BookingVerb::Decline,
            Self::Cancel => BookingVerb::Cancel,
            Self::CheckIn => BookingVerb::CheckIn,
            Self::CheckOut => BookingVerb::CheckOut,
            Self::UndoNoShow => BookingVerb::UndoNoShow,
            Self::Statement => BookingVerb::IssueStatement,
            Self::Confirm => BookingVerb::Confirm,
            Self::Dispute => BookingVerb::Dispute,
        }
    }

    const fn rights(self) -> &'static [Verb] {
        match self {
            Self::Approve | Self::Decline | Self::UndoNoShow => &[Verb::ManageInstruments],
            Self::Cancel => &[Verb::Book, Verb::ManageInstruments],
            Self::CheckIn | Self::CheckOut => &[Verb::Book, Verb::RunInstruments],
            Self::Statement => &[Verb::IssueStatements],
            Self::Confirm | Self::Dispute => &[Verb::AnswerStatement],
        }
    }

    /// Whether something must be said before: a reason, an amount.
    pub const fn asks(self) -> bool {
        matches!(self, Self::Decline | Self::Cancel | Self::UndoNoShow | Self::Statement | Self::Dispute)
    }

    /// Whether it takes something away from somebody.
    pub const fn takes(self) -> bool {
        matches!(self, Self::Decline | Self::Cancel)
    }

    /// Whether a role allows it.
    pub fn is_allowed(self, member: &Member) -> bool {
        self.rights().iter().any(|verb| member.may(*verb))
    }

    /// What a member may do with a booking now.
    pub fn offered(member: &Member, state: Stage, facts: &Facts, now: Instant) -> Vec<Self> {
        let possible = |deed: &Self| deed.is_allowed(member) && next(state, deed.verb(), facts, now).is_ok();
        Self::ALL.iter().copied().filter(possible).collect()
    }
}

/// `POST /bookings/{id}/{deed}`: back to the booking, or to where the form says.
pub async fn act(State(app): State<Arc<App>>, ids: PathIds, posted: Posted) -> Result<Response, Error> {
    let Posted { visitor, mut form, .. } = posted;
    let (id, deed) = (ids.at(0).to_owned(), Deed::parse(ids.at(1)).ok_or(Error::NOT_FOUND)?);
    let member = visitor.member()?;
    one::visible(&app, member, &id).await?;
    if !deed.is_allowed(member) {
        return Err(Refusal::Forbidden.into());
    }
    let actual_fen = if deed == Deed::Statement { form.optional_yuan("actual_fen") } else { None };
    let act_form = ActForm { booking_id: id.clone(), reason: form.value("reason").to_owned(), version: form.value("version").parse().ok() };
    let back = form.value("back").to_owned();
    if !form.is_wrong() {
        let act = visitor.act(&app)?;
        let done = app.transact(&act, |tx| Box::pin(perform(tx, &act, deed, &act_form, actual_fen))).await;
        match done {
            Ok(_) if back.starts_with("/lab") => return Ok(go(own_path(&back), deed.as_str())),
            Ok(_) => return Ok(go(&format!("/bookings/{id}"), deed.as_str())),
            Err(actions::Error::Refused(refusal)) if form.refuse(&refusal) => {}
            Err(error) => return Err(error.into()),
        }
    }
    refused(&one::build(&app, &visitor, &id, Some(deed), form).await?)
}

async fn perform(tx: &mut Tx<'_>, act: &Act, deed: Deed, form: &ActForm, actual_fen: Option<i64>) -> Outcome<Booking> {
    match deed {
        Deed::Approve => answers::approve(tx, act, form).await,
        Deed::Decline => answers::decline(tx, act, form).await,
        Deed::Cancel => answers::cancel(tx, act, form).await,
        Deed::CheckIn => attendance::check_in(tx, act, form).await,
        Deed::CheckOut => attendance::check_out(tx, act, form).await,
        Deed::UndoNoShow => attendance::undo_no_show(tx, act, form).await,
        Deed::Statement => {
            let statement = StatementForm { actual_fen, reason: form.reason.clone(), version: form.version };
            statements::issue(tx, act, &form.booking_id, &statement).await
        }
        Deed::Confirm => statements::confirm(tx, act, &form.booking_id, form.version).await,
        Deed::Dispute => statements::dispute(tx, act, &form.booking_id, &form.reason, form.version).await,
    }
}
