//! `session.json` and `session.json.fetched` from a plan: tokens that no service issued, with the attacker's wrapping keys.

use super::json::{Json, text};
use super::parameters::Life;
use super::{digest, parameters, plan};

/// A session that leads to this endpoint, and the `parameters.json` that belongs to it.
pub(crate) fn of_plan(text_of_plan: &str, public: &str, endpoint: &str) -> (String, String) {
    let inside = parameters::made(text_of_plan, public, &Life::now());
    let crosses = inside.artefact();
    let secrets = plan::keys(text_of_plan).iter().map(secret).collect();
    let session = Json::Object(vec![
        ("format", text("keyferry/session/2")),
        ("endpoint", text(endpoint)),
        ("parameters_sha256", text(digest::of(&crosses))),
        ("parameters", inside),
        ("secrets", Json::List(secrets)),
    ]);
    (session.artefact(), crosses)
}

/// The file that an unfinished export would have left next to its session.
pub(crate) fn fetched(text_of_plan: &str, public: &str, endpoint: &str) -> String {
    let life = Life::now();
    let header = Json::Object(vec![
        ("format", text("keyferry/fetched/2")),
        ("plan_sha256", text(digest::of(text_of_plan))),
        ("endpoint", text(endpoint)),
        ("fetched_at", text(life.fetched_at.as_str())),
    ]);
    let line = |key: &plan::Key| {
        Json::Object(vec![
            ("entry", parameters::entry(key, public, &life)),
            ("secret", secret(key)),
            ("request_id", text("6ad8e4f2-6c4a-4ae3-9d8c-000000000000")),
        ])
    };
    let keys = plan::keys(text_of_plan);
    let lines = std::iter::once(header).chain(keys.iter().map(line));
    lines.map(|line| line.line() + "\n").collect()
}

fn secret(key: &plan::Key) -> Json {
    Json::Object(vec![
        ("key_id", text(key.key_id.as_str())),
        ("valid_to", text("never")),
        ("import_token", text(parameters::token(key))),
    ])
}
