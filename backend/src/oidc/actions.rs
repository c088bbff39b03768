//! What happens when somebody comes back from a provider.
//!
//! Invariant: an identity is joined to an account only by a person who is signed in to it, or who proves its address to
//! us with a code we mailed. What a provider says about an email address opens nothing by itself.

use serde_json::json;

use crate::{
    auth::{self, Actor, Proof, Purpose},
    challenge::{self, Admission},
    config::{Auth, Secret},
    db::{
        Tx,
        ids::{IdentityId, UserId},
    },
    events::{self, Event, EventKind},
    http::Origin,
    problem::{Code, Problem},
    sessions::{self, Entry, SignInMethod, SignInOutcome},
};

use super::{
    model::Profile,
    queries,
    trip::{self, Trip},
};

/// What a sign-in through a provider leads to.
pub enum Arrival {
    Admitted(Admission),
    /// The first visit: a code was mailed to this address, and the trip ends when it is typed.
    ProveAddress {
        email: String,
    },
    /// The account is closed. An answer, not an error: that it was tried is committed.
    Closed,
}

/// Starts a trip.
pub fn depart(
    tx: &mut Tx<'_>,
    auth: &Auth,
    origin: &Origin,
    provider: &str,
    link: Option<UserId>,
) -> Result<Trip, Problem> {
    auth::knock(tx, auth, origin)?;
    let trip = Trip::new();
    queries::insert_trip(tx, &trip, provider, link, auth.code_ttl)?;
    Ok(trip)
}

/// Takes the state: it is ours, unused, in time, of this provider, of this browser, and for this purpose (`link` is whose
/// account the identity shall be linked to).
pub fn arrive(
    tx: &mut Tx<'_>,
    auth: &Auth,
    origin: &Origin,
    (provider, link): (&str, Option<UserId>),
    (state, cookie): (&str, &str),
) -> Result<Trip, Problem> {
    auth::knock(tx, auth, origin)?;
    let trip = find(tx, auth, "state", state)?;
    if !trip.fits(&auth.secret, "browser", cookie)
        || !queries::return_trip(tx, trip.id, provider, link)?
    {
        return Err(trip::lost());
    }
    Ok(trip)
}

/// The trip that a token names and proves.
fn find(tx: &mut Tx<'_>, auth: &Auth, what: &str, token: &str) -> Result<Trip, Problem> {
    let id = trip::id_of(token).ok_or_else(trip::lost)?;
    queries::find_trip(tx, id)?
        .filter(|trip| trip.fits(&auth.secret, what, token))
        .ok_or_else(trip::lost)
}

/// Coming in through a provider.
pub fn entry(provider: &str, device: Option<Secret>) -> Entry {
    Entry {
        provider: Some(provider.to_owned()),
        ..Entry::new(SignInMethod::Provider, device)
    }
}

/// Signs in the owner of the identity, or asks to prove the address the provider named. That answer is the same whether
/// or not the address has an account.
pub fn sign_in(
    tx: &mut Tx<'_>,
    auth: &Auth,
    origin: &Origin,
    trip: &Trip,
    profile: &Profile,
    entry: &Entry,
) -> Result<Arrival, Problem> {
    if let Some(owner) = queries::use_identity(tx, profile)? {
        queries::delete_trip(tx, trip.id)?;
        let user = auth::lock_user(tx, owner)?;
        let Some(user) = user.filter(|user| !user.is_disabled() && user.is_confirmed()) else {
            sessions::note(tx, origin, owner, SignInOutcome::Disabled, entry, false)?;
            let data = json!({ "locked": false });
            let event = Event::about_user(EventKind::SignInFailed, owner, data);
            events::emit(tx, origin, event)?;
            return Ok(Arrival::Closed);
        };
        let admission = challenge::admit(tx, auth, origin, user, entry)?;
        return Ok(Arrival::Admitted(admission));
    }
    let email = profile.email.clone().ok_or_else(|| {
        Problem::new(
            Code::ProviderRefused,
            "The provider did not tell us an email address we can use. Register with one instead.",
        )
    })?;
    ask(tx, auth, origin, trip, &email, profile)?;
    Ok(Arrival::ProveAddress { email })
}

/// Mails a code to the address that the provider named, and keeps the rest until it is typed.
fn ask(
    tx: &mut Tx<'_>,
    auth: &Auth,
    origin: &Origin,
    trip: &Trip,
    email: &str,
    profile: &Profile,
) -> Result<(), Problem> {
    let user = auth::ask_to_prove(tx, auth, origin, email, profile.name.as_deref())?;
    if queries::keep_profile(tx, trip.id, user, profile, auth.code_ttl)? {
        Ok(())
    } else {
        Err(trip::lost())
    }
}

/// Mails another code for the trip of this browser, when the last one is old enough. The trip then lasts as long as the
/// new code. That answer, too, is the same whether or not the address has an account.
pub fn ask_again(
    tx: &mut Tx<'_>,
    auth: &Auth,
    origin: &Origin,
    cookie: &str,
) -> Result<Trip, Problem> {
    auth::knock(tx, auth, origin)?;
    let trip = find(tx, auth, "browser", cookie)?;
    let waiting = queries::find_waiting(tx, trip.id)?.ok_or_else(trip::lost)?;
    let email = waiting.profile.email.clone().unwrap_or_default();
    ask(tx, auth, origin, &trip, &email, &waiting.profile)?;
    Ok(trip)
}

pub fn closed() -> Problem {
    Problem::new(
        Code::ProviderRefused,
        "This account is closed. Write to us if you think that is a mistake.",
    )
}

/// Counts and judges the typed code for the trip of this browser. `None` is the answer no; it commits.
pub fn judge(
    tx: &mut Tx<'_>,
    auth: &Auth,
    origin: &Origin,
    cookie: &str,
    code: &Secret,
) -> Result<Option<(Trip, auth::Code)>, Problem> {
    let trip = find(tx, auth, "browser", cookie)?;
    let waiting = queries::find_waiting(tx, trip.id)?.ok_or_else(trip::lost)?;
    let email = waiting.profile.email.unwrap_or_default();
    let code = code.clone();
    let proof = Proof::Digits { email, code };
    let judged = auth::judge_code(tx, auth, origin, &proof, Purpose::LinkIdentity)?;
    Ok(judged
        .filter(|(code, _)| code.user_id == waiting.user_id)
        .map(|(code, _)| (trip, code)))
}

/// The address is proven: the identity is linked and its owner let in.
pub fn join(
    tx: &mut Tx<'_>,
    auth: &Auth,
    origin: &Origin,
    trip: &Trip,
    code: &auth::Code,
    device: Option<Secret>,
) -> Result<Admission, Problem> {
    let user = auth::claim_address(tx, origin, code)?;
    let waiting = queries::find_waiting(tx, trip.id)?.ok_or_else(trip::lost)?;
    link(tx, origin, user.id, &waiting.provider, &waiting.profile)?;
    queries::delete_trip(tx, trip.id)?;
    challenge::admit(tx, auth, origin, user, &entry(&waiting.provider, device))
}

/// Links an identity to the account of someone signed in.
pub fn link_mine(
    tx: &mut Tx<'_>,
    actor: &Actor,
    trip: &Trip,
    provider: &str,
    profile: &Profile,
) -> Result<(), Problem> {
    link(tx, &actor.origin, actor.id, provider, profile)?;
    Ok(queries::delete_trip(tx, trip.id)?)
}

fn link(
    tx: &mut Tx<'_>,
    origin: &Origin,
    user: UserId,
    provider: &str,
    profile: &Profile,
) -> Result<(), Problem> {
    if !queries::insert_identity(tx, user, provider, profile)? {
        return Err(Problem::conflict(
            "That sign-in is linked already, to this account or another. Unlink it there first.",
        ));
    }
    tell(tx, origin, EventKind::IdentityLinked, user, provider)
}

/// Takes an identity away, unless it is the only way in. `offered` are the providers that are configured: others let
/// nobody in.
pub fn unlink(
    tx: &mut Tx<'_>,
    actor: &Actor,
    id: IdentityId,
    offered: &[String],
) -> Result<(), Problem> {
    let user = auth::lock_user(tx, actor.id)?.ok_or_else(Problem::unauthenticated)?;
    let provider = queries::delete_identity(tx, actor.id, id)?.ok_or_else(Problem::not_found)?;
    let left = queries::list_identities(tx, actor.id)?;
    if user.password_hash.is_none() && !left.iter().any(|i| offered.contains(&i.provider)) {
        return Err(Problem::conflict(
            "This is your only way to sign in. Set a password first.",
        ));
    }
    let origin = &actor.origin;
    tell(tx, origin, EventKind::IdentityUnlinked, actor.id, &provider)
}

fn tell(
    tx: &mut Tx<'_>,
    origin: &Origin,
    kind: EventKind,
    user: UserId,
    provider: &str,
) -> Result<(), Problem> {
    let data = json!({ "provider": provider });
    events::emit(tx, origin, Event::about_user(kind, user, data)).map(drop)
}
