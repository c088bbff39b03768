//! `GET /stream`.

use std::time::Duration;

use actix_web::{
    HttpRequest, HttpResponse, get,
    http::header,
    web::{Bytes, Data},
};
use futures_util::stream;
use serde_json::json;
use tokio::time::{Instant, Interval, MissedTickBehavior, interval_at};
use utoipa_actix_web::service_config::ServiceConfig;

use crate::{
    app::App,
    auth::{self, Actor},
    clock,
    problem::Problem,
};

use super::{
    hub::{Bye, Next, Subscription},
    wire::{self, Goodbye, Hello},
};

pub fn routes(cfg: &mut ServiceConfig) {
    cfg.service(open_stream);
}

/// Listen for changes
///
/// Server-sent events (`text/event-stream`). The token goes into the `Authorization` header, so read it with `fetch`, not
/// with `EventSource`. Events:
///
/// - `hello {connection_id}`: the stream stands; fetch what is on screen once more.
/// - `hint {kind, ticket_id, seq, version, user_id}`: something changed; fetch it, for instance with
///   `GET /tickets/{id}/timeline?after=`. `kind` is one of `ticket.created`, `ticket.changed`, `ticket.assigned`,
///   `message.posted`, `message.read`, `feedback.given`, `presence.changed`, `service.changed`, `user.changed`.
/// - `typing {ticket_id, user_id, name}`: somebody writes; show it for about five seconds.
/// - `resync {}`: you read too slowly and missed hints; fetch what is on screen once more.
/// - `bye {reason}`: the stream ends. `shutdown` and `token_expired`: come back with a fresh token; `session_ended` and
///   `role_changed`: sign in again; `too_many_streams` and `too_slow`: close another stream first.
///
/// A comment comes every few seconds; when none came for 30 seconds, connect again. Nothing is lost by that: everything is
/// fetched, hints only say when. At most 20 streams per person.
#[utoipa::path(tag = "live", security(("bearer" = [])), responses(
    (status = 200, description = "The stream, until either side ends it.", content_type = "text/event-stream",
        body = String, example = "event: hello\ndata: {\"connection_id\":\"019c7a54-c7f0-7d10-8a3e-3f1d2c5b6a70\"}\n\n"),
))]
#[get("/stream")]
async fn open_stream(
    req: HttpRequest,
    actor: Actor,
    app: Data<App>,
) -> Result<HttpResponse, Problem> {
    let expires = auth::bearer(&req)
        .and_then(|token| app.tokens.check(&token))
        .map(|claims| claims.exp)
        .ok_or_else(Problem::unauthenticated)?;
    let left = u64::try_from(expires - clock::now().timestamp()).unwrap_or(0);
    let hub = app.live.hub();
    let subscription = hub
        .subscribe(actor.id, actor.session_id, actor.role)
        .ok_or_else(|| Problem::unavailable("the server is stopping"))?;
    app.live.ring();
    let heartbeat = app.config.http.heartbeat;
    let mut beats = interval_at(Instant::now() + heartbeat, heartbeat);
    beats.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let hello = wire::frame(
        "hello",
        &Hello {
            connection_id: subscription.id,
        },
    );
    let reading = Reading {
        subscription,
        beats,
        until: Instant::now() + Duration::from_secs(left),
        hello: Some(hello.into()),
        over: false,
    };
    let body = stream::unfold(reading, |mut reading| async move {
        let frame = reading.next().await?;
        Some((Ok::<Bytes, actix_web::Error>(frame), reading))
    });
    Ok(HttpResponse::Ok()
        .content_type("text/event-stream")
        .insert_header((header::CACHE_CONTROL, "no-store"))
        // Neither our own compression nor a proxy may hold events back.
        .insert_header((header::CONTENT_ENCODING, "identity"))
        .insert_header(("X-Accel-Buffering", "no"))
        .streaming(body))
}

/// One stream on its way out.
struct Reading {
    subscription: Subscription,
    beats: Interval,
    /// When the access token runs out.
    until: Instant,
    hello: Option<Bytes>,
    over: bool,
}

impl Reading {
    async fn next(&mut self) -> Option<Bytes> {
        if self.over {
            return None;
        }
        if let Some(hello) = self.hello.take() {
            return Some(hello);
        }
        tokio::select! {
            next = self.subscription.next() => Some(match next {
                Next::Frame(frame) => frame,
                Next::Resync => wire::frame("resync", &json!({})).into(),
                Next::Bye(bye) => self.bye(bye),
            }),
            _ = self.beats.tick() => Some(Bytes::from_static(b": still here\n\n")),
            () = tokio::time::sleep_until(self.until) => Some(self.bye(Bye::TokenExpired)),
        }
    }

    fn bye(&mut self, bye: Bye) -> Bytes {
        self.over = true;
        wire::frame(
            "bye",
            &Goodbye {
                reason: bye.as_str(),
            },
        )
        .into()
    }
}
