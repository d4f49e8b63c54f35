//! Lines that wait to be written together, in pieces of memory.
//!
//! One text that grows is in memory twice for a moment, and finds no place between what was freed before.

/// Bytes of a piece. The lines about 100,000 keys are some 90 MB: fewer pieces than one `writev(2)` can write (`IOV_MAX`, 1024).
const PIECE: usize = 256 * 1024;

/// Lines in the order in which they were added.
#[derive(Debug, Default)]
pub(crate) struct PendingLines {
    pieces: Vec<String>,
    /// All bytes.
    length: usize,
}

impl PendingLines {
    /// Adds complete lines.
    pub(crate) fn add(&mut self, lines: &str) {
        self.length += lines.len();
        match self.pieces.last_mut() {
            Some(last) if last.len() + lines.len() <= PIECE => last.push_str(lines),
            _ => {
                // Most commands add a few lines, which need no whole piece.
                let mut piece = String::with_capacity(if self.pieces.is_empty() { 0 } else { PIECE });
                piece.push_str(lines);
                self.pieces.push(piece);
            }
        }
    }

    /// How many bytes wait.
    pub(crate) const fn length(&self) -> u64 {
        self.length as u64
    }

    /// The pieces, which together make up all the lines.
    pub(crate) fn pieces(&self) -> Vec<&str> {
        self.pieces.iter().map(String::as_str).collect()
    }

    /// Drops the lines, once they are written.
    pub(crate) fn clear(&mut self) {
        *self = Self::default();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pieces_are_all_the_lines_in_order() {
        let (mut lines, mut expected) = (PendingLines::default(), String::new());
        assert!(lines.pieces().is_empty());
        for n in 0..3000 {
            let line = format!("{n} {}\n", "x".repeat(n % 700));
            lines.add(&line);
            expected += &line;
        }
        let long = format!("{}\n", "y".repeat(2 * PIECE));
        lines.add(&long);
        expected += &long;
        let pieces = lines.pieces();
        assert!(pieces.len() > 3, "{}", pieces.len());
        assert!(pieces.concat() == expected);
        assert!(pieces.iter().all(|piece| piece.ends_with('\n')));
        assert_eq!(lines.length(), expected.len() as u64);
        lines.clear();
        assert_eq!((lines.length(), lines.pieces().len()), (0, 0));
    }
}
