//! The second factor: set up, asked for, used once, wanted by the bureau.

use crate::support::TestApp;
use crate::support::browser::Browser;
use yiqi::domain::roles::{Role, Side};
use yiqi::domain::signing::SecondFactor;

const PASSWORD: &str = "correct horse";
const OFFICER: &str = "officer@bureau.test";

async fn city() -> TestApp {
    let app = TestApp::new().await;
    let uscc = app.organisation("11370200MB2856000", "青岛市科学技术局", &[Side::Bureau], "370200", false).await;
    app.person_with_password(&uscc, OFFICER, Role::Officer, PASSWORD).await;
    app.person_with_password(&uscc, "reviewer@bureau.test", Role::Reviewer, PASSWORD).await;
    app
}

/// The second factor that is being set up.
async fn newest(app: &TestApp) -> SecondFactor {
    let stored: String = sqlx::query_scalar("SELECT secret FROM second_factors WHERE ended_at IS NULL AND confirmed_at IS NULL")
        .fetch_one(&mut *app.db.read().await.unwrap())
        .await
        .unwrap();
    SecondFactor::read(&stored).unwrap()
}

/// The first step; gives the page that asks for the code.
async fn first_step<'a>(app: &'a TestApp, email: &str) -> (Browser<'a>, String, String) {
    let mut browser = Browser::new(app);
    browser.get("/login").await;
    let answer = browser.submit("/login", &[("email", email), ("password", PASSWORD), ("next", "/account")]).await;
    assert_eq!(answer.status, 200, "{}", answer.text());
    let text = answer.text();
    let step = text.split("name=\"step\" value=\"").nth(1).unwrap().split('"').next().unwrap().to_owned();
    (browser, step, text)
}

/// Sets a second factor up; gives it, its recovery codes, and the browser.
async fn set_up<'a>(app: &'a TestApp, email: &str) -> (SecondFactor, Vec<String>, Browser<'a>) {
    let mut browser = Browser::new(app);
    browser.sign_in(email, PASSWORD).await;
    let page = browser.get("/account/second-factor").await.text();
    assert!(page.contains("otpauth://totp/Yiqi:") && page.contains("<svg"));
    let factor = newest(app).await;
    assert!(page.contains(&factor.spelled()));
    assert_eq!(browser.submit("/account/second-factor", &[("code", "000000")]).await.status, 422);
    let code = factor.code_at(app.clock.now());
    let answer = browser.submit("/account/second-factor", &[("code", &code)]).await;
    assert_eq!(answer.status, 200, "{}", answer.text());
    let codes = answer.text().split("<li class=\"mono\">").skip(1).map(|rest| rest.split('<').next().unwrap().to_owned()).collect::<Vec<_>>();
    assert_eq!(codes.len(), 8);
    (factor, codes, browser)
}

#[tokio::test]
async fn a_code_is_asked_for_and_works_once() {
    let app = city().await;
    let mut before = Browser::new(&app);
    before.sign_in(OFFICER, PASSWORD).await;
    let (factor, _, _) = set_up(&app, OFFICER).await;
    assert_eq!(before.get("/account").await.status, 303, "sessions that were opened without it end");
    let (mut browser, step, text) = first_step(&app, OFFICER).await;
    assert!(browser.cookie("yiqi_session").is_empty() && text.contains("恢复码"));
    let used = factor.code_at(app.clock.now());
    assert_eq!(browser.submit("/login/code", &[("step", &step), ("code", &used), ("next", "/account")]).await.status, 422, "that code set it up");
    app.advance(30);
    let code = factor.code_at(app.clock.now());
    let answer = browser.submit("/login/code", &[("step", &step), ("code", &code), ("next", "//evil.example")]).await;
    assert_eq!((answer.status.as_u16(), answer.header("location")), (303, "/bureau"));
    let (mut thief, other_step, _) = first_step(&app, OFFICER).await;
    assert_eq!(thief.submit("/login/code", &[("step", &other_step), ("code", &code)]).await.status, 422, "a code that was seen is worth nothing");
    assert_eq!(thief.submit("/login/code", &[("step", &step), ("code", &code)]).await.status, 422, "nor is the step of another");
}

#[tokio::test]
async fn codes_cannot_be_guessed_at_leisure() {
    let app = city().await;
    let (factor, _, _) = set_up(&app, OFFICER).await;
    app.advance(60);
    let (mut browser, step, _) = first_step(&app, OFFICER).await;
    for _ in 0..5 {
        assert_eq!(browser.submit("/login/code", &[("step", &step), ("code", "123456")]).await.status, 422);
    }
    let code = factor.code_at(app.clock.now());
    assert_eq!(browser.submit("/login/code", &[("step", &step), ("code", &code)]).await.status, 429);
    app.advance(30);
    let code = factor.code_at(app.clock.now());
    assert_eq!(browser.submit("/login/code", &[("step", &step), ("code", &code)]).await.status, 303);
    app.advance(700);
    let (mut slow, step, _) = first_step(&app, OFFICER).await;
    app.advance(600);
    let answer = slow.submit("/login/code", &[("step", &step), ("code", &factor.code_at(app.clock.now()))]).await;
    assert!(answer.status == 422 && answer.text().contains("登录已过期"), "the step runs out");
}

#[tokio::test]
async fn a_recovery_code_replaces_a_lost_phone_once() {
    let app = city().await;
    let (_, codes, _) = set_up(&app, OFFICER).await;
    let (mut browser, step, _) = first_step(&app, OFFICER).await;
    let typed = codes[0].to_lowercase().replace('-', " ");
    assert_eq!(browser.submit("/login/code", &[("step", &step), ("code", &typed)]).await.status, 303);
    assert!(browser.get("/account").await.text().contains("还剩 7 个"));
    let (mut again, step, _) = first_step(&app, OFFICER).await;
    assert_eq!(again.submit("/login/code", &[("step", &step), ("code", &codes[0])]).await.status, 422);
}

#[tokio::test]
async fn the_operator_forgets_what_was_lost() {
    let app = city().await;
    let (_, _, mut browser) = set_up(&app, OFFICER).await;
    let person = yiqi::store::persons::find_by_email(&mut app.db.read().await.unwrap(), OFFICER).await.unwrap().unwrap().person_id;
    for had in [true, false] {
        let act = app.command();
        assert_eq!(app.transact(&act, |tx| Box::pin(yiqi::actions::second_factors::forget(tx, &act, &person))).await.unwrap(), had);
    }
    assert_eq!(browser.get("/account").await.status, 303);
    browser.sign_in(OFFICER, PASSWORD).await;
}

#[tokio::test]
async fn where_the_bureau_wants_it_nobody_enters_without() {
    let app = city().await;
    let platform = app.organisation("91370200MA0000099", "平台", &[Side::Platform], "370200", false).await;
    app.person_with_password(&platform, "ops@yiqi.test", Role::Ops, PASSWORD).await;
    let firm = app.organisation("91370212MA0000001", "青岛测试科技", &[Side::Enterprise], "370212", false).await;
    app.person_with_password(&firm, "both@firm.test", Role::Booker, PASSWORD).await;
    let bureau = yiqi::base::uscc::Uscc::complete("11370200MB2856000").unwrap().to_string();
    app.advance(1);
    app.person(&bureau, "both@firm.test", Role::Reviewer, None).await;
    let mut first = Browser::new(&app);
    first.sign_in(OFFICER, PASSWORD).await;
    first.get("/bureau/security").await;
    assert_eq!(first.submit("/bureau/security", &[("on", "1")]).await.status, 409, "whoever asks others goes first");
    let (_, _, mut officer) = set_up(&app, OFFICER).await;
    let (mut reviewer, mut ops) = (Browser::new(&app), Browser::new(&app));
    reviewer.sign_in("reviewer@bureau.test", PASSWORD).await;
    ops.sign_in("ops@yiqi.test", PASSWORD).await;
    officer.get("/bureau/security").await;
    assert_eq!(officer.submit("/bureau/security", &[("on", "1")]).await.header("location"), "/bureau/security?done=second-factor-wanted");
    assert_eq!((reviewer.get("/account").await.status.as_u16(), ops.get("/account").await.status.as_u16()), (303, 303));
    assert_eq!(officer.get("/account").await.status, 200);

    let (mut ops, step, text) = first_step(&app, "ops@yiqi.test").await;
    assert!(text.contains("otpauth://") && ops.cookie("yiqi_session").is_empty());
    let factor = newest(&app).await;
    let answer = ops.submit("/login/code", &[("step", &step), ("code", &factor.code_at(app.clock.now())), ("next", "/account")]).await;
    assert!(answer.status == 200 && answer.text().contains("收好恢复码"), "{}", answer.text());
    let page = ops.get("/account").await;
    assert!(page.status == 200 && page.text().contains("不能停用"));
    assert_eq!(ops.submit("/account/second-factor/end", &[("end_password", PASSWORD)]).await.status, 409);

    // Somebody who came in by another membership cannot switch into the bureau without it.
    let mut both = Browser::new(&app);
    both.sign_in("both@firm.test", PASSWORD).await;
    let page = both.get("/switch").await.text();
    let id = page.split("name=\"membership\" value=\"").nth(1).unwrap().split('"').next().unwrap().to_owned();
    assert_eq!(both.submit("/switch", &[("membership", &id)]).await.status, 409);
}

#[tokio::test]
async fn one_gives_it_up_with_the_password_where_nobody_wants_it() {
    let app = city().await;
    let (_, _, mut browser) = set_up(&app, OFFICER).await;
    browser.get("/account").await;
    assert_eq!(browser.submit("/account/second-factor/end", &[("end_password", "wrong")]).await.status, 422);
    assert_eq!(browser.submit("/account/second-factor/end", &[("end_password", PASSWORD)]).await.status, 303);
    let mut again = Browser::new(&app);
    again.sign_in(OFFICER, PASSWORD).await;
}

#[tokio::test]
async fn giving_it_up_ends_what_was_opened_with_it_and_every_step_somebody_stands_at() {
    let app = city().await;
    let (factor, _, mut browser) = set_up(&app, OFFICER).await;
    app.advance(60);
    let (mut other, step, _) = first_step(&app, OFFICER).await;
    let code = factor.code_at(app.clock.now());
    assert_eq!(other.submit("/login/code", &[("step", &step), ("code", &code)]).await.status, 303);
    let (mut guesser, step, _) = first_step(&app, OFFICER).await;
    browser.get("/account").await;
    browser.submit("/account/second-factor/end", &[("end_password", PASSWORD)]).await;
    assert_eq!((browser.get("/account").await.status.as_u16(), other.get("/account").await.status.as_u16()), (200, 303));
    // Somebody who knows the password only waits for the next one to be set up: it is not shown to them.
    browser.get("/account/second-factor").await;
    let fresh = newest(&app).await;
    let answer = guesser.submit("/login/code", &[("step", &step), ("code", "000000")]).await;
    assert!(answer.status == 422 && !answer.text().contains("otpauth://") && !answer.text().contains(&fresh.spelled()), "{}", answer.text());
}

#[tokio::test]
async fn what_was_begun_and_left_is_not_what_somebody_sets_up_later() {
    let app = city().await;
    let mut thief = Browser::new(&app);
    thief.sign_in(OFFICER, PASSWORD).await;
    thief.get("/account/second-factor").await;
    let seen = newest(&app).await;
    thief.get("/account/second-factor").await;
    assert_eq!(newest(&app).await.spelled(), seen.spelled(), "a page that is loaded again shows the same");
    app.advance(11 * 60);
    let mut owner = Browser::new(&app);
    owner.sign_in(OFFICER, PASSWORD).await;
    let page = owner.get("/account/second-factor").await.text();
    assert!(page.contains("otpauth://") && !page.contains(&seen.spelled()));
}
