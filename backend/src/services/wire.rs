//! The catalogue as it goes over the wire.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use crate::{check::Check, db::ids::ServiceId, problem::Problem, text_enum};

use super::model::{Icon, Service};

/// A service next to a ticket.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct ServiceRef {
    pub id: ServiceId,
    #[schema(example = "Card payments")]
    pub name: String,
    pub icon: Icon,
}

/// Something the organisation offers, from which a ticket can be raised.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[schema(as = Service)]
pub struct ServiceView {
    pub id: ServiceId,
    #[schema(example = "Card payments")]
    pub name: String,
    #[schema(example = "Charges, refunds and cards that do not work.")]
    pub description: String,
    pub icon: Icon,
    /// Its place in the catalogue.
    pub position: i32,
    /// Since when it is not on offer any more.
    pub retired_at: Option<DateTime<Utc>>,
    pub version: i32,
    pub created_at: DateTime<Utc>,
    pub updated_at: DateTime<Utc>,
}

impl From<Service> for ServiceView {
    fn from(row: Service) -> Self {
        Self {
            id: row.id,
            name: row.name,
            description: row.description,
            icon: row.icon,
            position: row.position,
            retired_at: row.retired_at,
            version: row.version,
            created_at: row.created_at,
            updated_at: row.updated_at,
        }
    }
}

/// The whole catalogue, in order.
#[derive(Debug, Serialize, ToSchema)]
pub struct Catalogue {
    pub items: Vec<ServiceView>,
}

impl From<Vec<Service>> for Catalogue {
    fn from(rows: Vec<Service>) -> Self {
        Self {
            items: rows.into_iter().map(ServiceView::from).collect(),
        }
    }
}

text_enum! {
    /// What else to list.
    pub enum Include { Retired = "retired" }
}

#[derive(Debug, Default, Deserialize, IntoParams)]
#[serde(deny_unknown_fields, default)]
#[into_params(parameter_in = Query)]
pub struct ListServices {
    /// `retired`, for admins: also what is not on offer any more, last.
    #[param(inline)]
    pub include: Option<Include>,
}

/// A new service; it goes to the end of the catalogue.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CreateService {
    #[schema(example = "Card payments", min_length = 1, max_length = 120)]
    pub name: String,
    #[serde(default)]
    #[schema(
        example = "Charges, refunds and cards that do not work.",
        max_length = 2000
    )]
    pub description: String,
    pub icon: Icon,
}

impl CreateService {
    pub fn checked(mut self) -> Result<Self, Problem> {
        let mut check = Check::new();
        self.name = check.line("/name", &self.name, 1, 120);
        self.description = check.text("/description", &self.description, 0, 2000);
        check.done()?;
        Ok(self)
    }
}

/// Changes to a service; what is left out stays.
#[derive(Debug, Clone, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, default)]
pub struct UpdateService {
    #[schema(example = "Card payments", min_length = 1, max_length = 120)]
    pub name: Option<String>,
    #[schema(max_length = 2000)]
    pub description: Option<String>,
    pub icon: Option<Icon>,
    /// True takes it off the catalogue, false puts it back at its end.
    pub retired: Option<bool>,
}

impl UpdateService {
    pub fn checked(mut self) -> Result<Self, Problem> {
        let mut check = Check::new();
        self.name = self.name.map(|v| check.line("/name", &v, 1, 120));
        self.description = self
            .description
            .map(|v| check.text("/description", &v, 0, 2000));
        check.done()?;
        Ok(self)
    }
}

/// All services on offer, in the order wanted.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct OrderServices {
    #[schema(max_items = 200)]
    pub ids: Vec<ServiceId>,
}
