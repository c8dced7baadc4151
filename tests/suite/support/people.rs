//! Parties and persons of a small city, made through actions: a bureau, institutions, enterprises, each with whom a test needs.

use yiqi::actions::organisations::{OrganisationForm, PersonForm, add, add_person};
use yiqi::actions::sessions::issue_token;
use yiqi::domain::roles::{Role, Side};

use super::TestApp;

/// A USCC of `stem` (17 characters) with its check digit.
pub fn uscc(stem: &str) -> String {
    const ALPHABET: &str = "0123456789ABCDEFGHJKLMNPQRTUWXY";
    const WEIGHTS: [usize; 17] = [1, 3, 9, 27, 19, 26, 16, 17, 20, 29, 25, 13, 8, 24, 10, 30, 28];
    assert_eq!(stem.len(), 17, "{stem}");
    let sum: usize = stem.chars().zip(WEIGHTS).map(|(c, w)| ALPHABET.find(c).unwrap() * w).sum();
    format!("{stem}{}", ALPHABET.chars().nth((31 - sum % 31) % 31).unwrap())
}

impl TestApp {
    /// Adds an organisation; gives its USCC.
    pub async fn organisation(&self, stem: &str, name: &str, sides: &[Side], region: &str, enrolled: bool) -> String {
        let form = OrganisationForm {
            uscc: uscc(stem),
            name: name.to_owned(),
            sides: sides.to_vec(),
            region_code: region.to_owned(),
            address: String::new(),
            enrolled,
            related: Vec::new(),
        };
        let act = self.command();
        self.transact(&act, |tx| Box::pin(add(tx, &act, &form))).await.unwrap().uscc
    }

    /// Adds a person with a role; gives a bearer token.
    pub async fn person(&self, uscc: &str, email: &str, role: Role, side: Option<Side>) -> String {
        let form =
            PersonForm { email: email.to_owned(), name: email.split('@').next().unwrap().to_owned(), uscc: uscc.to_owned(), role, side, password_hash: None };
        let act = self.command();
        let member = self.transact(&act, |tx| Box::pin(add_person(tx, &act, &form))).await.unwrap();
        let act = self.command();
        self.transact(&act, |tx| Box::pin(issue_token(tx, &act, &member))).await.unwrap()
    }

    /// Adds a person who can sign in on the pages.
    pub async fn person_with_password(&self, uscc: &str, email: &str, role: Role, password: &str) {
        let password_hash = Some(yiqi::actions::passwords::hash(password.to_owned()).await.unwrap());
        let form =
            PersonForm { email: email.to_owned(), name: email.split('@').next().unwrap().to_owned(), uscc: uscc.to_owned(), role, side: None, password_hash };
        let act = self.command();
        self.transact(&act, |tx| Box::pin(add_person(tx, &act, &form))).await.unwrap();
    }

    /// The same where the role does not tell the side.
    pub async fn person_on_side(&self, uscc: &str, email: &str, role: Role, side: Side, password: &str) {
        let password_hash = Some(yiqi::actions::passwords::hash(password.to_owned()).await.unwrap());
        let name = email.split('@').next().unwrap().to_owned();
        let form = PersonForm { email: email.to_owned(), name, uscc: uscc.to_owned(), role, side: Some(side), password_hash };
        let act = self.command();
        self.transact(&act, |tx| Box::pin(add_person(tx, &act, &form))).await.unwrap();
    }

    /// The bureau of Qingdao with an officer; gives (USCC, officer's token).
    pub async fn bureau(&self) -> (String, String) {
        let uscc = self.organisation("11370200MB2856000", "青岛市科学技术局", &[Side::Bureau], "370200", false).await;
        let officer = self.person(&uscc, "officer@bureau.test", Role::Officer, None).await;
        (uscc, officer)
    }

    /// An enrolled institution of Qingdao with a manager; `number` tells several apart. Gives (USCC, manager's token).
    pub async fn institution(&self, number: u32) -> (String, String) {
        let uscc = self.organisation(&format!("12370200MB{number:07}"), &format!("青岛测试研究院{number}"), &[Side::Institution], "370212", true).await;
        let manager = self.person(&uscc, &format!("manager{number}@lab.test"), Role::Manager, None).await;
        (uscc, manager)
    }

    /// An enterprise of Qingdao with a booker; `number` tells several apart. Gives (USCC, booker's token).
    pub async fn enterprise(&self, number: u32) -> (String, String) {
        let uscc = self.organisation(&format!("91370212MA{number:07}"), &format!("青岛测试科技{number}有限公司"), &[Side::Enterprise], "370212", false).await;
        let booker = self.person(&uscc, &format!("booker{number}@firm.test"), Role::Booker, None).await;
        (uscc, booker)
    }
}
