//! The tickets over HTTP.

use actix_web::{get, patch, post, web::Data};
use utoipa_actix_web::service_config::ServiceConfig;

use crate::{
    app::App,
    auth::{Actor, CurrentCustomer},
    db::Tx,
    http::{
        IdempotencyKey, IfMatch, Json, Page, Path, Query, Tagged,
        etag::IfMatchHeader,
        idempotency::{self, Created, IdempotencyHeader},
    },
    problem::Problem,
};

use super::{
    TicketRef, actions,
    lists::list_tickets as find_tickets,
    load,
    model::{Move, Ticket},
    policy::Action,
    views::{TicketCounts, TicketSummary, TicketView, counts, summaries, ticket_view},
    wire::{
        Assign, Because, CreateTicket, Empty, ListTickets, SetStatus, UpdateTicket, checked_reason,
    },
};

pub fn routes(cfg: &mut ServiceConfig) {
    cfg.service(create_ticket)
        .service(list_tickets)
        .service(count_tickets)
        .service(get_ticket)
        .service(update_ticket)
        .service(set_ticket_status)
        .service(withdraw_ticket)
        .service(confirm_ticket)
        .service(reopen_ticket)
        .service(assign_ticket)
        .service(take_ticket);
}

/// Raise a ticket
///
/// For customers. The ticket gets its number at once, is open, and belongs to nobody until an agent takes it or an admin
/// assigns it. Send an `Idempotency-Key`: a repeat then answers the same ticket instead of raising another.
#[utoipa::path(
    tag = "tickets",
    security(("bearer" = [])),
    params(IdempotencyHeader),
    request_body(content = CreateTicket, example = json!({
        "kind": "complaint",
        "subject": "Charged twice for one order",
        "description": "On 2 November I was charged **twice** for order 20417.",
        "contact": {"name": "Ann Perera", "email": "ann@example.org", "preferred_channel": "email"},
        "complaint": {"reference": "INV-20417", "incident_date": "2026-11-02", "wanted_outcome": "Refund the second charge."}
    })),
    responses((status = 201, body = TicketView, description = "The ticket, with its number.",
        headers(("ETag" = String, description = "The version, quoted."))))
)]
#[post("/tickets")]
async fn create_ticket(
    app: Data<App>,
    customer: CurrentCustomer,
    key: IdempotencyKey,
    body: Json<CreateTicket>,
) -> Result<Created, Problem> {
    let body = body.0.checked()?;
    let (actor, new) = (customer.0.clone(), body.clone());
    idempotency::create(&app.db, &customer, "POST /tickets", key, &body, move |tx| {
        let ticket = actions::raise(tx, &actor, &new)?;
        ticket_view(tx, &actor, ticket)
    })
    .await
}

/// List tickets
///
/// Those the caller sees: a customer their own, an agent those assigned to them and those nobody has, an admin all.
/// Filters narrow that down; all of them must hold.
#[utoipa::path(
    tag = "tickets",
    security(("bearer" = [])),
    params(ListTickets),
    responses((status = 200, body = Page<TicketSummary>, description = "One page, newest first."))
)]
#[get("/tickets")]
async fn list_tickets(
    app: Data<App>,
    actor: Actor,
    query: Query<ListTickets>,
) -> Result<Json<Page<TicketSummary>>, Problem> {
    let (filter, limit, cursor) = query.0.checked(actor.id)?;
    let page = app.db.read(move |conn| {
        let rows = find_tickets(conn, &actor, &filter, cursor, limit + 1)?;
        let page = Page::of(rows, limit, |row| row.cursor(filter.sort), |row| row);
        Ok(Page {
            items: summaries(conn, &actor, page.items)?,
            next: page.next,
        })
    });
    page.await.map(Json)
}

/// Count tickets
///
/// How many tickets of each status the caller sees, and what waits for them. On a large desk an admin's numbers may be
/// some seconds old.
#[utoipa::path(
    tag = "tickets",
    security(("bearer" = [])),
    responses((status = 200, body = TicketCounts, description = "The counts."))
)]
#[get("/tickets/counts")]
async fn count_tickets(app: Data<App>, actor: Actor) -> Result<Json<TicketCounts>, Problem> {
    let everything = actor.is_admin();
    let fresh = app.db.read(move |conn| Ok(counts(conn, &actor)?));
    // An admin's counts are those of all tickets, the same for every admin.
    if everything {
        app.counts.get((), fresh).await.map(Json)
    } else {
        fresh.await.map(Json)
    }
}

/// Get a ticket
///
/// As the caller may see it: `can` says what they can do with it now.
#[utoipa::path(
    tag = "tickets",
    security(("bearer" = [])),
    params(("id" = String, Path, description = "The ticket's id, or its number.", example = "CCR-1042")),
    responses((status = 200, body = TicketView, description = "The ticket.",
        headers(("ETag" = String, description = "The version, quoted."))))
)]
#[get("/tickets/{id}")]
async fn get_ticket(
    app: Data<App>,
    actor: Actor,
    id: Path<String>,
) -> Result<Tagged<TicketView>, Problem> {
    let reference: TicketRef = id.0.parse()?;
    let view = app.db.read(move |conn| {
        let ticket = load(conn, &actor, reference, Action::View)?;
        ticket_view(conn, &actor, ticket)
    });
    Ok(tagged(view.await?))
}

/// Change priority or contact details
///
/// What is left out stays. The agent who owns the ticket and admins set the priority; its customer edits the contact
/// details while messages are open.
#[utoipa::path(
    tag = "tickets",
    security(("bearer" = [])),
    params(
        ("id" = String, Path, description = "The ticket's id, or its number.", example = "CCR-1042"),
        IfMatchHeader
    ),
    request_body(content = UpdateTicket, example = json!({"priority": "high"})),
    responses(
        (status = 200, body = TicketView, description = "The ticket as it is now.",
            headers(("ETag" = String, description = "The version, quoted."))),
        (status = 409, body = crate::problem::ProblemBody, content_type = "application/problem+json",
            description = "`illegal_move`: it is closed or withdrawn.")
    )
)]
#[patch("/tickets/{id}")]
async fn update_ticket(
    app: Data<App>,
    actor: Actor,
    id: Path<String>,
    if_match: IfMatch,
    body: Json<UpdateTicket>,
) -> Result<Tagged<TicketView>, Problem> {
    let body = body.0.checked()?;
    changed(&app, actor, &id.0, move |tx, actor, reference| {
        actions::update(tx, actor, reference, &body, if_match)
    })
    .await
}

/// Set the status
///
/// For the agent who owns the ticket: `open`, `pending` (waits for the customer), `on_hold` (waits for a third party) or
/// `resolved`. A closed or withdrawn ticket has to be reopened by its customer first.
#[utoipa::path(
    tag = "tickets",
    security(("bearer" = [])),
    params(
        ("id" = String, Path, description = "The ticket's id, or its number.", example = "CCR-1042"),
        IfMatchHeader
    ),
    request_body(content = SetStatus, example = json!({"status": "on_hold", "reason": "Waiting for the bank's answer."})),
    responses(
        (status = 200, body = TicketView, description = "The ticket as it is now.",
            headers(("ETag" = String, description = "The version, quoted."))),
        (status = 409, body = crate::problem::ProblemBody, content_type = "application/problem+json",
            description = "`illegal_move`: not from the status it is in.")
    )
)]
#[post("/tickets/{id}/status")]
async fn set_ticket_status(
    app: Data<App>,
    actor: Actor,
    id: Path<String>,
    if_match: IfMatch,
    body: Json<SetStatus>,
) -> Result<Tagged<TicketView>, Problem> {
    let mv = Move::SetStatus(body.status.into());
    move_ticket(&app, actor, &id.0, mv, body.reason.as_deref(), if_match).await
}

/// Withdraw a ticket
///
/// For its customer, while it is open, pending or on hold. It takes no more messages; it can be reopened until
/// `reopen_until`.
#[utoipa::path(
    tag = "tickets",
    security(("bearer" = [])),
    params(
        ("id" = String, Path, description = "The ticket's id, or its number.", example = "CCR-1042"),
        IfMatchHeader
    ),
    request_body(content = Because, example = json!({"reason": "It came right by itself."})),
    responses(
        (status = 200, body = TicketView, description = "The ticket as it is now.",
            headers(("ETag" = String, description = "The version, quoted."))),
        (status = 409, body = crate::problem::ProblemBody, content_type = "application/problem+json",
            description = "`illegal_move`: not from the status it is in.")
    )
)]
#[post("/tickets/{id}/withdraw")]
async fn withdraw_ticket(
    app: Data<App>,
    actor: Actor,
    id: Path<String>,
    if_match: IfMatch,
    body: Json<Because>,
) -> Result<Tagged<TicketView>, Problem> {
    move_ticket(
        &app,
        actor,
        &id.0,
        Move::Withdraw,
        body.reason.as_deref(),
        if_match,
    )
    .await
}

/// Confirm that a ticket is resolved
///
/// For its customer: the resolved ticket is closed. It takes no more messages; it can be reopened until `reopen_until`.
#[utoipa::path(
    tag = "tickets",
    security(("bearer" = [])),
    params(
        ("id" = String, Path, description = "The ticket's id, or its number.", example = "CCR-1042"),
        IfMatchHeader
    ),
    request_body(content = Empty, example = json!({})),
    responses(
        (status = 200, body = TicketView, description = "The ticket as it is now.",
            headers(("ETag" = String, description = "The version, quoted."))),
        (status = 409, body = crate::problem::ProblemBody, content_type = "application/problem+json",
            description = "`illegal_move`: not from the status it is in.")
    )
)]
#[post("/tickets/{id}/confirm")]
async fn confirm_ticket(
    app: Data<App>,
    actor: Actor,
    id: Path<String>,
    if_match: IfMatch,
    _body: Json<Empty>,
) -> Result<Tagged<TicketView>, Problem> {
    move_ticket(&app, actor, &id.0, Move::Confirm, None, if_match).await
}

/// Reopen a ticket
///
/// For its customer: a resolved ticket at any time, a closed or withdrawn one until `reopen_until`.
#[utoipa::path(
    tag = "tickets",
    security(("bearer" = [])),
    params(
        ("id" = String, Path, description = "The ticket's id, or its number.", example = "CCR-1042"),
        IfMatchHeader
    ),
    request_body(content = Because, example = json!({"reason": "The charge is back."})),
    responses(
        (status = 200, body = TicketView, description = "The ticket as it is now.",
            headers(("ETag" = String, description = "The version, quoted."))),
        (status = 409, body = crate::problem::ProblemBody, content_type = "application/problem+json",
            description = "`illegal_move`: it is not finished. `reopen_window_over`: too late, raise a new one.")
    )
)]
#[post("/tickets/{id}/reopen")]
async fn reopen_ticket(
    app: Data<App>,
    actor: Actor,
    id: Path<String>,
    if_match: IfMatch,
    body: Json<Because>,
) -> Result<Tagged<TicketView>, Problem> {
    move_ticket(
        &app,
        actor,
        &id.0,
        Move::Reopen,
        body.reason.as_deref(),
        if_match,
    )
    .await
}

/// Assign a ticket
///
/// For admins: gives it to an active agent, or to nobody. Both agents and the customer are told.
#[utoipa::path(
    tag = "tickets",
    security(("bearer" = [])),
    params(
        ("id" = String, Path, description = "The ticket's id, or its number.", example = "CCR-1042"),
        IfMatchHeader
    ),
    request_body(content = Assign, example = json!({
        "assignee_id": "019c7a54-c7f0-7d10-8f3e-2b1a5c9d4e6f", "note": "You know this customer."
    })),
    responses(
        (status = 200, body = TicketView, description = "The ticket as it is now.",
            headers(("ETag" = String, description = "The version, quoted."))),
        (status = 409, body = crate::problem::ProblemBody, content_type = "application/problem+json",
            description = "`illegal_move`: it is closed or withdrawn.")
    )
)]
#[post("/tickets/{id}/assign")]
async fn assign_ticket(
    app: Data<App>,
    actor: Actor,
    id: Path<String>,
    if_match: IfMatch,
    body: Json<Assign>,
) -> Result<Tagged<TicketView>, Problem> {
    let body = body.0.checked()?;
    changed(&app, actor, &id.0, move |tx, actor, reference| {
        actions::assign(tx, actor, reference, &body, if_match)
    })
    .await
}

/// Take a ticket
///
/// For agents: a ticket that nobody has becomes theirs. Of two agents at once, one gets it; for the other it is not there
/// any more (404).
#[utoipa::path(
    tag = "tickets",
    security(("bearer" = [])),
    params(
        ("id" = String, Path, description = "The ticket's id, or its number.", example = "CCR-1042"),
        IfMatchHeader
    ),
    request_body(content = Empty, example = json!({})),
    responses(
        (status = 200, body = TicketView, description = "The ticket as it is now.",
            headers(("ETag" = String, description = "The version, quoted."))),
        (status = 409, body = crate::problem::ProblemBody, content_type = "application/problem+json",
            description = "`illegal_move`: it is closed or withdrawn.")
    )
)]
#[post("/tickets/{id}/take")]
async fn take_ticket(
    app: Data<App>,
    actor: Actor,
    id: Path<String>,
    if_match: IfMatch,
    _body: Json<Empty>,
) -> Result<Tagged<TicketView>, Problem> {
    changed(&app, actor, &id.0, move |tx, actor, reference| {
        actions::take(tx, actor, reference, if_match)
    })
    .await
}

async fn move_ticket(
    app: &App,
    actor: Actor,
    id: &str,
    mv: Move,
    reason: Option<&str>,
    if_match: IfMatch,
) -> Result<Tagged<TicketView>, Problem> {
    let reason = checked_reason(reason)?;
    let days = app.config.reopen_days;
    changed(app, actor, id, move |tx, actor, reference| {
        actions::move_to_next_status(tx, actor, reference, mv, reason.as_deref(), if_match, days)
    })
    .await
}

/// Runs one verb in a transaction and shows the ticket as its actor sees it afterwards.
async fn changed(
    app: &App,
    actor: Actor,
    id: &str,
    verb: impl Fn(&mut Tx<'_>, &Actor, TicketRef) -> Result<Ticket, Problem> + Send + 'static,
) -> Result<Tagged<TicketView>, Problem> {
    let reference: TicketRef = id.parse()?;
    let view = app.db.write(move |tx| {
        let ticket = verb(tx, &actor, reference)?;
        ticket_view(tx, &actor, ticket)
    });
    Ok(tagged(view.await?))
}

fn tagged(view: TicketView) -> Tagged<TicketView> {
    Tagged::ok(view.version, view)
}
