//! SQL of the catalogue.

use std::collections::HashMap;

use chrono::{DateTime, Utc};
use diesel::{
    dsl::{count_star, max, now},
    prelude::*,
    sql_types::{Array, Timestamptz, Uuid},
};

use crate::db::{ids::ServiceId, schema::services};

use super::{
    model::{Icon, Service, ServiceChanges},
    wire::ServiceRef,
};

/// In the order admins gave them; retired ones last.
pub fn list(conn: &mut PgConnection, with_retired: bool) -> QueryResult<Vec<Service>> {
    let mut query = services::table.select(Service::as_select()).into_boxed();
    if !with_retired {
        query = query.filter(services::retired_at.is_null());
    }
    query
        .order((
            services::retired_at.is_not_null(),
            services::position,
            services::id,
        ))
        .load(conn)
}

pub fn get(conn: &mut PgConnection, id: ServiceId) -> QueryResult<Service> {
    services::table
        .find(id)
        .select(Service::as_select())
        .first(conn)
}

/// The service, locked until the transaction ends, and the database's time.
pub fn lock(conn: &mut PgConnection, id: ServiceId) -> QueryResult<(Service, DateTime<Utc>)> {
    services::table
        .find(id)
        .select((Service::as_select(), now.into_sql::<Timestamptz>()))
        .for_update()
        .first(conn)
}

/// The ids on offer, locked until the transaction ends.
pub fn lock_offered(conn: &mut PgConnection) -> QueryResult<Vec<ServiceId>> {
    services::table
        .filter(services::retired_at.is_null())
        .order(services::id)
        .select(services::id)
        .for_update()
        .load(conn)
}

/// How many are on offer, and the place after the last.
pub fn count_offered(conn: &mut PgConnection) -> QueryResult<(i64, i32)> {
    let (count, last) = services::table
        .filter(services::retired_at.is_null())
        .select((count_star(), max(services::position)))
        .first::<(i64, Option<i32>)>(conn)?;
    Ok((count, last.unwrap_or(0).saturating_add(1)))
}

pub fn insert(
    conn: &mut PgConnection,
    name: &str,
    description: &str,
    icon: Icon,
    position: i32,
) -> QueryResult<Service> {
    diesel::insert_into(services::table)
        .values((
            services::id.eq(ServiceId::new()),
            services::name.eq(name),
            services::description.eq(description),
            services::icon.eq(icon),
            services::position.eq(position),
        ))
        .returning(Service::as_returning())
        .get_result(conn)
}

pub fn change(
    conn: &mut PgConnection,
    id: ServiceId,
    changes: &ServiceChanges,
) -> QueryResult<Service> {
    diesel::update(services::table.find(id))
        .set((
            changes,
            services::version.eq(services::version + 1),
            services::updated_at.eq(now),
        ))
        .returning(Service::as_returning())
        .get_result(conn)
}

/// Gives each service its place in the list.
pub fn reorder(conn: &mut PgConnection, ids: &[ServiceId]) -> QueryResult<usize> {
    diesel::sql_query(
        "UPDATE services SET position = wanted.place, version = version + 1, updated_at = now() \
         FROM unnest($1) WITH ORDINALITY AS wanted (id, place) \
         WHERE services.id = wanted.id AND position <> wanted.place",
    )
    .bind::<Array<Uuid>, _>(ids)
    .execute(conn)
}

/// Whether tickets can be raised from it.
pub fn is_offered(conn: &mut PgConnection, id: ServiceId) -> QueryResult<bool> {
    let found = services::table
        .find(id)
        .filter(services::retired_at.is_null())
        .select(services::id)
        .first::<ServiceId>(conn)
        .optional()?;
    Ok(found.is_some())
}

/// Names and icons of these services, retired ones too, by id.
pub fn refs(
    conn: &mut PgConnection,
    ids: &[ServiceId],
) -> QueryResult<HashMap<ServiceId, ServiceRef>> {
    if ids.is_empty() {
        return Ok(HashMap::new());
    }
    let rows = services::table
        .filter(services::id.eq_any(ids))
        .select((services::id, services::name, services::icon))
        .load::<(ServiceId, String, Icon)>(conn)?;
    let named = |(id, name, icon)| (id, ServiceRef { id, name, icon });
    Ok(rows.into_iter().map(named).collect())
}
