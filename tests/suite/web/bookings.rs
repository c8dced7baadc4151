//! The pages of bookings: an enterprise books and follows, an institution answers; without script.

use serde_json::{Value, json};
use yiqi::domain::roles::Role;

use crate::support::bookings::{City, local};
use crate::support::browser::Browser;

const PASSWORD: &str = "correct horse";

/// A city whose people have passwords too.
async fn city(policy: Value) -> City {
    let city = City::new(policy).await.granted(1_000).await;
    city.app.person_with_password(&city.firm, "li@firm.test", Role::Booker, PASSWORD).await;
    city.app.person_with_password(&city.lab, "sun@lab.test", Role::Manager, PASSWORD).await;
    city.app.person_with_password(&city.lab, "wang@lab.test", Role::Operator, PASSWORD).await;
    city
}

async fn signed_in<'a>(city: &'a City, email: &str) -> Browser<'a> {
    let mut browser = Browser::new(&city.app);
    browser.sign_in(email, PASSWORD).await;
    browser
}

fn fields<'a>(city: &'a City, from: &'a str, to: &'a str, purpose: &'a str) -> Vec<(&'a str, &'a str)> {
    vec![
        ("instrument_id", city.instrument.as_str()),
        ("on", "2026-10-14"),
        ("from", from),
        ("to", to),
        ("mode", "self"),
        ("voucher", "up_to"),
        ("purpose_kind", "research"),
        ("purpose", purpose),
    ]
}

#[tokio::test]
async fn an_enterprise_books_and_follows_its_booking() {
    let city = city(json!({})).await;
    let mut li = signed_in(&city, "li@firm.test").await;
    let empty = li.get("/bookings").await;
    assert!(empty.status == 200 && empty.text().contains("没有将要使用的预约"), "{}", empty.text());
    let form = li.get(&format!("/instruments/{}?on=2026-10-14&from=9:00&to=11:00", city.instrument)).await.text();
    assert!(form.contains("200.00") && form.contains("−60.00") && form.contains("140.00"), "{form}");
    let answer = li.submit("/bookings", &fields(&city, "9:00", "11:00", "断口形貌")).await;
    assert_eq!(answer.status, 303, "{}", answer.text());
    let path = answer.header("location").to_owned();
    assert!(path.starts_with("/bookings/") && path.ends_with("?done=requested"), "{path}");
    let page = li.get(&path).await.text();
    for words in ["申请已提交", "10月14日 周三 9:00–11:00", "待答复", "断口形貌", "140.00", "申请预约。", "取消预约"] {
        assert!(page.contains(words), "{words}: {page}");
    }
    assert!(!page.contains("同意</button>"), "an enterprise does not answer itself");
    let list = li.get("/bookings").await.text();
    assert!(list.contains("1 个申请等答复") && list.contains("青岛测试研究院1"), "{list}");
    let id = path.split('?').next().unwrap().to_owned();
    assert_eq!(li.submit(&format!("{id}/cancel"), &[("reason", " "), ("version", "1")]).await.status, 422);
    let asked = li.get(&format!("{id}?do=cancel")).await.text();
    assert!(asked.contains("取消这次预约") && asked.contains("name=\"version\" value=\"1\""), "{asked}");
    let answer = li.submit(&format!("{id}/cancel"), &[("reason", "样品未到"), ("version", "1")]).await;
    assert_eq!(answer.header("location"), format!("{id}?done=cancel"));
    let page = li.get(&id).await.text();
    assert!(page.contains("“样品未到”") && page.contains("已取消") && page.contains("这次不用付钱"), "{page}");
    assert_eq!(li.submit(&format!("{id}/cancel"), &[("reason", "x"), ("version", "1")]).await.status, 409);
}

#[tokio::test]
async fn a_refused_booking_says_every_reason_keeps_what_was_typed_and_leads_to_what_would_do() {
    let city = city(json!({})).await;
    city.take("maintenance", "2026-10-14T09:00", "2026-10-14T11:00").await.expect(201);
    let mut li = signed_in(&city, "li@firm.test").await;
    li.get("/bookings").await;
    let answer = li.submit("/bookings", &fields(&city, "9:10", "9:40", "断口 <形貌>")).await;
    let page = answer.text();
    assert_eq!(answer.status, 422);
    for words in ["有 3 处不符", "改为 9:00–9:30", "value=\"2026-10-14 09:00 09:30\"", "断口 &#60;形貌&#62;", "selected>9:10", "预约规则"] {
        assert!(page.contains(words), "{words}: {page}");
    }
    let mut another = fields(&city, "9:10", "9:40", "断口 <形貌>");
    another.push(("take", "2026-10-14 11:00 13:00"));
    let answer = li.submit("/bookings", &another).await;
    let page = answer.text();
    assert!(answer.status == 200 && page.contains("断口 &#60;形貌&#62;") && page.contains("申请预约 10月14日 周三 11:00–13:00"), "{page}");
    let answer = li.submit("/bookings", &fields(&city, "10:00", "12:00", "断口形貌")).await;
    let page = answer.text();
    assert_eq!(answer.status, 422);
    assert!(page.contains("最近的空闲") && page.contains("value=\"2026-10-14 11:00 13:00\""), "{page}");
    let answer = li.submit("/bookings", &fields(&city, "morning", "", "")).await;
    let page = answer.text();
    assert!(answer.status == 422 && page.contains("href=\"#from\"") && page.contains("href=\"#to\"") && page.contains("href=\"#purpose\""), "{page}");
    let mut strange = fields(&city, "9:00", "11:00", "x");
    strange[0].1 = "nothing";
    assert_eq!(li.submit("/bookings", &strange).await.status, 404);
    let list = li.get("/bookings").await.text();
    assert!(list.contains("没有将要使用的预约"), "nothing was booked: {list}");
    let part = li.get(&format!("/instruments/{}/quote?on=2026-10-14&from=13:00&to=14:00&mode=self", city.instrument)).await;
    assert!(part.status == 200 && part.text().contains("100.00") && !part.text().contains("<html"), "{}", part.text());
    let part = li.get(&format!("/instruments/{}/quote?on=2026-10-14&from=10:00&to=12:00&mode=self", city.instrument)).await;
    assert!(part.status == 200 && part.text().contains("有 1 处不符"), "{}", part.text());
}

#[tokio::test]
async fn a_manager_answers_in_place_and_an_operator_only_looks() {
    let city = city(json!({})).await;
    let first = city.book("2026-10-14T09:00", "2026-10-14T11:00", json!({})).await;
    let second = city.book("2026-10-15T09:00", "2026-10-15T11:00", json!({ "confidential": true, "purpose": "秘密配方" })).await;
    let mut sun = signed_in(&city, "sun@lab.test").await;
    let today = sun.get("/lab").await.text();
    assert!(today.contains("2 个申请等您答复") && today.contains("还剩"), "{today}");
    let list = sun.get("/lab/requests").await.text();
    assert!(list.contains("秘密配方") && list.contains("第 2 次预约，从未爽约") && list.contains("data-queue"), "{list}");
    let id = |booking: &Value| booking["id"].as_str().unwrap().to_owned();
    let answer = sun.submit(&format!("/bookings/{}/approve", id(&first)), &[("version", "1"), ("back", "/lab/requests")]).await;
    assert_eq!((answer.status.as_u16(), answer.header("location")), (303, "/lab/requests?done=approve"));
    assert_eq!(sun.submit(&format!("/bookings/{}/approve", id(&first)), &[("version", "1")]).await.status, 409);
    let asked = sun.get(&format!("/lab/requests?decline={}", id(&second))).await.text();
    assert!(asked.contains("id=\"decline\""), "{asked}");
    let mut wang = signed_in(&city, "wang@lab.test").await;
    let list = wang.get("/lab/requests").await.text();
    assert!(!list.contains("秘密配方") && list.contains("保密") && !list.contains("/approve"), "{list}");
    assert_eq!(wang.submit(&format!("/bookings/{}/approve", id(&second)), &[("version", "1")]).await.status, 403);
    let page = wang.get(&format!("/bookings/{}", id(&second))).await.text();
    assert!(!page.contains("秘密配方") && !page.contains("断口"), "{page}");
    let answer = sun.submit(&format!("/bookings/{}/decline", id(&second)), &[("version", "1"), ("reason", "检修"), ("back", "https://evil.test")]).await;
    assert_eq!(answer.header("location"), format!("/bookings/{}?done=decline", id(&second)), "never to another site");
}

#[tokio::test]
async fn a_day_at_the_lab_goes_from_check_in_to_the_statement() {
    let city = city(json!({ "approval": "automatic" })).await;
    let booking = city.book("2026-10-14T09:00", "2026-10-14T11:00", json!({ "voucher": "up_to" })).await;
    let path = format!("/bookings/{}", booking["id"].as_str().unwrap());
    city.app.set_now(&local("2026-10-14T09:02"));
    let mut li = signed_in(&city, "li@firm.test").await;
    assert!(li.get(&path).await.text().contains("签到</button>"));
    li.submit(&format!("{path}/check-in"), &[]).await;
    city.app.set_now(&local("2026-10-14T10:30"));
    let mut sun = signed_in(&city, "sun@lab.test").await;
    let today = sun.get("/lab").await.text();
    assert!(today.contains("9:02 签到") && today.contains("slot run"), "{today}");
    sun.get(&path).await;
    assert_eq!(sun.submit(&format!("{path}/check-out"), &[]).await.status, 303);
    let page = sun.get(&path).await.text();
    assert!(page.contains("用机记录") && page.contains("开结算单"), "{page}");
    assert_eq!(sun.submit(&format!("{path}/statement"), &[("actual_fen", "much"), ("reason", "")]).await.status, 422);
    assert_eq!(sun.submit(&format!("{path}/statement"), &[("actual_fen", "100"), ("reason", "")]).await.status, 422);
    let answer = sun.submit(&format!("{path}/statement"), &[("actual_fen", ""), ("reason", "")]).await;
    assert_eq!(answer.header("location"), format!("{path}?done=statement"), "{}", answer.text());
    let mut li = signed_in(&city, "li@firm.test").await;
    let page = li.get(&path).await.text();
    assert!(page.contains("146.67") && page.contains("确认结算单</button>") && page.contains("结算单待确认"), "{page}");
    li.submit(&format!("{path}/dispute"), &[("reason", "少用了十分钟")]).await;
    assert!(sun.get("/lab").await.text().contains("有异议"));
    sun.get(&path).await;
    sun.submit(&format!("{path}/statement"), &[("actual_fen", "130"), ("reason", "减免")]).await;
    li.get(&path).await;
    assert_eq!(li.submit(&format!("{path}/confirm"), &[]).await.header("location"), format!("{path}?done=confirm"));
    let page = li.get(&path).await.text();
    assert!(page.contains("130.00") && page.contains("申请兑付") && page.contains("“减免”"), "{page}");
    city.app.prove_vouchers().await;
}

#[tokio::test]
async fn staff_block_time_and_give_it_back() {
    let city = city(json!({ "approval": "automatic" })).await;
    city.book("2026-10-14T09:00", "2026-10-14T11:00", json!({})).await;
    let mut wang = signed_in(&city, "wang@lab.test").await;
    assert!(wang.get("/lab/slots").await.text().contains("没有登记的占用"));
    let slot = |from: &'static str, to: &'static str| {
        [("instrument_id", city.instrument.clone()), ("kind", "fault".into()), ("starts_at", from.into()), ("ends_at", to.into()), ("note", "真空泵".into())]
    };
    let send = async |wang: &mut Browser<'_>, fields: &[(&str, String)]| {
        let fields: Vec<(&str, &str)> = fields.iter().map(|(name, value)| (*name, value.as_str())).collect();
        wang.submit("/lab/slots", &fields).await
    };
    let answer = send(&mut wang, &slot("2026-10-14T10:00", "2026-10-14T12:00")).await;
    assert!(answer.status == 422 && answer.text().contains("真空泵"), "{}", answer.text());
    let answer = send(&mut wang, &slot("now", "")).await;
    assert!(answer.status == 422 && answer.text().contains("href=\"#starts_at\"") && answer.text().contains("href=\"#ends_at\""), "{}", answer.text());
    let answer = send(&mut wang, &slot("2026-10-12T09:00", "2026-10-12T12:00")).await;
    assert_eq!(answer.header("location"), "/lab/slots?done=slot-made");
    let page = wang.get("/lab/slots?done=slot-made").await.text();
    let today = wang.get("/lab").await.text();
    assert!(page.contains("已占用这段时间") && today.contains("slot broken") && today.contains("真空泵"), "{today}");
    let remove = page.split("action=\"").find(|part| part.contains("/remove\"")).unwrap().split('"').next().unwrap().to_owned();
    assert_eq!(wang.submit(&remove, &[]).await.header("location"), "/lab/slots?done=slot-removed");
    assert_eq!(wang.submit(&remove, &[]).await.status, 404);
}

#[tokio::test]
async fn pages_of_bookings_are_there_for_whom_they_concern() {
    let city = city(json!({})).await;
    let booking = city.book("2026-10-14T09:00", "2026-10-14T11:00", json!({})).await;
    let path = format!("/bookings/{}", booking["id"].as_str().unwrap());
    let bureau = city.app.organisation("11370200MB2856111", "另一科技局", &[yiqi::domain::roles::Side::Bureau], "370600", false).await;
    city.app.person_with_password(&bureau, "zhao@bureau.test", Role::Officer, PASSWORD).await;
    let (other, _) = city.app.enterprise(2).await;
    city.app.person_with_password(&other, "han@other.test", Role::Booker, PASSWORD).await;
    for page in [path.as_str(), "/bookings", "/lab", "/lab/requests", "/lab/slots"] {
        let answer = Browser::new(&city.app).get(page).await;
        assert!(answer.status == 303 && answer.header("location").starts_with("/login"), "{page}");
    }
    for (email, page, status) in [
        ("zhao@bureau.test", path.as_str(), 404),
        ("zhao@bureau.test", "/bookings", 403),
        ("zhao@bureau.test", "/lab", 403),
        ("han@other.test", path.as_str(), 404),
        ("han@other.test", "/lab", 403),
        ("li@firm.test", path.as_str(), 200),
        ("sun@lab.test", path.as_str(), 200),
        ("sun@lab.test", "/bookings", 200),
        ("li@firm.test", "/bookings?state=confirmed&from=x&to=2026-10-14", 200),
        ("li@firm.test", "/bookings?show=past&limit=x", 422),
    ] {
        assert_eq!(signed_in(&city, email).await.get(page).await.status.as_u16(), status, "{email} {page}");
    }
    let mut han = signed_in(&city, "han@other.test").await;
    han.get("/bookings").await;
    assert_eq!(han.submit(&format!("{path}/cancel"), &[("reason", "x")]).await.status, 404);
    assert_eq!(han.submit(&format!("{path}/dance"), &[]).await.status, 404);
    let mut english = Browser::english(&city.app);
    english.sign_in("li@firm.test", PASSWORD).await;
    let page = english.get(&path).await.text();
    assert!(page.contains("What comes next") && page.contains("Waiting"), "{page}");
}
