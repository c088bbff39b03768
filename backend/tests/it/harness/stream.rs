//! Reading a live stream (`text/event-stream`).

use std::time::Duration;

use serde_json::Value;

use super::Person;

/// Far longer than any hint takes; only a lost one waits for it.
const PATIENCE: Duration = Duration::from_secs(10);

#[derive(Debug, PartialEq)]
pub struct Event {
    pub name: String,
    pub data: Value,
}

pub struct Stream {
    response: reqwest::Response,
    text: String,
    /// Heartbeats so far.
    pub heartbeats: usize,
}

impl Person {
    /// Opens a stream and waits for its `hello`. The application must run with its live thread (`TestApp::live`).
    pub async fn listens(&self) -> Stream {
        let mut stream = Stream::open(self).await.expect("the stream opens");
        assert_eq!(stream.next().await.unwrap().name, "hello");
        stream
    }
}

impl Stream {
    /// None when the server cannot be reached or does not answer 200.
    pub async fn open(person: &Person) -> Option<Self> {
        let response = person.get("/stream").open().await.ok()?;
        let text = String::new();
        (response.status() == 200).then_some(Self {
            response,
            text,
            heartbeats: 0,
        })
    }

    /// The next event; none when the stream has ended. Heartbeats are passed over.
    pub async fn next(&mut self) -> Option<Event> {
        loop {
            if let Some((block, rest)) = self.text.split_once("\n\n") {
                let lines = block.lines().filter_map(|l| l.split_once(": "));
                let (mut name, mut data) = (None, None);
                for (field, value) in lines {
                    match field {
                        "event" => name = Some(value.to_owned()),
                        "data" => data = serde_json::from_str(value).ok(),
                        _ => {}
                    }
                }
                self.text = rest.to_owned();
                if let (Some(name), Some(data)) = (name, data) {
                    return Some(Event { name, data });
                }
                self.heartbeats += 1;
            } else {
                let chunk = self.response.chunk().await.ok()??;
                self.text.push_str(&String::from_utf8_lossy(&chunk));
            }
        }
    }

    /// The next event with this name; fails when none comes.
    pub async fn event(&mut self, name: &str) -> Value {
        let search = async {
            while let Some(event) = self.next().await {
                if event.name == name {
                    return Some(event.data);
                }
            }
            None
        };
        let found = tokio::time::timeout(PATIENCE, search).await;
        found
            .unwrap_or_else(|_| panic!("no {name} came"))
            .unwrap_or_else(|| panic!("the stream ended before a {name}"))
    }

    /// Everything until a hint of this kind, which is not part of it.
    pub async fn before(&mut self, kind: &str) -> Vec<Event> {
        let mut all = Vec::new();
        let search = async {
            while let Some(event) = self.next().await {
                if event.data["kind"] == kind {
                    return true;
                }
                all.push(event);
            }
            false
        };
        let found = tokio::time::timeout(PATIENCE, search).await;
        assert!(found == Ok(true), "no {kind} came after {all:?}");
        all
    }

    /// Everything up to the end of the stream, which the server has to set.
    pub async fn rest(mut self) -> Vec<Event> {
        let mut all = Vec::new();
        let search = async {
            while let Some(event) = self.next().await {
                all.push(event);
            }
        };
        let ended = tokio::time::timeout(PATIENCE, search).await;
        assert!(ended.is_ok(), "the stream did not end after {all:?}");
        all
    }

    /// The next hint of this kind.
    pub async fn hint(&mut self, kind: &str) -> Value {
        loop {
            let hint = self.event("hint").await;
            if hint["kind"] == kind {
                return hint;
            }
        }
    }
}
