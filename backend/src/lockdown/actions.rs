//! Turning the switch.

use diesel::PgConnection;
use serde_json::json;

use crate::{
    db::{Tx, ids::SessionId},
    events::{self, Event, EventKind},
    http::Origin,
    problem::Problem,
};

use super::{model::Lockdown, queries};

/// Refuses a session that has just been written while a lockdown is on.
pub fn refuse(tx: &mut Tx<'_>) -> Result<(), Problem> {
    match queries::since(tx)? {
        Some(_) => Err(Problem::lockdown()),
        None => Ok(()),
    }
}

/// The lockdown that is on, with who started it.
pub fn show(conn: &mut PgConnection) -> Result<Option<(Lockdown, Option<String>)>, Problem> {
    Ok(queries::find(conn)?)
}

/// Starts it; the caller's session goes on.
pub fn start(
    tx: &mut Tx<'_>,
    origin: &Origin,
    caller: Option<SessionId>,
    reason: &str,
) -> Result<(), Problem> {
    if !queries::start(tx, reason, origin.actor_id)? {
        return Err(Problem::conflict("There is a lockdown already."));
    }
    let ended = queries::end_sessions(tx, caller)?;
    let data = json!({ "reason": reason, "sessions": ended });
    tell(tx, origin, EventKind::LockdownStarted, data)
}

/// Ends it. Sessions that it ended stay so.
pub fn end(tx: &mut Tx<'_>, origin: &Origin, reason: &str) -> Result<(), Problem> {
    if !queries::end(tx, origin.actor_id)? {
        return Err(Problem::conflict("There is no lockdown."));
    }
    let data = json!({ "reason": reason });
    tell(tx, origin, EventKind::LockdownEnded, data)
}

fn tell(
    tx: &mut Tx<'_>,
    origin: &Origin,
    kind: EventKind,
    data: serde_json::Value,
) -> Result<(), Problem> {
    events::emit(tx, origin, Event::about_nobody(kind, data)).map(drop)
}
