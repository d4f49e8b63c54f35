//! A second, small client of the API, for tests that use the emulator without an online station.

use keyferry_core::WrappingAlgorithm;
use keyferry_tencent::{Action, Credentials, tc3};
use serde_json::{Value, json};

use super::{SECRET_ID, SECRET_KEY, now};

pub struct Kms {
    endpoint: String,
    region: String,
    agent: ureq::Agent,
}

impl Kms {
    pub fn new(endpoint: &str, region: &str) -> Self {
        let agent = ureq::Agent::config_builder().proxy(None).build().into();
        Self { endpoint: endpoint.to_owned(), region: region.to_owned(), agent }
    }

    /// One signed call; the members of `Response`, or the error code.
    pub fn call(&self, action: Action, body: &Value) -> Result<Value, String> {
        self.try_call(action, body).unwrap()
    }

    /// The same, for a service that may disappear in the middle of the call.
    pub fn try_call(&self, action: Action, body: &Value) -> Result<Result<Value, String>, ureq::Error> {
        let body = body.to_string().into_bytes();
        let host = self.endpoint.trim_start_matches("http://");
        let call = tc3::Call {
            action,
            region: Some(&self.region),
            language: "en-US",
            host,
            body: &body,
            now: now(),
        };
        let mut request = self.agent.post(&self.endpoint);
        for (name, value) in tc3::sign(&call, &Credentials::new(SECRET_ID, SECRET_KEY)) {
            if !name.eq_ignore_ascii_case("host") {
                request = request.header(name, value.expose());
            }
        }
        let text = request.send(&body[..])?.body_mut().read_to_string()?;
        let reply: Value = serde_json::from_str(&text).unwrap();
        Ok(match reply["Response"]["Error"]["Code"].as_str() {
            Some(code) => Err(code.to_owned()),
            None => Ok(reply["Response"].clone()),
        })
    }

    pub fn create_external(&self, alias: &str) -> String {
        let reply = self.call(Action::CreateKey, &json!({"Alias": alias, "Type": 2})).unwrap();
        reply["KeyId"].as_str().unwrap().to_owned()
    }

    /// Public key (base64) and import token.
    pub fn parameters(&self, key_id: &str, algorithm: WrappingAlgorithm) -> (String, String) {
        let body = json!({"KeyId": key_id, "WrappingAlgorithm": algorithm, "WrappingKeySpec": "RSA_2048"});
        let reply = self.call(Action::GetParametersForImport, &body).unwrap();
        let text = |name: &str| reply[name].as_str().unwrap().to_owned();
        (text("PublicKey"), text("ImportToken"))
    }

    pub fn import(&self, key_id: &str, ciphertext: &str, token: &str) -> Result<(), String> {
        let body = json!({"KeyId": key_id, "EncryptedKeyMaterial": ciphertext, "ImportToken": token});
        self.call(Action::ImportKeyMaterial, &body).map(|_| ())
    }

    pub fn state(&self, key_id: &str) -> String {
        let reply = self.call(Action::DescribeKey, &json!({"KeyId": key_id})).unwrap();
        reply["KeyMetadata"]["KeyState"].as_str().unwrap().to_owned()
    }
}
