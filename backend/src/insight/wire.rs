//! The numbers as they go over the wire.

use chrono::{DateTime, NaiveDate, Utc};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use crate::{
    services::ServiceRef,
    text_enum,
    tickets::{PresentPerson, model::Status},
};

#[derive(Debug, Clone, Default, Deserialize, IntoParams)]
#[serde(deny_unknown_fields, default)]
#[into_params(parameter_in = Query)]
pub struct ReadDashboard {
    /// How many days, today included; 30 when left out.
    #[param(minimum = 1, maximum = 365)]
    pub days: Option<i64>,
}

/// A number on a day (UTC).
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct CountOnDay {
    pub date: NaiveDate,
    pub value: i64,
}

/// A count over the period, over the period before, and day by day.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct CountTrend {
    pub value: i64,
    pub previous: i64,
    /// Every day of the period, oldest first.
    pub series: Vec<CountOnDay>,
}

/// An average on a day (UTC); null when there was nothing.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct AverageOnDay {
    pub date: NaiveDate,
    pub value: Option<f64>,
}

/// An average over the period, over the period before, and day by day; null where there was nothing.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct AverageTrend {
    pub value: Option<f64>,
    pub previous: Option<f64>,
    /// Every day of the period, oldest first.
    pub series: Vec<AverageOnDay>,
}

text_enum! {
    /// How long ago a ticket was raised.
    pub enum Age {
        UnderOneDay = "<1d",
        UnderThreeDays = "1-3d",
        UnderSevenDays = "3-7d",
        Older = ">7d",
    }
}

/// Unfinished tickets of one age.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct AgeBucket {
    pub bucket: Age,
    pub count: i64,
}

/// Tickets in one status.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct StatusCount {
    pub status: Status,
    pub count: i64,
}

/// Tickets raised in the period about one service, or about none.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct ServiceCount {
    pub service: Option<ServiceRef>,
    pub count: i64,
}

/// What one agent has on the desk.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct Workload {
    pub agent: PresentPerson,
    pub open: i64,
    pub pending: i64,
    pub on_hold: i64,
}

/// The desk in numbers. Days are UTC days.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct Dashboard {
    /// Tickets raised.
    pub new: CountTrend,
    /// Tickets open, pending or on hold: now (`value`), when the period began (`previous`), and at the end of each day.
    pub waiting: CountTrend,
    /// Tickets resolved, and not reopened since.
    pub resolved: CountTrend,
    /// Average rating of the outcome, 1 to 5.
    pub satisfaction: AverageTrend,
    /// Tickets open, pending or on hold, by when they were raised.
    pub backlog_by_age: Vec<AgeBucket>,
    /// All tickets.
    pub by_status: Vec<StatusCount>,
    /// Tickets raised in the period, the most frequent service first.
    pub by_service: Vec<ServiceCount>,
    /// Every active agent, the busiest first.
    pub workload: Vec<Workload>,
    /// Median minutes from raising to the first reply, of tickets raised in the period and replied to.
    pub first_reply_minutes_median: Option<f64>,
    pub generated_at: DateTime<Utc>,
}
