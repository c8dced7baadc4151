//! Floor 2: stored documents, in a local folder or in an S3-compatible bucket.
//!
//! Knows bytes under a key, nothing of who may read them; the rows about a file are the store's. Nothing is ever overwritten or deleted:
//! a contract that a claim was judged by stays what it was. [`kinds`] tells what a file really is.

pub mod kinds;

use std::path::Path as Folder;
use std::sync::Arc;
use std::time::Duration;

use futures_util::TryStreamExt as _;
use object_store::aws::AmazonS3Builder;
use object_store::local::LocalFileSystem;
use object_store::path::Path;
use object_store::{ObjectStore, ObjectStoreExt as _, PutMode, PutOptions, RetryConfig};

use crate::base::ids::is_id;

/// Largest file that is taken: 20 MB (contract.md).
pub const LIMIT_BYTES: usize = 20 * 1024 * 1024;

/// Why bytes could not be kept or read: the folder or the bucket is away, full, or not ours.
#[derive(Debug, thiserror::Error)]
#[error("stored documents: {0}")]
pub struct Error(String);

impl Error {
    fn of(cause: impl ToString) -> Self {
        Self(cause.to_string())
    }
}

/// Where documents are kept. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Store {
    objects: Arc<dyn ObjectStore>,
    below: Path,
}

impl Store {
    /// Opens `file://FOLDER` (made when missing; a bare path will do) or `s3://BUCKET/PREFIX`. Region, endpoint and keys of a bucket come from
    /// the usual `AWS_*` variables, which the S3 client itself reads.
    ///
    /// # Errors
    /// When the address cannot be understood or the folder cannot be made.
    pub fn open(address: &str) -> Result<Self, Error> {
        if let Some(bucket) = address.strip_prefix("s3://") {
            let (bucket, below) = bucket.split_once('/').unwrap_or((bucket, ""));
            // Somebody waits for the answer: what fails for longer than this is told to them.
            let retry = RetryConfig { max_retries: 2, retry_timeout: Duration::from_secs(10), ..Default::default() };
            let objects = AmazonS3Builder::from_env().with_retry(retry).with_bucket_name(bucket).build().map_err(Error::of)?;
            return Ok(Self { objects: Arc::new(objects), below: Path::from(below) });
        }
        let folder = address.strip_prefix("file://").unwrap_or(address);
        if folder.contains("://") {
            return Err(Error(format!("{address:?} is neither file:// nor s3://")));
        }
        Self::in_folder(Folder::new(folder))
    }

    /// Opens a local folder and makes it when missing.
    ///
    /// # Errors
    /// When it cannot be made.
    pub fn in_folder(folder: &Folder) -> Result<Self, Error> {
        std::fs::create_dir_all(folder).map_err(Error::of)?;
        let objects = LocalFileSystem::new_with_prefix(folder).map_err(Error::of)?;
        Ok(Self { objects: Arc::new(objects), below: Path::default() })
    }

    /// Keeps `bytes` under the id of a file. The same bytes again are harmless, others under the same id are refused.
    ///
    /// # Errors
    /// When the bytes were not kept.
    pub async fn put(&self, key: &str, bytes: Vec<u8>) -> Result<(), Error> {
        let place = self.place(key)?;
        let once = PutOptions { mode: PutMode::Create, ..Default::default() };
        match self.objects.put_opts(&place, bytes.clone().into(), once).await {
            Ok(_) => Ok(()),
            Err(object_store::Error::AlreadyExists { .. }) if self.get(key).await?.as_deref() == Some(&bytes) => Ok(()),
            Err(failed) => Err(Error::of(failed)),
        }
    }

    /// The bytes under a key, or `None`.
    ///
    /// # Errors
    /// When they cannot be read.
    pub async fn get(&self, key: &str) -> Result<Option<Vec<u8>>, Error> {
        let found = match self.objects.get(&self.place(key)?).await {
            Ok(found) => found,
            Err(object_store::Error::NotFound { .. }) => return Ok(None),
            Err(failed) => return Err(Error::of(failed)),
        };
        Ok(Some(found.bytes().await.map_err(Error::of)?.to_vec()))
    }

    /// Every key, sorted: what a backup walks.
    ///
    /// # Errors
    /// When the place cannot be listed.
    pub async fn keys(&self) -> Result<Vec<String>, Error> {
        let below = Some(&self.below).filter(|below| !below.as_ref().is_empty());
        let found: Vec<_> = self.objects.list(below).map_ok(|object| object.location).try_collect().await.map_err(Error::of)?;
        let mut keys: Vec<String> = found.iter().filter_map(Path::filename).filter(|name| is_id(name)).map(str::to_owned).collect();
        keys.sort();
        Ok(keys)
    }

    fn place(&self, key: &str) -> Result<Path, Error> {
        // Only ids that we made ourselves: no name from outside ever becomes a path.
        if is_id(key) { Ok(self.below.clone().join(key)) } else { Err(Error(format!("{key:?} is no key"))) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const KEY: &str = "0199f1c2-7d1e-7000-8000-000000000001";

    #[tokio::test]
    async fn what_was_put_is_got_and_never_changes() {
        let folder = tempfile::tempdir().unwrap();
        let store = Store::open(&format!("file://{}/文件", folder.path().display())).unwrap();
        assert!(store.get(KEY).await.unwrap().is_none());
        store.put(KEY, b"one".to_vec()).await.unwrap();
        store.put(KEY, b"one".to_vec()).await.unwrap();
        assert!(store.put(KEY, b"two".to_vec()).await.is_err());
        assert_eq!(store.get(KEY).await.unwrap().unwrap(), b"one");
        assert_eq!(store.keys().await.unwrap(), [KEY]);
    }

    #[tokio::test]
    async fn a_key_is_never_a_path() {
        let folder = tempfile::tempdir().unwrap();
        let store = Store::in_folder(folder.path()).unwrap();
        for key in ["../../etc/passwd", "", "a", "/0199f1c2-7d1e-7000-8000-00000000000"] {
            assert!(store.put(key, Vec::new()).await.is_err() && store.get(key).await.is_err());
        }
    }

    #[test]
    fn an_address_of_another_kind_is_refused() {
        assert!(Store::open("ftp://host/files").is_err());
    }
}
