//! The pages of a bureau: what waits, reviewing a claim on one screen, paying, programmes, purses, the pool.

use serde_json::{Value, json};
use yiqi::domain::roles::Role;

use crate::support::TestApp;
use crate::support::bookings::City;
use crate::support::browser::Browser;
use crate::support::http::Answer;

async fn bureau(app: &TestApp) -> String {
    let mut conn = app.db.read().await.unwrap();
    yiqi::store::organisations::list_bureaus(&mut conn).await.unwrap()[0].uscc.clone()
}

/// A signed-in person of the bureau.
async fn of_bureau<'a>(app: &'a TestApp, name: &str, role: Role) -> Browser<'a> {
    let email = format!("{name}@pages.test");
    app.person_with_password(&bureau(app).await, &email, role, "correct horse").await;
    let mut browser = Browser::new(app);
    browser.sign_in(&email, "correct horse").await;
    browser
}

fn location(answer: &Answer) -> String {
    assert_eq!(answer.status, 303, "{}", answer.text());
    answer.header("location").to_owned()
}

fn path_of(claim: &Value) -> String {
    format!("/bureau/claims/{}", claim["id"].as_str().unwrap())
}

#[tokio::test]
async fn a_claim_is_decided_on_one_screen_and_the_next_one_follows() {
    let city = City::claiming(1_000_000).await;
    let mut claims = Vec::new();
    for _ in 0..2 {
        let booking = city.settled(10_000).await;
        claims.push(city.claim(&[&booking], 10_000, json!({})).await.expect(201));
    }
    let mut reviewer = of_bureau(&city.app, "reviewer", Role::Reviewer).await;
    let page = reviewer.get("/bureau").await.text();
    assert!(page.contains("待审的兑付") && page.contains(claims[0]["code"].as_str().unwrap()), "{page}");
    let list = reviewer.get("/bureau/claims").await.text();
    assert!(list.contains("data-queue") && list.find(claims[0]["code"].as_str().unwrap()) < list.find(claims[1]["code"].as_str().unwrap()), "{list}");
    assert!(reviewer.get("/bureau/claims?state=paid").await.text().contains("没有符合条件的申请"));
    assert!(reviewer.get("/bureau/claims?state=all&q=%25").await.text().contains("没有符合条件的申请"), "a percent sign is only itself");
    assert!(reviewer.get("/bureau/claims?state=all&q=%E6%B5%8B%E8%AF%95%E7%A7%91%E6%8A%80").await.text().contains(claims[1]["code"].as_str().unwrap()));
    assert_eq!(reviewer.get("/bureau/claims?state=nowhere").await.status, 422);
    let (first, second) = (path_of(&claims[0]), path_of(&claims[1]));
    let desk = reviewer.get(&first).await.text();
    assert!(desk.contains("没有仪器自动记录佐证") && desk.contains("30.00") && desk.contains("通过，兑付") && desk.contains("双方过往"), "{desk}");
    assert_eq!(reviewer.submit(&format!("{first}/decide"), &[]).await.status, 422);
    let refused = reviewer.submit(&format!("{first}/decide"), &[("do", "reject"), ("reason", " ")]).await;
    assert!(refused.status == 422 && refused.text().contains("checked"), "{}", refused.text());
    let next = location(&reviewer.submit(&format!("{first}/decide"), &[("do", "send-back"), ("reason", "缺付款凭证")]).await);
    assert_eq!(next, format!("{second}?done=claim-is-sent_back"));
    let next = location(&reviewer.submit(&format!("{second}/decide"), &[("do", "approve"), ("reason", "")]).await);
    assert_eq!(next, "/bureau/claims?done=claim-is-approved");
    assert_eq!(reviewer.submit(&format!("{second}/decide"), &[("do", "approve")]).await.status, 409);
    assert_eq!(reviewer.submit(&format!("{second}/pay"), &[("bank_reference", "1")]).await.status, 403);
    assert_eq!(reviewer.get("/bureau/payments.csv").await.status, 403);
    // another person pays, and claws back
    let mut officer = of_bureau(&city.app, "payer", Role::Officer).await;
    let csv = officer.get("/bureau/payments.csv").await;
    assert!(csv.text().contains("青岛测试科技1有限公司") && csv.text().contains(",30.00"), "{}", csv.text());
    officer.get(&second).await;
    assert_eq!(officer.submit(&format!("{second}/pay"), &[("bank_reference", "")]).await.status, 422);
    assert_eq!(location(&officer.submit(&format!("{second}/pay"), &[("bank_reference", "CMB-1")]).await), format!("{second}?done=claim-is-paid"));
    assert_eq!(officer.submit(&format!("{second}/claw-back"), &[("reason", "虚开"), ("amount_fen", "30.01")]).await.status, 422);
    let done = location(&officer.submit(&format!("{second}/claw-back"), &[("reason", "虚开"), ("amount_fen", "30")]).await);
    assert_eq!(done, format!("{second}?done=claim-is-clawed_back"));
    assert!(officer.get(&second).await.text().contains("已追回"));
    city.app.prove_vouchers().await;
}

#[tokio::test]
async fn the_same_person_is_told_that_the_second_look_is_not_theirs() {
    let city = City::claiming(1_000_000).await;
    let booking = city.settled_on(10_000, json!({ "original_value_fen": 60_000_000 })).await;
    let claim = city.claim(&[&booking], 10_000, json!({})).await.expect(201);
    let mut reviewer = of_bureau(&city.app, "reviewer", Role::Reviewer).await;
    assert!(reviewer.get(&path_of(&claim)).await.text().contains("需要第二位审核人"));
    location(&reviewer.submit(&format!("{}/decide", path_of(&claim)), &[("do", "approve")]).await);
    let desk = reviewer.get(&path_of(&claim)).await.text();
    assert!(desk.contains("这一步不能由您办理") && !desk.contains("name=\"do\""), "{desk}");
    assert_eq!(reviewer.submit(&format!("{}/decide", path_of(&claim)), &[("do", "approve")]).await.status, 409);
    let mut auditor = of_bureau(&city.app, "auditor", Role::Auditor).await;
    let desk = auditor.get(&path_of(&claim)).await.text();
    assert!(desk.contains("待复审") && !desk.contains("name=\"do\""), "{desk}");
    assert_eq!(auditor.submit(&format!("{}/decide", path_of(&claim)), &[("do", "approve")]).await.status, 403);
}

#[tokio::test]
async fn a_programme_is_written_and_a_voucher_granted_and_looked_into() {
    let city = City::claiming(0).await;
    let finance = city.app.finance(&city.firm).await;
    let body = json!({ "year": 2026, "amount_fen": 12_000_000, "sme_number": "2026370214A8000317" });
    let id = city.app.post("/api/v1/voucher-applications", &finance, body).await.expect(201)["id"].as_str().unwrap().to_owned();
    let mut officer = of_bureau(&city.app, "officer2", Role::Officer).await;
    let form = officer.get("/bureau/vouchers/programmes/2026").await.text();
    assert!(form.contains("value=\"30\"") && form.contains("value=\"2026-12-31\""), "{form}");
    let terms = [
        ("rate_percent", "25.5"),
        ("cap_fen", "200,000"),
        ("budget_fen", "1000000"),
        ("commit_percent", "110"),
        ("rounding_fen", "1"),
        ("draw_percent", "10"),
        ("use_by", "2026-12-31"),
        ("redeem_by", "2027-03-31"),
        ("valid_from", ""),
        ("source", "青科规〔2026〕2号"),
    ];
    let wrong: Vec<_> = terms.iter().map(|(name, value)| if *name == "redeem_by" { (*name, "2026-12-30") } else { (*name, *value) }).collect();
    let refused = officer.submit("/bureau/vouchers/programmes/2026", &wrong).await;
    assert!(refused.status == 422 && refused.text().contains("青科规〔2026〕2号"), "{}", refused.text());
    assert_eq!(location(&officer.submit("/bureau/vouchers/programmes/2026", &terms).await), "/bureau/vouchers?year=2026&done=programme-written");
    let page = officer.get("/bureau/vouchers?year=2026").await.text();
    assert!(page.contains("25.5") && page.contains("现行") && page.contains("120,000"), "{page}");
    let path = format!("/bureau/vouchers/applications/{id}");
    assert!(officer.get(&path).await.text().contains("2026370214A8000317"));
    assert_eq!(officer.submit(&path, &[("do", "approve"), ("amount_fen", "200000.01")]).await.status, 422);
    assert_eq!(officer.submit(&path, &[("do", "reject"), ("reason", "")]).await.status, 422);
    assert_eq!(
        location(&officer.submit(&path, &[("do", "approve"), ("amount_fen", "100000")]).await),
        "/bureau/vouchers?year=2026&done=application-is-approved"
    );
    assert_eq!(officer.submit(&path, &[("do", "approve"), ("amount_fen", "1")]).await.status, 409);
    assert!(officer.get("/bureau/vouchers?year=2026&q=%E6%B5%8B%E8%AF%95").await.text().contains("100,000.00"));
    let purse = officer.get(&format!("/bureau/vouchers/{}?year=2026", city.firm)).await.text();
    assert!(purse.contains("100,000.00") && purse.contains("发放"), "{purse}");
    for path in ["/bureau/vouchers/nothing", "/bureau/vouchers/programmes/99", "/bureau/vouchers/applications/nothing"] {
        assert_eq!(officer.get(path).await.status, 404, "{path}");
    }
}

#[tokio::test]
async fn institutions_are_taken_into_the_pool_and_out_of_it() {
    let city = City::claiming(100_000).await;
    let mut officer = of_bureau(&city.app, "officer2", Role::Officer).await;
    let page = officer.get("/bureau/parties?side=institution").await.text();
    assert!(page.contains("青岛测试研究院1") && page.contains("已入库") && !page.contains("测试科技"), "{page}");
    let action = page.split("action=\"/bureau/parties/").nth(1).unwrap().split('"').next().unwrap().to_owned();
    let id = action.split('/').next().unwrap();
    location(&officer.submit(&format!("/bureau/parties/{id}/end-enrolment"), &[]).await);
    let quote = city.quote("2026-10-20T09:00", "2026-10-20T10:00", json!({ "voucher": "required" })).await;
    assert_eq!(quote["violations"][0]["code"], "voucher_ineligible");
    location(&officer.submit(&format!("/bureau/parties/{id}/enrol"), &[]).await);
    let quote = city.quote("2026-10-20T09:00", "2026-10-20T10:00", json!({ "voucher": "required" })).await;
    assert_eq!(quote["violations"], json!([]));
    officer.get("/bureau/parties/new").await;
    let refused = officer.submit("/bureau/parties/new", &[("uscc", "91350100M000100Y4Z"), ("name", "新单位")]).await;
    assert!(refused.status == 422 && refused.text().contains("新单位"), "{}", refused.text());
    let fields = [("uscc", "91350100m000100y43"), ("name", "新单位"), ("sides", "institution"), ("region", "370202"), ("address", ""), ("enrolled", "1")];
    assert_eq!(location(&officer.submit("/bureau/parties/new", &fields).await), "/bureau/parties?q=91350100M000100Y43&done=party-added");
    assert!(officer.get("/bureau/parties?q=91350100M000100Y43").await.text().contains("已入库"));
    assert_eq!(officer.submit("/bureau/parties/nothing/enrol", &[]).await.status, 404);
}

#[tokio::test]
async fn nobody_else_opens_a_bureaus_pages() {
    let city = City::claiming(0).await;
    city.app.person_with_password(&city.firm, "firm@pages.test", Role::Admin, "correct horse").await;
    let mut firm = Browser::new(&city.app);
    firm.sign_in("firm@pages.test", "correct horse").await;
    let mut auditor = of_bureau(&city.app, "auditor", Role::Auditor).await;
    for (path, auditor_sees) in [
        ("/bureau", 200),
        ("/bureau/claims", 200),
        ("/bureau/vouchers", 200),
        ("/bureau/parties", 403),
        ("/bureau/parties/new", 403),
        ("/bureau/vouchers/programmes/2026", 403),
        ("/bureau/payments.csv", 403),
    ] {
        assert_eq!(Browser::new(&city.app).get(path).await.status, 303, "{path}");
        assert_eq!(firm.get(path).await.status, 403, "{path}");
        assert_eq!(auditor.get(path).await.status, auditor_sees, "{path}");
    }
}
