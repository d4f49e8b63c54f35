//! How long a picture is searched.

/// How long to search.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Effort {
    /// Until one way reads something: frames of a video, where the next one comes soon.
    First,
    /// Until nothing is left that looks like a symbol: pages and other pictures.
    All,
}
