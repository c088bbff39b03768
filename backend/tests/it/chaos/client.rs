//! Somebody who writes one message after the other and repeats each until it is acknowledged.

use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use serde_json::json;

use super::{Ledger, Random};
use crate::harness::{Person, Ticket};

pub struct Client {
    /// The same person at both servers.
    at: [Person; 2],
    ticket: Ticket,
    random: Random,
    ledger: Ledger,
}

impl Client {
    pub fn new(at: [Person; 2], ticket: Ticket, random: Random) -> Self {
        Self {
            at,
            ticket,
            random,
            ledger: Ledger::default(),
        }
    }

    /// Writes until told to stop; the last message is repeated until its fate is known.
    pub async fn run(mut self, stop: Arc<AtomicBool>) -> Ledger {
        let mut n = 0;
        while !stop.load(Ordering::SeqCst) {
            n += 1;
            let text = format!("{} says {n}", self.at[0].name);
            self.ledger.attempted.push(text.clone());
            self.send(text).await;
            self.think(40).await;
        }
        self.ledger
    }

    async fn send(&mut self, text: String) {
        let body = json!({ "body": text, "client_id": uuid::Uuid::new_v4() });
        // One in sixteen gives up after a first failure: its message may be there or not, but not twice.
        let gives_up = self.random.below(16) == 0;
        loop {
            let person = &self.at[self.random.below(2)];
            let call = person.post(&self.ticket.path("/messages"), body.clone());
            let answer = call
                .key(&text)
                .within(Duration::from_secs(5))
                .attempt()
                .await;
            match answer {
                Ok(answer) if answer.status == 201 => {
                    let seq = answer.json()["seq"].as_i64().unwrap();
                    self.ledger.answered.push((seq, text));
                    return;
                }
                Ok(answer) => assert_eq!(answer.status, 503, "{}", answer.text()),
                // Refused, reset, cut off in the middle, or silent: the outcome is unknown.
                Err(_) => {}
            }
            if gives_up {
                return;
            }
            self.ledger.retries += 1;
            self.think(60).await;
        }
    }

    async fn think(&mut self, below: usize) {
        let time = Duration::from_millis(self.random.below(below) as u64);
        tokio::time::sleep(time).await;
    }
}
