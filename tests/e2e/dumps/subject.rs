//! The programs under test, each at a prompt with a secret in its memory, and the control.

use std::fs;
use std::io::{Read, Write};
use std::os::unix::fs::{FileExt, PermissionsExt};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};

use keyferry_core::{Fingerprint, WrappingAlgorithm};
use nix::unistd::geteuid;

use crate::support::{KEY_ID, Room, SECRET_ID, SECRET_KEY, bin_dir, plan_text, run};

/// The secret in the environment of every program, and so on its stack.
pub(super) const PLANTED: &str = "b51c6d0e9f7a4823PLANTEDb51c6d0e9f7a4823";
/// The unprivileged user.
pub(super) const NOBODY: u32 = 65534;

/// Allows core files as large as the system permits, then becomes the program; root runs this as the
/// unprivileged user.
const SHELL: &str = "ulimit -c \"$(ulimit -H -c)\"; exec \"$@\" 2>&1";

pub(super) fn contains(bytes: &[u8], needle: &[u8]) -> bool {
    memchr::memmem::find(bytes, needle).is_some()
}

/// A program that waits.
pub(super) struct Subject {
    pub(super) name: &'static str,
    pub(super) secrets: Vec<Vec<u8>>,
    child: Child,
}

impl Subject {
    pub(super) fn pid(&self) -> u32 {
        self.child.id()
    }

    pub(super) fn end(&mut self) {
        let _ = self.child.kill();
        self.child.wait().unwrap();
    }

    /// Ends it as a crash would.
    pub(super) fn abort(&mut self) -> ExitStatus {
        let pid = self.pid().to_string();
        assert!(Command::new("kill").args(["-ABRT", &pid]).status().unwrap().success());
        self.child.wait().unwrap()
    }

    /// Whether the secrets are in its memory, if this process may look there, which only root may.
    pub(super) fn remembers(&self) -> bool {
        let maps = fs::read_to_string(format!("/proc/{}/maps", self.pid()));
        let mem = fs::File::open(format!("/proc/{}/mem", self.pid()));
        let (Ok(maps), Ok(mem)) = (maps, mem) else { return true };
        let mut left = self.secrets.clone();
        for line in maps.lines().filter(|l| l.split(' ').nth(1).is_some_and(|p| p.starts_with("rw"))) {
            let (from, to) = line.split(' ').next().unwrap().split_once('-').unwrap();
            let [from, to] = [from, to].map(|n| u64::from_str_radix(n, 16).unwrap());
            let mut bytes = vec![0; usize::try_from(to - from).unwrap()];
            if mem.read_exact_at(&mut bytes, from).is_ok() {
                left.retain(|secret| !contains(&bytes, secret));
            }
        }
        left.is_empty()
    }
}

impl Drop for Subject {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// A folder in which the programs' user may write, with copies of the programs.
pub(super) struct Stage {
    dir: tempfile::TempDir,
}

impl Stage {
    pub(super) const PROGRAMS: usize = 6;
    /// For each program, a command that would do some work.
    pub(super) const COMMANDS: [(&'static str, &'static [&'static str]); 5] = [
        ("keyferry-offline", &["self"]),
        ("keyferry-online", &["status", "--all-regions"]),
        ("keyferry-scan", &["-"]),
        ("keyferry-hsm", &["inspect", "--module", "none"]),
        ("keyferry", &["verify", "."]),
    ];

    pub(super) fn new() -> Self {
        let dir = tempfile::tempdir().unwrap();
        fs::set_permissions(dir.path(), fs::Permissions::from_mode(0o755)).unwrap();
        let this = Self { dir };
        fs::create_dir(this.dir.path().join("programs")).unwrap();
        for (name, _) in Self::COMMANDS {
            let _ = fs::hard_link(bin_dir().join(name), this.path(name))
                .or_else(|_| fs::copy(bin_dir().join(name), this.path(name)).map(drop));
        }
        fs::create_dir(this.room()).unwrap();
        this.give();
        this
    }

    pub(super) fn path(&self, program: &str) -> PathBuf {
        self.dir.path().join("programs").join(program)
    }

    fn room(&self) -> PathBuf {
        self.dir.path().join("room")
    }

    /// Makes the programs' user the owner of the room and its contents.
    fn give(&self) {
        if geteuid().is_root() {
            let owner = format!("{NOBODY}:{NOBODY}");
            assert!(Command::new("chown").args(["-R", &owner]).arg(self.room()).status().unwrap().success());
        }
    }

    fn command(&self, program: &Path, args: &[&str]) -> Command {
        let mut command = if geteuid().is_root() {
            let mut setpriv = Command::new("setpriv");
            let (user, group) = (format!("--reuid={NOBODY}"), format!("--regid={NOBODY}"));
            setpriv.args([&user, &group, "--clear-groups", "--", "sh"]);
            setpriv
        } else {
            Command::new("sh")
        };
        command.args(["-c", SHELL, "sh"]).arg(program).args(args).current_dir(self.room());
        command.env_clear().env("PATH", std::env::var_os("PATH").unwrap_or_default()).env("LANG", "C.UTF-8");
        command.env("PLANTED", PLANTED).env("XDG_STATE_HOME", self.room().join("state"));
        command.env("TENCENTCLOUD_SECRET_ID", SECRET_ID).env("TENCENTCLOUD_SECRET_KEY", SECRET_KEY);
        command
    }

    fn start(&self, name: &'static str, command: &mut Command) -> Subject {
        let child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
        Subject { name, secrets: vec![PLANTED.into()], child }
    }

    /// Starts it, types, and waits until it has printed `marker`, which comes after it has hardened
    /// itself.
    fn at_prompt(
        &self,
        name: &'static str,
        command: &mut Command,
        typed: &str,
        marker: &str,
    ) -> (Subject, String) {
        let mut subject = self.start(name, command);
        subject.child.stdin.as_mut().unwrap().write_all(typed.as_bytes()).unwrap();
        let (mut said, mut byte) = (Vec::new(), [0]);
        let out = subject.child.stdout.as_mut().unwrap();
        while !said.ends_with(marker.as_bytes()) {
            let n = out.read(&mut byte).unwrap();
            assert!(n == 1, "{name} ended: {}", String::from_utf8_lossy(&said));
            said.extend_from_slice(&byte);
        }
        (subject, String::from_utf8(said).unwrap())
    }

    /// The same secret and no protection.
    pub(super) fn control(&self) -> Subject {
        let cat = self.command(Path::new("cat"), &[]);
        self.at_prompt("cat", &mut { cat }, "here\n", "here\n").0
    }

    /// Every program at a prompt; the emulator serves the online station and comes last.
    pub(super) fn programs(&self) -> Vec<Subject> {
        let (emulator, endpoint) = self.emulator();
        vec![self.offline(), self.scan(), self.hsm(), self.sign(), self.import(&endpoint), emulator]
    }

    fn emulator(&self) -> (Subject, String) {
        let args =
            ["emulate", "--listen", "127.0.0.1:0", "--secret-id", SECRET_ID, "--secret-key", SECRET_KEY];
        let mut command = self.command(&self.path("keyferry"), &args);
        let (mut emulator, said) = self.at_prompt("keyferry emulate", &mut command, "", "http://127.0.0.1:");
        let (mut port, mut byte) = (String::new(), [0]);
        while emulator.child.stdout.as_mut().unwrap().read(&mut byte).unwrap() == 1
            && byte[0].is_ascii_digit()
        {
            port.push(char::from(byte[0]));
        }
        emulator.secrets.push(SECRET_KEY.into());
        let at = said.rfind("http").unwrap();
        (emulator, format!("{}{port}", &said[at..]))
    }

    /// A contribution to entropy was typed, and the program now asks for dice.
    fn offline(&self) -> Subject {
        let args =
            ["generate", "--bits", "256", "--entropy", "text", "--entropy", "dice", "--out", "material"];
        let mut command = self.command(&self.path("keyferry-offline"), &args);
        let typed = "a line that nobody else could have thought of\n";
        self.at_prompt("keyferry-offline", &mut command, typed, "empty line ends the input.").0
    }

    /// Half a picture was read: more than a pipe holds, so the program must be reading it.
    fn scan(&self) -> Subject {
        let mut command = self.command(&self.path("keyferry-scan"), &["-"]);
        let mut subject = self.start("keyferry-scan", &mut command);
        let stdin = subject.child.stdin.as_mut().unwrap();
        stdin.write_all(b"YUV4MPEG2 W1000 H1000 F1:1 Cmono\nFRAME\n").unwrap();
        stdin.write_all(&[0; 500_000]).unwrap();
        subject
    }

    /// The program asks about the words of the parameters; meanwhile the module's process waits, and nothing is
    /// loaded yet.
    fn hsm(&self) -> Subject {
        let module = b"a file that is never loaded";
        let table = format!("[hsm]\nmodule_sha256 = \"{}\"\ntoken = \"ceremony\"\n", Fingerprint::of(module));
        let keys = [("one", "ap-singapore", Some(KEY_ID))];
        let room = Room::with_plan(&(plan_text("rehearsal", WrappingAlgorithm::default(), &keys) + &table));
        let here = self.room().join("hsm");
        fs::create_dir(&here).unwrap();
        fs::write(here.join("module.so"), module).unwrap();
        fs::copy(room.path("plan.toml"), here.join("plan.toml")).unwrap();
        fs::copy(room.path("medium/parameters.json"), here.join("parameters.json")).unwrap();
        self.give();
        let line = "wrap --plan hsm/plan.toml --parameters hsm/parameters.json --out hsm --module hsm/module.so \
                    --token-label ceremony";
        let args: Vec<_> = line.split_whitespace().collect();
        let mut wrap = self.command(&self.path("keyferry-hsm"), &args);
        self.at_prompt("keyferry-hsm", &mut wrap, "", "type Yes:").0
    }

    /// A private key file was read; the program asks for its passphrase.
    fn sign(&self) -> Subject {
        let (record, _) = crate::support::record::ceremony();
        let copied =
            Command::new("cp").arg("-r").arg(record.record()).arg(self.room().join("record")).status();
        assert!(copied.unwrap().success());
        let _ = fs::remove_dir_all(self.room().join("record/signatures"));
        let key = self.room().join("key");
        fs::copy(record.path("operator"), &key).unwrap();
        let mut encrypt = Command::new("ssh-keygen");
        encrypt.args(["-q", "-p", "-N", "open sesame", "-f"]).arg(&key).stdout(Stdio::null());
        assert!(encrypt.status().unwrap().success());
        let text = fs::read_to_string(&key).unwrap();
        self.give();
        let mut command = self.command(&self.path("keyferry"), &["sign", "record", "--key", "key"]);
        let typed = "Yes\n"; // the answer to the question about the head
        let mut subject = self.at_prompt("keyferry sign", &mut command, typed, "Passphrase of key:").0;
        subject.secrets.push(text.lines().nth(3).unwrap().into());
        subject
    }

    /// Token and secret key are in memory; the program asks about the words of the ciphertext.
    fn import(&self, endpoint: &str) -> Subject {
        let keys = [("one", "ap-singapore", None)];
        let plan = plan_text("rehearsal", WrappingAlgorithm::default(), &keys);
        fs::write(self.room().join("draft.toml"), plan).unwrap();
        fs::create_dir(self.room().join("medium")).unwrap();
        self.give();
        let command = |program: &str, line: &str| {
            let args: Vec<_> = line.split(' ').collect();
            let mut command = self.command(&self.path(program), &args);
            command.env("KEYFERRY_ENDPOINT", endpoint);
            command
        };
        run(&mut command("keyferry-online", "create-key --plan draft.toml --out plan.toml")).ok();
        run(&mut command("keyferry-online", "export --plan plan.toml --out medium --session session.json"))
            .ok();
        let wrap = "wrap --plan plan.toml --parameters medium/parameters.json --out medium";
        run(&mut command("keyferry-offline", wrap)).ok();
        let session = fs::read(self.room().join("session.json")).unwrap();
        let session: serde_json::Value = serde_json::from_slice(&session).unwrap();
        let mut import =
            command("keyferry-online", "import --session session.json --ciphertext medium/ciphertext.json");
        let mut subject = self.at_prompt("keyferry-online", &mut import, "", "type Yes:").0;
        subject.secrets.extend([token(&session), SECRET_KEY.into()]);
        subject
    }

    /// Removes the core files and returns their bytes.
    pub(super) fn cores(&self) -> Vec<Vec<u8>> {
        let names = fs::read_dir(self.room()).unwrap().map(|entry| entry.unwrap());
        let names = names.filter(|entry| entry.file_name().to_string_lossy().starts_with("core"));
        let take = |entry: fs::DirEntry| {
            let bytes = fs::read(entry.path()).unwrap();
            fs::remove_file(entry.path()).unwrap();
            bytes
        };
        names.map(take).collect()
    }
}

/// The first import token of a session, wherever it is.
fn token(session: &serde_json::Value) -> Vec<u8> {
    match session {
        serde_json::Value::Object(members) => match members.get("import_token") {
            Some(token) => token.as_str().unwrap().into(),
            None => members.values().map(token).find(|t| !t.is_empty()).unwrap_or_default(),
        },
        serde_json::Value::Array(items) => {
            items.iter().map(token).find(|t| !t.is_empty()).unwrap_or_default()
        }
        _ => Vec::new(),
    }
}
