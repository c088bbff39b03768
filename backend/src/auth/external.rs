//! For ways in other than the password: what `oidc` needs from accounts, and nothing more.

use serde_json::json;

use crate::{
    app::App,
    config::{Auth, Secret},
    db::{Tx, ids::UserId},
    events::{self, Event, EventKind},
    http::Origin,
    people::User,
    problem::Problem,
};

use super::{
    Actor,
    actions::{self, revoke_everything, takes_codes, void_codes},
    codes,
    model::{Code, Ended, Purpose},
    queries::{self, Which},
};

/// Mails a code to an address, to prove that it belongs to whom a provider named. Without an account one is made, which
/// is unconfirmed and has no password. One that takes no codes gets no mail; the caller answers the same.
pub fn ask_to_prove(
    tx: &mut Tx<'_>,
    auth: &Auth,
    origin: &Origin,
    email: &str,
    name: Option<&str>,
) -> Result<UserId, Problem> {
    let name = name.or_else(|| email.split('@').next()).unwrap_or(email);
    if let Some(id) = queries::insert_customer(tx, name, email, None, origin.locale)? {
        let event = Event::about_user(EventKind::UserRegistered, id, json!({}));
        events::emit(tx, origin, event)?;
    }
    let user = queries::lock_by_email(tx, email)?
        .ok_or_else(|| Problem::unavailable("the account is just changing"))?;
    if takes_codes(&user) {
        codes::issue_after_wait(tx, auth, origin, user.id, Purpose::LinkIdentity)?;
    }
    Ok(user.id)
}

/// Uses up a code of [`ask_to_prove`]. When it is the first proof of the address, a password and sessions that somebody
/// chose before die (Better Auth CVE-2026-53516).
pub fn claim_address(tx: &mut Tx<'_>, origin: &Origin, code: &Code) -> Result<User, Problem> {
    let user = actions::claim(tx, code)?;
    if user.is_confirmed() {
        return Ok(user);
    }
    revoke_everything(tx, user.id)?;
    let user = queries::confirm_user(tx, user.id, false)?;
    let data = json!({ "password_kept": false });
    let event = Event::about_user(EventKind::EmailConfirmed, user.id, data);
    events::emit(tx, origin, event)?;
    Ok(user)
}

/// Ends the caller's other sessions and voids all codes: what is out there was meant for somebody else.
pub fn keep_only(tx: &mut Tx<'_>, actor: &Actor) -> Result<(), Problem> {
    let others = Which::AllBut(actor.session_id);
    queries::end_sessions(tx, actor.id, others, Ended::Revoked)?;
    void_codes(tx, actor.id)
}

/// The current password once more, before something that gives lasting power over the account: a stolen session alone
/// must not be enough. Who has no password passes.
pub async fn ask_password_again(
    app: &App,
    actor: &Actor,
    typed: Option<Secret>,
) -> Result<(), Problem> {
    let (config, caller) = (app.config.clone(), actor.clone());
    let user = app
        .db
        .write(move |tx| actions::begin_change(tx, &config.auth, &caller))
        .await?;
    app.passwords
        .prove_current(typed, user.password_hash)
        .await?;
    app.db
        .write(move |tx| actions::forgive_password_checks(tx, user.id))
        .await
}
