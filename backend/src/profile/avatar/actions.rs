//! What happens to pictures.

use serde_json::json;
use sha2::{Digest, Sha256};

use crate::{
    auth::{self, Actor},
    db::{Tx, ids::UserId},
    events::{self, Event, EventKind},
    people::User,
    problem::Problem,
};

use super::{
    policy::{self, Sees},
    queries,
};

type Conn = diesel::PgConnection;

/// A picture and its tag.
pub struct Avatar {
    pub tag: String,
    pub bytes: Vec<u8>,
}

/// The person's picture, when there is one and the actor sees the person; else 404.
pub fn show(conn: &mut Conn, actor: &Actor, id: UserId) -> Result<Avatar, Problem> {
    let found = queries::find(conn, id)?;
    let (role, tag, bytes) = found.ok_or_else(Problem::not_found)?;
    let may = match policy::sees(actor, id, role) {
        Some(Sees::Always) => true,
        Some(Sees::AsTheirAgent) => queries::sees_ticket_of(conn, actor, id)?,
        Some(Sees::AsTheirCustomer) => queries::worked_for(conn, id, actor.id)?,
        None => false,
    };
    match tag {
        Some(tag) if may => Ok(Avatar { tag, bytes }),
        _ => Err(Problem::not_found()),
    }
}

pub fn set(tx: &mut Tx<'_>, actor: &Actor, bytes: &[u8]) -> Result<User, Problem> {
    auth::lock_user(tx, actor.id)?.ok_or_else(Problem::unauthenticated)?;
    let hash = Sha256::digest(bytes);
    let tag: String = hash.iter().take(16).map(|b| format!("{b:02x}")).collect();
    let user = queries::save(tx, actor.id, &tag, bytes)?;
    tell(tx, actor)?;
    Ok(user)
}

/// Nothing happens when there is none.
pub fn remove(tx: &mut Tx<'_>, actor: &Actor) -> Result<(), Problem> {
    let user = auth::lock_user(tx, actor.id)?.ok_or_else(Problem::unauthenticated)?;
    if user.avatar.is_some() {
        queries::delete(tx, actor.id)?;
        tell(tx, actor)?;
    }
    Ok(())
}

fn tell(tx: &mut Tx<'_>, actor: &Actor) -> Result<(), Problem> {
    let data = json!({ "fields": ["avatar"] });
    let event = Event::about_user(EventKind::ProfileChanged, actor.id, data);
    events::emit(tx, &actor.origin, event).map(drop)
}
