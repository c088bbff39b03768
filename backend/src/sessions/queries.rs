//! SQL of sessions as their owner sees them, of the sign-in history, and of known devices.

use std::time::Duration;

use diesel::{
    dsl::{exists, now, select},
    pg::Pg,
    prelude::*,
    sql_types::{Record, Timestamptz, Uuid as SqlUuid},
};

use crate::{
    auth::Which,
    db::{
        ids::{DeviceId, SessionId, SignInId, UserId},
        schema::{devices, sessions, sign_ins},
        time::{db_now, interval},
    },
    http::{Cursor, Origin, page::LiteralLimit},
};

use super::model::{Session, SignIn, SignInMethod, SignInOutcome};

/// A browser that was not seen for longer counts as new again.
const KNOWN: Duration = Duration::from_secs(180 * 86_400);

/// More than a person can look through.
const SESSIONS_SHOWN: i64 = 200;

/// The person's sessions that hold, the latest seen first.
pub fn list_sessions(conn: &mut PgConnection, user: UserId) -> QueryResult<Vec<Session>> {
    sessions::table
        .filter(sessions::user_id.eq(user))
        .filter(sessions::revoked_at.is_null())
        .filter(sessions::expires_at.gt(now))
        .order((sessions::last_seen_at.desc(), sessions::id.desc()))
        .select(Session::as_select())
        .literal_limit(SESSIONS_SHOWN)
        .load(conn)
}

/// Writes a line of the history.
pub fn insert_sign_in(
    conn: &mut PgConnection,
    user: UserId,
    origin: &Origin,
    outcome: SignInOutcome,
    (method, provider): (SignInMethod, Option<&str>),
    new_device: bool,
) -> QueryResult<()> {
    diesel::insert_into(sign_ins::table)
        .values((
            sign_ins::id.eq(SignInId::new()),
            sign_ins::user_id.eq(user),
            sign_ins::outcome.eq(outcome),
            sign_ins::method.eq(method),
            sign_ins::provider.eq(provider),
            sign_ins::new_device.eq(new_device),
            sign_ins::ip.eq(&origin.ip),
            sign_ins::user_agent.eq(&origin.user_agent),
        ))
        .execute(conn)
        .map(drop)
}

/// The addresses that the person's kept sign-ins came from. Attempts that failed do not count: anybody can make them.
pub fn list_addresses(conn: &mut PgConnection, user: UserId) -> QueryResult<Vec<String>> {
    sign_ins::table
        .filter(sign_ins::user_id.eq(user))
        .filter(sign_ins::outcome.eq(SignInOutcome::SignedIn))
        .select(sign_ins::ip)
        .distinct()
        .load(conn)
}

/// The lines after the cursor, newest first, with one more than asked for.
pub fn list_sign_ins(
    conn: &mut PgConnection,
    user: UserId,
    after: Option<Cursor>,
    limit: i64,
) -> QueryResult<Vec<SignIn>> {
    let mut query = sign_ins::table
        .filter(sign_ins::user_id.eq(user))
        .select(SignIn::as_select())
        .order((sign_ins::created_at.desc(), sign_ins::id.desc()))
        .into_boxed::<Pg>();
    if let Some(after) = after {
        query = query.filter(
            (sign_ins::created_at, sign_ins::id)
                .into_sql::<Record<(Timestamptz, SqlUuid)>>()
                .lt((after.at, after.id)),
        );
    }
    query.literal_limit(limit + 1).load(conn)
}

/// Whether the person is known to use this device; notes that it was seen.
pub fn see_device(conn: &mut PgConnection, user: UserId, device: DeviceId) -> QueryResult<bool> {
    let since = db_now() - interval(KNOWN);
    diesel::update(devices::table.find((user, device)))
        .filter(devices::forgotten_at.is_null())
        .filter(devices::last_seen_at.gt(since))
        .set(devices::last_seen_at.eq(now))
        .execute(conn)
        .map(|n| n == 1)
}

/// Whether the person ever signed in from anywhere.
pub fn has_devices(conn: &mut PgConnection, user: UserId) -> QueryResult<bool> {
    select(exists(devices::table.filter(devices::user_id.eq(user)))).get_result(conn)
}

/// False when the person had it before.
pub fn insert_device(conn: &mut PgConnection, user: UserId, device: DeviceId) -> QueryResult<bool> {
    diesel::insert_into(devices::table)
        .values((devices::user_id.eq(user), devices::device.eq(device)))
        .on_conflict_do_nothing()
        .execute(conn)
        .map(|n| n == 1)
}

/// Forgets the devices of sessions that are about to be ended, except the one that `current` runs on.
pub fn forget_devices(
    conn: &mut PgConnection,
    user: UserId,
    which: Which,
    current: SessionId,
) -> QueryResult<()> {
    let mut ending = sessions::table
        .filter(sessions::user_id.eq(user))
        .filter(sessions::revoked_at.is_null())
        .filter(sessions::device.is_not_null())
        .select(sessions::device.assume_not_null())
        .into_boxed::<Pg>();
    ending = match which {
        Which::All => ending,
        Which::One(id) => ending.filter(sessions::id.eq(id)),
        Which::AllBut(id) => ending.filter(sessions::id.ne(id)),
    };
    let here = sessions::table
        .filter(sessions::id.eq(current))
        .filter(sessions::device.is_not_null())
        .select(sessions::device.assume_not_null());
    diesel::update(devices::table)
        .filter(devices::user_id.eq(user))
        .filter(devices::forgotten_at.is_null())
        .filter(devices::device.eq_any(ending))
        .filter(devices::device.ne_all(here))
        .set(devices::forgotten_at.eq(now))
        .execute(conn)
        .map(drop)
}
