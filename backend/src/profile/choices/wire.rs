//! Bodies of notification choices.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::{
    auth::Role,
    check::Check,
    problem::{FieldCode, Problem},
};

use super::model::{Choice, NoticeChannel, Topic};

/// What the caller hears of, by topic and channel.
#[derive(Debug, Serialize, ToSchema)]
pub struct NotificationChoices {
    /// Those that concern somebody with the caller's role.
    pub items: Vec<ChoiceView>,
}

/// Whether notifications about something travel this way.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = NotificationChoice)]
pub struct ChoiceView {
    pub topic: Topic,
    pub channel: NoticeChannel,
    pub enabled: bool,
    /// Can not be turned off: it protects the account.
    pub fixed: bool,
}

/// What to change; what is left out stays.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct UpdateNotificationChoices {
    #[schema(max_items = 20)]
    pub choices: Vec<NewChoice>,
}

/// One choice.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = NewNotificationChoice, example = json!({ "topic": "receipts", "channel": "mail", "enabled": false }))]
pub struct NewChoice {
    pub topic: Topic,
    pub channel: NoticeChannel,
    pub enabled: bool,
}

impl UpdateNotificationChoices {
    pub fn check(&self, role: Role) -> Result<Vec<Choice>, Problem> {
        let mut check = Check::new();
        if self.choices.len() > 20 {
            let detail = "Send at most 20 choices.";
            check.fail("/choices", FieldCode::TooLong, detail);
        }
        for (n, choice) in self.choices.iter().enumerate() {
            if choice.topic.is_fixed() && !choice.enabled {
                check.fail(
                    &format!("/choices/{n}/enabled"),
                    FieldCode::NotAllowed,
                    "These mails protect your account and can not be turned off.",
                );
            }
            if !Topic::of(role).contains(&choice.topic) {
                check.fail(
                    &format!("/choices/{n}/topic"),
                    FieldCode::NotAllowed,
                    "This does not concern you.",
                );
            }
        }
        check.done()?;
        let choice = |c: &NewChoice| Choice {
            topic: c.topic,
            channel: c.channel,
            enabled: c.enabled,
        };
        Ok(self.choices.iter().map(choice).collect())
    }
}
