//! Turning the pages of a list: where one is, how many there are, and links that keep the filters of the address.

use askama::Template;

use super::page::Page;
use crate::base::paging;

/// The links below a list.
#[derive(Debug, Clone, Template)]
#[template(path = "parts/pager.html")]
pub struct Pager {
    label: String,
    range: String,
    previous: Option<(String, String)>,
    next: Option<(String, String)>,
    links: Vec<PageLink>,
}

#[derive(Debug, Clone)]
struct PageLink {
    number: i64,
    label: String,
    href: Option<String>,
}

impl askama::filters::HtmlSafe for Pager {}

impl Pager {
    /// The pager of the page `at` of a list of `total` rows, for the address of `page` with another `after`.
    #[must_use]
    pub fn new(page: &Page, at: paging::Page, total: i64) -> Self {
        let limit = at.limit.max(1);
        let (last, current) = ((total.max(1) - 1) / limit, at.offset / limit);
        let href = |index: i64| {
            let cursor = (index > 0).then(|| paging::Page { limit, offset: (index - 1) * limit }.next(i64::MAX)).flatten();
            page.with_query("after", cursor.as_deref())
        };
        let near = |index: &i64| *index == 0 || *index == last || (index - current).abs() <= 2;
        let link = |index: i64| PageLink { number: index + 1, label: page.t1("pager-page", "page", index + 1), href: (index != current).then(|| href(index)) };
        let from = if total == 0 { 0 } else { at.offset + 1 };
        Self {
            label: page.t("pager-label"),
            range: page.t3("pager-range", "from", from, "to", (at.offset + limit).min(total), "total", page.number(total)),
            previous: (current > 0).then(|| (href(current - 1), page.t("pager-previous"))),
            next: (current < last).then(|| (href(current + 1), page.t("pager-next"))),
            links: if last == 0 {
                Vec::new()
            } else {
                (current - 2..=current + 2)
                    .chain([0, last])
                    .filter(|i| (0..=last).contains(i))
                    .filter(near)
                    .collect::<std::collections::BTreeSet<_>>()
                    .into_iter()
                    .map(link)
                    .collect()
            },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::lang::Lang;
    use crate::base::time::Instant;

    #[test]
    fn a_pager_leads_to_its_neighbours_and_to_both_ends() {
        let mut page = Page::new(Lang::Zh, Instant(0), "/bookings");
        page.query = "state=confirmed&after=p1".to_owned();
        let pager = Pager::new(&page, paging::Page { limit: 20, offset: 40 }, 312);
        assert_eq!(pager.range, "第 41–60 条，共 312 条");
        assert_eq!(pager.links.iter().map(|link| link.number).collect::<Vec<_>>(), [1, 2, 3, 4, 5, 16]);
        assert_eq!(pager.links[0].href.as_deref(), Some("/bookings?state=confirmed"));
        let next = pager.next.unwrap().0;
        assert_eq!(paging::Page::read(Some("20"), next.split("after=").nth(1)).unwrap().offset, 60);
    }
}
