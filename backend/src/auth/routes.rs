//! Signing up, signing in, and everything around passwords.
//!
//! Passwords are hashed and compared between transactions, never while one is open.

use std::time::Instant;

use actix_web::{HttpResponse, http::header, post, web};
use utoipa_actix_web::service_config::ServiceConfig;

use crate::{
    app::App,
    challenge::{Admitted, ChallengeView},
    config::Secret,
    http::{Json, Origin},
    people::User,
    problem::{Problem, ProblemBody},
    profile,
};

use super::{
    Actor, SignedIn,
    actions::{self, NewCustomer},
    codes::{self, Proof},
    limits,
    model::{Attempt, Code, Purpose, Rotation},
    pace::{on_the_beat, write_on_the_beat},
    rules, session,
    transport::{self, Browser, SessionAnswer},
    wire::{
        AcceptInvitation, Address, ChangePassword, ConfirmEmail, Refresh, Register, Registered,
        ResetPassword, Sent, Session, SignIn,
    },
};

pub fn routes(cfg: &mut ServiceConfig) {
    cfg.service(register)
        .service(confirm_email)
        .service(resend_confirmation)
        .service(sign_in)
        .service(refresh_session)
        .service(sign_out)
        .service(forgot_password)
        .service(reset_password)
        .service(accept_invitation)
        .service(change_password);
}

/// Register as a customer
///
/// Sends a mail with a link and a six-digit code to confirm the address. The answer is the same when the address has an
/// account already; its owner is then told by mail. Registering again before confirming replaces name and password.
#[utoipa::path(
    tag = "auth",
    request_body = Register,
    responses((status = 202, description = "A mail is on its way, if it can be.", body = Registered))
)]
#[post("/auth/register")]
async fn register(
    app: web::Data<App>,
    origin: Origin,
    body: Json<Register>,
) -> Result<HttpResponse, Problem> {
    let config = app.config.clone();
    let (name, email) = body.check(&config.name)?;
    knock(&app, &origin).await?;
    let new = NewCustomer {
        name,
        email,
        password_hash: app.passwords.hash(body.0.password).await?,
        locale: body.0.locale.unwrap_or(origin.locale),
    };
    let receipt = write_on_the_beat(&app, move |tx| {
        actions::register(tx, &config.auth, &origin, &new)
    })
    .await?;
    let mut response = HttpResponse::Accepted();
    response.insert_header((header::CACHE_CONTROL, "no-store"));
    response.cookie(transport::registration_cookie(&app.config, &receipt));
    Ok(response.json(Registered {
        status: "confirmation_sent",
        retry_after_seconds: app.config.auth.code_resend_wait.as_secs(),
        registration_token: receipt.reveal().to_owned(),
    }))
}

/// Confirm an email address
///
/// With the token of the link, or the address and the six digits of the mail; starts a session. The password chosen at
/// registration is kept when `registration_token` (or its cookie) shows that you chose it; otherwise `has_password` is
/// false and a new one may be set. A code works once, for ten minutes, and only the newest.
#[utoipa::path(
    tag = "auth",
    request_body = ConfirmEmail,
    responses(
        (status = 200, description = "Confirmed and signed in.", body = Session),
        (status = 403, description = "A cookie was asked for without proof.", body = ProblemBody,
            content_type = "application/problem+json"),
    )
)]
#[post("/auth/confirm-email")]
async fn confirm_email(
    app: web::Data<App>,
    origin: Origin,
    browser: Browser,
    body: Json<ConfirmEmail>,
) -> Result<SessionAnswer, Problem> {
    let proof = body.proof()?;
    let by = body.session.unwrap_or_default();
    browser.allow(by)?;
    let receipt = browser.receipt(by, body.0.registration_token);
    let device = browser.device(by, None);
    let (code, _) = judge(&app, &origin, proof, Purpose::ConfirmEmail).await?;
    let config = app.config.clone();
    let opened = app
        .db
        .write(move |tx| {
            let receipt = receipt.as_ref();
            actions::confirm(tx, &config.auth, &origin, &code, receipt, device.clone())
        })
        .await?;
    SessionAnswer::new(&app, by, opened)
}

/// Send the confirmation again
///
/// Mails a new link and code; the ones before no longer work. The answer says nothing about whether the address has an
/// account. At most one mail per `retry_after_seconds`.
#[utoipa::path(
    tag = "auth",
    request_body = Address,
    responses((status = 202, description = "A mail is on its way, if there is something to confirm.", body = Sent))
)]
#[post("/auth/confirm-email/resend")]
async fn resend_confirmation(
    app: web::Data<App>,
    origin: Origin,
    body: Json<Address>,
) -> Result<HttpResponse, Problem> {
    let email = body.check()?;
    let config = app.config.clone();
    write_on_the_beat(&app, move |tx| {
        actions::resend_confirmation(tx, &config.auth, &origin, &email)
    })
    .await?;
    Ok(sent(&app))
}

/// Sign in
///
/// With email and password. An account with a second factor, and one that signs in from a browser or program that was not
/// known before, needs one more step: 202 with a challenge for `/auth/challenge`. The answer to a wrong password, an unknown address, a disabled and a locked account is the
/// same 401. After too many wrong passwords an account is locked for a while; live sessions and resetting the password
/// go on working, and the owner is told. A browser is known by its cookie, a program by the `device_token` of an earlier
/// answer.
#[utoipa::path(
    tag = "auth",
    request_body = SignIn,
    responses(
        (status = 200, description = "Signed in.", body = Session),
        (status = 202, description = "One more step.", body = ChallengeView),
        (status = 401, description = "`wrong_credentials`.", body = ProblemBody,
            content_type = "application/problem+json"),
        (status = 403, description = "After the right password: `email_unconfirmed`, or `password_change_required` when an \
            admin asked for a new one (a code to choose it is mailed). Or a cookie was asked for without proof.",
            body = ProblemBody, content_type = "application/problem+json"),
    )
)]
#[post("/auth/sign-in")]
async fn sign_in(
    app: web::Data<App>,
    origin: Origin,
    browser: Browser,
    body: Json<SignIn>,
) -> Result<Admitted, Problem> {
    let email = body.check()?;
    let by = body.session.unwrap_or_default();
    browser.allow(by)?;
    let device = browser.device(by, body.0.device_token);
    let (config, from) = (app.config.clone(), origin.clone());
    let begin = Instant::now();
    let attempt = app
        .db
        .write(move |tx| actions::attempt(tx, &config.auth, &from, &email))
        .await?;
    let before = begin.elapsed();
    // Exactly one comparison, whoever asks.
    let hash = match &attempt {
        Attempt::Weigh { user, .. } => user.password_hash.clone(),
        Attempt::Refused { .. } => None,
    };
    let right = app.passwords.verify(body.0.password, hash).await?;
    let config = app.config.clone();
    match attempt {
        Attempt::Weigh { user, .. } if right && !user.is_confirmed() => {
            app.db
                .write(move |tx| actions::ask_to_confirm(tx, &origin, &user))
                .await?;
            Err(actions::email_unconfirmed())
        }
        Attempt::Weigh { user, .. } if right && user.must_change_password() => {
            app.db
                .write(move |tx| actions::ask_to_change(tx, &config.auth, &origin, &user))
                .await?;
            Err(actions::password_change_required())
        }
        Attempt::Weigh { user, .. } if right => {
            let admission = app
                .db
                .write(move |tx| actions::sign_in(tx, &config.auth, &origin, &user, device.clone()))
                .await?;
            Admitted::new(&app, by, admission)
        }
        attempt => {
            let noted = app
                .db
                .write(move |tx| actions::refuse(tx, &config.auth, &origin, &attempt));
            on_the_beat(app.config.auth.answer_beat, before, noted).await?;
            Err(actions::wrong_credentials())
        }
    }
}

/// Carry on a session
///
/// Exchanges a refresh token (from the body, or the cookie) for a new access token and the next refresh token. Each
/// works once; a repeat within a short grace gives the same successor, a later one ends the session, because somebody
/// kept a copy.
#[utoipa::path(
    tag = "auth",
    request_body = Refresh,
    responses(
        (status = 200, description = "The session goes on.", body = Session),
        (status = 401, description = "`session_ended`: sign in again.", body = ProblemBody,
            content_type = "application/problem+json"),
        (status = 403, description = "A cookie without proof.", body = ProblemBody,
            content_type = "application/problem+json"),
    )
)]
#[post("/auth/refresh")]
async fn refresh_session(
    app: web::Data<App>,
    origin: Origin,
    browser: Browser,
    body: Json<Refresh>,
) -> Result<SessionAnswer, Problem> {
    let Refresh {
        refresh_token,
        session,
    } = body.0;
    let (token, by) = browser.refresh_token(refresh_token, session)?;
    let config = app.config.clone();
    let rotation = app
        .db
        .write(move |tx| session::rotate(tx, &config.auth, &origin, &token))
        .await?;
    match rotation {
        Rotation::Next(opened) => SessionAnswer::new(&app, by, *opened),
        // The cookie stays: a slower tab must not sign out the quicker one.
        Rotation::Refused => Err(session::over()),
    }
}

/// Sign out
///
/// Ends this session at once, everywhere, and takes the cookie away. Other sessions go on.
#[utoipa::path(
    tag = "auth",
    security(("bearer" = [])),
    responses((status = 204, description = "Signed out."))
)]
#[post("/auth/sign-out")]
async fn sign_out(app: web::Data<App>, actor: SignedIn) -> Result<HttpResponse, Problem> {
    app.db
        .write(move |tx| session::sign_out(tx, &actor.origin, actor.id, actor.session_id))
        .await?;
    let mut response = HttpResponse::NoContent();
    response.cookie(transport::no_refresh_cookie(&app.config));
    Ok(response.finish())
}

/// Ask for a code to reset the password
///
/// Mails a six-digit code and a link to the address stored with the account. The answer says nothing about whether there
/// is one. At most one mail per `retry_after_seconds`.
#[utoipa::path(
    tag = "auth",
    request_body = Address,
    responses((status = 202, description = "A mail is on its way, if there is an account.", body = Sent))
)]
#[post("/auth/forgot-password")]
async fn forgot_password(
    app: web::Data<App>,
    origin: Origin,
    body: Json<Address>,
) -> Result<HttpResponse, Problem> {
    let email = body.check()?;
    let config = app.config.clone();
    write_on_the_beat(&app, move |tx| {
        actions::forgot_password(tx, &config.auth, &origin, &email)
    })
    .await?;
    Ok(sent(&app))
}

/// Choose a new password by mailed code
///
/// With the address and the six digits, or the token of the link. Who has set security questions is asked them once the
/// code was right: without `answers` the problem (422) has one of `errors` at `/answers/0` and so on for each, with the
/// question as its `detail`; send the same again with `answers` in that order. Ends all sessions, opens a locked account
/// and tells the owner by mail. Sign in with the new password afterwards.
#[utoipa::path(
    tag = "auth",
    request_body = ResetPassword,
    responses((status = 204, description = "The password is changed."))
)]
#[post("/auth/reset-password")]
async fn reset_password(
    app: web::Data<App>,
    origin: Origin,
    body: Json<ResetPassword>,
) -> Result<HttpResponse, Problem> {
    let proof = body.check(&app.config.name)?;
    let (code, user) = judge(&app, &origin, proof, Purpose::ResetPassword).await?;
    check_password(&app, &user, &body.password, &body.password_confirmation)?;
    profile::ask_security_questions(&app, user.id, body.0.answers).await?;
    let hash = app.passwords.hash(body.0.password).await?;
    app.db
        .write(move |tx| actions::reset_password(tx, &origin, &code, &hash))
        .await?;
    Ok(HttpResponse::NoContent().finish())
}

/// Accept an invitation
///
/// For agents: the token of the link in the invitation, one's name and a password; starts a session.
#[utoipa::path(
    tag = "auth",
    request_body = AcceptInvitation,
    responses(
        (status = 200, description = "Joined and signed in.", body = Session),
        (status = 403, description = "A cookie was asked for without proof.", body = ProblemBody,
            content_type = "application/problem+json"),
    )
)]
#[post("/auth/accept-invitation")]
async fn accept_invitation(
    app: web::Data<App>,
    origin: Origin,
    browser: Browser,
    body: Json<AcceptInvitation>,
) -> Result<SessionAnswer, Problem> {
    let (proof, name) = body.check(&app.config.name)?;
    let by = body.session.unwrap_or_default();
    browser.allow(by)?;
    let device = browser.device(by, None);
    let (code, user) = judge(&app, &origin, proof, Purpose::Invitation).await?;
    check_password(&app, &user, &body.password, &body.password_confirmation)?;
    let hash = app.passwords.hash(body.0.password).await?;
    let config = app.config.clone();
    let opened = app
        .db
        .write(move |tx| {
            let new = (name.as_str(), hash.as_str());
            actions::join(tx, &config.auth, &origin, &code, new, device.clone())
        })
        .await?;
    SessionAnswer::new(&app, by, opened)
}

/// Change my password
///
/// Needs the current one, unless none was ever set (`has_password` is false). Ends all other sessions and tells the
/// owner by mail.
#[utoipa::path(
    tag = "me",
    security(("bearer" = [])),
    request_body = ChangePassword,
    responses(
        (status = 204, description = "The password is changed."),
        (status = 409, description = "It was changed in the meantime.", body = ProblemBody,
            content_type = "application/problem+json"),
    )
)]
#[post("/me/password")]
async fn change_password(
    app: web::Data<App>,
    actor: Actor,
    body: Json<ChangePassword>,
) -> Result<HttpResponse, Problem> {
    let ChangePassword {
        current_password,
        password,
        password_confirmation,
    } = body.0;
    let (config, caller) = (app.config.clone(), actor.clone());
    let user = app
        .db
        .write(move |tx| actions::begin_change(tx, &config.auth, &caller))
        .await?;
    check_password(&app, &user, &password, &password_confirmation)?;
    let before = user.password_hash;
    app.passwords
        .prove_current(current_password, before.clone())
        .await?;
    let hash = app.passwords.hash(password).await?;
    app.db
        .write(move |tx| actions::change_password(tx, &actor, before.as_deref(), &hash))
        .await?;
    Ok(HttpResponse::NoContent().finish())
}

fn sent(app: &App) -> HttpResponse {
    HttpResponse::Accepted().json(Sent::after(app.config.auth.code_resend_wait))
}

async fn knock(app: &App, origin: &Origin) -> Result<(), Problem> {
    let (config, origin) = (app.config.clone(), origin.clone());
    app.db
        .write(move |tx| limits::knock(tx, &config.auth, &origin))
        .await
}

async fn judge(
    app: &App,
    origin: &Origin,
    proof: Proof,
    purpose: Purpose,
) -> Result<(Code, User), Problem> {
    let (config, origin) = (app.config.clone(), origin.clone());
    write_on_the_beat(app, move |tx| {
        actions::judge(tx, &config.auth, &origin, &proof, purpose)
    })
    .await?
    .ok_or_else(codes::refused)
}

/// The rules again, now that it is known whose password it is.
fn check_password(
    app: &App,
    user: &User,
    password: &Secret,
    confirmation: &Secret,
) -> Result<(), Problem> {
    rules::check_all(
        password,
        confirmation,
        &[&user.email, &user.name, &app.config.name],
    )
}
