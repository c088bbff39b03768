//! The queue in numbers, read when Prometheus asks.

use std::sync::LazyLock;

use diesel::{
    prelude::*,
    sql_types::{BigInt, Double},
};
use prometheus::{Gauge, IntCounter, IntGauge};

use crate::{app::App, http::request_log::registered, problem::Problem};

static READY: LazyLock<Option<IntGauge>> = LazyLock::new(|| {
    registered(IntGauge::new(
        "care_jobs_ready",
        "Jobs that are due and not done.",
    ))
});
static OLDEST: LazyLock<Option<Gauge>> = LazyLock::new(|| {
    registered(Gauge::new(
        "care_jobs_oldest_ready_seconds",
        "How long the oldest due job has been waiting.",
    ))
});
static DEAD: LazyLock<Option<IntGauge>> =
    LazyLock::new(|| registered(IntGauge::new("care_jobs_dead", "Jobs given up and kept.")));
static DIED: LazyLock<Option<IntCounter>> = LazyLock::new(|| {
    registered(IntCounter::new(
        "care_jobs_died_total",
        "Jobs this process has given up.",
    ))
});

pub(super) fn count_dead() {
    if let Some(died) = DIED.as_ref() {
        died.inc();
    }
}

#[derive(QueryableByName)]
struct Numbers {
    #[diesel(sql_type = BigInt)]
    ready: i64,
    #[diesel(sql_type = Double)]
    oldest: f64,
    #[diesel(sql_type = BigInt)]
    dead: i64,
}

/// Brings the gauges up to date; call it before the metrics are written.
pub async fn refresh(app: &App) -> Result<(), Problem> {
    let numbers = app
        .db
        .read(|conn| {
            Ok(diesel::sql_query(
                "SELECT count(*) AS ready, \
                 coalesce(extract(epoch FROM now() - min(run_at)), 0)::float8 AS oldest, \
                 (SELECT count(*) FROM jobs WHERE state = 'dead') AS dead \
                 FROM jobs WHERE state = 'ready' AND run_at <= now()",
            )
            .get_result::<Numbers>(conn)?)
        })
        .await?;
    if let (Some(ready), Some(oldest), Some(dead)) =
        (READY.as_ref(), OLDEST.as_ref(), DEAD.as_ref())
    {
        ready.set(numbers.ready);
        oldest.set(numbers.oldest);
        dead.set(numbers.dead);
    }
    LazyLock::force(&DIED);
    Ok(())
}
