//! The catalogue over HTTP.

use actix_web::{get, patch, post, put, web::Data};
use utoipa_actix_web::service_config::ServiceConfig;

use crate::{
    app::App,
    auth::{CurrentAdmin, MaybeActor},
    db::ids::ServiceId,
    http::{
        IdempotencyKey, IfMatch, Json, Path, Query, Tagged,
        etag::IfMatchHeader,
        idempotency::{self, Created, IdempotencyHeader},
    },
    problem::Problem,
};

use super::{
    actions,
    wire::{Catalogue, CreateService, ListServices, OrderServices, ServiceView, UpdateService},
};

pub fn routes(cfg: &mut ServiceConfig) {
    cfg.service(list_services)
        .service(create_service)
        .service(order_services)
        .service(get_service)
        .service(update_service);
}

/// List services
///
/// The catalogue in its order. Open to anyone; admins may also ask for what has been retired.
#[utoipa::path(
    tag = "services",
    security((), ("bearer" = [])),
    params(ListServices),
    responses((status = 200, body = Catalogue, description = "All services."))
)]
#[get("/services")]
async fn list_services(
    app: Data<App>,
    actor: MaybeActor,
    query: Query<ListServices>,
) -> Result<Json<Catalogue>, Problem> {
    let with_retired = query.0.include.is_some();
    if with_retired {
        let actor = actor.0.ok_or_else(Problem::unauthenticated)?;
        if !actor.is_admin() {
            return Err(Problem::forbidden("Only admins see retired services."));
        }
    }
    let rows = app
        .db
        .read(move |conn| actions::list(conn, with_retired))
        .await?;
    Ok(Json(rows.into()))
}

/// Get a service
///
/// Open to anyone; a retired one too, because tickets keep referring to it.
#[utoipa::path(
    tag = "services",
    params(("id" = ServiceId, Path, description = "The service's id.")),
    responses((status = 200, body = ServiceView, description = "The service.",
        headers(("ETag" = String, description = "The version, quoted."))))
)]
#[get("/services/{id}")]
async fn get_service(app: Data<App>, id: Path<ServiceId>) -> Result<Tagged<ServiceView>, Problem> {
    let id = id.0;
    let row = app.db.read(move |conn| actions::get(conn, id)).await?;
    Ok(Tagged::ok(row.version, row.into()))
}

/// Create a service
///
/// For admins. It goes to the end of the catalogue.
#[utoipa::path(
    tag = "services",
    security(("bearer" = [])),
    params(IdempotencyHeader),
    request_body(content = CreateService, example = json!({
        "name": "Card payments", "description": "Charges, refunds and cards that do not work.", "icon": "card"
    })),
    responses(
        (status = 201, body = ServiceView, description = "The service.",
            headers(("ETag" = String, description = "The version, quoted."))),
        (status = 409, body = crate::problem::ProblemBody, content_type = "application/problem+json",
            description = "A service on offer has this name, or there are too many.")
    )
)]
#[post("/services")]
async fn create_service(
    app: Data<App>,
    admin: CurrentAdmin,
    key: IdempotencyKey,
    body: Json<CreateService>,
) -> Result<Created, Problem> {
    let body = body.0.checked()?;
    let (actor, new) = (admin.clone(), body.clone());
    idempotency::create(&app.db, &admin, "POST /services", key, &body, move |tx| {
        actions::create(tx, &actor, &new).map(ServiceView::from)
    })
    .await
}

/// Change, retire or bring back a service
///
/// For admins. What is left out stays. A retired service is not offered any more; its tickets keep it.
#[utoipa::path(
    tag = "services",
    security(("bearer" = [])),
    params(("id" = ServiceId, Path, description = "The service's id."), IfMatchHeader),
    request_body(content = UpdateService, example = json!({"retired": true})),
    responses(
        (status = 200, body = ServiceView, description = "The service as it is now.",
            headers(("ETag" = String, description = "The version, quoted."))),
        (status = 409, body = crate::problem::ProblemBody, content_type = "application/problem+json",
            description = "A service on offer has this name, or there are too many.")
    )
)]
#[patch("/services/{id}")]
async fn update_service(
    app: Data<App>,
    admin: CurrentAdmin,
    id: Path<ServiceId>,
    if_match: IfMatch,
    body: Json<UpdateService>,
) -> Result<Tagged<ServiceView>, Problem> {
    let (id, body) = (id.0, body.0.checked()?);
    let row = app
        .db
        .write(move |tx| actions::update(tx, &admin, id, &body, if_match))
        .await?;
    Ok(Tagged::ok(row.version, row.into()))
}

/// Order the services
///
/// For admins: every service on offer once, in the order wanted.
#[utoipa::path(
    tag = "services",
    security(("bearer" = [])),
    request_body(content = OrderServices, example = json!({
        "ids": ["019c7a54-c7f0-7d10-8f3e-2b1a5c9d4e6f", "019c7a54-c7f1-7a30-9c1d-6e8f0a2b4c3d"]
    })),
    responses((status = 200, body = Catalogue, description = "The catalogue in its new order."))
)]
#[put("/services/order")]
async fn order_services(
    app: Data<App>,
    admin: CurrentAdmin,
    body: Json<OrderServices>,
) -> Result<Json<Catalogue>, Problem> {
    let body = body.0;
    let rows = app
        .db
        .write(move |tx| actions::order(tx, &admin, &body))
        .await?;
    Ok(Json(rows.into()))
}
