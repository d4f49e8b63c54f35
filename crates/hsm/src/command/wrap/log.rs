//! The record of one run. It begins when a key is about to be made, or when the run is given up before that.

use keyferry_core::Event;
use keyferry_core::transcript::Means;
use keyferry_transport::TranscriptFile;

use super::compare::Found;
use super::{Run, record};
use crate::error::HsmError;

/// The lines that wait for the record to begin, and the record.
pub(super) struct Log<'r> {
    run: Run<'r>,
    means: Means,
    found: Found,
    confined: Event,
    kept: Vec<Event>,
    record: Option<TranscriptFile>,
    /// Whether the record could not be begun. The run then ends for that reason, without trying again.
    broken: bool,
}

impl<'r> Log<'r> {
    /// The log of a run whose files people compared.
    pub(super) const fn new(run: Run<'r>, means: Means, found: Found, confined: Event) -> Self {
        Self { run, means, found, confined, kept: Vec::new(), record: None, broken: false }
    }

    /// Keeps a line about module or token until the record begins.
    pub(super) fn keep(&mut self, event: Event) {
        self.kept.push(event);
    }

    /// Returns the record, which then has the lines that come before a key.
    ///
    /// # Errors
    /// [`HsmError`] if it cannot be opened or written, or has changed since people compared it.
    pub(super) fn begin(&mut self) -> Result<&mut TranscriptFile, HsmError> {
        let begun = match self.record.take() {
            Some(record) => Ok(record),
            None => self.begun(),
        };
        self.broken = begun.is_err();
        Ok(self.record.insert(begun?))
    }

    fn begun(&mut self) -> Result<TranscriptFile, HsmError> {
        let run = self.run;
        let mut record = run.open_record(self.found)?;
        let token = std::mem::take(&mut self.kept);
        let lines = (self.confined.clone(), token);
        record::start(&mut record, (run.inputs, run.job), self.means, lines, run.context)?;
        Ok(record)
    }

    /// Ends the run in the record with the reason. Returns the error.
    pub(super) fn give_up(mut self, error: HsmError) -> HsmError {
        if self.broken {
            return error;
        }
        let run = self.run;
        match self.begin() {
            Ok(record) => record::give_up(record, (run.inputs, run.job), error, run.context),
            Err(second) => {
                run.context.console.refuse_text(&second);
                error
            }
        }
    }
}
