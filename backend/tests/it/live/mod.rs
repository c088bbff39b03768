//! `GET /stream`: who hears what, that nothing is lost or told twice, and when a stream ends.

mod presence;

use std::{collections::BTreeSet, time::Duration};

use care::{
    auth::token::Tokens,
    db::ids::{TicketId, UserId},
    events::{Audience, Event, EventKind, Whisper, emit},
    http::Origin,
};
use diesel::{Connection, RunQueryDsl, connection::SimpleConnection};
use serde_json::json;

use crate::harness::{PUBLIC_URL, Person, TestApp};

/// Says that something changed, as an action does.
fn happens(app: &TestApp, kind: EventKind, audience: Audience) -> i64 {
    let event = |user: Option<UserId>| Event {
        kind,
        ticket_id: None,
        user_id: user,
        seq: Some(7),
        data: json!({ "version": 3 }),
        audience: audience.clone(),
    };
    app.app
        .jobs
        .write_blocking(|tx| emit(tx, &Origin::default(), event(None)))
        .unwrap()
}

fn to(people: &[&Person]) -> Audience {
    Audience {
        users: people.iter().map(|p| p.id).collect(),
        ..Audience::default()
    }
}

/// Everyone hears this one: whoever reads up to it has heard all before it.
fn marker(app: &TestApp) {
    let everyone = Audience {
        everyone: true,
        ..Audience::default()
    };
    happens(app, EventKind::ServiceChanged, everyone);
}

#[actix_web::test]
async fn a_stream_needs_a_token_in_the_header() {
    let app = TestApp::start().await;
    let ann = app.customer("Ann");
    app.anyone().get("/stream").problem(401).await;
    let token = ann.token.clone().unwrap();
    let in_url = format!("/stream?access_token={token}&token={token}");
    app.anyone().get(&in_url).problem(401).await;
}

#[actix_web::test]
async fn a_stream_says_hello_and_shows_that_it_lives() {
    let app = TestApp::with([("CARE_HEARTBEAT", "1")]).await;
    let mut stream = app.customer("Ann").listens().await;
    while stream.heartbeats == 0 {
        // Nothing else comes: the token ends it long after.
        let waiting = tokio::time::timeout(Duration::from_millis(200), stream.next());
        assert!(waiting.await.is_err(), "only heartbeats");
    }
}

#[actix_web::test]
async fn a_stream_is_neither_compressed_nor_kept() {
    let app = TestApp::start().await;
    let ann = app.customer("Ann");
    let response = ann
        .get("/stream")
        .header("accept-encoding", "gzip")
        .open()
        .await
        .unwrap();
    let header = |name: &str| response.headers()[name].to_str().unwrap().to_owned();
    assert_eq!(header("content-type"), "text/event-stream");
    assert_eq!(header("content-encoding"), "identity");
    assert_eq!(header("cache-control"), "no-store");
    assert_eq!(header("x-accel-buffering"), "no");
}

#[actix_web::test]
async fn hints_reach_their_audience_on_every_replica_and_nobody_else() {
    let app = TestApp::live().await;
    let second = app.replica().await;
    let (ann, bob) = (app.customer("Ann"), app.customer("Bob"));
    let (ravi, ada) = (app.agent("Ravi"), app.admin("Ada"));
    let mut here = ann.listens().await;
    let mut there = ann.at(&second.api).listens().await;
    let mut other = bob.at(&second.api).listens().await;
    let mut agent = ravi.listens().await;
    let mut admin = ada.at(&second.api).listens().await;

    happens(&app, EventKind::MessagePosted, to(&[&ann]));
    let agents = Audience {
        agents: true,
        ..Audience::default()
    };
    happens(&second, EventKind::TicketCreated, agents);
    marker(&app);

    let mut heard = Vec::new();
    for stream in [&mut here, &mut there, &mut other, &mut agent, &mut admin] {
        let all = stream.before("service.changed").await;
        let kinds = all.iter().filter_map(|e| e.data["kind"].as_str());
        let mut kinds: Vec<&str> = kinds.filter(|k| *k != "presence.changed").collect();
        kinds.sort_unstable();
        heard.push(kinds.join(" "));
    }
    let expected = [
        "message.posted",
        "message.posted",
        "",
        "ticket.created",
        "message.posted ticket.created",
    ];
    assert_eq!(heard, expected);
}

#[actix_web::test]
async fn a_hint_says_what_to_fetch() {
    let app = TestApp::live().await;
    let ann = app.customer("Ann");
    let mut stream = ann.listens().await;
    happens(&app, EventKind::TicketStatusChanged, to(&[&ann]));
    let hint = stream.hint("ticket.changed").await;
    let expected = json!({
        "kind": "ticket.changed", "ticket_id": null, "seq": 7, "version": 3, "user_id": null,
    });
    assert_eq!(hint, expected);
}

/// The trap of every reader that follows ids: the lower id commits last.
#[actix_web::test]
async fn a_late_commit_is_told_and_nothing_twice() {
    let app = TestApp::live().await;
    let ann = app.customer("Ann");
    let mut stream = ann.listens().await;
    let late = |seq: i32| {
        format!(
            "INSERT INTO events (kind, seq, audience) VALUES ('message.posted', {seq}, ARRAY['{}'::uuid])",
            ann.id
        )
    };
    let mut slow = app.connection();
    slow.batch_execute("BEGIN").unwrap();
    slow.batch_execute(&late(1)).unwrap();
    app.sql(&late(2));
    marker(&app);
    slow.batch_execute("COMMIT").unwrap();
    let heard = stream.before("service.changed").await;
    let seqs: Vec<i64> = heard
        .iter()
        .filter_map(|e| e.data["seq"].as_i64())
        .collect();
    assert_eq!(seqs, [1, 2]);
}

#[actix_web::test]
async fn concurrent_writers_are_heard_once_each() {
    let app = TestApp::live().await;
    let ann = app.customer("Ann");
    let mut stream = ann.listens().await;
    let (writers, each) = (4, 40);
    std::thread::scope(|scope| {
        for writer in 0..writers {
            let (app, ann) = (&app, &ann);
            scope.spawn(move || {
                let mut conn = app.connection();
                for n in 0..each {
                    let seq = writer * each + n;
                    let text = format!(
                        "INSERT INTO events (kind, seq, audience) VALUES ('message.posted', {seq}, ARRAY['{}'::uuid])",
                        ann.id
                    );
                    conn.transaction(|conn| diesel::sql_query(&text).execute(conn)).unwrap();
                }
            });
        }
    });
    marker(&app);
    let heard = stream.before("service.changed").await;
    let seqs: Vec<i64> = heard
        .iter()
        .filter_map(|e| e.data["seq"].as_i64())
        .collect();
    assert_eq!(
        seqs.len(),
        seqs.iter().collect::<BTreeSet<_>>().len(),
        "none twice"
    );
    assert_eq!(
        seqs.len(),
        usize::try_from(writers * each).unwrap(),
        "none lost"
    );
}

#[actix_web::test]
async fn a_lost_listening_connection_loses_no_hint() {
    let app = TestApp::live().await;
    let ann = app.customer("Ann");
    let mut stream = ann.listens().await;
    marker(&app);
    stream.hint("service.changed").await;
    for _ in 0..3 {
        let ended = app.rows(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity \
             WHERE application_name = 'care-live' AND datname = current_database()",
        );
        // It may be in the middle of connecting again, which is as good.
        assert!(ended.len() <= 1);
        happens(&app, EventKind::MessagePosted, to(&[&ann]));
        stream.hint("message.posted").await;
    }
}

#[actix_web::test]
async fn whispers_reach_those_they_name_on_every_replica() {
    let app = TestApp::live().await;
    let second = app.replica().await;
    let (ann, bob, ravi) = (app.customer("Ann"), app.customer("Bob"), app.agent("Ravi"));
    let mut here = ann.listens().await;
    let mut there = ann.at(&second.api).listens().await;
    let mut other = bob.listens().await;
    // Both replicas listen before anything fleeting is said.
    marker(&app);
    for stream in [&mut here, &mut there, &mut other] {
        stream.hint("service.changed").await;
    }
    let ticket = TicketId::new();
    let typing = Whisper::typing(ticket, ravi.id, "Ravi", vec![ann.id]);
    app.app.live.whisper(typing);
    app.app
        .live
        .whisper(Whisper::read(ticket, ravi.id, 4, vec![ann.id]));
    for stream in [&mut here, &mut there] {
        let event = stream.event("typing").await;
        assert_eq!(
            event,
            json!({ "ticket_id": ticket, "user_id": ravi.id, "name": "Ravi" })
        );
        let event = stream.hint("message.read").await;
        assert_eq!(
            (&event["seq"], &event["user_id"]),
            (&json!(4), &json!(ravi.id))
        );
    }
    marker(&app);
    let passed = other.before("service.changed").await;
    assert!(passed.is_empty(), "{passed:?}");
}

#[actix_web::test]
async fn a_revoked_session_ends_its_streams_and_no_others() {
    let app = TestApp::live().await;
    let (ann, bob) = (app.customer("Ann"), app.customer("Bob"));
    let (stream, mut other) = (ann.listens().await, bob.listens().await);
    // Without an event: found by asking for all sessions now and then.
    app.sql(&format!(
        "UPDATE sessions SET revoked_at = now() WHERE user_id = '{}'",
        ann.id
    ));
    let last = stream.rest().await.pop().unwrap();
    assert_eq!(
        (last.name.as_str(), &last.data["reason"]),
        ("bye", &json!("session_ended"))
    );
    ann.get("/stream").problem(401).await;
    marker(&app);
    other.hint("service.changed").await;
}

#[actix_web::test]
async fn an_event_about_the_person_is_acted_on_before_the_next_hint() {
    let app = TestApp::live().await;
    let (ravi, ada) = (app.agent("Ravi"), app.admin("Ada"));
    let (stream, demoted) = (ravi.listens().await, ada.listens().await);
    let about = |person: &Person| Event::about_user(EventKind::UserDisabled, person.id, json!({}));
    let disable = format!(
        "UPDATE users SET disabled_at = now() WHERE id = '{}'",
        ravi.id
    );
    let demote = format!("UPDATE users SET role = 'agent' WHERE id = '{}'", ada.id);
    app.app
        .jobs
        .write_blocking(|tx| {
            tx.batch_execute(&disable)?;
            tx.batch_execute(&demote)?;
            emit(tx, &Origin::default(), about(&ravi))?;
            emit(tx, &Origin::default(), about(&ada))
        })
        .unwrap();
    let agents = Audience {
        agents: true,
        ..Audience::default()
    };
    happens(&app, EventKind::TicketCreated, agents);
    for (stream, reason) in [(stream, "session_ended"), (demoted, "role_changed")] {
        let all = stream.rest().await;
        assert!(
            all.iter().all(|e| e.data["kind"] != "ticket.created"),
            "{all:?}"
        );
        assert_eq!(all.last().unwrap().data["reason"], reason);
    }
}

#[actix_web::test]
async fn a_stream_ends_with_its_token() {
    let app = TestApp::live().await;
    let mut ann = app.customer("Ann");
    let old = app.app.tokens.check(ann.token.as_ref().unwrap()).unwrap();
    let brief = Tokens::new(
        &app.app.config.auth.secret,
        PUBLIC_URL,
        Duration::from_secs(1),
    );
    ann.token = Some(brief.issue(old.sub, old.sid).unwrap().0);
    let last = ann.listens().await.rest().await.pop().unwrap();
    assert_eq!(last.data["reason"], "token_expired");
}

#[actix_web::test]
async fn a_stopping_server_says_bye_and_takes_no_more_streams() {
    let app = TestApp::live().await;
    let ann = app.customer("Ann");
    let stream = ann.listens().await;
    app.app.live.shut();
    assert_eq!(
        stream.rest().await.pop().unwrap().data["reason"],
        "shutdown"
    );
    app.faults_are_expected();
    ann.get("/stream").problem(503).await;
}

#[actix_web::test]
async fn streams_hold_no_database_connection() {
    let app = TestApp::live().await;
    let mut streams = Vec::new();
    for n in 0..30 {
        streams.push(app.customer(&format!("Ann {n}")).listens().await);
    }
    // A request is answered while they are all open, from a pool of four.
    drop(app.customer("Bob").get("/stream").open().await.unwrap());
    let open = app.rows(
        "SELECT count(*) AS n FROM pg_stat_activity WHERE application_name LIKE 'care-%' \
         AND datname = current_database()",
    );
    assert!(open[0]["n"].as_i64().unwrap() <= 4 + 1 + 1, "{open:?}");
    marker(&app);
    for stream in &mut streams {
        stream.hint("service.changed").await;
    }
}
