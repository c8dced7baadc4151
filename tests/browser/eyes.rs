//! A person at a real Chromium: opens, reads, types, clicks; looks at each page in both widths, and lets axe look at it too. A message in
//! the console is a fault.

use std::os::unix::process::CommandExt as _;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use serde_json::{Value, json};
use thirtyfour::LoggingPrefsLogLevel;
use thirtyfour::prelude::*;

use crate::city::{City, free_port};

const FLAGS: &[&str] = &[
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-dev-shm-usage",
    "--hide-scrollbars",
    "--force-color-profile=srgb",
    "--lang=zh-CN",
];
/// How long something may take to appear.
const PATIENCE: Duration = Duration::from_secs(30);
/// How long a script or a page may take.
const SLOWEST: Duration = Duration::from_mins(2);

/// A browser of its own.
pub struct Eyes {
    driver: WebDriver,
    base_url: String,
    service: Service,
    axe: String,
    _profile: tempfile::TempDir,
}

/// The driver's process with its browser; ended when it is dropped.
struct Service(Child);

impl Drop for Service {
    fn drop(&mut self) {
        let _ = Command::new("kill").args(["--", &format!("-{}", self.0.id())]).status();
        let _ = self.0.wait();
    }
}

impl Eyes {
    /// Opens a browser on a city.
    pub async fn on(city: &City) -> Self {
        let port = free_port();
        let profile = tempfile::tempdir().unwrap();
        // A group of its own, so that nothing of it outlives the journey.
        let service = Command::new("chromedriver").arg(format!("--port={port}")).stdout(Stdio::null()).stderr(Stdio::null()).process_group(0).spawn();
        let service = Service(service.unwrap());
        let mut wants = DesiredCapabilities::chrome();
        for flag in FLAGS {
            wants.add_arg(flag).unwrap();
        }
        wants.add_arg(&format!("--user-data-dir={}", profile.path().display())).unwrap();
        wants.set_logging_prefs("browser", LoggingPrefsLogLevel::All).unwrap();
        wants.add_experimental_option("prefs", json!({ "intl.accept_languages": "zh-CN,zh" })).unwrap();
        let begun = Instant::now();
        let driver = loop {
            match WebDriver::new(format!("http://127.0.0.1:{port}"), wants.clone()).await {
                Ok(driver) => break driver,
                Err(error) => assert!(begun.elapsed() < PATIENCE, "no browser: {error}"),
            }
            tokio::time::sleep(Duration::from_millis(200)).await;
        };
        // A busy machine is no fault of a page.
        driver.set_script_timeout(SLOWEST).await.unwrap();
        driver.set_page_load_timeout(SLOWEST).await.unwrap();
        let axe = Path::new(env!("CARGO_MANIFEST_DIR")).join("node_modules/axe-core/axe.min.js");
        let axe = std::fs::read_to_string(&axe).unwrap_or_else(|e| panic!("{}: {e}; `make assets` brings it", axe.display()));
        let eyes = Self { driver, base_url: city.base_url.clone(), service, axe, _profile: profile };
        eyes.width(1280).await;
        eyes
    }

    /// Closes the browser.
    pub async fn close(self) {
        let Self { driver, service, .. } = self;
        let _ = driver.quit().await;
        drop(service);
    }

    async fn width(&self, width: u32) {
        let height = if width < 600 { 844 } else { 900 };
        let size = json!({ "width": width, "height": height, "deviceScaleFactor": 1, "mobile": width < 600 });
        self.driver.cdp().send_raw("Emulation.setDeviceMetricsOverride", size).await.unwrap();
    }

    /// Opens a path of the city.
    pub async fn open(&self, path: &str) {
        self.driver.goto(format!("{}{path}", self.base_url)).await.unwrap();
        self.settled().await;
    }

    /// The path that is open, with its query.
    pub async fn path(&self) -> String {
        let url = self.driver.current_url().await.unwrap();
        url.query().map_or_else(|| url.path().to_owned(), |query| format!("{}?{query}", url.path()))
    }

    async fn settled(&self) {
        let begun = Instant::now();
        while self.ask("return document.readyState").await != "complete" {
            assert!(begun.elapsed() < PATIENCE, "the page does not come");
            tokio::time::sleep(Duration::from_millis(30)).await;
        }
        self.no_complaints().await;
    }

    async fn no_complaints(&self) {
        let said: Vec<String> = self
            .driver
            .browser_log()
            .await
            .unwrap()
            .into_iter()
            .filter(|e| e.level == "SEVERE" || e.level == "WARNING")
            .map(|e| e.message)
            // That a form was refused is told by the console too, and is no fault.
            .filter(|message| !message.contains("status of 422"))
            .collect();
        assert!(said.is_empty(), "{}: the console says {said:#?}", self.path().await);
    }

    /// What a script answers.
    pub async fn ask(&self, script: &str) -> Value {
        self.driver.execute(script, Vec::new()).await.unwrap().json().clone()
    }

    /// The visible text of the page.
    pub async fn text(&self) -> String {
        self.ask("return document.body.innerText").await.as_str().unwrap_or_default().to_owned()
    }

    /// Waits until the page shows a text.
    #[track_caller]
    pub fn sees(&self, wanted: &str) -> impl Future<Output = ()> {
        let place = std::panic::Location::caller();
        async move {
            let begun = Instant::now();
            while !self.text().await.contains(wanted) {
                assert!(begun.elapsed() < PATIENCE, "{place}: {} does not show {wanted:?}:\n{}", self.path().await, self.text().await);
                tokio::time::sleep(Duration::from_millis(50)).await;
            }
        }
    }

    /// The first element of a CSS selector; waits for it.
    #[track_caller]
    pub fn find(&self, css: &str) -> impl Future<Output = WebElement> {
        let place = std::panic::Location::caller();
        async move {
            let begun = Instant::now();
            loop {
                match self.driver.find(By::Css(css)).await {
                    Ok(found) => return found,
                    Err(error) => assert!(begun.elapsed() < PATIENCE, "{place}: {} has no {css}: {error}\n{}", self.path().await, self.text().await),
                }
                tokio::time::sleep(Duration::from_millis(50)).await;
            }
        }
    }

    /// Whether there is an element.
    pub async fn has(&self, css: &str) -> bool {
        !self.driver.find_all(By::Css(css)).await.unwrap().is_empty()
    }

    /// Types into the field of a name, in place of what stands there.
    pub async fn types(&self, name: &str, text: &str) {
        let field = self.find(&format!("main [name='{name}']")).await;
        let kind = field.attr("type").await.unwrap().unwrap_or_default();
        if ["date", "time", "number", "month"].contains(&kind.as_str()) || field.tag_name().await.unwrap() == "select" {
            // What keys do in such a field depends on the language of the browser.
            let script = "const [field, text] = arguments; field.value = text; field.dispatchEvent(new Event('input', {bubbles: true})); field.dispatchEvent(new Event('change', {bubbles: true}));";
            self.driver.execute(script, vec![field.to_json().unwrap(), json!(text)]).await.unwrap();
            return;
        }
        field.clear().await.unwrap();
        field.send_keys(text).await.unwrap();
    }

    /// Chooses a value of a radio button or ticks a box.
    pub async fn chooses(&self, name: &str, value: &str) {
        let script = "const [css] = arguments; const box = document.querySelector(css); if (!box) throw new Error('no ' + css); if (!box.checked) box.click();";
        self.driver.execute(script, vec![json!(format!("main [name='{name}'][value='{value}']"))]).await.unwrap();
    }

    /// Gives files to the field of a name.
    pub async fn attaches(&self, name: &str, paths: &[PathBuf]) {
        let joined = paths.iter().map(|path| path.display().to_string()).collect::<Vec<_>>().join("\n");
        self.find(&format!("main input[type=file][name='{name}']")).await.send_keys(joined).await.unwrap();
    }

    /// Clicks on an element where it stands: the driver's own click looks at a window that is smaller than the picture we ask for.
    async fn click(&self, element: &WebElement) {
        let script = "arguments[0].scrollIntoView({block: 'center'}); arguments[0].click()";
        self.driver.execute(script, vec![element.to_json().unwrap()]).await.unwrap();
    }

    /// Clicks on what a CSS selector names, and waits for what comes.
    #[track_caller]
    pub fn clicks(&self, css: &str) -> impl Future<Output = ()> {
        let found = self.find(css);
        async move {
            self.click(&found.await).await;
            tokio::time::sleep(Duration::from_millis(60)).await;
            self.settled().await;
        }
    }

    /// Clicks on the button or link that says a text.
    #[track_caller]
    pub fn presses(&self, label: &str) -> impl Future<Output = ()> {
        let place = std::panic::Location::caller();
        async move {
            let script = "const [label] = arguments; const all = [...document.querySelectorAll('button, a, input[type=submit], summary')]; \
                          const says = (e) => (e.innerText || e.value || '').replace(/\\s+/g, '').includes(label.replace(/\\s+/g, '')); \
                          return all.find((e) => says(e) && e.getClientRects().length > 0) ?? null;";
            let found = self.driver.execute(script, vec![json!(label)]).await.unwrap();
            let Ok(element) = found.element() else { panic!("{place}: {} has nothing that says {label:?}:\n{}", self.path().await, self.text().await) };
            self.click(&element).await;
            tokio::time::sleep(Duration::from_millis(60)).await;
            self.settled().await;
        }
    }

    /// Signs in as somebody, whoever was there before.
    pub async fn signs_in(&self, (email, password): (String, String)) {
        self.driver.delete_all_cookies().await.unwrap();
        self.open("/login").await;
        self.types("email", &email).await;
        self.types("password", &password).await;
        self.clicks("main form button").await;
        assert!(!self.path().await.starts_with("/login"), "{email} cannot sign in:\n{}", self.text().await);
    }

    /// Becomes a stranger.
    pub async fn signs_out(&self) {
        self.driver.delete_all_cookies().await.unwrap();
    }

    /// Opens a page of which the status may be an error, and looks at it.
    pub async fn visits(&self, path: &str) {
        self.driver.goto(format!("{}{path}", self.base_url)).await.unwrap();
        // That a page is missing is told by the console too, and is no fault here.
        let _ = self.driver.browser_log().await;
        self.looks(path.trim_start_matches('/')).await;
    }

    /// Looks at the page as it is: no complaint of axe, no sideways scrolling; a picture in each width.
    pub async fn looks(&self, name: &str) {
        self.axe(name).await;
        for width in [1280, 390] {
            self.width(width).await;
            let wide = self.ask("return document.documentElement.scrollWidth").await.as_u64().unwrap_or(0);
            self.shoot(&format!("{name}-{width}")).await;
            assert!(wide <= u64::from(width), "{name}: {wide} pixels wide at {width}");
        }
        self.width(1280).await;
        self.no_complaints().await;
    }

    async fn axe(&self, name: &str) {
        self.driver.execute(&self.axe, Vec::new()).await.unwrap();
        let script = "const done = arguments[arguments.length - 1]; \
                      axe.run(document, {resultTypes: ['violations']}).then((r) => done(r.violations.filter((v) => v.impact === 'serious' || v.impact === 'critical') \
                      .map((v) => `${v.id}: ${v.help} (${v.nodes.length}) ${v.nodes.slice(0, 3).map((n) => n.html + ' ' + n.failureSummary).join(' | ')}`)), (e) => done([String(e)]));";
        let found = self.driver.execute_async(script, Vec::new()).await.unwrap();
        let faults: Vec<String> = found.convert().unwrap();
        assert!(faults.is_empty(), "{name}: axe says {faults:#?}");
    }

    /// A picture of the whole page, in `target/shots` and, where a folder is asked for, there too.
    async fn shoot(&self, name: &str) {
        let tall = self.ask("return Math.min(document.documentElement.scrollHeight, 2600)").await;
        let wide = self.ask("return window.innerWidth").await;
        let clip = json!({ "format": "png", "captureBeyondViewport": true, "clip": { "x": 0, "y": 0, "width": wide, "height": tall, "scale": 1 } });
        let shot = self.driver.cdp().send_raw("Page.captureScreenshot", clip).await.unwrap();
        let bytes = decoded(shot["data"].as_str().unwrap());
        let root = Path::new(env!("CARGO_MANIFEST_DIR"));
        let mut folders = vec![root.join("target/shots")];
        folders.extend(std::env::var("YIQI_SHOTS").ok().filter(|folder| !folder.is_empty()).map(|folder| root.join(folder)));
        for folder in folders {
            std::fs::create_dir_all(&folder).unwrap();
            std::fs::write(folder.join(format!("{name}.png")), &bytes).unwrap();
        }
    }
}

/// Base 64, as the browser sends its pictures.
fn decoded(text: &str) -> Vec<u8> {
    let value = |c: u8| match c {
        b'A'..=b'Z' => c - b'A',
        b'a'..=b'z' => c - b'a' + 26,
        b'0'..=b'9' => c - b'0' + 52,
        b'+' => 62,
        _ => 63,
    };
    let digits: Vec<u8> = text.bytes().filter(|c| *c != b'=' && !c.is_ascii_whitespace()).map(value).collect();
    let group = |four: &[u8]| {
        let number = (0..4).fold(0_u32, |sum, n| sum << 6 | u32::from(four.get(n).copied().unwrap_or(0)));
        number.to_be_bytes()[1..four.len()].to_vec()
    };
    digits.chunks(4).flat_map(group).collect()
}
