//! `/bureau/claims`: the claims on a bureau's programmes, by state, to be worked off with the keyboard; and what is to be paid, as a file.

use std::sync::Arc;

use askama::Template;
use axum::extract::State;
use axum::http::{HeaderValue, header};
use axum::response::{IntoResponse, Response};

use super::{WAITING, bureau_of, page};
use crate::app::App;
use crate::base::money::format_fen;
use crate::base::paging::{self, Listed};
use crate::base::text::no_formula;
use crate::domain::claims::State as ClaimState;
use crate::domain::roles::Verb;
use crate::http::query::Query;
use crate::http::{Error, Visitor};
use crate::store::claims::lists::{self, ClaimLine, Filter};
use crate::web::frame::show;
use crate::web::shell::{Choice, FormState, Page, Pager};

/// The longest text that is searched for, in characters.
const LONGEST_SEARCH: usize = 100;

#[derive(Template)]
#[template(path = "bureau/claims.html")]
struct ClaimsPage {
    page: Page,
    form: FormState,
    states: Vec<Choice>,
    claims: Listed<ClaimLine>,
    pager: Pager,
    waits: bool,
}

/// The claims that wait, the oldest first; `?state=` shows others, the newest first, `all` every one.
pub async fn list(State(app): State<Arc<App>>, visitor: Visitor, mut query: Query) -> Result<Response, Error> {
    visitor.require(Verb::ReadClaims)?;
    let (waits, all) = (query.text("state").is_none(), query.text("state") == Some("all"));
    let states = match (waits, all) {
        (true, _) => WAITING.to_vec(),
        (_, true) => Vec::new(),
        _ => query.word("state", ClaimState::parse).into_iter().collect(),
    };
    let text = query.text("q").map(|text| text.chars().take(LONGEST_SEARCH).collect::<String>());
    let at = query.page();
    query.done()?;
    let page = page(&app, &visitor).await?;
    let filter = Filter { bureau_id: Some(bureau_of(&visitor)?), enterprise_id: None, states, text, oldest_first: waits };
    let claims = lists::list(&mut *app.db.read().await?, &filter, at).await?;
    let pager = Pager::new(&page, at, claims.total);
    let form = FormState::read(page.query.as_bytes());
    let mut states = Choice::words(&page, "state-claim", ClaimState::ALL);
    states.push(Choice::new("all", page.t("claim-any-state")));
    show(&ClaimsPage { page, form, states, claims, pager, waits })
}

/// What is approved and to be paid, as CSV for the bank: code, enterprise, USCC, yuan.
pub async fn payments(State(app): State<Arc<App>>, visitor: Visitor) -> Result<Response, Error> {
    visitor.require(Verb::RunProgrammes)?;
    let filter = Filter { bureau_id: Some(bureau_of(&visitor)?), states: vec![ClaimState::Approved], oldest_first: true, ..Filter::default() };
    let mut text = String::from("\u{feff}code,enterprise,uscc,year,amount_yuan\r\n");
    let mut at = paging::Page { limit: paging::MOST, offset: 0 };
    loop {
        let listed = lists::list(&mut *app.db.read().await?, &filter, at).await?;
        for claim in &listed.items {
            let amount = format_fen(claim.amount_fen, false).replace(',', "");
            let line = [claim.code.as_str(), &claim.enterprise, &claim.enterprise_uscc, &claim.year.to_string(), &amount].map(cell).join(",");
            text.push_str(&line);
            text.push_str("\r\n");
        }
        at.offset += at.limit;
        if at.offset >= listed.total {
            break;
        }
    }
    let mut answer = text.into_response();
    answer.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static("text/csv; charset=utf-8"));
    answer.headers_mut().insert(header::CONTENT_DISPOSITION, HeaderValue::from_static("attachment; filename=\"payments.csv\""));
    Ok(answer)
}

/// A cell of CSV that no spreadsheet takes for a formula.
fn cell(text: &str) -> String {
    let harmless = no_formula(text);
    if harmless.contains([',', '"', '\n', '\r']) { format!("\"{}\"", harmless.replace('"', "\"\"")) } else { harmless }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_cell_becomes_a_formula() {
        assert_eq!(cell("=1+1"), "'=1+1");
        assert_eq!(cell("甲, \"乙\""), "\"甲, \"\"乙\"\"\"");
    }
}
