//! Documents on the wire: multipart uploads (one file in the field `file`, read after the caller is known and allowed), and downloads.

use std::sync::Arc;

use axum::body::Bytes;
use axum::extract::multipart::MultipartError;
use axum::extract::{FromRequest as _, Multipart, Request};
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse as _, Response};

use super::Error;
use crate::app::App;
use crate::base::text::is_clean;
use crate::domain::refusals::{Refusal, Violation};
use crate::files::LIMIT_BYTES;
use crate::files::kinds::disposition;
use crate::store::files::File;

/// The largest body of an upload: the file and what multipart writes around it.
pub const BODY_BYTES: usize = LIMIT_BYTES + 64 * 1024;

/// A file as it came in.
#[derive(Debug)]
pub struct Received {
    /// The name that the client gave it, may be empty.
    pub name: String,
    /// Its content.
    pub bytes: Bytes,
}

/// Reads the one file of an upload.
///
/// # Errors
/// 415 for a body that is no multipart, 400 for a broken one, 413 above 20 MB, 422 for a missing, second or unknown field.
pub async fn receive(app: &Arc<App>, request: Request) -> Result<Received, Error> {
    let is_form = request
        .headers()
        .get(header::CONTENT_TYPE)
        .and_then(|v| v.to_str().ok())
        .is_some_and(|v| v.split(';').next().unwrap_or_default().trim().eq_ignore_ascii_case("multipart/form-data"));
    if !is_form {
        return Err(Error::UnsupportedMedia);
    }
    let mut form = Multipart::from_request(request, app).await.map_err(|_| Error::BadRequest("multipart"))?;
    let (mut received, mut violations) = (None, Vec::new());
    while let Some(field) = form.next_field().await.map_err(|e| broken(&e))? {
        let name = field.name().unwrap_or_default().to_owned();
        if name == "file" {
            let file_name = field.file_name().unwrap_or_default().to_owned();
            let bytes = field.bytes().await.map_err(|e| broken(&e))?;
            if bytes.len() > LIMIT_BYTES {
                return Err(Error::TooLarge);
            }
            if received.replace(Received { name: file_name, bytes }).is_some() {
                violations.push(Violation::invalid("file", "repeated"));
            }
        } else {
            let name = if is_clean(&name) { name } else { String::new() };
            violations.push(Violation::new("unknown_field", name.chars().take(100).collect::<String>()));
        }
    }
    if received.is_none() {
        violations.push(Violation::required("file"));
    }
    Refusal::unless_empty(violations)?;
    received.ok_or(Error::BadRequest("multipart"))
}

fn broken(error: &MultipartError) -> Error {
    if error.status() == StatusCode::PAYLOAD_TOO_LARGE { Error::TooLarge } else { Error::BadRequest("multipart") }
}

/// The answer that gives a document out: as a download, never to be guessed at or shown in our own origin.
///
/// # Errors
/// 500 when the bytes are not where the row says.
pub async fn download(app: &App, file: &File) -> Result<Response, Error> {
    let bytes = match app.files.get(&file.id).await {
        Ok(Some(bytes)) => bytes,
        Ok(None) => {
            tracing::error!(file = file.id, "a document has no bytes");
            return Err(Error::Internal);
        }
        Err(error) => {
            tracing::error!(file = file.id, %error, "a document cannot be read");
            return Err(Error::Unavailable);
        }
    };
    let mut response = bytes.into_response();
    let headers = response.headers_mut();
    let header_of = |text: &str| HeaderValue::from_str(text).unwrap_or(HeaderValue::from_static("application/octet-stream"));
    headers.insert(header::CONTENT_TYPE, header_of(&file.media_type));
    headers.insert(header::CONTENT_DISPOSITION, header_of(&disposition(&file.name)));
    headers.insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("private, no-store"));
    Ok(response)
}
