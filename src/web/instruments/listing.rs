//! Entering an instrument and changing what its listing says.

use std::sync::Arc;

use askama::Template;
use axum::Router;
use axum::extract::State;
use axum::response::Response;
use axum::routing::get;

use super::own::own;
use crate::actions::{self, instruments};
use crate::app::App;
use crate::base::money::format_fen;
use crate::domain::categories;
use crate::domain::instruments::{Approval, Funding, Kind, Listing, ListingChange, MOST_VALUE_FEN, Mode, out_of_range};
use crate::domain::refusals::Violation;
use crate::domain::roles::Verb;
use crate::http::query::PathId;
use crate::http::{Error, Visitor};
use crate::web::frame::{self, Posted};
use crate::web::shell::{Choice, FormState, Page};

/// The routes.
pub fn routes() -> Router<Arc<App>> {
    Router::new().route("/lab/instruments/new", get(blank).post(enter)).route("/lab/instruments/{id}/edit", get(edit).post(change))
}

#[derive(Template)]
#[template(path = "instruments/listing.html")]
struct ListingPage {
    page: Page,
    form: FormState,
    /// The instrument; `None` when it is a new one.
    id: Option<String>,
    name: String,
    categories: Vec<Choice>,
    kinds: Vec<Choice>,
    fundings: Vec<Choice>,
    modes: Vec<Choice>,
    approvals: Vec<Choice>,
}

impl ListingPage {
    fn new(page: Page, form: FormState, id: Option<String>, name: String) -> Self {
        let lang = page.lang.as_str();
        let class = |category: &categories::Category| Choice::new(category.code6(), format!("{} {}", category.code6(), category.named(lang)));
        // The second level of 01 stands below it.
        let categories = categories::MAJOR.iter().flat_map(|major| {
            let minors = categories::ANALYTICAL.iter().filter(move |_| major.code == "01").map(class);
            std::iter::once(class(major)).chain(minors)
        });
        Self {
            categories: categories.collect(),
            kinds: Choice::words(&page, "kind", Kind::ALL),
            fundings: Choice::words(&page, "funding", Funding::ALL),
            modes: Choice::words(&page, "mode", Mode::ALL),
            approvals: Choice::words(&page, "approval", Approval::ALL),
            page,
            form,
            id,
            name,
        }
    }
}

/// The form filled with a listing.
fn filled(listing: &Listing, approval: Approval) -> FormState {
    let text = |value: &Option<String>| value.clone().unwrap_or_default();
    let mut form = FormState::new()
        .with("number", &listing.number)
        .with("name", &listing.name)
        .with("name_en", text(&listing.name_en))
        .with("model", text(&listing.model))
        .with("maker", text(&listing.maker))
        .with("description", text(&listing.description))
        .with("category_code", &listing.category_code)
        .with("kind", listing.kind)
        .with("original_value_fen", format_fen(listing.original_value_fen, true))
        .with("accepted_on", listing.accepted_on)
        .with("commissioned_on", listing.commissioned_on)
        .with("funding", listing.funding)
        .with("location", &listing.location)
        .with("approval", approval);
    for mode in &listing.modes {
        form = form.and("mode", mode);
    }
    form
}

/// Reads the whole listing; what is missing or wrong is noted.
fn read(form: &mut FormState) -> ListingChange {
    let modes: Vec<Mode> = form.values("mode").into_iter().filter_map(Mode::parse).collect();
    let value = form.yuan("original_value_fen").filter(|fen| {
        let fits = *fen <= MOST_VALUE_FEN;
        if !fits {
            form.note(out_of_range("original_value_fen", 0, MOST_VALUE_FEN / 100));
        }
        fits
    });
    if modes.is_empty() {
        form.note(Violation::required("mode"));
    }
    ListingChange {
        number: Some(form.text("number", 100)),
        name: Some(form.text("name", 200)),
        name_en: Some(form.optional_text("name_en", 200)),
        model: Some(form.optional_text("model", 200)),
        maker: Some(form.optional_text("maker", 200)),
        description: Some(form.optional_text("description", 10_000)),
        category_code: Some(form.text("category_code", 6)),
        kind: form.word("kind", Kind::parse),
        original_value_fen: value,
        accepted_on: form.day("accepted_on"),
        commissioned_on: form.day("commissioned_on"),
        funding: form.word("funding", Funding::parse),
        location: Some(form.text("location", 300)),
        modes: Some(modes),
        positions: Some(1),
        approval: form.word("approval", Approval::parse),
        version: None,
    }
}

async fn blank(State(app): State<Arc<App>>, visitor: Visitor) -> Result<Response, Error> {
    visitor.require(Verb::ManageInstruments)?;
    let page = frame::page(&app, &visitor).await?;
    let form = FormState::new().with("kind", Kind::Instrument).with("funding", Funding::Public).with("approval", Approval::Manager);
    frame::show(&ListingPage::new(page, form, None, String::new()))
}

async fn enter(State(app): State<Arc<App>>, posted: Posted) -> Result<Response, Error> {
    let Posted { visitor, mut form, .. } = posted;
    let owner = visitor.require(Verb::ManageInstruments)?.organisation_id.clone();
    let wish = read(&mut form);
    if !form.is_wrong()
        && let Ok(listing) = wish.whole()
    {
        let act = visitor.act(&app)?;
        let entered = app.transact(&act, |tx| Box::pin(instruments::create(tx, &act, &owner, &listing, wish.approval))).await;
        match entered {
            Ok(id) => return Ok(frame::go(&format!("/lab/instruments/{id}"), "instrument-entered")),
            Err(actions::Error::Refused(refusal)) if form.refuse(&refusal) => {}
            Err(error) => return Err(error.into()),
        }
    }
    let page = frame::page(&app, &visitor).await?;
    frame::refused(&ListingPage::new(page, form, None, String::new()))
}

async fn edit(State(app): State<Arc<App>>, visitor: Visitor, PathId(id): PathId) -> Result<Response, Error> {
    visitor.require(Verb::ManageInstruments)?;
    let page = frame::page(&app, &visitor).await?;
    let detail = own(&mut *app.db.read().await?, &page, &visitor, &id, Verb::ManageInstruments).await?;
    let form = filled(&detail.instrument.listing(), detail.found.item.rules.policy.approval);
    frame::show(&ListingPage::new(page, form, Some(id), detail.instrument.name))
}

async fn change(State(app): State<Arc<App>>, PathId(id): PathId, posted: Posted) -> Result<Response, Error> {
    let Posted { visitor, mut form, .. } = posted;
    let owner = visitor.require(Verb::ManageInstruments)?.organisation_id.clone();
    let page = frame::page(&app, &visitor).await?;
    let detail = own(&mut *app.db.read().await?, &page, &visitor, &id, Verb::ManageInstruments).await?;
    let wish = read(&mut form);
    if !form.is_wrong() {
        let act = visitor.act(&app)?;
        let changed = app.transact(&act, |tx| Box::pin(instruments::change(tx, &act, &owner, &id, &wish))).await;
        match changed {
            Ok(_) => return Ok(frame::go(&format!("/lab/instruments/{id}"), "instrument-changed")),
            Err(actions::Error::Refused(refusal)) if form.refuse(&refusal) => {}
            Err(error) => return Err(error.into()),
        }
    }
    frame::refused(&ListingPage::new(page, form, Some(id), detail.instrument.name))
}
