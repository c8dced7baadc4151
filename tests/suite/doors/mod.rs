//! The doors: who gets through which, and what must not get through any. [`table`] is the whole of it on a few screens; [`routes`] asks the
//! router itself what there is, so that no route can be forgotten; the other files are attacks, a test each.

mod attacks;
mod city;
mod forms;
mod pages;

mod routes;
mod seals;
mod table;

use axum::http::{StatusCode, header};

use yiqi::domain::roles::Side;

use self::city::{City, MEMBERS, Who};
use crate::support::http::Answer;

/// A row of the table.
pub struct Door {
    /// HTTP.
    method: &'static str,
    /// With the names of things in place of parameters; a query behind it where an answer needs one.
    path: &'static str,
    /// What a form carries so that it is judged at all.
    form: &'static [(&'static str, &'static str)],
    own: &'static str,
    other: &'static str,
}

impl Door {
    fn new((line, own, other): (&'static str, &'static str, &'static str)) -> Self {
        let (method, path) = line.split_once(' ').unwrap();
        let (path, form) = match path.split_once(" with ") {
            Some((path, what)) => (path, pages::form(what)),
            None => (path, &[][..]),
        };
        Self { method, path, form, own, other }
    }

    /// `GET /bookings/{}`, as [`routes::all`] names it.
    fn route(&self) -> String {
        format!("{} {}", self.method, routes::bare(self.path.split('?').next().unwrap()))
    }

    fn is_api(&self) -> bool {
        self.path.starts_with("/api/v1/")
    }
}

/// How a door answered: `+` let through (also to hear that something else is wrong), `1` who are you, `3` not you, `4` there is no such thing,
/// `?` let through to hear that the question is wrong.
fn mark(door: &Door, answer: &Answer) -> char {
    let is_question = door.method == "GET";
    let to_sign_in = answer.header(header::LOCATION.as_str()).starts_with("/login?next=");
    match answer.status {
        StatusCode::UNAUTHORIZED => '1',
        StatusCode::SEE_OTHER if to_sign_in => '1',
        StatusCode::FORBIDDEN => '3',
        StatusCode::NOT_FOUND | StatusCode::GONE => '4',
        status if status.is_success() || status.is_redirection() => '+',
        StatusCode::UNPROCESSABLE_ENTITY if is_question => '?',
        StatusCode::CONFLICT | StatusCode::UNPROCESSABLE_ENTITY | StatusCode::UNSUPPORTED_MEDIA_TYPE => '+',
        _ => '!',
    }
}

/// Knocks at a door as everybody; gives what came back in the columns of the table, and what is wrong beyond that.
async fn knock(city: &City, door: &Door, number: usize, instrument_token: &str) -> (String, Vec<String>) {
    let (mut marks, mut wrong) = (String::new(), Vec::new());
    let strangers: [Option<Who>; 1] = [None];
    let mut side = None;
    for who in strangers.into_iter().chain(MEMBERS.map(Some)) {
        let path = city.path(door, who, number).await;
        let answer = if door.is_api() {
            city.knock_api(door, &path, who.map(|(side, role)| city.towns[0].token(side, role))).await
        } else {
            city.knock_page(door, &path, who, number).await
        };
        if who.map(|who| who.0) != side {
            marks.push(' ');
            side = who.map(|who| who.0);
        }
        marks.push(mark(door, &answer));
        look(city, door, (who, &path), &answer, &mut wrong);
    }
    if door.is_api() {
        let path = city.path(door, None, number).await;
        marks.push(' ');
        marks.push(mark(door, &city.knock_api(door, &path, Some(instrument_token)).await));
    }
    (marks, wrong)
}

/// Whatever a door answers tells nothing of the other town, and strangers and the platform's people learn nothing of either.
fn look(city: &City, door: &Door, (who, path): (Option<Who>, &str), answer: &Answer, wrong: &mut Vec<String>) {
    let told = |name: &str| wrong_line(door, who, answer, name);
    // What is on a page concerns whoever asked, and stays in no cache on the way.
    if !door.path.starts_with("/assets/") && !answer.header("cache-control").contains("no-store") {
        wrong.push(told("may be kept by a cache"));
    }
    if answer.header("content-security-policy").is_empty() || answer.header("x-content-type-options") != "nosniff" {
        wrong.push(told("goes out without its security headers"));
    }
    if mark(door, answer) == '!' {
        wrong.push(told("answers amiss"));
    }
    let text = answer.text();
    let is_platform = who.is_some_and(|who| who.0 == Side::Platform);
    for (number, town) in city.towns.iter().enumerate().filter(|(number, _)| *number == 1 || who.is_none() || is_platform) {
        // A page names its own address, the platform's people see ids of what its mails were about, and themselves.
        let harmless = |secret: &str| path.contains(secret) || (is_platform && (yiqi::base::ids::is_id(secret) || (number == 0 && secret.contains('@'))));
        wrong.extend(town.secrets.iter().filter(|secret| text.contains(*secret) && !harmless(secret)).map(|secret| told(secret)));
    }
}

fn wrong_line(door: &Door, who: Option<Who>, answer: &Answer, what: &str) -> String {
    let who = who.map_or_else(|| "stranger".to_owned(), |(side, role)| format!("{side} {role}"));
    format!("{} {} as {who} ({}): {what}", door.method, door.path, answer.status.as_u16())
}

/// Walks rows of the table and shows all that differs, written as the table would have to be.
async fn walk(rows: &[(&'static str, &'static str, &'static str)]) {
    let city = City::new().await;
    let instrument_token = city.instrument_token().await;
    let mut wrong = Vec::new();
    for row in rows {
        let door = Door::new(*row);
        let (own, mut found) = knock(&city, &door, 0, &instrument_token).await;
        let mut other = String::new();
        if !door.other.is_empty() {
            let (marks, more) = knock(&city, &door, 1, &instrument_token).await;
            other = marks;
            found.extend(more);
        }
        if own != door.own || other != door.other {
            found.push(format!("(\"{}\", \"{own}\", \"{other}\"),", row.0));
        }
        wrong.extend(found);
    }
    assert!(wrong.is_empty(), "the doors stand otherwise:\n{}", wrong.join("\n"));
}

#[tokio::test]
async fn every_door_of_the_api_is_open_to_whom_the_table_says() {
    walk(table::API).await;
}

#[tokio::test]
async fn every_page_of_the_parties_is_open_to_whom_the_table_says() {
    walk(pages::PARTIES).await;
}

#[tokio::test]
async fn every_page_of_bureau_platform_and_people_is_open_to_whom_the_table_says() {
    walk(pages::OTHERS).await;
}
