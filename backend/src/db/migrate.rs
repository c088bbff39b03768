//! The schema's steps, embedded in the binary.

use diesel::{Connection, PgConnection, connection::SimpleConnection};
use diesel_migrations::{EmbeddedMigrations, MigrationHarness, embed_migrations};

pub const STEPS: EmbeddedMigrations = embed_migrations!("../migrations");

/// Applies what is pending, one process at a time (an advisory lock), and refuses a schema newer than this binary.
pub fn run(url: &str) -> Result<Vec<String>, String> {
    let mut conn =
        PgConnection::establish(url).map_err(|e| format!("cannot reach the database: {e}"))?;
    // Any number, the same in every version of this program.
    conn.batch_execute("SELECT pg_advisory_lock(7230914416)")
        .map_err(|e| e.to_string())?;
    refuse_newer(&mut conn)?;
    let done = conn
        .run_pending_migrations(STEPS)
        .map_err(|e| format!("migration failed: {e}"))?;
    let done = done.iter().map(ToString::to_string).collect();
    conn.batch_execute("SELECT pg_advisory_unlock(7230914416)")
        .map_err(|e| e.to_string())?;
    Ok(done)
}

fn refuse_newer(conn: &mut PgConnection) -> Result<(), String> {
    use diesel::migration::{Migration as _, MigrationSource};
    let known = MigrationSource::<diesel::pg::Pg>::migrations(&STEPS).map_err(|e| e.to_string())?;
    let known: Vec<String> = known
        .iter()
        .map(|m| m.name().version().to_string())
        .collect();
    let applied = conn.applied_migrations().map_err(|e| e.to_string())?;
    match applied.iter().find(|v| !known.contains(&v.to_string())) {
        Some(version) => Err(format!(
            "the database has step {version}, which this version does not know: start the newer version instead"
        )),
        None => Ok(()),
    }
}
