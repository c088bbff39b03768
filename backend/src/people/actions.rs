//! What happens to people: profiles change, agents are invited, switched off and on.

use serde_json::json;

use crate::{
    accounts,
    auth::{self, Actor, Purpose, Role},
    config::Auth,
    db::{Tx, ids::UserId},
    events::{self, Event, EventKind},
    http::{Cursor, IfMatch, Page},
    problem::Problem,
};

use super::{
    model::{AgentRow, CustomerRow, ProfileChanges, User},
    policy::{self, Action},
    queries,
    wire::{self, AgentChanges, PeopleFilter},
};

type Conn = diesel::PgConnection;

/// A person of this role by id, if the actor may do that: 404 when they may not even know, 403 when they may not do it.
fn load(
    conn: &mut Conn,
    actor: &Actor,
    id: UserId,
    role: Role,
    action: Action,
) -> Result<User, Problem> {
    let found = if action == Action::See {
        queries::find_user(conn, id)?
    } else {
        queries::lock_user(conn, id)?
    };
    let person = found
        .filter(|person| person.role == role && !person.is_anonymised())
        .filter(|person| policy::sees(actor, person.role))
        .ok_or_else(Problem::not_found)?;
    if policy::allows(actor, action, person.role) {
        Ok(person)
    } else {
        Err(Problem::forbidden("You cannot do this to this person."))
    }
}

pub fn me(conn: &mut Conn, actor: &Actor) -> Result<User, Problem> {
    queries::find_user(conn, actor.id)?.ok_or_else(Problem::unauthenticated)
}

pub fn change_me(
    tx: &mut Tx<'_>,
    actor: &Actor,
    if_match: IfMatch,
    changes: &ProfileChanges,
) -> Result<User, Problem> {
    let user = queries::lock_user(tx, actor.id)?.ok_or_else(Problem::unauthenticated)?;
    if_match.check(user.version)?;
    if changes.fields().is_empty() {
        return Ok(user);
    }
    if let Some(zone) = &changes.time_zone
        && *zone != user.time_zone
        && !queries::is_time_zone(tx, zone)?
    {
        return Err(wire::unknown_time_zone());
    }
    let user = queries::change_profile(tx, actor.id, changes)?;
    let data = json!({ "fields": changes.fields() });
    events::emit(
        tx,
        &actor.origin,
        Event::about_user(EventKind::ProfileChanged, actor.id, data),
    )?;
    Ok(user)
}

pub fn customers(
    conn: &mut Conn,
    filter: &PeopleFilter,
) -> Result<Page<wire::CustomerRow>, Problem> {
    let people = list(conn, Role::Customer, filter)?;
    let rows = queries::count_customers(conn, people)?;
    Ok(Page::of(
        rows,
        filter.limit,
        |row| position(&row.user),
        wire::CustomerRow::from,
    ))
}

pub fn customer(conn: &mut Conn, actor: &Actor, id: UserId) -> Result<CustomerRow, Problem> {
    let person = load(conn, actor, id, Role::Customer, Action::See)?;
    one(queries::count_customers(conn, vec![person])?)
}

pub fn agents(conn: &mut Conn, filter: &PeopleFilter) -> Result<Page<wire::AgentRow>, Problem> {
    let people = list(conn, Role::Agent, filter)?;
    let rows = queries::count_agents(conn, people)?;
    Ok(Page::of(
        rows,
        filter.limit,
        |row| position(&row.user),
        wire::AgentRow::from,
    ))
}

fn list(conn: &mut Conn, role: Role, filter: &PeopleFilter) -> Result<Vec<User>, Problem> {
    let q = filter.q.as_deref();
    Ok(queries::list_users(
        conn,
        Some(role),
        q,
        filter.cursor,
        filter.limit,
    )?)
}

fn position(user: &User) -> Cursor {
    Cursor {
        at: user.created_at,
        id: user.id.0,
    }
}

fn one<T>(rows: Vec<T>) -> Result<T, Problem> {
    rows.into_iter().next().ok_or_else(Problem::not_found)
}

pub fn agent(conn: &mut Conn, actor: &Actor, id: UserId) -> Result<AgentRow, Problem> {
    let person = load(conn, actor, id, Role::Agent, Action::See)?;
    one(queries::count_agents(conn, vec![person])?)
}

/// Makes the account and invites its owner by mail.
pub fn invite(
    tx: &mut Tx<'_>,
    auth: &Auth,
    actor: &Actor,
    name: &str,
    email: &str,
) -> Result<AgentRow, Problem> {
    let Some(id) = queries::insert_agent(tx, name, email, actor.origin.locale)? else {
        return Err(Problem::taken(
            "/email",
            "Someone already uses this email address.",
        ));
    };
    // Of a registration that was taken over.
    auth::revoke_everything(tx, id)?;
    send_invitation(tx, auth, actor, id, false)?;
    agent(tx, actor, id)
}

/// Invites again; the mail before no longer works.
pub fn invite_again(
    tx: &mut Tx<'_>,
    auth: &Auth,
    actor: &Actor,
    id: UserId,
) -> Result<(), Problem> {
    let person = load(tx, actor, id, Role::Agent, Action::Invite)?;
    if person.is_confirmed() {
        return Err(Problem::conflict("This agent has joined already."));
    }
    if person.is_disabled() {
        return Err(Problem::conflict(
            "This agent is disabled. Enable the account first.",
        ));
    }
    send_invitation(tx, auth, actor, id, true)
}

fn send_invitation(
    tx: &mut Tx<'_>,
    auth: &Auth,
    actor: &Actor,
    id: UserId,
    again: bool,
) -> Result<(), Problem> {
    auth::codes::issue(tx, auth, &actor.origin, id, Purpose::Invitation)?;
    let data = json!({ "again": again });
    events::emit(
        tx,
        &actor.origin,
        Event::about_user(EventKind::AgentInvited, id, data),
    )?;
    Ok(())
}

/// Renames an agent, switches the account off or on. Tickets stay assigned and are counted, so that an admin can hand
/// them over.
pub fn change_agent(
    tx: &mut Tx<'_>,
    actor: &Actor,
    if_match: IfMatch,
    id: UserId,
    changes: &AgentChanges,
) -> Result<AgentRow, Problem> {
    let person = load(tx, actor, id, Role::Agent, Action::Change)?;
    if_match.check(person.version)?;
    if let Some(name) = changes.name.clone().filter(|name| *name != person.name) {
        let rename = ProfileChanges {
            name: Some(name),
            ..ProfileChanges::default()
        };
        queries::change_profile(tx, id, &rename)?;
        let data = json!({ "fields": rename.fields() });
        events::emit(
            tx,
            &actor.origin,
            Event::about_user(EventKind::ProfileChanged, id, data),
        )?;
    }
    if let Some(disabled) = changes.disabled {
        accounts::set_disabled(tx, actor, &person, disabled)?;
    }
    agent(tx, actor, id)
}
