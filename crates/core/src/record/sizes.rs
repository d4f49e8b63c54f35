//! How long the files of a ceremony get on their way, told from its plan alone: what people want to know before they choose a medium.
//!
//! Never less than they are where each command is run once: of every member the longest text is counted. A repeated export, a killed run
//! or a note adds lines to the record that no plan foretells.

use crate::artefact::names;
use crate::plan::{Backup, PlanKey};
use crate::provider::Facts;
use crate::{CeremonyPlan, RsaBits};

/// What a JSON artefact has besides its entries, its ceremony's name apart.
const HEAD: usize = 512;
/// One entry of `parameters.json`, its names and its wrapping key apart.
const PARAMETERS: usize = 400;
/// One entry of `ciphertext.json`, its names and the wrapped block apart.
const CIPHERTEXT: usize = 600;
/// One entry of `escrow.json`, its names apart: the longest material is sealed in 184 characters.
const ESCROW: usize = 600;
/// The lines of a record that are about no key: what was seen of the machine is the longest.
const LINES: usize = 12 * 1024;
/// A line about a share, or one with a reason, its text apart.
const LINE: usize = 640;
/// The lines of one key until its ciphertext is there, their names apart: created, fetched, generated, wrapped.
const KEY_LINES: [usize; 4] = [330, 540, 460, 450];
/// The longest id that a service assigns to a request.
const REQUEST: usize = 64;
/// A key id that a draft does not have yet.
const KEY_ID: usize = 64;
/// What an RSA key's SubjectPublicKeyInfo has besides its modulus.
const SPKI_MORE: usize = 40;

/// Bytes of each file that crosses, at most.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Sizes {
    /// `parameters.json`.
    pub parameters: usize,
    /// `ciphertext.json`.
    pub ciphertext: usize,
    /// `escrow.json`, where a plan of several keys has shares.
    pub escrow: Option<usize>,
    /// `transcript.jsonl`, as it crosses back.
    pub transcript: usize,
}

impl Sizes {
    /// Of the ceremony of this plan.
    #[must_use]
    pub fn of(plan: &CeremonyPlan) -> Self {
        let ceremony = plan.ceremony().as_str().len();
        let algorithm = plan.algorithm().as_str().len();
        let mut this = Self {
            parameters: HEAD + ceremony,
            ciphertext: HEAD + ceremony,
            escrow: Self::escrow_of(plan).map(|()| HEAD + ceremony),
            transcript: LINES + Self::other_lines(plan),
        };
        for key in plan.keys() {
            let (facts, names) = (key.provider.facts(), key_names(key));
            let modulus = facts.wrapping_keys.iter().map(|spec| spec.size.bytes()).max();
            let modulus = modulus.unwrap_or(RsaBits::R4096.bytes());
            let words = longest_words(facts) + algorithm;
            this.parameters += PARAMETERS + names + words + base64(modulus + SPKI_MORE);
            this.ciphertext += CIPHERTEXT + names + words + base64(modulus);
            this.escrow = this.escrow.map(|so_far| so_far + ESCROW + names + words);
            this.transcript +=
                KEY_LINES.iter().map(|line| line + ceremony + names).sum::<usize>() + 2 * REQUEST + algorithm;
        }
        this
    }

    /// Whether the plan's ceremony makes an escrow.
    fn escrow_of(plan: &CeremonyPlan) -> Option<()> {
        (plan.keys().len() > 1 && matches!(plan.backup(), Backup::Slip39 { .. })).then_some(())
    }

    /// Lines about shares, and those with a reason of the plan's.
    fn other_lines(plan: &CeremonyPlan) -> usize {
        let ceremony = plan.ceremony().as_str().len();
        let custodian = plan.custodians().map(|name| name.as_str().len()).max().unwrap_or(0);
        let backup = match plan.backup() {
            Backup::Slip39 { shares, .. } => (LINE + ceremony + custodian) * (usize::from(*shares) + 1),
            Backup::None { reason } => LINE + ceremony + 2 * reason.len(),
        };
        let waived = plan.posture().waive.iter();
        backup + waived.map(|waiver| LINE + ceremony + 2 * waiver.reason.len()).sum::<usize>()
    }

    /// The longest of them, by the name of its file.
    #[must_use]
    pub fn longest(&self) -> (&'static str, usize) {
        let files = [
            (names::PARAMETERS, self.parameters),
            (names::CIPHERTEXT, self.ciphertext),
            (names::ESCROW, self.escrow.unwrap_or(0)),
            (names::TRANSCRIPT, self.transcript),
        ];
        files.into_iter().max_by_key(|(_, bytes)| *bytes).unwrap_or((names::TRANSCRIPT, self.transcript))
    }
}

/// Alias, region, key id and provider.
fn key_names(key: &PlanKey) -> usize {
    let id = key.key_id.as_ref().map_or(KEY_ID, |id| id.as_str().len());
    key.alias.as_str().len() + key.region.as_str().len() + id + key.provider.facts().id.len()
}

/// The longest names of a kind and of a wrapping key: the service decides which.
fn longest_words(facts: &Facts) -> usize {
    let kind = facts.kinds.iter().map(|kind| kind.name.len()).max().unwrap_or(0);
    kind + facts.wrapping_keys.iter().map(|spec| spec.name.len()).max().unwrap_or(0)
}

const fn base64(bytes: usize) -> usize {
    bytes.div_ceil(3) * 4
}
