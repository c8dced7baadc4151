//! Unified social credit codes (统一社会信用代码, GB 32100-2015): reading them and proving the check digit.
//!
//! Nothing is looked up here, and a region is never read out of a code: old region codes live on in them (rules.md section 1).

use std::fmt;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

const ALPHABET: &[u8; 31] = b"0123456789ABCDEFGHJKLMNPQRTUWXY";
const WEIGHTS: [usize; 17] = [1, 3, 9, 27, 19, 26, 16, 17, 20, 29, 25, 13, 8, 24, 10, 30, 28];
const LENGTH: usize = 18;

/// A code that is right: 18 characters, check character included.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Uscc(String);

/// What is wrong with a text that should be a code. Positions count from 1.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum UsccError {
    /// Not 18 characters.
    #[error("has {found} characters instead of 18")]
    Length {
        /// How many there are.
        found: usize,
    },
    /// A character that cannot stand where it stands: outside the alphabet, or no digit at positions 3 to 8.
    #[error("has {found:?} at position {position}")]
    Character {
        /// Where, from 1.
        position: usize,
        /// The character.
        found: char,
    },
    /// The last character does not prove the others: one of the 18 is mistyped.
    #[error("ends in {found:?} where {expected:?} would be right")]
    Check {
        /// What it would have to be.
        expected: char,
        /// What it is.
        found: char,
    },
}

impl UsccError {
    /// The character to blame, from 1; `None` when the length is wrong.
    #[must_use]
    pub const fn position(self) -> Option<usize> {
        match self {
            Self::Length { .. } => None,
            Self::Character { position, .. } => Some(position),
            Self::Check { .. } => Some(LENGTH),
        }
    }
}

impl Uscc {
    /// Reads a code: trimmed, full-width characters narrowed, upper case.
    ///
    /// # Errors
    /// Which character is wrong, or that the length is.
    pub fn parse(text: &str) -> Result<Self, UsccError> {
        let code = super::text::narrow(text).trim().to_ascii_uppercase();
        let found = code.chars().count();
        if found != LENGTH {
            return Err(UsccError::Length { found });
        }
        let mut sum = 0;
        for (index, character) in code.chars().enumerate() {
            let value = value_of(character).filter(|value| !(2..8).contains(&index) || *value < 10);
            let value = value.ok_or(UsccError::Character { position: index + 1, found: character })?;
            sum += WEIGHTS.get(index).map_or(0, |weight| weight * value);
        }
        let expected = char::from(ALPHABET[(31 - sum % 31) % 31]);
        match code.chars().last() {
            Some(last) if last != expected => Err(UsccError::Check { expected, found: last }),
            _ => Ok(Self(code)),
        }
    }

    /// The 18 characters.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The code whose first 17 characters are `stem`, with its check character; for demo cities and tests.
    ///
    /// # Errors
    /// When `stem` has another length or a wrong character.
    pub fn complete(stem: &str) -> Result<Self, UsccError> {
        match Self::parse(&format!("{}0", stem.trim())) {
            Err(UsccError::Check { expected, .. }) => Self::parse(&format!("{}{expected}", stem.trim())),
            other => other,
        }
    }
}

fn value_of(character: char) -> Option<usize> {
    ALPHABET.iter().position(|letter| char::from(*letter) == character)
}

impl fmt::Display for Uscc {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl AsRef<str> for Uscc {
    fn as_ref(&self) -> &str {
        &self.0
    }
}

impl std::str::FromStr for Uscc {
    type Err = UsccError;
    fn from_str(text: &str) -> Result<Self, UsccError> {
        Self::parse(text)
    }
}

impl Serialize for Uscc {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.0)
    }
}

impl<'de> Deserialize<'de> for Uscc {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Self::parse(&String::deserialize(deserializer)?).map_err(serde::de::Error::custom)
    }
}

impl utoipa::PartialSchema for Uscc {
    fn schema() -> utoipa::openapi::RefOr<utoipa::openapi::schema::Schema> {
        utoipa::openapi::ObjectBuilder::new()
            .schema_type(utoipa::openapi::schema::Type::String)
            .min_length(Some(LENGTH))
            .max_length(Some(LENGTH))
            .description(Some("Unified social credit code, GB 32100-2015"))
            .into()
    }
}

impl utoipa::ToSchema for Uscc {}

impl sqlx::Type<sqlx::Any> for Uscc {
    fn type_info() -> <sqlx::Any as sqlx::Database>::TypeInfo {
        <str as sqlx::Type<sqlx::Any>>::type_info()
    }
    fn compatible(ty: &<sqlx::Any as sqlx::Database>::TypeInfo) -> bool {
        <str as sqlx::Type<sqlx::Any>>::compatible(ty)
    }
}

impl sqlx::Encode<'_, sqlx::Any> for Uscc {
    fn encode_by_ref(&self, buf: &mut <sqlx::Any as sqlx::Database>::ArgumentBuffer) -> Result<sqlx::encode::IsNull, sqlx::error::BoxDynError> {
        <String as sqlx::Encode<'_, sqlx::Any>>::encode_by_ref(&self.0, buf)
    }
}

impl sqlx::Decode<'_, sqlx::Any> for Uscc {
    fn decode(value: <sqlx::Any as sqlx::Database>::ValueRef<'_>) -> Result<Self, sqlx::error::BoxDynError> {
        let text = <String as sqlx::Decode<'_, sqlx::Any>>::decode(value)?;
        Self::parse(&text).map_err(|error| format!("{text:?} {error}").into())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn right_codes_are_read_trimmed_narrowed_and_in_upper_case() {
        for (text, code) in [
            ("91350100M000100Y43", "91350100M000100Y43"),
            (" 91110000600037341l\n", "91110000600037341L"),
            ("９１３５０１００Ｍ０００１００Ｙ４３", "91350100M000100Y43"),
        ] {
            assert_eq!(Uscc::parse(text).map(|u| u.to_string()), Ok(code.to_owned()));
        }
    }

    #[test]
    fn the_wrong_character_is_named() {
        for (text, error) in [
            ("91350100M000100Y4Z", UsccError::Character { position: 18, found: 'Z' }),
            ("91350100M000100Y44", UsccError::Check { expected: '3', found: '4' }),
            ("913501A0M000100Y43", UsccError::Character { position: 7, found: 'A' }),
            ("91350100M0001O0Y43", UsccError::Character { position: 14, found: 'O' }),
            ("91350100M000100Y", UsccError::Length { found: 16 }),
            ("", UsccError::Length { found: 0 }),
            ("青岛青岛青岛青岛青岛青岛青岛青岛青岛", UsccError::Character { position: 1, found: '青' }),
        ] {
            assert_eq!(Uscc::parse(text), Err(error), "{text}");
        }
    }

    #[test]
    fn a_stem_is_completed_by_its_check_character() {
        assert_eq!(Uscc::complete("91350100M000100Y4").unwrap().as_str(), "91350100M000100Y43");
        assert_eq!(Uscc::complete("91110000600037341").unwrap().as_str(), "91110000600037341L");
        assert!(Uscc::complete("9111").is_err());
    }

    proptest::proptest! {
        #[test]
        fn one_mistyped_character_is_always_found(stem in "[1-9A-H][0-9A-H][0-9]{6}[0-9A-HJ-NPQRTUWXY]{9}", at in 0_usize..18, letter in "[0-9A-HJ-NPQRTUWXY]") {
            let right = Uscc::complete(&stem).unwrap();
            let mut wrong: Vec<char> = right.as_str().chars().collect();
            wrong[at] = letter.chars().next().unwrap();
            let wrong: String = wrong.into_iter().collect();
            proptest::prop_assert_eq!(Uscc::parse(&wrong).is_ok(), wrong == right.as_str());
        }

        #[test]
        fn no_text_makes_it_panic(text in "\\PC{0,40}") {
            let _ = Uscc::parse(&text);
        }
    }
}
