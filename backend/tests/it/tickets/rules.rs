//! The rule in its three shapes: as flags, as what happens, and as SQL.

use care::{
    auth::{Actor, Role},
    db::{
        ids::{SessionId, TicketId},
        schema::tickets,
    },
    http::Origin,
    tickets::{Action, Ticket as Row, allows, visible_to},
};
use diesel::{QueryDsl, RunQueryDsl, SelectableHelper};
use serde_json::{Value, json};

use crate::harness::{Person, TestApp};

/// Each flag of `can` and the request it promises.
fn promises(agent: &Person, other: &Value) -> Vec<(&'static str, &'static str, Value)> {
    vec![
        ("reply", "POST /messages", json!({ "body": "Hello" })),
        ("withdraw", "POST /withdraw", json!({})),
        ("resolve", "POST /status", json!({ "status": "resolved" })),
        ("set_open", "POST /status", json!({ "status": "open" })),
        (
            "set_pending",
            "POST /status",
            json!({ "status": "pending" }),
        ),
        (
            "set_on_hold",
            "POST /status",
            json!({ "status": "on_hold" }),
        ),
        ("confirm", "POST /confirm", json!({})),
        ("reopen", "POST /reopen", json!({})),
        ("assign", "POST /assign", json!({ "assignee_id": agent.id })),
        ("take", "POST /take", json!({})),
        ("rate", "PUT /feedback", json!({ "outcome_rating": 5 })),
        ("set_priority", "PATCH ", json!({ "priority": "low" })),
        ("edit_contact", "PATCH ", json!({ "contact": other })),
    ]
}

#[tokio::test]
async fn the_flags_say_what_happens() {
    let app = TestApp::with([("CARE_WRITES_PER_MINUTE", "100000")]).await;
    let (ann, cleo) = (app.customer("Ann"), app.admin("Cleo"));
    let (bob, ben) = (app.agent("Bob"), app.agent("Ben"));
    let ticket = ann.opens_a_ticket().await;
    let contact = ann.new_ticket()["contact"].clone();
    let conn = &mut app.connection();
    let mut set = |statement: &str| diesel::sql_query(statement).execute(conn).unwrap();
    let (tomorrow, yesterday) = ("now() + interval '1 day'", "now() - interval '1 day'");
    let mut tried = 0;
    for (status, reopen_until) in [
        ("open", "NULL"),
        ("pending", "NULL"),
        ("on_hold", "NULL"),
        ("resolved", "NULL"),
        ("closed", tomorrow),
        ("closed", yesterday),
        ("withdrawn", tomorrow),
        ("withdrawn", yesterday),
    ] {
        for assignee in [format!("'{}'", bob.id), "NULL".into()] {
            let state = format!(
                "UPDATE tickets SET status = '{status}', assignee_id = {assignee}, reopen_until = {reopen_until}"
            );
            for person in [&ann, &bob, &cleo] {
                set(&state);
                let seen = person.sees(&ticket).await;
                for (flag, request, body) in promises(&ben, &contact) {
                    set(&state);
                    let (method, rest) = request.split_once(' ').unwrap();
                    let path = ticket.path(rest);
                    let call = person.call(method.parse().unwrap(), &path).json(&body);
                    let answer = call.send().await;
                    tried += 1;
                    // Taking what one has already is no more than a nod.
                    if flag == "take" && seen.json["assignee"]["name"] == "Bob" {
                        continue;
                    }
                    let what = format!("{flag} by {}, {status}, {reopen_until}", person.name);
                    let done = answer.status < 300;
                    assert_eq!(done, seen.json["can"][flag], "{what}: {}", answer.text());
                    assert!(done || [403, 409].contains(&answer.status), "{what}");
                }
            }
        }
    }
    assert_eq!(tried, 8 * 2 * 3 * 13);
}

#[tokio::test]
async fn sql_and_rust_see_the_same_tickets() {
    let app = TestApp::start().await;
    let people = [
        (app.customer("Ann"), Role::Customer),
        (app.customer("Ada"), Role::Customer),
        (app.agent("Bob"), Role::Agent),
        (app.agent("Ben"), Role::Agent),
        (app.admin("Cleo"), Role::Admin),
    ];
    for n in 0..12 {
        let ticket = people[n % 2].0.opens_a_ticket().await;
        if n % 3 > 0 {
            people[1 + n % 3].0.takes(&ticket).await;
        }
    }
    let conn = &mut app.connection();
    let all: Vec<Row> = tickets::table.select(Row::as_select()).load(conn).unwrap();
    for (person, role) in &people {
        let actor = Actor {
            id: person.id,
            role: *role,
            avatar: None,
            name: person.name.clone(),
            session_id: SessionId::new(),
            origin: Origin::system(),
        };
        let mut by_sql: Vec<TicketId> = tickets::table
            .filter(visible_to(&actor))
            .select(tickets::id)
            .load(conn)
            .unwrap();
        let by_rust = all.iter().filter(|t| allows(&actor, t, Action::View));
        let mut by_rust: Vec<TicketId> = by_rust.map(|t| t.id).collect();
        by_sql.sort_unstable();
        by_rust.sort_unstable();
        assert_eq!(by_sql, by_rust, "{}", person.name);
        assert!(!by_sql.is_empty());
    }
}
