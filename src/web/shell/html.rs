//! Markup that is already safe, and arguments as templates hand them over.

use std::fmt;

use askama::Template;

use crate::base::time::{Day, Instant, Span};

/// Markup that goes into a page as it is. Only for text that the server itself wrote or has escaped.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Html(pub String);

impl fmt::Display for Html {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl askama::filters::HtmlSafe for Html {}

/// Renders a template; the caller turns a failure into its own error.
///
/// # Errors
/// When the template fails to write itself, which only a failing `Display` inside it can cause.
pub fn render<T: Template>(template: &T) -> Result<String, askama::Error> {
    template.render()
}

/// `text` with the five characters of markup escaped.
#[must_use]
pub fn escape(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 8);
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            other => out.push(other),
        }
    }
    out
}

/// A value that a template hands over by value or behind any number of references, as it comes out of a field or a loop.
pub trait Plain<T> {
    /// The value itself.
    fn plain(&self) -> T;
}

impl<T, U: Plain<T> + ?Sized> Plain<T> for &U {
    fn plain(&self) -> T {
        (**self).plain()
    }
}

macro_rules! plain {
    ($($kind:ty),+) => { $(impl Plain<$kind> for $kind { fn plain(&self) -> $kind { *self } })+ };
}
plain!(i64, f64, bool, Instant, Day, Span, Option<f64>, Option<Instant>, Option<i64>);

impl Plain<i64> for usize {
    fn plain(&self) -> i64 {
        i64::try_from(*self).unwrap_or(i64::MAX)
    }
}

impl Plain<i64> for i32 {
    fn plain(&self) -> i64 {
        i64::from(*self)
    }
}
