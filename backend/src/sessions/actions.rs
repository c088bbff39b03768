//! What is written down when somebody signs in or fails to, and what owners do with their sessions.

use std::collections::BTreeSet;

use diesel::PgConnection;
use serde_json::json;

use crate::{
    auth::{self, Actor, Ended, Which},
    config::{Auth, Secret},
    db::{
        Tx,
        ids::{DeviceId, SessionId, UserId},
    },
    events::{self, Event, EventKind},
    http::{Cursor, Origin, Page},
    places::Places,
    problem::Problem,
    second_factor::Step,
};

use super::{
    device::{self, Device},
    model::{SignInMethod, SignInOutcome},
    queries,
    wire::{SessionView, SignInView},
};

/// How somebody comes in, and with which device token.
#[derive(Debug, Clone)]
pub struct Entry {
    pub method: SignInMethod,
    pub provider: Option<String>,
    pub device: Option<Secret>,
    /// The further step that was passed.
    pub passed: Option<Step>,
}

impl Entry {
    pub fn new(method: SignInMethod, device: Option<Secret>) -> Self {
        Self {
            method,
            provider: None,
            device,
            passed: None,
        }
    }

    /// Whoever has just read a mail of ours to come in has proven more than a browser or an address can.
    fn is_proven(&self) -> bool {
        matches!(
            self.method,
            SignInMethod::Confirmation | SignInMethod::Invitation
        )
    }
}

/// Whether the device of a sign-in is new, and there is something to compare it with.
pub fn is_strange(
    tx: &mut Tx<'_>,
    auth: &Auth,
    user: UserId,
    entry: &Entry,
) -> Result<bool, Problem> {
    let known = match shown(auth, entry) {
        Some(id) => queries::see_device(tx, user, id)?,
        None => false,
    };
    Ok(!known && queries::has_devices(tx, user)?)
}

/// The device of the token that was shown, if that is one of ours.
fn shown(auth: &Auth, entry: &Entry) -> Option<DeviceId> {
    device::parse(&auth.secret, entry.device.as_ref()?)
}

/// The device of a sign-in, among those the person is known to use from now on. One that its owner threw out comes back
/// under another id.
pub fn recognise(
    tx: &mut Tx<'_>,
    auth: &Auth,
    user: UserId,
    entry: &Entry,
) -> Result<Device, Problem> {
    let shown = shown(auth, entry);
    if let Some(id) = shown
        && queries::see_device(tx, user, id)?
    {
        return Ok(Device {
            id,
            is_new: false,
            is_strange: false,
        });
    }
    let is_strange = !entry.is_proven() && queries::has_devices(tx, user)?;
    let mut id = shown.unwrap_or_else(DeviceId::new);
    if !queries::insert_device(tx, user, id)? {
        id = DeviceId::new();
        queries::insert_device(tx, user, id)?;
    }
    Ok(Device {
        id,
        is_new: true,
        is_strange,
    })
}

/// Whether the sign-in comes from a country that none of the person's sign-ins came from, as far as they are kept. One
/// whose country is not known never does, and neither does one that there is nothing to compare with.
pub fn is_far(
    tx: &mut Tx<'_>,
    origin: &Origin,
    user: UserId,
    entry: &Entry,
) -> Result<bool, Problem> {
    let Some(here) = origin.places.find(&origin.ip) else {
        return Ok(false);
    };
    if entry.is_proven() {
        return Ok(false);
    }
    let addresses = queries::list_addresses(tx, user)?;
    let places = addresses.iter().filter_map(|ip| origin.places.find(ip));
    let seen: BTreeSet<String> = places.map(|place| place.country).collect();
    Ok(!seen.is_empty() && !seen.contains(&here.country))
}

/// Writes a line into the person's history.
pub fn note(
    tx: &mut Tx<'_>,
    origin: &Origin,
    user: UserId,
    outcome: SignInOutcome,
    entry: &Entry,
    new_device: bool,
) -> Result<(), Problem> {
    let how = (entry.method, entry.provider.as_deref());
    Ok(queries::insert_sign_in(
        tx, user, origin, outcome, how, new_device,
    )?)
}

pub fn list(
    conn: &mut PgConnection,
    actor: &Actor,
    places: &Places,
) -> Result<Vec<SessionView>, Problem> {
    let rows = queries::list_sessions(conn, actor.id)?;
    let view = |row| SessionView::new(row, actor.session_id, places);
    Ok(rows.into_iter().map(view).collect())
}

pub fn history(
    conn: &mut PgConnection,
    actor: &Actor,
    places: &Places,
    cursor: Option<Cursor>,
    limit: i64,
) -> Result<Page<SignInView>, Problem> {
    let rows = queries::list_sign_ins(conn, actor.id, cursor, limit)?;
    Ok(Page::of(
        rows,
        limit,
        |row| Cursor {
            at: row.created_at,
            id: row.id.0,
        },
        |row| SignInView::new(row, places),
    ))
}

/// Ends one session of the caller; 404 when there is none like that.
pub fn end_one(tx: &mut Tx<'_>, actor: &Actor, id: SessionId) -> Result<(), Problem> {
    match end(tx, actor, Which::One(id))? {
        0 => Err(Problem::not_found()),
        _ => Ok(()),
    }
}

/// Ends all sessions of the caller but this one.
pub fn end_others(tx: &mut Tx<'_>, actor: &Actor) -> Result<(), Problem> {
    end(tx, actor, Which::AllBut(actor.session_id)).map(drop)
}

/// A browser somebody is thrown out of is no longer a known one.
fn end(tx: &mut Tx<'_>, actor: &Actor, which: Which) -> Result<usize, Problem> {
    queries::forget_devices(tx, actor.id, which, actor.session_id)?;
    let ended = auth::end_sessions(tx, actor.id, which, Ended::Revoked)?;
    if ended > 0 {
        let data = json!({ "session_id": which.one(), "sessions": ended });
        let event = Event::about_user(EventKind::SessionsRevoked, actor.id, data);
        events::emit(tx, &actor.origin, event)?;
    }
    Ok(ended)
}
