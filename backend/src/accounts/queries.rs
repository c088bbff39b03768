//! SQL of accounts.

use std::{collections::HashMap, time::Duration};

use chrono::{DateTime, Utc};
use diesel::{
    dsl::{count_star, now},
    prelude::*,
    sql_types::BigInt,
};

use crate::{
    auth::Role,
    db::{
        ids::UserId,
        schema::{sessions, users},
        time::{db_now, interval},
    },
    people::User,
    second_factor,
};

use super::model::Account;

/// Adds what is counted: whether a lock holds (so many failures in a window), and how many sessions do.
pub fn describe(
    conn: &mut PgConnection,
    (failures, window): (i32, Duration),
    people: Vec<User>,
) -> QueryResult<Vec<Account>> {
    let ids: Vec<UserId> = people.iter().map(|p| p.id).collect();
    let since = db_now() - interval(window);
    let locked: HashMap<UserId, Option<DateTime<Utc>>> = users::table
        .filter(users::id.eq_any(&ids))
        .filter(users::failed_sign_ins.ge(failures))
        .filter(users::failed_window_started_at.gt(since.nullable()))
        .select((users::id, users::failed_window_started_at))
        .load::<(UserId, Option<DateTime<Utc>>)>(conn)?
        .into_iter()
        .collect();
    let holding: HashMap<UserId, i64> = sessions::table
        .filter(sessions::user_id.eq_any(&ids))
        .filter(sessions::revoked_at.is_null())
        .filter(sessions::expires_at.gt(now))
        .group_by(sessions::user_id)
        .select((sessions::user_id, count_star()))
        .load::<(UserId, i64)>(conn)?
        .into_iter()
        .collect();
    let owners = second_factor::owners(conn, &ids)?;
    let accounts = people.into_iter().map(|user| Account {
        locked_until: locked
            .get(&user.id)
            .copied()
            .flatten()
            .map(|at| after(at, window)),
        second_factor: owners.contains(&user.id),
        sessions: holding.get(&user.id).copied().unwrap_or_default(),
        user,
    });
    Ok(accounts.collect())
}

fn after(at: DateTime<Utc>, window: Duration) -> DateTime<Utc> {
    chrono::Duration::from_std(window)
        .ok()
        .and_then(|window| at.checked_add_signed(window))
        .unwrap_or(at)
}

/// Any number, the same in every version of this program.
const ADMINS: i64 = 7_230_914_417;

/// Active admins besides this one, who stay. Whoever asks does so one at a time, until the transaction ends: two admins who switch
/// each other off at once would otherwise both find the other one.
pub fn count_other_admins(conn: &mut PgConnection, id: UserId) -> QueryResult<i64> {
    diesel::sql_query("SELECT pg_advisory_xact_lock($1)")
        .bind::<BigInt, _>(ADMINS)
        .execute(conn)?;
    other_admins(conn, id)
}

/// The same for whom it is enough to know how it looks now.
pub fn other_admins(conn: &mut PgConnection, id: UserId) -> QueryResult<i64> {
    users::table
        .filter(users::role.eq(Role::Admin))
        .filter(users::id.ne(id))
        .filter(users::disabled_at.is_null())
        .filter(users::deletion_due_at.is_null())
        .filter(users::email_confirmed_at.is_not_null())
        .count()
        .get_result(conn)
}

/// False when a new password is required already.
pub fn require_password_change(conn: &mut PgConnection, id: UserId) -> QueryResult<bool> {
    diesel::update(users::table.find(id))
        .filter(users::password_change_required_at.is_null())
        .set((
            users::password_change_required_at.eq(db_now().nullable()),
            users::updated_at.eq(now),
            users::version.eq(users::version + 1),
        ))
        .execute(conn)
        .map(|n| n == 1)
}
