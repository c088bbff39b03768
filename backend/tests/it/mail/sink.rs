//! A real SMTP server that keeps what it gets (aiosmtpd), and Python's own mail parser to read it: neither shares a line
//! of code with what is tested.

use std::{
    net::{TcpListener, TcpStream},
    process::{Child, Command, Stdio},
    time::{Duration, Instant},
};

use serde_json::Value;

use crate::harness::Folder;

pub struct Sink {
    pub port: u16,
    mails: Folder,
    server: Child,
}

fn python() -> String {
    std::env::var("CARE_AIOSMTPD_PYTHON").unwrap_or_else(|_| "python3".into())
}

/// Prints all mails of a Maildir as JSON, in the order of their arrival.
const READ: &str = r#"
import email, email.policy, json, os, sys
new = os.path.join(sys.argv[1], 'new')
def arrived(name):
    time, unique = name.split('.')[:2]
    return (int(time), int(unique.split('Q')[1]))
mails = []
for name in sorted(os.listdir(new), key=arrived):
    with open(os.path.join(new, name), 'rb') as f:
        raw = f.read()
    m = email.message_from_bytes(raw, policy=email.policy.default)
    part = lambda kind: m.get_body((kind,)).get_content().replace('\r\n', '\n')
    mails.append({
        'headers': [[k, str(v)] for k, v in m.items()],
        'type': m.get_content_type(),
        'text': part('plain'), 'html': part('html'),
        'longest_line': max(len(l) for l in raw.split(b'\n')),
        'defects': [str(d) for p in m.walk() for d in p.defects],
    })
json.dump(mails, sys.stdout)
"#;

impl Sink {
    pub fn start() -> Self {
        let known = Command::new(python())
            .args(["-c", "import aiosmtpd"])
            .stderr(Stdio::null())
            .status();
        assert!(
            known.is_ok_and(|s| s.success()),
            "this test sends to a real SMTP server: `pip install aiosmtpd`, or name a Python that has it in \
             CARE_AIOSMTPD_PYTHON"
        );
        let port = TcpListener::bind("127.0.0.1:0")
            .unwrap()
            .local_addr()
            .unwrap()
            .port();
        let mails = Folder::new("mails");
        let server = Command::new(python())
            .args(["-m", "aiosmtpd", "-n", "-c", "aiosmtpd.handlers.Mailbox"])
            .arg(format!("{}/maildir", mails.path()))
            .args(["-l", &format!("127.0.0.1:{port}")])
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let patience = Instant::now() + Duration::from_secs(20);
        while TcpStream::connect(("127.0.0.1", port)).is_err() {
            assert!(
                Instant::now() < patience,
                "aiosmtpd does not listen on port {port}"
            );
            std::thread::yield_now();
        }
        Self {
            port,
            mails,
            server,
        }
    }

    pub fn url(&self) -> String {
        format!("smtp://127.0.0.1:{}", self.port)
    }

    /// What has arrived.
    pub fn mails(&self) -> Vec<Mail> {
        let out = Command::new(python())
            .args(["-c", READ, &format!("{}/maildir", self.mails.path())])
            .output()
            .unwrap();
        let said = String::from_utf8_lossy(&out.stderr);
        assert!(out.status.success(), "{said}");
        let all: Vec<Value> = serde_json::from_slice(&out.stdout).unwrap();
        all.into_iter().map(Mail).collect()
    }
}

impl Drop for Sink {
    fn drop(&mut self) {
        let _ = self.server.kill();
        let _ = self.server.wait();
    }
}

/// A mail as Python reads it.
#[derive(Debug)]
pub struct Mail(pub Value);

impl Mail {
    pub fn header(&self, name: &str) -> Option<&str> {
        let headers = self.0["headers"].as_array().unwrap();
        let mut of_name = headers
            .iter()
            .filter(|h| h[0].as_str().unwrap().eq_ignore_ascii_case(name));
        let value = of_name.next().map(|h| h[1].as_str().unwrap());
        assert!(of_name.next().is_none(), "two {name} headers");
        value
    }

    pub fn subject(&self) -> &str {
        self.header("subject").unwrap()
    }

    /// The one recipient of the SMTP conversation, as the server saw it.
    pub fn recipient(&self) -> &str {
        self.header("x-rcptto").unwrap()
    }

    pub fn text(&self) -> &str {
        self.0["text"].as_str().unwrap()
    }

    pub fn html(&self) -> &str {
        self.0["html"].as_str().unwrap()
    }
}
