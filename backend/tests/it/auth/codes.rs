//! One-time codes (A06): one use, ten minutes, the newest, bound to person and purpose, few guesses.

use serde_json::json;

use super::{
    NEW, NO_WAIT, UNHURRIED, digits, forgot, other_than, registration, reset, sign_in, token,
};
use crate::harness::{PASSWORD, TestApp};

const ANN: &str = "ann@example.org";
const RESET: &str = "/auth/reset-password";

#[tokio::test]
async fn a06_a_code_works_once() {
    let app = TestApp::with([UNHURRIED, NO_WAIT]).await;
    app.customer("Ann");
    let mail = forgot(&app, ANN).await;
    let anyone = app.anyone();
    anyone
        .post(RESET, reset(ANN, &digits(&mail), NEW))
        .expect(204)
        .await;
    let again = anyone
        .post(RESET, reset(ANN, &digits(&mail), "another good phrase"))
        .problem(422)
        .await;
    assert_eq!(again.code, "code_wrong_or_expired");
    let body = json!({ "token": token(&mail), "password": "another good phrase", "password_confirmation": "another good phrase" });
    anyone.post(RESET, body).problem(422).await;
    sign_in(&anyone, ANN, NEW).expect(200).await;
}

/// The same code at once from many places changes the password once.
#[tokio::test]
async fn a06_of_parallel_uses_one_wins() {
    let app = TestApp::with([UNHURRIED, NO_WAIT, ("CARE_CODE_ATTEMPTS", "20")]).await;
    app.customer("Ann");
    let mail = forgot(&app, ANN).await;
    let (code, anyone) = (digits(&mail), app.anyone());
    let calls = (0..10).map(|n| {
        let password = format!("phrase of tab {n}");
        anyone.post(RESET, reset(ANN, &code, &password)).send()
    });
    let answers = futures_util::future::join_all(calls).await;
    let won = answers.iter().filter(|a| a.status == 204).count();
    let lost = answers.iter().filter(|a| a.status == 422).count();
    assert_eq!((won, lost), (1, 9));
}

#[tokio::test]
async fn a06_a_code_expires_after_ten_minutes() {
    let app = TestApp::start().await;
    app.customer("Ann");
    let mail = forgot(&app, ANN).await;
    let lives = "SELECT extract(epoch FROM expires_at - created_at)::int AS s FROM one_time_codes";
    assert_eq!(app.rows(lives)[0]["s"], 600);
    app.sql("UPDATE one_time_codes SET expires_at = now() - interval '1 second'");
    let anyone = app.anyone();
    anyone
        .post(RESET, reset(ANN, &digits(&mail), NEW))
        .problem(422)
        .await;
    let body = json!({ "token": token(&mail), "password": NEW, "password_confirmation": NEW });
    anyone.post(RESET, body).problem(422).await;
    sign_in(&anyone, ANN, PASSWORD).expect(200).await;
}

#[tokio::test]
async fn a06_only_the_newest_counts() {
    let app = TestApp::with([NO_WAIT]).await;
    app.customer("Ann");
    let first = forgot(&app, ANN).await;
    let second = forgot(&app, ANN).await;
    let anyone = app.anyone();
    let body =
        |mail| json!({ "token": token(mail), "password": NEW, "password_confirmation": NEW });
    anyone.post(RESET, body(&first)).problem(422).await;
    anyone.post(RESET, body(&second)).expect(204).await;
}

#[tokio::test]
async fn a06_a_code_is_bound_to_its_person() {
    let app = TestApp::start().await;
    app.customer("Ann");
    app.customer("Bea");
    let (ann, bea) = (
        forgot(&app, ANN).await,
        forgot(&app, "bea@example.org").await,
    );
    if digits(&ann) != digits(&bea) {
        let body = reset("bea@example.org", &digits(&ann), NEW);
        app.anyone().post(RESET, body).problem(422).await;
    }
    // A token names its own person; there is nobody else to name.
    let mut body = reset("bea@example.org", &digits(&ann), NEW);
    body["token"] = token(&ann).into();
    let problem = app.anyone().post(RESET, body).problem(422).await;
    assert_eq!(problem.field("/token"), "not_allowed");
    sign_in(&app.anyone(), "bea@example.org", PASSWORD)
        .expect(200)
        .await;
}

#[tokio::test]
async fn a06_a_code_is_bound_to_its_purpose() {
    let app = TestApp::with([UNHURRIED]).await;
    let anyone = app.anyone();
    let eve = "eve@example.org";
    anyone
        .post("/auth/register", registration(eve, PASSWORD))
        .expect(202)
        .await;
    let confirm = app.mails_to(eve).remove(0);
    let mail = forgot(&app, eve).await;
    for body in [
        json!({ "token": token(&mail) }),
        json!({ "email": eve, "code": digits(&mail) }),
    ] {
        if body["code"].is_null() || digits(&mail) != digits(&confirm) {
            anyone.post("/auth/confirm-email", body).problem(422).await;
        }
    }
    let body = json!({ "token": token(&confirm), "password": NEW, "password_confirmation": NEW });
    anyone.post(RESET, body).problem(422).await;
    let body = json!({ "token": token(&mail), "name": "Eve", "password": NEW, "password_confirmation": NEW });
    anyone
        .post("/auth/accept-invitation", body)
        .problem(422)
        .await;
}

/// After the last guess even the right digits are refused; the link goes on working, so nobody can be locked out.
#[tokio::test]
async fn a06_guesses_are_counted_before_they_are_judged() {
    let app = TestApp::with([UNHURRIED]).await;
    app.customer("Ann");
    let mail = forgot(&app, ANN).await;
    let (right, anyone) = (digits(&mail), app.anyone());
    let wrong = other_than(&right);
    let calls = (0..40).map(|_| anyone.post(RESET, reset(ANN, &wrong, NEW)).problem(422));
    futures_util::future::join_all(calls).await;
    let counted = app.rows("SELECT attempts FROM one_time_codes");
    assert_eq!(
        counted[0]["attempts"], 5,
        "no more than five were looked at"
    );
    anyone
        .post(RESET, reset(ANN, &right, NEW))
        .problem(422)
        .await;
    let body = json!({ "token": token(&mail), "password": NEW, "password_confirmation": NEW });
    anyone.post(RESET, body).expect(204).await;
    sign_in(&anyone, ANN, NEW).expect(200).await;
}

/// New codes do not buy unlimited guesses: a day allows so many, over all codes.
#[tokio::test]
async fn a06_a_day_allows_few_guesses_over_all_codes() {
    let settings = [UNHURRIED, NO_WAIT, ("CARE_CODE_ATTEMPTS_PER_DAY", "8")];
    let app = TestApp::with(settings).await;
    app.customer("Ann");
    let anyone = app.anyone();
    for _ in 0..2 {
        let wrong = other_than(&digits(&forgot(&app, ANN).await));
        for _ in 0..4 {
            anyone
                .post(RESET, reset(ANN, &wrong, NEW))
                .problem(422)
                .await;
        }
    }
    let mail = forgot(&app, ANN).await;
    anyone
        .post(RESET, reset(ANN, &digits(&mail), NEW))
        .problem(422)
        .await;
    let body = json!({ "token": token(&mail), "password": NEW, "password_confirmation": NEW });
    anyone.post(RESET, body).expect(204).await;
    // Proof starts a new count.
    let mail = forgot(&app, ANN).await;
    let last = "yet another phrase";
    anyone
        .post(RESET, reset(ANN, &digits(&mail), last))
        .expect(204)
        .await;
}

/// A06: a copy of the database opens nothing.
#[tokio::test]
async fn a06_the_database_holds_no_code() {
    let app = TestApp::start().await;
    app.customer("Ann");
    let mail = forgot(&app, ANN).await;
    let (code, link) = (digits(&mail), token(&mail));
    for table in [
        "one_time_codes",
        "mails",
        "events",
        "jobs",
        "rate_counters",
        "users",
    ] {
        for row in app.rows(&format!("SELECT * FROM {table}")) {
            let text = row.to_string();
            assert!(!text.contains(&link), "{table}: {text}");
            // Ids and salts may hold six digits by chance; as a value they may not stand.
            assert!(!text.contains(&format!("\"{code}\"")), "{table}: {text}");
        }
    }
}

#[tokio::test]
async fn tampered_tokens_open_nothing() {
    let app = TestApp::with([UNHURRIED]).await;
    app.customer("Ann");
    let good = token(&forgot(&app, ANN).await);
    let mut swapped = good.clone().into_bytes();
    swapped[40] = if swapped[40] == b'A' { b'B' } else { b'A' };
    let swapped = String::from_utf8(swapped).unwrap();
    for bad in [
        swapped.as_str(),
        &good[..good.len() - 1],
        &format!("{good}A"),
        &good.to_uppercase(),
        "AAAA",
        "%00",
        "../../etc/passwd",
    ] {
        let body = json!({ "token": bad, "password": NEW, "password_confirmation": NEW });
        let problem = app.anyone().post(RESET, body).problem(422).await;
        assert_eq!(problem.code, "code_wrong_or_expired", "{bad}");
    }
}
