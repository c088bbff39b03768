//! One's data, and deleting one's account, over HTTP. The password is compared between transactions.

use actix_web::{HttpResponse, delete, get, http::header, post, web};
use utoipa::ToSchema;
use utoipa_actix_web::service_config::ServiceConfig;

use crate::{
    app::App,
    auth::{Actor, ask_password_again},
    http::Json,
    problem::{Problem, ProblemBody},
};

use super::{
    actions,
    wire::{Deletion, MyExport, WithPassword},
};

pub fn routes(api: &mut ServiceConfig) {
    api.service(get_my_export)
        .service(start_my_export)
        .service(download_my_export)
        .service(delete_my_export)
        .service(get_my_deletion)
        .service(delete_my_account)
        .service(keep_my_account);
}

/// Where the copy of my data stands
///
/// Null when none was asked for, or when its time is over.
#[utoipa::path(
    tag = "me",
    security(("bearer" = [])),
    responses((status = 200, description = "The copy, without its bytes.", body = MyExport))
)]
#[get("/me/export")]
async fn get_my_export(app: web::Data<App>, actor: Actor) -> Result<Json<MyExport>, Problem> {
    let found = app.db.read(move |conn| actions::export(conn, &actor));
    Ok(Json(found.await?.into()))
}

/// Ask for a copy of my data
///
/// Needs the current password. Everything we hold about the caller is gathered in the background; a mail tells when it
/// can be downloaded, for a week (`CARE_EXPORT_DAYS`). It replaces the copy before.
#[utoipa::path(
    tag = "me",
    security(("bearer" = [])),
    request_body = WithPassword,
    responses(
        (status = 202, description = "It is being prepared.", body = MyExport),
        (status = 409, description = "One is being prepared already.", body = ProblemBody,
            content_type = "application/problem+json"),
    )
)]
#[post("/me/export")]
async fn start_my_export(
    app: web::Data<App>,
    actor: Actor,
    body: Json<WithPassword>,
) -> Result<HttpResponse, Problem> {
    ask_password_again(&app, &actor, body.0.current_password).await?;
    let begun = app
        .db
        .write(move |tx| actions::ask_for_export(tx, &actor))
        .await?;
    Ok(HttpResponse::Accepted().json(MyExport::from(begun)))
}

/// The bytes of an archive.
#[derive(ToSchema)]
#[schema(value_type = String, format = Binary)]
#[allow(dead_code, reason = "it says what the body is, in the document")]
struct Archive(Vec<u8>);

/// Download the copy of my data
///
/// A ZIP archive: JSON files, one per kind of data, and the picture. `README.txt` in it says what is where.
#[utoipa::path(
    tag = "me",
    security(("bearer" = [])),
    responses(
        (status = 200, description = "The archive.", body = Archive, content_type = "application/zip"),
        (status = 404, description = "There is none, or its time is over.", body = ProblemBody,
            content_type = "application/problem+json"),
    )
)]
#[get("/me/export/archive")]
async fn download_my_export(app: web::Data<App>, actor: Actor) -> Result<HttpResponse, Problem> {
    let bytes = app
        .db
        .read(move |conn| actions::download(conn, &actor))
        .await?;
    Ok(HttpResponse::Ok()
        .content_type("application/zip")
        .insert_header((
            header::CONTENT_DISPOSITION,
            "attachment; filename=\"my-data.zip\"",
        ))
        .body(bytes))
}

/// Delete the copy of my data
///
/// The archive, not the data. Nothing happens when there is none.
#[utoipa::path(
    tag = "me",
    security(("bearer" = [])),
    responses((status = 204, description = "There is none any more."))
)]
#[delete("/me/export")]
async fn delete_my_export(app: web::Data<App>, actor: Actor) -> Result<HttpResponse, Problem> {
    app.db
        .write(move |tx| actions::drop_export(tx, &actor))
        .await?;
    Ok(HttpResponse::NoContent().finish())
}

/// Whether my account is about to be deleted
///
/// And when that will be; it can be undone until then. Before that: what is in the way.
#[utoipa::path(
    tag = "me",
    security(("bearer" = [])),
    responses((status = 200, description = "When it will be, and what is in the way.", body = Deletion))
)]
#[get("/me/deletion")]
async fn get_my_deletion(app: web::Data<App>, actor: Actor) -> Result<Json<Deletion>, Problem> {
    let grace = app.config.privacy.deletion_after;
    let found = app
        .db
        .read(move |conn| actions::deletion(conn, &actor, grace));
    found.await.map(Json)
}

/// Delete my account
///
/// Needs the current password. After a time to think it over (`CARE_DELETION_DAYS`, told by mail) everything that says who
/// the caller is gets deleted: name, addresses, phone, picture, ways to sign in, history of sign-ins, and these words
/// wherever they stand in tickets of theirs. Tickets and messages stay, by "Deleted person". Until then the account works
/// as before, and `DELETE` undoes it. Agents hand their open tickets over first; the last active admin stays.
#[utoipa::path(
    tag = "me",
    security(("bearer" = [])),
    request_body = WithPassword,
    responses(
        (status = 202, description = "It will be deleted. The same when that was asked for before.", body = Deletion),
        (status = 409, description = "Open tickets, or no other active admin.", body = ProblemBody,
            content_type = "application/problem+json"),
    )
)]
#[post("/me/deletion")]
async fn delete_my_account(
    app: web::Data<App>,
    actor: Actor,
    body: Json<WithPassword>,
) -> Result<HttpResponse, Problem> {
    ask_password_again(&app, &actor, body.0.current_password).await?;
    let grace = app.config.privacy.deletion_after;
    let asked = app
        .db
        .write(move |tx| actions::ask_for_deletion(tx, &actor, grace))
        .await?;
    Ok(HttpResponse::Accepted().json(asked))
}

/// Keep my account
///
/// Undoes the request to delete it, while there is time. Nothing happens when nobody asked for that.
#[utoipa::path(
    tag = "me",
    security(("bearer" = [])),
    responses((status = 204, description = "It will not be deleted."))
)]
#[delete("/me/deletion")]
async fn keep_my_account(app: web::Data<App>, actor: Actor) -> Result<HttpResponse, Problem> {
    app.db
        .write(move |tx| actions::undo_deletion(tx, &actor))
        .await?;
    Ok(HttpResponse::NoContent().finish())
}
