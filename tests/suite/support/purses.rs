//! Programmes, grants and purses, made over the API as people make them.

use serde_json::{Value, json};
use yiqi::domain::roles::Role;

use super::TestApp;

/// A body of terms of a year with a budget, of which nobody is drawn for a second review.
pub fn terms(year: i64, budget_fen: i64) -> Value {
    json!({
        "rate_bp": 3000, "cap_fen": 20_000_000, "budget_fen": budget_fen, "commit_percent": 100, "draw_percent": 0,
        "use_by": format!("{year}-12-31"), "redeem_by": format!("{}-03-31", year + 1), "source": "青科规〔2025〕1号",
    })
}

impl TestApp {
    /// Writes the programme of a year.
    pub async fn programme(&self, officer: &str, year: i64, budget_fen: i64) {
        self.call("PUT", &format!("/api/v1/programmes/{year}"), officer, terms(year, budget_fen)).await.expect(200);
    }

    /// A person with the role finance of an enterprise; gives a token.
    pub async fn finance(&self, uscc: &str) -> String {
        self.person(uscc, &format!("finance-{}@firm.test", &uscc[10..]), Role::Finance, Some(yiqi::domain::roles::Side::Enterprise)).await
    }

    /// Applies and grants; the programme must be there.
    pub async fn grant(&self, officer: &str, finance: &str, year: i64, amount_fen: i64) {
        let body = json!({ "year": year, "amount_fen": amount_fen, "sme_number": "202637020008001234" });
        let id = self.post("/api/v1/voucher-applications", finance, body).await.expect(201)["id"].as_str().unwrap().to_owned();
        self.post(&format!("/api/v1/voucher-applications/{id}/approve"), officer, json!({})).await.expect(200);
    }

    /// The voucher of a year as its enterprise sees it.
    pub async fn voucher(&self, token: &str, year: i64) -> Value {
        self.get(&format!("/api/v1/vouchers?year={year}"), token).await.expect(200)
    }

    /// Asserts that everything that can be re-proved about vouchers agrees.
    pub async fn prove_vouchers(&self) {
        let mut conn = self.db.read().await.unwrap();
        assert_eq!(yiqi::actions::checks::vouchers::vouchers(&mut conn).await.unwrap(), Vec::<String>::new());
    }
}
