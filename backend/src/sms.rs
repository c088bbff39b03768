//! Text messages through a gateway that speaks Twilio's API (Messages resource, 2010-04-01): a form POST with basic
//! authentication. <https://www.twilio.com/docs/messaging/api/message-resource>

use base64::{Engine, engine::general_purpose::STANDARD};
use reqwest::{
    Method, Request, Url,
    header::{ACCEPT, AUTHORIZATION, CONTENT_TYPE, HeaderValue},
};

use crate::{
    config::{Outbound as Limits, Sms},
    outbound::Outbound,
};

/// Why a text did not leave. Said without the number and the text.
#[derive(Debug)]
pub enum Failure {
    /// The gateway is away, busy, or refuses us: try again.
    Later(String),
    /// It refuses this text for good, for its number for example.
    Never(String),
}

/// Hands the text over. Blocks, for as long as a request to another host may take: for job threads.
pub fn send(sms: &Sms, limits: &Limits, to: &str, text: &str) -> Result<(), Failure> {
    let request = request(sms, to, text).map_err(Failure::Later)?;
    let later = |e: &dyn std::fmt::Display| Failure::Later(e.to_string());
    // Of its own: connections belong to the runtime they were made in.
    let outbound = Outbound::new(&limits.allow, limits.timeout).map_err(|e| later(&e))?;
    let talk = move || {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .map_err(|e| e.to_string())?;
        let answer = runtime.block_on(outbound.send(request));
        answer.map_err(|e| e.to_string())
    };
    // A thread of its own: the caller's may belong to another runtime.
    let answer = std::thread::scope(|scope| scope.spawn(talk).join())
        .map_err(|_| later(&"the request panicked"))?
        .map_err(|e| later(&e))?;
    judge(answer.status, &answer.body)
}

fn request(sms: &Sms, to: &str, text: &str) -> Result<Request, String> {
    let path = format!(
        "{}/2010-04-01/Accounts/{}/Messages.json",
        sms.url, sms.account
    );
    let url: Url = path.parse().map_err(|_| "CARE_SMS_URL is no URL")?;
    // A messaging service is named by its id, "MG" and 32 digits; everything else is a number or a sender's name.
    let from = if sms.from.len() == 34 && sms.from.starts_with("MG") {
        "MessagingServiceSid"
    } else {
        "From"
    };
    let form = [("To", to), (from, &sms.from), ("Body", text)];
    let form = serde_urlencoded::to_string(form).map_err(|e| e.to_string())?;
    let login = STANDARD.encode(format!("{}:{}", sms.account, sms.token.reveal()));
    let mut login = HeaderValue::from_str(&format!("Basic {login}")).map_err(|e| e.to_string())?;
    login.set_sensitive(true);
    let mut request = Request::new(Method::POST, url);
    let form_type = HeaderValue::from_static("application/x-www-form-urlencoded");
    let headers = request.headers_mut();
    headers.insert(CONTENT_TYPE, form_type);
    headers.insert(ACCEPT, HeaderValue::from_static("application/json"));
    headers.insert(AUTHORIZATION, login);
    *request.body_mut() = Some(form.into());
    Ok(request)
}

/// 201 is a text that was taken. Too many requests, faults of the gateway, and being refused as its customer (a wrong
/// token, say, which an operator mends) may pass; what it says is wrong with the text does not.
fn judge(status: u16, body: &[u8]) -> Result<(), Failure> {
    if (200..300).contains(&status) {
        return Ok(());
    }
    // Twilio's error number; its words may repeat the telephone number.
    let code = serde_json::from_slice::<serde_json::Value>(body).ok();
    let code = code.and_then(|body| body.get("code")?.as_i64());
    let why = format!("the gateway answered {status}, error {code:?}");
    match status {
        400 | 404 | 409..=428 => Err(Failure::Never(why)),
        _ => Err(Failure::Later(why)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn refusals_of_the_text_are_final_all_else_may_pass() {
        for status in [200, 201, 202] {
            assert!(judge(status, b"").is_ok());
        }
        for status in [400, 404, 422] {
            let body = br#"{"code": 21211, "message": "'To' +49301234567 is not valid"}"#;
            let Err(Failure::Never(why)) = judge(status, body) else {
                panic!("{status}");
            };
            assert!(why.contains("21211") && !why.contains("4930"));
        }
        for status in [302, 401, 403, 408, 429, 500, 503] {
            let failed = matches!(judge(status, b"<html>"), Err(Failure::Later(_)));
            assert!(failed, "{status}");
        }
    }
}
