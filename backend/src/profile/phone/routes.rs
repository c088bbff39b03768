//! Proving one's number over HTTP.

use actix_web::{HttpResponse, Responder, get, post, web};
use utoipa_actix_web::service_config::ServiceConfig;

use crate::{
    app::App,
    auth::{Actor, codes},
    http::{Json, Tagged},
    people::Me,
    problem::{Problem, ProblemBody},
};

use super::{
    actions,
    wire::{ConfirmPhone, PhoneProof, ProvePhone},
};

pub fn routes(api: &mut ServiceConfig) {
    api.service(get_phone_proof)
        .service(prove_phone)
        .service(confirm_phone);
}

/// Where proving my number stands
///
/// The number that waits for its code, or null. When the text could not be sent, it says so.
#[utoipa::path(
    tag = "me",
    security(("bearer" = [])),
    responses((status = 200, description = "What is pending.", body = PhoneProof))
)]
#[get("/me/phone")]
async fn get_phone_proof(app: web::Data<App>, actor: Actor) -> Result<Json<PhoneProof>, Problem> {
    let found = app.db.read(move |conn| actions::pending(conn, &actor));
    found.await.map(Json)
}

/// Prove my number
///
/// A text message with a code goes to the number. Asking again replaces the code before. Only where text messages are set
/// up (`sms` of `/meta`); how many a person and a number get in a day is limited.
#[utoipa::path(
    tag = "me",
    security(("bearer" = [])),
    request_body = ProvePhone,
    responses(
        (status = 202, description = "A text is on its way, if the number exists.", body = PhoneProof),
        (status = 409, description = "Text messages are not set up.", body = ProblemBody,
            content_type = "application/problem+json"),
    )
)]
#[post("/me/phone")]
async fn prove_phone(
    app: web::Data<App>,
    actor: Actor,
    body: Json<ProvePhone>,
) -> Result<HttpResponse, Problem> {
    let phone = body.check()?;
    let config = app.config.clone();
    let state = app
        .db
        .write(move |tx| actions::ask(tx, &config, &actor, &phone))
        .await?;
    Ok(HttpResponse::Accepted().json(state))
}

/// Type the code from the text
///
/// From then on the number is the caller's and `phone_confirmed`. Changing it another way makes it unconfirmed again.
#[utoipa::path(
    tag = "me",
    security(("bearer" = [])),
    request_body = ConfirmPhone,
    responses((status = 200, description = "The profile with the number.", body = Me,
        headers(("ETag" = String, description = "The version, for `If-Match`."))))
)]
#[post("/me/phone/confirm")]
async fn confirm_phone(
    app: web::Data<App>,
    actor: Actor,
    body: Json<ConfirmPhone>,
) -> Result<impl Responder, Problem> {
    let code = body.check()?;
    let (config, caller) = (app.config.clone(), actor.clone());
    let code = app
        .db
        .write(move |tx| actions::judge(tx, &config.auth, &caller, &code))
        .await?
        .ok_or_else(codes::refused)?;
    let user = app
        .db
        .write(move |tx| actions::confirm(tx, &actor, &code))
        .await?;
    Ok(Tagged::ok(user.version, Me::from(user)))
}
