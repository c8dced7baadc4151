//! What anyone can compute again from the export: the input digest, and names of organisations under a salt (rules.md section 6).

use serde::Serialize;
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
    /// The next line. Its fields must be printed in the order of their names, and the order of lines is the caller's to keep.
    ///
    /// # Errors
    /// When it cannot be printed.
    pub fn add(&mut self, segment: &impl Serialize) -> Result<(), serde_json::Error> {
        self.0.update(serde_json::to_vec(segment)?);
        self.0.update(b"\n");
        Ok(())
    }

    /// The terms as the last line, and the digest in hexadecimal.
    ///
    /// # Errors
    /// When they cannot be printed.
    pub fn finish(mut self, scheme: &Scheme) -> Result<String, serde_json::Error> {
        self.0.update(canonical(&serde_json::to_value(scheme)?));
        self.0.update(b"\n");
        Ok(hex(&self.0.finalize()))
    }
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
        let of = |keys: &[&str], scheme: &Scheme| {
            let mut digest = InputDigest::default();
            for key in keys {
                digest.add(&json!({ "key": key })).unwrap();
            }
            digest.finish(scheme).unwrap()
        };
        let whole = of(&["a", "b"], &Scheme::default());
        assert_eq!((whole.len(), &whole), (64, &of(&["a", "b"], &Scheme::default())));
        assert_ne!(whole, of(&["a"], &Scheme::default()));
        assert_ne!(whole, of(&["a", "b"], &Scheme { rated_hours: 1400, ..Scheme::default() }));
    }
}
