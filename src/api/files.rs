//! `/api/v1/files`: documents for claims, up as multipart, down as a download that no browser opens by itself.

use std::sync::Arc;

use axum::extract::{DefaultBodyLimit, Request, State};
use axum::http::StatusCode;
use axum::response::Response;
use serde::Serialize;
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::actions::files::{self, Upload};
use crate::app::App;
use crate::domain::roles::Verb;
use crate::http::body::Body;
use crate::http::documents::{BODY_BYTES, download, receive};
use crate::http::idempotency::Write;
use crate::http::problem::Problem;
use crate::http::query::PathId;
use crate::http::{Caller, Error};
use crate::store::files::File;

/// An upload.
#[derive(Debug, ToSchema)]
#[expect(dead_code, reason = "only the description of the API reads it")]
pub struct FileForm {
    /// PDF, JPEG, PNG or XLSX by content, at most 20 MB.
    #[schema(value_type = String, format = Binary)]
    file: Vec<u8>,
}

/// A stored document.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct FileView {
    /// Id.
    pub id: String,
    /// SHA-256 of the content, hexadecimal.
    pub sha256: String,
    /// The name under which it is given back.
    pub name: String,
    /// How many bytes.
    pub bytes: i64,
}

impl From<&File> for FileView {
    fn from(file: &File) -> Self {
        Self { id: file.id.clone(), sha256: file.sha256.clone(), name: file.name.clone(), bytes: file.size_bytes }
    }
}

/// Uploads a document. What it is, is told by its content.
#[utoipa::path(post, path = "/files", tag = "claims", request_body(content = FileForm, content_type = "multipart/form-data"), responses(
    (status = 201, body = FileView),
    (status = 400, body = Problem, content_type = "application/problem+json"),
    (status = 401, body = Problem, content_type = "application/problem+json"),
    (status = 403, body = Problem, content_type = "application/problem+json"),
    (status = 413, body = Problem, content_type = "application/problem+json"),
    (status = 415, body = Problem, content_type = "application/problem+json"),
    (status = 422, body = Problem, content_type = "application/problem+json"),
))]
async fn add(State(app): State<Arc<App>>, caller: Caller, write: Write, request: Request) -> Result<Response, Error> {
    let member = caller.require(Verb::Claim)?;
    let received = receive(&app, request).await?;
    let body = Body::upload(received.bytes.clone());
    let upload = match Upload::look("file", &received.name, received.bytes.to_vec()) {
        Ok(upload) => upload,
        Err(violation) if violation.facts.iter().any(|(_, why)| why == "file_type") => return Err(Error::UnsupportedMedia),
        Err(violation) => return Err(Error::violation(violation)),
    };
    let act = caller.act(&app)?;
    let file = files::keep(&app.files, &act, member, upload).await?;
    let run = write.run(&app, &caller, &act, &body, StatusCode::CREATED, |tx| {
        let (act, file) = (&act, &file);
        Box::pin(async move {
            files::add(tx, act, file).await?;
            Ok(FileView::from(file))
        })
    });
    run.await
}

/// A document as a download; the read goes on record.
#[utoipa::path(get, path = "/files/{id}", tag = "claims", params(("id" = String, Path)), responses(
    (status = 200, description = "The content", content_type = "application/octet-stream"),
    (status = 401, body = Problem, content_type = "application/problem+json"),
    (status = 403, body = Problem, content_type = "application/problem+json"),
    (status = 404, body = Problem, content_type = "application/problem+json"),
))]
async fn one(State(app): State<Arc<App>>, caller: Caller, PathId(id): PathId) -> Result<Response, Error> {
    caller.require_any(&[Verb::Claim, Verb::ReadLab, Verb::ReadClaims])?;
    let act = caller.act(&app)?;
    let file = app.transact(&act, |tx| Box::pin(files::read(tx, &act, &id))).await?;
    download(&app, &file).await
}

/// The routes of this noun.
pub fn routes() -> OpenApiRouter<Arc<App>> {
    // An upload may be larger than any other body.
    OpenApiRouter::new().routes(routes!(add)).layer(DefaultBodyLimit::max(BODY_BYTES)).routes(routes!(one))
}
