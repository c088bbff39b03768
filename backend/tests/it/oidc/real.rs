//! A certified provider (npm oidc-provider, in `xtask/tools`), and a browser that signs in at its pages.

use std::{
    io::{BufRead as _, BufReader},
    process::{Child, Command, Stdio},
};

use reqwest::{Client, Url, header::LOCATION, redirect::Policy};

use super::{Back, CLIENT_ID, CLIENT_SECRET};
use crate::harness::{PUBLIC_URL, files};

pub struct RealProvider {
    pub issuer: String,
    process: Child,
}

impl RealProvider {
    /// It knows us as `google`.
    pub fn start() -> Self {
        let mut process = Command::new("node")
            .arg(files::root().join("xtask/tools/oidc-provider.mjs"))
            .args([CLIENT_ID, CLIENT_SECRET])
            .arg(format!("{PUBLIC_URL}/callback/google"))
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .expect("this test runs an identity provider on Node.js (node in PATH)");
        let lines = BufReader::new(process.stdout.take().unwrap()).lines();
        let mut lines = lines.map_while(Result::ok);
        let issuer = lines.find(|line| line.starts_with("http://127.0.0.1:"));
        let issuer = issuer.expect("the provider did not start: `npm ci` in xtask/tools");
        Self { issuer, process }
    }

    /// Signs in and agrees on the provider's pages; what the browser brings back.
    pub async fn visit(&self, authorization: Url, login: &str) -> Back {
        let browser = Client::builder()
            .cookie_store(true)
            .redirect(Policy::none())
            .no_proxy()
            .build()
            .unwrap();
        let mut url = authorization;
        let mut answer = browser.get(url.clone()).send().await.unwrap();
        for _ in 0..20 {
            if let Some(location) = answer.headers().get(LOCATION) {
                url = url.join(location.to_str().unwrap()).unwrap();
                if url.as_str().starts_with(PUBLIC_URL) {
                    return Back::of(&url);
                }
                answer = browser.get(url.clone()).send().await.unwrap();
                continue;
            }
            let page = answer.text().await.unwrap();
            let form: &[(&str, &str)] = if page.contains("value=\"login\"") {
                &[("prompt", "login"), ("login", login), ("password", "any")]
            } else {
                assert!(page.contains("value=\"consent\""), "{url}: {page}");
                &[("prompt", "consent")]
            };
            answer = browser.post(url.clone()).form(form).send().await.unwrap();
        }
        panic!("the provider's pages lead nowhere: {url}");
    }
}

impl Drop for RealProvider {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}
