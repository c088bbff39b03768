//! Changing one's address over HTTP. The password is compared between transactions, never while one is open.

use actix_web::{HttpResponse, Responder, delete, get, post, web};
use utoipa_actix_web::service_config::ServiceConfig;

use crate::{
    app::App,
    auth::{Actor, ask_password_again, codes},
    http::{Json, Origin, Tagged},
    people::Me,
    problem::{Problem, ProblemBody},
};

use super::{
    actions,
    wire::{ChangeEmail, ConfirmEmailChange, EmailChange, UndoEmailChange},
};

pub fn routes(api: &mut ServiceConfig) {
    api.service(get_email_change)
        .service(start_email_change)
        .service(cancel_email_change)
        .service(confirm_email_change)
        .service(undo_email_change);
}

/// Where my change of address stands
///
/// The address that waits to be proven, or null.
#[utoipa::path(
    tag = "me",
    security(("bearer" = [])),
    responses((status = 200, description = "What is pending.", body = EmailChange))
)]
#[get("/me/email-change")]
async fn get_email_change(app: web::Data<App>, actor: Actor) -> Result<Json<EmailChange>, Problem> {
    let found = app.db.read(move |conn| actions::pending(conn, &actor));
    found.await.map(Json)
}

/// Begin to change my address
///
/// Needs the current password. A code goes to the new address, a warning to the present one; nothing changes before the
/// code is typed. The answer is the same when the new address belongs to another account: its owner is told instead.
/// Beginning again replaces the change before.
#[utoipa::path(
    tag = "me",
    security(("bearer" = [])),
    request_body = ChangeEmail,
    responses((status = 202, description = "A code is on its way to the new address, if it can be.", body = EmailChange))
)]
#[post("/me/email-change")]
async fn start_email_change(
    app: web::Data<App>,
    actor: Actor,
    body: Json<ChangeEmail>,
) -> Result<HttpResponse, Problem> {
    let email = body.check()?;
    ask_password_again(&app, &actor, body.0.current_password).await?;
    let config = app.config.clone();
    let state = app
        .db
        .write(move |tx| actions::ask(tx, &config.auth, &actor, &email))
        .await?;
    Ok(HttpResponse::Accepted().json(state))
}

/// Give up my change of address
///
/// The code that was mailed no longer works. Nothing happens when no change is pending.
#[utoipa::path(
    tag = "me",
    security(("bearer" = [])),
    responses((status = 204, description = "No change is pending."))
)]
#[delete("/me/email-change")]
async fn cancel_email_change(app: web::Data<App>, actor: Actor) -> Result<HttpResponse, Problem> {
    app.db.write(move |tx| actions::cancel(tx, &actor)).await?;
    Ok(HttpResponse::NoContent().finish())
}

/// Prove my new address
///
/// With the six digits, or the token of the link, signed in to the account that asked. From then on the new address signs
/// in and gets the mails. Other devices are signed out; linked identities stay. The old address is told, and can take the
/// change back for a week (`CARE_LINK_TTL`).
#[utoipa::path(
    tag = "me",
    security(("bearer" = [])),
    request_body = ConfirmEmailChange,
    responses(
        (status = 200, description = "The profile with the new address.", body = Me,
            headers(("ETag" = String, description = "The version, for `If-Match`."))),
        (status = 409, description = "The address has become another account's.", body = ProblemBody,
            content_type = "application/problem+json"),
    )
)]
#[post("/me/email-change/confirm")]
async fn confirm_email_change(
    app: web::Data<App>,
    actor: Actor,
    body: Json<ConfirmEmailChange>,
) -> Result<impl Responder, Problem> {
    let shown = body.0.check()?;
    let (config, caller) = (app.config.clone(), actor.clone());
    let code = app
        .db
        .write(move |tx| actions::judge(tx, &config.auth, &caller, &shown))
        .await?
        .ok_or_else(codes::refused)?;
    let config = app.config.clone();
    let user = app
        .db
        .write(move |tx| actions::change(tx, &config.auth, &actor, &code))
        .await?;
    Ok(Tagged::ok(user.version, Me::from(user)))
}

/// Take a change of address back
///
/// With the token of the link that the old address got; nobody need be signed in. The account returns to that address.
/// All sessions end; the password, and identities linked since, no longer open it; security questions and a second factor
/// set up since are removed, and a deletion asked for is undone. Ask for a new password (`/auth/forgot-password`)
/// afterwards.
#[utoipa::path(
    tag = "auth",
    request_body = UndoEmailChange,
    responses(
        (status = 204, description = "The address is the old one again."),
        (status = 409, description = "The old address has become another account's.", body = ProblemBody,
            content_type = "application/problem+json"),
    )
)]
#[post("/auth/undo-email-change")]
async fn undo_email_change(
    app: web::Data<App>,
    origin: Origin,
    body: Json<UndoEmailChange>,
) -> Result<HttpResponse, Problem> {
    let token = body.check()?;
    let config = app.config.clone();
    app.db
        .write(move |tx| actions::undo(tx, &config.auth, &origin, &token))
        .await?;
    Ok(HttpResponse::NoContent().finish())
}
