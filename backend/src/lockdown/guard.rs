//! Where each server knows whether there is a lockdown: asked before every request that would change something.

use std::{
    sync::{Arc, Mutex, PoisonError},
    time::{Duration, Instant},
};

use actix_web::{
    Error, ResponseError,
    body::{EitherBody, MessageBody},
    dev::{ServiceRequest, ServiceResponse},
    middleware::Next,
    web::Data,
};
use chrono::{DateTime, Utc};
use diesel::{PgConnection, QueryResult};

use crate::{app::App, db::Db, problem::Problem};

use super::queries;

/// How old what the live thread saw may be. It looks twice a second; older means that it has lost the database.
const FRESH: Duration = Duration::from_millis(1500);
/// How long the database may take to answer a request that asks by itself.
const PATIENCE: Duration = Duration::from_millis(500);

/// What goes on: the switch itself, and what the one session that is left needs.
const OPEN: &[&str] = &[
    "/api/v1/lockdown/start",
    "/api/v1/lockdown/end",
    "/api/v1/auth/refresh",
    "/api/v1/auth/sign-out",
];

type Since = Option<DateTime<Utc>>;

/// What the database last said; cheap to clone. The live thread keeps it fresh, so that requests need not ask: they do
/// when it is older than [`FRESH`], one at a time. When the database can not be asked, its last word holds.
#[derive(Clone, Default)]
pub struct Watch(Arc<Inner>);

#[derive(Default)]
struct Inner {
    seen: Mutex<(Option<Instant>, Since)>,
    asking: tokio::sync::Mutex<()>,
}

impl Watch {
    /// What the live thread does: looks at the switch. Answers whether it was turned on since its last look.
    pub fn eye(&self) -> impl FnMut(&mut PgConnection) -> QueryResult<bool> + Send + use<> {
        let (watch, mut before) = (self.clone(), None);
        move |conn| {
            let since = queries::since(conn)?;
            watch.saw(since);
            let on = since.is_some() && since != before;
            before = since;
            Ok(on)
        }
    }

    /// Since when there is a lockdown, as of a second and a half ago.
    pub async fn since(&self, db: &Db) -> Since {
        if let Some(since) = self.fresh() {
            return since;
        }
        let _asking = self.0.asking.lock().await;
        if let Some(since) = self.fresh() {
            return since;
        }
        let asked = db.read(|conn| Ok(queries::since(conn)?));
        match tokio::time::timeout(PATIENCE, asked).await {
            Ok(Ok(since)) => self.saw(since),
            _ => {
                tracing::warn!("whether there is a lockdown could not be asked");
                self.saw(self.last().1);
            }
        }
        self.last().1
    }

    /// The last word, if it is young enough.
    fn fresh(&self) -> Option<Since> {
        let (at, since) = self.last();
        at.is_some_and(|at| at.elapsed() < FRESH).then_some(since)
    }

    fn last(&self) -> (Option<Instant>, Since) {
        *self.0.seen.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn saw(&self, since: Since) {
        *self.0.seen.lock().unwrap_or_else(PoisonError::into_inner) = (Some(Instant::now()), since);
    }

    /// Asks anew next time: this server has just turned the switch.
    pub fn forget(&self) {
        let seen = &mut *self.0.seen.lock().unwrap_or_else(PoisonError::into_inner);
        seen.0 = None;
    }
}

/// The middleware. It looks at the path as it was sent: one that is written in another way is not open.
pub async fn guard<B: MessageBody>(
    req: ServiceRequest,
    next: Next<B>,
) -> Result<ServiceResponse<EitherBody<B>>, Error> {
    let changes = !req.method().is_safe() && !OPEN.contains(&req.path());
    let app = req.app_data::<Data<App>>().filter(|_| changes).cloned();
    if let Some(app) = app
        && app.lockdown.since(&app.jobs).await.is_some()
    {
        let (req, _) = req.into_parts();
        let refused = Problem::lockdown().error_response().map_into_right_body();
        return Ok(ServiceResponse::new(req, refused));
    }
    next.call(req)
        .await
        .map(ServiceResponse::map_into_left_body)
}
