//! Another code on a first visit, when the first was not found or has grown old.

use serde_json::json;

use super::{Browser, app_with, double::Double};
use crate::{
    auth::{digits, last_mail},
    harness::{Answer, TestApp},
};

const ASHA: &str = "asha@example.org";

async fn app(double: &Double) -> TestApp {
    app_with(&[("google", &double.issuer)], &[]).await
}

/// Somebody who has to prove the address.
async fn waiting(app: &TestApp, double: &Double, subject: &str) -> Browser {
    let mut browser = Browser::new(app);
    let back = double.visit(&browser.starts("google").await, subject);
    let answer = browser.finishes("google", &back).await;
    assert_eq!(answer.status, 202, "{}", answer.text());
    browser
}

fn a_minute_later(app: &TestApp) {
    app.sql("UPDATE one_time_codes SET created_at = created_at - interval '61 seconds'");
}

fn lost(answer: &Answer) {
    assert_eq!(answer.status, 422, "{}", answer.text());
    assert_eq!(answer.json()["code"], "provider_refused");
}

#[tokio::test]
async fn only_the_newest_code_counts_and_the_next_one_has_to_wait() {
    let double = Double::start();
    let app = app(&double).await;
    let mut browser = waiting(&app, &double, "asha").await;
    let first = digits(&last_mail(&app, ASHA));
    let early = browser.asks_again().await;
    assert_eq!(early.status, 202, "{}", early.text());
    assert_eq!(early.header("cache-control"), "no-store");
    assert_eq!(
        early.json(),
        json!({ "status": "sent", "retry_after_seconds": 60 })
    );
    assert_eq!(app.mails().len(), 1, "the wait is not over");

    a_minute_later(&app);
    let later = browser.asks_again().await;
    assert_eq!(
        (later.status, later.json()),
        (early.status, early.json()),
        "the answer does not tell whether a mail went"
    );
    assert_eq!(app.mails_to(ASHA).len(), 2);
    let second = digits(&last_mail(&app, ASHA));
    if first != second {
        assert_eq!(browser.proves(&first).await.status, 422);
    }
    let session = browser.proves(&second).await;
    assert_eq!(session.status, 200, "{}", session.text());
}

/// Whoever reads slowly has as long for the new code as for the first.
#[tokio::test]
async fn the_trip_lasts_as_long_as_the_new_code() {
    let double = Double::start();
    let app = app(&double).await;
    let mut browser = waiting(&app, &double, "asha").await;
    a_minute_later(&app);
    app.sql("UPDATE provider_trips SET expires_at = now() + interval '5 seconds'");
    let answer = browser.asks_again().await;
    assert_eq!(answer.status, 202, "{}", answer.text());
    assert!(answer.header("set-cookie").starts_with("care_trip="));
    let code = "SELECT 1 FROM provider_trips t JOIN one_time_codes c ON c.user_id = t.user_id \
                WHERE c.voided_at IS NULL AND t.expires_at >= c.expires_at";
    assert_eq!(app.rows(code).len(), 1);
    let session = browser.proves(&digits(&last_mail(&app, ASHA))).await;
    assert_eq!(session.status, 200, "{}", session.text());
}

#[tokio::test]
async fn nothing_is_sent_when_the_trip_is_over_or_not_ones_own() {
    let double = Double::start();
    let app = app(&double).await;
    let mut browser = waiting(&app, &double, "asha").await;
    a_minute_later(&app);
    lost(&Browser::new(&app).asks_again().await);
    // One that has not come back yet has nobody to write to.
    let mut setting_out = Browser::new(&app);
    setting_out.starts("google").await;
    lost(&setting_out.asks_again().await);
    // A page that is not ours cannot ask, cookie or not.
    let foreign = app.anyone();
    let foreign = foreign.post("/auth/providers/prove-address/resend", json!({}));
    let foreign = foreign.header("cookie", &browser.cookie);
    foreign.problem(403).await;
    assert_eq!(app.mails().len(), 1);

    let code = digits(&last_mail(&app, ASHA));
    assert_eq!(browser.proves(&code).await.status, 200);
    let mails = app.mails().len();
    a_minute_later(&app);
    lost(&browser.asks_again().await);
    assert_eq!(app.mails().len(), mails, "used");

    let mut slow = waiting(&app, &double, "ben").await;
    let mails = app.mails().len();
    a_minute_later(&app);
    app.sql("UPDATE provider_trips SET expires_at = now()");
    lost(&slow.asks_again().await);
    assert_eq!(app.mails().len(), mails, "expired");
}

/// An account that takes no codes gets no mail, and the answer is the same.
#[tokio::test]
async fn the_answer_tells_nothing_about_the_account() {
    let double = Double::start();
    let app = app(&double).await;
    app.customer("Asha");
    let mut known = waiting(&app, &double, "asha").await;
    let mut new = waiting(&app, &double, "ben").await;
    let mut closed = waiting(&app, &double, "closed").await;
    app.sql("UPDATE users SET disabled_at = now() WHERE email = 'closed@example.org'");
    a_minute_later(&app);
    let before = app.mails().len();
    let answers = [
        known.asks_again().await,
        new.asks_again().await,
        closed.asks_again().await,
    ];
    for answer in &answers {
        assert_eq!(
            (answer.status, answer.json()),
            (answers[0].status, answers[0].json())
        );
    }
    assert_eq!(answers[0].status, 202);
    assert_eq!(app.mails().len(), before + 2);
}

/// It counts like every other knock at the door.
#[tokio::test]
async fn asking_again_has_the_budget_of_its_ip() {
    let double = Double::start();
    let more = [("CARE_IP_SIGN_INS_PER_MINUTE", "4")];
    let app = app_with(&[("google", &double.issuer)], &more).await;
    let mut browser = waiting(&app, &double, "asha").await;
    let mut statuses = Vec::new();
    for _ in 0..3 {
        statuses.push(browser.asks_again().await.status);
    }
    assert_eq!(statuses, [202, 202, 429]);
}
