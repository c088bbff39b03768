//! The numbers over HTTP.

use actix_web::{get, web::Data};
use utoipa_actix_web::service_config::ServiceConfig;

use crate::{
    app::App,
    auth::CurrentAdmin,
    check::Check,
    http::{Json, Query},
    problem::Problem,
};

use super::{
    numbers::dashboard,
    wire::{Dashboard, ReadDashboard},
};

pub fn routes(cfg: &mut ServiceConfig) {
    cfg.service(get_dashboard);
}

/// The desk in numbers
///
/// For admins: volume, backlog, speed and satisfaction over the last days, and what each agent has on the desk. On a large
/// desk the numbers may be some seconds old; `generated_at` says when they were counted.
#[utoipa::path(
    tag = "insight",
    security(("bearer" = [])),
    params(ReadDashboard),
    responses((status = 200, body = Dashboard, description = "The numbers."))
)]
#[get("/dashboard")]
async fn get_dashboard(
    app: Data<App>,
    _admin: CurrentAdmin,
    query: Query<ReadDashboard>,
) -> Result<Json<Dashboard>, Problem> {
    let days = query.0.days.unwrap_or(30);
    let mut check = Check::new();
    check.range("?days", days, 1, 365);
    check.done()?;
    let days = u64::try_from(days).unwrap_or(30);
    let fresh = app.db.snapshot(move |conn| dashboard(conn, days));
    app.dashboards.get(days, fresh).await.map(Json)
}
