//! What admins do with accounts. Each act is one event, with who did it and from where.

use diesel::PgConnection;
use serde_json::json;

use crate::{
    auth::{self, Actor, Ended, Role, Which},
    config::Auth,
    db::{Tx, ids::UserId},
    events::{self, Event, EventKind},
    http::{Cursor, IfMatch, Page},
    people::{self, User},
    problem::Problem,
    second_factor,
};

use super::{
    model::Account,
    queries,
    wire::{AccountFilter, AccountView},
};

/// An account by id, locked when it shall change. Admins may do everything here; for others there is none.
fn load(
    conn: &mut PgConnection,
    actor: &Actor,
    id: UserId,
    to_change: bool,
) -> Result<User, Problem> {
    let found = if to_change {
        people::lock_user(conn, id)?
    } else {
        people::find_user(conn, id)?
    };
    found
        .filter(|person| actor.is_admin() && !person.is_anonymised())
        .ok_or_else(Problem::not_found)
}

/// What locks an account: failures, within a window.
fn lock(auth: &Auth) -> (i32, std::time::Duration) {
    (auth.sign_in_attempts, auth.sign_in_window)
}

fn describe(conn: &mut PgConnection, auth: &Auth, user: User) -> Result<Account, Problem> {
    let described = queries::describe(conn, lock(auth), vec![user])?;
    described.into_iter().next().ok_or_else(Problem::not_found)
}

pub fn list(
    conn: &mut PgConnection,
    auth: &Auth,
    filter: &AccountFilter,
) -> Result<Page<AccountView>, Problem> {
    let q = filter.q.as_deref();
    let users = people::list_users(conn, filter.role, q, filter.cursor, filter.limit)?;
    let accounts = queries::describe(conn, lock(auth), users)?;
    Ok(Page::of(
        accounts,
        filter.limit,
        |account| Cursor {
            at: account.user.created_at,
            id: account.user.id.0,
        },
        AccountView::from,
    ))
}

pub fn show(
    conn: &mut PgConnection,
    auth: &Auth,
    actor: &Actor,
    id: UserId,
) -> Result<Account, Problem> {
    let user = load(conn, actor, id, false)?;
    describe(conn, auth, user)
}

/// Switches the account off or on.
pub fn change(
    tx: &mut Tx<'_>,
    auth: &Auth,
    actor: &Actor,
    if_match: IfMatch,
    (id, disabled): (UserId, Option<bool>),
) -> Result<Account, Problem> {
    let user = load(tx, actor, id, true)?;
    if_match.check(user.version)?;
    if let Some(disabled) = disabled {
        set_disabled(tx, actor, &user, disabled)?;
    }
    show(tx, auth, actor, id)
}

/// Off means: sessions and codes die with the same commit, nobody signs in, no mail is sent. Nothing when it is so already.
/// The caller holds the person's row lock and has asked whether the actor may.
pub fn set_disabled(
    tx: &mut Tx<'_>,
    actor: &Actor,
    person: &User,
    disabled: bool,
) -> Result<(), Problem> {
    if person.is_disabled() == disabled {
        return Ok(());
    }
    if disabled && person.role == Role::Admin && queries::count_other_admins(tx, person.id)? == 0 {
        return Err(Problem::conflict(
            "This is the only active admin. Make another one first.",
        ));
    }
    people::set_disabled(tx, person.id, disabled)?;
    let kind = if disabled {
        auth::revoke_everything(tx, person.id)?;
        EventKind::UserDisabled
    } else {
        EventKind::UserEnabled
    };
    tell(tx, actor, kind, person.id, json!({}))
}

/// Forgets failed sign-ins and wrong codes.
pub fn unlock(tx: &mut Tx<'_>, actor: &Actor, id: UserId) -> Result<(), Problem> {
    let user = load(tx, actor, id, true)?;
    auth::forgive(tx, user.id)?;
    tell(tx, actor, EventKind::UserUnlocked, user.id, json!({}))
}

/// Ends all sessions of the account, but not the one that asks for it.
pub fn sign_out(tx: &mut Tx<'_>, actor: &Actor, id: UserId) -> Result<(), Problem> {
    let user = load(tx, actor, id, true)?;
    let which = Which::AllBut(actor.session_id);
    let ended = auth::end_sessions(tx, user.id, which, Ended::Revoked)?;
    let data = json!({ "session_id": null, "sessions": ended });
    tell(tx, actor, EventKind::SessionsRevoked, user.id, data)
}

/// From now on the password alone signs nobody in: whoever types it is mailed a code to choose a new one.
pub fn require_password_change(tx: &mut Tx<'_>, actor: &Actor, id: UserId) -> Result<(), Problem> {
    let user = load(tx, actor, id, true)?;
    if user.password_hash.is_none() {
        return Err(Problem::conflict("This account has no password."));
    }
    if queries::require_password_change(tx, user.id)? {
        tell(
            tx,
            actor,
            EventKind::PasswordChangeRequired,
            user.id,
            json!({}),
        )?;
    }
    Ok(())
}

/// For somebody who lost app and recovery codes. Their own is turned off in the profile, with proof.
pub fn remove_second_factor(tx: &mut Tx<'_>, actor: &Actor, id: UserId) -> Result<(), Problem> {
    let user = load(tx, actor, id, true)?;
    if user.id == actor.id {
        return Err(Problem::conflict(
            "Turn your own second factor off in your profile.",
        ));
    }
    match second_factor::remove(tx, &actor.origin, user.id)? {
        true => Ok(()),
        false => Err(Problem::conflict("This account has no second factor.")),
    }
}

fn tell(
    tx: &mut Tx<'_>,
    actor: &Actor,
    kind: EventKind,
    id: UserId,
    data: serde_json::Value,
) -> Result<(), Problem> {
    events::emit(tx, &actor.origin, Event::about_user(kind, id, data)).map(drop)
}
