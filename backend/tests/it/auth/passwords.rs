//! Choosing and changing passwords (A02, A03).

use serde_json::{Value, json};

use super::{NEW, NO_WAIT, UNHURRIED, digits, forgot, last_mail, registration, reset, sign_in};
use crate::harness::{PASSWORD, Person, TestApp};

const ANN: &str = "ann@example.org";

fn change(current: Option<&str>, password: &str) -> Value {
    let mut body = json!({ "password": password, "password_confirmation": password });
    if let Some(current) = current {
        body["current_password"] = current.into();
    }
    body
}

/// Why a password is refused; none when it is taken.
async fn verdict(anyone: &Person, n: usize, password: &str) -> Option<String> {
    let body = registration(&format!("user-{n}@example.org"), password);
    let answer = anyone.post("/auth/register", body).send().await;
    (answer.status == 422).then(|| {
        let body = answer.json();
        assert_eq!(body["errors"][0]["pointer"], "/password", "{body}");
        body["errors"][0]["code"].as_str().unwrap().to_owned()
    })
}

#[tokio::test]
async fn a02_rules_are_length_and_lists_only() {
    let app = TestApp::with([UNHURRIED]).await;
    let anyone = app.anyone();
    let long = "tea for two under the old oak 🌳 and biscuits for the small owl";
    assert!(long.chars().count() >= 62 && long.len() <= 72);
    let at_the_limit = "lorry wagons ".repeat(6);
    for (n, (password, code)) in [
        ("Xk7#pq2", Some("too_short")),
        ("", Some("required")),
        ("Xk7#pq2v", None),
        (long, None),
        ("purple lamps hum", None),
        ("tgvwqzkm", None),
        (&at_the_limit[..72], None),
        (&at_the_limit[..73], Some("too_long")),
        ("password", Some("too_common")),
        ("football", Some("too_common")),
        ("Tr0ub4dor", None),
        ("iloveyou", Some("too_common")),
        ("P@ssw0rd2024!", Some("too_common")),
        ("qwertyuiop", Some("too_common")),
        ("987654321", Some("too_common")),
        ("zzzzzzzz", Some("too_common")),
        ("Customer Care Registry", Some("contains_personal")),
        ("my adler nests here", Some("contains_personal")),
    ]
    .iter()
    .enumerate()
    {
        let got = verdict(&anyone, n, password).await;
        assert_eq!(got.as_deref(), *code, "{password}");
    }
    let own = "lighthouse.keeper@example.org";
    for password in [own, "lighthouse-2024", "Keeper of bees"] {
        let body = registration(own, password);
        let problem = anyone.post("/auth/register", body).problem(422).await;
        assert_eq!(
            problem.field("/password"),
            "contains_personal",
            "{password}"
        );
    }
}

#[tokio::test]
async fn a02_the_repetition_must_match() {
    let app = TestApp::start().await;
    let mut body = registration("eve@example.org", NEW);
    body["password_confirmation"] = "nine green bottle".into();
    let problem = app.anyone().post("/auth/register", body).problem(422).await;
    assert_eq!(problem.field("/password_confirmation"), "mismatch");
}

#[tokio::test]
async fn a02_a_change_needs_the_current_password() {
    let app = TestApp::start().await;
    let ann = app.customer("Ann");
    for current in [None, Some(""), Some("not this one")] {
        let problem = ann
            .post("/me/password", change(current, NEW))
            .problem(422)
            .await;
        assert_eq!(problem.field("/current_password"), "mismatch");
    }
    let problem = ann
        .post("/me/password", change(Some(PASSWORD), "password1"))
        .problem(422)
        .await;
    assert_eq!(problem.field("/password"), "too_common");
    ann.post("/me/password", change(Some(PASSWORD), NEW))
        .expect(204)
        .await;
    sign_in(&app.anyone(), ANN, PASSWORD).problem(401).await;
    sign_in(&app.anyone(), ANN, NEW).expect(200).await;
    let mail = last_mail(&app, ANN);
    assert!(
        mail.subject.to_lowercase().contains("password"),
        "{}",
        mail.subject
    );
}

/// Whoever holds a session does not get to guess the password with it.
#[tokio::test]
async fn a02_guesses_at_the_current_password_are_counted() {
    let app = TestApp::with([("CARE_SIGN_IN_ATTEMPTS", "3")]).await;
    let ann = app.customer("Ann");
    let calls = (0..12).map(|_| ann.post("/me/password", change(Some("no"), NEW)).send());
    let answers = futures_util::future::join_all(calls).await;
    let looked = answers.iter().filter(|a| a.status == 422).count();
    assert_eq!(looked, 3);
    let problem = ann
        .post("/me/password", change(Some(PASSWORD), NEW))
        .problem(429)
        .await;
    assert_eq!(problem.code, "rate_limited");
    // Signing in is counted apart.
    sign_in(&app.anyone(), ANN, PASSWORD).expect(200).await;
}

/// A02: composed and decomposed are one password (RFC 8265).
#[tokio::test]
async fn a02_two_keyboards_type_one_password() {
    let app = TestApp::with([UNHURRIED]).await;
    let ann = app.customer("Ann");
    let (composed, decomposed) = (
        "caf\u{e9} cr\u{e8}me br\u{fb}l\u{e9}e",
        "cafe\u{301} cre\u{300}me bru\u{302}le\u{301}e",
    );
    let mut body = change(Some(PASSWORD), composed);
    body["password_confirmation"] = decomposed.into();
    ann.post("/me/password", body).expect(204).await;
    for typed in [composed, decomposed] {
        sign_in(&app.anyone(), ANN, typed).expect(200).await;
    }
    sign_in(&app.anyone(), ANN, "cafe creme brulee")
        .problem(401)
        .await;
}

/// A03: nothing is ever cut off: what bcrypt would not read is refused.
#[tokio::test]
async fn a03_no_password_is_truncated() {
    let app = TestApp::with([UNHURRIED, NO_WAIT]).await;
    let ann = app.customer("Ann");
    let eighty: String =
        "correct horse battery staple, and a wagon of lamps to light the long road home"
            .chars()
            .take(80)
            .collect();
    let tail = format!(
        "{} and a tail",
        "水火木金土日月風林山川空海星花鳥犬猫魚虫草石竹米"
            .chars()
            .take(24)
            .collect::<String>()
    );
    for long in [eighty.as_str(), tail.as_str()] {
        assert!(long.len() > 72);
        let problem = ann
            .post("/me/password", change(Some(PASSWORD), long))
            .problem(422)
            .await;
        assert_eq!(problem.field("/password"), "too_long");
    }
    let exact = &eighty[..72];
    ann.post("/me/password", change(Some(PASSWORD), exact))
        .expect(204)
        .await;
    for near in [
        format!("{exact}x"),
        format!("{exact} "),
        eighty.clone(),
        exact[..71].to_owned(),
        format!("{}\0{}", &exact[..5], &exact[5..]),
        format!("{}\0", &exact[..71]),
        exact.to_uppercase(),
    ] {
        sign_in(&app.anyone(), ANN, &near).problem(401).await;
    }
    sign_in(&app.anyone(), ANN, exact).expect(200).await;
    let problem = ann
        .post("/me/password", change(Some(exact), "nine\0green bottles"))
        .problem(422)
        .await;
    assert_eq!(problem.field("/password"), "malformed");
}

/// A reset checks the rules before it spends the code.
#[tokio::test]
async fn a_weak_password_does_not_spend_the_code() {
    let app = TestApp::start().await;
    app.customer("Annabel Lighthouse");
    let email = "annabel.lighthouse@example.org";
    let code = digits(&forgot(&app, email).await);
    for (password, why) in [
        ("password1", "too_common"),
        ("lighthouse-keeper", "contains_personal"),
    ] {
        let body = reset(email, &code, password);
        let problem = app
            .anyone()
            .post("/auth/reset-password", body)
            .problem(422)
            .await;
        assert_eq!(problem.field("/password"), why);
    }
    let body = reset(email, &code, NEW);
    app.anyone()
        .post("/auth/reset-password", body)
        .expect(204)
        .await;
}

/// Forgotten passwords: neutral, and for all three roles.
#[tokio::test]
async fn every_role_resets_and_strangers_learn_nothing() {
    let app = TestApp::with([UNHURRIED]).await;
    let people = [app.customer("Ann"), app.agent("Bob"), app.admin("Cleo")];
    app.customer("Off");
    app.sql("UPDATE users SET disabled_at = now() WHERE name = 'Off'");
    let anyone = app.anyone();
    let mut answers = Vec::new();
    for email in [
        ANN,
        "bob@example.org",
        "cleo@example.org",
        "off@example.org",
        "nobody@example.org",
    ] {
        let body = json!({ "email": email });
        answers.push(anyone.post("/auth/forgot-password", body).expect(202).await);
    }
    assert!(answers.iter().all(|a| *a == answers[0]), "{answers:?}");
    assert_eq!(app.mails().len(), 3);
    for person in people {
        let code = digits(&last_mail(&app, &person.email));
        anyone
            .post("/auth/reset-password", reset(&person.email, &code, NEW))
            .expect(204)
            .await;
        let session = sign_in(&anyone, &person.email, NEW).expect(200).await;
        assert_eq!(session["user"]["id"], person.id.to_string());
        last_mail(&app, &person.email);
        assert_eq!(
            app.mails_to(&person.email).len(),
            2,
            "the code, then the notice"
        );
    }
}

/// A02: the same rules at every door, also where an admin or an agent comes in; one's own address among them.
#[tokio::test]
async fn a02_every_door_has_the_same_rules() {
    let app = TestApp::with([UNHURRIED]).await;
    let (ann, cleo, anyone) = (app.customer("Ann"), app.admin("Cleo"), app.anyone());
    let dan = "dan.okafor@example.org";
    let invited = json!({ "name": "Dan Okafor", "email": dan });
    cleo.post("/agents", invited).expect(201).await;
    let invitation = super::token(&last_mail(&app, dan));
    let code = digits(&forgot(&app, ANN).await);
    let with = |mut body: Value, password: &str| {
        body["password"] = password.into();
        body["password_confirmation"] = password.into();
        body
    };
    for (password, why) in [
        ("Xk7#pq2", "too_short"),
        ("password1", "too_common"),
        ("Customer Care Registry", "contains_personal"),
        ("dan.okafor@example.org", "contains_personal"),
    ] {
        let refused = [
            anyone.post("/auth/register", registration(dan, password)),
            anyone.post(
                "/auth/accept-invitation",
                with(
                    json!({ "token": invitation, "name": "Dan Okafor" }),
                    password,
                ),
            ),
        ];
        for call in refused {
            let problem = call.problem(422).await;
            assert_eq!(problem.field("/password"), why, "{password}");
        }
        let password = password.replace(dan, ANN);
        for call in [
            anyone.post("/auth/reset-password", reset(ANN, &code, &password)),
            ann.post("/me/password", change(Some(PASSWORD), &password)),
        ] {
            let problem = call.problem(422).await;
            assert_eq!(problem.field("/password"), why, "{password}");
        }
    }
}
