//! `cargo xtask rehearse`: the programs as they ship, then the whole ceremony with them.

use crate::run::{self, Steps, Stop};
use crate::ship;

pub(crate) fn rehearse(args: &[String]) -> Result<(), Stop> {
    let mut steps = Steps::new();
    steps.step("programs as they ship", || ship::ship(&[]))?;
    let program = ship::folder().join("keyferry");
    let mut line = vec!["rehearse".into()];
    if !args.iter().any(|a| a == "--out" || a.starts_with("--out=")) {
        let folder = if args.iter().any(|a| a == "--qr") { "rehearsal-qr" } else { "rehearsal" };
        line.extend(["--out".into(), run::target_dir().join(folder).into_os_string()]);
    }
    line.extend(args.iter().map(Into::into));
    steps.step("rehearsal", || run::check(&mut run::command(&program.display().to_string(), line)))?;
    steps.summary();
    Ok(())
}
