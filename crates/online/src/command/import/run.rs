//! One run over one ciphertext: what it knows, what it leaves out, and how its record begins.

use keyferry_core::artefact::names;
use std::collections::BTreeMap;
use std::path::PathBuf;

use keyferry_core::transcript::{Act, Means};
use keyferry_core::{
    Alias, CheckedImport, Clock, Event, Fingerprint, PlanError, Session, Station, Story, ValidTo, bi,
};
use keyferry_transport::{Beside, OPENINGS_FILE, RecordError, TranscriptFile, check_record_room, check_room};

use super::backup;
use super::import_flags::Import;
use crate::command::{Failures, Rows};
use crate::context::Context;
use crate::record::{Found, longest_lines};
use crate::{Error, KeyError, PROGRAM};

pub(super) const COMMAND: &str = "import";

pub(super) fn transcript(args: &Import) -> PathBuf {
    args.transcript.clone().unwrap_or_else(|| args.ciphertext.with_file_name(names::TRANSCRIPT))
}

/// One run over one ciphertext.
pub(super) struct Run<'c> {
    pub(super) context: &'c Context,
    pub(super) args: &'c Import,
    pub(super) session: &'c Session,
    pub(super) digest: Fingerprint,
    /// The record on the medium.
    pub(super) found: Found,
    /// Where each key is in the ciphertext. The ciphertext and the record both keep the plan's order.
    pub(super) places: BTreeMap<&'c Alias, usize>,
    pub(super) failures: Failures,
    /// The digest of the escrow that is here, if the record names one.
    pub(super) escrow: Option<Fingerprint>,
    /// The rows for people about keys that were proved.
    pub(super) rows: Rows,
    /// The rows for programs about the same keys.
    pub(super) results: Rows,
}

impl<'c> Run<'c> {
    /// Reports keys whose token or expiry has passed; they are never sent.
    pub(super) fn leave_out_dead(&mut self, imports: Vec<CheckedImport<'c>>) -> Vec<CheckedImport<'c>> {
        let now = self.context.clock().now();
        let mut live = Vec::with_capacity(imports.len());
        for import in imports {
            let expired = import.parameters.expires_at.filter(|t| *t <= now);
            let alias = &import.ciphertext.alias;
            let error: Error = if let Some(expires_at) = expired {
                KeyError::TokenExpired { ago: expires_at.span_until(now), now }.into()
            } else if matches!(import.valid_to, ValidTo::At(t) if t <= now) {
                PlanError::ValidToPassed(alias.clone()).into()
            } else {
                live.push(import);
                continue;
            };
            self.failures.report(self.context.console(), alias.as_str(), error);
        }
        live
    }

    /// If a backup is to be proved, reports keys whose material was not recovered from shares; they are never sent.
    pub(super) fn leave_out_unrecovered(&mut self, live: Vec<CheckedImport<'c>>) -> Vec<CheckedImport<'c>> {
        if !self.args.prove_backup {
            return live;
        }
        let (story, mut recovered) = (self.found.chain().map(Story::of), Vec::with_capacity(live.len()));
        for import in live {
            let told = story.as_ref().ok_or(KeyError::NotRecovered);
            match told.and_then(|story| backup::check_recovered(story, &import)) {
                Ok(()) => recovered.push(import),
                Err(error) => {
                    let alias = import.ciphertext.alias.as_str();
                    self.failures.report(self.context.console(), alias, error.into());
                }
            }
        }
        recovered
    }

    /// Whether the record has room for the most that this run can add. An import cannot be undone, so the record must
    /// have room to report it.
    pub(super) fn check_room(&self) -> Result<(), RecordError> {
        let (record, lines) = (transcript(self.args), longest_lines(self.places.len()));
        check_record_room(&record, lines)?;
        Ok(check_room(&[(&record, lines)])?)
    }

    pub(super) fn begin(&self, means: Means) -> Result<TranscriptFile, Error> {
        let (clock, parameters) = (self.context.clock(), &self.session.parameters);
        let mut record =
            TranscriptFile::open(&transcript(self.args), &parameters.ceremony, Station::Online, clock)?;
        self.found.check_same(&record)?;
        self.look_beside()?;
        let (command, program) = (COMMAND.to_owned(), PROGRAM.to_owned());
        let (plan_sha256, purpose) = (Some(parameters.plan_sha256), parameters.purpose);
        record.add(clock, Event::Begun { command, program, plan_sha256, purpose })?;
        let (file, sha256) = (names::CIPHERTEXT.to_owned(), self.digest);
        record.add(clock, Event::Checked { file: file.clone(), sha256 })?;
        record.add_act(clock, Act::through(means), Event::Confirmed { file, sha256 })?;
        record.flush()?;
        Ok(record)
    }

    /// A wrong opening is found here, while the offline station still exists.
    pub(super) fn look_beside(&self) -> Result<(), Error> {
        let beside = Beside::of(&transcript(self.args), self.found.chain())?;
        let console = self.context.console();
        if beside.withheld > 0 {
            console.say(&bi!(
                "  note: {OPENINGS_FILE} is missing next to the record, or incomplete: names stay withheld. Copy it from the offline \
                 station.",
                "  注意：记录旁没有 {OPENINGS_FILE}，或其内容不全：姓名不公开。请从离线工作站取来该文件。"
            ));
        }
        if beside.torn {
            console.say(&bi!(
                "  note: the last line of {OPENINGS_FILE} is incomplete, and verify will refuse it. Copy the whole file from the offline station, or \
                 run `keyferry-online note` on this record, which removes the line.",
                "  注意：{OPENINGS_FILE} 的最后一行不完整，verify 将拒绝它。请从离线工作站取来完整的文件，或对该记录运行 \
                 `keyferry-online note`：它会截去该行。"
            ));
        }
        Ok(())
    }
}
