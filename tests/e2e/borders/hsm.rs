//! Cells of the HSM station: `wrap` with a token of our own, and `rewrap` with SoftHSM, which keeps a key between two runs.

use std::fs;
use std::path::{Path, PathBuf};

use keyferry_core::{Control, Parameters, Purpose, Timestamp, artefact};

use super::offline::rewrite_purpose;
use super::rows::Cmd;
use super::scene::{grows, names, refused};
use crate::hsm::again::{Kept, SO_PIN, TRUSTED};
use crate::hsm::token::{Ceremony, OAEP};
use crate::hsm::{Maker, PIN, softhsm};
use crate::support::*;

/// A folder in which the command can run.
enum Place {
    Wrap(Box<Ceremony>),
    Rewrap { kept: Box<Kept>, maker: Maker, _tokens: tempfile::TempDir },
}

impl Place {
    /// `None` if a module is missing, which has already been reported.
    fn of(cmd: Cmd) -> Option<Self> {
        if cmd.word() == "wrap" {
            return Some(Self::Wrap(Box::new(Ceremony::new(OAEP)?)));
        }
        let tokens = tempfile::tempdir().unwrap();
        let maker = softhsm(tokens.path())?;
        let kept = Kept::hold(&maker, &["--trusted"], &format!("Yes\n{SO_PIN}\n{PIN}\n"));
        Some(Self::Rewrap { kept: Box::new(kept), maker, _tokens: tokens })
    }

    fn run(&self) -> Run {
        match self {
            Self::Wrap(ceremony) => ceremony.wrap("", "Yes\n", &[]),
            Self::Rewrap { kept, maker, .. } => kept.rewrap(maker, &TRUSTED),
        }
    }

    fn medium(&self, name: &str) -> PathBuf {
        match self {
            Self::Wrap(ceremony) => ceremony.room.path("medium").join(name),
            Self::Rewrap { kept, .. } => kept.ceremony.medium(name),
        }
    }

    /// A bad file is refused before a PIN is asked for, and nothing on the medium changes.
    fn refuses(&self, path: &Path, bad: &[u8], controls: &[Control]) {
        let good = fs::read(path).unwrap();
        assert_ne!(good, bad);
        fs::write(path, bad).unwrap();
        let folder = self.medium("");
        let seen = || -> Vec<_> {
            names(&folder).into_iter().map(|name| (fs::read(folder.join(&name)).unwrap(), name)).collect()
        };
        let before = seen();
        let run = self.run();
        refused(&run, controls);
        assert!(!run.err.contains("PIN of token"), "a PIN was asked for: {}", run.err);
        assert_eq!(seen(), before);
        fs::write(path, good).unwrap();
    }
}

/// Edited parameters are refused; good ones are accepted.
fn parameters(cmd: Cmd, control: Control, edits: &[&dyn Fn(&mut Parameters)]) {
    let Some(place) = Place::of(cmd) else { return };
    let path = place.medium("parameters.json");
    for edit in edits {
        let (mut parameters, _) = artefact::parse::<Parameters>(&fs::read(&path).unwrap()).unwrap();
        edit(&mut parameters);
        place.refuses(&path, &artefact::to_bytes(&parameters).unwrap(), &[control]);
    }
    place.run().ok();
}

pub(super) fn parameters_purpose(cmd: Cmd) {
    parameters(cmd, Control::PARAM_PURPOSE, &[&|p| p.purpose = Purpose::Production]);
}

/// Expired, and valid for longer than the service's limit.
pub(super) fn parameters_expiry(cmd: Cmd) {
    let far: Timestamp = "9999-01-01T00:00:00Z".parse().unwrap();
    let expire = |p: &mut Parameters, at: Timestamp| p.keys.iter_mut().for_each(|k| k.expires_at = Some(at));
    let edits: [&dyn Fn(&mut Parameters); 2] = [&|p| expire(p, later(-4000)), &|p| expire(p, far)];
    parameters(cmd, Control::PARAM_EXPIRED, &edits);
}

pub(super) fn parameters_provider(cmd: Cmd) {
    let Some(place) = Place::of(cmd) else { return };
    let path = place.medium("parameters.json");
    let text = fs::read_to_string(&path).unwrap();
    let other = text.replacen("\"provider\": \"tencent\"", "\"provider\": \"other\"", 1);
    place.refuses(&path, other.as_bytes(), &[Control::ART_FIELDS]);
    place.run().ok();
}

/// The record that says what the token must hold is a production record.
pub(super) fn earlier_purpose(cmd: Cmd) {
    let Some(place) = Place::of(cmd) else { return };
    let record = place.medium("../archive/transcript.jsonl");
    let good = fs::read(&record).unwrap();
    rewrite_purpose(&record);
    let bad = fs::read(&record).unwrap();
    fs::write(&record, good).unwrap();
    place.refuses(&record, &bad, &[Control::PARAM_PURPOSE]);
    place.run().ok();
}

pub(super) fn record_lines(cmd: Cmd) {
    let Some(place) = Place::of(cmd) else { return };
    grows(&place.medium("transcript.jsonl"), || place.run());
}
