//! How sessions travel to browsers: cookies that no script reads, and the proof that a request comes from our own pages.

use actix_web::{
    FromRequest, HttpRequest, HttpResponse, Responder,
    body::BoxBody,
    cookie::{Cookie, SameSite, time},
    dev::Payload,
    http::header,
    web,
};

use crate::{
    app::App,
    config::{Config, Secret},
    people::Me,
    problem::{FieldCode, Problem},
};

use super::{
    model::Opened,
    wire::{Session, SessionBy},
};

/// The header that only our own pages, or those of an allowed origin, can make a browser send.
const CSRF_HEADER: &str = "x-care-csrf";
/// A registration is confirmed within days or not at all.
const REGISTRATION_DAYS: i64 = 7;
/// As long as a browser stays known (`sessions`).
const DEVICE_DAYS: i64 = 180;

/// `__Host-` (RFC 6265bis section 4.1.3.2) binds the cookie to this host over TLS.
fn name(config: &Config, what: &str) -> String {
    let prefix = if config.http.is_https() {
        "__Host-"
    } else {
        ""
    };
    format!("{prefix}care_{what}")
}

fn cookie(config: &Config, what: &str, value: String, age: time::Duration) -> Cookie<'static> {
    Cookie::build(name(config, what), value)
        .path("/")
        .http_only(true)
        .same_site(SameSite::Strict)
        .secure(config.http.is_https())
        .max_age(age)
        .finish()
}

fn age(lifetime: std::time::Duration) -> time::Duration {
    time::Duration::seconds(i64::try_from(lifetime.as_secs()).unwrap_or(i64::MAX))
}

/// The cookie that remembers who registered from this browser.
pub fn registration_cookie(config: &Config, receipt: &Secret) -> Cookie<'static> {
    let value = receipt.reveal().to_owned();
    cookie(
        config,
        "registration",
        value,
        time::Duration::days(REGISTRATION_DAYS),
    )
}

/// The cookie that ties a trip to an identity provider to this browser.
pub fn trip_cookie(config: &Config, proof: &Secret) -> Cookie<'static> {
    let age = age(config.auth.code_ttl);
    cookie(config, "trip", proof.reveal().to_owned(), age)
}

/// Takes the refresh cookie away.
pub fn no_refresh_cookie(config: &Config) -> Cookie<'static> {
    cookie(config, "refresh", String::new(), time::Duration::ZERO)
}

/// The cookies of a request, given out only with proof.
pub struct Browser {
    proven: bool,
    refresh: Option<Secret>,
    registration: Option<Secret>,
    trip: Option<Secret>,
    device: Option<Secret>,
}

impl Browser {
    /// 403 unless the request proves to come from an allowed page: a header no form can set, and no foreign Origin.
    pub fn prove(&self) -> Result<(), Problem> {
        if self.proven {
            Ok(())
        } else {
            Err(Problem::forbidden(
                "Requests with cookies need the header X-Care-CSRF: 1 and come from an allowed origin.",
            ))
        }
    }

    /// Fails early when the session shall travel by cookie and the request may not ask for that.
    pub fn allow(&self, by: SessionBy) -> Result<(), Problem> {
        match by {
            SessionBy::Cookie => self.prove(),
            SessionBy::Token => Ok(()),
        }
    }

    /// What shows that this browser began a trip to a provider.
    pub fn trip(&self) -> Result<Option<&str>, Problem> {
        self.prove()?;
        Ok(self.trip.as_ref().map(Secret::reveal))
    }

    /// What shows that this browser registered: sent along, or in the cookie.
    pub fn receipt(&self, by: SessionBy, sent: Option<Secret>) -> Option<Secret> {
        match by {
            SessionBy::Cookie => sent.or_else(|| self.registration.clone()),
            SessionBy::Token => sent,
        }
    }

    /// What shows that this browser or program was here before: sent along, or in the cookie.
    pub fn device(&self, by: SessionBy, sent: Option<Secret>) -> Option<Secret> {
        match by {
            SessionBy::Cookie => sent.or_else(|| self.device.clone()),
            SessionBy::Token => sent,
        }
    }

    /// The refresh token and how its successor shall travel. One from a cookie is never handed to a script.
    pub fn refresh_token(
        &self,
        sent: Option<Secret>,
        wish: Option<SessionBy>,
    ) -> Result<(Secret, SessionBy), Problem> {
        if let Some(token) = sent {
            let by = wish.unwrap_or(SessionBy::Token);
            self.allow(by)?;
            return Ok((token, by));
        }
        if wish == Some(SessionBy::Token) {
            return Err(Problem::field(
                "/session",
                FieldCode::NotAllowed,
                "A session in a cookie stays in the cookie.",
            ));
        }
        self.prove()?;
        let token = self.refresh.clone().ok_or_else(super::session::over)?;
        Ok((token, SessionBy::Cookie))
    }
}

impl FromRequest for Browser {
    type Error = Problem;
    type Future = std::future::Ready<Result<Self, Problem>>;

    fn from_request(req: &HttpRequest, _: &mut Payload) -> Self::Future {
        let Some(app) = req.app_data::<web::Data<App>>() else {
            return std::future::ready(Err(Problem::internal("the app state is missing")));
        };
        let config = &app.config;
        let sent = |what| {
            let cookie = req.cookie(&name(config, what))?;
            Some(Secret::new(cookie.value())).filter(|v| !v.reveal().is_empty())
        };
        std::future::ready(Ok(Self {
            proven: is_proven(req, config),
            refresh: sent("refresh"),
            registration: sent("registration"),
            trip: sent("trip"),
            device: sent("device"),
        }))
    }
}

fn is_proven(req: &HttpRequest, config: &Config) -> bool {
    let marked = req.headers().get(CSRF_HEADER).is_some_and(|v| v == "1");
    let mut origins = req.headers().get_all(header::ORIGIN);
    marked
        && origins.all(|origin| {
            origin.to_str().is_ok_and(|origin| {
                origin == config.http.public_url
                    || origin == config.http.api_url
                    || config.http.cors_origins.iter().any(|o| o == origin)
            })
        })
}

/// The answer that starts or carries on a session.
pub struct SessionAnswer {
    session: Session,
    cookies: Vec<Cookie<'static>>,
}

impl SessionAnswer {
    pub fn new(app: &App, by: SessionBy, opened: Opened) -> Result<Self, Problem> {
        let (access_token, expires_in) = app
            .tokens
            .issue(opened.user.id, opened.session_id)
            .map_err(Problem::internal)?;
        let mut session = Session {
            access_token,
            expires_in,
            refresh_token: None,
            device_token: None,
            second_factor_due: opened.second_factor_due,
            user: Me::from(opened.user),
        };
        let token = opened.refresh_token.reveal().to_owned();
        let device = opened.device_token.map(|token| token.reveal().to_owned());
        let mut cookies = Vec::new();
        match by {
            SessionBy::Token => {
                session.refresh_token = Some(token);
                session.device_token = device;
            }
            SessionBy::Cookie => {
                let age = age(app.config.auth.session_ttl);
                cookies.push(cookie(&app.config, "refresh", token, age));
                let days = time::Duration::days(DEVICE_DAYS);
                cookies.extend(device.map(|token| cookie(&app.config, "device", token, days)));
            }
        }
        Ok(Self { session, cookies })
    }
}

impl Responder for SessionAnswer {
    type Body = BoxBody;

    fn respond_to(self, _: &HttpRequest) -> HttpResponse {
        let mut response = HttpResponse::Ok();
        response.insert_header((header::CACHE_CONTROL, "no-store"));
        for cookie in self.cookies {
            response.cookie(cookie);
        }
        response.json(self.session)
    }
}
