//! Afterwards: a full search of a dump of the database finds nothing that names the person, and everything else is as it
//! was.

use std::process::Command;

use reqwest::Method;
use serde_json::{Value, json};

use super::with_password;
use crate::{
    auth::{UNHURRIED, digits, forgot, last_mail, sign_in},
    harness::{Folder, PASSWORD, Person, TestApp, places},
};

const DELETION: &str = "/me/deletion";

/// The whole database as SQL, by PostgreSQL's own program.
fn dump(app: &TestApp) -> String {
    let programs = std::env::var("CARE_PG_BIN").ok();
    let found = programs.into_iter().chain(installed());
    let program = found
        .map(|dir| format!("{dir}/pg_dump"))
        .find(|p| std::fs::exists(p).unwrap_or(false));
    let out = Command::new(program.unwrap_or_else(|| "pg_dump".into()))
        .args(["--inserts", "--dbname", &app.url])
        .output()
        .expect("pg_dump comes with PostgreSQL");
    assert!(
        out.status.success(),
        "{}",
        String::from_utf8_lossy(&out.stderr)
    );
    String::from_utf8(out.stdout).unwrap()
}

/// Where Debian keeps it.
fn installed() -> Vec<String> {
    let versions = std::fs::read_dir("/usr/lib/postgresql")
        .into_iter()
        .flatten()
        .flatten();
    versions
        .map(|v| format!("{}/bin", v.path().display()))
        .collect()
}

/// What of the dump holds one of these, whatever the case.
fn found<'a>(dump: &'a str, canaries: &[&str]) -> Vec<&'a str> {
    let mut lines = Vec::new();
    for canary in canaries {
        let canary = canary.to_lowercase();
        lines.extend(dump.lines().filter(|l| l.to_lowercase().contains(&canary)));
    }
    lines
}

async fn is_forgotten(app: &TestApp, person: &Person) {
    person.post(DELETION, with_password()).expect(202).await;
    app.run_jobs();
    app.sql("UPDATE users SET deletion_due_at = now() WHERE deletion_due_at IS NOT NULL");
    app.sql("UPDATE jobs SET run_at = now() WHERE kind = 'forget' AND state = 'ready'");
    app.run_jobs();
}

/// Numbers that a report is made of.
fn statistics(app: &TestApp) -> Vec<Value> {
    app.rows(
        "SELECT (SELECT jsonb_agg(jsonb_build_array(number, kind, status, priority, customer_id, assignee_id, created_at, \
           first_reply_at, resolved_at, closed_at, updated_at, last_seq) ORDER BY number) FROM tickets) AS tickets, \
         (SELECT jsonb_agg(jsonb_build_array(ticket_id, seq, author_id, side, created_at) ORDER BY ticket_id, seq) \
           FROM messages) AS messages, \
         (SELECT jsonb_agg(jsonb_build_array(ticket_id, outcome_rating, agent_rating, agent_id)) FROM feedback) AS feedback, \
         (SELECT jsonb_agg(jsonb_build_array(template, state) ORDER BY id) FROM mails WHERE state = 'sent') AS mails",
    )
}

fn trail(app: &TestApp) -> Vec<Value> {
    app.rows("SELECT id, kind, actor_id, user_id, ticket_id, seq, data, created_at FROM events ORDER BY id")
}

const CUSTOMER: &[&str] = &[
    "canaria",
    "zwitscher",
    "tweety",
    "497771234",
    "777-1234",
    "order-canary-7",
    "canary-agent/1.0",
    "203.0.113.77",
    "subject-at-google",
];

/// A customer with all that the product can know of one.
async fn a_customer(app: &TestApp, bob: &Person) -> Person {
    let ann = app.customer("Canaria Zwitscher");
    app.sql(&format!(
        "UPDATE sessions SET user_agent = 'canary-agent/1.0', ip = '203.0.113.77' WHERE user_id = '{}'",
        ann.id
    ));
    let agent = ("user-agent", "canary-agent/1.0");
    sign_in(&app.anyone(), &ann.email, PASSWORD)
        .header(agent.0, agent.1)
        .expect(200)
        .await;
    sign_in(&app.anyone(), &ann.email, "wrong one")
        .header(agent.0, agent.1)
        .problem(401)
        .await;
    app.sql("UPDATE sign_ins SET ip = '203.0.113.77'");
    app.sql(
        "INSERT INTO identities (id, user_id, provider, issuer, subject, email)
         SELECT gen_random_uuid(), id, 'google', 'https://g.test', 'subject-at-google', 'tweety@g.test' FROM users
         WHERE role = 'customer'",
    );
    let profile = json!({ "phone": "+49 777 1234", "time_zone": "Asia/Kolkata" });
    ann.patch("/me", profile).expect(200).await;
    let picture = image::DynamicImage::new_rgb8(9, 9);
    let mut bytes = std::io::Cursor::new(Vec::new());
    picture
        .write_to(&mut bytes, image::ImageFormat::Png)
        .unwrap();
    ann.call(Method::PUT, "/me/avatar")
        .body(bytes.into_inner())
        .expect(200)
        .await;
    let mut ticket = ann.new_ticket();
    ticket["subject"] = json!("Canaria Zwitscher was charged twice");
    ticket["description"] =
        json!("I, CANARIA, am at +497771234 or (0049) 777-1234, tweety@nest.test. **Help!**");
    ticket["complaint"] =
        json!({ "wanted_outcome": "A letter to Zwitscher", "reference": "ORDER-CANARY-7" });
    ticket["contact"] = json!({ "name": "C. Zwitscher", "email": "tweety@nest.test", "phone": "0049 777-1234",
        "preferred_channel": "phone" });
    let call = ann.post("/tickets", ticket).key("canary-key");
    let ticket = crate::harness::Ticket::of(call.expect(201).await);
    let ticket = bob.takes(&ticket).await;
    bob.says(
        &ticket,
        "Dear Canaria, we look into it. Is tweety@nest.test right?",
    )
    .await;
    ann.says(&ticket, "Yes. Yours, Zwitscher").await;
    app.run_jobs();
    let body = json!({ "status": "resolved", "reason": "Told Canaria Zwitscher by phone" });
    bob.post(&ticket.path("/status"), body).expect(200).await;
    let rating = json!({ "outcome_rating": 4, "agent_rating": 5, "comment": "Zwitscher is happy" });
    ann.put(&ticket.path("/feedback"), rating).expect(200).await;
    // An address from before.
    let change = json!({ "email": "canaria@new.test", "current_password": PASSWORD });
    ann.post("/me/email-change", change).expect(202).await;
    let code = json!({ "code": digits(&last_mail(app, "canaria@new.test")) });
    ann.post("/me/email-change/confirm", code).expect(200).await;
    ann.post("/me/export", with_password()).expect(202).await;
    app.run_jobs();
    ann
}

#[tokio::test]
async fn of_a_customer_nothing_is_left_and_numbers_stay() {
    let app = TestApp::with([UNHURRIED, ("CARE_CODE_RESEND_WAIT", "0")]).await;
    let (bob, cleo) = (app.agent("Bob"), app.admin("Cleo"));
    let ann = a_customer(&app, &bob).await;
    let before = dump(&app);
    for canary in CUSTOMER.iter().filter(|c| **c != "497771234") {
        assert!(
            !found(&before, &[canary]).is_empty(),
            "the test can find {canary}"
        );
    }
    ann.post(DELETION, with_password()).expect(202).await;
    let (numbers, events) = (statistics(&app), trail(&app));
    let board = cleo.get("/dashboard").expect(200).await;
    is_forgotten(&app, &ann).await;

    let after = dump(&app);
    let left = found(&after, CUSTOMER);
    assert!(left.is_empty(), "{left:#?}");
    // Nobody is signed in, and nobody signs in.
    ann.get("/me").problem(401).await;
    for email in ["canaria@new.test", "canaria.zwitscher@example.org"] {
        sign_in(&app.anyone(), email, PASSWORD).problem(401).await;
    }
    let mails = app.mails().len();
    let forgot = json!({ "email": "canaria@new.test" });
    app.anyone()
        .post("/auth/forgot-password", forgot)
        .expect(202)
        .await;
    assert_eq!(app.mails().len(), mails);
    // The numbers are the same, to the second.
    let sent = |rows: &[Value]| rows[0]["mails"].as_array().unwrap().len();
    let now = statistics(&app);
    for part in ["tickets", "messages", "feedback"] {
        assert_eq!(now[0][part], numbers[0][part], "{part}");
    }
    assert!(sent(&now) >= sent(&numbers));
    let shown = cleo.get("/dashboard").expect(200).await;
    assert_eq!(shown["tickets"], board["tickets"]);
    // The trail has no holes and says that it was done.
    let all = trail(&app);
    assert_eq!(all[..events.len()], events);
    let done = &all[events.len()];
    assert_eq!(done["kind"], "user.anonymised");
    assert_eq!(done["user_id"], json!(ann.id));
    // The other side still has the conversation.
    let number = app.rows("SELECT id FROM tickets")[0]["id"].clone();
    let path = format!("/tickets/{}/timeline", number.as_str().unwrap());
    let timeline = bob.get(&path).expect(200).await.to_string();
    assert!(timeline.contains("Deleted person") && timeline.contains("Dear […], we look into it"));
    // For admins the account is gone.
    let path = format!("/accounts/{}", ann.id);
    cleo.get(&path).problem(404).await;
    cleo.patch(&path, json!({ "disabled": false }))
        .problem(404)
        .await;
    let listed = cleo.get("/customers").expect(200).await;
    assert_eq!(listed["items"], json!([]));
    // The address is free for somebody new.
    let again = crate::auth::registration("canaria@new.test", "nine green bottles");
    app.anyone().post("/auth/register", again).expect(202).await;
    assert_eq!(
        last_mail(&app, "canaria@new.test").subject,
        "Confirm your email address"
    );
}

#[tokio::test]
async fn of_an_agent_nothing_is_left_and_the_work_stays() {
    let app = TestApp::with([UNHURRIED]).await;
    let (ann, cleo) = (app.customer("Ann"), app.admin("Cleo"));
    let bob = app.agent("Kanarius Piepmatz");
    let ticket = cleo.assigns(&ann.opens_a_ticket().await, &bob).await;
    bob.says(&ticket, "Kanarius here, how can I help?").await;
    ann.says(&ticket, "Thank you, Mr Piepmatz (or PIEPMATZ?)")
        .await;
    bob.moves(&ticket, "resolved").await;
    let rating = json!({ "outcome_rating": 5, "agent_rating": 5, "comment": "Kanarius is kind" });
    ann.put(&ticket.path("/feedback"), rating).expect(200).await;
    app.run_jobs();
    forgot(&app, &bob.email).await;
    let numbers = statistics(&app);
    is_forgotten(&app, &bob).await;
    let after = dump(&app);
    let left = found(&after, &["kanarius", "piepmatz"]);
    assert!(left.is_empty(), "{left:#?}");
    let now = statistics(&app);
    assert_eq!(now[0]["tickets"], numbers[0]["tickets"]);
    assert_eq!(now[0]["feedback"], numbers[0]["feedback"]);
    assert_eq!(
        ann.sees(&ticket).await.json["assignee"]["name"],
        "Deleted person"
    );
}

/// Places are looked up, not kept; the one in the alert goes with the address.
#[tokio::test]
async fn no_place_is_left() {
    let folder = Folder::new("places");
    let file = places::file(&folder);
    let proxy = ("CARE_TRUSTED_PROXIES", "127.0.0.1");
    let app = TestApp::with([UNHURRIED, proxy, ("CARE_PLACES", file.as_str())]).await;
    let ann = app.customer("Ann");
    for ip in [places::LINKOPING, places::BOXFORD] {
        sign_in(&app.anyone(), &ann.email, PASSWORD)
            .header("x-forwarded-for", ip)
            .expect(200)
            .await;
    }
    assert!(last_mail(&app, &ann.email).text.contains("Boxford"));
    let before = dump(&app);
    assert!(found(&before, &["linköping", "sweden"]).is_empty());
    assert_eq!(found(&before, &["boxford"]).len(), 1, "the mail's");
    is_forgotten(&app, &ann).await;
    let after = dump(&app);
    let left = found(&after, &["boxford", "kingdom"]);
    assert!(left.is_empty(), "{left:#?}");
}

/// The other people of the same tickets keep what is theirs.
#[tokio::test]
async fn others_keep_what_is_theirs() {
    let app = TestApp::with([UNHURRIED]).await;
    let (ann, ada, bob) = (app.customer("Ann"), app.customer("Ada"), app.agent("Bob"));
    let mut theirs = Vec::new();
    for person in [&ann, &ada] {
        let ticket = bob.takes(&person.opens_a_ticket().await).await;
        person.says(&ticket, "Ann and Ada are friends.").await;
        theirs.push(bob.moves(&ticket, "resolved").await);
    }
    app.run_jobs();
    let untouched = |app: &TestApp| {
        app.rows(
            "SELECT (SELECT jsonb_agg(to_jsonb(u)) FROM users u WHERE name IN ('Ada', 'Bob')) AS people, \
             (SELECT jsonb_agg(to_jsonb(t)) FROM tickets t JOIN users u ON u.id = t.customer_id WHERE u.name = 'Ada') AS t, \
             (SELECT jsonb_agg(to_jsonb(m)) FROM messages m JOIN users u ON u.id = m.author_id WHERE u.name = 'Ada') AS m, \
             (SELECT count(*) FROM sessions s JOIN users u ON u.id = s.user_id WHERE u.name IN ('Ada', 'Bob')) AS s, \
             (SELECT jsonb_agg(to_jsonb(m) ORDER BY m.id) FROM mails m JOIN users u ON u.id = m.user_id \
               WHERE u.name IN ('Ada', 'Bob')) AS mails",
        )
    };
    let before = untouched(&app);
    is_forgotten(&app, &ann).await;
    assert_eq!(untouched(&app), before);
    ada.get(&theirs[1].path("")).expect(200).await;
}

/// Whatever is stored about people later: either it goes with them, or it is one of these, which say who did something.
#[test]
fn every_reference_to_a_person_is_deleted_or_known() {
    let database = crate::harness::Database::new();
    let rows = crate::harness::rows(
        &mut database.connect(),
        "SELECT k.conrelid::regclass::text || '.' || a.attname AS name FROM pg_constraint k
         JOIN pg_attribute a ON a.attrelid = k.conrelid AND a.attnum = k.conkey[1]
         WHERE k.contype = 'f' AND k.confrelid = 'users'::regclass AND k.confdeltype <> 'c' ORDER BY 1",
    );
    let names: Vec<&str> = rows.iter().map(|r| r["name"].as_str().unwrap()).collect();
    assert_eq!(
        names,
        [
            "events.actor_id",
            "events.user_id",
            "feedback.agent_id",
            "feedback.customer_id",
            "lockdowns.ended_by",
            "lockdowns.started_by",
            "messages.author_id",
            "moves.actor_id",
            "tickets.assignee_id",
            "tickets.customer_id",
        ]
    );
}
