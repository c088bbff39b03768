//! Somebody who follows a conversation as the SPA does: fetches after `hello`, after a hint and after `resync`, and comes
//! back when the stream ends. Never fetches because time has passed.

use std::{
    sync::{Arc, Mutex},
    time::{Duration, Instant},
};

use super::Random;
use crate::harness::{Person, Stream, Ticket};

/// From a commit on one server to the reader at the other, after the last kill.
const CONVERGES_WITHIN: Duration = Duration::from_secs(10);

type Messages = Vec<(i64, String)>;

pub struct Reader {
    seen: Arc<Mutex<Messages>>,
    task: tokio::task::JoinHandle<()>,
}

/// The conversation after `seq`, all pages of it.
pub async fn timeline(person: &Person, ticket: &Ticket, seq: i64) -> Option<Messages> {
    let (mut messages, mut after) = (Vec::new(), seq);
    loop {
        let path = ticket.path(&format!("/timeline?after={after}&limit=100"));
        let answer = person
            .get(&path)
            .within(Duration::from_secs(5))
            .attempt()
            .await
            .ok()?;
        if answer.status == 503 {
            return None;
        }
        assert_eq!(answer.status, 200, "{}", answer.text());
        let page = answer.json();
        for entry in page["items"].as_array().unwrap() {
            after = entry["seq"].as_i64().unwrap();
            if entry["type"] == "message" {
                messages.push((after, entry["body"].as_str().unwrap().to_owned()));
            }
        }
        if page["more"] == false {
            return Some(messages);
        }
    }
}

impl Reader {
    pub fn start(at: [Person; 2], ticket: Ticket, mut random: Random) -> Self {
        let seen = Arc::new(Mutex::new(Messages::new()));
        let own = seen.clone();
        let task = tokio::spawn(async move {
            loop {
                let person = &at[random.below(2)];
                if let Some(stream) = Stream::open(person).await {
                    follow(person, &ticket, stream, &own).await;
                }
                tokio::time::sleep(Duration::from_millis(50)).await;
            }
        });
        Self { seen, task }
    }

    /// Waits until the reader has seen exactly this.
    pub async fn reaches(&self, stored: &Messages) {
        let started = Instant::now();
        loop {
            let seen = self.seen.lock().unwrap().clone();
            if seen == *stored {
                return;
            }
            let behind = stored.len() as i64 - seen.len() as i64;
            assert!(
                stored.starts_with(&seen),
                "a reader saw another order: {seen:?}\n{stored:?}"
            );
            assert!(!self.task.is_finished(), "a reader failed");
            assert!(
                started.elapsed() < CONVERGES_WITHIN,
                "a reader stays {behind} messages behind"
            );
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    }
}

impl Drop for Reader {
    fn drop(&mut self) {
        self.task.abort();
    }
}

/// Until the stream ends or a fetch fails; then a new stream begins with a fetch.
async fn follow(person: &Person, ticket: &Ticket, mut stream: Stream, seen: &Mutex<Messages>) {
    while let Some(event) = stream.next().await {
        let ours = match event.name.as_str() {
            "hello" | "resync" => true,
            "hint" => event.data["ticket_id"] == ticket.id.as_str(),
            _ => false,
        };
        if !ours {
            continue;
        }
        let last = seen.lock().unwrap().last().map_or(0, |(seq, _)| *seq);
        let Some(new) = timeline(person, ticket, last).await else {
            return;
        };
        seen.lock().unwrap().extend(new);
    }
}
