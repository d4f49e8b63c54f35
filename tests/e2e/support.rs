//! What the end-to-end tests share: the real binaries, a running emulator, a ceremony folder.
#![allow(dead_code, unreachable_pub)]
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

mod older_kernel;
pub mod script;

use std::ffi::OsStr;
use std::io::{BufRead, BufReader, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::OnceLock;

use keyferry_core::provider::tencent::RSA_2048;
use keyferry_core::*;
#[allow(unused_imports)] // not every test program uses this
pub use older_kernel::{Without, without};
use zeroize::Zeroizing;

/// The secret key that the emulator and the online station share in tests.
pub const SECRET_ID: &str = "AKIDtestTESTtest0001";
pub const SECRET_KEY: &str = "SECRETKEYsecretkeySECRETKEY00001";
/// An RSA-2048 public key made by OpenSSL, and its private key.
pub const SPKI: &[u8] = include_bytes!("../data/rsa2048.der");
pub const PRIVATE_PEM: &str = include_str!("../data/rsa2048.private.pem");

/// The folder of the programs under test: the one that `KEYFERRY_PROGRAMS` names, else the stations are built once, each on its own.
pub fn bin_dir() -> &'static Path {
    static DIR: OnceLock<PathBuf> = OnceLock::new();
    DIR.get_or_init(|| {
        if let Some(folder) = std::env::var_os("KEYFERRY_PROGRAMS") {
            return folder.into();
        }
        let dir = Path::new(env!("CARGO_BIN_EXE_keyferry")).parent().unwrap();
        for package in ["keyferry-offline", "keyferry-online"] {
            build(package, dir);
        }
        dir.to_path_buf()
    })
}

/// Builds a program alone, into the folder that cargo names for its profile.
pub fn build(package: &str, dir: &Path) {
    let mut build = Command::new(env!("CARGO"));
    build.args(["build", "--quiet", "--package", package, "--bins", "--target-dir"]);
    build.arg(dir.parent().unwrap());
    if dir.ends_with("release") {
        build.arg("--release");
    }
    let status = build.current_dir(env!("CARGO_MANIFEST_DIR")).status().unwrap();
    assert!(status.success(), "cargo build -p {package}");
}

pub fn program(name: &str) -> Command {
    let mut command = Command::new(bin_dir().join(name));
    // Only what a test sets: no credentials, endpoint or locale from the developer's shell.
    command.env_clear().env("PATH", std::env::var_os("PATH").unwrap_or_default()).env("LANG", "C.UTF-8");
    command
}

/// Writes a program with these bytes. Returns when it can be started: a process that another test is just starting may hold a
/// copy of the descriptor through which it was written, and until that is closed, the kernel refuses to run the file (ETXTBSY).
pub fn executable(path: &Path, bytes: &[u8]) {
    use std::os::unix::fs::PermissionsExt;
    std::fs::write(path, bytes).unwrap();
    std::fs::set_permissions(path, std::fs::Permissions::from_mode(0o700)).unwrap();
    let starts = || Command::new(path).arg("--version").stdin(Stdio::null()).output();
    while starts().is_err_and(|e| e.kind() == std::io::ErrorKind::ExecutableFileBusy) {
        std::thread::yield_now();
    }
}

/// A file that only its owner can read and write, as required for every secret input.
pub fn write_private(path: &Path, bytes: &[u8]) {
    use std::os::unix::fs::{OpenOptionsExt, PermissionsExt};
    let mut options = std::fs::OpenOptions::new();
    let mut file = options.write(true).create(true).truncate(true).mode(0o600).open(path).unwrap();
    file.set_permissions(std::fs::Permissions::from_mode(0o600)).unwrap();
    file.write_all(bytes).unwrap();
}

/// A finished run.
#[derive(Debug)]
pub struct Run {
    pub code: Option<i32>,
    pub out: String,
    pub err: String,
}

impl Run {
    /// Checks that the run ended with this exit code and refusal.
    #[track_caller]
    pub fn refused(&self, code: i32, control: Control) -> &Self {
        assert_eq!(self.code, Some(code), "{self:?}");
        assert!(self.err.contains(&format!("[{control}]")), "expected {control} in {}", self.err);
        assert!(self.err.contains("hint: "), "{}", self.err);
        self
    }

    #[track_caller]
    pub fn ok(&self) -> &Self {
        assert_eq!(self.code, Some(0), "{self:?}");
        self
    }

    /// Whether standard output or standard error shows the digest in hex, as people compare it.
    pub fn has_hex(&self, digest: &Fingerprint) -> bool {
        let grouped = digest.grouped();
        let (first, second) = grouped.split_at(40);
        let text = [&*self.out, &self.err].concat();
        text.lines()
            .zip(text.lines().skip(1))
            .any(|(one, next)| one.ends_with(&format!(" {}", first.trim_end())) && next.trim() == second)
    }

    /// Whether standard error shows all its words in this language, each with its number, on six consecutive lines.
    pub fn has_words(&self, digest: &Fingerprint, lang: Lang) -> bool {
        let lines: Vec<String> =
            self.err.lines().map(|l| l.split_whitespace().collect::<Vec<_>>().join(" ")).collect();
        let numbered: Vec<String> =
            (1..).zip(digest.words(lang)).map(|(n, word)| format!("{n} {word}")).collect();
        let rows: Vec<String> = numbered.chunks(4).map(|row| row.join(" ")).collect();
        lines
            .windows(rows.len())
            .any(|six| six.iter().zip(&rows).all(|(line, row)| line.contains(row.as_str())))
    }

    pub fn json(&self) -> serde_json::Value {
        serde_json::from_str(&self.out).unwrap_or_else(|e| panic!("{e}: {self:?}"))
    }
}

/// Runs to the end with `Yes` on standard input.
pub fn run(command: &mut Command) -> Run {
    run_with(command, "Yes\n")
}

pub fn run_with(command: &mut Command, input: &str) -> Run {
    let mut child =
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    let _ = child.stdin.take().unwrap().write_all(input.as_bytes());
    let output = child.wait_with_output().unwrap();
    Run {
        code: output.status.code(),
        out: String::from_utf8(output.stdout).unwrap(),
        err: String::from_utf8(output.stderr).unwrap(),
    }
}

/// The command as a script runs it: with the current digests and heads of its files, so that it asks nothing.
pub fn by_script(command: &mut Command) -> &mut Command {
    let folder = command.get_current_dir().unwrap_or(Path::new(".")).to_owned();
    let args: Vec<String> = command.get_args().map(|arg| arg.to_str().unwrap().to_owned()).collect();
    let args: Vec<&str> = args.iter().map(String::as_str).collect();
    command.args(script::answers(&args, &folder))
}

pub fn offline<I: AsRef<OsStr>>(args: impl IntoIterator<Item = I>) -> Command {
    let mut command = program("keyferry-offline");
    command.args(args);
    command
}

/// The journals of all rooms in one test program can share a folder, because each emulator makes its own key ids.
pub fn state_dir() -> &'static Path {
    static DIR: OnceLock<tempfile::TempDir> = OnceLock::new();
    DIR.get_or_init(|| tempfile::tempdir().unwrap()).path()
}

/// The online station with the test credentials.
pub fn online<I: AsRef<OsStr>>(args: impl IntoIterator<Item = I>, endpoint: &str) -> Command {
    let mut command = program("keyferry-online");
    command.env("XDG_STATE_HOME", state_dir());
    command.args(args).env("KEYFERRY_ENDPOINT", endpoint);
    command.env("TENCENTCLOUD_SECRET_ID", SECRET_ID).env("TENCENTCLOUD_SECRET_KEY", SECRET_KEY);
    command
}

/// `keyferry emulate` on a free port, with the test credentials.
pub fn emulate() -> Command {
    let mut command = program("keyferry");
    command.args([
        "emulate",
        "--listen",
        "127.0.0.1:0",
        "--secret-id",
        SECRET_ID,
        "--secret-key",
        SECRET_KEY,
    ]);
    command
}

/// `keyferry emulate` as its own process; killed on drop.
pub struct EmulatorProcess {
    child: Child,
    pub endpoint: String,
}

impl EmulatorProcess {
    pub fn start(more: &[&str]) -> Self {
        let mut command = emulate();
        command.args(more);
        if !more.contains(&"-v") {
            command.stderr(Stdio::null());
        }
        Self::of(command)
    }

    /// Starts it from a command that was prepared elsewhere; returns when it answers.
    pub fn of(mut command: Command) -> Self {
        let mut child = command.stdout(Stdio::piped()).spawn().unwrap();
        let mut ready = String::new();
        BufReader::new(child.stdout.as_mut().unwrap()).read_line(&mut ready).unwrap();
        let at = ready.find("http://").unwrap_or_else(|| panic!("not ready: {ready}"));
        Self { child, endpoint: ready[at..].trim().to_owned() }
    }
}

impl EmulatorProcess {
    /// The process id, for signals from other threads.
    pub fn pid(&self) -> u32 {
        self.child.id()
    }
}

impl Drop for EmulatorProcess {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// An endpoint where nothing listens: a program that sends a request gets KF-NET-02. A port that was free a moment ago is not enough,
/// because another program may have taken it since, or the client itself may use it.
pub fn dead_endpoint() -> String {
    "http://127.0.0.1:1".to_owned()
}

pub fn now() -> Timestamp {
    let seconds = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap().as_secs();
    Timestamp::from_unix(seconds as i64).unwrap()
}

pub fn later(seconds: i64) -> Timestamp {
    Timestamp::from_unix(now().unix() + seconds).unwrap()
}

/// A plan text with the given `(alias, region, key id)` entries.
pub fn plan_text(purpose: &str, algorithm: WrappingAlgorithm, keys: &[(&str, &str, Option<&str>)]) -> String {
    let mut text = format!(
        "format = \"keyferry/plan/2\"\nceremony = \"test-1\"\npurpose = \"{purpose}\"\nalgorithm = \"{algorithm}\"\n\
         [[participant]]\nname = \"Ada\"\nrole = \"operator\"\n[[participant]]\nname = \"Bo\"\nrole = \"witness\"\n"
    );
    for (alias, region, id) in keys {
        text += &format!(
            "[[key]]\nalias = \"{alias}\"\nprovider = \"tencent\"\nregion = \"{region}\"\nvalid_to = \"never\"\n"
        );
        if let Some(id) = id {
            text += &format!("key_id = \"{id}\"\n");
        }
    }
    text + "[backup]\nscheme = \"none\"\nreason = \"a test\"\n"
}

pub const KEY_ID: &str = "23e80852-1e38-11e9-b129-5cb9019b4b01";
pub const OTHER_KEY_ID: &str = "23e80852-1e38-11e9-b129-5cb9019b4b02";

/// A folder with a plan and its parameters, made without any online station.
pub struct Room {
    pub dir: tempfile::TempDir,
    pub plan: CeremonyPlan,
}

impl Room {
    pub fn new(purpose: &str, algorithm: WrappingAlgorithm) -> Self {
        Self::with_keys(purpose, algorithm, &[("master", "ap-singapore", Some(KEY_ID))])
    }

    pub fn with_keys(
        purpose: &str,
        algorithm: WrappingAlgorithm,
        keys: &[(&str, &str, Option<&str>)],
    ) -> Self {
        Self::with_plan(&plan_text(purpose, algorithm, keys))
    }

    pub fn with_plan(text: &str) -> Self {
        let dir = tempfile::tempdir().unwrap();
        std::fs::write(dir.path().join("plan.toml"), text).unwrap();
        std::fs::create_dir(dir.path().join("medium")).unwrap();
        let room = Self { dir, plan: CeremonyPlan::parse(text.as_bytes()).unwrap() };
        room.write_parameters(|_| ());
        room
    }

    pub fn path(&self, name: &str) -> PathBuf {
        self.dir.path().join(name)
    }

    /// Writes `medium/parameters.json`, changed by `edit`.
    pub fn write_parameters(&self, edit: impl Fn(&mut Parameters)) {
        let keys = self.plan.keys().iter().map(|key| ParameterEntry {
            alias: key.alias.clone(),
            provider: Provider::TENCENT,
            region: key.region.clone(),
            key_id: key.key_id().unwrap().clone(),
            kind: key.kind(),
            algorithm: self.plan.algorithm(),
            wrapping_key_spec: &RSA_2048,
            public_key: Base64Bytes::from(SPKI),
            import_token_sha256: Some(token().digest()),
            expires_at: Some(later(86_400)),
        });
        let mut parameters = Parameters::new(&self.plan, now(), keys.collect()).unwrap();
        edit(&mut parameters);
        let bytes = artefact::to_bytes(&parameters).unwrap();
        std::fs::write(self.path("medium/parameters.json"), &*bytes).unwrap();
    }

    /// A session that fits `medium/parameters.json`, and the journal of a station that exported it.
    pub fn write_session(&self, endpoint: &str) {
        let bytes = std::fs::read(self.path("medium/parameters.json")).unwrap();
        let (parameters, _) = artefact::parse::<Parameters>(&bytes).unwrap();
        parameters.keys.iter().for_each(|key| self.write_journal(key));
        let secrets = parameters.keys.iter().map(|k| SessionEntry {
            key_id: k.key_id.clone(),
            valid_to: ValidTo::Never,
            import_token: Some(token()),
        });
        let secrets = secrets.collect();
        let session = Session::new(endpoint.into(), parameters, secrets).unwrap();
        std::fs::write(self.path("session.json"), &**artefact::to_bytes(&session).unwrap()).unwrap();
        std::process::Command::new("chmod").arg("600").arg(self.path("session.json")).status().unwrap();
    }

    /// The journal as an export leaves it.
    fn write_journal(&self, key: &ParameterEntry) {
        use std::os::unix::fs::{DirBuilderExt, PermissionsExt};
        let folder = self.path("state/keyferry/journal").join(key.region.as_str());
        std::fs::DirBuilder::new().recursive(true).mode(0o700).create(&folder).unwrap();
        let (region, id, ceremony) = (&key.region, &key.key_id, self.plan.ceremony());
        let (token, expires_at) = (key.import_token_sha256.unwrap(), key.expires_at.unwrap());
        let text = format!(
            "{{\"format\":\"keyferry/journal/1\",\"region\":\"{region}\",\"key_id\":\"{id}\"}}\n\
             {{\"seq\":0,\"at\":\"{}\",\"happened\":{{\"kind\":\"fetched\",\"ceremony\":\"{ceremony}\",\
             \"import_token_sha256\":\"{token}\",\"expires_at\":\"{expires_at}\"}}}}\n",
            now(),
        );
        let path = folder.join(format!("{id}.jsonl"));
        std::fs::write(&path, text).unwrap();
        std::fs::set_permissions(&path, PermissionsExt::from_mode(0o600)).unwrap();
    }

    pub fn wrap(&self, more: &[&str]) -> Command {
        let mut command = offline(["wrap", "--plan", "plan.toml", "--parameters", "medium/parameters.json"]);
        command.args(["--out", "medium"]).args(more).current_dir(self.dir.path());
        command
    }

    pub fn inspect(&self) -> Command {
        let mut command =
            offline(["inspect", "--plan", "plan.toml", "--parameters", "medium/parameters.json"]);
        command.current_dir(self.dir.path());
        command
    }

    pub fn import(&self, endpoint: &str) -> Command {
        let mut command = online(["import", "--session", "session.json"], endpoint);
        command.args(["--ciphertext", "medium/ciphertext.json"]).current_dir(self.dir.path());
        command
    }

    /// `import` with the room's own journal, because rooms without an emulator have the same key ids, and only one command at a time
    /// can use a journal.
    pub fn import_apart(&self, endpoint: &str) -> Command {
        let mut command = self.import(endpoint);
        command.env("XDG_STATE_HOME", self.path("state"));
        command
    }

    pub fn ciphertext(&self) -> (Ciphertext, Fingerprint) {
        artefact::parse(&std::fs::read(self.path("medium/ciphertext.json")).unwrap()).unwrap()
    }

    /// The names on the medium, including hidden ones.
    pub fn medium(&self) -> Vec<String> {
        let mut names: Vec<_> = std::fs::read_dir(self.path("medium"))
            .unwrap()
            .map(|e| e.unwrap().file_name().into_string().unwrap())
            .collect();
        names.sort();
        names
    }
}

/// The command in its own empty network namespace, after `prepare` (a shell line) was run there; `None` if the system permits
/// no namespaces.
pub fn isolated(prepare: &str, command: &Command) -> Option<Command> {
    static PREFIX: OnceLock<Option<&[&str]>> = OnceLock::new();
    let prefix = (*PREFIX.get_or_init(|| {
        let prefixes: [&[&str]; 2] = [&["--net", "--"], &["--user", "--map-root-user", "--net", "--"]];
        let works = |p: &&[&str]| {
            Command::new("unshare").args(*p).arg("true").output().is_ok_and(|o| o.status.success())
        };
        prefixes.into_iter().find(works)
    }))?;
    let mut isolated = program("keyferry-offline");
    let mut inner = Command::new("unshare");
    inner.args(prefix).args(["sh", "-c", &format!("set -e; {prepare}\nexec \"$@\""), "sh"]);
    inner.arg(command.get_program()).args(command.get_args());
    let set = isolated.get_envs().chain(command.get_envs());
    inner.env_clear().envs(set.filter_map(|(k, v)| v.map(|v| (k, v))));
    if let Some(folder) = command.get_current_dir() {
        inner.current_dir(folder);
    }
    std::mem::swap(&mut isolated, &mut inner);
    Some(isolated)
}

pub fn token() -> ImportToken {
    ImportToken::new(Zeroizing::new("TOKENtokenTOKENtoken/SECRET+0001".into())).unwrap()
}

/// Runs OpenSSL's command line, which must succeed; returns its output.
pub fn openssl(args: &[&str], dir: &Path) {
    let output = Command::new("openssl").args(args).current_dir(dir).output().expect("openssl is installed");
    assert!(output.status.success(), "openssl {args:?}: {}", String::from_utf8_lossy(&output.stderr));
}

pub mod admin;
pub mod kill_at;
pub mod kms;
pub mod many;
pub mod record;
pub mod shares;
