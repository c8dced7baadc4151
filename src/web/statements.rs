//! `/lab/statements`: what waits for a statement (结算单), what is disputed, what was issued and settled. The customer sees and answers a
//! statement on the page of its booking (`bookings`).

use std::sync::Arc;

use askama::Template;
use axum::Router;
use axum::extract::State;
use axum::response::Response;
use axum::routing::get;

use super::frame::{self, Posted, go, refused, show};
use super::shell::{FormState, Page, Pager};
use crate::actions;
use crate::actions::statements::{StatementForm, computed, issue};
use crate::app::App;
use crate::base::paging;
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
