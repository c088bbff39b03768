//! Password hashing: bcrypt on threads of its own, a fixed number at a time, so that a flood of sign-ins takes neither
//! the database's threads nor the event loop. An unknown user costs the same as a known one.

use std::{
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use tokio::sync::{Semaphore, oneshot};

use crate::{
    config::Secret,
    problem::{FieldCode, Problem},
};

/// bcrypt reads 72 bytes; more would be cut off in silence, so more is refused (Spring CVE-2025-22228).
pub const MAX_BYTES: usize = 72;
/// NIST SP 800-63B-4 section 3.1.1.2, for a password that may be combined with a second factor.
pub const MIN_CHARS: usize = 8;

#[derive(Clone)]
pub struct Passwords {
    cost: u32,
    seats: Arc<Semaphore>,
    wait: Duration,
    /// The hash of nothing anyone can type, at the same cost: checked when there is no account.
    dummy: Arc<str>,
    worked: Arc<AtomicU64>,
}

impl Passwords {
    pub fn new(cost: u32, threads: usize) -> Result<Self, String> {
        let dummy =
            bcrypt::hash(super::secrets::random::<32>(), cost).map_err(|e| e.to_string())?;
        Ok(Self {
            cost,
            seats: Arc::new(Semaphore::new(threads)),
            wait: Duration::from_secs(5),
            dummy: dummy.into(),
            worked: Arc::default(),
        })
    }

    pub async fn hash(&self, password: Secret) -> Result<String, Problem> {
        let cost = self.cost;
        self.run(move || hash(&password, cost)).await?
    }

    /// How much work all comparisons were so far, 2ⁿ for one at cost n: the same for everyone who is refused, whatever the
    /// reason.
    pub fn worked(&self) -> u64 {
        self.worked.load(Ordering::Relaxed)
    }

    /// Asks for the current password once more, which `hash` is of. Who has none passes.
    pub async fn prove_current(
        &self,
        typed: Option<Secret>,
        hash: Option<String>,
    ) -> Result<(), Problem> {
        if hash.is_none() {
            return Ok(());
        }
        match self
            .verify(typed.unwrap_or_else(|| Secret::new("")), hash)
            .await?
        {
            true => Ok(()),
            false => Err(Problem::field(
                "/current_password",
                FieldCode::Mismatch,
                "That is not your current password.",
            )),
        }
    }

    /// Whether the password fits the hash; without a hash the same work is done and the answer is no. So it is for a hash
    /// that was made when passwords cost less.
    pub async fn verify(&self, password: Secret, hash: Option<String>) -> Result<bool, Problem> {
        let known = hash.is_some();
        let hash = hash.unwrap_or_else(|| self.dummy.to_string());
        let (worked, cost, dummy) = (self.worked.clone(), self.cost, self.dummy.clone());
        self.run(move || {
            let compare = |bytes: &[u8], hash: &str, cost: u32| {
                worked.fetch_add(1 << cost, Ordering::Relaxed);
                bcrypt::verify(bytes, hash).unwrap_or(false)
            };
            let normal = normal(&password);
            // Too long was refused when it was set, so it can not be right; still do the work.
            let fits = normal.len() <= MAX_BYTES;
            let bytes = normal
                .as_bytes()
                .get(..normal.len().min(MAX_BYTES))
                .unwrap_or_default();
            let made_at = cost_of(&hash).unwrap_or(cost);
            let right = compare(bytes, &hash, made_at) && !bytes.contains(&0);
            // Each step doubles the work: 2^c and 2^c + 2^(c+1) + … + 2^(n-1) make 2^n.
            for missing in made_at..cost {
                compare(bytes, &at_cost(&dummy, missing), missing);
            }
            known && fits && right
        })
        .await
    }

    async fn run<T: Send + 'static>(
        &self,
        f: impl FnOnce() -> T + Send + 'static,
    ) -> Result<T, Problem> {
        let seat = tokio::time::timeout(self.wait, self.seats.clone().acquire_owned()).await;
        let Ok(Ok(seat)) = seat else {
            return Err(Problem::unavailable("too many passwords to check"));
        };
        let (answer, wait) = oneshot::channel();
        let work = move || {
            let result = f();
            drop(seat);
            let _ = answer.send(result);
        };
        std::thread::Builder::new()
            .name("password".into())
            .spawn(work)
            .map_err(Problem::internal)?;
        wait.await
            .map_err(|_| Problem::internal("a password thread died"))
    }
}

/// The hash of a password that passed the rules. Takes a fraction of a second of one core.
pub fn hash(password: &Secret, cost: u32) -> Result<String, Problem> {
    bcrypt::hash(normal(password), cost).map_err(Problem::internal)
}

/// The work factor in a hash ("$2b$12$…").
fn cost_of(hash: &str) -> Option<u32> {
    hash.split('$').nth(2)?.parse().ok()
}

/// The hash as if it had this work factor; of nothing any more.
fn at_cost(hash: &str, cost: u32) -> String {
    let mut parts: Vec<&str> = hash.split('$').collect();
    let cost = format!("{cost:02}");
    if let Some(part) = parts.get_mut(2) {
        *part = &cost;
    }
    parts.join("$")
}

/// One password typed on two keyboards is one password: NFC (RFC 8265 section 4.2.1, OpaqueString).
pub fn normal(password: &Secret) -> String {
    use unicode_normalization::UnicodeNormalization;
    password.reveal().nfc().collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_cost_of_a_hash_can_be_read_and_changed() {
        let hash = bcrypt::hash("x", 4).unwrap();
        assert_eq!(cost_of(&hash), Some(4));
        let other = at_cost(&hash, 5);
        assert_eq!(cost_of(&other), Some(5));
        assert!(
            !bcrypt::verify("x", &other).unwrap(),
            "well-formed, and not x"
        );
        for bad in ["", "x", "$2b$", "$2b$x$y"] {
            assert_eq!(cost_of(bad), None, "{bad}");
        }
    }
}
