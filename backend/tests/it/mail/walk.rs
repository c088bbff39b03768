//! The main job, from registration to rating, with every mail seen by a real SMTP server.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value, json};

use super::{
    nobody_reads,
    sink::{Mail, Sink},
};
use crate::harness::{PUBLIC_URL, Person, TestApp, Ticket};

const PASSWORD: &str = "a long enough passphrase";

/// The newest mail to this address, which must have this subject.
fn newest(sink: &Sink, to: &str, subject: &str) -> Mail {
    let newest = sink.mails().into_iter().rfind(|m| m.recipient() == to);
    let mail = newest.unwrap_or_else(|| panic!("no mail to {to}"));
    assert!(mail.subject().contains(subject), "{:?}", mail.subject());
    mail
}

fn digits(mail: &Mail) -> String {
    let line = mail.text().lines().map(str::trim);
    let mut codes = line.filter(|l| l.len() == 6 && l.chars().all(|c| c.is_ascii_digit()));
    codes.next().expect("six digits on a line").to_owned()
}

fn token(mail: &Mail) -> String {
    let (_, rest) = mail.text().split_once("token=").expect("a link");
    rest.split_whitespace().next().unwrap().to_owned()
}

/// The person a session belongs to.
fn person(app: &TestApp, session: &Value) -> Person {
    let text = |name: &str| session["user"][name].as_str().unwrap().to_owned();
    let mut person = app.anyone();
    person.id = text("id").parse().unwrap();
    (person.name, person.email) = (text("name"), text("email"));
    person.token = Some(session["access_token"].as_str().unwrap().to_owned());
    person
}

async fn registers(app: &TestApp, name: &str, email: &str) {
    let body = json!({
        "name": name, "email": email, "password": PASSWORD, "password_confirmation": PASSWORD,
    });
    let call = app.anyone();
    // Whatever host a request claims, links come from the settings.
    let call = call
        .post("/auth/register", body)
        .header("x-forwarded-host", "evil.example");
    call.expect(202).await;
    app.run_jobs();
}

#[actix_web::test]
async fn every_mail_of_the_main_job_arrives() {
    let sink = Sink::start();
    let app = TestApp::with([("CARE_MAIL", &sink.url()), ("CARE_CODE_RESEND_WAIT", "0")]).await;
    let ada = app.admin("Ada");

    // Accounts.
    registers(&app, "Ann Öz", "ann@example.org").await;
    let confirm = newest(&sink, "ann@example.org", "Confirm your email address");
    assert!(
        confirm
            .text()
            .contains(&format!("{PUBLIC_URL}/confirm#token={}", token(&confirm)))
    );
    let body = json!({ "email": "ann@example.org", "code": digits(&confirm) });
    let session = app
        .anyone()
        .post("/auth/confirm-email", body)
        .expect(200)
        .await;
    let ann = person(&app, &session);
    registers(&app, "Somebody", "ANN@example.org").await;
    newest(&sink, "ann@example.org", "You already have an account");
    let invite = json!({ "name": "Ravi Kumar", "email": "ravi@example.org" });
    ada.post("/agents", invite).expect(201).await;
    app.run_jobs();
    let invitation = newest(&sink, "ravi@example.org", "You are invited");
    let body = json!({
        "token": token(&invitation), "name": "Ravi Kumar", "password": PASSWORD, "password_confirmation": PASSWORD,
    });
    let session = app
        .anyone()
        .post("/auth/accept-invitation", body)
        .expect(200)
        .await;
    let ravi = person(&app, &session);

    // A ticket.
    let ticket = ann.opens_a_ticket().await;
    app.run_jobs();
    let number = ticket.number.clone();
    let receipt = newest(
        &sink,
        "ann@example.org",
        &format!("[{number}] We have your complaint"),
    );
    assert!(
        receipt
            .text()
            .contains(&format!("{PUBLIC_URL}/tickets/{number}"))
    );
    ada.assigns(&ticket, &ravi).await;
    app.run_jobs();
    newest(
        &sink,
        "ann@example.org",
        &format!("[{number}] Ravi Kumar takes care of it"),
    );
    let assigned = newest(
        &sink,
        "ravi@example.org",
        &format!("[{number}] Assigned to you"),
    );
    assert!(
        assigned
            .text()
            .contains(&format!("{PUBLIC_URL}/agent/tickets/{number}"))
    );

    // Talking while the other is away.
    ravi.says(
        &ticket,
        "Could you send the *statement*?\n\nOne page is enough: café & <b>co</b>",
    )
    .await;
    nobody_reads(&app);
    let said = newest(
        &sink,
        "ann@example.org",
        &format!("[{number}] Ravi Kumar has written"),
    );
    assert!(
        said.text()
            .contains("> One page is enough: café & <b>co</b>")
    );
    assert!(said.html().contains("café &amp; &lt;b&gt;co&lt;/b&gt;"));
    ann.says(&ticket, "Here it is.").await;
    nobody_reads(&app);
    newest(
        &sink,
        "ravi@example.org",
        &format!("[{number}] Ann Öz has written"),
    );

    // To the end, and back.
    ravi.moves(&ticket, "resolved").await;
    app.run_jobs();
    newest(&sink, "ann@example.org", &format!("[{number}] Resolved"));
    ann.post(&ticket.path("/confirm"), json!({}))
        .expect(200)
        .await;
    app.run_jobs();
    newest(&sink, "ravi@example.org", &format!("[{number}] Closed"));
    ann.post(&ticket.path("/reopen"), json!({ "reason": "It came back" }))
        .expect(200)
        .await;
    app.run_jobs();
    let reopened = newest(&sink, "ravi@example.org", &format!("[{number}] Reopened"));
    assert!(reopened.text().contains("Reason: It came back"));
    ann.post(&ticket.path("/withdraw"), json!({}))
        .expect(200)
        .await;
    app.run_jobs();
    newest(&sink, "ravi@example.org", &format!("[{number}] Withdrawn"));

    // A new password.
    let body = json!({ "email": "ann@example.org" });
    app.anyone()
        .post("/auth/forgot-password", body)
        .expect(202)
        .await;
    app.run_jobs();
    let reset = newest(&sink, "ann@example.org", "Your code for a new password");
    let body = json!({
        "email": "ann@example.org", "code": digits(&reset), "password": "another long passphrase",
        "password_confirmation": "another long passphrase",
    });
    app.anyone()
        .post("/auth/reset-password", body)
        .answered(204)
        .await;
    app.run_jobs();
    newest(&sink, "ann@example.org", "Your password was changed");

    let mails = sink.mails();
    every_mail_is_well_made(&mails);
    conversations_are_threads(&app, &mails, &ticket);
    let stored = app.rows("SELECT message_id FROM mails WHERE state = 'sent'");
    let stored: BTreeSet<&str> = stored
        .iter()
        .map(|m| m["message_id"].as_str().unwrap())
        .collect();
    let arrived: BTreeSet<&str> = mails
        .iter()
        .map(|m| m.header("message-id").unwrap())
        .collect();
    assert_eq!(arrived.len(), mails.len(), "no Message-ID twice");
    assert_eq!(stored, arrived);
}

fn every_mail_is_well_made(mails: &[Mail]) {
    for mail in mails {
        let what = mail.subject();
        assert_eq!(mail.0["type"], "multipart/alternative", "{what}");
        assert_eq!(mail.0["defects"], json!([]), "{what}");
        assert!(mail.0["longest_line"].as_u64().unwrap() <= 998, "{what}");
        assert_eq!(
            mail.header("auto-submitted"),
            Some("auto-generated"),
            "{what}"
        );
        assert_eq!(
            mail.header("x-auto-response-suppress"),
            Some("All"),
            "{what}"
        );
        assert_eq!(
            mail.header("from"),
            Some("Customer Care Registry <care@localhost>"),
            "{what}"
        );
        assert_eq!(mail.header("x-mailfrom"), Some("care@localhost"), "{what}");
        assert!(
            mail.header("to").unwrap().contains(mail.recipient()),
            "{what}"
        );
        assert!(mail.header("date").is_some(), "{what}");
        for absent in ["list-id", "list-unsubscribe", "bcc", "cc", "precedence"] {
            assert_eq!(mail.header(absent), None, "{what}");
        }
        assert!(what.chars().count() <= 78, "{what}");
        let links = mail.text().match_indices("://").count();
        assert_eq!(
            links,
            mail.text().matches(PUBLIC_URL).count(),
            "{what}: links elsewhere"
        );
    }
}

/// Each person's mails about the ticket hang on the first of them.
fn conversations_are_threads(app: &TestApp, mails: &[Mail], ticket: &Ticket) {
    let mut threads: BTreeMap<&str, Vec<&Mail>> = BTreeMap::new();
    for mail in mails
        .iter()
        .filter(|m| m.subject().contains(&ticket.number))
    {
        threads.entry(mail.recipient()).or_default().push(mail);
    }
    assert_eq!(threads.len(), 2);
    for (person, mails) in &threads {
        assert!(mails.len() >= 4, "{person}");
        let first = mails[0].header("message-id").unwrap();
        assert_eq!(mails[0].header("in-reply-to"), None);
        assert_eq!(mails[0].header("references"), None);
        for mail in &mails[1..] {
            assert_eq!(
                mail.header("in-reply-to"),
                Some(first),
                "{}",
                mail.subject()
            );
            assert_eq!(mail.header("references"), Some(first), "{}", mail.subject());
        }
    }
    let counted = app.rows(&format!(
        "SELECT id FROM mails WHERE ticket_id = '{}'",
        ticket.id
    ));
    assert_eq!(counted.len(), threads.values().map(Vec::len).sum::<usize>());
    for mail in mails
        .iter()
        .filter(|m| !m.subject().contains(&ticket.number))
    {
        assert_eq!(mail.header("in-reply-to"), None, "{}", mail.subject());
    }
}
