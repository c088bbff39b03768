//! The numbers from the rows: sums, trends and shares.

use chrono::{DateTime, Days, NaiveDate, NaiveTime, Utc};
use diesel::PgConnection;

use crate::{
    db::ids::{ServiceId, UserId},
    problem::Problem,
    services,
    tickets::{PresentPerson, list_people, model::Status},
};

use super::{
    queries::{self, Day, Ratings},
    wire::{
        Age, AgeBucket, AverageOnDay, AverageTrend, CountOnDay, CountTrend, Dashboard,
        ServiceCount, StatusCount, Workload,
    },
};

/// The days of the period and where it and the one before begin.
struct Period {
    days: Vec<NaiveDate>,
    begin: NaiveDate,
    before: NaiveDate,
}

impl Period {
    fn new(today: NaiveDate, days: u64) -> Self {
        let back = |n: u64| today.checked_sub_days(Days::new(n)).unwrap_or(today);
        Self {
            days: (0..days).rev().map(back).collect(),
            begin: back(days - 1),
            before: back(2 * days - 1),
        }
    }
}

fn midnight(day: NaiveDate) -> DateTime<Utc> {
    day.and_time(NaiveTime::MIN).and_utc()
}

/// Everything, over the last `days` days.
pub fn dashboard(conn: &mut PgConnection, days: u64) -> Result<Dashboard, Problem> {
    let now = queries::now(conn)?;
    let period = Period::new(now.date_naive(), days);
    let (begin, before) = (midnight(period.begin), midnight(period.before));
    let raised = queries::raised_by_day(conn, before)?;
    let ended = queries::ended_by_day(conn, before)?;
    let in_period = queries::raised(conn, begin)?;
    let ratings = queries::ratings_by_day(conn, before)?;
    let by_status = queries::by_status(conn)?;
    let unfinished = by_status
        .iter()
        .filter(|(status, _)| status.is_unfinished());
    let unfinished: i64 = unfinished.map(|(_, count)| count).sum();
    Ok(Dashboard {
        new: trend(&period, &raised, |day| day.count),
        waiting: backlog(&period, &raised, &ended, unfinished),
        resolved: trend(&period, &ended, |day| day.resolved),
        satisfaction: satisfaction(&period, &ratings),
        backlog_by_age: ages(conn, unfinished)?,
        by_status: Status::ALL
            .iter()
            .map(|status| StatusCount {
                status: *status,
                count: by_status
                    .iter()
                    .find(|(s, _)| s == status)
                    .map_or(0, |(_, count)| *count),
            })
            .collect(),
        by_service: by_service(conn, in_period.by_service)?,
        workload: workload(conn)?,
        first_reply_minutes_median: in_period.first_reply_minutes_median.map(rounded),
        generated_at: now,
    })
}

fn trend(period: &Period, rows: &[Day], value: impl Fn(&Day) -> i64) -> CountTrend {
    let on = |date: NaiveDate| rows.iter().filter(move |row| row.date == date);
    let series: Vec<CountOnDay> = period
        .days
        .iter()
        .map(|date| CountOnDay {
            date: *date,
            value: on(*date).map(&value).sum(),
        })
        .collect();
    CountTrend {
        value: series.iter().map(|day| day.value).sum(),
        previous: rows
            .iter()
            .filter(|row| (period.before..period.begin).contains(&row.date))
            .map(&value)
            .sum(),
        series,
    }
}

/// Counted back from what is unfinished now: a day ended with what the next one ended with, less what came, plus what
/// went.
fn backlog(period: &Period, raised: &[Day], ended: &[Day], now: i64) -> CountTrend {
    let sum = |rows: &[Day], date: NaiveDate| -> i64 {
        let of_day = rows.iter().filter(|row| row.date == date);
        of_day.map(|row| row.count).sum()
    };
    let mut value = now;
    let mut series = Vec::with_capacity(period.days.len());
    for date in period.days.iter().rev() {
        series.push(CountOnDay { date: *date, value });
        value = value - sum(raised, *date) + sum(ended, *date);
    }
    series.reverse();
    CountTrend {
        value: now,
        previous: value,
        series,
    }
}

fn satisfaction(period: &Period, ratings: &[Ratings]) -> AverageTrend {
    let average = |from: NaiveDate, to: NaiveDate| {
        let rows = || ratings.iter().filter(|row| (from..to).contains(&row.date));
        let count: i64 = rows().map(|row| row.count).sum();
        let sum: i64 = rows().map(|row| row.sum).sum();
        (count > 0).then(|| rounded(sum as f64 / count as f64))
    };
    let after = |date: NaiveDate| date.succ_opt().unwrap_or(date);
    AverageTrend {
        value: average(period.begin, NaiveDate::MAX),
        previous: average(period.before, period.begin),
        series: period
            .days
            .iter()
            .map(|date| AverageOnDay {
                date: *date,
                value: average(*date, after(*date)),
            })
            .collect(),
    }
}

/// Two decimals.
fn rounded(value: f64) -> f64 {
    (value * 100.0).round() / 100.0
}

fn ages(conn: &mut PgConnection, unfinished: i64) -> Result<Vec<AgeBucket>, Problem> {
    let young = queries::young(conn)?;
    let older = unfinished - young.one - young.three - young.seven;
    let counts = [
        (Age::UnderOneDay, young.one),
        (Age::UnderThreeDays, young.three),
        (Age::UnderSevenDays, young.seven),
        (Age::Older, older),
    ];
    let buckets = counts
        .into_iter()
        .map(|(bucket, count)| AgeBucket { bucket, count });
    Ok(buckets.collect())
}

fn by_service(
    conn: &mut PgConnection,
    counts: Vec<(Option<ServiceId>, i64)>,
) -> Result<Vec<ServiceCount>, Problem> {
    let ids: Vec<ServiceId> = counts.iter().filter_map(|(id, _)| *id).collect();
    let mut services = services::refs(conn, &ids)?;
    let named = counts.into_iter().map(|(id, count)| ServiceCount {
        service: id.and_then(|id| services.remove(&id)),
        count,
    });
    Ok(named.collect())
}

fn workload(conn: &mut PgConnection) -> Result<Vec<Workload>, Problem> {
    let desks = queries::workload(conn)?;
    let ids: Vec<UserId> = desks.iter().map(|desk| desk.agent_id).collect();
    let people = list_people(conn, &ids)?;
    let named = desks.into_iter().filter_map(|desk| {
        Some(Workload {
            agent: people.get(&desk.agent_id).map(PresentPerson::from)?,
            open: desk.open,
            pending: desk.pending,
            on_hold: desk.on_hold,
        })
    });
    Ok(named.collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(n: u32) -> NaiveDate {
        NaiveDate::from_ymd_opt(2026, 11, n).unwrap()
    }

    fn row(date: NaiveDate, count: i64) -> Day {
        Day {
            date,
            count,
            resolved: count,
        }
    }

    #[test]
    fn the_period_and_the_one_before_do_not_overlap() {
        let period = Period::new(day(20), 3);
        assert_eq!(period.days, [day(18), day(19), day(20)]);
        assert_eq!((period.before, period.begin), (day(15), day(18)));
        let rows = [
            row(day(15), 1),
            row(day(17), 2),
            row(day(18), 4),
            row(day(20), 8),
        ];
        let trend = trend(&period, &rows, |d| d.count);
        assert_eq!((trend.value, trend.previous), (12, 3));
        let series: Vec<i64> = trend.series.iter().map(|d| d.value).collect();
        assert_eq!(series, [4, 0, 8]);
    }

    #[test]
    fn the_backlog_is_counted_back_from_now() {
        let period = Period::new(day(20), 3);
        let raised = [row(day(18), 4), row(day(20), 8)];
        let ended = [row(day(19), 3)];
        let trend = backlog(&period, &raised, &ended, 20);
        let series: Vec<i64> = trend.series.iter().map(|d| d.value).collect();
        assert_eq!(series, [15, 12, 20]);
        assert_eq!((trend.value, trend.previous), (20, 11));
    }

    #[test]
    fn no_ratings_is_no_average() {
        let period = Period::new(day(20), 2);
        let ratings = [Ratings {
            date: day(20),
            count: 3,
            sum: 13,
        }];
        let trend = satisfaction(&period, &ratings);
        assert_eq!((trend.value, trend.previous), (Some(4.33), None));
        assert_eq!(trend.series.first().unwrap().value, None);
    }
}
