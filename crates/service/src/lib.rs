//! The requests that a ceremony makes to a key management service, in the ceremony's terms.
//!
//! There is no vendor and no HTTP here: a provider's crate implements [`Service`], the online station uses it, and tests substitute
//! a service that loses replies. The main types are:
//!
//! * [`Service`]: create, look up, fetch, import, prove, change, list; and, ahead of the ceremony, [`probe`](Service::probe);
//! * [`KeyRef`] and [`KeyView`]: a key that is asked about, and what the service says about it ([`answers_for`]);
//! * [`Refusal`]: why a request did not succeed, with its [`Meaning`] and whether the work may have been done
//!   ([`Certainty`]);
//! * [`Manner`]: how fast, how often and how long a provider asks.
pub mod answers;
pub mod key;
pub mod manner;
mod pace;
pub mod refusal;
pub mod right;

use keyferry_core::provider::KeySpec;
use keyferry_core::{
    Alias, Base64Bytes, Bilingual, CheckedImport, Class, Control, Endpoint, Explain, ImportToken, Region,
    Timestamp, WrappingAlgorithm, refusals,
};
use serde_json::{Value, json};
use zeroize::Zeroizing;

pub use answers::{answer_for, answers_for};
pub use key::{KeyRef, KeyState, KeyView, Origin, UnknownKind};
pub use manner::{Manner, Station, Wanted};
pub use refusal::{Certainty, Meaning, Refusal, Told};
pub use right::{Probe, Right, Use};

/// The service's answer, or a [`Refusal`].
pub type Answer<T> = Result<T, Refusal>;

/// A key management service with its credentials, which threads can share.
///
/// A method repeats a request itself only if repeating it changes nothing. If the answer to a change was lost
/// ([`Certainty::Unknown`]), the caller has to look up the key first.
pub trait Service: Sync {
    /// Makes a key without material.
    ///
    /// # Errors
    /// [`Meaning::AliasTaken`] if another key has the alias, or another [`Refusal`].
    fn create(&self, key: &NewKey<'_>) -> Answer<Created>;

    /// What the service says about one key. Callers use [`answer_for`], which makes sure that the answer is about
    /// that key.
    ///
    /// # Errors
    /// [`Meaning::NoSuchKey`], or another [`Refusal`].
    fn look_up_one(&self, key: KeyRef<'_>) -> Answer<KeyView>;

    /// What the service says about these keys, each answer with the key that it is about, in any order. It takes at most one request
    /// for each key, and far fewer if the provider can ask for many at a time. Callers use [`answers_for`].
    fn look_up<'k>(&self, keys: &[KeyRef<'k>]) -> Vec<(KeyRef<'k>, Answer<KeyView>)>;

    /// The best number of keys to look up in one call. For keys in one region, [`look_up`](Self::look_up) then takes
    /// one request.
    fn batch(&self) -> usize;

    /// Fetches import parameters. Earlier parameters for that key are invalid afterwards.
    ///
    /// # Errors
    /// [`Refusal`]; [`Meaning::BadReply`] for parameters with an unusable member.
    fn fetch(&self, key: KeyRef<'_>, how: WrappingAlgorithm) -> Answer<Fetched>;

    /// Sends material, once.
    ///
    /// # Errors
    /// [`Meaning::OtherMaterial`] if the key holds other material, or another [`Refusal`].
    fn import(&self, import: &CheckedImport<'_>) -> Answer<Receipt>;

    /// Makes the key prove that it works: it encrypts something and decrypts it again.
    ///
    /// # Errors
    /// [`Refusal`] if there is no proof either way.
    fn prove(&self, key: KeyRef<'_>, nonce: &[u8; 32]) -> Answer<Proof>;

    /// Changes the state of a key.
    ///
    /// # Errors
    /// [`Refusal`].
    fn change(&self, key: KeyRef<'_>, to: Change) -> Answer<Receipt>;

    /// Every key of a region that takes material; with `named`, only keys whose alias or id contains that
    /// text.
    ///
    /// # Errors
    /// [`Refusal`].
    fn list(&self, region: &Region, named: Option<&Alias>) -> Answer<Vec<KeyView>>;

    /// The regions that the service has. The request is sent to `near`, or to the provider's usual region.
    ///
    /// # Errors
    /// [`Refusal`].
    fn regions(&self, near: Option<&Region>) -> Answer<Vec<Region>>;

    /// Whether the service is enabled for this account in that region.
    ///
    /// # Errors
    /// [`Refusal`].
    fn is_enabled(&self, region: &Region) -> Answer<bool>;

    /// Tries each of the provider's requests in a way that changes nothing. `creates` says whether keys are still to be created.
    fn probe(&self, region: &Region, creates: bool) -> Vec<Probe>;

    /// Bytes from the service's random generator.
    ///
    /// # Errors
    /// [`Refusal`]; [`Meaning::BadReply`] for too few bytes, or if all bytes are equal.
    fn random(&self, region: &Region, bytes: u16) -> Answer<Random>;

    /// Refuses credentials that would expire before that many requests are answered, `at_once` at a time.
    ///
    /// # Errors
    /// [`NotReady`].
    fn check_lasts(&self, requests: usize, at_once: usize) -> Result<(), NotReady>;

    /// Waits before a repetition. Returns `false` at once if no further repetition is allowed after `failed`
    /// requests.
    fn wait_again(&self, failed: u32) -> bool;

    /// Both clocks at the time of the last reply that stated the time.
    fn clocks(&self) -> Option<Clocks>;

    /// Where requests go.
    fn endpoint(&self) -> &Endpoint;

    /// The proxy between the station and the service, as shown to people: without user and password.
    fn proxy(&self) -> Option<&str>;
}

/// A key to make.
#[derive(Clone, Copy, Debug)]
pub struct NewKey<'k> {
    /// Its region.
    pub region: &'k Region,
    /// Its alias.
    pub alias: &'k Alias,
    /// The description that the key gets.
    pub description: Option<&'k str>,
}

/// A key that was made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Created {
    /// Its id.
    pub key_id: keyferry_core::KeyId,
    /// The service's id for the request.
    pub request_id: String,
}

/// Import parameters of one key.
#[derive(Debug)]
pub struct Fetched {
    /// The public key to wrap to, as the service sent it.
    pub public_key: Base64Bytes,
    /// The kind of key.
    pub wrapping_key: &'static KeySpec,
    /// The token that the import has to send, if the provider has tokens.
    pub import_token: Option<ImportToken>,
    /// When the parameters expire, if they do.
    pub expires_at: Option<Timestamp>,
    /// The service's id for the request.
    pub request_id: String,
}

/// The service carried out the request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Receipt {
    /// The service's id for the request.
    pub request_id: String,
}

/// What a key shows about the material that it holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Proof {
    /// It decrypts its own ciphertext correctly.
    RoundTrip,
    /// It decrypts its own ciphertext to something else.
    Differs,
}

/// A change of a key's state.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Change {
    /// Its material is deleted; the same material can be imported again.
    DeleteMaterial,
    /// The key is scheduled for deletion after a number of days.
    ScheduleDeletion {
        /// Days until then.
        days: u16,
    },
    /// The scheduled deletion is cancelled.
    CancelDeletion,
    /// A disabled key works again.
    Enable,
    /// The key stops working.
    Disable,
}

/// Bytes from the service's random generator.
#[derive(Debug)]
pub struct Random {
    /// The bytes.
    pub bytes: Zeroizing<Vec<u8>>,
    /// The service's id for the request.
    pub request_id: String,
}

/// The two clocks when a reply arrived.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Clocks {
    /// The service's clock.
    pub service: Timestamp,
    /// The station's clock.
    pub station: Timestamp,
}

impl Clocks {
    /// By how many seconds the service's clock is ahead of the station's; negative when it is behind.
    #[must_use]
    pub const fn service_ahead(self) -> i64 {
        self.station.seconds_until(self.service)
    }

    /// The form in a JSON result.
    #[must_use]
    pub fn as_json(self) -> Value {
        json!({"service": self.service, "station": self.station, "service_ahead_seconds": self.service_ahead()})
    }
}

refusals! {
    /// Why the service cannot be asked at all: there are no credentials, or they expire too soon. Nothing was sent. Each provider words
    /// its own errors.
    #[derive(Clone, Debug, PartialEq, Eq)]
    pub struct NotReady(told: Box<Unready>): Refused => (told.control), class(told.class), what(told.what.clone()), hint(told.hint.clone());
}

#[derive(Clone, Debug, PartialEq, Eq)]
struct Unready {
    control: Control,
    class: Class,
    what: Bilingual,
    hint: Bilingual,
}

impl NotReady {
    /// A provider's error, in its own words.
    #[must_use]
    pub fn of(error: &dyn Explain) -> Self {
        let (control, class) = (error.control(), error.class());
        Self(Box::new(Unready { control, class, what: error.what(), hint: error.hint() }))
    }
}
