//! Registration of organisations: what must be told, in which states it stands, and who decides.

use super::refusals::Violation;
use super::roles::Side;
use crate::base::region;
use crate::base::text::fold;
use crate::base::uscc::Uscc;
use crate::words;

/// The version of the privacy notice that people agree to; a new text is a new version.
pub const PRIVACY_VERSION: &str = "1";

words! {
    /// Where a registration stands.
    pub enum State {
        /// The mail address is not proved yet: nobody sees it.
        Unverified = "unverified",
        /// 待审: waits for the bureau.
        Filed = "filed",
        /// 已开通.
        Approved = "approved",
        /// 已驳回, with a reason.
        Rejected = "rejected",
    }
}

/// What an organisation and its first person tell.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Registration {
    /// 统一社会信用代码 as typed.
    pub uscc: String,
    /// Name.
    pub name: String,
    /// As institution, as enterprise, or both.
    pub sides: Vec<Side>,
    /// GB/T 2260 code of the address.
    pub region_code: String,
    /// Address.
    pub address: String,
    /// 开户行; empty when told later.
    pub bank: String,
    /// Account number; empty when told later.
    pub bank_number: String,
    /// The address on invoices; empty means the address.
    pub invoice_address: String,
    /// The telephone number on invoices, may be empty.
    pub invoice_phone: String,
    /// The first person's name.
    pub person_name: String,
    /// The first person's mail address as typed.
    pub email: String,
}

impl Registration {
    /// Everything that is wrong with its form; the USCC's wrong character is named.
    #[must_use]
    pub fn violations(&self) -> Vec<Violation> {
        let mut found = Vec::new();
        if let Err(error) = Uscc::parse(&self.uscc)
            && !self.uscc.trim().is_empty()
        {
            found.push(Violation::uscc("uscc", error));
        }
        if self.sides.is_empty() {
            found.push(Violation::required("sides"));
        }
        if self.sides.iter().any(|side| !matches!(side, Side::Institution | Side::Enterprise)) {
            found.push(Violation::invalid("sides", "not_a_word"));
        }
        if !self.region_code.is_empty() && !region::is_known(&self.region_code) {
            found.push(Violation::invalid("region", "not_a_word"));
        }
        if !self.email.trim().is_empty() && !super::signing::is_address(&fold(&self.email)) {
            found.push(Violation::invalid("email", "not_an_address"));
        }
        found.extend(judge_account(&self.bank, &self.bank_number));
        found
    }
}

/// What is wrong with a bank account: half of it missing, or a number that is none (6 to 34 digits, blanks and dashes apart).
#[must_use]
pub fn judge_account(bank: &str, number: &str) -> Vec<Violation> {
    let mut found = Vec::new();
    if bank.trim().is_empty() && !number.trim().is_empty() {
        found.push(Violation::required("bank"));
    }
    if number.trim().is_empty() && !bank.trim().is_empty() {
        found.push(Violation::required("bank_number"));
    }
    let digits = account_number(number);
    let is_number = (6..=34).contains(&digits.len()) && digits.bytes().all(|b| b.is_ascii_digit());
    if !number.trim().is_empty() && !is_number {
        found.push(Violation::invalid("bank_number", "not_an_account"));
    }
    found
}

/// An account's number without its spelling.
#[must_use]
pub fn account_number(typed: &str) -> String {
    crate::base::text::narrow(typed).chars().filter(|c| !c.is_whitespace() && *c != '-').collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn registration() -> Registration {
        Registration {
            uscc: "91350100M000100Y43".into(),
            name: "厦门某公司".into(),
            sides: vec![Side::Enterprise],
            region_code: "370212".into(),
            address: "崂山区".into(),
            bank: String::new(),
            bank_number: String::new(),
            invoice_address: String::new(),
            invoice_phone: String::new(),
            person_name: "刘".into(),
            email: "liu@firm.test".into(),
        }
    }

    #[test]
    fn a_registration_names_everything_that_is_wrong() {
        assert_eq!(registration().violations(), []);
        let wrong = Registration {
            uscc: "91350100M000100Y4Z".into(),
            sides: vec![],
            region_code: "999999".into(),
            bank_number: "12".into(),
            email: "liu".into(),
            ..registration()
        };
        let fields: Vec<_> = wrong.violations().into_iter().map(|v| v.field).collect();
        assert_eq!(fields, ["uscc", "sides", "region", "email", "bank", "bank_number"]);
        assert_eq!(wrong.violations()[0].facts[1], ("position", "18".to_owned()));
        assert_eq!(Registration { sides: vec![Side::Bureau], ..registration() }.violations().len(), 1);
    }

    #[test]
    fn an_account_number_is_read_whatever_its_spelling() {
        assert_eq!(account_number("３803 0270-0120 "), "380302700120");
        assert_eq!(judge_account("工行崂山支行", "3803 0270 0120 0123 456"), []);
        assert_eq!(judge_account("", ""), []);
    }
}
