//! SQL of the numbers. Each reads a range of an index, or only what is unfinished; run them in one snapshot.
//!
//! The beginning of the period stands in the text: the planner has to see whether it is a week or a year.

use chrono::{DateTime, NaiveDate, Utc};
use diesel::{
    prelude::*,
    sql_query,
    sql_types::{BigInt, Bool, Date, Double, Nullable, Text, Timestamptz, Uuid},
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

fn literal(at: DateTime<Utc>) -> String {
    format!("TIMESTAMPTZ '{}'", at.to_rfc3339())
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
    sql_query(format!(
        "SELECT (created_at AT TIME ZONE 'UTC')::date AS date, count(*) AS count, 0::bigint AS resolved \
         FROM tickets WHERE created_at >= {} GROUP BY 1",
        literal(since)
    ))
    .load(conn)
}

/// Tickets on which work ended, by day, since then; and how many of them were resolved rather than withdrawn.
pub fn ended_by_day(conn: &mut PgConnection, since: DateTime<Utc>) -> QueryResult<Vec<Day>> {
    sql_query(format!(
        "SELECT (COALESCE(resolved_at, closed_at) AT TIME ZONE 'UTC')::date AS date, count(*) AS count, \
         count(resolved_at) AS resolved FROM tickets WHERE COALESCE(resolved_at, closed_at) >= {} GROUP BY 1",
        literal(since)
    ))
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
    sql_query(format!(
        "SELECT (created_at AT TIME ZONE 'UTC')::date AS date, count(*) AS count, \
         sum(outcome_rating)::bigint AS sum FROM feedback WHERE created_at >= {} GROUP BY 1",
        literal(since)
    ))
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
    #[diesel(sql_type = Bool)]
    is_total: bool,
    #[diesel(sql_type = Nullable<Uuid>)]
    service_id: Option<ServiceId>,
    #[diesel(sql_type = BigInt)]
    count: i64,
    #[diesel(sql_type = Nullable<Double>)]
    minutes: Option<f64>,
}

/// What there is to say about the tickets raised since then.
#[derive(Debug, Default)]
pub struct Raised {
    /// The most frequent service first.
    pub by_service: Vec<(Option<ServiceId>, i64)>,
    pub first_reply_minutes_median: Option<f64>,
}

/// Reads the tickets raised since then once.
pub fn raised(conn: &mut PgConnection, since: DateTime<Utc>) -> QueryResult<Raised> {
    let rows = sql_query(format!(
        "SELECT grouping(service_id) = 1 AS is_total, service_id, count(*) AS count, percentile_cont(0.5) \
         WITHIN GROUP (ORDER BY extract(epoch FROM first_reply_at - created_at)::double precision / 60) AS minutes \
         FROM tickets WHERE created_at >= {} GROUP BY GROUPING SETS ((service_id), ()) \
         ORDER BY count DESC, service_id",
        literal(since)
    ))
    .load::<ServiceRow>(conn)?;
    let mut raised = Raised::default();
    for row in rows {
        if row.is_total {
            raised.first_reply_minutes_median = row.minutes;
        } else {
            raised.by_service.push((row.service_id, row.count));
        }
    }
    Ok(raised)
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
        "SELECT agent.id AS agent_id, open, pending, on_hold FROM users agent CROSS JOIN LATERAL ( \
         SELECT count(*) FILTER (WHERE status = 'open') AS open, count(*) FILTER (WHERE status = 'pending') AS pending, \
         count(*) FILTER (WHERE status = 'on_hold') AS on_hold FROM tickets \
         WHERE assignee_id = agent.id AND status IN ('open', 'pending', 'on_hold')) desk \
         WHERE agent.role = 'agent' AND (open + pending + on_hold > 0 \
         OR (agent.disabled_at IS NULL AND agent.email_confirmed_at IS NOT NULL)) \
         ORDER BY open + pending + on_hold DESC, agent_id",
    )
    .load(conn)
}
