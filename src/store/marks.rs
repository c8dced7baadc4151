//! Marks: facts of the installation that must outlive a restart, such as whether its demo was filled.

use sqlx::AnyConnection;

use super::Error;

/// The value of a mark.
pub async fn find(conn: &mut AnyConnection, name: &str) -> Result<Option<String>, Error> {
    Ok(sqlx::query_scalar("SELECT value FROM marks WHERE name = $1").bind(name).fetch_optional(conn).await?)
}

/// Sets a mark, in place of the value that it had.
pub async fn replace(conn: &mut AnyConnection, name: &str, value: &str) -> Result<(), Error> {
    sqlx::query("INSERT INTO marks (name, value) VALUES ($1, $2) ON CONFLICT (name) DO UPDATE SET value = excluded.value")
        .bind(name)
        .bind(value)
        .execute(conn)
        .await?;
    Ok(())
}
