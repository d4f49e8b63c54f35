//! What a key's journal means for the next command.

use keyferry_core::{CeremonyId, Commitment, Fingerprint, ImportTokenDigest, Timestamp, ValidTo};

use super::JournalError;
use super::entry::{Entry, Happened};

/// What is known about one key.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct KeyHistory {
    next: u64,
    /// The parameters that were fetched last.
    pub latest: Option<Latest>,
    /// Every token that was fetched, with its ceremony, and with its wrapping key if the line names it.
    tokens: Vec<(Pair, CeremonyId)>,
    /// A fetch began for this ceremony under this plan, and its outcome is not known yet.
    fetching: Option<(CeremonyId, Fingerprint)>,
    /// The import that the key took last.
    pub accepted: Option<Accepted>,
    /// Material that was sent and for which no answer arrived, with the time when it was sent.
    pub in_doubt: Option<(Commitment, Timestamp)>,
}

/// What one fetch returned: material wrapped to that key is imported with that token.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Pair {
    /// The digest of the import token.
    pub token: ImportTokenDigest,
    /// Digest of the public key; `None` in lines of earlier versions.
    pub wrapping_key: Option<Fingerprint>,
}

impl Pair {
    /// Whether these belong to that fetch: if the line does not name the wrapping key, only the token can be compared.
    fn is(&self, fetched: &Self) -> bool {
        self.token == fetched.token
            && (fetched.wrapping_key.is_none() || self.wrapping_key == fetched.wrapping_key)
    }
}

/// What the journal says about a token and its wrapping key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Known {
    /// This station fetched them for that ceremony and has fetched nothing since; nothing was imported with them yet.
    Latest,
    /// This station fetched them for that ceremony and has fetched nothing since; material was imported with them.
    Used,
    /// This station fetched them for that ceremony, but has fetched others since.
    Earlier,
    /// This station did not fetch this token with this wrapping key for that ceremony.
    Never,
}

/// Fetched parameters.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Latest {
    /// The ceremony that they were fetched for.
    pub ceremony: CeremonyId,
    /// The digest of the import token.
    pub token: ImportTokenDigest,
    /// When.
    pub fetched_at: Timestamp,
    /// When they expire.
    pub expires_at: Timestamp,
    /// Material came back, and the service took it with these parameters.
    pub used: bool,
}

/// An import that the key took.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Accepted {
    /// The token that it was sent with.
    pub token: ImportTokenDigest,
    /// The commitment of the material.
    pub commitment: Commitment,
    /// Its expiry.
    pub valid_to: ValidTo,
    /// When.
    pub at: Timestamp,
    /// The service's id of the call.
    pub request_id: String,
    /// The key was proved to work with this material.
    pub proved: bool,
    /// The material has not been deleted since, as far as this station knows.
    pub held: bool,
}

impl KeyHistory {
    /// Number of the next entry.
    pub(super) const fn next(&self) -> u64 {
        self.next
    }

    /// The pending ceremony: its parameters are valid, and nothing has come back yet.
    #[must_use]
    pub fn out(&self, now: Timestamp) -> Option<&Latest> {
        self.latest.as_ref().filter(|l| !l.used && l.expires_at > now)
    }

    /// Whether parameters may be fetched: not while a ceremony is pending, unless `abandon` names it or its parameters are `own`. This
    /// run fetched its own parameters, and they never left the station.
    ///
    /// # Errors
    /// [`JournalError::Out`].
    pub fn check_fetch(
        &self,
        now: Timestamp,
        abandon: Option<&CeremonyId>,
        own: Option<&ImportTokenDigest>,
    ) -> Result<(), JournalError> {
        match self.out(now) {
            Some(latest) if abandon != Some(&latest.ceremony) && own != Some(&latest.token) => {
                Err(JournalError::Out { ceremony: latest.ceremony.clone(), until: latest.expires_at })
            }
            _ => Ok(()),
        }
    }

    /// What this station knows about a token and a wrapping key that were allegedly fetched for that ceremony.
    #[must_use]
    pub fn known(&self, said: &Pair, ceremony: &CeremonyId) -> Known {
        let named = self.tokens.iter().any(|(fetched, c)| said.is(fetched) && c == ceremony);
        match &self.latest {
            Some(latest) if named && latest.token == said.token && latest.used => Known::Used,
            Some(latest) if named && latest.token == said.token => Known::Latest,
            _ if named => Known::Earlier,
            _ => Known::Never,
        }
    }

    /// Whether the last thing that this station did was to begin a fetch for that ceremony, under that plan.
    #[must_use]
    pub fn is_fetching(&self, ceremony: &CeremonyId, plan: Fingerprint) -> bool {
        self.fetching.as_ref().is_some_and(|(c, p)| c == ceremony && *p == plan)
    }

    pub(super) fn take(&mut self, entry: Entry) {
        self.next = entry.seq + 1;
        let at = entry.at;
        self.fetching = None;
        match entry.happened {
            Happened::Fetched {
                ceremony,
                import_token_sha256: token,
                wrapping_key_sha256: wrapping_key,
                expires_at,
            } => {
                self.tokens.push((Pair { token, wrapping_key }, ceremony.clone()));
                self.latest = Some(Latest { ceremony, token, fetched_at: at, expires_at, used: false });
            }
            Happened::Sending { commitment, .. } => self.in_doubt = Some((commitment, at)),
            Happened::NotTaken { .. } => self.in_doubt = None,
            Happened::Accepted { import_token_sha256: token, commitment, valid_to, request_id } => {
                self.in_doubt = None;
                if let Some(latest) = self.latest.as_mut().filter(|l| l.token == token) {
                    latest.used = true;
                }
                let (proved, held) = (false, true);
                self.accepted = Some(Accepted { token, commitment, valid_to, at, request_id, proved, held });
            }
            Happened::Proved => self.accepted.iter_mut().for_each(|a| a.proved = true),
            Happened::MaterialDeleted => self.accepted.iter_mut().for_each(|a| a.held = false),
            Happened::Fetching { ceremony, plan_sha256, .. } => self.fetching = Some((ceremony, plan_sha256)),
            Happened::Rebuilt { .. } | Happened::DeletionScheduled { .. } | Happened::DeletionCancelled => {}
        }
    }
}
