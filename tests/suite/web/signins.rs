//! What somebody who guesses meets at the door, and what somebody who is right does not.

use crate::support::TestApp;
use crate::support::browser::Browser;
use yiqi::domain::roles::{Role, Side};

const EMAIL: &str = "manager@lab.test";
const PASSWORD: &str = "correct horse";

async fn city() -> TestApp {
    let app = TestApp::new().await;
    let uscc = app.organisation("12370200MB0000001", "青岛测试研究院", &[Side::Institution], "370212", false).await;
    app.person_with_password(&uscc, EMAIL, Role::Manager, PASSWORD).await;
    app
}

async fn try_in(browser: &mut Browser<'_>, email: &str, password: &str) -> (u16, String, String) {
    browser.get("/login").await;
    let answer = browser.submit("/login", &[("email", email), ("password", password)]).await;
    (answer.status.as_u16(), answer.header("retry-after").to_owned(), answer.text().replace(&browser.token(), "").replace(email, ""))
}

#[tokio::test]
async fn a_guesser_waits_longer_each_time_and_never_more_than_a_quarter_of_an_hour() {
    let app = city().await;
    let mut browser = Browser::new(&app);
    for _ in 0..5 {
        assert_eq!(try_in(&mut browser, EMAIL, "wrong").await.0, 422);
    }
    for wait in [30, 60, 120, 240, 480, 900, 900] {
        let (status, retry, text) = try_in(&mut browser, EMAIL, PASSWORD).await;
        assert_eq!((status, retry), (429, wait.to_string()), "{text}");
        app.advance(wait);
        assert_eq!(try_in(&mut browser, EMAIL, "wrong").await.0, 422);
    }
    app.advance(900);
    assert_eq!(try_in(&mut browser, EMAIL, PASSWORD).await.0, 303);
}

#[tokio::test]
async fn known_and_unknown_addresses_get_the_same_answers_at_every_step() {
    let app = city().await;
    let (mut known, mut unknown) = (Browser::new(&app), Browser::new(&app));
    for _ in 0..8 {
        let (a, b) = (try_in(&mut known, EMAIL, "wrong").await, try_in(&mut unknown, "nobody@lab.test", "wrong").await);
        assert_eq!(a, b);
    }
    // A forgotten password and a registration do not tell either.
    let code = crate::support::people::uscc("91370212MA3CK7Q85");
    let firm = [
        ("sides", "enterprise"),
        ("uscc", &code),
        ("name", "新企"),
        ("region", "370212"),
        ("address", "崂山"),
        ("person_name", "刘"),
        ("password", PASSWORD),
        ("consent", "1"),
    ];
    for (path, fields) in [("/forgot", &firm[..0]), ("/register", &firm[..])] {
        let mut answers = Vec::new();
        for email in [EMAIL, "nobody@lab.test"] {
            let mut browser = Browser::new(&app);
            browser.get(path).await;
            let answer = browser.submit(path, &[fields, &[("email", email)]].concat()).await;
            answers.push((answer.status.as_u16(), answer.header("location").to_owned(), answer.text()));
        }
        assert_eq!((answers[0].0, &answers[0]), (303, &answers[1]));
    }
    assert_eq!(app.post_mails().await.len(), 3);
}

#[tokio::test]
async fn many_right_sign_ins_from_one_address_are_not_slowed() {
    let app = city().await;
    let mut browser = Browser::new(&app);
    for _ in 0..40 {
        browser = Browser::new(&app);
        assert_eq!(try_in(&mut browser, EMAIL, PASSWORD).await.0, 303);
    }
    assert_eq!(browser.get("/account").await.status, 200);
}

#[tokio::test]
async fn an_address_that_tries_many_accounts_waits_but_people_at_home_there_do_not() {
    let app = city().await;
    let mut home = Browser::new(&app);
    assert_eq!(try_in(&mut home, EMAIL, PASSWORD).await.0, 303);
    app.advance(60);
    let mut browser = Browser::new(&app);
    for number in 0..40 {
        assert_eq!(try_in(&mut browser, &format!("guess{number}@lab.test"), "wrong").await.0, 422);
    }
    assert_eq!(try_in(&mut browser, "guess99@lab.test", "wrong").await.0, 429);
    let mut home = Browser::new(&app);
    assert_eq!(try_in(&mut home, EMAIL, PASSWORD).await.0, 303);
}

#[tokio::test]
async fn a_forged_forwarding_header_does_not_make_a_guesser_a_stranger_again() {
    let app = city().await;
    let mut browser = Browser::new(&app);
    for number in 0..5 {
        browser.send_header("x-forwarded-for", &format!("10.9.8.{number}"));
        assert_eq!(try_in(&mut browser, EMAIL, "wrong").await.0, 422);
    }
    browser.send_header("x-forwarded-for", "10.9.9.9");
    assert_eq!(try_in(&mut browser, EMAIL, PASSWORD).await.0, 429);
    app.advance(30);
    assert_eq!(try_in(&mut browser, EMAIL, PASSWORD).await.0, 303);
    let page = browser.get("/account").await.text();
    assert!(page.contains("127.0.0.1") && !page.contains("10.9."), "the session names the forged address");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn guesses_sent_all_at_once_do_not_get_past_the_count() {
    let app = city().await;
    let mut first = Browser::new(&app);
    first.get("/login").await;
    let (token, cookie) = (first.token(), first.cookie("yiqi_form"));
    let guess = |number: usize| {
        let (app, token, cookie) = (&app, token.clone(), cookie.clone());
        async move {
            let mut browser = Browser::new(app);
            browser.set_cookie("yiqi_form", &cookie);
            browser.post_raw("/login", &format!("email={EMAIL}&password=guess{number}&csrf={token}").replace('@', "%40")).await.status.as_u16()
        }
    };
    let statuses = futures_util::future::join_all((0..60).map(guess)).await;
    let judged = statuses.iter().filter(|status| **status == 422).count();
    assert!((5..=13).contains(&judged), "{judged} of 60 guesses were looked at");
}

#[tokio::test]
async fn after_sign_in_nobody_is_led_to_another_site() {
    let app = city().await;
    for evil in ["//evil.example", "https://evil.example/", "/\\evil.example", "/%09/evil.example\t", "javascript:alert(1)", "\\\\evil.example"] {
        let mut browser = Browser::new(&app);
        browser.get("/login").await;
        let answer = browser.submit("/login", &[("email", EMAIL), ("password", PASSWORD), ("next", evil)]).await;
        let location = answer.header("location");
        assert!(answer.status == 303 && location.starts_with('/') && !location.starts_with("//") && !location.contains('\\'), "{evil}: {location}");
    }
}
