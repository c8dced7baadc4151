//! The body of a mail: heading, sentences, facts, one button; as HTML that mail programs understand and as plain text that says the same.
//!
//! Knows no event and no domain word: whoever writes the letter brings finished sentences in the reader's language.

use askama::Template;

/// What a mail says, in the order in which it is read. Everything is plain text; the HTML escapes it.
#[derive(Debug, Clone, Default, Template)]
#[template(path = "mails/notice.html")]
pub struct Letter {
    /// Language tag of the reader: `zh-CN` or `en`.
    pub language: &'static str,
    /// Who runs the platform, beside the brand.
    pub brand: String,
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
    /// Why the reader got this.
    pub footer: String,
}

impl Letter {
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
        let colon = if self.language == "en" { ": " } else { "：" };
        let rows = |rows: &[(String, String)]| rows.iter().map(|(label, value)| format!("{label}{colon}{value}")).collect::<Vec<_>>().join("\n");
        let button = self.button.as_ref().map(|(label, address)| format!("{label}{colon}{address}"));
        let mut blocks = vec![self.heading.clone(), self.lines.join("\n"), rows(&self.facts), rows(&self.amounts)];
        blocks.extend(button);
        blocks.push(self.notes.join("\n"));
        blocks.push(format!("-- \n{}\n{}", self.brand, self.footer));
        blocks.retain(|block| !block.is_empty());
        blocks.join("\n\n") + "\n"
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A letter with every part in it.
    pub fn sample() -> Letter {
        let pair = |a: &str, b: &str| (a.to_owned(), b.to_owned());
        Letter {
            language: "zh-CN",
            brand: "青岛科研仪器共享".into(),
            heading: "预约已确认".into(),
            lines: vec!["刘雨桐，您好。青岛崂山海洋材料研究院的孙晓岚同意了您的预约。".into()],
            facts: vec![pair("时间", "10月15日 周四 14:00–16:30"), pair("仪器", "场发射扫描电子显微镜 <GeminiSEM> & \"500\"")],
            amounts: vec![pair("机时费", "2,162.50 元"), pair("创新券兑付", "−648.00 元"), pair("您最终负担", "1,514.50 元")],
            button: Some(pair("查看预约", "https://yiqi.example/bookings/1?a=1&b=2")),
            notes: vec!["10月14日 14:00 前取消不收费。".into()],
            footer: "您收到此信，是因为您在 Yiqi 有这个预约。请勿直接回复。".into(),
        }
    }

    #[test]
    fn a_letter_says_the_same_in_html_and_in_plain_text() {
        insta::assert_snapshot!("letter_html", sample().html().unwrap());
        insta::assert_snapshot!("letter_text", sample().text());
    }

    #[test]
    fn a_letter_without_parts_leaves_no_holes() {
        let short = Letter { language: "en", heading: "Done".into(), footer: "f".into(), brand: "b".into(), ..Letter::default() };
        assert_eq!(short.text(), "Done\n\n-- \nb\nf\n");
        assert!(!short.html().unwrap().contains("class=\"b\""));
    }
}
