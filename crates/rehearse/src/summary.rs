//! The results of a rehearsal: on the screen, as `summary.json` and as `summary.md`.

use std::fmt::Write;
use std::path::Path;
use std::time::Duration;

use keyferry_core::{
    Alias, Bilingual, Explain, Fingerprint, Kcv, KeyId, MaterialLength, Region, Timestamp, ValidTo,
    WrappingAlgorithm, bi,
};
use keyferry_transport::{Access, Console, write_new};
use serde::Serialize;
use serde_json::Value;

use super::RehearseError;
use super::programs::{Isolation, Program};
use super::qr::Crossed;
use super::station::Stations;

/// The result for one key.
#[derive(Debug, Serialize)]
pub(super) struct KeyResult {
    pub(super) alias: Alias,
    pub(super) key_id: Option<KeyId>,
    pub(super) region: Region,
    pub(super) bits: MaterialLength,
    pub(super) algorithm: WrappingAlgorithm,
    /// The state at the service, at the end.
    pub(super) state: String,
    /// Whether the record says that the key encrypted and decrypted after the import.
    pub(super) round_trip: bool,
    pub(super) kcv: Option<Kcv>,
    /// Whether the plan requires a check value.
    #[serde(skip)]
    pub(super) has_kcv: bool,
    pub(super) valid_to: ValidTo,
}

impl KeyResult {
    fn is_good(&self) -> bool {
        self.state == "Enabled" && self.round_trip && self.kcv.is_some() == self.has_kcv
    }

    fn cells(&self) -> [String; 7] {
        [
            self.alias.to_string(),
            self.region.to_string(),
            self.bits.bits().to_string(),
            self.algorithm.to_string(),
            self.state.clone(),
            if self.round_trip { "yes" } else { "NO" }.into(),
            self.kcv.map_or_else(|| "none".into(), |kcv| kcv.to_string()),
        ]
    }
}

/// One command that succeeded.
#[derive(Debug, Serialize)]
pub(super) struct Step {
    pub(super) algorithm: WrappingAlgorithm,
    pub(super) name: &'static str,
    pub(super) command: String,
    pub(super) took_ms: u64,
}

/// The whole rehearsal.
#[derive(Debug, Serialize)]
pub(super) struct Summary {
    format: &'static str,
    program: &'static str,
    started_at: Timestamp,
    took_ms: u64,
    isolation: Isolation,
    /// The published seed of all material, if there was one.
    seed: Option<Fingerprint>,
    stations: Vec<Program>,
    expected_keys: usize,
    good_keys: usize,
    pub(super) keys: Vec<KeyResult>,
    pub(super) steps: Vec<Step>,
    /// How files crossed between the stations.
    crossed_by: &'static str,
    /// Files that crossed as pictures; empty if a medium was used.
    pub(super) crossed: Vec<Crossed>,
    /// Why a ceremony stopped, in English; the keys of that ceremony are not in `keys`.
    failures: Vec<String>,
    #[serde(skip)]
    first_failure: Option<RehearseError>,
}

impl Summary {
    pub(super) fn new(
        stations: &Stations,
        seed: Option<Fingerprint>,
        expected_keys: usize,
        now: Timestamp,
    ) -> Self {
        Self {
            format: "keyferry/rehearsal/1",
            program: concat!("keyferry ", env!("CARGO_PKG_VERSION")),
            started_at: now,
            took_ms: 0,
            isolation: stations.isolation,
            seed,
            stations: stations.programs.all().cloned().collect(),
            expected_keys,
            good_keys: 0,
            keys: Vec::new(),
            steps: Vec::new(),
            crossed_by: if stations.programs.scanner.is_some() { "qr" } else { "medium" },
            crossed: Vec::new(),
            failures: Vec::new(),
            first_failure: None,
        }
    }

    /// Records that a ceremony was stopped.
    pub(super) fn fail(&mut self, algorithm: WrappingAlgorithm, error: RehearseError) {
        self.failures.push(format!("{algorithm}: [{}] {error}", error.control()));
        self.first_failure.get_or_insert(error);
    }

    /// Completes the summary; nothing is added afterwards.
    pub(super) fn finish(&mut self, took: Duration) {
        self.took_ms = u64::try_from(took.as_millis()).unwrap_or(u64::MAX);
        self.good_keys = self.keys.iter().filter(|k| k.is_good()).count();
    }

    /// The main result in one sentence.
    pub(super) fn verdict(&self) -> Bilingual {
        let (good, all) = (self.good_keys, self.expected_keys);
        bi!(
            "{good} of {all} keys Enabled and round-tripped",
            "{all} 个密钥中 {good} 个已启用并通过加解密验证"
        )
    }

    /// Success only if every key succeeded.
    pub(super) fn outcome(self) -> Result<(), RehearseError> {
        if self.good_keys == self.expected_keys {
            return Ok(());
        }
        let incomplete = RehearseError::Incomplete { good: self.good_keys, all: self.expected_keys };
        Err(self.first_failure.unwrap_or(incomplete))
    }

    pub(super) fn show(&self, console: &Console) {
        console.line("");
        console.say(&bi!("──── summary ────", "──── 汇总 ────"));
        let heads = ["key", "region", "bits", "algorithm", "state", "round trip", "KCV"].map(String::from);
        let rows: Vec<[String; 7]> =
            std::iter::once(heads).chain(self.keys.iter().map(KeyResult::cells)).collect();
        for row in aligned(&rows) {
            console.line(&format!("  {row}"));
        }
        console.line("");
        for (name, times) in self.times() {
            let times: Vec<String> = times.iter().map(|ms| format!("{ms:>5} ms")).collect();
            console.line(&format!("  {name:<11} {}", times.join("  ")));
        }
        console.line("");
        console.line(&format!("  {}", self.isolation.describe().get(console.lang())));
        console.line(&format!("  {}", self.crossing().get(console.lang())));
        let seconds = self.seconds();
        console.say(&bi!("  {seconds} s in all", "  共 {seconds} 秒"));
    }

    /// States which files crossed between the stations, and how.
    fn crossing(&self) -> Bilingual {
        if self.crossed_by == "medium" {
            return bi!("files crossed on a medium", "文件通过介质传递");
        }
        let sum = |of: fn(&Crossed) -> usize| self.crossed.iter().map(of).sum::<usize>();
        let (files, shown, lost, needed) =
            (self.crossed.len(), sum(|c| c.shown), sum(|c| c.lost), sum(|c| c.needed));
        bi!(
            "{files} files crossed, only by QR code: {shown} symbols were shown, {lost} of them lost, the others turned and blurred; {needed} were needed",
            "{files} 个文件仅通过二维码传递，再无其他途径：共显示 {shown} 个二维码，丢失 {lost} 个，其余均经旋转和模糊；需要 {needed} 个"
        )
    }

    /// The times of each step, one for each ceremony.
    fn times(&self) -> Vec<(&'static str, Vec<u64>)> {
        let mut times: Vec<(&'static str, Vec<u64>)> = Vec::new();
        for step in &self.steps {
            match times.iter_mut().find(|(name, _)| *name == step.name) {
                Some((_, all)) => all.push(step.took_ms),
                None => times.push((step.name, vec![step.took_ms])),
            }
        }
        times
    }

    fn seconds(&self) -> String {
        format!("{}.{}", self.took_ms / 1000, self.took_ms % 1000 / 100)
    }

    pub(super) fn to_json(&self) -> Value {
        serde_json::to_value(self).unwrap_or_default()
    }

    /// Writes both files into the rehearsal's folder.
    pub(super) fn write(&self, out: &Path) -> Result<(), RehearseError> {
        let json = format!("{:#}\n", self.to_json());
        write_new(&out.join("summary.json"), json.as_bytes(), Access::Everyone)?;
        Ok(write_new(&out.join("summary.md"), self.to_markdown().as_bytes(), Access::Everyone)?)
    }

    fn to_markdown(&self) -> String {
        let mut text = format!(
            "# Rehearsal of {}\n\n**{}**, in {} s. {}; {}; {}.\n\n",
            self.started_at,
            self.verdict().en,
            self.seconds(),
            self.program,
            self.isolation.describe().en,
            self.crossing().en
        );
        if let Some(seed) = self.seed {
            let _ = writeln!(
                text,
                "All material comes from the published seed `{seed}`: production refuses it.\n"
            );
        }
        text +=
            "| key | region | bits | algorithm | state | round trip | KCV |\n|---|---|---|---|---|---|---|\n";
        for key in &self.keys {
            let _ = writeln!(text, "| {} |", key.cells().join(" | "));
        }
        for failure in &self.failures {
            let _ = writeln!(text, "\n**Failed** {failure}");
        }
        text += "\n| ceremony | step | ms | command |\n|---|---|---:|---|\n";
        for step in &self.steps {
            let _ = writeln!(
                text,
                "| {} | {} | {} | `{}` |",
                step.algorithm, step.name, step.took_ms, step.command
            );
        }
        if !self.crossed.is_empty() {
            text += "\n| ceremony | file | shown by | bytes | version | needed | shown | lost |\n|---|---|---|---:|---:|---:|---:|---:|\n";
        }
        for crossed in &self.crossed {
            let Crossed { algorithm, file, from, bytes, version, needed, shown, lost } = crossed;
            let _ = writeln!(
                text,
                "| {algorithm} | {file} | {from} | {bytes} | {version} | {needed} | {shown} | {lost} |"
            );
        }
        text += "\n| program | SHA-256 |\n|---|---|\n";
        for program in &self.stations {
            let _ = writeln!(text, "| {} | `{}` |", program.path.display(), program.sha256);
        }
        text
    }
}

/// Aligns the rows: every column is as wide as its widest cell.
fn aligned<const N: usize>(rows: &[[String; N]]) -> Vec<String> {
    let mut widths = [0; N];
    for row in rows {
        for (width, cell) in widths.iter_mut().zip(row) {
            *width = cell.chars().count().max(*width);
        }
    }
    let line = |row: &[String; N]| {
        let cells: Vec<String> =
            row.iter().zip(widths).map(|(cell, width)| format!("{cell:<width$}")).collect();
        cells.join("  ").trim_end().to_owned()
    };
    rows.iter().map(line).collect()
}
