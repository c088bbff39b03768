//! One's own second factor over HTTP; for admins, who needs one.

use actix_web::{HttpResponse, get, http::header, post, put, web};
use serde::Serialize;
use utoipa_actix_web::service_config::ServiceConfig;

use crate::{
    app::App,
    auth::{CurrentAdmin, SignedIn, ask_password_again, codes},
    http::Json,
    problem::{Problem, ProblemBody},
};

use super::{
    actions,
    wire::{
        BeginSecondFactor, ConfirmSecondFactor, ProveSecondFactor, RecoveryCodes,
        SecondFactorPolicy, SecondFactorView, SetSecondFactorPolicy, Setup,
    },
};

pub fn routes(api: &mut ServiceConfig) {
    api.service(get_my_second_factor)
        .service(begin_second_factor)
        .service(confirm_second_factor)
        .service(renew_recovery_codes)
        .service(turn_off_second_factor)
        .service(get_second_factor_policy)
        .service(set_second_factor_policy);
}

/// How my second factor stands
///
/// Also for a session whose `second_factor_due` is true.
#[utoipa::path(
    tag = "me",
    security(("bearer" = [])),
    responses((status = 200, description = "Whether there is one, and whether the role needs it.", body = SecondFactorView))
)]
#[get("/me/second-factor")]
async fn get_my_second_factor(
    app: web::Data<App>,
    actor: SignedIn,
) -> Result<Json<SecondFactorView>, Problem> {
    let view = app.db.read(move |conn| actions::show(conn, &actor)).await?;
    Ok(Json(view))
}

/// Begin to set up a second factor
///
/// Answers a new secret for an authenticator app (TOTP, RFC 6238: SHA-1, six digits, 30 seconds) as text, address and
/// picture. Nothing changes until a code of it is confirmed; beginning again replaces the secret. Also for a session whose
/// `second_factor_due` is true.
#[utoipa::path(
    tag = "me",
    security(("bearer" = [])),
    request_body = BeginSecondFactor,
    responses(
        (status = 200, description = "For the app.", body = Setup),
        (status = 409, description = "There is one already: turn it off first.", body = ProblemBody,
            content_type = "application/problem+json"),
    )
)]
#[post("/me/second-factor/begin")]
async fn begin_second_factor(
    app: web::Data<App>,
    actor: SignedIn,
    body: Json<BeginSecondFactor>,
) -> Result<HttpResponse, Problem> {
    ask_password_again(&app, &actor, body.0.current_password).await?;
    let config = app.config.clone();
    let setup = app
        .db
        .write(move |tx| actions::begin(tx, &config, &actor))
        .await?;
    Ok(private(&setup))
}

/// Confirm my second factor
///
/// With the first code that the app shows. From now on every sign-in needs a code; the answer holds ten recovery codes,
/// which are shown only now. The owner is told by mail. A session whose `second_factor_due` was true may do everything now.
#[utoipa::path(
    tag = "me",
    security(("bearer" = [])),
    request_body = ConfirmSecondFactor,
    responses(
        (status = 200, description = "It is on.", body = RecoveryCodes),
        (status = 409, description = "It was not begun, or is on already.", body = ProblemBody,
            content_type = "application/problem+json"),
    )
)]
#[post("/me/second-factor/confirm")]
async fn confirm_second_factor(
    app: web::Data<App>,
    actor: SignedIn,
    body: Json<ConfirmSecondFactor>,
) -> Result<HttpResponse, Problem> {
    let digits = body.digits()?;
    let config = app.config.clone();
    let confirmed = app
        .db
        .write(move |tx| actions::confirm(tx, &config.auth, &actor, &digits))
        .await?;
    Ok(private(&confirmed.ok_or_else(codes::refused)?))
}

/// Replace my recovery codes
///
/// Answers ten new ones, which are shown only now; those before are void. Needs the password and a code. The owner is told
/// by mail.
#[utoipa::path(
    tag = "me",
    security(("bearer" = [])),
    request_body = ProveSecondFactor,
    responses(
        (status = 200, description = "The new ones.", body = RecoveryCodes),
        (status = 409, description = "There is no second factor.", body = ProblemBody,
            content_type = "application/problem+json"),
    )
)]
#[post("/me/second-factor/recovery-codes")]
async fn renew_recovery_codes(
    app: web::Data<App>,
    actor: SignedIn,
    body: Json<ProveSecondFactor>,
) -> Result<HttpResponse, Problem> {
    let (step, code) = body.code()?;
    ask_password_again(&app, &actor, body.0.current_password).await?;
    let config = app.config.clone();
    let renewed = app
        .db
        .write(move |tx| actions::renew_recovery(tx, &config.auth, &actor, (step, &code)))
        .await?;
    Ok(private(&renewed.ok_or_else(codes::refused)?))
}

/// Turn my second factor off
///
/// Needs the password and a code of the app, or a recovery code. The owner is told by mail.
#[utoipa::path(
    tag = "me",
    security(("bearer" = [])),
    request_body = ProveSecondFactor,
    responses(
        (status = 204, description = "It is off."),
        (status = 409, description = "There is none, or the role needs it.", body = ProblemBody,
            content_type = "application/problem+json"),
    )
)]
#[post("/me/second-factor/turn-off")]
async fn turn_off_second_factor(
    app: web::Data<App>,
    actor: SignedIn,
    body: Json<ProveSecondFactor>,
) -> Result<HttpResponse, Problem> {
    let (step, code) = body.code()?;
    ask_password_again(&app, &actor, body.0.current_password).await?;
    let config = app.config.clone();
    let right = app
        .db
        .write(move |tx| actions::turn_off(tx, &config.auth, &actor, (step, &code)))
        .await?;
    match right {
        true => Ok(HttpResponse::NoContent().finish()),
        false => Err(codes::refused()),
    }
}

/// Who needs a second factor
///
/// For admins: the roles whose people have to set one up at their next sign-in.
#[utoipa::path(
    tag = "people",
    security(("bearer" = [])),
    responses((status = 200, description = "The roles.", body = SecondFactorPolicy))
)]
#[get("/settings/second-factor")]
async fn get_second_factor_policy(
    app: web::Data<App>,
    _admin: CurrentAdmin,
) -> Result<Json<SecondFactorPolicy>, Problem> {
    app.db.read(actions::policy).await.map(Json)
}

/// Say who needs a second factor
///
/// For admins, with the password once more. Sessions that hold go on; at the next sign-in `second_factor_due` is true for
/// those without one, and until they have set it up everything else is answered 403 `second_factor_due`. An admin has to
/// have one before asking it of admins.
#[utoipa::path(
    tag = "people",
    security(("bearer" = [])),
    request_body = SetSecondFactorPolicy,
    responses(
        (status = 200, description = "The roles now.", body = SecondFactorPolicy),
        (status = 409, description = "Set up your own first.", body = ProblemBody,
            content_type = "application/problem+json"),
    )
)]
#[put("/settings/second-factor")]
async fn set_second_factor_policy(
    app: web::Data<App>,
    admin: CurrentAdmin,
    body: Json<SetSecondFactorPolicy>,
) -> Result<Json<SecondFactorPolicy>, Problem> {
    let SetSecondFactorPolicy {
        required_for,
        current_password,
    } = body.0;
    ask_password_again(&app, &admin, current_password).await?;
    let policy = app
        .db
        .write(move |tx| actions::require(tx, &admin, &required_for))
        .await?;
    Ok(Json(policy))
}

/// An answer that no cache may keep.
fn private(body: &impl Serialize) -> HttpResponse {
    HttpResponse::Ok()
        .insert_header((header::CACHE_CONTROL, "no-store"))
        .json(body)
}
