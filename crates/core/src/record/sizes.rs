//! Estimates how large the files of a ceremony become, from its plan alone, so that people can choose a medium.
//!
//! The estimate is an upper bound if each command is run once, because it uses the longest text of every member. A repeated
//! export, a killed run or a note adds lines to the record that a plan cannot predict.

use crate::artefact::names;
use crate::plan::{Backup, PlanKey};
use crate::provider::Facts;
use crate::{CeremonyPlan, RsaBits};

/// The size of a JSON artefact without its entries and the ceremony's name.
const HEAD: usize = 512;
/// One entry of `parameters.json`, without its names and its wrapping key.
const PARAMETERS: usize = 400;
/// One entry of `ciphertext.json`, without its names and the wrapped block.
const CIPHERTEXT: usize = 600;
/// One entry of `escrow.json`, without its names; the longest material takes 184 characters when sealed.
const ESCROW: usize = 600;
/// The lines of a record that are not about a key; the longest is the one about the machine's posture.
const LINES: usize = 12 * 1024;
/// A line about a share, or one with a reason, without its text.
const LINE: usize = 640;
/// The lines about one key up to its ciphertext (created, fetched, generated, wrapped), without their names.
const KEY_LINES: [usize; 4] = [330, 540, 460, 450];
/// The longest id that a service assigns to a request.
const REQUEST: usize = 64;
/// A key id, if the draft does not have it yet.
const KEY_ID: usize = 64;
/// The size of an RSA key's SubjectPublicKeyInfo without its modulus.
const SPKI_MORE: usize = 40;

/// The maximum size, in bytes, of each file that crosses.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Sizes {
    /// `parameters.json`.
    pub parameters: usize,
    /// `ciphertext.json`.
    pub ciphertext: usize,
    /// `escrow.json`, if a plan with several keys has shares.
    pub escrow: Option<usize>,
    /// `transcript.jsonl`, as it crosses back.
    pub transcript: usize,
}

impl Sizes {
    /// The sizes for the ceremony of this plan.
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

    /// The lines about shares, and the lines that repeat a reason from the plan.
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

    /// The largest of the files, with its name.
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

/// The longest names of a kind and of a wrapping key, because only the service decides which ones appear.
fn longest_words(facts: &Facts) -> usize {
    let kind = facts.kinds.iter().map(|kind| kind.name.len()).max().unwrap_or(0);
    kind + facts.wrapping_keys.iter().map(|spec| spec.name.len()).max().unwrap_or(0)
}

const fn base64(bytes: usize) -> usize {
    bytes.div_ceil(3) * 4
}
