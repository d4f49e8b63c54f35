//! A report with every part filled, for the tests of the code that shows reports.

use keyferry_core::{Fingerprint, Timestamp, WrappingAlgorithm};

use super::compare::Comparison;
use super::figures::{Batch, Case, Effort, Group, LeftOut, Missing, Report, Scale};
use super::machine::{Build, Machine};
use super::statistics::Estimate;
use super::suite::Key;
use super::text::Text;

/// Contenders and steps, with typical times in microseconds.
const WRAPS: [(&str, Option<&str>, f64); 5] = [
    ("keyferry", None, 35.1),
    ("keyferry-confirmed", None, 108.3),
    ("rsa", Some("0.10.0"), 73.4),
    ("aws-lc-rs", Some("1.19.0"), 19.2),
    ("openssl", Some("3.0.19"), 137.0),
];
const STEPS: [(&str, f64); 14] = [
    ("self-test", 412.0),
    ("plan-parse", 31.0),
    ("parameters-parse", 9.1),
    ("wrapping-key-parse", 4.2),
    ("parameters-check", 5.3),
    ("parameters-write", 1.9),
    ("material-generate", 0.41),
    ("kcv-aes", 0.052),
    ("kcv-sm4", 0.31),
    ("commitment", 0.44),
    ("ciphertext-write", 2.2),
    ("ciphertext-parse", 9.9),
    ("record-append", 1.4),
    ("record-verify-100", 172.0),
];

fn around(us: f64) -> Estimate {
    let ns = us * 1e3;
    Estimate::new(ns * 0.985, ns, ns * 1.021).unwrap().rounded(1)
}

fn case(name: &str, version: Option<&str>, us: f64, first: Option<f64>) -> Case {
    let ratio = first.map(|first| us / first);
    let ratio = ratio.map(|r| Estimate::new(r * 0.99, r, r * 1.01).unwrap().rounded(4));
    Case { name: Text::of(name), version: version.map(Text::of), calls: 7, ns: around(us), ratio }
}

fn group(id: &str, cases: Vec<Case>) -> Group {
    Group { id: Text::of(id), rounds: 1387, cases }
}

pub(super) fn report() -> Report {
    let at = Timestamp::from_unix(1_795_000_000).unwrap();
    let mut machine = Machine::look();
    machine.cpu = Text::of("AMD EPYC 9B14 96-Core Processor");
    machine.load = Some(4.25);
    let mut report = Report::new(at, Effort::Default, machine, Build::look());
    report.took_ms = 47_310;
    for key in Key::BOTH {
        for (n, algorithm) in WrappingAlgorithm::ALL.into_iter().enumerate() {
            let factor = 1.0 - 0.02 * n as f64 - if key == Key::Same { 0.12 } else { 0.0 };
            let cases =
                WRAPS.map(|(name, version, us)| case(name, version, us * factor, Some(35.1 * factor)));
            report.groups.push(group(&format!("wrap/{algorithm}/{}", key.name()), cases.to_vec()));
        }
    }
    for (place, ms) in [("disk", 3.4), ("memory", 1.1)] {
        let ours = case("keyferry-offline", Some("0.1.0"), ms * 1e3, Some(ms * 1e3));
        let theirs = case("openssl-commands", Some("3.0.19"), 17_500.0, Some(ms * 1e3));
        report.groups.push(group(&format!("process/{place}"), vec![ours, theirs]));
    }
    report.groups.push(group("steps", STEPS.map(|(name, us)| case(name, None, us, None)).to_vec()));
    report.batch = [
        (1, 251.0, None),
        (10, 196.0, None),
        (100, 187.0, Some(11_500)),
        (1000, 190.0, Some(9_300)),
        (10_000, 197.0, Some(9_100)),
        (100_000, 213.0, Some(8_900)),
    ]
    .map(|(keys, us, bytes)| Batch {
        keys,
        rounds: 12,
        ns_per_key: around(us),
        peak_bytes: Some(6_000_000 + bytes.unwrap_or(0) * keys as u64),
        bytes_per_key: bytes,
    })
    .to_vec();
    report.scale = [(1, 2.9, 5), (10, 4.2, 5), (100, 19.4, 6), (1_000, 168.0, 13), (10_000, 1_690.0, 83)]
        .map(|(keys, ms, mib)| Scale {
            keys,
            runs: 11,
            ms: Some(Estimate::new(ms * 0.98, ms, ms * 1.03).unwrap().rounded(2)),
            peak_bytes: Some(mib * 1_048_576),
            left_out: None,
        })
        .to_vec();
    report.scale.push(Scale::left_out(100_000, LeftOut::TooLong));
    report.station_sha256 = Some(Fingerprint::of(b"station"));
    report.left_out = vec![Missing::PeersInC];
    report
}

/// The report compared with one from another machine, in which our times changed and the peers' drifted a
/// little.
pub(super) fn comparison() -> Comparison {
    let (mut old, new) = (report(), report());
    old.machine.cpu = Text::of("Intel(R) Xeon(R) Platinum 8481C CPU @ 2.70GHz");
    old.machine.cores += 1;
    for (n, case) in old.groups.iter_mut().flat_map(|g| &mut g.cases).enumerate() {
        let factors = if case.version.is_some() { [0.98, 1.0, 1.02] } else { [0.8, 1.0, 1.5] };
        case.ns = case.ns.scaled(factors[n % 3]).rounded(1);
    }
    Comparison::of(&old, &new)
}

#[test]
fn a_report_reads_back_as_it_was_written() {
    use keyferry_core::artefact;
    let report = report();
    let bytes = artefact::to_bytes(&report).unwrap();
    assert!(bytes.len() < super::figures::MAX_REPORT / 10);
    assert_eq!(artefact::parse::<Report>(&bytes).unwrap().0, report);
}

/// Writes pages for people to view: `cargo test -- --ignored write_pages`, then open them.
#[test]
#[ignore = "writes files for people to look at"]
fn write_pages() {
    let folder = std::path::PathBuf::from(std::env::var_os("KEYFERRY_PAGES").unwrap());
    for (lang, name) in [(keyferry_core::Lang::En, "en"), (keyferry_core::Lang::Zh, "zh")] {
        for (compared, comparison) in [("", None), ("-compare", Some(comparison()))] {
            let page = super::page::render(&report(), comparison.as_ref(), lang);
            std::fs::write(folder.join(format!("sample-{name}{compared}.html")), page).unwrap();
        }
    }
}
