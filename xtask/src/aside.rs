//! Runs an xtask command in parallel with others; its output goes to a file, which is shown at the end.

use std::fs::File;
use std::path::PathBuf;
use std::process::{Child, Stdio};
use std::time::Instant;

use crate::run::{self, Stop};

/// A command that was started.
pub(crate) struct Aside {
    words: String,
    child: Child,
    log: PathBuf,
    started: Instant,
}

impl Aside {
    /// Starts `cargo xtask WORDS`.
    pub(crate) fn start(words: &str) -> Result<Self, Stop> {
        let folder = run::target_dir().join("aside");
        run::create_folder(&folder)?;
        let log = folder.join(words.replace(' ', "-")).with_extension("log");
        let failed = |e: std::io::Error| Stop::failed(format!("cargo xtask {words}: {e}"));
        let own = std::env::current_exe().map_err(failed)?;
        let file = File::create(&log).map_err(failed)?;
        let mut command = run::command(&own.to_string_lossy(), words.split(' '));
        command.stdin(Stdio::null()).stdout(file.try_clone().map_err(failed)?).stderr(file);
        let child = command.spawn().map_err(failed)?;
        Ok(Self { words: words.to_owned(), child, log, started: Instant::now() })
    }

    /// Waits for its end and shows its output. Returns what it had to skip.
    pub(crate) fn finish(mut self) -> Result<Option<String>, Stop> {
        let failed = |e: std::io::Error| Stop::failed(format!("cargo xtask {}: {e}", self.words));
        let status = self.child.wait().map_err(failed)?;
        let said = std::fs::read(&self.log).map_err(failed)?;
        let said = String::from_utf8_lossy(&said);
        print!("{said}");
        let took = self.started.elapsed().as_secs_f64();
        println!("   cargo xtask {} ended {took:.1} s after its start at the latest", self.words);
        if !status.success() {
            return Err(Stop::failed(format!("failed: cargo xtask {} ({status})", self.words)));
        }
        let skipped: Vec<_> = said.lines().filter_map(|line| line.strip_prefix("skipped: ")).collect();
        Ok((!skipped.is_empty()).then(|| skipped.join("; ")))
    }
}

impl Drop for Aside {
    /// Ends the command when another step failed, so that nothing continues after the message.
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
