//! A symbol that was read: its text, and its place in the picture.

/// A point in a picture, in pixels from the top left corner.
pub type Corner = (f32, f32);

/// A QR symbol that passed its own error correction.
#[derive(Clone, Debug, PartialEq)]
pub struct Symbol {
    /// The text. Digits and letters in alphanumeric mode are exact; for bytes without a declared character set, the character
    /// set is guessed.
    pub text: String,
    /// The version, 1 to 40: the symbol has 17 + 4 × version modules on each side.
    pub version: u32,
    /// The corners: top left (as the symbol is read), top right, bottom right, bottom left.
    pub corners: [Corner; 4],
}

impl Symbol {
    /// Whether a point is in the symbol or within about one module of it.
    pub(crate) fn covers(&self, point: Corner) -> bool {
        let grown = self.grown();
        let edges = grown.iter().zip(grown.iter().cycle().skip(1));
        let sides = edges.map(|(a, b)| (b.0 - a.0) * (point.1 - a.1) - (b.1 - a.1) * (point.0 - a.0));
        let (mut left, mut right) = (false, false);
        for side in sides {
            left |= side > 0.0;
            right |= side < 0.0;
        }
        !(left && right)
    }

    /// The corners, moved outwards by a twentieth, which is at least one module in every version.
    pub(crate) fn grown(&self) -> [Corner; 4] {
        let sum = self.corners.iter().fold((0.0, 0.0), |sum, c| (sum.0 + c.0, sum.1 + c.1));
        let middle = (sum.0 / 4.0, sum.1 / 4.0);
        let out = |from: f32, corner: f32| from + (corner - from) * 1.1;
        self.corners.map(|c| (out(middle.0, c.0), out(middle.1, c.1)))
    }

    /// The same symbol in the picture as it was before a quarter turn clockwise. `width` is the width of the
    /// turned picture.
    pub(crate) fn turned_back(mut self, width: f32) -> Self {
        self.corners = self.corners.map(|(x, y)| (y, width - x));
        self
    }

    /// The same symbol in a picture `factor` times as large.
    pub(crate) fn scaled(mut self, factor: f32) -> Self {
        self.corners = self.corners.map(|(x, y)| (x * factor, y * factor));
        self
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_turned_symbol_comes_back_to_its_place() {
        let (width, height) = (7.0, 5.0);
        let corners = [(1.0, 1.0), (3.0, 1.0), (3.0, 4.0), (1.0, 4.0)];
        let symbol = |corners| Symbol { text: String::new(), version: 1, corners };
        // A quarter turn clockwise takes (x, y) to (height - y, x).
        let once = corners.map(|(x, y)| (height - y, x));
        assert_eq!(symbol(once).turned_back(height), symbol(corners));
        let twice = once.map(|(x, y)| (width - y, x));
        assert_eq!(symbol(twice).turned_back(width).turned_back(height), symbol(corners));
    }
}
