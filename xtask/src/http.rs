//! Just enough HTTP to talk to a server of ours on this machine.

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::time::Duration;

pub struct Response {
    pub status: u16,
    pub body: String,
}

/// `None` when nothing answers.
pub fn get(address: SocketAddr, path: &str) -> Option<Response> {
    request(address, "GET", path, None, None)
}

/// With an access token.
pub fn get_as(address: SocketAddr, path: &str, token: &str) -> Option<Response> {
    request(address, "GET", path, None, Some(token))
}

pub fn post_json(address: SocketAddr, path: &str, body: &serde_json::Value) -> Option<Response> {
    request(address, "POST", path, Some(body), None)
}

/// With an access token.
pub fn post_as(
    address: SocketAddr,
    path: &str,
    body: &serde_json::Value,
    token: &str,
) -> Option<Response> {
    request(address, "POST", path, Some(body), Some(token))
}

fn request(
    address: SocketAddr,
    method: &str,
    path: &str,
    body: Option<&serde_json::Value>,
    token: Option<&str>,
) -> Option<Response> {
    let mut text =
        format!("{method} {path} HTTP/1.0\r\nHost: {address}\r\nAccept: application/json\r\n");
    if let Some(token) = token {
        text.push_str(&format!("Authorization: Bearer {token}\r\n"));
    }
    let body = body.map(ToString::to_string);
    if let Some(body) = &body {
        let length = body.len();
        text.push_str(&format!(
            "Content-Type: application/json\r\nContent-Length: {length}\r\n"
        ));
    }
    text.push_str("\r\n");
    text.push_str(&body.unwrap_or_default());
    send(address, &text)
}

/// HTTP/1.0: the answer ends with the connection and is never chunked.
fn send(address: SocketAddr, request: &str) -> Option<Response> {
    let limit = Duration::from_secs(10);
    let mut stream = TcpStream::connect_timeout(&address, limit).ok()?;
    stream.set_read_timeout(Some(limit)).ok()?;
    stream.write_all(request.as_bytes()).ok()?;
    let mut bytes = Vec::new();
    stream.read_to_end(&mut bytes).ok()?;
    parse(&String::from_utf8_lossy(&bytes))
}

fn parse(text: &str) -> Option<Response> {
    let (head, body) = text.split_once("\r\n\r\n")?;
    let status = head.split_whitespace().nth(1)?.parse().ok()?;
    Some(Response {
        status,
        body: body.to_owned(),
    })
}

/// The JSON body of a successful GET.
pub fn get_json(address: SocketAddr, path: &str) -> Option<serde_json::Value> {
    let response = get(address, path)?;
    (response.status == 200).then(|| serde_json::from_str(&response.body).ok())?
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_status_and_body() {
        let response = parse("HTTP/1.0 503 Service Unavailable\r\nretry-after: 1\r\n\r\nnot yet");
        assert!(response.is_some_and(|r| r.status == 503 && r.body == "not yet"));
        assert!(parse("garbage").is_none());
    }
}
