//! What happens when somebody wants their data, or to be forgotten.

use std::time::Duration;

use serde_json::json;
use uuid::Uuid;

use crate::{
    accounts,
    auth::{self, Actor, Role},
    db::{Tx, ids::UserId},
    events::{self, Event, EventKind},
    http::Origin,
    jobs::{self, NewJob},
    problem::Problem,
};

use super::{model::Export, queries, wire::Deletion};

type Conn = diesel::PgConnection;

/// Exports are work: so many in a day.
const PER_DAY: (i32, Duration) = (5, Duration::from_secs(86_400));

pub fn export(conn: &mut Conn, actor: &Actor) -> Result<Option<Export>, Problem> {
    Ok(queries::find_export(conn, actor.id)?)
}

/// Has a copy of everything prepared. The caller has proven the password.
pub fn ask_for_export(tx: &mut Tx<'_>, actor: &Actor) -> Result<Option<Export>, Problem> {
    auth::spend(tx, "exports", &actor.id.to_string(), PER_DAY)?;
    let request = Uuid::now_v7();
    if !queries::begin_export(tx, actor.id, request)? {
        return Err(Problem::conflict(
            "Your data is being prepared already. A mail will tell when it is ready.",
        ));
    }
    let payload = json!({ "user_id": actor.id, "request": request });
    let job = NewJob {
        max_attempts: 3,
        ..NewJob::now("export", payload)
    };
    jobs::enqueue(tx, job)?;
    let event = Event::about_user(EventKind::ExportAsked, actor.id, json!({}));
    events::emit(tx, &actor.origin, event)?;
    export(tx, actor)
}

pub fn download(conn: &mut Conn, actor: &Actor) -> Result<Vec<u8>, Problem> {
    queries::find_bytes(conn, actor.id)?.ok_or_else(Problem::not_found)
}

pub fn drop_export(tx: &mut Tx<'_>, actor: &Actor) -> Result<(), Problem> {
    Ok(queries::delete_export(tx, actor.id)?)
}

pub fn deletion(conn: &mut Conn, actor: &Actor, grace: Duration) -> Result<Deletion, Problem> {
    Ok(Deletion {
        due_at: queries::find_due(conn, actor.id)?,
        grace_days: grace.as_secs() / 86_400,
        open_tickets: queries::count_open(conn, actor.id)?,
        only_admin: actor.role == Role::Admin && accounts::other_admins(conn, actor.id)? == 0,
    })
}

/// The account will be deleted after the grace. The caller has proven the password. Asking again changes nothing.
pub fn ask_for_deletion(
    tx: &mut Tx<'_>,
    actor: &Actor,
    grace: Duration,
) -> Result<Deletion, Problem> {
    let me = auth::lock_user(tx, actor.id)?.ok_or_else(Problem::unauthenticated)?;
    if me.deletion_due_at.is_some() {
        return deletion(tx, actor, grace);
    }
    let open = queries::count_open(tx, me.id)?;
    if open > 0 {
        return Err(Problem::conflict(format!(
            "You still have {open} open tickets. Hand them over first."
        )));
    }
    if me.role == Role::Admin && accounts::count_other_admins(tx, me.id)? == 0 {
        return Err(Problem::conflict(
            "You are the only active admin. Make another one first.",
        ));
    }
    let due = queries::set_due(tx, me.id, grace)?;
    let job = NewJob {
        delay: grace,
        ..NewJob::now("forget", json!({ "user_id": me.id }))
    };
    jobs::enqueue(tx, job)?;
    let event = Event::about_user(EventKind::DeletionAsked, me.id, json!({ "due_at": due }));
    events::emit(tx, &actor.origin, event)?;
    deletion(tx, actor, grace)
}

/// It is not deleted after all. Nothing happens when nobody asked for it.
pub fn undo_deletion(tx: &mut Tx<'_>, actor: &Actor) -> Result<(), Problem> {
    auth::lock_user(tx, actor.id)?.ok_or_else(Problem::unauthenticated)?;
    keep(tx, &actor.origin, actor.id)
}

/// The person's account is not deleted after all. The caller holds the row lock.
pub fn keep(tx: &mut Tx<'_>, origin: &Origin, user: UserId) -> Result<(), Problem> {
    if queries::clear_due(tx, user)? {
        let event = Event::about_user(EventKind::DeletionUndone, user, json!({}));
        events::emit(tx, origin, event)?;
    }
    Ok(())
}
