//! The people of a test: `ann.post(…)`, and what they usually do, as sentences.

use std::sync::{Arc, OnceLock};

use care::{
    auth::token::Tokens,
    db::ids::{SessionId, UserId},
};
use diesel::{
    PgConnection, QueryResult, RunQueryDsl,
    sql_types::{Text, Uuid},
};
use reqwest::Method;
use serde_json::{Value, json};

use super::{Api, Call};

/// Everybody's password.
pub const PASSWORD: &str = "correct horse battery";

/// Somebody who sends requests.
#[derive(Clone)]
pub struct Person {
    pub id: UserId,
    pub name: String,
    pub email: String,
    pub token: Option<String>,
    api: Arc<Api>,
}

impl Person {
    pub fn nobody(api: &Arc<Api>) -> Self {
        Self {
            id: UserId(uuid::Uuid::nil()),
            name: "nobody".into(),
            email: String::new(),
            token: None,
            api: api.clone(),
        }
    }

    /// A confirmed account with a session, written directly: signing in is the business of the `auth` tests.
    pub fn signed_in(
        conn: &mut PgConnection,
        tokens: &Tokens,
        api: &Arc<Api>,
        name: &str,
        role: &str,
    ) -> QueryResult<Self> {
        static HASH: OnceLock<String> = OnceLock::new();
        let hash = HASH.get_or_init(|| bcrypt::hash(PASSWORD, 4).unwrap());
        let email = format!("{}@example.org", name.to_lowercase().replace(' ', "."));
        let (id, session) = (UserId::new(), SessionId::new());
        diesel::sql_query(
            "INSERT INTO users (id, role, name, email, email_confirmed_at, password_hash)
             VALUES ($1, $2, $3, $4, now(), $5)",
        )
        .bind::<Uuid, _>(id.0)
        .bind::<Text, _>(role)
        .bind::<Text, _>(name)
        .bind::<Text, _>(&email)
        .bind::<Text, _>(hash)
        .execute(conn)?;
        diesel::sql_query(
            "INSERT INTO sessions (id, user_id, salt, expires_at) VALUES ($1, $2, '\\x00', now() + interval '1 day')",
        )
        .bind::<Uuid, _>(session.0)
        .bind::<Uuid, _>(id.0)
        .execute(conn)?;
        Ok(Self {
            token: Some(tokens.issue(id, session).unwrap().0),
            id,
            name: name.into(),
            email,
            api: api.clone(),
        })
    }

    /// The same person, speaking to another server.
    pub fn at(&self, api: &Arc<Api>) -> Self {
        Self {
            api: api.clone(),
            ..self.clone()
        }
    }

    /// A request to `/api/v1{path}` with this person's token.
    pub fn call(&self, method: Method, path: &str) -> Call<'_> {
        let path = format!("/api/v1{path}");
        self.api.call(method, &path, self.token.as_deref())
    }

    pub fn get(&self, path: &str) -> Call<'_> {
        self.call(Method::GET, path)
    }

    pub fn post(&self, path: &str, body: Value) -> Call<'_> {
        self.call(Method::POST, path).json(&body)
    }

    pub fn put(&self, path: &str, body: Value) -> Call<'_> {
        self.call(Method::PUT, path).json(&body)
    }

    pub fn patch(&self, path: &str, body: Value) -> Call<'_> {
        self.call(Method::PATCH, path).json(&body)
    }

    /// What this person would put into the form.
    pub fn new_ticket(&self) -> Value {
        json!({
            "kind": "complaint",
            "subject": "Charged twice for one transfer",
            "description": "The transfer of **2 March** was charged twice.",
            "contact": { "name": self.name, "email": self.email, "preferred_channel": "email" },
        })
    }

    pub async fn opens_a_ticket(&self) -> Ticket {
        Ticket::of(self.post("/tickets", self.new_ticket()).expect(201).await)
    }

    pub async fn assigns(&self, ticket: &Ticket, agent: &Person) -> Ticket {
        let body = json!({ "assignee_id": agent.id });
        Ticket::of(self.post(&ticket.path("/assign"), body).expect(200).await)
    }

    pub async fn takes(&self, ticket: &Ticket) -> Ticket {
        Ticket::of(
            self.post(&ticket.path("/take"), json!({}))
                .expect(200)
                .await,
        )
    }

    /// Writes a message; the timeline's entry.
    pub async fn says(&self, ticket: &Ticket, text: &str) -> Value {
        let path = ticket.path("/messages");
        self.post(&path, json!({ "body": text })).expect(201).await
    }

    /// Sets the status, as the agent.
    pub async fn moves(&self, ticket: &Ticket, status: &str) -> Ticket {
        let body = json!({ "status": status });
        Ticket::of(self.post(&ticket.path("/status"), body).expect(200).await)
    }

    pub async fn sees(&self, ticket: &Ticket) -> Ticket {
        Ticket::of(self.get(&ticket.path("")).expect(200).await)
    }
}

/// A ticket as one of its people saw it.
#[derive(Debug, Clone)]
pub struct Ticket {
    pub id: String,
    pub number: String,
    pub version: i64,
    pub json: Value,
}

impl Ticket {
    pub fn of(json: Value) -> Self {
        let word = |name: &str| json[name].as_str().unwrap().to_owned();
        Self {
            id: word("id"),
            number: word("number"),
            version: json["version"].as_i64().unwrap(),
            json,
        }
    }

    /// `/tickets/{id}{rest}`
    pub fn path(&self, rest: &str) -> String {
        format!("/tickets/{}{rest}", self.id)
    }

    pub fn status(&self) -> &str {
        self.json["status"].as_str().unwrap()
    }
}
