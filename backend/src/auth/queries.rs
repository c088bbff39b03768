//! SQL of sign-ins, sessions and codes. The database's `now()` decides every expiry.

use std::time::Duration;

use diesel::{
    dsl::{exists, now, select},
    pg::Pg,
    prelude::*,
    sql_types::{Integer, Text, Uuid as SqlUuid},
};

use crate::{
    db::{
        ids::{CodeId, DeviceId, SessionId, UserId},
        schema::{one_time_codes as codes, sessions, users},
        time::{db_now, interval},
    },
    http::Origin,
    people::User,
    sessions::Entry,
};

use super::{
    Role,
    model::{Code, Ended, Purpose},
};

diesel::define_sql_function! {
    /// Addresses are compared without case; `users_email_key` is on the same expression.
    fn lower(text: Text) -> Text;
}

// People, as far as signing in goes.

pub fn find_user(conn: &mut PgConnection, id: UserId) -> QueryResult<Option<User>> {
    users::table
        .find(id)
        .select(User::as_select())
        .first(conn)
        .optional()
}

/// The person, locked, so that what follows is decided one at a time.
pub fn lock_by_email(conn: &mut PgConnection, email: &str) -> QueryResult<Option<User>> {
    users::table
        .filter(lower(users::email).eq(lower(email)))
        .select(User::as_select())
        .for_no_key_update()
        .first(conn)
        .optional()
}

pub fn lock_user(conn: &mut PgConnection, id: UserId) -> QueryResult<Option<User>> {
    users::table
        .find(id)
        .select(User::as_select())
        .for_no_key_update()
        .first(conn)
        .optional()
}

#[derive(QueryableByName)]
struct Counted {
    #[diesel(sql_type = SqlUuid)]
    id: UserId,
    #[diesel(sql_type = Integer)]
    failed_sign_ins: i32,
}

/// Counts an attempt to sign in before its password is looked at. Answers the person and which attempt of the window it
/// is; more than `limit` means locked. The window begins with the first failure and anew with the one that locks, so
/// that a lock lasts a whole window and further attempts do not prolong it.
pub fn count_sign_in(
    conn: &mut PgConnection,
    email: &str,
    limit: i32,
    window: Duration,
) -> QueryResult<Option<(UserId, i32)>> {
    let counted: Option<Counted> = diesel::sql_query(
        "UPDATE users SET \
           failed_sign_ins = CASE WHEN failed_window_started_at > now() - $3 * interval '1 second' \
             THEN least(failed_sign_ins, $2) + 1 ELSE 1 END, \
           failed_window_started_at = CASE WHEN failed_window_started_at > now() - $3 * interval '1 second' \
             AND failed_sign_ins + 1 <> $2 THEN failed_window_started_at ELSE now() END \
         WHERE lower(email) = lower($1) RETURNING id, failed_sign_ins",
    )
    .bind::<Text, _>(email)
    .bind::<Integer, _>(limit)
    .bind::<Integer, _>(i32::try_from(window.as_secs()).unwrap_or(i32::MAX))
    .get_result(conn)
    .optional()?;
    Ok(counted.map(|c| (c.id, c.failed_sign_ins)))
}

pub fn forgive_sign_ins(conn: &mut PgConnection, id: UserId) -> QueryResult<()> {
    diesel::update(users::table.find(id))
        .set((
            users::failed_sign_ins.eq(0),
            users::failed_window_started_at.eq(None::<chrono::DateTime<chrono::Utc>>),
        ))
        .execute(conn)
        .map(drop)
}

/// A new customer, unless the address is taken.
pub fn insert_customer(
    conn: &mut PgConnection,
    name: &str,
    email: &str,
    password_hash: Option<&str>,
    locale: crate::locale::Locale,
) -> QueryResult<Option<UserId>> {
    diesel::insert_into(users::table)
        .values((
            users::id.eq(UserId::new()),
            users::role.eq(Role::Customer),
            users::name.eq(name),
            users::email.eq(email),
            users::password_hash.eq(password_hash),
            users::locale.eq(locale),
        ))
        .on_conflict_do_nothing()
        .returning(users::id)
        .get_result(conn)
        .optional()
}

/// The newest registration of an unconfirmed address replaces what the one before it said.
pub fn replace_registration(
    conn: &mut PgConnection,
    id: UserId,
    name: &str,
    email: &str,
    password_hash: &str,
    locale: crate::locale::Locale,
) -> QueryResult<()> {
    diesel::update(users::table.find(id))
        .set((
            users::name.eq(name),
            users::email.eq(email),
            users::password_hash.eq(password_hash),
            users::locale.eq(locale),
            users::updated_at.eq(db_now()),
            users::version.eq(users::version + 1),
        ))
        .execute(conn)
        .map(drop)
}

/// The address is proven. Without `keep_password` nobody can sign in by password until a new one is set.
pub fn confirm_user(conn: &mut PgConnection, id: UserId, keep_password: bool) -> QueryResult<User> {
    let changes = (
        users::email_confirmed_at.eq(db_now().nullable()),
        users::updated_at.eq(db_now()),
        users::version.eq(users::version + 1),
    );
    let confirmed = diesel::update(users::table.find(id)).set(changes);
    if keep_password {
        confirmed.returning(User::as_returning()).get_result(conn)
    } else {
        diesel::update(users::table.find(id))
            .set((changes, users::password_hash.eq(None::<String>)))
            .returning(User::as_returning())
            .get_result(conn)
    }
}

/// Sets a password, which also opens a lock and is the new one that an admin may have asked for.
pub fn set_password(conn: &mut PgConnection, id: UserId, password_hash: &str) -> QueryResult<User> {
    diesel::update(users::table.find(id))
        .set((
            users::password_hash.eq(password_hash),
            users::password_change_required_at.eq(None::<chrono::DateTime<chrono::Utc>>),
            users::failed_sign_ins.eq(0),
            users::failed_window_started_at.eq(None::<chrono::DateTime<chrono::Utc>>),
            users::updated_at.eq(db_now()),
            users::version.eq(users::version + 1),
        ))
        .returning(User::as_returning())
        .get_result(conn)
}

pub fn set_name(conn: &mut PgConnection, id: UserId, name: &str) -> QueryResult<()> {
    diesel::update(users::table.find(id))
        .set(users::name.eq(name))
        .execute(conn)
        .map(drop)
}

// Sessions.

pub fn insert_session(
    conn: &mut PgConnection,
    user_id: UserId,
    salt: &[u8],
    origin: &Origin,
    (entry, device): (&Entry, DeviceId),
    (ttl, second_factor_due): (Duration, bool),
) -> QueryResult<SessionId> {
    diesel::insert_into(sessions::table)
        .values((
            sessions::id.eq(SessionId::new()),
            sessions::user_id.eq(user_id),
            sessions::salt.eq(salt),
            sessions::method.eq(entry.method),
            sessions::provider.eq(&entry.provider),
            sessions::device.eq(device),
            sessions::second_factor_due.eq(second_factor_due),
            sessions::user_agent.eq(&origin.user_agent),
            sessions::ip.eq(&origin.ip),
            sessions::expires_at.eq(db_now() + interval(ttl)),
        ))
        .returning(sessions::id)
        .get_result(conn)
}

/// The salt of a session, living or not.
pub fn find_salt(conn: &mut PgConnection, id: SessionId) -> QueryResult<Option<Vec<u8>>> {
    sessions::table
        .find(id)
        .select(sessions::salt)
        .first(conn)
        .optional()
}

/// Whose session, and whether a second factor is due.
type Owner = (UserId, bool);

/// Moves a session on from the presented generation, if that is its newest and it still holds.
pub fn rotate_session(
    conn: &mut PgConnection,
    id: SessionId,
    presented: i32,
    origin: &Origin,
    ttl: Duration,
) -> QueryResult<Option<Owner>> {
    let owner_is_active = exists(
        users::table
            .filter(users::id.eq(sessions::user_id))
            .filter(users::disabled_at.is_null()),
    );
    let live = sessions::table
        .find(id)
        .filter(sessions::generation.eq(presented))
        .filter(sessions::revoked_at.is_null())
        .filter(sessions::expires_at.gt(now))
        .filter(owner_is_active);
    diesel::update(live)
        .set((
            sessions::generation.eq(sessions::generation + 1),
            sessions::rotated_at.eq(db_now()),
            sessions::last_seen_at.eq(db_now()),
            sessions::expires_at.eq(db_now() + interval(ttl)),
            sessions::user_agent.eq(&origin.user_agent),
            sessions::ip.eq(&origin.ip),
        ))
        .returning((sessions::user_id, sessions::second_factor_due))
        .get_result(conn)
        .optional()
}

/// Generation, whether it was reached within `grace`, and owner of a session that still holds.
pub fn find_rotated(
    conn: &mut PgConnection,
    id: SessionId,
    grace: Duration,
) -> QueryResult<Option<(i32, bool, Owner)>> {
    sessions::table
        .inner_join(users::table)
        .filter(sessions::id.eq(id))
        .filter(sessions::revoked_at.is_null())
        .filter(sessions::expires_at.gt(now))
        .filter(users::disabled_at.is_null())
        .select((
            sessions::generation,
            sessions::rotated_at.gt(db_now() - interval(grace)),
            (sessions::user_id, sessions::second_factor_due),
        ))
        .first(conn)
        .optional()
}

/// Ends sessions of a person: one, all, or all but one.
pub fn end_sessions(
    conn: &mut PgConnection,
    user_id: UserId,
    which: Which,
    why: Ended,
) -> QueryResult<usize> {
    let mut these = sessions::table
        .filter(sessions::user_id.eq(user_id))
        .filter(sessions::revoked_at.is_null())
        .select(sessions::id)
        .into_boxed::<Pg>();
    these = match which {
        Which::All => these,
        Which::One(id) => these.filter(sessions::id.eq(id)),
        Which::AllBut(id) => these.filter(sessions::id.ne(id)),
    };
    diesel::update(sessions::table.filter(sessions::id.eq_any(these)))
        .set((
            sessions::revoked_at.eq(db_now().nullable()),
            sessions::revoked_reason.eq(why),
        ))
        .execute(conn)
}

/// Which sessions of a person.
#[derive(Debug, Clone, Copy)]
pub enum Which {
    All,
    One(SessionId),
    AllBut(SessionId),
}

impl Which {
    /// The session, when it is a single one.
    pub fn one(self) -> Option<SessionId> {
        match self {
            Self::One(id) => Some(id),
            Self::All | Self::AllBut(_) => None,
        }
    }
}

// Codes.

pub fn insert_code(
    conn: &mut PgConnection,
    user_id: UserId,
    purpose: Purpose,
    salt: &[u8],
    ttl: Duration,
) -> QueryResult<CodeId> {
    diesel::insert_into(codes::table)
        .values((
            codes::id.eq(CodeId::new()),
            codes::user_id.eq(user_id),
            codes::purpose.eq(purpose),
            codes::salt.eq(salt),
            codes::expires_at.eq(db_now() + interval(ttl)),
        ))
        .returning(codes::id)
        .get_result(conn)
}

/// Takes back a person's unused codes of one purpose, or of all.
pub fn void_codes(
    conn: &mut PgConnection,
    user_id: UserId,
    purpose: Option<Purpose>,
) -> QueryResult<()> {
    let mut live = diesel::update(codes::table)
        .set(codes::voided_at.eq(db_now().nullable()))
        .into_boxed()
        .filter(codes::user_id.eq(user_id))
        .filter(codes::used_at.is_null())
        .filter(codes::voided_at.is_null());
    if let Some(purpose) = purpose {
        live = live.filter(codes::purpose.eq(purpose));
    }
    live.execute(conn).map(drop)
}

pub fn has_recent_code(
    conn: &mut PgConnection,
    user_id: UserId,
    purpose: Purpose,
    wait: Duration,
) -> QueryResult<bool> {
    select(exists(
        codes::table
            .filter(codes::user_id.eq(user_id))
            .filter(codes::purpose.eq(purpose))
            .filter(codes::created_at.gt(db_now() - interval(wait))),
    ))
    .get_result(conn)
}

/// A code, whatever became of it.
pub fn find_code(conn: &mut PgConnection, id: CodeId) -> QueryResult<Option<Code>> {
    codes::table
        .find(id)
        .select(Code::as_select())
        .first(conn)
        .optional()
}

/// A code that still works and is younger than `wait`.
pub fn find_recent_code(
    conn: &mut PgConnection,
    user_id: UserId,
    purpose: Purpose,
    wait: Duration,
) -> QueryResult<Option<CodeId>> {
    codes::table
        .filter(codes::user_id.eq(user_id))
        .filter(codes::purpose.eq(purpose))
        .filter(codes::used_at.is_null())
        .filter(codes::voided_at.is_null())
        .filter(codes::expires_at.gt(now))
        .filter(codes::created_at.gt(db_now() - interval(wait)))
        .select(codes::id)
        .first(conn)
        .optional()
}

pub fn find_live_code(conn: &mut PgConnection, id: CodeId) -> QueryResult<Option<Code>> {
    codes::table
        .find(id)
        .filter(codes::used_at.is_null())
        .filter(codes::voided_at.is_null())
        .filter(codes::expires_at.gt(now))
        .select(Code::as_select())
        .first(conn)
        .optional()
}

/// Counts one guess against the person's live code of that purpose, if it has guesses left.
pub fn count_guess(
    conn: &mut PgConnection,
    email: &str,
    purpose: Purpose,
    limit: i32,
) -> QueryResult<Option<Code>> {
    let owner = users::table
        .filter(lower(users::email).eq(lower(email)))
        .select(users::id);
    let live = codes::table
        .filter(codes::user_id.eq_any(owner))
        .filter(codes::purpose.eq(purpose))
        .filter(codes::used_at.is_null())
        .filter(codes::voided_at.is_null())
        .filter(codes::expires_at.gt(now))
        .filter(codes::attempts.lt(limit));
    diesel::update(live)
        .set(codes::attempts.eq(codes::attempts + 1))
        .returning(Code::as_returning())
        .get_result(conn)
        .optional()
}

/// Uses a code up; false when it is used, replaced or expired.
pub fn use_code(conn: &mut PgConnection, id: CodeId) -> QueryResult<bool> {
    let live = codes::table
        .find(id)
        .filter(codes::used_at.is_null())
        .filter(codes::voided_at.is_null())
        .filter(codes::expires_at.gt(now));
    diesel::update(live)
        .set(codes::used_at.eq(db_now().nullable()))
        .execute(conn)
        .map(|n| n == 1)
}

// Counters shared by all replicas.

#[derive(QueryableByName)]
pub struct Hits {
    #[diesel(sql_type = Integer)]
    pub hits: i32,
    #[diesel(sql_type = Integer)]
    left: i32,
}

impl Hits {
    /// Until the window is over.
    pub fn left(&self) -> Duration {
        Duration::from_secs(u64::try_from(self.left).unwrap_or(1))
    }
}

/// Counts one more of something in a fixed window, in one atomic statement.
pub fn count_hit(
    conn: &mut PgConnection,
    bucket: &str,
    subject: &str,
    window: Duration,
) -> QueryResult<Hits> {
    diesel::sql_query(
        "INSERT INTO rate_counters AS c (bucket, subject) VALUES ($1, $2) \
         ON CONFLICT (bucket, subject) DO UPDATE SET \
           hits = CASE WHEN c.window_started_at > now() - $3 * interval '1 second' THEN c.hits + 1 ELSE 1 END, \
           window_started_at = CASE WHEN c.window_started_at > now() - $3 * interval '1 second' \
             THEN c.window_started_at ELSE now() END \
         RETURNING hits, ceil(extract(epoch FROM window_started_at - now()) + $3)::int AS left",
    )
    .bind::<Text, _>(bucket)
    .bind::<Text, _>(subject)
    .bind::<Integer, _>(i32::try_from(window.as_secs()).unwrap_or(i32::MAX))
    .get_result(conn)
}

pub fn forget_hits(conn: &mut PgConnection, bucket: &str, subject: &str) -> QueryResult<()> {
    use crate::db::schema::rate_counters as counters;
    diesel::delete(counters::table.find((bucket, subject)))
        .execute(conn)
        .map(drop)
}
