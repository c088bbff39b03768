//! Budgets: how often one address may knock (counted in the database, shared by all replicas) and how much one person
//! may change (counted in the process, so that it costs nothing).

use std::{
    collections::HashMap,
    net::IpAddr,
    sync::{Arc, Mutex, PoisonError},
    time::{Duration, Instant},
};

use crate::{
    config::Auth,
    db::{Tx, ids::UserId},
    http::Origin,
    problem::Problem,
};

use super::queries;

const MINUTE: Duration = Duration::from_secs(60);
const DAY: Duration = Duration::from_secs(86_400);

/// Counts one sign-in, code or registration of this address; 429 when it had enough for this minute.
pub fn knock(tx: &mut Tx<'_>, auth: &Auth, origin: &Origin) -> Result<(), Problem> {
    let hits = queries::count_hit(tx, "knocks", &network(&origin.ip), MINUTE)?;
    if hits.hits > auth.ip_sign_ins_per_minute {
        // Rolls this hit back; the counter stays at the limit.
        return Err(Problem::rate_limited(hits.left()));
    }
    Ok(())
}

/// Counts one of something that `limit` may be had of in a window; 429 when it was had that often.
pub fn spend(
    tx: &mut Tx<'_>,
    bucket: &str,
    subject: &str,
    (limit, window): (i32, Duration),
) -> Result<(), Problem> {
    if window.is_zero() {
        return Ok(());
    }
    let hits = queries::count_hit(tx, bucket, subject, window)?;
    if hits.hits > limit {
        return Err(Problem::rate_limited(hits.left()));
    }
    Ok(())
}

/// Counts anew.
pub fn forget(tx: &mut Tx<'_>, bucket: &str, subject: &str) -> Result<(), Problem> {
    Ok(queries::forget_hits(tx, bucket, subject)?)
}

/// An IPv6 subscriber has a whole /64 (RFC 6177), so that is what is counted.
fn network(ip: &str) -> String {
    match ip.parse::<IpAddr>() {
        Ok(IpAddr::V6(v6)) => match v6.to_ipv4_mapped() {
            Some(v4) => v4.to_string(),
            None => {
                let [a, b, c, d, ..] = v6.segments();
                format!("{a:x}:{b:x}:{c:x}:{d:x}::/64")
            }
        },
        _ => ip.to_owned(),
    }
}

/// Counts one guess at a person's codes and tells whether the day's are used up.
pub fn is_over_daily_guesses(tx: &mut Tx<'_>, subject: &str, limit: i32) -> Result<bool, Problem> {
    Ok(queries::count_hit(tx, "code_guesses", subject, DAY)?.hits > limit)
}

/// Forgets the guesses at a person's codes.
pub fn forget_guesses(tx: &mut Tx<'_>, subject: &str) -> Result<(), Problem> {
    forget(tx, "code_guesses", subject)
}

/// Counts one guess at the six digits of a person's second step; 429 when the day's are used up. They have a count of their
/// own: only who knows the password gets this far, whereas anybody may guess at the codes we mail.
pub fn guess_step(tx: &mut Tx<'_>, auth: &Auth, user: UserId) -> Result<(), Problem> {
    let limit = auth.code_attempts_per_day;
    spend(tx, "step_guesses", &user.to_string(), (limit, DAY))
}

/// Forgets the guesses at a person's second step.
pub fn forget_step_guesses(tx: &mut Tx<'_>, user: UserId) -> Result<(), Problem> {
    forget(tx, "step_guesses", &user.to_string())
}

/// Whether this is the first time in `window`; for mails that anyone can cause.
pub fn is_first(
    tx: &mut Tx<'_>,
    bucket: &str,
    subject: &str,
    window: Duration,
) -> Result<bool, Problem> {
    Ok(window.is_zero() || queries::count_hit(tx, bucket, subject, window)?.hits == 1)
}

/// A token bucket per person: full holds one minute's worth of changes and refills steadily.
#[derive(Clone)]
pub struct WriteBudget {
    per_minute: f64,
    buckets: Arc<Mutex<Buckets>>,
}

struct Buckets {
    of: HashMap<UserId, (f64, Instant)>,
    /// When the map has grown to this, those whose bucket is full again are forgotten.
    sweep_at: usize,
}

const SWEEP_AT: usize = 1024;

impl WriteBudget {
    pub fn new(per_minute: i32) -> Self {
        let buckets = Buckets {
            of: HashMap::new(),
            sweep_at: SWEEP_AT,
        };
        Self {
            per_minute: f64::from(per_minute),
            buckets: Arc::new(Mutex::new(buckets)),
        }
    }

    /// Takes one change from the person's budget; 429 when it is empty.
    pub fn take(&self, user: UserId) -> Result<(), Problem> {
        self.take_at(user, Instant::now())
    }

    fn take_at(&self, user: UserId, at: Instant) -> Result<(), Problem> {
        let mut buckets = self.buckets.lock().unwrap_or_else(PoisonError::into_inner);
        let (full, rate) = (self.per_minute, self.per_minute / 60.0);
        let level = |(left, since): (f64, Instant)| {
            (left + at.saturating_duration_since(since).as_secs_f64() * rate).min(full)
        };
        let left = buckets.of.get(&user).copied().map_or(full, level);
        if left < 1.0 {
            return Err(Problem::rate_limited(Duration::from_secs_f64(
                ((1.0 - left) / rate).ceil(),
            )));
        }
        buckets.of.insert(user, (left - 1.0, at));
        if buckets.of.len() >= buckets.sweep_at {
            buckets.of.retain(|_, bucket| level(*bucket) < full);
            buckets.sweep_at = (buckets.of.len() * 2).max(SWEEP_AT);
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_budget_empties_and_refills() {
        let (budget, start, ann, bob) = (
            WriteBudget::new(3),
            Instant::now(),
            UserId::new(),
            UserId::new(),
        );
        for _ in 0..3 {
            budget.take_at(ann, start).unwrap();
        }
        let refused = budget.take_at(ann, start).unwrap_err();
        assert_eq!(refused.retry_after, Some(Duration::from_secs(20)));
        budget.take_at(bob, start).unwrap();
        budget
            .take_at(ann, start + Duration::from_secs(21))
            .unwrap();
        budget
            .take_at(ann, start + Duration::from_secs(22))
            .unwrap_err();
    }

    #[test]
    fn the_map_forgets_those_who_rest() {
        let (budget, start) = (WriteBudget::new(60), Instant::now());
        for n in 0..5000 {
            let at = start + Duration::from_secs(n);
            budget.take_at(UserId::new(), at).unwrap();
        }
        assert!(budget.buckets.lock().unwrap().of.len() <= SWEEP_AT);
    }

    #[test]
    fn an_ipv6_subscriber_is_one_network() {
        assert_eq!(network("2001:db8:1:2::1"), network("2001:db8:1:2:ffff::9"));
        assert_ne!(network("2001:db8:1:2::1"), network("2001:db8:1:3::1"));
        assert_eq!(network("::ffff:192.0.2.1"), "192.0.2.1");
        assert_eq!(network("192.0.2.1"), "192.0.2.1");
    }
}
