//! The conversation over HTTP.

use actix_web::{HttpResponse, get, post, web::Data};
use utoipa_actix_web::service_config::ServiceConfig;

use crate::{
    app::App,
    auth::Actor,
    events::Whisper,
    http::{
        IdempotencyKey, Json, Path, Query,
        idempotency::{self, Created, IdempotencyHeader},
    },
    problem::Problem,
    tickets::{self, Action, Empty, TicketRef, model::Move},
};

use super::{
    actions,
    views::{Entry, Timeline, entries},
    wire::{MarkRead, PostMessage, ReadTimeline},
};

pub fn routes(cfg: &mut ServiceConfig) {
    cfg.service(get_timeline)
        .service(post_message)
        .service(mark_ticket_read)
        .service(tell_typing);
}

/// Read the timeline
///
/// Messages and everything else that happened to the ticket, in one numbered order without gaps. Without `after` or
/// `before`: the newest entries. To follow along, ask for `after` the last number you have whenever the live stream
/// hints at the ticket. Admins see that there are messages, but not their text.
#[utoipa::path(
    tag = "conversation",
    security(("bearer" = [])),
    params(
        ("id" = String, Path, description = "The ticket's id, or its number.", example = "CCR-1042"),
        ReadTimeline
    ),
    responses((status = 200, body = Timeline, description = "Entries, oldest first."))
)]
#[get("/tickets/{id}/timeline")]
async fn get_timeline(
    app: Data<App>,
    actor: Actor,
    id: Path<String>,
    query: Query<ReadTimeline>,
) -> Result<Json<Timeline>, Problem> {
    let reference: TicketRef = id.0.parse()?;
    let (window, limit) = query.0.checked()?;
    let timeline = app.db.read(move |conn| {
        let part = actions::read(conn, &actor, reference, window, limit)?;
        Ok(Timeline {
            items: entries(conn, &actor, part.ticket.id, part.messages, part.moves)?,
            last_seq: part.ticket.last_seq,
            more: part.more,
        })
    });
    timeline.await.map(Json)
}

/// Write a message
///
/// For the ticket's customer and the agent who owns it, while messages are open. A customer's message leads a pending or
/// resolved ticket back to open; that move follows the message in the timeline. Send an `Idempotency-Key`: a repeat then
/// answers the same message instead of posting another.
#[utoipa::path(
    tag = "conversation",
    security(("bearer" = [])),
    params(
        ("id" = String, Path, description = "The ticket's id, or its number.", example = "CCR-1042"),
        IdempotencyHeader
    ),
    request_body(content = PostMessage, example = json!({"body": "Thank you, the refund has **arrived**."})),
    responses(
        (status = 201, body = Entry, description = "The message in the timeline."),
        (status = 409, body = crate::problem::ProblemBody, content_type = "application/problem+json",
            description = "`conflict`: the ticket is closed or withdrawn; `detail` says which.")
    )
)]
#[post("/tickets/{id}/messages")]
async fn post_message(
    app: Data<App>,
    actor: Actor,
    id: Path<String>,
    key: IdempotencyKey,
    body: Json<PostMessage>,
) -> Result<Created, Problem> {
    let reference: TicketRef = id.0.parse()?;
    let body = body.0.checked()?;
    // The same key on another ticket is another request.
    let request = (&id.0, &body);
    let (author, new) = (actor.clone(), body.clone());
    let away_after = app.config.mail.away_after;
    idempotency::create(
        &app.db,
        &actor,
        "POST /tickets/{id}/messages",
        key,
        &request,
        move |tx| {
            let (ticket_id, message) = actions::post(tx, &author, reference, &new, away_after)?;
            let mut entry = entries(tx, &author, ticket_id, vec![message], vec![])?;
            entry
                .pop()
                .ok_or_else(|| Problem::internal("no entry for the message"))
        },
    )
    .await
}

/// Mark as read
///
/// Says that the reader, who sees the ticket and is no admin, has seen its timeline up to `seq`. The others in the
/// conversation see it.
#[utoipa::path(
    tag = "conversation",
    security(("bearer" = [])),
    params(("id" = String, Path, description = "The ticket's id, or its number.", example = "CCR-1042")),
    request_body(content = MarkRead, example = json!({"seq": 7})),
    responses((status = 204, description = "Remembered."))
)]
#[post("/tickets/{id}/read")]
async fn mark_ticket_read(
    app: Data<App>,
    actor: Actor,
    id: Path<String>,
    body: Json<MarkRead>,
) -> Result<HttpResponse, Problem> {
    let reference: TicketRef = id.0.parse()?;
    let body = body.0.checked()?;
    let told = app.db.write(move |tx| {
        let ticket = tickets::load(tx, &actor, reference, Action::Follow)?;
        let seq = body.seq.min(ticket.last_seq);
        let news = tickets::mark_read(tx, ticket.id, actor.id, seq)?;
        Ok(news.then(|| Whisper::read(ticket.id, actor.id, seq, ticket.participants())))
    });
    if let Some(whisper) = told.await? {
        app.live.whisper(whisper);
    }
    Ok(HttpResponse::NoContent().finish())
}

/// Tell that one is typing
///
/// For those who can write now. The other side's live stream shows it for a few seconds; nothing is kept. Send it at most
/// every three seconds while someone types.
#[utoipa::path(
    tag = "conversation",
    security(("bearer" = [])),
    params(("id" = String, Path, description = "The ticket's id, or its number.", example = "CCR-1042")),
    request_body(content = Empty, example = json!({})),
    responses(
        (status = 204, description = "Told."),
        (status = 409, body = crate::problem::ProblemBody, content_type = "application/problem+json",
            description = "`conflict`: the ticket is closed or withdrawn.")
    )
)]
#[post("/tickets/{id}/typing")]
async fn tell_typing(
    app: Data<App>,
    actor: Actor,
    id: Path<String>,
    _body: Json<Empty>,
) -> Result<HttpResponse, Problem> {
    let reference: TicketRef = id.0.parse()?;
    let told = app.db.read(move |conn| {
        let ticket = tickets::load(conn, &actor, reference, Action::Make(Move::Message))?;
        tickets::next(&ticket, &actor, Move::Message)?;
        let mut others = ticket.participants();
        others.retain(|id| *id != actor.id);
        Ok(Whisper::typing(ticket.id, actor.id, &actor.name, others))
    });
    app.live.whisper(told.await?);
    Ok(HttpResponse::NoContent().finish())
}
