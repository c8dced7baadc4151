//! `/bureau/openness`: the bureau's region, by institution.

use std::sync::Arc;

use askama::Template;
use axum::extract::State;
use axum::response::Response;

use super::drawn::{Choice, Course, heat};
use super::read_period;
use crate::actions::openness::{self, Report, report, sheet::Sheet};
use crate::app::App;
use crate::base::format::digest_groups;
use crate::base::region;
use crate::domain::openness::Scheme;
use crate::domain::roles::Verb;
use crate::http::query::Query;
use crate::http::{Error, Visitor};
use crate::store;
use crate::store::openness::Scope;
use crate::store::usage::Recorded;
use crate::store::usage::lists::list_latest;
use crate::web::frame::{page, show as answer};
use crate::web::shell::{Heat, Page};

#[derive(Template)]
#[template(path = "openness/region.html")]
struct RegionPage {
    page: Page,
    choice: Choice,
    name: String,
    report: Report,
    scheme: Scheme,
    digest: Vec<String>,
    course: Course,
    lines: Vec<(String, Report)>,
    drill: Option<Drill>,
    heat: Option<(Heat, String)>,
    base: &'static str,
}

/// One way down from the region's figure to the segments below it.
pub struct Drill {
    pub institution: Report,
    pub instrument_id: String,
    pub instrument_name: String,
    pub external_seconds: i64,
    pub sharing: Option<f64>,
    pub segments: Vec<Recorded>,
    pub count: i64,
}

/// The way down to the instrument of an institution that served others most.
pub async fn drill(conn: &mut store::AnyConnection, sheet: &Sheet, institution: &Report, id: &str) -> Result<Option<Drill>, Error> {
    let Some(entry) = sheet.entries.iter().filter(|entry| entry.institution_id == id).max_by_key(|entry| entry.figures.external_seconds) else {
        return Ok(None);
    };
    let listed = list_latest(conn, &entry.instrument_id, sheet.period.span(), 3).await?;
    Ok(Some(Drill {
        institution: institution.clone(),
        instrument_id: entry.instrument_id.clone(),
        instrument_name: entry.name.clone(),
        external_seconds: entry.figures.external_seconds,
        sharing: Some(entry.figures.sharing()),
        segments: listed.items,
        count: listed.total,
    }))
}

/// The region of the visitor's bureau.
pub async fn show(State(app): State<Arc<App>>, visitor: Visitor, query: Query) -> Result<Response, Error> {
    let member = visitor.require(Verb::ReadAllOpenness)?;
    let period = read_period(query, app.clock.now().day())?;
    let page = page(&app, &visitor).await?;
    let salt = openness::salt(&app.db, period).await?;
    let mut tx = app.db.snapshot().await?;
    let bureau = store::organisations::find(&mut tx, &member.organisation_id).await?.ok_or(Error::NOT_FOUND)?;
    let scope = Scope::Region(bureau.region_code.clone());
    let sheet = Sheet::load(&mut tx, &scope, period, page.now).await?;
    let scheme = sheet.schemes.of(&bureau.region_code, period.last());
    let whole = report::of_region(&sheet, &bureau.region_code, &scheme);
    let mut institutions = report::institutions(&mut tx, &sheet).await?;
    institutions.sort_by(|a, b| b.sharing_pooled.total_cmp(&a.sharing_pooled).then_with(|| a.uscc.cmp(&b.uscc)));
    let top = match institutions.first().filter(|top| top.external_seconds > 0) {
        Some(top) => store::organisations::find_by_uscc(&mut tx, top.uscc.as_deref().unwrap_or_default()).await?.zip(Some(top)),
        None => None,
    };
    let drill = match top {
        Some((party, top)) => drill(&mut tx, &sheet, top, &party.id).await?,
        None => None,
    };
    let course = Course::new(&page, &sheet);
    let heat = heat(&mut tx, &page, &scope, period, 1, whole.instruments).await?;
    let digest = digest_groups(&app.digests.of(&mut tx, &scope, period, &salt, &scheme).await?);
    drop(tx);
    let place = |code: &str| region::name(code, page.lang.as_str());
    let lines = institutions.into_iter().map(|line| (place(&line.region_code), line)).collect();
    let (name, choice) = (place(&bureau.region_code), Choice::new(&page, period));
    answer(&RegionPage { page, choice, name, report: whole, scheme, digest, course, lines, drill, heat, base: "/bureau/openness" })
}
