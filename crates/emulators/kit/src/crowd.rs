//! Limits the number of connections: when all places are taken, the connection that has been idle the longest is closed.
//!
//! Otherwise clients that keep their connections and send little would shut out all others. A connection with a request in
//! progress is never asked to leave.

use std::collections::BTreeMap;
use std::pin::pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::sync::Notify;

/// The places, and which guests are idle.
#[derive(Debug)]
pub(crate) struct Crowd {
    places: usize,
    inner: Mutex<Inner>,
    /// Signals that a guest left or became idle.
    changed: Notify,
}

#[derive(Debug, Default)]
struct Inner {
    taken: usize,
    /// Counts how often guests became idle. The count orders the idle guests without a clock.
    turn: u64,
    idle: BTreeMap<u64, Arc<Notify>>,
}

impl Inner {
    fn rest(&mut self, leave: &Arc<Notify>) -> u64 {
        self.turn += 1;
        self.idle.insert(self.turn, leave.clone());
        self.turn
    }
}

impl Crowd {
    pub(crate) fn new(places: usize) -> Arc<Self> {
        Arc::new(Self { places, inner: Mutex::default(), changed: Notify::new() })
    }

    fn inner(&self) -> MutexGuard<'_, Inner> {
        // Changes under the lock are always complete.
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Takes a place. If all are taken, asks the guest that has been idle the longest to leave. Only one caller at a
    /// time may wait here.
    pub(crate) async fn enter(self: &Arc<Self>) -> Arc<Guest> {
        loop {
            let mut changed = pin!(self.changed.notified());
            // Registered before the attempt, so that no later change is missed.
            changed.as_mut().enable();
            if let Some(guest) = self.try_enter() {
                return guest;
            }
            changed.await;
        }
    }

    fn try_enter(self: &Arc<Self>) -> Option<Arc<Guest>> {
        let mut inner = self.inner();
        if inner.taken >= self.places {
            if let Some((_, leave)) = inner.idle.pop_first() {
                leave.notify_one();
            }
            return None;
        }
        inner.taken += 1;
        let leave = Arc::new(Notify::new());
        let idle_since = Mutex::new(Some(inner.rest(&leave)));
        Some(Arc::new(Guest { crowd: self.clone(), leave, idle_since }))
    }
}

/// A connection that occupies a place.
#[derive(Debug)]
pub(crate) struct Guest {
    crowd: Arc<Crowd>,
    leave: Arc<Notify>,
    /// The turn at which it became idle; `None` while a request is in progress.
    idle_since: Mutex<Option<u64>>,
}

impl Guest {
    /// Ends when this guest is asked to leave.
    pub(crate) async fn asked_to_leave(&self) {
        self.leave.notified().await;
    }

    /// Marks a request as in progress until the result is dropped.
    pub(crate) fn busy(self: &Arc<Self>) -> Busy {
        if let Some(turn) = self.turn().take() {
            self.crowd.inner().idle.remove(&turn);
        }
        Busy(self.clone())
    }

    fn turn(&self) -> MutexGuard<'_, Option<u64>> {
        self.idle_since.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Guest {
    fn drop(&mut self) {
        let turn = self.turn().take();
        let mut inner = self.crowd.inner();
        inner.taken -= 1;
        if let Some(turn) = turn {
            inner.idle.remove(&turn);
        }
        self.crowd.changed.notify_waiters();
    }
}

/// A guest's request in progress.
#[derive(Debug)]
pub(crate) struct Busy(Arc<Guest>);

impl Drop for Busy {
    fn drop(&mut self) {
        let guest = &self.0;
        let turn = guest.crowd.inner().rest(&guest.leave);
        *guest.turn() = Some(turn);
        guest.crowd.changed.notify_waiters();
    }
}

#[cfg(test)]
mod tests {
    use std::future::Future as _;
    use std::task::{Context, Poll, Waker};

    use super::*;

    fn is_asked(guest: &Guest) -> bool {
        let mut context = Context::from_waker(Waker::noop());
        pin!(guest.asked_to_leave()).poll(&mut context) == Poll::Ready(())
    }

    #[test]
    fn who_is_idle_for_longest_is_asked_to_leave_and_nobody_who_is_busy() {
        let crowd = Crowd::new(3);
        let mut guests: Vec<_> = (0..3).map(|_| crowd.try_enter().unwrap()).collect();
        let first = guests[0].busy();
        // This guest has just become idle again, so it is the last one to be asked to leave.
        drop(guests[1].busy());
        assert!(crowd.try_enter().is_none());
        assert_eq!([0, 1, 2].map(|n| is_asked(&guests[n])), [false, false, true]);
        guests.pop();
        let third = crowd.try_enter().expect("the place is free");
        assert!(crowd.try_enter().is_none());
        assert_eq!([&guests[0], &guests[1], &third].map(|g| is_asked(g)), [false, true, false]);
        drop(first);
        guests.remove(1);
        assert!(crowd.try_enter().is_some());
        assert_eq!(crowd.inner().taken, 2);
    }
}
