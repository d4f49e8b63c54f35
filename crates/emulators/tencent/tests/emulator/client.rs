//! A small client, which signs, sends and reads, and wraps material as a station would; and the servers that tests share.

use std::io::{Read as _, Write as _};
use std::net::{SocketAddr, TcpStream};
use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};
use std::sync::{Arc, LazyLock, Mutex};
use std::time::Duration;

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use getrandom::SysRng;
use keyferry_core::{Timestamp, WrappingAlgorithm};
use keyferry_emulator_tencent::{Config, LogLine, Running};
use keyferry_tencent::Edition;
use keyferry_tencent::tc3::Signable;
use keyferry_tencent::wire::*;
use keyferry_tencent::{Credentials, ErrorCode, Reply, Request, ServiceError, VERSION, parse_reply};
use rand_core::TryRng as _;
use rsa::hazmat::rsa_encrypt;
use rsa::pkcs8::DecodePublicKey as _;
use rsa::{BoxedUint, Oaep, PublicKey};
use serde_json::Value;

/// A region of the FIPS edition.
pub(crate) const FIPS: &str = "ap-singapore";
/// A region of the 国密 edition.
pub(crate) const SM: &str = "ap-guangzhou";
/// The time at which the shared server's clock is frozen.
pub(crate) const NOON: i64 = 1_795_435_200;
/// A key id that no emulator creates.
pub(crate) const NOBODY: &str = "23e80852-1e38-11e9-b129-5cb9019b4b01";

/// A server with its clock and its log.
pub(crate) struct Server {
    pub(crate) addr: SocketAddr,
    admin: SocketAddr,
    pub(crate) time: Arc<AtomicI64>,
    pub(crate) lines: Arc<Mutex<Vec<LogLine>>>,
    _running: Running,
    agent: ureq::Agent,
}

/// The server that most tests share; its clock is frozen, and no test may move it.
pub(crate) static SHARED: LazyLock<Server> = LazyLock::new(|| Server::start(None));

pub(crate) fn credentials() -> Credentials {
    Credentials::new("AKIDtest", "test-secret-key")
}

impl Server {
    pub(crate) fn start(rng_seed: Option<[u8; 32]>) -> Self {
        Self::start_with(NOON, |config| config.rng_seed = rng_seed)
    }

    /// A server at a given time, with its own configuration.
    pub(crate) fn start_with(unix: i64, edit: impl FnOnce(&mut Config)) -> Self {
        let time = Arc::new(AtomicI64::new(unix));
        let lines = Arc::new(Mutex::new(Vec::new()));
        let (clock, sink) = (time.clone(), lines.clone());
        let now = move || Timestamp::from_unix(clock.load(Ordering::SeqCst)).unwrap();
        let temporary = Credentials::new("AKIDtemporary", "other").with_token("SESSION");
        let mut config = Config::new(vec![credentials(), temporary], Arc::new(now));
        // Two regions besides the provider's: one for a single test, and one without keys.
        let more =
            [("eu-frankfurt", Edition::Sm), ("ap-asymmetric", Edition::Fips), ("ap-nowhere", Edition::Fips)];
        config.region_editions = more.map(|(region, edition)| (region.to_owned(), edition)).into();
        config.log = Some(Box::new(move |line: &LogLine| sink.lock().unwrap().push(line.clone())));
        config.admin = Some(([127, 0, 0, 1], 0).into());
        edit(&mut config);
        let running = keyferry_emulator_tencent::spawn(config).unwrap();
        let agent = plain_agent();
        let admin = running.admin_addr().unwrap();
        Self { addr: running.addr(), admin, time, lines, _running: running, agent }
    }

    pub(crate) fn now(&self) -> i64 {
        self.time.load(Ordering::SeqCst)
    }

    pub(crate) fn advance(&self, seconds: i64) {
        self.time.fetch_add(seconds, Ordering::SeqCst);
    }

    /// The headers that a call needs, besides `Host`.
    pub(crate) fn headers(&self, region: &str, action: &str, body: &[u8]) -> Vec<(&'static str, String)> {
        let host = self.addr.to_string();
        let signable = Signable::post(&host, body, Timestamp::from_unix(self.now()).unwrap());
        vec![
            ("content-type", "application/json".to_owned()),
            ("authorization", signable.authorization(&credentials())),
            ("x-tc-action", action.to_owned()),
            ("x-tc-version", VERSION.to_owned()),
            ("x-tc-timestamp", self.now().to_string()),
            ("x-tc-region", region.to_owned()),
            ("x-tc-language", "en-US".to_owned()),
        ]
    }

    /// Sends exactly these headers; checks everything that must be true of every answer.
    pub(crate) fn post(&self, headers: &[(&'static str, String)], body: &[u8]) -> Vec<u8> {
        let mut request = self.agent.post(format!("http://{}/", self.addr));
        for (name, value) in headers.iter().filter(|(_, value)| !value.is_empty()) {
            request = request.header(*name, value);
        }
        let mut response = request.send(body).unwrap();
        assert_eq!(response.status(), 200);
        assert_eq!(response.headers().get("content-type").unwrap(), "application/json");
        response.body_mut().read_to_vec().unwrap()
    }

    /// Calls any action with any body; returns the reply as JSON.
    pub(crate) fn raw(&self, region: &str, action: &str, body: &[u8]) -> Value {
        envelope(&self.post(&self.headers(region, action, body), body))
    }

    /// The code of a refusal, or `ok`.
    pub(crate) fn code(&self, region: &str, action: &str, body: &str) -> String {
        code_of(&self.raw(region, action, body.as_bytes()))
    }

    pub(crate) fn call<R: Request>(&self, region: &str, request: &R) -> Result<R::Reply, ServiceError> {
        let body = serde_json::to_vec(request).unwrap();
        let bytes = self.post(&self.headers(region, R::ACTION.as_str(), &body), &body);
        match parse_reply::<R::Reply>(&bytes).unwrap() {
            Reply::Success { value, .. } => Ok(value),
            Reply::Refused(error) => Err(error),
        }
    }

    /// Status and body of the reply to a signed request, or `None` if it did not arrive whole.
    pub(crate) fn http(&self, region: &str, action: &str, body: &str) -> Result<(u16, String), ureq::Error> {
        let agent = plain_agent();
        let mut request = agent.post(format!("http://{}/", self.addr));
        for (name, value) in self.headers(region, action, body.as_bytes()) {
            request = request.header(name, value);
        }
        let mut response = request.send(body)?;
        let bytes = response.body_mut().read_to_vec()?;
        Ok((response.status().as_u16(), String::from_utf8_lossy(&bytes).into_owned()))
    }

    /// Sends a request that the admin interface must accept.
    pub(crate) fn admin(&self, method: &str, path: &str, body: &Value) -> Value {
        let text = if body.is_null() { String::new() } else { body.to_string() };
        let (status, answer) = self.admin_raw(method, path, &text, None);
        assert_eq!(status, 200, "{method} {path}: {answer}");
        answer
    }

    /// Sends any request to the admin interface, written by hand.
    pub(crate) fn admin_raw(
        &self,
        method: &str,
        path: &str,
        body: &str,
        header: Option<(&str, &str)>,
    ) -> (u16, Value) {
        let addr = self.admin.to_string();
        let (name, value) = header.unwrap_or(("X", "y"));
        let host = if name == "Host" { String::new() } else { format!("Host: {addr}\r\n") };
        let mut stream = TcpStream::connect(self.admin).unwrap();
        let head = format!("{method} {path} HTTP/1.1\r\n{host}{name}: {value}\r\n");
        let tail = format!("Connection: close\r\nContent-Length: {}\r\n\r\n{body}", body.len());
        stream.write_all((head + &tail).as_bytes()).unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();
        let (head, body) = answer.split_once("\r\n\r\n").unwrap();
        (head[9..12].parse().unwrap(), serde_json::from_str(body).unwrap())
    }

    /// Writes bytes, and reads until the server has answered or closed the connection.
    pub(crate) fn raw_tcp(&self, bytes: &[u8]) -> String {
        let mut stream = TcpStream::connect(self.addr).unwrap();
        stream.set_read_timeout(Some(Duration::from_secs(600))).unwrap();
        let _ = stream.write_all(bytes);
        let mut answer = Vec::new();
        let mut chunk = [0; 4096];
        while let Ok(n @ 1..) = stream.read(&mut chunk) {
            answer.extend_from_slice(&chunk[..n]);
            if String::from_utf8_lossy(&answer).contains("RequestId") {
                break;
            }
        }
        String::from_utf8_lossy(&answer).into_owned()
    }

    pub(crate) fn create(&self, region: &str, key_type: Option<u64>) -> String {
        self.call(region, &create_request(&fresh_alias(), key_type)).unwrap().key_id
    }

    pub(crate) fn external(&self, region: &str) -> String {
        self.create(region, Some(KEY_TYPE_EXTERNAL))
    }

    pub(crate) fn describe(&self, region: &str, key_id: &str) -> KeyMetadata {
        let request = DescribeKeyRequest { key_id: key_id.to_owned(), member_account: None };
        self.call(region, &request).unwrap().key_metadata
    }

    pub(crate) fn fetch(
        &self,
        region: &str,
        key_id: &str,
        algorithm: WrappingAlgorithm,
    ) -> Result<GetParametersForImportReply, ServiceError> {
        let request = GetParametersForImportRequest {
            key_id: key_id.to_owned(),
            wrapping_algorithm: algorithm.as_str().to_owned(),
            wrapping_key_spec: WRAPPING_KEY_SPEC.to_owned(),
        };
        self.call(region, &request)
    }

    pub(crate) fn import(
        &self,
        region: &str,
        key_id: &str,
        wrapped: &[u8],
        token: &str,
        valid_to: Option<u64>,
    ) -> Result<(), ErrorCode> {
        let request = ImportKeyMaterialRequest {
            encrypted_key_material: BASE64_STANDARD.encode(wrapped).into(),
            import_token: token.into(),
            key_id: key_id.to_owned(),
            valid_to,
        };
        self.call(region, &request).map(|_| ()).map_err(|e| e.code)
    }

    pub(crate) fn delete(&self, region: &str, key_id: &str) -> Result<(), ErrorCode> {
        let request = DeleteImportedKeyMaterialRequest { key_id: key_id.to_owned() };
        self.call(region, &request).map(|_| ()).map_err(|e| e.code)
    }

    pub(crate) fn encrypt(&self, region: &str, key_id: &str, plaintext: &[u8]) -> Result<String, ErrorCode> {
        let request = EncryptRequest {
            key_id: key_id.to_owned(),
            plaintext: BASE64_STANDARD.encode(plaintext).into(),
            encryption_context: None,
        };
        self.call(region, &request).map(|reply| reply.ciphertext_blob).map_err(|e| e.code)
    }

    pub(crate) fn decrypt(&self, region: &str, blob: &str) -> Result<Vec<u8>, ErrorCode> {
        let request = DecryptRequest {
            ciphertext_blob: blob.to_owned(),
            encryption_context: None,
            encryption_public_key: None,
            encryption_algorithm: None,
        };
        let reply = self.call(region, &request).map_err(|e| e.code)?;
        Ok(BASE64_STANDARD.decode(reply.plaintext.expose()).unwrap())
    }
}

/// A new connection for each request, raw status codes, no retries.
fn plain_agent() -> ureq::Agent {
    ureq::Agent::config_builder()
        .proxy(None)
        .http_status_as_error(false)
        .timeout_global(Some(Duration::from_secs(600)))
        .build()
        .into()
}

pub(crate) fn create_request(alias: &str, key_type: Option<u64>) -> CreateKeyRequest {
    CreateKeyRequest {
        alias: alias.to_owned(),
        description: None,
        key_usage: None,
        key_type,
        tags: None,
        hsm_cluster_id: None,
    }
}

pub(crate) fn fresh_alias() -> String {
    static NEXT: AtomicU64 = AtomicU64::new(0);
    format!("key-{}", NEXT.fetch_add(1, Ordering::Relaxed))
}

/// Checks that the bytes are an envelope and returns its contents.
pub(crate) fn envelope(bytes: &[u8]) -> Value {
    let mut value: Value = serde_json::from_slice(bytes).unwrap();
    let response = value["Response"].take();
    let id = uuid::Uuid::parse_str(response["RequestId"].as_str().unwrap()).unwrap();
    assert_eq!(id.get_version_num(), 4);
    if let Some(error) = response.get("Error") {
        assert!(error["Code"].is_string() && error["Message"].is_string(), "{response}");
    }
    response
}

pub(crate) fn code_of(response: &Value) -> String {
    response.pointer("/Error/Code").and_then(Value::as_str).unwrap_or("ok").to_owned()
}

pub(crate) fn random(len: usize) -> Vec<u8> {
    let mut bytes = vec![0; len];
    SysRng.try_fill_bytes(&mut bytes).unwrap();
    bytes
}

/// Wraps as a station would.
pub(crate) fn wrap(algorithm: WrappingAlgorithm, public_key: &str, material: &[u8]) -> Vec<u8> {
    let der = BASE64_STANDARD.decode(public_key).unwrap();
    assert_eq!(der.len(), 294, "RSA 2048 with e = 65537");
    let key = PublicKey::from_public_key_der(&der).unwrap();
    match algorithm {
        WrappingAlgorithm::RsaesOaepSha256 => {
            key.encrypt(&mut SysRng, Oaep::<sha2::Sha256>::new(), material).unwrap()
        }
        WrappingAlgorithm::RsaesOaepSha1 => {
            key.encrypt(&mut SysRng, Oaep::<sha1::Sha1>::new(), material).unwrap()
        }
        WrappingAlgorithm::RsaesPkcs1V15 => wrap_pkcs1(&key, material),
    }
}

/// RSAES-PKCS1-V1_5-ENCRYPT by hand, independent of the emulator's code.
fn wrap_pkcs1(key: &PublicKey, material: &[u8]) -> Vec<u8> {
    let mut encoded = vec![0, 2];
    encoded.extend(random(256 - 3 - material.len()).iter().map(|b| b | 1));
    encoded.push(0);
    encoded.extend_from_slice(material);
    raw_rsa(key, &encoded)
}

pub(crate) fn raw_rsa(key: &PublicKey, encoded: &[u8]) -> Vec<u8> {
    let m = BoxedUint::from_be_slice(encoded, 2048).unwrap();
    rsa_encrypt(key, &m).unwrap().to_be_bytes().into_vec()
}
