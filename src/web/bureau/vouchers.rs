//! `/bureau/vouchers`: the programme of a year with its versions, the applications that wait, the purses; the purse and ledger of one enterprise.

use std::sync::Arc;

use askama::Template;
use axum::extract::State;
use axum::response::Response;

use super::{bureau_of, page};
use crate::actions;
use crate::actions::applications::{self, LONGEST_REASON};
use crate::actions::programmes::YEARS;
use crate::actions::vouchers::find;
use crate::app::App;
use crate::base::paging::{self, Listed};
use crate::base::time::Day;
use crate::domain::refusals::Violation;
use crate::domain::roles::Verb;
use crate::domain::vouchers::ApplicationState;
use crate::http::query::{PathId, Query};
use crate::http::{Error, Visitor};
use crate::store;
use crate::store::applications::{Application, Filter};
use crate::store::organisations::Party;
use crate::store::programmes::{Programme, Version};
use crate::store::purses::PurseLine;
use crate::web::frame::{Posted, go, refused, show};
use crate::web::shell::{FormState, Page, Pager};
use crate::web::vouchers::Money;

#[derive(Template)]
#[template(path = "bureau/vouchers.html")]
struct VouchersPage {
    page: Page,
    form: FormState,
    year: i64,
    today: Day,
    programme: Option<Programme>,
    versions: Vec<Version>,
    granted_fen: i64,
    redeemed_fen: i64,
    applications: Listed<Application>,
    purses: Listed<PurseLine>,
    pager: Pager,
    may_run: bool,
}

impl VouchersPage {
    /// The version in force today.
    fn in_force(&self) -> Option<&Version> {
        self.versions.iter().filter(|version| version.valid_from_on <= self.today).max_by_key(|version| (version.valid_from_on, version.version))
    }

    fn is_in_force(&self, version: &Version) -> bool {
        self.in_force().is_some_and(|found| found.id == version.id)
    }
}

/// A year of the bureau's programme.
pub async fn overview(State(app): State<Arc<App>>, visitor: Visitor, mut query: Query) -> Result<Response, Error> {
    visitor.require(Verb::ReadLedger)?;
    let bureau_id = bureau_of(&visitor)?;
    let today = app.clock.now().day();
    let year = query.number("year", YEARS.0, YEARS.1).unwrap_or(today.year());
    let text = query.text("q").map(|text| text.chars().take(100).collect::<String>());
    let at = query.page();
    query.done()?;
    let page = page(&app, &visitor).await?;
    let mut conn = app.db.read().await?;
    let programme = store::programmes::find_of(&mut conn, &bureau_id, year).await?;
    let (mut versions, mut totals, mut purses) = (Vec::new(), (0, 0), Listed::new(Vec::new(), 0, at));
    if let Some(programme) = &programme {
        versions = store::programmes::list_versions(&mut conn, &programme.id).await?;
        totals = store::programmes::find_totals(&mut conn, &programme.id).await?;
        purses = store::purses::list_of_programme(&mut conn, &programme.id, text.as_deref(), at).await?;
    }
    let wanted = Filter { bureau_id: Some(bureau_id), state: Some(ApplicationState::Filed), year: Some(year), ..Filter::default() };
    let applications = store::applications::list(&mut conn, &wanted, paging::Page { limit: 20, offset: 0 }).await?;
    drop(conn);
    let pager = Pager::new(&page, at, purses.total);
    let form = FormState::read(page.query.as_bytes());
    let may_run = visitor.may(Verb::RunProgrammes);
    let (granted_fen, redeemed_fen) = totals;
    show(&VouchersPage { page, form, year, today, programme, versions, granted_fen, redeemed_fen, applications, purses, pager, may_run })
}

#[derive(Template)]
#[template(path = "bureau/purse.html")]
struct PursePage {
    page: Page,
    party: Party,
    money: Money,
}

/// The purse and ledger of an enterprise in a year.
pub async fn one(State(app): State<Arc<App>>, visitor: Visitor, PathId(uscc): PathId, mut query: Query) -> Result<Response, Error> {
    visitor.require(Verb::ReadLedger)?;
    let bureau_id = bureau_of(&visitor)?;
    let today = app.clock.now().day();
    let year = query.number("year", YEARS.0, YEARS.1).unwrap_or(today.year());
    let at = query.page();
    query.done()?;
    let page = page(&app, &visitor).await?;
    let mut conn = app.db.read().await?;
    let party = store::organisations::find_by_uscc(&mut conn, &uscc).await?.ok_or(Error::NOT_FOUND)?;
    let voucher = find(&mut conn, today, &party.id, Some(&bureau_id), year).await?;
    drop(conn);
    let money = Money::load(&app, &page, &voucher, at).await?;
    show(&PursePage { page, party, money })
}

#[derive(Template)]
#[template(path = "bureau/application.html")]
struct ApplicationPage {
    page: Page,
    form: FormState,
    application: Application,
    version: Option<Version>,
    granted_fen: i64,
    granted_in_all_fen: i64,
    may_decide: bool,
}

async fn application_page(app: &App, visitor: &Visitor, id: &str, form: FormState) -> Result<ApplicationPage, Error> {
    visitor.require(Verb::ReadLedger)?;
    let bureau_id = bureau_of(visitor)?;
    let page = page(app, visitor).await?;
    let mut conn = app.db.read().await?;
    let application = store::applications::find(&mut conn, id).await?.filter(|a| a.bureau_id == bureau_id).ok_or(Error::NOT_FOUND)?;
    let version = store::programmes::find_version_in_force(&mut conn, &application.programme_id, app.clock.now().day()).await?;
    let purse = store::purses::find_of(&mut conn, &application.programme_id, &application.enterprise_id).await?;
    let (granted_in_all_fen, _) = store::programmes::find_totals(&mut conn, &application.programme_id).await?;
    let yuan = crate::base::money::format_fen(application.amount_fen, true).replace(',', "");
    Ok(ApplicationPage {
        page,
        form: form.with("amount_fen", yuan),
        version,
        granted_fen: purse.map_or(0, |purse| purse.granted_fen),
        granted_in_all_fen,
        may_decide: visitor.may(Verb::RunProgrammes) && application.state == ApplicationState::Filed,
        application,
    })
}

/// One application.
pub async fn application(State(app): State<Arc<App>>, visitor: Visitor, PathId(id): PathId) -> Result<Response, Error> {
    show(&application_page(&app, &visitor, &id, FormState::new()).await?)
}

/// Grants or rejects.
pub async fn decide(State(app): State<Arc<App>>, PathId(id): PathId, posted: Posted) -> Result<Response, Error> {
    let Posted { visitor, mut form, .. } = posted;
    visitor.require(Verb::RunProgrammes)?;
    let (act, decision) = (visitor.act(&app)?, form.value("do").to_owned());
    let (mut amount_fen, mut reason) = (None, String::new());
    match decision.as_str() {
        "approve" => amount_fen = form.yuan("amount_fen"),
        "reject" => reason = form.text("reason", LONGEST_REASON),
        _ => form.note(Violation::required("do")),
    }
    if !form.is_wrong() {
        let done = app.transact(&act, |tx| {
            let (act, id, reason, grants) = (&act, id.as_str(), reason.as_str(), decision == "approve");
            Box::pin(async move {
                if grants { applications::approve(tx, act, id, amount_fen, None).await } else { applications::reject(tx, act, id, reason, None).await }
            })
        });
        match done.await {
            Ok(after) => return Ok(go(&format!("/bureau/vouchers?year={}", after.year), &format!("application-is-{}", after.state))),
            Err(actions::Error::Refused(refusal)) if form.refuse(&refusal) => {}
            Err(error) => return Err(error.into()),
        }
    }
    refused(&application_page(&app, &visitor, &id, form).await?)
}
