//! The switch over HTTP, for admins.

use actix_web::{get, post, web};
use utoipa_actix_web::service_config::ServiceConfig;

use crate::{
    app::App,
    auth::{CurrentAdmin, ask_password_again},
    http::Json,
    problem::{Problem, ProblemBody},
};

use super::{
    actions,
    wire::{LockdownView, TurnSwitch},
};

pub fn routes(api: &mut ServiceConfig) {
    api.service(get_lockdown)
        .service(start_lockdown)
        .service(end_lockdown);
}

/// Show the lockdown
///
/// For admins: whether there is one, since when and why.
#[utoipa::path(
    tag = "lockdown",
    security(("bearer" = [])),
    responses((status = 200, description = "How the switch stands.", body = LockdownView))
)]
#[get("/lockdown")]
async fn get_lockdown(
    app: web::Data<App>,
    _admin: CurrentAdmin,
) -> Result<Json<LockdownView>, Problem> {
    let found = app.db.read(actions::show).await?;
    Ok(Json(LockdownView::new(found)))
}

/// Start a lockdown
///
/// For an attack. Ends all sessions and live streams but the caller's; until it ends, nobody signs in and nothing is changed:
/// every such request is answered 503 `lockdown`, on every server, within two seconds. `/meta` says so to everybody.
/// `care lockdown start` on the server does the same, and leaves no session at all.
#[utoipa::path(
    tag = "lockdown",
    security(("bearer" = [])),
    request_body = TurnSwitch,
    responses(
        (status = 200, description = "It is on.", body = LockdownView),
        (status = 409, description = "It was on already.", body = ProblemBody, content_type = "application/problem+json"),
    )
)]
#[post("/lockdown/start")]
async fn start_lockdown(
    app: web::Data<App>,
    admin: CurrentAdmin,
    body: Json<TurnSwitch>,
) -> Result<Json<LockdownView>, Problem> {
    let reason = body.check()?;
    ask_password_again(&app, &admin, body.0.current_password).await?;
    let found = app
        .db
        .write(move |tx| {
            actions::start(tx, &admin.origin, Some(admin.session_id), &reason)?;
            actions::show(tx)
        })
        .await?;
    app.lockdown.forget();
    Ok(Json(LockdownView::new(found)))
}

/// End the lockdown
///
/// Everybody can sign in again; sessions that it ended stay so.
#[utoipa::path(
    tag = "lockdown",
    security(("bearer" = [])),
    request_body = TurnSwitch,
    responses(
        (status = 200, description = "It is off.", body = LockdownView),
        (status = 409, description = "It was off already.", body = ProblemBody, content_type = "application/problem+json"),
    )
)]
#[post("/lockdown/end")]
async fn end_lockdown(
    app: web::Data<App>,
    admin: CurrentAdmin,
    body: Json<TurnSwitch>,
) -> Result<Json<LockdownView>, Problem> {
    let reason = body.check()?;
    ask_password_again(&app, &admin, body.0.current_password).await?;
    let found = app
        .db
        .write(move |tx| {
            actions::end(tx, &admin.origin, &reason)?;
            actions::show(tx)
        })
        .await?;
    app.lockdown.forget();
    Ok(Json(LockdownView::new(found)))
}
