//! Feedback over HTTP.

use actix_web::{get, put, web::Data};
use utoipa_actix_web::service_config::ServiceConfig;

use crate::{
    app::App,
    auth::{Actor, CurrentStaff},
    check::Check,
    http::{Json, Page, PageQuery, Path, Query},
    problem::Problem,
    tickets::TicketRef,
};

use super::{
    actions::{self, Filter},
    wire::{FeedbackItem, FeedbackView, GiveFeedback, ListFeedback},
};

pub fn routes(cfg: &mut ServiceConfig) {
    cfg.service(give_feedback).service(list_feedback);
}

/// Rate a ticket
///
/// For its customer, once it is resolved or closed. Sending it again changes it, until the ticket can no longer be
/// reopened. `comment` and `agent_rating` are cleared when left out.
#[utoipa::path(
    tag = "feedback",
    security(("bearer" = [])),
    params(("id" = String, Path, description = "The ticket's id, or its number.", example = "CCR-1042")),
    request_body(content = GiveFeedback, example = json!({
        "outcome_rating": 5, "agent_rating": 4, "comment": "Quick and kind. Thank you!"
    })),
    responses(
        (status = 200, body = FeedbackView, description = "The feedback as it is now."),
        (status = 409, body = crate::problem::ProblemBody, content_type = "application/problem+json",
            description = "`illegal_move`: not resolved yet, or too late to change.")
    )
)]
#[put("/tickets/{id}/feedback")]
async fn give_feedback(
    app: Data<App>,
    actor: Actor,
    id: Path<String>,
    body: Json<GiveFeedback>,
) -> Result<Json<FeedbackView>, Problem> {
    let reference: TicketRef = id.0.parse()?;
    let body = body.0.checked()?;
    let view = app
        .db
        .write(move |tx| actions::give(tx, &actor, reference, &body));
    view.await.map(Json)
}

/// List feedback
///
/// Newest first. Admins see all of it, agents what was said about their own work.
#[utoipa::path(
    tag = "feedback",
    security(("bearer" = [])),
    params(ListFeedback),
    responses((status = 200, body = Page<FeedbackItem>, description = "One page, newest first."))
)]
#[get("/feedback")]
async fn list_feedback(
    app: Data<App>,
    staff: CurrentStaff,
    query: Query<ListFeedback>,
) -> Result<Json<Page<FeedbackItem>>, Problem> {
    let query = query.0;
    let page = PageQuery {
        limit: query.limit,
        cursor: query.cursor,
    };
    let (limit, cursor) = page.check()?;
    let mut check = Check::new();
    if let Some(rating) = query.rating {
        check.range("?rating", rating.into(), 1, 5);
    }
    check.done()?;
    let own = (!staff.is_admin()).then_some(staff.id);
    if own.is_some() && query.agent_id.is_some_and(|id| Some(id) != own) {
        return Err(Problem::forbidden("Agents see their own feedback only."));
    }
    let filter = Filter {
        agent_id: own.or(query.agent_id),
        rating: query.rating,
    };
    let page = app
        .db
        .read(move |conn| actions::list(conn, &filter, cursor, limit));
    page.await.map(Json)
}
