//! What happens when somebody moves to another address, or takes that back.

use std::time::Duration;

use serde_json::json;

use crate::{
    auth::{self, Actor, Code, Proof, Purpose, codes},
    config::{Auth, Secret},
    db::Tx,
    events::{self, Event, EventKind},
    http::Origin,
    oidc,
    people::User,
    privacy,
    problem::{FieldCode, Problem},
    profile::questions,
    second_factor,
};

use super::{
    queries,
    wire::{ConfirmEmailChange, EmailChange, PendingEmail},
};

type Conn = diesel::PgConnection;

/// Mails to addresses of other people that one person can cause in a day.
const PER_DAY: (i32, Duration) = (10, Duration::from_secs(86_400));

pub fn pending(conn: &mut Conn, actor: &Actor) -> Result<EmailChange, Problem> {
    let found = queries::find_pending(conn, actor.id)?;
    Ok(EmailChange {
        pending: found.map(|(email, expires_at)| PendingEmail { email, expires_at }),
    })
}

/// Asks to prove the new address, which replaces one asked for before. The caller has proven the password. The same
/// answer and the same work when the address is taken: its holder gets a mail instead of a code.
pub fn ask(tx: &mut Tx<'_>, auth: &Auth, actor: &Actor, new: &str) -> Result<EmailChange, Problem> {
    let subject = actor.id.to_string();
    auth::spend(tx, "email_change", &subject, (1, auth.code_resend_wait))?;
    auth::spend(tx, "email_changes", &subject, PER_DAY)?;
    let user = auth::lock_user(tx, actor.id)?.ok_or_else(Problem::unauthenticated)?;
    if user.email.eq_ignore_ascii_case(new) {
        return Err(Problem::field(
            "/email",
            FieldCode::NotAllowed,
            "That is your address already.",
        ));
    }
    let code_id = codes::issue(tx, auth, &actor.origin, user.id, Purpose::ChangeEmail)?;
    queries::insert(tx, code_id, &user, new)?;
    tell(
        tx,
        &actor.origin,
        EventKind::EmailChangeAsked,
        &user,
        code_id,
    )?;
    pending(tx, actor)
}

/// Gives up a change that waits to be proven.
pub fn cancel(tx: &mut Tx<'_>, actor: &Actor) -> Result<(), Problem> {
    auth::lock_user(tx, actor.id)?.ok_or_else(Problem::unauthenticated)?;
    Ok(auth::void_codes(tx, actor.id, Some(Purpose::ChangeEmail))?)
}

/// Counts and judges the proof, which must be of a code of the caller's. `None` is the answer no; it commits.
pub fn judge(
    tx: &mut Tx<'_>,
    auth: &Auth,
    actor: &Actor,
    shown: &ConfirmEmailChange,
) -> Result<Option<Code>, Problem> {
    let me = auth::lock_user(tx, actor.id)?.ok_or_else(Problem::unauthenticated)?;
    let proof = match &shown.token {
        Some(token) => Proof::Token(token.clone()),
        None => Proof::Digits {
            email: me.email,
            code: shown.code.clone().unwrap_or_else(|| Secret::new("")),
        },
    };
    let judged = auth::judge_code(tx, auth, &actor.origin, &proof, Purpose::ChangeEmail)?;
    Ok(judged
        .map(|(code, _)| code)
        .filter(|code| code.user_id == actor.id))
}

/// The new address is proven and takes effect. What was mailed to the old one opens nothing any more, and other devices
/// are signed out. Identities at providers stay: they are not the address.
pub fn change(tx: &mut Tx<'_>, auth: &Auth, actor: &Actor, code: &Code) -> Result<User, Problem> {
    auth::claim_code(tx, code)?;
    let change = queries::find(tx, code.id)?.ok_or_else(codes::refused)?;
    queries::delete_unproven(tx, &change.new_email)?;
    let user = queries::set_email(tx, actor.id, &change.new_email)?;
    queries::note_changed(tx, code.id, auth.link_ttl)?;
    auth::keep_only(tx, actor)?;
    tell(tx, &actor.origin, EventKind::EmailChanged, &user, code.id)?;
    Ok(user)
}

/// The old address did not want this: it is the account's again, and nothing that a thief may hold or have added opens
/// it or keeps its owner out: sessions, codes, the password, and identities, security questions and a second factor since
/// the change was asked for. If it was to be deleted, it stays.
pub fn undo(tx: &mut Tx<'_>, auth: &Auth, origin: &Origin, token: &Secret) -> Result<(), Problem> {
    auth::knock(tx, auth, origin)?;
    let code = codes::find_undone(tx, &auth.secret, token)?.ok_or_else(codes::refused)?;
    auth::lock_user(tx, code.user_id)?
        .filter(|user| !user.is_disabled())
        .ok_or_else(codes::refused)?;
    let change = queries::find(tx, code.id)?.ok_or_else(codes::refused)?;
    if !queries::note_undone(tx, &change)? {
        return Err(codes::refused());
    }
    let user = queries::set_email(tx, change.user_id, &change.old_email)?;
    queries::drop_password(tx, user.id)?;
    auth::revoke_everything(tx, user.id)?;
    oidc::unlink_since(tx, user.id, change.created_at)?;
    questions::delete_since(tx, user.id, change.created_at)?;
    second_factor::remove_since(tx, origin, user.id, change.created_at)?;
    privacy::keep(tx, origin, user.id)?;
    tell(tx, origin, EventKind::EmailChangeUndone, &user, code.id)
}

fn tell(
    tx: &mut Tx<'_>,
    origin: &Origin,
    kind: EventKind,
    user: &User,
    code_id: crate::db::ids::CodeId,
) -> Result<(), Problem> {
    let data = json!({ "code_id": code_id });
    events::emit(tx, origin, Event::about_user(kind, user.id, data)).map(drop)
}
