//! SQL of identities and trips.

use std::time::Duration;

use chrono::{DateTime, Utc};
use diesel::{dsl::now, prelude::*};

use crate::db::{
    ids::{IdentityId, TripId, UserId},
    schema::{identities, provider_trips as trips},
    time::{db_now, interval},
};

use super::{
    model::{Identity, Profile},
    trip::Trip,
};

pub fn insert_trip(
    conn: &mut PgConnection,
    trip: &Trip,
    provider: &str,
    link: Option<UserId>,
    ttl: Duration,
) -> QueryResult<()> {
    diesel::insert_into(trips::table)
        .values((
            trips::id.eq(trip.id),
            trips::provider.eq(provider),
            trips::salt.eq(&trip.salt),
            trips::link_user_id.eq(link),
            trips::expires_at.eq(db_now() + interval(ttl)),
        ))
        .execute(conn)
        .map(drop)
}

pub fn find_trip(conn: &mut PgConnection, id: TripId) -> QueryResult<Option<Trip>> {
    let found = trips::table
        .find(id)
        .select((trips::id, trips::salt))
        .first(conn)
        .optional()?;
    Ok(found.map(|(id, salt)| Trip { id, salt }))
}

/// Marks the trip as returned: once, in time, from the provider it went to, for the purpose it began with.
pub fn return_trip(
    conn: &mut PgConnection,
    id: TripId,
    provider: &str,
    link: Option<UserId>,
) -> QueryResult<bool> {
    let returned = diesel::update(trips::table.find(id))
        .filter(trips::provider.eq(provider))
        .filter(trips::link_user_id.is_not_distinct_from(link))
        .filter(trips::returned_at.is_null())
        .filter(trips::expires_at.gt(now))
        .set(trips::returned_at.eq(now))
        .execute(conn)?;
    Ok(returned == 1)
}

/// Keeps what the provider said until the address is proven; answers whether the trip is still there.
pub fn keep_profile(
    conn: &mut PgConnection,
    id: TripId,
    user: UserId,
    profile: &Profile,
    ttl: Duration,
) -> QueryResult<bool> {
    let kept = diesel::update(trips::table.find(id))
        .set((
            trips::user_id.eq(user),
            trips::issuer.eq(&profile.issuer),
            trips::subject.eq(&profile.subject),
            trips::email.eq(&profile.email),
            trips::name.eq(&profile.name),
            trips::expires_at.eq(db_now() + interval(ttl)),
        ))
        .execute(conn)?;
    Ok(kept == 1)
}

/// A trip whose traveller has to prove an address.
pub struct Waiting {
    pub provider: String,
    pub user_id: UserId,
    pub profile: Profile,
}

pub fn find_waiting(conn: &mut PgConnection, id: TripId) -> QueryResult<Option<Waiting>> {
    type Row = (
        String,
        UserId,
        String,
        String,
        Option<String>,
        Option<String>,
    );
    let found: Option<Row> = trips::table
        .find(id)
        .filter(trips::expires_at.gt(now))
        .filter(trips::user_id.is_not_null())
        .select((
            trips::provider,
            trips::user_id.assume_not_null(),
            trips::issuer.assume_not_null(),
            trips::subject.assume_not_null(),
            trips::email,
            trips::name,
        ))
        .first(conn)
        .optional()?;
    Ok(found.map(
        |(provider, user_id, issuer, subject, email, name)| Waiting {
            provider,
            user_id,
            profile: Profile {
                issuer,
                subject,
                email,
                name,
            },
        },
    ))
}

pub fn delete_trip(conn: &mut PgConnection, id: TripId) -> QueryResult<()> {
    diesel::delete(trips::table.find(id))
        .execute(conn)
        .map(drop)
}

/// The owner of the identity, noting that it is used.
pub fn use_identity(conn: &mut PgConnection, profile: &Profile) -> QueryResult<Option<UserId>> {
    diesel::update(identities::table)
        .filter(identities::issuer.eq(&profile.issuer))
        .filter(identities::subject.eq(&profile.subject))
        .set(identities::last_used_at.eq(now))
        .returning(identities::user_id)
        .get_result(conn)
        .optional()
}

/// False when the identity, or one of this provider, is linked already.
pub fn insert_identity(
    conn: &mut PgConnection,
    user: UserId,
    provider: &str,
    profile: &Profile,
) -> QueryResult<bool> {
    let inserted = diesel::insert_into(identities::table)
        .values((
            identities::id.eq(IdentityId::new()),
            identities::user_id.eq(user),
            identities::provider.eq(provider),
            identities::issuer.eq(&profile.issuer),
            identities::subject.eq(&profile.subject),
            identities::email.eq(&profile.email),
            identities::last_used_at.eq(now),
        ))
        .on_conflict_do_nothing()
        .execute(conn)?;
    Ok(inserted == 1)
}

pub fn list_identities(conn: &mut PgConnection, user: UserId) -> QueryResult<Vec<Identity>> {
    identities::table
        .filter(identities::user_id.eq(user))
        .order(identities::linked_at)
        .select(Identity::as_select())
        .load(conn)
}

/// The provider of the deleted identity.
pub fn delete_identity(
    conn: &mut PgConnection,
    user: UserId,
    id: IdentityId,
) -> QueryResult<Option<String>> {
    diesel::delete(identities::table.find(id))
        .filter(identities::user_id.eq(user))
        .returning(identities::provider)
        .get_result(conn)
        .optional()
}

/// Takes away what was linked to the account from this moment on.
pub fn unlink_since(
    conn: &mut PgConnection,
    user: UserId,
    since: DateTime<Utc>,
) -> QueryResult<()> {
    diesel::delete(identities::table)
        .filter(identities::user_id.eq(user))
        .filter(identities::linked_at.ge(since))
        .execute(conn)
        .map(drop)
}
