//! What happens to security questions.

use serde_json::json;

use crate::{
    auth::{self, Actor},
    db::{Tx, ids::UserId},
    events::{self, Event, EventKind},
    http::Origin,
    people,
    problem::Problem,
};

use super::{model::Question, queries};

type Conn = diesel::PgConnection;

pub fn list(conn: &mut Conn, user: UserId) -> Result<Vec<Question>, Problem> {
    Ok(queries::list(conn, user)?)
}

/// These instead of those before; none at all is a choice, too. The caller has proven the password.
pub fn set(tx: &mut Tx<'_>, actor: &Actor, questions: &[Question]) -> Result<(), Problem> {
    auth::lock_user(tx, actor.id)?.ok_or_else(Problem::unauthenticated)?;
    queries::replace(tx, actor.id, questions)?;
    tell(tx, &actor.origin, actor.id, questions.len())
}

/// For who has forgotten the answers: an admin, who has made sure who asks, takes the questions away.
pub fn clear(tx: &mut Tx<'_>, admin: &Actor, id: UserId) -> Result<(), Problem> {
    let person = people::lock_user(tx, id)?
        .filter(|person| admin.is_admin() && !person.is_anonymised())
        .ok_or_else(Problem::not_found)?;
    if !queries::list(tx, person.id)?.is_empty() {
        queries::replace(tx, person.id, &[])?;
        tell(tx, &admin.origin, person.id, 0)?;
    }
    auth::forget(tx, super::ask::GUESSES, &id.to_string())
}

fn tell(tx: &mut Tx<'_>, origin: &Origin, user: UserId, count: usize) -> Result<(), Problem> {
    let data = json!({ "questions": count });
    let event = Event::about_user(EventKind::SecurityQuestionsChanged, user, data);
    events::emit(tx, origin, event).map(drop)
}
