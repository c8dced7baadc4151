//! The catalogue as a page shows it: results with numbers beside every choice, what a voucher would pay, how fast answers come. Reads only.

use std::collections::{BTreeMap, HashMap};

use super::catalogue::{self, Found, Question, Sort};
use crate::actions::{Outcome, programmes};
use crate::base::ids::Id;
use crate::base::paging::{Listed, Page};
use crate::base::region;
use crate::base::time::{DAY, Instant};
use crate::domain::actors::Member;
use crate::domain::roles::Side;
use crate::domain::vouchers::Terms;
use crate::store::instruments::facets::{self, Traits};
use crate::store::instruments::search::{Filters, Order};
use crate::store::{self, AnyConnection, Error};

/// How many there are of each choice among what fits otherwise; the most first.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Facets {
    /// By way to serve.
    pub modes: Vec<(String, i64)>,
    /// By region code.
    pub regions: Vec<(String, i64)>,
    /// By the beginning of the category code: four digits below 01, two elsewhere.
    pub categories: Vec<(String, i64)>,
}

/// A page of the catalogue with its numbers.
pub async fn browse(conn: &mut AnyConnection, now: Instant, question: &Question, page: Page) -> Result<(Listed<Found>, Facets), Error> {
    let (today, filters) = (now.day(), &question.filters);
    if question.need.is_none() {
        let facets = Facets {
            modes: facets::count_modes(conn, filters, today).await?,
            regions: facets::count_regions(conn, filters, today).await?,
            categories: merged(facets::count_categories(conn, filters, today).await?),
        };
        return Ok((catalogue::search(conn, now, question, page).await?, facets));
    }
    // Free time is known here only, so the choices are counted here too, over everything that fits but for them.
    let wide = Question { filters: Filters { modes: Vec::new(), regions: Vec::new(), categories: Vec::new(), ..filters.clone() }, ..question.clone() };
    let order = if question.sort == Sort::Cheapest { Order::Cheapest } else { Order::Best };
    let free = catalogue::free_ids(conn, now, &wide, order).await?;
    let traits: HashMap<Id, Traits> = facets::list_traits(conn, &wide.filters, today).await?.into_iter().map(|one| (one.id.clone(), one)).collect();
    let free: Vec<&Traits> = free.iter().filter_map(|id| traits.get(id)).collect();
    let facets = counted(&free, filters);
    let ids: Vec<&Traits> = free.into_iter().filter(|one| fits(one, filters, [true; 3])).collect();
    let total = i64::try_from(ids.len()).unwrap_or(i64::MAX);
    let place = |n: i64| usize::try_from(n).unwrap_or(usize::MAX);
    let shown: Vec<Id> = ids.into_iter().skip(place(page.offset)).take(place(page.limit)).map(|one| one.id.clone()).collect();
    Ok((Listed::new(catalogue::found(conn, now, &shown).await?, total, page), facets))
}

/// Whether something fits the filters by mode, region and category, as far as each is asked.
fn fits(one: &Traits, filters: &Filters, [by_mode, by_region, by_category]: [bool; 3]) -> bool {
    let any = |empty: bool, hit: bool| empty || hit;
    (!by_mode || any(filters.modes.is_empty(), filters.modes.iter().any(|mode| one.modes.contains(mode))))
        && (!by_region || any(filters.regions.is_empty(), filters.regions.iter().any(|area| region::lies_in(&one.region_code, area))))
        && (!by_category || any(filters.categories.is_empty(), filters.categories.iter().any(|head| one.category_code.starts_with(head.as_str()))))
}

fn counted(all: &[&Traits], filters: &Filters) -> Facets {
    let tally = |asked: [bool; 3], keys: &dyn Fn(&Traits) -> Vec<String>| {
        let mut counts: BTreeMap<String, i64> = BTreeMap::new();
        for key in all.iter().filter(|one| fits(one, filters, asked)).flat_map(|one| keys(one)) {
            *counts.entry(key).or_default() += 1;
        }
        let mut counts: Vec<(String, i64)> = counts.into_iter().collect();
        counts.sort_by_key(|(_, many)| std::cmp::Reverse(*many));
        counts
    };
    Facets {
        modes: tally([false, true, true], &|one| one.modes.iter().map(ToString::to_string).collect()),
        regions: tally([true, false, true], &|one| vec![one.region_code.clone()]),
        categories: merged(tally([true, true, false], &|one| vec![one.category_code.chars().take(4).collect()])),
    }
}

/// Classes outside 01 have no second level: they are counted by their first two digits.
fn merged(counts: Vec<(String, i64)>) -> Vec<(String, i64)> {
    let mut merged: Vec<(String, i64)> = Vec::new();
    for (code, many) in counts {
        let head = if code.starts_with("01") { code } else { code.chars().take(2).collect() };
        match merged.iter_mut().find(|(there, _)| *there == head) {
            Some((_, sum)) => *sum += many,
            None => merged.push((head, many)),
        }
    }
    merged.sort_by_key(|(_, many)| std::cmp::Reverse(*many));
    merged
}

/// The terms by which a voucher's share is estimated this year: of the member's own programme, for all others of the oldest bureau that has one.
pub async fn terms(conn: &mut AnyConnection, now: Instant, member: Option<&Member>) -> Outcome<Option<Terms>> {
    let today = now.day();
    if let Some(member) = member.filter(|member| member.side == Side::Enterprise) {
        return Ok(programmes::find(conn, today, member, today.year()).await?.map(|(_, version)| version.terms()));
    }
    for programme in store::programmes::list(conn, None).await?.into_iter().filter(|programme| programme.year == today.year()) {
        if let Some(version) = store::programmes::find_version_in_force(conn, &programme.id, today).await? {
            return Ok(Some(version.terms()));
        }
    }
    Ok(None)
}

/// The median of working seconds from request to answer over the last 90 days, for those that answered any.
pub async fn answer_times(conn: &mut AnyConnection, now: Instant, ids: &[Id]) -> Result<HashMap<Id, i64>, Error> {
    let since = now.plus(-90 * DAY);
    let rows = facets::list_answers(conn, ids, since).await?;
    if rows.is_empty() {
        return Ok(HashMap::new());
    }
    let calendar = store::calendar::load(conn, since.plus(-30 * DAY).day(), now.day()).await?;
    let mut times: HashMap<Id, Vec<i64>> = HashMap::new();
    for (id, asked_at, answered_at) in rows {
        times.entry(id).or_default().push(calendar.working_seconds_between(asked_at, answered_at));
    }
    let median = |mut all: Vec<i64>| {
        all.sort_unstable();
        let middle = all.len() / 2;
        if all.len().is_multiple_of(2) { i64::midpoint(all[middle - 1], all[middle]) } else { all[middle] }
    };
    Ok(times.into_iter().map(|(id, all)| (id, median(all))).collect())
}
