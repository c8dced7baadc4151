//! `/lab/slots`: the time that staff take for something else than bookings, and give back.

use std::collections::HashMap;
use std::sync::Arc;

use askama::Template;
use axum::Router;
use axum::extract::State;
use axum::response::Response;
use axum::routing::{get, post};

use super::frame::{Posted, go, page, refused, show};
use super::shell::{Choice, FormState, Page, Pager};
use crate::actions;
use crate::actions::slots::{SlotForm, make, remove};
use crate::app::App;
use crate::base::ids::Id;
use crate::base::paging;
use crate::base::time::{DAY, Span};
use crate::domain::instruments::{SlotKind, State as Listing};
use crate::domain::roles::Verb;
use crate::http::query::{PathIds, Query};
use crate::http::{Error, Visitor};
use crate::store;
use crate::store::instruments::listings;
use crate::store::slots::SlotLine;

/// How far ahead the list looks.
const AHEAD_SECONDS: i64 = 366 * DAY;

/// The routes.
pub fn routes() -> Router<Arc<App>> {
    Router::new().route("/lab/slots", get(list).post(create)).route("/lab/slots/{instrument_id}/{slot_id}/remove", post(delete))
}

#[derive(Template)]
#[template(path = "lab/slots.html")]
struct SlotsPage {
    page: Page,
    form: FormState,
    kinds: Vec<Choice>,
    instruments: Vec<Choice>,
    lines: Vec<SlotLine>,
    names: HashMap<Id, String>,
    pager: Pager,
}

/// Where a slot is given back.
fn removal(slot: &SlotLine) -> String {
    format!("/lab/slots/{}/{}/remove", slot.instrument_id, slot.id)
}

impl SlotsPage {
    fn name(&self, slot: &SlotLine) -> &str {
        self.names.get(&slot.instrument_id).map_or("", String::as_str)
    }
}

async fn list(State(app): State<Arc<App>>, visitor: Visitor, mut query: Query) -> Result<Response, Error> {
    visitor.require(Verb::RunInstruments)?;
    let at = query.page();
    let form = FormState::new().with("instrument_id", query.text("instrument_id").unwrap_or_default());
    query.done()?;
    show(&build(&app, &visitor, form, at).await?)
}

async fn build(app: &App, visitor: &Visitor, form: FormState, at: paging::Page) -> Result<SlotsPage, Error> {
    let member = visitor.require(Verb::RunInstruments)?;
    let page = page(app, visitor).await?;
    let mut conn = app.db.read().await?;
    let window = Span::new(page.now.day().start(), page.now.plus(AHEAD_SECONDS));
    let all = store::slots::list_by_hand(&mut conn, &member.organisation_id, window).await?;
    let listed = listings::list_of(&mut conn, &member.organisation_id).await?;
    drop(conn);
    let made_by_staff: Vec<SlotKind> = SlotKind::ALL.iter().copied().filter(|kind| kind.is_made_by_staff()).collect();
    let kinds = Choice::words(&page, "slot-kind", &made_by_staff);
    let open = listed.iter().filter(|i| i.state != Listing::Retired);
    let instruments = open.map(|i| Choice::new(&i.id, format!("{} {}", i.name, i.number))).collect();
    let names = listed.into_iter().map(|i| (i.id, i.name)).collect();
    let pager = Pager::new(&page, at, i64::try_from(all.len()).unwrap_or(i64::MAX));
    let count = |number: i64| usize::try_from(number).unwrap_or(usize::MAX);
    let lines = all.into_iter().skip(count(at.offset)).take(count(at.limit)).collect();
    Ok(SlotsPage { form: form.with("kind", SlotKind::Maintenance), page, kinds, instruments, lines, names, pager })
}

async fn create(State(app): State<Arc<App>>, posted: Posted) -> Result<Response, Error> {
    let Posted { visitor, mut form, .. } = posted;
    visitor.require(Verb::RunInstruments)?;
    let (instrument_id, kind) = (form.text("instrument_id", 100), form.word("kind", SlotKind::parse));
    let (starts_at, ends_at) = (form.moment("starts_at"), form.moment("ends_at"));
    let note = form.optional_text("note", 1000);
    if let (Some(kind), Some(starts_at), Some(ends_at), false) = (kind, starts_at, ends_at, form.is_wrong()) {
        let wish = SlotForm { instrument_id, kind, span: Span::new(starts_at, ends_at), note };
        let act = visitor.act(&app)?;
        match app.transact(&act, |tx| Box::pin(make(tx, &act, &wish))).await {
            Ok(_) => return Ok(go("/lab/slots", "slot-made")),
            Err(actions::Error::Refused(refusal)) if form.refuse(&refusal) => {}
            Err(error) => return Err(error.into()),
        }
    }
    refused(&build(&app, &visitor, form, paging::Page::default()).await?)
}

async fn delete(State(app): State<Arc<App>>, ids: PathIds, posted: Posted) -> Result<Response, Error> {
    let visitor = posted.visitor;
    visitor.require(Verb::RunInstruments)?;
    let act = visitor.act(&app)?;
    app.transact(&act, |tx| Box::pin(remove(tx, &act, ids.at(0), ids.at(1)))).await?;
    Ok(go("/lab/slots", "slot-removed"))
}
