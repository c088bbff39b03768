//! SQL of the numbers. Each reads a range of an index, or only what is unfinished; run them in one snapshot.

use chrono::{DateTime, NaiveDate, Utc};
use diesel::{
    prelude::*,
    sql_query,
    sql_types::{BigInt, Date, Double, Nullable, Text, Timestamptz, Uuid},
};

use crate::{
    db::ids::{ServiceId, UserId},
    tickets::model::Status,
};

#[derive(QueryableByName)]
struct Now {
    #[diesel(sql_type = Timestamptz)]
    now: DateTime<Utc>,
}

/// The snapshot's time, by the database's clock.
pub fn now(conn: &mut PgConnection) -> QueryResult<DateTime<Utc>> {
    sql_query("SELECT now() AS now")
        .get_result::<Now>(conn)
        .map(|row| row.now)
}

/// What happened on one day.
#[derive(Debug, QueryableByName)]
pub struct Day {
    #[diesel(sql_type = Date)]
    pub date: NaiveDate,
    #[diesel(sql_type = BigInt)]
    pub count: i64,
    #[diesel(sql_type = BigInt)]
    pub resolved: i64,
}

/// Tickets raised, by day, since then.
pub fn raised_by_day(conn: &mut PgConnection, since: DateTime<Utc>) -> QueryResult<Vec<Day>> {
    sql_query(
        "SELECT (created_at AT TIME ZONE 'UTC')::date AS date, count(*) AS count, 0::bigint AS resolved \
         FROM tickets WHERE created_at >= $1 GROUP BY 1",
    )
    .bind::<Timestamptz, _>(since)
    .load(conn)
}

/// Tickets on which work ended, by day, since then; and how many of them were resolved rather than withdrawn.
pub fn ended_by_day(conn: &mut PgConnection, since: DateTime<Utc>) -> QueryResult<Vec<Day>> {
    sql_query(
        "SELECT (COALESCE(resolved_at, closed_at) AT TIME ZONE 'UTC')::date AS date, count(*) AS count, \
         count(resolved_at) AS resolved FROM tickets WHERE COALESCE(resolved_at, closed_at) >= $1 GROUP BY 1",
    )
    .bind::<Timestamptz, _>(since)
    .load(conn)
}

/// Ratings given on one day.
#[derive(Debug, QueryableByName)]
pub struct Ratings {
    #[diesel(sql_type = Date)]
    pub date: NaiveDate,
    #[diesel(sql_type = BigInt)]
    pub count: i64,
    #[diesel(sql_type = BigInt)]
    pub sum: i64,
}

pub fn ratings_by_day(conn: &mut PgConnection, since: DateTime<Utc>) -> QueryResult<Vec<Ratings>> {
    sql_query(
        "SELECT (created_at AT TIME ZONE 'UTC')::date AS date, count(*) AS count, \
         sum(outcome_rating)::bigint AS sum FROM feedback WHERE created_at >= $1 GROUP BY 1",
    )
    .bind::<Timestamptz, _>(since)
    .load(conn)
}

#[derive(QueryableByName)]
struct StatusRow {
    #[diesel(sql_type = Text)]
    status: Status,
    #[diesel(sql_type = BigInt)]
    count: i64,
}

/// All tickets by status.
pub fn by_status(conn: &mut PgConnection) -> QueryResult<Vec<(Status, i64)>> {
    let rows = sql_query("SELECT status, count(*) AS count FROM tickets GROUP BY status")
        .load::<StatusRow>(conn)?;
    Ok(rows.into_iter().map(|r| (r.status, r.count)).collect())
}

/// Unfinished tickets raised in the last day, in the two before and in the four before those.
#[derive(Debug, QueryableByName)]
pub struct Young {
    #[diesel(sql_type = BigInt)]
    pub one: i64,
    #[diesel(sql_type = BigInt)]
    pub three: i64,
    #[diesel(sql_type = BigInt)]
    pub seven: i64,
}

pub fn young(conn: &mut PgConnection) -> QueryResult<Young> {
    sql_query(
        "SELECT count(*) FILTER (WHERE created_at > now() - interval '1 day') AS one, \
         count(*) FILTER (WHERE created_at <= now() - interval '1 day' AND created_at > now() - interval '3 days') AS three, \
         count(*) FILTER (WHERE created_at <= now() - interval '3 days') AS seven \
         FROM tickets WHERE created_at > now() - interval '7 days' AND status IN ('open', 'pending', 'on_hold')",
    )
    .get_result(conn)
}

#[derive(QueryableByName)]
struct ServiceRow {
    #[diesel(sql_type = Nullable<Uuid>)]
    service_id: Option<ServiceId>,
    #[diesel(sql_type = BigInt)]
    count: i64,
}

/// Tickets raised since then by service, the most frequent first.
pub fn by_service(
    conn: &mut PgConnection,
    since: DateTime<Utc>,
) -> QueryResult<Vec<(Option<ServiceId>, i64)>> {
    let rows = sql_query(
        "SELECT service_id, count(*) AS count FROM tickets WHERE created_at >= $1 \
         GROUP BY service_id ORDER BY count DESC, service_id",
    )
    .bind::<Timestamptz, _>(since)
    .load::<ServiceRow>(conn)?;
    Ok(rows.into_iter().map(|r| (r.service_id, r.count)).collect())
}

/// An agent's unfinished tickets.
#[derive(Debug, QueryableByName)]
pub struct Desk {
    #[diesel(sql_type = Uuid)]
    pub agent_id: UserId,
    #[diesel(sql_type = BigInt)]
    pub open: i64,
    #[diesel(sql_type = BigInt)]
    pub pending: i64,
    #[diesel(sql_type = BigInt)]
    pub on_hold: i64,
}

/// Active agents, and those who still have something; the busiest first.
pub fn workload(conn: &mut PgConnection) -> QueryResult<Vec<Desk>> {
    sql_query(
        "SELECT * FROM (SELECT agent.id AS agent_id, agent.disabled_at, agent.email_confirmed_at, \
         (SELECT count(*) FROM tickets WHERE assignee_id = agent.id AND status = 'open') AS open, \
         (SELECT count(*) FROM tickets WHERE assignee_id = agent.id AND status = 'pending') AS pending, \
         (SELECT count(*) FROM tickets WHERE assignee_id = agent.id AND status = 'on_hold') AS on_hold \
         FROM users agent WHERE agent.role = 'agent') desk \
         WHERE open + pending + on_hold > 0 OR (disabled_at IS NULL AND email_confirmed_at IS NOT NULL) \
         ORDER BY open + pending + on_hold DESC, agent_id",
    )
    .load(conn)
}

#[derive(QueryableByName)]
struct Median {
    #[diesel(sql_type = Nullable<Double>)]
    minutes: Option<f64>,
}

/// Median minutes to the first reply of tickets raised since then.
pub fn first_reply_median(
    conn: &mut PgConnection,
    since: DateTime<Utc>,
) -> QueryResult<Option<f64>> {
    sql_query(
        "SELECT percentile_cont(0.5) WITHIN GROUP \
         (ORDER BY extract(epoch FROM first_reply_at - created_at)::double precision / 60) AS minutes \
         FROM tickets WHERE created_at >= $1 AND first_reply_at IS NOT NULL",
    )
    .bind::<Timestamptz, _>(since)
    .get_result::<Median>(conn)
    .map(|row| row.minutes)
}
