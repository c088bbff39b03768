//! Times in SQL. The database's clock decides what has expired: all replicas share it.

use std::time::Duration;

use diesel::{
    data_types::PgInterval,
    dsl::{IntervalDsl, now},
    helper_types::AsExprOf,
    prelude::*,
    sql_types::{Interval, Timestamptz},
};

/// The moment the transaction began.
pub fn db_now() -> AsExprOf<now, Timestamptz> {
    now.into_sql::<Timestamptz>()
}

/// To add to a time or take from it, in whole seconds.
pub fn interval(duration: Duration) -> AsExprOf<PgInterval, Interval> {
    i64::try_from(duration.as_secs())
        .unwrap_or(i64::MAX)
        .seconds()
        .into_sql::<Interval>()
}
