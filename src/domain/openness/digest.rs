//! What anyone can compute again from the export: the input digest, and names of organisations under a salt (rules.md section 6).

use serde_json::Value;
use sha2::{Digest, Sha256};

use super::Scheme;
use crate::base::text::hex;

/// An organisation's name in exports and digests: SHA-256 of the period's salt followed by the USCC, in hexadecimal.
#[must_use]
pub fn pseudonym(salt: &str, uscc: &str) -> String {
    hex(&Sha256::digest(format!("{salt}{uscc}").as_bytes()))
}

/// One canonical JSON line: keys sorted, no blanks.
#[must_use]
pub fn canonical(value: &Value) -> String {
    match value {
        Value::Object(fields) => {
            let mut sorted: Vec<_> = fields.iter().collect();
            sorted.sort_by(|a, b| a.0.cmp(b.0));
            let inner: Vec<String> = sorted.into_iter().map(|(key, value)| format!("{}:{}", Value::from(key.as_str()), canonical(value))).collect();
            format!("{{{}}}", inner.join(","))
        }
        Value::Array(items) => format!("[{}]", items.iter().map(canonical).collect::<Vec<_>>().join(",")),
        other => other.to_string(),
    }
}

/// The input digest of a report (输入摘要), line by line: SHA-256 over the lines of the live segments, sorted by institution (USCC),
/// instrument number and key, then the terms of the scheme as one more line; every line is [`canonical`] JSON and ends with a line feed.
#[derive(Debug, Clone, Default)]
pub struct InputDigest(Sha256);

impl InputDigest {
    /// The next line. The order is the caller's to keep.
    pub fn add(&mut self, segment: &Value) {
        self.0.update(canonical(segment).as_bytes());
        self.0.update(b"\n");
    }

    /// The terms as the last line, and the digest in hexadecimal.
    #[must_use]
    pub fn finish(mut self, scheme: &Scheme) -> String {
        self.add(&serde_json::to_value(scheme).unwrap_or(Value::Null));
        hex(&self.0.finalize())
    }
}

/// The input digest of segments that are sorted already, in hexadecimal.
#[must_use]
pub fn input_digest<'a>(segments: impl IntoIterator<Item = &'a Value>, scheme: &Scheme) -> String {
    let mut digest = InputDigest::default();
    segments.into_iter().for_each(|segment| digest.add(segment));
    digest.finish(scheme)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_canonical_line_has_sorted_keys_and_no_blanks() {
        let value = json!({"key": "a b", "ends_at": "2026", "nested": {"z": 1, "a": [null, 0.5]}});
        assert_eq!(canonical(&value), r#"{"ends_at":"2026","key":"a b","nested":{"a":[null,0.5],"z":1}}"#);
    }

    #[test]
    fn the_digest_changes_with_any_segment_and_with_the_scheme() {
        let (a, b) = (json!({"key": "a"}), json!({"key": "b"}));
        let whole = input_digest([&a, &b], &Scheme::default());
        assert_eq!((whole.len(), &whole), (64, &input_digest([&a, &b], &Scheme::default())));
        assert_ne!(whole, input_digest([&a], &Scheme::default()));
        assert_ne!(whole, input_digest([&a, &b], &Scheme { rated_hours: 1400, ..Scheme::default() }));
    }
}
