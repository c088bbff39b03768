//! About this server: what a client must know before anyone signs in.

use actix_web::{HttpResponse, get, web::Data};
use chrono::{DateTime, Utc};
use serde::Serialize;
use utoipa::{ToSchema, openapi::OpenApi};
use utoipa_actix_web::service_config::ServiceConfig;

use crate::{app::App, auth::password, http::Json};

pub fn routes(api: &mut ServiceConfig) {
    api.service(get_meta).service(get_openapi);
}

/// What a client needs to know about this server.
#[derive(Debug, Serialize, ToSchema)]
pub struct Meta {
    /// The organisation's name for this desk.
    #[schema(example = "Customer Care Registry")]
    pub name: String,
    #[schema(example = "0.1.0")]
    pub version: &'static str,
    /// Demo mode: nothing here is for real use.
    pub demo: bool,
    pub public_url: String,
    /// Languages of the SPA and of mails.
    pub locales: [&'static str; 2],
    /// Days in which a customer may reopen a ticket.
    pub reopen_days: i32,
    /// Whether text messages are set up, so that numbers can be proven.
    pub sms: bool,
    /// Since when sign-ins and changes are paused because of an attack; null when they are not.
    pub lockdown_since: Option<DateTime<Utc>>,
    pub limits: Limits,
}

/// Limits worth checking before sending.
#[derive(Debug, Serialize, ToSchema)]
pub struct Limits {
    /// Characters of a message or description.
    pub text_chars: usize,
    /// Characters of a subject.
    pub subject_chars: usize,
    pub password_min_chars: usize,
    /// Bytes in UTF-8, after NFC.
    pub password_max_bytes: usize,
    /// Bytes of a request body.
    pub body_bytes: usize,
}

/// About this server
///
/// Public. Name, version, languages and the limits that a form may check before it sends.
#[utoipa::path(tag = "meta", responses((status = 200, description = "About this server.", body = Meta)))]
#[get("/meta")]
async fn get_meta(app: Data<App>) -> Json<Meta> {
    Json(Meta {
        name: app.config.name.clone(),
        version: env!("CARGO_PKG_VERSION"),
        demo: app.config.demo,
        public_url: app.config.http.public_url.clone(),
        locales: ["en", "ta"],
        reopen_days: app.config.reopen_days,
        sms: app.config.sms.is_some(),
        lockdown_since: app.lockdown.since(&app.jobs).await,
        limits: Limits {
            text_chars: 20_000,
            subject_chars: 200,
            password_min_chars: password::MIN_CHARS,
            password_max_bytes: password::MAX_BYTES,
            body_bytes: app.config.http.body_limit,
        },
    })
}

/// The OpenAPI document
///
/// Public. This document, as JSON; `/docs/` shows it.
#[utoipa::path(tag = "meta", responses((status = 200, description = "OpenAPI 3.1.", body = serde_json::Value)))]
#[get("/openapi.json")]
async fn get_openapi(document: Data<OpenApi>) -> HttpResponse {
    HttpResponse::Ok().json(document.get_ref())
}
