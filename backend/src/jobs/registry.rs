//! What a kind of job is. The list itself is in `app`, because this layer knows no feature.

use std::time::Duration;

use serde_json::Value;

use crate::{app::App, problem::Problem};

/// How a run ended, when it did not fail.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    Done,
    /// It is not its turn yet; the run does not count as an attempt.
    Later(Duration),
}

/// What is to be done when a job of this payload will never succeed.
pub type GiveUp = fn(&App, &Value) -> Result<(), Problem>;

/// A kind of job.
#[derive(Debug)]
pub struct Kind {
    pub name: &'static str,
    /// Does the work. May be run twice for one job, also at the same time. An error means: try again later.
    pub run: fn(&App, &Value) -> Result<Outcome, Problem>,
    /// Called after the last attempt has failed.
    pub give_up: Option<GiveUp>,
    /// Waits for other machines: never allowed to occupy every worker.
    pub slow: bool,
}

impl Kind {
    pub const fn new(
        name: &'static str,
        run: fn(&App, &Value) -> Result<Outcome, Problem>,
    ) -> Self {
        Self {
            name,
            run,
            give_up: None,
            slow: false,
        }
    }
}
