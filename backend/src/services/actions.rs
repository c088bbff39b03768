//! Keeping the catalogue.

use std::collections::BTreeSet;

use diesel::PgConnection;
use serde_json::{Value, json};

use crate::{
    auth::CurrentAdmin,
    db::{Tx, ids::ServiceId},
    events::{self, Audience, Event, EventKind},
    http::etag::IfMatch,
    problem::{FieldCode, Problem},
};

use super::{
    model::{MAX_SERVICES, Service, ServiceChanges},
    queries,
    wire::{CreateService, OrderServices, UpdateService},
};

/// The catalogue; with what has been retired, for admins.
pub fn list(conn: &mut PgConnection, with_retired: bool) -> Result<Vec<Service>, Problem> {
    Ok(queries::list(conn, with_retired)?)
}

pub fn get(conn: &mut PgConnection, id: ServiceId) -> Result<Service, Problem> {
    Ok(queries::get(conn, id)?)
}

/// Adds a service at the end of the catalogue.
pub fn create(
    tx: &mut Tx<'_>,
    admin: &CurrentAdmin,
    body: &CreateService,
) -> Result<Service, Problem> {
    let position = free_place(tx)?;
    let service = queries::insert(tx, &body.name, &body.description, body.icon, position)?;
    announce(
        tx,
        admin,
        EventKind::ServiceCreated,
        json!({ "id": service.id }),
    )?;
    Ok(service)
}

/// Changes name, description or icon; retires it or puts it back.
pub fn update(
    tx: &mut Tx<'_>,
    admin: &CurrentAdmin,
    id: ServiceId,
    body: &UpdateService,
    if_match: IfMatch,
) -> Result<Service, Problem> {
    let (before, now) = queries::lock(tx, id)?;
    if_match.check(before.version)?;
    let (mut position, mut retired_at) = (None, None);
    match (body.retired, before.retired_at) {
        (Some(true), None) => retired_at = Some(Some(now)),
        (Some(false), Some(_)) => {
            position = Some(free_place(tx)?);
            retired_at = Some(None);
        }
        _ => {}
    }
    let changes = ServiceChanges {
        name: body.name.clone(),
        description: body.description.clone(),
        icon: body.icon,
        position,
        retired_at,
    };
    let service = queries::change(tx, id, &changes)?;
    let data = json!({ "id": id, "retired": service.retired_at.is_some() });
    announce(tx, admin, EventKind::ServiceChanged, data)?;
    Ok(service)
}

/// Puts all services on offer in the order wanted.
pub fn order(
    tx: &mut Tx<'_>,
    admin: &CurrentAdmin,
    body: &OrderServices,
) -> Result<Vec<Service>, Problem> {
    let offered = queries::lock_offered(tx)?;
    let wanted: BTreeSet<ServiceId> = body.ids.iter().copied().collect();
    if wanted.len() != body.ids.len() || wanted != offered.into_iter().collect() {
        return Err(Problem::field(
            "/ids",
            FieldCode::Mismatch,
            "Name every service on offer once. Load the list again if someone changed it.",
        ));
    }
    if queries::reorder(tx, &body.ids)? > 0 {
        announce(
            tx,
            admin,
            EventKind::ServiceChanged,
            json!({ "ordered": true }),
        )?;
    }
    Ok(queries::list(tx, false)?)
}

fn free_place(tx: &mut Tx<'_>) -> Result<i32, Problem> {
    let (count, place) = queries::count_offered(tx)?;
    if count >= MAX_SERVICES {
        return Err(Problem::conflict(format!(
            "There are {MAX_SERVICES} services already. Retire one first."
        )));
    }
    Ok(place)
}

fn announce(
    tx: &mut Tx<'_>,
    admin: &CurrentAdmin,
    kind: EventKind,
    data: Value,
) -> Result<(), Problem> {
    let event = Event {
        kind,
        ticket_id: None,
        user_id: None,
        seq: None,
        data,
        audience: Audience {
            everyone: true,
            ..Audience::default()
        },
    };
    events::emit(tx, &admin.origin, event)?;
    Ok(())
}
