//! Who is told of what.

use serde_json::json;

use super::nobody_reads;
use crate::harness::{Person, TestApp, Ticket};

/// A ticket of Ann that Ravi has, with the mails about that out of the way.
async fn conversation(app: &TestApp) -> (Person, Person, Ticket, usize) {
    let (ann, ravi, ada) = (app.customer("Ann"), app.agent("Ravi"), app.admin("Ada"));
    let ticket = ann.opens_a_ticket().await;
    let ticket = ada.assigns(&ticket, &ravi).await;
    let before = app.mails().len();
    (ann, ravi, ticket, before)
}

/// Recipient and subject of the mails after the first `skip`.
fn subjects(app: &TestApp, skip: usize) -> Vec<String> {
    let mails = app.mails();
    let after = mails.iter().skip(skip);
    let line = |m: &care::mail::Sent| format!("{}: {}", m.to, m.subject);
    after.map(line).collect()
}

#[actix_web::test]
async fn who_reads_in_time_is_not_mailed() {
    let app = TestApp::start().await;
    let (ann, ravi, ticket, before) = conversation(&app).await;
    let entry = ravi.says(&ticket, "Hello Ann").await;
    app.run_jobs();
    ann.post(&ticket.path("/read"), json!({ "seq": entry["seq"] }))
        .answered(204)
        .await;
    nobody_reads(&app);
    assert!(subjects(&app, before).is_empty());
}

#[actix_web::test]
async fn who_stays_away_gets_one_mail_for_all_that_is_new() {
    let app = TestApp::start().await;
    let (_ann, ravi, ticket, before) = conversation(&app).await;
    for text in ["First", "Second", "Third"] {
        ravi.says(&ticket, text).await;
    }
    nobody_reads(&app);
    let number = &ticket.number;
    let subject = "Charged twice for one transfer";
    let expected = format!("ann@example.org: [{number}] 3 new messages: {subject}");
    assert_eq!(subjects(&app, before), [expected]);
    let text = &app.mails()[before].text;
    assert!(
        ["> First", "> Second", "> Third"]
            .iter()
            .all(|t| text.contains(t)),
        "{text}"
    );

    // Mailed is as good as read: the next mail tells only what came since.
    ravi.says(&ticket, "Fourth").await;
    nobody_reads(&app);
    let expected = format!("ann@example.org: [{number}] Ravi has written: {subject}");
    assert_eq!(subjects(&app, before + 1), [expected]);
    let text = &app.mails()[before + 1].text;
    assert!(
        text.contains("> Fourth") && !text.contains("> Third"),
        "{text}"
    );
}

#[actix_web::test]
async fn a_long_absence_makes_a_short_mail() {
    let app = TestApp::start().await;
    let (_ann, ravi, ticket, before) = conversation(&app).await;
    for n in 0..8 {
        ravi.says(&ticket, &format!("Message {n} {}", "x".repeat(5000)))
            .await;
    }
    nobody_reads(&app);
    let mail = &app.mails()[before];
    assert!(mail.text.contains("> Message 4") && !mail.text.contains("> Message 5"));
    assert!(mail.text.contains("And 3 more."));
    assert!(mail.text.len() < 15_000, "{}", mail.text.len());
}

#[actix_web::test]
async fn an_agent_who_lost_the_ticket_hears_no_more_of_it() {
    let app = TestApp::start().await;
    let (ann, _ravi, ticket, _) = conversation(&app).await;
    ann.says(&ticket, "Are you there?").await;
    app.run_jobs();
    let (ada, elena) = (app.admin("Ada B"), app.agent("Elena"));
    ada.assigns(&ticket, &elena).await;
    let before = app.mails().len();
    nobody_reads(&app);
    assert!(subjects(&app, before).is_empty());
}

#[actix_web::test]
async fn nobody_is_mailed_about_what_they_did() {
    let app = TestApp::start().await;
    let (ann, ravi) = (app.customer("Ann"), app.agent("Ravi"));
    let ticket = ann.opens_a_ticket().await;
    ravi.takes(&ticket).await;
    let to: Vec<String> = app.mails().into_iter().map(|m| m.to).collect();
    assert_eq!(
        to,
        ["ann@example.org", "ann@example.org"],
        "the receipt, and that Ravi took it"
    );
    ann.post(&ticket.path("/withdraw"), json!({}))
        .expect(200)
        .await;
    let last = subjects(&app, 2);
    assert_eq!(last.len(), 1);
    assert!(
        last[0].starts_with("ravi@example.org") && last[0].contains("Withdrawn"),
        "{last:?}"
    );
}

#[actix_web::test]
async fn mails_go_to_the_account_not_to_an_address_typed_into_a_form() {
    let app = TestApp::start().await;
    let ann = app.customer("Ann");
    let mut body = ann.new_ticket();
    body["contact"]["email"] = json!("victim@example.net");
    ann.post("/tickets", body).expect(201).await;
    let to: Vec<String> = app.mails().into_iter().map(|m| m.to).collect();
    assert_eq!(to, ["ann@example.org"]);
}

#[actix_web::test]
async fn a_disabled_account_gets_no_mail() {
    let app = TestApp::start().await;
    let (_ann, ravi, ticket, before) = conversation(&app).await;
    ravi.says(&ticket, "Hello").await;
    ravi.moves(&ticket, "resolved").await;
    app.sql("UPDATE users SET disabled_at = now() WHERE email = 'ann@example.org'");
    nobody_reads(&app);
    assert!(subjects(&app, before).is_empty());
}

#[actix_web::test]
async fn telling_twice_mails_once() {
    let app = TestApp::start().await;
    let (_ann, ravi, ticket, before) = conversation(&app).await;
    ravi.moves(&ticket, "resolved").await;
    ravi.says(&ticket, "Done").await;
    nobody_reads(&app);
    let sent = subjects(&app, before).len();
    assert_eq!(sent, 2);
    // As after a crash between the work and writing down that it is done.
    app.sql("UPDATE jobs SET state = 'ready', finished_at = NULL, run_at = now()");
    nobody_reads(&app);
    assert_eq!(subjects(&app, before).len(), sent);
}

#[actix_web::test]
async fn text_in_names_and_subjects_stays_text() {
    let app = TestApp::start().await;
    let ann = app.customer("Ann");
    app.sql("UPDATE users SET name = E'=?utf-8?q?=0ABcc:_x@y?= {{7*7}} \u{2028} <b>Ann</b>' WHERE role = 'customer'");
    let mut body = ann.new_ticket();
    body["subject"] =
        json!("{{ site.url }} {% for %} =?utf-8?q?=0ABcc:_x@y?= <script>alert(1)</script>");
    let ticket = Ticket::of(ann.post("/tickets", body).expect(201).await);
    let mail = &app.mails()[0];
    assert!(mail.subject.starts_with(&format!(
        "[{}] We have your complaint: {{{{ site.url }}}}",
        ticket.number
    )));
    assert!(!mail.wire.contains("=?utf-8?q?=0ABcc"), "{}", mail.wire);
    assert!(
        !mail.html.contains("<script>") && !mail.html.contains("<b>Ann"),
        "{}",
        mail.html
    );
    let head = mail.wire.split("\r\n\r\n").next().unwrap();
    assert!(
        head.lines().all(|l| !l.to_lowercase().starts_with("bcc")),
        "{head}"
    );
}
