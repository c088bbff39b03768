//! One switch for an attack (B05, D06, N02).

mod command;
mod spread;

use std::time::{Duration, Instant};

use reqwest::Method;
use serde_json::{Value, json};

use crate::{
    auth::{UNHURRIED, events, holder, sign_in},
    harness::{Call, PASSWORD, Person, TestApp},
};

const ANN: &str = "ann@example.org";
const CLEO: &str = "cleo@example.org";

/// By when every server must have noticed.
pub const SOON: Duration = Duration::from_secs(2);

fn turn<'a>(admin: &'a Person, to: &str) -> Call<'a> {
    let body =
        json!({ "reason": "Somebody walks through our accounts.", "current_password": PASSWORD });
    admin.post(&format!("/lockdown/{to}"), body)
}

/// Asks until the answer has this status: for what another server notices.
pub async fn until<'a>(ask: impl Fn() -> Call<'a>, status: u16) {
    let start = Instant::now();
    while ask().attempt().await.unwrap().status != status {
        assert!(start.elapsed() < SOON, "not {status} in time");
    }
}

fn change(person: &Person) -> Call<'_> {
    person.patch("/me", json!({ "locale": "ta" }))
}

#[tokio::test]
async fn b05_everybody_else_is_out_and_nothing_changes() {
    let app = TestApp::with([UNHURRIED, ("CARE_WRITES_PER_MINUTE", "100000")]).await;
    let second = app.replica().await;
    let anyone = app.anyone();
    app.admin("Cleo");
    let session = sign_in(&anyone, CLEO, PASSWORD).expect(200).await;
    let (cleo, dora) = (holder(&app, &session), app.admin("Dora"));
    let (ann, bob) = (app.customer("Ann"), app.agent("Bob"));
    let ticket = ann.opens_a_ticket().await;
    let streams = [
        ann.at(&second.api).listens().await,
        bob.at(&second.api).listens().await,
    ];
    let mut own = cleo.at(&second.api).listens().await;

    let switch = turn(&cleo, "start").expect(200).await;
    assert_eq!(
        (&switch["on"], &switch["started_by"]),
        (&json!(true), &json!("Cleo"))
    );
    for stream in streams {
        let last = stream.rest().await.pop().unwrap();
        assert_eq!(last.data["reason"], "session_ended");
    }
    for api in [&app.api, &second.api] {
        for person in [&ann, &bob, &dora] {
            person.at(api).get("/me").problem(401).await;
        }
        let (admin, visitor) = (cleo.at(api), anyone.at(api));
        // Whatever this server has noticed: no session begins.
        let problem = sign_in(&visitor, ANN, PASSWORD).problem(503).await;
        assert_eq!(problem.code, "lockdown");
        until(|| change(&admin), 503).await;
        for (path, body) in [
            ("/auth/register", json!({})),
            ("/auth/forgot-password", json!({ "email": ANN })),
            ("/tickets", ann.new_ticket()),
        ] {
            let problem = visitor.post(path, body).problem(503).await;
            assert_eq!(problem.code, "lockdown", "{path}");
        }
        // What is public can be read, and says so; so can what the admin may see.
        for path in ["/healthz", "/readyz", "/api/v1/services"] {
            api.get(path).answered(200).await;
        }
        let meta = visitor.get("/meta").expect(200).await;
        assert_eq!(meta["lockdown_since"], switch["since"]);
        assert!(
            !meta.to_string().contains("walks through"),
            "why is for admins"
        );
        admin.get(&ticket.path("")).expect(200).await;
    }

    // The one session that is left lives on, and ends it.
    let body = json!({ "refresh_token": session["refresh_token"] });
    let next = anyone.post("/auth/refresh", body).expect(200).await;
    let cleo = holder(&app, &next);
    assert_eq!(cleo.get("/lockdown").expect(200).await, switch);
    turn(&cleo, "start").problem(409).await;
    let off = turn(&cleo.at(&second.api), "end").expect(200).await;
    assert_eq!(off["on"], false);
    for api in [&app.api, &second.api] {
        let visitor = anyone.at(api);
        until(|| sign_in(&visitor, ANN, PASSWORD), 200).await;
        change(&cleo.at(api)).expect(200).await;
        let meta = visitor.get("/meta").expect(200).await;
        assert_eq!(meta["lockdown_since"], Value::Null);
    }
    // Who was out stays out until the next sign-in; the admin's stream heard no bye.
    ann.get("/me").problem(401).await;
    assert_eq!(own.hint("user.changed").await["kind"], "user.changed");
    turn(&cleo, "end").problem(409).await;
}

/// D06: an admin, with the password, and with a reason.
#[tokio::test]
async fn d06_the_switch_asks_for_the_password() {
    let app = TestApp::with([("CARE_SIGN_IN_ATTEMPTS", "3")]).await;
    let (ann, bob, cleo) = (app.customer("Ann"), app.agent("Bob"), app.admin("Cleo"));
    for person in [&ann, &bob] {
        turn(person, "start").problem(403).await;
        turn(person, "end").problem(403).await;
        person.get("/lockdown").problem(403).await;
    }
    let long = "x".repeat(501);
    for reason in ["", " ", long.as_str()] {
        let body = json!({ "reason": reason, "current_password": PASSWORD });
        let problem = cleo.post("/lockdown/start", body).problem(422).await;
        assert_eq!(problem.fields[0].0, "/reason");
    }
    for wrong in [Value::Null, json!("not this one"), json!("")] {
        let body = json!({ "reason": "A drill.", "current_password": wrong });
        let problem = cleo.post("/lockdown/start", body).problem(422).await;
        assert_eq!(problem.field("/current_password"), "mismatch");
    }
    // Guesses are counted before they are judged.
    turn(&cleo, "start").problem(429).await;
    ann.patch("/me", json!({ "locale": "ta" }))
        .expect(200)
        .await;
    assert!(app.rows("SELECT id FROM lockdowns").is_empty());
}

/// N02: who turned it, why, and what came of it.
#[tokio::test]
async fn n02_both_turns_are_written_down() {
    let app = TestApp::start().await;
    let cleo = app.admin("Cleo");
    for name in ["Ann", "Bea"] {
        app.customer(name);
    }
    turn(&cleo, "start").expect(200).await;
    turn(&cleo, "end").expect(200).await;
    assert_eq!(events(&app), ["lockdown.started", "lockdown.ended"]);
    let reason = "Somebody walks through our accounts.";
    let rows = app.rows("SELECT actor_id, ip, data FROM events ORDER BY id");
    let row = |data: Value| json!({ "actor_id": cleo.id, "ip": "127.0.0.1", "data": data });
    assert_eq!(
        rows,
        [
            row(json!({ "reason": reason, "sessions": 2 })),
            row(json!({ "reason": reason })),
        ]
    );
    let kept =
        app.rows("SELECT started_by, ended_by, ended_at >= started_at AS over FROM lockdowns");
    let expected = json!({ "started_by": cleo.id, "ended_by": cleo.id, "over": true });
    assert_eq!(kept, [expected]);
}

/// Sign-ins that are under way while the switch is turned leave no session behind.
#[tokio::test]
async fn no_sign_in_slips_through() {
    let app = TestApp::with([UNHURRIED, ("CARE_SIGN_IN_ATTEMPTS", "1000")]).await;
    let second = app.replica().await;
    let (cleo, ann) = (app.admin("Cleo"), app.customer("Ann"));
    for _ in 0..3 {
        let (one, two) = (app.anyone(), second.anyone());
        let calls = (0..30).map(|n| {
            let who = if n % 2 == 0 { &one } else { &two };
            sign_in(who, ANN, PASSWORD).attempt()
        });
        let (answers, _) = tokio::join!(
            futures_util::future::join_all(calls),
            turn(&cleo, "start").expect(200)
        );
        for answer in answers.into_iter().map(Result::unwrap) {
            assert!(matches!(answer.status, 200 | 503), "{}", answer.text());
        }
        let left = app.rows("SELECT user_id FROM sessions WHERE revoked_at IS NULL");
        assert_eq!(left, [json!({ "user_id": cleo.id })]);
        turn(&cleo, "end").expect(200).await;
        let visitor = second.anyone();
        until(|| sign_in(&visitor, ANN, PASSWORD), 200).await;
    }
    ann.get("/me").problem(401).await;
}

/// The same path, written in another way, is no way around; and reading is not changing.
#[tokio::test]
async fn no_other_spelling_goes_around_it() {
    let app = TestApp::with([UNHURRIED]).await;
    let cleo = app.admin("Cleo");
    app.customer("Ann");
    turn(&cleo, "start").expect(200).await;
    let body = json!({ "email": ANN, "password": PASSWORD }).to_string();
    for path in [
        "/api/v1/auth/%73ign-in",
        "/%61pi/v1/auth/sign-in",
        "/api/v1/auth/sign-in?x=/api/v1/lockdown/end",
        "/api/v1//auth/sign-in",
        "/api/v1/lockdown/end/../../auth/sign-in",
    ] {
        let request = format!(
            "POST {path} HTTP/1.1\r\nHost: care.test\r\nContent-Type: application/json\r\n\
             Content-Length: {}\r\nConnection: close\r\n\r\n{body}",
            body.len()
        );
        let answer = app.api.raw(request.as_bytes()).text;
        assert!(answer.starts_with("HTTP/1.1 503 "), "{path}: {answer}");
    }
    assert_eq!(
        app.rows("SELECT id FROM sessions WHERE revoked_at IS NULL")
            .len(),
        1
    );
    // Signing out is open to who is left; after that only the command line ends it.
    cleo.call(Method::POST, "/auth/sign-out").expect(204).await;
    turn(&cleo, "end").problem(401).await;
}
