//! Begins the record of a run once people have agreed.

use keyferry_core::{Clock as _, Event};
use keyferry_transport::Salts;

use super::phase::{Agreed, BackedUp, Ready};
use super::{record, void};
use crate::error::OfflineError;

impl<'j> Agreed<'j> {
    /// Opens the record that was compared, and begins the run in it. `combined` is the event about the shares
    /// that were combined in the meantime, if there were any.
    pub(super) fn begin(self, salts: Salts, combined: Option<Event>) -> Result<Ready<'j>, OfflineError> {
        let (job, context) = (self.job, self.job.context);
        let mut record = job.out.open_record(&job.inputs, &self.found, salts, context)?;
        let stranded = job.giving.map(|_| void::check_stranded(&self.void, job, &self.found));
        let void = stranded.transpose()?.flatten();
        // People may have taken a long time to answer or to type shares.
        job.inputs.check_later(context.now())?;
        record::start(&mut record, &self)?;
        let shares = self.found.shares().filter(|_| void.is_none()).map(BackedUp::of);
        let combined_set = combined.iter().filter_map(|event| match event {
            Event::SharesCombined { set, .. } => Some(set),
            _ => None,
        });
        let sets = self.found.sets().iter().chain(combined_set).cloned().collect();
        for event in void.into_iter().chain(combined) {
            record.add(context, event)?;
        }
        record.write()?;
        Ok(Ready { job, confined: self.confined, record, sets, shares })
    }
}
