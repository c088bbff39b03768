//! Answers that would tell by their time what they do not tell by their text: whether there is an account, and in which
//! state.
//!
//! What is asked of the database differs from account to account. Where the answer must not tell, it comes at whole beats
//! only, counted without the time that the password takes: that is the same for everybody.

use std::time::Duration;

use tokio::time::{Instant, sleep_until};

use crate::{app::App, db::Tx, problem::Problem};

/// [`crate::db::Db::write`] with its answer [on the beat](on_the_beat).
pub async fn write_on_the_beat<T: Send + 'static>(
    app: &App,
    f: impl Fn(&mut Tx<'_>) -> Result<T, Problem> + Send + 'static,
) -> Result<T, Problem> {
    let beat = app.config.auth.answer_beat;
    on_the_beat(beat, Duration::ZERO, app.db.write(f)).await
}

/// Does the work, and hands over what came of it at the next whole beat since it began; `before` was spent on other such
/// work already. The beat is to be longer than the work takes, much or little of it; zero is at once.
pub async fn on_the_beat<T>(beat: Duration, before: Duration, work: impl Future<Output = T>) -> T {
    let begin = Instant::now();
    let done = work.await;
    let spent = before + begin.elapsed();
    sleep_until(begin + next(beat, spent).saturating_sub(before)).await;
    done
}

/// The first whole beat after this time.
fn next(beat: Duration, elapsed: Duration) -> Duration {
    let beats = elapsed.as_millis().checked_div(beat.as_millis());
    beat * beats.map_or(0, |beats| u32::try_from(beats + 1).unwrap_or(u32::MAX))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn little_and_much_work_end_on_one_beat() {
        let beat = Duration::from_millis(100);
        for (took, ends) in [(0, 100), (7, 100), (99, 100), (100, 200), (130, 200)] {
            let (took, ends) = (Duration::from_millis(took), Duration::from_millis(ends));
            assert_eq!(next(beat, took), ends);
            assert_eq!(next(Duration::ZERO, took), Duration::ZERO);
        }
    }
}
