//! The pages of instruments: what is found, what a stranger and a booker see of one, and what its manager does with it.

use serde_json::json;
use yiqi::domain::roles::Role;

use crate::support::TestApp;
use crate::support::browser::Browser;

struct City {
    app: TestApp,
    lab: String,
    manager: String,
}

async fn city() -> City {
    let app = TestApp::new().await;
    app.bureau().await;
    let (lab, manager) = app.institution(1).await;
    app.person_with_password(&lab, "m@lab.test", Role::Manager, "correct horse").await;
    let (firm, _) = app.enterprise(1).await;
    app.person_with_password(&firm, "b@firm.test", Role::Booker, "correct horse").await;
    City { app, lab, manager }
}

#[tokio::test]
async fn the_catalogue_narrows_and_says_how_to_widen_again() {
    let City { app, manager, lab, .. } = city().await;
    app.instrument(&manager, json!({"number": "SEM"})).await;
    app.instrument(&manager, json!({"number": "ICP", "name": "电感耦合等离子体质谱仪", "model": "8900", "category_code": "010200", "modes": ["operator"]}))
        .await;
    app.draft(&manager, json!({"number": "D", "name": "草稿里的色谱仪"})).await;
    let mut browser = Browser::new(&app);
    let all = browser.get("/").await.text();
    assert!(all.contains("2 台公共科研仪器") && all.contains("找到 2 台") && !all.contains("草稿里的色谱仪"), "{all}");
    assert!(all.contains("今天 10:30") && all.contains(">100</data>"), "{all}");
    let found = browser.get("/?q=zhipu&mode=operator&max_hourly=150").await.text();
    assert!(
        found.contains("找到 1 台") && found.contains("href=\"/?q=zhipu&amp;max_hourly=150\"") || found.contains("href=\"/?q=zhipu&#38;max_hourly=150\""),
        "{found}"
    );
    let none = browser.get("/?q=zhipu&mode=self").await.text();
    assert!(none.contains("没有符合的仪器") && none.contains("去掉“zhipu”有 1 台"), "{none}");
    let free = browser.get("/?free_from=2026-10-14&minutes=120&sort=soon").await.text();
    assert!(free.contains("找到 2 台") && free.contains("10月14日起") && free.contains("连续 2 小时"), "{free}");
    assert!(browser.get(&format!("/?institution={lab}")).await.text().contains("找到 2 台"));
    let wrong = browser.get("/?free_from=soon&max_hourly=lots&minutes=x&after=%21&q=%00").await;
    assert_eq!(wrong.status, 200);
    assert!(wrong.text().contains("有 5 处要改"), "{}", wrong.text());
    let english = Browser::english(&app).get("/").await.text();
    assert!(english.contains("2 public instruments, ready to book") && english.contains("Field emission scanning electron microscope"), "{english}");
}

#[tokio::test]
async fn a_stranger_sees_one_instrument_and_the_way_to_sign_in() {
    let City { app, manager, .. } = city().await;
    let id = app.instrument(&manager, json!({})).await;
    let draft = app.draft(&manager, json!({})).await;
    let mut stranger = Browser::new(&app);
    let page = stranger.get(&format!("/instruments/{id}")).await;
    assert_eq!(page.status, 200);
    let text = page.text();
    assert!(
        text.contains("场发射扫描电子显微镜") && text.contains(&format!("/login?next=/instruments/{id}")) && !text.contains("action=\"/bookings\""),
        "{text}"
    );
    assert!(text.contains("周一至周日 8:00–20:00") && text.contains("今天 10:30"), "{text}");
    assert_eq!(stranger.get(&format!("/instruments/{draft}")).await.status, 404);
    assert_eq!(stranger.get("/instruments/none").await.status, 404);
    assert_eq!(stranger.get(&format!("/instruments/{id}/quote?on=2026-10-13")).await.status, 303);
    assert_eq!(stranger.get(&format!("/instruments/{id}?week=rubbish&on=%00&from=x&mode=y")).await.status, 200);
}

#[tokio::test]
async fn a_booker_sees_the_price_and_every_reason_against_a_time() {
    let City { app, manager, .. } = city().await;
    let id = app.instrument(&manager, json!({})).await;
    let mut booker = Browser::new(&app);
    booker.sign_in("b@firm.test", "correct horse").await;
    let page = booker.get(&format!("/instruments/{id}")).await.text();
    assert!(page.contains("action=\"/bookings\"") && page.contains("预约 10月12日 周一 10:30–12:30") && page.contains("200.00"), "{page}");
    let quote = booker.get(&format!("/instruments/{id}/quote?on=2026-10-13&from=09:00&to=11:30&mode=self&voucher=none&purpose_kind=research")).await;
    assert_eq!(quote.status, 200);
    let quote = quote.text();
    assert!(quote.contains("250.00") && quote.contains("预约 10月13日 周二 9:00–11:30") && !quote.contains("<html"), "{quote}");
    let refused = booker.get(&format!("/instruments/{id}/quote?on=2026-10-13&from=19:10&to=20:40&mode=self")).await.text();
    assert!(refused.contains("有 2 处不符") && refused.contains("同样 1.5 小时，最近的空闲") || refused.contains("id=\"rule-off_grid\""), "{refused}");
    let broken = booker.get(&format!("/instruments/{id}/quote?on=never&from=&to=&mode=&voucher=x")).await;
    assert_eq!(broken.status, 200);
}

#[tokio::test]
async fn a_manager_enters_prices_and_publishes_an_instrument_by_forms() {
    let City { app, .. } = city().await;
    let mut browser = Browser::new(&app);
    browser.sign_in("m@lab.test", "correct horse").await;
    assert!(browser.get("/lab/instruments").await.text().contains("还没有仪器"));
    browser.get("/lab/instruments/new").await;
    let wrong = browser
        .submit("/lab/instruments/new", &[("name", "质谱仪"), ("number", ""), ("original_value_fen", "-1"), ("accepted_on", "x"), ("kind", "boat")])
        .await;
    assert_eq!(wrong.status, 422);
    assert!(wrong.text().contains("value=\"质谱仪\"") && wrong.text().contains("href=\"#number\""), "{}", wrong.text());
    let fields = [
        ("name", "质谱仪"),
        ("number", "MS-1"),
        ("category_code", "010200"),
        ("kind", "instrument"),
        ("mode", "self"),
        ("mode", "operator"),
        ("approval", "automatic"),
        ("original_value_fen", "4,860,000"),
        ("funding", "public"),
        ("accepted_on", "2026-07-01"),
        ("commissioned_on", "2026-07-08"),
        ("location", "1 号楼"),
    ];
    let entered = browser.submit("/lab/instruments/new", &fields).await;
    assert_eq!(entered.status, 303, "{}", entered.text());
    let home = entered.header("location").split('?').next().unwrap().to_owned();
    let page = browser.get(&format!("{home}?done=instrument-entered")).await.text();
    assert!(page.contains("已录入，还是草稿") && page.contains("4,860,000 元") && page.contains("逾期"), "{page}");
    let again = browser.submit("/lab/instruments/new", &fields).await;
    assert_eq!(again.status, 422);

    let bad = browser
        .submit(&format!("{home}/prices"), &[("amount_fen-0", "100"), ("audience-0", "external"), ("amount_fen-2", "1.234"), ("audience-2", "all")])
        .await;
    assert_eq!(bad.status, 422);
    assert!(bad.text().contains("href=\"#amount_fen-2\"") && bad.text().contains("href=\"#audience-2\""), "{}", bad.text());
    let twice = [("amount_fen-0", "100"), ("audience-0", "external"), ("amount_fen-2", "120"), ("audience-2", "external")];
    assert!(browser.submit(&format!("{home}/prices"), &twice).await.text().contains("href=\"#"));
    let prices = [("amount_fen-0", "100"), ("audience-0", "external"), ("amount_fen-2", "120.50"), ("audience-2", "external"), ("mode-2", "operator")];
    assert_eq!(browser.submit(&format!("{home}/prices"), &prices).await.status, 303);
    assert_eq!(browser.submit(&format!("{home}/hours"), &[("day-1", "9-5")]).await.status, 422);
    assert_eq!(browser.submit(&format!("{home}/hours"), &[("day-1", "8:30-12:00, 13:30-24:00"), ("holidays", "open")]).await.status, 303);
    assert_eq!(browser.submit(&format!("{home}/policy"), &[("grid_minutes", "7")]).await.status, 422);
    let policy = [
        ("grid_minutes", "15"),
        ("min_minutes", "30"),
        ("max_minutes", "240"),
        ("notice_minutes", "60"),
        ("horizon_days", "30"),
        ("buffer_minutes", "15"),
        ("approval", "manager"),
        ("approval_hours", "8"),
        ("free_cancel_minutes", "120"),
        ("late_cancel_percent", "20"),
        ("no_show_minutes", "30"),
    ];
    assert_eq!(browser.submit(&format!("{home}/policy"), &policy).await.status, 303);
    assert_eq!(browser.submit(&format!("{home}/publish"), &[]).await.status, 303);
    assert_eq!(browser.submit(&format!("{home}/publish"), &[]).await.status, 409);
    let page = browser.get(&home).await.text();
    assert!(page.contains("120.50 元/小时") && page.contains("周一 8:30–12:00 13:30–24:00") && page.contains("8 个工作小时"), "{page}");
    let public = browser.get(&home.replace("/lab", "")).await.text();
    assert!(public.contains("在网开放") && public.contains("这是本单位的仪器"), "{public}");
    let edit: Vec<(&str, &str)> = fields.iter().map(|(name, value)| (*name, if *name == "name" { "三重四极杆质谱仪" } else { *value })).collect();
    assert_eq!(browser.submit(&format!("{home}/edit"), &edit).await.status, 303);
    assert!(browser.get("/lab/instruments?q=四极杆&state=published").await.text().contains("三重四极杆质谱仪"));
    assert!(browser.get(&format!("{home}?ask=retire")).await.text().contains(&format!("{home}/retire")));
    assert_eq!(browser.submit(&format!("{home}/suspend"), &[]).await.status, 303);
    assert_eq!(browser.submit(&format!("{home}/retire"), &[]).await.status, 303);
    assert!(browser.get(&home).await.text().contains("已退役"));
}

#[tokio::test]
async fn nobody_else_gets_at_the_forms() {
    let City { app, manager, .. } = city().await;
    let id = app.draft(&manager, json!({})).await;
    let (other, _) = app.institution(2).await;
    app.person_with_password(&other, "m2@lab.test", Role::Manager, "correct horse").await;
    app.person_with_password(&other, "o2@lab.test", Role::Operator, "correct horse").await;
    let mut strange = Browser::new(&app);
    strange.sign_in("m2@lab.test", "correct horse").await;
    for path in ["", "/edit", "/prices", "/hours", "/policy"] {
        assert_eq!(strange.get(&format!("/lab/instruments/{id}{path}")).await.status, 404, "{path}");
    }
    strange.get("/lab/instruments").await;
    for path in ["/edit", "/prices", "/hours", "/policy", "/publish", "/retire", "/explode"] {
        assert_eq!(strange.submit(&format!("/lab/instruments/{id}{path}"), &[]).await.status, 404, "{path}");
    }
    let mut operator = Browser::new(&app);
    operator.sign_in("o2@lab.test", "correct horse").await;
    assert_eq!(operator.get("/lab/instruments").await.status, 200);
    assert_eq!(operator.get("/lab/instruments/new").await.status, 403);
    let mut booker = Browser::new(&app);
    booker.sign_in("b@firm.test", "correct horse").await;
    assert_eq!(booker.get("/lab/instruments").await.status, 403);
    assert_eq!(Browser::new(&app).get("/lab/instruments").await.status, 303);
}
