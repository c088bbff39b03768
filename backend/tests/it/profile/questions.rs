//! Security questions: an extra, never enough alone, and few guesses.

use futures_util::future::join_all;
use serde_json::{Value, json};

use crate::{
    auth::{NEW, NO_WAIT, UNHURRIED, digits, forgot, last_mail, other_than, reset, sign_in, token},
    harness::{PASSWORD, Person, TestApp},
};

const QUESTIONS: &str = "/me/security-questions";
const RESET: &str = "/auth/reset-password";
const FIRST: &str = "Who taught me to ride a bicycle?";
const SECOND: &str = "What was the name of our first cat?";

fn two() -> Value {
    json!({ "current_password": PASSWORD, "items": [
        { "question": FIRST, "answer": "Aunt Meena" },
        { "question": SECOND, "answer": "Ēclair" },
    ] })
}

async fn app_and_ann() -> (TestApp, Person) {
    let app = TestApp::with([UNHURRIED, NO_WAIT]).await;
    let ann = app.customer("Ann");
    ann.put(QUESTIONS, two()).expect(200).await;
    (app, ann)
}

fn with_answers(mut body: Value, answers: &[&str]) -> Value {
    body["answers"] = json!(answers);
    body
}

#[tokio::test]
async fn answers_are_asked_besides_the_code_and_never_instead() {
    let (app, ann) = app_and_ann().await;
    let mail = last_mail(&app, &ann.email);
    assert_eq!(mail.subject, "Your security questions were changed");
    let shown = ann.get(QUESTIONS).expect(200).await;
    assert_eq!(
        shown,
        json!({ "items": [{ "question": FIRST }, { "question": SECOND }] })
    );
    let (anyone, right) = (app.anyone(), ["Aunt Meena", "Ēclair"]);

    let code = digits(&forgot(&app, &ann.email).await);
    // Without the code the answers are worth nothing, and the questions are not told.
    let wrong = reset(&ann.email, &other_than(&code), NEW);
    for body in [wrong.clone(), with_answers(wrong, &right)] {
        let problem = anyone.post(RESET, body).problem(422).await;
        assert_eq!(problem.code, "code_wrong_or_expired");
        assert!(problem.fields.is_empty());
    }
    // Without the answers the code is not enough.
    let body = reset(&ann.email, &code, NEW);
    let answer = anyone.post(RESET, body.clone()).answered(422).await.json();
    let asked: Vec<_> = answer["errors"]
        .as_array()
        .unwrap()
        .iter()
        .map(|e| e["detail"].clone())
        .collect();
    assert_eq!(asked, [FIRST, SECOND]);
    assert_eq!(answer["errors"][1]["pointer"], "/answers/1");
    sign_in(&anyone, &ann.email, PASSWORD).expect(200).await;
    // Both: in whatever case, form and space.
    let typed = ["  ＡＵＮＴ   meena", "e\u{304}CLAIR"];
    anyone
        .post(RESET, with_answers(body, &typed))
        .expect(204)
        .await;
    sign_in(&anyone, &ann.email, NEW).expect(200).await;
}

#[tokio::test]
async fn who_has_none_is_not_asked() {
    let app = TestApp::with([UNHURRIED, NO_WAIT]).await;
    let ann = app.customer("Ann");
    assert_eq!(ann.get(QUESTIONS).expect(200).await, json!({ "items": [] }));
    let code = digits(&forgot(&app, &ann.email).await);
    app.anyone()
        .post(RESET, reset(&ann.email, &code, NEW))
        .expect(204)
        .await;
    // Turned off again.
    ann_turns_them_off().await;
}

async fn ann_turns_them_off() {
    let (app, ann) = app_and_ann().await;
    let none = json!({ "current_password": PASSWORD, "items": [] });
    ann.put(QUESTIONS, none).expect(200).await;
    let code = digits(&forgot(&app, &ann.email).await);
    app.anyone()
        .post(RESET, reset(&ann.email, &code, NEW))
        .expect(204)
        .await;
}

/// Design rule 9: at once, too, and across several codes.
#[tokio::test]
async fn guesses_are_counted_before_they_are_judged() {
    let (app, ann) = app_and_ann().await;
    let anyone = app.anyone();
    let link = token(&forgot(&app, &ann.email).await);
    let body = |answers: &[&str]| {
        let body = json!({ "token": link, "password": NEW, "password_confirmation": NEW });
        with_answers(body, answers)
    };
    let guesses = (0..12).map(|_| anyone.post(RESET, body(&["Aunt Meena", "Tom"])).send());
    let answers = join_all(guesses).await;
    let judged = answers.iter().filter(|a| a.status == 422).count();
    let refused = answers.iter().filter(|a| a.status == 429).count();
    assert_eq!((judged, refused), (5, 7));
    for answer in answers.iter().filter(|a| a.status == 422) {
        // Not which one.
        assert_eq!(answer.json()["errors"][0]["pointer"], "/answers");
    }
    let right = body(&["Aunt Meena", "Ēclair"]);
    anyone.post(RESET, right.clone()).problem(429).await;
    // An admin helps, and the owner hears of it.
    let cleo = app.admin("Cleo");
    let path = format!("/accounts/{}/security-questions", ann.id);
    cleo.call(reqwest::Method::DELETE, &path).expect(204).await;
    assert_eq!(
        last_mail(&app, &ann.email).subject,
        "Your security questions were changed"
    );
    anyone.post(RESET, body(&[])).expect(204).await;
}

#[tokio::test]
async fn a_wrong_number_of_answers_is_wrong() {
    let (app, ann) = app_and_ann().await;
    let link = token(&forgot(&app, &ann.email).await);
    for answers in [
        &[][..],
        &["Aunt Meena"],
        &["Ēclair", "Aunt Meena"],
        &["Aunt Meena", "Ēclair", ""],
    ] {
        let body = json!({ "token": link, "password": NEW, "password_confirmation": NEW });
        let problem = app
            .anyone()
            .post(RESET, with_answers(body, answers))
            .problem(422)
            .await;
        assert_eq!(problem.field("/answers"), "mismatch", "{answers:?}");
    }
}

#[tokio::test]
async fn the_database_holds_no_answer() {
    let (app, _ann) = app_and_ann().await;
    let hashes = app.rows("SELECT answer_hash FROM security_answers");
    for row in &hashes {
        assert!(row["answer_hash"].as_str().unwrap().starts_with("$2"));
    }
    for table in app.rows("SELECT relname AS name FROM pg_stat_user_tables") {
        let name = table["name"].as_str().unwrap();
        let rows = json!(app.rows(&format!("SELECT * FROM {name}")))
            .to_string()
            .to_lowercase();
        assert!(!rows.contains("meena") && !rows.contains("clair"), "{name}");
    }
}

#[tokio::test]
async fn questions_are_set_with_the_password_and_checked() {
    let app = TestApp::with([UNHURRIED]).await;
    let ann = app.customer("Ann");
    let with = |items: Value| json!({ "current_password": PASSWORD, "items": items });
    let mut without = two();
    without["current_password"] = json!("not this one");
    let problem = ann.put(QUESTIONS, without).problem(422).await;
    assert_eq!(problem.field("/current_password"), "mismatch");
    for (items, pointer, code) in [
        (
            json!([{ "question": "Who?", "answer": "Meena" }]),
            "/items/0/question",
            "too_short",
        ),
        (
            json!([{ "question": FIRST, "answer": " \u{3000}" }]),
            "/items/0/answer",
            "required",
        ),
        (
            json!([{ "question": FIRST, "answer": "x" }]),
            "/items/0/answer",
            "too_short",
        ),
        (
            json!([{ "question": FIRST, "answer": "x".repeat(201) }]),
            "/items/0/answer",
            "too_long",
        ),
        (
            json!([{ "question": FIRST, "answer": "Bicycle" }]),
            "/items/0/answer",
            "not_allowed",
        ),
        (
            json!([{ "question": FIRST, "answer": "Meena" }, { "question": SECOND, "answer": "MEENA" }]),
            "/items/1/answer",
            "not_allowed",
        ),
        (
            json!([{ "question": FIRST, "answer": "Meena" }, { "question": FIRST, "answer": "Tom" }]),
            "/items/1/answer",
            "not_allowed",
        ),
        (
            json!(vec![json!({ "question": FIRST, "answer": "Meena" }); 4]),
            "/items",
            "too_long",
        ),
    ] {
        let problem = ann.put(QUESTIONS, with(items)).problem(422).await;
        assert_eq!(problem.field(pointer), code, "{problem:?}");
    }
    assert!(app.rows("SELECT position FROM security_answers").is_empty());
}
