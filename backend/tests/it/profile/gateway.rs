//! A gateway for text messages that answers as it is told: what Twilio's own description of its API cannot be asked to do
//! (throttle, break, fall silent).

use std::{
    io::{Read as _, Write as _},
    net::{TcpListener, TcpStream},
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, Ordering},
    },
    thread::JoinHandle,
};

/// What it was asked: the head, and the form.
#[derive(Debug, Clone)]
pub struct Asked {
    pub head: String,
    pub form: Vec<(String, String)>,
}

impl Asked {
    pub fn field(&self, name: &str) -> &str {
        let found = self.form.iter().find(|(n, _)| n == name);
        found.map_or("", |(_, value)| value)
    }
}

/// How it answers.
#[derive(Clone, Copy)]
pub enum Manner {
    /// A status with a body.
    Says(u16, &'static str),
    /// Takes the request and says nothing.
    Silent,
}

pub struct Gateway {
    pub host: String,
    manner: Arc<Mutex<Manner>>,
    asked: Arc<Mutex<Vec<Asked>>>,
    stop: Arc<AtomicBool>,
    thread: Option<JoinHandle<()>>,
}

impl Gateway {
    pub fn start() -> Self {
        let socket = TcpListener::bind("127.0.0.1:0").unwrap();
        let host = socket.local_addr().unwrap().to_string();
        let manner = Arc::new(Mutex::new(Manner::Says(201, r#"{"sid":"SM1"}"#)));
        let asked = Arc::new(Mutex::new(Vec::new()));
        let stop = Arc::new(AtomicBool::new(false));
        let (how, seen, over) = (manner.clone(), asked.clone(), stop.clone());
        let thread = std::thread::spawn(move || {
            let mut silent = Vec::new();
            for stream in socket.incoming() {
                if over.load(Ordering::SeqCst) {
                    return;
                }
                let mut stream = stream.unwrap();
                let Some(request) = read(&mut stream) else {
                    continue;
                };
                seen.lock().unwrap().push(request);
                match *how.lock().unwrap() {
                    Manner::Silent => silent.push(stream),
                    Manner::Says(status, body) => {
                        let _ = write!(
                            stream,
                            "HTTP/1.1 {status} X\r\ncontent-type: application/json\r\ncontent-length: {}\r\n\
                             connection: close\r\n\r\n{body}",
                            body.len()
                        );
                    }
                }
            }
        });
        Self {
            host,
            manner,
            asked,
            stop,
            thread: Some(thread),
        }
    }

    pub fn behaves(&self, manner: Manner) {
        *self.manner.lock().unwrap() = manner;
    }

    pub fn asked(&self) -> Vec<Asked> {
        self.asked.lock().unwrap().clone()
    }
}

fn read(stream: &mut TcpStream) -> Option<Asked> {
    let mut bytes = Vec::new();
    let mut chunk = [0; 4096];
    loop {
        let text = String::from_utf8_lossy(&bytes).into_owned();
        if let Some((head, body)) = text.split_once("\r\n\r\n") {
            let lower = head.to_lowercase();
            let length = lower.split("content-length: ").nth(1)?;
            let length: usize = length.split("\r\n").next()?.parse().ok()?;
            if body.len() >= length {
                let form = form_urlencoded::parse(body.as_bytes()).into_owned();
                return Some(Asked {
                    head: head.to_owned(),
                    form: form.collect(),
                });
            }
        }
        match stream.read(&mut chunk) {
            Ok(0) | Err(_) => return None,
            Ok(n) => bytes.extend_from_slice(&chunk[..n]),
        }
    }
}

impl Drop for Gateway {
    fn drop(&mut self) {
        self.stop.store(true, Ordering::SeqCst);
        // Wakes the thread up.
        let _ = TcpStream::connect(&self.host);
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}
