//! `parameters.json` from a plan, with public keys whose private keys the attacker has.

use super::json::{Json, text};
use super::{digest, plan, time};

/// When parameters were fetched, and until when they are valid.
#[derive(Clone, Debug)]
pub(crate) struct Life {
    pub(crate) fetched_at: String,
    pub(crate) expires_at: String,
}

impl Life {
    /// The times of parameters that were fetched a minute ago.
    pub(crate) fn now() -> Self {
        Self { fetched_at: time::from_now(-60), expires_at: time::from_now(86_400 - 60) }
    }
}

/// The parameters of every key of a plan, all with one public key. The tokens come from [`token`].
pub(crate) fn of_plan(text_of_plan: &str, public: &str, life: &Life) -> String {
    made(text_of_plan, public, life).artefact()
}

/// The same parameters, for inclusion in another file.
pub(crate) fn made(text_of_plan: &str, public: &str, life: &Life) -> Json {
    let value = |name: &str| text(plan::value(text_of_plan, name).unwrap());
    let keys = plan::keys(text_of_plan);
    Json::Object(vec![
        ("format", text("keyferry/parameters/2")),
        ("purpose", value("purpose")),
        ("ceremony", value("ceremony")),
        ("plan_sha256", text(digest::of(text_of_plan))),
        ("fetched_at", text(life.fetched_at.as_str())),
        ("keys", Json::List(keys.iter().map(|key| entry(key, public, life)).collect())),
    ])
}

/// The entry of one key.
pub(crate) fn entry(key: &plan::Key, public: &str, life: &Life) -> Json {
    Json::Object(vec![
        ("alias", text(key.alias.as_str())),
        ("provider", text("tencent")),
        ("region", text(key.region.as_str())),
        ("key_id", text(key.key_id.as_str())),
        ("kind", text("fips")),
        ("material", Json::Object(vec![("kind", text("aes")), ("bytes", Json::Number(32))])),
        ("algorithm", text("RSAES_OAEP_SHA_256")),
        ("wrapping_key_spec", text("RSA_2048")),
        ("public_key", text(public)),
        ("import_token_sha256", text(digest::of(token(key)))),
        ("expires_at", text(life.expires_at.as_str())),
    ])
}

/// The import token that the attacker invents for a key.
pub(crate) fn token(key: &plan::Key) -> String {
    format!("token-of-nobody-{}", key.alias)
}
