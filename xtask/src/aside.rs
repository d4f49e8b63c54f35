//! A command of xtask run next to others: its output goes to a file, which is shown when somebody waits for it.

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

    /// Waits for its end, and shows what it said.
    pub(crate) fn finish(mut self) -> Result<(), Stop> {
        let failed = |e: std::io::Error| Stop::failed(format!("cargo xtask {}: {e}", self.words));
        let status = self.child.wait().map_err(failed)?;
        print!("{}", String::from_utf8_lossy(&std::fs::read(&self.log).map_err(failed)?));
        println!(
            "   cargo xtask {} ended {:.1} s after its start",
            self.words,
            self.started.elapsed().as_secs_f64()
        );
        if status.success() {
            Ok(())
        } else {
            Err(Stop::failed(format!("failed: cargo xtask {} ({status})", self.words)))
        }
    }
}

impl Drop for Aside {
    /// When another step failed: nothing goes on behind the message.
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
