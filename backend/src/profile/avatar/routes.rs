//! Pictures over HTTP.

use actix_web::{
    HttpRequest, HttpResponse, Responder, delete, get,
    http::header::{self, CacheDirective},
    put, web,
};
use serde::Deserialize;
use utoipa::{IntoParams, ToSchema};
use utoipa_actix_web::service_config::ServiceConfig;

use crate::{
    app::App,
    auth::Actor,
    db::ids::UserId,
    http::{Path, Query, Tagged, Upload},
    people::Me,
    problem::{Problem, ProblemBody},
};

use super::actions::{self, Avatar};

/// Bytes of an upload: a photograph as telephones make them.
const MAX_UPLOAD: usize = 8 << 20;

/// The bytes of a picture.
#[derive(ToSchema)]
#[schema(value_type = String, format = Binary)]
#[allow(dead_code, reason = "it says what the body is, in the document")]
struct Picture(Vec<u8>);

pub fn routes(api: &mut ServiceConfig) {
    api.service(set_my_avatar)
        .service(remove_my_avatar)
        .service(get_avatar);
}

/// Set my picture
///
/// The body is the picture itself: PNG, JPEG or WebP, at most 8 MiB and 25 million pixels. What it is is decided by its
/// bytes, not by `Content-Type`. Its middle square is kept, 256 by 256 pixels, without any metadata.
///
/// `curl -X PUT --data-binary @me.jpg -H 'Content-Type: image/jpeg' -H "Authorization: Bearer $TOKEN" …/api/v1/me/avatar`
#[utoipa::path(
    tag = "me",
    security(("bearer" = [])),
    request_body(
        description = "The picture.",
        content(
            (Picture = "image/jpeg"),
            (Picture = "image/png"),
            (Picture = "image/webp"),
        )
    ),
    responses(
        (status = 200, description = "The profile with the address of the picture.", body = Me,
            headers(("ETag" = String, description = "The version, for `If-Match`."))),
        (status = 413, description = "Too many bytes or pixels.", body = ProblemBody,
            content_type = "application/problem+json"),
        (status = 415, description = "It is content-encoded.", body = ProblemBody,
            content_type = "application/problem+json"),
        (status = 422, description = "It is no PNG, JPEG or WebP picture.", body = ProblemBody,
            content_type = "application/problem+json"),
    )
)]
#[put("/me/avatar")]
async fn set_my_avatar(
    app: web::Data<App>,
    actor: Actor,
    upload: Upload<MAX_UPLOAD>,
) -> Result<impl Responder, Problem> {
    let bytes = app.studio.draw(upload.0).await?;
    let user = app
        .db
        .write(move |tx| actions::set(tx, &actor, &bytes))
        .await?;
    Ok(Tagged::ok(user.version, Me::from(user)))
}

/// Remove my picture
///
/// The initials stand for it again. Nothing happens when there is none.
#[utoipa::path(
    tag = "me",
    security(("bearer" = [])),
    responses((status = 204, description = "There is none any more."))
)]
#[delete("/me/avatar")]
async fn remove_my_avatar(app: web::Data<App>, actor: Actor) -> Result<HttpResponse, Problem> {
    app.db.write(move |tx| actions::remove(tx, &actor)).await?;
    Ok(HttpResponse::NoContent().finish())
}

/// Which picture the caller expects.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct Version {
    /// As in `avatar`, where the address stands. With it, the answer may be kept for good.
    #[param(example = "0c6f5b1d2a3948576a7b8c9d0e1f2a3b")]
    v: Option<String>,
}

/// Show a person's picture
///
/// For whoever sees the person's name: themselves, admins, staff among each other, a ticket's customer and those who work
/// on it. The address is in `avatar` wherever a person is shown. Send the token as always, so fetch it instead of putting
/// the address into an `img`.
#[utoipa::path(
    tag = "people",
    security(("bearer" = [])),
    params(("id" = UserId, Path, description = "The person's id."), Version),
    responses(
        (status = 200, description = "The picture, 256 by 256 pixels.", body = Picture, content_type = "image/jpeg",
            headers(
                ("ETag" = String, description = "Of the picture, for `If-None-Match`."),
                ("Cache-Control" = String, description = "`immutable` when `v` names this picture."),
            )),
        (status = 304, description = "It is still the one of `If-None-Match`."),
    )
)]
#[get("/people/{id}/avatar")]
async fn get_avatar(
    req: HttpRequest,
    app: web::Data<App>,
    actor: Actor,
    id: Path<UserId>,
    version: Query<Version>,
) -> Result<HttpResponse, Problem> {
    let Avatar { tag, bytes } = app
        .db
        .read(move |conn| actions::show(conn, &actor, id.0))
        .await?;
    let etag = format!("\"{tag}\"");
    let kept = req.headers().get(header::IF_NONE_MATCH);
    let is_kept = kept.is_some_and(|known| known.as_bytes() == etag.as_bytes());
    let is_exact = version.0.v.as_ref() == Some(&tag);
    let keeping = if is_exact {
        vec![
            CacheDirective::Private,
            CacheDirective::MaxAge(31_536_000),
            CacheDirective::Extension("immutable".into(), None),
        ]
    } else {
        vec![CacheDirective::Private, CacheDirective::NoCache]
    };
    let mut answer = match is_kept {
        true => HttpResponse::NotModified(),
        false => HttpResponse::Ok(),
    };
    answer
        .insert_header((header::ETAG, etag))
        .insert_header((header::VARY, "Authorization"))
        .insert_header(header::CacheControl(keeping));
    Ok(match is_kept {
        true => answer.finish(),
        false => answer.content_type("image/jpeg").body(bytes),
    })
}
