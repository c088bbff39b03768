//! Security questions over HTTP. Answers are hashed between transactions, never while one is open.

use actix_web::{HttpResponse, delete, get, put, web};
use utoipa_actix_web::service_config::ServiceConfig;

use crate::{
    app::App,
    auth::{Actor, CurrentAdmin, ask_password_again},
    db::ids::UserId,
    http::{Json, Path},
    problem::Problem,
};

use super::{
    actions,
    model::{self, Question},
    wire::{SecurityQuestions, SetSecurityQuestions},
};

pub fn routes(api: &mut ServiceConfig) {
    api.service(get_security_questions)
        .service(set_security_questions)
        .service(clear_security_questions);
}

/// My security questions
///
/// Without the answers, which nobody sees again.
#[utoipa::path(
    tag = "me",
    security(("bearer" = [])),
    responses((status = 200, description = "The questions, in the order they are asked.", body = SecurityQuestions))
)]
#[get("/me/security-questions")]
async fn get_security_questions(
    app: web::Data<App>,
    actor: Actor,
) -> Result<Json<SecurityQuestions>, Problem> {
    let found = app
        .db
        .read(move |conn| actions::list(conn, actor.id))
        .await?;
    Ok(Json(found.into()))
}

/// Set my security questions
///
/// Instead of those before; none at all turns them off. Needs the current password. They are asked besides the mailed code
/// when the password is reset, which keeps out who reads the mail, and are never enough alone: answers are often known to
/// others. Somebody who forgets them cannot reset the password until an admin takes the questions away.
#[utoipa::path(
    tag = "me",
    security(("bearer" = [])),
    request_body = SetSecurityQuestions,
    responses((status = 200, description = "The questions after the change.", body = SecurityQuestions))
)]
#[put("/me/security-questions")]
async fn set_security_questions(
    app: web::Data<App>,
    actor: Actor,
    body: Json<SetSecurityQuestions>,
) -> Result<Json<SecurityQuestions>, Problem> {
    let items = body.check()?;
    ask_password_again(&app, &actor, body.0.current_password).await?;
    let mut questions = Vec::new();
    for (question, answer) in items {
        let keyed = model::keyed(&app.config.auth.secret, answer.reveal());
        questions.push(Question {
            question,
            answer_hash: app.passwords.hash(keyed).await?,
        });
    }
    let set = questions.clone();
    app.db
        .write(move |tx| actions::set(tx, &actor, &set))
        .await?;
    Ok(Json(questions.into()))
}

/// Take somebody's security questions away
///
/// For admins, when a person has forgotten the answers. Make sure who asks. The person is told by mail; resetting the
/// password then needs the mailed code alone.
#[utoipa::path(
    tag = "people",
    security(("bearer" = [])),
    params(("id" = UserId, Path, description = "The person's id.")),
    responses((status = 204, description = "There are none any more."))
)]
#[delete("/accounts/{id}/security-questions")]
async fn clear_security_questions(
    app: web::Data<App>,
    admin: CurrentAdmin,
    id: Path<UserId>,
) -> Result<HttpResponse, Problem> {
    app.db
        .write(move |tx| actions::clear(tx, &admin, id.0))
        .await?;
    Ok(HttpResponse::NoContent().finish())
}
