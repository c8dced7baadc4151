//! One institution, by instrument: for the bureau, and for the institution itself.

use std::sync::Arc;

use askama::Template;
use axum::extract::State;
use axum::response::Response;

use super::drawn::{Choice, Course, heat};
use super::read_period;
use super::region::{Drill, drill};
use crate::actions::openness::{self, Line, Report, report, sheet::Sheet};
use crate::app::App;
use crate::base::format::digest_groups;
use crate::base::region;
use crate::base::uscc::Uscc;
use crate::domain::openness::{Period, Scheme};
use crate::domain::roles::{Side, Verb};
use crate::http::query::{PathId, Query};
use crate::http::{Error, Visitor};
use crate::store;
use crate::store::openness::Scope;
use crate::store::organisations::Party;
use crate::web::frame::{page, show as answer};
use crate::web::shell::{Heat, Page};

#[derive(Template)]
#[template(path = "openness/institution.html")]
struct InstitutionPage {
    page: Page,
    choice: Choice,
    place: String,
    name: String,
    report: Report,
    scheme: Scheme,
    points: Vec<(String, Option<f64>, f64)>,
    digest: Vec<String>,
    course: Course,
    lines: Vec<Line>,
    drill: Option<Drill>,
    heat: Option<(Heat, String)>,
    base: &'static str,
    is_owner: bool,
}

/// For the bureau.
pub async fn for_bureau(State(app): State<Arc<App>>, visitor: Visitor, PathId(uscc): PathId, query: Query) -> Result<Response, Error> {
    let member = visitor.require(Verb::ReadAllOpenness)?;
    let period = read_period(query, app.clock.now().day())?;
    let uscc = Uscc::parse(&uscc).map_err(|_| Error::NOT_FOUND)?;
    let mut conn = app.db.read().await?;
    let party = store::organisations::find_by_uscc(&mut conn, uscc.as_str()).await?.ok_or(Error::NOT_FOUND)?;
    let is_institution = store::organisations::list_sides(&mut conn, &party.id).await?.contains(&Side::Institution);
    if !is_institution || !openness::bureau_sees(&mut conn, member, &party.id).await? {
        return Err(Error::NOT_FOUND);
    }
    drop(conn);
    build(&app, &visitor, &party, period, "/bureau/openness", false).await
}

/// For the institution itself.
pub async fn for_owner(State(app): State<Arc<App>>, visitor: Visitor, query: Query) -> Result<Response, Error> {
    let member = visitor.require(Verb::ReadOwnOpenness)?;
    let period = read_period(query, app.clock.now().day())?;
    let party = store::organisations::find(&mut *app.db.read().await?, &member.organisation_id).await?.ok_or(Error::NOT_FOUND)?;
    build(&app, &visitor, &party, period, "/lab/openness", true).await
}

async fn build(app: &App, visitor: &Visitor, party: &Party, period: Period, base: &'static str, is_owner: bool) -> Result<Response, Error> {
    let page = page(app, visitor).await?;
    let salt = openness::salt(&app.db, period).await?;
    let mut tx = app.db.snapshot().await?;
    let scope = Scope::Institution(party.id.clone());
    let sheet = Sheet::load(&mut tx, &scope, period, page.now).await?;
    let scheme = sheet.schemes.of(&party.region_code, period.last());
    let whole = report::of_institution(&sheet, party, &scheme);
    let mut lines: Vec<Line> = sheet.entries.iter().map(|entry| report::line(entry, period, &scheme)).collect();
    lines.sort_by(|a, b| b.external_seconds.cmp(&a.external_seconds).then_with(|| a.number.cmp(&b.number)));
    let drill = if whole.external_seconds > 0 { drill(&mut tx, &sheet, &whole, &party.id).await? } else { None };
    let course = Course::new(&page, &sheet);
    let heat = heat(&mut tx, &page, &scope, period, 4, whole.instruments).await?;
    let digest = digest_groups(&app.digests.of(&mut tx, &scope, period, &salt, &scheme).await?);
    drop(tx);
    let points = if period.is_year() { report::points(&whole, &scheme) } else { Vec::new() };
    let (place, choice) = (region::name(&party.region_code, page.lang.as_str()), Choice::new(&page, period));
    answer(&InstitutionPage {
        page,
        choice,
        place,
        name: party.name.clone(),
        report: whole,
        scheme,
        points,
        digest,
        course,
        lines,
        drill,
        heat,
        base,
        is_owner,
    })
}
