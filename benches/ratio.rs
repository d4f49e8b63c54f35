//! One wrap beside the other implementations, in one run: ratios with an interval, not two times from different minutes.
//!
//! Everybody takes a turn in every round, first one then the other, so that a drifting machine drifts under all of them; the
//! ratio is taken round by round. Shown are the median of the rounds and its 95 % interval by order statistics. Nothing fails here.
//!
//! *fresh*: read the SubjectPublicKeyInfo, set up, wrap; what a ceremony does for every key. *same*: the set-up is there already.
//! Ours draws from the operating system, as the station does. Run with `cargo xtask bench ratio [ROUNDS]`.
#![allow(clippy::unwrap_used, clippy::print_stdout, missing_docs)]

use std::hint::black_box;
use std::time::{Duration, Instant};

use getrandom::SysRng;
use keyferry_core::{KeyMaterial, WrappingAlgorithm, WrappingKey, wrap};
use keyferry_peers::Peer;

const SPKI: &[u8] = include_bytes!("../tests/data/rsa2048.der");
const ROUNDS: usize = 400;
/// How long one turn takes, about.
const TURN: Duration = Duration::from_micros(1500);

struct Contestant {
    name: String,
    work: Box<dyn FnMut()>,
    repeats: u32,
    /// Microseconds for one wrap, round by round.
    times: Vec<f64>,
}

impl Contestant {
    fn new(name: impl Into<String>, work: impl FnMut() + 'static) -> Self {
        Self { name: name.into(), work: Box::new(work), repeats: 1, times: Vec::new() }
    }

    /// As many repeats as fill a turn, after a warm-up.
    fn calibrate(&mut self) {
        (0..50).for_each(|_| (self.work)());
        let once = (0..7).map(|_| self.timed()).min_by(f64::total_cmp).unwrap();
        self.repeats = 1;
        while f64::from(self.repeats) * once < TURN.as_secs_f64() * 1e6 {
            self.repeats += 1;
        }
    }

    fn timed(&mut self) -> f64 {
        let started = Instant::now();
        (0..self.repeats).for_each(|_| (self.work)());
        started.elapsed().as_secs_f64() * 1e6 / f64::from(self.repeats)
    }
}

fn main() {
    let rounds = std::env::args().skip(1).find_map(|a| a.parse().ok()).unwrap_or(ROUNDS);
    for peer in keyferry_peers::all() {
        println!("{} {}", peer.name(), peer.version());
    }
    for algorithm in WrappingAlgorithm::ALL {
        let mut contestants = contestants(algorithm);
        contestants.iter_mut().for_each(Contestant::calibrate);
        for round in 0..rounds {
            let count = contestants.len();
            for turn in 0..count {
                let contestant = contestants.get_mut((round + turn) % count).unwrap();
                let time = contestant.timed();
                contestant.times.push(time);
            }
        }
        report(algorithm, &contestants);
    }
}

fn contestants(algorithm: WrappingAlgorithm) -> Vec<Contestant> {
    let material = || KeyMaterial::from_bytes(&[0xc5; 32]).unwrap();
    let (fresh, confirmed, same) = (material(), material(), material());
    let key = WrappingKey::from_der(SPKI).unwrap();
    let mut all = vec![
        Contestant::new("keyferry fresh", move || {
            let key = WrappingKey::from_der(black_box(SPKI)).unwrap();
            drop(black_box(wrap(&key, algorithm, &fresh, &mut SysRng).unwrap()));
        }),
        Contestant::new("keyferry fresh, confirmed", move || {
            let key = WrappingKey::from_der(black_box(SPKI)).unwrap();
            black_box(wrap(&key, algorithm, &confirmed, &mut SysRng).unwrap().confirm().unwrap());
        }),
        Contestant::new("keyferry same", move || {
            drop(black_box(wrap(&key, algorithm, &same, &mut SysRng).unwrap()));
        }),
    ];
    for peer in keyferry_peers::all() {
        all.extend(of_peer(peer, algorithm));
    }
    all
}

fn of_peer(peer: Box<dyn Peer>, algorithm: WrappingAlgorithm) -> [Contestant; 2] {
    let mut prepared = peer.prepare(SPKI, algorithm).unwrap();
    let name = peer.name();
    [
        Contestant::new(format!("{name} fresh"), move || {
            black_box(peer.prepare(black_box(SPKI), algorithm).unwrap().wrap(&[0xc5; 32]).unwrap());
        }),
        Contestant::new(format!("{name} same"), move || {
            black_box(prepared.wrap(&[0xc5; 32]).unwrap());
        }),
    ]
}

fn report(algorithm: WrappingAlgorithm, contestants: &[Contestant]) {
    let rounds = contestants.first().map_or(0, |c| c.times.len());
    println!("\n{algorithm}, {rounds} rounds{:>30} {:>9}", "µs: min", "median");
    for contestant in contestants {
        let least = contestant.times.iter().copied().min_by(f64::total_cmp).unwrap_or_default();
        let (median, ..) = median_of(contestant.times.clone());
        println!("  {:<46} {least:>9.1} {median:>9.1}", contestant.name);
    }
    println!("  {:<46} {:>9}   95 % interval", "ratio", "median");
    let pairs = [
        ("keyferry fresh", "aws-lc-rs fresh", "at most 2.0"),
        ("keyferry fresh", "rsa fresh", "at most 0.55"),
        ("keyferry fresh", "openssl fresh", ""),
        ("keyferry fresh, confirmed", "aws-lc-rs fresh", ""),
        ("keyferry fresh, confirmed", "rsa fresh", ""),
        ("keyferry same", "aws-lc-rs same", ""),
        ("keyferry same", "rsa same", ""),
        ("keyferry same", "openssl same", ""),
    ];
    for (ours, theirs, goal) in pairs {
        let times = |name: &str| contestants.iter().find(|c| c.name == name).map(|c| &c.times);
        let (Some(ours_times), Some(theirs_times)) = (times(ours), times(theirs)) else { continue };
        let (median, low, high) =
            median_of(ours_times.iter().zip(theirs_times).map(|(a, b)| a / b).collect());
        println!("  {:<46} {median:>9.3}   {low:.3} … {high:.3}   {goal}", format!("{ours} ÷ {theirs}"));
    }
}

/// The median, and the order statistics between which the true one lies with 95 % confidence.
#[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, clippy::cast_precision_loss)]
fn median_of(mut values: Vec<f64>) -> (f64, f64, f64) {
    values.sort_by(f64::total_cmp);
    let (half, spread) = (values.len() / 2, (0.98 * (values.len() as f64).sqrt()).ceil() as usize);
    let at = |i: usize| values.get(i.min(values.len().saturating_sub(1))).copied().unwrap_or_default();
    (at(half), at(half.saturating_sub(spread)), at(half + spread))
}
