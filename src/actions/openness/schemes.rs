//! Which scheme of evaluation (考核方案) holds where and when.

use super::super::{Error, Outcome};
use crate::base::region::lies_in;
use crate::base::time::Day;
use crate::domain::openness::Scheme;
use crate::store::schemes::SchemeVersion;
use crate::store::{self, AnyConnection};

/// Every version of every scheme.
#[derive(Debug)]
pub struct Schemes(Vec<(SchemeVersion, Scheme)>);

impl Schemes {
    /// Reads them all: they are few.
    ///
    /// # Errors
    /// When the terms of a version cannot be read.
    pub async fn load(conn: &mut AnyConnection) -> Outcome<Self> {
        let rows = store::schemes::list(conn).await?;
        let read = |row: SchemeVersion| serde_json::from_str(&row.body).map(|scheme| (row, scheme));
        Ok(Self(rows.into_iter().map(read).collect::<Result<_, _>>().map_err(|e| Error::Failed(format!("a scheme cannot be read: {e}")))?))
    }

    /// The terms that hold in a region on a day: of the narrowest scheme there the newest version; before the first version the first.
    #[must_use]
    pub fn of(&self, region_code: &str, on: Day) -> Scheme {
        let digits = |code: &str| code.trim_end_matches('0').len();
        let here = self.0.iter().filter(|(row, _)| row.region_code.is_empty() || lies_in(region_code, &row.region_code));
        let narrowest = here.clone().map(|(row, _)| digits(&row.region_code)).max();
        let versions: Vec<_> = here.filter(|(row, _)| Some(digits(&row.region_code)) == narrowest).collect();
        let holding = versions.iter().filter(|(row, _)| row.valid_from_on <= on).max_by_key(|(row, _)| (row.valid_from_on, row.version));
        let found = holding.or_else(|| versions.iter().min_by_key(|(row, _)| (row.valid_from_on, row.version)));
        found.map_or_else(Scheme::default, |(_, scheme)| scheme.clone())
    }
}
