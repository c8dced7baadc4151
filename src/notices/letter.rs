//! The body of a mail: heading, sentences, facts, one button; as HTML that mail programs understand and as plain text that says the same.
//!
//! Knows no event and no domain word: whoever writes the letter brings finished sentences in the reader's language.

use askama::Template;

use crate::base::lang::{Lang, tr};

/// What a mail says, in the order in which it is read. Everything is plain text; the HTML escapes it.
#[derive(Debug, Clone, Template)]
#[template(path = "mails/notice.html")]
pub struct Letter {
    /// The reader's language.
    pub lang: Lang,
    /// What happened, in a few words; also the subject's core.
    pub heading: String,
    /// Sentences before the facts, the greeting first.
    pub lines: Vec<String>,
    /// Label and value, one a row.
    pub facts: Vec<(String, String)>,
    /// Label and formatted amount; the last row is the total.
    pub amounts: Vec<(String, String)>,
    /// Label and absolute address of the one act.
    pub button: Option<(String, String)>,
    /// Sentences after the button: deadlines, what to bring.
    pub notes: Vec<String>,
}

impl Letter {
    /// A letter that has nothing but its heading yet.
    #[must_use]
    pub fn new(lang: Lang, heading: impl Into<String>) -> Self {
        let heading = heading.into();
        Self { lang, heading, lines: Vec::new(), facts: Vec::new(), amounts: Vec::new(), button: None, notes: Vec::new() }
    }

    /// The HTML part.
    ///
    /// # Errors
    /// When the template cannot be rendered, which no content brings about.
    pub fn html(&self) -> Result<String, askama::Error> {
        self.render()
    }

    /// The plain part: the same words in the same order, blocks parted by an empty line.
    #[must_use]
    pub fn text(&self) -> String {
        let row = |(label, value): &(String, String)| tr(self.lang, "mail-fact", &[("label", label.clone()), ("value", value.clone())]);
        let rows = |rows: &[(String, String)]| rows.iter().map(row).collect::<Vec<_>>().join("\n");
        let mut blocks = vec![self.heading.clone(), self.lines.join("\n"), rows(&self.facts), rows(&self.amounts)];
        blocks.extend(self.button.as_ref().map(row));
        blocks.push(self.notes.join("\n"));
        blocks.push(format!("-- \nYiqi {}\n{}", self.t("shell-site"), self.t("mail-footer")));
        blocks.retain(|block| !block.is_empty());
        blocks.join("\n\n") + "\n"
    }

    fn t(&self, key: &str) -> String {
        tr(self.lang, key, &[])
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A letter with every part in it.
    fn sample() -> Letter {
        let pair = |a: &str, b: &str| (a.to_owned(), b.to_owned());
        Letter {
            lines: vec!["刘雨桐，您好。青岛崂山海洋材料研究院的孙晓岚同意了您的预约。".into()],
            facts: vec![pair("时间", "10月15日 周四 14:00–16:30"), pair("仪器", "场发射扫描电子显微镜 <GeminiSEM> & \"500\"")],
            amounts: vec![pair("机时费", "2,162.50 元"), pair("创新券兑付", "−648.00 元"), pair("您最终负担", "1,514.50 元")],
            button: Some(pair("查看预约", "https://yiqi.example/bookings/1?a=1&b=2")),
            notes: vec!["10月14日 14:00 前取消不收费。".into()],
            ..Letter::new(Lang::Zh, "预约已确认")
        }
    }

    #[test]
    fn a_letter_says_the_same_in_html_and_in_plain_text() {
        insta::assert_snapshot!("letter_html", sample().html().unwrap());
        insta::assert_snapshot!("letter_text", sample().text());
    }

    #[test]
    fn a_letter_without_parts_leaves_no_holes() {
        let short = Letter::new(Lang::En, "Done");
        assert!(short.text().starts_with("Done\n\n-- \nYiqi Instruments, shared"), "{}", short.text());
        assert!(!short.html().unwrap().contains("class=\"b\""));
    }
}
