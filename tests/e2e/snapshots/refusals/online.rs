//! Refusals of `keyferry-online`: credentials, the service, what is known about a key, and files that do not belong
//! together.

use std::fs;

use keyferry_core::WrappingAlgorithm;
use serde_json::json;

use super::place::{Place, REGION, with_service};
use super::{Case, as_it_is, case};
use crate::support::*;

const CREATE: &str = "keyferry-online create-key --plan draft.toml --out plan.toml";
const EXPORT: &str = "keyferry-online export --plan plan.toml --out medium --session session.json";
const IMPORT: &str = "keyferry-online import --session session.json --ciphertext medium/ciphertext.json";
const WRAP: &str = "keyferry-offline wrap --plan plan.toml --parameters medium/parameters.json --out medium";
const STATUS: &str = "keyferry-online status --plan plan.toml";

pub(super) const CASES: &[Case] = &[
    case("online/credentials-missing", STATUS, |place| {
        place
            .env
            .extend([("TENCENTCLOUD_SECRET_ID", String::new()), ("TENCENTCLOUD_SECRET_KEY", String::new())]);
        Some(())
    }),
    case("online/credentials-in-part", STATUS, |place| {
        place.env.push(("TENCENTCLOUD_SECRET_KEY", String::new()));
        Some(())
    }),
    case("online/credentials-wrong", STATUS, |place| {
        drafted(place);
        place.env.push(("TENCENTCLOUD_SECRET_KEY", "SECRETKEYsecretkeySECRETKEY00002".to_owned()));
        Some(())
    }),
    case("online/service-not-reachable", STATUS, as_it_is),
    case("online/address-of-somebody-else", EXPORT, |place| {
        place.endpoint = "http://kms.example.com".to_owned();
        Some(())
    }),
    case("online/permission-denied", EXPORT, |place| {
        created(place);
        fault("GetParametersForImport", "UnauthorizedOperation");
        Some(())
    }),
    case("online/clock-wrong", EXPORT, |place| {
        created(place);
        with_service(|service| service.admin.skew(3600));
        Some(())
    }),
    case("online/region-unknown", "keyferry-online status --region ap-nowhere --key-id {key}", |place| {
        created(place);
        Some(())
    }),
    case(
        "online/region-is-another",
        "keyferry-online status --region ap-guangzhou --key-id {key}",
        |place| {
            created(place);
            Some(())
        },
    ),
    case(
        "online/plan-without-key-ids",
        "keyferry-online export --plan draft.toml --out medium --session session.json",
        |place| {
            drafted(place);
            Some(())
        },
    ),
    case("online/plan-with-a-fault", CREATE, |place| {
        drafted(place);
        place.edit("draft.toml", "\"never\"", "\"2025-11-23T00:00:00Z\"");
        Some(())
    }),
    case("online/plan-exists", CREATE, |place| {
        drafted(place);
        place.write("plan.toml", "an earlier plan");
        Some(())
    }),
    case("online/alias-taken", CREATE, |place| {
        drafted(place);
        with_service(|service| kms::Kms::new(&service.emulator.endpoint, REGION).create_external("master"));
        Some(())
    }),
    case("online/nobody-typed-yes", EXPORT, |place| {
        created(place);
        place.typed = "y\n".to_owned();
        Some(())
    }),
    case(
        "online/session-on-the-medium",
        "keyferry-online export --plan plan.toml --out medium --session medium/session.json",
        |place| {
            created(place);
            Some(())
        },
    ),
    case("online/key-disabled", EXPORT, |place| {
        imported(place);
        place.first("keyferry-online disable --region ap-singapore --key-id {key} --yes-alias master");
        away(place);
        Some(())
    }),
    case("online/key-has-material", IMPORT, |place| {
        imported(place);
        away(place);
        place.first(EXPORT);
        place.first(WRAP);
        Some(())
    }),
    case("online/key-has-another-alias", EXPORT, |place| {
        created(place);
        place.edit("plan.toml", "alias = \"master\"", "alias = \"mistress\"");
        Some(())
    }),
    case("online/parameters-pending", EXPORT, |place| {
        created(place);
        place.first(EXPORT);
        away(place);
        place.edit("plan.toml", "\"test-1\"", "\"test-2\"");
        Some(())
    }),
    case("online/journal-missing", IMPORT, |place| {
        wrapped(place);
        fs::remove_dir_all(place.path("state")).unwrap();
        Some(())
    }),
    case("online/session-readable-by-others", IMPORT, |place| {
        wrapped(place);
        place.set_mode("session.json", 0o644);
        Some(())
    }),
    case("online/ciphertext-altered", IMPORT, |place| {
        wrapped(place);
        place.flip("medium/ciphertext.json", "wrapped_material");
        Some(())
    }),
    case("online/ciphertext-of-another-ceremony", IMPORT, |place| {
        let mut theirs = Place::new();
        wrapped(&mut theirs);
        let text = theirs.text("medium/ciphertext.json");
        wrapped(place);
        place.write("medium/ciphertext.json", text);
        Some(())
    }),
    case("online/ciphertext-superseded", IMPORT, |place| {
        wrapped(place);
        fs::rename(place.path("medium/ciphertext.json"), place.path("earlier.json")).unwrap();
        place.first(WRAP);
        fs::rename(place.path("earlier.json"), place.path("medium/ciphertext.json")).unwrap();
        Some(())
    }),
    case(
        "online/ciphertext-is-the-parameters",
        "keyferry-online import --session session.json --ciphertext medium/parameters.json",
        |place| {
            wrapped(place);
            Some(())
        },
    ),
    case("online/session-expired", IMPORT, |place| {
        place.first(WRAP);
        place.room.write_parameters(|p| p.keys[0].expires_at = Some(later(-4000)));
        place.room.write_session(&place.endpoint);
        Some(())
    }),
    case(
        "online/wrong-alias-typed",
        "keyferry-online disable --region ap-singapore --key-id {key} --transcript life.jsonl",
        |place| {
            imported(place);
            "mister\n".clone_into(&mut place.typed);
            Some(())
        },
    ),
    case(
        "online/deletion-of-an-enabled-key",
        "keyferry-online schedule-deletion --region ap-singapore --key-id {key} --days 7 --yes-alias master",
        |place| {
            imported(place);
            Some(())
        },
    ),
    case("online/right-missing", "keyferry-online check-access --plan plan.toml", |place| {
        let emulator =
            EmulatorProcess::start(&["--wrapping-keys", "2", "--deny", "Decrypt", "--deny", "CreateKey"]);
        place.endpoint.clone_from(&emulator.endpoint);
        let plan = plan_text("rehearsal", WrappingAlgorithm::default(), &[("master", REGION, None)]);
        place.write("plan.toml", plan);
        place.running = Some(emulator);
        Some(())
    }),
];

/// The thread's emulator, without keys; and a draft in place of the plan.
fn drafted(place: &mut Place) {
    with_service(|service| {
        service.admin.reset();
        place.endpoint.clone_from(&service.emulator.endpoint);
    });
    for name in ["plan.toml", "medium/parameters.json"] {
        fs::remove_file(place.path(name)).unwrap();
    }
    let draft = plan_text("rehearsal", WrappingAlgorithm::default(), &[("master", REGION, None)]);
    place.write("draft.toml", draft);
}

fn created(place: &mut Place) {
    drafted(place);
    place.first(CREATE);
    let plan = place.text("plan.toml");
    let id = plan.split("key_id = \"").nth(1).unwrap().split('"').next().unwrap();
    place.names.push(("{key}", id.to_owned()));
}

fn wrapped(place: &mut Place) {
    created(place);
    place.first(EXPORT);
    place.first(WRAP);
}

fn imported(place: &mut Place) {
    wrapped(place);
    place.first(IMPORT);
}

/// Moves an export's outputs away, so that another export can run.
fn away(place: &Place) {
    for name in
        ["session.json", "medium/parameters.json", "medium/ciphertext.json", "medium/transcript.jsonl"]
    {
        let _ = fs::remove_file(place.path(name));
    }
}

/// From now on the service answers this action with an error.
fn fault(action: &str, code: &str) {
    let fault = json!({"kind": "error", "code": code});
    let rule = json!({"action": action, "skip": 0, "calls": 1000, "fault": fault});
    with_service(|service| service.admin.fault(REGION, rule));
}
