//! What clients send: decoded strictly, checked completely, cleaned.

use chrono::{DateTime, NaiveDate, Utc};
use serde::{Deserialize, Deserializer, Serialize};
use utoipa::{IntoParams, ToSchema};

use crate::{
    check::Check,
    clock,
    db::ids::{ServiceId, UserId},
    http::{Cursor, PageQuery},
    problem::{FieldCode, Problem},
};

use super::{
    lists::{Assignee, Filter, Sort},
    model::{Channel, Kind, Priority, Status, parse_number},
    search::Search,
};

/// How to reach the customer about this ticket.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Contact {
    #[schema(example = "Ann Perera", min_length = 1, max_length = 200)]
    pub name: String,
    #[schema(example = "ann@example.org", max_length = 254)]
    pub email: String,
    /// Needed when `preferred_channel` is `phone`.
    #[schema(example = "+44 20 7946 0958", min_length = 4, max_length = 32)]
    #[serde(default)]
    pub phone: Option<String>,
    pub preferred_channel: Channel,
}

impl Contact {
    fn check(&mut self, check: &mut Check) {
        self.name = check.line("/contact/name", &self.name, 1, 200);
        self.email = check.email("/contact/email", &self.email);
        self.phone = check.optional_phone("/contact/phone", self.phone.as_deref());
        if self.preferred_channel == Channel::Phone && self.phone.is_none() {
            check.fail(
                "/contact/phone",
                FieldCode::Required,
                "Enter a phone number, or choose another way to be reached.",
            );
        }
    }
}

/// What only a complaint has.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Complaint {
    /// The person or department it is about.
    #[schema(example = "Card services", max_length = 200)]
    pub against: Option<String>,
    /// The day it happened; not in the future.
    #[schema(example = "2026-11-02")]
    pub incident_date: Option<NaiveDate>,
    /// A bill, order or account number.
    #[schema(example = "INV-20417", max_length = 100)]
    pub reference: Option<String>,
    /// What would put it right.
    #[schema(example = "Refund the second charge.", max_length = 2000)]
    pub wanted_outcome: Option<String>,
}

impl Complaint {
    fn check(&mut self, check: &mut Check) {
        self.against = check.optional_line("/complaint/against", self.against.as_deref(), 200);
        self.reference =
            check.optional_line("/complaint/reference", self.reference.as_deref(), 100);
        self.wanted_outcome = check.optional_text(
            "/complaint/wanted_outcome",
            self.wanted_outcome.as_deref(),
            2000,
        );
        // East of here it may be tomorrow already.
        let latest = clock::now().date_naive() + chrono::Days::new(1);
        let earliest = NaiveDate::from_ymd_opt(1900, 1, 1).unwrap_or(NaiveDate::MIN);
        if self
            .incident_date
            .is_some_and(|day| !(earliest..=latest).contains(&day))
        {
            check.fail(
                "/complaint/incident_date",
                FieldCode::OutOfRange,
                "Choose a day that is not in the future.",
            );
        }
    }
}

/// A new ticket.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CreateTicket {
    pub kind: Kind,
    /// The service it is about, from `GET /services`.
    #[serde(default)]
    pub service_id: Option<ServiceId>,
    #[schema(
        example = "Charged twice for one order",
        min_length = 3,
        max_length = 200
    )]
    pub subject: String,
    /// Markdown.
    #[schema(
        example = "On 2 November I was charged **twice** for order 20417.",
        min_length = 1,
        max_length = 20000
    )]
    pub description: String,
    pub contact: Contact,
    /// Only with `kind` = `complaint`.
    #[serde(default)]
    pub complaint: Option<Complaint>,
}

impl CreateTicket {
    pub fn checked(mut self) -> Result<Self, Problem> {
        let mut check = Check::new();
        self.subject = check.line("/subject", &self.subject, 3, 200);
        self.description = check.text("/description", &self.description, 1, 20_000);
        self.contact.check(&mut check);
        match &mut self.complaint {
            Some(_) if self.kind != Kind::Complaint => check.fail(
                "/complaint",
                FieldCode::NotAllowed,
                "Only a complaint has these details.",
            ),
            Some(complaint) => complaint.check(&mut check),
            None => {}
        }
        check.done()?;
        Ok(self)
    }
}

/// Changes to a ticket; what is left out stays.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct UpdateTicket {
    /// By the agent who owns it, or an admin.
    #[serde(default)]
    pub priority: Option<Priority>,
    /// By its customer, while messages are open. Replaces all contact details.
    #[serde(default)]
    pub contact: Option<Contact>,
}

impl UpdateTicket {
    pub fn checked(mut self) -> Result<Self, Problem> {
        let mut check = Check::new();
        if let Some(contact) = &mut self.contact {
            contact.check(&mut check);
        }
        check.done()?;
        Ok(self)
    }
}

/// The statuses an agent sets.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum AgentStatus {
    Open,
    Pending,
    OnHold,
    Resolved,
}

impl From<AgentStatus> for Status {
    fn from(status: AgentStatus) -> Self {
        match status {
            AgentStatus::Open => Self::Open,
            AgentStatus::Pending => Self::Pending,
            AgentStatus::OnHold => Self::OnHold,
            AgentStatus::Resolved => Self::Resolved,
        }
    }
}

/// Where the ticket stands now, in the agent's eyes.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SetStatus {
    pub status: AgentStatus,
    /// Shown to the customer in the timeline.
    #[serde(default)]
    #[schema(example = "Waiting for the bank's answer.", max_length = 500)]
    pub reason: Option<String>,
}

/// Why, if one wants to say so.
#[derive(Debug, Clone, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Because {
    /// Shown to both sides in the timeline.
    #[serde(default)]
    #[schema(example = "It came right by itself.", max_length = 500)]
    pub reason: Option<String>,
}

/// A reason as it is stored.
pub fn checked_reason(reason: Option<&str>) -> Result<Option<String>, Problem> {
    let mut check = Check::new();
    let reason = check.optional_text("/reason", reason, 500);
    check.done()?;
    Ok(reason)
}

/// Nothing: an empty object.
#[derive(Debug, Clone, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Empty {}

/// Whom the ticket goes to.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Assign {
    /// An active agent; null takes it from its agent and gives it to nobody.
    #[serde(deserialize_with = "required_nullable")]
    #[schema(required)]
    pub assignee_id: Option<UserId>,
    /// A word to the agent; customers do not see it.
    #[serde(default)]
    #[schema(example = "You know this customer.", max_length = 500)]
    pub note: Option<String>,
}

impl Assign {
    pub fn checked(mut self) -> Result<Self, Problem> {
        let mut check = Check::new();
        self.note = check.optional_text("/note", self.note.as_deref(), 500);
        check.done()?;
        Ok(self)
    }
}

/// With a function of its own, serde wants the field to be there; null is a value.
fn required_nullable<'de, D, T>(deserializer: D) -> Result<Option<T>, D::Error>
where
    D: Deserializer<'de>,
    T: Deserialize<'de>,
{
    Option::deserialize(deserializer)
}

/// Which tickets to list.
#[derive(Debug, Clone, Default, Deserialize, IntoParams)]
#[serde(deny_unknown_fields, default)]
#[into_params(parameter_in = Query)]
pub struct ListTickets {
    /// One or more, separated by commas.
    #[param(value_type = Option<Vec<Status>>, style = Form, explode = false)]
    pub status: Option<String>,
    /// Only this kind.
    pub kind: Option<Kind>,
    /// Only about this service.
    #[param(value_type = Option<uuid::Uuid>)]
    pub service_id: Option<ServiceId>,
    /// `me`, `none`, or an agent's id.
    #[param(example = "me", pattern = "^(me|none|[0-9a-fA-F-]{36})$")]
    pub assignee: Option<String>,
    /// Only raised by this customer.
    #[param(value_type = Option<uuid::Uuid>)]
    pub customer_id: Option<UserId>,
    /// Only of this priority.
    pub priority: Option<Priority>,
    /// A ticket number, or words in the subject; of the last word the beginning is enough.
    #[param(max_length = 200)]
    pub q: Option<String>,
    /// Raised at this time or later.
    pub created_from: Option<DateTime<Utc>>,
    /// Raised before this time.
    pub created_to: Option<DateTime<Utc>>,
    /// Newest first by this time; `updated` when left out.
    #[param(inline)]
    pub sort: Option<Sort>,
    /// How many items at most, 1 to 100; 50 when left out.
    #[param(minimum = 1, maximum = 100)]
    pub limit: Option<i64>,
    /// The `next` of the page before. Opaque; good only for the same filters.
    pub cursor: Option<String>,
}

impl ListTickets {
    pub fn checked(self, me: UserId) -> Result<(Filter, i64, Option<Cursor>), Problem> {
        let page = PageQuery {
            limit: self.limit,
            cursor: self.cursor,
        };
        let (limit, cursor) = page.check()?;
        let statuses = self.status.as_deref().unwrap_or_default().split(',');
        let statuses = statuses.map(str::trim).filter(|s| !s.is_empty());
        let statuses = statuses
            .map(|s| Status::parse(s).ok_or_else(|| malformed("?status", "That is not a status.")))
            .collect::<Result<Vec<_>, _>>()?;
        let assignee = match self.assignee.as_deref() {
            None => None,
            Some("me") => Some(Assignee::Person(me)),
            Some("none") => Some(Assignee::Nobody),
            Some(id) => Some(Assignee::Person(id.parse().map_err(|_| {
                malformed("?assignee", "Use `me`, `none` or an agent's id.")
            })?)),
        };
        let mut check = Check::new();
        let q = check.optional_line("?q", self.q.as_deref(), 200);
        check.done()?;
        let filter = Filter {
            statuses,
            kind: self.kind,
            service_id: self.service_id,
            assignee,
            customer_id: self.customer_id,
            priority: self.priority,
            search: q.map(|q| Search::new(parse_number(&q), &q)),
            created_from: self.created_from,
            created_to: self.created_to,
            sort: self.sort.unwrap_or_default(),
        };
        Ok((filter, limit, cursor))
    }
}

fn malformed(pointer: &str, detail: &str) -> Problem {
    Problem::field(pointer, FieldCode::Malformed, detail)
}
