//! SQL of exports and of asking for deletion.

use chrono::{DateTime, Utc};
use diesel::{dsl::now, prelude::*};
use uuid::Uuid;

use crate::db::{
    ids::UserId,
    schema::{exports, tickets, users},
    time::{db_now, interval},
};

use super::model::{Export, ExportState};

/// Long enough for any export; a job that died leaves the person free to ask again.
const STUCK: std::time::Duration = std::time::Duration::from_secs(3600);

pub fn find_export(conn: &mut PgConnection, user: UserId) -> QueryResult<Option<Export>> {
    exports::table
        .find(user)
        .filter(
            exports::expires_at
                .is_null()
                .or(exports::expires_at.gt(db_now().nullable())),
        )
        .select(Export::as_select())
        .first(conn)
        .optional()
}

/// Begins an export, which replaces one that is ready; false while one is being prepared.
pub fn begin_export(conn: &mut PgConnection, user: UserId, request: Uuid) -> QueryResult<bool> {
    let done = exports::state
        .ne(ExportState::Preparing)
        .or(exports::created_at.lt(db_now() - interval(STUCK)));
    diesel::delete(exports::table.find(user).filter(done)).execute(conn)?;
    diesel::insert_into(exports::table)
        .values((exports::user_id.eq(user), exports::request.eq(request)))
        .on_conflict_do_nothing()
        .execute(conn)
        .map(|n| n == 1)
}

/// The bytes, while they are kept.
pub fn find_bytes(conn: &mut PgConnection, user: UserId) -> QueryResult<Option<Vec<u8>>> {
    exports::table
        .find(user)
        .filter(exports::state.eq(ExportState::Ready))
        .filter(exports::expires_at.gt(db_now().nullable()))
        .select(exports::bytes.assume_not_null())
        .first(conn)
        .optional()
}

pub fn delete_export(conn: &mut PgConnection, user: UserId) -> QueryResult<()> {
    diesel::delete(exports::table.find(user))
        .execute(conn)
        .map(drop)
}

/// Tickets that an agent has and that are not finished.
pub fn count_open(conn: &mut PgConnection, agent: UserId) -> QueryResult<i64> {
    tickets::table
        .filter(tickets::assignee_id.is_not_distinct_from(agent))
        .filter(tickets::status.eq_any(["open", "pending", "on_hold"]))
        .count()
        .get_result(conn)
}

pub fn find_due(conn: &mut PgConnection, user: UserId) -> QueryResult<Option<DateTime<Utc>>> {
    users::table
        .find(user)
        .select(users::deletion_due_at)
        .first(conn)
}

pub fn set_due(
    conn: &mut PgConnection,
    user: UserId,
    grace: std::time::Duration,
) -> QueryResult<Option<DateTime<Utc>>> {
    diesel::update(users::table.find(user))
        .set((
            users::deletion_due_at.eq((db_now() + interval(grace)).nullable()),
            users::updated_at.eq(now),
            users::version.eq(users::version + 1),
        ))
        .returning(users::deletion_due_at)
        .get_result(conn)
}

/// False when nobody had asked for it.
pub fn clear_due(conn: &mut PgConnection, user: UserId) -> QueryResult<bool> {
    diesel::update(users::table.find(user))
        .filter(users::deletion_due_at.is_not_null())
        .set((
            users::deletion_due_at.eq(None::<DateTime<Utc>>),
            users::updated_at.eq(now),
            users::version.eq(users::version + 1),
        ))
        .execute(conn)
        .map(|n| n == 1)
}
