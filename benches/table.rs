//! The one table: this product, the limit, the ratio.

/// On which side of the limit a figure must be.
#[derive(Debug, Clone, Copy)]
pub enum Bound {
    Below,
}

/// Lines, printed at the end and as they come.
#[derive(Debug, Default)]
pub struct Table(Vec<String>);

impl Table {
    fn say(&mut self, line: String) {
        eprintln!("{line}");
        self.0.push(line);
    }

    /// What follows is measured on this engine.
    pub fn engine(&mut self, name: &str) {
        self.say(format!("\n{name}\n{:<46}{:>14}{:>14}{:>9}{:>10}", "", "product", "limit", "ratio", "wanted"));
    }

    /// A rate against what the database alone reaches.
    pub fn ratio(&mut self, name: &str, ours: f64, limit: f64, unit: &str, least: f64) {
        let percent = ours / limit * 100.0;
        let mark = if percent >= least { "" } else { "  <-- short" };
        self.say(format!(
            "{name:<46}{:>14}{:>14}{percent:>7.0} %{:>10}{mark}",
            format!("{ours:.0} {unit}"),
            format!("{limit:.0} {unit}"),
            format!(">= {least:.0} %")
        ));
    }

    /// A time against a multiple of another.
    pub fn times(&mut self, name: &str, ours: f64, limit: f64, most: f64) {
        let times = ours / limit;
        let mark = if times <= most { "" } else { "  <-- short" };
        self.say(format!("{name:<46}{:>14}{:>14}{times:>7.1} x{:>10}{mark}", format!("{ours:.2} ms"), format!("{limit:.2} ms"), format!("<= {most:.0} x")));
    }

    /// A figure against a bound.
    pub fn row(&mut self, name: &str, ours: f64, bound: f64, unit: &str, _: Bound) {
        let mark = if ours <= bound { "" } else { "  <-- short" };
        self.say(format!("{name:<46}{:>14}{:>14}{:>9}{:>10}{mark}", format!("{ours:.0} {unit}"), "", "", format!("<= {bound:.0}")));
    }

    /// A remark.
    pub fn note(&mut self, text: String) {
        self.say(format!("    {text}"));
    }

    /// Everything once more, on standard output.
    pub fn print(&self) {
        println!("{}", self.0.join("\n"));
    }
}
