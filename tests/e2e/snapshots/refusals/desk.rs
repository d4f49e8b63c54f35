//! Refusals of `keyferry`: plans, records, signatures; and wrong command lines.

use std::fs;
use std::process::Command;

use keyferry_audit::record::NAMESPACE;

use super::place::{Place, copy};
use super::{Case, as_it_is, case};
use crate::support::record::{ceremony, sign_with};

const VERIFY: &str = "keyferry verify record";

pub(super) const CASES: &[Case] = &[
    case("desk/command-unknown", "keyferry verfy record", as_it_is),
    case("desk/option-unknown", "keyferry verify record --force", as_it_is),
    case("desk/option-without-value", "keyferry plan new --out", as_it_is),
    case("desk/language-unknown", "keyferry --lang fr verify record", as_it_is),
    case("desk/plan-with-faults", "keyferry plan check draft.toml --now 2026-11-23T08:00:00Z", |place| {
        let plan =
            place.text("plan.toml").replacen("purpose = \"rehearsal\"\n", "purpose = \"practice\"\n", 1);
        let plan = plan
            .replace("\"ap-singapore\"", "\"singapore\"")
            .replace("\"never\"", "\"2025-11-23T00:00:00Z\"");
        place.write("draft.toml", plan.replace("name = \"Bo\"", "name = \"Ada\""));
        Some(())
    }),
    case("desk/plan-in-utf-16", "keyferry plan check draft.toml", |place| {
        let text = place.text("plan.toml");
        let bytes: Vec<u8> =
            std::iter::once(0xfeff).chain(text.encode_utf16()).flat_map(u16::to_le_bytes).collect();
        place.write("draft.toml", bytes);
        Some(())
    }),
    case("desk/plan-is-another-file", "keyferry plan check medium/parameters.json", as_it_is),
    case("desk/plan-of-a-later-version", "keyferry plan check plan.toml", |place| {
        place.edit("plan.toml", "keyferry/plan/2", "keyferry/plan/9");
        Some(())
    }),
    case("desk/record-missing", "keyferry verify nowhere", as_it_is),
    case("desk/record-without-a-file", VERIFY, |place| {
        record(place)?;
        fs::remove_file(place.path("record/parameters.json")).unwrap();
        Some(())
    }),
    case("desk/record-with-another-plan", VERIFY, |place| {
        record(place)?;
        place.edit("record/plan.toml", "a test <script>", "another reason");
        Some(())
    }),
    case("desk/record-with-an-altered-ciphertext", VERIFY, |place| {
        record(place)?;
        place.flip("record/ciphertext.json", "wrapped_material");
        Some(())
    }),
    case("desk/record-with-a-broken-chain", VERIFY, |place| {
        record(place)?;
        place.edit("record/transcript.jsonl", "seal 4711", "seal 4712");
        Some(())
    }),
    case("desk/record-not-terminated", VERIFY, |place| {
        record(place)?;
        let text = place.text("record/transcript.jsonl");
        place.write("record/transcript.jsonl", &text[..text.len() - 20]);
        Some(())
    }),
    case("desk/record-not-finished", VERIFY, |place| {
        record(place)?;
        let text = place.text("record/transcript.jsonl");
        let lines: Vec<&str> = text.split_inclusive('\n').collect();
        place.write("record/transcript.jsonl", lines[..lines.len() - 4].concat());
        Some(())
    }),
    case("desk/record-of-a-rehearsal", "keyferry verify record --expect production", record),
    case("desk/record-with-another-head", "keyferry verify record --expect-head {head}", |place| {
        place.names.push(("{head}", "1".repeat(64)));
        record(place)
    }),
    case("desk/signature-missing", VERIFY, |place| {
        record(place)?;
        fs::remove_file(place.path("record/signatures/witness-1.sig")).unwrap();
        Some(())
    }),
    case("desk/signature-of-somebody-else", VERIFY, |place| {
        record(place)?;
        fs::copy(
            place.path("record/signatures/operator-1.sig"),
            place.path("record/signatures/witness-1.sig"),
        )
        .unwrap();
        Some(())
    }),
    case("desk/signature-of-another-file", VERIFY, |place| {
        record(place)?;
        let signed = sign_with(&ceremony().0.path("witness"), NAMESPACE, &place.path("record/plan.toml"));
        place.write("record/signatures/witness-1.sig", signed);
        Some(())
    }),
    case("desk/sign-with-a-key-that-is-not-in-the-plan", "keyferry sign record --key other", |place| {
        record(place)?;
        let mut make = Command::new("ssh-keygen");
        make.args(["-q", "-N", "", "-C", "", "-t", "ed25519", "-f"]).arg(place.path("other"));
        make.status().unwrap().success().then_some(())
    }),
    case("desk/sign-twice", "keyferry sign record --key operator", |place| {
        record(place)?;
        fs::copy(ceremony().0.path("operator"), place.path("operator")).unwrap();
        place.set_mode("operator", 0o600);
        Some(())
    }),
    case("desk/report-exists", "keyferry report record --out report.html", |place| {
        place.write("report.html", "an earlier report");
        record(place)
    }),
    case("desk/archive-of-two-ceremonies", "keyferry archive record medium archive", record),
];

/// The record of a whole ceremony, signed by both; its times are today's.
fn record(place: &mut Place) -> Option<()> {
    copy(&ceremony().0.record(), &place.path("record"));
    Some(())
}
