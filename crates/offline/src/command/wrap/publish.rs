//! Turns wrapped keys into a published ciphertext.

use std::io::Write;

use keyferry_core::{Control, Explain as _, Origin, artefact};
use keyferry_transport::{Access, prepare_new_by};

use super::phase::{Made, Published, Ready, Wrapped};
use super::{record, wrap_outcome};
use crate::error::{KeysFailed, OfflineError};

impl<'j> Ready<'j> {
    /// Returns the results for the keys. After an error, records that the run ended and that all keys failed.
    pub(super) fn made(
        mut self,
        wrapped: Result<Wrapped, OfflineError>,
        keys: usize,
    ) -> Result<Made<'j>, OfflineError> {
        match wrapped {
            Ok(wrapped) => Ok(Made { job: self.job, record: self.record, shares: self.shares, wrapped }),
            Err(error) => Err(record::give_up(&mut self.record, self.job, keys, error)),
        }
    }
}

impl<'j> Made<'j> {
    /// The ciphertext comes last. The record so far is synced to the device before the file is created, because FAT has one table for
    /// both files: a power cut could leave the table with the new file in it, but the record with its old length. The order is: the
    /// file's bytes reach the device and are read back, the whole record reaches it, including `finished`, the words are shown, and
    /// only then does the file get its name. Whenever the run is killed, either there is no ciphertext or the run was complete.
    pub(super) fn publish(self) -> Result<Published<'j>, OfflineError> {
        let Self { job, mut record, shares, wrapped } = self;
        let failed = wrapped.failed + job.refused();
        if let (true, Some(error)) = (wrapped.entries.is_empty(), wrapped.first_failure) {
            return Err(record::give_up(&mut record, job, failed, error));
        }
        let (source, seeded, wrapped_at) = (wrapped.source, wrapped.seeded, job.inputs.time.now);
        let origin = Origin { source, seeded, wrapped_at };
        let ciphertext = job.inputs.parameters.ciphertext(wrapped.entries, origin)?;
        let digest = artefact::digest(&ciphertext)?;
        record.flush()?;
        let write = |to: &mut dyn Write| artefact::write_to(&ciphertext, to);
        let unpublished = match prepare_new_by(&job.out.ciphertext, Access::Everyone, digest, write) {
            Ok(unpublished) => unpublished,
            Err(error) => {
                let all = ciphertext.keys.len() + failed;
                return Err(record::give_up(&mut record, job, all, error.into()));
            }
        };
        let mut published = Published { job, record, shares, ciphertext, digest, failed };
        record::finish(&mut published)?;
        wrap_outcome::show(&published);
        let named =
            unpublished.publish().map_err(|cause| job.out.not_published(cause, false, &job.inputs))?;
        named.sync().map_err(|cause| job.out.not_published(cause, true, &job.inputs))?;
        Ok(published)
    }

    /// Publishes, prints the result, and says which shares have to be destroyed, whether or not publishing
    /// succeeded.
    pub(super) fn end(self) -> Result<(), OfflineError> {
        let job = self.job;
        let ended = self.publish().and_then(|published| {
            wrap_outcome::print(&published);
            published.outcome()
        });
        job.remind();
        ended
    }
}

impl Published<'_> {
    /// Checks, after the result was printed, that every key succeeded.
    fn outcome(&self) -> Result<(), OfflineError> {
        if self.failed == 0 {
            return Ok(());
        }
        let first = self.job.inputs.parameters.refused().first();
        let first = first.map_or(Control::WRAP_FAILED, |(_, e)| e.control());
        let (succeeded, failed) = (self.ciphertext.keys.len(), self.failed);
        Err(KeysFailed { succeeded, failed, first, printed: true }.into())
    }
}
