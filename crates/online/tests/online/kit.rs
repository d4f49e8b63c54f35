//! A room with everything: a folder, a plan, a scripted KMS, and the program, started as people start it.

use std::collections::BTreeMap;
use std::io::{Seek, Write};
use std::os::unix::fs::PermissionsExt;
use std::path::PathBuf;
use std::process::{Command, Stdio};
use std::sync::{Arc, Mutex};

use keyferry_core::Fingerprint;
use serde_json::{Value, json};
use tempfile::TempDir;

use crate::script;
use crate::server::{Answer, Request, Server};

pub(crate) const ID: &str = "AKIDEXAMPLE0123456789";
pub(crate) const KEY: &str = "EXAMPLEsecretKEY9876543210";
pub(crate) const SESSION_TOKEN: &str = "sessiontokenSESSIONTOKEN";
pub(crate) const ONE: &str = "23e80852-1e38-11e9-b129-5cb9019b4b01";
pub(crate) const TWO: &str = "23e80852-1e38-11e9-b129-5cb9019b4b02";
/// Two RSA-2048 public keys; nobody has their private keys.
pub(crate) const SPKI: &str = "MIIBIjANBgkqhkiG9w0BAQEFAAOCAQ8AMIIBCgKCAQEAofkVu1k75TQA74nM7rYU+F2/AME7nKdl+afw5+GAPvWXaWLXDiln+0WgE7vCr5aH52igaoB4NSQItZ1QbE0NL9OAaPctREIpF6e1Om/37RCh/YX0IB/zZXfbjqXt5VUezms4/3plBlZ855uz408A9p0pvxvYuV3Jb7vjFPq2BTTtWrxaGGnCV0lWzti5M+f1otua7tN/uzsWq3s0qUr6orwXF1DxbpTEAV5mhhk1tc/3caBLRwTe5Z9TSF2Pu0xas0/ptpbivv4JLKVNN+xZajWzqG0vJR3AQqhvWhlcsfXfX2f73PhLUrp1e6MVgbFDEdh69iur5yk8IyhX2aK5awIDAQAB";
pub(crate) const OTHER_SPKI: &str = "MIIBIjANBgkqhkiG9w0BAQEFAAOCAQ8AMIIBCgKCAQEAt5YxTctuPf4nwugA90apC++VmB3Kke/pU2J7JMWXbHgB11EpOFH7eiOObyMjPqbY4ckGN9D1DPyFU4aEKN4XTiwqN1XEE4GdxEDVlsSAwEQogfu9MW6pFUtsVpzsD8I5ysgkks15Hsf1T0GAKDjh3yyx6M4mqRPFP2NuWkCjhxYeLybBmb5PqLRWGKNXOksLDpJ/XEU5uO/eEP9K07RQan+KBJyTtbZpqqPflmR4Lg3RII2DRCxmgRgjdiK+Qp5Hk23T1Yv7uu1IZGXg1gY6m4T0aBlpDjmY+S94n8z7zyPJHn6loX4Y23sYU/d8IDPq7Yw6dzIA8CMEoFHHt8gO+QIDAQAB";

pub(crate) const TWO_KEYS: &str = r#"format = "keyferry/plan/2"
ceremony = "practice-1"
purpose = "rehearsal"

[[key]] # the first
alias = "one"
provider = "tencent"
region = "ap-singapore"
key_id = "23e80852-1e38-11e9-b129-5cb9019b4b01"
valid_to = "never"

[[key]]
alias = "two"
provider = "tencent"
region = "ap-guangzhou"
key_id = "23e80852-1e38-11e9-b129-5cb9019b4b02"
valid_to = "2030-01-01T00:00:00Z"

[backup]
scheme = "none"
reason = "test"
"#;

/// Sixteen bytes from the service's generator.
pub(crate) const RANDOM: &str = "AAECAwQFBgcICQoLDA0ODw==";

pub(crate) struct Done {
    pub(crate) code: i32,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

impl Done {
    /// Whether people are shown the digest in hex, in lines of eight groups.
    pub(crate) fn has_hex(&self, digest: &Fingerprint) -> bool {
        let grouped = digest.grouped();
        let (first, second) = grouped.split_at(40);
        let lines = self.stderr.lines().zip(self.stderr.lines().skip(1));
        lines
            .into_iter()
            .any(|(one, next)| one.ends_with(&format!(" {}", first.trim_end())) && next.trim() == second)
    }

    /// Whether any digest is shown in words.
    pub(crate) fn has_words(&self) -> bool {
        self.stderr.contains("  English") || self.stderr.contains("简体中文")
    }

    #[track_caller]
    pub(crate) fn expect(self, code: i32, control: &str) -> Self {
        assert_eq!(self.code, code, "stdout {}\nstderr {}", self.stdout, self.stderr);
        assert!(self.stderr.contains(control), "{control} is not in {}", self.stderr);
        self
    }

    #[track_caller]
    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.stdout).unwrap_or_else(|e| panic!("{e}: {}", self.stdout))
    }
}

/// What the scripted KMS says about a key.
pub(crate) type Keys = Arc<Mutex<BTreeMap<String, Value>>>;

pub(crate) struct Room {
    pub(crate) dir: TempDir,
    pub(crate) server: Server,
    pub(crate) keys: Keys,
    pub(crate) env: Vec<(&'static str, String)>,
}

pub(crate) fn token(id: &str) -> String {
    format!("TOKEN{}TOKEN", id.replace('-', "").repeat(3))
}

/// Used in place of an endpoint: the variable is not set.
pub(crate) const UNSET: &str = "unset";

impl Room {
    /// A room with a well-behaved KMS.
    pub(crate) fn new() -> Self {
        Self::with(|_| None)
    }

    /// A room with a KMS that misbehaves where `script` says so.
    pub(crate) fn with(mut script: impl FnMut(&Request) -> Option<Answer> + Send + 'static) -> Self {
        let keys: Keys = Arc::default();
        for (alias, id, edition) in [("one", ONE, 2), ("two", TWO, 4)] {
            let key = json!({
                "KeyId": id, "Alias": alias, "KeyState": "PendingImport", "Type": edition,
                "Origin": "EXTERNAL", "ValidTo": 0,
            });
            keys.lock().unwrap().insert(id.into(), key);
        }
        let theirs = Arc::clone(&keys);
        let server = Server::start(move |request| script(request).unwrap_or_else(|| kms(request, &theirs)));
        let room = Self {
            dir: tempfile::tempdir().unwrap(),
            server,
            keys,
            env: vec![("TENCENTCLOUD_SECRET_ID", ID.into()), ("TENCENTCLOUD_SECRET_KEY", KEY.into())],
        };
        std::fs::create_dir(room.path("out")).unwrap();
        std::fs::create_dir(room.path("home")).unwrap();
        room.write("plan.toml", TWO_KEYS);
        room
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.dir.path().join(name)
    }

    /// Session files as their owner would write them, mode 0600.
    pub(crate) fn write(&self, name: &str, text: impl AsRef<[u8]>) {
        std::fs::write(self.path(name), text).unwrap();
        if name.contains("session") {
            self.mode(name, 0o600);
        }
    }

    pub(crate) fn mode(&self, name: &str, mode: u32) {
        std::fs::set_permissions(self.path(name), PermissionsExt::from_mode(mode)).unwrap();
    }

    pub(crate) fn read(&self, name: &str) -> String {
        std::fs::read_to_string(self.path(name)).unwrap()
    }

    pub(crate) fn has(&self, name: &str) -> bool {
        self.path(name).symlink_metadata().is_ok()
    }

    pub(crate) fn set(&self, id: &str, member: &str, value: impl Into<Value>) {
        self.keys.lock().unwrap().get_mut(id).unwrap()[member] = value.into();
    }

    /// Runs the program in the room's folder, against the room's server, with nothing on standard input: what a person would be asked
    /// about is given on the command line.
    pub(crate) fn run(&self, line: &str) -> Done {
        self.run_with(line, &self.server.url())
    }

    pub(crate) fn run_with(&self, line: &str, endpoint: &str) -> Done {
        let args: Vec<&str> = line.split_whitespace().collect();
        let answers = script::answers(&args, self.dir.path());
        self.run_unanswered_with(&format!("{line} {}", answers.join(" ")), endpoint)
    }

    /// Like [`run`](Self::run), but without any option that is not in the line.
    pub(crate) fn run_unanswered(&self, line: &str) -> Done {
        self.run_unanswered_with(line, &self.server.url())
    }

    pub(crate) fn run_unanswered_with(&self, line: &str, endpoint: &str) -> Done {
        self.run_typed_at(line, endpoint, "")
    }

    /// Runs it with these lines on standard input, which is not a terminal.
    pub(crate) fn run_typed(&self, line: &str, typed: &str) -> Done {
        self.run_typed_at(line, &self.server.url(), typed)
    }

    fn run_typed_at(&self, line: &str, endpoint: &str, typed: &str) -> Done {
        let mut stdin = tempfile::tempfile().unwrap();
        stdin.write_all(typed.as_bytes()).unwrap();
        stdin.rewind().unwrap();
        let output = Command::new(env!("CARGO_BIN_EXE_keyferry-online"))
            .args(line.split_whitespace())
            // A script answers one request after another; retries have their own tests.
            .args(if line.contains("--attempts") {
                &[][..]
            } else {
                &["--attempts", "1", "--rate", "10000", "--jobs", "1"]
            })
            .current_dir(self.dir.path())
            .env_clear()
            .env("HOME", self.path("home"))
            .envs((endpoint != UNSET).then_some(("KEYFERRY_ENDPOINT", endpoint)))
            .env("HTTPS_PROXY", "http://127.0.0.1:1")
            .envs(self.env.iter().map(|(k, v)| (k, v)))
            .stdin(Stdio::from(stdin))
            .output()
            .unwrap();
        let text = |bytes| String::from_utf8(bytes).unwrap();
        Done { code: output.status.code().unwrap(), stdout: text(output.stdout), stderr: text(output.stderr) }
    }

    pub(crate) fn export(&self, more: &str) -> Done {
        self.run(&format!("export --plan plan.toml --out out --session session.json {more}"))
    }

    /// Checks that the export left neither an output that crosses nor a record.
    #[track_caller]
    pub(crate) fn no_outputs_of_export(&self) {
        assert_eq!(std::fs::read_dir(self.path("out")).unwrap().count(), 0);
    }

    #[track_caller]
    pub(crate) fn no_outputs(&self) {
        for name in ["out/parameters.json", "out/transcript.jsonl", "session.json"] {
            assert!(!self.has(name), "{name} is there");
        }
        assert_eq!(std::fs::read_dir(self.path("out")).unwrap().count(), 0);
    }
}

pub(crate) fn refused(code: &str) -> Answer {
    Answer::Ok(
        json!({"Response": {"Error": {"Code": code, "Message": "m"}, "RequestId": "req-1"}}).to_string(),
    )
}

pub(crate) fn success(mut members: Value) -> Answer {
    members["RequestId"] = "req-0".into();
    Answer::Ok(json!({"Response": members}).to_string())
}

/// A KMS that takes any material and "encrypts" by reversing.
fn kms(request: &Request, keys: &Keys) -> Answer {
    let asked = request.json();
    let reversed = |t: &str| t.chars().rev().collect::<String>();
    let mut keys = keys.lock().unwrap();
    let id = asked["KeyId"].as_str().unwrap_or_default().to_owned();
    match request.action() {
        "CreateKey" => {
            let n = keys.len() + 1;
            let tail = if n < 100 { format!("5cb9019b4b{n:02}") } else { format!("{n:012}") };
            let id = format!("23e80852-1e38-11e9-b129-{tail}");
            let edition = if request.header("X-TC-Region") == Some("ap-guangzhou") { 4 } else { 2 };
            let key = json!({
                "KeyId": id, "Alias": asked["Alias"], "KeyState": "PendingImport", "Type": edition,
                "Origin": if asked["Type"] == 2 { "EXTERNAL" } else { "TENCENT_KMS" }, "CreateTime": 1,
                "Description": asked["Description"].as_str().unwrap_or_default(),
            });
            keys.insert(id, key.clone());
            success(key)
        }
        "GetRegions" => success(json!({"Regions": ["ap-singapore", "ap-guangzhou"]})),
        "ListKeyDetail" => {
            assert_eq!((&asked["Origin"], &asked["KeyUsage"]), (&"EXTERNAL".into(), &"ALL".into()));
            let edition = if request.header("X-TC-Region") == Some("ap-guangzhou") { 4 } else { 2 };
            let here: Vec<Value> = keys.values().filter(|k| k["Type"] == edition).cloned().collect();
            let page: Vec<_> = here
                .iter()
                .skip(usize::try_from(asked["Offset"].as_u64().unwrap()).unwrap())
                .take(1)
                .collect();
            success(json!({"TotalCount": here.len(), "KeyMetadatas": page}))
        }
        "DescribeKeys" => {
            let asked = asked["KeyIds"].as_array().unwrap();
            let found: Option<Vec<_>> =
                asked.iter().map(|id| keys.get(id.as_str().unwrap()).cloned()).collect();
            found.map_or_else(
                || refused("ResourceUnavailable.CmkNotFound"),
                |found| success(json!({"KeyMetadatas": found})),
            )
        }
        "GenerateRandom" => success(json!({"Plaintext": RANDOM})),
        _ if !keys.contains_key(&id) && request.action() != "Decrypt" => {
            refused("ResourceUnavailable.CmkNotFound")
        }
        "DescribeKey" => success(json!({"KeyMetadata": keys[&id]})),
        "GetParametersForImport" => success(json!({
            "KeyId": id, "ImportToken": token(&id), "PublicKey": SPKI,
            "ParametersValidTo": jiff::Timestamp::now().as_second() + 86_400,
        })),
        "ImportKeyMaterial" => {
            assert_eq!(asked["ImportToken"], token(&id));
            let key = keys.get_mut(&id).unwrap();
            key["KeyState"] = "Enabled".into();
            key["ValidTo"] = asked["ValidTo"].clone();
            success(json!({}))
        }
        "DeleteImportedKeyMaterial"
        | "EnableKey"
        | "DisableKey"
        | "ScheduleKeyDeletion"
        | "CancelKeyDeletion" => {
            let key = keys.get_mut(&id).unwrap();
            let (state, date) = match request.action() {
                "DeleteImportedKeyMaterial" => ("PendingImport", 0),
                "EnableKey" => ("Enabled", 0),
                "ScheduleKeyDeletion" => ("PendingDelete", 1_900_000_000),
                _ => ("Disabled", 0),
            };
            key["KeyState"] = state.into();
            key["DeletionDate"] = date.into();
            success(json!({}))
        }
        "Encrypt" => {
            let blob = format!("{id}:{}", reversed(asked["Plaintext"].as_str().unwrap()));
            success(json!({"KeyId": id, "CiphertextBlob": blob}))
        }
        "Decrypt" => {
            let (id, text) = asked["CiphertextBlob"].as_str().unwrap().split_once(':').unwrap();
            success(json!({"KeyId": id, "Plaintext": reversed(text)}))
        }
        other => panic!("{other}"),
    }
}
