//! `/bureau/audit`: who did what to which thing, for the auditor of a bureau.

use std::sync::Arc;

use askama::Template;
use axum::Router;
use axum::extract::State;
use axum::response::Response;
use axum::routing::get;

use super::frame::{page, show};
use super::shell::{FormState, Page, Pager};
use crate::app::App;
use crate::base::time::Day;
use crate::domain::roles::Verb;
use crate::http::query::Query;
use crate::http::{Error, Visitor};
use crate::store;
use crate::store::audit::{Line, Seal, Wanted};

/// The routes.
pub fn routes() -> Router<Arc<App>> {
    Router::new().route("/bureau/audit", get(list))
}

#[derive(Template)]
#[template(path = "audit/list.html")]
struct AuditPage {
    page: Page,
    form: FormState,
    lines: Vec<Line>,
    seal: Option<Seal>,
    pager: Pager,
}

impl AuditPage {
    /// The facts of a record, one after another; JSON is for machines.
    fn facts(line: &Line) -> String {
        let Ok(serde_json::Value::Object(facts)) = serde_json::from_str(&line.facts) else { return line.facts.clone() };
        let told = facts.iter().filter_map(|(name, value)| match value {
            serde_json::Value::Null => None,
            serde_json::Value::String(text) if text.is_empty() => None,
            serde_json::Value::String(text) => Some(format!("{name}: {text}")),
            other => Some(format!("{name}: {other}")),
        });
        told.collect::<Vec<_>>().join("; ")
    }
}

async fn list(State(app): State<Arc<App>>, visitor: Visitor, mut query: Query) -> Result<Response, Error> {
    let bureau_id = visitor.require(Verb::ReadAudit)?.organisation_id.clone();
    let text = |query: &Query, name: &str| query.text(name).map(|text| text.chars().take(100).collect::<String>());
    let (from, to) = (query.day("from").map(Day::start), query.day("to").map(Day::end));
    let wanted = Wanted { object: text(&query, "object"), person: text(&query, "person"), action: text(&query, "action"), from, to };
    let at = query.page();
    query.done()?;
    let page = page(&app, &visitor).await?;
    let mut conn = app.db.read().await?;
    let listed = store::audit::list_for_bureau(&mut conn, &bureau_id, &wanted, at).await?;
    let seal = store::audit::find_last_seal(&mut conn).await?;
    drop(conn);
    let pager = Pager::new(&page, at, listed.total);
    let form = FormState::read(page.query.as_bytes());
    show(&AuditPage { page, form, lines: listed.items, seal, pager })
}
