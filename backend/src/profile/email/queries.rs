//! SQL of changes of address.

use std::time::Duration;

use chrono::{DateTime, Utc};
use diesel::{dsl::now, prelude::*};

use crate::{
    auth::Role,
    db::{
        ids::{CodeId, UserId},
        schema::{email_changes, one_time_codes as codes, users},
        time::{db_now, interval},
    },
    people::User,
};

diesel::define_sql_function! {
    fn lower(text: diesel::sql_types::Text) -> Text;
}

/// A change of address, asked for or made.
#[derive(Debug, Clone, Queryable, Selectable)]
#[diesel(table_name = email_changes)]
pub struct Change {
    pub code_id: CodeId,
    pub user_id: UserId,
    pub old_email: String,
    pub new_email: String,
    pub created_at: DateTime<Utc>,
    pub changed_at: Option<DateTime<Utc>>,
}

pub fn insert(conn: &mut PgConnection, code_id: CodeId, user: &User, new: &str) -> QueryResult<()> {
    diesel::insert_into(email_changes::table)
        .values((
            email_changes::code_id.eq(code_id),
            email_changes::user_id.eq(user.id),
            email_changes::old_email.eq(&user.email),
            email_changes::new_email.eq(new),
        ))
        .execute(conn)
        .map(drop)
}

/// The address that waits to be proven, and until when it can be.
pub fn find_pending(
    conn: &mut PgConnection,
    user: UserId,
) -> QueryResult<Option<(String, DateTime<Utc>)>> {
    email_changes::table
        .inner_join(codes::table)
        .filter(email_changes::user_id.eq(user))
        .filter(codes::used_at.is_null())
        .filter(codes::voided_at.is_null())
        .filter(codes::expires_at.gt(now))
        .select((email_changes::new_email, codes::expires_at))
        .first(conn)
        .optional()
}

pub fn find(conn: &mut PgConnection, code_id: CodeId) -> QueryResult<Option<Change>> {
    email_changes::table
        .find(code_id)
        .select(Change::as_select())
        .first(conn)
        .optional()
}

/// A registration of this address that nobody ever proved makes way for who has.
pub fn delete_unproven(conn: &mut PgConnection, email: &str) -> QueryResult<()> {
    diesel::delete(
        users::table
            .filter(lower(users::email).eq(lower(email)))
            .filter(users::role.eq(Role::Customer))
            .filter(users::email_confirmed_at.is_null())
            .filter(users::disabled_at.is_null()),
    )
    .execute(conn)
    .map(drop)
}

/// Fails when the address is somebody else's.
pub fn set_email(conn: &mut PgConnection, id: UserId, email: &str) -> QueryResult<User> {
    diesel::update(users::table.find(id))
        .set((
            users::email.eq(email),
            users::updated_at.eq(db_now()),
            users::version.eq(users::version + 1),
        ))
        .returning(User::as_returning())
        .get_result(conn)
}

pub fn drop_password(conn: &mut PgConnection, id: UserId) -> QueryResult<()> {
    diesel::update(users::table.find(id))
        .set(users::password_hash.eq(None::<String>))
        .execute(conn)
        .map(drop)
}

/// Notes that the change took effect; the old address can undo it for `window`.
pub fn note_changed(conn: &mut PgConnection, code_id: CodeId, window: Duration) -> QueryResult<()> {
    diesel::update(email_changes::table.find(code_id))
        .set((
            email_changes::changed_at.eq(db_now().nullable()),
            email_changes::undo_until.eq((db_now() + interval(window)).nullable()),
        ))
        .execute(conn)
        .map(drop)
}

/// Takes back this change and all that followed it; false when it is too late or done already.
pub fn note_undone(conn: &mut PgConnection, change: &Change) -> QueryResult<bool> {
    let can_be = email_changes::table
        .find(change.code_id)
        .filter(email_changes::undone_at.is_null())
        .filter(email_changes::undo_until.gt(db_now().nullable()));
    let won = diesel::update(can_be)
        .set(email_changes::undone_at.eq(db_now().nullable()))
        .execute(conn)?;
    diesel::update(email_changes::table)
        .filter(email_changes::user_id.eq(change.user_id))
        .filter(email_changes::undone_at.is_null())
        .filter(email_changes::changed_at.ge(change.changed_at))
        .set(email_changes::undone_at.eq(db_now().nullable()))
        .execute(conn)?;
    Ok(won == 1)
}
