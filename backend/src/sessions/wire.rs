//! Sessions and history on the wire.

use chrono::{DateTime, Utc};
use serde::Serialize;
use utoipa::ToSchema;

use crate::{
    db::ids::{SessionId, SignInId},
    places::Places,
};

use super::{
    agent::Agent,
    model::{Session, SignIn, SignInMethod, SignInOutcome},
};

/// What a browser or program says it is. Anybody can claim anything here.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Device)]
pub struct DeviceView {
    /// A browser's name, or a program's; null when it is none we know.
    #[schema(example = "Firefox")]
    pub browser: Option<String>,
    /// The operating system, or the kind of phone; null when it is none we know.
    #[schema(example = "Windows")]
    pub system: Option<&'static str>,
}

impl DeviceView {
    fn read(header: &str) -> Self {
        let Agent { browser, system } = Agent::read(header);
        Self { browser, system }
    }
}

/// A place where the caller is signed in.
#[derive(Debug, Serialize, ToSchema)]
pub struct SessionView {
    pub id: SessionId,
    /// The one that asks.
    pub current: bool,
    pub device: DeviceView,
    pub method: SignInMethod,
    /// The identity provider's name, when the method is `provider`.
    #[schema(example = "google")]
    pub provider: Option<String>,
    /// Where it was last seen.
    #[schema(example = "203.0.113.7")]
    pub ip: String,
    /// Roughly where that address is, in English: city and country, or the country alone. Null when it is not known.
    #[schema(example = "Linköping, Sweden")]
    pub place: Option<String>,
    pub first_seen_at: DateTime<Utc>,
    /// To within the life of an access token.
    pub last_seen_at: DateTime<Utc>,
}

impl SessionView {
    pub fn new(row: Session, current: SessionId, places: &Places) -> Self {
        Self {
            current: row.id == current,
            id: row.id,
            device: DeviceView::read(&row.user_agent),
            method: row.method,
            provider: row.provider,
            place: places.name(&row.ip),
            ip: row.ip,
            first_seen_at: row.created_at,
            last_seen_at: row.last_seen_at,
        }
    }
}

/// The caller's sessions; no paging.
#[derive(Debug, Serialize, ToSchema)]
pub struct Sessions {
    pub items: Vec<SessionView>,
}

/// A sign-in, or an attempt that failed.
#[derive(Debug, Serialize, ToSchema)]
pub struct SignInView {
    pub id: SignInId,
    pub at: DateTime<Utc>,
    pub outcome: SignInOutcome,
    pub method: SignInMethod,
    /// The identity provider's name, when the method is `provider`.
    #[schema(example = "google")]
    pub provider: Option<String>,
    pub device: DeviceView,
    /// Signed in from a browser or program that was not known before.
    pub new_device: bool,
    #[schema(example = "203.0.113.7")]
    pub ip: String,
    /// Roughly where that address is, in English: city and country, or the country alone. Null when it is not known.
    #[schema(example = "Linköping, Sweden")]
    pub place: Option<String>,
}

impl SignInView {
    pub fn new(row: SignIn, places: &Places) -> Self {
        Self {
            id: row.id,
            at: row.created_at,
            outcome: row.outcome,
            method: row.method,
            provider: row.provider,
            device: DeviceView::read(&row.user_agent),
            new_device: row.new_device,
            place: places.name(&row.ip),
            ip: row.ip,
        }
    }
}
