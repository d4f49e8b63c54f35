//! Draws one symbol as SVG 1.1: one path of dark shapes on a white square, including the light margin of four
//! modules.

use core::fmt::Write;
use std::collections::BTreeMap;

use super::png::QUIET;
use super::symbol::Symbol;

/// A standalone drawing, which opens in any browser and prints at any size.
#[must_use]
pub fn svg(symbol: &Symbol) -> String {
    format!("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n{}\n", inline(symbol))
}

/// Only the `svg` element, for a page.
#[must_use]
pub fn inline(symbol: &Symbol) -> String {
    let side = symbol.size() + 2 * QUIET;
    format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {side} {side}\" shape-rendering=\"crispEdges\">\
         <rect width=\"{side}\" height=\"{side}\" fill=\"#fff\"/><path fill=\"#000\" fill-rule=\"evenodd\" d=\"{}\"/></svg>",
        outline(symbol)
    )
}

/// The outline of the dark modules. Adjacent rectangles would show seams if a printer smooths edges.
fn outline(symbol: &Symbol) -> String {
    let mut edges = edges(symbol);
    let mut out = String::with_capacity(symbol.size() * symbol.size() * 3);
    while let Some((&start, _)) = edges.first_key_value() {
        let _ = write!(out, "M{} {}", start.1, start.0);
        let (mut at, mut run) = (start, Run::default());
        while let Some(to) = step(&mut edges, at) {
            run.add((to.0 - at.0, to.1 - at.1), &mut out);
            at = to;
        }
        run.end(&mut out);
        out.push('z');
    }
    out
}

/// The row and the column of a corner.
type Corner = (i32, i32);
/// The edges from each corner to the next, always with the dark side on the right.
type Edges = BTreeMap<Corner, Vec<Corner>>;

fn edges(symbol: &Symbol) -> Edges {
    let mut edges = Edges::new();
    for (y, top) in (QUIET..).zip(corners()).take(symbol.size()) {
        for (x, left) in (QUIET..).zip(corners()).take(symbol.size()) {
            if !symbol.is_dark_within(QUIET, x, y) {
                continue;
            }
            let (right, bottom) = (left + 1, top + 1);
            let sides = [
                ((x, y - 1), (top, left), (top, right)),
                ((x + 1, y), (top, right), (bottom, right)),
                ((x, y + 1), (bottom, right), (bottom, left)),
                ((x - 1, y), (bottom, left), (top, left)),
            ];
            for ((x, y), from, to) in sides {
                if !symbol.is_dark_within(QUIET, x, y) {
                    edges.entry(from).or_default().push(to);
                }
            }
        }
    }
    edges
}

/// Coordinates, counted from the first module.
fn corners() -> impl Iterator<Item = i32> {
    (0i32..).skip(QUIET)
}

fn step(edges: &mut Edges, at: Corner) -> Option<Corner> {
    let next = edges.get_mut(&at)?;
    let to = next.pop();
    if next.is_empty() {
        edges.remove(&at);
    }
    to
}

/// A straight line that is still growing.
#[derive(Default)]
struct Run {
    direction: Corner,
    length: i32,
}

impl Run {
    fn add(&mut self, direction: Corner, out: &mut String) {
        if direction != self.direction {
            self.end(out);
            self.direction = direction;
        }
        self.length += 1;
    }

    fn end(&mut self, out: &mut String) {
        if self.length > 0 {
            let (dy, dx) = self.direction;
            let _ = match dy {
                0 => write!(out, "h{}", dx * self.length),
                _ => write!(out, "v{}", dy * self.length),
            };
        }
        self.length = 0;
    }
}
