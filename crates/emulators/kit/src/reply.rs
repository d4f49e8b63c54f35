//! Bodies as they are sent: whole, or cut off in the middle if a fault orders that.

use std::io;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use hyper::body::{Body, Bytes, Frame, SizeHint};
use tokio::time::{Sleep, sleep};

/// How much time the first half gets to leave the machine before the connection closes.
const HEAD_START: Duration = Duration::from_millis(100);

/// A body, or the first part of one whose full length was announced.
pub(crate) struct Reply {
    bytes: Option<Bytes>,
    announced: u64,
    breaks: Option<Pin<Box<Sleep>>>,
}

impl Reply {
    pub(crate) fn whole(bytes: Bytes) -> Self {
        Self { announced: bytes.len() as u64, bytes: Some(bytes), breaks: None }
    }

    /// Announces the full length, sends half of the bytes, and then fails, so that the connection closes.
    pub(crate) fn half(bytes: &Bytes) -> Self {
        let half = bytes.slice(..bytes.len() / 2);
        let breaks = Some(Box::pin(sleep(HEAD_START)));
        Self { announced: bytes.len() as u64, bytes: Some(half), breaks }
    }
}

impl Body for Reply {
    type Data = Bytes;
    type Error = io::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, io::Error>>> {
        if let Some(bytes) = self.bytes.take() {
            return Poll::Ready(Some(Ok(Frame::data(bytes))));
        }
        match &mut self.breaks {
            None => Poll::Ready(None),
            Some(wait) => {
                wait.as_mut().poll(context).map(|()| Some(Err(io::ErrorKind::ConnectionAborted.into())))
            }
        }
    }

    fn is_end_stream(&self) -> bool {
        self.bytes.is_none() && self.breaks.is_none()
    }

    fn size_hint(&self) -> SizeHint {
        SizeHint::with_exact(self.announced)
    }
}
