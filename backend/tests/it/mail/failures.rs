//! Mail servers that are down, slow, picky or worse.

use std::time::{Duration, Instant};

use super::saboteur::{Manners, Saboteur};
use crate::harness::{Folder, TestApp};

/// Lets the waiting time of everything that failed pass.
fn later(app: &TestApp) -> usize {
    app.sql("UPDATE jobs SET run_at = now() WHERE state = 'ready' AND kind = 'send_mail'");
    app.run_jobs()
}

fn states(app: &TestApp) -> Vec<String> {
    let rows = app.rows("SELECT state FROM mails ORDER BY created_at, id");
    let text = |r: &serde_json::Value| r["state"].as_str().unwrap().to_owned();
    rows.iter().map(text).collect()
}

#[actix_web::test]
async fn a_server_that_is_down_delays_mails_but_neither_loses_nor_reorders_them() {
    let server = Saboteur::start(Manners::answering("EHLO", "421 not now"));
    let app = TestApp::with([("CARE_MAIL", server.url().as_str())]).await;
    app.failing_jobs_are_expected();
    let (ann, ravi, ada) = (app.customer("Ann"), app.agent("Ravi"), app.admin("Ada"));
    let ticket = ann.opens_a_ticket().await;
    app.run_jobs();
    let ticket = ada.assigns(&ticket, &ravi).await;
    app.run_jobs();
    let ticket = ravi.moves(&ticket, "resolved").await;
    app.run_jobs();
    assert_eq!(states(&app), ["queued"; 4]);
    server.becomes(Manners::good());
    // The last one is due first: it still waits for those before it.
    app.sql(
        "UPDATE jobs SET run_at = now() WHERE kind = 'send_mail' AND payload->>'mail_id' = \
         (SELECT id::text FROM mails ORDER BY created_at DESC, id DESC LIMIT 1)",
    );
    app.run_jobs();
    assert_eq!(states(&app), ["queued"; 4]);
    for _ in 0..3 {
        later(&app);
    }
    assert_eq!(states(&app), ["sent"; 4]);
    let subjects = server.commands("SUBJECT:").join("\n");
    let at = |part: &str| {
        subjects
            .find(part)
            .unwrap_or_else(|| panic!("{part} in {subjects}"))
    };
    assert!(at("We have your") < at("takes care") && at("takes care") < at("Resolved"));
    assert!(subjects.contains(&ticket.number));
    assert_eq!(server.commands("RCPT TO:").len(), 4, "each once");
}

#[actix_web::test]
async fn a_code_that_expired_in_the_queue_is_dropped() {
    let server = Saboteur::start(Manners::answering("EHLO", "421 not now"));
    let app = TestApp::with([("CARE_MAIL", server.url().as_str())]).await;
    app.failing_jobs_are_expected();
    app.customer("Ann");
    let body = serde_json::json!({ "email": "ann@example.org" });
    app.anyone()
        .post("/auth/forgot-password", body)
        .expect(202)
        .await;
    app.run_jobs();
    assert_eq!(states(&app), ["queued"]);
    app.sql("UPDATE one_time_codes SET expires_at = now() - interval '1 second'");
    server.becomes(Manners::good());
    later(&app);
    assert_eq!(states(&app), ["dropped"]);
    assert!(server.commands("RCPT").is_empty());
}

#[actix_web::test]
async fn a_refused_recipient_is_given_up_at_once_and_nobody_waits_for_it() {
    let server = Saboteur::start(Manners::answering("RCPT", "550 5.1.1 no such user"));
    let app = TestApp::with([("CARE_MAIL", server.url().as_str())]).await;
    let (ann, ravi) = (app.customer("Ann"), app.agent("Ravi"));
    let ticket = ann.opens_a_ticket().await;
    app.run_jobs();
    assert_eq!(states(&app), ["failed"]);
    server.becomes(Manners::good());
    ravi.takes(&ticket).await;
    app.run_jobs();
    assert_eq!(states(&app), ["failed", "sent"]);
}

#[actix_web::test]
async fn a_temporary_refusal_is_tried_again_and_in_the_end_given_up() {
    let server = Saboteur::start(Manners::answering(".", "451 4.3.0 disk full"));
    let app = TestApp::with([("CARE_MAIL", server.url().as_str())]).await;
    app.failing_jobs_are_expected();
    app.customer("Ann").opens_a_ticket().await;
    app.run_jobs();
    let job = || {
        app.rows(
            "SELECT state, attempts, max_attempts, last_error FROM jobs WHERE kind = 'send_mail'",
        )
        .remove(0)
    };
    assert_eq!(
        (&job()["state"], &job()["attempts"]),
        (&"ready".into(), &1.into())
    );
    assert!(job()["last_error"].as_str().unwrap().contains("451"));
    for _ in 1..job()["max_attempts"].as_i64().unwrap() {
        later(&app);
    }
    assert_eq!(job()["state"], "dead");
    assert_eq!(states(&app), ["failed"]);
}

#[actix_web::test]
async fn tls_is_used_when_offered() {
    let manners = Manners {
        offers: vec!["STARTTLS"],
        ..Manners::answering("STARTTLS", "454 4.7.0 not today")
    };
    let server = Saboteur::start(manners);
    let app = TestApp::with([("CARE_MAIL", server.url().as_str())]).await;
    app.failing_jobs_are_expected();
    app.customer("Ann").opens_a_ticket().await;
    app.run_jobs();
    assert_eq!(server.commands("STARTTLS").len(), 1);
    assert!(
        server.commands("MAIL").is_empty(),
        "nothing in the clear after that"
    );
    assert_eq!(states(&app), ["queued"]);
}

#[actix_web::test]
async fn a_server_that_says_nothing_costs_a_bounded_time_and_no_connection() {
    let server = Saboteur::start(Manners {
        hangs: true,
        ..Manners::good()
    });
    let settings = [
        ("CARE_MAIL", server.url()),
        ("CARE_MAIL_TIMEOUT", "2".into()),
    ];
    let settings = [
        (settings[0].0, settings[0].1.as_str()),
        (settings[1].0, settings[1].1.as_str()),
    ];
    let app = TestApp::with(settings).await;
    app.failing_jobs_are_expected();
    app.customer("Ann").opens_a_ticket().await;
    std::thread::scope(|scope| {
        let started = Instant::now();
        let sending = scope.spawn(|| app.run_jobs());
        server.connected.recv().unwrap();
        let busy = app.rows(
            "SELECT state, query FROM pg_stat_activity WHERE application_name = 'care-jobs' \
             AND datname = current_database() AND state <> 'idle'",
        );
        assert!(busy.is_empty(), "{busy:?}");
        sending.join().unwrap();
        assert!(
            started.elapsed() < Duration::from_secs(6),
            "{:?}",
            started.elapsed()
        );
    });
    assert_eq!(states(&app), ["queued"]);
    server.lets_go();
}

#[actix_web::test]
async fn a_worker_that_lost_its_lease_can_not_end_the_job() {
    let server = Saboteur::start(Manners {
        hangs: true,
        ..Manners::good()
    });
    let app = TestApp::with([("CARE_MAIL", server.url().as_str())]).await;
    app.failing_jobs_are_expected();
    app.customer("Ann").opens_a_ticket().await;
    std::thread::scope(|scope| {
        let sending = scope.spawn(|| app.run_jobs());
        server.connected.recv().unwrap();
        // Somebody else claims it, as after the lease has run out.
        let claimed = app.sql(
            "UPDATE jobs SET attempts = attempts + 1, leased_until = now() + interval '1 minute' WHERE kind = 'send_mail'",
        );
        assert_eq!(claimed, 1);
        server.lets_go();
        sending.join().unwrap();
    });
    let job = app.rows("SELECT state, attempts, last_error, leased_until > now() AS leased FROM jobs WHERE kind = 'send_mail'");
    let expected =
        serde_json::json!({ "state": "ready", "attempts": 2, "last_error": null, "leased": true });
    assert_eq!(job[0], expected);
    app.sql("DELETE FROM jobs");
}

#[actix_web::test]
async fn the_conversation_with_the_server_is_exactly_one_mail() {
    let server = Saboteur::start(Manners::good());
    let app = TestApp::with([("CARE_MAIL", server.url().as_str())]).await;
    let ann = app.customer("Ann");
    app.sql("UPDATE users SET name = E'Ann\u{2028}Bcc: eve@example.net, eve <eve@example.net>' WHERE role = 'customer'");
    let mut body = ann.new_ticket();
    body["subject"] = serde_json::json!("Dots and lines .. \"a\", <b@c>");
    body["description"] =
        serde_json::json!("A line with a dot:\n.\nRCPT TO:<eve@example.net>\nend");
    ann.post("/tickets", body).expect(201).await;
    app.run_jobs();
    assert_eq!(
        server.commands("MAIL FROM:"),
        ["MAIL FROM:<care@localhost>"]
    );
    assert_eq!(server.commands("RCPT TO:"), ["RCPT TO:<ann@example.org>"]);
    assert_eq!(server.commands("DATA").len(), 1);
    let heard = server.heard();
    let head = heard
        .iter()
        .skip_while(|l| *l != "DATA")
        .take_while(|l| !l.is_empty());
    let names: Vec<&str> = head
        .skip(1)
        .filter(|l| !l.starts_with([' ', '\t']))
        .map(|l| l.split(':').next().unwrap())
        .collect();
    assert_eq!(
        names
            .iter()
            .filter(|n| ["To", "From", "Subject"].contains(n))
            .count(),
        3
    );
    assert!(
        !names.iter().any(|n| n.eq_ignore_ascii_case("bcc")),
        "{names:?}"
    );
}

#[actix_web::test]
async fn files_are_whole_or_not_there() {
    let folder = Folder::new("outbox");
    let transport = format!("file:{}", folder.path());
    let app = TestApp::with([("CARE_MAIL", transport.as_str())]).await;
    let ann = app.customer("Ann");
    ann.opens_a_ticket().await;
    ann.opens_a_ticket().await;
    app.run_jobs();
    let files = std::fs::read_dir(folder.path()).unwrap();
    let names: Vec<String> = files
        .map(|f| f.unwrap().file_name().into_string().unwrap())
        .collect();
    assert_eq!(names.len(), 2);
    for name in names {
        assert!(name.ends_with(".eml") && !name.starts_with('.'), "{name}");
        let text = std::fs::read_to_string(format!("{}/{name}", folder.path())).unwrap();
        assert!(text.contains("To: Ann <ann@example.org>") && text.trim_end().ends_with("--"));
    }
}
