//! Closed vocabularies: an enum whose variants are stored and sent as fixed words.
//!
//! `words!` derives everything a word needs on both databases and in JSON, so that a state is never a loose string.

/// Declares an enum whose variants each have one stable word: `as_str`, `parse`, `ALL`, `Display`, serde, `ToSchema`, and sqlx on `Any`.
/// `enum State as "BookingState"` is described under another name, where several nouns have the same.
#[macro_export]
macro_rules! words {
    ($(#[$outer:meta])* $vis:vis enum $name:ident $(as $shown:literal)? { $($(#[$inner:meta])* $variant:ident = $word:literal),+ $(,)? }) => {
        $(#[$outer])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, serde::Serialize, serde::Deserialize)]
        $vis enum $name { $($(#[$inner])* #[serde(rename = $word)] $variant),+ }

        impl $name {
            /// Every word of the vocabulary, in the order of its declaration.
            pub const ALL: &'static [Self] = &[$(Self::$variant),+];

            /// The word as it is stored and sent.
            #[must_use]
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $word),+ }
            }

            /// The variant of a word, or `None` for a word that is not in the vocabulary.
            #[must_use]
            pub fn parse(word: &str) -> Option<Self> {
                match word { $($word => Some(Self::$variant),)+ _ => None }
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(self.as_str())
            }
        }

        // By hand: the derive does not see words that come through a macro, and would describe the names of the variants.
        impl utoipa::PartialSchema for $name {
            fn schema() -> utoipa::openapi::RefOr<utoipa::openapi::schema::Schema> {
                utoipa::openapi::ObjectBuilder::new().schema_type(utoipa::openapi::schema::Type::String).enum_values(Some([$($word),+])).into()
            }
        }

        impl utoipa::ToSchema for $name {
            fn name() -> std::borrow::Cow<'static, str> {
                std::borrow::Cow::Borrowed([$($shown,)? stringify!($name)][0])
            }
        }

        impl sqlx::Type<sqlx::Any> for $name {
            fn type_info() -> <sqlx::Any as sqlx::Database>::TypeInfo {
                <str as sqlx::Type<sqlx::Any>>::type_info()
            }
            fn compatible(ty: &<sqlx::Any as sqlx::Database>::TypeInfo) -> bool {
                <str as sqlx::Type<sqlx::Any>>::compatible(ty)
            }
        }

        impl sqlx::Encode<'_, sqlx::Any> for $name {
            fn encode_by_ref(
                &self,
                buf: &mut <sqlx::Any as sqlx::Database>::ArgumentBuffer,
            ) -> Result<sqlx::encode::IsNull, sqlx::error::BoxDynError> {
                <String as sqlx::Encode<'_, sqlx::Any>>::encode_by_ref(&self.as_str().to_owned(), buf)
            }
        }

        impl sqlx::Decode<'_, sqlx::Any> for $name {
            fn decode(value: <sqlx::Any as sqlx::Database>::ValueRef<'_>) -> Result<Self, sqlx::error::BoxDynError> {
                let word = <String as sqlx::Decode<'_, sqlx::Any>>::decode(value)?;
                Self::parse(&word).ok_or_else(|| format!("{word:?} is no {}", stringify!($name)).into())
            }
        }
    };
}

#[cfg(test)]
mod tests {
    words! {
        /// A word for the test.
        pub enum Fruit { Apple = "apple", Pear = "pear" }
    }

    #[test]
    fn a_word_reads_back_as_itself() {
        for fruit in Fruit::ALL {
            assert_eq!(Fruit::parse(fruit.as_str()), Some(*fruit));
        }
        assert_eq!(Fruit::parse("plum"), None);
        assert_eq!(serde_json::to_string(&Fruit::Pear).unwrap(), "\"pear\"");
        let described = serde_json::to_string(&<Fruit as utoipa::PartialSchema>::schema()).unwrap();
        assert!(described.contains("[\"apple\",\"pear\"]"), "{described}");
    }
}
