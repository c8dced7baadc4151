//! The promises with the plug pulled: a short form in every run, the whole with `make prove` (`YIQI_PROVE=whole`).

mod kill;
mod nodes;

/// How often something is done: `short` in every run, `whole` with `make prove`.
#[expect(clippy::disallowed_methods, reason = "the harness is told its length by the environment")]
pub fn rounds(short: usize, whole: usize) -> usize {
    if std::env::var("YIQI_PROVE").is_ok_and(|v| v == "whole") { whole } else { short }
}
