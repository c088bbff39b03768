//! Giving feedback.

use diesel::PgConnection;
use serde_json::json;

use crate::{
    auth::Actor,
    db::{Tx, ids::UserId},
    events::EventKind,
    http::{Cursor, IfMatch, Page},
    problem::{Code, FieldCode, Problem},
    tickets::{
        self, Action, PersonRef, PersonRow, TicketRef, list_people,
        model::{Move, MoveKind, TicketChanges},
        number_text,
    },
};

use super::{
    model::{Rating, is_editable},
    queries,
    wire::{FeedbackItem, FeedbackView, GiveFeedback, RatedTicket},
};

pub use queries::Filter;

/// Rates a resolved or closed ticket, or changes the rating while that is possible. New ratings stand in the timeline;
/// a comment alone does not.
pub fn give(
    tx: &mut Tx<'_>,
    actor: &Actor,
    reference: TicketRef,
    body: &GiveFeedback,
) -> Result<FeedbackView, Problem> {
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
    let people = list_people(tx, &Vec::from_iter(row.agent_id))?;
    let agent = people.values().next().map(PersonRef::from);
    Ok(FeedbackView::new(row, agent))
}

/// One page, newest first.
pub fn list(
    conn: &mut PgConnection,
    filter: &Filter,
    after: Option<Cursor>,
    limit: i64,
) -> Result<Page<FeedbackItem>, Problem> {
    let rows = queries::list(conn, filter, after, limit + 1)?;
    let mut ids: Vec<UserId> = rows.iter().map(|(f, ..)| f.customer_id).collect();
    ids.extend(rows.iter().filter_map(|(f, ..)| f.agent_id));
    let people = list_people(conn, &ids)?;
    let name = |id: UserId| PersonRef {
        id,
        name: people.get(&id).map(|p| p.name.clone()).unwrap_or_default(),
        avatar: people.get(&id).and_then(PersonRow::avatar),
    };
    let cursor = |(f, ..): &queries::Listed| Cursor {
        at: f.created_at,
        id: f.ticket_id.0,
    };
    let item = |(f, number, subject): queries::Listed| FeedbackItem {
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
    };
    Ok(Page::of(rows, limit, cursor, item))
}
