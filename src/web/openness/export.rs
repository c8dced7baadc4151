//! Downloads of a period: the same files that `yiqi export openness` writes.

use std::sync::Arc;

use axum::extract::State;
use axum::http::header;
use axum::response::{IntoResponse as _, Response};

use crate::actions::openness::{export, salt, table};
use crate::app::App;
use crate::domain::openness::Period;
use crate::domain::roles::Verb;
use crate::http::query::Query;
use crate::http::{Error, Visitor};
use crate::store;
use crate::store::openness::Scope;

/// The region of the visitor's bureau.
pub async fn region(State(app): State<Arc<App>>, visitor: Visitor, query: Query) -> Result<Response, Error> {
    let member = visitor.require(Verb::ReadAllOpenness)?;
    let bureau = store::organisations::find(&mut *app.db.read().await?, &member.organisation_id).await?.ok_or(Error::NOT_FOUND)?;
    write(&app, &visitor, query, Scope::Region(bureau.region_code.clone()), &bureau.region_code).await
}

/// The visitor's institution.
pub async fn institution(State(app): State<Arc<App>>, visitor: Visitor, query: Query) -> Result<Response, Error> {
    let member = visitor.require(Verb::ReadOwnOpenness)?;
    let party = store::organisations::find(&mut *app.db.read().await?, &member.organisation_id).await?.ok_or(Error::NOT_FOUND)?;
    write(&app, &visitor, query, Scope::Institution(party.id.clone()), &party.region_code).await
}

async fn write(app: &App, visitor: &Visitor, mut query: Query, scope: Scope, region_code: &str) -> Result<Response, Error> {
    let is_json = query.word("format", |word| match word {
        "json" => Some(true),
        "csv" => Some(false),
        _ => None,
    });
    let period = query.word("period", Period::parse);
    query.done()?;
    let (Some(is_json), Some(period)) = (is_json, period) else { return Err(Error::NOT_FOUND) };
    let act = visitor.act(app)?;
    let salt = salt(&app.db, period).await?;
    let mut tx = app.db.snapshot().await?;
    let all = export::export(&mut tx, act.now, &scope, region_code, period, &salt).await?;
    drop(tx);
    let failed = |reason: String| {
        tracing::error!(reason, "an export cannot be printed");
        Error::Internal
    };
    let (kind, ending, text) = if is_json {
        ("application/json", "json", serde_json::to_string_pretty(&all).map_err(|e| failed(e.to_string()))?)
    } else {
        ("text/csv; charset=utf-8", "csv", table::csv(&all).map_err(failed)?)
    };
    let name = format!("attachment; filename=\"openness-{period}.{ending}\"");
    Ok(([(header::CONTENT_TYPE, kind.to_owned()), (header::CONTENT_DISPOSITION, name)], text).into_response())
}
