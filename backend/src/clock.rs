//! The one place that reads the wall clock. What must agree between replicas (expiry, order) is decided by the
//! database's `now()` or by counters; this is for tokens and for showing.

use chrono::{DateTime, Utc};

/// The current time.
#[allow(clippy::disallowed_methods)]
pub fn now() -> DateTime<Utc> {
    Utc::now()
}
