//! From the fixture to rows that agree with one another: numbers in the timeline, what was read, what was mailed.

use std::collections::HashMap;

use chrono::{DateTime, Duration, Utc};
use serde_json::{Value, json};
use uuid::Uuid;

use crate::auth::Role;

use super::{
    ACCOUNTS,
    fixture::{Fixture, State, Ticket},
    story::{self, Step, pick},
};

/// The rows of each table, as JSON objects.
#[derive(Default)]
pub struct Rows {
    pub users: Vec<Value>,
    pub services: Vec<Value>,
    /// Oldest first.
    pub tickets: Vec<Value>,
    pub messages: Vec<Value>,
    pub moves: Vec<Value>,
    pub reads: Vec<Value>,
    pub feedback: Vec<Value>,
    pub mails: Vec<Value>,
}

#[derive(Clone)]
struct Person {
    id: Uuid,
    name: String,
    email: String,
}

struct Cast {
    demo_customer: Person,
    customers: Vec<Person>,
    agents: Vec<Person>,
    admin: Person,
}

struct Setting<'a> {
    now: DateTime<Utc>,
    reopen_days: i32,
    domain: &'a str,
}

/// Builds everything, as of `now`.
pub fn build(
    fixture: &Fixture,
    hash: &str,
    now: DateTime<Utc>,
    reopen_days: i32,
    domain: &str,
) -> Rows {
    let setting = Setting {
        now,
        reopen_days,
        domain,
    };
    let mut rows = Rows::default();
    let cast = rows.people(fixture, hash, now);
    let mut services = HashMap::new();
    for (position, service) in fixture.services.iter().enumerate() {
        let (id, at) = (Uuid::now_v7(), now - Duration::days(80));
        services.insert(service.key.as_str(), id);
        rows.services.push(json!({
            "id": id, "name": service.name, "description": service.description, "icon": service.icon,
            "position": position, "created_at": at, "updated_at": at,
        }));
    }
    let mut totals: HashMap<State, usize> = HashMap::new();
    for ticket in &fixture.tickets {
        *totals.entry(ticket.state).or_default() += 1;
    }
    let mut seen: HashMap<State, usize> = HashMap::new();
    for (n, ticket) in fixture.tickets.iter().enumerate() {
        let nth = seen.entry(ticket.state).or_default();
        let place = (*nth, totals.get(&ticket.state).copied().unwrap_or(1));
        *nth += 1;
        rows.ticket(fixture, &setting, &cast, n, ticket, place, &services);
    }
    let created = |row: &Value| {
        row.get("created_at")
            .and_then(Value::as_str)
            .map(str::to_owned)
    };
    rows.tickets.sort_by_key(created);
    rows
}

/// A UUIDv7 of that moment, so that ids sort as what they stand for.
fn id_at(at: DateTime<Utc>) -> Uuid {
    let seconds = u64::try_from(at.timestamp()).unwrap_or_default();
    let at = uuid::Timestamp::from_unix(uuid::NoContext, seconds, at.timestamp_subsec_nanos());
    Uuid::new_v7(at)
}

/// A short plain line, as lists show it.
fn excerpt(text: &str) -> String {
    let plain: String = text.chars().filter(|c| *c != '*').take(120).collect();
    plain.split_whitespace().collect::<Vec<_>>().join(" ")
}

impl Rows {
    fn people(&mut self, fixture: &Fixture, hash: &str, now: DateTime<Utc>) -> Cast {
        let mut add = |name: &str, email: &str, role: Role, hash: Option<&str>, days: i64| {
            let at = now - Duration::days(days);
            let person = Person {
                id: id_at(at),
                name: name.into(),
                email: email.into(),
            };
            self.users.push(json!({
                "id": person.id, "role": role, "name": name, "email": email, "password_hash": hash, "time_zone": "UTC",
                "email_confirmed_at": at, "created_at": at, "updated_at": at,
            }));
            person
        };
        let accounts = ACCOUNTS
            .each_ref()
            .map(|a| add(a.name, a.email, a.role, Some(hash), 75));
        let [demo_customer, first, second, admin] = accounts;
        let customers = fixture.customers.iter().enumerate().map(|(n, name)| {
            let email = format!("{}@example.org", name.to_lowercase().replace(' ', "."));
            let days = i64::try_from(62 + pick(n, 20, 10)).unwrap_or(70);
            add(name, &email, Role::Customer, None, days)
        });
        let customers = customers.collect();
        Cast {
            demo_customer,
            customers,
            agents: vec![first, second],
            admin,
        }
    }

    #[allow(clippy::too_many_arguments)]
    fn ticket(
        &mut self,
        fixture: &Fixture,
        setting: &Setting<'_>,
        cast: &Cast,
        n: usize,
        ticket: &Ticket,
        place: (usize, usize),
        services: &HashMap<&str, Uuid>,
    ) {
        let arcs = fixture.conversations.get(&ticket.service);
        let Some(said) = arcs.and_then(|arcs| arcs.get(ticket.arc)) else {
            return;
        };
        let steps = story::steps(n, ticket, said);
        let times = story::times(setting.now, n, ticket.state, place, steps.len());
        let created = times.first().copied().unwrap_or(setting.now);
        let customer = if ticket.by_demo_customer {
            &cast.demo_customer
        } else {
            cast.customers
                .get(pick(n, 21, cast.customers.len()))
                .unwrap_or(&cast.demo_customer)
        };
        let agent = cast.agents.get(n % 2).unwrap_or(&cast.admin);
        let mut telling = Telling {
            rows: self,
            setting,
            customer,
            agent,
            admin: &cast.admin,
            ticket_id: id_at(created),
            seq: 0,
            read: (0, 0),
            row: json!({
                "kind": ticket.kind, "status": "open", "priority": "normal", "subject": ticket.subject,
                "description": ticket.narrative, "service_id": services.get(ticket.service.as_str()),
                "customer_id": customer.id, "contact_name": customer.name, "contact_email": customer.email,
                "contact_channel": if pick(n, 22, 3) == 0 { "phone" } else { "email" },
                "against": ticket.against, "wanted_outcome": ticket.wanted_outcome, "created_at": created,
            }),
        };
        for (step, at) in steps.iter().zip(times) {
            telling.step(n, step, at);
        }
        telling.end(n, ticket.state);
    }
}

/// One ticket while its story is told.
struct Telling<'a> {
    rows: &'a mut Rows,
    setting: &'a Setting<'a>,
    customer: &'a Person,
    agent: &'a Person,
    admin: &'a Person,
    ticket_id: Uuid,
    seq: i32,
    /// Up to where customer and agent have read.
    read: (i32, i32),
    row: Value,
}

impl Telling<'_> {
    fn set(&mut self, name: &str, value: Value) {
        if let Some(row) = self.row.as_object_mut() {
            row.insert(name.into(), value);
        }
    }

    fn step(&mut self, n: usize, step: &Step<'_>, at: DateTime<Utc>) {
        self.seq += 1;
        self.set("updated_at", json!(at));
        match step {
            Step::Created => {
                self.moved("created", self.customer.id, json!({}), at);
                self.mailed(self.customer, "ticket_created", json!({}), at);
            }
            Step::Assigned => {
                let by = if pick(n, 23, 3) == 0 {
                    self.agent
                } else {
                    self.admin
                };
                let data = json!({ "from": null, "to": self.agent.id, "note": null });
                self.moved("assigned", by.id, data, at);
                self.set("assignee_id", json!(self.agent.id));
                let agent = json!({ "agent": self.agent.name });
                self.mailed(self.customer, "ticket_assigned_customer", agent, at);
                if by.id != self.agent.id {
                    self.mailed(self.agent, "ticket_assigned_agent", json!({}), at);
                }
            }
            Step::Priority(to) => {
                let data = json!({ "from": "normal", "to": to });
                self.moved("priority_changed", self.agent.id, data, at);
                self.set("priority", json!(to));
            }
            Step::Agent(text) => {
                self.said("agent", self.agent.id, text, at);
                if self.row.get("first_reply_at").is_none() {
                    self.set("first_reply_at", json!(at));
                }
            }
            Step::Customer(text) => self.said("customer", self.customer.id, text, at),
            Step::Status(from, to) => self.status(from, to, at),
            Step::Feedback {
                outcome,
                agent,
                comment,
            } => {
                let data = json!({ "outcome_rating": outcome, "agent_rating": agent });
                self.moved("feedback_given", self.customer.id, data, at);
                self.rows.feedback.push(json!({
                    "ticket_id": self.ticket_id, "customer_id": self.customer.id, "agent_id": self.agent.id,
                    "outcome_rating": outcome, "agent_rating": agent, "comment": comment,
                    "created_at": at, "updated_at": at,
                }));
            }
        }
    }

    fn status(&mut self, from: &str, to: &str, at: DateTime<Utc>) {
        let by_customer = matches!(to, "closed" | "withdrawn");
        let actor = if by_customer {
            self.customer
        } else {
            self.agent
        };
        let data = json!({ "from": from, "to": to, "reason": null });
        self.moved("status_changed", actor.id, data, at);
        self.set("status", json!(to));
        let until = at + Duration::days(i64::from(self.setting.reopen_days));
        match to {
            "resolved" => {
                self.set("resolved_at", json!(at));
                self.mailed(self.customer, "ticket_resolved", json!({}), at);
            }
            "closed" | "withdrawn" => {
                self.set("closed_at", json!(at));
                self.set("reopen_until", json!(until));
                if self.row.get("assignee_id").is_some() {
                    self.mailed(self.agent, &format!("ticket_{to}"), json!({}), at);
                }
            }
            _ => {}
        }
    }

    /// Who does something has seen everything before it.
    fn saw(&mut self, who: Uuid) {
        if who == self.customer.id {
            self.read.0 = self.seq;
        } else if who == self.agent.id {
            self.read.1 = self.seq;
        }
    }

    fn moved(&mut self, kind: &str, by: Uuid, data: Value, at: DateTime<Utc>) {
        self.saw(by);
        self.rows.moves.push(json!({
            "ticket_id": self.ticket_id, "seq": self.seq, "kind": kind, "actor_id": by, "data": data, "created_at": at,
        }));
    }

    fn said(&mut self, side: &str, by: Uuid, text: &str, at: DateTime<Utc>) {
        self.saw(by);
        let first_name = |p: &Person| p.name.split(' ').next().unwrap_or_default().to_owned();
        let text = text
            .replace("{customer}", &first_name(self.customer))
            .replace("{agent}", &first_name(self.agent));
        self.rows.messages.push(json!({
            "id": id_at(at), "ticket_id": self.ticket_id, "seq": self.seq, "author_id": by, "side": side,
            "body": text, "created_at": at,
        }));
        self.set("last_message_side", json!(side));
        self.set("last_message_excerpt", json!(excerpt(&text)));
        self.set("last_message_at", json!(at));
    }

    fn mailed(&mut self, to: &Person, template: &str, params: Value, at: DateTime<Utc>) {
        let id = id_at(at);
        self.rows.mails.push(json!({
            "id": id, "message_id": format!("<{}@{}>", id.simple(), self.setting.domain), "user_id": to.id,
            "ticket_id": self.ticket_id, "to_email": to.email, "template": template, "params": params,
            "state": "sent", "created_at": at, "sent_at": at,
        }));
    }

    /// What is over has been read by both; of what runs, every third waits to be read by the other side, and what the demo's
    /// own customer has open does.
    fn end(mut self, n: usize, state: State) {
        let over = !matches!(state, State::New | State::Open | State::Pending);
        let shown = state == State::Open && self.customer.email == ACCOUNTS[0].email;
        if over || (pick(n, 24, 3) > 0 && !shown) {
            self.read = (self.seq, self.seq);
        }
        self.set("id", json!(self.ticket_id));
        self.set("last_seq", json!(self.seq));
        self.set("version", json!(self.seq));
        let at = self.row.get("updated_at").cloned().unwrap_or_default();
        let assigned = self.row.get("assignee_id").is_some();
        let (by_customer, by_agent) = self.read;
        let readers = [
            (self.customer, by_customer, true),
            (self.agent, by_agent, assigned),
        ];
        for (person, seq, takes_part) in readers {
            if takes_part && seq > 0 {
                self.rows.reads.push(json!({
                    "ticket_id": self.ticket_id, "user_id": person.id, "seq": seq, "read_at": at,
                }));
            }
        }
        self.rows.tickets.push(self.row);
    }
}
