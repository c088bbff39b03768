//! One's own profile; for admins customers and agents.

use actix_web::{HttpResponse, Responder, get, patch, post, web};
use utoipa_actix_web::service_config::ServiceConfig;

use crate::{
    app::App,
    auth::{Actor, CurrentAdmin, SignedIn},
    db::ids::UserId,
    http::{IdempotencyKey, IfMatch, Json, Page, Path, Query, Tagged, idempotency},
    problem::{Problem, ProblemBody},
};

use super::{
    actions,
    wire::{
        AgentRow, CustomerRow, InvitationSent, InviteAgent, Me, Nothing, PeopleQuery, UpdateAgent,
        UpdateMe,
    },
};

pub fn routes(cfg: &mut ServiceConfig) {
    cfg.service(get_me)
        .service(update_me)
        .service(list_customers)
        .service(get_customer)
        .service(list_agents)
        .service(invite_agent)
        .service(resend_invitation)
        .service(update_agent);
}

/// Show my profile
///
/// The signed-in person: role, contact details, language and time zone.
#[utoipa::path(
    tag = "me",
    security(("bearer" = [])),
    responses((status = 200, description = "The signed-in person.", body = Me,
        headers(("ETag" = String, description = "The version, for `If-Match`."))))
)]
#[get("/me")]
async fn get_me(app: web::Data<App>, actor: SignedIn) -> Result<impl Responder, Problem> {
    let user = app.db.read(move |conn| actions::me(conn, &actor)).await?;
    Ok(Tagged::ok(user.version, Me::from(user)))
}

/// Change my profile
///
/// Changes what is sent and leaves the rest; `phone: null` removes the number. The email address changes another way,
/// because the new one has to be proven.
#[utoipa::path(
    tag = "me",
    security(("bearer" = [])),
    request_body = UpdateMe,
    params(("If-Match" = Option<String>, Header, description = "The `ETag` you saw; 412 when it has changed since.")),
    responses(
        (status = 200, description = "The profile after the change.", body = Me,
            headers(("ETag" = String, description = "The version, for `If-Match`."))),
        (status = 412, description = "It was changed in the meantime.", body = ProblemBody,
            content_type = "application/problem+json"),
    )
)]
#[patch("/me")]
async fn update_me(
    app: web::Data<App>,
    actor: Actor,
    if_match: IfMatch,
    body: Json<UpdateMe>,
) -> Result<impl Responder, Problem> {
    let changes = body.check()?;
    let user = app
        .db
        .write(move |tx| actions::change_me(tx, &actor, if_match, &changes))
        .await?;
    Ok(Tagged::ok(user.version, Me::from(user)))
}

/// List customers
///
/// For admins: everyone who registered, newest first, with what they raised and what we sent them.
#[utoipa::path(
    tag = "people",
    security(("bearer" = [])),
    params(PeopleQuery),
    responses((status = 200, description = "A page of customers.", body = Page<CustomerRow>))
)]
#[get("/customers")]
async fn list_customers(
    app: web::Data<App>,
    _admin: CurrentAdmin,
    query: Query<PeopleQuery>,
) -> Result<Json<Page<CustomerRow>>, Problem> {
    let filter = query.0.check()?;
    let page = app
        .db
        .snapshot(move |conn| actions::customers(conn, &filter))
        .await?;
    Ok(Json(page))
}

/// Show a customer
///
/// For admins: one customer with the same counts as in the list.
#[utoipa::path(
    tag = "people",
    security(("bearer" = [])),
    params(("id" = UserId, Path, description = "The customer's id.")),
    responses((status = 200, description = "The customer.", body = CustomerRow))
)]
#[get("/customers/{id}")]
async fn get_customer(
    app: web::Data<App>,
    admin: CurrentAdmin,
    id: Path<UserId>,
) -> Result<Json<CustomerRow>, Problem> {
    let row = app
        .db
        .snapshot(move |conn| actions::customer(conn, &admin, id.0))
        .await?;
    Ok(Json(row.into()))
}

/// List agents
///
/// For admins: all agents, newest first, with their invitation, workload and rating.
#[utoipa::path(
    tag = "people",
    security(("bearer" = [])),
    params(PeopleQuery),
    responses((status = 200, description = "A page of agents.", body = Page<AgentRow>))
)]
#[get("/agents")]
async fn list_agents(
    app: web::Data<App>,
    _admin: CurrentAdmin,
    query: Query<PeopleQuery>,
) -> Result<Json<Page<AgentRow>>, Problem> {
    let filter = query.0.check()?;
    let page = app
        .db
        .snapshot(move |conn| actions::agents(conn, &filter))
        .await?;
    Ok(Json(page))
}

/// Invite an agent
///
/// Makes the account and mails a link with which its owner chooses a password and joins. 409 when the address is in use.
/// The mail is in the language that `Accept-Language` asks for, or in English; so are later ones until the agent chooses another.
#[utoipa::path(
    tag = "people",
    security(("bearer" = [])),
    request_body = InviteAgent,
    params(("Idempotency-Key" = Option<String>, Header,
        description = "Any unique text; a repeat with the same key gets the same answer and no second effect.")),
    responses(
        (status = 201, description = "The agent, not joined yet.", body = AgentRow,
            headers(("ETag" = String, description = "The version, for `If-Match`."))),
        (status = 409, description = "The address is in use.", body = ProblemBody,
            content_type = "application/problem+json"),
    )
)]
#[post("/agents")]
async fn invite_agent(
    app: web::Data<App>,
    admin: CurrentAdmin,
    key: IdempotencyKey,
    body: Json<InviteAgent>,
) -> Result<impl Responder, Problem> {
    let (name, email) = body.check()?;
    let (config, actor) = (app.config.clone(), admin.0.clone());
    idempotency::create(&app.db, &admin, "invite_agent", key, &body.0, move |tx| {
        actions::invite(tx, &config.auth, &actor, &name, &email).map(AgentRow::from)
    })
    .await
}

/// Send an invitation again
///
/// Mails a new link; the one before no longer works. 409 when the agent has joined or is disabled.
#[utoipa::path(
    tag = "people",
    security(("bearer" = [])),
    request_body = Nothing,
    params(("id" = UserId, Path, description = "The agent's id.")),
    responses(
        (status = 202, description = "A new invitation is on its way.", body = InvitationSent),
        (status = 409, description = "The agent has joined already, or is disabled.", body = ProblemBody,
            content_type = "application/problem+json"),
    )
)]
#[post("/agents/{id}/invitation")]
async fn resend_invitation(
    app: web::Data<App>,
    admin: CurrentAdmin,
    id: Path<UserId>,
    _body: Json<Nothing>,
) -> Result<HttpResponse, Problem> {
    let config = app.config.clone();
    app.db
        .write(move |tx| actions::invite_again(tx, &config.auth, &admin, id.0))
        .await?;
    Ok(HttpResponse::Accepted().json(InvitationSent { status: "sent" }))
}

/// Change an agent
///
/// Renames an agent, or disables or enables the account. Disabling ends the agent's sessions at once; tickets stay
/// assigned and are counted in `open_tickets`.
#[utoipa::path(
    tag = "people",
    security(("bearer" = [])),
    request_body = UpdateAgent,
    params(
        ("id" = UserId, Path, description = "The agent's id."),
        ("If-Match" = Option<String>, Header, description = "The `ETag` you saw; 412 when it has changed since."),
    ),
    responses(
        (status = 200, description = "The agent after the change.", body = AgentRow,
            headers(("ETag" = String, description = "The version, for `If-Match`."))),
        (status = 412, description = "It was changed in the meantime.", body = ProblemBody,
            content_type = "application/problem+json"),
    )
)]
#[patch("/agents/{id}")]
async fn update_agent(
    app: web::Data<App>,
    admin: CurrentAdmin,
    if_match: IfMatch,
    id: Path<UserId>,
    body: Json<UpdateAgent>,
) -> Result<impl Responder, Problem> {
    let changes = body.check()?;
    let row = app
        .db
        .write(move |tx| actions::change_agent(tx, &admin, if_match, id.0, &changes))
        .await?;
    Ok(Tagged::ok(row.user.version, AgentRow::from(row)))
}
