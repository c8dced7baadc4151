//! Arithmetic of half-open spans: unions, gaps, lengths. Everything that counts hours or seeks a free hour goes through here,
//! so that a second counts once however many spans cover it.

use crate::base::time::Span;

/// The union of spans: sorted, disjoint, touching ones joined; empty and reversed ones are left out.
#[must_use]
pub fn union(spans: impl IntoIterator<Item = Span>) -> Vec<Span> {
    let mut sorted: Vec<Span> = spans.into_iter().filter(|span| span.seconds() > 0).collect();
    sorted.sort_unstable();
    let mut joined: Vec<Span> = Vec::with_capacity(sorted.len());
    for span in sorted {
        match joined.last_mut() {
            Some(last) if span.starts_at <= last.ends_at => last.ends_at = last.ends_at.max(span.ends_at),
            _ => joined.push(span),
        }
    }
    joined
}

/// Seconds that a union covers, clipped to `window`.
#[must_use]
pub fn seconds_within(spans: &[Span], window: Span) -> i64 {
    spans.iter().filter_map(|span| span.clipped(window)).map(Span::seconds).sum()
}

/// Seconds covered by at least one of the spans.
#[must_use]
pub fn covered_seconds(spans: impl IntoIterator<Item = Span>) -> i64 {
    union(spans).into_iter().map(Span::seconds).sum()
}

/// What is left of `from` when `taken` is cut out. Both are unions as [`union`] gives them.
#[must_use]
pub fn without(from: &[Span], taken: &[Span]) -> Vec<Span> {
    let mut left = Vec::with_capacity(from.len() + taken.len());
    let mut first = 0;
    for span in from {
        let mut rest = *span;
        while taken.get(first).is_some_and(|cut| cut.ends_at <= rest.starts_at) {
            first += 1;
        }
        for cut in taken[first..].iter().take_while(|cut| cut.starts_at < span.ends_at) {
            if cut.starts_at > rest.starts_at {
                left.push(Span::new(rest.starts_at, cut.starts_at));
            }
            rest.starts_at = rest.starts_at.max(cut.ends_at);
        }
        if rest.seconds() > 0 {
            left.push(rest);
        }
    }
    left
}

/// Whether one span of a union contains all of `span`.
#[must_use]
pub fn contains(union: &[Span], span: Span) -> bool {
    union.iter().any(|open| open.starts_at <= span.starts_at && span.ends_at <= open.ends_at)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::time::Instant;

    fn span(from: i64, to: i64) -> Span {
        Span::new(Instant(from), Instant(to))
    }

    #[test]
    fn touching_spans_are_joined_and_empty_ones_left_out() {
        assert_eq!(union([span(5, 7), span(1, 3), span(3, 4), span(9, 9), span(8, 2), span(6, 8)]), [span(1, 4), span(5, 8)]);
        assert_eq!(covered_seconds([span(0, 10), span(5, 15)]), 15);
    }

    #[test]
    fn what_is_cut_out_is_gone() {
        assert_eq!(without(&[span(0, 10), span(20, 30)], &[span(-5, 1), span(3, 4), span(8, 22), span(25, 40)]), [span(1, 3), span(4, 8), span(22, 25)]);
        assert_eq!(without(&[span(0, 10)], &[]), [span(0, 10)]);
    }

    proptest::proptest! {
        #[test]
        fn cutting_agrees_with_counting_seconds_one_by_one(
            from in proptest::collection::vec((0_i64..60, 0_i64..20), 0..6),
            cut in proptest::collection::vec((0_i64..60, 0_i64..20), 0..6),
        ) {
            let make = |pairs: &[(i64, i64)]| union(pairs.iter().map(|(a, n)| span(*a, a + n)));
            let (from, cut) = (make(&from), make(&cut));
            let left = without(&from, &cut);
            let inside = |spans: &[Span], s: i64| contains(spans, span(s, s + 1));
            for second in 0..90 {
                proptest::prop_assert_eq!(inside(&left, second), inside(&from, second) && !inside(&cut, second));
            }
            proptest::prop_assert!(left.iter().all(|s| s.seconds() > 0));
        }
    }
}
