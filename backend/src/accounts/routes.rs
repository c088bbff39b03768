//! Accounts over HTTP, for admins.

use actix_web::{HttpResponse, Responder, delete, get, patch, post, web};
use utoipa_actix_web::service_config::ServiceConfig;

use crate::{
    app::App,
    auth::CurrentAdmin,
    db::ids::UserId,
    http::{IfMatch, Json, Page, Path, Query, Tagged},
    problem::{Problem, ProblemBody},
};

use super::{
    actions,
    wire::{AccountQuery, AccountView, UpdateAccount},
};

pub fn routes(api: &mut ServiceConfig) {
    api.service(list_accounts)
        .service(get_account)
        .service(update_account)
        .service(unlock_account)
        .service(sign_out_account)
        .service(require_password_change)
        .service(remove_account_second_factor);
}

/// List accounts
///
/// For admins: customers, agents and admins, newest first, with what matters for signing in.
#[utoipa::path(
    tag = "people",
    security(("bearer" = [])),
    params(AccountQuery),
    responses((status = 200, description = "A page of accounts.", body = Page<AccountView>))
)]
#[get("/accounts")]
async fn list_accounts(
    app: web::Data<App>,
    _admin: CurrentAdmin,
    query: Query<AccountQuery>,
) -> Result<Json<Page<AccountView>>, Problem> {
    let filter = query.0.check()?;
    let config = app.config.clone();
    let page = app
        .db
        .snapshot(move |conn| actions::list(conn, &config.auth, &filter))
        .await?;
    Ok(Json(page))
}

/// Show an account
///
/// For admins: anybody's, whatever the role.
#[utoipa::path(
    tag = "people",
    security(("bearer" = [])),
    params(("id" = UserId, Path, description = "The person's id.")),
    responses((status = 200, description = "The account.", body = AccountView,
        headers(("ETag" = String, description = "The version, for `If-Match`."))))
)]
#[get("/accounts/{id}")]
async fn get_account(
    app: web::Data<App>,
    admin: CurrentAdmin,
    id: Path<UserId>,
) -> Result<impl Responder, Problem> {
    let config = app.config.clone();
    let account = app
        .db
        .snapshot(move |conn| actions::show(conn, &config.auth, &admin, id.0))
        .await?;
    Ok(Tagged::ok(account.user.version, AccountView::from(account)))
}

/// Switch an account off or on
///
/// Off ends its sessions and live streams at once and voids its codes; tickets stay where they are. There is always at least
/// one active admin: the last one is refused with 409.
#[utoipa::path(
    tag = "people",
    security(("bearer" = [])),
    request_body = UpdateAccount,
    params(
        ("id" = UserId, Path, description = "The person's id."),
        ("If-Match" = Option<String>, Header, description = "The `ETag` you saw; 412 when it has changed since."),
    ),
    responses(
        (status = 200, description = "The account after the change.", body = AccountView,
            headers(("ETag" = String, description = "The version, for `If-Match`."))),
        (status = 409, description = "It is the only active admin.", body = ProblemBody,
            content_type = "application/problem+json"),
        (status = 412, description = "It was changed in the meantime.", body = ProblemBody,
            content_type = "application/problem+json"),
    )
)]
#[patch("/accounts/{id}")]
async fn update_account(
    app: web::Data<App>,
    admin: CurrentAdmin,
    if_match: IfMatch,
    id: Path<UserId>,
    body: Json<UpdateAccount>,
) -> Result<impl Responder, Problem> {
    let (config, change) = (app.config.clone(), (id.0, body.disabled));
    let account = app
        .db
        .write(move |tx| actions::change(tx, &config.auth, &admin, if_match, change))
        .await?;
    Ok(Tagged::ok(account.user.version, AccountView::from(account)))
}

/// Unlock an account
///
/// Forgets its wrong passwords and wrong codes, so that its owner need not wait.
#[utoipa::path(
    tag = "people",
    security(("bearer" = [])),
    params(("id" = UserId, Path, description = "The person's id.")),
    responses((status = 204, description = "Unlocked."))
)]
#[post("/accounts/{id}/unlock")]
async fn unlock_account(
    app: web::Data<App>,
    admin: CurrentAdmin,
    id: Path<UserId>,
) -> Result<HttpResponse, Problem> {
    app.db
        .write(move |tx| actions::unlock(tx, &admin, id.0))
        .await?;
    Ok(HttpResponse::NoContent().finish())
}

/// Sign an account out everywhere
///
/// Ends all its sessions and live streams at once; of one's own account, those elsewhere. Its owner can sign in again.
#[utoipa::path(
    tag = "people",
    security(("bearer" = [])),
    params(("id" = UserId, Path, description = "The person's id.")),
    responses((status = 204, description = "It has no session any more."))
)]
#[post("/accounts/{id}/sign-out")]
async fn sign_out_account(
    app: web::Data<App>,
    admin: CurrentAdmin,
    id: Path<UserId>,
) -> Result<HttpResponse, Problem> {
    app.db
        .write(move |tx| actions::sign_out(tx, &admin, id.0))
        .await?;
    Ok(HttpResponse::NoContent().finish())
}

/// Require a new password
///
/// From the next sign-in on the password alone is not enough: it is answered 403 `password_change_required`, and a code to
/// choose a new one is mailed. Live sessions go on; to end them too, sign the account out. Ways in through a provider stay.
#[utoipa::path(
    tag = "people",
    security(("bearer" = [])),
    params(("id" = UserId, Path, description = "The person's id.")),
    responses(
        (status = 204, description = "It is required."),
        (status = 409, description = "The account has no password.", body = ProblemBody,
            content_type = "application/problem+json"),
    )
)]
#[post("/accounts/{id}/require-password-change")]
async fn require_password_change(
    app: web::Data<App>,
    admin: CurrentAdmin,
    id: Path<UserId>,
) -> Result<HttpResponse, Problem> {
    app.db
        .write(move |tx| actions::require_password_change(tx, &admin, id.0))
        .await?;
    Ok(HttpResponse::NoContent().finish())
}

/// Take an account's second factor away
///
/// For somebody who lost their authenticator app and the recovery codes: make sure who asks. The owner is told by mail. The
/// account's sign-ins go by password alone until a new one is set up.
#[utoipa::path(
    tag = "people",
    security(("bearer" = [])),
    params(("id" = UserId, Path, description = "The person's id.")),
    responses(
        (status = 204, description = "There is none any more."),
        (status = 409, description = "There was none, or it is your own.", body = ProblemBody,
            content_type = "application/problem+json"),
    )
)]
#[delete("/accounts/{id}/second-factor")]
async fn remove_account_second_factor(
    app: web::Data<App>,
    admin: CurrentAdmin,
    id: Path<UserId>,
) -> Result<HttpResponse, Problem> {
    app.db
        .write(move |tx| actions::remove_second_factor(tx, &admin, id.0))
        .await?;
    Ok(HttpResponse::NoContent().finish())
}
