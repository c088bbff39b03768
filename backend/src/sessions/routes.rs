//! One's own sessions and sign-ins over HTTP.

use actix_web::{HttpResponse, delete, get, web};
use utoipa_actix_web::service_config::ServiceConfig;

use crate::{
    app::App,
    auth::Actor,
    db::ids::SessionId,
    http::{Json, Page, PageQuery, Path, Query},
    problem::Problem,
};

use super::{
    actions,
    wire::{Sessions, SignInView},
};

pub fn routes(api: &mut ServiceConfig) {
    api.service(list_my_sessions)
        .service(end_my_session)
        .service(end_my_other_sessions)
        .service(list_my_sign_ins);
}

/// Where I am signed in
///
/// The sessions that hold, the latest seen first; at most 200. Places are rough: they are what a file on the server says of
/// the address, when its operator has set one (`CARE_PLACES`).
#[utoipa::path(
    tag = "me",
    security(("bearer" = [])),
    responses((status = 200, description = "The sessions.", body = Sessions))
)]
#[get("/me/sessions")]
async fn list_my_sessions(app: web::Data<App>, actor: Actor) -> Result<Json<Sessions>, Problem> {
    let places = app.places.clone();
    let items = app
        .db
        .read(move |conn| actions::list(conn, &actor, &places));
    let items = items.await?;
    Ok(Json(Sessions { items }))
}

/// End one of my sessions
///
/// At once, everywhere. The browser is no longer a known one: signing in there again is told by mail.
#[utoipa::path(
    tag = "me",
    security(("bearer" = [])),
    params(("id" = SessionId, Path, description = "Of the session.")),
    responses((status = 204, description = "Ended."))
)]
#[delete("/me/sessions/{id}")]
async fn end_my_session(
    app: web::Data<App>,
    actor: Actor,
    id: Path<SessionId>,
) -> Result<HttpResponse, Problem> {
    app.db
        .write(move |tx| actions::end_one(tx, &actor, id.0))
        .await?;
    Ok(HttpResponse::NoContent().finish())
}

/// End all my other sessions
///
/// At once, everywhere; this one goes on.
#[utoipa::path(
    tag = "me",
    security(("bearer" = [])),
    responses((status = 204, description = "This is the only session now."))
)]
#[delete("/me/sessions")]
async fn end_my_other_sessions(app: web::Data<App>, actor: Actor) -> Result<HttpResponse, Problem> {
    app.db
        .write(move |tx| actions::end_others(tx, &actor))
        .await?;
    Ok(HttpResponse::NoContent().finish())
}

/// How I signed in
///
/// Sign-ins of this account and attempts that failed, newest first, as far back as they are kept. An attempt you do not
/// know means that somebody tries your address; a sign-in you do not know, that you should set a new password.
#[utoipa::path(
    tag = "me",
    security(("bearer" = [])),
    params(PageQuery),
    responses((status = 200, description = "A page of the history.", body = Page<SignInView>))
)]
#[get("/me/sign-ins")]
async fn list_my_sign_ins(
    app: web::Data<App>,
    actor: Actor,
    query: Query<PageQuery>,
) -> Result<Json<Page<SignInView>>, Problem> {
    let (limit, cursor) = query.0.check()?;
    let places = app.places.clone();
    let page = app
        .db
        .read(move |conn| actions::history(conn, &actor, &places, cursor, limit));
    page.await.map(Json)
}
