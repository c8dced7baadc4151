//! The pages of an enterprise's voucher: what there is, applying, returning, claiming without script, following a claim.

use serde_json::json;
use yiqi::domain::roles::Role;

use crate::support::TestApp;
use crate::support::bookings::City;
use crate::support::browser::Browser;
use crate::support::claims::PDF;

/// A signed-in person of an enterprise.
async fn of_firm<'a>(app: &'a TestApp, firm: &str, role: Role) -> Browser<'a> {
    let email = format!("{role}@pages.test");
    app.person_with_password(firm, &email, role, "correct horse").await;
    let mut browser = Browser::new(app);
    browser.sign_in(&email, "correct horse").await;
    browser
}

fn location(answer: &crate::support::http::Answer) -> String {
    assert_eq!(answer.status, 303, "{}", answer.text());
    answer.header("location").to_owned()
}

#[tokio::test]
async fn money_is_applied_for_and_given_back_and_what_was_typed_wrong_is_kept() {
    let city = City::claiming(0).await;
    let mut finance = of_firm(&city.app, &city.firm, Role::Finance).await;
    assert!(finance.get("/vouchers").await.text().contains("还没有发放创新券"));
    finance.get("/vouchers/apply").await;
    let answer = finance.submit("/vouchers/apply", &[("year", "2026"), ("amount_fen", "十万"), ("sme_number", "2026370214A8000317")]).await;
    assert_eq!(answer.status, 422);
    assert!(answer.text().contains("2026370214A8000317") && answer.text().contains("须为金额"), "{}", answer.text());
    let answer = finance.submit("/vouchers/apply", &[("year", "2026"), ("amount_fen", "120,000"), ("sme_number", "2026370214A8000317")]).await;
    assert_eq!(location(&answer), "/vouchers?year=2026&done=voucher-applied");
    let waiting = city.app.get("/api/v1/voucher-applications?state=filed", &city.officer).await.expect(200);
    let id = waiting["items"][0]["id"].as_str().unwrap();
    city.app.post(&format!("/api/v1/voucher-applications/{id}/approve"), &city.officer, json!({})).await.expect(200);
    let page = finance.get("/vouchers?year=2026&done=voucher-applied").await.text();
    assert!(page.contains("120,000.00") && page.contains("发放") && page.contains("申领已提交"), "{page}");
    finance.get("/vouchers/return").await;
    assert_eq!(finance.submit("/vouchers/return", &[("year", "2026"), ("amount_fen", "120000.01")]).await.status, 422);
    let answer = finance.submit("/vouchers/return", &[("year", "2026"), ("amount_fen", "10000")]).await;
    assert_eq!(location(&answer), "/vouchers?year=2026&done=voucher-returned");
    assert!(finance.get("/vouchers?year=2027").await.text().contains("2027"));
    assert_eq!(finance.get("/vouchers?year=next").await.status, 422);
    city.app.prove_vouchers().await;
}

#[tokio::test]
async fn a_claim_is_filed_without_script_and_documents_of_a_refused_form_are_kept() {
    let city = City::claiming(1_000_000).await;
    let booking = city.settled(100_000).await;
    let mut booker = of_firm(&city.app, &city.firm, Role::Booker).await;
    let page = booker.get("/vouchers").await.text();
    let code = booking["code"].as_str().unwrap();
    assert!(page.contains(code) && page.contains("300.00") && !page.contains("/vouchers/return"), "{page}");
    let page = booker.get("/vouchers/claims/new").await.text();
    assert!(page.contains(&city.lab) && page.contains(code), "{page}");
    let today = city.app.clock.now().day().to_string();
    let id = booking["id"].as_str().unwrap();
    let fields = |number: &'static str, paid: &'static str| {
        vec![
            ("booking_ids", id),
            ("seller_uscc", city.lab.as_str()),
            ("invoice_number", number),
            ("invoice_code", ""),
            ("invoice_fen", "1000"),
            ("invoice_on", today.as_str()),
            ("paid_fen", paid),
            ("paid_on", today.as_str()),
        ]
    };
    let answer = booker.upload("/vouchers/claims/new", &fields("2437-1", "1000.01"), &[("contract", "合同.pdf", PDF), ("proofs", "x.svg", b"<svg/>")]).await;
    assert_eq!(answer.status, 422, "{}", answer.text());
    let text = answer.text();
    assert!(text.contains("已收到合同：合同.pdf") && text.contains("2437-1") && text.contains("只收 PDF"), "{text}");
    let contract = text.split("name=\"contract_file_id\" value=\"").nth(1).unwrap().split('"').next().unwrap().to_owned();
    let mut again = fields("2437-1", "1000");
    again.push(("contract_file_id", &contract));
    let filed = location(
        &booker.upload("/vouchers/claims/new", &again, &[("proofs", "付款.png", b"\x89PNG\r\n\x1a\n\0\0\0\x0dIHDR"), ("proofs", "报告.pdf", PDF)]).await,
    );
    assert!(filed.ends_with("?done=claim-filed"), "{filed}");
    let page = booker.get(&filed).await.text();
    assert!(page.contains("付款.png") && page.contains("审核中") && page.contains("300.00"), "{page}");
    let file = page.split("href=\"/files/").nth(1).unwrap().split('"').next().unwrap().to_owned();
    let download = booker.get(&format!("/files/{file}")).await;
    assert!(download.status == 200 && download.header("content-disposition").starts_with("attachment"));
    // sent back, answered, withdrawn
    let path = filed.split('?').next().unwrap().to_owned();
    let claim = json!({ "id": path.rsplit('/').next().unwrap() });
    city.app.claim_act(&claim, "send-back", &city.officer, json!({ "reason": "付款方不一致" })).await.expect(200);
    assert!(booker.get("/vouchers").await.text().contains("付款方不一致"));
    assert!(booker.get(&path).await.text().contains("付款方不一致"));
    let answered = booker.upload(&format!("{path}/answer"), &[("note", "已补登记材料")], &[("proofs", "登记.pdf", PDF)]).await;
    assert_eq!(location(&answered), format!("{path}?done=claim-answered"));
    assert!(booker.get("/vouchers/claims?state=filed").await.text().contains("审核中"));
    assert_eq!(location(&booker.submit(&format!("{path}/withdraw"), &[]).await), format!("{path}?done=claim-withdrawn"));
    assert_eq!(booker.submit(&format!("{path}/withdraw"), &[]).await.status, 409);
    city.app.prove_vouchers().await;
}

#[tokio::test]
async fn an_invoice_that_is_used_is_told_at_its_field_and_strangers_see_nothing() {
    let city = City::claiming(1_000_000).await;
    let first = city.settled(10_000).await;
    let second = city.settled(10_000).await;
    let claim = city.claim(&[&first], 10_000, json!({ "invoice_number": "TWICE" })).await.expect(201);
    let mut booker = of_firm(&city.app, &city.firm, Role::Booker).await;
    booker.get("/vouchers/claims/new").await;
    let today = city.app.clock.now().day().to_string();
    let fields = [
        ("booking_ids", second["id"].as_str().unwrap()),
        ("seller_uscc", &city.lab),
        ("invoice_number", "twice"),
        ("invoice_fen", "100"),
        ("invoice_on", &today),
        ("paid_fen", "100"),
        ("paid_on", &today),
    ];
    let answer = booker.upload("/vouchers/claims/new", &fields, &[("contract", "a.pdf", PDF), ("proofs", "b.pdf", PDF)]).await;
    assert!(answer.status == 422 && answer.text().contains("这张发票已在其他兑付申请中使用"), "{}", answer.text());
    let (other, _) = city.app.enterprise(2).await;
    let mut stranger = {
        city.app.person_with_password(&other, "other@pages.test", Role::Finance, "correct horse").await;
        let mut browser = Browser::english(&city.app);
        browser.sign_in("other@pages.test", "correct horse").await;
        browser
    };
    assert_eq!(stranger.get(&format!("/vouchers/claims/{}", claim["id"].as_str().unwrap())).await.status, 404);
    assert!(stranger.get("/vouchers").await.text().contains("No voucher has been granted yet"));
    for path in ["/vouchers", "/vouchers/apply", "/vouchers/return", "/vouchers/claims", "/vouchers/claims/new"] {
        assert_eq!(Browser::new(&city.app).get(path).await.status, 303, "{path}");
        assert_eq!(stranger.get(path).await.status, 200, "{path}");
    }
    assert_eq!(booker.get("/vouchers/apply").await.status, 403);
    assert_eq!(booker.get("/vouchers/return").await.status, 403);
}
