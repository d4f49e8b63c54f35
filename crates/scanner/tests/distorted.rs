//! Symbols through a bad camera: nearly all are read, none is read wrongly.

mod support;

use keyferry_scan::{Effort, Luma, decode};
use support::{Distortion, Picture, SIZES, distorted, page};

#[derive(Default)]
struct Tally {
    symbols: usize,
    exact: usize,
    wrong: usize,
    seconds: f64,
}

impl Tally {
    fn read(&mut self, picture: Picture, effort: Effort) {
        let luma = Luma::new(picture.pixels, picture.width, picture.height).unwrap();
        let started = processor_seconds();
        let reading = decode(luma, effort);
        self.seconds += processor_seconds() - started;
        assert_eq!(reading.panics, 0);
        self.symbols += picture.texts.len();
        for symbol in &reading.symbols {
            if picture.texts.contains(&symbol.text) { self.exact += 1 } else { self.wrong += 1 }
        }
    }
}

/// Of this thread alone: other programs on the machine do not count.
fn processor_seconds() -> f64 {
    let now = rustix::time::clock_gettime(rustix::time::ClockId::ThreadCPUTime);
    now.tv_sec as f64 + now.tv_nsec as f64 * 1e-9
}

/// For measurements: `KEYFERRY_PICTURES=1000 KEYFERRY_SEED=… cargo test --release -p keyferry-scan --test distorted -- --ignored --nocapture`.
#[test]
#[ignore = "a measurement"]
fn measure() {
    let number = |name, default| std::env::var(name).ok().and_then(|v: String| v.parse().ok()).unwrap_or(default);
    let (pictures, seed): (u64, u64) = (number("KEYFERRY_PICTURES", 20), number("KEYFERRY_SEED", 1_000_000));
    let mut all = Tally::default();
    for distortion in Distortion::ALL {
        for size in SIZES {
            let mut tally = Tally::default();
            for n in 0..pictures {
                let before = tally.exact;
                tally.read(distorted(distortion, size, seed + n), Effort::First);
                if tally.exact == before { print!("[{n}]") }
            }
            report(&format!("{distortion:?} {}x{}", size.0, size.1), pictures, &tally);
            all.symbols += tally.symbols; all.exact += tally.exact; all.wrong += tally.wrong;
        }
    }
    let mut tally = Tally::default();
    (0..pictures).for_each(|n| tally.read(page(seed + n), Effort::All));
    report("page 150 dpi", pictures, &tally);
    all.symbols += tally.symbols; all.exact += tally.exact; all.wrong += tally.wrong;
    report("all", pictures, &all);
}

fn report(name: &str, pictures: u64, tally: &Tally) {
    println!(
        "{name:24} {:5} of {:5} exact ({:6.2} %), {} wrong, {:6.0} pictures/s",
        tally.exact,
        tally.symbols,
        100.0 * tally.exact as f64 / tally.symbols as f64,
        tally.wrong,
        pictures as f64 / tally.seconds
    );
}
