//! Floor 4, the API: request -> action -> JSON. One file per noun; `contract.md` is its specification, `/api/openapi.json` its description.
//!
//! A handler first knows its caller (401), then whether the role may (403), then whether the thing is there for them (404), and only
//! then reads the body.

pub mod applications;
pub mod bookings;
pub mod claims;
pub mod description;
pub mod files;
pub mod instruments;
pub mod openness;
pub mod programmes;
pub mod quotes;
pub mod slots;
pub mod statements;
pub mod usage;
pub mod vouchers;

use std::sync::Arc;

use axum::Router;
use serde::Serialize;
use serde_json::Value;
use utoipa::openapi::OpenApi as Description;
use utoipa::openapi::security::{Http, HttpAuthScheme, SecurityScheme};
use utoipa::{Modify, OpenApi, ToSchema};
use utoipa_axum::router::OpenApiRouter;

use crate::app::App;
use crate::base::paging::Listed;
use crate::http::problem::{BrokenRule, Problem};

/// A page of a list as it is sent.
#[derive(Debug, Serialize, ToSchema)]
pub struct ListView<T> {
    /// The rows of the page.
    pub items: Vec<T>,
    /// How many there are on all pages.
    pub total: i64,
    /// Cursor of the next page, to be sent as `after`.
    pub next: Option<String>,
}

impl<T> From<Listed<T>> for ListView<T> {
    fn from(listed: Listed<T>) -> Self {
        Self { items: listed.items, total: listed.total, next: listed.next }
    }
}

struct Bearer;

impl Modify for Bearer {
    fn modify(&self, openapi: &mut Description) {
        let components = openapi.components.get_or_insert_with(Default::default);
        components.add_security_scheme("bearer", SecurityScheme::Http(Http::new(HttpAuthScheme::Bearer)));
    }
}

#[derive(OpenApi)]
#[openapi(
    info(title = "Yiqi", description = "Publicly funded instruments, shared: booking, innovation vouchers, measured openness."),
    components(schemas(Problem, BrokenRule)),
    modifiers(&Bearer),
    security(("bearer" = []), ())
)]
struct Api;

/// Every route under `/api/v1`, and their description.
pub fn routes() -> (Router<Arc<App>>, Value) {
    let nouns = OpenApiRouter::new()
        .merge(applications::routes())
        .merge(bookings::routes())
        .merge(claims::routes())
        .merge(files::routes())
        .merge(instruments::routes())
        .merge(openness::routes())
        .merge(programmes::routes())
        .merge(quotes::routes())
        .merge(slots::routes())
        .merge(statements::routes())
        .merge(usage::routes())
        .merge(vouchers::routes());
    let (router, described) = OpenApiRouter::with_openapi(Api::openapi()).nest("/api/v1", nouns).split_for_parts();
    (router, description::complete(&described))
}
