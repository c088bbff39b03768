//! How long after a commit the other browser hears of it, through the live stream.

use std::io::{BufRead, BufReader, Write};
use std::net::TcpStream;
use std::sync::mpsc;
use std::time::{Duration, Instant};

use serde_json::json;

use super::Running;
use super::load::{People, median};
use super::report::Report;
use crate::{Outcome, http, shell};

const MESSAGES: usize = 200;

/// The customer writes, the agent listens; from the moment the customer's POST was answered (so the commit is a little
/// earlier) to the moment the agent's hint was read.
pub fn measure(running: &Running, people: &People, report: &mut Report) -> Outcome {
    shell::step("live hints");
    let agent = people.agents.first().ok_or("No agent.")?;
    let ticket = agent.tickets.first().ok_or("No ticket.")?;
    let (hints, heard) = mpsc::channel();
    let stream = open(running, &agent.token)?;
    std::thread::spawn(move || {
        for line in BufReader::new(stream).lines().map_while(Result::ok) {
            let is_message = line.starts_with("data:") && line.contains("message.posted");
            if is_message && hints.send(Instant::now()).is_err() {
                return;
            }
        }
    });
    // The stream is open once it said hello.
    std::thread::sleep(Duration::from_millis(500));
    let mut times = Vec::new();
    for n in 0..MESSAGES {
        let path = format!("/api/v1/tickets/{ticket}/messages");
        let answer = http::post_as(
            running.address,
            &path,
            &json!({ "body": format!("Message {n}") }),
            &people.customer,
        );
        let answered = Instant::now();
        if answer.is_none_or(|a| a.status != 201) {
            return Err("The customer's message was refused.".to_owned());
        }
        let at = heard
            .recv_timeout(Duration::from_secs(5))
            .map_err(|_| "A hint did not come.".to_owned())?;
        times.push(at.saturating_duration_since(answered).as_secs_f64() * 1e3);
        std::thread::sleep(Duration::from_millis(7));
    }
    let mut sorted = times.clone();
    sorted.sort_by(f64::total_cmp);
    let p99 = sorted
        .get(sorted.len() * 99 / 100)
        .copied()
        .unwrap_or(f64::NAN);
    report.add(
        "hint, answer to other browser, p50 ms",
        median(times),
        "<=",
        50.0,
        &format!("{MESSAGES} messages, p99 {p99:.1} ms"),
    );
    Ok(())
}

fn open(running: &Running, token: &str) -> Outcome<TcpStream> {
    let failed = |e: std::io::Error| format!("The live stream could not be opened: {e}");
    let mut stream = TcpStream::connect(running.address).map_err(failed)?;
    write!(
        stream,
        "GET /api/v1/stream HTTP/1.1\r\nHost: {}\r\nAccept: text/event-stream\r\nAuthorization: Bearer {token}\r\n\r\n",
        running.address
    )
    .map_err(failed)?;
    Ok(stream)
}
