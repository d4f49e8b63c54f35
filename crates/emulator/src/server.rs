//! HTTP/1.1 on loopback, with every length and every wait bounded.
//!
//! Status 200 and `Content-Type: application/json` always: the vendor's SDK takes anything else for a network error or,
//! worse, for a success (fact sheet §1). Headers are passed on as sent, because `Host` may hold a whole URL (§2.1).

use std::convert::Infallible;
use std::io;
use std::net::TcpListener;
use std::sync::Arc;
use std::time::Duration;

use http_body_util::{BodyExt as _, Full, LengthLimitError, Limited};
use hyper::body::{Body as _, Bytes, Incoming};
use hyper::header::{CONTENT_TYPE, HeaderValue};
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper::{Request, Response};
use hyper_util::rt::{TokioIo, TokioTimer};
use keyferry_core::bi;
use keyferry_kms_api::ErrorCode;
use tokio::sync::Semaphore;

use crate::dispatch::{Arrived, LAST_RESORT, Service};
use crate::refusal::Refusal;

/// Longest block of headers in bytes.
pub const MAX_HEADERS: usize = 64 * 1024;

/// Longest body in bytes: the vendor's limit for TC3.
pub const MAX_BODY: usize = 10 * 1024 * 1024;

/// Most connections at a time; more wait.
const MAX_CONNECTIONS: usize = 256;

/// How long a stopped server waits for answers that are under way.
const GRACE: Duration = Duration::from_secs(2);

/// How long a client may take.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Limits {
    /// For the headers, and again for the body.
    pub(crate) read: Duration,
}

impl Default for Limits {
    fn default() -> Self {
        Self { read: Duration::from_secs(10) }
    }
}

/// Serves until `shutdown` is done.
pub(crate) fn run(
    listener: TcpListener,
    service: Service,
    limits: Limits,
    shutdown: impl Future<Output = ()>,
) -> io::Result<()> {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build()?;
    let served = runtime.block_on(async {
        let listener = tokio::net::TcpListener::from_std(listener)?;
        tokio::select! {
            () = accept(listener, Arc::new(service), limits) => {}
            () = shutdown => {}
        }
        Ok(())
    });
    runtime.shutdown_timeout(GRACE);
    served
}

async fn accept(listener: tokio::net::TcpListener, service: Arc<Service>, limits: Limits) {
    let room = Arc::new(Semaphore::new(MAX_CONNECTIONS));
    loop {
        let Ok(permit) = room.clone().acquire_owned().await else { return };
        let Ok((stream, _)) = listener.accept().await else {
            // Out of file descriptors, most likely: give connections time to end.
            tokio::time::sleep(Duration::from_millis(50)).await;
            continue;
        };
        let service = service.clone();
        tokio::spawn(async move {
            let answer = service_fn(move |request| answer(service.clone(), limits, request));
            // A connection that fails is its client's affair.
            let _ = http1::Builder::new()
                .timer(TokioTimer::new())
                .header_read_timeout(limits.read)
                .max_buf_size(MAX_HEADERS)
                .serve_connection(TokioIo::new(stream), answer)
                .await;
            drop(permit);
        });
    }
}

async fn answer(
    service: Arc<Service>,
    limits: Limits,
    request: Request<Incoming>,
) -> Result<Response<Full<Bytes>>, Infallible> {
    let (parts, body) = request.into_parts();
    let body = tokio::time::timeout(limits.read, read(body)).await.unwrap_or_else(|_| Err(too_slow()));
    // Unwrapping and waiting for key pairs block; a panic there must not take the connection along.
    let work = tokio::task::spawn_blocking(move || service.answer(&parts, body));
    let envelope =
        work.await.map_or_else(|_| Bytes::from_static(LAST_RESORT), |done| Bytes::copy_from_slice(&done));
    let mut response = Response::new(Full::new(envelope));
    response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
    Ok(response)
}

/// Reads a body; a length that is announced too large is refused before anything is read.
async fn read(body: Incoming) -> Arrived {
    if body.size_hint().lower() > MAX_BODY as u64 {
        return Err(too_large());
    }
    match Limited::new(body, MAX_BODY).collect().await {
        Ok(collected) => Ok(collected.to_bytes().to_vec()),
        Err(e) if e.is::<LengthLimitError>() => Err(too_large()),
        Err(_) => Err(Refusal::new(ErrorCode::InvalidRequest, bi!("The body is cut off.", "请求体不完整。"))),
    }
}

fn too_large() -> Refusal {
    Refusal::new(
        ErrorCode::RequestSizeLimitExceeded,
        bi!("The request is larger than {MAX_BODY} bytes.", "请求包超过 {MAX_BODY} 字节。"),
    )
}

fn too_slow() -> Refusal {
    Refusal::new(ErrorCode::InvalidRequest, bi!("The body did not arrive in time.", "请求体接收超时。"))
}

#[cfg(test)]
mod tests {
    use std::io::{Read as _, Write as _};
    use std::net::{SocketAddr, TcpStream};
    use std::time::Instant;

    use keyferry_core::Timestamp;
    use keyferry_kms_api::Credentials;
    use tokio::sync::oneshot;

    use super::*;
    use crate::Config;

    fn short_patience() -> (SocketAddr, oneshot::Sender<()>) {
        let clock = || Timestamp::from_unix(1_700_000_000).unwrap();
        let service =
            Service::new(Config::new(vec![Credentials::new("id", "key")], Arc::new(clock))).unwrap();
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        listener.set_nonblocking(true).unwrap();
        let addr = listener.local_addr().unwrap();
        let (stop, stopped) = oneshot::channel::<()>();
        let limits = Limits { read: Duration::from_millis(300) };
        std::thread::spawn(move || run(listener, service, limits, async { drop(stopped.await) }));
        (addr, stop)
    }

    /// A client that stalls in the headers is hung up on, one that stalls in the body is told so.
    #[test]
    fn stalled_clients_are_not_waited_for() {
        let (addr, _stop) = short_patience();
        for (sent, told) in [
            ("POST / HTTP/1.1\r\nHost:", ""),
            ("POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 9\r\n\r\nhalf", "InvalidRequest"),
        ] {
            let started = Instant::now();
            let mut stream = TcpStream::connect(addr).unwrap();
            stream.set_read_timeout(Some(Duration::from_secs(8))).unwrap();
            stream.write_all(sent.as_bytes()).unwrap();
            let mut answer = String::new();
            stream.read_to_string(&mut answer).unwrap();
            assert!(answer.contains(told), "{answer}");
            assert!(started.elapsed() < Duration::from_secs(5));
        }
    }
}
