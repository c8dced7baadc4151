//! `/ops/outbox`: what became of each notice. Event, thing, when, tries, outcome; not its text, and not to whom it goes.

use std::sync::Arc;

use askama::Template;
use axum::Router;
use axum::extract::State;
use axum::response::Response;
use axum::routing::{get, post};

use crate::actions::notices;
use crate::app::App;
use crate::domain::roles::Verb;
use crate::http::query::Query;
use crate::http::{Error, Visitor};
use crate::store;
use crate::store::outbox::{Fate, Line};
use crate::web::frame::{Posted, go, page, show};
use crate::web::shell::{Choice, FormState, Page, Pager};

/// The routes.
pub fn routes() -> Router<Arc<App>> {
    Router::new().route("/ops/outbox", get(list)).route("/ops/outbox/again", post(again))
}

#[derive(Template)]
#[template(path = "ops/outbox.html")]
struct OutboxPage {
    page: Page,
    form: FormState,
    fates: Vec<Choice>,
    lines: Vec<Line>,
    pager: Pager,
}

impl OutboxPage {
    /// The event in words: what the heading of its letter says.
    fn event(&self, line: &Line) -> String {
        self.page.t(&notices::letters::plain_key(self.page.lang, &line.event))
    }
}

async fn list(State(app): State<Arc<App>>, visitor: Visitor, mut query: Query) -> Result<Response, Error> {
    visitor.require(Verb::Operate)?;
    let fate = query.word("fate", Fate::parse);
    let at = query.page();
    query.done()?;
    let page = page(&app, &visitor).await?;
    let listed = store::outbox::list(&mut *app.db.read().await?, fate, at).await?;
    let fates = Choice::words(&page, "state-notice", Fate::ALL);
    let pager = Pager::new(&page, at, listed.total);
    let form = FormState::read(page.query.as_bytes());
    show(&OutboxPage { page, form, fates, lines: listed.items, pager })
}

async fn again(State(app): State<Arc<App>>, posted: Posted) -> Result<Response, Error> {
    posted.visitor.require(Verb::Operate)?;
    let act = posted.visitor.act(&app)?;
    let id = posted.form.value("id").to_owned();
    app.transact(&act, |tx| {
        let (act, id) = (&act, id.as_str());
        Box::pin(notices::try_again(tx, act, id))
    })
    .await?;
    Ok(go("/ops/outbox", "notice-again"))
}
