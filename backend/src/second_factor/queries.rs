//! SQL of second factors. The database's clock says which time step it is.

use chrono::{DateTime, Utc};
use diesel::{
    dsl::{exists, select},
    prelude::*,
    sql_types::BigInt,
};

use crate::{
    auth::Role,
    db::{
        ids::UserId,
        schema::{second_factor_roles as roles, second_factors, sessions},
        time::db_now,
    },
};

use super::{model::SecondFactor, recovery, totp::STEP_SECONDS};

pub fn find(conn: &mut PgConnection, user: UserId) -> QueryResult<Option<SecondFactor>> {
    second_factors::table
        .find(user)
        .select(SecondFactor::as_select())
        .first(conn)
        .optional()
}

/// The one that the person's sign-ins need, if they do.
pub fn find_on(conn: &mut PgConnection, user: UserId) -> QueryResult<Option<SecondFactor>> {
    Ok(find(conn, user)?.filter(|factor| factor.confirmed_at.is_some()))
}

/// Whether the person's sign-ins need a second step.
pub fn is_on(conn: &mut PgConnection, user: UserId) -> QueryResult<bool> {
    let on = second_factors::table
        .find(user)
        .filter(second_factors::confirmed_at.is_not_null());
    select(exists(on)).get_result(conn)
}

/// Those of these people who have one.
pub fn owners(conn: &mut PgConnection, people: &[UserId]) -> QueryResult<Vec<UserId>> {
    second_factors::table
        .filter(second_factors::user_id.eq_any(people))
        .filter(second_factors::confirmed_at.is_not_null())
        .select(second_factors::user_id)
        .load(conn)
}

/// Begins to set one up, or begins anew; false when there is one.
pub fn begin(
    conn: &mut PgConnection,
    user: UserId,
    salt: &[u8],
    recovery_salt: &[u8],
) -> QueryResult<bool> {
    let values = (
        second_factors::salt.eq(salt),
        second_factors::recovery_salt.eq(recovery_salt),
        second_factors::recovery_left.eq(recovery::ALL),
    );
    let begun = diesel::insert_into(second_factors::table)
        .values((second_factors::user_id.eq(user), values))
        .on_conflict_do_nothing()
        .execute(conn)?;
    if begun == 1 {
        return Ok(true);
    }
    let pending = second_factors::table
        .find(user)
        .filter(second_factors::confirmed_at.is_null());
    diesel::update(pending)
        .set(values)
        .execute(conn)
        .map(|n| n == 1)
}

#[derive(QueryableByName)]
struct Now {
    #[diesel(sql_type = BigInt)]
    step: i64,
}

/// The time step it is (RFC 6238 section 4.2).
pub fn step_now(conn: &mut PgConnection) -> QueryResult<i64> {
    let now: Now =
        diesel::sql_query("SELECT floor(extract(epoch FROM now()) / $1)::bigint AS step")
            .bind::<BigInt, _>(STEP_SECONDS)
            .get_result(conn)?;
    Ok(now.step)
}

/// Uses the code of a step up; false when it, or a later one, was used before.
pub fn use_step(conn: &mut PgConnection, user: UserId, step: i64) -> QueryResult<bool> {
    diesel::update(second_factors::table.find(user))
        .filter(second_factors::last_step.lt(step))
        .set(second_factors::last_step.eq(step))
        .execute(conn)
        .map(|n| n == 1)
}

/// Uses a recovery code up; false when it was used before.
pub fn use_recovery(
    conn: &mut PgConnection,
    user: UserId,
    seen: i32,
    bit: i32,
) -> QueryResult<bool> {
    if seen & bit == 0 {
        return Ok(false);
    }
    diesel::update(second_factors::table.find(user))
        .filter(second_factors::recovery_left.eq(seen))
        .set(second_factors::recovery_left.eq(seen & !bit))
        .execute(conn)
        .map(|n| n == 1)
}

/// It is set up; sessions that waited for that are free.
pub fn confirm(conn: &mut PgConnection, user: UserId) -> QueryResult<()> {
    diesel::update(second_factors::table.find(user))
        .set(second_factors::confirmed_at.eq(db_now().nullable()))
        .execute(conn)?;
    diesel::update(sessions::table)
        .filter(sessions::user_id.eq(user))
        .filter(sessions::second_factor_due)
        .set(sessions::second_factor_due.eq(false))
        .execute(conn)
        .map(drop)
}

pub fn replace_recovery(conn: &mut PgConnection, user: UserId, salt: &[u8]) -> QueryResult<()> {
    diesel::update(second_factors::table.find(user))
        .set((
            second_factors::recovery_salt.eq(salt),
            second_factors::recovery_left.eq(recovery::ALL),
        ))
        .execute(conn)
        .map(drop)
}

/// False when there was none that is set up.
pub fn delete(conn: &mut PgConnection, user: UserId) -> QueryResult<bool> {
    let on = second_factors::table
        .find(user)
        .filter(second_factors::confirmed_at.is_not_null());
    diesel::delete(on).execute(conn).map(|n| n == 1)
}

/// False when there was none that was set up since then.
pub fn delete_since(
    conn: &mut PgConnection,
    user: UserId,
    since: DateTime<Utc>,
) -> QueryResult<bool> {
    let new = second_factors::table
        .find(user)
        .filter(second_factors::confirmed_at.ge(since));
    diesel::delete(new).execute(conn).map(|n| n == 1)
}

// The roles that need one.

pub fn required_roles(conn: &mut PgConnection) -> QueryResult<Vec<Role>> {
    roles::table
        .select(roles::role)
        .order(roles::role)
        .load(conn)
}

pub fn is_required(conn: &mut PgConnection, role: Role) -> QueryResult<bool> {
    select(exists(roles::table.filter(roles::role.eq(role)))).get_result(conn)
}

pub fn require(conn: &mut PgConnection, required: &[Role]) -> QueryResult<()> {
    diesel::delete(roles::table.filter(roles::role.ne_all(required))).execute(conn)?;
    let rows: Vec<_> = required.iter().map(|role| roles::role.eq(*role)).collect();
    diesel::insert_into(roles::table)
        .values(rows)
        .on_conflict_do_nothing()
        .execute(conn)
        .map(drop)
}
