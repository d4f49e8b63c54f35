//! The one list of control ids: the same id stands in the refusal, the control list, the tests and the assurance case.

use core::fmt;

/// A named control, such as `KF-PARAM-07`.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct Control(&'static str);

impl Control {
    /// The id as text.
    #[must_use]
    pub const fn id(self) -> &'static str {
        self.0
    }
}

impl fmt::Display for Control {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0)
    }
}

impl fmt::Debug for Control {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0)
    }
}

macro_rules! controls {
    ($($name:ident = $id:literal, $title:literal;)+) => {
        impl Control {
            $(#[doc = $title] pub const $name: Self = Self($id);)+

            /// Every control with its one-line requirement, in the order of `ceremony/controls.md`.
            pub const ALL: &'static [(Self, &'static str)] = &[$((Self::$name, $title)),+];
        }
    };
}

controls! {
    MAT_LENGTH = "KF-MAT-01", "Key material is exactly 128 or 256 bits.";
    MAT_TEXT = "KF-MAT-02", "Key material is raw bytes, never hex, base64 or other text.";
    MAT_ENTROPY = "KF-MAT-03", "Key material is made only when the random generator works.";
    ENT_DICE = "KF-ENT-01", "Dice contribute only when they are worth 256 bits.";
    ENT_FORM = "KF-ENT-02", "A contribution to entropy is not empty, within its bounds, and named once.";
    ENT_REVEAL = "KF-ENT-03", "An operator reveals exactly what was committed before either revealed.";
    KEY_ENCODING = "KF-KEY-01", "A wrapping key is one SPKI, as DER, PEM or base64 of DER.";
    KEY_KIND = "KF-KEY-02", "A wrapping key is an RSA public key: not EC, SM2, private or a certificate.";
    KEY_SIZE = "KF-KEY-03", "A wrapping key has a 2048-bit modulus.";
    KEY_EXPONENT = "KF-KEY-04", "A wrapping key has the exponent 65537.";
    KEY_TRAILING = "KF-KEY-05", "Nothing stands before or after a wrapping key, and its DER is canonical.";
    KEY_MODULUS = "KF-KEY-06", "A wrapping key's modulus has no small factor.";
    WRAP_FAILED = "KF-WRAP-01", "Wrapping yields one RSA-2048 block or stops.";
    WRAP_AGREE = "KF-WRAP-02", "Two implementations of RSA make the same block before it leaves.";
    SELF_TEST = "KF-SELF-01", "The program gives the known answers before it does anything.";
    SELF_RNG = "KF-SELF-02", "The random generator passes its health tests before it is used.";
    ART_SIZE = "KF-ART-01", "An artefact's length is capped before it is read.";
    ART_SYNTAX = "KF-ART-02", "An artefact is UTF-8 JSON.";
    ART_FORMAT = "KF-ART-03", "An artefact begins with a known format and version.";
    ART_FIELDS = "KF-ART-04", "An artefact has exactly the known fields, each well formed.";
    ART_CANONICAL = "KF-ART-05", "An artefact is in canonical form, byte for byte.";
    ART_ENTRIES = "KF-ART-06", "An artefact names each key once, and at least one.";
    PLAN_SYNTAX = "KF-PLAN-01", "A plan is UTF-8 TOML within its length cap.";
    PLAN_FORMAT = "KF-PLAN-02", "A plan begins with a known format and version.";
    PLAN_FIELD = "KF-PLAN-03", "A plan has exactly the known fields, each well formed.";
    PLAN_DUPLICATE = "KF-PLAN-04", "A plan names each key and each person once.";
    PLAN_KEY_ID = "KF-PLAN-05", "A plan carries the key id of every key before parameters are fetched.";
    PLAN_VALID_TO = "KF-PLAN-06", "A plan chooses every key's expiry explicitly, within the provider's bounds.";
    PARAM_CEREMONY = "KF-PARAM-01", "Parameters belong to this ceremony.";
    PARAM_PLAN = "KF-PARAM-02", "Parameters were fetched under exactly this plan.";
    PARAM_KEY = "KF-PARAM-03", "Parameters name only keys of the plan, in its order.";
    PARAM_REGION = "KF-PARAM-04", "Parameters come from the plan's region and provider.";
    PARAM_ALGORITHM = "KF-PARAM-05", "Parameters are for the plan's wrapping algorithm.";
    PARAM_EDITION = "KF-PARAM-06", "The material length fits the region's edition.";
    PARAM_EXPIRED = "KF-PARAM-07", "Nothing is wrapped under expired parameters.";
    PARAM_TIME_LEFT = "KF-PARAM-08", "Wrapping starts only with the plan's minimum time left.";
    PARAM_PURPOSE = "KF-PARAM-09", "Rehearsal and production never mix.";
    PARAM_DIGEST = "KF-PARAM-10", "The parameters' digest is the one that people compared.";
    PARAM_CLOCK = "KF-PARAM-11", "A clock that contradicts the parameters is put right by a person.";
    BACKUP_SCHEME = "KF-BACKUP-01", "Nothing is wrapped before a backup exists or the plan chose none.";
    BACKUP_CUSTODIANS = "KF-BACKUP-02", "A plan names as many custodians as shares, or none.";
    BACKUP_READ_BACK = "KF-BACKUP-03", "A share counts only after it was read back, word for word.";
    BACKUP_STRANDED = "KF-BACKUP-04", "Confirmed shares of an interrupted run are made void only with consent.";
    BACKUP_RECORD = "KF-BACKUP-05", "Shares, and what they give, are those that the record committed to.";
    BACKUP_PROVED = "KF-BACKUP-06", "A backup is proved only by a service that holds the same material.";
    ESCROW_KEY = "KF-ESCROW-01", "An escrow is opened only with the escrow key that it names.";
    ESCROW_ENTRY = "KF-ESCROW-02", "An escrow entry opens only whole, for its key and ceremony.";
    ESCROW_MATERIAL = "KF-ESCROW-03", "What an escrow entry gives has its check value and commitment.";
    SHARE_WORDS = "KF-SHARE-01", "A share is words of the SLIP-39 list, each written in full.";
    SHARE_LENGTH = "KF-SHARE-02", "A share has as many words as SLIP-39 allows, and shares come one at a time.";
    SHARE_CHECKSUM = "KF-SHARE-03", "A share's checksum is right.";
    SHARE_FIELDS = "KF-SHARE-04", "A share's fields do not contradict each other.";
    SHARE_SET = "KF-SHARE-05", "Only shares of one set are combined.";
    SHARE_COUNT = "KF-SHARE-06", "Each share counts once, and none is taken beyond the threshold.";
    SHARE_MISSING = "KF-SHARE-07", "Nothing is recovered from fewer shares than the threshold.";
    SHARE_DIGEST = "KF-SHARE-08", "What shares give is what was shared: their digest agrees.";
    SHARE_SCHEME = "KF-SHARE-09", "Groups, thresholds and counts stay within SLIP-39's bounds.";
    SHARE_PASSPHRASE = "KF-SHARE-10", "A passphrase for shares is printable ASCII.";
    SHARE_SECRET = "KF-SHARE-11", "A shared secret has at least 128 bits, in whole pairs of bytes.";
    SHARE_PROVED = "KF-SHARE-12", "Shares are given out only after they were combined again.";
    POSTURE = "KF-POST-01", "Every property of the machine that the plan requires is checked.";
    POSTURE_HOLDS = "KF-POST-02", "No secret exists before every required property of the machine holds.";
    POSTURE_WAIVER = "KF-POST-03", "A check is waived only in the reviewed plan, with a reason, and lowered only in a rehearsal.";
    SANDBOX_CALLS = "KF-SAND-01", "The station forbids itself the system calls that it does not need; one for a network ends it.";
    SANDBOX_FOLDERS = "KF-SAND-02", "Once its inputs are read, the station reaches the folder of its outputs alone.";
    SANDBOX_PRIVILEGES = "KF-SAND-03", "The station cannot be dumped or read by others, gains no privileges and keeps to its limits.";
    SECRET_MEMORY = "KF-MEM-01", "Key material stands in secret or locked pages, which no swap, dump or child process gets.";
    SEED_PRODUCTION = "KF-SEED-01", "Seeded material is for rehearsals only, and marked.";
    CIPHER_CEREMONY = "KF-CIPHER-01", "Ciphertext belongs to this ceremony.";
    CIPHER_PARAMETERS = "KF-CIPHER-02", "Ciphertext was made for exactly these parameters.";
    CIPHER_KEY = "KF-CIPHER-03", "Ciphertext names only keys of these parameters, in their order.";
    CIPHER_WRAPPING_KEY = "KF-CIPHER-04", "Ciphertext was wrapped to the fetched wrapping key.";
    CIPHER_BINDING = "KF-CIPHER-05", "Each ciphertext entry is whole and belongs to its key.";
    CIPHER_PURPOSE = "KF-CIPHER-06", "A production run refuses what a rehearsal made.";
    CIPHER_DIGEST = "KF-CIPHER-07", "The ciphertext's digest is the one that people compared.";
    CIPHER_EXPIRED = "KF-CIPHER-08", "Nothing is imported with an expired import token.";
    CONSENT = "KF-CONSENT-01", "A person types exactly Yes, or the digest is given to compare with.";
    CONSENT_ALIAS = "KF-CONSENT-02", "What cannot be undone is done only after the key's alias was typed.";
    SECRET_TYPED = "KF-CONSENT-03", "A secret is typed unseen, as whole lines within their cap.";
    TRANSCRIPT_CHAIN = "KF-TRANS-01", "A transcript's hash chain is unbroken.";
    TRANSCRIPT_EVENT = "KF-TRANS-02", "Each transcript line is one well-formed event.";
    NOTE = "KF-TRANS-03", "A note is one printable line, by a named person, in a record that exists.";
    VERIFY_FILES = "KF-VERIFY-01", "A record's folder holds every file that its transcript names.";
    VERIFY_PLAN = "KF-VERIFY-02", "Every command of a record ran under the record's plan.";
    VERIFY_PURPOSE = "KF-VERIFY-03", "A record has one purpose from plan to proof, and the expected one.";
    VERIFY_PARAMETERS = "KF-VERIFY-04", "A record's parameters are those that were exported, checked and confirmed.";
    VERIFY_CIPHERTEXT = "KF-VERIFY-05", "A record's ciphertext is the one that was written, checked and confirmed.";
    VERIFY_KEY = "KF-VERIFY-06", "Each key is proved with what was generated, wrapped and imported for it.";
    VERIFY_END = "KF-VERIFY-07", "A record ends where its ceremony ended.";
    VERIFY_SIGNATURE = "KF-VERIFY-08", "A signature is of this very record, by somebody whose key is in the plan.";
    VERIFY_SIGNER = "KF-VERIFY-09", "Everybody whose key is in the plan has signed, each with a key of their own.";
    VERIFY_PREVIOUS = "KF-VERIFY-10", "The record before, for the same key, is the one that the plan names.";
    VERIFY_HEAD = "KF-VERIFY-11", "The head of a record is the one that people wrote down.";
    VERIFY_BACKUP = "KF-VERIFY-12", "A record's backup is its plan's: every share read back and the escrow written, before the ciphertext.";
    SIGN_KEY = "KF-SIGN-01", "A record is signed with the key of one person in its plan.";
    FILE_EXISTS = "KF-FILE-01", "No output is ever overwritten.";
    FILE_READ = "KF-FILE-02", "An input can be read.";
    FILE_SPACE = "KF-FILE-03", "An output that does not fit leaves nothing behind.";
    FILE_PERMISSION = "KF-FILE-04", "An output folder can be written.";
    FILE_READ_BACK = "KF-FILE-05", "An output read back is what was written.";
    FILE_SIZE = "KF-FILE-06", "An input's length is capped before it is read.";
    FILE_KIND = "KF-FILE-07", "Inputs are regular files and outputs go into folders.";
    FILE_OTHER = "KF-FILE-08", "Any other failure of a file or device is named.";
    FRAME_DIGITS = "KF-FRAME-01", "A scanned line is a frame only as decimal digits in their one form.";
    FRAME_VERSION = "KF-FRAME-02", "A frame has a known version and no unknown flags.";
    FRAME_CHECKSUM = "KF-FRAME-03", "A frame's checksum is right.";
    FRAME_LAYOUT = "KF-FRAME-04", "A frame's length, block and number of blocks fit together.";
    FRAME_CAPACITY = "KF-FRAME-05", "What is shown as QR symbols fits into 512 frames.";
    SHOW_PUBLIC = "KF-SHOW-01", "Only the files that cross are shown as symbols, whole; nothing secret is.";
    SHOW_FITS = "KF-SHOW-02", "A symbol is shown only where it fits, with its light margin.";
    SHOW_TERMINAL = "KF-SHOW-03", "Symbols are drawn on a terminal alone.";
    RECEIVE_WHOLE = "KF-RECV-01", "A file is received whole, or nothing is written.";
    RECEIVE_KIND = "KF-RECV-02", "Only the files that cross are received, whole and well formed.";
    RECEIVE_TERMINAL = "KF-RECV-03", "A hand scanner's lines are taken from a terminal that cuts none.";
    CRED_MISSING = "KF-CRED-01", "Credentials come from the environment or the vendor's files.";
    CRED_MALFORMED = "KF-CRED-02", "Credentials are whole and unpadded.";
    CRED_EXPOSED = "KF-CRED-03", "A credential file is readable by its owner alone.";
    CRED_ROLE = "KF-CRED-04", "Credentials of a role or a profile are of a known kind, whole and fresh.";
    NET_ENDPOINT = "KF-NET-01", "Production speaks HTTPS; a rehearsal speaks to loopback only.";
    NET_FAILED = "KF-NET-02", "A request that got no answer is named as such.";
    NET_REPLY = "KF-NET-03", "A reply is a well-formed answer to the request.";
    KMS_REFUSED = "KF-KMS-01", "A refusal by the service is translated to cause and next step.";
    KMS_NOT_EXTERNAL = "KF-KMS-02", "Only keys of origin EXTERNAL are exported.";
    KMS_STATE = "KF-KMS-03", "Material is imported only into a key in a state that takes it.";
    KMS_ALIAS = "KF-KMS-04", "A key's alias in the service is the plan's.";
    KMS_TRANSITION = "KF-KMS-05", "A key is changed only from a state that allows the change.";
    JOURNAL_OUT = "KF-JOURNAL-01", "No parameters are fetched while a ceremony with earlier ones is out.";
    JOURNAL_LATEST = "KF-JOURNAL-02", "Only the latest parameters are imported.";
    JOURNAL_MATERIAL = "KF-JOURNAL-03", "A key is sent only the material that it took before.";
    JOURNAL_FORM = "KF-JOURNAL-04", "A journal is whole, of a known version, and about its key.";
    JOURNAL_BUSY = "KF-JOURNAL-05", "One command at a time works on a key.";
    CONFIRM_STATE = "KF-CONFIRM-01", "After import the key is Enabled.";
    CONFIRM_EXPIRY = "KF-CONFIRM-02", "After import the key expires when the plan says.";
    CONFIRM_ROUND_TRIP = "KF-CONFIRM-03", "After import the key encrypts and decrypts.";
    SCAN_NOTHING = "KF-SCAN-01", "A scan that read no frame says so and does not succeed.";
    SCAN_KIND = "KF-SCAN-02", "A picture is PNG, JPEG or GIF, a video Y4M, by its first bytes.";
    SCAN_SIZE = "KF-SCAN-03", "A picture's bytes, pixels and frames are capped before they are decoded.";
    SCAN_DAMAGED = "KF-SCAN-04", "A damaged picture is named, and the others are still read.";
    SCAN_CAMERA = "KF-SCAN-05", "A camera is a V4L2 device that gives pictures in a known format.";
    EXPIRES_SOON = "KF-STATUS-01", "A key whose material expires within the given time, or has expired, is named.";
    USAGE = "KF-USAGE-01", "A command line is complete and unambiguous.";
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Ids of checks that no program makes any more. Older pages and records may name them, so no new check gets one.
    const RETIRED: [&str; 1] = [
        "KF-RECV-04", // The scanner that a station starts is the one in its own folder. No station starts one.
    ];

    #[test]
    fn ids_are_unique_and_well_formed() {
        let mut seen = std::collections::BTreeSet::new();
        for (control, title) in Control::ALL {
            assert!(seen.insert(control.id()), "{control} stands twice");
            assert!(control.id().starts_with("KF-") && title.ends_with('.'));
            assert!(!RETIRED.contains(&control.id()), "{control} had another meaning once");
        }
        assert!(!seen.is_empty());
    }
}
