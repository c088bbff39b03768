//! Giving feedback.

use serde_json::json;

use crate::{
    auth::Actor,
    db::Tx,
    events::EventKind,
    http::etag::IfMatch,
    problem::{Code, FieldCode, Problem},
    tickets::{
        self, Action, TicketRef,
        model::{Move, MoveKind, TicketChanges},
    },
};

use super::{
    model::{FeedbackRow, Rating, is_editable},
    queries,
    wire::GiveFeedback,
};

/// Rates a resolved or closed ticket, or changes the rating while that is possible. New ratings stand in the timeline;
/// a comment alone does not.
pub fn give(
    tx: &mut Tx<'_>,
    actor: &Actor,
    reference: TicketRef,
    body: &GiveFeedback,
) -> Result<FeedbackRow, Problem> {
    let action = Action::Make(Move::Rate);
    let ticket = tickets::load_for_change(tx, actor, reference, action, IfMatch(None))?;
    tickets::next(&ticket, actor, Move::Rate)?;
    let before = queries::find(tx, ticket.id)?;
    if !is_editable(&ticket, before.as_ref()) {
        return Err(Problem::new(
            Code::IllegalMove,
            "The time to change this feedback is over.",
        ));
    }
    if body.agent_rating.is_some() && ticket.assignee_id.is_none() {
        return Err(Problem::field(
            "/agent_rating",
            FieldCode::NotAllowed,
            "No agent worked on this ticket, so there is none to rate.",
        ));
    }
    let rating = Rating {
        agent_id: ticket.assignee_id,
        outcome_rating: body.outcome_rating,
        agent_rating: body.agent_rating,
        comment: body.comment.clone(),
    };
    let row = queries::save(tx, ticket.id, actor.id, &rating)?;
    let data = json!({ "outcome_rating": row.outcome_rating, "agent_rating": row.agent_rating });
    let same = before.is_some_and(|b| {
        (b.outcome_rating, b.agent_rating) == (row.outcome_rating, row.agent_rating)
    });
    let ticket = if same {
        ticket
    } else {
        let (kind, nothing) = (MoveKind::FeedbackGiven, TicketChanges::default());
        tickets::change(tx, actor, &ticket, &nothing, kind, &data)?
    };
    tickets::announce(tx, actor, EventKind::FeedbackGiven, &ticket, None, data)?;
    Ok(row)
}
