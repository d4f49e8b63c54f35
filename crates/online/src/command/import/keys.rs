//! Imports the keys of one ciphertext, several at a time, and writes the lines about them to the record.

use keyferry_core::transcript::Act;
use keyferry_core::{Alias, CheckedImport, Clock, Event, StepName, Story, bi};
use keyferry_service::{KeyRef, KeyState};
use keyferry_transport::TranscriptFile;

use super::backup;
use super::one::{Importer, Outcome, Sent, key_of};
use super::run::Run;
use crate::Error;
use crate::command::key_failed;
use crate::work::{InOrder, TwoSteps};

/// An import, with its place among those that are sent.
pub(super) type One<'l, 'c> = (usize, &'l CheckedImport<'c>);

pub(super) fn refs<'l>(batch: &[One<'l, '_>]) -> Vec<KeyRef<'l>> {
    batch.iter().map(|(_, import)| key_of(import)).collect()
}

/// The lines about one key.
type Lines = Vec<(Act, Event)>;

impl<'c> Run<'c> {
    /// What the record says about each key before this run adds to it.
    pub(super) fn recorded(&self, live: &[CheckedImport<'_>]) -> Vec<Recorded> {
        let story = self.found.chain().map(Story::of);
        let of = |import: &CheckedImport<'_>| {
            let key = story.as_ref().and_then(|story| story.in_service(&import.ciphertext.key_id));
            let key = key.unwrap_or_default();
            let imported = key.imported.into_iter().map(ToOwned::to_owned);
            Recorded { imported: imported.collect(), proved: key.proved }
        };
        live.iter().map(of).collect()
    }

    /// Imports several keys at a time, each on its own; the others are stopped only if the record cannot be
    /// written.
    pub(super) fn import_all(
        &mut self,
        importer: &Importer<'_>,
        Sending { live, batches, recorded }: Sending<'_, 'c>,
        record: &mut TranscriptFile,
    ) -> Result<Vec<Proved>, Error> {
        let mut progress = self.context.console().progress(bi!("imported", "已导入"), live.len());
        let (mut proved, mut lines) = (Vec::with_capacity(live.len()), self.lines_of_refused());
        write_ready(&mut lines, importer.clock, record)?;
        let steps = TwoSteps {
            first: |at, (_, import): &One<'_, 'c>| importer.send(import, at),
            between: |batch: &[One<'_, 'c>], sent: &[Sent]| importer.look(batch, sent),
            second: |(_, import): &One<'_, 'c>, sent, found| importer.prove(import, sent, found),
        };
        let items: Vec<&One<'_, 'c>> = batches.iter().flatten().collect();
        steps.run(batches, self.context.jobs(), |outcomes| {
            let outcomes = outcomes.into_iter().filter_map(|(n, outcome)| Some((*items.get(n)?, outcome)));
            for (one, outcome) in outcomes {
                let (n, import) = one;
                let Some(recorded) = recorded.get(*n) else { continue };
                let place = self.places.get(&import.ciphertext.alias).copied().unwrap_or_default();
                let of_key = self.lines_of(import, &outcome, recorded);
                lines.put_and_say(place, of_key, (one, outcome));
            }
            write_ready(&mut lines, importer.clock, record)?;
            while let Some(((n, import), outcome)) = lines.say() {
                match outcome.proved {
                    Ok(state) => {
                        self.succeeded(import, state);
                        proved.push(Proved { n: *n, state, request_id: outcome.request_id });
                        progress.step();
                    }
                    Err(error) => {
                        let alias = import.ciphertext.alias.as_str();
                        self.failures.report(self.context.console(), alias, error);
                        progress.fail();
                    }
                }
            }
            Ok::<_, Error>(())
        })?;
        proved.sort_unstable_by_key(|proved| proved.n);
        Ok(proved)
    }

    /// Lines about the keys that are never sent.
    fn lines_of_refused<S>(&self) -> InOrder<Lines, S> {
        let mut lines = InOrder::new();
        for (alias, error) in self.failures.iter() {
            let Ok(alias) = alias.parse::<Alias>() else { continue };
            let line = (Act::NOBODYS, key_failed(&alias, error));
            self.places.get(&alias).into_iter().for_each(|place| lines.put(*place, vec![line.clone()]));
        }
        lines
    }

    /// A key's result, for the record; what an interrupted run recorded is not recorded twice.
    fn lines_of(&self, import: &CheckedImport<'_>, outcome: &Outcome, recorded: &Recorded) -> Lines {
        let (alias, key_id) = (&import.ciphertext.alias, &import.ciphertext.key_id);
        let mut lines = Lines::new();
        if let Some(request_id) = outcome.request_id.as_ref().filter(|id| !recorded.imported.contains(id)) {
            let (alias, key_id, request_id) = (alias.clone(), key_id.clone(), request_id.clone());
            let step = self.args.prove_backup.then_some(StepName::ProveBackup);
            let act = Act { step, ..Act::NOBODYS };
            lines.push((act, Event::Imported { alias, key_id, request_id }));
        }
        if self.args.prove_backup && outcome.proved.is_ok() {
            lines.extend(backup::proved(import).map(|event| (Act::NOBODYS, event)));
        }
        let last = match &outcome.proved {
            Ok(_) if outcome.earlier && recorded.proved => None,
            Ok(state) => Some(proved_event(import, *state)),
            Err(error) => Some(key_failed(alias, error)),
        };
        lines.extend(last.map(|event| (Act::NOBODYS, event)));
        lines
    }
}

/// Writes each line whose predecessors are complete.
fn write_ready<S>(
    lines: &mut InOrder<Lines, S>,
    clock: &dyn Clock,
    record: &mut TranscriptFile,
) -> Result<(), Error> {
    while let Some(of_key) = lines.take() {
        of_key.into_iter().try_for_each(|(act, event)| record.add_act(clock, act, event))?;
    }
    Ok(record.flush()?)
}

/// The keys to import, in batches, each with what an earlier run recorded about it.
#[derive(Clone, Copy)]
pub(super) struct Sending<'l, 'c> {
    pub(super) live: &'l [CheckedImport<'c>],
    pub(super) batches: &'l [Vec<One<'l, 'c>>],
    pub(super) recorded: &'l [Recorded],
}

/// A key that was proved, with its place among those that were sent.
pub(super) struct Proved {
    pub(super) n: usize,
    pub(super) state: KeyState,
    pub(super) request_id: Option<String>,
}

/// What an interrupted run of this import already recorded about one key, so that this run does not record it
/// twice.
pub(super) struct Recorded {
    /// Ids of the requests.
    imported: Vec<String>,
    proved: bool,
}

fn proved_event(import: &CheckedImport<'_>, state: KeyState) -> Event {
    Event::Proved {
        alias: import.ciphertext.alias.clone(),
        key_id: import.ciphertext.key_id.clone(),
        state: state.as_str().to_owned(),
        valid_to: import.valid_to,
        round_trip: true,
    }
}
