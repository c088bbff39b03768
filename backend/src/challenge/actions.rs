//! Beginning a challenge, and passing it.

use serde_json::json;

use crate::{
    auth::{self, Purpose, codes, secrets},
    config::{Auth, Secret},
    db::{
        Tx,
        ids::{ChallengeId, UserId},
    },
    events::{self, Event, EventKind},
    http::Origin,
    people::User,
    problem::{Code, FieldCode, Problem},
    second_factor::{self, Step},
    sessions::{self, Entry, SignInMethod, SignInOutcome},
};

use super::{
    model::{self, Admission, Challenge, Pending, Verdict},
    queries,
};

/// Lets in somebody whose password, or provider, was right: at once, or after one more step. The caller holds the person's
/// row lock.
pub fn admit(
    tx: &mut Tx<'_>,
    auth: &Auth,
    origin: &Origin,
    user: User,
    entry: &Entry,
) -> Result<Admission, Problem> {
    let second = second_factor::is_on(tx, user.id)?;
    let mailed = !second
        && auth.new_device_code
        && entry.method == SignInMethod::Password
        && sessions::is_strange(tx, auth, user.id, entry)?;
    if !second && !mailed {
        let opened = auth::start_session(tx, auth, origin, user, entry)?;
        return Ok(Admission::Opened(Box::new(opened)));
    }
    let code = match mailed {
        true => Some(codes::issue_or_keep(
            tx,
            auth,
            origin,
            user.id,
            Purpose::SignIn,
        )?),
        false => None,
    };
    let salt = secrets::random::<16>();
    let id = queries::replace(tx, user.id, &salt, code, entry, auth.code_ttl)?;
    sessions::note(
        tx,
        origin,
        user.id,
        SignInOutcome::Challenged,
        entry,
        mailed,
    )?;
    let steps = model::steps(mailed);
    let data = json!({ "method": entry.method, "steps": steps });
    tell(tx, origin, EventKind::SignInChallenged, user.id, data)?;
    Ok(Admission::Challenged(Challenge {
        token: token(&auth.secret, id, &salt),
        steps,
        ttl: auth.code_ttl,
        wait: mailed.then_some(auth.code_resend_wait),
    }))
}

fn prove(secret: &Secret, id: ChallengeId, salt: &[u8]) -> secrets::Key {
    let key = secrets::key(secret, "sign-in challenge");
    secrets::hmac(&key, &[salt, id.0.as_bytes()])
}

fn token(secret: &Secret, id: ChallengeId, salt: &[u8]) -> Secret {
    let proof = prove(secret, id, salt);
    let parts: [&[u8]; 2] = [id.0.as_bytes(), &proof];
    Secret::new(secrets::encode(&parts.concat()))
}

/// The challenge of a token that is ours and holds, its owner locked.
fn load(tx: &mut Tx<'_>, auth: &Auth, token: &Secret) -> Result<Option<(Pending, User)>, Problem> {
    let bytes = secrets::decode(token.reveal()).unwrap_or_default();
    let Some((id, proof)) = bytes.split_first_chunk::<16>() else {
        return Ok(None);
    };
    let id = ChallengeId(uuid::Uuid::from_bytes(*id));
    let Some(found) = queries::find(tx, id)? else {
        return Ok(None);
    };
    if !secrets::same(&prove(&auth.secret, id, &found.salt), proof) {
        return Ok(None);
    }
    // The person first, then the challenge: in the order of whoever begins one.
    let user = auth::lock_user(tx, found.user_id)?.filter(|user| {
        let stale = found.method == SignInMethod::Password && user.must_change_password();
        !user.is_disabled() && !stale
    });
    Ok(user.map(|user| (found, user)))
}

/// The same for every challenge that opens nothing any more.
pub fn over() -> Problem {
    Problem::new(
        Code::ChallengeOver,
        "This sign-in took too long, was replaced by a newer one or had too many wrong codes. Please sign in again.",
    )
}

/// Judges a typed code. Wrong and over are answers, not errors: what was counted commits.
pub fn pass(
    tx: &mut Tx<'_>,
    auth: &Auth,
    origin: &Origin,
    token: &Secret,
    (step, typed): (Step, &Secret),
    device: Option<Secret>,
) -> Result<Verdict, Problem> {
    auth::knock(tx, auth, origin)?;
    let Some((found, user)) = load(tx, auth, token)? else {
        return Ok(Verdict::Over);
    };
    if !found.steps().contains(&step) {
        return Err(Problem::field(
            "/method",
            FieldCode::NotAllowed,
            "This sign-in asks for something else.",
        ));
    }
    let Some(counted) = queries::count_guess(tx, found.id, auth.code_attempts)? else {
        return Ok(Verdict::Over);
    };
    let right = match counted.code_id {
        Some(code) => codes::accepts(tx, auth, code, typed)?,
        None => second_factor::accepts(tx, auth, origin, user.id, (step, typed))?,
    };
    let entry = Entry {
        provider: counted.provider.clone(),
        passed: right.then_some(step),
        ..Entry::new(counted.method, device)
    };
    if right {
        queries::void(tx, user.id)?;
        let opened = auth::start_session(tx, auth, origin, user, &entry)?;
        return Ok(Verdict::Right(Box::new(opened)));
    }
    sessions::note(tx, origin, user.id, SignInOutcome::WrongCode, &entry, false)?;
    let data = json!({ "locked": false, "step": step });
    tell(tx, origin, EventKind::SignInFailed, user.id, data)?;
    if counted.attempts >= auth.code_attempts {
        // Whoever this is knows the password, or holds the provider's account.
        tell(tx, origin, EventKind::ChallengeFailed, user.id, json!({}))?;
    }
    Ok(Verdict::Wrong)
}

/// Mails another code, when the last one is old enough. False when there is no such challenge.
pub fn resend(
    tx: &mut Tx<'_>,
    auth: &Auth,
    origin: &Origin,
    token: &Secret,
) -> Result<bool, Problem> {
    auth::knock(tx, auth, origin)?;
    let found = load(tx, auth, token)?.filter(|(found, _)| found.code_id.is_some());
    let Some((found, user)) = found else {
        return Ok(false);
    };
    let code = codes::issue_or_keep(tx, auth, origin, user.id, Purpose::SignIn)?;
    queries::set_code(tx, found.id, code)?;
    Ok(true)
}

fn tell(
    tx: &mut Tx<'_>,
    origin: &Origin,
    kind: EventKind,
    user: UserId,
    data: serde_json::Value,
) -> Result<(), Problem> {
    events::emit(tx, origin, Event::about_user(kind, user, data)).map(drop)
}
