//! The time of an answer does not tell who has an account: the medians of all kinds of accounts, and of none, are within
//! 10 % and 15 ms of each other.
//!
//! The kinds take turns, so that whatever else the machine does slows all of them down alike. There are more samples until
//! the medians agree, or until it is clear that they do not; a machine that is too busy to tell is no reason to fail. A
//! password costs an eighth here of what it does in production, so that anything else weighs eight times as much.

use std::{
    cell::Cell,
    collections::BTreeMap,
    time::{Duration, Instant},
};

use care::config::Secret;
use serde_json::{Value, json};

use super::{NEW, NO_WAIT, UNHURRIED, forgot, registration, reset, sign_in};
use crate::harness::{PASSWORD, TestApp};

const COST: u32 = 9;
/// Rounds at first and each time that there must be more.
const ROUNDS: usize = 6;
const TIMES: usize = 3;
/// Standard deviations that make sure: one in a thousand is beyond.
const SURE: f64 = 3.0;

const SHARE: f64 = 0.10;
const APART: Duration = Duration::from_millis(15);

/// Every state that an account can be in, and none.
const KINDS: [&str; 8] = [
    "existing",
    "absent",
    "locked",
    "unconfirmed",
    "provider-only",
    "disabled",
    "deletion-due",
    "older-hash",
];

fn address(kind: &str) -> String {
    format!("{kind}@example.org")
}

/// An application with one account of each kind.
async fn app() -> TestApp {
    let cost = COST.to_string();
    let settings = [
        UNHURRIED,
        NO_WAIT,
        ("CARE_BCRYPT_COST", cost.as_str()),
        ("CARE_SIGN_IN_ATTEMPTS", "1000"),
        ("CARE_CODE_ATTEMPTS_PER_DAY", "100000"),
    ];
    let app = TestApp::with(settings).await;
    for kind in KINDS.into_iter().filter(|kind| *kind != "absent") {
        app.customer(kind);
    }
    let hash = |cost| care::auth::password::hash(&Secret::new(PASSWORD), cost).unwrap();
    let (current, older) = (hash(COST), hash(COST - 2));
    app.sql(&format!("UPDATE users SET password_hash = '{current}'"));
    for (kind, set) in [
        (
            "locked",
            "failed_sign_ins = 1000, failed_window_started_at = now()",
        ),
        ("unconfirmed", "email_confirmed_at = NULL"),
        ("provider-only", "password_hash = NULL"),
        ("disabled", "disabled_at = now()"),
        (
            "deletion-due",
            "deletion_due_at = now() + interval '14 days'",
        ),
        ("older-hash", &format!("password_hash = '{older}'")),
    ] {
        let changed = app.sql(&format!("UPDATE users SET {set} WHERE name = '{kind}'"));
        assert_eq!(changed, 1, "{kind}");
    }
    app
}

/// The times of one kind, and what they say of it.
#[derive(Clone, Default)]
struct Times(Vec<Duration>);

impl Times {
    /// The time at this many standard deviations from the median.
    fn at(&self, deviations: f64) -> Duration {
        let mut sorted = self.0.clone();
        sorted.sort_unstable();
        let n = sorted.len() as f64;
        // The rank of the median is binomial: n/2 with a deviation of √n/2.
        let rank = (n + deviations * n.sqrt()) / 2.0;
        sorted[(rank.max(0.0) as usize).min(sorted.len() - 1)]
    }

    fn median(&self) -> Duration {
        self.at(0.0)
    }
}

type Medians = BTreeMap<&'static str, Times>;

fn within(least: Duration, most: Duration) -> bool {
    most <= least + APART && most.as_secs_f64() <= least.as_secs_f64() * (1.0 + SHARE)
}

fn agree(found: &Medians) -> bool {
    let times = found.values().map(Times::median);
    within(times.clone().min().unwrap(), times.max().unwrap())
}

/// Whether even the lowest that one median may be is too far from the highest that another may be.
fn differ(found: &Medians) -> bool {
    let highest = found.values().map(|t| t.at(SURE)).min().unwrap();
    let lowest = found.values().map(|t| t.at(-SURE)).max().unwrap();
    !within(highest, lowest)
}

fn told(found: &Medians) -> String {
    let all = found
        .iter()
        .map(|(kind, times)| format!("{kind} {:.1?}", times.median()));
    all.collect::<Vec<_>>().join(", ")
}

/// The times of the kinds. A round gives one of each.
async fn times(
    kinds: &[&'static str],
    round: impl AsyncFn(Vec<&'static str>) -> Vec<(&'static str, Duration)>,
) -> Medians {
    let mut found = Medians::new();
    for _ in 0..TIMES {
        for n in 0..ROUNDS {
            let mut order = kinds.to_vec();
            order.rotate_left(n % kinds.len());
            for (kind, time) in round(order).await {
                found.entry(kind).or_default().0.push(time);
            }
        }
        if agree(&found) {
            break;
        }
    }
    println!("{}", told(&found));
    found
}

async fn timed(kind: &'static str, ask: impl Future<Output = ()>) -> (&'static str, Duration) {
    let begin = Instant::now();
    ask.await;
    (kind, begin.elapsed())
}

/// For what costs the processor: one after the other.
async fn in_turn(kinds: &[&'static str], ask: impl AsyncFn(&'static str)) -> Medians {
    // Connections, caches and plans are there.
    for kind in kinds {
        ask(kind).await;
    }
    let round = async |order: Vec<&'static str>| {
        let mut times = Vec::new();
        for kind in order {
            times.push(timed(kind, ask(kind)).await);
        }
        times
    };
    times(kinds, round).await
}

#[tokio::test]
async fn a04_a_wrong_password_takes_the_same_time_for_everybody() {
    let app = app().await;
    let anyone = app.anyone();
    let ask = async |kind| {
        let call = sign_in(&anyone, &address(kind), "not this one");
        call.problem(401).await;
    };
    let found = in_turn(&KINDS, ask).await;
    assert!(!differ(&found), "{}", told(&found));
}

/// The tests here can tell a difference, and do not take noise for one.
#[test]
fn a_difference_is_told_from_noise() {
    let of = |from: u64, spread: u64| {
        let times = (0..18).map(|n| Duration::from_millis(from + n * 7 % 18 * spread));
        Times(times.collect())
    };
    let two = |one, other| Medians::from([("one", one), ("other", other)]);
    for (found, alike, apart) in [
        (two(of(130, 0), of(133, 0)), true, false),
        // One comparison of a password less.
        (two(of(130, 1), of(100, 1)), false, true),
        // Within a tenth of each other, and more than 15 ms apart.
        (two(of(630, 1), of(675, 1)), false, true),
        // So busy that nothing can be told.
        (two(of(130, 20), of(150, 20)), false, false),
    ] {
        assert_eq!(
            (agree(&found), differ(&found)),
            (alike, apart),
            "{}",
            told(&found)
        );
    }
}

#[tokio::test]
async fn registering_takes_the_same_time_for_everybody() {
    let app = app().await;
    let anyone = app.anyone();
    let count = Cell::new(0);
    let ask = async |kind| {
        // Who was absent is there after the first time.
        count.set(count.get() + 1);
        let email = match kind {
            "absent" => format!("absent-{}@example.org", count.get()),
            _ => address(kind),
        };
        let call = anyone.post("/auth/register", registration(&email, NEW));
        call.expect(202).await;
    };
    let found = in_turn(&KINDS, ask).await;
    assert!(!differ(&found), "{}", told(&found));
}

/// For what only waits: all at once.
async fn at_once(app: &TestApp, path: &str, body: impl Fn(&str) -> Value, status: u16) {
    let anyone = app.anyone();
    let round = async |order: Vec<&'static str>| {
        let asked = order.into_iter().map(|kind| {
            let call = anyone.post(path, body(&address(kind)));
            timed(kind, async {
                call.answered(status).await;
            })
        });
        futures_util::future::join_all(asked).await
    };
    let found = times(&KINDS, round).await;
    assert!(!differ(&found), "{path}: {}", told(&found));
}

#[tokio::test]
async fn asking_for_a_code_takes_the_same_time_for_everybody() {
    let app = app().await;
    for path in ["/auth/forgot-password", "/auth/confirm-email/resend"] {
        at_once(&app, path, |email| json!({ "email": email }), 202).await;
    }
}

#[tokio::test]
async fn a_wrong_code_takes_the_same_time_for_everybody() {
    let app = app().await;
    forgot(&app, &address("existing")).await;
    let confirm = |email: &str| json!({ "email": email, "code": "000000" });
    at_once(&app, "/auth/confirm-email", confirm, 422).await;
    at_once(
        &app,
        "/auth/reset-password",
        |email| reset(email, "000000", NEW),
        422,
    )
    .await;
}
