//! Answers that cost the database a lot and may be a few seconds old: asked for often, they take no more than a
//! twentieth of its time.

use std::{
    collections::HashMap,
    hash::Hash,
    sync::{Mutex, PoisonError},
    time::{Duration, Instant},
};

use crate::problem::Problem;

/// Cheaper answers are always made anew.
const WORTH_KEEPING: Duration = Duration::from_millis(100);
/// How many times as long as an answer took it is kept.
const TIMES: u32 = 20;
const AT_MOST: Duration = Duration::from_secs(60);

/// Costly answers by what was asked.
pub struct Costly<K, T> {
    kept: Mutex<HashMap<K, (Instant, T)>>,
}

impl<K, T> Default for Costly<K, T> {
    fn default() -> Self {
        Self {
            kept: Mutex::default(),
        }
    }
}

impl<K: Eq + Hash, T: Clone> Costly<K, T> {
    /// The answer that is kept, or a new one.
    pub async fn get(
        &self,
        asked: K,
        make: impl Future<Output = Result<T, Problem>>,
    ) -> Result<T, Problem> {
        let begin = Instant::now();
        if let Some(kept) = self.kept(&asked, begin) {
            return Ok(kept);
        }
        let answer = make.await?;
        let took = begin.elapsed();
        if took >= WORTH_KEEPING {
            let until = Instant::now() + (took * TIMES).min(AT_MOST);
            let mut kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
            kept.insert(asked, (until, answer.clone()));
        }
        Ok(answer)
    }

    fn kept(&self, asked: &K, now: Instant) -> Option<T> {
        let mut kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        kept.retain(|_, (until, _)| now < *until);
        kept.get(asked).map(|(_, answer)| answer.clone())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn only_costly_answers_are_kept() {
        let costly = Costly::<&str, i32>::default();
        let quick = |answer: i32| async move { Ok(answer) };
        let slow = |answer: i32| async move {
            std::thread::sleep(WORTH_KEEPING);
            Ok(answer)
        };
        assert_eq!(costly.get("a", quick(1)).await.unwrap(), 1);
        assert_eq!(costly.get("a", slow(2)).await.unwrap(), 2);
        assert_eq!(costly.get("a", quick(3)).await.unwrap(), 2);
        assert_eq!(costly.get("b", quick(4)).await.unwrap(), 4);
        let failed = async { Err(Problem::not_found()) };
        assert!(costly.get("c", failed).await.is_err());
    }
}
