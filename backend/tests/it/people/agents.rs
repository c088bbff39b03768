//! Agents: invited, joined, at work, switched off.

use serde_json::{Value, json};

use crate::{
    auth::{NEW, NO_WAIT, UNHURRIED, holder, last_mail, registration, sign_in, token},
    harness::{PASSWORD, Person, TestApp},
};

const DAN: &str = "dan@example.org";

async fn invite(cleo: &Person) -> Value {
    let body = json!({ "name": "Dan", "email": DAN });
    cleo.post("/agents", body).expect(201).await
}

fn acceptance(token: &str) -> Value {
    json!({ "token": token, "name": "Dan Okafor", "password": NEW, "password_confirmation": NEW })
}

async fn row(cleo: &Person, id: &Value) -> Value {
    let page = cleo.get("/agents").expect(200).await;
    let items = page["items"].as_array().unwrap().clone();
    items.into_iter().find(|a| a["id"] == *id).unwrap()
}

#[tokio::test]
async fn an_invited_agent_joins_by_mail() {
    let app = TestApp::start().await;
    let cleo = app.admin("Cleo");
    let agent = invite(&cleo).await;
    assert_eq!(agent["invitation"], "pending");
    sign_in(&app.anyone(), DAN, "").problem(422).await;
    sign_in(&app.anyone(), DAN, NEW).problem(401).await;
    let mail = last_mail(&app, DAN);
    let session = app
        .anyone()
        .post("/auth/accept-invitation", acceptance(&token(&mail)))
        .expect(200)
        .await;
    assert_eq!(session["user"]["role"], "agent");
    assert_eq!(session["user"]["name"], "Dan Okafor");
    assert_eq!(session["user"]["email_confirmed"], true);
    holder(&app, &session).get("/tickets").expect(200).await;
    sign_in(&app.anyone(), DAN, NEW).expect(200).await;
    assert_eq!(row(&cleo, &agent["id"]).await["invitation"], "accepted");
    // B08: an invitation is no key to keep.
    app.anyone()
        .post("/auth/accept-invitation", acceptance(&token(&mail)))
        .problem(422)
        .await;
    let path = format!("/agents/{}/invitation", agent["id"].as_str().unwrap());
    cleo.post(&path, json!({})).problem(409).await;
}

#[tokio::test]
async fn a_new_invitation_replaces_the_old() {
    let app = TestApp::with([UNHURRIED]).await;
    let cleo = app.admin("Cleo");
    let agent = invite(&cleo).await;
    let first = token(&last_mail(&app, DAN));
    app.sql("UPDATE one_time_codes SET expires_at = now() - interval '1 second'");
    assert_eq!(row(&cleo, &agent["id"]).await["invitation"], "expired");
    let anyone = app.anyone();
    anyone
        .post("/auth/accept-invitation", acceptance(&first))
        .problem(422)
        .await;
    let path = format!("/agents/{}/invitation", agent["id"].as_str().unwrap());
    cleo.post(&path, json!({})).expect(202).await;
    assert_eq!(row(&cleo, &agent["id"]).await["invitation"], "pending");
    app.sql("UPDATE one_time_codes SET expires_at = now() + interval '1 day' WHERE voided_at IS NOT NULL");
    anyone
        .post("/auth/accept-invitation", acceptance(&first))
        .problem(422)
        .await;
    let second = token(&last_mail(&app, DAN));
    anyone
        .post("/auth/accept-invitation", acceptance(&second))
        .expect(200)
        .await;
}

/// The invitation is the only way in: neither registering nor forgetting a password goes around it.
#[tokio::test]
async fn an_open_invitation_cannot_be_gone_around() {
    let app = TestApp::with([UNHURRIED, NO_WAIT]).await;
    let cleo = app.admin("Cleo");
    invite(&cleo).await;
    let anyone = app.anyone();
    anyone
        .post("/auth/register", registration(DAN, "the attacker chose it"))
        .expect(202)
        .await;
    anyone
        .post("/auth/forgot-password", json!({ "email": DAN }))
        .expect(202)
        .await;
    anyone
        .post("/auth/confirm-email/resend", json!({ "email": DAN }))
        .expect(202)
        .await;
    let mails = app.mails_to(DAN);
    let with_links = mails.iter().filter(|m| m.text.contains("#token=")).count();
    assert_eq!(with_links, 1, "the invitation only");
    sign_in(&anyone, DAN, "the attacker chose it")
        .problem(401)
        .await;
    let invitation = mails.iter().find(|m| m.text.contains("#token=")).unwrap();
    anyone
        .post("/auth/accept-invitation", acceptance(&token(invitation)))
        .expect(200)
        .await;
}

/// Nobody keeps an agent out by registering the address first.
#[tokio::test]
async fn an_unproven_registration_does_not_block_an_invitation() {
    let app = TestApp::with([UNHURRIED]).await;
    let cleo = app.admin("Cleo");
    let anyone = app.anyone();
    let bad = "the attacker chose it";
    let answer = anyone
        .post("/auth/register", registration(DAN, bad))
        .expect(202)
        .await;
    let confirmation = token(&last_mail(&app, DAN));
    let agent = invite(&cleo).await;
    assert_eq!(agent["name"], "Dan");
    let body = json!({ "token": confirmation, "registration_token": answer["registration_token"] });
    anyone.post("/auth/confirm-email", body).problem(422).await;
    sign_in(&anyone, DAN, bad).problem(401).await;
    let invitation = token(&last_mail(&app, DAN));
    anyone
        .post("/auth/accept-invitation", acceptance(&invitation))
        .expect(200)
        .await;
}

#[tokio::test]
async fn a_taken_address_is_named_and_a_repeat_is_one_invitation() {
    let app = TestApp::start().await;
    let (cleo, _) = (app.admin("Cleo"), app.customer("Ann"));
    for email in ["ANN@example.org", "cleo@example.org"] {
        let body = json!({ "name": "Ann", "email": email });
        let problem = cleo.post("/agents", body).problem(409).await;
        assert_eq!(problem.field("/email"), "taken");
    }
    let body = json!({ "name": "Dan", "email": DAN });
    let first = cleo
        .post("/agents", body.clone())
        .key("k1")
        .expect(201)
        .await;
    let again = cleo
        .post("/agents", body.clone())
        .key("k1")
        .expect(201)
        .await;
    assert_eq!(first, again);
    assert_eq!(app.mails_to(DAN).len(), 1);
    let problem = cleo.post("/agents", body).key("k2").problem(409).await;
    assert_eq!(problem.code, "conflict");
    for (body, pointer) in [
        (json!({ "name": "", "email": DAN }), "/name"),
        (json!({ "name": "Dan", "email": "dan" }), "/email"),
        (
            json!({ "name": "Dan", "email": DAN, "role": "admin" }),
            "/role",
        ),
    ] {
        let problem = cleo.post("/agents", body).problem(422).await;
        assert_eq!(problem.fields[0].0, pointer);
    }
}

#[tokio::test]
async fn an_admin_sees_the_workload_and_the_ratings() {
    let app = TestApp::start().await;
    let (ann, bob, cleo) = (app.customer("Ann"), app.agent("Bob"), app.admin("Cleo"));
    for n in 0..3 {
        let ticket = ann.opens_a_ticket().await;
        cleo.assigns(&ticket, &bob).await;
        if n > 0 {
            bob.moves(&ticket, "resolved").await;
            let body = json!({ "outcome_rating": 5, "agent_rating": 2 + n });
            ann.put(&ticket.path("/feedback"), body).expect(200).await;
        }
    }
    let agent = row(&cleo, &json!(bob.id)).await;
    assert_eq!(agent["open_tickets"], 1);
    assert_eq!(agent["resolved_tickets"], 2);
    assert_eq!(agent["average_rating"], 3.5);
    assert_eq!(agent["invitation"], "none");
    assert_eq!(agent["online"], false);
    app.sql("UPDATE users SET last_seen_at = now() - interval '5 seconds' WHERE name = 'Bob'");
    assert_eq!(row(&cleo, &json!(bob.id)).await["online"], true);
    let quiet = app.agent("Ben");
    let agent = row(&cleo, &json!(quiet.id)).await;
    assert_eq!(
        (&agent["open_tickets"], &agent["average_rating"]),
        (&json!(0), &Value::Null)
    );
}

/// Tickets of a disabled agent stay where they are, to be handed over.
#[tokio::test]
async fn a_disabled_agent_keeps_the_tickets() {
    let app = TestApp::start().await;
    let (ann, bob, cleo) = (app.customer("Ann"), app.agent("Bob"), app.admin("Cleo"));
    let ticket = ann.opens_a_ticket().await;
    cleo.assigns(&ticket, &bob).await;
    let path = format!("/agents/{}", bob.id);
    let agent = cleo
        .patch(&path, json!({ "disabled": true }))
        .if_match(1)
        .expect(200)
        .await;
    assert_eq!(agent["open_tickets"], 1);
    assert_eq!(
        cleo.sees(&ticket).await.json["assignee"]["id"],
        bob.id.to_string()
    );
    let invitation = format!("{path}/invitation");
    cleo.post(&invitation, json!({})).problem(409).await;
    let problem = cleo
        .patch(&path, json!({ "disabled": false }))
        .if_match(1)
        .problem(412)
        .await;
    assert_eq!(problem.code, "stale_version");
    let kinds = app.rows("SELECT kind FROM events WHERE kind LIKE 'user.%'");
    assert_eq!(kinds, [json!({ "kind": "user.disabled" })]);
    // Doing it again is no second event.
    cleo.patch(&path, json!({ "disabled": true, "name": "Robert" }))
        .expect(200)
        .await;
    let kinds = app.rows("SELECT kind FROM events WHERE kind = 'user.disabled'");
    assert_eq!(kinds.len(), 1);
    sign_in(&app.anyone(), "bob@example.org", PASSWORD)
        .problem(401)
        .await;
}

/// B08: an invitation lets one in, however many come with it at once.
#[tokio::test]
async fn b08_of_parallel_acceptances_one_wins() {
    let app = TestApp::with([UNHURRIED]).await;
    let second = app.replica().await;
    let cleo = app.admin("Cleo");
    invite(&cleo).await;
    let link = token(&last_mail(&app, DAN));
    let people = [app.anyone(), second.anyone()];
    let calls = (0..20).map(|n| {
        let mut body = acceptance(&link);
        body["name"] = format!("Dan {n}").into();
        people[n % 2].post("/auth/accept-invitation", body).send()
    });
    let answers = futures_util::future::join_all(calls).await;
    let won = answers.iter().filter(|a| a.status == 200).count();
    let lost = answers.iter().filter(|a| a.status == 422).count();
    assert_eq!((won, lost), (1, 19));
    let sessions = app.rows("SELECT id FROM sessions WHERE method = 'invitation'");
    assert_eq!(sessions.len(), 1);
}
