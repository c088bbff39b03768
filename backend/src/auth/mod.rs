//! Who is asking. [`Actor`] is a person with a live session; the typed extractors add the role.
//!
//! Invariant: the role, and whether the account and session still hold, are read from the database at every request.

mod actions;
pub mod codes;
mod external;
pub mod limits;
mod model;
mod pace;
pub mod password;
mod queries;
mod routes;
mod rules;
pub mod secrets;
mod session;
pub mod token;
mod transport;
mod wire;

use std::ops::Deref;

use actix_web::{FromRequest, HttpRequest, dev::Payload, http::header, web};
use diesel::prelude::*;
use futures_util::future::LocalBoxFuture;

use crate::{
    app::App,
    db::{
        ids::{SessionId, UserId},
        schema::{sessions, users},
    },
    http::{Origin, extract::Deciding},
    problem::{Code as ProblemCode, Problem},
    profile::avatar,
    text_enum,
};

pub use actions::{claim as claim_code, forgive, judge as judge_code, revoke_everything};
pub use codes::Proof;
pub use external::{ask_password_again, ask_to_prove, claim_address, keep_only};
pub use limits::{forget, knock, spend};
pub use model::{Code, Ended, Opened, Purpose};
pub use pace::write_on_the_beat;
pub use queries::{Which, end_sessions, lock_user, void_codes};
pub use routes::routes;
pub use rules::check_all as check_password;
pub use session::start as start_session;
pub use transport::{Browser, SessionAnswer, trip_cookie};
pub use wire::{Sent, Session, SessionBy, digits as check_digits, token as check_token};

text_enum! {
    /// What a person is here. Everyone who signs up is a customer; admins invite agents; the first admin is made on the
    /// server's command line.
    pub enum Role { Customer = "customer", Agent = "agent", Admin = "admin" }
}

/// A signed-in person making a request.
#[derive(Debug, Clone)]
pub struct Actor {
    pub id: UserId,
    pub role: Role,
    pub name: String,
    /// The tag of the picture.
    pub avatar: Option<String>,
    pub session_id: SessionId,
    pub origin: Origin,
}

impl Actor {
    pub fn is_admin(&self) -> bool {
        self.role == Role::Admin
    }

    /// Where the picture is.
    pub fn avatar(&self) -> Option<String> {
        avatar::address(self.id, self.avatar.as_deref())
    }
}

/// An [`Actor`] who may still have to set up a second factor: for the few things that go on until then.
#[derive(Debug, Clone)]
pub struct SignedIn {
    actor: Actor,
    second_factor_due: bool,
}

impl Deref for SignedIn {
    type Target = Actor;
    fn deref(&self) -> &Actor {
        &self.actor
    }
}

impl FromRequest for Actor {
    type Error = Problem;
    type Future = LocalBoxFuture<'static, Result<Self, Problem>>;

    fn from_request(req: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let signed_in = SignedIn::from_request(req, payload);
        // Whoever waits to be told who is asking waits for this answer, too.
        let deciding = Deciding::begin(req);
        Box::pin(async move {
            let _until_known = deciding;
            let signed_in = signed_in.await?;
            if signed_in.second_factor_due {
                return Err(Problem::new(
                    ProblemCode::SecondFactorDue,
                    "Your role needs a second factor. Set it up first, at /me/second-factor/begin.",
                ));
            }
            Ok(signed_in.actor)
        })
    }
}

impl FromRequest for SignedIn {
    type Error = Problem;
    type Future = LocalBoxFuture<'static, Result<Self, Problem>>;

    fn from_request(req: &HttpRequest, _: &mut Payload) -> Self::Future {
        let app = req.app_data::<web::Data<App>>().cloned();
        let token = bearer(req);
        let writes = !req.method().is_safe();
        let mut origin = Origin::of(req);
        let deciding = Deciding::begin(req);
        Box::pin(async move {
            let _until_known = deciding;
            let app = app.ok_or_else(|| Problem::internal("the app state is missing"))?;
            let claims = token
                .and_then(|t| app.tokens.check(&t))
                .ok_or_else(Problem::unauthenticated)?;
            let found = app
                .db
                .read(move |conn| Ok(find_live_session(conn, claims.sid, claims.sub)?))
                .await?
                .ok_or_else(Problem::unauthenticated)?;
            if writes {
                app.writes.take(claims.sub)?;
            }
            origin.actor_id = Some(claims.sub);
            let (role, name, avatar, second_factor_due) = found;
            let actor = Actor {
                id: claims.sub,
                role,
                name,
                avatar,
                session_id: claims.sid,
                origin,
            };
            Ok(Self {
                actor,
                second_factor_due,
            })
        })
    }
}

/// Role, name, tag of the picture, whether a second factor is due.
type Found = (Role, String, Option<String>, bool);

/// The role, name and tag of the picture behind a session that holds (not revoked, not expired, its owner not disabled),
/// and whether a second factor has to be set up first.
fn find_live_session(
    conn: &mut PgConnection,
    sid: SessionId,
    user: UserId,
) -> QueryResult<Option<Found>> {
    sessions::table
        .inner_join(users::table)
        .filter(sessions::id.eq(sid))
        .filter(sessions::user_id.eq(user))
        .filter(sessions::revoked_at.is_null())
        .filter(sessions::expires_at.gt(diesel::dsl::now))
        .filter(users::disabled_at.is_null())
        .select((
            users::role,
            users::name,
            users::avatar,
            sessions::second_factor_due,
        ))
        .first(conn)
        .optional()
}

/// The token of the `Authorization` header.
pub fn bearer(req: &HttpRequest) -> Option<String> {
    let value = req.headers().get(header::AUTHORIZATION)?.to_str().ok()?;
    let (scheme, token) = value.split_once(' ')?;
    scheme
        .eq_ignore_ascii_case("bearer")
        .then(|| token.trim().to_owned())
}

/// An [`Actor`] when a token was sent; a bad token is still refused.
pub struct MaybeActor(pub Option<Actor>);

impl FromRequest for MaybeActor {
    type Error = Problem;
    type Future = LocalBoxFuture<'static, Result<Self, Problem>>;

    fn from_request(req: &HttpRequest, payload: &mut Payload) -> Self::Future {
        if !req.headers().contains_key(header::AUTHORIZATION) {
            return Box::pin(async { Ok(Self(None)) });
        }
        let actor = Actor::from_request(req, payload);
        Box::pin(async move { actor.await.map(|actor| Self(Some(actor))) })
    }
}

macro_rules! role_extractors {
    ($($(#[$doc:meta])* $name:ident: $($role:ident)|+ => $detail:literal),* $(,)?) => {$(
        $(#[$doc])*
        #[derive(Debug, Clone)]
        pub struct $name(pub Actor);

        impl Deref for $name {
            type Target = Actor;
            fn deref(&self) -> &Actor { &self.0 }
        }
        impl FromRequest for $name {
            type Error = Problem;
            type Future = LocalBoxFuture<'static, Result<Self, Problem>>;
            fn from_request(req: &HttpRequest, payload: &mut Payload) -> Self::Future {
                let actor = Actor::from_request(req, payload);
                Box::pin(async move {
                    let actor = actor.await?;
                    if matches!(actor.role, $(Role::$role)|+) { Ok(Self(actor)) } else { Err(Problem::forbidden($detail)) }
                })
            }
        }
    )*};
}

role_extractors! {
    /// Someone signed in as a customer.
    CurrentCustomer: Customer => "Only customers can do this.",
    /// Someone signed in as an agent.
    CurrentAgent: Agent => "Only agents can do this.",
    /// Someone signed in as an admin.
    CurrentAdmin: Admin => "Only admins can do this.",
    /// An agent or an admin.
    CurrentStaff: Agent | Admin => "Only agents and admins can do this.",
}
