//! A port that counts connections: each means that a program tried to send a request.
//!
//! While there is a service behind it, the port forwards everything in both directions. Without one, it closes the connection.

use std::io;
use std::net::{Shutdown, SocketAddr, TcpListener, TcpStream};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Mutex};
use std::thread;

/// The port. It stays open as long as the test program runs.
#[derive(Debug)]
pub(crate) struct Trap {
    address: SocketAddr,
    service: Arc<Mutex<Option<SocketAddr>>>,
    came: Mutex<Receiver<SocketAddr>>,
}

impl Trap {
    pub(crate) fn open() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let service = Arc::new(Mutex::new(None));
        let (sender, came) = channel();
        let behind = Arc::clone(&service);
        thread::spawn(move || accept(&listener, &behind, &sender));
        Self { address, service, came: Mutex::new(came) }
    }

    pub(crate) fn endpoint(&self) -> String {
        format!("http://{}", self.address)
    }

    /// From now on, this service is behind the port, or none is.
    pub(crate) fn lead_to(&self, service: Option<SocketAddr>) {
        *self.service.lock().unwrap() = service;
    }

    /// How many connections arrived since the last call. The kernel delivers connections in order, so all earlier ones are counted
    /// once this call's own connection has arrived.
    pub(crate) fn count(&self) -> usize {
        let own = TcpStream::connect(self.address).unwrap().local_addr().unwrap();
        let came = self.came.lock().unwrap();
        came.iter().take_while(|peer| *peer != own).count()
    }
}

fn accept(listener: &TcpListener, service: &Mutex<Option<SocketAddr>>, came: &Sender<SocketAddr>) {
    for client in listener.incoming().flatten() {
        let Ok(peer) = client.peer_addr() else { continue };
        let service = *service.lock().unwrap();
        if let Some(server) = service.and_then(|address| TcpStream::connect(address).ok()) {
            hand_on(client.try_clone(), server.try_clone());
            hand_on(Ok(server), Ok(client));
        }
        let _ = came.send(peer);
    }
}

/// Copies everything from one side to the other until the end.
fn hand_on(from: io::Result<TcpStream>, to: io::Result<TcpStream>) {
    let (Ok(mut from), Ok(mut to)) = (from, to) else { return };
    thread::spawn(move || {
        let _ = io::copy(&mut from, &mut to);
        let _ = to.shutdown(Shutdown::Write);
    });
}

#[test]
fn it_counts_each_connection_once_and_not_its_own() {
    let trap = Trap::open();
    assert_eq!(trap.count(), 0);
    for _ in 0..3 {
        TcpStream::connect(trap.address).unwrap();
    }
    assert_eq!((trap.count(), trap.count()), (3, 0));
}
