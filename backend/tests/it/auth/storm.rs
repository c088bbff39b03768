//! Two hundred wrong guesses at once, a hundred at each of two server processes: no more than the limit are judged, and the
//! right one comes too late (A02, A04, A06).

use serde_json::{Value, json};

use super::{
    NEW, NO_WAIT, UNHURRIED, digits, forgot, last_mail, other_than, registration, reset, sign_in,
    token,
};
use crate::{
    harness::{Call, Folder, PASSWORD, Person, Server, TestApp},
    second_factor::{challenged, enrolled, pass},
};

const ANN: &str = "ann@example.org";
const GUESSES: usize = 200;

/// Two processes that serve an application's database.
struct Two {
    servers: [Server; 2],
    folder: Folder,
}

impl Two {
    fn beside(app: &TestApp) -> Self {
        let folder = Folder::new("storm");
        let log = |n| format!("{}/server-{n}.log", folder.path());
        let servers = [0, 1].map(|n| app.process(log(n)));
        Self { servers, folder }
    }

    /// One more of them.
    fn start(&self, app: &TestApp) -> Server {
        app.process(format!("{}/server-2.log", self.folder.path()))
    }

    /// The person at each of them.
    fn at(&self, person: &Person) -> [Person; 2] {
        self.servers.each_ref().map(|server| person.at(&server.api))
    }
}

/// The statuses of all guesses, made at once at both, with how often each came.
async fn storm<'a>(
    people: &'a [Person; 2],
    guess: impl Fn(&'a Person) -> Call<'a>,
) -> Vec<(u16, usize)> {
    let calls = (0..GUESSES).map(|n| guess(&people[n % 2]).attempt());
    let answers = futures_util::future::join_all(calls).await;
    let mut counted = std::collections::BTreeMap::new();
    for answer in answers {
        *counted.entry(answer.unwrap().status).or_insert(0) += 1;
    }
    counted.into_iter().collect()
}

fn number(app: &TestApp, query: &str) -> i64 {
    let rows = app.rows(query);
    assert_eq!(rows.len(), 1, "{query}");
    rows[0]["n"].as_i64().unwrap()
}

/// A04: also after one of the processes was killed; and nobody but the guesser is kept out by it.
#[tokio::test]
async fn a04_two_hundred_wrong_passwords_at_two_processes() {
    let app = TestApp::with([UNHURRIED, NO_WAIT]).await;
    let ann = app.customer("Ann");
    let mut two = Two::beside(&app);
    let people = two.at(&app.anyone());
    let statuses = storm(&people, |who| sign_in(who, ANN, "not this one")).await;
    assert_eq!(statuses, [(401, GUESSES)]);
    let judged = |outcome: &str| {
        let of = format!("SELECT count(*) AS n FROM sign_ins WHERE outcome = '{outcome}'");
        number(&app, &of)
    };
    assert_eq!((judged("wrong_password"), judged("locked")), (10, 190));
    // One dies, another takes its place.
    two.servers[0].kill();
    two.servers[0] = two.start(&app);
    let people = two.at(&app.anyone());
    for who in &people {
        sign_in(who, ANN, PASSWORD).problem(401).await;
    }
    assert_eq!(app.mails_to(ANN).len(), 1, "told once");
    for who in two.at(&ann) {
        who.get("/me").expect(200).await;
    }
    let code = digits(&forgot(&app, ANN).await);
    let body = reset(ANN, &code, NEW);
    people[0]
        .post("/auth/reset-password", body)
        .expect(204)
        .await;
    sign_in(&people[1], ANN, NEW).expect(200).await;
}

/// A02: whoever holds a session does not get to guess the password with it.
#[tokio::test]
async fn a02_two_hundred_wrong_current_passwords_at_two_processes() {
    let app = TestApp::with([UNHURRIED]).await;
    let ann = app.customer("Ann");
    let two = Two::beside(&app);
    let people = two.at(&ann);
    let change = |current: &str| json!({ "current_password": current, "password": NEW, "password_confirmation": NEW });
    let wrong = change("not this one");
    let statuses = storm(&people, |who| who.post("/me/password", wrong.clone())).await;
    assert_eq!(statuses, [(422, 10), (429, 190)]);
    for who in &people {
        who.post("/me/password", change(PASSWORD))
            .problem(429)
            .await;
    }
    sign_in(&app.anyone(), ANN, PASSWORD).expect(200).await;
}

/// A06: each kind of mailed code. The link of the same mail goes on working, so that nobody is locked out.
#[tokio::test]
async fn a06_two_hundred_wrong_codes_at_two_processes() {
    let app = TestApp::with([UNHURRIED, NO_WAIT]).await;
    let (ann, bea, anyone) = (app.customer("Ann"), app.customer("Bea"), app.anyone());
    let (eve, new) = ("eve@example.org", "bea@example.net");
    anyone
        .post("/auth/register", registration(eve, PASSWORD))
        .expect(202)
        .await;
    let change = json!({ "email": new, "current_password": PASSWORD });
    bea.post("/me/email-change", change).expect(202).await;
    forgot(&app, &ann.email).await;
    let two = Two::beside(&app);

    let confirm = |code: &str| json!({ "email": eve, "code": code });
    let prove = |code: &str| json!({ "code": code });
    let choose = |code: &str| reset(ANN, code, NEW);
    type Body<'a> = &'a dyn Fn(&str) -> Value;
    let doors: [(&Person, &str, &str, Body<'_>); 3] = [
        (&anyone, "/auth/confirm-email", eve, &confirm),
        (&anyone, "/auth/reset-password", ANN, &choose),
        (&bea, "/me/email-change/confirm", new, &prove),
    ];
    for (person, path, to, body) in doors {
        let mail = last_mail(&app, to);
        let right = digits(&mail);
        let wrong = body(&other_than(&right));
        let people = two.at(person);
        let before = number(
            &app,
            "SELECT sum(attempts)::bigint AS n FROM one_time_codes",
        );
        let statuses = storm(&people, |who| who.post(path, wrong.clone())).await;
        assert_eq!(statuses, [(422, GUESSES)], "{path}");
        let after = number(
            &app,
            "SELECT sum(attempts)::bigint AS n FROM one_time_codes",
        );
        assert_eq!(after - before, 5, "{path}");
        for who in &people {
            let problem = who.post(path, body(&right)).problem(422).await;
            assert_eq!(problem.code, "code_wrong_or_expired", "{path}");
        }
        let mut by_link = body("");
        for name in ["email", "code"] {
            by_link.as_object_mut().unwrap().remove(name);
        }
        by_link["token"] = token(&mail).into();
        let answer = people[0].post(path, by_link).send().await;
        assert!(answer.status < 300, "{path}: {}", answer.text());
    }
}

/// A06: the answers to security questions, asked besides the code.
#[tokio::test]
async fn a06_two_hundred_wrong_answers_at_two_processes() {
    let app = TestApp::with([UNHURRIED, NO_WAIT]).await;
    let ann = app.customer("Ann");
    let question =
        json!({ "question": "What was your first street called?", "answer": "Lantern Row" });
    let body = json!({ "current_password": PASSWORD, "items": [question] });
    ann.put("/me/security-questions", body).expect(200).await;
    let link = token(&forgot(&app, ANN).await);
    let two = Two::beside(&app);
    let people = two.at(&app.anyone());
    let body = |answer: &str| json!({ "token": link, "answers": [answer], "password": NEW, "password_confirmation": NEW });
    let wrong = body("Harbour Lane");
    let path = "/auth/reset-password";
    let statuses = storm(&people, |who| who.post(path, wrong.clone())).await;
    assert_eq!(statuses, [(422, 5), (429, 195)]);
    for who in &people {
        who.post(path, body("Lantern Row")).problem(429).await;
    }
    sign_in(&app.anyone(), ANN, PASSWORD).expect(200).await;
}

/// A06: the further step of a sign-in, an authenticator app's code or a recovery code; they are one count. Who is signed in
/// goes on, and so does the next sign-in.
#[tokio::test]
async fn a06_two_hundred_wrong_second_factors_at_two_processes() {
    let app = TestApp::with([UNHURRIED]).await;
    let ann = app.customer("Ann");
    let phone = enrolled(&app, &ann).await;
    let two = Two::beside(&app);
    let people = two.at(&app.anyone());
    let right = phone.shows(&app, 0);
    let wrong = other_than(&other_than(&right));
    let guesses = [
        ("totp", wrong.as_str()),
        ("recovery_code", "aaaa-aaaa-aaaa"),
    ];
    for (method, guess) in guesses {
        let challenge = challenged(&people[0], ANN).await;
        let statuses = storm(&people, |who| pass(who, &challenge, method, guess)).await;
        assert_eq!(statuses, [(401, 195), (422, 5)], "{method}");
        for (who, (method, code)) in people.iter().zip([
            ("totp", right.as_str()),
            ("recovery_code", phone.recovery[0].as_str()),
        ]) {
            let problem = pass(who, &challenge, method, code).problem(401).await;
            assert_eq!(problem.code, "challenge_over");
        }
    }
    for who in two.at(&ann) {
        who.get("/me").expect(200).await;
    }
    let challenge = challenged(&people[1], ANN).await;
    pass(&people[0], &challenge, "totp", &right)
        .expect(200)
        .await;
}

/// A06: the code that is mailed for a sign-in from a new device.
#[tokio::test]
async fn a06_two_hundred_wrong_codes_for_a_new_device_at_two_processes() {
    let app = TestApp::with([UNHURRIED, ("CARE_NEW_DEVICE_CODE", "1")]).await;
    app.customer("Ann");
    let anyone = app.anyone();
    sign_in(&anyone, ANN, PASSWORD).expect(200).await;
    let challenge = challenged(&anyone, ANN).await;
    let right = digits(&last_mail(&app, ANN));
    let two = Two::beside(&app);
    let people = two.at(&anyone);
    let wrong = other_than(&right);
    let statuses = storm(&people, |who| pass(who, &challenge, "email_code", &wrong)).await;
    assert_eq!(statuses, [(401, 195), (422, 5)]);
    for who in &people {
        let problem = pass(who, &challenge, "email_code", &right)
            .problem(401)
            .await;
        assert_eq!(problem.code, "challenge_over");
    }
}
