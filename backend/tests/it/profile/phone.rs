//! Numbers proven by text message (F08): budgets, retries, and codes that stand nowhere.

use std::{
    io::{BufRead as _, BufReader},
    process::{Child, Command, Stdio},
};

use futures_util::future::join_all;
use serde_json::{Value, json};

use super::gateway::{Gateway, Manner};
use crate::{
    auth::other_than,
    harness::{Person, TestApp, files},
};

const PHONE: &str = "/me/phone";
const CONFIRM: &str = "/me/phone/confirm";
const ACCOUNT: &str = "AC0123456789abcdef0123456789abcdef";
const NUMBER: &str = "+49301234567";

async fn app_at(host: &str, more: &[(&str, &str)]) -> TestApp {
    let url = format!("http://{host}");
    let mut settings = vec![
        ("CARE_SMS_URL", url.as_str()),
        ("CARE_OUTBOUND_ALLOW", host),
        ("CARE_OUTBOUND_TIMEOUT", "1"),
        ("CARE_SMS_ACCOUNT", ACCOUNT),
        ("CARE_SMS_TOKEN", "CANARY-TOKEN"),
        ("CARE_SMS_FROM", "+15005550006"),
        ("CARE_CODE_RESEND_WAIT", "0"),
        ("CARE_IP_SIGN_INS_PER_MINUTE", "100000"),
    ];
    settings.extend(more);
    TestApp::with_all(&settings).await
}

async fn asks(person: &Person, phone: &str) -> Value {
    person
        .post(PHONE, json!({ "phone": phone }))
        .expect(202)
        .await
}

/// The code of the newest text.
fn texted(gateway: &Gateway) -> String {
    let text = gateway.asked().last().expect("a text was sent").clone();
    text.field("Body")[..6].to_owned()
}

fn states(app: &TestApp) -> Vec<String> {
    let rows = app.rows("SELECT state FROM texts ORDER BY created_at");
    rows.iter()
        .map(|r| r["state"].as_str().unwrap().into())
        .collect()
}

#[tokio::test]
async fn a_number_is_proven_by_the_code_in_a_text() {
    let gateway = Gateway::start();
    let app = app_at(&gateway.host, &[]).await;
    let ann = app.customer("Ann");
    assert_eq!(ann.get("/meta").expect(200).await["sms"], true);
    let state = asks(&ann, "+49 (30) 123-45.67").await;
    assert_eq!(state["pending"]["phone"], NUMBER);
    app.run_jobs();
    let asked = gateway.asked();
    assert_eq!(asked.len(), 1);
    let path = format!("POST /2010-04-01/Accounts/{ACCOUNT}/Messages.json HTTP/1.1");
    assert!(asked[0].head.starts_with(&path), "{}", asked[0].head);
    assert_eq!(
        (asked[0].field("To"), asked[0].field("From")),
        (NUMBER, "+15005550006")
    );
    let code = texted(&gateway);
    assert!(
        asked[0]
            .field("Body")
            .ends_with(&format!("\n\n@care.test #{code}"))
    );
    assert_eq!(states(&app), ["sent"]);
    // Nothing has changed yet.
    assert_eq!(ann.get("/me").expect(200).await["phone"], Value::Null);

    let me = ann.post(CONFIRM, json!({ "code": code })).expect(200).await;
    assert_eq!(
        (&me["phone"], &me["phone_confirmed"]),
        (&json!(NUMBER), &json!(true))
    );
    assert_eq!(ann.get(PHONE).expect(200).await["pending"], Value::Null);
    ann.post(CONFIRM, json!({ "code": code }))
        .problem(422)
        .await;
    // Another number, set by hand, is not proven; the same one stays so.
    let me = ann
        .patch("/me", json!({ "phone": NUMBER }))
        .expect(200)
        .await;
    assert_eq!(me["phone_confirmed"], true);
    let me = ann
        .patch("/me", json!({ "phone": "+49 30 7654321" }))
        .expect(200)
        .await;
    assert_eq!(me["phone_confirmed"], false);
    // The code and the token stand nowhere; where texts are counted, the number neither.
    let tables = app.rows("SELECT relname AS name FROM pg_stat_user_tables");
    for table in tables {
        let name = table["name"].as_str().unwrap();
        let rows = json!(app.rows(&format!("SELECT * FROM {name}"))).to_string();
        assert!(!rows.contains("CANARY-TOKEN"), "{name}");
        assert!(!rows.contains(&format!("\"{code}\"")), "{name}");
        assert!(name != "rate_counters" || !rows.contains("4930"));
        assert!(name != "jobs" || !rows.contains("4930"));
    }
}

/// Design rule 9.
#[tokio::test]
async fn guesses_of_the_code_are_counted_before_they_are_judged() {
    let gateway = Gateway::start();
    let app = app_at(&gateway.host, &[]).await;
    let (ann, eve) = (app.customer("Ann"), app.customer("Eve"));
    asks(&ann, NUMBER).await;
    app.run_jobs();
    let code = texted(&gateway);
    eve.post(CONFIRM, json!({ "code": code }))
        .problem(422)
        .await;
    let wrong = json!({ "code": other_than(&code) });
    join_all((0..8).map(|_| ann.post(CONFIRM, wrong.clone()).problem(422))).await;
    assert_eq!(
        app.rows("SELECT attempts FROM one_time_codes")[0]["attempts"],
        5
    );
    ann.post(CONFIRM, json!({ "code": code }))
        .problem(422)
        .await;
}

/// Until the day is over.
async fn refused(person: &Person, phone: &str) {
    let problem = person
        .post(PHONE, json!({ "phone": phone }))
        .problem(429)
        .await;
    let wait = problem.headers["retry-after"].to_str().unwrap();
    assert!(wait.parse::<u64>().unwrap() > 86_000, "{wait}");
}

#[tokio::test]
async fn f08_texts_have_budgets() {
    let gateway = Gateway::start();
    let limits = [
        ("CARE_SMS_PER_PERSON", "3"),
        ("CARE_SMS_PER_NUMBER", "2"),
        ("CARE_SMS_PER_ADDRESS", "7"),
    ];
    let app = app_at(&gateway.host, &limits).await;
    let people = ["Ann", "Bea", "Cat", "Dea"].map(|name| app.customer(name));
    // The same number, however it is written and whoever asks.
    asks(&people[0], "+49 30 1111111").await;
    asks(&people[1], "+49-30-1111111").await;
    refused(&people[2], "+49301111111").await;
    // One person.
    asks(&people[0], "+49302222222").await;
    asks(&people[0], "+49303333333").await;
    refused(&people[0], "+49304444444").await;
    // One address.
    for n in 0..2 {
        asks(&people[2], &format!("+4930555555{n}")).await;
    }
    asks(&people[3], "+49306666666").await;
    refused(&people[3], "+49307777777").await;
    // All of them.
    let app = app_at(&gateway.host, &[("CARE_SMS_PER_DAY", "1")]).await;
    let (ann, bea) = (app.customer("Ann"), app.customer("Bea"));
    asks(&ann, NUMBER).await;
    bea.post(PHONE, json!({ "phone": "+49307777777" }))
        .problem(429)
        .await;
    // And a wait between two.
    let app = app_at(&gateway.host, &[("CARE_CODE_RESEND_WAIT", "60")]).await;
    let ann = app.customer("Ann");
    asks(&ann, NUMBER).await;
    ann.post(PHONE, json!({ "phone": NUMBER }))
        .problem(429)
        .await;
}

#[tokio::test]
async fn a_gateway_that_is_away_is_asked_again() {
    let gateway = Gateway::start();
    let app = app_at(&gateway.host, &[]).await;
    app.failing_jobs_are_expected();
    let ann = app.customer("Ann");
    asks(&ann, NUMBER).await;
    for (n, manner) in [
        Manner::Says(503, "<html>"),
        Manner::Says(429, r#"{"code":20429}"#),
        Manner::Says(401, r#"{"code":20003}"#),
        Manner::Silent,
    ]
    .into_iter()
    .enumerate()
    {
        gateway.behaves(manner);
        app.run_jobs();
        assert_eq!(gateway.asked().len(), n + 1);
        assert_eq!(states(&app), ["queued"]);
        assert_eq!(ann.get(PHONE).expect(200).await["pending"]["failed"], false);
        app.sql("UPDATE jobs SET run_at = now() WHERE kind = 'send_text'");
    }
    let errors = app.rows("SELECT last_error FROM jobs WHERE kind = 'send_text'");
    assert!(!json!(errors).to_string().contains("4930"), "{errors:?}");
    gateway.behaves(Manner::Says(201, "{}"));
    app.run_jobs();
    assert_eq!(states(&app), ["sent"]);
    ann.post(CONFIRM, json!({ "code": texted(&gateway) }))
        .expect(200)
        .await;
}

#[tokio::test]
async fn a_number_that_the_gateway_refuses_is_told() {
    let gateway = Gateway::start();
    let app = app_at(&gateway.host, &[]).await;
    let ann = app.customer("Ann");
    gateway.behaves(Manner::Says(
        400,
        r#"{"code":21211,"message":"Invalid 'To'"}"#,
    ));
    asks(&ann, NUMBER).await;
    app.run_jobs();
    assert_eq!(gateway.asked().len(), 1, "asked once");
    assert_eq!(states(&app), ["failed"]);
    assert_eq!(ann.get(PHONE).expect(200).await["pending"]["failed"], true);
}

/// F07: a code that is no good any more is not sent.
#[tokio::test]
async fn a_text_that_comes_too_late_is_dropped() {
    let gateway = Gateway::start();
    let app = app_at(&gateway.host, &[]).await;
    let ann = app.customer("Ann");
    asks(&ann, NUMBER).await;
    asks(&ann, "+49307777777").await;
    app.sql("UPDATE one_time_codes SET expires_at = now() - interval '1 second'");
    app.run_jobs();
    assert!(gateway.asked().is_empty());
    assert_eq!(states(&app), ["dropped", "dropped"]);
}

#[tokio::test]
async fn numbers_are_checked_and_without_a_gateway_none_is_proven() {
    let app = TestApp::start().await;
    let ann = app.customer("Ann");
    assert_eq!(ann.get("/meta").expect(200).await["sms"], false);
    for bad in [
        "030 1234567",
        "+0123456789",
        "+49",
        "+49 30 12345678901234",
        "call me",
        "+49;30123456",
    ] {
        let problem = ann.post(PHONE, json!({ "phone": bad })).problem(422).await;
        assert_eq!(problem.field("/phone"), "malformed", "{bad}");
    }
    ann.post(PHONE, json!({ "phone": NUMBER }))
        .problem(409)
        .await;
}

/// Twilio's own description of its API, served by Prism (both in `xtask/tools`), which refuses what does not fit it.
struct Twilio {
    host: String,
    process: Child,
}

impl Twilio {
    fn start() -> Self {
        let tools = files::root().join("xtask/tools/node_modules");
        let port = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        let host = port.local_addr().unwrap().to_string();
        drop(port);
        let mut process = Command::new("node")
            .arg(tools.join("@stoplight/prism-cli/dist/index.js"))
            .args(["mock", "--errors", "--host", "127.0.0.1", "--port"])
            .arg(host.rsplit(':').next().unwrap())
            .arg(tools.join("@twilio/cli-core/src/services/twilio-api/twilio_api_v2010.json"))
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .expect("this test runs Prism on Node.js (node in PATH)");
        let lines = BufReader::new(process.stdout.take().unwrap()).lines();
        let mut lines = lines.map_while(Result::ok);
        let listens = lines.any(|line| line.contains("listening on"));
        assert!(listens, "Prism did not start: `npm ci` in xtask/tools");
        // Somebody has to read what else it says.
        std::thread::spawn(move || lines.for_each(drop));
        Self { host, process }
    }
}

impl Drop for Twilio {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

#[tokio::test]
async fn what_we_ask_is_what_twilio_takes() {
    let twilio = Twilio::start();
    for from in ["+15005550006", "MG0123456789abcdef0123456789abcdef"] {
        let more = [("CARE_SMS_FROM", from), ("CARE_OUTBOUND_TIMEOUT", "20")];
        let app = app_at(&twilio.host, &more).await;
        let ann = app.customer("Ann");
        asks(&ann, NUMBER).await;
        app.run_jobs();
        assert_eq!(states(&app), ["sent"], "{from}");
    }
    // It does look: without an account that has the form of one, it refuses.
    let app = app_at(&twilio.host, &[("CARE_SMS_ACCOUNT", "nobody")]).await;
    let ann = app.customer("Ann");
    asks(&ann, NUMBER).await;
    app.run_jobs();
    assert_eq!(states(&app), ["failed"]);
}
