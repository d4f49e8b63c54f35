//! Decodes the pictures of `show` with independent decoders: every pixel matches the encoder's module.
#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss
)]

use keyferry_transport::frame::Level;
use keyferry_transport::show::png::{self, QUIET};
use keyferry_transport::show::svg;
use keyferry_transport::show::symbol::{Symbol, Version};
use proptest::prelude::*;

/// The dark pixels, row by row.
struct Picture {
    side: usize,
    dark: Vec<bool>,
}

impl Picture {
    fn assert_shows(&self, symbol: &Symbol, scale: usize) {
        assert_eq!(self.side, (symbol.size() + 2 * QUIET) * scale);
        for y in 0..self.side {
            for x in 0..self.side {
                let module = symbol.is_dark_within(QUIET, x / scale, y / scale);
                assert_eq!(self.dark[y * self.side + x], module, "pixel {x}, {y}");
            }
        }
    }
}

fn decode_png(bytes: &[u8]) -> Picture {
    let mut decoder = ::png::Decoder::new(std::io::Cursor::new(bytes));
    decoder.set_transformations(::png::Transformations::EXPAND);
    let mut reader = decoder.read_info().unwrap();
    let mut pixels = vec![0; reader.output_buffer_size().unwrap()];
    let info = reader.next_frame(&mut pixels).unwrap();
    assert_eq!(info.width, info.height);
    reader.finish().unwrap();
    Picture { side: info.width as usize, dark: pixels.iter().map(|p| *p < 128).collect() }
}

fn symbol(line: &str, level: Level) -> Symbol {
    Symbol::encode(line, Version::for_digits(line.len(), level).unwrap(), level).unwrap()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn a_png_is_its_symbol(line in "[0-9]{1,900}", scale in 1usize..12, paper in any::<bool>()) {
        let symbol = symbol(&line, if paper { Level::M } else { Level::L });
        decode_png(&png::png(&symbol, scale)).assert_shows(&symbol, scale);
    }

    #[test]
    fn a_drawing_is_its_symbol(line in "[0-9]{1,900}") {
        let symbol = symbol(&line, Level::M);
        draw(&svg::svg(&symbol)).assert_shows(&symbol, 1);
    }
}

/// The largest symbol needs several stored blocks, but the file is still small.
#[test]
fn the_largest_symbol_at_screen_size() {
    let symbol = symbol(&"1234567".repeat(1012), Level::L);
    assert_eq!(symbol.version(), Version::MAX);
    let picture = png::png(&symbol, 8);
    decode_png(&picture).assert_shows(&symbol, 8);
    assert!((200_000..300_000).contains(&picture.len()), "{}", picture.len());
}

/// Fills the path of a drawing with the even-odd rule (SVG 1.1, 11.3), sampled at the centre of every module.
fn draw(svg: &str) -> Picture {
    let attribute = |name: &str| {
        let from = svg.find(&format!("{name}=\"")).unwrap() + name.len() + 2;
        &svg[from..from + svg[from..].find('"').unwrap()]
    };
    let side: usize = attribute("viewBox").rsplit(' ').next().unwrap().parse().unwrap();
    assert!(svg.contains("fill-rule=\"evenodd\""));
    // A vertical edge inverts everything to the right of it in its rows.
    let mut dark = vec![false; side * side];
    for outline in attribute(" d").split('M').skip(1) {
        let outline = outline.strip_suffix('z').unwrap();
        let words = outline.replace('h', " h ").replace('v', " v ");
        let mut words = words.split_whitespace();
        let number =
            |words: &mut std::str::SplitWhitespace<'_>| words.next().unwrap().parse::<i64>().unwrap();
        let (x0, y0) = (number(&mut words), number(&mut words));
        let (mut x, mut y) = (x0, y0);
        while let Some(word) = words.next() {
            let length = number(&mut words);
            if word == "h" {
                x += length;
                continue;
            }
            for row in y.min(y + length)..y.max(y + length) {
                for column in x as usize..side {
                    dark[row as usize * side + column] ^= true;
                }
            }
            y += length;
        }
        assert_eq!((x, y), (x0, y0), "an outline ends where it began");
    }
    Picture { side, dark }
}
