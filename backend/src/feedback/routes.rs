//! Feedback over HTTP.

use actix_web::{get, put, web::Data};
use utoipa_actix_web::service_config::ServiceConfig;

use crate::{
    app::App,
    auth::{Actor, CurrentStaff},
    check::Check,
    db::ids::UserId,
    http::{Cursor, Json, Page, PageQuery, Path, Query},
    problem::Problem,
    tickets::{PersonRef, TicketRef, list_people, number_text},
};

use super::{
    actions, queries,
    wire::{FeedbackItem, FeedbackView, GiveFeedback, ListFeedback, RatedTicket},
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
    let view = app.db.write(move |tx| {
        let row = actions::give(tx, &actor, reference, &body)?;
        let agents: Vec<UserId> = row.agent_id.into_iter().collect();
        let people = list_people(tx, &agents)?;
        let agent = people.values().next().map(PersonRef::from);
        Ok(FeedbackView::new(row, agent))
    });
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
    let filter = queries::Filter {
        agent_id: own.or(query.agent_id),
        rating: query.rating,
    };
    let page = app.db.read(move |conn| {
        let rows = queries::list(conn, &filter, cursor, limit + 1)?;
        let mut ids: Vec<UserId> = rows.iter().map(|(f, ..)| f.customer_id).collect();
        ids.extend(rows.iter().filter_map(|(f, ..)| f.agent_id));
        let people = list_people(conn, &ids)?;
        let name = |id: UserId| PersonRef {
            id,
            name: people.get(&id).map(|p| p.name.clone()).unwrap_or_default(),
        };
        let cursor = |(f, ..): &queries::Listed| Cursor {
            at: f.created_at,
            id: f.ticket_id.0,
        };
        Ok(Page::of(rows, limit, cursor, |(f, number, subject)| {
            FeedbackItem {
                ticket: RatedTicket {
                    id: f.ticket_id,
                    number: number_text(number),
                    subject,
                },
                customer: name(f.customer_id),
                agent: f.agent_id.map(name),
                outcome_rating: f.outcome_rating,
                agent_rating: f.agent_rating,
                comment: f.comment,
                created_at: f.created_at,
            }
        }))
    });
    page.await.map(Json)
}
