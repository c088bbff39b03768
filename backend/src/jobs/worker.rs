//! Plain threads that claim jobs and run them.

use std::{
    panic::AssertUnwindSafe,
    sync::{
        Arc, Condvar, Mutex, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
    thread::{self, JoinHandle},
    time::{Duration, Instant},
};

use actix_web::web::Data;

use crate::{app::App, problem::Problem};

use super::{
    gauges,
    queue::{self, Claimed, End},
    registry::{Kind, Outcome},
    schedule,
};

/// How late a job may start when no doorbell was heard, and how precise a delay is.
const POLL: Duration = Duration::from_secs(1);

/// Wakes workers that wait for something to do; cheap to clone.
#[derive(Clone, Default)]
pub struct Wake(Arc<(Mutex<u64>, Condvar)>);

impl Wake {
    pub fn all(&self) {
        *self.0.0.lock().unwrap_or_else(PoisonError::into_inner) += 1;
        self.0.1.notify_all();
    }

    fn count(&self) -> u64 {
        *self.0.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Waits until somebody called [`Wake::all`] after `seen` was counted, or for the poll interval.
    fn wait(&self, seen: u64) {
        let guard = self.0.0.lock().unwrap_or_else(PoisonError::into_inner);
        // Whether it was the time or the bell makes no difference: look for jobs.
        drop(self.0.1.wait_timeout_while(guard, POLL, |now| *now == seen));
    }
}

/// The worker threads of this process.
pub struct Workers {
    stop: Arc<AtomicBool>,
    wake: Wake,
    threads: Vec<JoinHandle<()>>,
}

impl Workers {
    /// Starts as many threads as configured.
    pub fn start(app: &Data<App>, wake: Wake) -> Result<Self, String> {
        let stop = Arc::new(AtomicBool::new(false));
        let mut threads = Vec::new();
        for n in 0..app.config.job_workers {
            let (app, stop, wake) = (app.clone(), stop.clone(), wake.clone());
            // One of several workers keeps away from what waits for other machines.
            let without: Vec<&str> = if n == 0 && app.config.job_workers > 1 {
                crate::app::JOBS
                    .iter()
                    .filter(|k| k.slow)
                    .map(|k| k.name)
                    .collect()
            } else {
                Vec::new()
            };
            let thread = thread::Builder::new()
                .name(format!("jobs-{n}"))
                .spawn(move || work(&app, &wake, &stop, n == 0, &without))
                .map_err(|e| format!("cannot start a job worker: {e}"))?;
            threads.push(thread);
        }
        Ok(Self {
            stop,
            wake,
            threads,
        })
    }

    /// Lets every worker finish the job in hand and give back the others, and waits for that.
    pub fn stop(self) {
        self.stop.store(true, Ordering::SeqCst);
        self.wake.all();
        for thread in self.threads {
            if thread.join().is_err() {
                tracing::error!("a job worker had panicked");
            }
        }
    }
}

fn work(app: &App, wake: &Wake, stop: &AtomicBool, leads: bool, without: &[&str]) {
    let mut look_at_clock = Instant::now();
    while !stop.load(Ordering::SeqCst) {
        let seen = wake.count();
        if leads && Instant::now() >= look_at_clock {
            look_at_clock = Instant::now() + Duration::from_secs(60);
            if let Err(problem) = schedule::tick(app) {
                tracing::warn!(%problem, "cannot schedule chores");
            }
        }
        match queue::claim(app, without) {
            Ok(batch) if batch.is_empty() => wake.wait(seen),
            Ok(batch) => run_batch(app, batch, stop),
            Err(problem) => {
                tracing::warn!(%problem, "cannot claim jobs");
                wake.wait(wake.count());
            }
        }
    }
}

/// Runs a batch while half of its lease lasts, then gives the rest back, so that no job is started that could outlive it.
fn run_batch(app: &App, batch: Vec<Claimed>, stop: &AtomicBool) {
    let until = Instant::now() + queue::lease(app) / 2;
    for job in batch {
        let ended = if stop.load(Ordering::SeqCst) || Instant::now() > until {
            queue::finish(app, &job, &End::Unclaimed(Duration::ZERO)).map(drop)
        } else {
            run(app, &job)
        };
        if let Err(problem) = ended {
            // The lease runs out and the job is claimed again.
            tracing::warn!(job = job.id, kind = job.kind, %problem, "cannot finish a job");
        }
    }
}

/// Runs one claimed job and writes down how it ended.
pub fn run(app: &App, job: &Claimed) -> Result<(), Problem> {
    let Some(kind) = crate::app::JOBS.iter().find(|k| k.name == job.kind) else {
        // A newer version's job in a rolling update: leave it to that version.
        return queue::finish(app, job, &End::Unclaimed(Duration::from_secs(30))).map(drop);
    };
    if job.attempts > job.max_attempts {
        return give_up(app, kind, job, "its last run never ended");
    }
    let run = AssertUnwindSafe(|| (kind.run)(app, &job.payload));
    let result = std::panic::catch_unwind(run)
        .unwrap_or_else(|_| Err(Problem::internal("the handler panicked")));
    let kept = match result {
        Ok(Outcome::Done) => queue::finish(app, job, &End::Done)?,
        Ok(Outcome::Later(delay)) => queue::finish(app, job, &End::Unclaimed(delay))?,
        Err(problem) => {
            let error: String = problem.to_string().chars().take(500).collect();
            tracing::warn!(
                job = job.id,
                kind = job.kind,
                attempts = job.attempts,
                error,
                "a job failed"
            );
            if job.attempts >= job.max_attempts {
                return give_up(app, kind, job, &error);
            }
            queue::finish(app, job, &End::Again(backoff(job.attempts), &error))?
        }
    };
    if !kept {
        tracing::warn!(
            job = job.id,
            kind = job.kind,
            "a job outlived its lease; another worker has it"
        );
    }
    Ok(())
}

fn give_up(app: &App, kind: &Kind, job: &Claimed, error: &str) -> Result<(), Problem> {
    if queue::finish(app, job, &End::Dead(error))? {
        tracing::error!(job = job.id, kind = job.kind, error, "a job is dead");
        gauges::count_dead();
        if let Some(give_up) = kind.give_up {
            give_up(app, &job.payload)?;
        }
    }
    Ok(())
}

/// 5 s doubled at every attempt up to an hour, give or take a fifth, so that what failed together does not return together.
fn backoff(attempts: i32) -> Duration {
    let doublings = attempts.saturating_sub(1).clamp(0, 10).unsigned_abs();
    let base = Duration::from_secs((5_u64 << doublings).min(3600));
    let [random] = crate::auth::secrets::random::<1>();
    base.mul_f64(0.8 + 0.4 * f64::from(random) / 255.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn backoff_doubles_to_an_hour_with_jitter() {
        for (attempts, seconds) in [
            (0, 5.0),
            (1, 5.0),
            (2, 10.0),
            (5, 80.0),
            (11, 3600.0),
            (1000, 3600.0),
        ] {
            let delay = backoff(attempts).as_secs_f64();
            assert!(
                (seconds * 0.79..=seconds * 1.21).contains(&delay),
                "{attempts}: {delay}"
            );
        }
    }
}
