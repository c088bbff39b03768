//! What happens when people register, prove their address, sign in and choose passwords.
//!
//! The same answer and the same work whether or not an account exists: callers learn who has one only from the mails.
//! Where something is counted against a guesser, counting and judging are separate transactions, so that the count
//! stands when the answer is no.

use serde_json::json;

use crate::{
    challenge::{self, Admission},
    config::{Auth, Secret},
    db::{Tx, ids::UserId},
    events::{self, Event, EventKind},
    http::Origin,
    locale::Locale,
    people::User,
    problem::{Code as ProblemCode, Problem},
    second_factor,
    sessions::{self, Entry, SignInMethod, SignInOutcome},
};

use super::{
    Actor, Role,
    codes::{self, Proof},
    limits,
    model::{Attempt, Code, Ended, Opened, Purpose},
    queries::{self, Which},
    secrets, session,
};

// Registration.

/// A checked registration; the password is hashed already.
#[derive(Clone)]
pub struct NewCustomer {
    pub name: String,
    pub email: String,
    pub password_hash: String,
    pub locale: Locale,
}

/// Proof of having chosen the password that is stored now. It dies with the next registration of the same address, since
/// that replaces the hash. Random when there is nothing to prove, which looks the same.
///
/// Why: whoever registers a foreign address must not keep a way in when its owner confirms it (Better Auth
/// CVE-2026-53516). So the password only survives a confirmation that comes with this receipt.
pub fn receipt(auth: &Auth, chosen: Option<(UserId, &str)>) -> Secret {
    let bytes = match chosen {
        Some((id, hash)) => secrets::hmac(
            &secrets::key(&auth.secret, "registration"),
            &[id.0.as_bytes(), hash.as_bytes()],
        ),
        None => secrets::random::<32>(),
    };
    Secret::new(secrets::encode(&bytes))
}

/// Registers, or tells the owner of the address that somebody tried. Answers the receipt.
pub fn register(
    tx: &mut Tx<'_>,
    auth: &Auth,
    origin: &Origin,
    new: &NewCustomer,
) -> Result<Secret, Problem> {
    let NewCustomer {
        name,
        email,
        password_hash,
        locale,
    } = new;
    let id = match queries::insert_customer(tx, name, email, Some(password_hash), *locale)? {
        Some(id) => id,
        None => {
            // Committed by someone else, or the insert would not have been refused; gone only when just swept away.
            let owner = queries::lock_by_email(tx, email)?
                .ok_or_else(|| Problem::unavailable("the account is just changing"))?;
            if owner.is_confirmed() || owner.is_disabled() || owner.role != Role::Customer {
                tell_owner(tx, auth, origin, owner.id)?;
                return Ok(receipt(auth, None));
            }
            queries::replace_registration(tx, owner.id, name, email, password_hash, *locale)?;
            owner.id
        }
    };
    let event = Event::about_user(EventKind::UserRegistered, id, json!({}));
    events::emit(tx, origin, event)?;
    codes::issue_after_wait(tx, auth, origin, id, Purpose::ConfirmEmail)?;
    Ok(receipt(auth, Some((id, password_hash))))
}

fn tell_owner(tx: &mut Tx<'_>, auth: &Auth, origin: &Origin, owner: UserId) -> Result<(), Problem> {
    let subject = owner.to_string();
    if limits::is_first(tx, "registration_repeated", &subject, auth.code_resend_wait)? {
        let event = Event::about_user(EventKind::RegistrationRepeated, owner, json!({}));
        events::emit(tx, origin, event)?;
    }
    Ok(())
}

/// Sends the confirmation again, when there is something to confirm and the last mail is old enough.
pub fn resend_confirmation(
    tx: &mut Tx<'_>,
    auth: &Auth,
    origin: &Origin,
    email: &str,
) -> Result<(), Problem> {
    limits::knock(tx, auth, origin)?;
    match queries::lock_by_email(tx, email)? {
        Some(user)
            if !user.is_confirmed() && !user.is_disabled() && user.role == Role::Customer =>
        {
            codes::issue_after_wait(tx, auth, origin, user.id, Purpose::ConfirmEmail)
        }
        _ => Ok(()),
    }
}

/// Counts and judges a code or link. `None` is the answer no; it commits.
pub fn judge(
    tx: &mut Tx<'_>,
    auth: &Auth,
    origin: &Origin,
    proof: &Proof,
    purpose: Purpose,
) -> Result<Option<(Code, User)>, Problem> {
    limits::knock(tx, auth, origin)?;
    let Some(code) = codes::judge(tx, auth, proof, purpose)? else {
        return Ok(None);
    };
    let user = queries::find_user(tx, code.user_id)?.filter(|user| !user.is_disabled());
    Ok(user.map(|user| (code, user)))
}

/// The address is proven: the account opens and its owner is signed in. The password chosen at registration is kept only
/// when the receipt shows that the same person chose it.
pub fn confirm(
    tx: &mut Tx<'_>,
    auth: &Auth,
    origin: &Origin,
    code: &Code,
    shown: Option<&Secret>,
    device: Option<Secret>,
) -> Result<Opened, Problem> {
    let user = claim(tx, code)?;
    let keep = shown
        .zip(user.password_hash.as_deref())
        .is_some_and(|(shown, hash)| {
            let right = receipt(auth, Some((user.id, hash)));
            secrets::same(right.reveal().as_bytes(), shown.reveal().as_bytes())
        });
    revoke_everything(tx, user.id)?;
    let user = queries::confirm_user(tx, user.id, keep)?;
    let data = json!({ "password_kept": keep });
    let event = Event::about_user(EventKind::EmailConfirmed, user.id, data);
    events::emit(tx, origin, event)?;
    let entry = Entry::new(SignInMethod::Confirmation, device);
    session::start(tx, auth, origin, user, &entry)
}

/// Locks the person, then uses the code up.
pub fn claim(tx: &mut Tx<'_>, code: &Code) -> Result<User, Problem> {
    let user = queries::lock_user(tx, code.user_id)?
        .filter(|user| !user.is_disabled())
        .ok_or_else(codes::refused)?;
    codes::consume(tx, code)?;
    Ok(user)
}

// Signing in.

/// The uniform no.
pub fn wrong_credentials() -> Problem {
    Problem::new(
        ProblemCode::WrongCredentials,
        "Email or password is not right. After many wrong passwords we stop looking for a while; resetting the password \
         always works.",
    )
}

/// Counts an attempt before its password is looked at.
pub fn attempt(
    tx: &mut Tx<'_>,
    auth: &Auth,
    origin: &Origin,
    email: &str,
) -> Result<Attempt, Problem> {
    limits::knock(tx, auth, origin)?;
    let limit = auth.sign_in_attempts;
    let Some((id, nth)) = queries::count_sign_in(tx, email, limit, auth.sign_in_window)? else {
        return Ok(Attempt::Refused {
            user: None,
            locked: false,
        });
    };
    if nth > limit {
        return Ok(Attempt::Refused {
            user: Some(id),
            locked: true,
        });
    }
    Ok(match queries::find_user(tx, id)? {
        Some(user) if !user.is_disabled() => Attempt::Weigh {
            user: Box::new(user),
            last: nth == limit,
        },
        _ => Attempt::Refused {
            user: Some(id),
            locked: false,
        },
    })
}

/// Writes down a refused attempt; tells the owner when it locked the account.
pub fn refuse(
    tx: &mut Tx<'_>,
    auth: &Auth,
    origin: &Origin,
    attempt: &Attempt,
) -> Result<(), Problem> {
    let (user, looked, locks) = match attempt {
        Attempt::Refused { user, locked } => (*user, !locked, false),
        Attempt::Weigh { user, last } => (Some(user.id), true, *last),
    };
    let data = json!({ "locked": !looked });
    if let Some(id) = user {
        let outcome = match attempt {
            Attempt::Weigh { .. } => SignInOutcome::WrongPassword,
            Attempt::Refused { locked: true, .. } => SignInOutcome::Locked,
            Attempt::Refused { .. } => SignInOutcome::Disabled,
        };
        note_failure(tx, origin, id, outcome)?;
    }
    let event = match user {
        Some(id) => Event::about_user(EventKind::SignInFailed, id, data),
        None => Event::about_nobody(EventKind::SignInFailed, data),
    };
    events::emit(tx, origin, event)?;
    if let Some(id) = user.filter(|_| locks) {
        let minutes = auth.sign_in_window.as_secs().div_ceil(60);
        let event = Event::about_user(EventKind::AccountLocked, id, json!({ "minutes": minutes }));
        events::emit(tx, origin, event)?;
    }
    Ok(())
}

fn note_failure(
    tx: &mut Tx<'_>,
    origin: &Origin,
    user: UserId,
    outcome: SignInOutcome,
) -> Result<(), Problem> {
    let entry = Entry::new(SignInMethod::Password, None);
    sessions::note(tx, origin, user, outcome, &entry, false)
}

/// The password was right for this row: let them in, unless the row changed in between.
pub fn sign_in(
    tx: &mut Tx<'_>,
    auth: &Auth,
    origin: &Origin,
    seen: &User,
    device: Option<Secret>,
) -> Result<Admission, Problem> {
    let user = queries::lock_user(tx, seen.id)?
        .filter(|user| !user.is_disabled() && !user.must_change_password())
        .filter(|user| user.password_hash == seen.password_hash)
        .ok_or_else(wrong_credentials)?;
    queries::forgive_sign_ins(tx, user.id)?;
    let entry = Entry::new(SignInMethod::Password, device);
    challenge::admit(tx, auth, origin, user, &entry)
}

/// The password was right, but the address is not proven yet.
pub fn ask_to_confirm(tx: &mut Tx<'_>, origin: &Origin, user: &User) -> Result<(), Problem> {
    note_failure(tx, origin, user.id, SignInOutcome::Unconfirmed)?;
    Ok(queries::forgive_sign_ins(tx, user.id)?)
}

pub fn email_unconfirmed() -> Problem {
    Problem::new(
        ProblemCode::EmailUnconfirmed,
        "Confirm your email address with the link or the code we sent you, then sign in.",
    )
}

/// The password was right, but an admin asked for a new one. Who knows only the old one gets no further: the code to choose
/// another goes by mail.
pub fn ask_to_change(
    tx: &mut Tx<'_>,
    auth: &Auth,
    origin: &Origin,
    seen: &User,
) -> Result<(), Problem> {
    let user = queries::lock_user(tx, seen.id)?.ok_or_else(wrong_credentials)?;
    queries::forgive_sign_ins(tx, user.id)?;
    note_failure(tx, origin, user.id, SignInOutcome::PasswordChangeRequired)?;
    if takes_codes(&user) {
        codes::issue_after_wait(tx, auth, origin, user.id, Purpose::ResetPassword)?;
    }
    Ok(())
}

pub fn password_change_required() -> Problem {
    Problem::new(
        ProblemCode::PasswordChangeRequired,
        "This account needs a new password. We have sent a code to its email address to choose one.",
    )
}

/// Forgets wrong passwords and wrong codes.
pub fn forgive(tx: &mut Tx<'_>, id: UserId) -> Result<(), Problem> {
    queries::forgive_sign_ins(tx, id)?;
    limits::forget(tx, "password_checks", &id.to_string())?;
    limits::forget_guesses(tx, &id.to_string())?;
    limits::forget_step_guesses(tx, id)
}

// Passwords.

/// Sends a code to reset the password, when there is an account to reset and the last mail is old enough.
pub fn forgot_password(
    tx: &mut Tx<'_>,
    auth: &Auth,
    origin: &Origin,
    email: &str,
) -> Result<(), Problem> {
    limits::knock(tx, auth, origin)?;
    match queries::lock_by_email(tx, email)? {
        Some(user) if takes_codes(&user) => {
            codes::issue_after_wait(tx, auth, origin, user.id, Purpose::ResetPassword)
        }
        _ => Ok(()),
    }
}

/// Whether the account's address may prove itself by code. An invited agent has the invitation instead.
pub fn takes_codes(user: &User) -> bool {
    !user.is_disabled() && (user.is_confirmed() || user.role == Role::Customer)
}

/// A new password by mailed proof. Ends all sessions, voids spare codes, opens a lock; an unproven address is proven.
pub fn reset_password(
    tx: &mut Tx<'_>,
    origin: &Origin,
    code: &Code,
    password_hash: &str,
) -> Result<(), Problem> {
    let user = claim(tx, code)?;
    if !user.is_confirmed() {
        queries::confirm_user(tx, user.id, false)?;
        let data = json!({ "password_kept": false });
        let event = Event::about_user(EventKind::EmailConfirmed, user.id, data);
        events::emit(tx, origin, event)?;
    }
    if !second_factor::is_on(tx, user.id)? {
        // Whoever has the mailbox has the codes that we mail there, too.
        limits::forget_step_guesses(tx, user.id)?;
    }
    set_password(tx, origin, user.id, password_hash, Which::All, "reset")
}

const PASSWORD_CHECKS: &str = "password_checks";

/// The signed-in person, before the current password is looked at: 429 when it was guessed too often.
pub fn begin_change(tx: &mut Tx<'_>, auth: &Auth, actor: &Actor) -> Result<User, Problem> {
    let (subject, window) = (actor.id.to_string(), auth.sign_in_window);
    let hits = queries::count_hit(tx, PASSWORD_CHECKS, &subject, window)?;
    if hits.hits > auth.sign_in_attempts {
        return Err(Problem::rate_limited(hits.left()));
    }
    queries::find_user(tx, actor.id)?.ok_or_else(Problem::unauthenticated)
}

/// Who knows the current password starts counting anew.
pub fn forgive_password_checks(tx: &mut Tx<'_>, id: UserId) -> Result<(), Problem> {
    Ok(queries::forget_hits(tx, PASSWORD_CHECKS, &id.to_string())?)
}

/// A new password for the signed-in person, who proved the current one (`before`). Other sessions and all codes die.
pub fn change_password(
    tx: &mut Tx<'_>,
    actor: &Actor,
    before: Option<&str>,
    password_hash: &str,
) -> Result<(), Problem> {
    let user = queries::lock_user(tx, actor.id)?.ok_or_else(Problem::unauthenticated)?;
    if user.password_hash.as_deref() != before {
        return Err(Problem::conflict(
            "The password was changed in the meantime.",
        ));
    }
    forgive_password_checks(tx, actor.id)?;
    let how = if before.is_some() { "changed" } else { "set" };
    let others = Which::AllBut(actor.session_id);
    set_password(tx, &actor.origin, actor.id, password_hash, others, how)
}

fn set_password(
    tx: &mut Tx<'_>,
    origin: &Origin,
    id: UserId,
    password_hash: &str,
    ending: Which,
    how: &str,
) -> Result<(), Problem> {
    queries::set_password(tx, id, password_hash)?;
    queries::end_sessions(tx, id, ending, Ended::PasswordChanged)?;
    void_codes(tx, id)?;
    let data = json!({ "how": how });
    let event = Event::about_user(EventKind::PasswordChanged, id, data);
    events::emit(tx, origin, event)?;
    Ok(())
}

/// Nothing this person holds opens anything any more: sessions and codes die with the caller's commit.
pub fn revoke_everything(tx: &mut Tx<'_>, id: UserId) -> Result<(), Problem> {
    queries::end_sessions(tx, id, Which::All, Ended::Disabled)?;
    void_codes(tx, id)
}

/// Neither codes nor half-done sign-ins open anything any more.
pub fn void_codes(tx: &mut Tx<'_>, id: UserId) -> Result<(), Problem> {
    queries::void_codes(tx, id, None)?;
    Ok(challenge::void(tx, id)?)
}

/// An invited agent joins: the link proves the address, the form gives name and password.
pub fn join(
    tx: &mut Tx<'_>,
    auth: &Auth,
    origin: &Origin,
    code: &Code,
    (name, password_hash): (&str, &str),
    device: Option<Secret>,
) -> Result<Opened, Problem> {
    let user = claim(tx, code)?;
    queries::set_name(tx, user.id, name)?;
    queries::set_password(tx, user.id, password_hash)?;
    let user = queries::confirm_user(tx, user.id, true)?;
    let event = Event::about_user(EventKind::AgentJoined, user.id, json!({}));
    events::emit(tx, origin, event)?;
    let entry = Entry::new(SignInMethod::Invitation, device);
    session::start(tx, auth, origin, user, &entry)
}
