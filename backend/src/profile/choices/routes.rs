//! Notification choices over HTTP.

use actix_web::{get, patch, web};
use utoipa_actix_web::service_config::ServiceConfig;

use crate::{app::App, auth::Actor, http::Json, problem::Problem};

use super::{
    actions,
    wire::{NotificationChoices, UpdateNotificationChoices},
};

pub fn routes(api: &mut ServiceConfig) {
    api.service(get_notification_choices)
        .service(update_notification_choices);
}

/// What I hear of
///
/// By topic and channel, those that concern somebody with the caller's role. Everything is on until it is turned off.
#[utoipa::path(
    tag = "me",
    security(("bearer" = [])),
    responses((status = 200, description = "The choices.", body = NotificationChoices))
)]
#[get("/me/notifications")]
async fn get_notification_choices(
    app: web::Data<App>,
    actor: Actor,
) -> Result<Json<NotificationChoices>, Problem> {
    let found = app.db.read(move |conn| actions::list(conn, &actor));
    found.await.map(Json)
}

/// Choose what I hear of
///
/// Changes what is sent and leaves the rest. Holds for what happens from now on. Mails that protect the account
/// (`fixed`) can not be turned off.
#[utoipa::path(
    tag = "me",
    security(("bearer" = [])),
    request_body = UpdateNotificationChoices,
    responses((status = 200, description = "All choices after the change.", body = NotificationChoices))
)]
#[patch("/me/notifications")]
async fn update_notification_choices(
    app: web::Data<App>,
    actor: Actor,
    body: Json<UpdateNotificationChoices>,
) -> Result<Json<NotificationChoices>, Problem> {
    let choices = body.check(actor.role)?;
    let after = app
        .db
        .write(move |tx| actions::change(tx, &actor, &choices));
    after.await.map(Json)
}
