//! Settings: the environment first, then `yiqi.toml`, then the default (contract.md, Settings). Read once, at the start.

use std::net::IpAddr;
use std::path::PathBuf;

use serde::Deserialize;

use crate::base::text::fold;
use crate::domain::signing::is_address;

/// Every setting, resolved.
#[derive(Debug, Clone)]
pub struct Config {
    /// `YIQI_LISTEN`.
    pub listen: String,
    /// `YIQI_DATABASE_URL`.
    pub database_url: String,
    /// `YIQI_DATA_DIR`.
    pub data_dir: PathBuf,
    /// `YIQI_BASE_URL`, without a slash at its end.
    pub base_url: String,
    /// `YIQI_SMTP_URL`.
    pub smtp_url: Option<String>,
    /// `YIQI_FILES_URL`.
    pub files_url: String,
    /// `YIQI_TIME_ZONE`.
    pub time_zone: String,
    /// `YIQI_TRUSTED_PROXIES`.
    pub trusted_proxies: Vec<IpAddr>,
    /// `YIQI_SEALS_TO`: who gets the newest seal of the audit records every day; somebody whose mail the operator cannot change.
    pub seals_to: Option<String>,
    /// `YIQI_LOG`.
    pub log: String,
    /// `YIQI_LOG_FORMAT`: `text` or `json`.
    pub log_format: LogFormat,
}

/// How lines of the log are written.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum LogFormat {
    /// For people.
    #[default]
    Text,
    /// For programs: one JSON object a line.
    Json,
}

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    listen: Option<String>,
    database_url: Option<String>,
    data_dir: Option<String>,
    base_url: Option<String>,
    smtp_url: Option<String>,
    files_url: Option<String>,
    time_zone: Option<String>,
    trusted_proxies: Option<String>,
    seals_to: Option<String>,
    log: Option<String>,
    log_format: Option<String>,
}

impl Config {
    /// Reads the settings of this process and of `yiqi.toml` in the working folder.
    ///
    /// # Errors
    /// A sentence for the operator when the file or a value cannot be read.
    pub fn load() -> Result<Self, String> {
        let text = match std::fs::read_to_string("yiqi.toml") {
            Ok(text) => text,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => String::new(),
            Err(error) => return Err(format!("yiqi.toml: {error}")),
        };
        let file: File = toml::from_str(&text).map_err(|e| format!("yiqi.toml: {e}"))?;
        Self::resolve(file, environment)
    }

    fn resolve(file: File, env: impl Fn(&str) -> Option<String>) -> Result<Self, String> {
        let pick = |name: &str, from_file: Option<String>| env(name).or(from_file).filter(|v| !v.trim().is_empty());
        let listen = pick("YIQI_LISTEN", file.listen).unwrap_or_else(|| "127.0.0.1:8080".to_owned());
        let data_dir = PathBuf::from(pick("YIQI_DATA_DIR", file.data_dir).unwrap_or_else(|| "./data".to_owned()));
        let proxies = pick("YIQI_TRUSTED_PROXIES", file.trusted_proxies).unwrap_or_default();
        let trusted_proxies = proxies
            .split([',', ' '])
            .filter(|t| !t.is_empty())
            .map(|t| t.parse().map_err(|_| format!("YIQI_TRUSTED_PROXIES: {t:?} is no address")))
            .collect::<Result<_, String>>()?;
        let database_url = pick("YIQI_DATABASE_URL", file.database_url).unwrap_or_else(|| format!("sqlite://{}", data_dir.join("yiqi.db").display()));
        if !["sqlite:", "postgres://", "postgresql://"].iter().any(|p| database_url.starts_with(p)) {
            return Err("YIQI_DATABASE_URL: begins with sqlite:, postgres:// or postgresql://".to_owned());
        }
        let seals_to = pick("YIQI_SEALS_TO", file.seals_to).map(|address| fold(&address));
        if let Some(address) = seals_to.as_ref().filter(|address| !is_address(address)) {
            return Err(format!("YIQI_SEALS_TO: {address:?} is no mail address"));
        }
        Ok(Self {
            base_url: pick("YIQI_BASE_URL", file.base_url).unwrap_or_else(|| format!("http://{listen}")).trim_end_matches('/').to_owned(),
            smtp_url: pick("YIQI_SMTP_URL", file.smtp_url),
            files_url: pick("YIQI_FILES_URL", file.files_url).unwrap_or_else(|| format!("file://{}", data_dir.join("files").display())),
            time_zone: pick("YIQI_TIME_ZONE", file.time_zone).unwrap_or_else(|| "Asia/Shanghai".to_owned()),
            log: pick("YIQI_LOG", file.log).unwrap_or_else(|| "info".to_owned()),
            log_format: match pick("YIQI_LOG_FORMAT", file.log_format).as_deref() {
                None | Some("text") => LogFormat::Text,
                Some("json") => LogFormat::Json,
                Some(other) => return Err(format!("YIQI_LOG_FORMAT: {other:?} is neither text nor json")),
            },
            listen,
            database_url,
            data_dir,
            trusted_proxies,
            seals_to,
        })
    }

    /// Settings for a test or a tool: everything below one folder.
    #[must_use]
    pub fn in_folder(data_dir: PathBuf, database_url: String) -> Self {
        Self {
            listen: "127.0.0.1:0".to_owned(),
            base_url: "http://yiqi.test".to_owned(),
            smtp_url: None,
            files_url: format!("file://{}", data_dir.join("files").display()),
            time_zone: "Asia/Shanghai".to_owned(),
            trusted_proxies: Vec::new(),
            seals_to: None,
            log: "info".to_owned(),
            log_format: LogFormat::Text,
            database_url,
            data_dir,
        }
    }

    /// The settings as lines `NAME=value`, secrets masked.
    #[must_use]
    pub fn masked(&self) -> String {
        let proxies = self.trusted_proxies.iter().map(ToString::to_string).collect::<Vec<_>>().join(",");
        [
            ("YIQI_LISTEN", self.listen.clone()),
            ("YIQI_DATABASE_URL", mask(&self.database_url)),
            ("YIQI_DATA_DIR", self.data_dir.display().to_string()),
            ("YIQI_BASE_URL", self.base_url.clone()),
            ("YIQI_SMTP_URL", self.smtp_url.as_deref().map(mask).unwrap_or_default()),
            ("YIQI_FILES_URL", mask(&self.files_url)),
            ("YIQI_TIME_ZONE", self.time_zone.clone()),
            ("YIQI_TRUSTED_PROXIES", proxies),
            ("YIQI_SEALS_TO", self.seals_to.clone().unwrap_or_default()),
            ("YIQI_LOG", self.log.clone()),
            ("YIQI_LOG_FORMAT", if self.log_format == LogFormat::Json { "json" } else { "text" }.to_owned()),
        ]
        .map(|(name, value)| format!("{name}={value}"))
        .join("\n")
    }

    /// Whether people reach the platform by https, so that cookies must be `Secure`.
    #[must_use]
    pub fn is_https(&self) -> bool {
        self.base_url.starts_with("https://")
    }
}

#[expect(clippy::disallowed_methods, reason = "settings are read here")]
fn environment(name: &str) -> Option<String> {
    std::env::var(name).ok()
}

/// The password of an address replaced by `***`.
fn mask(address: &str) -> String {
    let Ok(mut url) = url::Url::parse(address) else { return address.to_owned() };
    if url.password().is_some() && url.set_password(Some("***")).is_err() {
        return "***".to_owned();
    }
    if let Some(query) = url.query().map(str::to_owned) {
        let mut pairs = url::form_urlencoded::Serializer::new(String::new());
        for (name, value) in url::form_urlencoded::parse(query.as_bytes()) {
            let is_secret = ["password", "secret", "key", "token"].iter().any(|word| name.to_ascii_lowercase().contains(word));
            pairs.append_pair(&name, if is_secret { "***" } else { &value });
        }
        url.set_query(Some(&pairs.finish()));
    }
    url.to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_environment_comes_before_the_file_and_the_file_before_the_default() {
        let file = File { listen: Some("0.0.0.0:1".into()), log: Some("debug".into()), ..File::default() };
        let config = Config::resolve(file, |name| (name == "YIQI_LISTEN").then(|| "127.0.0.1:9".to_owned())).unwrap();
        assert_eq!((config.listen.as_str(), config.log.as_str(), config.time_zone.as_str()), ("127.0.0.1:9", "debug", "Asia/Shanghai"));
        assert_eq!(config.base_url, "http://127.0.0.1:9");
        for (wrong, value) in
            [("YIQI_DATABASE_URL", "mysql://x"), ("YIQI_SEALS_TO", "nobody"), ("YIQI_TRUSTED_PROXIES", "proxy.example"), ("YIQI_LOG_FORMAT", "xml")]
        {
            assert!(Config::resolve(File::default(), |name| (name == wrong).then(|| value.to_owned())).is_err(), "{wrong}");
        }
    }

    #[test]
    fn passwords_are_masked() {
        assert_eq!(mask("postgres://yiqi:secret@db/yiqi"), "postgres://yiqi:***@db/yiqi");
        assert_eq!(mask("postgres://yiqi@db/yiqi?password=secret&sslmode=require"), "postgres://yiqi@db/yiqi?password=***&sslmode=require");
        assert_eq!(mask("sqlite://./data/yiqi.db"), "sqlite://./data/yiqi.db");
    }
}
