//! The pages of the shell itself: an error, signing in, switching the role, and the API description.

use askama::Template;

use super::forms::FormState;
use super::page::Page;
use crate::base::time::Span;
use crate::domain::refusals::Violation;

/// An error as a page: what happened, what to do, and the number to quote.
#[derive(Debug, Template)]
#[template(path = "shell/problem.html")]
pub struct ProblemPage {
    /// The shell.
    pub page: Page,
    /// The code of contract.md, such as `not_found`, or `internal`.
    pub code: String,
    /// The HTTP status, shown small.
    pub status: u16,
    /// The number under which the log knows this request; may be empty.
    pub request_id: String,
    /// The key of what stands in the way of a conflict (`conflict-WHY`), without its prefix; may be empty.
    pub conflict: String,
    /// Broken rules, if it is a refusal.
    pub violations: Vec<Violation>,
    /// Free spans that would do instead.
    pub alternatives: Vec<Span>,
}

impl ProblemPage {
    /// An error page of a code that has no more to say.
    #[must_use]
    pub fn new(page: Page, code: &str, status: u16, request_id: &str) -> Self {
        Self {
            page,
            code: code.to_owned(),
            status,
            request_id: request_id.to_owned(),
            conflict: String::new(),
            violations: Vec::new(),
            alternatives: Vec::new(),
        }
    }

    fn say(&self, suffix: &str) -> String {
        self.page.t1(&format!("problem-{}{suffix}", self.code), "count", self.violations.len())
    }
}

/// Signing in. Fields `email`, `password`, hidden `next` and `csrf`.
#[derive(Debug, Template)]
#[template(path = "shell/login.html")]
pub struct LoginPage {
    /// The shell.
    pub page: Page,
    /// What was typed; the password never comes back.
    pub form: FormState,
    /// Where to go afterwards; a path of ours, perhaps empty.
    pub next: String,
    /// Why the last attempt failed, in words; perhaps empty.
    pub error: String,
}

/// One membership to choose from.
#[derive(Debug, Clone)]
pub struct MembershipChoice {
    /// The membership's id.
    pub id: String,
    /// The organisation's name.
    pub organisation: String,
    /// The key of the side's name, such as `side-enterprise`.
    pub side_key: String,
    /// The key of the role's name.
    pub role_key: String,
    /// Whether it is the one acted for.
    pub current: bool,
}

/// Switching the role: POST `/switch` with `membership`.
#[derive(Debug, Template)]
#[template(path = "shell/switch.html")]
pub struct SwitchPage {
    /// The shell.
    pub page: Page,
    /// The person's memberships.
    pub choices: Vec<MembershipChoice>,
}

/// The API description, read by the embedded viewer. Needs `img-src 'self' data:` beside the usual policy.
#[derive(Debug, Template)]
#[template(path = "shell/docs.html")]
pub struct DocsPage {
    /// The shell.
    pub page: Page,
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::lang::Lang;
    use crate::base::time::Instant;

    fn page(lang: Lang) -> Page {
        Page::new(lang, Instant::parse("2026-10-12T09:40:00+08:00").unwrap(), "/login")
    }

    #[test]
    fn every_problem_has_a_page_in_both_languages() {
        for code in [
            "bad_request",
            "unauthorized",
            "forbidden",
            "not_found",
            "method_not_allowed",
            "slot_taken",
            "state_conflict",
            "duplicate_invoice",
            "idempotency_mismatch",
            "payload_too_large",
            "unsupported_media_type",
            "refused",
            "too_many_requests",
            "unavailable",
            "internal",
        ] {
            for &lang in Lang::ALL {
                let html = ProblemPage::new(page(lang), code, 400, "r-1").render().unwrap();
                assert!(!html.contains("problem-") && html.contains("r-1"), "{code}: {html}");
            }
        }
    }

    #[test]
    fn a_refused_sign_in_keeps_the_address_and_forgets_the_password() {
        let form = FormState::read(b"email=a%40b.example&password=secret");
        let html = LoginPage { page: page(Lang::Zh), form, next: "/bookings\"".into(), error: page(Lang::Zh).t("login-wrong") }.render().unwrap();
        assert!(html.contains("value=\"a@b.example\"") && !html.contains("secret"));
        assert!(html.contains("aria-describedby=\"password-error\"") && html.contains("/bookings&#34;"));
    }

    #[test]
    fn no_page_of_the_shell_carries_script_or_style_of_its_own() {
        let choices = vec![MembershipChoice {
            id: "1".into(),
            organisation: "青岛浮山大学".into(),
            side_key: "side-institution".into(),
            role_key: "role-manager".into(),
            current: false,
        }];
        for html in [
            SwitchPage { page: page(Lang::Zh), choices }.render().unwrap(),
            DocsPage { page: page(Lang::En) }.render().unwrap(),
            LoginPage { page: page(Lang::En), form: FormState::new(), next: String::new(), error: String::new() }.render().unwrap(),
        ] {
            assert!(!html.contains("<style") && !html.contains("<script>") && !html.contains("onclick"), "{html}");
        }
    }
}
