//! Documents that people upload: kept as what they really are, read by whom they concern, every read on record.

use sha2::{Digest as _, Sha256};
use sqlx::AnyConnection;

use super::{Act, Error, Outcome, records};
use crate::base::text::hex;
use crate::domain::actors::Member;
use crate::domain::refusals::{Refusal, Violation};
use crate::domain::roles::Verb;
use crate::files::kinds::{FileType, detect, safe_name};
use crate::files::{LIMIT_BYTES, Store};
use crate::store::files::File;
use crate::store::{self, Tx};

/// An upload whose content was looked at.
#[derive(Debug, Clone)]
pub struct Upload {
    /// Its harmless name.
    pub name: String,
    /// What it really is.
    pub kind: FileType,
    /// The content.
    pub bytes: Vec<u8>,
}

impl Upload {
    /// Looks at an upload: by its content, never by its name.
    ///
    /// # Errors
    /// `invalid` at `field`: empty, larger than 20 MB, or none of the types that are taken.
    pub fn look(field: &str, name: &str, bytes: Vec<u8>) -> Result<Self, Violation> {
        if bytes.is_empty() {
            return Err(Violation::invalid(field, "empty"));
        }
        if bytes.len() > LIMIT_BYTES {
            return Err(Violation::invalid(field, "file_too_large"));
        }
        let kind = detect(&bytes).ok_or_else(|| Violation::invalid(field, "file_type"))?;
        Ok(Self { name: safe_name(name, kind), kind, bytes })
    }
}

/// Keeps the bytes of an upload, before the transaction that writes its row: a row never points at nothing. Gives the row to insert.
///
/// # Errors
/// When the documents' place is away or full.
pub async fn keep(files: &Store, act: &Act, member: &Member, upload: Upload) -> Outcome<File> {
    let file = File {
        id: act.id(),
        organisation_id: member.organisation_id.clone(),
        class: "upload".to_owned(),
        name: upload.name,
        media_type: upload.kind.media_type().to_owned(),
        sha256: hex(&Sha256::digest(&upload.bytes)),
        size_bytes: i64::try_from(upload.bytes.len()).unwrap_or(i64::MAX),
        membership_id: member.membership_id.clone(),
        created_at: act.now,
    };
    files.put(&file.id, upload.bytes).await.map_err(|error| Error::Away(error.to_string()))?;
    Ok(file)
}

/// Writes the row of a document whose bytes are kept.
pub async fn add(tx: &mut Tx<'_>, act: &Act, file: &File) -> Outcome<()> {
    act.actor.require(Verb::Claim)?;
    store::files::insert(tx, file).await?;
    records::audit(tx, act, "file.add", "file", &file.id, &serde_json::json!({ "sha256": file.sha256, "bytes": file.size_bytes })).await
}

/// A document that a member may read: the uploader's organisation; once part of a claim, that claim's institution and the bureau. `None`
/// for everybody else.
pub async fn find(conn: &mut AnyConnection, member: &Member, id: &str) -> Outcome<Option<File>> {
    let Some(file) = store::files::find(conn, id).await? else { return Ok(None) };
    let own = &member.organisation_id;
    let may = (member.may(Verb::Claim) && file.organisation_id == *own)
        || (member.may(Verb::ReadLab) && store::files::is_in_claim_of_institution(conn, id, own).await?)
        || (member.may(Verb::ReadClaims) && store::files::is_in_claim_of_bureau(conn, id, own).await?);
    Ok(may.then_some(file))
}

/// Puts a read of a document on record; it is given out after.
///
/// # Errors
/// `NotFound` for who may not read it.
pub async fn read(tx: &mut Tx<'_>, act: &Act, id: &str) -> Outcome<File> {
    let member = act.actor.member()?;
    let file = find(tx, member, id).await?.ok_or(Refusal::NotFound)?;
    records::audit(tx, act, "file.read", "file", id, &serde_json::json!({})).await?;
    Ok(file)
}
