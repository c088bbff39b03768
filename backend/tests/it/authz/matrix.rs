//! The matrix. A row says what each person gets from one operation on one ticket (or service, or person). An operation
//! without a row fails, and a row without an operation.

mod mine;

use std::collections::BTreeSet;

use serde_json::{Value, json};

use crate::{
    auth::UNHURRIED,
    harness::{
        PASSWORD, Person, TestApp, Ticket,
        contract::{OPERATIONS, Operation},
    },
};

/// What the ticket in the path has been through before each request.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Stage {
    /// There is none; the path names a service, a person, or nothing.
    None,
    Unassigned,
    Assigned,
    Resolved,
    Closed,
}
use Stage::{Assigned, Closed, None, Resolved, Unassigned};

/// What is in the body.
type Body = fn(&World) -> Value;

struct Row {
    operation: &'static str,
    stage: Stage,
    /// Nobody, the customer who raised it, another customer, the agent who owns it, another agent, an admin.
    expected: [u16; 6],
    body: Body,
}

const fn row(operation: &'static str, stage: Stage, expected: [u16; 6], body: Body) -> Row {
    Row {
        operation,
        stage,
        expected,
        body,
    }
}

/// Reads, and posts without a body.
fn nothing(_: &World) -> Value {
    Value::Null
}

/// A password nobody has yet.
const NEW: &str = "nine green bottles";

fn its_email(_: &World) -> Value {
    json!({ "email": "ann@example.org" })
}

fn empty(_: &World) -> Value {
    json!({})
}

fn turn_the_switch(_: &World) -> Value {
    json!({ "reason": "A drill.", "current_password": PASSWORD })
}

fn a_code(_: &World) -> Value {
    json!({ "code": "123456" })
}

/// From a provider's page.
fn returned(_: &World) -> Value {
    json!({ "state": "x", "code": "x" })
}

/// Signed in, but not shown to come from one of our pages.
const OUR_PAGES: [u16; 6] = [401, 403, 403, 403, 403, 403];
const EVERYBODY: [u16; 6] = [200; 6];
/// The ticket's people and the admins see it; to others it does not exist.
const PARTIES: [u16; 6] = [401, 200, 404, 200, 404, 200];
const SIGNED_IN: [u16; 6] = [401, 200, 200, 200, 200, 200];
/// Deleted, each one's own.
const GONE: [u16; 6] = [401, 204, 204, 204, 204, 204];
/// Everybody may try; what was sent is wrong.
const WRONG: [u16; 6] = [401, 422, 422, 422, 422, 422];
const CUSTOMER_OF_IT: [u16; 6] = [401, 200, 404, 403, 404, 403];
const AGENT_OF_IT: [u16; 6] = [401, 403, 404, 200, 404, 403];
const ADMINS: [u16; 6] = [401, 403, 403, 403, 403, 200];
/// The same, with nothing to say.
const ADMINS_ACT: [u16; 6] = [401, 403, 403, 403, 403, 204];

/// All rows.
fn matrix() -> impl Iterator<Item = &'static Row> {
    MATRIX.iter().chain(mine::ROWS)
}

const MATRIX: &[Row] = &[
    row(
        "register",
        None,
        [202; 6],
        |_| json!({ "name": "Eve", "email": "eve@example.org", "password": NEW, "password_confirmation": NEW }),
    ),
    row("confirm_email", None, [422; 6], |_| json!({ "token": "x" })),
    row("resend_confirmation", None, [202; 6], its_email),
    row(
        "sign_in",
        None,
        [401; 6],
        |_| json!({ "email": "ann@example.org", "password": "not this one" }),
    ),
    row(
        "refresh_session",
        None,
        [401; 6],
        |_| json!({ "refresh_token": "x" }),
    ),
    row("sign_out", None, [401, 204, 204, 204, 204, 204], nothing),
    row("forgot_password", None, [202; 6], its_email),
    row(
        "reset_password",
        None,
        [422; 6],
        |_| json!({ "token": "x", "password": NEW, "password_confirmation": NEW }),
    ),
    row(
        "accept_invitation",
        None,
        [422; 6],
        |_| json!({ "token": "x", "name": "Eve", "password": NEW, "password_confirmation": NEW }),
    ),
    row(
        "pass_challenge",
        None,
        [401; 6],
        |_| json!({ "challenge_token": "x", "method": "totp", "code": "123456" }),
    ),
    row(
        "resend_challenge_code",
        None,
        [401; 6],
        |_| json!({ "challenge_token": "x" }),
    ),
    row("list_providers", None, EVERYBODY, nothing),
    // For pages of ours: these requests lack the header that shows it. The whole way is walked in `oidc`.
    row("start_provider_sign_in", None, [403; 6], nothing),
    row("finish_provider_sign_in", None, [403; 6], returned),
    row(
        "prove_provider_address",
        None,
        [403; 6],
        |_| json!({ "code": "123456" }),
    ),
    row("resend_provider_code", None, [403; 6], nothing),
    row("list_my_identities", None, SIGNED_IN, nothing),
    row(
        "start_linking_identity",
        None,
        OUR_PAGES,
        |_| json!({ "current_password": PASSWORD }),
    ),
    row("finish_linking_identity", None, OUR_PAGES, returned),
    // Nobody's, or somebody else's: `oidc::link`.
    row(
        "unlink_identity",
        None,
        [401, 404, 404, 404, 404, 404],
        nothing,
    ),
    row("list_my_sessions", None, SIGNED_IN, nothing),
    row("list_my_sign_ins", None, SIGNED_IN, nothing),
    // Nobody's, or somebody else's: `sessions`.
    row(
        "end_my_session",
        None,
        [401, 404, 404, 404, 404, 404],
        nothing,
    ),
    row(
        "end_my_other_sessions",
        None,
        [401, 204, 204, 204, 204, 204],
        nothing,
    ),
    row("get_me", None, SIGNED_IN, nothing),
    row("update_me", None, SIGNED_IN, |_| json!({ "locale": "ta" })),
    row(
        "change_password",
        None,
        [401, 204, 204, 204, 204, 204],
        |_| json!({ "current_password": PASSWORD, "password": NEW, "password_confirmation": NEW }),
    ),
    row("list_accounts", None, ADMINS, nothing),
    row("get_account", None, ADMINS, nothing),
    row(
        "update_account",
        None,
        ADMINS,
        |_| json!({ "disabled": false }),
    ),
    row("unlock_account", None, ADMINS_ACT, nothing),
    row("sign_out_account", None, ADMINS_ACT, nothing),
    row("require_password_change", None, ADMINS_ACT, nothing),
    row("clear_security_questions", None, ADMINS_ACT, nothing),
    // It has none.
    row(
        "remove_account_second_factor",
        None,
        [401, 403, 403, 403, 403, 409],
        nothing,
    ),
    row("list_customers", None, ADMINS, nothing),
    row("get_customer", None, ADMINS, nothing),
    row("list_agents", None, ADMINS, nothing),
    row(
        "invite_agent",
        None,
        [401, 403, 403, 403, 403, 201],
        |_| json!({ "name": "Dan", "email": "dan@example.org" }),
    ),
    // The agent has joined already.
    row(
        "resend_invitation",
        None,
        [401, 403, 403, 403, 403, 409],
        empty,
    ),
    row(
        "update_agent",
        None,
        ADMINS,
        |_| json!({ "name": "Benedict" }),
    ),
    row("get_lockdown", None, ADMINS, nothing),
    row("start_lockdown", None, ADMINS, turn_the_switch),
    // There is none.
    row(
        "end_lockdown",
        None,
        [401, 403, 403, 403, 403, 409],
        turn_the_switch,
    ),
    row("get_demo", None, [404; 6], nothing),
    row("get_demo_mailbox", None, [404; 6], nothing),
    row("get_meta", None, EVERYBODY, nothing),
    row("get_openapi", None, EVERYBODY, nothing),
    row("open_stream", None, SIGNED_IN, nothing),
    row("list_services", None, EVERYBODY, nothing),
    row("get_service", None, EVERYBODY, nothing),
    // All of them, so before there is another one.
    row(
        "order_services",
        None,
        ADMINS,
        |w| json!({ "ids": [w.service] }),
    ),
    row(
        "create_service",
        None,
        [401, 403, 403, 403, 403, 201],
        |_| json!({ "name": "Loans", "description": "Mortgages and other loans.", "icon": "loan" }),
    ),
    row(
        "update_service",
        None,
        ADMINS,
        |_| json!({ "name": "All cards" }),
    ),
    row("create_ticket", None, [401, 201, 201, 403, 403, 403], |w| {
        w.people[1].new_ticket()
    }),
    row("list_tickets", None, SIGNED_IN, nothing),
    row("count_tickets", None, SIGNED_IN, nothing),
    row("get_ticket", Assigned, PARTIES, nothing),
    row("get_timeline", Assigned, PARTIES, nothing),
    // Who owns it, and admins; the customer may change what concerns the contact.
    row(
        "update_ticket",
        Assigned,
        [401, 403, 404, 200, 404, 200],
        |_| json!({ "priority": "high" }),
    ),
    row(
        "set_ticket_status",
        Assigned,
        AGENT_OF_IT,
        |_| json!({ "status": "pending" }),
    ),
    row("withdraw_ticket", Assigned, CUSTOMER_OF_IT, empty),
    row("confirm_ticket", Resolved, CUSTOMER_OF_IT, empty),
    row("reopen_ticket", Closed, CUSTOMER_OF_IT, empty),
    row(
        "assign_ticket",
        Assigned,
        [401, 403, 404, 403, 404, 200],
        |w| json!({ "assignee_id": w.people[4].id }),
    ),
    // All agents see what nobody has.
    row(
        "take_ticket",
        Unassigned,
        [401, 403, 404, 200, 200, 403],
        empty,
    ),
    // Admins manage; conversations are between the customer and the agent.
    row(
        "post_message",
        Assigned,
        [401, 201, 404, 201, 404, 403],
        |_| json!({ "body": "Hello" }),
    ),
    row(
        "mark_ticket_read",
        Assigned,
        [401, 204, 404, 204, 404, 403],
        |_| json!({ "seq": 1 }),
    ),
    row(
        "tell_typing",
        Assigned,
        [401, 204, 404, 204, 404, 403],
        empty,
    ),
    row(
        "give_feedback",
        Resolved,
        CUSTOMER_OF_IT,
        |_| json!({ "outcome_rating": 5 }),
    ),
    row(
        "list_feedback",
        None,
        [401, 403, 403, 200, 200, 200],
        nothing,
    ),
    row("get_dashboard", None, ADMINS, nothing),
];

struct World {
    app: TestApp,
    /// In the order of [`Row::expected`].
    people: [Person; 6],
    service: String,
}

impl World {
    async fn new() -> Self {
        let app = TestApp::with([UNHURRIED, ("CARE_WRITES_PER_MINUTE", "100000")]).await;
        let people = [
            app.anyone(),
            app.customer("Ann"),
            app.customer("Ada"),
            app.agent("Bob"),
            app.agent("Ben"),
            app.admin("Cleo"),
        ];
        let service =
            json!({ "name": "Cards", "description": "Credit and debit cards.", "icon": "card" });
        let service = people[5].post("/services", service).expect(201).await;
        let service = service["id"].as_str().unwrap().to_owned();
        Self {
            app,
            people,
            service,
        }
    }

    async fn ticket(&self, stage: Stage) -> Ticket {
        let [_, ann, _, bob, _, cleo] = &self.people;
        let mut ticket = ann.opens_a_ticket().await;
        if stage >= Assigned {
            ticket = cleo.assigns(&ticket, bob).await;
        }
        if stage >= Resolved {
            ticket = bob.moves(&ticket, "resolved").await;
        }
        if stage >= Closed {
            let path = ticket.path("/confirm");
            ticket = Ticket::of(ann.post(&path, json!({})).expect(200).await);
        }
        ticket
    }

    async fn path(&self, operation: &Operation, stage: Stage) -> String {
        let path = &operation.path;
        if !path.contains("{id}") {
            return path.clone();
        }
        let id = match path.split('/').nth(3).unwrap() {
            "tickets" => self.ticket(stage).await.id,
            "services" => self.service.clone(),
            "customers" => self.people[1].id.to_string(),
            "accounts" => self.people[2].id.to_string(),
            "agents" => self.people[4].id.to_string(),
            // Ann's picture; with her ticket Bob sees her.
            "people" => {
                self.ticket(stage).await;
                let ann = &self.people[1];
                let picture = image::DynamicImage::new_rgb8(1, 1);
                let mut bytes = std::io::Cursor::new(Vec::new());
                picture
                    .write_to(&mut bytes, image::ImageFormat::Png)
                    .unwrap();
                let call = ann.call(reqwest::Method::PUT, "/me/avatar");
                call.body(bytes.into_inner()).expect(200).await;
                ann.id.to_string()
            }
            "me" => self.people[0].id.to_string(),
            other => panic!("whose id is in /{other}/{{id}}?"),
        };
        path.replace("{id}", &id)
    }
}

#[test]
fn the_matrix_covers_every_operation() {
    let rows: Vec<_> = matrix().map(|r| r.operation).collect();
    let rows_set: BTreeSet<_> = rows.iter().copied().collect();
    assert_eq!(rows.len(), rows_set.len(), "an operation has two rows");
    let operations: BTreeSet<_> = OPERATIONS.iter().map(|o| o.id.as_str()).collect();
    let bare: Vec<_> = operations.difference(&rows_set).collect();
    let gone: Vec<_> = rows_set.difference(&operations).collect();
    assert!(
        bare.is_empty() && gone.is_empty(),
        "without a row: {bare:?}; rows of nothing: {gone:?}"
    );
}

/// These end sessions, or depend on there being no other ticket, so they get a world of their own.
const ALONE: &[&str] = &[
    "sign_out",
    "change_password",
    "sign_out_account",
    "start_lockdown",
    "get_avatar",
    "delete_my_account",
];

#[tokio::test]
async fn everybody_gets_what_the_matrix_says() {
    let mut wrong = Vec::new();
    let shared = World::new().await;
    for row in matrix() {
        let Some(operation) = OPERATIONS.iter().find(|o| o.id == row.operation) else {
            continue; // the other test tells
        };
        let got = if ALONE.contains(&row.operation) {
            ask(&World::new().await, row, operation).await
        } else {
            ask(&shared, row, operation).await
        };
        if got != row.expected {
            let Row {
                operation,
                expected,
                ..
            } = row;
            wrong.push(format!("{operation}: expected {expected:?}, got {got:?}"));
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

async fn ask(world: &World, row: &Row, operation: &Operation) -> [u16; 6] {
    let mut got = [0; 6];
    for (n, person) in world.people.iter().enumerate() {
        let path = world.path(operation, row.stage).await;
        let token = person.token.as_deref();
        let call = world.app.api.call(operation.method.clone(), &path, token);
        if operation.id == "open_stream" {
            got[n] = call.open().await.unwrap().status().as_u16();
            continue;
        }
        let body = (row.body)(world);
        let call = if body.is_null() {
            call
        } else {
            call.json(&body)
        };
        let answer = call.send().await;
        got[n] = answer.status;
        // The document's word on tokens is the server's.
        if n == 0 {
            let refused = answer.status == 401 && answer.json()["code"] == "unauthenticated";
            assert_eq!(
                operation.is_protected(),
                refused,
                "{}: security",
                operation.id
            );
        }
    }
    got
}
