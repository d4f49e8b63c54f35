//! A simulated photograph of a symbol: turned, blurred, and lit from one side.
#![allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, clippy::cast_precision_loss)] // pixels and modules, all small

use keyferry_transport::show::Symbol;

/// Pixels per module of the symbol, before it is turned.
const MODULE: f32 = 5.0;
/// Maximum rotation in degrees.
const TURN: f32 = 9.0;
/// Blur in modules (standard deviation).
const BLUR: f32 = 0.25;
/// How much darker the dark side is.
const SHADE: f32 = 0.35;
/// The grey values of black and white in a camera's picture.
const BLACK: f32 = 40.0;
const WHITE: f32 = 225.0;

/// Width and grey pixels of picture `number`: each number has its own angle, which is always the same.
pub(super) fn taken(symbol: &Symbol, number: usize) -> (usize, Vec<u8>) {
    // Steps of the golden ratio spread the angles evenly, however many pictures there are.
    let angle = ((number as f32 * 0.618_034).fract() * 2.0 - 1.0) * TURN;
    let (sin, cos) = angle.to_radians().sin_cos();
    let modules = symbol.size() as f32;
    let side = ((modules + 12.0) * MODULE * (sin.abs() + cos.abs())).ceil() as usize;
    let middle = side as f32 / 2.0;
    let mut pixels = Vec::with_capacity(side * side);
    for y in 0..side {
        for x in 0..side {
            // The centre of the pixel, rotated back, in modules from the corner of the symbol.
            let (dx, dy) = (x as f32 + 0.5 - middle, y as f32 + 0.5 - middle);
            let place = |along: f32| (along / MODULE + modules / 2.0).floor();
            let (column, row) = (place(dx * cos + dy * sin), place(dy * cos - dx * sin));
            let inside = column >= 0.0 && row >= 0.0 && column < modules && row < modules;
            let dark = inside && symbol.is_dark(column as usize, row as usize);
            let light = 1.0 - SHADE * x as f32 / side as f32;
            pixels.push(if dark { BLACK } else { WHITE } * light);
        }
    }
    let pixels = blurred(&blurred(&pixels, side, 1, side), side, side, 1);
    (side, pixels.into_iter().map(|p| p.round().clamp(0.0, 255.0) as u8).collect())
}

/// A Gaussian blur along one direction: `step` leads from pixel to pixel in a line, `next` from line to line.
fn blurred(pixels: &[f32], side: usize, step: usize, next: usize) -> Vec<f32> {
    let sigma = BLUR * MODULE;
    let reach = (3.0 * sigma).ceil() as usize;
    let weight = |d: usize| (-(d as f32 * d as f32) / (2.0 * sigma * sigma)).exp();
    let weights: Vec<f32> = (0..=2 * reach).map(|n| weight(n.abs_diff(reach))).collect();
    let total: f32 = weights.iter().sum();
    let mut out = vec![0.0; pixels.len()];
    for line in 0..side {
        for at in 0..side {
            let sum: f32 = weights
                .iter()
                .enumerate()
                .map(|(n, weight)| {
                    // Beyond the edge, the outermost pixel is repeated.
                    let from = (at + n).saturating_sub(reach).min(side - 1);
                    weight * pixels.get(line * next + from * step).copied().unwrap_or_default()
                })
                .sum();
            if let Some(pixel) = out.get_mut(line * next + at * step) {
                *pixel = sum / total;
            }
        }
    }
    out
}
