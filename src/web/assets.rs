//! Stylesheet, scripts and icon: built into `assets/dist` by `npm run assets`, kept in the binary, served under names that carry
//! the hash of their content and are therefore immutable.
//!
//! It knows nothing of pages; a template asks for an address by [`href`]. An empty folder is no error: the pages then have no style.

use std::collections::HashMap;
use std::sync::OnceLock;

use axum::extract::Path;
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use rust_embed::RustEmbed;

#[derive(RustEmbed)]
#[folder = "assets/dist"]
struct Dist;

/// The address of an asset by its plain name: `app.css` gives `/assets/app-3J43YJIX.css`, `docs/swagger-ui.css` likewise.
///
/// A name that was not built comes back without a hash; its address answers 404.
#[must_use]
pub fn href(name: &str) -> String {
    static NAMES: OnceLock<HashMap<String, String>> = OnceLock::new();
    let names = NAMES.get_or_init(|| Dist::iter().filter_map(|path| Some((plain(&path)?, path.into_owned()))).collect());
    format!("/assets/{}", names.get(name).map_or(name, String::as_str))
}

/// `docs/start-H5P4EKWV.js` as `docs/start.js`.
fn plain(path: &str) -> Option<String> {
    let (stem, extension) = path.rsplit_once('.')?;
    let (name, hash) = stem.rsplit_once('-')?;
    (hash.len() == 8 && hash.bytes().all(|b| b.is_ascii_uppercase() || b.is_ascii_digit())).then(|| format!("{name}.{extension}"))
}

/// Serves `/assets/{*path}`: 200 with an `ETag` and a year of caching, 304 to whoever has it, 404 for everything else.
pub async fn serve(Path(path): Path<String>, headers: HeaderMap) -> Response {
    // only names with a hash are ours to call immutable; the folder's own mark is none
    let Some(file) = plain(&path).and_then(|_| Dist::get(&path)) else {
        return StatusCode::NOT_FOUND.into_response();
    };
    let etag = format!("\"{}\"", crate::base::text::hex(&file.metadata.sha256_hash()));
    let cached = [(header::ETAG, etag.clone()), (header::CACHE_CONTROL, "public, max-age=31536000, immutable".to_owned())];
    if knows(&headers, &etag) {
        return (StatusCode::NOT_MODIFIED, cached).into_response();
    }
    let kind = file.metadata.mimetype();
    let is_text = kind.starts_with("text/") || kind.ends_with("javascript") || kind.ends_with("svg+xml");
    let kind = if is_text { format!("{kind}; charset=utf-8") } else { kind.to_owned() };
    (cached, [(header::CONTENT_TYPE, kind)], file.data.into_owned()).into_response()
}

fn knows(headers: &HeaderMap, etag: &str) -> bool {
    headers.get_all(header::IF_NONE_MATCH).iter().filter_map(|value| value.to_str().ok()).flat_map(|value| value.split(',')).any(|given| {
        let given = given.trim();
        given == "*" || given.strip_prefix("W/").unwrap_or(given) == etag
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_plain_name_of_an_asset_has_no_hash() {
        assert_eq!(plain("docs/start-H5P4EKWV.js").as_deref(), Some("docs/start.js"));
        assert_eq!(plain("docs/swagger-ui-bundle-E6A89869.js").as_deref(), Some("docs/swagger-ui-bundle.js"));
        assert_eq!(plain("swagger-ui.css"), None);
    }

    #[tokio::test]
    async fn what_was_not_built_is_not_found() {
        for path in ["nothing.css", "../Cargo.toml", ".gitkeep", ""] {
            assert_eq!(serve(Path(path.to_owned()), HeaderMap::new()).await.status(), StatusCode::NOT_FOUND, "{path}");
        }
        assert_eq!(href("nothing.css"), "/assets/nothing.css");
    }

    #[tokio::test]
    async fn an_asset_is_sent_once_and_then_known() {
        // the bundle is there only after `npm run assets`
        let Some(path) = Dist::iter().find(|path| path.ends_with(".css")) else { return };
        let first = serve(Path(path.to_string()), HeaderMap::new()).await;
        assert_eq!(first.headers()[header::CONTENT_TYPE], "text/css; charset=utf-8");
        let headers = HeaderMap::from_iter([(header::IF_NONE_MATCH, first.headers()[header::ETAG].clone())]);
        assert_eq!(serve(Path(path.to_string()), headers).await.status(), StatusCode::NOT_MODIFIED);
    }
}
