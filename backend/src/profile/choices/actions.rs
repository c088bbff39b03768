//! What happens when somebody chooses, and the question whether somebody wants a mail.

use serde_json::json;

use crate::{
    auth::{self, Actor},
    db::{Tx, ids::UserId},
    events::{self, Event, EventKind},
    mail::Template,
    problem::Problem,
};

use super::{
    model::{Choice, NoticeChannel, Topic},
    queries,
    wire::{ChoiceView, NotificationChoices},
};

type Conn = diesel::PgConnection;

pub fn list(conn: &mut Conn, actor: &Actor) -> Result<NotificationChoices, Problem> {
    let chosen = queries::list(conn, actor.id)?;
    let is_off = |topic, channel| {
        chosen
            .iter()
            .any(|c| c.topic == topic && c.channel == channel && !c.enabled)
    };
    let topics = Topic::of(actor.role).iter().flat_map(|topic| {
        let channels = NoticeChannel::ALL.iter();
        channels.map(|channel| (*topic, *channel))
    });
    let items = topics.map(|(topic, channel)| ChoiceView {
        topic,
        channel,
        enabled: !is_off(topic, channel),
        fixed: topic.is_fixed(),
    });
    Ok(NotificationChoices {
        items: items.collect(),
    })
}

pub fn change(
    tx: &mut Tx<'_>,
    actor: &Actor,
    choices: &[Choice],
) -> Result<NotificationChoices, Problem> {
    auth::lock_user(tx, actor.id)?.ok_or_else(Problem::unauthenticated)?;
    for choice in choices {
        queries::save(tx, actor.id, *choice)?;
    }
    if !choices.is_empty() {
        let data = json!({ "fields": ["notifications"] });
        let event = Event::about_user(EventKind::ProfileChanged, actor.id, data);
        events::emit(tx, &actor.origin, event)?;
    }
    list(tx, actor)
}

/// Whether the person wants mails of this kind.
pub fn wants_mail(conn: &mut Conn, user: UserId, template: Template) -> Result<bool, Problem> {
    let topic = Topic::of_mail(template);
    let channel = NoticeChannel::Mail;
    Ok(topic.is_fixed() || !queries::is_off(conn, user, topic, channel)?)
}
