//! Statements (结算单) as pages: `/lab/statements` for the institution; for the customer a part of the booking's page ([`part`]), and the
//! question before a dispute.

use std::sync::Arc;

use askama::Template;
use axum::Router;
use axum::extract::State;
use axum::response::Response;
use axum::routing::{get, post};

use super::frame::{self, Posted, go, refused, show};
use super::shell::{FormState, Page, Pager};
use crate::actions;
use crate::actions::statements::{StatementForm, computed, confirm, dispute, issue};
use crate::app::App;
use crate::base::ids::Id;
use crate::base::paging;
use crate::base::time::Instant;
use crate::domain::actors::Member;
use crate::domain::bookings::{State as Stands, actual_fee};
use crate::domain::roles::Verb;
use crate::domain::spans::covered_seconds;
use crate::http::query::{PathId, Query};
use crate::http::{Error, Visitor};
use crate::store::bookings::Booking;
use crate::store::bookings::lists::BookingLine;
use crate::store::statements::{Billed, Charge, Stage, Statement};
use crate::store::usage::Recorded;
use crate::store::{self, AnyConnection};

/// How many of each kind stand on the overview.
const FEW: paging::Page = paging::Page { limit: 50, offset: 0 };

/// The routes.
pub fn routes() -> Router<Arc<App>> {
    Router::new()
        .route("/lab/statements", get(overview))
        .route("/lab/statements/settled", get(settled))
        .route("/lab/statements/{id}", get(one).post(post_issue))
        .route("/bookings/{id}/confirm", post(post_confirm))
        .route("/bookings/{id}/dispute", get(ask_dispute).post(post_dispute))
}

/// A booking that waits for a statement, with what use and price give.
struct WaitingLine {
    booking: Billed,
    used_seconds: i64,
    computed_fen: Option<i64>,
}

#[derive(Template)]
#[template(path = "statements/overview.html")]
struct OverviewPage {
    page: Page,
    waiting: Vec<WaitingLine>,
    disputed: Vec<Billed>,
    issued: Vec<Billed>,
}

async fn overview(State(app): State<Arc<App>>, visitor: Visitor) -> Result<Response, Error> {
    let institution_id = visitor.require(Verb::IssueStatements)?.organisation_id.clone();
    let page = frame::page(&app, &visitor).await?;
    let mut conn = app.db.read().await?;
    let waiting = store::statements::list_billed(&mut conn, &institution_id, Stage::Waiting, page.now, FEW).await?.items;
    let ids: Vec<&str> = waiting.iter().map(|booking| booking.id.as_str()).collect();
    let mut used = store::usage::lists::list_used_spans_of(&mut conn, &ids).await?;
    let waiting = waiting
        .into_iter()
        .map(|booking| {
            let spans = used.remove(&booking.id).unwrap_or_default();
            let computed_fen = (!spans.is_empty()).then(|| actual_fee(booking.hourly_fen, spans.iter().copied()));
            WaitingLine { booking, used_seconds: covered_seconds(spans), computed_fen }
        })
        .collect();
    let disputed = store::statements::list_billed(&mut conn, &institution_id, Stage::Disputed, page.now, FEW).await?.items;
    let issued = store::statements::list_billed(&mut conn, &institution_id, Stage::Issued, page.now, FEW).await?.items;
    drop(conn);
    show(&OverviewPage { page, waiting, disputed, issued })
}

#[derive(Template)]
#[template(path = "statements/settled.html")]
struct SettledPage {
    page: Page,
    settled: Vec<Billed>,
    pager: Pager,
}

async fn settled(State(app): State<Arc<App>>, visitor: Visitor, mut query: Query) -> Result<Response, Error> {
    let institution_id = visitor.require(Verb::IssueStatements)?.organisation_id.clone();
    let at = query.page();
    query.done()?;
    let page = frame::page(&app, &visitor).await?;
    let listed = store::statements::list_billed(&mut *app.db.read().await?, &institution_id, Stage::Settled, page.now, at).await?;
    let pager = Pager::new(&page, at, listed.total);
    show(&SettledPage { page, settled: listed.items, pager })
}

/// A version of a statement with its lines.
struct Version {
    statement: Statement,
    charges: Vec<Charge>,
}

#[derive(Template)]
#[template(path = "statements/issue.html")]
struct IssuePage {
    page: Page,
    form: FormState,
    booking: Booking,
    customer: String,
    instrument: String,
    segments: Vec<Recorded>,
    used_seconds: i64,
    computed_fen: Option<i64>,
    held_fen: i64,
    versions: Vec<Version>,
    may_issue: bool,
}

async fn own(conn: &mut AnyConnection, member: &Member, id: &str) -> Result<Booking, Error> {
    store::bookings::find(conn, id).await?.filter(|booking| booking.institution_id == member.organisation_id).ok_or(Error::NOT_FOUND)
}

async fn build(app: &App, visitor: &Visitor, id: &str, form: FormState) -> Result<IssuePage, Error> {
    let member = visitor.require(Verb::IssueStatements)?;
    let page = frame::page(app, visitor).await?;
    let mut conn = app.db.read().await?;
    let line = store::bookings::lists::find(&mut conn, id).await?.filter(|line| line.booking.institution_id == member.organisation_id);
    let BookingLine { booking, held_fen, instrument_name: instrument, customer_name: customer, .. } = line.ok_or(Error::NOT_FOUND)?;
    let (used_seconds, computed_fen) = computed(&mut conn, &booking).await?;
    let mut versions = Vec::new();
    for statement in store::statements::list(&mut conn, id).await? {
        versions.push(Version { charges: store::statements::list_charges(&mut conn, &statement.id).await?, statement });
    }
    let over = matches!(booking.state, Stands::Completed) || (booking.state == Stands::Confirmed && page.now >= booking.ends_at && used_seconds > 0);
    Ok(IssuePage {
        segments: store::usage::list_of_booking(&mut conn, id).await?,
        held_fen,
        may_issue: over,
        page,
        form,
        booking,
        customer,
        instrument,
        used_seconds,
        computed_fen,
        versions,
    })
}

async fn one(State(app): State<Arc<App>>, visitor: Visitor, PathId(id): PathId) -> Result<Response, Error> {
    show(&build(&app, &visitor, &id, FormState::new()).await?)
}

async fn post_issue(State(app): State<Arc<App>>, PathId(id): PathId, posted: Posted) -> Result<Response, Error> {
    let Posted { visitor, mut form, .. } = posted;
    let member = visitor.require(Verb::IssueStatements)?;
    own(&mut *app.db.read().await?, member, &id).await?;
    let statement = StatementForm { actual_fen: form.optional_yuan("actual_fen"), reason: form.optional_text("reason", 1000), version: None };
    if form.is_wrong() {
        return refused(&build(&app, &visitor, &id, form).await?);
    }
    let act = visitor.act(&app)?;
    match app.transact(&act, |tx| Box::pin(issue(tx, &act, &id, &statement))).await {
        Ok(_) => Ok(go("/lab/statements", "statement-issued")),
        Err(actions::Error::Refused(refusal)) if form.refuse(&refusal) => refused(&build(&app, &visitor, &id, form).await?),
        Err(error) => Err(error.into()),
    }
}

/// The statement on the page of its booking, for both parties. Show it as `{{ part }}`.
#[derive(Template)]
#[template(path = "statements/part.html")]
pub struct StatementPart {
    page: Page,
    booking_id: Id,
    fee_fen: i64,
    hourly_fen: i64,
    statement: Statement,
    charges: Vec<Charge>,
    settled: bool,
    confirm_due_at: Option<Instant>,
    may_answer: bool,
    may_issue: bool,
}

impl askama::filters::HtmlSafe for StatementPart {}

/// The statement that stands for a booking, as the visitor may see and answer it; `None` before there is one. The booking is one that the
/// visitor may see.
pub async fn part(conn: &mut AnyConnection, page: &Page, visitor: &Visitor, booking: &Booking) -> Result<Option<StatementPart>, Error> {
    let Some(statement) = store::statements::list(conn, &booking.id).await?.into_iter().next() else { return Ok(None) };
    let open = booking.state == Stands::Completed;
    let is_customer = visitor.member.as_ref().is_some_and(|member| member.organisation_id == booking.customer_id);
    Ok(Some(StatementPart {
        page: page.clone(),
        booking_id: booking.id.clone(),
        fee_fen: booking.fee_fen,
        hourly_fen: booking.hourly_fen,
        charges: store::statements::list_charges(conn, &statement.id).await?,
        may_answer: open && is_customer && statement.disputed_at.is_none() && visitor.may(Verb::AnswerStatement),
        may_issue: open && visitor.may(Verb::IssueStatements),
        settled: booking.state == Stands::Settled,
        confirm_due_at: booking.confirm_due_at,
        statement,
    }))
}

/// The booking of the customer who is asked for an answer.
async fn mine(app: &App, visitor: &Visitor, id: &str) -> Result<Booking, Error> {
    let member = visitor.require(Verb::AnswerStatement)?;
    let booking = store::bookings::find(&mut *app.db.read().await?, id).await?;
    booking.filter(|booking| booking.customer_id == member.organisation_id).ok_or(Error::NOT_FOUND)
}

async fn post_confirm(State(app): State<Arc<App>>, PathId(id): PathId, posted: Posted) -> Result<Response, Error> {
    mine(&app, &posted.visitor, &id).await?;
    let act = posted.visitor.act(&app)?;
    app.transact(&act, |tx| Box::pin(confirm(tx, &act, &id, None))).await?;
    Ok(go(&format!("/bookings/{id}"), "statement-confirmed"))
}

#[derive(Template)]
#[template(path = "statements/dispute.html")]
struct DisputePage {
    page: Page,
    form: FormState,
    booking: Booking,
}

async fn ask_dispute(State(app): State<Arc<App>>, visitor: Visitor, PathId(id): PathId) -> Result<Response, Error> {
    let booking = mine(&app, &visitor, &id).await?;
    show(&DisputePage { page: frame::page(&app, &visitor).await?, form: FormState::new(), booking })
}

async fn post_dispute(State(app): State<Arc<App>>, PathId(id): PathId, posted: Posted) -> Result<Response, Error> {
    let Posted { visitor, mut form, .. } = posted;
    let booking = mine(&app, &visitor, &id).await?;
    let act = visitor.act(&app)?;
    let reason = form.value("reason").to_owned();
    match app.transact(&act, |tx| Box::pin(dispute(tx, &act, &id, &reason, None))).await {
        Ok(_) => Ok(go(&format!("/bookings/{id}"), "statement-disputed")),
        Err(actions::Error::Refused(refusal)) if form.refuse(&refusal) => refused(&DisputePage { page: frame::page(&app, &visitor).await?, form, booking }),
        Err(error) => Err(error.into()),
    }
}
