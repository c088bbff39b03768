//! Answers that would tell by their time what they do not tell by their text: whether there is an account, and in which
//! state.
//!
//! What is asked of the database differs from account to account. Where the answer must not tell, it comes at whole beats
//! only, counted without the time that the password takes: that is the same for everybody.

use std::time::Duration;

use tokio::time::{Instant, sleep_until};

/// Longer than the work takes, much or little of it; too short for anybody to mind.
const BEAT: Duration = Duration::from_millis(100);

/// Does the work, and hands over what came of it at the next whole beat since it began; `before` was spent on other such
/// work already.
pub async fn on_the_beat<T>(before: Duration, work: impl Future<Output = T>) -> T {
    let begin = Instant::now();
    let done = work.await;
    let spent = before + begin.elapsed();
    sleep_until(begin + next(spent).saturating_sub(before)).await;
    done
}

/// The first whole beat after this time.
fn next(elapsed: Duration) -> Duration {
    let beats = elapsed.as_millis() / BEAT.as_millis() + 1;
    BEAT * u32::try_from(beats).unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn little_and_much_work_end_on_one_beat() {
        for (took, ends) in [(0, 100), (7, 100), (99, 100), (100, 200), (130, 200)] {
            let ends = Duration::from_millis(ends);
            assert_eq!(next(Duration::from_millis(took)), ends);
        }
    }
}
