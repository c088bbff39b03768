//! The job `send_text {code_id}`: derives the code and hands the text to the gateway.

use serde_json::Value;

use crate::{
    app::App,
    auth::codes,
    db::ids::CodeId,
    jobs::Outcome,
    problem::Problem,
    sms::{self, Failure},
};

use super::queries;

/// Safe to run twice, although the person may then get the text twice. What can not be sent while the code is good is not
/// sent at all.
pub fn run(app: &App, payload: &Value) -> Result<Outcome, Problem> {
    let id = code_id(payload)?;
    let queued = app
        .jobs
        .read_blocking(|conn| Ok(queries::find_queued(conn, id)?))?;
    let (Some((phone, salt)), Some(gateway)) = (queued, &app.config.sms) else {
        tracing::info!(code = %id, "a text is dropped");
        return unsent(app, id, "dropped");
    };
    let config = &app.config;
    let digits = codes::digits(&config.auth.secret, id, &salt);
    let minutes = config.auth.code_ttl.as_secs().div_ceil(60);
    let host = config
        .http
        .public_url
        .split("://")
        .nth(1)
        .unwrap_or_default();
    let host = host.split(':').next().unwrap_or_default();
    // The last line lets telephones fill the code in, on our page only (WICG "Delivering origin-bound one-time codes over
    // SMS").
    let text = format!(
        "{digits} is your code for {}. It is good for {minutes} minutes. Give it to nobody.\n\n@{host} #{digits}",
        config.name
    );
    match sms::send(gateway, &config.outbound, &phone, &text) {
        Ok(()) => app.jobs.write_blocking(|tx| {
            queries::mark_sent(tx, id)?;
            Ok(Outcome::Done)
        }),
        Err(Failure::Never(why)) => {
            tracing::warn!(code = %id, why, "the gateway refuses a text for good");
            unsent(app, id, "failed")
        }
        Err(Failure::Later(why)) => Err(Problem::unavailable(why)),
    }
}

/// After the last attempt.
pub fn give_up(app: &App, payload: &Value) -> Result<(), Problem> {
    unsent(app, code_id(payload)?, "failed").map(drop)
}

fn unsent(app: &App, id: CodeId, state: &str) -> Result<Outcome, Problem> {
    app.jobs.write_blocking(|tx| {
        queries::mark_unsent(tx, id, state)?;
        Ok(Outcome::Done)
    })
}

fn code_id(payload: &Value) -> Result<CodeId, Problem> {
    let id = payload.get("code_id").and_then(Value::as_str);
    id.and_then(|text| text.parse().ok())
        .ok_or_else(|| Problem::internal("no code_id in the job"))
}
