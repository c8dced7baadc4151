//! Instruments over the API: the catalogue, one instrument, when it is free, and what its institution does with it.
//!
//! Beside: `bodies` and `views`, the JSON that comes in and goes out.

mod bodies;
mod views;

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use self::bodies::{ChangeBody, InstrumentBody, OpeningBody, PolicyBody, PricesBody, VerbBody};
pub use self::views::{InstitutionView, InstrumentView, ItemView, OpeningView, PolicyView};
use super::ListView;
use crate::actions::instruments::catalogue::{self, Need, Question, Sort};
use crate::actions::{self, Act, instruments};
use crate::app::App;
use crate::base::paging::Listed;
use crate::base::region;
use crate::base::time::{DAY, Span};
use crate::base::uscc::Uscc;
use crate::domain::instruments::policy::MOST_MINUTES;
use crate::domain::instruments::prices::MOST_PRICE_FEN;
use crate::domain::instruments::{ListingVerb, Mode, OpeningHours, Price, words};
use crate::domain::refusals::{Refusal, Violation};
use crate::domain::roles::Verb;
use crate::http::body::Body;
use crate::http::idempotency::Write;
use crate::http::problem::Problem;
use crate::http::query::{PathId, Query};
use crate::http::{Caller, Error};
use crate::store;
use crate::store::Tx;
use crate::store::instruments::search::Filters;
use crate::store::instruments::versions;

/// The routes of instruments.
pub fn routes() -> OpenApiRouter<Arc<App>> {
    OpenApiRouter::new()
        .routes(routes!(list, create))
        .routes(routes!(one, change))
        .routes(routes!(publish))
        .routes(routes!(suspend))
        .routes(routes!(retire))
        .routes(routes!(set_prices))
        .routes(routes!(set_opening))
        .routes(routes!(set_policy))
        .routes(routes!(availability))
}

/// The longest question that is looked up.
const MOST_CHARACTERS: usize = 200;

/// Reads the filters of the catalogue out of an address; what is wrong is noted in `query`.
pub fn read_filters(query: &mut Query) -> Filters {
    let words = query.text("q").map(ToOwned::to_owned);
    if words.as_ref().is_some_and(|text| text.chars().count() > MOST_CHARACTERS) {
        query.refuse("q", "too_long");
    }
    let categories = query.all("category");
    if !categories.iter().all(|code| matches!(code.len(), 2 | 4 | 6) && code.bytes().all(|b| b.is_ascii_digit())) {
        query.refuse("category", "no_such_category");
    }
    let regions = query.all("region");
    if !regions.iter().all(|code| region::is_code(code)) {
        query.refuse("region", "not_a_region");
    }
    let institution = query.text("institution").map(|text| Uscc::parse(text).map(|uscc| uscc.to_string()));
    let institution = institution.and_then(|uscc| uscc.map_err(|_| query.refuse("institution", "not_a_uscc")).ok());
    let modes: Vec<Option<Mode>> = query.all("mode").iter().map(|word| Mode::parse(word)).collect();
    if modes.iter().any(Option::is_none) {
        query.refuse("mode", "not_a_known_word");
    }
    let voucher = query.word("voucher", |word| match word {
        "1" | "true" | "yes" | "up_to" | "required" => Some(true),
        "0" | "false" | "no" | "none" => Some(false),
        _ => None,
    });
    Filters {
        words: words.map(|text| words::query(&text)),
        categories,
        regions,
        institution,
        modes: modes.into_iter().flatten().collect(),
        max_hourly_fen: query.number("max_hourly_fen", 0, MOST_PRICE_FEN),
        voucher: voucher.unwrap_or(false),
    }
}

/// The catalogue: published instruments that fit, with when each is free next.
#[utoipa::path(
    get, path = "/instruments", tag = "instruments",
    params(
        ("q" = Option<String>, Query, description = "Words, pinyin or initials of name, model, maker, category or institution; several words must all fit"),
        ("category" = Option<String>, Query, description = "The first 2, 4 or 6 digits of a category code; several parted by commas"),
        ("region" = Option<String>, Query, description = "GB/T 2260 code of the institution's address; 370200 holds all districts of Qingdao"),
        ("institution" = Option<String>, Query, description = "USCC"),
        ("mode" = Option<Mode>, Query),
        ("max_hourly_fen" = Option<i64>, Query, description = "Only those whose lowest external hourly price is at most this"),
        ("voucher" = Option<bool>, Query, description = "Only institutions in a voucher pool"),
        ("free_from" = Option<String>, Query, description = "RFC 3339 with an offset: start of the window in which it must be free"),
        ("free_to" = Option<String>, Query, description = "End of that window"),
        ("minutes" = Option<i64>, Query, description = "For how long it must be free there"),
        ("limit" = Option<i64>, Query), ("after" = Option<String>, Query),
    ),
    responses(
        (status = 200, body = ListView<ItemView>),
        (status = 422, body = Problem, content_type = "application/problem+json"),
    )
)]
async fn list(State(app): State<Arc<App>>, _caller: Caller, mut query: Query) -> Result<Json<ListView<ItemView>>, Error> {
    let now = app.clock.now();
    let filters = read_filters(&mut query);
    let (from, to) = (query.instant("free_from"), query.instant("free_to"));
    let minutes = query.number("minutes", 1, MOST_MINUTES);
    if from.zip(to).is_some_and(|(from, to)| to <= from) {
        query.refuse("free_to", "reversed");
    }
    let page = query.page();
    query.done()?;
    let asked = from.is_some() || to.is_some() || minutes.is_some();
    let need = asked.then(|| Need { window: Span::new(from.unwrap_or(now), to.unwrap_or(now.plus(800 * DAY))), minutes: minutes.unwrap_or(0) });
    let mut conn = app.db.read().await?;
    let listed = catalogue::search(&mut conn, now, &Question { filters, need, sort: Sort::Best }, page).await?;
    Ok(Json(listed.map(ItemView::from).into()))
}

/// One instrument whole.
#[utoipa::path(
    get, path = "/instruments/{id}", tag = "instruments", params(("id" = String, Path)),
    responses(
        (status = 200, body = InstrumentView),
        (status = 404, body = Problem, content_type = "application/problem+json", description = "Also a draft of another institution"),
    )
)]
async fn one(State(app): State<Arc<App>>, caller: Caller, PathId(id): PathId) -> Result<Json<InstrumentView>, Error> {
    let organisation_id = caller.member_or_none().map(|member| member.organisation_id.as_str());
    let mut conn = app.db.read().await?;
    let detail = catalogue::detail(&mut conn, app.clock.now(), &id, organisation_id).await?.ok_or(Error::NOT_FOUND)?;
    Ok(Json(detail.into()))
}

/// Free spans of an instrument, each with room for a booking of `minutes`.
#[utoipa::path(
    get, path = "/instruments/{id}/availability", tag = "instruments",
    params(
        ("id" = String, Path),
        ("from" = Option<String>, Query, description = "RFC 3339 with an offset; now when missing"),
        ("to" = Option<String>, Query, description = "RFC 3339 with an offset; up to the horizon when missing"),
        ("minutes" = Option<i64>, Query, description = "As short as the instrument allows when missing"),
        ("limit" = Option<i64>, Query), ("after" = Option<String>, Query),
    ),
    responses(
        (status = 200, body = ListView<Span>),
        (status = 404, body = Problem, content_type = "application/problem+json"),
        (status = 422, body = Problem, content_type = "application/problem+json"),
    )
)]
async fn availability(State(app): State<Arc<App>>, caller: Caller, PathId(id): PathId, mut query: Query) -> Result<Json<ListView<Span>>, Error> {
    let now = app.clock.now();
    let organisation_id = caller.member_or_none().map(|member| member.organisation_id.as_str());
    let (from, to) = (query.instant("from"), query.instant("to"));
    let minutes = query.number("minutes", 1, MOST_MINUTES);
    if from.zip(to).is_some_and(|(from, to)| to <= from) {
        query.refuse("to", "reversed");
    }
    let page = query.page();
    let window = Span::new(from.unwrap_or(now), to.unwrap_or(now.plus(800 * DAY)));
    let mut conn = app.db.read().await?;
    // 404 comes before what is wrong with the question.
    let spans = catalogue::availability(&mut conn, now, &id, organisation_id, window, minutes.unwrap_or(0)).await?.ok_or(Error::NOT_FOUND)?;
    query.done()?;
    let total = i64::try_from(spans.len()).unwrap_or(i64::MAX);
    let place = |n: i64| usize::try_from(n).unwrap_or(usize::MAX);
    let items = spans.into_iter().skip(place(page.offset)).take(place(page.limit)).collect();
    Ok(Json(Listed::new(items, total, page).into()))
}

/// Enters an instrument as a draft.
#[utoipa::path(
    post, path = "/instruments", tag = "instruments", request_body = InstrumentBody,
    responses(
        (status = 201, body = InstrumentView),
        (status = 401, body = Problem, content_type = "application/problem+json"),
        (status = 403, body = Problem, content_type = "application/problem+json"),
        (status = 422, body = Problem, content_type = "application/problem+json"),
    )
)]
async fn create(State(app): State<Arc<App>>, caller: Caller, write: Write, body: Body) -> Result<Response, Error> {
    let member = caller.require(Verb::ManageInstruments)?.clone();
    let form = body.read::<InstrumentBody>()?;
    let (listing, approval) = form.into_listing();
    let act = caller.act(&app)?;
    let (act, member, listing) = (&act, &member, &listing);
    write
        .run(&app, &caller, act, &body, StatusCode::CREATED, |tx| {
            Box::pin(async move {
                let id = instruments::create(tx, act, &member.organisation_id, listing, approval).await?;
                view(tx, act, &id, &member.organisation_id).await
            })
        })
        .await
}

/// An instrument as it is after an act, for the answer.
async fn view(tx: &mut Tx<'_>, act: &Act, id: &str, organisation_id: &str) -> actions::Outcome<InstrumentView> {
    let detail = catalogue::detail(tx, act.now, id, Some(organisation_id)).await?.ok_or(Refusal::NotFound)?;
    Ok(detail.into())
}

/// The institution that the caller manages instruments for, when the instrument is one of its own: 401, 403, 404 before the body is judged.
async fn owner_of(app: &App, caller: &Caller, id: &str) -> Result<String, Error> {
    let member = caller.require(Verb::ManageInstruments)?;
    let owner = store::instruments::find_owner(&mut *app.db.read().await?, id).await?;
    if owner.as_deref() == Some(member.organisation_id.as_str()) { Ok(member.organisation_id.clone()) } else { Err(Error::NOT_FOUND) }
}

/// Changes what a listing says; what is left out keeps its value.
#[utoipa::path(
    patch, path = "/instruments/{id}", tag = "instruments", params(("id" = String, Path)), request_body = ChangeBody,
    responses(
        (status = 200, body = InstrumentView),
        (status = 401, body = Problem, content_type = "application/problem+json"),
        (status = 403, body = Problem, content_type = "application/problem+json"),
        (status = 404, body = Problem, content_type = "application/problem+json"),
        (status = 409, body = Problem, content_type = "application/problem+json", description = "`state_conflict`: retired, or a stale `version`"),
        (status = 422, body = Problem, content_type = "application/problem+json"),
    )
)]
async fn change(State(app): State<Arc<App>>, caller: Caller, write: Write, PathId(id): PathId, body: Body) -> Result<Response, Error> {
    let owner = owner_of(&app, &caller, &id).await?;
    let form = body.read::<ChangeBody>()?.into_change();
    let act = caller.act(&app)?;
    let (act, owner, id, form) = (&act, &owner, &id, &form);
    write
        .run(&app, &caller, act, &body, StatusCode::OK, |tx| {
            Box::pin(async move {
                instruments::change(tx, act, owner, id, form).await?;
                view(tx, act, id, owner).await
            })
        })
        .await
}

async fn move_listing(app: &Arc<App>, caller: &Caller, write: &Write, id: &str, body: &Body, verb: ListingVerb) -> Result<Response, Error> {
    let owner = owner_of(app, caller, id).await?;
    let version = body.read_or_empty::<VerbBody>()?.version;
    let act = caller.act(app)?;
    let (act, owner, id) = (&act, &owner, &id.to_owned());
    write
        .run(app, caller, act, body, StatusCode::OK, |tx| {
            Box::pin(async move {
                instruments::move_listing(tx, act, owner, id, verb, version).await?;
                view(tx, act, id, owner).await
            })
        })
        .await
}

/// Publishes a draft or a suspended listing.
#[utoipa::path(
    post, path = "/instruments/{id}/publish", tag = "instruments", params(("id" = String, Path)), request_body = Option<VerbBody>,
    responses(
        (status = 200, body = InstrumentView),
        (status = 404, body = Problem, content_type = "application/problem+json"),
        (status = 409, body = Problem, content_type = "application/problem+json", description = "`state_conflict`"),
    )
)]
async fn publish(State(app): State<Arc<App>>, caller: Caller, write: Write, PathId(id): PathId, body: Body) -> Result<Response, Error> {
    move_listing(&app, &caller, &write, &id, &body, ListingVerb::Publish).await
}

/// Suspends a published listing: bookings that stand are kept, no new ones are taken.
#[utoipa::path(
    post, path = "/instruments/{id}/suspend", tag = "instruments", params(("id" = String, Path)), request_body = Option<VerbBody>,
    responses(
        (status = 200, body = InstrumentView),
        (status = 404, body = Problem, content_type = "application/problem+json"),
        (status = 409, body = Problem, content_type = "application/problem+json", description = "`state_conflict`"),
    )
)]
async fn suspend(State(app): State<Arc<App>>, caller: Caller, write: Write, PathId(id): PathId, body: Body) -> Result<Response, Error> {
    move_listing(&app, &caller, &write, &id, &body, ListingVerb::Suspend).await
}

/// Retires a listing for good; refused while live bookings remain.
#[utoipa::path(
    post, path = "/instruments/{id}/retire", tag = "instruments", params(("id" = String, Path)), request_body = Option<VerbBody>,
    responses(
        (status = 200, body = InstrumentView),
        (status = 404, body = Problem, content_type = "application/problem+json"),
        (status = 409, body = Problem, content_type = "application/problem+json", description = "`state_conflict`, also while live bookings remain"),
    )
)]
async fn retire(State(app): State<Arc<App>>, caller: Caller, write: Write, PathId(id): PathId, body: Body) -> Result<Response, Error> {
    move_listing(&app, &caller, &write, &id, &body, ListingVerb::Retire).await
}

/// Prices as they are sent and answered.
#[derive(Debug, serde::Serialize, utoipa::ToSchema)]
struct PricesView {
    /// The prices in force.
    items: Vec<Price>,
}

/// Puts prices in force in place of those that stand; bookings keep the price they were quoted.
#[utoipa::path(
    put, path = "/instruments/{id}/prices", tag = "instruments", params(("id" = String, Path)), request_body = PricesBody,
    responses(
        (status = 200, body = PricesView),
        (status = 404, body = Problem, content_type = "application/problem+json"),
        (status = 409, body = Problem, content_type = "application/problem+json", description = "`state_conflict`: retired"),
        (status = 422, body = Problem, content_type = "application/problem+json"),
    )
)]
async fn set_prices(State(app): State<Arc<App>>, caller: Caller, write: Write, PathId(id): PathId, body: Body) -> Result<Response, Error> {
    let owner = owner_of(&app, &caller, &id).await?;
    let items = body.read::<PricesBody>()?.items;
    let act = caller.act(&app)?;
    let (act, owner, id, items) = (&act, &owner, &id, &items);
    write
        .run(&app, &caller, act, &body, StatusCode::OK, |tx| {
            Box::pin(async move {
                instruments::set_prices(tx, act, owner, id, items).await?;
                Ok(PricesView { items: versions::list_prices(tx, id).await?.into_iter().map(|(_, price)| price).collect() })
            })
        })
        .await
}

/// Puts opening hours in force.
#[utoipa::path(
    put, path = "/instruments/{id}/opening-hours", tag = "instruments", params(("id" = String, Path)), request_body = OpeningBody,
    responses(
        (status = 200, body = OpeningView),
        (status = 404, body = Problem, content_type = "application/problem+json"),
        (status = 409, body = Problem, content_type = "application/problem+json", description = "`state_conflict`: retired"),
        (status = 422, body = Problem, content_type = "application/problem+json"),
    )
)]
async fn set_opening(State(app): State<Arc<App>>, caller: Caller, write: Write, PathId(id): PathId, body: Body) -> Result<Response, Error> {
    let owner = owner_of(&app, &caller, &id).await?;
    let opening: OpeningHours = body.read::<OpeningBody>()?.into_hours()?;
    let act = caller.act(&app)?;
    let (act, owner, id, opening) = (&act, &owner, &id, &opening);
    write
        .run(&app, &caller, act, &body, StatusCode::OK, |tx| {
            Box::pin(async move {
                instruments::set_opening(tx, act, owner, id, opening).await?;
                Ok(OpeningView::from(opening))
            })
        })
        .await
}

/// Puts a policy in force; what is left out keeps its value.
#[utoipa::path(
    put, path = "/instruments/{id}/policy", tag = "instruments", params(("id" = String, Path)), request_body = PolicyBody,
    responses(
        (status = 200, body = PolicyView),
        (status = 404, body = Problem, content_type = "application/problem+json"),
        (status = 409, body = Problem, content_type = "application/problem+json", description = "`state_conflict`: retired"),
        (status = 422, body = Problem, content_type = "application/problem+json"),
    )
)]
async fn set_policy(State(app): State<Arc<App>>, caller: Caller, write: Write, PathId(id): PathId, body: Body) -> Result<Response, Error> {
    let owner = owner_of(&app, &caller, &id).await?;
    let form = body.read::<PolicyBody>()?;
    let waiting = [("quota_week_minutes", form.quota_week_minutes.is_some()), ("qualification", form.qualification.is_some())];
    let waiting = waiting.iter().filter(|(_, given)| *given).map(|(field, _)| Violation::invalid(*field, "waits")).collect();
    Refusal::unless_empty(waiting)?;
    let change = form.into_change();
    let act = caller.act(&app)?;
    let (act, owner, id, change) = (&act, &owner, &id, &change);
    write
        .run(&app, &caller, act, &body, StatusCode::OK, |tx| {
            Box::pin(async move {
                instruments::set_policy(tx, act, owner, id, change).await?;
                Ok(PolicyView::from(versions::find_policy(tx, id).await?.unwrap_or_default()))
            })
        })
        .await
}
