//! Setting a second factor up, typing its codes, giving it up.

use chrono::{DateTime, Utc};
use diesel::PgConnection;
use serde_json::json;

use crate::{
    auth::{self, Actor, Role, secrets},
    config::{Auth, Config, Secret},
    db::{Tx, ids::UserId},
    events::{self, Event, EventKind},
    http::Origin,
    people::User,
    problem::Problem,
};

use super::{
    model::{SecondFactor, Step},
    queries, recovery,
    totp::{self, Key},
    wire::{RecoveryCodes, SecondFactorPolicy, SecondFactorView, Setup},
};

/// Whether the person has to set one up before anything else: the role needs it and there is none.
pub fn is_due(conn: &mut PgConnection, user: &User) -> Result<bool, Problem> {
    Ok(queries::is_required(conn, user.role)? && !queries::is_on(conn, user.id)?)
}

/// How it stands with the caller's.
pub fn show(conn: &mut PgConnection, actor: &Actor) -> Result<SecondFactorView, Problem> {
    let required = queries::is_required(conn, actor.role)?;
    let found = queries::find_on(conn, actor.id)?;
    Ok(SecondFactorView {
        enabled: found.is_some(),
        required,
        since: found.as_ref().and_then(|factor| factor.confirmed_at),
        recovery_codes_left: found.map_or(0, |factor| factor.recovery_left.count_ones()),
    })
}

/// Makes a new secret; nothing changes until a code of it is typed.
pub fn begin(tx: &mut Tx<'_>, config: &Config, actor: &Actor) -> Result<Setup, Problem> {
    let user = auth::lock_user(tx, actor.id)?.ok_or_else(Problem::unauthenticated)?;
    let salt = secrets::random::<16>();
    if !queries::begin(tx, user.id, &salt, &secrets::random::<16>())? {
        return Err(Problem::conflict(
            "There is a second factor already. Turn it off first.",
        ));
    }
    let key = Key::derive(&config.auth.secret, user.id, &salt);
    let otpauth_url = key.url(&config.name, &user.email);
    Ok(Setup {
        secret: key.text(),
        qr_svg: totp::picture(&otpauth_url)?,
        otpauth_url,
    })
}

/// The app shows the right digits: from now on sign-ins need it. `None`: they are wrong.
pub fn confirm(
    tx: &mut Tx<'_>,
    auth: &Auth,
    actor: &Actor,
    digits: &Secret,
) -> Result<Option<RecoveryCodes>, Problem> {
    auth::lock_user(tx, actor.id)?;
    let factor = queries::find(tx, actor.id)?
        .filter(|factor| factor.confirmed_at.is_none())
        .ok_or_else(|| Problem::conflict("Begin to set it up first."))?;
    if !fits_app(tx, auth, &factor, digits)? {
        return Ok(None);
    }
    queries::confirm(tx, actor.id)?;
    tell(tx, &actor.origin, EventKind::SecondFactorOn, actor.id)?;
    Ok(Some(shown(auth, &factor)))
}

/// Whether this is a code of the person's second factor that was not used before; it is used now. Six digits are counted
/// before they are judged: 429 when too many were wrong today. Recovery codes have 60 bits and are not counted by the day:
/// so nobody who learned the password can keep the owner out.
pub fn accepts(
    tx: &mut Tx<'_>,
    auth: &Auth,
    origin: &Origin,
    user: UserId,
    (step, typed): (Step, &Secret),
) -> Result<bool, Problem> {
    if step == Step::Totp {
        auth::limits::guess_step(tx, auth, user)?;
    }
    let Some(factor) = queries::find_on(tx, user)? else {
        return Ok(false);
    };
    let right = match step {
        Step::Totp => fits_app(tx, auth, &factor, typed)?,
        Step::RecoveryCode => fits_recovery(tx, auth, origin, &factor, typed)?,
        Step::EmailCode => false,
    };
    if right {
        auth::limits::forget_step_guesses(tx, user)?;
    }
    Ok(right)
}

fn fits_app(
    tx: &mut Tx<'_>,
    auth: &Auth,
    factor: &SecondFactor,
    digits: &Secret,
) -> Result<bool, Problem> {
    let key = Key::derive(&auth.secret, factor.user_id, &factor.salt);
    let now = queries::step_now(tx)?;
    Ok(match key.step_of(digits, now) {
        Some(step) => queries::use_step(tx, factor.user_id, step)?,
        None => false,
    })
}

fn fits_recovery(
    tx: &mut Tx<'_>,
    auth: &Auth,
    origin: &Origin,
    factor: &SecondFactor,
    typed: &Secret,
) -> Result<bool, Problem> {
    let (user, left) = (factor.user_id, factor.recovery_left);
    let bit = recovery::bit_of(&auth.secret, user, &factor.recovery_salt, typed);
    let Some(bit) = bit else { return Ok(false) };
    if !queries::use_recovery(tx, user, left, bit)? {
        return Ok(false);
    }
    let data = json!({ "left": (left & !bit).count_ones() });
    let event = Event::about_user(EventKind::RecoveryCodeUsed, user, data);
    events::emit(tx, origin, event)?;
    Ok(true)
}

fn shown(auth: &Auth, factor: &SecondFactor) -> RecoveryCodes {
    let codes = recovery::codes(&auth.secret, factor.user_id, &factor.recovery_salt);
    RecoveryCodes {
        recovery_codes: codes,
    }
}

/// Ten new recovery codes; the ones before are void. `None`: the typed code is wrong, which commits.
pub fn renew_recovery(
    tx: &mut Tx<'_>,
    auth: &Auth,
    actor: &Actor,
    code: (Step, &Secret),
) -> Result<Option<RecoveryCodes>, Problem> {
    auth::lock_user(tx, actor.id)?;
    mine(tx, actor)?;
    if !accepts(tx, auth, &actor.origin, actor.id, code)? {
        return Ok(None);
    }
    queries::replace_recovery(tx, actor.id, &secrets::random::<16>())?;
    tell(tx, &actor.origin, EventKind::RecoveryCodesRenewed, actor.id)?;
    Ok(Some(shown(auth, &mine(tx, actor)?)))
}

/// Turns the caller's off. False: the typed code is wrong, which commits.
pub fn turn_off(
    tx: &mut Tx<'_>,
    auth: &Auth,
    actor: &Actor,
    code: (Step, &Secret),
) -> Result<bool, Problem> {
    auth::lock_user(tx, actor.id)?;
    mine(tx, actor)?;
    if queries::is_required(tx, actor.role)? {
        return Err(Problem::conflict(
            "Your role needs a second factor. An admin decides that.",
        ));
    }
    let right = accepts(tx, auth, &actor.origin, actor.id, code)?;
    if right {
        remove(tx, &actor.origin, actor.id)?;
    }
    Ok(right)
}

fn mine(tx: &mut Tx<'_>, actor: &Actor) -> Result<SecondFactor, Problem> {
    queries::find_on(tx, actor.id)?.ok_or_else(|| Problem::conflict("There is no second factor."))
}

/// Takes a person's second factor away; false when there is none.
pub fn remove(tx: &mut Tx<'_>, origin: &Origin, user: UserId) -> Result<bool, Problem> {
    let removed = queries::delete(tx, user)?;
    if removed {
        tell(tx, origin, EventKind::SecondFactorOff, user)?;
    }
    Ok(removed)
}

/// Takes a second factor away that was set up since then: it is not the owner's. An older one stays.
pub fn remove_since(
    tx: &mut Tx<'_>,
    origin: &Origin,
    user: UserId,
    since: DateTime<Utc>,
) -> Result<(), Problem> {
    if queries::delete_since(tx, user, since)? {
        tell(tx, origin, EventKind::SecondFactorOff, user)?;
    }
    Ok(())
}

fn tell(tx: &mut Tx<'_>, origin: &Origin, kind: EventKind, user: UserId) -> Result<(), Problem> {
    events::emit(tx, origin, Event::about_user(kind, user, json!({}))).map(drop)
}

/// The roles that need one.
pub fn policy(conn: &mut PgConnection) -> Result<SecondFactorPolicy, Problem> {
    let required_for = queries::required_roles(conn)?;
    Ok(SecondFactorPolicy { required_for })
}

/// Sets the roles that need one, from their next sign-in on.
pub fn require(
    tx: &mut Tx<'_>,
    actor: &Actor,
    required: &[Role],
) -> Result<SecondFactorPolicy, Problem> {
    if required.contains(&actor.role) && !queries::is_on(tx, actor.id)? {
        return Err(Problem::conflict(
            "Set up your own second factor before you require one of your role.",
        ));
    }
    let before = queries::required_roles(tx)?;
    queries::require(tx, required)?;
    let now = policy(tx)?;
    if before != now.required_for {
        let data = json!({ "from": before, "to": now.required_for });
        let event = Event::about_nobody(EventKind::SecondFactorRequired, data);
        events::emit(tx, &actor.origin, event)?;
    }
    Ok(now)
}
