//! What an accepted connection is told once.

use std::any::Any;

use actix_web::{dev::Extensions, rt::net::TcpStream};

/// For `HttpServer::on_connect`: a peer may leave unacknowledged what it was sent for 45 seconds. So ends a live stream
/// whose reader has stopped reading, or is gone without a word; an HTTP server alone would keep it, and what is queued
/// for it, for ever. Where the system has no such option, such connections last longer; nothing else depends on it.
pub fn end_when_deaf(connection: &dyn Any, _: &mut Extensions) {
    #[cfg(target_os = "linux")]
    if let Some(stream) = connection.downcast_ref::<TcpStream>() {
        use nix::sys::socket::{setsockopt, sockopt::TcpUserTimeout};
        let _ = setsockopt(stream, TcpUserTimeout, &45_000);
    }
    #[cfg(not(target_os = "linux"))]
    let _ = connection.downcast_ref::<TcpStream>();
}

#[cfg(all(test, target_os = "linux"))]
mod tests {
    use nix::sys::socket::{getsockopt, sockopt::TcpUserTimeout};

    use super::*;

    #[actix_web::test]
    async fn an_accepted_connection_gets_the_limit() {
        let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let stream = TcpStream::connect(address).await.unwrap();
        end_when_deaf(&stream, &mut Extensions::new());
        assert_eq!(getsockopt(&stream, TcpUserTimeout).unwrap(), 45_000);
    }
}
