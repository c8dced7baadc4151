//! Rows about stored documents; the bytes are in `crate::files`. A row is written after its bytes.

use sqlx::{AnyConnection, FromRow};

use super::Error;
use crate::base::ids::Id;
use crate::base::time::Instant;

/// A stored document.
#[derive(Debug, Clone, FromRow)]
pub struct File {
    /// Id, under which the bytes are kept.
    pub id: Id,
    /// Whose it is.
    pub organisation_id: Id,
    /// What it serves as: `upload`.
    pub class: String,
    /// The name under which it is given back.
    pub name: String,
    /// What it really is.
    pub media_type: String,
    /// SHA-256 of the bytes, hexadecimal.
    pub sha256: String,
    /// How many bytes.
    pub size_bytes: i64,
    /// Who uploaded it.
    pub membership_id: Id,
    /// When.
    pub created_at: Instant,
}

/// Inserts a document's row.
pub async fn insert(conn: &mut AnyConnection, file: &File) -> Result<(), Error> {
    sqlx::query("INSERT INTO files (id, organisation_id, class, name, media_type, sha256, size_bytes, membership_id, created_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)")
        .bind(&file.id)
        .bind(&file.organisation_id)
        .bind(&file.class)
        .bind(&file.name)
        .bind(&file.media_type)
        .bind(&file.sha256)
        .bind(file.size_bytes)
        .bind(&file.membership_id)
        .bind(file.created_at)
        .execute(conn)
        .await?;
    Ok(())
}

/// A document by id.
pub async fn find(conn: &mut AnyConnection, id: &str) -> Result<Option<File>, Error> {
    Ok(sqlx::query_as("SELECT * FROM files WHERE id = $1").bind(id).fetch_optional(conn).await?)
}

/// The documents of a claim in the order in which they were added, the contract among them.
pub async fn list_of_claim(conn: &mut AnyConnection, claim_id: &str) -> Result<Vec<File>, Error> {
    Ok(sqlx::query_as("SELECT f.* FROM files f JOIN claim_files c ON c.file_id = f.id WHERE c.claim_id = $1 ORDER BY c.added_at, f.id")
        .bind(claim_id)
        .fetch_all(conn)
        .await?)
}

/// Whether a document is part of a claim over services of an institution.
pub async fn is_in_claim_of_institution(conn: &mut AnyConnection, id: &str, institution_id: &str) -> Result<bool, Error> {
    let row: Option<String> =
        sqlx::query_scalar("SELECT c.id FROM claims c JOIN claim_files f ON f.claim_id = c.id WHERE f.file_id = $1 AND c.institution_id = $2 LIMIT 1")
            .bind(id)
            .bind(institution_id)
            .fetch_optional(conn)
            .await?;
    Ok(row.is_some())
}

/// Whether a document is part of a claim on a programme of a bureau.
pub async fn is_in_claim_of_bureau(conn: &mut AnyConnection, id: &str, bureau_id: &str) -> Result<bool, Error> {
    let row: Option<String> = sqlx::query_scalar(
        "SELECT c.id FROM claims c JOIN claim_files f ON f.claim_id = c.id JOIN programmes p ON p.id = c.programme_id WHERE f.file_id = $1 AND p.bureau_id = $2 LIMIT 1",
    )
    .bind(id)
    .bind(bureau_id)
    .fetch_optional(conn)
    .await?;
    Ok(row.is_some())
}
