//! JSON bodies: read late (after the caller is known and allowed), field by field, with every violation in one answer.

use std::sync::Arc;

use axum::body::Bytes;
use axum::extract::{FromRequest, Request};
use axum::http::header;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value};

use super::Error;
use crate::app::App;
use crate::base::text::{hex, is_clean};
use crate::domain::openness::digest::canonical;
use crate::domain::refusals::{Refusal, Violation};

/// A body that was received but not yet judged: 401, 403 and 404 come first.
#[derive(Debug, Clone)]
pub struct Body {
    bytes: Bytes,
    is_json: bool,
}

impl FromRequest<Arc<App>> for Body {
    type Rejection = Error;

    async fn from_request(request: Request, state: &Arc<App>) -> Result<Self, Error> {
        let is_json = request.headers().get(header::CONTENT_TYPE).and_then(|v| v.to_str().ok()).is_some_and(|v| {
            let kind = v.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
            kind == "application/json" || (kind.starts_with("application/") && kind.ends_with("+json"))
        });
        let bytes = Bytes::from_request(request, state)
            .await
            .map_err(|rejection| if rejection.status() == axum::http::StatusCode::PAYLOAD_TOO_LARGE { Error::TooLarge } else { Error::BadRequest("body") })?;
        Ok(Self { bytes, is_json })
    }
}

impl Body {
    /// The content of an upload, of which nothing but [`Body::hash`] is asked.
    #[must_use]
    pub const fn upload(bytes: Bytes) -> Self {
        Self { bytes, is_json: false }
    }

    /// Reads the body as JSON and takes `T` out of it.
    ///
    /// # Errors
    /// 415 for another content type, 400 for broken JSON, 422 with every wrong field.
    pub fn read<T: FromFields>(&self) -> Result<T, Error> {
        Ok(Fields::read(self.value()?, T::from_fields)?)
    }

    /// As [`Body::read`], but an empty body is an empty object: for actions whose fields are all optional.
    ///
    /// # Errors
    /// As [`Body::read`].
    pub fn read_or_empty<T: FromFields>(&self) -> Result<T, Error> {
        if self.bytes.is_empty() {
            return Ok(Fields::read(Value::Object(Map::new()), T::from_fields)?);
        }
        self.read()
    }

    fn value(&self) -> Result<Value, Error> {
        if !self.is_json {
            return Err(Error::UnsupportedMedia);
        }
        serde_json::from_slice(&self.bytes).map_err(|_| Error::BadRequest("json"))
    }

    /// Hash of the body as JSON: spelling and order of keys do not matter. An empty body has a hash too.
    #[must_use]
    pub fn hash(&self) -> String {
        use sha2::Digest as _;
        let canonical = serde_json::from_slice::<Value>(&self.bytes).map_or_else(|_| self.bytes.to_vec(), |v| canonical(&v).into_bytes());
        hex(&sha2::Sha256::digest(&canonical))
    }
}

/// A body's type that takes itself out of [`Fields`]. Made by [`crate::body!`].
pub trait FromFields: Sized {
    /// Takes every field, noting what is wrong; `None` when anything was.
    fn from_fields(fields: &mut Fields) -> Option<Self>;
}

/// A JSON object being read.
#[derive(Debug)]
pub struct Fields {
    map: Map<String, Value>,
    violations: Vec<Violation>,
}

impl Fields {
    fn read<T>(value: Value, take: impl FnOnce(&mut Self) -> Option<T>) -> Result<T, Refusal> {
        let Value::Object(map) = value else {
            return Err(Refusal::one(Violation::invalid("", "not_an_object")));
        };
        let mut fields = Self { map, violations: Vec::new() };
        let taken = take(&mut fields);
        let unknown: Vec<String> = fields.map.keys().cloned().collect();
        fields.violations.extend(unknown.into_iter().map(|name| Violation::new("unknown_field", name)));
        Refusal::unless_empty(fields.violations)?;
        taken.ok_or_else(|| Refusal::one(Violation::invalid("", "not_an_object")))
    }

    /// Reads one item of a list by itself, so that the items around it are not refused with it.
    ///
    /// # Errors
    /// Everything wrong with the item.
    pub fn read_item<T: FromFields>(value: Value) -> Result<T, Refusal> {
        Self::read(value, T::from_fields)
    }

    /// Takes a list out whose items are judged later, one by one, with at most `most` of them.
    pub fn take_items(&mut self, name: &str, most: usize) -> Option<Vec<Value>> {
        match self.map.remove(name).unwrap_or(Value::Null) {
            Value::Array(items) if items.len() > most => self.violations.push(Violation::invalid(name, "too_many").with("most", most)),
            Value::Array(items) => return Some(items),
            Value::Null => self.violations.push(Violation::required(name)),
            _ => self.violations.push(Violation::invalid(name, "of_another_type")),
        }
        None
    }

    /// Takes a field out. Absent and `null` are the same.
    pub fn take<T: DeserializeOwned>(&mut self, name: &str) -> Option<T> {
        let value = self.map.remove(name).unwrap_or(Value::Null);
        let missing = value.is_null();
        if let Some(path) = unclean(&value, name) {
            self.violations.push(Violation::invalid(path, "not_clean"));
            return None;
        }
        match serde_path_to_error::deserialize::<_, T>(value) {
            Ok(taken) => Some(taken),
            Err(_) if missing => {
                self.violations.push(Violation::required(name));
                None
            }
            Err(error) => {
                self.violations.push(explain(name, &error));
                None
            }
        }
    }
}

/// Path of the first text with control characters.
fn unclean(value: &Value, path: &str) -> Option<String> {
    match value {
        Value::String(text) => (!is_clean(text)).then(|| path.to_owned()),
        Value::Array(items) => items.iter().enumerate().find_map(|(i, item)| unclean(item, &format!("{path}[{i}]"))),
        Value::Object(map) => {
            map.iter().find_map(|(name, item)| unclean(item, &format!("{path}.{name}")).or_else(|| (!is_clean(name)).then(|| path.to_owned())))
        }
        _ => None,
    }
}

fn explain(name: &str, error: &serde_path_to_error::Error<serde_json::Error>) -> Violation {
    let inner = error.path().to_string();
    let path = match inner.as_str() {
        "." => name.to_owned(),
        inner if inner.starts_with('[') => format!("{name}{inner}"),
        inner => format!("{name}.{inner}"),
    };
    let text = error.inner().to_string();
    let quoted = || text.split('`').nth(1).unwrap_or_default().to_owned();
    if text.starts_with("missing field") {
        Violation::required(format!("{path}.{}", quoted()))
    } else if text.starts_with("unknown field") {
        Violation::new("unknown_field", if path.ends_with(&quoted()) { path } else { format!("{path}.{}", quoted()) })
    } else if text.starts_with("unknown variant") {
        Violation::invalid(path, "not_a_known_word")
    } else if text.contains("RFC 3339") || text.contains("out of range") {
        Violation::invalid(path, "not_an_instant")
    } else if text.contains("YYYY-MM-DD") {
        Violation::invalid(path, "not_a_day")
    } else {
        Violation::invalid(path, "of_another_type")
    }
}

/// Declares the body of a request: each field is read on its own, so that one answer names every wrong one.
/// `Option` fields may be missing. Inner structs derive `Deserialize` with `deny_unknown_fields`.
#[macro_export]
macro_rules! body {
    ($(#[$outer:meta])* $vis:vis struct $name:ident { $($(#[$inner:meta])* $field:ident : $ty:ty),* $(,)? }) => {
        $(#[$outer])*
        #[derive(Debug, Clone, utoipa::ToSchema)]
        $vis struct $name { $($(#[$inner])* pub $field: $ty),* }

        impl $crate::http::body::FromFields for $name {
            fn from_fields(fields: &mut $crate::http::body::Fields) -> Option<Self> {
                $(let $field = fields.take::<$ty>(stringify!($field));)*
                Some(Self { $($field: $field?),* })
            }
        }
    };
}

#[cfg(test)]
mod tests {
    use super::*;

    body! {
        /// For the test.
        struct Sample { name: String, count: i64, on: Option<crate::base::time::Day> }
    }

    fn read(text: &str) -> Result<Sample, Error> {
        Body { bytes: Bytes::copy_from_slice(text.as_bytes()), is_json: true }.read()
    }

    #[test]
    fn every_wrong_field_is_named_at_once() {
        let error = read(r#"{"count": "x", "on": "2026-1-1", "extra": 1}"#).unwrap_err();
        let found: Vec<_> = error.violations().iter().map(|v| (v.code, v.field.as_str())).collect();
        assert_eq!(found, [("required", "name"), ("invalid", "count"), ("invalid", "on"), ("unknown_field", "extra")]);
    }

    #[test]
    fn broken_json_is_no_refusal_and_an_array_is_no_object() {
        assert_eq!(read("{").unwrap_err(), Error::BadRequest("json"));
        assert_eq!(read(r#"["x", 7]"#).unwrap_err().violations().len(), 1);
        let sample = read(r#"{"name": "n", "count": 1}"#).unwrap();
        assert_eq!((sample.name.as_str(), sample.count, sample.on), ("n", 1, None));
    }

    #[test]
    fn a_nul_in_a_text_is_refused_at_its_field() {
        assert_eq!(read("{\"name\": \"a\\u0000b\", \"count\": 1}").unwrap_err().violations()[0].field, "name");
    }

    #[test]
    fn the_hash_does_not_mind_spelling() {
        let hash = |text: &str| Body { bytes: Bytes::copy_from_slice(text.as_bytes()), is_json: true }.hash();
        assert_eq!(hash(r#"{"a":1,"b":2}"#), hash("{ \"b\": 2, \"a\": 1 }"));
        assert_ne!(hash(r#"{"a":1}"#), hash(r#"{"a":2}"#));
    }
}
