//! Putting it together: the state every handler sees, the only list of features, and the middleware around them.

use std::{net::TcpListener, sync::Arc, time::Duration};

use actix_cors::Cors;
use actix_web::{
    App as ActixApp, HttpRequest, HttpResponse, HttpServer,
    body::MessageBody,
    dev::{Server, ServiceFactory, ServiceRequest, ServiceResponse},
    guard,
    http::{Method, header},
    middleware::{Compress, DefaultHeaders, from_fn},
    web::{self, Data},
};
use utoipa::openapi::OpenApi;
use utoipa_actix_web::{AppExt, scope, service_config::ServiceConfig};

use crate::{
    accounts,
    auth::{self, limits::WriteBudget, password::Passwords, token::Tokens},
    challenge,
    config::Config,
    conversation,
    costly::Costly,
    db::Db,
    demo,
    events::{self, Live, bell::Bell},
    feedback,
    http::{headers, openapi, request_log, routing, sockets, spa::Spa},
    insight::{self, Dashboard},
    jobs, lockdown,
    mail::{self, Mailer},
    meta, oidc,
    outbound::Outbound,
    people,
    places::Places,
    privacy,
    problem::{self, Problem},
    profile, second_factor, services, sessions,
    tickets::{self, TicketCounts},
};

/// What every handler may use.
pub struct App {
    pub config: Arc<Config>,
    /// For requests.
    pub db: Db,
    /// For background work, with its own connections, so that neither starves the other.
    pub jobs: Db,
    pub mailer: Mailer,
    /// Live hints and whispers.
    pub live: Live,
    pub tokens: Tokens,
    pub passwords: Passwords,
    /// The counts of all tickets, for admins.
    pub counts: Costly<(), TicketCounts>,
    /// Dashboards by their number of days.
    pub dashboards: Costly<u64, Dashboard>,
    pub writes: WriteBudget,
    pub studio: profile::avatar::Studio,
    pub providers: oidc::Providers,
    pub spa: Option<Spa>,
    pub lockdown: lockdown::Watch,
    pub places: Places,
}

impl App {
    /// Builds the state on a migrated database. `bell` wakes listeners and workers after commits.
    pub fn new(config: Config, url: &str, bell: Bell) -> Result<Self, String> {
        let auth = &config.auth;
        let outbound = Outbound::new(&config.outbound.allow, config.outbound.timeout)?;
        let origin = if config.http.api_url == config.http.public_url {
            String::new()
        } else {
            format!(" {}", config.http.api_url)
        };
        Ok(Self {
            db: Db::open(
                url,
                "web",
                config.database.pool,
                config.database.settings,
                bell.clone(),
            )?,
            jobs: Db::open(
                url,
                "jobs",
                config.job_workers.clamp(1, 64) as u32 + 1,
                config.database.settings,
                bell.clone(),
            )?,
            mailer: Mailer::new(&config)?,
            live: Live::new(url, bell),
            tokens: Tokens::new(&auth.secret, &config.http.api_url, auth.access_token_ttl),
            passwords: Passwords::new(auth.bcrypt_cost, auth.password_threads)?,
            counts: Costly::default(),
            dashboards: Costly::default(),
            studio: profile::avatar::Studio::default(),
            writes: WriteBudget::new(auth.writes_per_minute),
            spa: Spa::load(config.http.spa_dir.as_deref(), &origin)?,
            lockdown: lockdown::Watch::default(),
            places: Places::open(config.places.as_deref())?,
            providers: oidc::Providers::new(&config, &outbound),
            config: Arc::new(config),
        })
    }
}

/// The background work: every kind of job.
pub const JOBS: &[jobs::Kind] = &[
    jobs::Kind::new("fan_out", events::fan_out::run),
    jobs::Kind::new("away_mail", events::fan_out::away_mail),
    jobs::Kind {
        give_up: Some(mail::send::give_up),
        slow: true,
        ..jobs::Kind::new("send_mail", mail::send::run)
    },
    jobs::Kind {
        give_up: Some(privacy::give_up_export),
        ..jobs::Kind::new("export", privacy::export)
    },
    jobs::Kind::new("forget", privacy::forget),
    jobs::Kind {
        give_up: Some(profile::give_up_text),
        slow: true,
        ..jobs::Kind::new("send_text", profile::send_text)
    },
    jobs::Kind::new("sweep", jobs::schedule::sweep),
];

/// The features: each brings its routes and, with them, its part of the OpenAPI document.
fn features(api: &mut ServiceConfig) {
    api.configure(auth::routes)
        .configure(challenge::routes)
        .configure(oidc::routes)
        .configure(sessions::routes)
        .configure(second_factor::routes)
        .configure(people::routes)
        .configure(accounts::routes)
        .configure(lockdown::routes)
        .configure(profile::routes)
        .configure(privacy::routes)
        .configure(services::routes)
        .configure(tickets::routes)
        .configure(conversation::routes)
        .configure(feedback::routes)
        .configure(insight::routes)
        .configure(meta::routes)
        .configure(events::routes)
        .configure(demo::routes);
}

/// The OpenAPI document of all features.
pub fn document(api_url: &str) -> OpenApi {
    described(api_url).1
}

/// All features, and the OpenAPI document of them.
fn described(
    api_url: &str,
) -> (
    ActixApp<
        impl ServiceFactory<
            ServiceRequest,
            Config = (),
            Response = ServiceResponse,
            Error = actix_web::Error,
            InitError = (),
        > + use<>,
    >,
    OpenApi,
) {
    let (app, mut api) = ActixApp::new()
        .into_utoipa_app()
        .openapi(openapi::base(api_url))
        .service(scope("/api/v1").configure(features))
        .split_for_parts();
    openapi::finish(&mut api);
    (app, api)
}

/// Serves the application on this socket. Whoever sends or reads too slowly is cut off.
pub fn server(app: &Data<App>, listener: TcpListener) -> std::io::Result<Server> {
    let http = app.config.http.clone();
    let shared = app.clone();
    let server = HttpServer::new(move || build(shared.clone()))
        .on_connect(sockets::end_when_deaf)
        .workers(http.workers)
        .worker_max_blocking_threads(2)
        .client_request_timeout(http.request_timeout)
        .client_disconnect_timeout(Duration::from_secs(5))
        .keep_alive(Duration::from_secs(30))
        .max_connections(20_000)
        .shutdown_timeout(http.shutdown_timeout.as_secs())
        .disable_signals()
        .listen(listener)?;
    Ok(server.run())
}

/// The whole application, for a server or a test.
pub fn build(
    app: Data<App>,
) -> ActixApp<
    impl ServiceFactory<
        ServiceRequest,
        Config = (),
        Response = ServiceResponse<impl MessageBody>,
        Error = actix_web::Error,
        InitError = (),
    >,
> {
    let https = app.config.http.is_https();
    let (actix, document) = described(&app.config.http.api_url);
    actix
        .app_data(app.clone())
        .app_data(Data::new(document))
        .configure(docs)
        .route("/healthz", probe().to(healthy))
        .route("/readyz", probe().to(ready))
        .default_service(web::to(fallback))
        .wrap(from_fn(lockdown::guard))
        .wrap(Compress::default())
        .wrap(cors(&app.config))
        .wrap(from_fn(problem::reshape))
        .wrap(headers::security(https))
        .wrap(from_fn(request_log::log))
}

/// Swagger UI from the binary, no outside assets.
fn docs(cfg: &mut web::ServiceConfig) {
    let policy = "default-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; frame-ancestors 'none'";
    let ui = utoipa_swagger_ui::SwaggerUi::new("/{_:.*}")
        .config(utoipa_swagger_ui::Config::from("/api/v1/openapi.json"));
    cfg.service(web::redirect("/docs", "/docs/").permanent())
        .service(
            web::scope("/docs")
                .wrap(
                    DefaultHeaders::new()
                        .add((header::CONTENT_SECURITY_POLICY, policy))
                        .add((header::CACHE_CONTROL, "no-cache")),
                )
                .service(ui),
        );
}

fn cors(config: &Config) -> Cors {
    let mut cors = Cors::default()
        .allowed_methods(["GET", "POST", "PUT", "PATCH", "DELETE"])
        .allowed_headers([
            "authorization",
            "content-type",
            "idempotency-key",
            "if-match",
            "x-care-csrf",
        ])
        .expose_headers(["etag", "retry-after", "x-request-id"])
        .supports_credentials()
        .block_on_origin_mismatch(false)
        .max_age(3600);
    for origin in std::iter::once(&config.http.public_url).chain(&config.http.cors_origins) {
        cors = cors.allowed_origin(origin);
    }
    cors
}

fn probe() -> actix_web::Route {
    web::route().guard(guard::Any(guard::Get()).or(guard::Head()))
}

/// Alive: says nothing about the database.
async fn healthy() -> HttpResponse {
    HttpResponse::Ok().body("ok")
}

/// Ready when the database answers within its bounds.
async fn ready(app: Data<App>) -> Result<HttpResponse, Problem> {
    use diesel::RunQueryDsl;
    let asked = app
        .db
        .read(|conn| Ok(diesel::sql_query("SELECT 1").execute(conn)?));
    match tokio::time::timeout(Duration::from_secs(2), asked).await {
        Ok(result) => result.map(|_| HttpResponse::Ok().body("ready")),
        Err(_) => Err(Problem::unavailable("the database did not answer in time")),
    }
}

/// Everything no feature took: the SPA's page and files, or a problem.
async fn fallback(req: HttpRequest, app: Data<App>) -> Result<HttpResponse, Problem> {
    let reads = matches!(*req.method(), Method::GET | Method::HEAD);
    if req.path().starts_with("/api/") {
        return Err(routing::nothing_here(&req));
    }
    match &app.spa {
        _ if !reads => Err(Problem::method_not_allowed(vec!["GET", "HEAD"])),
        Some(spa) => spa.serve(&req),
        None if req.path() == "/" => Ok(HttpResponse::Ok()
            .content_type("text/plain")
            .body("The API is at /api/v1, its documentation at /docs/.\n")),
        None => Err(Problem::not_found()),
    }
}
