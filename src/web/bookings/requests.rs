//! `/lab/requests`: what waits for the institution's answer, the most urgent first; answered in place.

use std::collections::HashMap;
use std::sync::Arc;

use askama::Template;
use axum::Router;
use axum::extract::State;
use axum::response::Response;
use axum::routing::get;

use crate::app::App;
use crate::base::ids::Id;
use crate::base::paging;
use crate::base::time::HOUR;
use crate::domain::actors::Member;
use crate::domain::bookings::State as Stage;
use crate::domain::roles::Verb;
use crate::http::query::Query;
use crate::http::{Error, Visitor};
use crate::store::AnyConnection;
use crate::store::bookings::lists::{self, BookingLine, Filter, Order};
use crate::web::frame::{page, show};
use crate::web::shell::{Page, Pager};

/// A request that has less than this left is urgent.
const URGENT_SECONDS: i64 = 2 * HOUR;

/// The routes.
pub fn routes() -> Router<Arc<App>> {
    Router::new().route("/lab/requests", get(list))
}

/// A request with what decides about it.
pub struct RequestLine {
    /// The booking.
    pub line: BookingLine,
    /// Whether the reader may know what it is for.
    pub shown: bool,
    /// How much of the time to answer has passed, in percent.
    pub passed: i64,
    /// Whether little is left.
    pub late: bool,
    /// Which booking of this enterprise it is here.
    pub count: i64,
    /// To how many of them nobody came.
    pub no_shows: i64,
}

#[derive(Template)]
#[template(path = "lab/requests.html")]
struct RequestsPage {
    page: Page,
    requests: Vec<RequestLine>,
    may_answer: bool,
    /// The request whose refusal is being written.
    declining: String,
    pager: Pager,
}

async fn list(State(app): State<Arc<App>>, visitor: Visitor, mut query: Query) -> Result<Response, Error> {
    let member = visitor.require(Verb::ReadLab)?;
    let at = query.page();
    let declining = query.text("decline").unwrap_or_default().to_owned();
    query.done()?;
    let mut page = page(&app, &visitor).await?;
    let (requests, total) = waiting(&mut *app.db.read().await?, &page, member, at).await?;
    page.count("/lab/requests", total);
    let pager = Pager::new(&page, at, total);
    show(&RequestsPage { page, requests, may_answer: member.may(Verb::ManageInstruments), declining, pager })
}

/// The requests that wait for an institution, the most urgent first, and how many there are.
///
/// # Errors
/// When the database is away.
pub async fn waiting(conn: &mut AnyConnection, page: &Page, member: &Member, at: paging::Page) -> Result<(Vec<RequestLine>, i64), Error> {
    let institution_id = Some(member.organisation_id.clone());
    let filter = Filter { institution_id, states: vec![Stage::Requested], order: Order::AnswerDue, ..Filter::default() };
    let listed = lists::list(conn, &filter, at).await?;
    let records: HashMap<Id, (i64, i64)> =
        lists::list_records(conn, &member.organisation_id).await?.into_iter().map(|r| (r.customer_id, (r.bookings, r.no_shows))).collect();
    let read = |line: BookingLine| {
        let booking = &line.booking;
        let due_at = booking.answer_due_at.unwrap_or(booking.starts_at).min(booking.starts_at);
        let whole = (due_at.0 - booking.created_at.0).max(1);
        let (count, no_shows) = records.get(&booking.customer_id).copied().unwrap_or((1, 0));
        RequestLine {
            shown: booking.parties().shows_purpose(member),
            passed: ((page.now.0 - booking.created_at.0) * 100 / whole).clamp(0, 100),
            late: due_at.0 - page.now.0 < URGENT_SECONDS,
            count,
            no_shows,
            line,
        }
    };
    Ok((listed.items.into_iter().map(read).collect(), listed.total))
}
