//! `/bookings`: an enterprise looks through its bookings, and books. Beside: `new` (what the panel of an instrument posts), `one` (a booking), `acts`
//! (what is done with one), [`requests`] (what waits for the institution's answer).

mod acts;
mod new;
mod one;
pub mod requests;

use std::sync::Arc;

use askama::Template;
use axum::Router;
use axum::extract::State;
use axum::response::Response;
use axum::routing::{get, post};

use super::frame::{page, show};
use super::shell::{Choice, FormState, Page, Pager};
use crate::app::App;
use crate::base::paging;
use crate::base::time::Day;
use crate::domain::actors::Member;
use crate::domain::bookings::State as Stage;
use crate::domain::roles::{Side, Verb};
use crate::http::query::Query;
use crate::http::{Error, Visitor};
use crate::store::bookings::lists::{self, BookingLine, Filter, Order};

/// Past bookings shown before one asks for all of them.
const SHORTLY: i64 = 8;

/// The routes.
pub fn routes() -> Router<Arc<App>> {
    Router::new()
        .route("/bookings", get(list).post(new::place))
        .route("/bookings/{id}", get(one::read))
        .route("/bookings/{id}/{deed}", post(acts::act))
        .merge(requests::routes())
}

/// Bookings under a heading.
struct Group {
    key: &'static str,
    lines: Vec<BookingLine>,
    total: i64,
    more: Option<String>,
}

#[derive(Template)]
#[template(path = "bookings/list.html")]
struct BookingsPage {
    page: Page,
    form: FormState,
    states: Vec<Choice>,
    is_customer: bool,
    filtered: bool,
    /// Statements that wait for the customer, and requests that wait for the institution.
    to_confirm: i64,
    waiting: i64,
    groups: Vec<Group>,
    pager: Option<Pager>,
}

async fn list(State(app): State<Arc<App>>, visitor: Visitor, mut query: Query) -> Result<Response, Error> {
    let member = visitor.require_any(&[Verb::ReadOwnBookings, Verb::ReadLab])?;
    let mut page = page(&app, &visitor).await?;
    let mut form = FormState::read(page.query.as_bytes());
    let at = query.page();
    query.done()?;
    let own = own(member);
    let wanted = wanted(&mut form, &own);
    let filtered = ["state", "from", "to", "show"].iter().any(|name| !form.value(name).is_empty());
    let mut conn = app.db.read().await?;
    let mut pager = None;
    let groups = if filtered {
        let listed = lists::list(&mut conn, &wanted, at).await?;
        pager = Some(Pager::new(&page, at, listed.total));
        vec![Group { key: "bookings-found", lines: listed.items, total: listed.total, more: None }]
    } else {
        sections(&mut conn, &own).await?
    };
    let count = |states: Vec<Stage>| Filter { states, ..own.clone() };
    let waiting = lists::count(&mut conn, &count(vec![Stage::Requested])).await?;
    let to_confirm = lists::count_to_confirm(&mut conn, &own).await?;
    drop(conn);
    page.count("/bookings", to_confirm);
    let states = Choice::words(&page, "state-booking", Stage::ALL);
    show(&BookingsPage { is_customer: member.side == Side::Enterprise, page, form, states, filtered, to_confirm, waiting, groups, pager })
}

/// The bookings that a member sees.
fn own(member: &Member) -> Filter {
    let id = Some(member.organisation_id.clone());
    match member.side {
        Side::Enterprise => Filter { customer_id: id, ..Filter::default() },
        _ => Filter { institution_id: id, ..Filter::default() },
    }
}

/// What the filters of the page keep; what cannot be read is noted in the form and keeps everything.
fn wanted(form: &mut FormState, own: &Filter) -> Filter {
    let states = match form.value("show") {
        "past" => Stage::ALL.iter().copied().filter(|state| !state.is_live()).collect(),
        _ if form.value("state").is_empty() => Vec::new(),
        _ => form.word("state", Stage::parse).into_iter().collect(),
    };
    let (from, to) = (form.optional_day("from"), form.optional_day("to"));
    Filter { states, from: from.map(Day::start), to: to.map(Day::end), ..own.clone() }
}

/// The page without filters: what goes on, what waits, what is over.
async fn sections(conn: &mut crate::store::AnyConnection, own: &Filter) -> Result<Vec<Group>, Error> {
    let all = paging::Page { limit: paging::MOST, offset: 0 };
    let mut groups = Vec::new();
    for (key, states, order, page, more) in [
        ("bookings-upcoming", vec![Stage::InUse, Stage::Confirmed], Order::EarliestStart, all, None),
        ("bookings-waiting", vec![Stage::Requested], Order::EarliestStart, all, None),
        (
            "bookings-past",
            Stage::ALL.iter().copied().filter(|s| !s.is_live()).collect(),
            Order::LatestStart,
            paging::Page { limit: SHORTLY, offset: 0 },
            Some("/bookings?show=past"),
        ),
    ] {
        let listed = lists::list(conn, &Filter { states, order, ..own.clone() }, page).await?;
        let more = more.filter(|_| listed.total > SHORTLY).map(str::to_owned);
        groups.push(Group { key, lines: listed.items, total: listed.total, more });
    }
    Ok(groups)
}
