//! The questions that a story answers, each from the state that the folds have built up.

use super::commands::{ClockBack, Finish, Run};
use super::crossings::{Exported, Seen, Written};
use super::keys::{Created, InService, KeyStory};
use super::people::{Note, TimeGiver};
use super::share_sets::{
    Backed, BackupKey, Combined, Recoverable, ShareProof, SharesBefore, Sharing, Voided, Waived,
};
use super::told::Story;
use crate::tally::hand_out;
use crate::{Alias, Commitment, EventKind, Fingerprint, ImportTokenDigest, KeyId, Station, Step};

/// Questions about commands.
impl<'t> Story<'t> {
    /// Every run, in the order in which the runs began.
    #[must_use]
    pub fn runs(&self) -> &[Run<'t>] {
        hand_out(&self.commands.runs)
    }

    /// Every `finished` line, including those without a `begun` line.
    #[must_use]
    pub fn finishes(&self) -> &[Finish<'t>] {
        hand_out(&self.commands.finishes)
    }

    /// The first `finished` line for a command that its station had not begun.
    #[must_use]
    pub fn never_begun(&self) -> Option<&Finish<'t>> {
        self.finishes().iter().find(|finish| !finish.begun)
    }

    /// The unfinished runs: at most one for each station, the online station's first.
    #[must_use]
    pub fn unfinished(&self) -> Option<&Run<'t>> {
        self.commands.at.iter().find_map(|station| self.runs().get(station.open?))
    }

    /// Each run, with the first `finished` line of any station before the next run begins. This suits a file that
    /// only one station writes, such as `drills.jsonl`.
    pub fn runs_in_turn(&self) -> impl Iterator<Item = (&Run<'t>, Option<&Finish<'t>>)> {
        let next = self.runs().iter().skip(1).map(|run| run.seq).chain([u64::MAX]);
        let mut finishes = self.finishes().iter().peekable();
        self.runs().iter().zip(next).map(move |(run, next)| {
            while finishes.next_if(|finish| finish.seq < run.seq).is_some() {}
            (run, finishes.next_if(|finish| finish.seq < next))
        })
    }

    /// The lines at which a station's clock went back.
    #[must_use]
    pub fn clock_back(&self) -> &[ClockBack] {
        hand_out(&self.commands.clock_back)
    }
}

/// Questions about crossings.
impl<'t> Story<'t> {
    /// Every file that a station checked or people confirmed, in order.
    #[must_use]
    pub fn seen(&self) -> &[Seen<'t>] {
        hand_out(&self.crossings.seen)
    }

    /// Every `parameters.json` that was written, in order.
    #[must_use]
    pub fn exports(&self) -> &[Exported<'t>] {
        hand_out(&self.crossings.exported)
    }

    /// Every `ciphertext.json` that was written, in order.
    #[must_use]
    pub fn ciphertexts(&self) -> &[Written] {
        hand_out(&self.crossings.written)
    }

    /// Checks that every kind of line that a step requires appears after line number `after`, for the step's
    /// file with this digest.
    ///
    /// # Errors
    /// The first kind that is missing.
    pub fn check_seen(&self, step: &Step, sha256: Fingerprint, after: u64) -> Result<(), EventKind> {
        let from = self.seen().partition_point(|seen| seen.seq <= after);
        let rest = self.seen().get(from..).unwrap_or_default();
        let expected = (step.place.station(), step.lines.file, sha256);
        let own = rest.iter().filter(|s| (Some(s.station), Some(s.file), s.sha256) == expected);
        step.lines.must.iter().try_for_each(|kind| {
            if own.clone().any(|seen| seen.kind() == *kind) { Ok(()) } else { Err(*kind) }
        })
    }

    /// The digest of a step's file that people last agreed on, at the step's station, before line number
    /// `end`.
    #[must_use]
    pub fn agreed_before(&self, step: &Step, end: u64) -> Option<Fingerprint> {
        let online = step.place.station()? == Station::Online;
        let agreed = self.crossings.agreed.get(&(online, step.lines.file?))?;
        let before = agreed.partition_point(|(seq, _)| *seq < end);
        agreed.get(before.checked_sub(1)?).map(|(_, sha256)| *sha256)
    }

    /// Number of the last line before number `end` that records the writing of this ciphertext.
    #[must_use]
    pub fn written_before(&self, ciphertext: Fingerprint, end: u64) -> Option<u64> {
        let lines = self.crossings.lines_of.get(&ciphertext)?;
        let before = lines.partition_point(|seq| *seq < end);
        lines.get(before.checked_sub(1)?).copied()
    }

    /// Whether the record contains this export.
    #[must_use]
    pub fn is_exported(&self, parameters: Fingerprint) -> bool {
        self.export(parameters).is_some()
    }

    /// Whether the record contains this export and, later, the end of its command.
    #[must_use]
    pub fn is_export_finished(&self, parameters: Fingerprint) -> bool {
        let export = self.export(parameters);
        export.is_some_and(|at| self.finishes().iter().any(|f| f.seq > at.seq && f.command == "export"))
    }

    fn export(&self, parameters: Fingerprint) -> Option<&Exported<'t>> {
        self.exports().iter().find(|export| export.parameters_sha256 == parameters)
    }
}

/// Questions about keys.
impl<'t> Story<'t> {
    /// Every key that is named by a line about parameters, material, import or proof, in the order of their
    /// first lines.
    #[must_use]
    pub fn keys(&self) -> &[KeyStory<'t>] {
        hand_out(&self.keys.keys)
    }

    /// The key with this alias.
    #[must_use]
    pub fn key(&self, alias: &Alias) -> Option<&KeyStory<'t>> {
        self.keys.keys.get(*self.keys.by_alias.get(alias)?)
    }

    /// The keys that were created in the service, in order.
    #[must_use]
    pub fn created(&self) -> &[Created<'t>] {
        hand_out(&self.keys.created)
    }

    /// The digests of all import tokens that were fetched.
    pub fn import_tokens(&self) -> impl Iterator<Item = Option<ImportTokenDigest>> {
        self.keys().iter().flat_map(KeyStory::fetches).map(|fetched| fetched.import_token_sha256)
    }

    /// Number of the first line that says that material comes from a published seed.
    #[must_use]
    pub const fn seeded_material(&self) -> Option<u64> {
        self.keys.seeded
    }

    /// Everything that the lines with this key id say.
    #[must_use]
    pub fn in_service(&self, key: &KeyId) -> Option<InService<'t>> {
        self.keys.by_id.get(key).map(|lines| InService::of(lines))
    }

    /// Whether shares or a token recovered material with this commitment for this key.
    #[must_use]
    pub fn is_recovered(&self, key: &KeyId, commitment: Option<Commitment>) -> bool {
        commitment.zip(self.in_service(key)).is_some_and(|(wanted, key)| key.recovered.contains(&wanted))
    }
}

/// Questions about shares.
impl<'t> Story<'t> {
    /// Every set of shares, in order.
    #[must_use]
    pub fn sharings(&self) -> &[Sharing] {
        hand_out(&self.shares.sets)
    }

    /// The keys that a set of this story covers.
    pub fn keys_of(&self, sharing: &Sharing) -> impl Iterator<Item = BackupKey> {
        let keys = self.shares.keys.get(sharing.keys.clone()).unwrap_or_default();
        keys.iter().filter_map(Backed::key)
    }

    /// The last set of shares with what it recovers; `None` if it is void.
    #[must_use]
    pub fn recoverable(&self) -> Option<Recoverable> {
        let sharing = self.sharings().last().filter(|sharing| !sharing.void)?;
        Some(Recoverable {
            ceremony: self.ceremony().clone(),
            head: self.head(),
            keys: self
                .keys_of(sharing)
                .map(|key| BackupKey { seeded: key.seeded || sharing.seeded, ..key })
                .collect(),
            sharing: sharing.clone(),
        })
    }

    /// Every set that people declared void, in order.
    #[must_use]
    pub fn voided(&self) -> &[Voided<'t>] {
        hand_out(&self.shares.voided)
    }

    /// Every combination of shares, in order.
    #[must_use]
    pub fn combinations(&self) -> &[Combined<'t>] {
        hand_out(&self.shares.combined)
    }

    /// Every share that was proved alone, in order.
    #[must_use]
    pub fn share_proofs(&self) -> &[ShareProof<'t>] {
        hand_out(&self.shares.proofs)
    }

    /// Every line that says that the plan chose no backup.
    #[must_use]
    pub fn backup_waived(&self) -> &[Waived<'t>] {
        hand_out(&self.shares.waived)
    }
}

/// Questions about shares, answered from the lines before a certain line.
impl<'t> SharesBefore<'t> {
    /// Every set of shares, in order.
    #[must_use]
    pub fn sharings(&self) -> &[Sharing] {
        hand_out(&self.0.sets)
    }

    /// Every combination of shares, in order.
    #[must_use]
    pub fn combinations(&self) -> &[Combined<'t>] {
        hand_out(&self.0.combined)
    }

    /// Every line that says that the plan chose no backup.
    #[must_use]
    pub fn backup_waived(&self) -> &[Waived<'t>] {
        hand_out(&self.0.waived)
    }
}

/// Questions about people.
impl<'t> Story<'t> {
    /// Every note, in order.
    #[must_use]
    pub fn notes(&self) -> &[Note<'t>] {
        hand_out(&self.people.notes)
    }

    /// Every time that somebody entered or confirmed, in order.
    #[must_use]
    pub fn times(&self) -> &[TimeGiver] {
        hand_out(&self.people.times)
    }

    /// Each agreement of people on a file's digest, in order.
    pub fn consents(&self) -> impl Iterator<Item = &Seen<'t>> {
        self.seen().iter().filter(|seen| seen.confirmed)
    }
}
