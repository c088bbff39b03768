//! SQL of telephone numbers and texts.

use chrono::{DateTime, Utc};
use diesel::{dsl::now, prelude::*};

use crate::{
    db::{
        ids::{CodeId, UserId},
        schema::{one_time_codes as codes, texts, users},
        time::db_now,
    },
    people::User,
};

pub fn insert(
    conn: &mut PgConnection,
    code_id: CodeId,
    user: UserId,
    phone: &str,
) -> QueryResult<()> {
    diesel::insert_into(texts::table)
        .values((
            texts::code_id.eq(code_id),
            texts::user_id.eq(user),
            texts::phone.eq(phone),
        ))
        .execute(conn)
        .map(drop)
}

/// The number that waits to be proven, until when, and whether the text could not be sent.
pub fn find_pending(
    conn: &mut PgConnection,
    user: UserId,
) -> QueryResult<Option<(String, DateTime<Utc>, String)>> {
    texts::table
        .inner_join(codes::table)
        .filter(texts::user_id.eq(user))
        .filter(codes::used_at.is_null())
        .filter(codes::voided_at.is_null())
        .filter(codes::expires_at.gt(now))
        .select((texts::phone, codes::expires_at, texts::state))
        .first(conn)
        .optional()
}

pub fn find_phone(conn: &mut PgConnection, code_id: CodeId) -> QueryResult<Option<String>> {
    texts::table
        .find(code_id)
        .select(texts::phone)
        .first(conn)
        .optional()
}

/// A text to be sent: number and the code's salt. None when it was sent or the code is no good any more.
pub fn find_queued(
    conn: &mut PgConnection,
    code_id: CodeId,
) -> QueryResult<Option<(String, Vec<u8>)>> {
    texts::table
        .inner_join(codes::table)
        .filter(texts::code_id.eq(code_id))
        .filter(texts::state.eq("queued"))
        .filter(codes::used_at.is_null())
        .filter(codes::voided_at.is_null())
        .filter(codes::expires_at.gt(now))
        .select((texts::phone, codes::salt))
        .first(conn)
        .optional()
}

/// A text that was waiting has left.
pub fn mark_sent(conn: &mut PgConnection, code_id: CodeId) -> QueryResult<()> {
    diesel::update(texts::table.find(code_id).filter(texts::state.eq("queued")))
        .set((
            texts::state.eq("sent"),
            texts::sent_at.eq(db_now().nullable()),
        ))
        .execute(conn)
        .map(drop)
}

/// A text that was waiting will not leave: `dropped` because its code is no good any more, or `failed`.
pub fn mark_unsent(conn: &mut PgConnection, code_id: CodeId, state: &str) -> QueryResult<()> {
    diesel::update(texts::table.find(code_id).filter(texts::state.eq("queued")))
        .set(texts::state.eq(state))
        .execute(conn)
        .map(drop)
}

/// The number is the person's.
pub fn confirm(conn: &mut PgConnection, user: UserId, phone: &str) -> QueryResult<User> {
    diesel::update(users::table.find(user))
        .set((
            users::phone.eq(phone),
            users::phone_confirmed_at.eq(db_now().nullable()),
            users::updated_at.eq(db_now()),
            users::version.eq(users::version + 1),
        ))
        .returning(User::as_returning())
        .get_result(conn)
}
