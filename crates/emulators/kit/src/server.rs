//! HTTP/1.1 on loopback, with bounds on every length, every wait and the number of connections; the service on one port, the admin
//! interface on another.
//!
//! Every reply has status 200 and `Content-Type: application/json`: a vendor's SDK may mistake anything else for a network error
//! or, worse, for a success (`ceremony/spec/tencent-kms.md` §1.2). Headers are passed on as sent, because `Host` may hold a whole
//! URL (`ceremony/spec/tencent-kms.md` §9.2).

use std::fmt;
use std::io;
use std::net::TcpListener;
use std::pin::pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, UNIX_EPOCH};

use http_body_util::{BodyExt as _, LengthLimitError, Limited};
use hyper::body::{Body as _, Bytes, Incoming};
use hyper::header::{CONTENT_TYPE, DATE, HeaderValue};
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper::{Request, Response, StatusCode};
use hyper_util::rt::{TokioIo, TokioTimer};
use keyferry_core::Timestamp;
use zeroize::Zeroizing;

use crate::admin;
use crate::crowd::{Crowd, Guest};
use crate::faults::Fault;
use crate::reply::Reply;
use crate::vendor::{Arrived, NoBody, Vendor};

/// Longest block of headers in bytes.
pub const MAX_HEADERS: usize = 64 * 1024;

/// Longest body in bytes.
pub const MAX_BODY: usize = 10 * 1024 * 1024;

/// The most connections at a time. A further connection replaces the one that has been idle the longest; if none is
/// idle, it waits.
const MAX_CONNECTIONS: usize = 256;

/// Bodies longer than this are not hashed on the network threads.
const LONG_BODY: usize = 64 * 1024;

/// The bytes that the fault `garbled` sends instead of JSON.
const GARBLED: &[u8] = b"{\"Response\": {\"Reque\xff\x00 st";

/// How long a stopped server waits for answers in progress.
const GRACE: Duration = Duration::from_secs(2);

/// How long a client may take, and how many connections there may be.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Limits {
    /// Time for the headers.
    pub(crate) headers: Duration,
    /// Time for the body after them.
    pub(crate) body: Duration,
    /// Largest number of connections at a time.
    pub(crate) connections: usize,
}

impl Default for Limits {
    fn default() -> Self {
        let ten = Duration::from_secs(10);
        Self { headers: ten, body: ten, connections: MAX_CONNECTIONS }
    }
}

/// Where the two interfaces listen.
pub(crate) struct Listeners {
    pub(crate) service: TcpListener,
    pub(crate) admin: Option<TcpListener>,
}

/// Serves until `shutdown` completes.
pub(crate) fn run<V: Vendor>(
    listeners: Listeners,
    vendor: V,
    limits: Limits,
    shutdown: impl Future<Output = ()>,
) -> io::Result<()> {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build()?;
    let service = Arc::new(vendor);
    let served = runtime.block_on(async {
        if let Some(listener) = listeners.admin {
            let listener = tokio::net::TcpListener::from_std(listener)?;
            tokio::spawn(accept(listener, service.clone(), limits, Door::Admin));
        }
        let listener = tokio::net::TcpListener::from_std(listeners.service)?;
        tokio::select! {
            () = accept(listener, service, limits, Door::Service) => {}
            () = shutdown => {}
        }
        Ok(())
    });
    runtime.shutdown_timeout(GRACE);
    served
}

/// Which of the two interfaces a connection belongs to.
#[derive(Clone, Copy)]
enum Door {
    Service,
    Admin,
}

async fn accept<V: Vendor>(listener: tokio::net::TcpListener, service: Arc<V>, limits: Limits, door: Door) {
    let crowd = Crowd::new(limits.connections);
    loop {
        let Ok((stream, _)) = listener.accept().await else {
            // Probably out of file descriptors: give connections time to end.
            tokio::time::sleep(Duration::from_millis(50)).await;
            continue;
        };
        // Replies are small and connections are kept: waiting for more data would only delay them.
        let _ = stream.set_nodelay(true);
        let guest = crowd.enter().await;
        tokio::spawn(serve(stream, guest, service.clone(), limits, door));
    }
}

/// Serves one connection until it ends or is closed to make room.
async fn serve<V: Vendor>(
    stream: tokio::net::TcpStream,
    guest: Arc<Guest>,
    service: Arc<V>,
    limits: Limits,
    door: Door,
) {
    let served = AtomicBool::new(false);
    let answer = service_fn(|request| {
        served.store(true, Ordering::Relaxed);
        let (service, busy) = (service.clone(), guest.busy());
        async move {
            let _busy = busy;
            match door {
                Door::Service => answer(service, limits, request).await,
                Door::Admin => Ok(administer(&*service, limits, request).await),
            }
        }
    });
    let connection = http1::Builder::new()
        .timer(TokioTimer::new())
        // A client may close its sending side and still wait for its answer.
        .half_close(true)
        .header_read_timeout(limits.headers)
        .max_buf_size(MAX_HEADERS)
        .serve_connection(TokioIo::new(stream), answer);
    let mut connection = pin!(connection);
    // A failed connection is the client's problem.
    tokio::select! {
        _ = connection.as_mut() => return,
        () = guest.asked_to_leave() => {}
    }
    // If no request has arrived yet, nothing is lost; otherwise the last reply is still sent whole, unless nobody reads it.
    if served.load(Ordering::Relaxed) {
        connection.as_mut().graceful_shutdown();
        let _ = tokio::time::timeout(limits.body, connection).await;
    }
}

/// Ends the connection without a reply, as a fault ordered.
#[derive(Debug)]
struct HangUp;

impl fmt::Display for HangUp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a fault ordered the connection to be closed")
    }
}

impl std::error::Error for HangUp {}

async fn answer<V: Vendor>(
    service: Arc<V>,
    limits: Limits,
    request: Request<Incoming>,
) -> Result<Response<Reply>, HangUp> {
    let (parts, body) = request.into_parts();
    let body = tokio::time::timeout(limits.body, read(body)).await.unwrap_or_else(|_| Err(NoBody::TooSlow));
    let long = body.as_ref().is_ok_and(|body| body.len() > LONG_BODY);
    let reader = service.clone();
    let asked = aside(long, move || reader.receive(&parts, body)).await.ok_or(HangUp)?;
    let fault = V::fault(&asked).cloned();
    match &fault {
        Some(Fault::Delay { milliseconds }) => tokio::time::sleep(Duration::from_millis(*milliseconds)).await,
        Some(Fault::Cut {}) => {
            service.pass_over(&asked, "cut");
            return Err(HangUp);
        }
        Some(Fault::Status { status }) => {
            service.pass_over(&asked, &format!("status-{status}"));
            return Ok(page_of_a_proxy(*status));
        }
        _ => {}
    }
    let long = service.takes_long(&asked);
    let said = date(service.clock().said());
    let envelope = aside(long, move || Bytes::copy_from_slice(&service.perform(&asked))).await;
    let envelope = envelope.unwrap_or(Bytes::from_static(V::LAST_RESORT));
    let body = match fault {
        Some(Fault::LostReply {}) => return Err(HangUp),
        Some(Fault::CutMidway {}) => Reply::half(&envelope),
        Some(Fault::Garbled {}) => Reply::whole(Bytes::from_static(GARBLED)),
        _ => Reply::whole(envelope),
    };
    let mut response = json(body);
    if let Some(date) = said {
        response.headers_mut().insert(DATE, date);
    }
    Ok(response)
}

/// Does the work here, or on a thread that may block. `None` if it panicked; a panic must not end the connection.
async fn aside<T: Send + 'static>(long: bool, work: impl FnOnce() -> T + Send + 'static) -> Option<T> {
    if long {
        return tokio::task::spawn_blocking(work).await.ok();
    }
    // State is only replaced by whole values, under locks that survive poisoning.
    std::panic::catch_unwind(std::panic::AssertUnwindSafe(work)).ok()
}

/// The service's time in HTTP's form, from 1970 on; without it, hyper writes the computer's time.
fn date(time: Timestamp) -> Option<HeaderValue> {
    let time = UNIX_EPOCH.checked_add(Duration::from_secs(u64::try_from(time.unix()).ok()?))?;
    HeaderValue::from_str(&httpdate::fmt_http_date(time)).ok()
}

fn json(body: Reply) -> Response<Reply> {
    let mut response = Response::new(body);
    response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
    response
}

/// The page that a failing proxy between client and service would send.
fn page_of_a_proxy(status: u16) -> Response<Reply> {
    let page = format!("<html><head><title>{status}</title></head><body><h1>{status}</h1></body></html>\n");
    let mut response = Response::new(Reply::whole(page.into()));
    *response.status_mut() = StatusCode::from_u16(status).unwrap_or(StatusCode::BAD_GATEWAY);
    response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("text/html"));
    response
}

/// The admin interface uses ordinary status codes, because its clients are not the vendor's.
async fn administer(service: &impl Vendor, limits: Limits, request: Request<Incoming>) -> Response<Reply> {
    let (parts, body) = request.into_parts();
    let read = Limited::new(body, admin::MAX_ORDER).collect();
    let (status, value) = match tokio::time::timeout(limits.body, read).await {
        Ok(Ok(body)) => admin::answer(service, &parts, &body.to_bytes()),
        _ => (400, serde_json::json!({ "error": "the body is too long, too slow or cut off" })),
    };
    let mut response = json(Reply::whole(format!("{value}\n").into()));
    *response.status_mut() = StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    response
}

/// Reads a body; if the announced length is too large, it is refused before anything is read.
async fn read(body: Incoming) -> Arrived {
    if body.size_hint().lower() > MAX_BODY as u64 {
        return Err(NoBody::TooLarge);
    }
    match Limited::new(body, MAX_BODY).collect().await {
        Ok(collected) => Ok(Zeroizing::new(collected.to_bytes().to_vec())),
        Err(e) if e.is::<LengthLimitError>() => Err(NoBody::TooLarge),
        Err(_) => Err(NoBody::CutOff),
    }
}

#[cfg(test)]
mod tests {
    use std::io::{BufRead as _, BufReader, Read as _, Write as _};
    use std::net::{SocketAddr, TcpStream};
    use tokio::sync::oneshot;

    use super::*;
    use crate::vendor::Toy;

    const LONG: Duration = Duration::from_secs(600);
    const PATIENT: Limits = Limits { headers: LONG, body: LONG, connections: MAX_CONNECTIONS };

    fn server(limits: Limits) -> (SocketAddr, oneshot::Sender<()>) {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        listener.set_nonblocking(true).unwrap();
        let addr = listener.local_addr().unwrap();
        let (stop, stopped) = oneshot::channel::<()>();
        std::thread::spawn(move || {
            run(Listeners { service: listener, admin: None }, Toy::default(), limits, async {
                drop(stopped.await)
            })
        });
        (addr, stop)
    }

    /// The connection of a client that stalls in the headers is closed; a client that stalls in the body gets an answer.
    #[test]
    fn stalled_clients_are_not_waited_for() {
        // Only one limit is short at a time: on a slow machine, the headers may take longer to arrive than a short limit allows.
        let short = Duration::from_millis(300);
        for (limits, sent, told) in [
            (Limits { headers: short, ..PATIENT }, "POST / HTTP/1.1\r\nHost:", ""),
            (
                Limits { body: short, ..PATIENT },
                "POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 9\r\n\r\nhalf",
                "TooSlow",
            ),
        ] {
            let (addr, _stop) = server(limits);
            let mut stream = TcpStream::connect(addr).unwrap();
            stream.set_read_timeout(Some(LONG / 2)).unwrap();
            stream.write_all(sent.as_bytes()).unwrap();
            let mut answer = String::new();
            stream.read_to_string(&mut answer).unwrap();
            assert!(answer.contains(told), "{answer}");
        }
    }
    /// Sends a request and reads the whole reply; the connection is kept.
    fn ask(mut stream: &TcpStream) -> String {
        stream.write_all(b"POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 2\r\n\r\n{}").unwrap();
        let mut reply = BufReader::new(stream);
        let (mut head, mut length) = (String::new(), 0);
        while !head.ends_with("\r\n\r\n") {
            let mut line = String::new();
            assert_ne!(reply.read_line(&mut line).unwrap(), 0, "hung up after {head:?}");
            if let Some(n) = line.to_lowercase().strip_prefix("content-length:") {
                length = n.trim().parse().unwrap();
            }
            head += &line;
        }
        let mut body = vec![0; length];
        reply.read_exact(&mut body).unwrap();
        String::from_utf8(body).unwrap()
    }

    /// If clients that keep their connections have taken all places, one more client still gets an answer; the
    /// connection that was idle the longest is closed.
    #[test]
    fn kept_connections_do_not_shut_others_out() {
        const PLACES: usize = 5;
        let (addr, _stop) = server(Limits { connections: PLACES, ..PATIENT });
        let connect = || {
            let stream = TcpStream::connect(addr).unwrap();
            stream.set_read_timeout(Some(LONG / 2)).unwrap();
            assert!(ask(&stream).contains("toy"));
            stream
        };
        let kept: Vec<_> = (0..PLACES).map(|_| connect()).collect();
        // The first client sends another request, so the second one has now been idle the longest.
        ask(&kept[0]);
        let _one_more = connect();
        assert_eq!((&kept[1]).read(&mut [0]).unwrap(), 0, "disconnected");
        ask(&kept[0]);
        let _silent: Vec<_> = (0..PLACES).map(|_| TcpStream::connect(addr).unwrap()).collect();
        connect();
    }
}
