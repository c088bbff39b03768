//! What happens when somebody proves a number.

use std::time::Duration;

use serde_json::json;

use crate::{
    auth::{self, Actor, Code, Proof, Purpose, codes, secrets},
    config::{Auth, Config, Secret},
    db::Tx,
    events::{self, Event, EventKind},
    jobs::{self, NewJob},
    people::User,
    problem::Problem,
};

use super::{
    queries,
    wire::{PendingPhone, PhoneProof},
};

type Conn = diesel::PgConnection;

const DAY: Duration = Duration::from_secs(86_400);

pub fn pending(conn: &mut Conn, actor: &Actor) -> Result<PhoneProof, Problem> {
    let found = queries::find_pending(conn, actor.id)?;
    Ok(PhoneProof {
        pending: found.map(|(phone, expires_at, state)| PendingPhone {
            phone,
            expires_at,
            failed: state == "failed",
        }),
    })
}

/// Has a code sent to the number, which replaces one asked for before. Texts cost money and go to anybody: there are
/// budgets for the wait between two, and in a day for the person, the number, the network and everybody together.
pub fn ask(
    tx: &mut Tx<'_>,
    config: &Config,
    actor: &Actor,
    phone: &str,
) -> Result<PhoneProof, Problem> {
    let Some(sms) = &config.sms else {
        return Err(Problem::conflict(
            "Text messages are not set up on this server.",
        ));
    };
    let subject = actor.id.to_string();
    // Numbers are not written down where they are only counted.
    let key = secrets::key(&config.auth.secret, "telephone number");
    let number = secrets::encode(&secrets::hmac(&key, &[phone.as_bytes()]));
    auth::knock(tx, &config.auth, &actor.origin)?;
    auth::spend(tx, "text", &subject, (1, config.auth.code_resend_wait))?;
    for (bucket, subject, limit) in [
        ("texts_of_person", subject.as_str(), sms.per_person),
        ("texts_to_number", &number, sms.per_number),
        ("texts_from_address", &actor.origin.ip, sms.per_address),
        ("texts", "all", sms.per_day),
    ] {
        auth::spend(tx, bucket, subject, (limit, DAY))?;
    }
    auth::lock_user(tx, actor.id)?.ok_or_else(Problem::unauthenticated)?;
    let code_id = codes::issue(
        tx,
        &config.auth,
        &actor.origin,
        actor.id,
        Purpose::ConfirmPhone,
    )?;
    queries::insert(tx, code_id, actor.id, phone)?;
    let job = NewJob {
        max_attempts: 7,
        ..NewJob::now("send_text", json!({ "code_id": code_id }))
    };
    jobs::enqueue(tx, job)?;
    pending(tx, actor)
}

/// Counts and judges the digits. `None` is the answer no; it commits.
pub fn judge(
    tx: &mut Tx<'_>,
    auth: &Auth,
    actor: &Actor,
    code: &Secret,
) -> Result<Option<Code>, Problem> {
    let me = auth::lock_user(tx, actor.id)?.ok_or_else(Problem::unauthenticated)?;
    let proof = Proof::Digits {
        email: me.email,
        code: code.clone(),
    };
    let judged = auth::judge_code(tx, auth, &actor.origin, &proof, Purpose::ConfirmPhone)?;
    Ok(judged
        .map(|(code, _)| code)
        .filter(|code| code.user_id == actor.id))
}

/// The number is proven.
pub fn confirm(tx: &mut Tx<'_>, actor: &Actor, code: &Code) -> Result<User, Problem> {
    auth::claim_code(tx, code)?;
    let phone = queries::find_phone(tx, code.id)?.ok_or_else(codes::refused)?;
    let user = queries::confirm(tx, actor.id, &phone)?;
    let event = Event::about_user(EventKind::PhoneConfirmed, actor.id, json!({}));
    events::emit(tx, &actor.origin, event)?;
    Ok(user)
}
