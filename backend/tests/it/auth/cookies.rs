//! Sessions in browsers (H09): cookies no script reads, and proof that the page is ours.

use serde_json::{Value, json};

use super::{NEW, last_mail, registration, sign_in, token};
use crate::harness::{Answer, Call, PASSWORD, PUBLIC_URL, Person, TestApp};

const ANN: &str = "ann@example.org";
const PARTNER: &str = "https://desk.example.org";

fn in_cookie(anyone: &Person) -> Call<'_> {
    let body = json!({ "email": ANN, "password": PASSWORD, "session": "cookie" });
    anyone.post("/auth/sign-in", body)
}

/// `name=value` of the cookie that was set.
fn pair(answer: &Answer) -> String {
    let cookie = answer.header("set-cookie");
    cookie.split(';').next().unwrap().to_owned()
}

fn refresh<'a>(anyone: &'a Person, cookie: &str) -> Call<'a> {
    anyone
        .post("/auth/refresh", json!({}))
        .header("cookie", cookie)
}

#[tokio::test]
async fn h09_the_cookie_is_out_of_reach() {
    for (url, name, secure) in [
        (PUBLIC_URL, "care_refresh", false),
        ("https://care.test", "__Host-care_refresh", true),
    ] {
        let app = TestApp::with([("CARE_PUBLIC_URL", url)]).await;
        app.customer("Ann");
        let answer = in_cookie(&app.anyone())
            .header("x-care-csrf", "1")
            .answered(200)
            .await;
        let cookie = answer.header("set-cookie");
        assert!(cookie.starts_with(&format!("{name}=")), "{cookie}");
        for part in ["HttpOnly", "SameSite=Strict", "Path=/", "Max-Age=2592000"] {
            assert!(cookie.contains(part), "{part} in {cookie}");
        }
        assert_eq!(cookie.contains("Secure"), secure);
        assert!(!cookie.contains("Domain"), "{cookie}");
        assert_eq!(answer.header("cache-control"), "no-store");
        assert_eq!(
            answer.json()["refresh_token"],
            Value::Null,
            "not for scripts"
        );
    }
}

#[tokio::test]
async fn h09_cookies_need_proof() {
    let app = TestApp::with([("CARE_CORS_ORIGINS", PARTNER)]).await;
    app.customer("Ann");
    let anyone = app.anyone();
    let answer = in_cookie(&anyone)
        .header("x-care-csrf", "1")
        .answered(200)
        .await;
    let cookie = pair(&answer);
    in_cookie(&anyone).problem(403).await;
    refresh(&anyone, &cookie).problem(403).await;
    refresh(&anyone, &cookie)
        .header("x-care-csrf", "0")
        .problem(403)
        .await;
    for origin in [
        "https://evil.test",
        "null",
        "http://care.test.evil.test",
        "http://evilcare.test",
        "https://care.test",
    ] {
        let call = refresh(&anyone, &cookie).header("x-care-csrf", "1");
        call.header("origin", origin).problem(403).await;
    }
    // A form cannot send JSON.
    for media in [
        "text/plain",
        "application/x-www-form-urlencoded",
        "multipart/form-data; boundary=x",
    ] {
        let call = anyone
            .call(reqwest::Method::POST, "/auth/refresh")
            .header("cookie", &cookie);
        call.header("x-care-csrf", "1")
            .header("content-type", media)
            .body("{}")
            .problem(415)
            .await;
    }
    anyone
        .get("/auth/refresh")
        .header("cookie", &cookie)
        .problem(405)
        .await;
    let generation = "SELECT max(generation) AS g FROM sessions";
    assert_eq!(
        app.rows(generation)[0]["g"],
        1,
        "nothing of that rotated it"
    );
    for origin in [PUBLIC_URL, PARTNER] {
        let call = refresh(&anyone, &cookie).header("x-care-csrf", "1");
        call.header("origin", origin).expect(200).await;
    }
}

#[tokio::test]
async fn h09_a_session_in_a_cookie_stays_there() {
    let app = TestApp::start().await;
    app.customer("Ann");
    let anyone = app.anyone();
    let answer = in_cookie(&anyone)
        .header("x-care-csrf", "1")
        .answered(200)
        .await;
    let first = pair(&answer);
    let answer = refresh(&anyone, &first)
        .header("x-care-csrf", "1")
        .answered(200)
        .await;
    let second = pair(&answer);
    assert_ne!(first, second);
    assert_eq!(answer.json()["refresh_token"], Value::Null);
    let body = json!({ "session": "token" });
    let call = anyone.post("/auth/refresh", body).header("cookie", &second);
    let problem = call.header("x-care-csrf", "1").problem(422).await;
    assert_eq!(problem.field("/session"), "not_allowed");
    // The cookie alone opens no other door.
    anyone
        .get("/me")
        .header("cookie", &second)
        .problem(401)
        .await;
}

/// B04: whoever comes too late does not sign the others out.
#[tokio::test]
async fn b04_a_loser_does_not_clear_the_cookie() {
    let app = TestApp::start().await;
    app.customer("Ann");
    let anyone = app.anyone();
    for cookie in ["care_refresh=rubbish", "care_refresh=", "other=1"] {
        let answer = refresh(&anyone, cookie)
            .header("x-care-csrf", "1")
            .answered(401)
            .await;
        assert_eq!(answer.json()["code"], "session_ended");
        assert_eq!(answer.header("set-cookie"), "");
    }
}

/// A program may move its session into a cookie, with proof.
#[tokio::test]
async fn a_token_may_become_a_cookie() {
    let app = TestApp::start().await;
    app.customer("Ann");
    let anyone = app.anyone();
    let session = sign_in(&anyone, ANN, PASSWORD).expect(200).await;
    let body = json!({ "refresh_token": session["refresh_token"], "session": "cookie" });
    anyone
        .post("/auth/refresh", body.clone())
        .problem(403)
        .await;
    let answer = anyone
        .post("/auth/refresh", body)
        .header("x-care-csrf", "1")
        .answered(200)
        .await;
    assert!(pair(&answer).starts_with("care_refresh="));
}

/// The browser that registered is known by its cookie, so that its password is kept.
#[tokio::test]
async fn the_browser_that_registered_keeps_its_password() {
    for same_browser in [true, false] {
        let app = TestApp::start().await;
        let anyone = app.anyone();
        let eve = "eve@example.org";
        let answer = anyone
            .post("/auth/register", registration(eve, NEW))
            .answered(202)
            .await;
        let cookie = pair(&answer);
        assert!(cookie.starts_with("care_registration="), "{cookie}");
        assert!(answer.header("set-cookie").contains("HttpOnly"));
        let body = json!({ "token": token(&last_mail(&app, eve)), "session": "cookie" });
        let mut call = anyone
            .post("/auth/confirm-email", body)
            .header("x-care-csrf", "1");
        if same_browser {
            call = call.header("cookie", cookie);
        }
        let answer = call.answered(200).await;
        assert_eq!(answer.json()["user"]["has_password"], same_browser);
        assert!(pair(&answer).starts_with("care_refresh="));
    }
}
