//! The files of an online station that has fetched its parameters, made with the emulator on this computer.

use std::path::Path;
use std::time::SystemTime;

use super::super::super::{boot, sticks, verdict};
use crate::run::{self, Stop};
use crate::{emulator, test_build};

const PLAN: &str = "format = \"keyferry/plan/2\"\nceremony = \"media-1\"\npurpose = \"rehearsal\"\n\
    [[participant]]\nname = \"Ada\"\nrole = \"operator\"\n[[participant]]\nname = \"Bo\"\nrole = \"witness\"\n\
    [[key]]\nalias = \"master\"\nprovider = \"tencent\"\nregion = \"ap-singapore\"\nvalid_to = \"never\"\n\
    [backup]\nscheme = \"none\"\nreason = \"a test of the medium\"\n";

/// The files below `/station` in the guest, and the script line that sets the time.
pub(super) fn fetched() -> Result<(Vec<boot::GuestFile>, String), Stop> {
    let folder = boot::prepare("media-station")?;
    run::create_folder(&folder.join("medium"))?;
    let write = |name: &str, text: &str| std::fs::write(folder.join(name), text);
    write("draft.toml", PLAN).map_err(|e| Stop::failed(e.to_string()))?;
    emulator::with(&folder, |[port, _]| export(&folder, port))?;
    let mut files = Vec::new();
    for name in ["plan.toml", "session.json", "journal"] {
        take(&folder, name, &mut files)?;
    }
    let now = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).map_or(0, |now| now.as_secs());
    Ok((files, format!("now={now}\n")))
}

fn export(folder: &Path, port: &str) -> Result<(), Stop> {
    let online = test_build::programs()?.join("keyferry-online");
    let create: &[&str] = &["create-key", "--plan", "draft.toml", "--out", "plan.toml"];
    let export = &["export", "--plan", "plan.toml", "--out", "medium", "--session", "session.json"];
    for (args, plan) in [(create, "draft.toml"), (export, "plan.toml")] {
        let mut command = run::command(&online.to_string_lossy(), args);
        let compared = verdict::sha256(&sticks::read(&folder.join(plan))?);
        command.args(["--expect-plan", &compared, "--journal", "journal"]).current_dir(folder);
        command.env("KEYFERRY_ENDPOINT", format!("http://127.0.0.1:{port}"));
        run::output(
            command.env("TENCENTCLOUD_SECRET_ID", "AKIDtest").env("TENCENTCLOUD_SECRET_KEY", "secret"),
        )?;
    }
    Ok(())
}

/// A file, or everything in a folder.
fn take(folder: &Path, name: &str, files: &mut Vec<boot::GuestFile>) -> Result<(), Stop> {
    let path = folder.join(name);
    if !path.is_dir() {
        files.push((format!("station/{name}"), sticks::read(&path)?));
        return Ok(());
    }
    let entries = std::fs::read_dir(&path).map_err(|e| Stop::failed(format!("{}: {e}", path.display())))?;
    for entry in entries.flatten() {
        take(folder, &format!("{name}/{}", entry.file_name().to_string_lossy()), files)?;
    }
    Ok(())
}
