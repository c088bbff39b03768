//! SQL of lockdowns.

use chrono::{DateTime, Utc};
use diesel::{dsl::now, prelude::*};
use uuid::Uuid;

use crate::db::{
    ids::{SessionId, UserId},
    schema::{lockdowns, sessions, users},
    time::db_now,
};

use super::model::Lockdown;

/// Since when there is one.
pub fn since(conn: &mut PgConnection) -> QueryResult<Option<DateTime<Utc>>> {
    lockdowns::table
        .filter(lockdowns::ended_at.is_null())
        .select(lockdowns::started_at)
        .first(conn)
        .optional()
}

/// The one that is on, and the name of who started it; none for the command line.
pub fn find(conn: &mut PgConnection) -> QueryResult<Option<(Lockdown, Option<String>)>> {
    lockdowns::table
        .left_join(users::table.on(lockdowns::started_by.eq(users::id.nullable())))
        .filter(lockdowns::ended_at.is_null())
        .select((Lockdown::as_select(), users::name.nullable()))
        .first(conn)
        .optional()
}

/// False when there is one already.
pub fn start(conn: &mut PgConnection, reason: &str, by: Option<UserId>) -> QueryResult<bool> {
    diesel::insert_into(lockdowns::table)
        .values((
            lockdowns::id.eq(Uuid::now_v7()),
            lockdowns::reason.eq(reason),
            lockdowns::started_by.eq(by),
        ))
        .on_conflict_do_nothing()
        .execute(conn)
        .map(|n| n == 1)
}

/// False when there is none.
pub fn end(conn: &mut PgConnection, by: Option<UserId>) -> QueryResult<bool> {
    diesel::update(lockdowns::table)
        .filter(lockdowns::ended_at.is_null())
        .set((
            lockdowns::ended_at.eq(db_now().nullable()),
            lockdowns::ended_by.eq(by),
        ))
        .execute(conn)
        .map(|n| n == 1)
}

/// Ends all sessions but `keep`; answers how many. The table is locked first: a sign-in that is under way has either
/// written its session already, which then ends here, or writes it after the commit, and finds the lockdown. The rows are
/// deleted, which touches no index: marking them would take twenty times as long. The history of sign-ins stays.
pub fn end_sessions(conn: &mut PgConnection, keep: Option<SessionId>) -> QueryResult<usize> {
    diesel::sql_query("LOCK TABLE sessions IN SHARE ROW EXCLUSIVE MODE").execute(conn)?;
    diesel::delete(sessions::table)
        .filter(sessions::revoked_at.is_null())
        .filter(sessions::expires_at.gt(now))
        .filter(sessions::id.nullable().is_distinct_from(keep))
        .execute(conn)
}
