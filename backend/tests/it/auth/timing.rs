//! The time of an answer does not tell who has an account: the medians of all kinds of accounts, and of none, are within
//! 10 % and 15 ms of each other.
//!
//! That every refusal is the same work of comparing passwords is counted, not timed (`every_refusal_does_the_same_work`);
//! all else is hidden by the beat at which answers come. All kinds are asked at once, so that whatever else the machine does
//! slows them down alike. There are more samples until the medians agree, up to a bound, where it should be clear that they
//! do not. A machine so busy that a kind does not even agree with itself is no reason to fail, and is named on standard
//! error; one that is not has to tell.

use std::{
    cell::Cell,
    collections::BTreeMap,
    io::Write as _,
    time::{Duration, Instant},
};

use futures_util::future::join_all;
use serde_json::{Value, json};

use super::{NEW, NO_WAIT, UNHURRIED, forgot, registration, reset};
use crate::harness::TestApp;

/// As `care::auth::pace` has it.
const BEAT: Duration = Duration::from_millis(100);

/// Rounds at first and each time that there must be more; and how often there are, at most.
const ROUNDS: usize = 6;
const TIMES: usize = 10;
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
    "password-change-due",
];

fn address(kind: &str) -> String {
    format!("{kind}@example.org")
}

/// An application with one account of each kind.
async fn app() -> TestApp {
    let settings = [
        UNHURRIED,
        NO_WAIT,
        ("CARE_SIGN_IN_ATTEMPTS", "1000"),
        ("CARE_CODE_ATTEMPTS_PER_DAY", "100000"),
        ("CARE_ANSWER_BEAT", "100"),
    ];
    let app = TestApp::with(settings).await;
    for kind in KINDS.into_iter().filter(|kind| *kind != "absent") {
        app.customer(kind);
    }
    let locked = "failed_sign_ins = 1000, failed_window_started_at = now()";
    let due = "deletion_due_at = now() + interval '14 days'";
    for (kind, set) in [
        ("locked", locked),
        ("unconfirmed", "email_confirmed_at = NULL"),
        ("provider-only", "password_hash = NULL"),
        ("disabled", "disabled_at = now()"),
        ("deletion-due", due),
        ("password-change-due", "password_change_required_at = now()"),
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

/// Whether the machine was calm enough to tell: for each kind, the even rounds and the odd ones agree.
fn calm(found: &Medians) -> bool {
    found.values().all(|times| {
        let half = |n: usize| Times(times.0.iter().skip(n).step_by(2).copied().collect());
        agree(&Medians::from([("even", half(0)), ("odd", half(1))]))
    })
}

#[derive(Debug, PartialEq)]
enum Verdict {
    Alike,
    Apart,
    Unsure,
}

fn judge(found: &Medians) -> Verdict {
    match (agree(found), differ(found)) {
        (true, _) => Verdict::Alike,
        (false, true) => Verdict::Apart,
        (false, false) => Verdict::Unsure,
    }
}

fn told(found: &Medians) -> String {
    let all = found
        .iter()
        .map(|(kind, times)| format!("{kind} {:.1?}", times.median()));
    all.collect::<Vec<_>>().join(", ")
}

/// Asks about all kinds at once, again and again, and holds the times against each other.
async fn takes_the_same_time(app: &TestApp, path: &str, status: u16, body: impl Fn(&str) -> Value) {
    let (anyone, count) = (app.anyone(), Cell::new(0));
    let ask = async |kind: &'static str| {
        // Who was absent may be there after the first time.
        count.set(count.get() + 1);
        let email = match kind {
            "absent" => format!("absent-{}@example.org", count.get()),
            _ => address(kind),
        };
        let body = body(&email);
        let begin = Instant::now();
        anyone.post(path, body).answered(status).await;
        (kind, begin.elapsed())
    };
    let mut found = Medians::new();
    for n in 0..TIMES * ROUNDS {
        let mut order = KINDS;
        order.rotate_left(n % KINDS.len());
        for (kind, time) in join_all(order.map(&ask)).await {
            assert!(time >= BEAT, "{path}: {kind} after {time:?}");
            found.entry(kind).or_default().0.push(time);
        }
        if (n + 1) % ROUNDS == 0 && agree(&found) {
            break;
        }
    }
    match judge(&found) {
        Verdict::Alike => println!("{path}: {}", told(&found)),
        Verdict::Apart => panic!("{path}: {}", told(&found)),
        Verdict::Unsure if calm(&found) => {
            panic!("{path}: no verdict, on a calm machine: {}", told(&found))
        }
        // Past the harness, which keeps what a test prints that passes.
        Verdict::Unsure => {
            let line = format!(
                "{path}: NO VERDICT, the machine is too busy: {}\n",
                told(&found)
            );
            std::io::stderr().write_all(line.as_bytes()).unwrap();
        }
    }
}

#[tokio::test]
async fn a04_a_wrong_password_takes_the_same_time_for_everybody() {
    let wrong = |email: &str| json!({ "email": email, "password": "not this one" });
    takes_the_same_time(&app().await, "/auth/sign-in", 401, wrong).await;
}

#[tokio::test]
async fn registering_takes_the_same_time_for_everybody() {
    let body = |email: &str| registration(email, NEW);
    takes_the_same_time(&app().await, "/auth/register", 202, body).await;
}

#[tokio::test]
async fn asking_for_a_code_takes_the_same_time_for_everybody() {
    let app = app().await;
    for path in ["/auth/forgot-password", "/auth/confirm-email/resend"] {
        takes_the_same_time(&app, path, 202, |email| json!({ "email": email })).await;
    }
}

#[tokio::test]
async fn a_wrong_code_takes_the_same_time_for_everybody() {
    let app = app().await;
    forgot(&app, &address("existing")).await;
    let confirm = |email: &str| json!({ "email": email, "code": "000000" });
    takes_the_same_time(&app, "/auth/confirm-email", 422, confirm).await;
    let body = |email: &str| reset(email, "000000", NEW);
    takes_the_same_time(&app, "/auth/reset-password", 422, body).await;
}

/// The tests here can tell a difference, and do not take noise for one.
#[test]
fn a_difference_is_told_from_noise() {
    let of = |from: u64, spread: u64| {
        let times = (0..18).map(|n| Duration::from_millis(from + n * 7 % 18 * spread));
        Times(times.collect())
    };
    let two = |one, other| Medians::from([("one", one), ("other", other)]);
    for (found, verdict, is_calm) in [
        (two(of(130, 0), of(133, 0)), Verdict::Alike, true),
        (two(of(130, 1), of(100, 1)), Verdict::Apart, true),
        // Within a tenth of each other, and more than 15 ms apart.
        (two(of(630, 1), of(675, 1)), Verdict::Apart, true),
        // Too few to be sure.
        (two(of(130, 4), of(150, 4)), Verdict::Unsure, true),
        // So busy that nothing can be told.
        (two(of(130, 20), of(150, 20)), Verdict::Unsure, false),
    ] {
        let says = (judge(&found), calm(&found));
        assert_eq!(says, (verdict, is_calm), "{}", told(&found));
    }
}
