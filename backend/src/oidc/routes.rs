//! Signing in through identity providers, and linking them.
//!
//! The network is never waited for inside a transaction: a trip is taken back first, then the provider is asked, then
//! what it said takes effect.

use actix_web::{
    HttpRequest, HttpResponse, HttpResponseBuilder, Responder, cookie::Cookie, delete, get,
    http::header, post, web,
};
use utoipa_actix_web::service_config::ServiceConfig;

use crate::{
    app::App,
    auth::{
        Actor, Browser, Sent, Session, SessionAnswer, ask_password_again, codes, trip_cookie,
        write_on_the_beat,
    },
    challenge::{Admission, Admitted, ChallengeView},
    db::ids::{IdentityId, UserId},
    http::{Json, Origin, Path},
    problem::{Problem, ProblemBody},
};

use super::{
    actions::{self, Arrival},
    model::Profile,
    provider::{Provider, Returned},
    queries,
    trip::{self, Trip},
    wire::{
        AddressToProve, Departure, Identities, IdentityView, LinkIdentity, OneMoreStep,
        ProveAddress, ProviderReturn, ProviderView, Providers,
    },
};

pub fn routes(api: &mut ServiceConfig) {
    api.service(list_providers)
        .service(start_provider_sign_in)
        .service(finish_provider_sign_in)
        .service(prove_provider_address)
        .service(resend_provider_code)
        .service(list_my_identities)
        .service(start_linking_identity)
        .service(finish_linking_identity)
        .service(unlink_identity);
}

/// Identity providers
///
/// Public. The providers this server is configured for, in the order of their buttons.
#[utoipa::path(tag = "auth", responses((status = 200, description = "The providers.", body = Providers)))]
#[get("/auth/providers")]
async fn list_providers(app: web::Data<App>) -> Json<Providers> {
    let view = |p: &Provider| ProviderView {
        name: p.config.name.clone(),
        label: p.config.label.clone(),
    };
    Json(Providers {
        items: app.providers.all().map(view).collect(),
    })
}

/// Begin signing in through a provider
///
/// For browsers: sets an HttpOnly cookie that ties the sign-in to this one, and answers where to send it. Works once,
/// for a few minutes; beginning again replaces the one before. Needs the header `X-Care-CSRF: 1`.
#[utoipa::path(
    tag = "auth",
    params(("provider" = String, Path, description = "Name of the provider.", example = "google")),
    responses(
        (status = 200, description = "Send the browser there.", body = Departure),
        (status = 403, description = "Not from one of our pages.", body = ProblemBody,
            content_type = "application/problem+json"),
        (status = 422, description = "`provider_refused`: the provider can not be reached.", body = ProblemBody,
            content_type = "application/problem+json"),
    )
)]
#[post("/auth/providers/{provider}/start")]
async fn start_provider_sign_in(
    app: web::Data<App>,
    origin: Origin,
    browser: Browser,
    provider: Path<String>,
) -> Result<HttpResponse, Problem> {
    browser.prove()?;
    depart(&app, origin, &provider.0, None).await
}

/// Finish signing in through a provider
///
/// With what the provider's page brought back, from the browser that began. Someone known is signed in (200), or asked for
/// the second factor of the account (202, `/auth/challenge` takes it). On a first visit (202) a code goes to the address that the provider named, whether or not it has an account here, and
/// `/auth/providers/prove-address` takes it.
#[utoipa::path(
    tag = "auth",
    params(("provider" = String, Path, description = "Name of the provider.", example = "google")),
    request_body = ProviderReturn,
    responses(
        (status = 200, description = "Signed in.", body = Session),
        (status = 202, description = "One more step, as `status` says: `prove_address`, or `challenge` for an account with a \
            second factor.", body = OneMoreStep),
        (status = 403, description = "Not from one of our pages.", body = ProblemBody,
            content_type = "application/problem+json"),
        (status = 422, description = "`provider_refused`: begin again, or sign in another way.", body = ProblemBody,
            content_type = "application/problem+json"),
    )
)]
#[post("/auth/providers/{provider}/finish")]
async fn finish_provider_sign_in(
    req: HttpRequest,
    app: web::Data<App>,
    origin: Origin,
    browser: Browser,
    provider: Path<String>,
    body: Json<ProviderReturn>,
) -> Result<HttpResponse, Problem> {
    let by = body.session.unwrap_or_default();
    let (trip, profile) = arrive(&app, &browser, &origin, &provider.0, None, body.0).await?;
    let (config, kept) = (app.config.clone(), trip.clone());
    let entry = actions::entry(&provider.0, browser.device(by, None));
    let arrival = app
        .db
        .write(move |tx| actions::sign_in(tx, &config.auth, &origin, &kept, &profile, &entry))
        .await?;
    match arrival {
        Arrival::Admitted(Admission::Opened(opened)) => {
            Ok(SessionAnswer::new(&app, by, *opened)?.respond_to(&req))
        }
        Arrival::Admitted(Admission::Challenged(challenge)) => {
            Ok(one_more_step().json(OneMoreStep::Challenge(challenge.into())))
        }
        Arrival::ProveAddress { email } => Ok(one_more_step()
            // Again, so that it lasts as long as the code.
            .cookie(cookie_of(&app, &trip))
            .json(OneMoreStep::Address(AddressToProve {
                status: "prove_address",
                email,
                retry_after_seconds: app.config.auth.code_resend_wait.as_secs(),
            }))),
        Arrival::Closed => Err(actions::closed()),
    }
}

fn one_more_step() -> HttpResponseBuilder {
    let mut response = HttpResponse::Accepted();
    response.insert_header((header::CACHE_CONTROL, "no-store"));
    response
}

/// Prove the address of a first visit
///
/// With the code we mailed, from the browser that began. The identity is linked to the account of that address, which is
/// new if there was none, and its owner is signed in.
#[utoipa::path(
    tag = "auth",
    request_body = ProveAddress,
    responses(
        (status = 200, description = "Linked and signed in.", body = Session),
        (status = 202, description = "Linked; the account has a second factor.", body = ChallengeView),
        (status = 403, description = "Not from one of our pages.", body = ProblemBody,
            content_type = "application/problem+json"),
        (status = 409, description = "The identity, or another of this provider, is linked already.", body = ProblemBody,
            content_type = "application/problem+json"),
    )
)]
#[post("/auth/providers/prove-address")]
async fn prove_provider_address(
    app: web::Data<App>,
    origin: Origin,
    browser: Browser,
    body: Json<ProveAddress>,
) -> Result<Admitted, Problem> {
    let code = body.digits()?;
    let by = body.session.unwrap_or_default();
    let cookie = browser.trip()?.ok_or_else(trip::lost)?.to_owned();
    let (config, from) = (app.config.clone(), origin.clone());
    let judged = app
        .db
        .write(move |tx| actions::judge(tx, &config.auth, &from, &cookie, &code))
        .await?;
    let (trip, code) = judged.ok_or_else(codes::refused)?;
    let device = browser.device(by, None);
    let config = app.config.clone();
    let admission = app
        .db
        .write(move |tx| actions::join(tx, &config.auth, &origin, &trip, &code, device.clone()))
        .await?;
    Admitted::new(&app, by, admission)
}

/// Send the code of a first visit again
///
/// Mails a new code to the address that the provider named, from the browser that began; the ones before no longer work.
/// The answer says nothing about whether the address has an account. At most one mail per `retry_after_seconds`. The
/// browser may finish as long as the new code lasts. Needs the header `X-Care-CSRF: 1`.
#[utoipa::path(
    tag = "auth",
    responses(
        (status = 202, description = "A mail is on its way, if the address takes codes.", body = Sent),
        (status = 403, description = "Not from one of our pages.", body = ProblemBody,
            content_type = "application/problem+json"),
        (status = 422, description = "`provider_refused`: nothing waits for a code here, or it took too long. Begin again.",
            body = ProblemBody, content_type = "application/problem+json"),
    )
)]
#[post("/auth/providers/prove-address/resend")]
async fn resend_provider_code(
    app: web::Data<App>,
    origin: Origin,
    browser: Browser,
) -> Result<HttpResponse, Problem> {
    let cookie = browser.trip()?.ok_or_else(trip::lost)?.to_owned();
    let config = app.config.clone();
    let trip = write_on_the_beat(&app, move |tx| {
        actions::ask_again(tx, &config.auth, &origin, &cookie)
    })
    .await?;
    Ok(one_more_step()
        // Again, so that it lasts as long as the code.
        .cookie(cookie_of(&app, &trip))
        .json(Sent::after(app.config.auth.code_resend_wait)))
}

/// My linked identities
///
/// The providers through which the caller can sign in, oldest link first.
#[utoipa::path(
    tag = "me",
    security(("bearer" = [])),
    responses((status = 200, description = "The identities linked to the caller's account.", body = Identities))
)]
#[get("/me/identities")]
async fn list_my_identities(
    app: web::Data<App>,
    actor: Actor,
) -> Result<Json<Identities>, Problem> {
    let rows = app
        .db
        .read(move |conn| Ok(queries::list_identities(conn, actor.id)?))
        .await?;
    let label = |name: &str| match app.providers.find(name) {
        Ok(provider) => provider.config.label.clone(),
        Err(_) => name.to_owned(),
    };
    let views = rows.into_iter().map(|row| {
        let label = label(&row.provider);
        IdentityView::new(row, label)
    });
    Ok(Json(Identities {
        items: views.collect(),
    }))
}

/// Begin linking a provider
///
/// Like signing in, but the identity will be linked to the caller's account. Needs the current password.
#[utoipa::path(
    tag = "me",
    security(("bearer" = [])),
    params(("provider" = String, Path, description = "Name of the provider.", example = "google")),
    request_body = LinkIdentity,
    responses((status = 200, description = "Send the browser there.", body = Departure))
)]
#[post("/me/identities/{provider}/start")]
async fn start_linking_identity(
    app: web::Data<App>,
    actor: Actor,
    browser: Browser,
    provider: Path<String>,
    body: Json<LinkIdentity>,
) -> Result<HttpResponse, Problem> {
    browser.prove()?;
    ask_password_again(&app, &actor, body.0.current_password).await?;
    depart(&app, actor.origin.clone(), &provider.0, Some(actor.id)).await
}

/// Finish linking a provider
///
/// With what the provider's page brought back, from the browser and the account that began.
#[utoipa::path(
    tag = "me",
    security(("bearer" = [])),
    params(("provider" = String, Path, description = "Name of the provider.", example = "google")),
    request_body = ProviderReturn,
    responses(
        (status = 204, description = "Linked."),
        (status = 409, description = "The identity, or another of this provider, is linked already.", body = ProblemBody,
            content_type = "application/problem+json"),
    )
)]
#[post("/me/identities/{provider}/finish")]
async fn finish_linking_identity(
    app: web::Data<App>,
    actor: Actor,
    browser: Browser,
    provider: Path<String>,
    body: Json<ProviderReturn>,
) -> Result<HttpResponse, Problem> {
    let (origin, link) = (actor.origin.clone(), Some(actor.id));
    let (trip, profile) = arrive(&app, &browser, &origin, &provider.0, link, body.0).await?;
    app.db
        .write(move |tx| actions::link_mine(tx, &actor, &trip, &provider.0, &profile))
        .await?;
    Ok(HttpResponse::NoContent().finish())
}

/// Unlink an identity
///
/// Refused when it is the only way to sign in; its owner is told by mail.
#[utoipa::path(
    tag = "me",
    security(("bearer" = [])),
    params(("id" = IdentityId, Path, description = "Of the identity.")),
    responses(
        (status = 204, description = "Unlinked."),
        (status = 409, description = "It is the only way in.", body = ProblemBody,
            content_type = "application/problem+json"),
    )
)]
#[delete("/me/identities/{id}")]
async fn unlink_identity(
    app: web::Data<App>,
    actor: Actor,
    id: Path<IdentityId>,
) -> Result<HttpResponse, Problem> {
    let offered = app.providers.names();
    app.db
        .write(move |tx| actions::unlink(tx, &actor, id.0, &offered))
        .await?;
    Ok(HttpResponse::NoContent().finish())
}

/// Ties a trip to its browser.
fn cookie_of(app: &App, trip: &Trip) -> Cookie<'static> {
    trip_cookie(&app.config, &trip.cookie(&app.config.auth.secret))
}

/// Starts a trip; `link` is whose account it shall link.
async fn depart(
    app: &App,
    origin: Origin,
    name: &str,
    link: Option<UserId>,
) -> Result<HttpResponse, Problem> {
    let provider = app.providers.find(name)?;
    let (config, name) = (app.config.clone(), name.to_owned());
    let trip = app
        .db
        .write(move |tx| actions::depart(tx, &config.auth, &origin, &name, link))
        .await?;
    let binding = trip.binding(&app.config.auth.secret);
    let authorization_url = provider.authorization_url(&binding).await?;
    Ok(HttpResponse::Ok()
        .cookie(cookie_of(app, &trip))
        .insert_header((header::CACHE_CONTROL, "no-store"))
        .json(Departure { authorization_url }))
}

/// Takes the trip back (once, before anything is asked of the provider), then asks who it is.
async fn arrive(
    app: &App,
    browser: &Browser,
    origin: &Origin,
    name: &str,
    link: Option<UserId>,
    body: ProviderReturn,
) -> Result<(Trip, Profile), Problem> {
    let cookie = browser.trip()?.ok_or_else(trip::lost)?.to_owned();
    let provider = app.providers.find(name)?;
    let (config, from, name) = (app.config.clone(), origin.clone(), name.to_owned());
    let trip = app
        .db
        .write(move |tx| {
            let state = body.state.reveal();
            actions::arrive(tx, &config.auth, &from, (&name, link), (state, &cookie))
        })
        .await?;
    let returned = Returned {
        code: body.code.reveal(),
        issuer: body.iss.as_deref(),
    };
    let binding = trip.binding(&app.config.auth.secret);
    let profile = provider.exchange(returned, &binding).await?;
    Ok((trip, profile))
}
