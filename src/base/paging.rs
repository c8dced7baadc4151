//! Pages of a list: how many (`limit`, at most 200) and after what (`after`, an opaque cursor).

/// The largest page that is given out.
pub const MOST: i64 = 200;
/// The page when nobody asks for a size.
pub const USUAL: i64 = 50;

/// One page of a list: `limit` rows from `offset` on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Page {
    /// Rows wanted, 1 to [`MOST`].
    pub limit: i64,
    /// Rows skipped.
    pub offset: i64,
}

impl Default for Page {
    fn default() -> Self {
        Self { limit: USUAL, offset: 0 }
    }
}

impl Page {
    /// Reads `limit` and the cursor `after` as they stand in an address; the names of the wrong ones come back.
    ///
    /// # Errors
    /// The fields that are wrong: `limit` not in 1..=200, `after` not a cursor of ours.
    pub fn read(limit: Option<&str>, after: Option<&str>) -> Result<Self, Vec<&'static str>> {
        let limit = match limit {
            None => Some(USUAL),
            Some(text) => text.parse().ok().filter(|n| (1..=MOST).contains(n)),
        };
        let offset = match after {
            None => Some(0),
            Some(text) => text.strip_prefix('p').and_then(|n| i64::from_str_radix(n, 36).ok()).filter(|n| (0..=1_000_000_000).contains(n)),
        };
        match (limit, offset) {
            (Some(limit), Some(offset)) => Ok(Self { limit, offset }),
            (limit, offset) => Err([limit.is_none().then_some("limit"), offset.is_none().then_some("after")].into_iter().flatten().collect()),
        }
    }

    /// The cursor of the page behind this one, when `total` reaches further.
    #[must_use]
    pub fn next(self, total: i64) -> Option<String> {
        let offset = self.offset + self.limit;
        (offset < total).then(|| format!("p{}", base36(offset)))
    }
}

/// A page of items with the number of all.
#[derive(Debug, Clone)]
pub struct Listed<T> {
    /// The rows of the page.
    pub items: Vec<T>,
    /// How many there are on all pages.
    pub total: i64,
    /// The cursor of the next page.
    pub next: Option<String>,
}

impl<T> Listed<T> {
    /// A page out of its rows and the number of all.
    #[must_use]
    pub fn new(items: Vec<T>, total: i64, page: Page) -> Self {
        Self { items, total, next: page.next(total) }
    }

    /// The same page with other rows.
    pub fn map<U>(self, f: impl FnMut(T) -> U) -> Listed<U> {
        Listed { items: self.items.into_iter().map(f).collect(), total: self.total, next: self.next }
    }
}

fn base36(mut number: i64) -> String {
    let mut out = Vec::new();
    loop {
        out.push(char::from_digit(u32::try_from(number % 36).unwrap_or(0), 36).unwrap_or('0'));
        number /= 36;
        if number == 0 {
            return out.iter().rev().collect();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cursor_leads_to_the_next_page_and_no_further() {
        let first = Page::read(Some("40"), None).unwrap();
        let next = first.next(100).unwrap();
        let second = Page::read(Some("40"), Some(&next)).unwrap();
        assert_eq!((second.offset, second.next(80)), (40, None));
    }

    #[test]
    fn wrong_limits_and_cursors_are_named() {
        for limit in ["0", "201", "-1", "ten"] {
            assert_eq!(Page::read(Some(limit), Some("q!")), Err(vec!["limit", "after"]));
        }
    }
}
