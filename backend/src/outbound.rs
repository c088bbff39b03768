//! The one way out: every HTTP request this service makes to another host (identity providers, SMS gateways).
//!
//! Invariant: it connects only to an address that was itself checked. Names are resolved here and private addresses
//! dropped before the connection is made (so a second, different DNS answer is never asked for); no redirects; bounded
//! time and size. Private targets need their exact `host:port` in `CARE_OUTBOUND_ALLOW`, which is empty by default.

use std::{
    net::{IpAddr, SocketAddr},
    sync::Arc,
    time::Duration,
};

use futures_util::StreamExt;
use reqwest::{
    Client, Request,
    dns::{Addrs, Name, Resolve, Resolving},
    redirect::Policy,
};

/// Why a request was not made or not answered. The text is for the log; callers tell the client nothing of it.
#[derive(Debug)]
pub enum Refused {
    /// The target is not one we may talk to.
    Target(String),
    Failed(String),
    TooLarge,
}

impl std::fmt::Display for Refused {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Target(why) => write!(f, "refused to connect: {why}"),
            Self::Failed(why) => write!(f, "request failed: {why}"),
            Self::TooLarge => write!(f, "the answer is too large"),
        }
    }
}

impl std::error::Error for Refused {}

/// An answer, read whole.
#[derive(Debug)]
pub struct Answer {
    pub status: u16,
    pub headers: reqwest::header::HeaderMap,
    pub body: Vec<u8>,
}

/// A client for requests to other hosts; cheap to clone.
#[derive(Clone)]
pub struct Outbound {
    client: Client,
    allow: Arc<[(String, u16)]>,
}

/// Bytes of an answer we are willing to hold.
const MAX_BODY: usize = 1 << 20;

impl Outbound {
    pub fn new(allow: &[(String, u16)], timeout: Duration) -> Result<Self, String> {
        let allow: Arc<[(String, u16)]> = allow.into();
        let client = Client::builder()
            .redirect(Policy::none())
            .no_proxy()
            .timeout(timeout)
            .connect_timeout(timeout.min(Duration::from_secs(5)))
            .pool_idle_timeout(Duration::from_secs(10))
            .user_agent(concat!("care/", env!("CARGO_PKG_VERSION")))
            .dns_resolver(Arc::new(PublicOnly {
                allow: allow.clone(),
            }))
            .build()
            .map_err(|e| e.to_string())?;
        Ok(Self { client, allow })
    }

    /// Sends the request and reads the answer, whatever its status.
    pub async fn send(&self, request: Request) -> Result<Answer, Refused> {
        self.check(request.url())?;
        let failed = |e: reqwest::Error| Refused::Failed(e.without_url().to_string());
        let response = self.client.execute(request).await.map_err(failed)?;
        let (status, headers) = (response.status().as_u16(), response.headers().clone());
        let mut body = Vec::new();
        let mut chunks = response.bytes_stream();
        while let Some(chunk) = chunks.next().await {
            let chunk = chunk.map_err(failed)?;
            if body.len() + chunk.len() > MAX_BODY {
                return Err(Refused::TooLarge);
            }
            body.extend_from_slice(&chunk);
        }
        Ok(Answer {
            status,
            headers,
            body,
        })
    }

    /// What can be known before resolving: the scheme, the port, an address written out.
    fn check(&self, url: &reqwest::Url) -> Result<(), Refused> {
        let host = url
            .host_str()
            .unwrap_or_default()
            .trim_matches(['[', ']'])
            .to_owned();
        let port = url.port_or_known_default().unwrap_or_default();
        if self.allow.contains(&(host.clone(), port)) && matches!(url.scheme(), "http" | "https") {
            return Ok(());
        }
        if url.scheme() != "https" || port != 443 {
            return Err(Refused::Target(format!(
                "{host}:{port} is neither https on port 443 nor in CARE_OUTBOUND_ALLOW"
            )));
        }
        match host.parse::<IpAddr>() {
            Ok(ip) if !is_public(ip) => {
                Err(Refused::Target(format!("{ip} is not a public address")))
            }
            _ => Ok(()),
        }
    }
}

/// Resolves names and keeps only addresses of the public internet, unless the host is allowed by name.
struct PublicOnly {
    allow: Arc<[(String, u16)]>,
}

impl Resolve for PublicOnly {
    fn resolve(&self, name: Name) -> Resolving {
        let host = name.as_str().to_owned();
        let allowed = self.allow.iter().any(|(h, _)| *h == host);
        Box::pin(async move {
            let found = tokio::net::lookup_host((host.as_str(), 0)).await?;
            let good: Vec<SocketAddr> = found.filter(|a| allowed || is_public(a.ip())).collect();
            if good.is_empty() {
                return Err(format!("{host} has no public address").into());
            }
            Ok(Box::new(good.into_iter()) as Addrs)
        })
    }
}

/// Not loopback, private, link-local, carrier-grade NAT, documentation, benchmarking, multicast, reserved, nor any of
/// these dressed as IPv6 (mapped, 6to4, NAT64). Source: the IANA special-purpose address registries.
pub fn is_public(ip: IpAddr) -> bool {
    match ip {
        IpAddr::V4(ip) => {
            let [a, b, c, _] = ip.octets();
            !(ip.is_loopback()
                || ip.is_private()
                || ip.is_link_local()
                || ip.is_multicast()
                || ip.is_broadcast()
                || ip.is_documentation()
                || a == 0
                || a >= 240
                || (a == 100 && (64..128).contains(&b))
                || (a == 192 && b == 0 && c == 0)
                || (a == 198 && (b == 18 || b == 19)))
        }
        IpAddr::V6(ip) => {
            let s = ip.segments();
            let embedded = match s {
                [0, 0, 0, 0, 0, 0xffff, hi, lo] | [0x64, 0xff9b, 0, 0, 0, 0, hi, lo] => {
                    Some((hi, lo))
                }
                [0x2002, hi, lo, ..] => Some((hi, lo)),
                _ => None,
            };
            if let Some((hi, lo)) = embedded {
                let [a, b] = hi.to_be_bytes();
                let [c, d] = lo.to_be_bytes();
                return is_public(IpAddr::from([a, b, c, d]));
            }
            // Global unicast is 2000::/3; of it, not documentation, Teredo, ORCHID or other special blocks.
            s[0] & 0xe000 == 0x2000
                && !(s[0] == 0x2001 && (s[1] < 0x200 || s[1] == 0xdb8))
                && s[0] != 0x3fff
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_public_addresses_are_public() {
        for private in [
            "127.0.0.1",
            "10.1.2.3",
            "172.16.0.1",
            "192.168.1.1",
            "169.254.169.254",
            "100.64.0.1",
            "0.0.0.0",
            "224.0.0.1",
            "255.255.255.255",
            "198.18.0.1",
            "::1",
            "::",
            "fe80::1",
            "fc00::1",
            "ff02::1",
            "::ffff:127.0.0.1",
            "64:ff9b::7f00:1",
            "2002:7f00:1::",
            "2001:db8::1",
            "2001::1",
        ] {
            assert!(!is_public(private.parse().unwrap()), "{private}");
        }
        for public in [
            "1.1.1.1",
            "8.8.8.8",
            "2606:4700:4700::1111",
            "::ffff:8.8.8.8",
        ] {
            assert!(is_public(public.parse().unwrap()), "{public}");
        }
    }

    #[actix_web::test]
    async fn what_is_not_allowed_is_not_even_tried() {
        let out = Outbound::new(&[("127.0.0.1".into(), 9)], Duration::from_secs(1)).unwrap();
        for url in [
            "http://example.org/",
            "https://127.0.0.1/",
            "https://example.org:8443/",
            "file:///etc/passwd",
            "https://[::1]/",
        ] {
            let request = Request::new(reqwest::Method::GET, url.parse().unwrap());
            assert!(
                matches!(out.send(request).await, Err(Refused::Target(_))),
                "{url}"
            );
        }
        let request = Request::new(reqwest::Method::GET, "http://127.0.0.1:9/".parse().unwrap());
        assert!(
            matches!(out.send(request).await, Err(Refused::Failed(_))),
            "allowed, but nobody listens"
        );
        let request = Request::new(reqwest::Method::GET, "https://localhost/".parse().unwrap());
        assert!(
            matches!(out.send(request).await, Err(Refused::Failed(_))),
            "resolves to loopback"
        );
    }
}
