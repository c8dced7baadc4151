//! `/vouchers`: an enterprise's voucher of a year: where its money is, what can be claimed, the ledger. Beside: `granting` (apply, return),
//! `claiming` (file a claim), `claims` (follow one).

mod claiming;
mod claims;
mod granting;

use std::sync::Arc;

use askama::Template;
use axum::Router;
use axum::extract::{DefaultBodyLimit, State};
use axum::response::Response;
use axum::routing::{get, post};

use super::frame::{page, show};
use super::shell::{Page, Pager, Purse, charts::Part};
use crate::actions::programmes::YEARS;
use crate::actions::vouchers::{self, Voucher};
use crate::app::App;
use crate::base::paging::{self, Listed};
use crate::base::time::Day;
use crate::domain::actors::Member;
use crate::domain::claims::State as ClaimState;
use crate::domain::roles::Verb;
use crate::files::LIMIT_BYTES;
use crate::http::query::Query;
use crate::http::{Error, Visitor};
use crate::store;
use crate::store::applications::{Application, Filter as ApplicationFilter};
use crate::store::claims::desk::Claimable;
use crate::store::claims::lists::{self, ClaimLine, Filter};
use crate::store::purses::MovementRow;

/// How many documents one form may carry at their largest.
const MOST_LARGE_FILES: usize = 6;

/// The routes.
pub fn routes() -> Router<Arc<App>> {
    let uploads = Router::new()
        .route("/vouchers/claims/new", get(claiming::form).post(claiming::file))
        .route("/vouchers/claims/{id}/answer", post(claims::answer))
        .layer(DefaultBodyLimit::max(MOST_LARGE_FILES * LIMIT_BYTES));
    Router::new()
        .route("/vouchers", get(overview))
        .route("/vouchers/apply", get(granting::apply_form).post(granting::apply))
        .route("/vouchers/return", get(granting::return_form).post(granting::give_back))
        .route("/vouchers/claims", get(claims::list))
        .route("/vouchers/claims/{id}", get(claims::one))
        .route("/vouchers/claims/{id}/withdraw", post(claims::withdraw))
        .merge(uploads)
}

/// Where the money of a voucher is, as a bar and a table, and its ledger: shown to the enterprise and to the bureau.
pub struct Money {
    /// Of which year.
    pub year: i64,
    /// The parts.
    pub parts: Purse,
    /// A page of the ledger, the newest line first.
    pub ledger: Listed<MovementRow>,
    /// Its pager.
    pub pager: Pager,
}

impl Money {
    /// Reads the ledger of a voucher.
    ///
    /// # Errors
    /// When the database is away.
    pub async fn load(app: &App, page: &Page, voucher: &Voucher, at: paging::Page) -> Result<Self, Error> {
        let ledger = match &voucher.row {
            Some(row) => store::purses::list_movements(&mut *app.db.read().await?, &row.id, at).await?,
            None => Listed::new(Vec::new(), 0, at),
        };
        let purse = voucher.purse();
        let parts = Purse {
            granted_fen: purse.granted_fen,
            redeemed_fen: purse.redeemed_fen,
            claimed_fen: purse.claimed_fen,
            held_fen: purse.held_fen,
            available_fen: purse.available_fen,
            lapsed_fen: purse.lapsed_fen,
            returned_fen: purse.returned_fen,
        };
        let pager = Pager::new(page, at, ledger.total);
        Ok(Self { year: voucher.year, parts, ledger, pager })
    }

    /// The parts in the order of the bar: word and amount.
    #[must_use]
    pub fn rows(&self) -> Vec<(Part, i64)> {
        Part::ALL.iter().map(|part| (*part, self.parts.part(*part))).collect()
    }

    /// What a line of the ledger is about, as a word of `cause-WORD`.
    #[must_use]
    pub fn cause(&self, row: &MovementRow) -> String {
        format!("{}-{}-{}", row.cause_kind, row.from_account, row.to_account)
    }

    /// The parts as a sum in words, so that one sees that they add up.
    #[must_use]
    pub fn sum(&self) -> String {
        let whole = |fen: i64| crate::base::money::format_fen(fen, true);
        let parts: Vec<String> = self.rows().iter().filter(|(_, fen)| *fen > 0).map(|(_, fen)| whole(*fen)).collect();
        if parts.is_empty() { whole(0) } else { format!("{} = {}", parts.join(" + "), whole(self.parts.granted_fen)) }
    }
}

/// A deadline and how many days are left, both counted.
pub struct Deadline {
    /// The last day.
    pub day: Day,
    /// Days from today; negative once it has passed.
    pub days: i64,
}

impl Deadline {
    fn new(day: Day, today: Day) -> Self {
        Self { day, days: day.start().0.div_euclid(86_400) - today.start().0.div_euclid(86_400) }
    }
}

#[derive(Template)]
#[template(path = "vouchers/overview.html")]
struct OverviewPage {
    page: Page,
    member: Member,
    year: i64,
    this_year: i64,
    money: Money,
    use_by: Option<Deadline>,
    redeem_by: Option<Deadline>,
    rate_bp: i64,
    cap_fen: i64,
    claimable: Vec<Claimable>,
    sent_back: Vec<(ClaimLine, String)>,
    claims: Listed<ClaimLine>,
    applications: Vec<Application>,
    may_manage: bool,
}

impl OverviewPage {
    /// How much service the available money still supports, in fen.
    fn supports_fen(&self) -> i64 {
        if self.rate_bp <= 0 { 0 } else { self.money.parts.available_fen.saturating_mul(10_000) / self.rate_bp }
    }
}

async fn overview(State(app): State<Arc<App>>, visitor: Visitor, mut query: Query) -> Result<Response, Error> {
    let member = visitor.require(Verb::Claim)?.clone();
    let today = app.clock.now().day();
    let year = query.number("year", YEARS.0, YEARS.1).unwrap_or(today.year());
    let at = paging::Page { limit: 12, ..query.page() };
    query.done()?;
    let page = page(&app, &visitor).await?;
    let mut conn = app.db.read().await?;
    let voucher = vouchers::find(&mut conn, today, &member.organisation_id, None, year).await?;
    let version = voucher.programme.as_ref().map(|(_, version)| version.clone());
    let claimable = store::claims::desk::list_claimable(&mut conn, &member.organisation_id).await?;
    let own = Some(member.organisation_id.clone());
    let recent = paging::Page { limit: 6, offset: 0 };
    let claims = lists::list(&mut conn, &Filter { enterprise_id: own.clone(), ..Filter::default() }, recent).await?;
    let back = Filter { enterprise_id: own.clone(), states: vec![ClaimState::SentBack], oldest_first: true, ..Filter::default() };
    let mut sent_back = Vec::new();
    for line in lists::list(&mut conn, &back, recent).await?.items {
        let why = store::claims::list_reviews(&mut conn, &line.id).await?.pop().map(|review| review.note).unwrap_or_default();
        sent_back.push((line, why));
    }
    let wanted = ApplicationFilter { enterprise_id: own, year: Some(year), ..ApplicationFilter::default() };
    let applications = store::applications::list(&mut conn, &wanted, recent).await?.items;
    drop(conn);
    let money = Money::load(&app, &page, &voucher, at).await?;
    show(&OverviewPage {
        year,
        this_year: today.year(),
        money,
        use_by: version.as_ref().map(|v| Deadline::new(v.use_by_on, today)),
        redeem_by: version.as_ref().map(|v| Deadline::new(v.redeem_by_on, today)),
        rate_bp: version.as_ref().map_or(0, |v| v.rate_bp),
        cap_fen: version.as_ref().map_or(0, |v| v.cap_fen),
        claimable,
        sent_back,
        claims,
        applications,
        may_manage: member.may(Verb::ManageVouchers),
        member,
        page,
    })
}
