//! Pictures for tests: symbols of random digits, as seen by a crooked, blurred and noisy camera in bad light.
//!
//! All randomness comes from a seed, so that a picture that could not be read can be drawn again.
#![allow(dead_code, unreachable_pub)] // each test file uses only a part of this module

use keyferry_transport::frame::{FrameEncoder, Level, block_capacity};
use qrcode::{Color, EcLevel, QrCode, Version};
use rand_chacha::ChaCha8Rng;
use rand_core::{Rng, SeedableRng};

/// The distortion of a picture.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Distortion {
    Blur,
    Rotation,
    Perspective,
    Noise,
    Gradient,
    Inverted,
    Jpeg,
    /// A little blur, noise, gradient, rotation and JPEG compression at once.
    Mixed,
}

impl Distortion {
    pub const ALL: [Self; 8] = [
        Self::Blur,
        Self::Rotation,
        Self::Perspective,
        Self::Noise,
        Self::Gradient,
        Self::Inverted,
        Self::Jpeg,
        Self::Mixed,
    ];
}

/// The two sizes of a camera's picture.
pub const SIZES: [(u32, u32); 2] = [(640, 480), (1280, 720)];

/// A grey picture and the texts in it.
pub struct Picture {
    pub pixels: Vec<u8>,
    pub width: u32,
    pub height: u32,
    pub texts: Vec<String>,
}

/// Random numbers for drawing.
pub struct Dice(ChaCha8Rng);

impl Dice {
    pub fn new(seed: u64) -> Self {
        Self(ChaCha8Rng::seed_from_u64(seed))
    }

    pub fn between(&mut self, low: f32, high: f32) -> f32 {
        low + (high - low) * (self.0.next_u32() >> 8) as f32 / 16_777_216.0
    }

    pub fn below(&mut self, n: u32) -> u32 {
        self.0.next_u32() % n
    }

    /// A nearly normally distributed number: the sum of four.
    fn normal(&mut self) -> f32 {
        (0..4).map(|_| self.between(-1.0, 1.0)).sum::<f32>() * 0.866
    }
}

/// As many random digits as a symbol of this version holds at level L, because `keyferry` frames fill their
/// symbols too.
pub fn digits(version: u8, dice: &mut Dice) -> String {
    let capacity = digits_capacity(version);
    let length = capacity - dice.below(capacity / 10);
    (0..length).map(|_| char::from(b'0' + dice.below(10) as u8)).collect()
}

/// A keyferry frame that fills a symbol of this version at level L.
pub fn frame_text(version: u8, dice: &mut Dice) -> String {
    frame_text_of(block_capacity(version, Level::L).unwrap(), dice)
}

/// A keyferry frame with a block of this many bytes.
pub fn frame_text_of(longest: usize, dice: &mut Dice) -> String {
    let payload: Vec<u8> = (0..longest).map(|_| dice.below(256) as u8).collect();
    FrameEncoder::new(&payload, longest).unwrap().line(0)
}

/// Numeric capacity at level L, ISO/IEC 18004 table 7.
fn digits_capacity(version: u8) -> u32 {
    const L: [u32; 25] = [
        41, 77, 127, 187, 255, 322, 370, 461, 552, 652, 772, 883, 1022, 1101, 1250, 1408, 1548, 1725, 1903,
        2061, 2232, 2409, 2620, 2812, 3057,
    ];
    L[usize::from(version) - 1]
}

/// The dark modules of a symbol, without its quiet zone.
pub struct Modules {
    pub dark: Vec<bool>,
    pub side: usize,
}

pub fn modules(text: &str, version: u8) -> Modules {
    let version = Version::Normal(i16::from(version));
    let code = QrCode::with_version(text, version, EcLevel::L).expect("the text fits");
    Modules { dark: code.to_colors().iter().map(|c| *c == Color::Dark).collect(), side: code.width() }
}

/// A picture of one symbol of a random version from 10 to 25, as large as possible.
pub fn distorted(distortion: Distortion, (width, height): (u32, u32), seed: u64) -> Picture {
    let mut dice = Dice::new(seed);
    let version = 10 + dice.below(16) as u8;
    let text = digits(version, &mut dice);
    let symbol = modules(&text, version);
    let (w, h) = (width as f32, height as f32);
    let fill = dice.between(0.88, 1.0);
    let mixed = distortion == Distortion::Mixed;
    let angle = match distortion {
        Distortion::Rotation => dice.between(-20.0, 20.0) + 90.0 * dice.below(4) as f32,
        Distortion::Mixed => dice.between(-5.0, 5.0),
        _ => dice.between(-1.0, 1.0),
    }
    .to_radians();
    let lean = match distortion {
        Distortion::Perspective => 0.10,
        Distortion::Mixed => 0.02,
        _ => 0.0,
    };
    // `outer` is the side of the symbol with its quiet zone, in pixels, chosen so that the turned symbol
    // stays inside the picture.
    let spread = angle.cos().abs() + angle.sin().abs();
    let outer = fill * h / spread / (1.0 + lean / 2.0);
    let side = outer * symbol.side as f32 / (symbol.side as f32 + 8.0);
    let middle = (
        w / 2.0 + dice.between(-0.5, 0.5) * (w - outer * spread),
        h / 2.0 + dice.between(-0.5, 0.5) * (h - outer * spread) * 0.9,
    );
    let corners = [(-0.5, -0.5), (0.5, -0.5), (0.5, 0.5), (-0.5, 0.5)].map(|(x, y): (f32, f32)| {
        let (x, y) = (x * (1.0 - dice.between(0.0, lean)), y * (1.0 - dice.between(0.0, lean)));
        let (sin, cos) = angle.sin_cos();
        (middle.0 + side * (x * cos - y * sin), middle.1 + side * (x * sin + y * cos))
    });
    let (dark, light) = (dice.between(0.0, 60.0), dice.between(190.0, 255.0));
    let mut canvas = vec![light; (width * height) as usize];
    draw(&mut canvas, width as usize, &symbol, &corners, dark, light);
    let module = side / symbol.side as f32;
    let sigma = match distortion {
        Distortion::Blur => dice.between(0.15, 0.36) * module,
        Distortion::Mixed => dice.between(0.1, 0.22) * module,
        _ => 0.4,
    };
    blur(&mut canvas, width as usize, sigma);
    if mixed || distortion == Distortion::Gradient {
        let depth = if mixed { dice.between(0.1, 0.35) } else { dice.between(0.3, 0.75) };
        gradient(&mut canvas, width as usize, depth, dice.between(0.0, std::f32::consts::TAU));
    }
    let noise = match distortion {
        Distortion::Noise => dice.between(8.0, 28.0),
        Distortion::Mixed => dice.between(2.0, 9.0),
        _ => 1.0,
    };
    let inverted = distortion == Distortion::Inverted;
    let mut pixels: Vec<u8> = canvas
        .iter()
        .map(|p| (if inverted { 255.0 - p } else { *p } + noise * dice.normal()).clamp(0.0, 255.0) as u8)
        .collect();
    if mixed || distortion == Distortion::Jpeg {
        let quality = if mixed { 60 + dice.below(30) } else { 20 + dice.below(60) };
        pixels = through_jpeg(&pixels, width, height, quality as u8);
    }
    Picture { pixels, width, height, texts: vec![text] }
}

/// A small picture of a small symbol of version 2 to 11, with 1.4 to 3 pixels per module, blurred and noisy, so that it is barely
/// readable.
pub fn faint(seed: u64) -> Picture {
    let mut dice = Dice::new(seed);
    let version = 2 + dice.below(10) as u8;
    let text = digits(version, &mut dice);
    let symbol = modules(&text, version);
    let module = dice.between(1.4, 3.0);
    let side = symbol.side as f32 * module;
    let size = (side + 16.0 * module) as usize;
    let (x, y) = (module * dice.between(6.0, 9.0), module * dice.between(6.0, 9.0));
    let mut canvas = vec![235.0; size * size];
    let corners = [(x, y), (x + side, y), (x + side, y + side), (x, y + side)];
    draw(&mut canvas, size, &symbol, &corners, 25.0, 235.0);
    blur(&mut canvas, size, dice.between(0.3, 0.5) * module);
    let noise = dice.between(4.0, 14.0);
    let pixels = canvas.iter().map(|p| (p + noise * dice.normal()).clamp(0.0, 255.0) as u8).collect();
    Picture { pixels, width: size as u32, height: size as u32, texts: vec![text] }
}

/// The same picture after a quarter turn.
pub fn turned(picture: &Picture) -> Picture {
    let (width, height) = (picture.width as usize, picture.height as usize);
    let pixels = (0..width).flat_map(|x| (0..height).rev().map(move |y| y * width + x));
    let pixels = pixels.map(|at| picture.pixels[at]).collect();
    Picture { pixels, width: picture.height, height: picture.width, texts: picture.texts.clone() }
}

/// An A4 page at 150 dpi with symbols of one version in a grid, scanned a little crooked.
pub fn page(seed: u64) -> Picture {
    let mut dice = Dice::new(seed);
    let (width, height) = (1240_u32, 1754_u32);
    let version = 10 + dice.below(16) as u8;
    let (columns, rows) = [(1, 2), (2, 2), (2, 3), (2, 3)][dice.below(4) as usize];
    let (columns, rows) = if version > 20 { (columns.min(2), rows.min(3)) } else { (columns, rows) };
    let (w, h) = (width as f32, height as f32);
    let cell = (w / columns as f32).min(h / rows as f32);
    let angle = dice.between(-2.0, 2.0).to_radians();
    let (sin, cos) = angle.sin_cos();
    let (dark, light) = (dice.between(10.0, 60.0), dice.between(220.0, 255.0));
    let mut canvas = vec![light; (width * height) as usize];
    let mut texts = Vec::new();
    for place in 0..columns * rows {
        let (column, row) = (place % columns, place / columns);
        let text = digits(version, &mut dice);
        let symbol = modules(&text, version);
        let side = cell * 0.92 * symbol.side as f32 / (symbol.side as f32 + 8.0);
        let middle = ((column as f32 + 0.5) * w / columns as f32, (row as f32 + 0.5) * h / rows as f32);
        let turned = |x: f32, y: f32| {
            let (x, y) = (middle.0 + x * side - w / 2.0, middle.1 + y * side - h / 2.0);
            (w / 2.0 + 0.98 * (x * cos - y * sin), h / 2.0 + 0.98 * (x * sin + y * cos))
        };
        let corners = [turned(-0.5, -0.5), turned(0.5, -0.5), turned(0.5, 0.5), turned(-0.5, 0.5)];
        draw(&mut canvas, width as usize, &symbol, &corners, dark, light);
        texts.push(text);
    }
    blur(&mut canvas, width as usize, dice.between(0.5, 1.0));
    let noise = dice.between(1.0, 6.0);
    let pixels: Vec<u8> =
        canvas.iter().map(|p| (p + noise * dice.normal()).clamp(0.0, 255.0) as u8).collect();
    Picture { pixels: through_jpeg(&pixels, width, height, 75), width, height, texts }
}

/// Draws a symbol with the given corners (top left, top right, bottom right, bottom left), 4 × 4 samples for each pixel.
pub fn draw(
    canvas: &mut [f32],
    width: usize,
    symbol: &Modules,
    corners: &[(f32, f32); 4],
    dark: f32,
    light: f32,
) {
    let back = Homography::to_unit(corners);
    let (low, high) = corners.iter().fold((f32::MAX, 0.0_f32), |(l, h), c| (l.min(c.1), h.max(c.1)));
    let (left, right) = corners.iter().fold((f32::MAX, 0.0_f32), |(l, r), c| (l.min(c.0), r.max(c.0)));
    let n = symbol.side as f32;
    for (y, row) in canvas.chunks_exact_mut(width).enumerate() {
        if (y as f32) < low - 1.0 || y as f32 > high + 1.0 {
            continue;
        }
        for (x, pixel) in row.iter_mut().enumerate() {
            if (x as f32) < left - 1.0 || x as f32 > right + 1.0 {
                continue;
            }
            let mut dark_samples = 0;
            for sample in 0..16 {
                let (sx, sy) = ((sample % 4) as f32 / 4.0 + 0.125, (sample / 4) as f32 / 4.0 + 0.125);
                let (u, v) = back.apply(x as f32 + sx, y as f32 + sy);
                if (0.0..1.0).contains(&u) && (0.0..1.0).contains(&v) {
                    dark_samples += i32::from(symbol.dark[(v * n) as usize * symbol.side + (u * n) as usize]);
                }
            }
            *pixel += (dark - light) * dark_samples as f32 / 16.0;
        }
    }
}

/// A projective map from the picture to the unit square.
struct Homography([f32; 9]);

impl Homography {
    /// Heckbert 1989: square to quadrilateral, then its adjugate.
    fn to_unit(c: &[(f32, f32); 4]) -> Self {
        let (dx1, dx2, dx3) = (c[1].0 - c[2].0, c[3].0 - c[2].0, c[0].0 - c[1].0 + c[2].0 - c[3].0);
        let (dy1, dy2, dy3) = (c[1].1 - c[2].1, c[3].1 - c[2].1, c[0].1 - c[1].1 + c[2].1 - c[3].1);
        let det = dx1 * dy2 - dx2 * dy1;
        let (g, h) = ((dx3 * dy2 - dx2 * dy3) / det, (dx1 * dy3 - dx3 * dy1) / det);
        let (a, b, x0) = (c[1].0 - c[0].0 + g * c[1].0, c[3].0 - c[0].0 + h * c[3].0, c[0].0);
        let (d, e, y0) = (c[1].1 - c[0].1 + g * c[1].1, c[3].1 - c[0].1 + h * c[3].1, c[0].1);
        Self([
            e - y0 * h,
            x0 * h - b,
            b * y0 - x0 * e,
            y0 * g - d,
            a - x0 * g,
            x0 * d - a * y0,
            d * h - e * g,
            b * g - a * h,
            a * e - b * d,
        ])
    }

    fn apply(&self, x: f32, y: f32) -> (f32, f32) {
        let m = &self.0;
        let w = m[6] * x + m[7] * y + m[8];
        ((m[0] * x + m[1] * y + m[2]) / w, (m[3] * x + m[4] * y + m[5]) / w)
    }
}

fn blur(canvas: &mut [f32], width: usize, sigma: f32) {
    let radius = (3.0 * sigma).ceil() as i32;
    let kernel: Vec<f32> =
        (-radius..=radius).map(|i| (-((i * i) as f32) / (2.0 * sigma * sigma)).exp()).collect();
    let sum: f32 = kernel.iter().sum();
    let height = canvas.len() / width;
    let along = |from: &[f32], stride: usize, n: usize, start: usize, to: &mut [f32]| {
        for i in 0..n {
            let mut value = 0.0;
            for (k, weight) in kernel.iter().enumerate() {
                let j = (i as i32 + k as i32 - radius).clamp(0, n as i32 - 1) as usize;
                value += weight * from[start + j * stride];
            }
            to[start + i * stride] = value / sum;
        }
    };
    let mut half = vec![0.0; canvas.len()];
    (0..height).for_each(|y| along(canvas, 1, width, y * width, &mut half));
    (0..width).for_each(|x| along(&half, width, height, x, canvas));
}

/// Light falls off by `depth` from one side of the picture to the other.
fn gradient(canvas: &mut [f32], width: usize, depth: f32, direction: f32) {
    let height = canvas.len() / width;
    let (sin, cos) = direction.sin_cos();
    let reach = cos.abs() + sin.abs();
    for (i, pixel) in canvas.iter_mut().enumerate() {
        let (x, y) = ((i % width) as f32 / width as f32 - 0.5, (i / width) as f32 / height as f32 - 0.5);
        *pixel *= 1.0 - depth * ((x * cos + y * sin) / reach + 0.5);
    }
}

pub fn through_jpeg(pixels: &[u8], width: u32, height: u32, quality: u8) -> Vec<u8> {
    let file = jpeg(pixels, width, height, quality);
    image::load_from_memory(&file).unwrap().into_luma8().into_raw()
}

pub fn jpeg(pixels: &[u8], width: u32, height: u32, quality: u8) -> Vec<u8> {
    let mut file = Vec::new();
    image::codecs::jpeg::JpegEncoder::new_with_quality(&mut file, quality)
        .encode(pixels, width, height, image::ExtendedColorType::L8)
        .unwrap();
    file
}

pub fn png(pixels: &[u8], width: u32, height: u32) -> Vec<u8> {
    use image::ImageEncoder;
    let mut file = Vec::new();
    image::codecs::png::PngEncoder::new(&mut file)
        .write_image(pixels, width, height, image::ExtendedColorType::L8)
        .unwrap();
    file
}
