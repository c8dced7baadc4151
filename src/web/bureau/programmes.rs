//! `/bureau/vouchers/programmes/{year}`: writing a new version of a year's terms.

use std::sync::Arc;

use askama::Template;
use axum::extract::State;
use axum::response::Response;

use super::{bureau_of, page};
use crate::actions;
use crate::actions::programmes::{self, LONGEST_SOURCE, TermsForm, YEARS};
use crate::app::App;
use crate::base::money::format_fen;
use crate::base::time::Day;
use crate::domain::roles::Verb;
use crate::domain::vouchers::Terms;
use crate::http::query::PathId;
use crate::http::{Error, Visitor};
use crate::store;
use crate::web::frame::{Posted, go, refused, show};
use crate::web::shell::{FormState, Page};

#[derive(Template)]
#[template(path = "bureau/programme.html")]
struct ProgrammePage {
    page: Page,
    form: FormState,
    year: i64,
    version: i64,
}

fn year_of(text: &str) -> Result<i64, Error> {
    text.parse().ok().filter(|year| (YEARS.0..=YEARS.1).contains(year)).ok_or(Error::NOT_FOUND)
}

async fn programme_page(app: &App, visitor: &Visitor, year: i64, form: FormState) -> Result<ProgrammePage, Error> {
    visitor.require(Verb::RunProgrammes)?;
    let page = page(app, visitor).await?;
    let today = app.clock.now().day();
    let mut conn = app.db.read().await?;
    let programme = store::programmes::find_of(&mut conn, &bureau_of(visitor)?, year).await?;
    let latest = match &programme {
        Some(programme) => store::programmes::list_versions(&mut conn, &programme.id).await?.into_iter().next(),
        None => None,
    };
    let founding = Terms::founding(i16::try_from(year).unwrap_or(2026), 0);
    let terms = latest.as_ref().map_or(founding, store::programmes::Version::terms);
    let yuan = |fen: i64| format_fen(fen, true).replace(',', "");
    let form = form
        .with("rate_percent", percent(terms.rate_bp))
        .with("cap_fen", yuan(terms.cap_fen))
        .with("rounding_fen", yuan(terms.rounding_fen))
        .with("budget_fen", if latest.is_some() { yuan(terms.budget_fen) } else { String::new() })
        .with("commit_percent", terms.commit_percent)
        .with("draw_percent", terms.draw_percent)
        .with("use_by", terms.use_by)
        .with("redeem_by", terms.redeem_by)
        .with("valid_from", today.max(Day::new(i16::try_from(year).unwrap_or(2026), 1, 1).filter(|_| latest.is_some()).unwrap_or(today)))
        .with("source", latest.as_ref().map(|version| version.source.clone()).unwrap_or_default());
    Ok(ProgrammePage { page, form, year, version: latest.map_or(1, |version| version.version + 1) })
}

fn percent(rate_bp: i64) -> String {
    if rate_bp % 100 == 0 { (rate_bp / 100).to_string() } else { format!("{}.{:02}", rate_bp / 100, rate_bp % 100) }
}

/// The form, filled with the latest version.
pub async fn form(State(app): State<Arc<App>>, visitor: Visitor, PathId(year): PathId) -> Result<Response, Error> {
    show(&programme_page(&app, &visitor, year_of(&year)?, FormState::new()).await?)
}

/// Writes a new version.
pub async fn write(State(app): State<Arc<App>>, PathId(year): PathId, posted: Posted) -> Result<Response, Error> {
    let Posted { visitor, mut form, .. } = posted;
    visitor.require(Verb::RunProgrammes)?;
    let year = year_of(&year)?;
    if let Some(terms) = read(&mut form, year) {
        let act = visitor.act(&app)?;
        match app.transact(&act, |tx| Box::pin(programmes::write(tx, &act, &terms))).await {
            Ok(_) => return Ok(go(&format!("/bureau/vouchers?year={year}"), "programme-written")),
            Err(actions::Error::Refused(refusal)) if form.refuse(&refusal) => {}
            Err(error) => return Err(error.into()),
        }
    }
    refused(&programme_page(&app, &visitor, year, form).await?)
}

/// The terms of a form; `None` when something is wrong by its spelling alone.
fn read(form: &mut FormState, year: i64) -> Option<TermsForm> {
    // A percentage with two decimals is as many basis points as the same figure in yuan is fen.
    let rate_bp = form.yuan("rate_percent");
    let (cap_fen, rounding_fen, budget_fen) = (form.yuan("cap_fen"), form.yuan("rounding_fen"), form.yuan("budget_fen"));
    let (commit_percent, draw_percent) = (form.whole("commit_percent", 0, 1000), form.whole("draw_percent", 0, 100));
    let (use_by, redeem_by, valid_from) = (form.day("use_by"), form.day("redeem_by"), form.optional_day("valid_from"));
    let source = form.text("source", LONGEST_SOURCE);
    let terms = TermsForm {
        year,
        rate_bp: rate_bp?,
        cap_fen: cap_fen?,
        rounding_fen,
        budget_fen: budget_fen?,
        commit_percent: commit_percent?,
        use_by: use_by?,
        redeem_by: redeem_by?,
        draw_percent,
        source,
        valid_from,
    };
    (!form.is_wrong()).then_some(terms)
}
