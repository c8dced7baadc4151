//! `/lab/use`, `/lab/statements` and the pages of openness: what people see and do there, without script.

use serde_json::json;
use yiqi::domain::roles::Role;

use crate::support::TestApp;
use crate::support::browser::Browser;
use crate::support::people::uscc;
use crate::support::usage::segment;

const PASSWORD: &str = "correct horse";

/// A city with one institution, its staff, a customer and a booking of Monday 13:00 to 15:00 that is over.
async fn city() -> (TestApp, String, String, String, String) {
    let app = TestApp::new().await;
    app.bureau().await;
    let (lab, manager) = app.institution(1).await;
    let (firm, booker) = app.enterprise(1).await;
    app.person_with_password(&lab, "m@lab.test", Role::Manager, PASSWORD).await;
    app.person_with_password(&lab, "o@lab.test", Role::Operator, PASSWORD).await;
    app.person_with_password(&firm, "b@firm.test", Role::Booker, PASSWORD).await;
    app.person_with_password(&uscc("11370200MB2856000"), "r@bureau.test", Role::Reviewer, PASSWORD).await;
    let instrument = app.instrument(&manager, json!({"number": "SEM-1"})).await;
    let (booking, code) = app.booking(&booker, &instrument, "2026-10-12T13:00", "2026-10-12T15:00", json!({})).await;
    app.set_now("2026-10-12T16:00:00+08:00");
    (app, instrument, booking, code, firm)
}

#[tokio::test]
async fn an_operator_records_missing_use_and_a_manager_voids_it() {
    let (app, instrument, _, code, _) = city().await;
    let mut operator = Browser::new(&app);
    operator.sign_in("o@lab.test", PASSWORD).await;
    let page = operator.get("/lab/use").await.text();
    assert!(page.contains("缺用机记录") && page.contains(&code) && page.contains("这段时间没有记录"), "{page}");
    // The form comes filled from the booking.
    let page = operator.get(&format!("/lab/use?booking={code}")).await.text();
    assert!(page.contains("2026-10-12T13:00") && page.contains("91370212MA"), "{page}");
    let key = page.split("name=\"key\" value=\"").nth(1).unwrap().split('"').next().unwrap().to_owned();
    let fields = |from: &'static str, to: &'static str| {
        vec![
            ("key", key.as_str()),
            ("instrument_id", instrument.as_str()),
            ("phase", "run"),
            ("starts_at", from),
            ("ends_at", to),
            ("booking_code", code.as_str()),
            ("samples", "3"),
        ]
    };
    // Everything wrong is told at once, and what was typed is kept.
    let mut wrong = fields("2026-10-12T15:00", "2026-10-12T13:00");
    wrong.push(("organisation_uscc", "91350100M000100Y4Z"));
    let refused = operator.submit("/lab/use", &wrong).await;
    assert_eq!(refused.status, 422);
    let text = refused.text();
    assert!(
        text.contains("有 2 处要改") || text.contains("organisation_uscc-error") && text.contains("ends_at-error") && text.contains("91350100M000100Y4Z"),
        "{text}"
    );
    assert_eq!(operator.submit("/lab/use", &[("instrument_id", "")]).await.status, 422);
    let done = operator.submit("/lab/use", &fields("2026-10-12T13:00", "2026-10-12T14:30")).await;
    assert_eq!((done.status.as_u16(), done.header("location")), (303, "/lab/use?done=use-recorded"));
    // The same form again is the same segment.
    assert_eq!(operator.submit("/lab/use", &fields("2026-10-12T13:00", "2026-10-12T14:30")).await.status, 303);
    let page = operator.get("/lab/use?done=use-recorded").await.text();
    assert!(page.contains("用机已记录") && page.contains("1.5 小时") && !page.contains("id=\"missing\""), "{page}");
    assert_eq!(operator.get("/lab/use?from=2026-10-12&to=2026-10-01").await.status, 422);
    let segment = page.split("/lab/use/").nth(1).unwrap().split('"').next().unwrap().to_owned();
    let one = operator.get(&format!("/lab/use/{segment}")).await.text();
    assert!(one.contains(&code) && !one.contains("作废这条记录"), "{one}");
    assert_eq!(operator.submit(&format!("/lab/use/{segment}/void"), &[("reason", "x")]).await.status, 403);
    let mut manager = Browser::english(&app);
    manager.sign_in("m@lab.test", PASSWORD).await;
    assert!(manager.get(&format!("/lab/use/{segment}")).await.text().contains("Void the record"));
    assert_eq!(manager.submit(&format!("/lab/use/{segment}/void"), &[("reason", " ")]).await.status, 422);
    assert_eq!(manager.submit(&format!("/lab/use/{segment}/void"), &[("reason", "记错了")]).await.status, 303);
    assert!(manager.get(&format!("/lab/use/{segment}")).await.text().contains("记错了"));
    assert_eq!(manager.get("/lab/use/none").await.status, 404);
    let mut stranger = Browser::new(&app);
    assert_eq!(stranger.get("/lab/use").await.status, 303);
    stranger.sign_in("b@firm.test", PASSWORD).await;
    assert_eq!(stranger.get("/lab/use").await.status, 403);
}

#[tokio::test]
async fn a_statement_is_issued_disputed_issued_anew_and_confirmed() {
    let (app, instrument, booking, code, firm) = city().await;
    let mut manager = Browser::new(&app);
    manager.sign_in("m@lab.test", PASSWORD).await;
    let manager_token = app.person(&uscc("12370200MB0000001"), "t@lab.test", Role::Manager, None).await;
    let used = segment("k", "2026-10-12T13:00", "2026-10-12T14:30", json!({"booking_code": code, "organisation_uscc": firm}));
    app.deliver(&manager_token, &instrument, vec![used]).await.expect(200);
    let page = manager.get("/lab/statements").await.text();
    assert!(page.contains("1 单等您开出") && page.contains("实用 1.5 小时，报价 200 元") && page.contains("150 元"), "{page}");
    let path = format!("/lab/statements/{booking}");
    assert!(manager.get(&path).await.text().contains("开出结算单（按用机 150 元）"));
    // Another amount needs a reason.
    let refused = manager.submit(&path, &[("actual_fen", "180.50"), ("reason", "")]).await;
    assert!(refused.status == 422 && refused.text().contains("180.50"));
    assert_eq!(manager.submit(&path, &[("actual_fen", "abc")]).await.status, 422);
    assert_eq!(manager.submit(&path, &[("actual_fen", "180.50"), ("reason", "耗材")]).await.status, 303);
    let mut booker = Browser::new(&app);
    booker.sign_in("b@firm.test", PASSWORD).await;
    booker.get(&format!("/bookings/{booking}")).await;
    assert_eq!(booker.submit(&format!("/bookings/{booking}/dispute"), &[("reason", "")]).await.status, 422);
    assert_eq!(booker.submit(&format!("/bookings/{booking}/dispute"), &[("reason", "没有用耗材")]).await.status, 303);
    assert_eq!(booker.submit(&format!("/bookings/{booking}/confirm"), &[]).await.status, 409);
    let page = manager.get("/lab/statements").await.text();
    assert!(page.contains("没有用耗材"), "{page}");
    manager.get(&path).await;
    assert_eq!(manager.submit(&path, &[]).await.status, 303);
    assert!(manager.get("/lab/statements").await.text().contains("等对方确认"));
    booker.get(&format!("/bookings/{booking}")).await;
    assert_eq!(booker.submit(&format!("/bookings/{booking}/confirm"), &[]).await.status, 303);
    assert!(manager.get("/lab/statements/settled").await.text().contains(&code));
    assert_eq!(booker.get("/lab/statements").await.status, 403);
    assert_eq!(manager.get("/lab/statements/none").await.status, 404);
}

#[tokio::test]
async fn every_figure_of_openness_opens_down_to_its_segments() {
    let (app, instrument, _, code, firm) = city().await;
    let token = app.person(&uscc("12370200MB0000001"), "t@lab.test", Role::Manager, None).await;
    let used = segment("k", "2026-10-12T13:00", "2026-10-12T14:30", json!({"booking_code": code, "organisation_uscc": firm, "source": "card"}));
    let own = segment("i", "2026-10-11T08:00", "2026-10-11T12:30", json!({}));
    app.deliver(&token, &instrument, vec![used, own]).await.expect(200);
    app.set_now("2026-10-13T09:00:00+08:00");
    let lab = uscc("12370200MB0000001");
    let mut reviewer = Browser::new(&app);
    reviewer.sign_in("r@bureau.test", PASSWORD).await;
    let page = reviewer.get("/bureau/openness").await.text();
    for text in [
        "青岛开放共享",
        "合计共享率",
        "平均共享率",
        "青岛测试研究院1",
        "这个数从哪来",
        "一周什么时候在用",
        "可以复算",
        &format!("/bureau/openness/institutions/{lab}?period=2026"),
    ] {
        assert!(page.contains(text), "{text}: {page}");
    }
    let page = reviewer.get(&format!("/bureau/openness/institutions/{lab}?period=2026-10")).await.text();
    assert!(page.contains("25.0") && page.contains(&format!("/bureau/openness/instruments/{instrument}?period=2026-10")), "{page}");
    let page = reviewer.get(&format!("/bureau/openness/instruments/{instrument}?period=2026-10-12")).await.text();
    assert!(page.contains(&firm) && page.contains("刷卡") && !page.contains(&code), "{page}");
    for period in ["2026", "2025", "2026-02"] {
        for path in ["/bureau/openness".to_owned(), format!("/bureau/openness/instruments/{instrument}")] {
            assert_eq!(reviewer.get(&format!("{path}?period={period}")).await.status, 200);
        }
    }
    assert_eq!(reviewer.get("/bureau/openness?period=soon").await.status, 422);
    assert_eq!(reviewer.get("/bureau/openness/institutions/91350100M000100Y43").await.status, 404);
    let export = reviewer.get("/bureau/openness/export?period=2026-10&format=json").await;
    assert!(export.header("content-disposition").contains("openness-2026-10.json") && !export.text().contains(&firm));
    assert_eq!(export.json()["figures"]["effective_seconds"], 21_600);
    assert_eq!(reviewer.get("/bureau/openness/export?period=2026-10&format=doc").await.status, 422);
    let mut manager = Browser::english(&app);
    manager.sign_in("m@lab.test", PASSWORD).await;
    let page = manager.get("/lab/openness").await.text();
    assert!(page.contains("Pooled") && page.contains("of 100"), "{page}");
    assert_eq!(manager.get(&format!("/lab/openness/instruments/{instrument}?period=2026-10")).await.status, 200);
    assert!(manager.get("/lab/openness/export?period=2026&format=csv").await.text().starts_with("record,"));
    assert_eq!(manager.get("/bureau/openness").await.status, 403);
    let other = app.institution(2).await.0;
    app.person_with_password(&other, "m2@lab.test", Role::Manager, PASSWORD).await;
    let mut stranger = Browser::new(&app);
    stranger.sign_in("m2@lab.test", PASSWORD).await;
    assert_eq!(stranger.get(&format!("/lab/openness/instruments/{instrument}")).await.status, 404);
    assert!(stranger.get("/lab/openness").await.text().contains("这段时间没有在用的仪器"));
}
