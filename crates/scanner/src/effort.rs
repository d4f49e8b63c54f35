//! How thoroughly a picture is searched.

/// When to stop searching a picture.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Effort {
    /// As soon as one way reads something: for frames of a video, because the next frame comes soon.
    First,
    /// When nothing is left that looks like a symbol: for pages and other pictures.
    All,
}
