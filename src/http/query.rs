//! Addresses: query strings and path parameters, with every wrong one named.

use std::collections::BTreeMap;

use axum::extract::FromRequestParts;
use axum::http::request::Parts;

use super::Error;
use crate::base::paging::Page;
use crate::base::text::is_clean;
use crate::base::time::{Day, Instant};
use crate::domain::refusals::{Refusal, Violation};

/// The query of an address, read field by field; every problem is collected and [`Query::done`] tells them all.
#[derive(Debug, Clone, Default)]
pub struct Query {
    values: BTreeMap<String, Vec<String>>,
    violations: Vec<Violation>,
}

impl Query {
    /// Reads `a=1&b=2&b=3`; broken escapes are kept as they can be read.
    #[must_use]
    pub fn parse(query: &str) -> Self {
        let mut read = Self::default();
        for (name, value) in url::form_urlencoded::parse(query.as_bytes()) {
            if !is_clean(&value) {
                read.violations.push(Violation::invalid(name.clone(), "not_clean"));
            }
            read.values.entry(name.into_owned()).or_default().push(value.into_owned());
        }
        read
    }

    /// The last value of a name that is not empty.
    #[must_use]
    pub fn text(&self, name: &str) -> Option<&str> {
        self.values.get(name)?.iter().rev().map(|v| v.trim()).find(|v| !v.is_empty())
    }

    /// Every value of a name that is not empty, also those in one value parted by commas.
    #[must_use]
    pub fn all(&self, name: &str) -> Vec<String> {
        self.values.get(name).into_iter().flatten().flat_map(|v| v.split(',')).map(|v| v.trim().to_owned()).filter(|v| !v.is_empty()).collect()
    }

    /// Notes that a field is wrong.
    pub fn refuse(&mut self, name: &str, why: &'static str) {
        self.violations.push(Violation::invalid(name, why));
    }

    /// An instant; a `+` of an offset that arrived as a blank is put back.
    pub fn instant(&mut self, name: &str) -> Option<Instant> {
        let text = self.text(name)?.replace(' ', "+");
        let at = Instant::parse(&text).ok();
        if at.is_none() {
            self.refuse(name, "not_an_instant");
        }
        at
    }

    /// A day.
    pub fn day(&mut self, name: &str) -> Option<Day> {
        let day = Day::parse(self.text(name)?);
        if day.is_none() {
            self.refuse(name, "not_a_day");
        }
        day
    }

    /// A whole number within bounds, both included.
    pub fn number(&mut self, name: &str, least: i64, most: i64) -> Option<i64> {
        let number = self.text(name)?.parse::<i64>().ok().filter(|n| (least..=most).contains(n));
        if number.is_none() {
            self.refuse(name, "not_a_number_in_range");
        }
        number
    }

    /// A word of a vocabulary.
    pub fn word<T>(&mut self, name: &str, parse: impl Fn(&str) -> Option<T>) -> Option<T> {
        let word = parse(self.text(name)?);
        if word.is_none() {
            self.refuse(name, "not_a_known_word");
        }
        word
    }

    /// `limit` and `after`.
    pub fn page(&mut self) -> Page {
        let raw = |name: &str| self.values.get(name).and_then(|v| v.last()).map(String::as_str);
        match Page::read(raw("limit"), raw("after")) {
            Ok(page) => page,
            Err(fields) => {
                for field in fields {
                    self.refuse(field, if field == "limit" { "not_a_number_in_range" } else { "not_a_cursor" });
                }
                Page::default()
            }
        }
    }

    /// Ends the reading.
    ///
    /// # Errors
    /// 422 with every field that was wrong.
    pub fn done(self) -> Result<(), Error> {
        Ok(Refusal::unless_empty(self.violations)?)
    }
}

impl<S: Send + Sync> FromRequestParts<S> for Query {
    type Rejection = std::convert::Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Self::Rejection> {
        Ok(Self::parse(parts.uri.query().unwrap_or_default()))
    }
}

/// The parameters of a path as text, in order; what is no UTF-8 names nothing and is 404.
#[derive(Debug, Clone)]
pub struct PathIds(pub Vec<String>);

impl PathIds {
    /// The parameter at a place, empty when the route has none there.
    #[must_use]
    pub fn at(&self, index: usize) -> &str {
        self.0.get(index).map_or("", String::as_str)
    }
}

impl<S: Send + Sync> FromRequestParts<S> for PathIds {
    type Rejection = Error;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Error> {
        let raw = axum::extract::RawPathParams::from_request_parts(parts, state).await.map_err(|_| Error::NOT_FOUND)?;
        let values: Vec<String> = raw.iter().map(|(_, value)| value.to_owned()).collect();
        if values.iter().all(|v| is_clean(v)) { Ok(Self(values)) } else { Err(Error::NOT_FOUND) }
    }
}

/// The one parameter of a path, such as an id.
#[derive(Debug, Clone)]
pub struct PathId(pub String);

impl<S: Send + Sync> FromRequestParts<S> for PathId {
    type Rejection = Error;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Error> {
        let ids = PathIds::from_request_parts(parts, state).await?;
        Ok(Self(ids.at(0).to_owned()))
    }
}
