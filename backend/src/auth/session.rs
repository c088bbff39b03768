//! Sessions: one row per sign-in on a device.
//!
//! A refresh token is `base64url(session id ‖ generation ‖ HMAC(salt, session id, generation))`: it is found by its id and
//! proven by a key the database lacks. Using one moves the session to the next generation. The token just used gives
//! the same successor again for a short grace (two tabs, a lost answer); an older one means that someone kept a copy,
//! and ends the session (RFC 9700 section 4.14.2).

use serde_json::json;

use crate::{
    config::{Auth, Secret},
    db::{
        Tx,
        ids::{SessionId, UserId},
    },
    events::{self, Event, EventKind},
    http::Origin,
    lockdown,
    people::User,
    problem::{Code, Problem},
    second_factor,
    sessions::{self, Entry, SignInOutcome},
};

use super::{
    model::{Ended, Opened, Rotation},
    queries::{self, Which},
    secrets,
};

/// The answer to every refresh token that opens nothing.
pub fn over() -> Problem {
    Problem::new(
        Code::SessionEnded,
        "This session is over. Please sign in again.",
    )
}

/// Starts a session and says so; tells its owner when it is in a browser that was not known before, or from a country
/// that was not.
pub fn start(
    tx: &mut Tx<'_>,
    auth: &Auth,
    origin: &Origin,
    user: User,
    entry: &Entry,
) -> Result<Opened, Problem> {
    let device = sessions::recognise(tx, auth, user.id, entry)?;
    let is_far = sessions::is_far(tx, origin, user.id, entry)?;
    let salt = secrets::random::<16>();
    let second_factor_due = second_factor::is_due(tx, &user)?;
    let on = (entry, device.id);
    let kind = (auth.session_ttl, second_factor_due);
    let session_id = queries::insert_session(tx, user.id, &salt, origin, on, kind)?;
    lockdown::refuse(tx)?;
    let outcome = SignInOutcome::SignedIn;
    sessions::note(tx, origin, user.id, outcome, entry, device.is_new)?;
    let origin = Origin {
        actor_id: Some(user.id),
        ..origin.clone()
    };
    let data = json!({ "session_id": session_id, "method": entry.method, "passed": entry.passed });
    events::emit(
        tx,
        &origin,
        Event::about_user(EventKind::SignedIn, user.id, data.clone()),
    )?;
    if device.is_strange {
        let event = Event::about_user(EventKind::NewDevice, user.id, data);
        events::emit(tx, &origin, event)?;
    } else if is_far {
        let event = Event::about_user(EventKind::NewPlace, user.id, data);
        events::emit(tx, &origin, event)?;
    }
    Ok(Opened {
        user,
        session_id,
        refresh_token: token(&auth.secret, session_id, 1, &salt),
        device_token: Some(device.token(&auth.secret)),
        second_factor_due,
    })
}

/// Exchanges a refresh token for its successor. `Refused` is an answer, not an error: ending a misused session commits.
pub fn rotate(
    tx: &mut Tx<'_>,
    auth: &Auth,
    origin: &Origin,
    presented: &Secret,
) -> Result<Rotation, Problem> {
    let Some((id, generation, proof)) = parse(presented) else {
        return Ok(Rotation::Refused);
    };
    let Some(salt) = queries::find_salt(tx, id)? else {
        return Ok(Rotation::Refused);
    };
    if !secrets::same(&prove(&auth.secret, id, generation, &salt), &proof) {
        return Ok(Rotation::Refused);
    }
    let rotated = queries::rotate_session(tx, id, generation, origin, auth.session_ttl)?;
    let (owner, second_factor_due) = match rotated {
        Some(found) => found,
        None => match queries::find_rotated(tx, id, auth.refresh_grace)? {
            Some((current, true, found)) if current == generation + 1 => found,
            Some((_, _, (owner, _))) => {
                end_misused(tx, origin, id, owner)?;
                return Ok(Rotation::Refused);
            }
            None => return Ok(Rotation::Refused),
        },
    };
    let Some(user) = queries::find_user(tx, owner)? else {
        return Ok(Rotation::Refused);
    };
    Ok(Rotation::Next(Box::new(Opened {
        user,
        session_id: id,
        refresh_token: token(&auth.secret, id, generation + 1, &salt),
        device_token: None,
        second_factor_due,
    })))
}

fn end_misused(
    tx: &mut Tx<'_>,
    origin: &Origin,
    id: SessionId,
    owner: UserId,
) -> Result<(), Problem> {
    if queries::end_sessions(tx, owner, Which::One(id), Ended::ReuseDetected)? > 0 {
        let data = json!({ "session_id": id });
        events::emit(
            tx,
            origin,
            Event::about_user(EventKind::SessionReuseDetected, owner, data),
        )?;
    }
    Ok(())
}

/// Signs one session out.
pub fn sign_out(
    tx: &mut Tx<'_>,
    origin: &Origin,
    user: UserId,
    session: SessionId,
) -> Result<(), Problem> {
    if queries::end_sessions(tx, user, Which::One(session), Ended::SignedOut)? > 0 {
        let data = json!({ "session_id": session });
        events::emit(
            tx,
            origin,
            Event::about_user(EventKind::SignedOut, user, data),
        )?;
    }
    Ok(())
}

fn prove(secret: &Secret, id: SessionId, generation: i32, salt: &[u8]) -> secrets::Key {
    secrets::hmac(
        &secrets::key(secret, "refresh token"),
        &[salt, id.0.as_bytes(), &generation.to_be_bytes()],
    )
}

fn token(secret: &Secret, id: SessionId, generation: i32, salt: &[u8]) -> Secret {
    let proof = prove(secret, id, generation, salt);
    let parts: [&[u8]; 3] = [id.0.as_bytes(), &generation.to_be_bytes(), &proof];
    Secret::new(secrets::encode(&parts.concat()))
}

fn parse(token: &Secret) -> Option<(SessionId, i32, Vec<u8>)> {
    let bytes = secrets::decode(token.reveal())?;
    let (id, rest) = bytes.split_first_chunk::<16>()?;
    let (generation, proof) = rest.split_first_chunk::<4>()?;
    let generation = i32::from_be_bytes(*generation);
    (proof.len() == 32 && generation > 0 && generation < i32::MAX).then(|| {
        let id = SessionId(uuid::Uuid::from_bytes(*id));
        (id, generation, proof.to_vec())
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_carries_session_and_generation() {
        let secret = Secret::new("9f3kD02mvLq8Zt61bWx7Rc5NyPe4HsUa");
        let (id, salt) = (SessionId::new(), secrets::random::<16>());
        let (found, generation, proof) = parse(&token(&secret, id, 7, &salt)).unwrap();
        assert_eq!((found, generation), (id, 7));
        assert!(secrets::same(&proof, &prove(&secret, id, 7, &salt)));
        assert!(!secrets::same(&proof, &prove(&secret, id, 8, &salt)));
    }

    #[test]
    fn rubbish_is_no_token() {
        for bad in [
            "",
            "AAAA",
            "%%%%",
            &"A".repeat(69),
            &"A".repeat(70),
            &"_".repeat(70),
        ] {
            assert!(parse(&Secret::new(bad)).is_none(), "{bad}");
        }
    }
}
