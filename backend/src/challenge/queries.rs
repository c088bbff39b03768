//! SQL of challenges. One row for each person: a new challenge replaces the one before.

use std::time::Duration;

use diesel::{dsl::now, prelude::*};

use crate::{
    db::{
        ids::{ChallengeId, CodeId, UserId},
        schema::sign_in_challenges as challenges,
        time::{db_now, interval},
    },
    sessions::Entry,
};

use super::model::Pending;

pub fn replace(
    conn: &mut PgConnection,
    user: UserId,
    salt: &[u8],
    code: Option<CodeId>,
    entry: &Entry,
    ttl: Duration,
) -> QueryResult<ChallengeId> {
    void(conn, user)?;
    diesel::insert_into(challenges::table)
        .values((
            challenges::id.eq(ChallengeId::new()),
            challenges::user_id.eq(user),
            challenges::salt.eq(salt),
            challenges::code_id.eq(code),
            challenges::method.eq(entry.method),
            challenges::provider.eq(&entry.provider),
            challenges::expires_at.eq(db_now() + interval(ttl)),
        ))
        .returning(challenges::id)
        .get_result(conn)
}

/// Takes back what a person has not passed yet.
pub fn void(conn: &mut PgConnection, user: UserId) -> QueryResult<()> {
    diesel::delete(challenges::table.filter(challenges::user_id.eq(user)))
        .execute(conn)
        .map(drop)
}

pub fn find(conn: &mut PgConnection, id: ChallengeId) -> QueryResult<Option<Pending>> {
    challenges::table
        .find(id)
        .filter(challenges::expires_at.gt(now))
        .select(Pending::as_select())
        .first(conn)
        .optional()
}

/// Counts a guess, if there are any left; `attempts` includes it.
pub fn count_guess(
    conn: &mut PgConnection,
    id: ChallengeId,
    limit: i32,
) -> QueryResult<Option<Pending>> {
    let live = challenges::table
        .find(id)
        .filter(challenges::expires_at.gt(now))
        .filter(challenges::attempts.lt(limit));
    diesel::update(live)
        .set(challenges::attempts.eq(challenges::attempts + 1))
        .returning(Pending::as_returning())
        .get_result(conn)
        .optional()
}

/// Ties the challenge to a newer code.
pub fn set_code(conn: &mut PgConnection, id: ChallengeId, code: CodeId) -> QueryResult<()> {
    diesel::update(challenges::table.find(id))
        .set(challenges::code_id.eq(code))
        .execute(conn)
        .map(drop)
}
