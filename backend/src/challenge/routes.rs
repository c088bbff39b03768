//! The second step of signing in over HTTP.

use actix_web::{HttpRequest, HttpResponse, Responder, body::BoxBody, http::header, post, web};
use utoipa_actix_web::service_config::ServiceConfig;

use crate::{
    app::App,
    auth::{Browser, Sent, Session, SessionAnswer, SessionBy, codes},
    http::{Json, Origin},
    problem::{Problem, ProblemBody},
};

use super::{
    actions,
    model::{Admission, Verdict},
    wire::{ChallengeView, PassChallenge, ResendChallenge},
};

pub fn routes(api: &mut ServiceConfig) {
    api.service(pass_challenge).service(resend_challenge_code);
}

/// Answer a challenge
///
/// The second step of a sign-in that was answered 202. Only the newest challenge of a person counts, for
/// `expires_in` seconds and a few guesses; then it is over (401 `challenge_over`) and the sign-in begins anew. A code works
/// once.
#[utoipa::path(
    tag = "auth",
    request_body = PassChallenge,
    responses(
        (status = 200, description = "Signed in.", body = Session),
        (status = 401, description = "`challenge_over`: sign in again.", body = ProblemBody,
            content_type = "application/problem+json"),
        (status = 403, description = "A cookie was asked for without proof.", body = ProblemBody,
            content_type = "application/problem+json"),
    )
)]
#[post("/auth/challenge")]
async fn pass_challenge(
    app: web::Data<App>,
    origin: Origin,
    browser: Browser,
    body: Json<PassChallenge>,
) -> Result<SessionAnswer, Problem> {
    let typed = body.typed()?;
    let by = body.session.unwrap_or_default();
    browser.allow(by)?;
    let PassChallenge {
        challenge_token,
        method,
        device_token,
        ..
    } = body.0;
    let device = browser.device(by, device_token);
    let config = app.config.clone();
    let verdict = app
        .db
        .write(move |tx| {
            let code = (method, &typed);
            let device = device.clone();
            actions::pass(tx, &config.auth, &origin, &challenge_token, code, device)
        })
        .await?;
    match verdict {
        Verdict::Right(opened) => SessionAnswer::new(&app, by, *opened),
        Verdict::Wrong => Err(codes::refused()),
        Verdict::Over => Err(actions::over()),
    }
}

/// Send the code of a challenge again
///
/// For a challenge with `email_code`: mails a new code, the one before no longer works. At most one mail per
/// `retry_after_seconds`.
#[utoipa::path(
    tag = "auth",
    request_body = ResendChallenge,
    responses(
        (status = 202, description = "A mail is on its way.", body = Sent),
        (status = 401, description = "`challenge_over`: sign in again.", body = ProblemBody,
            content_type = "application/problem+json"),
    )
)]
#[post("/auth/challenge/resend")]
async fn resend_challenge_code(
    app: web::Data<App>,
    origin: Origin,
    body: Json<ResendChallenge>,
) -> Result<HttpResponse, Problem> {
    let config = app.config.clone();
    let token = body.0.challenge_token;
    let sent = app
        .db
        .write(move |tx| actions::resend(tx, &config.auth, &origin, &token))
        .await?;
    match sent {
        true => Ok(HttpResponse::Accepted().json(Sent::after(app.config.auth.code_resend_wait))),
        false => Err(actions::over()),
    }
}

/// The answer to a right password: a session, or one more step.
pub enum Admitted {
    Session(SessionAnswer),
    Challenge(ChallengeView),
}

impl Admitted {
    pub fn new(app: &App, by: SessionBy, admission: Admission) -> Result<Self, Problem> {
        Ok(match admission {
            Admission::Opened(opened) => Self::Session(SessionAnswer::new(app, by, *opened)?),
            Admission::Challenged(challenge) => Self::Challenge(challenge.into()),
        })
    }
}

impl Responder for Admitted {
    type Body = BoxBody;

    fn respond_to(self, req: &HttpRequest) -> HttpResponse {
        match self {
            Self::Session(answer) => answer.respond_to(req),
            Self::Challenge(view) => HttpResponse::Accepted()
                .insert_header((header::CACHE_CONTROL, "no-store"))
                .json(view),
        }
    }
}
