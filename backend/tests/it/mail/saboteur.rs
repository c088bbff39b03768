//! An SMTP server that does as the test says.

use std::{
    io::{BufRead, BufReader, Write},
    net::{TcpListener, TcpStream},
    sync::{
        Arc, Mutex,
        mpsc::{Receiver, Sender, channel},
    },
    thread,
};

/// How it behaves.
#[derive(Debug, Clone)]
pub struct Manners {
    /// Extensions told after EHLO.
    pub offers: Vec<&'static str>,
    /// Its answer to a command that starts with this word; other commands get what is usual.
    pub answers: Vec<(&'static str, &'static str)>,
    /// Says nothing after accepting, until the test lets go.
    pub hangs: bool,
}

impl Manners {
    pub fn good() -> Self {
        Self {
            offers: Vec::new(),
            answers: Vec::new(),
            hangs: false,
        }
    }

    pub fn answering(command: &'static str, answer: &'static str) -> Self {
        Self {
            answers: vec![(command, answer)],
            ..Self::good()
        }
    }
}

pub struct Saboteur {
    pub port: u16,
    manners: Arc<Mutex<Manners>>,
    heard: Arc<Mutex<Vec<String>>>,
    /// Says when somebody has connected.
    pub connected: Receiver<()>,
    let_go: Sender<()>,
}

impl Saboteur {
    pub fn start(manners: Manners) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        let manners = Arc::new(Mutex::new(manners));
        let heard: Arc<Mutex<Vec<String>>> = Arc::default();
        let (tell, connected) = channel();
        let (let_go, released) = channel();
        let (as_told, hears) = (manners.clone(), heard.clone());
        // Ends with the test's process.
        thread::spawn(move || {
            for stream in listener.incoming() {
                let manners = as_told.lock().unwrap().clone();
                let _ = tell.send(());
                if manners.hangs {
                    let _ = released.recv();
                    continue;
                }
                let _ = converse(&stream.unwrap(), &manners, &hears);
            }
        });
        Self {
            port,
            manners,
            heard,
            connected,
            let_go,
        }
    }

    pub fn url(&self) -> String {
        format!("smtp://127.0.0.1:{}", self.port)
    }

    pub fn becomes(&self, manners: Manners) {
        *self.manners.lock().unwrap() = manners;
    }

    /// Closes the connection that hangs.
    pub fn lets_go(&self) {
        self.let_go.send(()).unwrap();
    }

    /// Every line it was told, the mails included.
    pub fn heard(&self) -> Vec<String> {
        self.heard.lock().unwrap().clone()
    }

    /// The commands that start with this word.
    pub fn commands(&self, word: &str) -> Vec<String> {
        let heard = self.heard().into_iter();
        heard
            .filter(|l| l.to_uppercase().starts_with(word))
            .collect()
    }
}

fn converse(
    stream: &TcpStream,
    manners: &Manners,
    heard: &Mutex<Vec<String>>,
) -> std::io::Result<()> {
    let mut out = stream;
    let mut lines = BufReader::new(stream).lines();
    out.write_all(b"220 saboteur\r\n")?;
    let mut in_data = false;
    while let Some(Ok(line)) = lines.next() {
        heard.lock().unwrap().push(line.clone());
        let word = line.to_uppercase();
        let told = manners.answers.iter().find(|(command, _)| {
            if in_data {
                *command == "." && line == "."
            } else {
                word.starts_with(command)
            }
        });
        let answer = match told {
            Some((_, answer)) => {
                in_data = in_data && line != ".";
                format!("{answer}\r\n")
            }
            None if in_data && line == "." => {
                in_data = false;
                "250 kept\r\n".into()
            }
            None if in_data => continue,
            None if word.starts_with("EHLO") => {
                let offers = manners.offers.iter().map(|o| format!("250-{o}\r\n"));
                format!("{}250 HELP\r\n", offers.collect::<String>())
            }
            None if word.starts_with("DATA") => {
                in_data = true;
                "354 go on\r\n".into()
            }
            None if word.starts_with("QUIT") => "221 bye\r\n".into(),
            None => "250 ok\r\n".into(),
        };
        out.write_all(answer.as_bytes())?;
        if word.starts_with("QUIT") && !in_data {
            break;
        }
    }
    Ok(())
}
