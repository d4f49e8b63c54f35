//! The emulator's admin interface, for tests: the state of each key, and the faults to simulate.

use serde_json::{Value, json};

use super::EmulatorProcess;

pub struct Admin(String, ureq::Agent);

impl Admin {
    /// An emulator with few wrapping keys, because making them takes the most time, and its admin interface.
    pub fn start(dir: &std::path::Path) -> (EmulatorProcess, Self) {
        Self::start_in(dir, &[])
    }

    /// The same with additional regions.
    pub fn start_in(dir: &std::path::Path, regions: &[String]) -> (EmulatorProcess, Self) {
        let file = dir.join("admin.port");
        let name = file.to_str().unwrap();
        let mut more = vec!["--admin", "127.0.0.1:0", "--admin-port-file", name, "--wrapping-keys", "4"];
        let editions: Vec<String> = regions.iter().map(|region| format!("{region}=fips")).collect();
        more.extend(editions.iter().flat_map(|edition| ["--region-edition", edition]));
        let emulator = EmulatorProcess::start(&more);
        let port = std::fs::read_to_string(file).unwrap();
        let agent = ureq::Agent::config_builder().proxy(None).build().into();
        (emulator, Self(format!("http://127.0.0.1:{}", port.trim()), agent))
    }

    fn post(&self, path: &str, order: &Value) -> Value {
        let text = self.1.post(format!("{}/{path}", self.0)).send(order.to_string()).unwrap();
        serde_json::from_str(&text.into_body().read_to_string().unwrap()).unwrap()
    }

    /// Resets it to its initial state, without any key.
    pub fn reset(&self) {
        self.post("reset", &json!({}));
    }

    /// From now on, requests to a region fail as the rule says.
    pub fn fault(&self, region: &str, mut rule: Value) {
        rule["region"] = region.into();
        self.post("faults", &rule);
    }

    /// The region's requests succeed again.
    pub fn no_faults(&self, region: &str) {
        let text = self.1.get(format!("{}/faults", self.0)).call().unwrap();
        let list: Value = serde_json::from_str(&text.into_body().read_to_string().unwrap()).unwrap();
        for rule in list["faults"].as_array().unwrap().iter().filter(|rule| rule["region"] == region) {
            self.1.delete(format!("{}/faults/{}", self.0, rule["id"])).call().unwrap();
        }
    }

    pub fn limit(&self, per_second: u32, burst: u32) {
        self.post("limit", &json!({"per_second": per_second, "burst": burst}));
    }

    /// Moves the time that applies to keys and tokens.
    pub fn advance(&self, seconds: u32) {
        self.post("clock", &json!({"advance_seconds": seconds}));
    }

    /// Skews the service's clock, also for signatures.
    pub fn skew(&self, seconds: i32) {
        self.post("clock", &json!({"skew_seconds": seconds}));
    }

    pub fn keys(&self) -> Vec<Value> {
        let text = self.1.get(format!("{}/state", self.0)).call().unwrap();
        let text = text.into_body().into_with_config().limit(1 << 30).read_to_string().unwrap();
        let state: Value = serde_json::from_str(&text).unwrap();
        let regions = state["regions"].as_array().unwrap().iter();
        regions.flat_map(|r| r["keys"].as_array().unwrap().clone()).collect()
    }

    /// Requests so far: answered, and refused because they were too fast.
    pub fn counts(&self) -> (u64, u64) {
        let text = self.1.get(format!("{}/counts", self.0)).call().unwrap();
        let counts: Value = serde_json::from_str(&text.into_body().read_to_string().unwrap()).unwrap();
        let outcomes = counts["actions"].as_object().unwrap().values().map(|a| a.as_object().unwrap());
        let number = |v: Option<&Value>| v.and_then(Value::as_u64).unwrap_or(0);
        outcomes.fold((0, 0), |(ok, over), a| {
            (ok + number(a.get("ok")), over + number(a.get("RequestLimitExceeded")))
        })
    }

    pub fn key(&self, id: &str) -> Value {
        self.keys().into_iter().find(|k| k["KeyId"] == id).unwrap()
    }
}
