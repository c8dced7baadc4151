//! One instrument: its days, and the segments of the period.

use std::sync::Arc;

use askama::Template;
use axum::extract::State;
use axum::response::Response;

use super::drawn::{Choice, Course, heat};
use super::read_period;
use crate::actions::openness::kin::Kin;
use crate::actions::openness::sheet::Sheet;
use crate::actions::openness::{self, InstrumentReport, report};
use crate::app::App;
use crate::base::paging;
use crate::domain::openness::Period;
use crate::domain::roles::Verb;
use crate::domain::usage::Source;
use crate::http::query::{PathId, Query};
use crate::http::{Error, Visitor};
use crate::store;
use crate::store::openness::Scope;
use crate::store::organisations::Party;
use crate::store::usage::Recorded;
use crate::web::frame::{page, show as answer};
use crate::web::shell::{Heat, Page, Pager};

/// A segment, and whether it counts as external.
struct SegmentLine {
    segment: Recorded,
    external: bool,
}

#[derive(Template)]
#[template(path = "openness/instrument.html")]
struct InstrumentPage {
    page: Page,
    choice: Choice,
    owner: Party,
    name: String,
    number: String,
    report: InstrumentReport,
    sources: Vec<(Source, i64)>,
    course: Course,
    heat: Option<(Heat, String)>,
    segments: Vec<SegmentLine>,
    pager: Pager,
    base: &'static str,
    is_owner: bool,
}

/// For the bureau.
pub async fn for_bureau(State(app): State<Arc<App>>, visitor: Visitor, PathId(id): PathId, query: Query) -> Result<Response, Error> {
    let member = visitor.require(Verb::ReadAllOpenness)?;
    let mut conn = app.db.read().await?;
    let owner = store::instruments::find_owner(&mut conn, &id).await?.ok_or(Error::NOT_FOUND)?;
    if !openness::bureau_sees(&mut conn, member, &owner).await? {
        return Err(Error::NOT_FOUND);
    }
    drop(conn);
    build(&app, &visitor, &id, &owner, query, "/bureau/openness").await
}

/// For its owner.
pub async fn for_owner(State(app): State<Arc<App>>, visitor: Visitor, PathId(id): PathId, query: Query) -> Result<Response, Error> {
    let member = visitor.require(Verb::ReadOwnOpenness)?;
    let owner = store::instruments::find_owner(&mut *app.db.read().await?, &id).await?.filter(|owner| *owner == member.organisation_id);
    build(&app, &visitor, &id, &owner.ok_or(Error::NOT_FOUND)?, query, "/lab/openness").await
}

async fn build(app: &App, visitor: &Visitor, id: &str, owner_id: &str, mut query: Query, base: &'static str) -> Result<Response, Error> {
    let at = query.page();
    let period: Period = read_period(query, app.clock.now().day())?;
    let page = page(app, visitor).await?;
    let mut tx = app.db.snapshot().await?;
    let owner = store::organisations::find(&mut tx, owner_id).await?.ok_or(Error::NOT_FOUND)?;
    let standing = store::instruments::find_standing(&mut tx, id).await?.ok_or(Error::NOT_FOUND)?;
    let scope = Scope::Instrument(id.to_owned());
    let sheet = Sheet::load(&mut tx, &scope, period, page.now).await?;
    let report = report::of_instrument(&sheet, id, &owner.region_code);
    let course = Course::new(&page, &sheet);
    let heat = if matches!(period, Period::Day(_)) { None } else { heat(&mut tx, &page, &scope, period, 4, 1).await? };
    let (segments, total) = segments(&mut tx, id, &owner, period, at).await?;
    drop(tx);
    let pager = Pager::new(&page, at, total);
    let sources = report.by_source.iter().map(|(source, seconds)| (*source, *seconds)).collect();
    let (choice, is_owner) = (Choice::new(&page, period), base == "/lab/openness");
    answer(&InstrumentPage {
        choice,
        owner,
        name: standing.name,
        number: standing.number,
        report,
        sources,
        course,
        heat,
        segments,
        pager,
        base,
        is_owner,
        page,
    })
}

async fn segments(conn: &mut store::AnyConnection, id: &str, owner: &Party, period: Period, at: paging::Page) -> Result<(Vec<SegmentLine>, i64), Error> {
    let kin = Kin::load(conn).await?;
    let span = period.span();
    let listed = store::usage::list(conn, id, Some(span.starts_at), Some(span.ends_at), at).await?;
    let counts = |segment: &Recorded| {
        segment.voided_at.is_none()
            && segment.phase.is_effective()
            && kin.counts(&segment.institution_id, &owner.uscc, segment.organisation_uscc.as_deref(), segment.starts_at.day(), segment.purpose_kind)
    };
    Ok((listed.items.into_iter().map(|segment| SegmentLine { external: counts(&segment), segment }).collect(), listed.total))
}
